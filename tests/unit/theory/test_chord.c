// SPDX-License-Identifier: MIT

#include "theory/chord.h"

#include "support/cmocka.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct km_chord parsed(const char *text)
{
    struct km_chord chord = {99, 99, 99};
    struct km_error error = {0};
    if (km_chord_parse(text, &chord, &error) != KM_OK) {
        fail_msg("%s", error.message);
    }
    return chord;
}

// Names of notes, apart by spaces, as a set.
static km_pitch_set notes_of(const char *names)
{
    km_pitch_set set = 0;
    for (const char *name = names; *name; name += strcspn(name, " "), name += strspn(name, " ")) {
        char one[8] = "";
        memcpy(one, name, strcspn(name, " "));
        uint8_t pitch_class = 0;
        assert_int_equal(km_pitch_class_parse(one, &pitch_class, NULL), KM_OK);
        set |= (km_pitch_set)(1U << pitch_class);
    }
    return set;
}

// Symbols and their notes as fake books print them.
static const struct {
    const char *symbol;
    const char *notes;
} symbols_and_notes[] = {
    {"C", "C E G"},
    {"CM", "C E G"},
    {"Cmaj", "C E G"},
    {"C major", "C E G"},
    {"Cm", "C Eb G"},
    {"C minor", "C Eb G"},
    {"Cmin", "C Eb G"},
    {"C-", "C Eb G"},
    {"Cdim", "C Eb Gb"},
    {"Co", "C Eb Gb"},
    {"C\xC2\xB0", "C Eb Gb"},
    {"Caug", "C E G#"},
    {"C+", "C E G#"},
    {"C5", "C G"},
    {"Csus2", "C D G"},
    {"Csus4", "C F G"},
    {"Csus", "C F G"},
    {"Cmaj7", "C E G B"},
    {"CMaj7", "C E G B"},
    {"CM7", "C E G B"},
    {"Cmajor7", "C E G B"},
    {"Cma7", "C E G B"},
    {"C\xCE\x94", "C E G B"},
    {"C\xCE\x94"
     "7",
     "C E G B"},
    {"C^7", "C E G B"},
    {"C7M", "C E G B"},
    {"DbMaj7", "Db F Ab C"}, // Major, not dominant.
    {"C7", "C E G Bb"},
    {"Cdom7", "C E G Bb"},
    {"Cm7", "C Eb G Bb"},
    {"Cmi7", "C Eb G Bb"},
    {"C-7", "C Eb G Bb"},
    {"CmMaj7", "C Eb G B"},
    {"Cm(maj7)", "C Eb G B"},
    {"Cm/maj7", "C Eb G B"},
    {"CmM7", "C Eb G B"},
    {"Cm(#7)", "C Eb G B"},
    {"C(b7)", "C E G Bb"},
    {"C-\xCE\x94"
     "7",
     "C Eb G B"},
    {"Cm7b5", "C Eb Gb Bb"},
    {"Cm7(b5)", "C Eb Gb Bb"},
    {"C-7b5", "C Eb Gb Bb"},
    {"C\xC3\xB8", "C Eb Gb Bb"},
    {"C\xC3\xB8"
     "7",
     "C Eb Gb Bb"},
    {"Cm7-5", "C Eb Gb Bb"},
    {"Cdim7", "C Eb Gb A"},
    {"Co7", "C Eb Gb A"},
    {"F#dim7", "F# A C Eb"},
    {"C6", "C E G A"},
    {"Cm6", "C Eb G A"},
    {"C6/9", "C E G A D"},
    {"C69", "C E G A D"},
    {"Cm6/9", "C Eb G A D"},
    {"Cadd9", "C D E G"},
    {"C2", "C D E G"},
    {"Cadd2", "C D E G"},
    {"C(add9)", "C D E G"},
    {"Bbadd9", "Bb C D F"},
    {"Cmadd9", "C D Eb G"},
    {"C7sus4", "C F G Bb"},
    {"C7sus", "C F G Bb"},
    {"C9", "C E G Bb D"},
    {"C7/9", "C E G Bb D"},
    {"C9sus4", "C F G Bb D"},
    {"Cmaj9", "C E G B D"},
    {"Cm9", "C Eb G Bb D"},
    {"C11", "C E G Bb D F"},
    {"Cm11", "C Eb G Bb D F"},
    {"C13", "C E G Bb D A"},
    {"Cm13", "C Eb G Bb D A"},
    {"Cmaj13", "C E G B D A"},
    {"C7b5", "C E Gb Bb"},
    {"C7#5", "C E G# Bb"},
    {"C+7", "C E G# Bb"},
    {"Caug7", "C E G# Bb"},
    {"C7+", "C E G# Bb"},
    {"Cmaj7#5", "C E G# B"},
    {"C7b9", "C E G Bb Db"},
    {"C7-9", "C E G Bb Db"},
    {"C7(b9)", "C E G Bb Db"},
    {"C7/b9", "C E G Bb Db"},
    {"C7\xE2\x99\xAD"
     "9",
     "C E G Bb Db"},
    {"C7#9", "C E G Bb D#"},
    {"C7+9", "C E G Bb D#"},
    {"C7#11", "C E G Bb F#"},
    {"C7b13", "C E G Bb Ab"},
    {"C7(b9,b13)", "C E G Bb Db Ab"},
    {"C13#11", "C E G Bb D F# A"},
    {"C13b9", "C E G Bb Db A"},
    {"Cmaj7#11", "C E G B F#"},
    {"C7b9sus4", "C F G Bb Db"},
    {"C/E", "E G C"},
    {"C/D", "C D E G"},
    {"Am7/G", "G A C E"},
    {"D/F#", "F# A D"},
    {"Eb/Bb", "Bb Eb G"},
    {"C7/Bb", "C E G Bb"},
    {"C6/9/E", "C E G A D"},
    {"B\xE2\x99\xADmaj7", "Bb D F A"},
    {"F\xE2\x99\xAFm7", "F# A C# E"},
    {"Ebb7", "D F# A C"},
    {"F##m", "G Bb D"},
    {"A:min7", "A C E G"},
    {"A:maj(9)", "A B C# E"},
    {"A:hdim7", "A C Eb G"},
    {"N.C.", ""},
    {"NC", ""},
};

static void reads_symbols_as_people_write_them(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(symbols_and_notes) / sizeof(symbols_and_notes[0]); ++i) {
        const km_pitch_set notes = km_chord_pitches(parsed(symbols_and_notes[i].symbol));
        if (notes != notes_of(symbols_and_notes[i].notes)) {
            fail_msg("%s: %03X, not %s", symbols_and_notes[i].symbol, notes,
                     symbols_and_notes[i].notes);
        }
    }
    assert_int_equal(parsed("D/F#").bass, 6);
    assert_int_equal(parsed("D/F#").root, 2);
    assert_int_equal(parsed("A:min7/b3").bass, 0);
}

// The writer's text means the same chord again, whatever root, quality, bass and key.
static void symbols_read_back_in_every_key(void **state)
{
    (void)state;
    for (int quality = 0; quality < KM_CHORD_QUALITIES_COUNT; ++quality) {
        for (int i = 0; i < 12 * 12 * 12 * KM_MODES_COUNT; i += 13) {
            const struct km_key key = {(uint8_t)(i % 12), (uint8_t)(i / 12 % KM_MODES_COUNT)};
            struct km_chord chord = {(uint8_t)(i / 12 / KM_MODES_COUNT % 12), (uint8_t)quality,
                                     (uint8_t)(i / 144 / KM_MODES_COUNT)};
            if (quality == KM_CHORD_NONE) {
                chord.root = chord.bass = 0;
            }
            char symbol[KM_CHORD_SYMBOL_SIZE];
            const size_t length = km_chord_format(chord, key, symbol);
            assert_int_equal(length, strlen(symbol));
            const struct km_chord again = parsed(symbol);
            if (memcmp(&again, &chord, sizeof(chord)) != 0) {
                fail_msg("%s is read as another chord", symbol);
            }
        }
    }
}

static void basses_are_spelled_as_chord_notes(void **state)
{
    (void)state;
    static const char *const symbols[] = {"C/E",    "Cdim/Gb", "Cm/Eb", "D7/F#", "Am7/G", "F#7/A#",
                                          "Abm/Cb", "C7/Bb",   "E/G#",  "Bb/D",  "Ebm/Gb"};
    const struct km_key key = {0, KM_MODE_IONIAN};
    for (size_t i = 0; i < sizeof(symbols) / sizeof(symbols[0]); ++i) {
        char symbol[KM_CHORD_SYMBOL_SIZE];
        km_chord_format(parsed(symbols[i]), key, symbol);
        assert_string_equal(symbol, symbols[i]);
    }
}

static void spells_symbols_as_the_key_does(void **state)
{
    (void)state;
    char symbol[KM_CHORD_SYMBOL_SIZE];
    km_chord_format((struct km_chord){3, KM_CHORD_MAJOR, 3}, (struct km_key){0, KM_MODE_AEOLIAN},
                    symbol);
    assert_string_equal(symbol, "Eb");
    km_chord_format((struct km_chord){3, KM_CHORD_DIMINISHED_SEVENTH, 3},
                    (struct km_key){4, KM_MODE_IONIAN}, symbol);
    assert_string_equal(symbol, "D#dim7");
}

static void every_quality_has_its_own_notes(void **state)
{
    (void)state;
    for (int a = 1; a < KM_CHORD_QUALITIES_COUNT; ++a) {
        const km_pitch_set pitches = km_chord_pitches((struct km_chord){0, (uint8_t)a, 0});
        assert_true(pitches & 1U);
        for (int b = a + 1; b < KM_CHORD_QUALITIES_COUNT; ++b) {
            assert_int_not_equal(pitches, km_chord_pitches((struct km_chord){0, (uint8_t)b, 0}));
        }
    }
}

static void errors_name_the_character(void **state)
{
    (void)state;
    static const struct {
        const char *symbol;
        const char *says;
    } bad[] = {
        {"Cmaj7x", "character 6, 'x'"},
        {"C\xE2\x99\xAFm\xE2\x82\xAC", "character 4, '\xE2\x82\xAC'"}, // Characters, not bytes.
        {"C/", "ends too early"},
        {"C/h", "character 3, 'h'"},
        {"C(b5", "ends too early"},
        {"C)", "character 2, ')'"},
        {"Cmm", "character 3, 'm'"},
        {"C14", "character 2, '1'"},
        {"Cadd", "character 2, 'a'"},
        {"H7", "capital letter"},
        {"cm7", "capital letter"},
        {"", "capital letter"},
        {"\xFF", "capital letter"},
        {"C7no3", "no chord in the table"},
        {"C/EE", "character 4, 'E'"},
    };
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); ++i) {
        struct km_chord chord = {7, 7, 7};
        struct km_error error = {0};
        assert_int_not_equal(km_chord_parse(bad[i].symbol, &chord, &error), KM_OK);
        if (!strstr(error.message, bad[i].says)) {
            fail_msg("\"%s\": %s", bad[i].symbol, error.message);
        }
        assert_true(chord.root == 7 && chord.quality == 7 && chord.bass == 7);
        assert_int_not_equal(km_chord_parse(bad[i].symbol, &chord, NULL), KM_OK);
    }
}

// Chord labels of 890 pop songs, in Harte's syntax. Labels of less than a chord ("1", "5(b7)") and
// a few clusters have no line in our table.
static void reads_the_chords_of_pop_songs(void **state)
{
    (void)state;
    const char *const data = getenv("KMIDI_DATA");
    char path[4096];
    int labels = 0;
    int understood = 0;
    for (int song = 0; song < 2000; ++song) {
        snprintf(path, sizeof(path), "%s/billboard/%04d.txt", data ? data : ".", song);
        FILE *const file = fopen(path, "r");
        char line[4096];
        while (file && fgets(line, sizeof(line), file)) {
            char *rest = NULL;
            for (char *word = strtok_r(line, " \t\r\n", &rest); word;
                 word = strtok_r(NULL, " \t\r\n", &rest)) {
                const bool is_label = word[0] >= 'A' && word[0] <= 'G' && strchr(word, ':');
                struct km_chord chord;
                labels += is_label;
                understood += is_label && km_chord_parse(word, &chord, NULL) == KM_OK;
            }
        }
        if (file) {
            fclose(file);
        }
    }
    if (labels == 0) {
        print_message("KMIDI_DATA/billboard is not there: left out\n");
        skip();
    }
    print_message("%d of %d labels understood\n", understood, labels);
    assert_true(understood >= labels / 100 * 97);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_symbols_as_people_write_them),
        cmocka_unit_test(symbols_read_back_in_every_key),
        cmocka_unit_test(basses_are_spelled_as_chord_notes),
        cmocka_unit_test(spells_symbols_as_the_key_does),
        cmocka_unit_test(every_quality_has_its_own_notes),
        cmocka_unit_test(errors_name_the_character),
        cmocka_unit_test(reads_the_chords_of_pop_songs),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
