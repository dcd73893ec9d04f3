// SPDX-License-Identifier: MIT

// Where broken rules are heard. Most are throughout the song; two keys and another metre at once
// are a stretch in its middle, or they would be nobody's rule; a climax is one bar.

#include "base/check.h"
#include "base/math.h"
#include "base/random.h"
#include "session/planner_private.h"

// How well a section suits a stretch of disorder: where songs leave home anyway.
static float disorder_weight(const struct km_harmony_plan *plan, int index)
{
    const uint8_t kind = plan->sections[index].kind;
    const bool is_edge = index == 0 || index == plan->section_count - 1;
    if (kind == KM_SECTION_SILENCE || kind == KM_SECTION_INTRO || kind == KM_SECTION_OUTRO ||
        plan->sections[index].bar_count < KM_PLAN_PHRASE_BARS) {
        return 0.0F;
    }
    const bool is_away = kind == KM_SECTION_BRIDGE || kind == KM_SECTION_BUILD ||
                         kind == KM_SECTION_BREAKDOWN || kind == KM_SECTION_PRE_CHORUS;
    return (is_away ? 3.0F : 1.0F) * (is_edge ? 0.1F : 1.0F);
}

static void place_in_section(struct km_harmony_plan *plan, enum km_rule rule, const char *stream)
{
    float weights[KM_PLAN_SECTIONS_MAX];
    float sum = 0.0F;
    for (int i = 0; i < plan->section_count; ++i) {
        weights[i] = disorder_weight(plan, i);
        sum += weights[i];
    }
    struct km_random random;
    km_random_init(&random, plan->seed, stream);
    if (sum > 0.0F) {
        const uint32_t index = km_random_weighted(&random, weights, plan->section_count);
        plan->rule_uses[rule].first_bar = plan->sections[index].first_bar;
        plan->rule_uses[rule].bar_count = plan->sections[index].bar_count;
    }
}

// A tritone away for the most dissonant feelings (Stravinsky's Petrushka), else a third or a
// second.
static void choose_second_key(struct km_harmony_plan *plan)
{
    static const int8_t distances[] = {-6, 6, -1, 1, 3, -3};
    const float harsh = plan->dissonance;
    const float mild = 1.0F - plan->dissonance;
    const float weights[] = {harsh, harsh, harsh, harsh, mild, mild};
    struct km_random random;
    km_random_init(&random, plan->seed, "second key");
    plan->rule_uses[KM_RULE_HARMONY_POLYTONALITY].amount =
        distances[km_random_weighted(&random, weights, 6)];
}

static void place_climax(struct km_harmony_plan *plan)
{
    int peak = 0;
    for (int bar = 1; bar < plan->length_bars; ++bar) {
        peak = plan->tension[bar] > plan->tension[peak] ? bar : peak;
    }
    struct km_plan_rule_use *const use = &plan->rule_uses[KM_RULE_ARRANGEMENT_PREMATURE_CLIMAX];
    use->first_bar = (uint16_t)peak;
    use->bar_count = 1;
}

// The stronger the feeling, the more of it. 3 dB are plainly heard, and 9 are too much; a drift of
// 10 cents is that of a singer, 25 of a worn tape; 0.1 % of full scale is -60 dB.
static void choose_production(struct km_harmony_plan *plan, const struct km_feeling *feeling)
{
    const double strength = km_clamp(0.35 + 0.65 * feeling->intensity, 0, 1);
    plan->production = (struct km_plan_production){.width = 1.0F};
    if (km_plan_breaks(plan, KM_RULE_PRODUCTION_EXCESSIVE_MUD)) {
        plan->production.mud_db = (float)(9 * strength);
    }
    if (km_plan_breaks(plan, KM_RULE_PRODUCTION_PITCH_IMPERFECTION)) {
        plan->production.pitch_drift_cents = (float)(25 * strength);
    }
    if (km_plan_breaks(plan, KM_RULE_PRODUCTION_ROOM_NOISE)) {
        plan->production.room_noise_percent = (float)(0.3 * strength);
    }
    if (km_plan_breaks(plan, KM_RULE_PRODUCTION_DISTORTION)) {
        plan->production.drive = (float)(0.9 * strength);
    }
    if (km_plan_breaks(plan, KM_RULE_PRODUCTION_MONO_COLLAPSE)) {
        plan->production.width = (float)(0.5 * (1 - strength));
    }
}

void km_plan_place_rules(struct km_harmony_plan *plan, const struct km_feeling *feeling,
                         uint32_t wished)
{
    KM_CHECK(plan->section_count > 0);
    for (unsigned int i = 0; i < KM_RULES_COUNT; ++i) {
        const bool is_broken = (plan->rules >> i & 1U) != 0;
        plan->rule_uses[i] = (struct km_plan_rule_use){
            .is_wish = (wished >> i & 1U) != 0,
            .bar_count = is_broken ? plan->length_bars : 0,
        };
    }
    if (km_plan_breaks(plan, KM_RULE_HARMONY_POLYTONALITY)) {
        place_in_section(plan, KM_RULE_HARMONY_POLYTONALITY, "place of two keys");
        choose_second_key(plan);
    }
    if (km_plan_breaks(plan, KM_RULE_RHYTHM_METRIC_MODULATION)) {
        place_in_section(plan, KM_RULE_RHYTHM_METRIC_MODULATION, "place of another metre");
    }
    if (km_plan_breaks(plan, KM_RULE_ARRANGEMENT_PREMATURE_CLIMAX)) {
        place_climax(plan);
    }
    choose_production(plan, feeling);
}
