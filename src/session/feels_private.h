// SPDX-License-Identifier: MIT

/// What a groove feel does to a song: how parts are timed, and how its tempo breathes; for the
/// session module alone.
#ifndef KM_SESSION_FEELS_PRIVATE_H
#define KM_SESSION_FEELS_PRIVATE_H

#include "groove/groove.h"
#include "session/score_private.h"

/// How a part is humanised: all parts share a seed, and so drift together; each leans in its own
/// way.  [any]
struct km_groove km_feel_groove(const struct km_score *score, enum km_part part);

/// The tempo at a pulse of a bar, as a share of the plan's: 1 for most feels, at the beginning of a
/// phrase, and in what is continued. A phrase takes as long as at the plan's own tempo, to a
/// hundredth.  [any]
double km_feel_tempo(const struct km_score *score, int bar, int pulse);

/// Whether the tempo changes within bars.  [any]
bool km_feel_is_free(const struct km_harmony_plan *plan);

#endif
