// SPDX-License-Identifier: MIT

// The degrees of a phrase before it has a cadence: a walk by the grammar of the mode.

#include "session/harmony_private.h"

// A degree after `last`, seldom `before_last` again: to and fro is dull.
static uint8_t next_degree(struct km_harmony *harmony, uint8_t last, uint8_t before_last)
{
    const float *const transitions =
        km_degree_transitions((enum km_mode)harmony->plan->key.mode, last);
    float weights[KM_DEGREES_COUNT];
    for (int i = 0; i < KM_DEGREES_COUNT; ++i) {
        const float again = i == before_last ? 0.35F : 1.0F;
        weights[i] = transitions[i] * harmony->grammar->colours[i] * again;
    }
    return (uint8_t)km_random_weighted(&harmony->random, weights, KM_DEGREES_COUNT);
}

// A walk over the degrees that never stands still.
void km_harmony_walk(struct km_harmony *harmony, uint8_t start,
                     uint8_t degrees[KM_HARMONY_SLOTS_MAX])
{
    degrees[0] = start;
    for (int i = 1; i < KM_HARMONY_SLOTS_MAX; ++i) {
        const uint8_t before_last = i > 1 ? degrees[i - 2] : KM_DEGREES_COUNT;
        degrees[i] = next_degree(harmony, degrees[i - 1], before_last);
    }
}

// Where a section begins: verses at home, choruses often on IV or vi, bridges away.
uint8_t km_harmony_start(struct km_harmony *harmony, uint8_t kind)
{
    static const float home[] = {1, 0, 0, 0, 0, 0, 0};
    static const float chorus[] = {0.5F, 0, 0, 0.25F, 0, 0.25F, 0};
    static const float before[] = {0, 0.3F, 0, 0.4F, 0, 0.3F, 0};
    static const float away[] = {0, 0, 0.2F, 0.35F, 0, 0.45F, 0};
    const float *weights = home;
    if (kind == KM_SECTION_CHORUS) {
        weights = chorus;
    } else if (kind == KM_SECTION_PRE_CHORUS) {
        weights = before;
    } else if (kind == KM_SECTION_BRIDGE) {
        weights = away;
    }
    float coloured[KM_DEGREES_COUNT];
    for (int i = 0; i < KM_DEGREES_COUNT; ++i) {
        coloured[i] = weights[i] * harmony->grammar->colours[i];
    }
    return (uint8_t)km_random_weighted(&harmony->random, coloured, KM_DEGREES_COUNT);
}
