// SPDX-License-Identifier: MIT

// Sections, phrases and tension of a plan's JSON.

#include "session/plan_read_private.h"

#include "base/check.h"

#include <string.h>

static const char *const section_names[] = {
#define KM_SECTION(NAME, name, tension) name,
#include "session/sections.def"
#undef KM_SECTION
};

static const char *const cadence_names[] = {
#define KM_CADENCE(NAME, name, ...) name,
#include "session/cadences.def"
#undef KM_CADENCE
};

static const struct km_plan_bounds tension_bounds = {0.0, 1.3};

// Where the bars of a list have got to.
struct bars {
    int next; // Where the next element has to begin.
    int end;
};

// Reads `first_bar`, which only says again where the element before ends, and `bar_count`.
static void read_bars(struct km_plan_reading *reading, const struct km_plan_object *object,
                      struct bars *bars, uint16_t *first_bar, int64_t *bar_count)
{
    int64_t first = bars->next;
    (void)km_plan_read_integer(reading, object, "first_bar",
                               (struct km_plan_bounds){0, KM_PLAN_BARS_MAX}, &first);
    if (first != bars->next) {
        (void)km_plan_refuse(reading, object, "first_bar",
                             "expected %d, where the one before ends: there is a gap or an overlap",
                             bars->next);
    }
    if (!km_plan_read_integer(reading, object, "bar_count",
                              (struct km_plan_bounds){1, KM_PLAN_BARS_MAX}, bar_count)) {
        (void)km_plan_refuse(reading, object, "bar_count", "is missing");
    }
    *first_bar = (uint16_t)bars->next;
    bars->next += (int)*bar_count;
    if (bars->next > bars->end) {
        (void)km_plan_refuse(reading, object, "bar_count",
                             "ends after bar %d, but the song has length_bars %d", bars->next,
                             bars->end);
    }
}

static void check_end(struct km_plan_reading *reading, const struct km_plan_object *root,
                      const char *field, const struct bars *bars)
{
    if (bars->next != bars->end) {
        (void)km_plan_refuse(reading, root, field,
                             "fill %d bars, but the song has length_bars %d: change both",
                             bars->next, bars->end);
    }
}

static void read_section(struct km_plan_reading *reading, const struct km_plan_object *object,
                         struct bars *bars, struct km_plan_section *section)
{
    static const char *const fields[] = {"name", "first_bar", "bar_count", "tension", NULL};
    km_plan_check_fields(reading, object, fields);
    const struct km_plan_names names = {section_names, KM_SECTION_KINDS_COUNT};
    if (!km_plan_read_name(reading, object, "name", names, &section->kind)) {
        (void)km_plan_refuse(reading, object, "name", "is missing");
    }
    int64_t bar_count = 0;
    read_bars(reading, object, bars, &section->first_bar, &bar_count);
    section->bar_count = (uint16_t)bar_count;
    section->tension = -1.0F; // Until it is known.
    (void)km_plan_read_real(reading, object, "tension", tension_bounds, &section->tension);
}

static bool read_sections(struct km_plan_reading *reading, const struct km_plan_object *root,
                          struct km_harmony_plan *plan)
{
    json_t *list = NULL;
    if (!km_plan_read_list(reading, root, "sections", KM_PLAN_SECTIONS_MAX, &list)) {
        return false;
    }
    memset(plan->sections, 0, sizeof(plan->sections));
    plan->section_count = (uint8_t)json_array_size(list);
    struct bars bars = {.end = plan->length_bars};
    for (size_t i = 0; i < plan->section_count && reading->status == KM_OK; ++i) {
        const struct km_plan_object object = km_plan_list_object(reading, list, "sections", i);
        read_section(reading, &object, &bars, &plan->sections[i]);
    }
    check_end(reading, root, "sections", &bars);
    return true;
}

// The section that a bar lies in.
static const struct km_plan_section *section_at(const struct km_harmony_plan *plan, int bar)
{
    int i = 0;
    while (bar >= plan->sections[i].first_bar + plan->sections[i].bar_count) {
        ++i;
    }
    KM_CHECK(i < plan->section_count);
    return &plan->sections[i];
}

static void read_material(struct km_plan_reading *reading, const struct km_plan_object *object,
                          uint8_t *material)
{
    const char *text = "a";
    (void)km_plan_read_text(reading, object, "material", &text);
    if (text[0] < 'a' || text[0] > 'z' || text[1] != '\0') {
        (void)km_plan_refuse(reading, object, "material", "expected a letter from a to z");
    }
    *material = (uint8_t)(text[0] - 'a');
}

static void read_phrase(struct km_plan_reading *reading, const struct km_plan_object *object,
                        struct bars *bars, struct km_harmony_plan *plan, size_t index)
{
    static const char *const fields[] = {"first_bar", "bar_count", "material", "cadence", NULL};
    struct km_plan_phrase *const phrase = &plan->phrases[index];
    km_plan_check_fields(reading, object, fields);
    int64_t bar_count = 0;
    read_bars(reading, object, bars, &phrase->first_bar, &bar_count);
    if (bar_count > KM_PLAN_PHRASE_BARS) {
        (void)km_plan_refuse(reading, object, "bar_count", "a phrase has 1 to %d bars, not %d",
                             KM_PLAN_PHRASE_BARS, (int)bar_count);
    }
    phrase->bar_count = (uint8_t)bar_count;
    phrase->cadence = KM_CADENCE_OPEN;
    const struct km_plan_names names = {cadence_names, KM_CADENCES_COUNT};
    (void)km_plan_read_name(reading, object, "cadence", names, &phrase->cadence);
    read_material(reading, object, &phrase->material);
    if (reading->status != KM_OK) {
        return;
    }
    const struct km_plan_section *const section = section_at(plan, phrase->first_bar);
    if (bars->next > section->first_bar + section->bar_count) {
        (void)km_plan_refuse(reading, object, "bar_count",
                             "crosses bar %d, where a section ends: a phrase lies within one",
                             section->first_bar + section->bar_count);
    }
}

static bool read_phrases(struct km_plan_reading *reading, const struct km_plan_object *root,
                         struct km_harmony_plan *plan)
{
    json_t *list = NULL;
    if (!km_plan_read_list(reading, root, "phrases", KM_PLAN_PHRASES_MAX, &list)) {
        return false;
    }
    memset(plan->phrases, 0, sizeof(plan->phrases));
    plan->phrase_count = (uint8_t)json_array_size(list);
    struct bars bars = {.end = plan->length_bars};
    for (size_t i = 0; i < plan->phrase_count && reading->status == KM_OK; ++i) {
        const struct km_plan_object object = km_plan_list_object(reading, list, "phrases", i);
        read_phrase(reading, &object, &bars, plan, i);
    }
    check_end(reading, root, "phrases", &bars);
    return true;
}

// Phrases of four bars in each section; its last comes to rest, the others go on.
static void lay_phrases(struct km_plan_reading *reading, const struct km_plan_object *root,
                        struct km_harmony_plan *plan)
{
    memset(plan->phrases, 0, sizeof(plan->phrases));
    int count = 0;
    for (int bar = 0; bar < plan->length_bars && count < KM_PLAN_PHRASES_MAX; ++count) {
        const struct km_plan_section *const section = section_at(plan, bar);
        const int end = section->first_bar + section->bar_count;
        const int left = end - bar;
        const bool is_silent = section->kind == KM_SECTION_SILENCE;
        struct km_plan_phrase *const phrase = &plan->phrases[count];
        phrase->first_bar = (uint16_t)bar;
        phrase->bar_count = (uint8_t)(left < KM_PLAN_PHRASE_BARS ? left : KM_PLAN_PHRASE_BARS);
        bar += phrase->bar_count;
        const uint8_t rest = bar == plan->length_bars ? KM_CADENCE_AUTHENTIC : KM_CADENCE_HALF;
        phrase->cadence = bar == end ? rest : KM_CADENCE_OPEN;
        phrase->cadence = is_silent ? KM_CADENCE_SILENCE : phrase->cadence;
    }
    plan->phrase_count = (uint8_t)count;
    const struct km_plan_phrase *const last = &plan->phrases[count - 1];
    if (last->first_bar + last->bar_count != plan->length_bars) {
        (void)km_plan_refuse(reading, root, "sections", "make more than %d phrases",
                             KM_PLAN_PHRASES_MAX);
    }
}

static void read_tension(struct km_plan_reading *reading, const struct km_plan_object *root,
                         struct km_harmony_plan *plan)
{
    json_t *list = NULL;
    if (!km_plan_read_list(reading, root, "tension", KM_PLAN_BARS_MAX, &list)) {
        return;
    }
    if (json_array_size(list) != plan->length_bars) {
        (void)km_plan_refuse(reading, root, "tension", "one a bar: expected %u numbers, not %zu",
                             (unsigned int)plan->length_bars, json_array_size(list));
        return;
    }
    memset(plan->tension, 0, sizeof(plan->tension));
    for (size_t i = 0; i < plan->length_bars; ++i) {
        const json_t *const value = json_array_get(list, i);
        const float number = (float)json_number_value(value);
        if (!json_is_number(value) ||
            !(number >= (float)tension_bounds.low && number <= (float)tension_bounds.high)) {
            const struct km_plan_object place = {.list = "tension", .index = (int)i};
            (void)km_plan_refuse(reading, &place, "", "expected a number from 0 to 1.3");
            return;
        }
        plan->tension[i] = number;
    }
}

// A section that does not say its tension has the mean of its bars.
static void fill_tension(struct km_harmony_plan *plan)
{
    for (int i = 0; i < plan->section_count; ++i) {
        struct km_plan_section *const section = &plan->sections[i];
        double sum = 0;
        for (int bar = 0; bar < section->bar_count; ++bar) {
            sum += (double)plan->tension[section->first_bar + bar];
        }
        if (section->tension < 0.0F) {
            section->tension = (float)(sum / (double)section->bar_count);
        }
    }
}

void km_plan_read_form(struct km_plan_reading *reading, const struct km_plan_object *root,
                       struct km_harmony_plan *plan)
{
    const bool has_sections = read_sections(reading, root, plan);
    if (reading->status != KM_OK) {
        return;
    }
    const bool has_phrases = read_phrases(reading, root, plan);
    if (has_sections && !has_phrases && reading->status == KM_OK) {
        lay_phrases(reading, root, plan);
    }
    read_tension(reading, root, plan);
    if (reading->status == KM_OK) {
        fill_tension(plan);
    }
}
