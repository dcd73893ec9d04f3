// SPDX-License-Identifier: MIT

/// What the hands of a solo piano share; for the session module alone.
#ifndef KM_SESSION_PIANO_PRIVATE_H
#define KM_SESSION_PIANO_PRIVATE_H

#include "session/score_private.h"

#include <stdbool.h>
#include <stdint.h>

/// The lowest key of the right hand, a step below the tune's register: the left hand ends under it.
/// [any]
int km_piano_split(const struct km_harmony_plan *plan);

/// Whether the music is legato enough for the pedal.  [any]
bool km_piano_uses_pedal(const struct km_harmony_plan *plan);

/// Whether a tick is the bar's first beat, or its middle one.  [any]
bool km_piano_is_accented(const struct km_score *score, uint32_t tick);

/// Writes the pedal into a hand's part: up where the harmony or the bar changes, and down again
/// when the new chord sounds; up in silence and at the end. Both hands' channels say the same, for
/// a piano has one pedal.  [any]
void km_piano_press_pedal(struct km_score *score, enum km_part part);

#endif
