// SPDX-License-Identifier: MIT

/// Pitch classes, modes and keys.
#ifndef KM_THEORY_SCALE_H
#define KM_THEORY_SCALE_H

#include "base/attributes.h"
#include "base/status.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

KM_C_BEGIN

/// A set of pitch classes: bit n is pitch class n, 0 is C.
typedef uint16_t km_pitch_set;

enum km_mode {
#define KM_MODE(NAME, name, pitches, parent_steps, is_minor) KM_MODE_##NAME,
#include "theory/modes.def"
#undef KM_MODE
    KM_MODES_COUNT
};

/// A tonic and its mode.
struct km_key {
    uint8_t tonic; ///< Pitch class 0 to 11.
    uint8_t mode;  ///< enum km_mode
};

/// Names, "ionian" and so on, in the order of enum km_mode.  [any]
const char *const *km_mode_names(void);

/// "aeolian", "minor", "harmonic minor", "m"... to a mode. The error lists what exists.  [any]
KM_NODISCARD enum km_status km_mode_parse(const char *text, enum km_mode *mode,
                                          struct km_error *error);

/// The mode's pitch classes above a tonic of 0.  [any]
KM_RT km_pitch_set km_mode_pitches(enum km_mode mode);

/// Whether the third above the tonic is minor.  [any]
KM_RT bool km_mode_is_minor(enum km_mode mode);

/// The key's pitch classes.  [any]
KM_RT km_pitch_set km_key_pitches(struct km_key key);

/// Pitch class of the `degree`-th note of the key, 0 is the tonic; degrees beyond the scale go on
/// in the next octave. Works for scales of any size.  [any]
KM_RT uint8_t km_key_degree(struct km_key key, int degree);

/// Reads a note's name that begins at `*position`: a letter A to G, small or capital, and up to two
/// signs (#, b, x, and those of Unicode), and moves past it. `semitones` counts from the C of the
/// letter's octave: -1 for "Cb", 12 for "B#". False, and nothing changes, if no name begins there.
/// [any]
KM_NODISCARD bool km_note_name_read(const char *text, size_t *position, int *semitones);

/// Reads "C", "F#", "Bb", "eb" (and the signs of Unicode) as a pitch class.  [any]
KM_NODISCARD enum km_status km_pitch_class_parse(const char *text, uint8_t *pitch_class,
                                                 struct km_error *error);

/// Reads "C", "C major", "F# minor", "Bb dorian", "am" ("m" or lower case: minor) as a key; a bare
/// tonic leaves the mode to the caller: `has_mode` tells.  [any]
KM_NODISCARD enum km_status km_key_parse(const char *text, struct km_key *key, bool *has_mode,
                                         struct km_error *error);

/// Sharps (positive) or flats (negative) of the key signature, -6 to 6: that of the parent major
/// scale with fewer accidentals. Of the two with six, F# major and Eb minor are chosen.  [any]
KM_RT int km_key_signature(struct km_key key);

/// Name of a pitch class as the key spells it: "Eb" in C minor, "D#" in E major. Notes outside the
/// key are spelled from a lowered second to a raised fourth, as is usual, without double
/// signs.  [any]
const char *km_key_spell(struct km_key key, uint8_t pitch_class);

KM_C_END

#endif
