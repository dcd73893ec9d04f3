// SPDX-License-Identifier: MIT

/// What instruments can play; for the session module alone.
#ifndef KM_SESSION_INSTRUMENTS_PRIVATE_H
#define KM_SESSION_INSTRUMENTS_PRIVATE_H

#include "session/plan.h"

#include <stdint.h>

enum { KM_INSTRUMENTS_COUNT = 128 };

/// Sounding MIDI keys, both playable; at least an octave.
struct km_key_range {
    uint8_t low, high;
};

/// The keys of a General MIDI program, 0 to 127, that are ordinary writing for it.  [any]
struct km_key_range km_instrument_range(uint8_t program);

/// The keys of a part: of the plan's own instrument for it, of drums those of General MIDI's kit.
/// [any]
struct km_key_range km_part_range(const struct km_harmony_plan *plan, enum km_part part);

/// The key itself, or the nearest one octaves away that is in the range.  [any]
uint8_t km_key_within(struct km_key_range range, uint8_t key);

#endif
