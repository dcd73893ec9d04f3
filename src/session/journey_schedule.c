// SPDX-License-Identifier: MIT

// The time of a journey: how many stages, and when each is over.

#include "base/check.h"
#include "base/math.h"
#include "base/units.h"
#include "session/journey_private.h"

enum { PHRASE_BARS = KM_PLAN_PHRASE_BARS, PHRASES_MIN = KM_JOURNEY_PHRASES_MIN };

static const double goal_share = 0.25;  // Of the time, at the goal.
static const double step_seconds = 90;  // Of a stage on the way, if there is time: a short song.
static const double stay_seconds = 120; // Of a stage that stays.

double km_journey_bar_seconds(const struct km_harmony_plan *plan, double tempo_bpm)
{
    return (double)km_plan_bar_ticks(plan) / KM_PPQ * 60 / tempo_bpm;
}

// The least time for the first places of a way, two phrases at each.
static double least_seconds(const struct km_journey_schedule *schedule, int count, int steps)
{
    double seconds = 0;
    for (int step = 0; step < count; ++step) {
        struct km_journey_place place;
        km_journey_way_place(schedule->way, step, steps, &place);
        seconds += PHRASES_MIN * PHRASE_BARS *
                   km_journey_bar_seconds(schedule->way->from, place.tempo_bpm);
    }
    return seconds;
}

// As many places of a way as there is time for, one at least.
static int count_fitting(const struct km_journey_schedule *schedule, double seconds, int steps)
{
    int count = 1;
    while (count <= steps && least_seconds(schedule, count + 1, steps) <= seconds) {
        ++count;
    }
    return count;
}

// As many steps as the limits ask for, or more of them if there is time for longer stages.
static int choose_steps(const struct km_journey_schedule *schedule, int needed, double moving_s)
{
    int steps = (int)km_round(moving_s / step_seconds);
    while (steps > needed && (least_seconds(schedule, steps, steps) > moving_s ||
                              !km_journey_way_is_gentle(schedule->way, steps))) {
        --steps;
    }
    return steps > needed ? steps : needed;
}

// Shares the time out: to each stage on the way what it needs at least and as much of the rest.
static void share_out(struct km_journey_schedule *schedule, double moving_s)
{
    const int moving = schedule->moving;
    for (int i = 0; i < moving; ++i) {
        const double least_s = least_seconds(schedule, i + 1, schedule->steps);
        const double rest_s = moving_s - least_seconds(schedule, moving, schedule->steps);
        schedule->end_s[i] = least_s + rest_s * (i + 1) / moving;
    }
    const double goal_s = schedule->music_s - (moving > 0 ? moving_s : 0);
    for (int i = 0; i < schedule->goal; ++i) {
        schedule->end_s[moving + i] =
            schedule->music_s - goal_s * (schedule->goal - 1 - i) / schedule->goal;
    }
}

static void divide(struct km_journey_schedule *schedule)
{
    const double music_s = schedule->music_s;
    double moving_s = music_s * (1 - goal_share);
    const int needed = km_journey_way_steps(schedule->way);
    schedule->steps = needed;
    if (needed == 0) {
        schedule->goal = (int)(music_s / stay_seconds) + 1;
    } else if (least_seconds(schedule, needed, needed) <= moving_s) {
        schedule->steps = choose_steps(schedule, needed, moving_s);
        schedule->moving = schedule->steps;
        schedule->goal = (int)(music_s * goal_share / stay_seconds) + 1;
    } else {
        // Less than its share of the time is left for the goal, or none: it ends on the way.
        const int fitting = count_fitting(schedule, music_s, needed);
        schedule->goal = fitting > needed;
        schedule->moving = fitting - schedule->goal;
        moving_s = schedule->goal ? least_seconds(schedule, needed, needed) : music_s;
    }
    KM_CHECK(schedule->moving + schedule->goal <= KM_JOURNEY_STAGES_MAX);
    share_out(schedule, moving_s);
}

// The stage before the goal, or before the last one on the way; of what stays, the middle.
static int place_silence(const struct km_journey_schedule *schedule)
{
    const int count = km_journey_stage_count(schedule);
    if (schedule->moving == 0) {
        return count / 2 - 1;
    }
    return schedule->goal > 0 ? schedule->moving - 1 : count - 2;
}

void km_journey_schedule_init(struct km_journey_schedule *schedule,
                              const struct km_journey_way *way, double music_s)
{
    KM_CHECK(music_s > 0);
    *schedule = (struct km_journey_schedule){.way = way, .music_s = music_s};
    divide(schedule);
    schedule->silent = place_silence(schedule);
}
