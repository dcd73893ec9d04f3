// SPDX-License-Identifier: MIT

#include "groove/measure.h"

#include "base/random.h"
#include "midi/event.h"
#include "support/cmocka.h"

#include <math.h>
#include <string.h>

enum { ONSETS_MAX = 4096, HAT = 42, KICK = 36, SNARE = 38 };

struct part {
    struct km_groove_onset onsets[ONSETS_MAX];
    size_t count;
    double bpm;
    double bar_beats;
};

static struct part part;
static struct km_groove_measure measure;

static void expect_near(double value, double expected, double most)
{
    if (!(fabs(value - expected) <= most)) {
        fail_msg("%g instead of %g", value, expected);
    }
}

static void begin(double bpm, double bar_beats)
{
    part.count = 0;
    part.bpm = bpm;
    part.bar_beats = bar_beats;
}

// Adds a stroke that is so many ms late.
static void strike(uint8_t channel, uint8_t key, uint8_t velocity, double beat, double late_ms)
{
    assert_true(part.count < ONSETS_MAX);
    const double played = beat + late_ms * part.bpm / 60000.0;
    const double at = played > 0.0 ? played : 0.0;
    part.onsets[part.count++] =
        (struct km_groove_onset){.beat = at,
                                 .bar = at - part.bar_beats * floor(at / part.bar_beats),
                                 .beat_ms = 60000.0 / part.bpm,
                                 .key = key,
                                 .velocity = velocity,
                                 .channel = channel,
                                 .bar_beats_x4 = (uint8_t)(4.0 * part.bar_beats)};
}

static void sort(void)
{
    for (size_t i = 1; i < part.count; ++i) {
        for (size_t j = i; j > 0 && part.onsets[j].beat < part.onsets[j - 1].beat; --j) {
            const struct km_groove_onset onset = part.onsets[j];
            part.onsets[j] = part.onsets[j - 1];
            part.onsets[j - 1] = onset;
        }
    }
}

static void take_measure(void)
{
    sort();
    memset(&measure, 0x5A, sizeof(measure));
    assert_int_equal(km_groove_measure_onsets(part.onsets, part.count, &measure), KM_OK);
}

// Pairs of a length in beats, the second note `ratio` to 1 late in its pair.
static void play_pairs(double length, double ratio, size_t count)
{
    for (size_t i = 0; i < count; ++i) {
        const double start = (double)i * length;
        strike(9, HAT, 80, start, 0.0);
        strike(9, HAT, 60, start + length * ratio / (1.0 + ratio), 0.0);
    }
}

static void tells_the_ratio_of_eighths_at_any_tempo(void **state)
{
    (void)state;
    static const double tempos[] = {50.0, 85.0, 120.0, 200.0, 300.0};
    for (size_t t = 0; t < 5; ++t) {
        for (int quarters = 4; quarters <= 14; ++quarters) {
            const double ratio = 0.25 * quarters;
            begin(tempos[t], 4.0);
            play_pairs(1.0, ratio, 64);
            take_measure();
            expect_near(measure.swing_ratio, ratio, 0.02);
            assert_int_equal(measure.swung, 2);
            assert_true(measure.swing_evidence > 0.8F);
        }
    }
}

static void tells_swung_sixteenths_from_swung_eighths(void **state)
{
    (void)state;
    begin(90.0, 4.0);
    play_pairs(0.5, 1.6, 128);
    take_measure();
    expect_near(measure.swing_ratio, 1.6, 0.02);
    assert_int_equal(measure.swung, 4);
    begin(90.0, 4.0);
    play_pairs(0.5, 1.0, 128);
    take_measure();
    expect_near(measure.swing_ratio, 1.0, 0.02);
    assert_false(km_groove_is_swung(measure.swing_ratio));
}

// As drummers' do, strokes scatter by 12 ms, and all come 15 ms early.
static void scatter_and_latency_do_not_change_the_ratio(void **state)
{
    (void)state;
    static const double ratios[] = {1.0, 1.5, 2.0, 3.0};
    for (uint64_t r = 0; r < 4; ++r) {
        struct km_random random;
        km_random_init(&random, r, "scatter");
        begin(120.0, 4.0);
        for (size_t i = 0; i < 256; ++i) {
            const double middle = ratios[r] / (1.0 + ratios[r]);
            const double first = (km_random_unit(&random) - 0.5) * 40.0 - 15.0;
            const double second = (km_random_unit(&random) - 0.5) * 40.0 - 15.0;
            strike(9, HAT, 80, (double)i, first);
            strike(9, HAT, 80, (double)i + middle, second);
        }
        take_measure();
        expect_near(measure.swing_ratio, ratios[r], 0.06 * ratios[r] * ratios[r]);
        expect_near(measure.push_ms, -15.0, 4.0);
    }
}

// Every other bar is triplets, or sixteenths; the pairs between them are straight, or swung.
static void play_passages(int kind, double middle)
{
    begin(100.0, 4.0);
    for (int beat = 0; beat < 128; ++beat) {
        const int notes = beat / 4 % 2 == 0 ? kind : 2;
        for (int i = 0; i < notes; ++i) {
            const double at = notes == 2 ? i * middle : (double)i / notes;
            strike(0, (uint8_t)(60 + i), 80, beat + at, 0.0);
        }
    }
}

static void passages_of_triplets_and_sixteenths_are_no_pairs(void **state)
{
    (void)state;
    for (int kind = 3; kind <= 4; ++kind) {
        play_passages(kind, 0.5);
        take_measure();
        expect_near(measure.swing_ratio, 1.0, 0.03);
        play_passages(kind, 2.0 / 3.0);
        take_measure();
        expect_near(measure.swing_ratio, 2.0, 0.03);
    }
}

// Friberg and Sundstrom 2002: the short note is about 100 ms long, the faster the straighter.
static void a_short_note_of_100_ms_gives_the_ratios_of_the_literature(void **state)
{
    (void)state;
    static const double tempos[] = {200.0, 240.0, 300.0};
    static const double ratios[] = {2.0, 1.5, 1.0};
    for (size_t i = 0; i < 3; ++i) {
        const double beat_ms = 60000.0 / tempos[i];
        begin(tempos[i], 4.0);
        play_pairs(1.0, (beat_ms - 100.0) / 100.0, 64);
        take_measure();
        expect_near(measure.swing_ratio, ratios[i], 0.02);
    }
}

static void a_few_dotted_notes_are_no_swing(void **state)
{
    (void)state;
    begin(110.0, 4.0);
    for (int beat = 0; beat < 64; ++beat) {
        strike(0, 60, 80, beat, 0.0);
        strike(0, 62, 80, beat + (beat % 3 == 0 ? 0.5 : 0.75), 0.0);
    }
    take_measure();
    expect_near(measure.swing_ratio, 1.0, 0.05);
}

// The ratio is 3 both times, but only a score lies on the grid.
static void dotted_notes_of_a_score_are_told_from_a_hard_swing(void **state)
{
    (void)state;
    for (int is_played = 0; is_played < 2; ++is_played) {
        begin(60.0, 4.0);
        for (int beat = 0; beat < 64; ++beat) {
            strike(0, 60, 80, beat, 0.0);
            strike(0, 62, 80, beat + 0.75, is_played ? 6.0 : 0.0);
        }
        take_measure();
        expect_near(measure.swing_ratio, 3.0, 0.15);
        assert_true(km_groove_is_swung(measure.swing_ratio));
        assert_int_equal(km_groove_is_dotted(&measure), !is_played);
    }
    begin(60.0, 4.0);
    play_pairs(0.5, 2.5, 64);
    take_measure();
    assert_false(km_groove_is_dotted(&measure));
}

// Figures of real takes, as measured: evidence and tightness tell them apart, not the ratio.
static void free_playing_and_dotted_rhythms_are_not_called_swung(void **state)
{
    (void)state;
    static const struct {
        double ratio, tightness;
        float evidence;
        enum km_groove_pairs feel;
    } takes[] = {
        {2.0065, 0.324, 0.937F, KM_GROOVE_PAIRS_SWUNG}, // Purdie shuffle
        {2.2914, 0.146, 0.440F, KM_GROOVE_PAIRS_SWUNG}, // Jazz at 125
        {2.0132, 0.103, 0.643F, KM_GROOVE_PAIRS_SWUNG}, // Blues shuffle at 72, loose
        {3.1770, 0.278, 0.763F, KM_GROOVE_PAIRS_SWUNG}, // Jazz at 112
        {3.2900, 0.300, 0.800F, KM_GROOVE_PAIRS_DOTTED},
        {3.0000, 0.900, 0.100F, KM_GROOVE_PAIRS_DOTTED},   // As written
        {1.4943, 0.118, 0.425F, KM_GROOVE_PAIRS_UNCLEAR},  // Brahms, piano
        {1.8492, 0.130, 0.221F, KM_GROOVE_PAIRS_UNCLEAR},  // Chopin, piano
        {1.1556, 0.314, 0.560F, KM_GROOVE_PAIRS_STRAIGHT}, // Beethoven, piano
    };
    for (size_t i = 0; i < sizeof(takes) / sizeof(takes[0]); ++i) {
        struct km_groove_measure take = {.swing_ratio = takes[i].ratio,
                                         .swung = 2,
                                         .swing_evidence = takes[i].evidence,
                                         .tightness = takes[i].tightness};
        assert_int_equal(km_groove_pairs_of(&take), takes[i].feel);
        take.swung = 0;
        assert_int_equal(km_groove_pairs_of(&take), KM_GROOVE_PAIRS_NONE);
    }
}

// What is played here, not written down as figures.
static void pairs_that_are_played_have_the_name_of_their_rhythm(void **state)
{
    (void)state;
    begin(120.0, 4.0);
    play_pairs(0.5, 2.0, 64);
    take_measure();
    assert_int_equal(km_groove_pairs_of(&measure), KM_GROOVE_PAIRS_SWUNG);
    begin(120.0, 4.0);
    play_pairs(0.5, 1.0, 64);
    take_measure();
    assert_int_equal(km_groove_pairs_of(&measure), KM_GROOVE_PAIRS_STRAIGHT);
}

static void a_few_pairs_among_many_sixteenths_are_no_swing(void **state)
{
    (void)state;
    begin(100.0, 4.0);
    for (int beat = 0; beat < 128; ++beat) {
        const bool is_pair = beat % 16 == 15;
        for (int i = 0; i < (is_pair ? 2 : 4); ++i) {
            strike(9, HAT, 80, beat + i * (is_pair ? 0.62 : 0.25), 0.0);
        }
    }
    take_measure();
    expect_near(measure.swing_ratio, 1.0, 0.02);
    assert_int_equal(measure.swung, 4);
}

// Roles and positions are given against what all do; what all do is the push.
static void tells_push_roles_and_positions_apart(void **state)
{
    (void)state;
    begin(120.0, 4.0);
    for (int bar = 0; bar < 32; ++bar) {
        for (int i = 0; i < 16; ++i) {
            const double late = i == 6 ? 22.0 : 2.0;
            strike(9, HAT, i % 4 == 0 ? 110 : 50, 1.0 + 4 * bar + 0.25 * i, late);
        }
        strike(9, SNARE, 120, 2.0 + 4 * bar, 12.0);
        strike(9, KICK, 30, 1.0 + 4 * bar, -8.0);
    }
    take_measure();
    const double push = (15 * 2.0 + 22.0 + 12.0 - 8.0) / 18.0;
    expect_near(measure.push_ms, push, 1e-6);
    assert_int_equal(measure.onset_count, 32 * 18);
    assert_int_equal(measure.position_count, 16);
    expect_near(measure.roles[KM_GROOVE_ROLE_SNARE].mean_ms, 12.0 - push, 1e-6);
    expect_near(measure.roles[KM_GROOVE_ROLE_KICK].mean_ms, -8.0 - push, 1e-6);
    expect_near(measure.roles[KM_GROOVE_ROLE_KICK].velocity, 30.0, 1e-9);
    expect_near(measure.roles[KM_GROOVE_ROLE_ALL].mean_ms, 0.0, 1e-9);
    expect_near(measure.positions[10].mean_ms, 22.0 - push, 1e-6); // A beat on.
    expect_near(measure.positions[10].deviation_ms, 0.0, 1e-4);
    expect_near(measure.positions[11].velocity, 50.0, 1e-9);
    expect_near((double)measure.ghost_share, 1.0 / 18.0, 1e-6);
    expect_near((double)measure.accent_share, 5.0 / 18.0, 1e-6);
    expect_near(measure.tightness, exp(-measure.roles[KM_GROOVE_ROLE_ALL].deviation_ms / 20.0),
                1e-9);
}

static void triplets_in_straight_time_are_no_late_sixteenths(void **state)
{
    (void)state;
    begin(100.0, 4.0);
    for (int beat = 0; beat < 64; ++beat) {
        const int notes = beat % 8 == 7 ? 3 : 4;
        for (int i = 0; i < notes; ++i) {
            strike(9, SNARE, 80, beat + (double)i / notes, 0.0);
        }
    }
    take_measure();
    expect_near(measure.roles[KM_GROOVE_ROLE_SNARE].deviation_ms, 0.0, 0.01);
    expect_near((double)measure.triplet_share, 16.0 / 248.0, 1e-6);
}

static void positions_are_those_of_the_commonest_metre(void **state)
{
    (void)state;
    begin(100.0, 3.0);
    for (int i = 0; i < 96; ++i) {
        strike(0, 60, 80, 0.5 * i, 0.0);
    }
    take_measure();
    assert_int_equal(measure.position_count, 12);
    assert_int_equal(measure.positions[10].count, 16);
    assert_int_equal(measure.positions[11].count, 0);
}

static void nothing_has_no_groove(void **state)
{
    (void)state;
    begin(100.0, 4.0);
    take_measure();
    assert_true(measure.swing_ratio == 1.0 && measure.swung == 0 && measure.onset_count == 0);
    assert_true(measure.push_ms == 0.0 && measure.swing_evidence == 0.0F);
}

static void refuses_what_is_no_time(void **state)
{
    (void)state;
    begin(100.0, 4.0);
    play_pairs(1.0, 1.0, 8);
    part.onsets[3].beat = (double)NAN;
    assert_int_equal(km_groove_measure_onsets(part.onsets, part.count, &measure), KM_ERROR_INVALID);
    part.onsets[3].beat = 0.0;
    assert_int_equal(km_groove_measure_onsets(part.onsets, part.count, &measure), KM_ERROR_INVALID);
}

static void knows_who_plays(void **state)
{
    (void)state;
    assert_int_equal(km_groove_role_of(9, 36), KM_GROOVE_ROLE_KICK);
    assert_int_equal(km_groove_role_of(9, 22), KM_GROOVE_ROLE_HI_HAT);
    assert_int_equal(km_groove_role_of(9, 51), KM_GROOVE_ROLE_RIDE);
    assert_int_equal(km_groove_role_of(9, 75), KM_GROOVE_ROLE_PERCUSSION);
    assert_int_equal(km_groove_role_of(0, 36), KM_GROOVE_ROLE_PITCHED);
    assert_string_equal(km_groove_role_name(KM_GROOVE_ROLE_HI_HAT), "hi_hat");
    assert_string_equal(km_groove_role_name(99), "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tells_the_ratio_of_eighths_at_any_tempo),
        cmocka_unit_test(tells_swung_sixteenths_from_swung_eighths),
        cmocka_unit_test(scatter_and_latency_do_not_change_the_ratio),
        cmocka_unit_test(passages_of_triplets_and_sixteenths_are_no_pairs),
        cmocka_unit_test(a_short_note_of_100_ms_gives_the_ratios_of_the_literature),
        cmocka_unit_test(a_few_dotted_notes_are_no_swing),
        cmocka_unit_test(dotted_notes_of_a_score_are_told_from_a_hard_swing),
        cmocka_unit_test(free_playing_and_dotted_rhythms_are_not_called_swung),
        cmocka_unit_test(pairs_that_are_played_have_the_name_of_their_rhythm),
        cmocka_unit_test(a_few_pairs_among_many_sixteenths_are_no_swing),
        cmocka_unit_test(tells_push_roles_and_positions_apart),
        cmocka_unit_test(triplets_in_straight_time_are_no_late_sixteenths),
        cmocka_unit_test(positions_are_those_of_the_commonest_metre),
        cmocka_unit_test(nothing_has_no_groove),
        cmocka_unit_test(refuses_what_is_no_time),
        cmocka_unit_test(knows_who_plays),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
