// SPDX-License-Identifier: MIT

// The tension of every bar: the arc of the story and what the section asks.

#include "base/check.h"
#include "base/math.h"
#include "session/planner_private.h"

enum { ARC_POINTS = 8 };

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

// How much of the tension is the story's, the rest being the section's. Reflection hardly stirs
// from section to section; a descent goes on whatever the section; a climax that comes early
// overrules the form.
static double share_of_arc(const struct km_harmony_plan *plan)
{
    if (km_plan_breaks(plan, KM_RULE_ARRANGEMENT_PREMATURE_CLIMAX)) {
        return 0.8;
    }
    return plan->arc == KM_ARC_STATIC_REFLECTION || plan->arc == KM_ARC_DESCENT ? 0.75 : 0.6;
}

static double arc_of_bar(const struct km_harmony_plan *plan, const struct km_plan_section *section,
                         int bar)
{
    const float *const curve = arc_curves[plan->arc];
    const double length = plan->length_bars;
    if (km_plan_breaks(plan, KM_RULE_ARRANGEMENT_PREMATURE_CLIMAX)) {
        return early_arc_at(curve, ((double)bar + 0.5) / length);
    }
    if (plan->arc == KM_ARC_SUDDEN_SHIFT) { // Nothing leads over: a section is at one height.
        const double middle = (double)section->first_bar + (double)section->bar_count * 0.5;
        return arc_at(curve, middle / length);
    }
    return arc_at(curve, ((double)bar + 0.5) / length);
}

static double tension_of_bar(const struct km_harmony_plan *plan,
                             const struct km_plan_section *section, int bar)
{
    const double share = share_of_arc(plan);
    const double arc = arc_of_bar(plan, section, bar);
    // Each phrase leans forward a little.
    const double lean = 0.03 * ((bar - section->first_bar) % KM_PLAN_PHRASE_BARS) - 0.045;
    double tension = share * arc + (1 - share) * (double)section_tensions[section->kind] + lean;
    if (km_plan_breaks(plan, KM_RULE_ARRANGEMENT_EXTREME_DYNAMIC_RANGE)) {
        tension = 0.75 + (tension - 0.75) * 1.6;
    }
    return km_clamp(tension, 0, 1.3);
}

void km_plan_choose_tension(struct km_harmony_plan *plan)
{
    KM_CHECK(plan->arc < KM_ARCS_COUNT && plan->section_count > 0);
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
