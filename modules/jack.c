// SPDX-License-Identifier: MIT

// kmidi-jack.so: plays through JACK, also PipeWire's, and takes MIDI from it.
//
// JACK calls us from several threads: the process callback from its audio thread, the rest from one
// that notifies; all of them only count (drivers/callback_private.h).

#include "base/status.h"
#include "drivers/backend_private.h"
#include "drivers/callback_private.h"

#include <errno.h>
#include <jack/jack.h>
#include <jack/midiport.h>
#include <stdio.h>
#include <string.h>

enum { REASON_SIZE = 96 };

struct jack {
    struct km_callback *callback;
    jack_client_t *client;
    jack_port_t *left;
    jack_port_t *right;
    jack_port_t *midi;
    bool connects;
    bool is_active;
    uint32_t block_frames; // Atomic.
    uint32_t is_gone;      // Atomic.
    char reason[REASON_SIZE];
};

// JACK's own words would stand in the middle of ours.
static void say_nothing(const char *text)
{
    (void)text;
}

static void take_events(struct jack *jack, jack_nframes_t frames)
{
    void *const buffer = jack_port_get_buffer(jack->midi, frames);
    const uint32_t count = jack_midi_get_event_count(buffer);
    for (uint32_t i = 0; i < count; ++i) {
        jack_midi_event_t event;
        if (jack_midi_event_get(&event, buffer, i) == 0) {
            km_callback_event(jack->callback, event.time, event.buffer, event.size);
        }
    }
}

static int process(jack_nframes_t frames, void *context)
{
    struct jack *const jack = context;
    take_events(jack, frames);
    km_callback_process(jack->callback, jack_port_get_buffer(jack->left, frames),
                        jack_port_get_buffer(jack->right, frames), frames);
    return 0;
}

static void begin_thread(void *context)
{
    (void)context;
    km_callback_touch_stack();
}

static int count_xrun(void *context)
{
    struct jack *const jack = context;
    km_callback_report(jack->callback, KM_DRIVER_XRUN, 0);
    return 0;
}

// JACK tells the size also when it is the one that we know.
static int change_block(jack_nframes_t frames, void *context)
{
    struct jack *const jack = context;
    if (__atomic_exchange_n(&jack->block_frames, frames, __ATOMIC_RELAXED) != frames) {
        km_callback_report(jack->callback, KM_DRIVER_BLOCK_CHANGED, frames);
    }
    return 0;
}

static int change_rate(jack_nframes_t rate_hz, void *context)
{
    struct jack *const jack = context;
    km_callback_set_rate(jack->callback, rate_hz);
    return 0;
}

static void change_freewheel(int is_on, void *context)
{
    struct jack *const jack = context;
    km_callback_set_freewheel(jack->callback, is_on != 0);
}

static void lose_server(jack_status_t code, const char *reason, void *context)
{
    (void)code;
    struct jack *const jack = context;
    if (__atomic_exchange_n(&jack->is_gone, 1, __ATOMIC_ACQ_REL) == 0) {
        (void)snprintf(jack->reason, sizeof(jack->reason), "%s",
                       reason && reason[0] ? reason : "the JACK server has ended");
        km_callback_report(jack->callback, KM_DRIVER_GONE, 0);
    }
}

// PipeWire's libjack knows only this one, JACK's own prefers the one that tells the reason.
static void lose_server_without_words(void *context)
{
    lose_server(JackFailure, NULL, context);
}

static bool set_callbacks(struct jack *jack)
{
    jack_client_t *const client = jack->client;
    jack_on_shutdown(client, lose_server_without_words, jack);
    jack_on_info_shutdown(client, lose_server, jack);
    return jack_set_process_callback(client, process, jack) == 0 &&
           jack_set_thread_init_callback(client, begin_thread, jack) == 0 &&
           jack_set_xrun_callback(client, count_xrun, jack) == 0 &&
           jack_set_buffer_size_callback(client, change_block, jack) == 0 &&
           jack_set_sample_rate_callback(client, change_rate, jack) == 0 &&
           jack_set_freewheel_callback(client, change_freewheel, jack) == 0;
}

static bool register_ports(struct jack *jack)
{
    jack_client_t *const client = jack->client;
    const unsigned long out = JackPortIsOutput | JackPortIsTerminal;
    jack->left = jack_port_register(client, "out_left", JACK_DEFAULT_AUDIO_TYPE, out, 0);
    jack->right = jack_port_register(client, "out_right", JACK_DEFAULT_AUDIO_TYPE, out, 0);
    jack->midi = jack_port_register(client, "midi_in", JACK_DEFAULT_MIDI_TYPE, JackPortIsInput, 0);
    return jack->left && jack->right && jack->midi;
}

static enum km_status cannot_open(jack_status_t status, const char *server, struct km_error *error)
{
    if ((status & JackVersionError) != 0) {
        return km_error_set(error, KM_ERROR_UNSUPPORTED,
                            "the JACK server is of another version than libjack");
    }
    return km_error_set(error, KM_ERROR_NOT_FOUND,
                        "no JACK server%s%s is running (start one with `jackd -d alsa`; where "
                        "PipeWire runs: `pw-jack kmidi ...`)",
                        server ? " " : "", server ? server : "");
}

static enum km_status open_client(struct jack *jack, const struct km_driver_config *config,
                                  struct km_error *error)
{
    jack_options_t options = JackNullOption;
    options |= config->without_start ? JackNoStartServer : 0;
    options |= config->device ? JackServerName : 0;
    jack_status_t status = 0;
    jack_set_error_function(say_nothing);
    jack_set_info_function(say_nothing);
    jack->client = jack_client_open(config->client_name, options, &status, config->device);
    return jack->client ? KM_OK : cannot_open(status, config->device, error);
}

static enum km_status check_rate(uint32_t rate_hz, struct km_error *error)
{
    if (rate_hz < KM_RATE_MIN || rate_hz > KM_RATE_MAX) {
        return km_error_set(error, KM_ERROR_UNSUPPORTED,
                            "the JACK server runs at %u Hz: expected %d to %d", (unsigned)rate_hz,
                            KM_RATE_MIN, KM_RATE_MAX);
    }
    return KM_OK;
}

static enum km_status open_jack(void *instance, const struct km_backend_setup *setup,
                                struct km_error *error)
{
    struct jack *const jack = instance;
    jack->callback = setup->callback;
    jack->connects = !setup->config->without_connections;
    enum km_status status = open_client(jack, setup->config, error);
    if (status != KM_OK) {
        return status;
    }
    const uint32_t rate_hz = jack_get_sample_rate(jack->client);
    const uint32_t block_frames = jack_get_buffer_size(jack->client);
    jack->callback->rate_hz = rate_hz;
    jack->callback->block_frames = block_frames;
    jack->callback->has_clock = true;
    __atomic_store_n(&jack->block_frames, block_frames, __ATOMIC_RELAXED);
    status = check_rate(rate_hz, error);
    if (status == KM_OK && (!set_callbacks(jack) || !register_ports(jack))) {
        status = km_error_set(error, KM_ERROR_IO, "the JACK server refuses our ports");
    }
    if (status != KM_OK) {
        (void)jack_client_close(jack->client);
    }
    return status;
}

// Both channels to the first two of the system's inputs; one that is alone gets both. A refusal is
// nothing that we could mend: the user connects.
static void connect_outputs(struct jack *jack)
{
    const char **const ports = jack_get_ports(jack->client, NULL, JACK_DEFAULT_AUDIO_TYPE,
                                              JackPortIsInput | JackPortIsPhysical);
    if (ports && ports[0]) {
        const char *const right = ports[1] ? ports[1] : ports[0];
        (void)jack_connect(jack->client, jack_port_name(jack->left), ports[0]);
        (void)jack_connect(jack->client, jack_port_name(jack->right), right);
    }
    jack_free(ports);
}

// Each keyboard plays along.
static void connect_inputs(struct jack *jack)
{
    const char **const ports = jack_get_ports(jack->client, NULL, JACK_DEFAULT_MIDI_TYPE,
                                              JackPortIsOutput | JackPortIsPhysical);
    for (size_t i = 0; ports && ports[i]; ++i) {
        (void)jack_connect(jack->client, ports[i], jack_port_name(jack->midi));
    }
    jack_free(ports);
}

static enum km_status start_jack(void *instance, struct km_error *error)
{
    struct jack *const jack = instance;
    if (__atomic_load_n(&jack->is_gone, __ATOMIC_ACQUIRE) || jack_activate(jack->client) != 0) {
        return km_error_set(error, KM_ERROR_IO, "the JACK server does not let us play");
    }
    jack->is_active = true;
    if (jack->connects) {
        connect_outputs(jack);
        connect_inputs(jack);
    }
    return KM_OK;
}

// A server that is gone does not answer: the client is closed later, and that is all.
static void stop_jack(void *instance)
{
    struct jack *const jack = instance;
    if (jack->is_active && !__atomic_load_n(&jack->is_gone, __ATOMIC_ACQUIRE)) {
        (void)jack_deactivate(jack->client);
    }
    jack->is_active = false;
}

static void close_jack(void *instance)
{
    struct jack *const jack = instance;
    (void)jack_client_close(jack->client);
}

static const char *gone_jack(void *instance)
{
    return ((struct jack *)instance)->reason;
}

static const struct km_backend backend = {
    .name = "jack",
    .cure = "let the JACK server run with it (jackd -R; group audio)",
    .raises_priority = false, // The server does.
    .size = sizeof(struct jack),
    .open = open_jack,
    .start = start_jack,
    .stop = stop_jack,
    .close = close_jack,
    .gone = gone_jack,
};

extern const struct km_module km_module;

const struct km_module km_module = {.abi = KM_MODULE_ABI, .backend = &backend};
