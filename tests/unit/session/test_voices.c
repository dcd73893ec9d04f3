// SPDX-License-Identifier: MIT

// The bass line and the voices above it.

#include "session/quartet_private.h"
#include "session/score_private.h"
#include "unit/session/heard_song.h"
#include "unit/session/voice_faults.h"

#include <stdlib.h>

static struct km_score score;

// A song of any feeling, metre and genre, its lines led but no part written.
static void lead_song(uint64_t seed, uint32_t rules, enum km_ensemble ensemble)
{
    const struct brief brief = {
        .valence = -1.0 + 0.25 * (double)(seed % 9),
        .arousal = -1.0 + 0.25 * (double)(seed / 9 % 9),
        .chaos = 0.125 * (double)(seed / 5 % 9),
        .vulnerability = 0.125 * (double)(seed / 7 % 9),
        .seed = seed,
        .wishes = {.has_genre = true,
                   .genre = (uint8_t)(seed % KM_GENRES_COUNT),
                   .has_ensemble = true,
                   .ensemble = (uint8_t)ensemble,
                   .rules = rules},
    };
    make_plan(&brief);
    km_score_init(&score, &plan, file.heap);
    km_score_lead_bass(&score);
    if (ensemble == KM_ENSEMBLE_STRING_QUARTET) {
        km_quartet_lead_inner_voices(&score);
    } else {
        km_score_lead_voices(&score);
    }
}

// In range, the chord's bass, no leap over an octave, and mostly by small intervals.
static void the_bass_is_a_line(void **state)
{
    (void)state;
    int moves = 0;
    int steps = 0;
    int wide = 0;
    for (uint64_t seed = 0; seed < 300; ++seed) {
        lead_song(seed, 0, KM_ENSEMBLE_BAND);
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
    lead_song(3, 0, KM_ENSEMBLE_BAND);
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
        lead_song(seed, 0, KM_ENSEMBLE_BAND);
        plan.ensemble = KM_ENSEMBLE_STRING_QUARTET;
        km_score_lead_bass(&score);
        for (int i = 0; i < plan.chord_count; ++i) {
            assert_in_range(km_score_bass_key(&score, i), 36, 57);
        }
        km_score_release(&score);
    }
}

static struct sung sung_at(int chord)
{
    return (struct sung){.chord = plan.chords[chord].chord,
                         .bass = km_score_bass_key(&score, chord),
                         .voicing = *km_score_voicing(&score, chord)};
}

static void count_faults(struct voice_faults *faults)
{
    static const uint8_t range[2] = {40, 84};
    for (int i = 0; i < plan.chord_count; ++i) {
        const struct sung after = sung_at(i);
        check_moment(&after, range, faults);
        if (i > 0) {
            const struct sung before = sung_at(i - 1);
            check_step(&before, &after, plan.key, faults);
        }
    }
}

// What textbooks forbid, and what they allow.
static const struct {
    const char *from, *to;
    struct sung sung[2];
    struct voice_faults faults;
} led_examples[] = {
    {"G7",
     "C",
     {{.bass = 31, .voicing = {{47, 53, 62}, 3}}, {.bass = 36, .voicing = {{48, 52, 60}, 3}}},
     {0}},
    {"G7",
     "C",
     {{.bass = 31, .voicing = {{47, 53, 62}, 3}}, {.bass = 36, .voicing = {{43, 52, 60}, 3}}},
     {.leading = 1}},
    {"G7",
     "C",
     {{.bass = 31, .voicing = {{47, 53, 62}, 3}}, {.bass = 36, .voicing = {{48, 55, 64}, 3}}},
     {.sevenths = 1}},
    {"C",
     "Dm",
     {{.bass = 36, .voicing = {{55, 60, 64}, 3}}, {.bass = 38, .voicing = {{57, 62, 65}, 3}}},
     {.parallels = 2}},
    {"C",
     "Dm",
     {{.bass = 36, .voicing = {{55, 60, 64}, 3}}, {.bass = 38, .voicing = {{53, 57, 62}, 3}}},
     {0}},
    {"Gsus4",
     "G",
     {{.bass = 31, .voicing = {{48, 50, 55}, 3}}, {.bass = 31, .voicing = {{50, 50, 55}, 3}}},
     {.fourths = 1}},
    {"C",
     "C",
     {{.bass = 48, .voicing = {{48, 52, 55}, 3}}, {.bass = 36, .voicing = {{30, 29, 61}, 3}}},
     {.crossing = 3, .range = 2, .foreign = 3}},
    {"G7/B",
     "C/E",
     {{.bass = 35, .voicing = {{50, 53, 55}, 3}}, {.bass = 40, .voicing = {{48, 52, 55}, 3}}},
     {0}},
    {"G7/B",
     "C/E",
     {{.bass = 35, .voicing = {{50, 53, 55}, 3}}, {.bass = 40, .voicing = {{43, 52, 55}, 3}}},
     {.leading = 1}},
};

// The checker itself: what is forbidden is found, and what is allowed is not.
static void faults_put_in_are_found(void **state)
{
    (void)state;
    static const uint8_t range[2] = {40, 84};
    for (size_t i = 0; i < sizeof(led_examples) / sizeof(led_examples[0]); ++i) {
        struct sung sung[2] = {led_examples[i].sung[0], led_examples[i].sung[1]};
        assert_int_equal(km_chord_parse(led_examples[i].from, &sung[0].chord, NULL), KM_OK);
        assert_int_equal(km_chord_parse(led_examples[i].to, &sung[1].chord, NULL), KM_OK);
        struct voice_faults faults = {0};
        check_moment(&sung[0], range, &faults);
        check_moment(&sung[1], range, &faults);
        check_step(&sung[0], &sung[1], (struct km_key){0, KM_MODE_IONIAN}, &faults);
        faults.steps = 0;
        if (memcmp(&faults, &led_examples[i].faults, sizeof(faults)) != 0) {
            print_error("example %zu: %d %d %d %d %d %d %d\n", i, faults.foreign, faults.range,
                        faults.crossing, faults.parallels, faults.leading, faults.sevenths,
                        faults.fourths);
        }
        assert_memory_equal(&faults, &led_examples[i].faults, sizeof(faults));
    }
}

// Of songs that no rule asks faults of.
static struct voice_faults faults_of_songs(enum km_ensemble ensemble)
{
    struct voice_faults faults = {0};
    for (uint64_t seed = 0; seed < 2000; ++seed) {
        const struct voice_faults before = faults;
        lead_song(seed, 0, ensemble);
        const uint32_t asked =
            1U << KM_RULE_HARMONY_PARALLEL_MOTION | 1U << KM_RULE_HARMONY_UNRESOLVED_DISSONANCE;
        const uint8_t program = plan.parts[KM_PART_CHORDS].program;
        count_faults(&faults);
        if ((plan.rules & asked) != 0) {
            faults = before;
        }
        if (ensemble == KM_ENSEMBLE_BAND && program >= 28 && program < 32) {
            faults.parallels = before.parallels;
        }
        km_score_release(&score);
    }
    print_message("%d steps: foreign %d, range %d, crossing %d, parallels %d, leading tones %d, "
                  "sevenths %d, suspended fourths %d\n",
                  faults.steps, faults.foreign, faults.range, faults.crossing, faults.parallels,
                  faults.leading, faults.sevenths, faults.fourths);
    return faults;
}

static void expect_no_faults(const struct voice_faults *faults)
{
    assert_true(faults->steps > 30000);
    assert_int_equal(faults->foreign, 0);
    assert_int_equal(faults->range, 0);
    assert_int_equal(faults->crossing, 0);
    assert_int_equal(faults->parallels, 0);
    assert_int_equal(faults->leading, 0);
    assert_int_equal(faults->sevenths, 0);
    assert_int_equal(faults->fourths, 0);
}

static void no_song_has_a_fault_that_no_rule_asked_for(void **state)
{
    (void)state;
    const struct voice_faults faults = faults_of_songs(KM_ENSEMBLE_BAND);
    expect_no_faults(&faults);
}

// Cello, viola and second violin.
static void no_quartet_has_a_fault_that_no_rule_asked_for(void **state)
{
    (void)state;
    const struct voice_faults faults = faults_of_songs(KM_ENSEMBLE_STRING_QUARTET);
    expect_no_faults(&faults);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        SONG_TEST(faults_put_in_are_found),
        SONG_TEST(no_song_has_a_fault_that_no_rule_asked_for),
        SONG_TEST(no_quartet_has_a_fault_that_no_rule_asked_for),
        SONG_TEST(the_bass_is_a_line),
        SONG_TEST(silence_has_no_bass),
        SONG_TEST(a_cello_keeps_its_range),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
