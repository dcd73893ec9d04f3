// SPDX-License-Identifier: MIT

// Cuts a plan's song into bars.

#include "base/units.h"
#include "engine/control.h"
#include "live/live_private.h"
#include "session/song.h"

enum { EXPRESSION = 11, EXPRESSION_FULL = 127 };

// The chord that sounds where a bar begins: its index.
static uint32_t chord_at(const struct km_harmony_plan *plan, uint64_t tick)
{
    uint32_t chord = 0;
    for (uint32_t i = 0; i < plan->chord_count; ++i) {
        chord = plan->chords[i].start_tick <= tick ? i : chord;
    }
    return chord;
}

static uint32_t section_at(const struct km_harmony_plan *plan, uint32_t bar)
{
    uint32_t section = 0;
    for (uint32_t i = 0; i < plan->section_count; ++i) {
        section = plan->sections[i].first_bar <= bar ? i : section;
    }
    return section;
}

// The next event of the plan's song before `end`, if there is one.
static enum km_status next_event(struct km_live *live, uint64_t end, struct km_event *event,
                                 bool *is_there, struct km_error *error)
{
    struct km_live_plan *const plan = &live->slots[live->slot];
    *is_there = false;
    if (live->ahead_index == live->ahead_count) {
        live->ahead_index = 0;
        const enum km_status status = plan->source.read(
            plan->source.context, live->ahead, KM_LIVE_READ_AHEAD, &live->ahead_count, error);
        if (status != KM_OK || live->ahead_count == 0) {
            return status;
        }
    }
    const struct km_event *const next = &live->ahead[live->ahead_index].event;
    if (next->tick < end) {
        *event = *next;
        *is_there = true;
        live->ahead_index += 1;
    }
    return KM_OK;
}

// A plan that was left may have swelled down; one that says nothing of expression means all of it.
static void put_expression(const struct km_live *live, struct km_bar *bar)
{
    const struct km_harmony_plan *const plan = &live->slots[live->slot].plan;
    for (int part = 0; part < KM_PARTS_COUNT; ++part) {
        if (km_song_track(plan, (enum km_part)part) >= 0) {
            live->events[bar->event_count++] =
                (struct km_event){.tick = bar->start_tick,
                                  .type = KM_EVENT_CONTROL,
                                  .channel = km_part_channel((enum km_part)part),
                                  .number = EXPRESSION,
                                  .value = EXPRESSION_FULL};
        }
    }
}

// Time in the stream, through tempos within a bar.
static void advance(struct km_live *live, uint64_t *tick, uint64_t to)
{
    live->made_seconds += (double)(to - *tick) * live->tempo / (KM_PPQ * 1e6);
    *tick = to;
}

static enum km_status fill(struct km_live *live, struct km_bar *bar, uint64_t start, bool is_last,
                           struct km_error *error)
{
    const uint64_t ticks = bar->end_tick - bar->start_tick;
    // What the last bar's notes leave behind it is theirs as well.
    const uint64_t end = is_last ? UINT64_MAX : start + ticks;
    uint64_t tick = bar->start_tick;
    struct km_event event;
    bool is_there = true;
    live->made_seconds = live->seconds;
    while (bar->event_count < KM_BAR_EVENTS_MAX) {
        const enum km_status status = next_event(live, end, &event, &is_there, error);
        if (status != KM_OK) {
            return status;
        }
        if (!is_there) {
            break;
        }
        const uint64_t within = event.tick > start ? event.tick - start : 0;
        event.tick = bar->start_tick + (within < ticks ? within : ticks);
        if (event.type == KM_EVENT_TEMPO) {
            advance(live, &tick, event.tick);
            live->tempo = event.detail;
        }
        live->events[bar->event_count++] = event;
    }
    advance(live, &tick, bar->end_tick);
    return KM_OK;
}

enum km_status km_live_make_bar(struct km_live *live, struct km_error *error)
{
    const struct km_harmony_plan *const plan = &live->slots[live->slot].plan;
    const uint32_t ticks = km_plan_bar_ticks(plan);
    const uint64_t start = (uint64_t)live->plan_bar * ticks;
    // The metre stays, so a bar's number tells where it begins.
    const uint64_t begin = (uint64_t)live->bar * ticks;
    struct km_bar bar = {
        .epoch = live->epoch,
        .bar = live->bar,
        .jumps = live->jumps,
        .start_tick = begin,
        .end_tick = begin + ticks,
        .start_seconds = live->seconds,
        .division = KM_PPQ,
        .tempo = live->tempo,
        .beats_per_bar = plan->beats_per_bar,
        .section = (uint16_t)(live->slot << KM_LIVE_SLOT_SHIFT | section_at(plan, live->plan_bar)),
        .chord = chord_at(plan, start),
        .events = live->events};
    if (live->plan_bar == 0) {
        put_expression(live, &bar);
    }
    const bool is_last = live->plan_bar + 1U >= plan->length_bars;
    const enum km_status status = fill(live, &bar, start, is_last, error);
    if (status == KM_OK) {
        live->made = bar;
    }
    return status;
}

// Moves the bar that is made, with its events, to another place in the stream.
static void move_made(struct km_live *live, uint32_t number, double seconds)
{
    struct km_bar *const bar = &live->made;
    const uint64_t ticks = bar->end_tick - bar->start_tick;
    const uint64_t start = number * ticks;
    for (size_t i = 0; i < bar->event_count; ++i) {
        live->events[i].tick = live->events[i].tick - bar->start_tick + start;
    }
    live->made_seconds += seconds - bar->start_seconds;
    bar->epoch = live->epoch;
    bar->bar = number;
    bar->jumps = false;
    bar->start_tick = start;
    bar->end_tick = start + ticks;
    bar->start_seconds = seconds;
}

enum km_status km_live_send_rest(struct km_live *live, const struct km_engine_status *status,
                                 struct km_error *error)
{
    const uint64_t ticks = live->made.end_tick - live->made.start_tick;
    const uint32_t number = status->bar + 1;
    struct km_bar rest = live->made;
    rest.epoch = live->epoch + 1;
    rest.bar = number;
    rest.jumps = true;
    rest.start_tick = number * ticks;
    rest.end_tick = rest.start_tick + ticks;
    rest.start_seconds = live->starts[number % KM_LIVE_STARTS];
    rest.event_count = 0;
    bool is_sent = false;
    const enum km_status result = km_bar_feed_send(live->feed, &rest, &is_sent, error);
    if (result != KM_OK || !is_sent) {
        return result;
    }
    live->epoch += 1;
    live->epoch_bar = number;
    live->bar = number + 1;
    live->jumps = false;
    live->seconds = rest.start_seconds + (double)ticks * rest.tempo / (KM_PPQ * 1e6);
    live->starts[live->bar % KM_LIVE_STARTS] = live->seconds;
    move_made(live, live->bar, live->seconds);
    return KM_OK;
}
