// SPDX-License-Identifier: MIT

#include "theory/chord.h"

#include "support/cmocka.h"

#include <string.h>

static const struct km_key c_major = {0, KM_MODE_IONIAN};

static const char *name_of(struct km_chord_found found)
{
    static char symbol[KM_CHORD_SYMBOL_SIZE];
    km_chord_format(found.chord, c_major, symbol);
    return symbol;
}

static km_pitch_set set_of(int quality, uint8_t root)
{
    return km_chord_pitches((struct km_chord){root, (uint8_t)quality, root});
}

// How many chords have just these notes.
static int names_count(km_pitch_set set)
{
    int count = 0;
    for (int quality = 1; quality < KM_CHORD_QUALITIES_COUNT; ++quality) {
        for (uint8_t root = 0; root < 12; ++root) {
            count += set_of(quality, root) == set;
        }
    }
    return count;
}

static int size_of(km_pitch_set set)
{
    int size = 0;
    for (uint32_t left = set; left != 0; left &= left - 1) {
        ++size;
    }
    return size;
}

static int check_inversions(int quality, uint8_t root, bool is_ambiguous)
{
    int checked = 0;
    const km_pitch_set set = set_of(quality, root);
    for (uint8_t bass = 0; bass < 12; ++bass) {
        if (!(set >> bass & 1U) || (size_of(set) > 4 && bass != root)) {
            continue;
        }
        const struct km_chord_found found = km_chord_of_pitches(set, bass);
        // Another name may be right, but the notes are always just the chord's.
        assert_int_equal(km_chord_pitches(found.chord), set);
        assert_int_equal(found.chord.bass, bass);
        assert_true(found.confidence == 1.0F);
        if (!is_ambiguous) {
            assert_int_equal(found.chord.root, root);
            assert_int_equal(found.chord.quality, quality);
            ++checked;
        }
    }
    return checked;
}

// Every quality, root and inversion whose notes have only one name gets that name. Five notes and
// more over another bass than the root are rather a chord with foreign notes: in analysed music
// such names are nearly always wrong.
static void names_every_inversion_of_every_chord(void **state)
{
    (void)state;
    int checked = 0;
    for (int quality = 1; quality < KM_CHORD_QUALITIES_COUNT; ++quality) {
        const bool is_ambiguous = names_count(set_of(quality, 0)) > 1;
        for (uint8_t root = 0; root < 12; ++root) {
            checked += check_inversions(quality, root, is_ambiguous);
        }
    }
    assert_true(checked > 12 * 60);
}

// Of several names the bass decides, for the chords that players meet.
static void the_bass_decides_between_names(void **state)
{
    (void)state;
    static const enum km_chord_quality qualities[] = {
        KM_CHORD_AUGMENTED,
        KM_CHORD_SUS2,
        KM_CHORD_SUS4,
        KM_CHORD_SIXTH,
        KM_CHORD_MINOR_SIXTH,
        KM_CHORD_MINOR_SEVENTH,
        KM_CHORD_HALF_DIMINISHED,
        KM_CHORD_SUS4_SEVENTH,
        KM_CHORD_DIMINISHED_SEVENTH,
        KM_CHORD_SEVENTH_FLAT_FIVE,
        KM_CHORD_SIX_NINE,
        KM_CHORD_SUS4_NINTH,
        KM_CHORD_MINOR_NINTH,
        KM_CHORD_MINOR_ELEVENTH,
        KM_CHORD_MAJOR_THIRTEENTH,
        KM_CHORD_DOMINANT_SEVENTH,
        KM_CHORD_MAJOR_SEVENTH,
        KM_CHORD_ADD9,
    };
    for (size_t i = 0; i < sizeof(qualities) / sizeof(qualities[0]); ++i) {
        for (uint8_t root = 0; root < 12; ++root) {
            const struct km_chord_found found =
                km_chord_of_pitches(set_of((int)qualities[i], root), root);
            assert_int_equal(found.chord.root, root);
            assert_int_equal(found.chord.quality, qualities[i]);
        }
    }
}

static void hears_what_musicians_hear(void **state)
{
    (void)state;
    static const struct {
        uint8_t notes[6];
        uint8_t count;
        const char *symbol;
        bool is_whole;
    } cases[] = {
        {{60, 64, 67}, 3, "C", true},
        {{64, 67, 72}, 3, "C/E", true},
        {{67, 72, 76}, 3, "C/G", true},
        {{57, 60, 64, 67}, 4, "Am7", true},
        {{60, 64, 67, 69}, 4, "C6", true},
        {{55, 57, 60, 64}, 4, "Am7/G", true},
        {{64, 68, 72}, 3, "Eaug", true},
        {{60, 64, 71}, 3, "Cmaj7", false}, // Shells: no fifth.
        {{60, 64, 70}, 3, "C7", false},
        {{60, 63, 70}, 3, "Cm7", false},
        {{48, 55, 58}, 3, "C7", false}, // No third.
        {{60, 62, 64}, 3, "Cadd9", false},
        {{48, 52, 58, 62}, 4, "C9", false},
        {{48, 58, 64, 69}, 4, "C7add13", false},
        {{60, 67}, 2, "C5", true}, // Two notes
        {{60, 65}, 2, "F5/C", true},
        {{60, 64}, 2, "C", false},
        {{60, 63}, 2, "Cm", false},
        {{60, 69}, 2, "Am/C", false},
        {{60, 68}, 2, "Ab/C", false},
        {{60, 70}, 2, "C7", false},
        {{60, 71}, 2, "Cmaj7", false},
        {{60}, 1, "C", false},
        {{60, 72, 84}, 3, "C", false},
        {{67, 71, 74, 77}, 4, "G7", true},
        {{71, 74, 77, 79}, 4, "G7/B", true},
        {{59, 62, 65, 69}, 4, "Bm7b5", true},
        {{59, 62, 65, 68}, 4, "Bdim7", true},
        {{43, 53, 57, 60}, 4, "Fadd9/G", true},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); ++i) {
        const struct km_chord_found found = km_chord_of_notes(cases[i].notes, cases[i].count);
        assert_string_equal(name_of(found), cases[i].symbol);
        assert_int_equal(found.confidence == 1.0F, cases[i].is_whole);
        assert_true(found.confidence > 0.4F);
    }
}

static void no_notes_are_no_chord(void **state)
{
    (void)state;
    assert_string_equal(name_of(km_chord_of_notes(NULL, 0)), "N.C.");
    const struct km_chord_found found = km_chord_of_pitches(0, 7);
    assert_string_equal(name_of(found), "N.C.");
    assert_true(found.chord.root == 0 && found.chord.bass == 0 && found.confidence == 1.0F);
}

// Whatever the notes: transposing them transposes the chord and nothing else.
static void hears_the_same_in_all_twelve_keys(void **state)
{
    (void)state;
    for (uint32_t set = 1; set < 4096; ++set) {
        for (uint8_t bass = 0; bass < 12; ++bass) {
            const struct km_chord_found here = km_chord_of_pitches((km_pitch_set)set, bass);
            const uint32_t up = (set << 1 | set >> 11) & 0xFFFU;
            const struct km_chord_found there =
                km_chord_of_pitches((km_pitch_set)up, (uint8_t)((bass + 1) % 12));
            assert_int_equal((here.chord.root + 1) % 12, there.chord.root);
            assert_int_equal((here.chord.bass + 1) % 12, there.chord.bass);
            assert_int_equal(here.chord.quality, there.chord.quality);
            assert_true(here.confidence == there.confidence);
            assert_true(here.confidence > 0.0F && here.confidence <= 1.0F);
            assert_int_not_equal(here.chord.quality, KM_CHORD_NONE);
        }
    }
}

// A note more or less that the chord has not makes it less sure, and the root of the chord is kept
// when only its fifth is gone.
static void doubt_grows_with_foreign_and_missing_notes(void **state)
{
    (void)state;
    for (uint32_t set = 1; set < 4096; ++set) {
        for (uint8_t bass = 0; bass < 12; ++bass) {
            const struct km_chord_found found = km_chord_of_pitches((km_pitch_set)set, bass);
            const bool is_just_that =
                set_of(found.chord.quality, found.chord.root) == (set | 1U << bass);
            assert_int_equal(found.confidence == 1.0F, is_just_that);
        }
    }
    static const enum km_chord_quality with_fifths[] = {
        KM_CHORD_MAJOR_SEVENTH, KM_CHORD_DOMINANT_SEVENTH, KM_CHORD_MINOR_SEVENTH,
        KM_CHORD_MAJOR_NINTH,   KM_CHORD_DOMINANT_NINTH,   KM_CHORD_MINOR_MAJOR_SEVENTH};
    for (size_t i = 0; i < sizeof(with_fifths) / sizeof(with_fifths[0]); ++i) {
        const km_pitch_set set = (km_pitch_set)(set_of((int)with_fifths[i], 0) & ~0x080U);
        const struct km_chord_found found = km_chord_of_pitches(set, 0);
        assert_int_equal(found.chord.quality, with_fifths[i]);
        assert_true(found.confidence > 0.8F && found.confidence < 1.0F);
    }
}

static void order_and_doublings_do_not_matter(void **state)
{
    (void)state;
    uint32_t random = 1;
    for (int round = 0; round < 2000; ++round) {
        uint8_t notes[12];
        uint8_t shuffled[16];
        random = random * 1664525U + 1013904223U;
        const size_t count = 1 + (random >> 20) % 8;
        for (size_t i = 0; i < count; ++i) {
            random = random * 1664525U + 1013904223U;
            notes[i] = (uint8_t)(36 + (random >> 20) % 48);
        }
        for (size_t i = 0; i < count; ++i) {
            shuffled[i] = notes[count - 1 - i];
        }
        shuffled[count] = notes[0];
        shuffled[count + 1] = (uint8_t)(notes[0] + 12);
        const struct km_chord_found once = km_chord_of_notes(notes, count);
        const struct km_chord_found again = km_chord_of_notes(shuffled, count + 2);
        assert_int_equal(once.chord.root, again.chord.root);
        assert_int_equal(once.chord.quality, again.chord.quality);
        assert_int_equal(once.chord.bass, again.chord.bass);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_every_inversion_of_every_chord),
        cmocka_unit_test(the_bass_decides_between_names),
        cmocka_unit_test(hears_what_musicians_hear),
        cmocka_unit_test(no_notes_are_no_chord),
        cmocka_unit_test(hears_the_same_in_all_twelve_keys),
        cmocka_unit_test(doubt_grows_with_foreign_and_missing_notes),
        cmocka_unit_test(order_and_doublings_do_not_matter),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
