// SPDX-License-Identifier: MIT

// What holds a plan back from outside: calm, a ceiling of loudness, music before and after it, and
// silence.

#include "base/check.h"
#include "base/math.h"
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

// Quarter notes a minute at which four bars last so long.
static double tempo_of_phrase(uint8_t beats, uint8_t unit, double seconds)
{
    return KM_PLAN_PHRASE_BARS * 4.0 * beats / unit * 60 / seconds;
}

static bool is_tempo(double tempo_bpm)
{
    return tempo_bpm >= KM_PLAN_TEMPO_MIN && tempo_bpm <= KM_PLAN_TEMPO_MAX;
}

static enum km_status check_phrase(const struct km_plan_wishes *wishes, struct km_error *error)
{
    const double seconds = wishes->phrase_s;
    if (!(seconds >= KM_PLAN_PHRASE_MIN && seconds <= KM_PLAN_PHRASE_MAX)) {
        return km_error_set(error, KM_ERROR_RANGE, "a phrase lasts %d to %d seconds",
                            KM_PLAN_PHRASE_MIN, KM_PLAN_PHRASE_MAX);
    }
    if (wishes->has_tempo) {
        return km_error_set(error, KM_ERROR_RANGE,
                            "a phrase's seconds decide the tempo: ask for one of the two");
    }
    if (wishes->has_metre &&
        !is_tempo(tempo_of_phrase(wishes->beats_per_bar, wishes->beat_unit, seconds))) {
        return km_error_set(error, KM_ERROR_RANGE,
                            "a phrase in %u/%u cannot last so long, or so short",
                            (unsigned int)wishes->beats_per_bar, (unsigned int)wishes->beat_unit);
    }
    return KM_OK;
}

enum km_status km_plan_check_restraint(const struct km_plan_wishes *wishes, struct km_error *error)
{
    const bool has_ceiling = wishes->velocity_ceiling != 0;
    if (has_ceiling &&
        (wishes->velocity_ceiling < KM_PLAN_CEILING_MIN || wishes->velocity_ceiling > NO_CEILING)) {
        return km_error_set(error, KM_ERROR_RANGE, "a loudness ceiling lies between %d and %d",
                            KM_PLAN_CEILING_MIN, NO_CEILING);
    }
    if (wishes->silence_s > KM_PLAN_SILENCE_MAX) {
        return km_error_set(error, KM_ERROR_RANGE, "a silence lasts at most %d seconds",
                            KM_PLAN_SILENCE_MAX);
    }
    const bool has_phrase = wishes->phrase_s < 0 || wishes->phrase_s > 0;
    return has_phrase ? check_phrase(wishes, error) : KM_OK;
}

static const uint8_t metres[][2] = {
#define KM_METRE(beats, unit, ...) {beats, unit},
#include "session/metres.def"
#undef KM_METRE
};

// How far a metre and its tempo are from what was chosen before: a tempo by its ratio, another
// metre as much as a sixth of tempo, a limping one as much as half.
static double distance_of(const struct km_harmony_plan *plan, const struct km_plan_wishes *wishes,
                          const uint8_t metre[2], double tempo)
{
    const bool is_own = metre[0] == plan->beats_per_bar && metre[1] == plan->beat_unit;
    const bool is_limping = metre[0] == 5 || metre[0] == 7;
    const bool is_calm = tempo >= CALM_TEMPO_MIN && tempo <= CALM_TEMPO_MAX;
    const double apart = km_log(tempo / plan->tempo_bpm);
    return (apart < 0 ? -apart : apart) + (is_own ? 0.0 : (is_limping ? 0.5 : 0.15)) +
           (wishes->is_calm && !is_calm ? 10.0 : 0.0);
}

void km_plan_fit_phrase(struct km_harmony_plan *plan, const struct km_plan_wishes *wishes)
{
    if (!(wishes->phrase_s > 0)) {
        return;
    }
    const uint8_t *best = (const uint8_t[]){plan->beats_per_bar, plan->beat_unit};
    double best_distance = 1e9;
    for (size_t i = 0; i < sizeof(metres) / sizeof(metres[0]); ++i) {
        const uint8_t *const metre = metres[i];
        const double tempo = tempo_of_phrase(metre[0], metre[1], wishes->phrase_s);
        const bool is_allowed = !wishes->has_metre || (metre[0] == wishes->beats_per_bar &&
                                                       metre[1] == wishes->beat_unit);
        const double distance = distance_of(plan, wishes, metre, tempo);
        if (is_allowed && is_tempo(tempo) && distance < best_distance) {
            best = metre;
            best_distance = distance;
        }
    }
    plan->beats_per_bar = best[0];
    plan->beat_unit = best[1];
    plan->tempo_bpm = (uint16_t)km_round(tempo_of_phrase(best[0], best[1], wishes->phrase_s));
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

enum km_status km_plan_join_form(struct km_harmony_plan *plan, const struct km_plan_wishes *wishes,
                                 struct km_error *error)
{
    KM_CHECK(plan->section_count > 0);
    join_neighbours(plan, wishes);
    plan->is_continued = wishes->is_continued;
    if (wishes->silence_s == 0) {
        return KM_OK;
    }
    const int room = KM_PLAN_BARS_MAX - plan->length_bars;
    const uint16_t bars = bars_of_seconds(plan, wishes->silence_s);
    if (bars > room || plan->section_count == KM_PLAN_SECTIONS_MAX) {
        return km_error_set(error, KM_ERROR_RANGE,
                            "%u bars of silence do not fit: a song has at most %d bars",
                            (unsigned int)bars, KM_PLAN_BARS_MAX);
    }
    const int index = wishes->is_continued ? plan->section_count : middle_section(plan);
    insert_silence(plan, index, bars);
    return KM_OK;
}
