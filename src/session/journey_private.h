// SPDX-License-Identifier: MIT

/// The way of a journey: places between two feelings; for the session module alone.
#ifndef KM_SESSION_JOURNEY_PRIVATE_H
#define KM_SESSION_JOURNEY_PRIVATE_H

#include "session/journey.h"
#include "session/plan.h"

#include <stdint.h>

/// Between two plans. Their affects are where the way begins and ends.
struct km_journey_way {
    const struct km_harmony_plan *from, *to;
    uint8_t modes[KM_MODES_COUNT]; ///< From one plan's to the other's, each a note from the next.
    int mode_count;
};

/// What the music is like at a place.
struct km_journey_place {
    struct km_affect affect;
    uint16_t tempo_bpm;
    uint8_t mode;
    uint8_t velocity_low, velocity_high;
    uint8_t register_low, register_high;
    float density, articulation;
};

/// A feeling between two.  [any]
void km_journey_mix_affects(const struct km_affect *from, const struct km_affect *to, double share,
                            struct km_affect *affect);

/// The way between two plans, which must outlive it.  [any]
void km_journey_way_init(struct km_journey_way *way, const struct km_harmony_plan *from,
                         const struct km_harmony_plan *to);

/// The place after `step` of `steps` equal steps; the beginning if there are none.  [any]
void km_journey_way_place(const struct km_journey_way *way, int step, int steps,
                          struct km_journey_place *place);

/// Whether so many equal steps keep to the limits.  [any]
bool km_journey_way_is_gentle(const struct km_journey_way *way, int steps);

/// The least number of equal steps that keep to the limits, at most KM_JOURNEY_STAGES_MAX - 1; 0 if
/// both ends are alike.  [any]
int km_journey_way_steps(const struct km_journey_way *way);

enum { KM_JOURNEY_PHRASES_MIN = 2 }; ///< Of a stage: a phrase and its answer.

/// When each stage is to be over. First those on the way, then those at the goal, or that stay.
struct km_journey_schedule {
    const struct km_journey_way *way;
    double music_s; ///< Time of the whole, without silence.
    int steps;      ///< Of the whole way; 0: there is none to go.
    int moving;     ///< Stages before the goal.
    int goal;       ///< Stages at the goal, or that stay.
    int silent;     ///< The stage after which silence may stand; -1: there is but one stage.
    double end_s[KM_JOURNEY_STAGES_MAX]; ///< Of each stage, without silence.
};

/// Shares the time out. The way must outlive the schedule.  [any]
void km_journey_schedule_init(struct km_journey_schedule *schedule,
                              const struct km_journey_way *way, double music_s);

/// [any]
static inline int km_journey_stage_count(const struct km_journey_schedule *schedule)
{
    return schedule->moving + schedule->goal;
}

/// Length of a bar of the plan at a tempo.  [any]
double km_journey_bar_seconds(const struct km_harmony_plan *plan, double tempo_bpm);

#endif
