// SPDX-License-Identifier: MIT

// The mood in words: what is felt, how loud, how it weighs.

#include "session/planner_private.h"

#include <stdio.h>

static const char *loudness_word(const struct km_harmony_plan *plan)
{
    const int middle = (plan->velocity_low + plan->velocity_high) / 2;
    if (middle < 49) {
        return "hushed";
    }
    if (middle < 57) {
        return "quiet";
    }
    return middle < 68 ? "steady" : (middle < 79 ? "strong" : "loud");
}

static const char *weight_word(const struct km_feeling *feeling)
{
    const bool is_calm = feeling->arousal < 0.1;
    if (feeling->valence < -0.2) {
        return is_calm ? "heavy" : (feeling->dominance < -0.1 ? "tense" : "fierce");
    }
    if (feeling->valence > 0.2) {
        return is_calm ? "warm" : "bright";
    }
    return is_calm ? "open" : "restless";
}

void km_plan_describe_mood(struct km_harmony_plan *plan, const struct km_feeling *feeling)
{
    const struct km_affect *const affect = &plan->affect;
    const bool has_second = affect->secondary >= 0 && affect->secondary < KM_EMOTION_NEUTRAL &&
                            affect->secondary != affect->primary;
    // The longest, "disappointment with embarrassment, steady, restless", fits.
    (void)snprintf(plan->mood_profile, sizeof(plan->mood_profile), "%s%s%s, %s, %s",
                   km_emotion_name((enum km_emotion)affect->primary), has_second ? " with " : "",
                   has_second ? km_emotion_name((enum km_emotion)affect->secondary) : "",
                   loudness_word(plan), weight_word(feeling));
}
