// SPDX-License-Identifier: MIT

#include "theory/chord.h"

#include "base/check.h"
#include "theory/chord_private.h"

#include <stdio.h>
#include <string.h>

struct quality_row {
    const char *symbol;
    km_pitch_set pitches;
};

static const struct quality_row qualities[] = {
#define KM_CHORD(NAME, symbol, pitches) {symbol, pitches},
#include "theory/chords.def"
#undef KM_CHORD
};

_Static_assert(KM_CHORD_QUALITIES_COUNT <= 128, "the table of chords keeps 7 bits of quality");

const char *km_chord_quality_symbol(enum km_chord_quality quality)
{
    KM_CHECK((unsigned)quality < KM_CHORD_QUALITIES_COUNT);
    return qualities[quality].symbol;
}

km_pitch_set km_chord_pitches(struct km_chord chord)
{
    KM_CHECK(chord.quality < KM_CHORD_QUALITIES_COUNT);
    KM_CHECK(chord.root < 12 && chord.bass < 12);
    if (chord.quality == KM_CHORD_NONE) {
        return 0;
    }
    const uint32_t above = (uint32_t)qualities[chord.quality].pitches << chord.root;
    return (km_pitch_set)(((above | above >> 12) & 0xFFFU) | 1U << chord.bass);
}

static bool is_no_chord(const char *text)
{
    static const char *const spellings[] = {"N.C.", "NC", "N.C", "n.c.", "nc", "N", "No chord"};
    for (size_t i = 0; i < sizeof(spellings) / sizeof(spellings[0]); ++i) {
        if (strcmp(text, spellings[i]) == 0) {
            return true;
        }
    }
    return false;
}

// Reads a root or bass: capital letters only, since a small one may be an "m" or "b" gone wrong,
// or mean a minor chord.
static bool read_note(const char *text, size_t *position, uint8_t *pitch_class)
{
    int semitones = 0;
    if (text[*position] >= 'a' || !km_note_name_read(text, position, &semitones)) {
        return false;
    }
    *pitch_class = (uint8_t)((semitones + 24) % 12);
    return true;
}

// Reads "/E", or where a colon divides root and quality (Harte's syntax), "/b3".
static bool read_bass(const char *text, size_t *position, bool has_colon, struct km_chord *chord)
{
    if (text[*position] != '/') {
        return true;
    }
    ++*position;
    int semitones = 0;
    if (has_colon && km_interval_read(text, position, &semitones)) {
        chord->bass = (uint8_t)((chord->root + semitones + 24) % 12);
        return true;
    }
    return read_note(text, position, &chord->bass);
}

enum km_status km_chord_parse(const char *text, struct km_chord *chord, struct km_error *error)
{
    KM_CHECK(text);
    KM_CHECK(chord);
    if (is_no_chord(text)) {
        *chord = (struct km_chord){0};
        return KM_OK;
    }
    struct km_chord read = {0};
    size_t position = 0;
    if (!read_note(text, &position, &read.root)) {
        return km_error_set(error, KM_ERROR_INVALID,
                            "chord \"%.40s\": expected a capital letter A to G first, as in Cm7 or "
                            "F#dim, or N.C.",
                            text);
    }
    const bool has_colon = text[position] == ':';
    position += has_colon;
    struct km_quality_reading reading = {.pitches = 0x091, .slash_ends = has_colon};
    km_quality_read(text, &position, &reading);
    read.bass = read.root;
    if (!read_bass(text, &position, has_colon, &read) || reading.parentheses != 0 ||
        text[position] != '\0') {
        return km_quality_error("chord", text, position, error);
    }
    const enum km_chord_quality quality = km_quality_of_pitches(reading.pitches);
    if (quality == KM_CHORD_NONE) {
        return km_error_set(error, KM_ERROR_UNSUPPORTED,
                            "chord \"%.40s\": no chord in the table has just these notes", text);
    }
    read.quality = (uint8_t)quality;
    *chord = read;
    return KM_OK;
}

static int place_in(const char *letters, char letter)
{
    const char *const found = strchr(letters, letter);
    KM_CHECK(found);
    return (int)(found - letters);
}

// Letters from the root up to a note `semitones` above it, as its place in the chord asks.
static int letter_steps(km_pitch_set pitches, int semitones)
{
    static const int8_t steps[12] = {0, 1, 1, 2, 2, 3, 4, 4, 5, 5, 6, 6};
    const bool has_fifth = pitches >> 7 & 1U;
    if (semitones == 6 && has_fifth) {
        return 3; // A raised eleventh
    }
    if (semitones == 8 && !has_fifth) {
        return 4; // A raised fifth
    }
    if (semitones == 9 && pitches == 0x249) {
        return 6; // A diminished seventh
    }
    if (semitones == 3 && (pitches >> 4 & 1U)) {
        return 1; // A raised ninth
    }
    return steps[semitones];
}

// Writes a bass as its place in the chord spells it (the third of Cdim is Eb, its fifth Gb), if
// that takes at most one sign; else as the key does.
static void write_bass(struct km_chord chord, struct km_key key, char name[4])
{
    static const char letters[] = "CDEFGAB";
    static const int8_t naturals[] = {0, 2, 4, 5, 7, 9, 11};
    const char *const by_key = km_key_spell(key, chord.bass);
    const km_pitch_set pitches = qualities[chord.quality].pitches;
    const int semitones = (chord.bass + 12 - chord.root) % 12;
    const char root = km_key_spell(key, chord.root)[0];
    const int letter = (place_in(letters, root) + letter_steps(pitches, semitones)) % 7;
    const int sign = (chord.bass - naturals[letter] + 18) % 12 - 6;
    if (!(pitches >> semitones & 1U) || sign < -1 || sign > 1) {
        (void)snprintf(name, 4, "%s", by_key);
        return;
    }
    name[0] = letters[letter];
    name[1] = "b\0#"[sign + 1];
    name[2] = '\0';
}

size_t km_chord_format(struct km_chord chord, struct km_key key, char symbol[KM_CHORD_SYMBOL_SIZE])
{
    KM_CHECK(chord.quality < KM_CHORD_QUALITIES_COUNT);
    KM_CHECK(chord.root < 12 && chord.bass < 12);
    const char *const quality = qualities[chord.quality].symbol;
    int length = 0;
    if (chord.quality == KM_CHORD_NONE) {
        length = snprintf(symbol, KM_CHORD_SYMBOL_SIZE, "%s", quality);
    } else if (chord.bass == chord.root) {
        length =
            snprintf(symbol, KM_CHORD_SYMBOL_SIZE, "%s%s", km_key_spell(key, chord.root), quality);
    } else {
        char bass[4];
        write_bass(chord, key, bass);
        length = snprintf(symbol, KM_CHORD_SYMBOL_SIZE, "%s%s/%s", km_key_spell(key, chord.root),
                          quality, bass);
    }
    KM_CHECK(length > 0 && length < KM_CHORD_SYMBOL_SIZE);
    return (size_t)length;
}
