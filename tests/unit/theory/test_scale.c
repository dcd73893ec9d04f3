// SPDX-License-Identifier: MIT

#include "theory/scale.h"

#include "support/cmocka.h"

#include <stdio.h>
#include <string.h>

static struct km_key key_of(const char *text)
{
    struct km_key key = {0};
    bool has_mode = false;
    struct km_error error = {0};
    if (km_key_parse(text, &key, &has_mode, &error) != KM_OK) {
        fail_msg("%s", error.message);
    }
    return key;
}

static uint8_t pitch_class_of(const char *text)
{
    uint8_t pitch_class = 99;
    assert_int_equal(km_pitch_class_parse(text, &pitch_class, NULL), KM_OK);
    return pitch_class;
}

// Scales as textbooks write them; the table's sets and our spelling must both agree.
static void spells_scales_as_textbooks_do(void **state)
{
    (void)state;
    static const struct {
        const char *key;
        const char *notes;
    } scales[] = {
        {"C major", "C D E F G A B"},
        {"G major", "G A B C D E F#"},
        {"F major", "F G A Bb C D E"},
        {"Bb major", "Bb C D Eb F G A"},
        {"Eb major", "Eb F G Ab Bb C D"},
        {"Ab major", "Ab Bb C Db Eb F G"},
        {"Db major", "Db Eb F Gb Ab Bb C"},
        {"B major", "B C# D# E F# G# A#"},
        {"F# major", "F# G# A# B C# D# E#"},
        {"A minor", "A B C D E F G"},
        {"C minor", "C D Eb F G Ab Bb"},
        {"F minor", "F G Ab Bb C Db Eb"},
        {"Bb minor", "Bb C Db Eb F Gb Ab"},
        {"Eb minor", "Eb F Gb Ab Bb Cb Db"},
        {"C# minor", "C# D# E F# G# A B"},
        {"G# minor", "G# A# B C# D# E F#"},
        {"A harmonic minor", "A B C D E F G#"},
        {"C harmonic minor", "C D Eb F G Ab B"},
        {"G# harmonic minor", "G# A# B C# D# E F##"},
        {"D melodic minor", "D E F G A B C#"},
        {"D dorian", "D E F G A B C"},
        {"G dorian", "G A Bb C D E F"},
        {"E phrygian", "E F G A B C D"},
        {"C phrygian", "C Db Eb F G Ab Bb"},
        {"F lydian", "F G A B C D E"},
        {"Bb lydian", "Bb C D E F G A"},
        {"G mixolydian", "G A B C D E F"},
        {"Eb mixolydian", "Eb F G Ab Bb C Db"},
        {"B locrian", "B C D E F G A"},
        {"C locrian", "C Db Eb F Gb Ab Bb"},
        {"E phrygian dominant", "E F G# A B C D"},
        {"C lydian dominant", "C D E F# G A Bb"},
        {"C harmonic major", "C D E F G Ab B"},
        {"A hungarian minor", "A B C D# E F G#"},
        {"C major pentatonic", "C D E G A"},
        {"A minor pentatonic", "A C D E G"},
        {"C blues", "C Eb F Gb G Bb"},
    };
    for (size_t i = 0; i < sizeof(scales) / sizeof(scales[0]); ++i) {
        const struct km_key key = key_of(scales[i].key);
        char notes[64] = "";
        km_pitch_set heard = 0;
        for (int degree = 0; degree == 0 || km_key_degree(key, degree) != key.tonic; ++degree) {
            const uint8_t pitch_class = km_key_degree(key, degree);
            const size_t length = strlen(notes);
            snprintf(notes + length, sizeof(notes) - length, "%s%s", degree ? " " : "",
                     km_key_spell(key, pitch_class));
            heard |= (km_pitch_set)(1U << pitch_class);
        }
        assert_string_equal(notes, scales[i].notes);
        assert_int_equal(heard, km_key_pitches(key));
    }
}

// The circle of fifths from an independent source: C has none, each fifth up one sharp more.
static void knows_the_key_signatures(void **state)
{
    (void)state;
    static const char *const majors[] = {"Db", "Ab", "Eb", "Bb", "F", "C",
                                         "G",  "D",  "A",  "E",  "B", "F#"};
    static const char *const minors[] = {"Eb", "Bb", "F", "C",  "G",  "D",
                                         "A",  "E",  "B", "F#", "C#", "G#"};
    for (int i = 0; i < 12; ++i) {
        const struct km_key major = {pitch_class_of(majors[i]), KM_MODE_IONIAN};
        const struct km_key minor = {pitch_class_of(minors[i]), KM_MODE_AEOLIAN};
        assert_int_equal(km_key_signature(major), i - 5);
        assert_int_equal(km_key_signature(minor), i - 6);
        assert_string_equal(km_key_spell(major, major.tonic), majors[i]);
        assert_string_equal(km_key_spell(minor, minor.tonic), minors[i]);
    }
    assert_int_equal(km_key_signature(key_of("D dorian")), 0);
    assert_int_equal(km_key_signature(key_of("C phrygian")), -4);
    assert_int_equal(km_key_signature(key_of("F lydian")), 0);
}

static void spells_foreign_notes_as_usual(void **state)
{
    (void)state;
    static const struct {
        const char *key;
        uint8_t pitch_class;
        const char *name;
    } notes[] = {
        {"C minor", 3, "Eb"}, {"E major", 3, "D#"}, {"C major", 10, "Bb"}, {"C major", 6, "F#"},
        {"A minor", 8, "G#"}, {"D minor", 1, "C#"}, {"G minor", 6, "F#"},  {"Eb major", 9, "A"},
        {"C major", 8, "Ab"}, {"E minor", 3, "D#"}, {"C major", 1, "Db"},
    };
    for (size_t i = 0; i < sizeof(notes) / sizeof(notes[0]); ++i) {
        assert_string_equal(km_key_spell(key_of(notes[i].key), notes[i].pitch_class),
                            notes[i].name);
    }
}

// In every key: each name reads back as its pitch class, and a scale of seven uses every letter
// once.
static void spelling_reads_back_in_every_key(void **state)
{
    (void)state;
    for (int mode = 0; mode < KM_MODES_COUNT; ++mode) {
        for (uint8_t tonic = 0; tonic < 12; ++tonic) {
            const struct km_key key = {tonic, (uint8_t)mode};
            unsigned letters = 0;
            int size = 0;
            for (uint8_t pitch_class = 0; pitch_class < 12; ++pitch_class) {
                const char *const name = km_key_spell(key, pitch_class);
                assert_int_equal(pitch_class_of(name), pitch_class);
                if (km_key_pitches(key) >> pitch_class & 1U) {
                    letters |= 1U << (name[0] - 'A');
                    ++size;
                } else {
                    assert_true(strlen(name) <= 2);
                }
            }
            if (size == 7) {
                assert_int_equal(letters, 0x7F);
            }
            assert_true(strlen(km_key_spell(key, tonic)) <= 2);
            assert_in_range(km_key_signature(key) + 6, 0, 12);
        }
    }
}

static void degrees_go_on_beyond_the_octave(void **state)
{
    (void)state;
    for (int mode = 0; mode < KM_MODES_COUNT; ++mode) {
        const struct km_key key = {7, (uint8_t)mode};
        const int size = __builtin_popcount(km_key_pitches(key));
        uint8_t before = key.tonic;
        for (int degree = -3 * size; degree <= 3 * size; ++degree) {
            const uint8_t pitch_class = km_key_degree(key, degree);
            assert_int_equal(pitch_class, km_key_degree(key, degree + size));
            assert_true(km_key_pitches(key) >> pitch_class & 1U);
            assert_true(degree == -3 * size || pitch_class != before);
            before = pitch_class;
        }
    }
}

// The seven church modes are the major scale begun on each of its notes.
static void church_modes_are_rotations_of_major(void **state)
{
    (void)state;
    static const uint8_t starts[] = {0, 2, 4, 5, 7, 9, 11};
    for (int mode = 0; mode < 7; ++mode) {
        const struct km_key key = {starts[mode], (uint8_t)mode};
        assert_int_equal(km_key_pitches(key), 0xAB5);
        assert_int_equal(km_mode_is_minor((enum km_mode)mode),
                         (km_mode_pitches((enum km_mode)mode) & 0x018) == 0x008);
    }
}

static void reads_keys_as_people_write_them(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        uint8_t tonic;
        uint8_t mode;
        bool has_mode;
    } keys[] = {
        {"C", 0, KM_MODE_IONIAN, false},
        {"F#", 6, KM_MODE_IONIAN, false},
        {"c", 0, KM_MODE_AEOLIAN, true},
        {"C major", 0, KM_MODE_IONIAN, true},
        {"F# minor", 6, KM_MODE_AEOLIAN, true},
        {"f#m", 6, KM_MODE_AEOLIAN, true},
        {"Bb dorian", 10, KM_MODE_DORIAN, true},
        {"bb", 10, KM_MODE_AEOLIAN, true},
        {"am", 9, KM_MODE_AEOLIAN, true},
        {"Am", 9, KM_MODE_AEOLIAN, true},
        {"CM", 0, KM_MODE_IONIAN, true},
        {"a major", 9, KM_MODE_IONIAN, true},
        {"Ebmin", 3, KM_MODE_AEOLIAN, true},
        {"E-flat major", 3, KM_MODE_IONIAN, true},
        {"C sharp minor", 1, KM_MODE_AEOLIAN, true},
        {"C Harmonic Minor", 0, KM_MODE_HARMONIC_MINOR, true},
        {"D_mixolydian", 2, KM_MODE_MIXOLYDIAN, true},
        {"B\xE2\x99\xAD minor", 10, KM_MODE_AEOLIAN, true},
        {"F\xE2\x99\xAF lydian", 6, KM_MODE_LYDIAN, true},
        {"Cb", 11, KM_MODE_IONIAN, false},
        {"G blues", 7, KM_MODE_BLUES, true},
        {" D ", 2, KM_MODE_IONIAN, false},
    };
    for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); ++i) {
        struct km_key key = {99, 99};
        bool has_mode = !keys[i].has_mode;
        struct km_error error = {0};
        if (km_key_parse(keys[i].text, &key, &has_mode, &error) != KM_OK) {
            fail_msg("%s", error.message);
        }
        assert_int_equal(key.tonic, keys[i].tonic);
        assert_int_equal(key.mode, keys[i].mode);
        assert_int_equal(has_mode, keys[i].has_mode);
    }
}

static void refuses_what_is_no_key(void **state)
{
    (void)state;
    static const char *const texts[] = {"",       "H", "X major", "C majorish",
                                        "C#####", "5", "\xFF",    "Cbbb"};
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); ++i) {
        struct km_key key = {5, 3};
        bool has_mode = true;
        struct km_error error = {0};
        assert_int_not_equal(km_key_parse(texts[i], &key, &has_mode, &error), KM_OK);
        assert_true(key.tonic == 5 && key.mode == 3 && has_mode); // Untouched on failure.
        assert_true(error.message[0] != '\0');
    }
    struct km_error error = {0};
    enum km_mode mode = KM_MODE_LYDIAN;
    assert_int_equal(km_mode_parse("dorain", &mode, &error), KM_ERROR_NOT_FOUND);
    assert_non_null(strstr(error.message, "there are dorian, ")); // The nearest first.
    assert_int_equal(mode, KM_MODE_LYDIAN);
}

static void note_names_tell_their_octave(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        size_t end;
        int semitones;
    } names[] = {{"C4", 1, 0},
                 {"Cb4", 2, -1},
                 {"B#3", 2, 12},
                 {"Ebb", 3, 2},
                 {"F##", 3, 7},
                 {"Fx2", 2, 7},
                 {"g-1", 1, 7},
                 {"B\xE2\x99\xAD"
                  "2",
                  4, 10}};
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); ++i) {
        size_t position = 0;
        int semitones = 99;
        assert_true(km_note_name_read(names[i].text, &position, &semitones));
        assert_int_equal(position, names[i].end);
        assert_int_equal(semitones, names[i].semitones);
    }
    size_t position = 0;
    int semitones = 99;
    assert_false(km_note_name_read("h", &position, &semitones));
    assert_true(position == 0 && semitones == 99);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(spells_scales_as_textbooks_do),
        cmocka_unit_test(knows_the_key_signatures),
        cmocka_unit_test(spells_foreign_notes_as_usual),
        cmocka_unit_test(spelling_reads_back_in_every_key),
        cmocka_unit_test(degrees_go_on_beyond_the_octave),
        cmocka_unit_test(church_modes_are_rotations_of_major),
        cmocka_unit_test(reads_keys_as_people_write_them),
        cmocka_unit_test(refuses_what_is_no_key),
        cmocka_unit_test(note_names_tell_their_octave),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
