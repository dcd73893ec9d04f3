// SPDX-License-Identifier: MIT

// Standard MIDI Files: read piece by piece (smf_stream.c), and in memory read and written; in bytes
// of the file per second.

#include "base/check.h"
#include "base/random.h"
#include "harness.h"
#include "heap/heap.h"
#include "midi/file.h"
#include "smf_stream.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    TRACKS = 16,
    NOTES = 1 << 20, // About 7 MB.
    SIZE_MAX_BYTES = 1 << 28,
    SONG_NOTES = 64 * 12, // Of a part: 64 bars.
    SONG_TRACKS = 5,      // Conductor, melody, chords, bass, drums.
    SONG_SIZE_MAX = 1 << 17,
};

struct bytes {
    unsigned char *bytes;
    size_t size;
};

struct context {
    struct km_heap *heap;
    struct bytes input;
    struct bytes output;
    struct km_midi_file file; // As read.
    uint64_t seed;
};

static void must(enum km_status status, const struct km_error *error)
{
    if (status != KM_OK) {
        fprintf(stderr, "bench_smf: %s\n", error ? error->message : km_status_text(status));
        exit(EXIT_FAILURE);
    }
}

static struct bytes bytes_of(struct km_heap *heap, size_t size)
{
    struct bytes made = {.bytes = km_heap_allocate(heap, KM_ACCOUNT_MODELS, size), .size = size};
    if (!made.bytes) {
        must(KM_ERROR_NO_MEMORY, NULL);
    }
    return made;
}

static size_t write_file(const struct km_midi_file *file, struct bytes *to)
{
    struct km_sink_memory memory = {.bytes = to->bytes, .size = to->size};
    struct km_sink sink = km_sink_to_memory(&memory);
    struct km_error error = {0};
    must(km_midi_file_write(file, &sink, &error), &error);
    return memory.used;
}

// Notes with velocities and lengths as in music, each let go before the next of its key.
static void add_notes(struct km_midi_file *file, size_t track, struct km_random *random,
                      uint64_t count)
{
    uint64_t tick = 0;
    for (uint64_t i = 0; i < count; ++i) {
        struct km_event event = {.tick = tick,
                                 .type = KM_EVENT_NOTE_ON,
                                 .channel = (uint8_t)(track % KM_CHANNELS_COUNT),
                                 .number = (uint8_t)km_random_between(random, 36, 84),
                                 .value = (uint8_t)km_random_between(random, 30, 110)};
        must(km_midi_file_add(file, track, event), NULL);
        event.tick += (uint64_t)km_random_between(random, 30, 480);
        event.type = KM_EVENT_NOTE_OFF;
        event.value = KM_RELEASE_VELOCITY;
        must(km_midi_file_add(file, track, event), NULL);
        tick += (uint64_t)km_random_between(random, 0, 240);
    }
    must(km_midi_track_sort(file, track), NULL);
}

static struct bytes generate(struct km_heap *heap, uint64_t notes)
{
    struct km_random random;
    km_random_init(&random, 1, "bench_smf");
    struct km_midi_file file;
    km_midi_file_init(&file, heap, 1, 480);
    for (size_t i = 0; i < TRACKS; ++i) {
        must(km_midi_file_add_track(&file), NULL);
        add_notes(&file, i, &random, notes / TRACKS);
    }
    struct bytes made = bytes_of(heap, notes * 10 + 4096);
    made.size = write_file(&file, &made);
    km_midi_file_release(&file);
    return made;
}

static struct bytes load(struct km_heap *heap, const char *path)
{
    FILE *const file = fopen(path, "rb");
    long size = -1;
    if (file && fseek(file, 0, SEEK_END) == 0) {
        size = ftell(file);
        rewind(file);
    }
    if (size < 0 || size > SIZE_MAX_BYTES) {
        fprintf(stderr, "bench_smf: %s cannot be read, or is larger than 256 MB\n", path);
        exit(EXIT_FAILURE);
    }
    const struct bytes made = bytes_of(heap, (size_t)size + 1);
    const size_t got = fread(made.bytes, 1, (size_t)size, file);
    fclose(file);
    return (struct bytes){made.bytes, got};
}

static void run_read(void *context, uint64_t n)
{
    struct context *const it = context;
    struct km_error error = {0};
    for (uint64_t i = 0; i < n; ++i) {
        must(km_midi_file_read(&it->file, it->input.bytes, it->input.size, NULL, &error), &error);
    }
}

static void run_write(void *context, uint64_t n)
{
    struct context *const it = context;
    for (uint64_t i = 0; i < n; ++i) {
        const size_t size = write_file(&it->file, &it->output);
        km_bench_keep(&size);
    }
}

// A song as the composer makes one: events added part by part, sorted, written.
static void run_song(void *context, uint64_t n)
{
    struct context *const it = context;
    static unsigned char output[SONG_SIZE_MAX];
    for (uint64_t i = 0; i < n; ++i) {
        struct km_random random;
        km_random_init(&random, it->seed++, "song");
        struct km_midi_file file;
        km_midi_file_init(&file, it->heap, 1, 480);
        for (size_t track = 0; track < SONG_TRACKS; ++track) {
            must(km_midi_file_add_track(&file), NULL);
            add_notes(&file, track, &random, SONG_NOTES);
        }
        write_file(&file, &(struct bytes){output, sizeof(output)});
        km_midi_file_release(&file);
    }
}

static size_t event_count(const struct km_midi_file *file)
{
    size_t count = 0;
    for (size_t i = 0; i < file->track_count; ++i) {
        count += file->tracks[i].count;
    }
    return count;
}

int main(int argc, char **argv)
{
    const char *path = NULL;
    struct km_bench *const bench = km_bench_start_with_file(
        "smf", "Standard MIDI Files: scanned, merged, read and written, megabytes of file a second",
        argc, argv, &path);
    smf_stream(bench, path);
    const uint64_t budget = UINT64_C(1) << 33;
    struct context context = {
        .heap = km_heap_new(&(struct km_heap_config){
            .budget_bytes = {[KM_ACCOUNT_WORKING] = budget, [KM_ACCOUNT_MODELS] = budget}})};
    KM_CHECK(context.heap);
    context.input = path ? load(context.heap, path)
                         : generate(context.heap, km_bench_is_quick(bench) ? NOTES / 100 : NOTES);
    km_midi_file_init(&context.file, context.heap, 1, 480);
    const double megabytes = (double)context.input.size / 1e6;
    const double read_ns = km_bench_median_ns(bench, run_read, &context, 1);
    km_bench_metric(bench, "read_mb_s", megabytes / read_ns * 1e9, "MB/s");
    km_bench_metric(bench, "read_events_m_s", (double)event_count(&context.file) / read_ns * 1e3,
                    "million/s");
    context.output = bytes_of(context.heap, context.input.size * 2 + 4096);
    const double written = (double)write_file(&context.file, &context.output) / 1e6;
    const double write_ns = km_bench_median_ns(bench, run_write, &context, 1);
    km_bench_metric(bench, "write_mb_s", written / write_ns * 1e9, "MB/s");
    km_bench_metric(bench, "song_64_bars_us",
                    km_bench_median_ns(bench, run_song, &context, 100) / 1e3, "us");
    km_midi_file_release(&context.file);
    km_heap_release(context.heap, context.input.bytes);
    km_heap_release(context.heap, context.output.bytes);
    km_heap_free(context.heap);
    return km_bench_finish(bench);
}
