// SPDX-License-Identifier: MIT

/// For the tests of songs: plans and composes one, and reads back what is heard. One plan and one
/// file at a time; each test runs between set_up and release_file.
#ifndef KM_TESTS_SESSION_HEARD_SONG_H
#define KM_TESTS_SESSION_HEARD_SONG_H

#include "heap/heap.h"
#include "midi/file.h"
#include "session/planner_private.h"
#include "session/song.h"
#include "support/cmocka.h"
#include "unit/session/song_faults.h"

enum { NOTES_MAX = 1 << 14 };

/// A note of a finished song.
struct heard {
    uint32_t start, end;
    uint8_t key, velocity;
};

static struct km_harmony_plan plan;
static struct km_midi_file file;
static struct heard notes[NOTES_MAX];

static inline int set_up(void **state)
{
    struct km_heap *const heap = km_heap_new(NULL);
    assert_non_null(heap);
    km_midi_file_init(&file, heap, 1, KM_PPQ);
    *state = heap;
    return 0;
}

static inline int tear_down(void **state)
{
    struct km_heap *const heap = *state;
    assert_int_equal(km_heap_usage(heap, KM_ACCOUNT_WORKING).current_bytes, 0);
    km_heap_free(heap);
    return 0;
}

/// What a song of these tests is made from.
struct brief {
    double valence, arousal, chaos, vulnerability;
    uint64_t seed;
    struct km_plan_wishes wishes;
    bool draws_ensemble; ///< Else a band plays, unless another ensemble is wished for.
};

/// 32 bars of common time in a genre, of no feeling but how lively it is.
static inline struct brief brief_of_genre(int genre, double arousal, uint64_t seed)
{
    return (struct brief){.valence = 0.1,
                          .arousal = arousal,
                          .seed = seed,
                          .wishes = {.has_genre = true,
                                     .genre = (uint8_t)genre,
                                     .has_metre = true,
                                     .beats_per_bar = 4,
                                     .beat_unit = 4,
                                     .has_bars = true,
                                     .bars = 32}};
}

static inline void make_plan(const struct brief *brief)
{
    struct km_plan_wishes wishes = brief->wishes;
    wishes.has_ensemble = wishes.has_ensemble || !brief->draws_ensemble;
    struct km_affect affect;
    km_affect_of_point(brief->valence, brief->arousal, &affect);
    const struct km_plan_intent intent = {.affect = &affect,
                                          .motivation = 2,
                                          .chaos = brief->chaos,
                                          .vulnerability = brief->vulnerability};
    assert_int_equal(km_plan_generate(&intent, &wishes, brief->seed, &plan, NULL), KM_OK);
}

static inline void compose(void)
{
    km_midi_file_release(&file);
    assert_int_equal(km_song_compose(&plan, "Song", &file, NULL), KM_OK);
    const char *const fault = song_fault(&plan, &file);
    if (fault) {
        print_error("seed %llu: %s\n", (unsigned long long)plan.seed, fault);
    }
    assert_null(fault);
}

static inline void compose_brief(const struct brief *brief)
{
    make_plan(brief);
    compose();
}

static inline int read_notes(enum km_part part)
{
    const int index = km_song_track(&plan, part);
    if (index < 0) {
        return 0;
    }
    const struct km_midi_track *const track = &file.tracks[index];
    int open[128];
    int count = 0;
    for (size_t i = 0; i < track->count; ++i) {
        const struct km_event *const event = &track->events[i];
        if (event->type == KM_EVENT_NOTE_ON) {
            assert_in_range(count, 0, NOTES_MAX - 1);
            open[event->number] = count;
            notes[count++] = (struct heard){
                .start = (uint32_t)event->tick, .key = event->number, .velocity = event->value};
        } else if (event->type == KM_EVENT_NOTE_OFF) {
            notes[open[event->number]].end = (uint32_t)event->tick;
        }
    }
    return count;
}

/// Of a part's notes; 0 where it has none.
static inline double mean_velocity(enum km_part part)
{
    const int count = read_notes(part);
    double sum = 0;
    for (int i = 0; i < count; ++i) {
        sum += notes[i].velocity;
    }
    return count > 0 ? sum / count : 0;
}

/// Of a part's notes, and nothing else of its track.
static inline uint64_t notes_hash(enum km_part part)
{
    const int index = km_song_track(&plan, part);
    assert_true(index > 0);
    const struct km_midi_track *const track = &file.tracks[index];
    uint64_t hash = 0xCBF29CE484222325ULL;
    for (size_t i = 0; i < track->count; ++i) {
        const struct km_event *const event = &track->events[i];
        if (event->type == KM_EVENT_NOTE_ON || event->type == KM_EVENT_NOTE_OFF) {
            hash ^= hash_of_bytes((const unsigned char *)event, sizeof(*event));
            hash *= 0x100000001B3ULL;
        }
    }
    return hash;
}

static inline int release_file(void **state)
{
    km_midi_file_release(&file);
    return tear_down(state);
}

#define SONG_TEST(name) cmocka_unit_test_setup_teardown(name, set_up, release_file)

#endif
