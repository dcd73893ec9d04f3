// SPDX-License-Identifier: MIT

/// Chords: symbols as people write them, notes, and from one to the other.
#ifndef KM_THEORY_CHORD_H
#define KM_THEORY_CHORD_H

#include "base/attributes.h"
#include "base/status.h"
#include "theory/scale.h"

#include <stddef.h>
#include <stdint.h>

KM_C_BEGIN

/// Qualities, from one table: symbol text, pitch classes above the root.
enum km_chord_quality {
#define KM_CHORD(NAME, symbol, pitches) KM_CHORD_##NAME,
#include "theory/chords.def"
#undef KM_CHORD
    KM_CHORD_QUALITIES_COUNT
};

/// A chord, or KM_CHORD_NONE ("N.C."), for which root and bass are 0.
struct km_chord {
    uint8_t root;    ///< Pitch class.
    uint8_t quality; ///< enum km_chord_quality
    uint8_t bass;    ///< Pitch class; equal to root in root position.
};

enum { KM_CHORD_SYMBOL_SIZE = 24 };

/// Reads a symbol: "C", "Cmaj7", "CM7", "Cm7b5", "C7sus4", "C/E", "F#dim7", "Bbadd9", "N.C.". [any]
/// Capital M is major, small m minor. On failure `chord` stays and `error` says what was not
/// understood and at which character.
KM_NODISCARD enum km_status km_chord_parse(const char *text, struct km_chord *chord,
                                           struct km_error *error);

/// Writes the symbol as `key` spells its notes; returns its length.  [any]
size_t km_chord_format(struct km_chord chord, struct km_key key, char symbol[KM_CHORD_SYMBOL_SIZE]);

/// The chord's pitch classes, the bass included.  [any]
KM_RT km_pitch_set km_chord_pitches(struct km_chord chord);

/// A quality's name: "maj7" for KM_CHORD_MAJOR_SEVENTH, "" for the major triad.  [any]
const char *km_chord_quality_symbol(enum km_chord_quality quality);

/// A chord found in notes.
struct km_chord_found {
    struct km_chord chord;
    float confidence; ///< 0 (nothing of it) to 1 (just this chord's notes).
};

/// Names the chord of a set of pitch classes over a bass, by table: one load.  [any]
/// The same set over another bass is another inversion, or another chord where musicians hear one
/// (Am7 and C6).
KM_RT struct km_chord_found km_chord_of_pitches(km_pitch_set pitches, uint8_t bass);

/// Names the chord of MIDI notes 0 to 127 (or more), the lowest of which is the bass.  [any]
/// Order and doublings do not matter; no notes is N.C.
KM_RT struct km_chord_found km_chord_of_notes(const uint8_t *notes, size_t count);

KM_C_END

#endif
