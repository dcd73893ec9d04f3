// SPDX-License-Identifier: MIT

// What tests of sound servers and audio files start: plays, writes and decodes, and says on
// standard output what came of it.
//
//     audio_probe play DRIVER SECONDS FRAMES_MAX    a line of JSON for each report, the last the
//     status audio_probe write FILE ENCODING RATE SECONDS  a sine left, another right; ENCODING as
//     in the enum audio_probe header ENCODING FRAMES            the header of a WAV file of so many
//     frames audio_probe decode FILE                       an Ogg Vorbis stream as raw samples of
//     16 bit

#include "base/module.h"
#include "base/sink.h"
#include "base/text.h"
#include "drivers/audio_file.h"
#include "drivers/driver.h"
#include "drivers/wave_private.h"
#include "font/decoder.h"
#include "heap/heap.h"
#include "support/counter.h"

#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { POLL_MS = 20, POLLS_PER_SECOND = 1000 / POLL_MS, USAGE = 2, FILE_MAX = 1 << 22 };

// Libraries that keep what they took: libsndfile of streams that it refuses, PipeWire of its ports.
const char *__lsan_default_suppressions(void); // NOLINT(bugprone-reserved-identifier,cert-dcl37-c)

const char *__lsan_default_suppressions(void) // NOLINT(bugprone-reserved-identifier,cert-dcl37-c)
{
    return "leak:libvorbis\nleak:libpipewire\nleak:pipewire-0.3/jack/libjack\n";
}

const char *__lsan_default_options(void); // NOLINT(bugprone-reserved-identifier,cert-dcl37-c)

const char *__lsan_default_options(void) // NOLINT(bugprone-reserved-identifier,cert-dcl37-c)
{
    return "print_suppressions=0";
}

static struct km_error error;

static int failed(void)
{
    char text[2 * sizeof(error.message) + 2];
    struct km_sink_memory memory = {.bytes = (unsigned char *)text, .size = sizeof(text)};
    struct km_sink sink = km_sink_to_memory(&memory);
    km_sink_json_text(&sink, error.message);
    printf("{\"error\": %.*s}\n", (int)memory.used, text);
    return 1;
}

static int number(const char *text)
{
    int64_t value = 0;
    return km_text_parse_integer(text, 0, 1 << 30, &value) ? (int)value : 0;
}

static bool print_reports(struct km_driver *driver)
{
    bool is_gone = false;
    struct km_driver_report report;
    while (km_driver_collect(driver, &report)) {
        printf("{\"report\": %d, \"value\": %u, \"count\": %llu, \"text\": \"%s\"}\n",
               (int)report.kind, (unsigned)report.value, (unsigned long long)report.count,
               report.text);
        is_gone |= report.kind == KM_DRIVER_GONE || report.kind == KM_DRIVER_RATE_CHANGED;
    }
    fflush(stdout);
    return is_gone;
}

static void print_status(struct km_driver *driver)
{
    const struct km_driver_status now = km_driver_status(driver);
    printf("{\"name\": \"%s\", \"rate\": %u, \"block\": %u, \"callbacks\": %llu, \"frames\": %llu, "
           "\"xruns\": %llu, \"realtime\": %s, \"priority\": %d, \"expected\": %llu}\n",
           now.name, (unsigned)now.rate_hz, (unsigned)now.block_frames,
           (unsigned long long)now.callbacks, (unsigned long long)now.frames,
           (unsigned long long)now.xruns, now.is_realtime ? "true" : "false", now.priority,
           (unsigned long long)now.expected_callbacks);
}

static int play(const char *name, int seconds, int frames_max)
{
    static struct counter counter;
    struct km_heap *const heap = km_heap_new(NULL);
    struct km_driver *driver = NULL;
    const struct km_audio_source source = counter_source(&counter);
    const struct km_driver_config config = {.without_start = true};
    if (!heap || km_driver_open(heap, name, &config, &driver, &error) != KM_OK ||
        km_driver_start(driver, &source, &error) != KM_OK) {
        km_driver_free(driver);
        km_heap_free(heap);
        return failed();
    }
    bool is_over = false;
    for (int i = 0; i < seconds * POLLS_PER_SECOND && !is_over; ++i) {
        const struct timespec pause = {.tv_nsec = POLL_MS * 1000000L};
        nanosleep(&pause, NULL);
        is_over = print_reports(driver) || km_driver_status(driver).frames > (uint64_t)frames_max;
    }
    km_driver_stop(driver);
    print_reports(driver);
    print_status(driver);
    km_driver_free(driver);
    km_heap_free(heap);
    return 0;
}

static int write_file(const char *path, int encoding, int rate_hz, int seconds)
{
    struct km_heap *const heap = km_heap_new(NULL);
    struct km_audio_file *file = NULL;
    const struct km_audio_file_config config = {
        .rate_hz = (uint32_t)rate_hz,
        .encoding = (enum km_audio_encoding)encoding,
        .title = "Grief \xC3\xA4",
    };
    if (!heap || km_audio_file_create(heap, path, &config, &file, &error) != KM_OK) {
        km_heap_free(heap);
        return failed();
    }
    for (int i = 0; i < rate_hz * seconds; ++i) {
        const double turns = (double)i / rate_hz * 2.0 * 3.14159265358979323846;
        const float left = (float)(sin(turns * 1000.0) * .5);
        const float right = (float)(sin(turns * 441.0) * .25);
        if (km_audio_file_write(file, &left, &right, 1, &error) != KM_OK) {
            return failed();
        }
    }
    if (km_audio_file_commit(file, &error) != KM_OK) {
        return failed();
    }
    km_heap_free(heap);
    return 0;
}

static int print_header(int encoding, const char *frames)
{
    unsigned char header[KM_WAVE_HEADER_SIZE_MAX];
    int64_t count = 0;
    if (!km_text_parse_integer(frames, 0, INT64_MAX, &count)) {
        return USAGE;
    }
    const struct km_audio_file_config config = {.rate_hz = 48000,
                                                .encoding = (enum km_audio_encoding)encoding};
    const size_t size = km_wave_header(header, &config, (uint64_t)count);
    return fwrite(header, 1, size, stdout) == size ? 0 : 1;
}

static void *allocate(void *context, size_t size)
{
    (void)context;
    return malloc(size);
}

static int decode(const char *path)
{
    struct km_font_decoder decoder;
    void *found = NULL;
    if (km_module_find("sndfile", KM_FONT_DECODE_SYMBOL, &found, &error) != KM_OK) {
        return failed();
    }
    memcpy(&decoder.decode, &found, sizeof(found));
    static unsigned char bytes[FILE_MAX];
    FILE *const file = fopen(path, "rb");
    if (!file) {
        return USAGE;
    }
    const size_t size = fread(bytes, 1, FILE_MAX, file);
    fclose(file);
    int16_t *frames = NULL;
    size_t count = 0;
    const int failure = decoder.decode(bytes, size, &frames, &count, allocate, NULL);
    if (failure == 0) {
        fwrite(frames, sizeof(*frames), count, stdout);
    }
    free(frames);
    return failure == 0 ? 0 : 3;
}

int main(int count, char **words)
{
    if (count == 5 && strcmp(words[1], "play") == 0) {
        return play(words[2], number(words[3]), number(words[4]));
    }
    if (count == 6 && strcmp(words[1], "write") == 0) {
        return write_file(words[2], number(words[3]), number(words[4]), number(words[5]));
    }
    if (count == 4 && strcmp(words[1], "header") == 0) {
        return print_header(number(words[2]), words[3]);
    }
    if (count == 3 && strcmp(words[1], "decode") == 0) {
        return decode(words[2]);
    }
    fputs("usage: see the top of audio_probe.c\n", stderr);
    return USAGE;
}
