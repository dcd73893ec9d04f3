// SPDX-License-Identifier: MIT

// Who plays, which rules are broken, and what is sung, of a plan's JSON.

#include "session/plan_read_private.h"

#include "base/check.h"

#include <string.h>

static const struct km_plan_bounds midi_bounds = {0.0, 127.0};

static void read_part(struct km_plan_reading *reading, const struct km_plan_object *object,
                      struct km_harmony_plan *plan, uint32_t *seen)
{
    static const char *const fields[] = {"id", "name", "on", "program", "level", "variation", NULL};
    const char *ids[KM_PARTS_COUNT];
    for (int i = 0; i < KM_PARTS_COUNT; ++i) {
        ids[i] = km_part_id((enum km_part)i);
    }
    uint8_t id = 0;
    km_plan_check_fields(reading, object, fields);
    const struct km_plan_names names = {ids, KM_PARTS_COUNT};
    if (!km_plan_read_name(reading, object, "id", names, &id)) {
        (void)km_plan_refuse(reading, object, "id", "is missing");
        return;
    }
    if ((*seen >> id & 1U) != 0) {
        (void)km_plan_refuse(reading, object, "id", "'%s' is there twice", ids[id]);
    }
    *seen |= 1U << id;
    struct km_plan_part *const part = &plan->parts[id];
    (void)km_plan_read_flag(reading, object, "on", &part->is_on);
    (void)km_plan_read_byte(reading, object, "program", midi_bounds, &part->program);
    int64_t number = part->level;
    (void)km_plan_read_integer(reading, object, "level", (struct km_plan_bounds){-127, 127},
                               &number);
    part->level = (int8_t)number;
    number = part->variation;
    (void)km_plan_read_integer(reading, object, "variation", (struct km_plan_bounds){0, UINT16_MAX},
                               &number);
    part->variation = (uint16_t)number;
}

static void read_parts(struct km_plan_reading *reading, const struct km_plan_object *root,
                       struct km_harmony_plan *plan)
{
    json_t *list = NULL;
    uint32_t seen = 0;
    if (!km_plan_read_list(reading, root, "parts", KM_PARTS_COUNT, &list)) {
        return;
    }
    for (size_t i = 0; i < json_array_size(list) && reading->status == KM_OK; ++i) {
        const struct km_plan_object object = km_plan_list_object(reading, list, "parts", i);
        if (reading->status == KM_OK) {
            read_part(reading, &object, plan, &seen);
        }
    }
}

static void read_use(struct km_plan_reading *reading, const struct km_plan_object *object,
                     int length_bars, struct km_plan_rule_use *use)
{
    (void)km_plan_read_flag(reading, object, "asked", &use->is_wish);
    int64_t first = use->first_bar;
    (void)km_plan_read_integer(reading, object, "first_bar",
                               (struct km_plan_bounds){0, length_bars - 1}, &first);
    const int64_t left = length_bars - first;
    int64_t count = use->bar_count < left ? use->bar_count : left;
    (void)km_plan_read_integer(reading, object, "bar_count",
                               (struct km_plan_bounds){0, (double)left}, &count);
    int64_t amount = use->amount;
    (void)km_plan_read_integer(reading, object, "semitones", (struct km_plan_bounds){-11, 11},
                               &amount);
    use->first_bar = (uint16_t)first;
    use->bar_count = (uint16_t)count;
    use->amount = (int8_t)amount;
}

static void read_rule(struct km_plan_reading *reading, const struct km_plan_object *object,
                      struct km_harmony_plan *plan, uint32_t *seen)
{
    static const char *const fields[] = {"id",    "effect",    "serves",    "why",
                                         "asked", "first_bar", "bar_count", "applied",
                                         "needs", "semitones", NULL};
    const struct km_plan_names names = {km_rule_names(), KM_RULES_COUNT};
    uint8_t rule = 0;
    km_plan_check_fields(reading, object, fields);
    if (!km_plan_read_name(reading, object, "id", names, &rule)) {
        (void)km_plan_refuse(reading, object, "id", "is missing");
        return;
    }
    if ((*seen >> rule & 1U) != 0) {
        (void)km_plan_refuse(reading, object, "id", "'%s' is there twice", names.names[rule]);
    }
    *seen |= 1U << rule;
    if (plan) {
        read_use(reading, object, plan->length_bars, &plan->rule_uses[rule]);
    }
}

// Rules that are broken while other fields are planned: where those stand in the document, a rule
// that was added by hand comes too late.
static const struct {
    enum km_rule rule;
    const char *field;
    const char *remedy;
} written_rules[] = {
    {KM_RULE_HARMONY_AVOID_TONIC_RESOLUTION, "chords", "chords, chord_symbols and phrases"},
    {KM_RULE_HARMONY_MODAL_INTERCHANGE, "chords", "chords, chord_symbols and phrases"},
    {KM_RULE_HARMONY_TRITONE_SUBSTITUTION, "chords", "chords, chord_symbols and phrases"},
    {KM_RULE_HARMONY_UNRESOLVED_DISSONANCE, "chords", "chords, chord_symbols and phrases"},
    {KM_RULE_ARRANGEMENT_UNBALANCED_DYNAMICS, "parts", "parts"},
    {KM_RULE_ARRANGEMENT_BURIED_VOCALS, "parts", "parts and register"},
    {KM_RULE_ARRANGEMENT_STRUCTURAL_MISMATCH, "sections",
     "sections, phrases, chords, chord_symbols and tension"},
    {KM_RULE_ARRANGEMENT_EXTREME_DYNAMIC_RANGE, "dynamics", "dynamics, sections and tension"},
    {KM_RULE_ARRANGEMENT_PREMATURE_CLIMAX, "tension", "sections and tension"},
    {KM_RULE_PRODUCTION_EXCESSIVE_MUD, "production", "production"},
    {KM_RULE_PRODUCTION_PITCH_IMPERFECTION, "production", "production"},
    {KM_RULE_PRODUCTION_ROOM_NOISE, "production", "production"},
    {KM_RULE_PRODUCTION_DISTORTION, "production", "production"},
    {KM_RULE_PRODUCTION_MONO_COLLAPSE, "production", "production"},
};

// Rules that the planner wrote say their bars; those added by hand seldom do.
static void remark_on_rule(struct km_plan_reading *reading, const struct km_plan_object *root,
                           const struct km_plan_object *object)
{
    const char *const id = json_string_value(json_object_get(object->json, "id"));
    if (!id || json_object_get(object->json, "bar_count")) {
        return;
    }
    for (size_t i = 0; i < sizeof(written_rules) / sizeof(written_rules[0]); ++i) {
        if (strcmp(id, km_rule_names()[written_rules[i].rule]) == 0 &&
            json_object_get(root->json, written_rules[i].field)) {
            km_plan_remark(reading, object, "id", "acts on %s, which the plan says: leave out %s",
                           written_rules[i].field, written_rules[i].remedy);
        }
    }
}

uint32_t km_plan_read_rules(struct km_plan_reading *reading, const struct km_plan_object *root,
                            struct km_harmony_plan *plan)
{
    json_t *list = NULL;
    uint32_t seen = 0;
    if (!km_plan_read_list(reading, root, "rules", KM_RULES_COUNT, &list)) {
        return 0;
    }
    for (size_t i = 0; i < json_array_size(list) && reading->status == KM_OK; ++i) {
        const struct km_plan_object object = km_plan_list_object(reading, list, "rules", i);
        if (reading->status == KM_OK) {
            read_rule(reading, &object, plan, &seen);
            remark_on_rule(reading, root, &object);
        }
    }
    return seen;
}

static void read_production(struct km_plan_reading *reading, const struct km_plan_object *root,
                            struct km_plan_production *production)
{
    static const char *const fields[] = {
        "mud_db", "pitch_drift_cents", "room_noise_percent", "drive", "width", NULL};
    static const struct km_plan_bounds unit = {0, 1};
    const struct km_plan_object object = km_plan_read_object(reading, root, "production");
    km_plan_check_fields(reading, &object, fields);
    (void)km_plan_read_real(reading, &object, "mud_db", (struct km_plan_bounds){0, 9},
                            &production->mud_db);
    (void)km_plan_read_real(reading, &object, "pitch_drift_cents", (struct km_plan_bounds){0, 30},
                            &production->pitch_drift_cents);
    (void)km_plan_read_real(reading, &object, "room_noise_percent", unit,
                            &production->room_noise_percent);
    (void)km_plan_read_real(reading, &object, "drive", unit, &production->drive);
    (void)km_plan_read_real(reading, &object, "width", unit, &production->width);
}

static void read_lyrics(struct km_plan_reading *reading, const struct km_plan_object *root,
                        struct km_harmony_plan *plan)
{
    json_t *list = NULL;
    if (!km_plan_read_list(reading, root, "lyrics", KM_PLAN_LYRICS_SIZE / 2, &list)) {
        return;
    }
    memset(plan->lyrics, 0, sizeof(plan->lyrics));
    size_t used = 0;
    for (size_t i = 0; i < json_array_size(list); ++i) {
        const struct km_plan_object place = {.list = "lyrics", .index = (int)i};
        const char *const line = json_string_value(json_array_get(list, i));
        const size_t size = line ? strlen(line) : 0;
        if (!line || size == 0 || line[strcspn(line, "\n\r\t")] != '\0') {
            (void)km_plan_refuse(reading, &place, "", "expected a line of text");
            return;
        }
        if (used + size + 2 > sizeof(plan->lyrics)) {
            (void)km_plan_refuse(reading, root, "lyrics", "longer than %d bytes together",
                                 KM_PLAN_LYRICS_SIZE - 2);
            return;
        }
        memcpy(plan->lyrics + used, line, size);
        used += size;
        plan->lyrics[used++] = '\n';
    }
}

void km_plan_read_parts(struct km_plan_reading *reading, const struct km_plan_object *root,
                        struct km_harmony_plan *plan)
{
    KM_CHECK(plan);
    read_parts(reading, root, plan);
    (void)km_plan_read_rules(reading, root, plan);
    read_production(reading, root, &plan->production);
    read_lyrics(reading, root, plan);
}
