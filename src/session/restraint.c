// SPDX-License-Identifier: MIT

// What holds a plan back from outside: calm, a ceiling of loudness, music before and after it, and
// silence.

#include "base/check.h"
#include "base/units.h"
#include "session/planner_private.h"

#include <string.h>

enum {
    // Sedative music in studies: 60 to 80 to the minute, without strong dynamics.
    CALM_TEMPO_MIN = 60,
    CALM_TEMPO_MAX = 80,
    CALM_CEILING = 76,
    RANGE_MIN = 12, ///< Velocities between soft and loud, or nothing is shaped.
    NO_CEILING = 127,
};

static uint16_t within(uint16_t value, uint16_t low, uint16_t high)
{
    return value < low ? low : (value > high ? high : value);
}

void km_plan_hold_back(struct km_harmony_plan *plan, const struct km_plan_wishes *wishes)
{
    KM_CHECK(wishes->velocity_ceiling <= NO_CEILING);
    uint8_t ceiling = wishes->is_calm ? CALM_CEILING : NO_CEILING;
    if (wishes->velocity_ceiling > 0) {
        ceiling = wishes->velocity_ceiling;
    }
    if (wishes->is_calm && !wishes->has_tempo) {
        plan->tempo_bpm = within(plan->tempo_bpm, CALM_TEMPO_MIN, CALM_TEMPO_MAX);
    }
    plan->velocity_ceiling = ceiling;
    if (ceiling == NO_CEILING) {
        return;
    }
    // Both ends come down, so that what is loud still differs from what is soft.
    if (plan->velocity_high > ceiling) {
        const int over = plan->velocity_high - ceiling;
        const int low = plan->velocity_low - over;
        plan->velocity_high = ceiling;
        plan->velocity_low = (uint8_t)(low < RANGE_MIN ? RANGE_MIN : low);
    }
}

static double mean_tension(const struct km_harmony_plan *plan, int first_bar, int bar_count)
{
    double sum = 0;
    for (int bar = first_bar; bar < first_bar + bar_count; ++bar) {
        sum += (double)plan->tension[bar];
    }
    return sum / (double)bar_count;
}

// The section takes its neighbour's bars over, with its own tension.
static void absorb(struct km_harmony_plan *plan, struct km_plan_section *section,
                   const struct km_plan_section *neighbour)
{
    const float tension =
        (float)mean_tension(plan, section->first_bar, section->bar_count); // Of its own bars.
    for (int i = 0; i < neighbour->bar_count; ++i) {
        plan->tension[neighbour->first_bar + i] = tension;
    }
    if (neighbour->first_bar < section->first_bar) {
        section->first_bar = neighbour->first_bar;
    }
    section->bar_count = (uint16_t)(section->bar_count + neighbour->bar_count);
}

static void remove_section(struct km_harmony_plan *plan, int index)
{
    const int after = plan->section_count - index - 1;
    memmove(&plan->sections[index], &plan->sections[index + 1],
            (size_t)after * sizeof(plan->sections[0]));
    --plan->section_count;
    memset(&plan->sections[plan->section_count], 0, sizeof(plan->sections[0]));
}

static void join_neighbours(struct km_harmony_plan *plan, const struct km_plan_wishes *wishes)
{
    if (wishes->is_continuation && plan->section_count > 1 &&
        plan->sections[0].kind == KM_SECTION_INTRO) {
        absorb(plan, &plan->sections[1], &plan->sections[0]);
        remove_section(plan, 0);
    }
    const int last = plan->section_count - 1;
    if (wishes->is_continued && last > 0 && plan->sections[last].kind == KM_SECTION_OUTRO) {
        absorb(plan, &plan->sections[last - 1], &plan->sections[last]);
        remove_section(plan, last);
    }
}

// Index of the section that begins nearest to the middle, not the first.
static int middle_section(const struct km_harmony_plan *plan)
{
    int best = plan->section_count; // A song of one section is silent after it.
    int best_distance = plan->length_bars;
    for (int i = 1; i < plan->section_count; ++i) {
        const int distance = 2 * plan->sections[i].first_bar - plan->length_bars;
        const int size = distance < 0 ? -distance : distance;
        if (size < best_distance) {
            best = i;
            best_distance = size;
        }
    }
    return best;
}

static uint16_t bars_of_seconds(const struct km_harmony_plan *plan, unsigned int seconds)
{
    const uint64_t ticks_a_minute = (uint64_t)plan->tempo_bpm * KM_PPQ;
    const uint64_t bar_minutes = (uint64_t)km_plan_bar_ticks(plan) * 60;
    return (uint16_t)((seconds * ticks_a_minute + bar_minutes - 1) / bar_minutes);
}

static void insert_silence(struct km_harmony_plan *plan, int index, uint16_t bars)
{
    const uint16_t first_bar =
        index < plan->section_count ? plan->sections[index].first_bar : plan->length_bars;
    const size_t after = (size_t)(plan->length_bars - first_bar);
    memmove(&plan->tension[first_bar + bars], &plan->tension[first_bar],
            after * sizeof(plan->tension[0]));
    memset(&plan->tension[first_bar], 0, bars * sizeof(plan->tension[0]));
    for (int i = plan->section_count; i > index; --i) {
        plan->sections[i] = plan->sections[i - 1];
        plan->sections[i].first_bar = (uint16_t)(plan->sections[i].first_bar + bars);
    }
    plan->sections[index] = (struct km_plan_section){
        .kind = KM_SECTION_SILENCE, .first_bar = first_bar, .bar_count = bars};
    ++plan->section_count;
    plan->length_bars = (uint16_t)(plan->length_bars + bars);
}

void km_plan_join_form(struct km_harmony_plan *plan, const struct km_plan_wishes *wishes)
{
    KM_CHECK(plan->section_count > 0);
    join_neighbours(plan, wishes);
    plan->is_continued = wishes->is_continued;
    if (wishes->silence_s == 0 || plan->section_count == KM_PLAN_SECTIONS_MAX) {
        return;
    }
    const int room = KM_PLAN_BARS_MAX - plan->length_bars;
    const int wanted = bars_of_seconds(plan, wishes->silence_s);
    const int bars = wanted < room ? wanted : room;
    if (bars > 0) {
        const int index = wishes->is_continued ? plan->section_count : middle_section(plan);
        insert_silence(plan, index, (uint16_t)bars);
    }
}
