// SPDX-License-Identifier: MIT

#include "session/palette_private.h"

#include "base/check.h"

#include <stdbool.h>

// Each mode's own chord carries its characteristic note: II in lydian, VII in mixolydian, IV in
// dorian, bII in phrygian and locrian. Colours lift them over what they are in songs in major and
// minor (progressions.def); diminished and augmented triads are rare guests. Closings are the
// weights of authentic, plagal and modal cadences.
static const struct km_mode_grammar grammars[KM_MODES_COUNT] = {
    [KM_MODE_IONIAN] = {.colours = {1, 1, 1, 1, 1, 1, 1},
                        .closings = {0.62F, 0.38F, 0},
                        .neighbour = 6,
                        .half = 4,
                        .lender = KM_MODE_AEOLIAN},
    [KM_MODE_DORIAN] = {.colours = {1, 8, 1, 1.6F, 0.8F, 0.05F, 1},
                        .closings = {0.1F, 0.5F, 0.4F},
                        .neighbour = 6,
                        .half = 3,
                        .major_dominant = 0.2F,
                        .lender = KM_MODE_AEOLIAN},
    [KM_MODE_PHRYGIAN] = {.colours = {1, 12, 1, 1, 0.05F, 1, 1.5F},
                          .closings = {0, 0.1F, 0.9F},
                          .neighbour = 1,
                          .half = 1,
                          .lender = KM_MODE_DORIAN},
    [KM_MODE_LYDIAN] = {.colours = {1, 5, 1, 0.2F, 1, 1, 2},
                        .closings = {0.45F, 0, 0.55F},
                        .neighbour = 1,
                        .half = 1,
                        .lender = KM_MODE_AEOLIAN},
    [KM_MODE_MIXOLYDIAN] = {.colours = {1, 1, 0.2F, 1, 4, 1, 3},
                            .closings = {0, 0.4F, 0.6F},
                            .neighbour = 6,
                            .half = 6,
                            .lender = KM_MODE_AEOLIAN},
    [KM_MODE_AEOLIAN] = {.colours = {1, 1, 1, 1, 1, 1, 1},
                         .closings = {0.5F, 0.2F, 0.3F},
                         .neighbour = 6,
                         .half = 4,
                         .major_dominant = 0.75F,
                         .lender = KM_MODE_DORIAN},
    [KM_MODE_LOCRIAN] = {.colours = {1, 12, 1, 1, 3, 1, 1},
                         .closings = {0, 0.25F, 0.75F},
                         .neighbour = 1,
                         .half = 4,
                         .lender = KM_MODE_DORIAN},
    [KM_MODE_HARMONIC_MINOR] = {.colours = {1, 1.5F, 0.2F, 1, 1.5F, 1, 1},
                                .closings = {0.8F, 0.2F, 0},
                                .neighbour = 6,
                                .half = 4,
                                .lender = KM_MODE_DORIAN},
    [KM_MODE_MELODIC_MINOR] = {.colours = {1, 8, 0.2F, 1.5F, 1.5F, 0.2F, 0.2F},
                               .closings = {0.65F, 0.35F, 0},
                               .neighbour = 6,
                               .half = 4,
                               .lender = KM_MODE_AEOLIAN},
    [KM_MODE_PHRYGIAN_DOMINANT] = {.colours = {1, 12, 0.05F, 3, 0.05F, 0.1F, 4},
                                   .closings = {0, 0.2F, 0.8F},
                                   .neighbour = 1,
                                   .half = 1,
                                   .lender = KM_MODE_PHRYGIAN},
    [KM_MODE_LYDIAN_DOMINANT] = {.colours = {1, 6, 0.05F, 0.05F, 3, 1, 1},
                                 .closings = {0, 0, 1},
                                 .neighbour = 1,
                                 .half = 1,
                                 .lender = KM_MODE_MIXOLYDIAN},
    [KM_MODE_HARMONIC_MAJOR] = {.colours = {1, 0.3F, 1, 6, 1, 0.1F, 1},
                                .closings = {0.6F, 0.4F, 0},
                                .neighbour = 6,
                                .half = 4,
                                .lender = KM_MODE_IONIAN},
    [KM_MODE_HUNGARIAN_MINOR] = {.colours = {1, 0.5F, 0.2F, 0.5F, 3, 2, 1},
                                 .closings = {0.85F, 0, 0.15F},
                                 .neighbour = 5,
                                 .half = 4,
                                 .lender = KM_MODE_AEOLIAN},
};

// The mode whose seven degrees carry the chords: its own, but for scales of fewer notes one that
// holds (nearly) all of these.
static enum km_mode mode_of_chords(enum km_mode mode)
{
    switch ((int)mode) {
    case KM_MODE_MAJOR_PENTATONIC:
        return KM_MODE_IONIAN;
    case KM_MODE_MINOR_PENTATONIC:
        return KM_MODE_AEOLIAN;
    case KM_MODE_BLUES:
        return KM_MODE_DORIAN;
    case KM_MODE_WHOLE_TONE:
        return KM_MODE_LYDIAN_DOMINANT;
    default:
        return mode;
    }
}

const struct km_mode_grammar *km_mode_grammar(enum km_mode mode)
{
    KM_CHECK((unsigned int)mode < KM_MODES_COUNT);
    return &grammars[mode_of_chords(mode)];
}

// Finds the quality whose notes above the root are just these.
static bool find_quality(km_pitch_set notes, uint8_t *quality)
{
    for (int i = KM_CHORD_NONE + 1; i < KM_CHORD_QUALITIES_COUNT; ++i) {
        if (km_chord_pitches((struct km_chord){.quality = (uint8_t)i}) == notes) {
            *quality = (uint8_t)i;
            return true;
        }
    }
    return false;
}

// Stacks thirds of the key on a degree; a stack without a name keeps the smaller one.
static void stack_thirds(struct km_key key, int degree, struct km_chord chords[KM_STACKS_COUNT])
{
    const uint8_t root = km_key_degree(key, degree);
    const unsigned int third = km_key_degree(key, degree + 2) + 12U - root;
    struct km_chord chord = {.root = root, .quality = KM_CHORD_POWER, .bass = root};
    unsigned int notes = 1U | 1U << third % 12U;
    for (int i = 0; i < KM_STACKS_COUNT; ++i) {
        const unsigned int pitch = (km_key_degree(key, degree + 4 + 2 * i) + 12U - root) % 12U;
        notes |= 1U << pitch;
        // A minor ninth grates.
        if (i != KM_STACK_NINTH || pitch != 1) {
            (void)find_quality((km_pitch_set)notes, &chord.quality);
        }
        chords[i] = chord;
    }
}

void km_palette_init(struct km_palette *palette, struct km_key key)
{
    const struct km_key own = {key.tonic, (uint8_t)mode_of_chords((enum km_mode)key.mode)};
    const struct km_key lender = {key.tonic, km_mode_grammar((enum km_mode)key.mode)->lender};
    for (int degree = 0; degree < KM_DEGREES_COUNT; ++degree) {
        struct km_chord *const chords = palette->chords[degree];
        stack_thirds(own, degree, chords);
        // Thirds without a name, as on the fourth degree of hungarian minor.
        if ((km_chord_pitches(chords[KM_STACK_TRIAD]) & ~km_key_pitches(own)) != 0) {
            stack_thirds(lender, degree, chords);
        }
    }
}

bool km_palette_extend(struct km_key key, struct km_chord *chord)
{
    static const uint8_t intervals[] = {2, 9, 5, 6, 8, 10, 11, 1}; // Sweet ones first.
    const km_pitch_set scale =
        km_key_pitches((struct km_key){key.tonic, (uint8_t)mode_of_chords((enum km_mode)key.mode)});
    const km_pitch_set own = km_chord_pitches((struct km_chord){.quality = chord->quality});
    if ((km_chord_pitches(*chord) & ~scale) != 0) {
        return false;
    }
    for (size_t i = 0; i < sizeof(intervals); ++i) {
        const unsigned int interval = intervals[i];
        const bool is_new = (own >> interval & 1U) == 0;
        const bool is_of_key = (scale >> (chord->root + interval) % 12U & 1U) != 0;
        if (is_new && is_of_key &&
            find_quality((km_pitch_set)(own | 1U << interval), &chord->quality)) {
            return true;
        }
    }
    return false;
}
