// SPDX-License-Identifier: MIT

// The wishes that options of compose name.

#include "apps/compose_job.h"
#include "theory/scale.h"

static enum km_status read_key(const struct km_compose_settings *settings,
                               struct km_plan_wishes *wishes, struct km_error *error)
{
    if (settings->key) {
        struct km_key key = {0};
        const enum km_status status = km_key_parse(settings->key, &key, &wishes->has_mode, error);
        if (status != KM_OK) {
            return status;
        }
        wishes->has_tonic = true;
        wishes->tonic = key.tonic;
        wishes->mode = key.mode;
    }
    if (settings->mode) {
        enum km_mode mode = KM_MODE_IONIAN;
        const enum km_status status = km_mode_parse(settings->mode, &mode, error);
        if (status != KM_OK) {
            return status;
        }
        wishes->has_mode = true;
        wishes->mode = (uint8_t)mode;
    }
    return KM_OK;
}

static enum km_status read_metre(const struct km_compose_settings *settings,
                                 struct km_plan_wishes *wishes, struct km_error *error)
{
    wishes->has_metre = settings->metre != NULL;
    return settings->metre
               ? km_metre_parse(settings->metre, &wishes->beats_per_bar, &wishes->beat_unit, error)
               : KM_OK;
}

static enum km_status read_style(const struct km_compose_settings *settings,
                                 struct km_plan_wishes *wishes, struct km_error *error)
{
    enum km_status status = KM_OK;
    if (settings->genre) {
        enum km_genre genre = 0;
        status = km_genre_parse(settings->genre, &genre, error);
        wishes->has_genre = true;
        wishes->genre = (uint8_t)genre;
    }
    if (status == KM_OK && settings->arc) {
        enum km_arc arc = 0;
        status = km_arc_parse(settings->arc, &arc, error);
        wishes->has_arc = true;
        wishes->arc = (uint8_t)arc;
    }
    if (status == KM_OK && settings->feel) {
        enum km_feel feel = 0;
        status = km_feel_parse(settings->feel, &feel, error);
        wishes->has_feel = true;
        wishes->feel = (uint8_t)feel;
    }
    if (status == KM_OK && settings->ensemble) {
        enum km_ensemble ensemble = 0;
        status = km_ensemble_parse(settings->ensemble, &ensemble, error);
        wishes->has_ensemble = true;
        wishes->ensemble = (uint8_t)ensemble;
    }
    return status;
}

static enum km_status read_rules(const struct km_repeated *rules, struct km_plan_wishes *wishes,
                                 struct km_error *error)
{
    for (size_t i = 0; i < rules->count; ++i) {
        enum km_rule rule = 0;
        const enum km_status status = km_rule_parse(rules->values[i], &rule, error);
        if (status != KM_OK) {
            return status;
        }
        wishes->rules |= 1U << rule;
    }
    return KM_OK;
}

enum km_status km_compose_read_wishes(const struct km_compose_settings *settings,
                                      struct km_plan_wishes *wishes, struct km_error *error)
{
    *wishes = (struct km_plan_wishes){.has_tempo = settings->has_tempo,
                                      .tempo_bpm = (uint16_t)settings->tempo_bpm,
                                      .has_bars = settings->has_bars,
                                      .bars = (uint16_t)settings->bars};
    km_compose_read_restraint(settings, wishes);
    enum km_status status = read_key(settings, wishes, error);
    status = status == KM_OK ? read_metre(settings, wishes, error) : status;
    status = status == KM_OK ? read_style(settings, wishes, error) : status;
    return status == KM_OK ? read_rules(&settings->rules, wishes, error) : status;
}
