// SPDX-License-Identifier: MIT

// Sections and the curve of tension.

#include "base/check.h"
#include "base/math.h"
#include "base/random.h"
#include "session/genre_private.h"
#include "session/planner_private.h"

#include <string.h>

enum { PHRASE_BARS = 4, ARC_POINTS = 8, UNITS_MAX = KM_PLAN_BARS_MAX / PHRASE_BARS };

static const float section_tensions[] = {
#define KM_SECTION(NAME, name, tension) tension,
#include "session/sections.def"
#undef KM_SECTION
};

static const float arc_curves[][ARC_POINTS] = {
#define KM_ARC(NAME, name, ...) {__VA_ARGS__},
#include "session/arcs.def"
#undef KM_ARC
};

// A form for songs of at least so many phrases of four bars. Letters: intro, verse, pre-chorus,
// chorus, bridge, breaKdown, bUild, drop, outro.
struct template
{
    uint8_t units_min;
    const char *letters;
};

enum { TEMPLATES_COUNT = 9 };

static const struct template templates[KM_FORMS_COUNT][TEMPLATES_COUNT] = {
    [KM_FORM_STANDARD] = {{1, "V"},
                          {2, "VC"},
                          {3, "VCO"},
                          {4, "IVCO"},
                          {6, "IVCVCO"},
                          {8, "IVPCBCO"},
                          {12, "IVPCVPCBCO"},
                          {24, "IVPCVPCBVPCCO"},
                          {40, "IVVPCVVPCBVPCKPCCO"}},
    [KM_FORM_STORY] = {{1, "V"},
                       {2, "VC"},
                       {3, "VCO"},
                       {4, "IVCO"},
                       {6, "IVVCVO"},
                       {8, "IVCVBCO"},
                       {12, "IVCVVCBVCO"},
                       {24, "IVVCVVCBVVCO"},
                       {40, "IVVCVVCBVVCKVVCBCO"}},
    [KM_FORM_CLUB] = {{1, "V"},
                      {2, "VD"},
                      {3, "VUD"},
                      {4, "IVDO"},
                      {6, "IVUDDO"},
                      {8, "IVUDKDO"},
                      {12, "IVUDKVUDDO"},
                      {24, "IVPUDKVPUDKUDO"},
                      {40, "IVVPUDDKVVPUDDKBUDDO"}},
};

static uint8_t kind_of_letter(char letter)
{
    switch (letter) {
    case 'I':
        return KM_SECTION_INTRO;
    case 'P':
        return KM_SECTION_PRE_CHORUS;
    case 'C':
        return KM_SECTION_CHORUS;
    case 'B':
        return KM_SECTION_BRIDGE;
    case 'K':
        return KM_SECTION_BREAKDOWN;
    case 'U':
        return KM_SECTION_BUILD;
    case 'D':
        return KM_SECTION_DROP;
    case 'O':
        return KM_SECTION_OUTRO;
    default:
        return KM_SECTION_VERSE;
    }
}

// What goes on longest: verses and choruses.
static float length_weight(uint8_t kind)
{
    switch (kind) {
    case KM_SECTION_VERSE:
    case KM_SECTION_CHORUS:
    case KM_SECTION_DROP:
        return 2.0F;
    case KM_SECTION_BRIDGE:
        return 1.5F;
    default:
        return 1.0F;
    }
}

// The sections of a form in a song of so many phrases.
static const char *letters_of(uint32_t form, int units)
{
    const char *letters = templates[form][0].letters;
    for (int i = 0; i < TEMPLATES_COUNT; ++i) {
        if (units >= templates[form][i].units_min) {
            letters = templates[form][i].letters;
        }
    }
    return letters;
}

// A form that differs from the genre's in a song of this length: short ones are often the same.
static const char *choose_foreign(const struct km_harmony_plan *plan, uint32_t form, int units)
{
    struct km_random random;
    km_random_init(&random, plan->seed, "form");
    const uint32_t first = km_random_below(&random, KM_FORMS_COUNT - 1);
    const char *const own = letters_of(form, units);
    for (uint32_t i = 0; i < KM_FORMS_COUNT - 1; ++i) {
        const uint32_t place = (first + i) % (KM_FORMS_COUNT - 1);
        const char *const other = letters_of((form + 1 + place) % KM_FORMS_COUNT, units);
        if (strcmp(own, other) != 0) {
            return other;
        }
    }
    return "C"; // Where any genre has a verse and no more.
}

static const char *choose_template(const struct km_harmony_plan *plan, int units)
{
    const uint32_t form = km_genre_traits((enum km_genre)plan->genre)->form;
    return km_plan_breaks(plan, KM_RULE_ARRANGEMENT_STRUCTURAL_MISMATCH)
               ? choose_foreign(plan, form, units)
               : letters_of(form, units);
}

// The section that has least for its weight, the first of several (D'Hondt's rule).
static int neediest(const struct km_plan_section *sections, int count)
{
    int best = 0;
    float best_quotient = 0.0F;
    for (int i = 0; i < count; ++i) {
        const float quotient = length_weight(sections[i].kind) / (float)(sections[i].bar_count + 1);
        if (quotient > best_quotient) {
            best_quotient = quotient;
            best = i;
        }
    }
    return best;
}

static void lay_sections(struct km_harmony_plan *plan)
{
    const int units = plan->length_bars / PHRASE_BARS;
    KM_CHECK(units >= 1 && units <= UNITS_MAX);
    const char *const letters = choose_template(plan, units);
    int count = 0;
    for (; letters[count] != '\0'; ++count) {
        plan->sections[count].kind = kind_of_letter(letters[count]);
        plan->sections[count].bar_count = 1; // In phrases, until they are shared out.
    }
    KM_CHECK(count <= KM_PLAN_SECTIONS_MAX && count <= units);
    for (int left = units - count; left > 0; --left) {
        ++plan->sections[neediest(plan->sections, count)].bar_count;
    }
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

// The arc's value at a place in the song, 0 to 1.
static double arc_at(const float *curve, double place)
{
    const double position = km_clamp(place * ARC_POINTS - 0.5, 0, ARC_POINTS - 1);
    int index = (int)position;
    index = index < ARC_POINTS - 2 ? index : ARC_POINTS - 2;
    const double part = position - (double)index;
    return (double)curve[index] + part * ((double)curve[index + 1] - (double)curve[index]);
}

// The same arc with its peak after a quarter of the song: up to it quickly, then a long fall.
static double early_arc_at(const float *curve, double place)
{
    int peak = 0;
    for (int i = 1; i < ARC_POINTS; ++i) {
        peak = curve[i] > curve[peak] ? i : peak;
    }
    const double peak_place = ((double)peak + 0.5) / ARC_POINTS;
    if (place < 0.25) {
        return arc_at(curve, place / 0.25 * peak_place);
    }
    const double top = (double)curve[peak] > 1.1 ? (double)curve[peak] : 1.1;
    return top + (0.45 - top) * (place - 0.25) / 0.75;
}

static double tension_of_bar(const struct km_harmony_plan *plan,
                             const struct km_plan_section *section, int bar)
{
    const float *const curve = arc_curves[plan->arc];
    const double place = ((double)bar + 0.5) / (double)plan->length_bars;
    const bool is_early = km_plan_breaks(plan, KM_RULE_ARRANGEMENT_PREMATURE_CLIMAX);
    const double arc = is_early ? early_arc_at(curve, place) : arc_at(curve, place);
    const double share = is_early ? 0.8 : 0.6; // A climax that comes early overrules the form.
    // Each phrase leans forward a little.
    const double lean = 0.03 * ((bar - section->first_bar) % PHRASE_BARS) - 0.045;
    double tension = share * arc + (1 - share) * (double)section_tensions[section->kind] + lean;
    if (km_plan_breaks(plan, KM_RULE_ARRANGEMENT_EXTREME_DYNAMIC_RANGE)) {
        tension = 0.75 + (tension - 0.75) * 1.6;
    }
    return km_clamp(tension, 0, 1.3);
}

void km_plan_choose_form(struct km_harmony_plan *plan)
{
    lay_sections(plan);
    for (int i = 0; i < plan->section_count; ++i) {
        struct km_plan_section *const section = &plan->sections[i];
        double sum = 0;
        for (int bar = section->first_bar; bar < section->first_bar + section->bar_count; ++bar) {
            plan->tension[bar] = (float)tension_of_bar(plan, section, bar);
            sum += (double)plan->tension[bar];
        }
        section->tension = (float)(sum / (double)section->bar_count);
    }
}
