// SPDX-License-Identifier: MIT

#include "midi/edit_settings_private.h"

#include "base/check.h"
#include "heap/heap.h"
#include "midi/division.h"
#include "midi/sort_private.h"
#include "midi/valid.h"

enum { CAPACITY_FIRST = 64 };

#define TICKS_MAX ((uint64_t)1 << 48) // Bars are reckoned without overflow up to there.

static enum km_status keep(struct km_midi_settings *settings, struct km_midi_run *run,
                           const struct km_event *event)
{
    if (settings->count == KM_MIDI_SETTINGS_MAX) {
        return km_midi_run_refuse(run, KM_ERROR_TOO_LARGE, event->tick,
                                  "more than 1048576 tempos and signatures");
    }
    if (settings->count == settings->capacity) {
        const size_t capacity = settings->capacity > 0 ? 2 * settings->capacity : CAPACITY_FIRST;
        struct km_event *const events = km_heap_resize(
            settings->heap, KM_ACCOUNT_WORKING, settings->events, capacity * sizeof(*events));
        if (!events) {
            return km_heap_refusal(settings->heap, run->error);
        }
        settings->events = events;
        settings->capacity = capacity;
    }
    settings->events[settings->count++] = *event;
    return KM_OK;
}

static enum km_status begin_track(void *context, struct km_midi_run *run)
{
    (void)context;
    (void)run;
    return KM_OK;
}

static enum km_status take_event(void *context, struct km_midi_run *run,
                                 const struct km_event *event, const struct km_midi_form *form)
{
    (void)form;
    struct km_midi_settings *const settings = context;
    if (km_event_has_channel(event)) {
        settings->channels = (uint16_t)(settings->channels | 1U << event->channel);
        return KM_OK;
    }
    const bool is_setting = event->type == KM_EVENT_TEMPO ||
                            event->type == KM_EVENT_TIME_SIGNATURE ||
                            event->type == KM_EVENT_KEY_SIGNATURE;
    return is_setting ? keep(settings, run, event) : KM_OK;
}

static enum km_status end_track(void *context, struct km_midi_run *run, uint64_t tick)
{
    (void)run;
    struct km_midi_settings *const settings = context;
    settings->end = tick > settings->end ? tick : settings->end;
    return KM_OK;
}

static enum km_status sort(struct km_midi_settings *settings, struct km_midi_run *run)
{
    if (settings->count == 0 || km_events_are_sorted(settings->events, settings->count)) {
        return KM_OK;
    }
    struct km_event *const scratch = km_heap_allocate_array(settings->heap, KM_ACCOUNT_WORKING,
                                                            settings->count, sizeof(*scratch));
    if (!scratch) {
        return km_heap_refusal(settings->heap, run->error);
    }
    km_events_sort(settings->events, scratch, settings->count);
    km_heap_release(settings->heap, scratch);
    return KM_OK;
}

enum km_status km_midi_settings_read(struct km_midi_run *run, struct km_midi_settings *settings)
{
    struct km_midi_settings made = {.heap = run->edit->heap};
    const struct km_midi_steps steps = {
        .context = &made, .begin_track = begin_track, .event = take_event, .end_track = end_track};
    enum km_status status = km_midi_run_feed(run, &steps);
    if (status == KM_OK && made.end >= TICKS_MAX) {
        status = km_midi_run_refuse(run, KM_ERROR_TOO_LARGE, made.end,
                                    "the piece is longer than 2^48 ticks");
    }
    status = status == KM_OK ? sort(&made, run) : status;
    if (status != KM_OK) {
        km_midi_settings_release(&made);
        return status;
    }
    made.division = run->header.division;
    run->report = (struct km_midi_edit_report){0}; // What was seen here is seen again.
    *settings = made;
    return KM_OK;
}

enum km_status km_midi_settings_read_bars(struct km_midi_run *run,
                                          struct km_midi_settings *settings, const char *done)
{
    const enum km_status status = km_midi_settings_read(run, settings);
    if (status != KM_OK) {
        return status;
    }
    const bool has_one_time = run->header.format != 2;
    if (has_one_time && !km_midi_division_is_smpte(settings->division)) {
        return KM_OK;
    }
    km_midi_settings_release(settings);
    if (has_one_time) {
        return km_error_set(run->error, KM_ERROR_UNSUPPORTED,
                            "SMPTE time has no bars: convert it to a division in beats first");
    }
    return km_error_set(run->error, KM_ERROR_UNSUPPORTED,
                        "the tracks of format 2 are pieces of their own: split them before they "
                        "are %s",
                        done);
}

void km_midi_settings_release(struct km_midi_settings *settings)
{
    km_heap_release(settings->heap, settings->events);
    *settings = (struct km_midi_settings){.heap = settings->heap};
}

// Where a bar begins, `bars` after the metre's first: whole ticks, counted from there, so that
// nothing adds up.
static uint64_t tick_of(const struct km_midi_meter *meter, uint64_t bars)
{
    return meter->tick +
           ((bars * meter->numerator * meter->whole_ticks) >> meter->denominator_log2);
}

// Bars that have begun in the metre at `tick`, which is not before it, when a new metre begins
// there.
static uint64_t bars_until(const struct km_midi_meter *meter, uint64_t tick)
{
    const uint64_t left = tick - meter->tick;
    uint64_t bars =
        (left << meter->denominator_log2) / ((uint64_t)meter->numerator * meter->whole_ticks);
    while (tick_of(meter, bars) < tick) { // At most once, for what the division left.
        ++bars;
    }
    return bars;
}

// Finds where the metre ends: at the next time signature at another tick.
static void find_end(const struct km_midi_settings *settings, struct km_midi_meter *meter)
{
    while (meter->next < settings->count) {
        const struct km_event *const event = &settings->events[meter->next];
        if (event->type == KM_EVENT_TIME_SIGNATURE && event->tick > meter->tick) {
            meter->end = event->tick;
            return;
        }
        if (event->type == KM_EVENT_TIME_SIGNATURE) {
            meter->numerator = event->number;
            meter->denominator_log2 = event->value;
        }
        ++meter->next;
    }
    meter->end = UINT64_MAX;
}

void km_midi_meter_start(const struct km_midi_settings *settings, struct km_midi_meter *meter)
{
    KM_CHECK(settings->division > 0 && settings->division < 0x8000);
    *meter = (struct km_midi_meter){
        .whole_ticks = 4ULL * settings->division, .numerator = 4, .denominator_log2 = 2};
    find_end(settings, meter);
}

static void go_on(const struct km_midi_settings *settings, struct km_midi_meter *meter)
{
    meter->bar += bars_until(meter, meter->end);
    meter->tick = meter->end;
    find_end(settings, meter);
}

void km_midi_meter_advance(const struct km_midi_settings *settings, struct km_midi_meter *meter,
                           uint64_t tick)
{
    while (tick >= meter->end) {
        go_on(settings, meter);
    }
}

uint64_t km_midi_settings_bar_tick(const struct km_midi_settings *settings, uint64_t bar)
{
    struct km_midi_meter meter;
    km_midi_meter_start(settings, &meter);
    while (meter.end != UINT64_MAX && meter.bar + bars_until(&meter, meter.end) <= bar) {
        go_on(settings, &meter);
    }
    return tick_of(&meter, bar - meter.bar);
}

const struct km_event *km_midi_settings_at(const struct km_midi_settings *settings,
                                           enum km_event_type type, uint64_t tick)
{
    const struct km_event *last = NULL;
    for (size_t i = 0; i < settings->count && settings->events[i].tick <= tick; ++i) {
        if (settings->events[i].type == type) {
            last = &settings->events[i];
        }
    }
    return last;
}
