// SPDX-License-Identifier: MIT

#include "theory/scale.h"

#include "base/check.h"
#include "base/text.h"
#include "theory/chord_private.h"

#include <string.h>

struct mode_row {
    km_pitch_set pitches;
    uint8_t parent_steps;
    bool is_minor;
};

static const struct mode_row modes[] = {
#define KM_MODE(NAME, name, pitches, parent_steps, is_minor) {pitches, parent_steps, is_minor},
#include "theory/modes.def"
#undef KM_MODE
};

// The modes' names, in their order, then other words for them.
static const char *const mode_words[] = {
#define KM_MODE(NAME, name, pitches, parent_steps, is_minor) name,
#include "theory/modes.def"
#undef KM_MODE
    "major",
    "maj",
    "minor",
    "min",
    "natural minor",
    "jazz minor",
    "pentatonic",
    "pentatonic major",
    "pentatonic minor",
    "minor blues",
    "whole-tone",
};

static const uint8_t mode_word_meanings[] = {
#define KM_MODE(NAME, name, pitches, parent_steps, is_minor) KM_MODE_##NAME,
#include "theory/modes.def"
#undef KM_MODE
    KM_MODE_IONIAN,           KM_MODE_IONIAN,
    KM_MODE_AEOLIAN,          KM_MODE_AEOLIAN,
    KM_MODE_AEOLIAN,          KM_MODE_MELODIC_MINOR,
    KM_MODE_MAJOR_PENTATONIC, KM_MODE_MAJOR_PENTATONIC,
    KM_MODE_MINOR_PENTATONIC, KM_MODE_BLUES,
    KM_MODE_WHOLE_TONE,
};

enum { MODE_WORDS_COUNT = sizeof(mode_words) / sizeof(mode_words[0]) };

_Static_assert(sizeof(mode_word_meanings) == MODE_WORDS_COUNT, "every word needs its meaning");

const char *const *km_mode_names(void)
{
    return mode_words;
}

enum km_status km_mode_parse(const char *text, enum km_mode *mode, struct km_error *error)
{
    KM_CHECK(text);
    KM_CHECK(mode);
    if (strcmp(text, "M") == 0) { // Here alone case matters.
        *mode = KM_MODE_IONIAN;
        return KM_OK;
    }
    if (strcmp(text, "m") == 0) {
        *mode = KM_MODE_AEOLIAN;
        return KM_OK;
    }
    const int word = km_text_find(text, mode_words, MODE_WORDS_COUNT);
    if (word < 0) {
        char list[256];
        km_text_list_nearest(list, sizeof(list), text, mode_words, KM_MODES_COUNT);
        return km_error_set(error, KM_ERROR_NOT_FOUND,
                            "mode \"%.40s\" does not exist; there are %s", text, list);
    }
    *mode = (enum km_mode)mode_word_meanings[word];
    return KM_OK;
}

km_pitch_set km_mode_pitches(enum km_mode mode)
{
    KM_CHECK((unsigned)mode < KM_MODES_COUNT);
    return modes[mode].pitches;
}

bool km_mode_is_minor(enum km_mode mode)
{
    KM_CHECK((unsigned)mode < KM_MODES_COUNT);
    return modes[mode].is_minor;
}

km_pitch_set km_key_pitches(struct km_key key)
{
    KM_CHECK(key.tonic < 12);
    const uint32_t above = (uint32_t)km_mode_pitches((enum km_mode)key.mode) << key.tonic;
    return (km_pitch_set)((above | above >> 12) & 0xFFFU);
}

uint8_t km_key_degree(struct km_key key, int degree)
{
    KM_CHECK(key.tonic < 12);
    const km_pitch_set pitches = km_mode_pitches((enum km_mode)key.mode);
    int size = 0;
    uint8_t steps[12];
    for (uint8_t i = 0; i < 12; ++i) {
        if (pitches >> i & 1U) {
            steps[size++] = i;
        }
    }
    const int index = degree % size;
    return (uint8_t)((key.tonic + steps[index < 0 ? index + size : index]) % 12);
}

// Reads one sign at `position`; returns its size in bytes, 0 if there is none.
static size_t read_sign(const char *text, size_t position, int *semitones)
{
    const char *const sign = text + position;
    size_t size = 0;
    const uint32_t code = *sign ? km_text_next(sign, strnlen(sign, 4), &size) : 0;
    switch (code) {
    case 'b':
    case 0x266D: // Music flat sign
        *semitones = -1;
        return size;
    case '#':
    case 0x266F: // Music sharp sign
        *semitones = 1;
        return size;
    case 'x':
    case 0x1D12A: // Double sharp
        *semitones = 2;
        return size;
    case 0x1D12B: // Double flat
        *semitones = -2;
        return size;
    case 0x266E: // Natural
        *semitones = 0;
        return size;
    default:
        return 0;
    }
}

int km_accidentals_read(const char *text, size_t *position)
{
    int sum = 0;
    for (int signs = 0; signs < 2; ++signs) {
        int sign = 0;
        *position += read_sign(text, *position, &sign);
        sum += sign;
    }
    return sum;
}

bool km_note_name_read(const char *text, size_t *position, int *semitones)
{
    static const uint8_t letters[] = {9, 11, 0, 2, 4, 5, 7}; // A to G
    const char letter = text[*position];
    const bool is_small = letter >= 'a' && letter <= 'g';
    if (!is_small && (letter < 'A' || letter > 'G')) {
        return false;
    }
    int sum = letters[letter - (is_small ? 'a' : 'A')];
    size_t end = *position + 1;
    sum += km_accidentals_read(text, &end);
    *position = end;
    *semitones = sum;
    return true;
}

static uint8_t pitch_class_of(int semitones)
{
    return (uint8_t)((semitones + 24) % 12);
}

enum km_status km_pitch_class_parse(const char *text, uint8_t *pitch_class, struct km_error *error)
{
    KM_CHECK(text);
    KM_CHECK(pitch_class);
    size_t position = 0;
    int semitones = 0;
    if (!km_note_name_read(text, &position, &semitones) || text[position] != '\0') {
        return km_error_set(error, KM_ERROR_INVALID,
                            "note \"%.40s\": expected a letter A to G with # or b, as in F# or Bb",
                            text);
    }
    *pitch_class = pitch_class_of(semitones);
    return KM_OK;
}

static bool is_separator(char c)
{
    return c == ' ' || c == '-' || c == '_';
}

static size_t skip_separators(const char *text, size_t position)
{
    while (is_separator(text[position])) {
        ++position;
    }
    return position;
}

// Moves past "sharp" or "flat" and returns their semitones.
static int read_sign_word(const char *text, size_t *position)
{
    static const char *const words[] = {"sharp", "flat"};
    const char *const start = text + *position;
    for (int i = 0; i < 2; ++i) {
        const size_t length = strlen(words[i]);
        if (strncmp(start, words[i], length) == 0 &&
            (start[length] == '\0' || is_separator(start[length]))) {
            *position = skip_separators(text, *position + length);
            return i == 0 ? 1 : -1;
        }
    }
    return 0;
}

enum km_status km_key_parse(const char *text, struct km_key *key, bool *has_mode,
                            struct km_error *error)
{
    KM_CHECK(text);
    KM_CHECK(key);
    KM_CHECK(has_mode);
    size_t position = skip_separators(text, 0);
    const bool is_small = text[position] >= 'a' && text[position] <= 'g';
    int semitones = 0;
    if (!km_note_name_read(text, &position, &semitones)) {
        return km_error_set(
            error, KM_ERROR_INVALID,
            "key \"%.40s\": expected a note, A to G with # or b, and a mode if you like, as in "
            "\"F# minor\"",
            text);
    }
    position = skip_separators(text, position);
    semitones += read_sign_word(text, &position);

    enum km_mode mode = is_small ? KM_MODE_AEOLIAN : KM_MODE_IONIAN;
    const bool is_named = text[position] != '\0';
    if (is_named) {
        const enum km_status status = km_mode_parse(text + position, &mode, error);
        if (status != KM_OK) {
            return status;
        }
    }
    key->tonic = pitch_class_of(semitones);
    key->mode = (uint8_t)mode;
    *has_mode = is_named || is_small;
    return KM_OK;
}

// Fifths of a mode's tonic above that of its parent major scale: -1 for lydian to 5 for locrian.
static int fifths_above_parent(enum km_mode mode)
{
    const int fifths = modes[mode].parent_steps * 7 % 12;
    return fifths > 5 ? fifths - 12 : fifths;
}

int km_key_signature(struct km_key key)
{
    KM_CHECK(key.tonic < 12);
    KM_CHECK(key.mode < KM_MODES_COUNT);
    const int parent = key.tonic + 12 - modes[key.mode].parent_steps;
    const int fifths = parent * 7 % 12; // 0 to 11 sharps
    const int sharps_max = fifths_above_parent((enum km_mode)key.mode) > 1 ? 5 : 6;
    return fifths > sharps_max ? fifths - 12 : fifths;
}

// Names along the line of fifths, from 13 below C (Dbb is 12 below) to 17 above (A##).
enum { LINE_LOWEST = -13, LINE_SIZE = 31 };

static const char *const line_of_fifths[LINE_SIZE] = {
    "Gbb", "Dbb", "Abb", "Ebb", "Bbb", "Fb",  "Cb",  "Gb",  "Db",  "Ab", "Eb",
    "Bb",  "F",   "C",   "G",   "D",   "A",   "E",   "B",   "F#",  "C#", "G#",
    "D#",  "A#",  "E#",  "B#",  "F##", "C##", "G##", "D##", "A##",
};

const char *km_key_spell(struct km_key key, uint8_t pitch_class)
{
    KM_CHECK(pitch_class < 12);
    const int tonic = km_key_signature(key) + fifths_above_parent((enum km_mode)key.mode);
    const int interval = (pitch_class + 12 - key.tonic) % 12;
    const km_pitch_set pitches = modes[key.mode].pitches;
    // Six semitones are a flat fifth in a minor mode that has its fourth (locrian, blues).
    const bool has_flat_fifth = modes[key.mode].is_minor && (pitches >> 5 & 3U) == 3U;
    int fifths = interval * 7 % 12; // From the lowered second, 5 below, to the raised fourth.
    fifths -= fifths > (has_flat_fifth ? 5 : 6) ? 12 : 0;

    int place = tonic + fifths;
    if (!(pitches >> interval & 1U)) {
        place -= place > 12 ? 12 : 0; // B# is the last name without a double sharp,
        place += place < -8 ? 12 : 0; // Fb the last without a double flat.
    }
    return line_of_fifths[place - LINE_LOWEST];
}
