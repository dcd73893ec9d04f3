// SPDX-License-Identifier: MIT

/// Moving about in the scale, for parts that are lines; for the session module alone.
#ifndef KM_SESSION_LINES_PRIVATE_H
#define KM_SESSION_LINES_PRIVATE_H

#include "session/score_private.h"

#include <stdbool.h>
#include <stdint.h>

/// Whether the key's pitch class is in the set.  [any]
static inline bool km_line_has(km_pitch_set set, int key)
{
    return (set >> (unsigned int)(key % 12) & 1U) != 0;
}

/// The notes of the chord that sounds at a tick; none where none sounds.  [any]
km_pitch_set km_line_chord_at(const struct km_score *score, uint32_t tick);

/// The scale over a chord: the key's, with the chord's own notes in the place of their neighbours.
/// [any]
km_pitch_set km_line_scale(const struct km_score *score, km_pitch_set chord);

/// The key so many scale steps from one, up or down; 0 to 127.  [any]
int km_line_step(int key, int steps, km_pitch_set scale);

/// The notes that tell a chord from others: its third and seventh, or what it has beside root and
/// fifth; all of it where that is nothing.  [any]
km_pitch_set km_line_guides(struct km_chord chord);

/// Bar after the last one of the phrase that a bar belongs to.  [any]
int km_line_phrase_end(const struct km_score *score, int bar);

/// The key of the set, in the range, that costs least to reach: near to `from` (0: from nowhere)
/// and to `home`. 0 where the set has none there.  [any]
int km_line_nearest(struct km_key_range range, km_pitch_set set, int from, int home);

#endif
