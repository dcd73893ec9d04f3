// SPDX-License-Identifier: MIT

// The bass line and the voices above it.

#include "session/score_private.h"
#include "unit/session/heard_song.h"

#include <stdlib.h>

static struct km_score score;

// A song of any feeling, metre and genre, its lines led but no part written.
static void lead_song(uint64_t seed, uint32_t rules)
{
    const struct brief brief = {
        .valence = -1.0 + 0.25 * (double)(seed % 9),
        .arousal = -1.0 + 0.25 * (double)(seed / 9 % 9),
        .chaos = 0.125 * (double)(seed / 5 % 9),
        .vulnerability = 0.125 * (double)(seed / 7 % 9),
        .seed = seed,
        .wishes = {.has_genre = true, .genre = (uint8_t)(seed % KM_GENRES_COUNT), .rules = rules},
    };
    make_plan(&brief);
    km_score_init(&score, &plan, file.heap);
    km_score_lead_bass(&score);
    km_score_lead_voices(&score);
}

// In range, the chord's bass, no leap over an octave, and mostly by small intervals.
static void the_bass_is_a_line(void **state)
{
    (void)state;
    int moves = 0;
    int steps = 0;
    int wide = 0;
    for (uint64_t seed = 0; seed < 300; ++seed) {
        lead_song(seed, 0);
        int before = 0;
        for (int i = 0; i < plan.chord_count; ++i) {
            const int key = km_score_bass_key(&score, i);
            assert_in_range(key, 28, 55);
            assert_int_equal(key % 12, plan.chords[i].chord.bass);
            const int moved = before > 0 ? abs(key - before) : 0;
            assert_in_range(moved, 0, 12);
            moves += moved > 0;
            steps += moved > 0 && moved <= 2;
            wide += moved > 7;
            before = key;
        }
        km_score_release(&score);
    }
    print_message("%d moves, %d steps, %d wider than a fifth\n", moves, steps, wide);
    assert_true(wide * 50 <= moves);
}

// Silence has no bass, and the line goes on after it from where it was.
static void silence_has_no_bass(void **state)
{
    (void)state;
    lead_song(3, 0);
    assert_true(plan.chord_count > 8);
    plan.chords[4].chord = (struct km_chord){0};
    plan.chords[5].chord = plan.chords[3].chord;
    km_score_lead_bass(&score);
    assert_int_equal(km_score_bass_key(&score, 4), 0);
    assert_int_equal(km_score_bass_key(&score, 5), km_score_bass_key(&score, 3));
    for (int i = 0; i < plan.chord_count; ++i) {
        plan.chords[i].chord = (struct km_chord){0};
    }
    km_score_lead_bass(&score);
    assert_int_equal(km_score_bass_key(&score, 0), 0);
    km_score_release(&score);
}

// A cello has no string below C.
static void a_cello_keeps_its_range(void **state)
{
    (void)state;
    for (uint64_t seed = 0; seed < 30; ++seed) {
        lead_song(seed, 0);
        plan.ensemble = KM_ENSEMBLE_STRING_QUARTET;
        km_score_lead_bass(&score);
        for (int i = 0; i < plan.chord_count; ++i) {
            assert_in_range(km_score_bass_key(&score, i), 36, 57);
        }
        km_score_release(&score);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        SONG_TEST(the_bass_is_a_line),
        SONG_TEST(silence_has_no_bass),
        SONG_TEST(a_cello_keeps_its_range),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
