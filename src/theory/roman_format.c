// SPDX-License-Identifier: MIT

// Writing chords as roman numerals.

#include "base/check.h"
#include "theory/roman.h"
#include "theory/roman_private.h"

#include <stdio.h>
#include <string.h>

// How a quality is written after its numeral.
struct style {
    bool is_small;
    const char *mark;   // Between numeral and figures
    const char *words;  // After it, if the chord is not written by figures
    bool has_figures;   // Inversions are figures, not "/3".
    bool has_seventh;   // The figures are 7, 65, 43, 42.
    bool is_diminished; // Decides where degrees 6 and 7 stand in minor.
};

static struct style style_of(enum km_chord_quality quality)
{
    switch ((unsigned)quality) {
    case KM_CHORD_MAJOR:
        return (struct style){false, "", "", true, false, false};
    case KM_CHORD_MINOR:
        return (struct style){true, "", "", true, false, false};
    case KM_CHORD_DIMINISHED:
        return (struct style){true, "o", "", true, false, true};
    case KM_CHORD_AUGMENTED:
        return (struct style){false, "+", "", true, false, false};
    case KM_CHORD_DOMINANT_SEVENTH:
        return (struct style){false, "", "", true, true, false};
    case KM_CHORD_MAJOR_SEVENTH:
        return (struct style){false, "maj", "", true, true, false};
    case KM_CHORD_MINOR_SEVENTH:
        return (struct style){true, "", "", true, true, false};
    case KM_CHORD_MINOR_MAJOR_SEVENTH:
        return (struct style){true, "maj", "", true, true, false};
    case KM_CHORD_HALF_DIMINISHED:
        return (struct style){true, "\xC3\xB8", "", true, true, true};
    case KM_CHORD_DIMINISHED_SEVENTH:
        return (struct style){true, "o", "", true, true, true};
    case KM_CHORD_DIMINISHED_MAJOR_SEVENTH:
        return (struct style){true, "omaj", "", true, true, true};
    case KM_CHORD_AUGMENTED_SEVENTH:
        return (struct style){false, "+", "", true, true, false};
    case KM_CHORD_AUGMENTED_MAJOR_SEVENTH:
        return (struct style){false, "+maj", "", true, true, false};
    case KM_CHORD_SIXTH: // "I6" would be an inversion.
        return (struct style){false, "", "add6", false, false, false};
    case KM_CHORD_MINOR_SIXTH:
        return (struct style){true, "", "add6", false, false, false};
    case KM_CHORD_SUS4_SIXTH:
        return (struct style){false, "", "sus4add6", false, false, false};
    case KM_CHORD_SIX_NINE: // A slash would be a bass.
        return (struct style){false, "", "69", false, false, false};
    case KM_CHORD_MINOR_SIX_NINE:
        return (struct style){true, "", "69", false, false, false};
    default:
        break;
    }
    const char *const symbol = km_chord_quality_symbol(quality);
    const bool is_small = symbol[0] == 'm' && strncmp(symbol, "maj", 3) != 0;
    return (struct style){is_small, "", symbol + is_small, false, false, false};
}

// Which inversion has this bass, 0 to 3; -1 if the bass is none of the chord's first four thirds.
static int inversion_of(const struct style *style, int bass_above_root)
{
    switch (bass_above_root) {
    case 0:
        return 0;
    case 3:
    case 4:
        return 1;
    case 6:
    case 7:
    case 8:
        return 2;
    default:
        return style->has_seventh ? 3 : -1;
    }
}

static const char *figures_of(const struct style *style, int inversion)
{
    static const char *const triads[] = {"", "6", "64"};
    static const char *const sevenths[] = {"7", "65", "43", "42"};
    return style->has_seventh ? sevenths[inversion] : triads[inversion];
}

// Finds the numeral that means `root` in the key: its own degree before altered ones.
static struct km_numeral numeral_of(uint8_t root, struct km_key key, bool is_diminished)
{
    // Diminished chords lead upwards and are spelled with sharps; borrowed chords with flats.
    static const int accidentals[2][5] = {{0, -1, 1, -2, 2}, {0, 1, -1, -2, 2}};
    struct km_numeral numeral = {0, 0, is_diminished};
    for (int i = 0; i < 5 * 7 && km_numeral_root(numeral, key) != root; ++i) {
        numeral.accidental = accidentals[is_diminished][i / 7];
        numeral.degree = i % 7;
    }
    KM_CHECK(km_numeral_root(numeral, key) == root); // Every pitch class has a numeral.
    return numeral;
}

// Returns the length.
static size_t write_numeral(char *text, size_t size, struct km_numeral numeral, bool is_small)
{
    static const char *const signs[] = {"bb", "b", "", "#", "##"};
    static const char *const capitals[] = {"I", "II", "III", "IV", "V", "VI", "VII"};
    static const char *const smalls[] = {"i", "ii", "iii", "iv", "v", "vi", "vii"};
    return (size_t)snprintf(text, size, "%s%s", signs[numeral.accidental + 2],
                            (is_small ? smalls : capitals)[numeral.degree]);
}

static bool is_within(km_pitch_set part, km_pitch_set whole)
{
    return (part & ~whole) == 0;
}

// Whether the chord is a dominant seventh or a diminished seventh of another degree of the key
// ("V7/V", "viio7/ii"): that degree's numeral, and whether its own triad is minor.
static bool find_target(struct km_chord chord, struct km_key key, struct km_numeral *target,
                        bool *is_small)
{
    const bool is_dominant = chord.quality == KM_CHORD_DOMINANT_SEVENTH;
    const struct km_chord in_root = {chord.root, chord.quality, chord.root};
    const km_pitch_set scale = km_key_pitches(key);
    const uint8_t root = (uint8_t)((chord.root + (is_dominant ? 5 : 1)) % 12);
    if ((!is_dominant && chord.quality != KM_CHORD_DIMINISHED_SEVENTH) || root == key.tonic ||
        is_within(km_chord_pitches(in_root), scale)) {
        return false;
    }
    if (is_dominant && chord.root == key.tonic) {
        return false; // The blues' tonic is no dominant.
    }
    const km_pitch_set major = km_chord_pitches((struct km_chord){root, KM_CHORD_MAJOR, root});
    const km_pitch_set minor = km_chord_pitches((struct km_chord){root, KM_CHORD_MINOR, root});
    *target = numeral_of(root, key, false);
    *is_small = !is_within(major, scale);
    return target->accidental == 0 && (is_within(major, scale) || is_within(minor, scale));
}

// Writes what stands between the numeral and the target's slash: mark, figures, words, bass.
static size_t write_tail(char *text, size_t size, struct km_chord chord, const struct style *style)
{
    static const char *const basses[] = {"",    "/b2", "/2",  "/b3", "/3",  "/4",
                                         "/#4", "/5",  "/b6", "/6",  "/b7", "/7"};
    const int bass = (chord.bass + 12 - chord.root) % 12;
    const km_pitch_set pitches = km_chord_pitches((struct km_chord){0, chord.quality, 0});
    const bool is_chord_tone = pitches >> bass & 1U;
    const int inversion = style->has_figures && is_chord_tone ? inversion_of(style, bass) : -1;
    const char *const figures =
        style->has_figures ? figures_of(style, inversion < 0 ? 0 : inversion) : "";
    return (size_t)snprintf(text, size, "%s%s%s%s", style->mark, figures, style->words,
                            inversion < 0 ? basses[bass] : "");
}

size_t km_roman_format(struct km_chord chord, struct km_key key, char roman[KM_ROMAN_SIZE])
{
    KM_CHECK(chord.quality < KM_CHORD_QUALITIES_COUNT);
    KM_CHECK(chord.root < 12 && chord.bass < 12);
    if (chord.quality == KM_CHORD_NONE) {
        return (size_t)snprintf(roman, KM_ROMAN_SIZE, "N.C.");
    }
    const struct style style = style_of((enum km_chord_quality)chord.quality);
    struct km_numeral target = {0};
    bool target_is_small = false;
    const bool has_target = find_target(chord, key, &target, &target_is_small);
    const struct km_numeral applied = {0, style.is_small ? 6 : 4, style.is_diminished};
    const struct km_numeral numeral =
        has_target ? applied : numeral_of(chord.root, key, style.is_diminished);

    size_t length = write_numeral(roman, KM_ROMAN_SIZE, numeral, style.is_small);
    length += write_tail(roman + length, KM_ROMAN_SIZE - length, chord, &style);
    KM_CHECK(length + 6 < KM_ROMAN_SIZE);
    if (has_target) {
        roman[length++] = '/';
        length += write_numeral(roman + length, KM_ROMAN_SIZE - length, target, target_is_small);
    }
    return length;
}
