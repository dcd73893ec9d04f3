// SPDX-License-Identifier: MIT

// Writes the table that names the chord of any set of pitch classes, seen from its bass: 4,096 rows
// of the lines of src/theory/chords.def that fit best. Runs during the build.
//
// A set that is some chord's notes is that chord, over its root or, up to four notes, over any of
// them; of several (C6 and Am7) the one whose root is the bass, else the more usual one. So is a
// set of two or three notes to which only the fifth is missing, or little else. Any other set is
// music with foreign notes: the triad or seventh that musicians most likely hear in it
// (src/theory/likelihoods.def).

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

enum quality {
#define KM_CHORD(NAME, symbol, pitches) NAME,
#include "theory/chords.def"
#undef KM_CHORD
    QUALITIES_COUNT
};

static const unsigned quality_pitches[] = {
#define KM_CHORD(NAME, symbol, pitches) pitches,
#include "theory/chords.def"
#undef KM_CHORD
};

// Costs in parts of COST_MAX, at which nothing of the chord is believed.
enum {
    COST_MAX = 60,
    COST_MISSING_ROOT = 45,
    COST_MISSING_THIRD = 25,
    COST_MISSING_FIFTH = 6, // Often left out, seldom missed.
    COST_MISSING_IMPLIED = 10,
    COST_MISSING_TELLING = 30,
    COST_MISSING_ALL = 40, // A power chord's fifth: one note alone is rather a triad.
    COST_EXTRA = 30,
    COST_FOREIGN_BASS = 22,
    CONFIDENCE_MAX = 31,
    NO_FIT = 1 << 20,
};

static bool has(unsigned set, int pitch)
{
    return set >> pitch & 1U;
}

static unsigned rotated_up(unsigned set, int steps)
{
    return (set << steps | set >> (12 - steps)) & 0xFFFU;
}

static int count(unsigned set)
{
    int bits = 0;
    for (; set != 0; set &= set - 1) {
        ++bits;
    }
    return bits;
}

// How far a name is from what musicians say first, given two names for the same notes.
static int rarity(int quality)
{
    switch (quality) {
    case SIXTH:
    case MINOR_SIXTH:
    case SIX_NINE:
    case MINOR_SIX_NINE:
    case MINOR_SEVENTH_ADD11:
    case SEVENTH_ADD13:
    case MAJOR_SEVENTH_ADD13:
    case MINOR_SEVENTH_ADD13:
        return 3; // A seventh chord's inversion before a sixth chord's.
    case ADD11:
    case MINOR_ADD11:
    case ADD_SHARP_ELEVEN:
    case ADD_FLAT_NINE:
    case DIMINISHED_MAJOR_SEVENTH:
    case SUS2_MAJOR_SEVENTH:
    case SUS4_MAJOR_SEVENTH:
    case SUS2_SUS4:
    case SUS2_SEVENTH:
        return 6;
    case SUS4_SIXTH:
    case MINOR_ADD_FLAT_SIX:
    case MINOR_SEVENTH_SHARP_FIVE:
    case FLAT_FIVE:
        return 12; // Only if the notes are nothing else.
    default:
        return quality < SUS2 ? 0 : 1;
    }
}

static int missing_cost(unsigned chord, int pitch)
{
    const bool has_third = has(chord, 3) || has(chord, 4);
    const bool is_large = count(chord) > 5;
    switch (pitch) {
    case 0:
        return COST_MISSING_ROOT;
    case 3:
    case 4:
        return COST_MISSING_THIRD;
    case 7:
        if (count(chord) == 2) {
            return COST_MISSING_ALL;
        }
        return has_third ? COST_MISSING_FIFTH : COST_MISSING_TELLING;
    case 2:
    case 5:
        return is_large ? COST_MISSING_IMPLIED : COST_MISSING_TELLING;
    default:
        return COST_MISSING_TELLING;
    }
}

// The bass in some other place than the root.
static int inversion_cost(unsigned chord, int bass_above_root)
{
    switch (bass_above_root) {
    case 0:
        return 0;
    case 3:
    case 4:
    case 7:
        return 4;
    case 10:
    case 11:
        return 5;
    default:
        return count(chord) == 3 ? 4 : 10;
    }
}

struct fit {
    int cost;       // For choosing.
    int difference; // Of the notes alone: for the confidence.
};

// `chord` is the quality's set, `set` the notes, both from the root; `bass` is above the root.
static struct fit fit_of(int quality, unsigned set, int bass)
{
    const unsigned chord = quality_pitches[quality];
    const bool is_foreign = !has(chord, bass);
    int difference = is_foreign ? COST_FOREIGN_BASS : 0;
    for (int pitch = 0; pitch < 12; ++pitch) {
        if (has(chord, pitch) && !has(set, pitch)) {
            difference += missing_cost(chord, pitch);
        } else if (!has(chord, pitch) && has(set, pitch) && pitch != bass) {
            difference += COST_EXTRA;
        }
    }
    const int inversion = is_foreign ? 0 : inversion_cost(chord, bass);
    const int doubt = difference > 0 ? 2 : 1; // An inversion of half a chord is less likely.
    return (struct fit){difference * 4 + inversion * doubt * 4 + rarity(quality) * 4, difference};
}

// What speaks for a triad or a seventh, in hundredths of a natural logarithm.
struct likelihood {
    int quality;
    int prior;
    int sounding[12], missing[12], bass[12];
};

static const struct likelihood likelihoods[] = {
#define KM_WEIGHTS(...)                                                                            \
    {                                                                                              \
        __VA_ARGS__                                                                                \
    }
#define KM_LIKELIHOOD(NAME, prior, sounding, missing, bass) {NAME, prior, sounding, missing, bass},
#include "theory/likelihoods.def"
#undef KM_LIKELIHOOD
#undef KM_WEIGHTS
};

enum { LIKELIHOODS_COUNT = sizeof(likelihoods) / sizeof(likelihoods[0]) };

// `set` is the notes from the root; `bass` is above the root.
static int likelihood_of(const struct likelihood *likelihood, unsigned set, int bass)
{
    int sum = likelihood->prior + likelihood->bass[bass];
    for (int pitch = 0; pitch < 12; ++pitch) {
        sum += has(set, pitch) ? likelihood->sounding[pitch] : likelihood->missing[pitch];
    }
    return sum;
}

struct choice {
    struct fit fit;
    unsigned row; // Root above the bass, and quality.
};

// Fits a quality on each of the twelve roots.
static void fit_quality(unsigned set, int quality, struct choice *best)
{
    for (int root = 0; root < 12; ++root) {
        const int bass = (12 - root) % 12;
        const unsigned above_root = rotated_up(set, bass);
        struct fit fit = fit_of(quality, above_root, bass);
        if (above_root == quality_pitches[quality]) {
            fit.cost -= NO_FIT / 2; // Just this chord's notes: before any that differs.
        }
        if (fit.cost < best->fit.cost) {
            *best = (struct choice){fit, (unsigned)root | (unsigned)quality << 4};
        }
    }
}

// Whether a set is some chord's own notes, so that it has that chord's name.
static bool is_chord(unsigned set)
{
    for (int i = 12; i < 12 * QUALITIES_COUNT; ++i) {
        const int root = i % 12;
        const bool may_invert = count(set) <= 4;
        if (rotated_up(quality_pitches[i / 12], root) == set && (root == 0 || may_invert)) {
            return true;
        }
    }
    return false;
}

// Whether a set is what players leave of a chord: one or two notes, or a chord on its root without
// its fifth.
static bool is_sketch(unsigned set, struct choice choice)
{
    const bool only_fifth = choice.fit.difference <= COST_MISSING_FIFTH;
    return count(set) <= 2 || ((choice.row & 15U) == 0 && only_fifth && count(set) <= 4);
}

// The likeliest triad or seventh of a set whose bass is pitch class 0.
static struct choice likeliest(unsigned set)
{
    int most = -NO_FIT;
    struct choice best = {{0, 0}, 0};
    for (int i = 0; i < 12 * LIKELIHOODS_COUNT; ++i) {
        const struct likelihood *const likelihood = &likelihoods[i / 12];
        const int root = i % 12;
        const int bass = (12 - root) % 12;
        const unsigned above_root = rotated_up(set, bass);
        const int value = likelihood_of(likelihood, above_root, bass);
        if (value > most) {
            most = value;
            best.fit = fit_of(likelihood->quality, above_root, bass);
            best.row = (unsigned)root | (unsigned)likelihood->quality << 4;
        }
    }
    return best;
}

// The table's row of a set whose bass is pitch class 0: root above the bass, quality, confidence.
static unsigned row_of(unsigned set)
{
    struct choice best = {{NO_FIT, 0}, 0};
    for (int quality = 1; quality < QUALITIES_COUNT; ++quality) {
        fit_quality(set, quality, &best);
    }
    if (!is_chord(set) && !is_sketch(set, best)) {
        best = likeliest(set);
    }
    int confidence = CONFIDENCE_MAX * (COST_MAX - best.fit.difference) / COST_MAX;
    confidence = confidence < 1 ? 1 : confidence;
    return best.row | (unsigned)confidence << 11;
}

int main(int argument_count, char **arguments)
{
    if (argument_count != 2) {
        (void)fprintf(stderr, "usage: generate_chord_table OUTPUT\n");
        return EXIT_FAILURE;
    }
    FILE *const file = fopen(arguments[1], "w");
    if (!file) {
        perror(arguments[1]);
        return EXIT_FAILURE;
    }
    for (unsigned set = 0; set < 4096; ++set) {
        // No notes: N.C., and sure of it. A set without its bass is never looked up.
        const unsigned row = set == 0 ? (unsigned)CONFIDENCE_MAX << 11 : row_of(set);
        (void)fprintf(file, "0x%04X,%s", row, set % 8 == 7 ? "\n" : " ");
    }
    const bool failed = ferror(file) != 0;
    return fclose(file) != 0 || failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
