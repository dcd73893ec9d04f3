// SPDX-License-Identifier: MIT

/// How likely triads and sevenths are to be the chord of some music, foreign notes and all.
#ifndef KM_THEORY_LIKELIHOOD_H
#define KM_THEORY_LIKELIHOOD_H

#include "base/attributes.h"
#include "theory/chord.h"

#include <stdbool.h>

KM_C_BEGIN

/// The qualities that are looked for, on each of twelve roots.
enum { KM_LIKELY_QUALITIES = 9, KM_LIKELY_CHORDS = 12 * KM_LIKELY_QUALITIES };

/// The chord of an index: its root is index % 12. `bass` becomes its bass.  [any]
KM_RT struct km_chord km_likely_chord(int index, uint8_t bass);

/// The logarithms of the odds of all chords: `weights[n]` is how long pitch class n sounds, in any
/// unit (negative counts as 0); `bass` is the lowest note's. Probabilities are their exponents,
/// each divided by the sum of all. False, and all are 0, if nothing sounds.  [any]
KM_RT bool km_chord_likelihoods(const float weights[12], uint8_t bass,
                                float likelihoods[KM_LIKELY_CHORDS]);

/// The likeliest chord, and its probability. N.C. if nothing sounds.  [any]
KM_RT struct km_chord_found km_chord_of_weights(const float weights[12], uint8_t bass);

KM_C_END

#endif
