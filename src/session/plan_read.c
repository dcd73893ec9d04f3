// SPDX-License-Identifier: MIT

// A plan from its JSON: what it says, over what is planned from it.

#include "session/plan_read.h"

#include "base/check.h"
#include "groove/groove.h"
#include "heap/heap.h"
#include "session/plan_read_private.h"
#include "session/planner_private.h"

#include <stdio.h>
#include <string.h>

static const struct km_plan_bounds unit_bounds = {0.0, 1.0};
static const struct km_plan_bounds midi_bounds = {0.0, 127.0};

static const char *const emotion_names[] = {
#define KM_EMOTION(NAME, name, ekman, sentiment, valence, arousal, dominance) name,
#include "affect/emotions.def"
#undef KM_EMOTION
};

static const char *const root_fields[] = {"root_note",
                                          "mode",
                                          "tempo_bpm",
                                          "time_signature",
                                          "length_bars",
                                          "chord_symbols",
                                          "harmonic_rhythm",
                                          "mood_profile",
                                          "complexity",
                                          "vulnerability",
                                          "seed",
                                          "version",
                                          "key",
                                          "genre",
                                          "groove",
                                          "ensemble",
                                          "feel",
                                          "arc",
                                          "motivation",
                                          "affect",
                                          "density",
                                          "dissonance",
                                          "articulation",
                                          "dynamics",
                                          "continued",
                                          "register",
                                          "parts",
                                          "sections",
                                          "phrases",
                                          "chords",
                                          "tension",
                                          "rules",
                                          "lyrics",
                                          "production",
                                          NULL};

static void read_emotion(struct km_plan_reading *reading, const struct km_plan_object *object,
                         const char *field, int8_t *emotion)
{
    const struct km_plan_names names = {emotion_names, KM_EMOTIONS_COUNT};
    uint8_t index = 0;
    if (km_plan_read_name(reading, object, field, names, &index)) {
        *emotion = (int8_t)index;
    }
}

// The affect at the place that is named, with the emotions that are.
static void read_affect(struct km_plan_reading *reading, const struct km_plan_object *root,
                        struct km_affect *affect)
{
    static const char *const fields[] = {"primary",   "secondary", "valence", "arousal",
                                         "dominance", "intensity", NULL};
    static const struct km_plan_bounds bounds = {-1.0, 1.0};
    const struct km_plan_object object = km_plan_read_object(reading, root, "affect");
    km_plan_check_fields(reading, &object, fields);
    float valence = 0.0F;
    float arousal = 0.0F;
    (void)km_plan_read_real(reading, &object, "valence", bounds, &valence);
    (void)km_plan_read_real(reading, &object, "arousal", bounds, &arousal);
    km_affect_of_point((double)valence, (double)arousal, affect);
    (void)km_plan_read_real(reading, &object, "dominance", bounds, &affect->dominance);
    (void)km_plan_read_real(reading, &object, "intensity", unit_bounds, &affect->intensity);
    read_emotion(reading, &object, "primary", &affect->primary);
    if (json_is_null(json_object_get(object.json, "secondary"))) {
        affect->secondary = KM_AFFECT_NO_EMOTION;
    }
    read_emotion(reading, &object, "secondary", &affect->secondary);
}

static void read_metre(struct km_plan_reading *reading, const struct km_plan_object *root,
                       struct km_plan_wishes *wishes)
{
    const char *text = NULL;
    if (!km_plan_read_text(reading, root, "time_signature", &text)) {
        return;
    }
    struct km_error error;
    wishes->has_metre = true;
    if (km_metre_parse(text, &wishes->beats_per_bar, &wishes->beat_unit, &error) != KM_OK) {
        (void)km_plan_refuse(reading, root, "time_signature", "%s", error.message);
    }
}

static void read_style(struct km_plan_reading *reading, const struct km_plan_object *root,
                       struct km_plan_wishes *wishes)
{
    const struct km_plan_names genres = {km_genre_names(), KM_GENRES_COUNT};
    const struct km_plan_names ensembles = {km_ensemble_names(), KM_ENSEMBLES_COUNT};
    const struct km_plan_names feels = {km_feel_names(), KM_FEELS_COUNT};
    const struct km_plan_names arcs = {km_arc_names(), KM_ARCS_COUNT};
    wishes->has_genre = km_plan_read_name(reading, root, "genre", genres, &wishes->genre);
    wishes->has_ensemble =
        km_plan_read_name(reading, root, "ensemble", ensembles, &wishes->ensemble);
    wishes->has_feel = km_plan_read_name(reading, root, "feel", feels, &wishes->feel);
    wishes->has_arc = km_plan_read_name(reading, root, "arc", arcs, &wishes->arc);
}

static void read_tempo_and_length(struct km_plan_reading *reading,
                                  const struct km_plan_object *root, struct km_plan_wishes *wishes)
{
    int64_t number = 0;
    wishes->has_tempo = km_plan_read_integer(
        reading, root, "tempo_bpm", (struct km_plan_bounds){KM_PLAN_TEMPO_MIN, KM_PLAN_TEMPO_MAX},
        &number);
    wishes->tempo_bpm = (uint16_t)number;
    wishes->has_bars =
        km_plan_read_integer(reading, root, "length_bars",
                             (struct km_plan_bounds){KM_PLAN_BARS_MIN, KM_PLAN_BARS_MAX}, &number);
    wishes->bars = (uint16_t)number;
}

// Reads what else is planned from, and plans: all that the document leaves out is in the plan then.
static void plan_the_rest(struct km_plan_reading *reading, const struct km_plan_object *root,
                          const struct km_plan_keys *keys, struct km_harmony_plan *plan)
{
    struct km_affect affect;
    read_affect(reading, root, &affect);
    struct km_plan_wishes wishes = {
        .has_tonic = keys->has_tonic,
        .tonic = keys->now.tonic,
        .has_mode = keys->has_mode,
        .mode = keys->now.mode,
        .keeps_rules = true,
    };
    // A remark is made once, when the rules' places are read.
    struct km_plan_remarks *const remarks = reading->remarks;
    reading->remarks = NULL;
    wishes.rules = km_plan_read_rules(reading, root, NULL);
    reading->remarks = remarks;
    read_metre(reading, root, &wishes);
    read_style(reading, root, &wishes);
    read_tempo_and_length(reading, root, &wishes);
    int64_t seed = 1;
    (void)km_plan_read_integer(reading, root, "seed", (struct km_plan_bounds){0, 9.3e18}, &seed);
    struct km_plan_intent intent = {.affect = &affect, .motivation = 5};
    (void)km_plan_read_byte(reading, root, "motivation", (struct km_plan_bounds){1, 10},
                            &intent.motivation);
    float chaos = 0.3F;
    float vulnerability = 0.0F;
    (void)km_plan_read_real(reading, root, "complexity", unit_bounds, &chaos);
    (void)km_plan_read_real(reading, root, "vulnerability", unit_bounds, &vulnerability);
    intent.chaos = (double)chaos;
    intent.vulnerability = (double)vulnerability;
    if (reading->status == KM_OK) {
        reading->status = km_plan_generate(&intent, &wishes, (uint64_t)seed, plan, reading->error);
    }
}

static void read_mood(struct km_plan_reading *reading, const struct km_plan_object *root,
                      struct km_harmony_plan *plan)
{
    const char *text = NULL;
    if (!km_plan_read_text(reading, root, "mood_profile", &text)) {
        return;
    }
    if (strlen(text) >= sizeof(plan->mood_profile)) {
        (void)km_plan_refuse(reading, root, "mood_profile", "longer than %zu bytes",
                             sizeof(plan->mood_profile) - 1);
        return;
    }
    memset(plan->mood_profile, 0, sizeof(plan->mood_profile));
    memcpy(plan->mood_profile, text, strlen(text));
}

static void read_numbers(struct km_plan_reading *reading, const struct km_plan_object *root,
                         struct km_harmony_plan *plan)
{
    (void)km_plan_read_real(reading, root, "complexity", unit_bounds, &plan->complexity);
    (void)km_plan_read_real(reading, root, "vulnerability", unit_bounds, &plan->vulnerability);
    (void)km_plan_read_real(reading, root, "harmonic_rhythm", (struct km_plan_bounds){0.0, 16.0},
                            &plan->harmonic_rhythm);
    (void)km_plan_read_real(reading, root, "density", (struct km_plan_bounds){0.05, 8.0},
                            &plan->density);
    (void)km_plan_read_real(reading, root, "dissonance", unit_bounds, &plan->dissonance);
    (void)km_plan_read_real(reading, root, "articulation", (struct km_plan_bounds){0.4, 1.0},
                            &plan->articulation);
    (void)km_plan_read_flag(reading, root, "continued", &plan->is_continued);
    const struct km_plan_names styles = {km_groove_style_names(), KM_GROOVE_STYLES_COUNT};
    (void)km_plan_read_name(reading, root, "groove", styles, &plan->groove_style);
}

static void read_dynamics(struct km_plan_reading *reading, const struct km_plan_object *root,
                          struct km_harmony_plan *plan)
{
    static const char *const fields[] = {"low", "high", "ceiling", NULL};
    static const struct km_plan_bounds struck = {1.0, 127.0};
    const struct km_plan_object object = km_plan_read_object(reading, root, "dynamics");
    km_plan_check_fields(reading, &object, fields);
    (void)km_plan_read_byte(reading, &object, "low", struck, &plan->velocity_low);
    (void)km_plan_read_byte(reading, &object, "high", struck, &plan->velocity_high);
    (void)km_plan_read_byte(reading, &object, "ceiling", midi_bounds, &plan->velocity_ceiling);
    if (plan->velocity_low >= plan->velocity_high) {
        (void)km_plan_refuse(reading, &object, "high", "expected more than low, %u, not %u",
                             (unsigned int)plan->velocity_low, (unsigned int)plan->velocity_high);
    }
    if (plan->velocity_ceiling != 0 && plan->velocity_ceiling < KM_PLAN_CEILING_MIN) {
        (void)km_plan_refuse(reading, &object, "ceiling", "expected 0 (none) or %d to 127, not %u",
                             KM_PLAN_CEILING_MIN, (unsigned int)plan->velocity_ceiling);
    }
}

static void read_register(struct km_plan_reading *reading, const struct km_plan_object *root,
                          struct km_harmony_plan *plan)
{
    enum { LOWEST = 40, HIGHEST = 96, WIDTH_MIN = 12 };
    static const char *const fields[] = {"low", "high", NULL};
    static const struct km_plan_bounds keys = {LOWEST, HIGHEST};
    const struct km_plan_object object = km_plan_read_object(reading, root, "register");
    km_plan_check_fields(reading, &object, fields);
    (void)km_plan_read_byte(reading, &object, "low", keys, &plan->register_low);
    (void)km_plan_read_byte(reading, &object, "high", keys, &plan->register_high);
    if (plan->register_high < plan->register_low + WIDTH_MIN) {
        (void)km_plan_refuse(reading, &object, "high",
                             "expected an octave over low, %u, at least; not %u",
                             (unsigned int)plan->register_low, (unsigned int)plan->register_high);
    }
}

static void read_plan(struct km_plan_reading *reading, const struct km_plan_object *root,
                      struct km_harmony_plan *plan)
{
    if (json_object_get(root->json, "stages") || json_object_get(root->json, "journey")) {
        (void)km_plan_refuse(reading, root, "stages",
                             "this is a journey; only the plan of one song can be composed again, "
                             "such as that of a stage");
        return;
    }
    km_plan_check_fields(reading, root, root_fields);
    const struct km_plan_keys keys = km_plan_read_keys(reading, root);
    plan_the_rest(reading, root, &keys, plan);
    if (reading->status != KM_OK) {
        return;
    }
    read_mood(reading, root, plan);
    read_numbers(reading, root, plan);
    read_dynamics(reading, root, plan);
    read_register(reading, root, plan);
    km_plan_read_parts(reading, root, plan);
    km_plan_read_form(reading, root, plan);
    km_plan_read_chords(reading, root, &keys, plan);
    km_plan_round(plan);
}

static json_t *load(const struct km_plan_document *document, struct km_error *error)
{
    if (document->size > KM_PLAN_JSON_SIZE_MAX) {
        (void)km_error_set(error, KM_ERROR_TOO_LARGE,
                           "%.100s: larger than the limit of %d bytes: no plan is so long",
                           document->name, KM_PLAN_JSON_SIZE_MAX);
        return NULL;
    }
    json_error_t reason;
    json_t *const json =
        json_loadb(document->bytes, document->size, JSON_REJECT_DUPLICATES, &reason);
    if (json) {
        return json;
    }
    (void)km_error_set(error, KM_ERROR_INVALID, "%.100s: line %d, column %d: %s", document->name,
                       reason.line, reason.column, reason.text);
    return NULL;
}

enum km_status km_plan_read_json(struct km_heap *heap, const struct km_plan_document *document,
                                 struct km_harmony_plan *plan, struct km_plan_remarks *remarks,
                                 struct km_error *error)
{
    KM_CHECK(heap && document && plan);
    KM_CHECK(document->bytes || document->size == 0);
    struct km_error reason = {0};
    if (remarks) {
        *remarks = (struct km_plan_remarks){0};
    }
    struct km_harmony_plan *const read = km_heap_allocate(heap, KM_ACCOUNT_WORKING, sizeof(*read));
    if (!read) {
        return km_heap_refusal(heap, error);
    }
    const uint64_t refusals = km_heap_usage(heap, KM_ACCOUNT_WORKING).refusals;
    struct km_plan_reading reading = {
        .name = document->name, .remarks = remarks, .error = &reason, .status = KM_OK};
    json_t *const json = load(document, &reason);
    const struct km_plan_object root = {.json = json};
    if (!json) {
        reading.status = reason.status;
    } else if (!json_is_object(json)) {
        (void)km_plan_refuse(&reading, &root, "", "expected an object: { ... }");
    } else {
        read_plan(&reading, &root, read);
    }
    json_decref(json);
    // Where jansson's memory is this heap's, a refusal is the reason, whatever jansson says it is.
    const bool is_refused = km_heap_usage(heap, KM_ACCOUNT_WORKING).refusals > refusals;
    if (reading.status != KM_OK && is_refused) {
        reading.status = km_heap_refusal(heap, error);
    } else if (reading.status == KM_OK) {
        *plan = *read;
    } else {
        (void)km_error_set(error, reading.status, "%s", reason.message);
    }
    km_heap_release(heap, read);
    return reading.status;
}
