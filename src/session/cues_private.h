// SPDX-License-Identifier: MIT

/// Shared by the files that turn a feeling into cues; for them alone.
#ifndef KM_SESSION_CUES_PRIVATE_H
#define KM_SESSION_CUES_PRIVATE_H

#include "session/planner_private.h"

struct km_place {
    float valence, arousal, dominance;
};

/// How near two places are, 0 to 1, for drawing by weights; `width` is that of the bell.  [any]
double km_place_nearness(const struct km_place *place, const struct km_feeling *feeling,
                         double width);

/// Choices among kinds, each with a stream of its own. Those that stand lower may look at what
/// those above have set.  [any]
void km_cues_choose_genre(struct km_harmony_plan *plan, const struct km_feeling *feeling,
                          const struct km_plan_wishes *wishes);
void km_cues_choose_key(struct km_harmony_plan *plan, const struct km_feeling *feeling,
                        const struct km_plan_wishes *wishes);
void km_cues_choose_metre(struct km_harmony_plan *plan, const struct km_feeling *feeling,
                          double chaos, const struct km_plan_wishes *wishes);
void km_cues_choose_arc(struct km_harmony_plan *plan, const struct km_feeling *feeling,
                        const struct km_plan_wishes *wishes);
void km_cues_choose_players(struct km_harmony_plan *plan, const struct km_feeling *feeling,
                            const struct km_plan_wishes *wishes);

/// The chance of a major mode.  [any]
double km_cues_share_of_major(const struct km_feeling *feeling);

/// The mode that music of this feeling has most often.  [any]
uint8_t km_cues_likeliest_mode(const struct km_feeling *feeling);

/// Whether beats of a unit are a metre of metres.def.  [any]
bool km_cues_is_metre(uint8_t beats_per_bar, uint8_t beat_unit);

#endif
