// SPDX-License-Identifier: MIT

/// Where chords go in real songs (progressions.def); for the session module alone.
#ifndef KM_SESSION_PROGRESSIONS_PRIVATE_H
#define KM_SESSION_PROGRESSIONS_PRIVATE_H

#include "session/plan.h"
#include "theory/chord.h"
#include "theory/scale.h"

#include <stdint.h>

enum { KM_PROGRESSION_STATES = 36 };

/// The state of a chord in a key: its root above the tonic and its triad. Augmented ones and those
/// without a third count as major; home counts as the key's own triad, whatever it is.  [any]
uint8_t km_progression_state(struct km_chord chord, struct km_key key);

/// Weights of all states after one, in ten thousandths; 0 for itself.  [any]
const uint16_t *km_progression_after(struct km_key key, uint8_t state);

/// Weights of the states that begin a section; kinds that were not counted begin as verses.  [any]
const uint16_t *km_progression_opening(struct km_key key, uint8_t section_kind);

#endif
