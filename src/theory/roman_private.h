// SPDX-License-Identifier: MIT

/// Where the numerals of a key stand: shared by reader and writer.
#ifndef KM_THEORY_ROMAN_PRIVATE_H
#define KM_THEORY_ROMAN_PRIVATE_H

#include "theory/chord.h"

/// A numeral without what its chord adds.
struct km_numeral {
    int accidental;     ///< Sharps, or negative flats, before it.
    int degree;         ///< 0 to 6
    bool is_diminished; ///< Marked with o or a slashed one.
};

/// The root that a numeral means in a key.  [any]
/// Without accidental it is the key's own degree; but a diminished chord on a lowered sixth or
/// seventh stands on the raised one, as viio7 in minor does. Flats count from the major scale of
/// the tonic; so do sharps, but on a lowered degree one raises it just to that scale. Keys of
/// fewer or more than seven notes use the degrees of major or minor.
uint8_t km_numeral_root(struct km_numeral numeral, struct km_key key);

#endif
