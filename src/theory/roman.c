// SPDX-License-Identifier: MIT

// Reading roman numerals.

#include "theory/roman.h"

#include "base/check.h"
#include "base/text.h"
#include "theory/chord_private.h"
#include "theory/roman_private.h"

#include <string.h>

enum { MAJOR_SCALE = 0xAB5, MINOR_SCALE = 0x5AD, SEGMENTS_MAX = 4, FIGURES_SIZE = 8 };

static int steps_of_degree(km_pitch_set scale, int degree)
{
    int steps = 0;
    for (int left = degree; left > 0; --left) {
        do {
            ++steps;
        } while (!(scale >> steps & 1U));
    }
    return steps;
}

static int count_of(km_pitch_set set)
{
    int count = 0;
    for (; set != 0; set = (km_pitch_set)(set & (set - 1))) {
        ++count;
    }
    return count;
}

uint8_t km_numeral_root(struct km_numeral numeral, struct km_key key)
{
    KM_CHECK(numeral.degree >= 0 && numeral.degree < 7);
    const enum km_mode mode = (enum km_mode)key.mode;
    km_pitch_set scale = km_mode_pitches(mode);
    if (count_of(scale) != 7) {
        scale = km_mode_is_minor(mode) ? MINOR_SCALE : MAJOR_SCALE;
    }
    const int own = steps_of_degree(scale, numeral.degree);
    const int major = steps_of_degree(MAJOR_SCALE, numeral.degree);
    int steps = own;
    if (numeral.accidental < 0) {
        steps = major + numeral.accidental;
    } else if (numeral.accidental > 0) {
        steps = (own < major ? own : major) + numeral.accidental;
    } else if (numeral.is_diminished && numeral.degree >= 5 && own < major) {
        steps = major;
    }
    return (uint8_t)((key.tonic + steps + 24) % 12);
}

// One numeral with its chord, as far as it has been read.
struct numeral_reading {
    const char *text;
    size_t position;
    struct km_key key;
    struct km_numeral numeral;
    bool is_small;
    struct km_quality_reading quality;
    int inversion; // 0 to 3
    struct km_chord chord;
};

// Moves past `word` if it stands here.
static bool accept(struct numeral_reading *reading, const char *word)
{
    const size_t length = strlen(word);
    if (strncmp(reading->text + reading->position, word, length) != 0) {
        return false;
    }
    reading->position += length;
    return true;
}

static bool accept_any(struct numeral_reading *reading, const char *const *words)
{
    for (; *words; ++words) {
        if (accept(reading, *words)) {
            return true;
        }
    }
    return false;
}

static bool accept_numeral(struct numeral_reading *reading)
{
    static const struct {
        const char *capital;
        const char *small;
        int degree;
    } numerals[] = {
        {"VII", "vii", 6}, {"VI", "vi", 5}, {"IV", "iv", 3}, {"V", "v", 4},
        {"III", "iii", 2}, {"II", "ii", 1}, {"I", "i", 0},
    };
    for (size_t i = 0; i < sizeof(numerals) / sizeof(numerals[0]); ++i) {
        reading->numeral.degree = numerals[i].degree;
        if (accept(reading, numerals[i].capital)) {
            reading->is_small = false;
            return true;
        }
        if (accept(reading, numerals[i].small)) {
            reading->is_small = true;
            return true;
        }
    }
    return false;
}

static bool is_numeral_at(const char *text, size_t position)
{
    km_accidentals_read(text, &position);
    return text[position] != '\0' && strchr("IViNv", text[position]) != NULL;
}

// Signs and numeral: "bVI", or "N", the Neapolitan.
static bool read_numeral(struct numeral_reading *reading)
{
    if (accept(reading, "N")) {
        reading->numeral = (struct km_numeral){.accidental = -1, .degree = 1};
        return true;
    }
    reading->numeral.accidental = km_accidentals_read(reading->text, &reading->position);
    return accept_numeral(reading);
}

// What stands between numeral and figures: diminished, half-diminished, augmented, major seventh.
static void read_marks(struct numeral_reading *reading)
{
    static const char *const diminished[] = {"o", "\xC2\xB0", "\xC2\xBA", "dim", NULL};
    static const char *const half_diminished[] = {"\xC3\xB8", "\xC3\x98", "/o", "%", NULL};
    static const char *const augmented[] = {"+", "aug", NULL};
    static const char *const major[] = {
        "maj", "Maj", "M", "^", "\xCE\x94", "\xE2\x88\x86", NULL,
    };
    struct km_quality_reading *const quality = &reading->quality;
    quality->pitches = reading->is_small ? 0x089 : 0x091;
    if (accept_any(reading, half_diminished)) {
        quality->pitches = 0x449;
        reading->numeral.is_diminished = true;
    } else if (accept_any(reading, diminished)) {
        quality->pitches = 0x049;
        quality->is_diminished = true;
        reading->numeral.is_diminished = true;
    } else if (accept_any(reading, augmented)) {
        quality->pitches = 0x111;
    }
    quality->is_major = accept_any(reading, major);
}

static bool is_figure(char c)
{
    return c >= '2' && c <= '9';
}

// Collects figures, "65" as well as "6/5", and moves past them.
static void collect_figures(struct numeral_reading *reading, char figures[FIGURES_SIZE])
{
    static const char *const pairs[] = {"6/5", "6/4", "4/3", "4/2", NULL};
    size_t count = 0;
    while (is_figure(reading->text[reading->position]) && count < FIGURES_SIZE - 2) {
        const size_t start = reading->position;
        if (accept_any(reading, pairs)) {
            figures[count++] = reading->text[start];
        } else {
            ++reading->position;
        }
        figures[count++] = reading->text[reading->position - 1];
    }
    figures[count] = '\0';
}

struct figures_row {
    const char *figures;
    uint8_t inversion;
    bool has_seventh;
    bool has_fourth; // A suspension
};

static const struct figures_row *find_figures(const char *figures)
{
    static const struct figures_row rows[] = {
        {"", 0, false, false},   {"53", 0, false, false}, {"3", 0, false, false},
        {"6", 1, false, false},  {"63", 1, false, false}, {"64", 2, false, false},
        {"7", 0, true, false},   {"73", 0, true, false},  {"75", 0, true, false},
        {"753", 0, true, false}, {"65", 1, true, false},  {"653", 1, true, false},
        {"43", 2, true, false},  {"643", 2, true, false}, {"42", 3, true, false},
        {"2", 3, true, false},   {"642", 3, true, false}, {"4", 0, false, true},
        {"54", 0, false, true},  {"74", 0, true, true},   {"754", 0, true, true},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); ++i) {
        if (strcmp(figures, rows[i].figures) == 0) {
            return &rows[i];
        }
    }
    return NULL;
}

// Figures give inversion and seventh. What is none ("9", "13", "69") is left to the chord's words.
static void read_figures(struct numeral_reading *reading)
{
    const size_t start = reading->position;
    struct km_quality_reading *const quality = &reading->quality;
    char figures[FIGURES_SIZE];
    collect_figures(reading, figures);
    if (reading->is_small && strcmp(figures, "5") == 0) {
        return; // A minor triad's fifth; "I5" is a power chord.
    }
    const struct figures_row *const row = find_figures(figures);
    if (!row) {
        reading->position = start;
        return;
    }
    reading->inversion = row->inversion;
    if (row->has_seventh && !(quality->pitches & 0xC00)) {
        const int minor_or_diminished = quality->is_diminished ? 9 : 10;
        quality->pitches |= (km_pitch_set)(1U << (quality->is_major ? 11 : minor_or_diminished));
    }
    if (row->has_fourth) {
        quality->pitches = (km_pitch_set)((quality->pitches & ~0x018U) | 0x020U);
    }
    quality->has_words = reading->position != start;
    quality->has_number = row->has_seventh;
}

// The lowest note of `candidates` (bits above the root) that the chord has, or 0: the root.
static int first_of(km_pitch_set pitches, km_pitch_set candidates)
{
    for (int i = 1; i < 12; ++i) {
        if ((pitches & candidates) >> i & 1U) {
            return i;
        }
    }
    return 0;
}

static int bass_of_inversion(km_pitch_set pitches, int inversion)
{
    // Third (or what is in its place), fifth, seventh.
    static const km_pitch_set places[] = {0, 0x018, 0x1C0, 0xE00};
    const int bass = first_of(pitches, places[inversion]);
    return inversion == 1 && bass == 0 ? first_of(pitches, 0x024) : bass;
}

// Reads "/3" or "/b7": the bass as a degree above the root.
static bool read_bass(struct numeral_reading *reading)
{
    size_t end = reading->position + 1;
    int semitones = 0;
    if (reading->text[reading->position] != '/' ||
        !km_interval_read(reading->text, &end, &semitones)) {
        return true;
    }
    reading->position = end;
    reading->chord.bass = (uint8_t)((reading->chord.root + semitones + 24) % 12);
    return reading->inversion == 0;
}

// The augmented sixths: chords on the lowered sixth degree, which sound as dominant sevenths.
static bool read_augmented_sixth(struct numeral_reading *reading)
{
    // Basses above the tonic in the order of inversions, as theory stacks them in thirds.
    static const uint8_t german[] = {6, 8, 0, 3};
    static const uint8_t french[] = {2, 6, 8, 0};
    static const char *const germans[] = {"Ger", "Gr", "It", NULL};
    static const char *const frenches[] = {"Fr", NULL};
    const bool is_german = accept_any(reading, germans);
    if (!is_german && !accept_any(reading, frenches)) {
        return false;
    }
    char figures[FIGURES_SIZE];
    collect_figures(reading, figures);
    const struct figures_row *const row = find_figures(figures);
    const bool is_usual = figures[0] == '\0' || strcmp(figures, "6") == 0;
    const int inversion = is_usual || !row ? (is_german ? 1 : 2) : row->inversion;
    const uint8_t bass = (is_german ? german : french)[inversion];
    reading->chord.root = (uint8_t)((reading->key.tonic + 8) % 12);
    reading->chord.quality = is_german ? KM_CHORD_DOMINANT_SEVENTH : KM_CHORD_SEVENTH_FLAT_FIVE;
    reading->chord.bass = (uint8_t)((reading->key.tonic + bass) % 12);
    reading->quality.keeps_omitted = true;
    km_quality_read(reading->text, &reading->position, &reading->quality); // "[no5]"
    return true;
}

static bool read_cadential(struct numeral_reading *reading)
{
    if (!accept(reading, "Cad64") && !accept(reading, "Cad6/4")) {
        return false;
    }
    const bool is_minor = km_mode_is_minor((enum km_mode)reading->key.mode);
    reading->chord.root = reading->key.tonic;
    reading->chord.quality = is_minor ? KM_CHORD_MINOR : KM_CHORD_MAJOR;
    reading->chord.bass = (uint8_t)((reading->key.tonic + 7) % 12);
    return true;
}

// Reads one numeral with its chord, up to the end or to the slash before another numeral.
static enum km_status read_segment(struct numeral_reading *reading, struct km_error *error)
{
    if (read_augmented_sixth(reading) || read_cadential(reading)) {
        return KM_OK;
    }
    reading->quality = (struct km_quality_reading){.slash_ends = true, .keeps_omitted = true};
    if (!read_numeral(reading)) {
        return km_quality_error("numeral", reading->text, reading->position, error);
    }
    read_marks(reading);
    read_figures(reading);
    km_quality_read(reading->text, &reading->position, &reading->quality);

    const km_pitch_set pitches = reading->quality.pitches;
    const enum km_chord_quality quality = km_quality_of_pitches(pitches);
    const uint8_t root = km_numeral_root(reading->numeral, reading->key);
    const int bass = bass_of_inversion(pitches, reading->inversion);
    reading->chord = (struct km_chord){root, (uint8_t)quality, (uint8_t)((root + bass) % 12)};
    if (!read_bass(reading) || reading->quality.parentheses != 0) {
        return km_quality_error("numeral", reading->text, reading->position, error);
    }
    if (quality == KM_CHORD_NONE) {
        return km_error_set(error, KM_ERROR_UNSUPPORTED,
                            "numeral \"%.40s\": no chord in the table has just these notes",
                            reading->text);
    }
    return KM_OK;
}

// Finds where the numerals of "V7/V/III" begin; returns how many there are, 0 if too many.
static int find_segments(const char *text, size_t starts[SEGMENTS_MAX])
{
    int count = 1;
    starts[0] = 0;
    for (size_t i = 0; text[i] != '\0'; ++i) {
        if (text[i] != '/' || !is_numeral_at(text, i + 1)) {
            continue;
        }
        if (count == SEGMENTS_MAX) {
            return 0;
        }
        starts[count++] = i + 1;
    }
    return count;
}

enum km_status km_roman_parse(const char *text, struct km_key key, struct km_chord *chord,
                              struct km_error *error)
{
    KM_CHECK(text);
    KM_CHECK(chord);
    KM_CHECK(key.tonic < 12 && key.mode < KM_MODES_COUNT);
    if (strcmp(text, "N.C.") == 0 || strcmp(text, "NC") == 0) {
        *chord = (struct km_chord){0};
        return KM_OK;
    }
    size_t starts[SEGMENTS_MAX];
    const int count = find_segments(text, starts);
    if (count == 0) {
        return km_error_set(error, KM_ERROR_TOO_LARGE, "numeral \"%.40s\": more than %d slashes",
                            text, SEGMENTS_MAX - 1);
    }
    struct numeral_reading reading = {.text = text, .key = key};
    for (int i = count - 1; i >= 0; --i) { // The last names the key of the one before.
        reading = (struct numeral_reading){.text = text, .position = starts[i], .key = reading.key};
        const enum km_status status = read_segment(&reading, error);
        if (status != KM_OK) {
            return status;
        }
        const size_t end = i + 1 < count ? starts[i + 1] - 1 : strlen(text);
        if (reading.position != end) {
            return km_quality_error("numeral", text, reading.position, error);
        }
        const bool is_minor =
            km_chord_pitches((struct km_chord){0, reading.chord.quality, 0}) & 0x008;
        reading.key.tonic = reading.chord.root;
        reading.key.mode = is_minor ? KM_MODE_AEOLIAN : KM_MODE_IONIAN;
    }
    *chord = reading.chord;
    return KM_OK;
}
