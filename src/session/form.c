// SPDX-License-Identifier: MIT

// Sections: which, in what order, how long.

#include "base/check.h"
#include "base/random.h"
#include "session/genre_private.h"
#include "session/planner_private.h"

#include <string.h>

enum { PHRASE_BARS = KM_PLAN_PHRASE_BARS, UNITS_MAX = KM_PLAN_BARS_MAX / PHRASE_BARS };

enum { KM_ARC_ANY = KM_ARCS_COUNT };

static const struct form_template {
    uint8_t family; // enum km_form
    uint8_t units_min, units_max;
    const char *letters;
    uint8_t arc; // Or KM_ARC_ANY.
} templates[] = {
#define KM_TEMPLATE(FAMILY, units_min, units_max, letters, ARC)                                    \
    {KM_FORM_##FAMILY, units_min, units_max, letters, KM_ARC_##ARC},
#include "session/forms.def"
#undef KM_TEMPLATE
};

enum { TEMPLATES_COUNT = sizeof(templates) / sizeof(templates[0]) };

// Of each kind of section: its letter, how it shares the length of the song, and how many phrases
// it goes on at most where the others have room: verses and choruses longest.
static const struct {
    char letter;
    float weight;
    uint8_t units_max;
} kinds[] = {
    [KM_SECTION_INTRO] = {'I', 0.8F, 2},      [KM_SECTION_VERSE] = {'V', 2.0F, 4},
    [KM_SECTION_PRE_CHORUS] = {'P', 1.0F, 2}, [KM_SECTION_CHORUS] = {'C', 2.0F, 4},
    [KM_SECTION_BRIDGE] = {'B', 1.5F, 3},     [KM_SECTION_BREAKDOWN] = {'K', 1.0F, 2},
    [KM_SECTION_BUILD] = {'U', 1.0F, 2},      [KM_SECTION_DROP] = {'D', 2.0F, 4},
    [KM_SECTION_OUTRO] = {'O', 0.9F, 2},
};

static uint8_t kind_of_letter(char letter)
{
    for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); ++i) {
        if (kinds[i].letter == letter) {
            return (uint8_t)i;
        }
    }
    KM_CHECK(false);
    return 0;
}

static bool fits(const struct form_template *feel, int units)
{
    return units >= feel->units_min && units <= feel->units_max &&
           strlen(feel->letters) <= (size_t)units;
}

// Whether its sections can fill so many phrases without one that goes on too long.
static bool has_room(const char *letters, int units)
{
    int room = 0;
    for (; *letters != '\0'; ++letters) {
        room += kinds[kind_of_letter(*letters)].units_max;
    }
    return room >= units;
}

// Whether a genre's own family has such a form for this length.
static bool is_known(uint32_t family, const char *letters, int units)
{
    for (int i = 0; i < TEMPLATES_COUNT; ++i) {
        if (templates[i].family == family && fits(&templates[i], units) &&
            strcmp(templates[i].letters, letters) == 0) {
            return true;
        }
    }
    return false;
}

// Draws a form that the length and the arc allow: of the genre's family, or, where the structure is
// meant to mismatch, one that this family does not know.
static const char *draw_letters(const struct km_harmony_plan *plan, int units, bool is_foreign)
{
    const uint32_t family = km_genre_traits((enum km_genre)plan->genre)->form;
    float weights[TEMPLATES_COUNT];
    float total = 0.0F;
    for (int i = 0; i < TEMPLATES_COUNT; ++i) {
        const struct form_template *const feel = &templates[i];
        const bool is_of_arc = feel->arc == plan->arc;
        const bool is_of_family =
            is_foreign ? feel->family != family && !is_known(family, feel->letters, units)
                       : feel->family == family;
        const bool can =
            is_of_family && fits(feel, units) && (is_of_arc || feel->arc == KM_ARC_ANY);
        weights[i] = can ? (is_of_arc ? 6.0F : 1.0F) : 0.0F;
        weights[i] *= has_room(feel->letters, units) ? 1.0F : 1e-4F;
        total += weights[i];
    }
    if (!(total > 0.0F)) {
        return "C"; // Where any genre has a verse and no more.
    }
    struct km_random random;
    km_random_init(&random, plan->seed, "form");
    return templates[km_random_weighted(&random, weights, TEMPLATES_COUNT)].letters;
}

// The section that has least for its weight, the first of several (D'Hondt's rule); one that is
// full comes after all others.
static int neediest(const struct km_plan_section *sections, int count,
                    const float weights[KM_SECTION_KINDS_COUNT])
{
    int best = 0;
    float best_quotient = 0.0F;
    for (int i = 0; i < count; ++i) {
        const uint8_t kind = sections[i].kind;
        const bool is_full = sections[i].bar_count >= kinds[kind].units_max;
        const float quotient =
            weights[kind] / (float)(sections[i].bar_count + 1) * (is_full ? 0.001F : 1.0F);
        if (quotient > best_quotient) {
            best_quotient = quotient;
            best = i;
        }
    }
    return best;
}

// How the kinds share the length in this song: some have long verses, some long choruses.
static void draw_weights(const struct km_harmony_plan *plan, float weights[KM_SECTION_KINDS_COUNT])
{
    struct km_random random;
    km_random_init(&random, plan->seed, "section lengths");
    for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); ++i) {
        weights[i] = kinds[i].weight * (float)(0.7 + 0.7 * km_random_unit(&random));
    }
}

static void lay_bars(struct km_harmony_plan *plan, int count)
{
    uint16_t bar = 0;
    for (int i = 0; i < count; ++i) {
        struct km_plan_section *const section = &plan->sections[i];
        section->first_bar = bar;
        section->bar_count = (uint16_t)(section->bar_count * PHRASE_BARS);
        if (i == count - 1) { // What is no whole phrase becomes a tag at the end.
            section->bar_count = (uint16_t)(plan->length_bars - bar);
        }
        bar = (uint16_t)(bar + section->bar_count);
    }
    plan->section_count = (uint8_t)count;
}

void km_plan_choose_form(struct km_harmony_plan *plan)
{
    const int units = plan->length_bars / PHRASE_BARS;
    KM_CHECK(units >= 1 && units <= UNITS_MAX);
    const bool is_foreign = km_plan_breaks(plan, KM_RULE_ARRANGEMENT_STRUCTURAL_MISMATCH);
    const char *const letters = draw_letters(plan, units, is_foreign);
    const int count = (int)strlen(letters);
    KM_CHECK(count <= KM_PLAN_SECTIONS_MAX && count <= units);
    for (int i = 0; i < count; ++i) {
        plan->sections[i].kind = kind_of_letter(letters[i]);
        plan->sections[i].bar_count = 1; // In phrases, until they are shared out.
    }
    float weights[KM_SECTION_KINDS_COUNT] = {0};
    draw_weights(plan, weights);
    for (int left = units - count; left > 0; --left) {
        ++plan->sections[neediest(plan->sections, count, weights)].bar_count;
    }
    lay_bars(plan, count);
    km_plan_choose_tension(plan);
}
