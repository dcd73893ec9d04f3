// SPDX-License-Identifier: MIT

#include "theory/likelihood.h"

#include "base/random.h"
#include "support/cmocka.h"

static const struct km_key c_major = {0, KM_MODE_IONIAN};

static const char *symbol_of(const float weights[12], uint8_t bass)
{
    static char symbol[KM_CHORD_SYMBOL_SIZE];
    km_chord_format(km_chord_of_weights(weights, bass).chord, c_major, symbol);
    return symbol;
}

// Every chord that is looked for is found in its own notes, over each of them, on every root; but
// for those whose notes are another chord's as well.
static void finds_each_chord_in_its_own_notes(void **state)
{
    (void)state;
    for (int i = 0; i < KM_LIKELY_CHORDS; ++i) {
        const struct km_chord chord = km_likely_chord(i, (uint8_t)(i % 12));
        assert_int_equal(chord.root, i % 12);
        const km_pitch_set set = km_chord_pitches(chord);
        float weights[12];
        for (int pitch = 0; pitch < 12; ++pitch) {
            weights[pitch] = set >> pitch & 1U ? 1.0F : 0.0F;
        }
        const struct km_chord_found found = km_chord_of_weights(weights, chord.root);
        assert_int_equal(found.chord.root, chord.root);
        assert_int_equal(found.chord.quality, chord.quality);
        assert_true(found.confidence > 0.25F && found.confidence <= 1.0F);
    }
}

static void hears_through_foreign_notes(void **state)
{
    (void)state;
    // G B D with a passing A and C over G; V7 without its third; a rootless one is diminished.
    const float passing[12] = {[7] = 4, [11] = 2, [2] = 2, [9] = 0.5F, [0] = 0.5F};
    assert_string_equal(symbol_of(passing, 7), "G");
    const float no_third[12] = {[7] = 2, [2] = 1, [5] = 1};
    assert_string_equal(symbol_of(no_third, 7), "G7");
    const float rootless[12] = {[11] = 1, [2] = 1, [5] = 1};
    assert_string_equal(symbol_of(rootless, 2), "Bdim/D");
    // The same notes, but the passing ones last.
    const float lasting[12] = {[7] = 1, [11] = 0.5F, [2] = 0.5F, [9] = 4, [0] = 4, [4] = 3};
    assert_string_equal(symbol_of(lasting, 9), "Am");
}

static void nothing_is_no_chord(void **state)
{
    (void)state;
    const float silence[12] = {0};
    const struct km_chord_found found = km_chord_of_weights(silence, 5);
    assert_int_equal(found.chord.quality, KM_CHORD_NONE);
    assert_int_equal(found.chord.bass, 0);
    const float negative[12] = {[3] = -1.0F};
    assert_int_equal(km_chord_of_weights(negative, 5).chord.quality, KM_CHORD_NONE);
}

// Unit and transposition change nothing.
static void depends_on_proportions_alone(void **state)
{
    (void)state;
    struct km_random random;
    km_random_init(&random, 6, "chords");
    for (int round = 0; round < 500; ++round) {
        float weights[12];
        float higher[12];
        for (int pitch = 0; pitch < 12; ++pitch) {
            const uint32_t value = km_random_below(&random, 8);
            weights[pitch] = value > 4 ? 0.0F : (float)value;
            higher[(pitch + 5) % 12] = weights[pitch] * 4.0F;
        }
        const uint8_t bass = (uint8_t)km_random_below(&random, 12);
        const struct km_chord_found here = km_chord_of_weights(weights, bass);
        const struct km_chord_found there = km_chord_of_weights(higher, (uint8_t)((bass + 5) % 12));
        assert_int_equal(here.chord.quality, there.chord.quality);
        if (here.chord.quality != KM_CHORD_NONE) {
            assert_int_equal((here.chord.root + 5) % 12, there.chord.root);
            const float difference = here.confidence - there.confidence;
            assert_true(difference < 1e-4F && difference > -1e-4F);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(finds_each_chord_in_its_own_notes),
        cmocka_unit_test(hears_through_foreign_notes),
        cmocka_unit_test(nothing_is_no_chord),
        cmocka_unit_test(depends_on_proportions_alone),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
