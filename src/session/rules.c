// SPDX-License-Identifier: MIT

// Which rules a feeling breaks by itself, one of the music and one of its sound; a wish may name
// any.

#include "base/math.h"
#include "base/random.h"
#include "session/planner_private.h"

// Where a rule serves (rules.def says it in words): the feeling, and what it needs of openness and
// chaos.
struct service {
    uint8_t rule;
    float valence, arousal;
    float openness, chaos; ///< Weights of vulnerability and of chaos, 0 to 1.
};

static const struct service services[] = {
    {KM_RULE_HARMONY_AVOID_TONIC_RESOLUTION, -0.6F, -0.3F, 0.8F, 0.2F},
    {KM_RULE_HARMONY_PARALLEL_MOTION, -0.5F, 0.8F, 0.0F, 0.8F},
    {KM_RULE_HARMONY_MODAL_INTERCHANGE, 0.1F, -0.2F, 0.8F, 0.3F},
    {KM_RULE_HARMONY_TRITONE_SUBSTITUTION, 0.4F, 0.2F, 0.1F, 0.8F},
    {KM_RULE_HARMONY_UNRESOLVED_DISSONANCE, -0.7F, -0.2F, 0.6F, 0.5F},
    {KM_RULE_RHYTHM_CONSTANT_DISPLACEMENT, -0.4F, 0.6F, 0.2F, 0.9F},
    {KM_RULE_RHYTHM_TEMPO_FLUCTUATION, 0.1F, -0.5F, 1.0F, 0.0F},
    {KM_RULE_HARMONY_POLYTONALITY, -0.4F, 0.3F, 0.0F, 0.7F},
    {KM_RULE_RHYTHM_METRIC_MODULATION, -0.2F, 0.3F, 0.2F, 0.7F},
    {KM_RULE_RHYTHM_POLYRHYTHMIC_LAYERS, -0.1F, 0.4F, 0.0F, 0.8F},
    {KM_RULE_RHYTHM_DROPPED_BEATS, -0.2F, 0.5F, 0.1F, 0.8F},
    {KM_RULE_ARRANGEMENT_UNBALANCED_DYNAMICS, -0.6F, 0.5F, 0.1F, 0.6F},
    {KM_RULE_ARRANGEMENT_STRUCTURAL_MISMATCH, 0.0F, 0.6F, 0.1F, 0.7F},
    {KM_RULE_ARRANGEMENT_BURIED_VOCALS, -0.2F, -0.5F, 0.7F, 0.2F},
    {KM_RULE_ARRANGEMENT_EXTREME_DYNAMIC_RANGE, -0.4F, 0.4F, 0.6F, 0.5F},
    {KM_RULE_ARRANGEMENT_PREMATURE_CLIMAX, -0.4F, 0.0F, 0.4F, 0.5F},
};

static const struct service sound_services[] = {
    {KM_RULE_PRODUCTION_EXCESSIVE_MUD, -0.7F, -0.2F, 0.3F, 0.4F},
    {KM_RULE_PRODUCTION_PITCH_IMPERFECTION, 0.0F, -0.3F, 0.9F, 0.1F},
    {KM_RULE_PRODUCTION_ROOM_NOISE, 0.2F, -0.6F, 0.9F, 0.0F},
    {KM_RULE_PRODUCTION_DISTORTION, -0.6F, 0.8F, 0.1F, 0.8F},
    {KM_RULE_PRODUCTION_MONO_COLLAPSE, -0.5F, -0.1F, 0.5F, 0.3F},
};

enum {
    SERVICES_COUNT = sizeof(services) / sizeof(services[0]),
    SOUND_SERVICES_COUNT = sizeof(sound_services) / sizeof(sound_services[0]),
};

// Draws one rule of a list by how well it serves.
static uint32_t draw_rule(const struct km_harmony_plan *plan, const struct km_feeling *feeling,
                          double chaos, const struct service *list, uint32_t count)
{
    const double openness = (double)plan->vulnerability;
    float weights[SERVICES_COUNT];
    for (uint32_t i = 0; i < count; ++i) {
        const double valence = (double)list[i].valence - feeling->valence;
        const double arousal = (double)list[i].arousal - feeling->arousal;
        const double fit = km_exp(-(valence * valence + arousal * arousal) * 2);
        const double need = openness * (double)list[i].openness + chaos * (double)list[i].chaos;
        weights[i] = (float)(fit * need * need);
    }
    struct km_random random;
    km_random_init(&random, plan->seed, list == services ? "rule" : "rule of sound");
    return 1U << list[km_random_weighted(&random, weights, count)].rule;
}

void km_plan_choose_rules(struct km_harmony_plan *plan, const struct km_feeling *feeling,
                          double chaos)
{
    const double openness = (double)plan->vulnerability;
    const double reason = openness > chaos ? openness : chaos;
    struct km_random random;
    km_random_init(&random, plan->seed, "rules");
    // From .5 upwards more and more surely.
    if (km_random_chance(&random, (reason - 0.5) * 1.6)) {
        plan->rules |= draw_rule(plan, feeling, chaos, services, SERVICES_COUNT);
    }
    if (km_random_chance(&random, (reason - 0.5) * 0.8)) {
        plan->rules |= draw_rule(plan, feeling, chaos, sound_services, SOUND_SERVICES_COUNT);
    }
}
