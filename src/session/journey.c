// SPDX-License-Identifier: MIT

// Planning a journey: what stays the same throughout, how many stages, how long each is, and the
// plan of each.

#include "session/journey.h"

#include "base/check.h"
#include "base/math.h"
#include "base/random.h"
#include "base/units.h"
#include "heap/heap.h"
#include "session/cues_private.h"
#include "session/journey_private.h"
#include "session/planner_private.h"

#include <stdio.h>

enum { PHRASE_BARS = KM_PLAN_PHRASE_BARS, PHRASES_MIN = KM_JOURNEY_PHRASES_MIN };

static const double silence_share = 0.5; // Of the time, at most.

// The plans that the journey is measured by.
struct landmarks {
    struct km_harmony_plan from, to, middle;
};

struct planning {
    const struct km_journey_config *config;
    struct km_plan_wishes wishes; // Of all stages.
    struct landmarks *landmarks;
    struct km_journey_way way;
    struct km_journey_schedule schedule;
};

const char *km_journey_path_name(enum km_journey_path path)
{
    static const char *const names[KM_JOURNEY_PATHS_COUNT] = {"small steps", "at once", "hold"};
    KM_CHECK((unsigned int)path < KM_JOURNEY_PATHS_COUNT);
    return names[path];
}

double km_journey_bar_tempo(const struct km_journey *journey, int stage, int bar)
{
    KM_CHECK(stage >= 0 && stage < journey->stage_count);
    const struct km_harmony_plan *const plan = &journey->stages[stage].plan;
    const int into = bar - (plan->length_bars - PHRASE_BARS) + 1; // The last phrase, from 1.
    const bool is_silent = plan->sections[plan->section_count - 1].kind == KM_SECTION_SILENCE;
    if (into <= 0 || stage + 1 == journey->stage_count || is_silent) {
        return plan->tempo_bpm;
    }
    const double next = journey->stages[stage + 1].plan.tempo_bpm;
    return plan->tempo_bpm + (next - plan->tempo_bpm) * into / (PHRASE_BARS + 1);
}

uint32_t km_journey_first_bar(const struct km_journey *journey, int stage)
{
    KM_CHECK(stage >= 0 && stage <= journey->stage_count);
    uint32_t bars = 0;
    for (int i = 0; i < stage; ++i) {
        bars += journey->stages[i].plan.length_bars;
    }
    return bars;
}

static enum km_status check(const struct km_journey_config *config, struct km_error *error)
{
    if (!(config->minutes >= KM_JOURNEY_MINUTES_MIN && config->minutes <= KM_JOURNEY_MINUTES_MAX)) {
        return km_error_set(error, KM_ERROR_RANGE, "a journey lasts half a minute to 60 minutes");
    }
    if (config->wishes && config->wishes->has_bars) {
        return km_error_set(error, KM_ERROR_RANGE,
                            "a journey has a length in minutes, not in bars");
    }
    if (config->wishes && config->wishes->silence_s > config->minutes * 60 * silence_share) {
        return km_error_set(error, KM_ERROR_RANGE,
                            "silence may take at most half of the journey's time");
    }
    return KM_OK;
}

struct request {
    const struct km_affect *affect;
    const struct km_plan_wishes *wishes;
    uint64_t seed;
};

static enum km_status generate(const struct planning *planning, struct request request,
                               struct km_harmony_plan *plan, struct km_error *error)
{
    const struct km_plan_intent intent = {.affect = request.affect,
                                          .motivation = planning->config->motivation,
                                          .chaos = planning->config->chaos,
                                          .vulnerability = planning->config->vulnerability};
    return km_plan_generate(&intent, request.wishes, request.seed, plan, error);
}

// What is chosen halfway, where neither end is a stranger, holds throughout: so it is one piece.
static void settle_wishes(struct planning *planning)
{
    const struct km_plan_wishes *const asked = planning->config->wishes;
    const struct km_harmony_plan *const middle = &planning->landmarks->middle;
    struct km_plan_wishes *const wishes = &planning->wishes;
    const bool has_tempo = wishes->has_tempo || wishes->phrase_s > 0;
    wishes->has_tempo = has_tempo;
    wishes->tempo_bpm = has_tempo ? middle->tempo_bpm : 0;
    wishes->phrase_s = 0;
    wishes->has_tonic = true;
    wishes->tonic = middle->key.tonic;
    wishes->has_genre = true;
    wishes->genre = middle->genre;
    wishes->has_metre = true;
    wishes->beats_per_bar = middle->beats_per_bar;
    wishes->beat_unit = middle->beat_unit;
    wishes->has_feel = true;
    wishes->feel = middle->feel;
    wishes->has_ensemble = true;
    wishes->ensemble = middle->ensemble;
    if (!asked || !asked->has_arc) {
        // The way itself is the story; a stage that told its own would be no small step.
        wishes->has_arc = true;
        wishes->arc = KM_ARC_STATIC_REFLECTION;
    }
}

// An end has the mode that its feeling has most often: by chance, a way to joy might lead from
// major to minor.
static enum km_status generate_end(const struct planning *planning, const struct km_affect *affect,
                                   struct km_harmony_plan *plan, struct km_error *error)
{
    struct km_plan_wishes wishes = planning->wishes;
    if (!wishes.has_mode) {
        const struct km_feeling feeling = km_feeling_of_affect(affect);
        wishes.has_mode = true;
        wishes.mode = km_cues_likeliest_mode(&feeling);
    }
    return generate(planning, (struct request){affect, &wishes, planning->config->seed}, plan,
                    error);
}

// Plans both ends and the middle, and finds the way between them.
static enum km_status survey(struct planning *planning, struct km_error *error)
{
    const struct km_journey_config *const config = planning->config;
    struct landmarks *const landmarks = planning->landmarks;
    const struct km_affect *const to =
        config->path == KM_JOURNEY_HOLD ? &config->from : &config->to;
    const struct km_affect *const from = config->path == KM_JOURNEY_STEPS ? &config->from : to;
    planning->wishes = config->wishes ? *config->wishes : (struct km_plan_wishes){0};
    planning->wishes.silence_s = 0;
    planning->wishes.keeps_rules = true;
    planning->wishes.has_bars = true;
    planning->wishes.bars = PHRASE_BARS * PHRASES_MIN;
    landmarks->from.affect = *from;
    landmarks->to.affect = *to;
    struct km_affect halfway;
    km_journey_mix_affects(from, to, 0.5, &halfway);
    const struct km_affect *const middle = config->path == KM_JOURNEY_STEPS ? &halfway : to;
    enum km_status status =
        generate(planning, (struct request){middle, &planning->wishes, config->seed},
                 &landmarks->middle, error);
    if (status != KM_OK) {
        return status;
    }
    settle_wishes(planning);
    status = generate_end(planning, from, &landmarks->from, error);
    if (status == KM_OK) {
        status = generate_end(planning, to, &landmarks->to, error);
    }
    if (status == KM_OK) {
        km_journey_way_init(&planning->way, &landmarks->from, &landmarks->to);
    }
    return status;
}

// Like a rondo: the theme comes back with another melody, between others. On the way, where every
// stage changes it anyway, it is the theme all the time.
static uint64_t seed_of_return(uint64_t seed, int again)
{
    if (again % 2 == 0) {
        return seed;
    }
    char name[32];
    (void)snprintf(name, sizeof(name), "episode %d", again / 2);
    struct km_random random;
    km_random_init(&random, seed, name);
    return km_random_bits(&random) >> 11U; // What readers of JSON keep exactly.
}

// The numbers of the place instead of those that the feeling alone would give.
static void settle_plan(const struct planning *planning, const struct km_journey_place *place,
                        int again, struct km_harmony_plan *plan)
{
    const struct km_harmony_plan *const middle = &planning->landmarks->middle;
    plan->velocity_low = place->velocity_low;
    plan->velocity_high = place->velocity_high;
    plan->register_low = place->register_low;
    plan->register_high = place->register_high;
    plan->density = place->density;
    plan->articulation = place->articulation;
    plan->groove_style = middle->groove_style;
    for (int i = 0; i < KM_PARTS_COUNT; ++i) {
        plan->parts[i] = middle->parts[i];
    }
    if (again % 2 == 0) {
        plan->parts[KM_PART_MELODY].variation = (uint16_t)(again / 2);
        plan->parts[KM_PART_COUNTER].variation = (uint16_t)(again / 2);
    }
    km_plan_round(plan);
}

// Whole phrases, so that it ends as near as possible to when it should.
static uint16_t bars_until(const struct planning *planning, const struct km_journey_place *place,
                           double seconds, bool is_last)
{
    const double phrase_s =
        PHRASE_BARS * km_journey_bar_seconds(&planning->landmarks->middle, place->tempo_bpm);
    const int most = KM_PLAN_BARS_MAX / PHRASE_BARS;
    const double least = is_last ? 1 : PHRASES_MIN;
    return (uint16_t)(PHRASE_BARS *
                      (int)km_clamp((double)km_round(seconds / phrase_s), least, most));
}

// How long a stage lasts without its silence.
static double music_seconds(const struct km_journey *journey, int stage)
{
    const struct km_harmony_plan *const plan = &journey->stages[stage].plan;
    double seconds = 0;
    for (int i = 0; i < plan->section_count; ++i) {
        const struct km_plan_section *const section = &plan->sections[i];
        const int count = section->kind == KM_SECTION_SILENCE ? 0 : section->bar_count;
        for (int bar = section->first_bar; bar < section->first_bar + count; ++bar) {
            seconds += km_journey_bar_seconds(plan, km_journey_bar_tempo(journey, stage, bar));
        }
    }
    return seconds;
}

static enum km_status plan_stage(const struct planning *planning, struct km_journey *journey,
                                 int stage, double *elapsed_s, struct km_error *error)
{
    const struct km_plan_wishes *const asked = planning->config->wishes;
    const struct km_journey_schedule *const schedule = &planning->schedule;
    const int count = km_journey_stage_count(schedule);
    const bool is_last = stage + 1 == count;
    const int again = stage < schedule->moving ? 0 : stage - schedule->moving;
    const int step = stage < schedule->steps ? stage : schedule->steps;
    struct km_journey_place place;
    km_journey_way_place(&planning->way, step, schedule->steps, &place);
    struct km_journey_stage *const planned = &journey->stages[stage];
    planned->plan.tempo_bpm = place.tempo_bpm; // What the stage before leads to.
    *elapsed_s += stage > 0 ? music_seconds(journey, stage - 1) : 0;
    struct km_plan_wishes wishes = planning->wishes;
    wishes.bars = bars_until(planning, &place, schedule->end_s[stage] - *elapsed_s, is_last);
    wishes.has_tempo = true;
    wishes.tempo_bpm = place.tempo_bpm;
    wishes.has_mode = true;
    wishes.mode = place.mode;
    wishes.is_continuation = stage > 0;
    wishes.is_continued = !is_last;
    const bool is_silent = asked && (stage == schedule->silent || count == 1);
    wishes.silence_s = is_silent ? asked->silence_s : 0;
    const enum km_status status = generate(
        planning,
        (struct request){&place.affect, &wishes, seed_of_return(planning->config->seed, again)},
        &planned->plan, error);
    if (status == KM_OK) {
        settle_plan(planning, &place, again, &planned->plan);
        planned->share = schedule->steps > 0 ? (double)step / schedule->steps : 1;
    }
    return status;
}

static void measure(struct km_journey *journey)
{
    double seconds = 0;
    for (int i = 0; i < journey->stage_count; ++i) {
        struct km_journey_stage *const stage = &journey->stages[i];
        stage->start_s = seconds;
        for (int bar = 0; bar < stage->plan.length_bars; ++bar) {
            seconds += km_journey_bar_seconds(&stage->plan, km_journey_bar_tempo(journey, i, bar));
        }
        stage->seconds = seconds - stage->start_s;
    }
    journey->seconds = seconds;
    journey->reached = journey->stages[journey->stage_count - 1].share;
}

static enum km_status plan_stages(const struct planning *planning, struct km_journey *journey,
                                  struct km_error *error)
{
    double elapsed_s = 0;
    enum km_status status = KM_OK;
    for (int i = 0; i < journey->stage_count && status == KM_OK; ++i) {
        status = plan_stage(planning, journey, i, &elapsed_s, error);
    }
    if (status == KM_OK) {
        measure(journey);
    }
    return status;
}

static enum km_status plan_journey(struct planning *planning, struct km_journey *journey,
                                   struct km_error *error)
{
    const struct km_journey_config *const config = planning->config;
    const enum km_status status = survey(planning, error);
    if (status != KM_OK) {
        return status;
    }
    const double silence_s = config->wishes ? config->wishes->silence_s : 0;
    km_journey_schedule_init(&planning->schedule, &planning->way, config->minutes * 60 - silence_s);
    journey->steps = planning->schedule.steps;
    journey->stage_count = km_journey_stage_count(&planning->schedule);
    journey->stages = km_heap_allocate_array(
        journey->heap, KM_ACCOUNT_WORKING, (size_t)journey->stage_count, sizeof(*journey->stages));
    return journey->stages ? plan_stages(planning, journey, error)
                           : km_heap_refusal(journey->heap, error);
}

enum km_status km_journey_plan(const struct km_journey_config *config, struct km_heap *heap,
                               struct km_journey *journey, struct km_error *error)
{
    KM_CHECK(config && heap && journey);
    KM_CHECK((unsigned int)config->path < KM_JOURNEY_PATHS_COUNT);
    enum km_status status = check(config, error);
    if (status != KM_OK) {
        return status;
    }
    struct planning planning = {.config = config};
    planning.landmarks = km_heap_allocate(heap, KM_ACCOUNT_WORKING, sizeof(*planning.landmarks));
    if (!planning.landmarks) {
        return km_heap_refusal(heap, error);
    }
    struct km_journey result = {.heap = heap,
                                .path = config->path,
                                .from = config->from,
                                .to = config->path == KM_JOURNEY_HOLD ? config->from : config->to,
                                .minutes = config->minutes};
    status = plan_journey(&planning, &result, error);
    km_heap_release(heap, planning.landmarks);
    if (status == KM_OK) {
        *journey = result;
    } else {
        km_journey_release(&result);
    }
    return status;
}

void km_journey_release(struct km_journey *journey)
{
    km_heap_release(journey->heap, journey->stages);
    *journey = (struct km_journey){0};
}
