// SPDX-License-Identifier: MIT

// The words of a chord's quality, and the notes they stand for.

#include "base/check.h"
#include "base/text.h"
#include "theory/chord_private.h"

#include <string.h>

enum word_action {
    WORD_NONE, // Says nothing: "dom".
    WORD_MAJOR,
    WORD_MAJOR_SEVENTH,
    WORD_MINOR,
    WORD_DASH, // Minor, or lowers the number after it.
    WORD_DIMINISHED,
    WORD_HALF_DIMINISHED,
    WORD_AUGMENTED,
    WORD_PLUS, // Augmented, or raises the number after it.
    WORD_ALTERED,
    WORD_SUSPENDED,
    WORD_ADD,
    WORD_OMIT,
    WORD_OPEN,
    WORD_CLOSE,
    WORD_SPACE,
};

struct word {
    const char *text;
    uint8_t action; // enum word_action
    uint8_t value;  // Of a suspension its notes, of a minor the bytes to read (0: all).
};

static const struct word words[] = {
#define KM_CHORD_WORD(text, ACTION, value) {text, WORD_##ACTION, value},
#include "theory/chord_words.def"
#undef KM_CHORD_WORD
};

static const km_pitch_set quality_pitches[KM_CHORD_QUALITIES_COUNT] = {
#define KM_CHORD(NAME, symbol, pitches) pitches,
#include "theory/chords.def"
#undef KM_CHORD
};

enum {
    THIRDS = 0x018,
    FIFTH = 0x080,
    SEVENTHS = 0xC00,
    SIXTH_SEMITONES = 9,
    DEGREE_MAX = 13,
};

// Semitones of the major scale's degrees 1 to 13, and 10 for the seventh, as chords mean it.
static const int8_t degree_semitones[DEGREE_MAX + 1] = {0, 0, 2, 4, 5, 7, 9, 10, 0, 2, 4, 5, 7, 9};

static km_pitch_set bit_of(int semitones)
{
    return (km_pitch_set)(1U << ((semitones + 12) % 12));
}

static km_pitch_set without(km_pitch_set pitches, unsigned removed)
{
    return (km_pitch_set)(pitches & ~removed);
}

// Reads a number 1 to 13; 0, and the position stays, if there is none.
static int read_degree(const char *text, size_t *position)
{
    const char *const c = text + *position;
    if (c[0] == '1' && c[1] >= '0' && c[1] <= '3') {
        *position += 2;
        return 10 + (c[1] - '0');
    }
    if (c[0] < '1' || c[0] > '9') {
        return 0;
    }
    *position += 1;
    return c[0] - '0';
}

bool km_interval_read(const char *text, size_t *position, int *semitones)
{
    size_t end = *position;
    const int signs = km_accidentals_read(text, &end);
    const int degree = read_degree(text, &end);
    if (degree == 0) {
        return false;
    }
    // A bass or an added note counts from the major scale: its seventh is the major one.
    *semitones = (degree == 7 ? 11 : degree_semitones[degree]) + signs;
    *position = end;
    return true;
}

// A raised or lowered degree takes the place of the plain one.
static void alter(struct km_quality_reading *reading, int degree, int signs)
{
    km_pitch_set pitches = reading->pitches;
    const bool is_suspended = !(pitches & THIRDS);
    if (degree == 5) {
        pitches = without(pitches, FIFTH);
    } else if (degree == 9 || degree == 2) {
        pitches = is_suspended ? pitches : without(pitches, 0x004);
    } else if (degree == 11 || degree == 4) {
        pitches = is_suspended ? pitches : without(pitches, 0x020);
    } else if (degree == 13) {
        pitches = without(pitches, 0x200);
    }
    // "b7" is the minor seventh, "#7" the major one.
    const int semitones = degree == 7 ? 11 : degree_semitones[degree];
    reading->pitches =
        (km_pitch_set)(pitches | bit_of(semitones + signs - (degree == 7 && signs > 0)));
}

static void add_seventh(struct km_quality_reading *reading)
{
    if (reading->pitches & SEVENTHS) {
        return; // "ø7" has it already.
    }
    const int minor_or_diminished = reading->is_diminished ? 9 : 10;
    reading->pitches |= bit_of(reading->is_major ? 11 : minor_or_diminished);
}

// "7", "9", "13": the seventh, and what lies on it.
static void extend(struct km_quality_reading *reading, int degree)
{
    switch (degree) {
    case 13:
        add_seventh(reading);
        reading->pitches |= bit_of(2) | bit_of(9); // The eleventh is left out, as players do.
        break;
    case 11:
        add_seventh(reading);
        reading->pitches |= bit_of(2) | bit_of(5);
        break;
    case 9:
        add_seventh(reading);
        reading->pitches |= bit_of(2);
        break;
    case 7:
        add_seventh(reading);
        break;
    case 5:
        reading->pitches = without(reading->pitches, THIRDS);
        break;
    case 4:
        reading->pitches = (km_pitch_set)(without(reading->pitches, THIRDS) | bit_of(5));
        break;
    default:
        reading->pitches |= bit_of(degree_semitones[degree]);
        break;
    }
}

static bool can_extend(const struct km_quality_reading *reading, int degree)
{
    const bool is_first = !reading->has_words;
    switch (degree) {
    case 5:
        return is_first && reading->pitches == 0x091;
    case 2:
    case 4:
        return is_first;
    case 6:
    case 7:
    case 9:
    case 11:
    case 13:
        return true;
    default:
        return false;
    }
}

// A number: an extension, or after another one ("7(13)", "6/9", "7/9") one more note.
static bool read_number(const char *text, size_t *position, struct km_quality_reading *reading)
{
    size_t end = *position;
    int degree = read_degree(text, &end);
    const bool is_sixty_nine = degree == 6 && text[end] == '9';
    if (degree == 0 || !can_extend(reading, degree)) {
        return false;
    }
    const bool adds_one = reading->has_number ||
                          (reading->parentheses > 0 && (!reading->is_major || reading->slash_ends));
    if (is_sixty_nine) {
        reading->pitches |= bit_of(2) | bit_of(SIXTH_SEMITONES);
        ++end;
    } else if (degree >= 9 && adds_one) {
        reading->pitches |= bit_of(degree_semitones[degree]);
    } else {
        extend(reading, degree);
    }
    reading->has_number = true;
    *position = end;
    return true;
}

static bool read_alteration(const char *text, size_t *position, struct km_quality_reading *reading)
{
    size_t end = *position;
    const int signs = km_accidentals_read(text, &end);
    const bool has_signs = end != *position;
    const int degree = read_degree(text, &end);
    if (!has_signs || degree < 2 || degree == 8 || degree == 10 || degree == 12) {
        return false;
    }
    alter(reading, degree, signs);
    reading->has_number = true;
    *position = end;
    return true;
}

// "+" and "-": before a number they may raise or lower it.
static bool read_plus_or_dash(const char *text, size_t *position,
                              struct km_quality_reading *reading, int sign)
{
    size_t end = *position;
    const int degree = read_degree(text, &end);
    const bool alters = degree == 5 || (reading->has_number && (degree == 9 || degree > 10));
    if (alters) {
        alter(reading, degree, sign);
        *position = end;
        return true;
    }
    if (sign > 0) {
        alter(reading, 5, sign);
        return true;
    }
    if (reading->has_words) {
        return false;
    }
    reading->pitches = 0x089;
    return true;
}

static bool read_omitted(const char *text, size_t *position, struct km_quality_reading *reading)
{
    const int degree = read_degree(text, position);
    if (reading->keeps_omitted) {
        return degree == 1 || degree == 3 || degree == 5;
    }
    if (degree == 3) {
        reading->pitches = without(reading->pitches, THIRDS);
    } else if (degree == 5) {
        reading->pitches = without(reading->pitches, FIFTH);
    }
    return degree == 3 || degree == 5;
}

static bool read_added(const char *text, size_t *position, struct km_quality_reading *reading)
{
    int semitones = 0;
    if (!km_interval_read(text, position, &semitones)) {
        return false;
    }
    reading->pitches |= bit_of(semitones);
    reading->has_number = true;
    return true;
}

static void read_major(struct km_quality_reading *reading)
{
    // "C7M" is another way to write Cmaj7.
    if (reading->pitches & bit_of(10)) {
        reading->pitches = (km_pitch_set)(without(reading->pitches, 0x400) | bit_of(11));
    }
    reading->is_major = true;
}

// Words that are complete in themselves: the triad's kind.
static bool apply_triad(enum word_action action, struct km_quality_reading *reading)
{
    if (reading->has_words && action != WORD_AUGMENTED) {
        return false;
    }
    reading->is_diminished = action == WORD_DIMINISHED;
    if (action == WORD_MINOR) {
        reading->pitches = 0x089;
    } else if (action == WORD_DIMINISHED) {
        reading->pitches = 0x049;
    } else if (action == WORD_HALF_DIMINISHED) {
        reading->pitches = 0x449;
    } else {
        alter(reading, 5, 1);
    }
    return true;
}

static bool apply_parenthesis(bool opens, struct km_quality_reading *reading)
{
    reading->parentheses += opens ? 1 : -1;
    return reading->parentheses >= 0 && reading->parentheses <= 1;
}

static bool apply_word(const struct word *word, const char *text, size_t *position,
                       struct km_quality_reading *reading)
{
    switch ((enum word_action)word->action) {
    case WORD_MAJOR:
        read_major(reading);
        return true;
    case WORD_MAJOR_SEVENTH:
        read_major(reading);
        add_seventh(reading);
        return true;
    case WORD_DASH:
        return read_plus_or_dash(text, position, reading, -1);
    case WORD_PLUS:
        return read_plus_or_dash(text, position, reading, 1);
    case WORD_MINOR:
    case WORD_DIMINISHED:
    case WORD_HALF_DIMINISHED:
    case WORD_AUGMENTED:
        return apply_triad((enum word_action)word->action, reading);
    case WORD_ALTERED:
        reading->pitches = 0x55B;
        return true;
    case WORD_SUSPENDED:
        reading->pitches = (km_pitch_set)(without(reading->pitches, THIRDS) | word->value);
        return true;
    case WORD_ADD:
        return read_added(text, position, reading);
    case WORD_OMIT:
        return read_omitted(text, position, reading);
    case WORD_OPEN:
    case WORD_CLOSE:
        return apply_parenthesis(word->action == WORD_OPEN, reading);
    case WORD_NONE:
    case WORD_SPACE:
    default:
        return true;
    }
}

static const struct word *find_word(const char *text)
{
    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); ++i) {
        if (strncmp(text, words[i].text, strlen(words[i].text)) == 0) {
            return &words[i];
        }
    }
    return NULL;
}

static bool read_word(const char *text, size_t *position, struct km_quality_reading *reading)
{
    if (read_number(text, position, reading) || read_alteration(text, position, reading)) {
        return true;
    }
    const struct word *const word = find_word(text + *position);
    if (!word) {
        return false;
    }
    const bool is_part = word->action == WORD_MINOR && word->value > 0;
    size_t end = *position + (is_part ? word->value : strlen(word->text));
    if (!apply_word(word, text, &end, reading)) {
        return false;
    }
    *position = end;
    return true;
}

// A slash belongs to the quality if a number follows: "6/9", "7/b9"; or in "m/maj7".
static bool is_slash_within(const char *text, size_t position,
                            const struct km_quality_reading *reading)
{
    if (text[position] != '/' || reading->slash_ends) {
        return false;
    }
    size_t end = position + 1;
    int semitones = 0;
    return reading->has_number ? km_interval_read(text, &end, &semitones)
                               : text[end] == 'm' || text[end] == 'M';
}

void km_quality_read(const char *text, size_t *position, struct km_quality_reading *reading)
{
    KM_CHECK(text);
    KM_CHECK(position);
    while (text[*position] != '\0') {
        size_t end = *position + is_slash_within(text, *position, reading);
        const char first = text[end];
        if (!read_word(text, &end, reading)) {
            return;
        }
        *position = end;
        reading->has_words = reading->has_words || (first != ' ' && first != '(');
    }
}

enum km_chord_quality km_quality_of_pitches(km_pitch_set pitches)
{
    for (int i = 1; i < KM_CHORD_QUALITIES_COUNT; ++i) {
        if (quality_pitches[i] == pitches) {
            return (enum km_chord_quality)i;
        }
    }
    return KM_CHORD_NONE;
}

enum km_status km_quality_error(const char *what, const char *text, size_t position,
                                struct km_error *error)
{
    const size_t length = strlen(text);
    size_t start = 0;
    int character = 1;
    while (start < position) {
        km_text_next(text, length, &start);
        ++character;
    }
    if (position >= length) {
        return km_error_set(error, KM_ERROR_INVALID,
                            "%s \"%.40s\": ends too early, after character %d", what, text,
                            character - 1);
    }
    size_t end = position;
    km_text_next(text, length, &end);
    return km_error_set(error, KM_ERROR_INVALID,
                        "%s \"%.40s\": character %d, '%.*s', is not understood", what, text,
                        character, (int)(end - position), text + position);
}
