// SPDX-License-Identifier: MIT

// How long it takes to humanise 1,024 notes, in a style and by a template that has every stroke of
// a performance of them, and whether that allocates. A run includes copying the notes as written to
// where they are moved, for they can be moved only once.

#include "base/units.h"
#include "groove/groove.h"
#include "groove/template.h"
#include "harness.h"
#include "heap/heap.h"

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
    size_t notes;
    struct km_groove groove;
    struct km_groove_use use; // Of the template.
    struct km_groove_mark marks[EVENTS_COUNT];
};

enum length { SINGLE, PLAYED, LEGATO };

// Adds a note, and unless it is single its note-off.
static void add(struct bench *bench, struct km_event event, uint64_t ticks)
{
    if (bench->count + (ticks > 0) >= EVENTS_COUNT || bench->notes == NOTES_COUNT) {
        return;
    }
    bench->notes += 1;
    event.type = KM_EVENT_NOTE_ON;
    event.value = 90;
    bench->written[bench->count++] = event;
    if (ticks > 0) {
        event.type = KM_EVENT_NOTE_OFF;
        event.tick += ticks;
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

// Sixteenths of a hi-hat; kick, snare and bass on eighths; a chord of three on each beat. Played,
// drums are short, and bass and chords end a little before the next; legato, every note ends where
// another begins, which leaves most to be sorted.
static void write_song(struct bench *bench, enum length length)
{
    static const uint64_t drum_ticks[] = {0, 60, KM_PPQ / 4};
    static const uint64_t bass_ticks[] = {0, 220, KM_PPQ / 2};
    static const uint64_t chord_ticks[] = {0, 450, KM_PPQ};
    static const uint8_t drums[] = {36, 38};
    bench->count = 0;
    bench->notes = 0;
    for (uint64_t i = 0; bench->notes < NOTES_COUNT; ++i) {
        const uint64_t tick = i * KM_PPQ / 4;
        add(bench, (struct km_event){.tick = tick, .channel = 9, .number = 42}, drum_ticks[length]);
        if (i % 2 == 0) {
            add(bench, (struct km_event){.tick = tick, .channel = 9, .number = drums[i / 4 % 2]},
                drum_ticks[length]);
            add(bench, (struct km_event){.tick = tick, .channel = 1, .number = 36},
                bass_ticks[length]);
        }
        for (uint8_t k = 0; i % 4 == 0 && k < 3; ++k) {
            const uint8_t key = (uint8_t)(60 + 4 * k);
            add(bench, (struct km_event){.tick = tick, .number = key}, chord_ticks[length]);
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

static double microseconds(const struct km_bench *report, struct bench *bench)
{
    return km_bench_median_ns(report, run_apply, bench, REPETITIONS) / 1000.0;
}

static void run_template(void *context, uint64_t n)
{
    struct bench *const bench = context;
    for (uint64_t i = 0; i < n; ++i) {
        memcpy(bench->moved, bench->written, bench->count * sizeof(bench->moved[0]));
        km_groove_template_apply(bench->moved, bench->count, &bench->use, bench->marks);
        km_bench_keep(bench->moved);
    }
}

// The template of the notes as a style plays them: a stroke for each note. Null if there is no
// memory.
static struct km_groove_template *make_template(struct bench *bench, struct km_heap *heap)
{
    struct km_midi_file file;
    km_midi_file_init(&file, heap, 1, KM_PPQ);
    memcpy(bench->moved, bench->written, bench->count * sizeof(bench->moved[0]));
    const size_t count = km_groove_apply_with(bench->moved, bench->count, &bench->groove);
    enum km_status status = km_midi_file_add_track(&file);
    for (size_t i = 0; i < count && status == KM_OK; ++i) {
        status = km_midi_file_add(&file, 0, bench->moved[i]);
    }
    const struct km_groove_extract extract = {.name = "bench", .source = "bench"};
    struct km_groove_template *feel = NULL;
    if (status == KM_OK) {
        status = km_groove_template_extract(&file, &extract, &feel, NULL);
    }
    km_midi_file_release(&file);
    return status == KM_OK ? feel : NULL;
}

#if COUNTS_ALLOCATIONS
// Returns how many calls to the allocator a thousand runs made, after seeing that such calls count.
static double count_allocations(void (*run)(void *context, uint64_t n), struct bench *bench)
{
    const unsigned long before = atomic_load(&allocations);
    void *volatile probe = malloc(1);
    free(probe);
    if (atomic_load(&allocations) != before + 1) {
        return -1.0;
    }
    const unsigned long start = atomic_load(&allocations);
    run(bench, REPETITIONS);
    return (double)(atomic_load(&allocations) - start);
}
#endif

static void report_allocations(struct km_bench *report, const char *name,
                               void (*run)(void *context, uint64_t n), struct bench *bench)
{
#if COUNTS_ALLOCATIONS
    km_bench_metric(report, name, count_allocations(run, bench), "in 1000 runs");
#else
    (void)run;
    (void)bench;
    km_bench_without(report, name, "a sanitizer's malloc cannot be counted");
#endif
}

static void measure_styles(struct km_bench *report, struct bench *bench)
{
    write_song(bench, PLAYED);
    km_bench_metric(report, "apply_1024_us", microseconds(report, bench), "us");
    report_allocations(report, "allocations", run_apply, bench);
    bench->groove.style = KM_GROOVE_JAZZ;
    km_bench_metric(report, "apply_1024_swung_us", microseconds(report, bench), "us");
    bench->groove.style = KM_GROOVE_PLAIN;
    write_song(bench, LEGATO);
    km_bench_metric(report, "apply_1024_legato_us", microseconds(report, bench), "us");
    write_song(bench, SINGLE);
    km_bench_metric(report, "apply_1024_single_us", microseconds(report, bench), "us, note-ons");
}

static void measure_template(struct km_bench *report, struct bench *bench)
{
    struct km_heap *const heap = km_heap_new(NULL);
    write_song(bench, PLAYED);
    struct km_groove_template *const feel = heap ? make_template(bench, heap) : NULL;
    if (feel) {
        struct km_tempo_change change = {.seconds_per_tick = 0.5 / KM_PPQ};
        const struct km_tempo_map map = {.changes = &change, .count = 1, .division = KM_PPQ};
        bench->use = (struct km_groove_use){
            .feel = feel, .strength = 1.0, .velocity = 1.0, .ppq = KM_PPQ, .tempo = &map};
        const double ns = km_bench_median_ns(report, run_template, bench, REPETITIONS);
        km_bench_metric(report, "template_1024_us", ns / 1000.0, "us");
        report_allocations(report, "template_allocations", run_template, bench);
    } else {
        km_bench_without(report, "template_1024_us", "no memory for a template");
    }
    km_groove_template_free(feel);
    if (heap) {
        km_heap_free(heap);
    }
}

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
    measure_styles(report, &bench);
    measure_template(report, &bench);
    return km_bench_finish(report);
}
