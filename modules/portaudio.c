// SPDX-License-Identifier: MIT

// kmidi-portaudio.so: plays through PortAudio, which in Debian means ALSA and JACK.

#include "base/status.h"
#include "base/text.h"
#include "drivers/backend_private.h"
#include "drivers/callback_private.h"

#include <dlfcn.h>
#include <portaudio.h>
#include <stdio.h>
#include <string.h>

enum { BLOCK_DEFAULT = 256, DEVICES_MAX = 256, CHANNELS = 2 };

struct portaudio {
    struct km_callback *callback;
    PaStream *stream;
    bool is_mono;
    bool is_jack;
    bool is_lost;                     // Must not be touched any more.
    bool has_begun;                   // The audio thread's own.
    uint32_t is_over;                 // Atomic: it has ended, or we end it.
    float right[KM_BLOCK_FRAMES_MAX]; // Of a device with one channel.
};

typedef void (*alsa_error_function)(const char *file, int line, const char *function, int error,
                                    const char *format, ...);

static void say_nothing_of_alsa(const char *file, int line, const char *function, int error,
                                const char *format, ...)
{
    (void)file;
    (void)line;
    (void)function;
    (void)error;
    (void)format;
}

static void say_nothing_of_jack(const char *text)
{
    (void)text;
}

// Stores a function of a library that PortAudio has loaded in the pointer at `function`, or null.
static void find_loaded(void *function, const char *library, const char *name)
{
    void *const handle = dlopen(library, RTLD_LAZY | RTLD_NOLOAD);
    void *const found = handle ? dlsym(handle, name) : NULL;
    memcpy(function, &found, sizeof(found));
    if (handle) {
        (void)dlclose(handle);
    }
}

// While PortAudio looks what there is, the libraries below it write to standard error about each
// device that there is not.
static void silence_libraries(void)
{
    int (*set_alsa)(alsa_error_function) = NULL;
    void (*set_jack)(void (*)(const char *)) = NULL;
    find_loaded(&set_alsa, "libasound.so.2", "snd_lib_error_set_handler");
    if (set_alsa) {
        (void)set_alsa(say_nothing_of_alsa);
    }
    find_loaded(&set_jack, "libjack.so.0", "jack_set_error_function");
    if (set_jack) {
        set_jack(say_nothing_of_jack);
    }
    find_loaded(&set_jack, "libjack.so.0", "jack_set_info_function");
    if (set_jack) {
        set_jack(say_nothing_of_jack);
    }
}

static void play_piece(struct portaudio *portaudio, void *output, uint32_t begin, uint32_t frames)
{
    float *const *const channels = output;
    float *const left = channels[0] + begin;
    float *const right = portaudio->is_mono ? portaudio->right : channels[1] + begin;
    km_callback_process(portaudio->callback, left, right, frames);
    for (uint32_t i = 0; portaudio->is_mono && i < frames; ++i) {
        left[i] = (left[i] + right[i]) * .5f;
    }
}

// NOLINTNEXTLINE(readability-function-size): the parameters are PortAudio's.
static int process(const void *input, void *output, unsigned long frames,
                   const PaStreamCallbackTimeInfo *time, PaStreamCallbackFlags flags, void *context)
{
    (void)input;
    (void)time;
    struct portaudio *const portaudio = context;
    if (!portaudio->has_begun) {
        portaudio->has_begun = true;
        km_callback_touch_stack();
    }
    if ((flags & paOutputUnderflow) != 0) {
        km_callback_report(portaudio->callback, KM_DRIVER_XRUN, 0);
    }
    // What is mixed to one channel needs our own buffer, which has an end.
    const uint32_t piece_max = portaudio->is_mono ? KM_BLOCK_FRAMES_MAX : (uint32_t)frames;
    for (uint32_t begin = 0; begin < frames; begin += piece_max) {
        const uint32_t rest = (uint32_t)frames - begin;
        play_piece(portaudio, output, begin, rest < piece_max ? rest : piece_max);
    }
    return paContinue;
}

// Called when the stream ends, whoever has ended it.
static void finish(void *context)
{
    struct portaudio *const portaudio = context;
    if (__atomic_exchange_n(&portaudio->is_over, 1, __ATOMIC_ACQ_REL) == 0) {
        km_callback_report(portaudio->callback, KM_DRIVER_GONE, 0);
    }
}

// The end of a JACK server under PortAudio is to be seen only so.
static void look(void *instance)
{
    struct portaudio *const portaudio = instance;
    if (Pa_IsStreamActive(portaudio->stream) != 1) {
        finish(portaudio);
    }
}

static bool is_output(PaDeviceIndex index)
{
    const PaDeviceInfo *const info = Pa_GetDeviceInfo(index);
    return info && info->maxOutputChannels > 0;
}

static enum km_status no_such_device(const char *wanted, struct km_error *error)
{
    const char *found[DEVICES_MAX];
    int count = 0;
    for (PaDeviceIndex i = 0; i < Pa_GetDeviceCount() && count < DEVICES_MAX; ++i) {
        if (is_output(i)) {
            found[count++] = Pa_GetDeviceInfo(i)->name;
        }
    }
    char nearest[512] = "none at all";
    if (count > 0) {
        km_text_list_nearest(nearest, sizeof(nearest), wanted, found, count);
    }
    return km_error_set(error, KM_ERROR_NOT_FOUND, "no output device is called '%s'; there is %s",
                        wanted, nearest);
}

// By number, by whole name, by a part of the name.
static enum km_status find_device(const char *wanted, PaDeviceIndex *device, struct km_error *error)
{
    if (!wanted) {
        *device = Pa_GetDefaultOutputDevice();
        return *device != paNoDevice
                   ? KM_OK
                   : km_error_set(error, KM_ERROR_NOT_FOUND, "PortAudio finds no output device");
    }
    const PaDeviceIndex count = Pa_GetDeviceCount();
    int64_t number = 0;
    if (count > 0 && km_text_parse_integer(wanted, 0, count - 1, &number) &&
        is_output((PaDeviceIndex)number)) {
        *device = (PaDeviceIndex)number;
        return KM_OK;
    }
    PaDeviceIndex part = paNoDevice;
    for (PaDeviceIndex i = 0; i < count; ++i) {
        if (is_output(i) && strcmp(Pa_GetDeviceInfo(i)->name, wanted) == 0) {
            *device = i;
            return KM_OK;
        }
        if (is_output(i) && part == paNoDevice && strstr(Pa_GetDeviceInfo(i)->name, wanted)) {
            part = i;
        }
    }
    *device = part;
    return part != paNoDevice ? KM_OK : no_such_device(wanted, error);
}

// The rate that was asked for if the device takes it, else its own.
static double choose_rate(const PaStreamParameters *output, uint32_t wanted_hz)
{
    const double own = Pa_GetDeviceInfo(output->device)->defaultSampleRate;
    const bool is_taken =
        wanted_hz > 0 && Pa_IsFormatSupported(NULL, output, wanted_hz) == paFormatIsSupported;
    const double rate = is_taken ? (double)wanted_hz : own;
    return rate < KM_RATE_MIN ? KM_RATE_MIN : rate > KM_RATE_MAX ? KM_RATE_MAX : rate;
}

static PaError open_stream(struct portaudio *portaudio, const struct km_driver_config *config,
                           PaDeviceIndex device)
{
    const PaDeviceInfo *const info = Pa_GetDeviceInfo(device);
    const bool wants_block = config->block_frames > 0;
    const uint32_t block_frames = wants_block ? config->block_frames : BLOCK_DEFAULT;
    portaudio->is_mono = info->maxOutputChannels < CHANNELS;
    portaudio->is_jack = Pa_GetHostApiInfo(info->hostApi)->type == paJACK;
    const PaStreamParameters output = {
        .device = device,
        .channelCount = portaudio->is_mono ? 1 : CHANNELS,
        .sampleFormat = paFloat32 | paNonInterleaved,
        // Who asks for a block has latency in mind, others want no interruptions.
        .suggestedLatency =
            wants_block ? info->defaultLowOutputLatency : info->defaultHighOutputLatency,
    };
    const double rate = choose_rate(&output, config->rate_hz);
    const PaError failure = Pa_OpenStream(&portaudio->stream, NULL, &output, rate, block_frames,
                                          paNoFlag, process, portaudio);
    if (failure != paNoError) {
        return failure;
    }
    const PaStreamInfo *const stream = Pa_GetStreamInfo(portaudio->stream);
    portaudio->callback->rate_hz = (uint32_t)((stream ? stream->sampleRate : rate) + .5);
    portaudio->callback->block_frames = block_frames;
    portaudio->callback->has_clock = true;
    return Pa_SetStreamFinishedCallback(portaudio->stream, finish);
}

static enum km_status open_portaudio(void *instance, const struct km_backend_setup *setup,
                                     struct km_error *error)
{
    struct portaudio *const portaudio = instance;
    portaudio->callback = setup->callback;
    silence_libraries();
    PaError failure = Pa_Initialize();
    if (failure != paNoError) {
        return km_error_set(error, KM_ERROR_IO, "PortAudio does not start: %s",
                            Pa_GetErrorText(failure));
    }
    PaDeviceIndex device = paNoDevice;
    enum km_status status = find_device(setup->config->device, &device, error);
    if (status == KM_OK) {
        failure = open_stream(portaudio, setup->config, device);
    }
    if (failure != paNoError) {
        status = km_error_set(error, KM_ERROR_IO, "PortAudio cannot open '%s': %s",
                              Pa_GetDeviceInfo(device)->name, Pa_GetErrorText(failure));
    }
    if (status != KM_OK) {
        (void)Pa_Terminate(); // Closes a stream that is open.
    }
    return status;
}

static enum km_status start_portaudio(void *instance, struct km_error *error)
{
    struct portaudio *const portaudio = instance;
    portaudio->has_begun = false;
    __atomic_store_n(&portaudio->is_over, 0, __ATOMIC_RELEASE);
    const PaError failure =
        portaudio->is_lost ? paDeviceUnavailable : Pa_StartStream(portaudio->stream);
    if (failure != paNoError) {
        return km_error_set(error, KM_ERROR_IO, "PortAudio does not play: %s",
                            Pa_GetErrorText(failure));
    }
    return KM_OK;
}

// PortAudio waits for a JACK server that has died, without an end: such a stream is left as it is.
static void stop_portaudio(void *instance)
{
    struct portaudio *const portaudio = instance;
    look(portaudio);
    const bool is_gone = __atomic_exchange_n(&portaudio->is_over, 1, __ATOMIC_ACQ_REL) != 0;
    portaudio->is_lost = is_gone && portaudio->is_jack;
    if (!portaudio->is_lost) {
        (void)Pa_AbortStream(portaudio->stream); // What waits to be played is silence by now.
    }
}

static void close_portaudio(void *instance)
{
    struct portaudio *const portaudio = instance;
    if (!portaudio->is_lost) {
        (void)Pa_CloseStream(portaudio->stream);
        (void)Pa_Terminate();
    }
}

static const char *gone_portaudio(void *instance)
{
    (void)instance;
    return "the device has stopped (unplugged?)";
}

static const struct km_backend backend = {
    .name = "portaudio",
    .cure = "join the group audio, '@audio - rtprio 95' in /etc/security/limits.d, log in again",
    .raises_priority = true,
    .size = sizeof(struct portaudio),
    .open = open_portaudio,
    .start = start_portaudio,
    .stop = stop_portaudio,
    .close = close_portaudio,
    .look = look,
    .gone = gone_portaudio,
};

extern const struct km_module km_module;

const struct km_module km_module = {.abi = KM_MODULE_ABI, .backend = &backend};
