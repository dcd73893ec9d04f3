// SPDX-License-Identifier: MIT

// How long it takes to humanise 1,024 notes, and whether that allocates. A run includes copying the
// notes as written to where they are moved, for they can be moved only once.

#include "base/units.h"
#include "groove/groove.h"
#include "harness.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

enum { NOTES_COUNT = 1024, EVENTS_COUNT = 2 * NOTES_COUNT, REPETITIONS = 1000 };

#if defined(__GLIBC__) && !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
#define COUNTS_ALLOCATIONS 1
#else
#define COUNTS_ALLOCATIONS 0 // A sanitizer's own malloc must stay.
#endif

#if defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#undef COUNTS_ALLOCATIONS
#define COUNTS_ALLOCATIONS 0
#endif
#endif

#if COUNTS_ALLOCATIONS
static atomic_ulong allocations;

// The C library's own entry points, under which its allocator remains when ours stand before it.
// NOLINTBEGIN: the names are the library's.
void *__libc_malloc(size_t size);
void *__libc_calloc(size_t count, size_t size);
void *__libc_realloc(void *memory, size_t size);
void *__libc_memalign(size_t alignment, size_t size);

void *malloc(size_t size)
{
    atomic_fetch_add(&allocations, 1);
    return __libc_malloc(size);
}

void *calloc(size_t count, size_t size)
{
    atomic_fetch_add(&allocations, 1);
    return __libc_calloc(count, size);
}

void *realloc(void *memory, size_t size)
{
    atomic_fetch_add(&allocations, 1);
    return __libc_realloc(memory, size);
}

void *aligned_alloc(size_t alignment, size_t size)
{
    atomic_fetch_add(&allocations, 1);
    return __libc_memalign(alignment, size);
}
// NOLINTEND
#endif

struct bench {
    struct km_event written[EVENTS_COUNT];
    struct km_event moved[EVENTS_COUNT];
    size_t count;
    struct km_groove groove;
};

static void add(struct bench *bench, struct km_event event, bool has_note_off)
{
    event.type = KM_EVENT_NOTE_ON;
    event.value = 90;
    bench->written[bench->count++] = event;
    if (has_note_off) {
        event.type = KM_EVENT_NOTE_OFF;
        event.tick += KM_PPQ / 4;
        bench->written[bench->count++] = event;
    }
}

static void sort(struct km_event *events, size_t count)
{
    for (size_t i = 1; i < count; ++i) {
        for (size_t j = i; j > 0 && km_event_is_before(&events[j], &events[j - 1]); --j) {
            const struct km_event event = events[j];
            events[j] = events[j - 1];
            events[j - 1] = event;
        }
    }
}

// Sixteenths of a hi-hat; kick, snare and bass on eighths; a chord of three on each beat.
static void write_song(struct bench *bench, bool has_note_offs)
{
    bench->count = 0;
    const size_t most = has_note_offs ? EVENTS_COUNT : NOTES_COUNT;
    for (uint64_t i = 0; bench->count < most; ++i) {
        const uint64_t tick = i * KM_PPQ / 4;
        static const uint8_t drums[] = {36, 38};
        add(bench, (struct km_event){.tick = tick, .channel = 9, .number = 42}, has_note_offs);
        if (i % 2 == 0 && bench->count < most) {
            add(bench, (struct km_event){.tick = tick, .channel = 9, .number = drums[i / 4 % 2]},
                has_note_offs);
        }
        if (i % 2 == 0 && bench->count < most) {
            add(bench, (struct km_event){.tick = tick, .channel = 1, .number = 36}, has_note_offs);
        }
        for (uint8_t k = 0; i % 4 == 0 && k < 3 && bench->count < most; ++k) {
            const uint8_t key = (uint8_t)(60 + 4 * k);
            add(bench, (struct km_event){.tick = tick, .number = key}, has_note_offs);
        }
    }
    sort(bench->written, bench->count);
}

static void run_apply(void *context, uint64_t n)
{
    struct bench *const bench = context;
    for (uint64_t i = 0; i < n; ++i) {
        memcpy(bench->moved, bench->written, bench->count * sizeof(bench->moved[0]));
        bench->groove.seed = i;
        const size_t left = km_groove_apply_with(bench->moved, bench->count, &bench->groove);
        km_bench_keep(&left);
        km_bench_keep(bench->moved);
    }
}

static void run_copy(void *context, uint64_t n)
{
    struct bench *const bench = context;
    for (uint64_t i = 0; i < n; ++i) {
        memcpy(bench->moved, bench->written, bench->count * sizeof(bench->moved[0]));
        km_bench_keep(bench->moved);
    }
}

#if COUNTS_ALLOCATIONS
// Returns how many calls to the allocator a thousand runs made, after seeing that such calls count.
static double count_allocations(struct bench *bench)
{
    const unsigned long before = atomic_load(&allocations);
    void *volatile probe = malloc(1);
    free(probe);
    if (atomic_load(&allocations) != before + 1) {
        return -1.0;
    }
    const unsigned long start = atomic_load(&allocations);
    run_apply(bench, REPETITIONS);
    return (double)(atomic_load(&allocations) - start);
}
#endif

int main(int argument_count, char **arguments)
{
    static struct bench bench;
    struct km_bench *const report =
        km_bench_start("groove", "humanise 1,024 notes in place (on and off: 2,048 events)",
                       argument_count, arguments);
    bench.groove = (struct km_groove){.complexity = 0.5,
                                      .vulnerability = 0.5,
                                      .tempo_bpm = 120.0,
                                      .ppq = KM_PPQ,
                                      .beats_per_bar = 4,
                                      .style = KM_GROOVE_PLAIN};
    write_song(&bench, true);
    km_bench_metric(report, "apply_1024_us",
                    km_bench_median_ns(report, run_apply, &bench, REPETITIONS) / 1000.0, "us");
    km_bench_metric(report, "copy_1024_us",
                    km_bench_median_ns(report, run_copy, &bench, REPETITIONS) / 1000.0,
                    "us (contained in each figure)");
    bench.groove.style = KM_GROOVE_JAZZ;
    km_bench_metric(report, "apply_1024_swung_us",
                    km_bench_median_ns(report, run_apply, &bench, REPETITIONS) / 1000.0, "us");
    bench.groove.style = KM_GROOVE_PLAIN;
#if COUNTS_ALLOCATIONS
    km_bench_metric(report, "allocations", count_allocations(&bench), "(in 1,000 runs)");
#else
    km_bench_without(report, "allocations", "a sanitizer's malloc cannot be counted");
#endif
    write_song(&bench, false);
    km_bench_metric(report, "apply_1024_single_us",
                    km_bench_median_ns(report, run_apply, &bench, REPETITIONS) / 1000.0,
                    "us (1,024 note-ons alone)");
    return km_bench_finish(report);
}
