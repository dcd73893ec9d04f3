// SPDX-License-Identifier: MIT

// The feeling of a piece moves as listeners' judgements do, and holds where it must.

#include "analysis/analysis.h"
#include "base/random.h"
#include "unit/analysis/piece_by_hand.h"

#include <math.h>

static struct hand_piece hand;
static const struct km_keys no_keys = {.whole = {.confidence = 0}};

static void expect_near(double found, double expected, double error)
{
    if (fabs(found - expected) > error) {
        print_error("%g, expected %g\n", found, expected);
        fail();
    }
}

static struct km_heard heard_of(void)
{
    struct km_heard heard;
    assert_int_equal(km_heard_find(&heard, &hand.piece, &no_keys), KM_OK);
    assert_in_range((int)((heard.valence + 1) * 1000), 0, 2000);
    assert_in_range((int)((heard.arousal + 1) * 1000), 0, 2000);
    return heard;
}

/// How a piano piece of a test is played.
struct manner {
    double onsets_per_second, note_seconds, pitch;
    int velocity;
    bool is_minor;
    uint64_t seed;
};

// Broken chords of I IV V I around a pitch, with a bass: two notes in three begin alone.
static void play(const struct manner *manner)
{
    static const int chords[4][3] = {{0, 4, 7}, {5, 9, 12}, {7, 11, 14}, {0, 4, 7}};
    hand_init(&hand, 120, 4, 4);
    struct km_random random;
    km_random_init(&random, manner->seed, "manner");
    const double beats = 2 / manner->onsets_per_second;
    for (int i = 0; i < 160; ++i) {
        const int *const chord = chords[i / 8 % 4];
        const int velocity = manner->velocity + (int)km_random_below(&random, 21) - 10;
        const int third = manner->is_minor && i / 8 % 4 != 2 ? 1 : 0;
        const int step = i % 3;
        const int key = (int)manner->pitch + chord[step] - (step == 1 ? third : 0);
        hand_add(&hand, 0,
                 (struct hand_note){i * beats, manner->note_seconds * 2, key + 3, velocity});
        if (i % 4 == 0) {
            hand_add(&hand, 0,
                     (struct hand_note){i * beats, manner->note_seconds * 2, key - 12, velocity});
        }
    }
}

static struct km_heard heard_played(const struct manner *manner)
{
    play(manner);
    const struct km_heard heard = heard_of();
    hand_release(&hand);
    return heard;
}

static void nothing_is_neutral(void **state)
{
    (void)state;
    hand_init(&hand, 120, 4, 4);
    const struct km_heard heard = heard_of();
    const struct km_heard zero = {0};
    assert_memory_equal(&heard, &zero, sizeof(heard));
    hand_release(&hand);
}

static struct km_heard drums_of(double beats, int velocity)
{
    hand_init(&hand, 120, 4, 4);
    for (int i = 0; i < 100; ++i) {
        hand_add(&hand, 9, (struct hand_note){i * beats, 0.1, i % 2 ? 38 : 36, velocity + i % 10});
    }
    const struct km_heard heard = heard_of();
    hand_release(&hand);
    return heard;
}

static void drums_alone_tell_of_arousal_alone(void **state)
{
    (void)state;
    const struct km_heard calm = drums_of(1, 40);
    const struct km_heard wild = drums_of(0.25, 110);
    assert_true(calm.valence == 0 && wild.valence == 0);
    assert_true(calm.arousal < 0 && wild.arousal > 0);
    assert_true(wild.pitch_mean == 0 && wild.majorness == 0);
    expect_near(wild.onsets_per_second, 8, 0.2);
}

// EMOPIA's mean pieces of the four quadrants (onsets a second, velocity, length, mean pitch), in
// major as often as they were found in major.
static void human_quadrants_are_heard_as_what_they_are(void **state)
{
    (void)state;
    static const struct {
        struct manner manner;
        double major_share;
    } quadrants[4] = {{{5.7, 0.56, 62.6, 77, false, 0}, 0.81},
                      {{6.9, 0.50, 60.3, 79, false, 0}, 0.29},
                      {{4.0, 1.10, 63.5, 54, false, 0}, 0.42},
                      {{4.0, 1.03, 61.2, 53, false, 0}, 0.73}};
    double valences[4] = {0};
    for (int i = 0; i < 4; ++i) {
        for (uint64_t seed = 0; seed < 20; ++seed) {
            struct manner manner = quadrants[i].manner;
            manner.seed = seed;
            manner.is_minor = ((double)seed + 0.5) / 20 > quadrants[i].major_share;
            const struct km_heard heard = heard_played(&manner);
            assert_true((heard.arousal > 0) == (i < 2));
            valences[i] += heard.valence / 20;
        }
    }
    assert_true(valences[0] > valences[1] && valences[3] > valences[2]);
}

static const struct manner plain = {5, 0.7, 62, 70, false, 1};

static void each_cue_moves_the_feeling_its_way(void **state)
{
    (void)state;
    const struct km_heard heard = heard_played(&plain);
    struct manner other = plain;
    other.velocity = 100;
    assert_true(heard_played(&other).arousal > heard.arousal);
    other = plain;
    other.onsets_per_second = 7;
    assert_true(heard_played(&other).arousal > heard.arousal);
    other = plain;
    other.note_seconds = 0.3;
    assert_true(heard_played(&other).arousal > heard.arousal);
    other = plain;
    other.is_minor = true;
    const struct km_heard minor = heard_played(&other);
    assert_true(minor.valence < heard.valence - 0.2);
    assert_true(minor.majorness < 0 && heard.majorness > 0);
    other = plain;
    other.pitch = 72;
    assert_true(heard_played(&other).valence > heard.valence);
}

// Measured by hand: an onset each half second, each note sounds for half of its gap.
static void cues_are_what_they_say(void **state)
{
    (void)state;
    hand_init(&hand, 60, 4, 4);
    for (int i = 0; i < 101; ++i) {
        hand_add(&hand, 0, (struct hand_note){i * 0.5, 0.25, 60, i % 2 ? 60 : 80});
        hand_add(&hand, 0, (struct hand_note){i * 0.5, 0.25, 67, i % 2 ? 60 : 80});
    }
    const struct km_heard heard = heard_of();
    hand_release(&hand);
    expect_near(heard.onsets_per_second, 101 / 50.25, 1e-6);
    expect_near(heard.bpm, 60, 1e-9);
    expect_near(heard.velocity_mean, 70, 0.2);
    expect_near(heard.velocity_deviation, 10, 0.1);
    expect_near(heard.articulation, 0.5, 0.011);
    expect_near(heard.note_seconds, 0.25, 1e-9);
    expect_near(heard.pitch_mean, 63.5, 1e-9);
    expect_near(heard.pitch_deviation, 3.5, 1e-9);
    expect_near(heard.pitch_low, 60, 1e-9);
    expect_near(heard.consonance, 1.24, 1e-9); // Huron's fifth.
    expect_near(heard.outside, 0, 1e-12);
}

static void transposition_moves_the_register_alone(void **state)
{
    (void)state;
    play(&plain);
    const struct km_heard heard = heard_of();
    for (size_t i = 0; i < hand.piece.note_count; ++i) {
        hand.piece.notes[i].key += 3;
    }
    const struct km_heard higher = heard_of();
    hand_release(&hand);
    assert_true(higher.arousal == heard.arousal);
    expect_near(higher.majorness, heard.majorness, 1e-9);
    expect_near(higher.consonance, heard.consonance, 1e-9);
    expect_near(higher.outside, heard.outside, 1e-9);
    expect_near(higher.pitch_mean, heard.pitch_mean + 3, 1e-9);
}

static void faster_is_more_aroused(void **state)
{
    (void)state;
    play(&plain);
    double before = -2;
    for (int step = 0; step < 6; ++step) {
        const struct km_heard heard = heard_of();
        assert_true(heard.arousal > before);
        before = heard.arousal;
        for (size_t i = 0; i < hand.piece.note_count; ++i) {
            hand.piece.notes[i].start_s *= 0.85;
            hand.piece.notes[i].end_s *= 0.85;
        }
        hand.piece.tempos[0].bpm /= 0.85;
    }
    hand_release(&hand);
}

static void a_found_key_tells_of_the_mode(void **state)
{
    (void)state;
    play(&plain);
    struct km_keys keys = {
        .whole = {.key = {.tonic = 0, .mode = KM_MODE_AEOLIAN}, .confidence = 1}};
    struct km_heard minor;
    assert_int_equal(km_heard_find(&minor, &hand.piece, &keys), KM_OK);
    keys.whole.key.mode = KM_MODE_IONIAN;
    struct km_heard major;
    assert_int_equal(km_heard_find(&major, &hand.piece, &keys), KM_OK);
    assert_true(minor.majorness < major.majorness && minor.valence < major.valence);
    hand_release(&hand);
}

static void a_note_that_lasts_for_years_is_heard_at_once(void **state)
{
    (void)state;
    hand_init(&hand, 60, 4, 4);
    hand_add(&hand, 0, (struct hand_note){0, 1e9, 60, 64});
    hand_add(&hand, 0, (struct hand_note){5e8, 1e9, 64, 64});
    const struct km_heard heard = heard_of();
    assert_true(heard.arousal < 0);
    hand_release(&hand);
}

static void failing_memory_leaves_no_trace(void **state)
{
    (void)state;
    play(&plain);
    struct km_heard heard = {.bpm = -1};
    km_heap_fail_at(hand.heap, 1);
    assert_int_equal(km_heard_find(&heard, &hand.piece, &no_keys), KM_ERROR_NO_MEMORY);
    assert_true(heard.bpm == -1);
    km_heap_fail_at(hand.heap, 2);
    assert_int_equal(km_heard_find(&heard, &hand.piece, &no_keys), KM_OK);
    km_heap_fail_at(hand.heap, 0);
    hand_release(&hand);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nothing_is_neutral),
        cmocka_unit_test(drums_alone_tell_of_arousal_alone),
        cmocka_unit_test(human_quadrants_are_heard_as_what_they_are),
        cmocka_unit_test(each_cue_moves_the_feeling_its_way),
        cmocka_unit_test(cues_are_what_they_say),
        cmocka_unit_test(transposition_moves_the_register_alone),
        cmocka_unit_test(faster_is_more_aroused),
        cmocka_unit_test(a_found_key_tells_of_the_mode),
        cmocka_unit_test(a_note_that_lasts_for_years_is_heard_at_once),
        cmocka_unit_test(failing_memory_leaves_no_trace),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
