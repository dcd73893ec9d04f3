// SPDX-License-Identifier: MIT

// Real numbers of a plan as its JSON keeps them.

#include "base/math.h"
#include "session/planner_private.h"

float km_plan_rounded(double value)
{
    return (float)((double)km_round(value * 10000.0) / 10000.0);
}

static void round_in_place(float *value)
{
    *value = km_plan_rounded((double)*value);
}

void km_plan_round(struct km_harmony_plan *plan)
{
    float *const values[] = {
        &plan->affect.valence,
        &plan->affect.arousal,
        &plan->affect.dominance,
        &plan->affect.intensity,
        &plan->complexity,
        &plan->vulnerability,
        &plan->harmonic_rhythm,
        &plan->density,
        &plan->dissonance,
        &plan->articulation,
        &plan->production.mud_db,
        &plan->production.pitch_drift_cents,
        &plan->production.room_noise_percent,
        &plan->production.drive,
        &plan->production.width,
    };
    for (size_t i = 0; i < sizeof(values) / sizeof(values[0]); ++i) {
        round_in_place(values[i]);
    }
    for (int i = 0; i < plan->section_count; ++i) {
        round_in_place(&plan->sections[i].tension);
    }
    for (int i = 0; i < plan->length_bars; ++i) {
        round_in_place(&plan->tension[i]);
    }
}
