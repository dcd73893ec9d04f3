// SPDX-License-Identifier: MIT

/// Roman numerals: chords by their place in a key.
#ifndef KM_THEORY_ROMAN_H
#define KM_THEORY_ROMAN_H

#include "base/attributes.h"
#include "base/status.h"
#include "theory/chord.h"
#include "theory/scale.h"

#include <stddef.h>

enum { KM_ROMAN_SIZE = 24 };

/// Reads a numeral in a key: "I", "ii7", "V7/V", "bVI", "viio7", "iv6", "V65/ii", "bII6", "Ger65".
/// [any] A numeral without accidental is the key's own degree; upper case major, lower case minor;
/// figures give the inversion. Borrowed chords carry accidentals against the major scale of the
/// tonic as is usual in popular music ("bVI", "bVII").
KM_NODISCARD enum km_status km_roman_parse(const char *text, struct km_key key,
                                           struct km_chord *chord, struct km_error *error);

/// Writes a chord as a numeral of the key; returns its length.  [any]
/// Reading it back in the same key gives the same chord.
size_t km_roman_format(struct km_chord chord, struct km_key key, char roman[KM_ROMAN_SIZE]);

#endif
