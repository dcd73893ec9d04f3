// SPDX-License-Identifier: MIT

#include "session/planner_private.h"

#include "base/check.h"
#include "session/cues_private.h"

#include <stdio.h>
#include <string.h>

static const char metres_text[] =
#define KM_METRE(beats, unit, ...) " " #beats "/" #unit
#include "session/metres.def"
#undef KM_METRE
    ;

// Not "x < low || x > high": NaN must not pass.
static bool is_within(double x, double low, double high)
{
    return x >= low && x <= high;
}

static enum km_status check_intent(const struct km_plan_intent *intent, struct km_error *error)
{
    const struct km_affect *const affect = intent->affect;
    if (!is_within((double)affect->valence, -1, 1) || !is_within((double)affect->arousal, -1, 1) ||
        !is_within((double)affect->dominance, -1, 1)) {
        return km_error_set(error, KM_ERROR_RANGE,
                            "valence, arousal and dominance lie between -1 and 1");
    }
    if (!is_within((double)affect->intensity, 0, 1)) {
        return km_error_set(error, KM_ERROR_RANGE, "intensity lies between 0 and 1");
    }
    if (affect->primary < 0 || affect->primary >= KM_EMOTIONS_COUNT ||
        affect->secondary >= KM_EMOTIONS_COUNT) {
        return km_error_set(error, KM_ERROR_RANGE, "there is no such emotion");
    }
    if (intent->motivation < 1 || intent->motivation > 10) {
        return km_error_set(error, KM_ERROR_RANGE, "motivation lies between 1 and 10");
    }
    if (!is_within(intent->chaos, 0, 1) || !is_within(intent->vulnerability, 0, 1)) {
        return km_error_set(error, KM_ERROR_RANGE, "chaos and vulnerability lie between 0 and 1");
    }
    return KM_OK;
}

static enum km_status check_kind(uint8_t value, unsigned int count, const char *what,
                                 struct km_error *error)
{
    return value < count ? KM_OK
                         : km_error_set(error, KM_ERROR_RANGE, "there is no %s number %u", what,
                                        (unsigned int)value);
}

// Wishes for one of several kinds.
static enum km_status check_kinds(const struct km_plan_wishes *wishes, struct km_error *error)
{
    const struct {
        bool is_wished;
        uint8_t value;
        unsigned int count;
        const char *what;
    } kinds[] = {
        {wishes->has_mode, wishes->mode, KM_MODES_COUNT, "mode"},
        {wishes->has_genre, wishes->genre, KM_GENRES_COUNT, "genre"},
        {wishes->has_arc, wishes->arc, KM_ARCS_COUNT, "arc"},
        {wishes->has_feel, wishes->feel, KM_FEELS_COUNT, "feel"},
        {wishes->has_ensemble, wishes->ensemble, KM_ENSEMBLES_COUNT, "ensemble"},
    };
    enum km_status status = KM_OK;
    for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]) && status == KM_OK; ++i) {
        if (kinds[i].is_wished) {
            status = check_kind(kinds[i].value, kinds[i].count, kinds[i].what, error);
        }
    }
    return status;
}

static enum km_status check_wishes(const struct km_plan_wishes *wishes, struct km_error *error)
{
    if (wishes->has_tonic && wishes->tonic > 11) {
        return km_error_set(error, KM_ERROR_RANGE, "a tonic is a pitch class from 0 to 11, not %u",
                            (unsigned int)wishes->tonic);
    }
    if (wishes->has_tempo && !is_within(wishes->tempo_bpm, KM_PLAN_TEMPO_MIN, KM_PLAN_TEMPO_MAX)) {
        return km_error_set(error, KM_ERROR_RANGE, "a tempo lies between %d and %d BPM, not at %u",
                            KM_PLAN_TEMPO_MIN, KM_PLAN_TEMPO_MAX, (unsigned int)wishes->tempo_bpm);
    }
    if (wishes->has_bars && !is_within(wishes->bars, KM_PLAN_BARS_MIN, KM_PLAN_BARS_MAX)) {
        return km_error_set(error, KM_ERROR_RANGE, "a song has %d to %d bars, not %u",
                            KM_PLAN_BARS_MIN, KM_PLAN_BARS_MAX, (unsigned int)wishes->bars);
    }
    if (wishes->has_metre && !km_cues_is_metre(wishes->beats_per_bar, wishes->beat_unit)) {
        return km_error_set(error, KM_ERROR_RANGE, "a song is in one of%s, not in %u/%u",
                            metres_text, (unsigned int)wishes->beats_per_bar,
                            (unsigned int)wishes->beat_unit);
    }
    if (((uint64_t)wishes->rules >> (unsigned int)KM_RULES_COUNT) != 0) {
        return km_error_set(error, KM_ERROR_RANGE, "there are only %d rules to break",
                            KM_RULES_COUNT);
    }
    const enum km_status status = check_kinds(wishes, error);
    return status == KM_OK ? km_plan_check_restraint(wishes, error) : status;
}

enum km_status km_plan_generate(const struct km_plan_intent *intent,
                                const struct km_plan_wishes *wishes, uint64_t seed,
                                struct km_harmony_plan *plan, struct km_error *error)
{
    KM_CHECK(intent && intent->affect);
    KM_CHECK(plan);
    static const struct km_plan_wishes no_wishes;
    const struct km_plan_wishes *const wanted = wishes ? wishes : &no_wishes;
    enum km_status status = check_intent(intent, error);
    if (status == KM_OK) {
        status = check_wishes(wanted, error);
    }
    if (status != KM_OK) {
        return status;
    }
    struct km_affect affect = *intent->affect; // It may be the plan's own.
    affect.valence = km_plan_rounded((double)affect.valence);
    affect.arousal = km_plan_rounded((double)affect.arousal);
    affect.dominance = km_plan_rounded((double)affect.dominance);
    affect.intensity = km_plan_rounded((double)affect.intensity);
    memset(plan, 0, sizeof(*plan));
    plan->seed = seed;
    plan->affect = affect;
    plan->motivation = intent->motivation;
    plan->vulnerability = km_plan_rounded(intent->vulnerability);
    plan->rules = wanted->rules;
    const struct km_feeling feeling = km_feeling_of_affect(&affect);
    if (!wanted->keeps_rules) {
        km_plan_choose_rules(plan, &feeling, intent->chaos);
    }
    km_plan_choose_cues(plan, &feeling, intent->chaos, wanted);
    km_plan_hold_back(plan, wanted);
    km_plan_fit_phrase(plan, wanted);
    (void)snprintf(plan->root_note, sizeof(plan->root_note), "%s",
                   km_key_spell(plan->key, plan->key.tonic));
    km_plan_choose_form(plan);
    status = km_plan_join_form(plan, wanted, error);
    if (status != KM_OK) {
        return status;
    }
    km_plan_choose_chords(plan, &feeling);
    km_plan_choose_parts(plan);
    km_plan_place_rules(plan, &feeling, wanted->rules);
    km_plan_describe_mood(plan, &feeling);
    km_plan_round(plan);
    return KM_OK;
}
