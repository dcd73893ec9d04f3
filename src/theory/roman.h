// SPDX-License-Identifier: MIT

/// Roman numerals: chords by their place in a key.
#ifndef KM_THEORY_ROMAN_H
#define KM_THEORY_ROMAN_H

#include "base/attributes.h"
#include "base/status.h"
#include "theory/chord.h"
#include "theory/scale.h"

#include <stddef.h>

KM_C_BEGIN

enum { KM_ROMAN_SIZE = 24 };

/// Reads a numeral in a key: "I", "ii7", "V7/V", "bVI", "viio7", "iv6", "V65/ii", "bII6", "N6",
/// "Ger65", "Cad64".  [any]
/// - Without accidental a numeral is the key's own degree; a diminished chord on a lowered sixth or
///   seventh stands on the raised one ("viio7" in minor). Accidentals count from the major scale of
///   the tonic, as in popular music ("bVI", "bVII"), but one sharp raises a lowered degree just to
///   that scale.
/// - The text decides the quality, not the key: upper case major, lower case minor, "o", "/o" or
///   a slashed o, "+"; "7" is a minor seventh (dim after "o"), "maj7" a major one.
/// - Figures give the inversion, "65" or "6/5"; "/3", "/b7" name a bass above the root; "[no5]" is
///   read and the chord kept whole. What follows ("sus4", "add9", "b9") is read as in symbols.
/// - Up to three slashes: "V7/V/ii". A target in lower case is a minor key.
/// On failure `chord` stays and `error` names the character.
KM_NODISCARD enum km_status km_roman_parse(const char *text, struct km_key key,
                                           struct km_chord *chord, struct km_error *error);

/// Writes a chord as a numeral of the key; returns its length.  [any]
/// Reading it back in the same key gives the same chord. Dominant and diminished sevenths of
/// another degree of the key are written so: "V7/V".
size_t km_roman_format(struct km_chord chord, struct km_key key, char roman[KM_ROMAN_SIZE]);

KM_C_END

#endif
