// SPDX-License-Identifier: MIT

// Which notes a melody may take over a chord, and where it may rest: as the textbooks have it.

#include "session/melody_private.h"
#include "support/cmocka.h"

// "C Eb G" as a set.
static km_pitch_set set_of(const char *names)
{
    km_pitch_set set = 0;
    for (size_t position = 0; names[position] != '\0';) {
        int semitones;
        if (names[position] == ' ') {
            ++position;
            continue;
        }
        assert_true(km_note_name_read(names, &position, &semitones));
        set = (km_pitch_set)(set | 1U << (unsigned int)((semitones + 12) % 12));
    }
    return set;
}

static struct km_key key_of(const char *name)
{
    struct km_key key = {0};
    bool has_mode = false;
    assert_int_equal(km_key_parse(name, &key, &has_mode, NULL), KM_OK);
    return key;
}

static struct km_chord chord_of(const char *symbol)
{
    struct km_chord chord = {0};
    assert_int_equal(km_chord_parse(symbol, &chord, NULL), KM_OK);
    return chord;
}

static void a_scale_takes_the_chords_notes_for_those_they_alter(void **state)
{
    (void)state;
    static const struct {
        const char *key, *chord, *scale;
    } rows[] = {
        {"C major", "C", "C D E F G A B"},
        {"C major", "D7", "C D E F# G A B"},      // V of V.
        {"C major", "A7", "C# D E F G A B"},      // V of ii: toward D.
        {"C major", "E7", "C D E F G# A B"},      // V of vi.
        {"C major", "C7", "C D E F G A Bb"},      // V of IV.
        {"C major", "B7", "C D# E F# G A B"},     // V of iii.
        {"C major", "Fm", "C D E F G Ab B"},      // Borrowed iv.
        {"C major", "Ab", "C D Eb F G Ab B"},     // Borrowed VI.
        {"C major", "Bb", "C D E F G A Bb"},      // Borrowed VII.
        {"C major", "C#dim7", "C# D E F G A Bb"}, // Leads to D.
        {"C minor", "Cm", "C D Eb F G Ab Bb"},
        {"C minor", "G7", "C D Eb F G Ab B"}, // The leading note, and home stays.
        {"A minor", "E", "A B C D E F G#"},
        {"D minor", "A7", "D E F G A Bb C#"},
        {"A minor", "Bb", "A Bb C D E F G"}, // The Neapolitan.
        {"C dorian", "G7", "C D Eb F G A B"},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); ++i) {
        const km_pitch_set found = km_melody_scale(key_of(rows[i].key), chord_of(rows[i].chord));
        if (found != set_of(rows[i].scale)) {
            print_error("%s over %s: %x\n", rows[i].chord, rows[i].key, (unsigned int)found);
        }
        assert_int_equal(found, set_of(rows[i].scale));
    }
}

static void a_scale_has_every_note_of_its_chord(void **state)
{
    (void)state;
    for (unsigned int mode = 0; mode < KM_MODES_COUNT; ++mode) {
        for (uint8_t root = 0; root < 12; ++root) {
            for (unsigned int quality = 1; quality < KM_CHORD_QUALITIES_COUNT; ++quality) {
                const struct km_chord chord = {root, (uint8_t)quality, root};
                const km_pitch_set scale =
                    km_melody_scale((struct km_key){0, (uint8_t)mode}, chord);
                assert_int_equal(km_chord_pitches(chord) & ~scale, 0);
            }
        }
    }
}

static void a_phrase_rests_as_its_cadence_says(void **state)
{
    (void)state;
    static const struct {
        const char *key, *chord;
        uint8_t cadence;
        bool is_end;
        const char *notes;
    } rows[] = {
        {"C major", "C", KM_CADENCE_AUTHENTIC, false, "C E"},
        {"C major", "C", KM_CADENCE_AUTHENTIC, true, "C"},
        {"A minor", "Am7", KM_CADENCE_MODAL, false, "A C"},
        {"A minor", "Am", KM_CADENCE_PLAGAL, true, "A"},
        {"C major", "G7", KM_CADENCE_HALF, false, "G B D"},
        {"C major", "F", KM_CADENCE_OPEN, false, "F A"}, // C would be home.
        {"C major", "Am", KM_CADENCE_DECEPTIVE, false, "A C"},
        {"C major", "Am", KM_CADENCE_EVADED, true, "A E"},
        {"C major", "N.C.", KM_CADENCE_AUTHENTIC, true, "C"}, // No chord: the key's.
    };
    static struct km_harmony_plan plan;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); ++i) {
        plan.key = key_of(rows[i].key);
        const km_pitch_set found =
            km_melody_rest(&plan, chord_of(rows[i].chord), rows[i].cadence, rows[i].is_end);
        assert_int_equal(found, set_of(rows[i].notes));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_scale_takes_the_chords_notes_for_those_they_alter),
        cmocka_unit_test(a_scale_has_every_note_of_its_chord),
        cmocka_unit_test(a_phrase_rests_as_its_cadence_says),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
