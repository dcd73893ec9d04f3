// SPDX-License-Identifier: MIT

/// The chords of a mode, and what the mode likes to do with them; for the session module alone.
#ifndef KM_SESSION_PALETTE_PRIVATE_H
#define KM_SESSION_PALETTE_PRIVATE_H

#include "theory/chord.h"
#include "theory/scale.h"

#include <stdbool.h>
#include <stdint.h>

enum { KM_DEGREES_COUNT = 7 };

/// How many thirds stand on a root.
enum km_stack { KM_STACK_TRIAD, KM_STACK_SEVENTH, KM_STACK_NINTH, KM_STACKS_COUNT };

/// The chord on each degree of a key. What has no name in the table of qualities is the next
/// smaller chord.
struct km_palette {
    struct km_chord chords[KM_DEGREES_COUNT][KM_STACKS_COUNT];
};

/// Ways to come home: from the dominant, from the fourth degree, from the mode's own neighbour.
enum km_closing { KM_CLOSING_AUTHENTIC, KM_CLOSING_PLAGAL, KM_CLOSING_MODAL, KM_CLOSINGS_COUNT };

/// What a mode does: which chords give it its colour, and how it comes home.
struct km_mode_grammar {
    float colours[KM_DEGREES_COUNT];   ///< Multiplies the chance to go to each degree.
    float closings[KM_CLOSINGS_COUNT]; ///< Weights of coming home one way or another.
    uint8_t neighbour;                 ///< The degree from which a modal cadence comes home.
    uint8_t half;                      ///< Where a half cadence stops.
    float major_dominant;              ///< Chance that a minor V gets its leading note.
    uint8_t lender;                    ///< enum km_mode from which chords are borrowed.
};

/// [any]
void km_palette_init(struct km_palette *palette, struct km_key key);

/// Adds a note of the key to a chord of the key: a ninth, thirteenth or eleventh, what has a name.
/// False if there is none, or the chord is not of the key; the chord is as it was.  [any]
bool km_palette_extend(struct km_key key, struct km_chord *chord);

/// Static.  [any]
const struct km_mode_grammar *km_mode_grammar(enum km_mode mode);

#endif
