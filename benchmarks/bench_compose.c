// SPDX-License-Identifier: MIT

// From words to MIDI bytes: the affect of a sentence, a plan, and a song of 64 bars.

#include "affect/affect.h"
#include "base/units.h"
#include "harness.h"
#include "heap/heap.h"
#include "midi/file.h"
#include "session/session.h"
#include "session/song.h"

#include <stdlib.h>
#include <string.h>

static const char *const sentences[] = {
    "I feel grief and loss since she passed away.",
    "So happy today, we are dancing all night!",
    "I am not angry any more, only tired.",
    "Quiet evening, tea, and nothing to worry about.",
};

enum { SENTENCES_COUNT = sizeof(sentences) / sizeof(sentences[0]), FILE_SIZE_MAX = 1 << 20 };

struct work {
    struct km_heap *heap;
    struct km_therapy_session *session;
    struct km_plan_wishes wishes;
    struct km_harmony_plan plan;
    unsigned char bytes[FILE_SIZE_MAX];
    size_t size;
};

static void expect(enum km_status status)
{
    if (status != KM_OK) {
        abort();
    }
}

static void run_affect(void *context, uint64_t n)
{
    (void)context;
    for (uint64_t i = 0; i < n; ++i) {
        const char *const text = sentences[i % SENTENCES_COUNT];
        struct km_affect affect;
        expect(km_affect_of_text(text, strlen(text), &affect, NULL));
        km_bench_keep(&affect);
    }
}

static void run_plan(void *context, uint64_t n)
{
    struct work *const work = context;
    for (uint64_t i = 0; i < n; ++i) {
        expect(
            km_therapy_session_generate_plan(work->session, &work->wishes, i, &work->plan, NULL));
        km_bench_keep(&work->plan);
    }
}

// Composes and writes; the plan is given.
static void run_song(void *context, uint64_t n)
{
    struct work *const work = context;
    for (uint64_t i = 0; i < n; ++i) {
        struct km_midi_file file;
        km_midi_file_init(&file, work->heap, 1, KM_PPQ);
        expect(km_song_compose(&work->plan, "Benchmark", &file, NULL));
        struct km_sink_memory memory = {.bytes = work->bytes, .size = sizeof(work->bytes)};
        struct km_sink sink = km_sink_to_memory(&memory);
        expect(km_midi_file_write(&file, &sink, NULL));
        km_midi_file_release(&file);
        work->size = memory.used;
        km_bench_keep(work->bytes);
    }
}

int main(int argument_count, char **arguments)
{
    struct km_bench *const bench =
        km_bench_start("compose", "affect of a sentence, plan, 64 bars of MIDI in memory",
                       argument_count, arguments);
    static struct work work;
    work.heap = km_heap_new(NULL);
    work.session = work.heap ? km_therapy_session_new(work.heap) : NULL;
    if (!work.session) {
        return EXIT_FAILURE;
    }
    km_bench_metric(bench, "affect_us", km_bench_median_ns(bench, run_affect, &work, 2000) / 1000,
                    "us");
    // A lively song, so that every part plays.
    expect(km_therapy_session_set_point(work.session, 0.6, 0.6, NULL));
    km_bench_metric(bench, "plan_us", km_bench_median_ns(bench, run_plan, &work, 1000) / 1000,
                    "us");
    work.wishes.has_bars = true;
    work.wishes.bars = 64;
    km_bench_metric(bench, "plan_64_bars_us",
                    km_bench_median_ns(bench, run_plan, &work, 1000) / 1000, "us");
    km_bench_metric(bench, "midi_64_bars_us",
                    km_bench_median_ns(bench, run_song, &work, 100) / 1000, "us");
    km_bench_metric(bench, "midi_64_bars_bytes", (double)work.size, "bytes");
    const struct km_account_usage usage = km_heap_usage(work.heap, KM_ACCOUNT_WORKING);
    km_bench_metric(bench, "peak_bytes", (double)usage.peak_bytes + (double)sizeof(work.plan),
                    "bytes");
    km_therapy_session_free(work.session);
    km_heap_free(work.heap);
    return km_bench_finish(bench);
}
