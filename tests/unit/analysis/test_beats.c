// SPDX-License-Identifier: MIT

// Tempo, metre and beats of performances made by a band of the test, whose beats are known.

#include "analysis/piece.h"
#include "base/random.h"
#include "unit/analysis/piece_by_hand.h"

#include <math.h>

static struct hand_piece hand;

/// A band of the test: how it plays.
struct band {
    double bpm, drift;   ///< Drift: the share by which the tempo swings, over 40 beats.
    double late_seconds; ///< When it begins.
    double deviation_ms; ///< Of single notes.
    int beats_per_bar, bars;
    bool has_drums;
    uint64_t seed;
};

static double seconds_at(const struct band *band, double beat)
{
    const double wave = 40 / (2 * 3.141592653589793);
    const double warped = beat + band->drift * wave * (1 - cos(beat / wave));
    return band->late_seconds + warped * 60 / band->bpm;
}

static void strike(const struct band *band, struct km_random *random, int part,
                   struct hand_note note)
{
    const double off = band->deviation_ms / 1000 * km_random_bell(random);
    const double start = fmax(0, seconds_at(band, note.beat) + off);
    const double end = seconds_at(band, note.beat + note.beats);
    hand_add(&hand, part,
             (struct hand_note){start * 2, (end - start) * 2, note.key, note.velocity});
}

static void play_beat(const struct band *band, struct km_random *random, int beat)
{
    static const int roots[] = {48, 53, 55, 45};
    const int place = beat % band->beats_per_bar;
    const int root = roots[beat / band->beats_per_bar % 4];
    if (place == 0) {
        strike(band, random, 0, (struct hand_note){beat, band->beats_per_bar, root - 12, 90});
    }
    for (int i = 0; i < 3; ++i) {
        strike(band, random, 1, (struct hand_note){beat, 0.5, root + 12 + i * 4, place ? 60 : 75});
    }
    strike(band, random, 2, (struct hand_note){beat + 0.5, 0.4, root + 24 + place * 2, 55});
    if (band->has_drums) {
        strike(band, random, 9, (struct hand_note){beat, 0.1, place % 2 ? 38 : 36, 95});
        strike(band, random, 9, (struct hand_note){beat, 0.1, 42, 70});
        strike(band, random, 9, (struct hand_note){beat + 0.5, 0.1, 42, 55});
    }
}

// Plays into a file at 120 in four quarters.
static void play(const struct band *band)
{
    hand_init(&hand, 120, 4, 4);
    struct km_random random;
    km_random_init(&random, band->seed, "band");
    for (int beat = 0; beat < band->bars * band->beats_per_bar; ++beat) {
        play_beat(band, &random, beat);
    }
    hand.piece.is_performed = true;
}

static const struct band steady = {.bpm = 97,
                                   .late_seconds = 0.8,
                                   .deviation_ms = 8,
                                   .beats_per_bar = 4,
                                   .bars = 24,
                                   .has_drums = true};

static void expect_near(double found, double expected, double error)
{
    if (fabs(found - expected) > error) {
        print_error("%g, expected %g\n", found, expected);
        fail();
    }
}

// Each beat of the band lies within 70 ms of a found one, and bars begin where they begin.
static void expect_beats_of(const struct band *band)
{
    const struct km_piece *const piece = &hand.piece;
    const double zero = km_piece_beat(piece, seconds_at(band, 0));
    expect_near(zero / band->beats_per_bar, round(zero / band->beats_per_bar), 0.07);
    for (int beat = 0; beat < band->bars * band->beats_per_bar - 1; ++beat) {
        const double seconds = seconds_at(band, beat);
        expect_near(km_piece_seconds(piece, round(zero) + beat), seconds, 0.07);
    }
}

static void beats_of_a_steady_band_are_found(void **state)
{
    (void)state;
    static const double tempos[] = {68, 83, 97, 113, 127, 144, 161};
    for (int i = 0; i < 7; ++i) {
        // Quick threes in even eighths are heard in other ways by people, too.
        for (int beats = tempos[i] < 100 ? 3 : 4; beats <= 4; ++beats) {
            struct band band = steady;
            band.bpm = tempos[i];
            band.beats_per_bar = beats;
            band.has_drums = beats == 4;
            band.seed = (uint64_t)i;
            play(&band);
            assert_true(km_piece_is_performed(&hand.piece));
            assert_int_equal(km_piece_find_beats(&hand.piece), KM_OK);
            assert_int_equal(hand.piece.metres[0].numerator, beats);
            expect_near(hand.piece.tempos[0].bpm, band.bpm, band.bpm * 0.01);
            expect_beats_of(&band);
            hand_release(&hand);
        }
    }
}

static void drifting_beats_are_followed(void **state)
{
    (void)state;
    struct band band = steady;
    band.drift = 0.08;
    play(&band);
    assert_int_equal(km_piece_find_beats(&hand.piece), KM_OK);
    expect_beats_of(&band);
    assert_in_range(hand.piece.tempo_count, 3, 40); // A change where it matters, not one a beat.
    hand_release(&hand);
}

// The whole piece hangs together: tempos, beats and seconds say the same.
static void what_is_written_is_consistent(void **state)
{
    (void)state;
    struct band band = steady;
    band.drift = 0.05;
    play(&band);
    assert_int_equal(km_piece_find_beats(&hand.piece), KM_OK);
    const struct km_piece *const piece = &hand.piece;
    assert_true(piece->tempos[0].beat == 0);
    for (size_t i = 1; i < piece->tempo_count; ++i) {
        const struct km_piece_tempo *const before = &piece->tempos[i - 1];
        const struct km_piece_tempo *const tempo = &piece->tempos[i];
        assert_true(tempo->beat > before->beat && tempo->bpm > 0);
        expect_near(before->seconds + (tempo->beat - before->beat) * 60 / before->bpm,
                    tempo->seconds, 1e-6);
    }
    for (size_t i = 0; i < piece->note_count; ++i) {
        const struct km_piece_note *const note = &piece->notes[i];
        assert_true(i == 0 || note->start_beat >= piece->notes[i - 1].start_beat);
        assert_true(note->end_beat >= note->start_beat);
        expect_near(km_piece_seconds(piece, note->end_beat), note->end_s, 1e-6);
    }
    hand_release(&hand);
}

// A quantised file at 120 keeps its beats; so does one that is moved off the grid as people play,
// one that names its tempo, and one of too few notes to tell.
static void only_performances_are_performed(void **state)
{
    (void)state;
    struct band band = steady;
    band.late_seconds = 0;
    band.bpm = 120;
    for (int deviation = 0; deviation <= 30; deviation += 10) {
        band.deviation_ms = deviation;
        play(&band);
        assert_false(km_piece_is_performed(&hand.piece));
        hand_release(&hand);
    }
    band.bpm = 101;
    play(&band);
    assert_true(km_piece_is_performed(&hand.piece));
    hand.piece.tempos[0].bpm = 121;
    assert_false(km_piece_is_performed(&hand.piece));
    hand.piece.tempos[0].bpm = 120;
    hand.piece.metres[0].numerator = 3;
    assert_false(km_piece_is_performed(&hand.piece));
    hand.piece.metres[0].numerator = 4;
    hand.piece.note_count = 10;
    assert_false(km_piece_is_performed(&hand.piece));
    hand_release(&hand);
}

static void what_is_not_performed_stays(void **state)
{
    (void)state;
    play(&steady);
    hand.piece.is_performed = false;
    assert_int_equal(km_piece_find_beats(&hand.piece), KM_OK);
    expect_near(hand.piece.tempos[0].bpm, 120, 0);
    hand.piece.is_performed = true;
    hand.piece.note_count = 12;
    assert_int_equal(km_piece_find_beats(&hand.piece), KM_OK);
    expect_near(hand.piece.tempos[0].bpm, 120, 0);
    hand.piece.note_count = 0;
    assert_int_equal(km_piece_find_beats(&hand.piece), KM_OK);
    hand_release(&hand);
}

// Transposed by a whole tone the beats stay to the bit.
static void transposition_leaves_the_beats(void **state)
{
    (void)state;
    double bpm[2];
    double end[2];
    for (int i = 0; i < 2; ++i) {
        struct band band = steady;
        band.has_drums = false;
        play(&band);
        for (size_t n = 0; n < hand.piece.note_count; ++n) {
            // Within the octaves in which a note is all bass or none.
            struct km_piece_note *const note = &hand.piece.notes[n];
            note->key = (uint8_t)(note->key < 54 ? note->key - 12 + i * 2 : note->key + 12 + i * 2);
        }
        assert_int_equal(km_piece_find_beats(&hand.piece), KM_OK);
        bpm[i] = hand.piece.tempos[0].bpm;
        end[i] = hand.piece.end_beat;
        hand_release(&hand);
    }
    assert_true(bpm[0] == bpm[1] && end[0] == end[1]);
}

static void failing_memory_leaves_no_trace(void **state)
{
    (void)state;
    play(&steady);
    const struct km_piece before = hand.piece;
    uint64_t fail_at = 1;
    enum km_status status = KM_ERROR_NO_MEMORY;
    for (; status != KM_OK; ++fail_at) {
        assert_memory_equal(&hand.piece, &before, sizeof(before));
        km_heap_fail_at(hand.heap, fail_at);
        status = km_piece_find_beats(&hand.piece);
        assert_true(status == KM_OK || status == KM_ERROR_NO_MEMORY);
    }
    assert_in_range(fail_at, 6, 20);
    km_heap_fail_at(hand.heap, 0);
    hand_release(&hand);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(beats_of_a_steady_band_are_found),
        cmocka_unit_test(drifting_beats_are_followed),
        cmocka_unit_test(what_is_written_is_consistent),
        cmocka_unit_test(only_performances_are_performed),
        cmocka_unit_test(what_is_not_performed_stays),
        cmocka_unit_test(transposition_leaves_the_beats),
        cmocka_unit_test(failing_memory_leaves_no_trace),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
