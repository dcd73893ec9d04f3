// SPDX-License-Identifier: MIT

#include "groove/take_private.h"

#include "base/check.h"
#include "groove/move_private.h"
#include "heap/heap.h"

struct events {
    struct km_event *events; // Null: they are only counted.
    size_t count;
    size_t notes;
};

static void collect_track(struct events *to, const struct km_midi_track *track)
{
    for (size_t i = 0; i < track->count; ++i) {
        const bool is_note = km_groove_is_note_on(&track->events[i]);
        if (!is_note && track->events[i].type != KM_EVENT_TIME_SIGNATURE) {
            continue;
        }
        if (to->events) {
            to->events[to->count] = track->events[i];
        }
        to->count += 1;
        to->notes += is_note;
    }
}

static void collect(struct events *to, const struct km_midi_file *file)
{
    *to = (struct events){.events = to->events};
    for (size_t i = 0; i < file->track_count; ++i) {
        if (file->format == 2 && to->notes == 0) {
            to->count = 0; // A piece without notes; the next track is another.
        }
        if (file->format != 2 || to->notes == 0) {
            collect_track(to, &file->tracks[i]);
        }
    }
}

static void add_onset(struct km_groove_take *take, const struct km_groove_bars *bars,
                      const struct km_event *event)
{
    const struct km_groove_bar bar = km_groove_bars_at(bars, event->tick);
    const double per_tick = 1.0 / (double)take->ppq;
    const uint64_t sixteenths = (4 * bars->bar_ticks + bars->ppq / 2) / bars->ppq;
    take->onsets[take->count] = (struct km_groove_onset){
        .beat = (double)event->tick * per_tick,
        .bar = (double)(event->tick - bar.tick) * per_tick,
        .beat_ms = 60000.0 / km_tempo_map_bpm(&take->map, event->tick),
        .key = event->number,
        .velocity = event->value,
        .channel = event->channel,
        .bar_beats_x4 = (uint8_t)(sixteenths < UINT8_MAX ? sixteenths : UINT8_MAX)};
    take->strikes[take->count] =
        (struct km_groove_strike){.tick = event->tick,
                                  .bar_tick = bar.tick,
                                  .bar = bar.index,
                                  .numerator = bars->numerator,
                                  .denominator_log2 = bars->denominator_log2};
    take->count += 1;
}

static void follow(struct km_groove_take *take, const struct events *sorted)
{
    struct km_groove_bars bars;
    km_groove_bars_init(&bars, take->ppq);
    for (size_t i = 0; i < sorted->count; ++i) {
        if (sorted->events[i].type == KM_EVENT_TIME_SIGNATURE) {
            km_groove_bars_follow(&bars, &sorted->events[i]);
        } else {
            add_onset(take, &bars, &sorted->events[i]);
        }
    }
}

enum km_status km_groove_take_init(struct km_groove_take *take, const struct km_midi_file *file)
{
    KM_CHECK(take && file);
    struct km_heap *const heap = file->heap;
    struct km_groove_take made = {.heap = heap, .ppq = km_groove_ppq(file->division)};
    if (km_tempo_map_init(&made.map, file) != KM_OK) {
        return KM_ERROR_NO_MEMORY;
    }
    struct events events = {0};
    collect(&events, file);
    const size_t count = events.count + 1;
    events.events = km_heap_allocate_array(heap, KM_ACCOUNT_WORKING, count, sizeof(*events.events));
    made.onsets = km_heap_allocate_array(heap, KM_ACCOUNT_WORKING, count, sizeof(*made.onsets));
    made.strikes = km_heap_allocate_array(heap, KM_ACCOUNT_WORKING, count, sizeof(*made.strikes));
    const bool has_all = events.events && made.onsets && made.strikes;
    if (has_all) {
        collect(&events, file);
        km_groove_sort(events.events, events.count, true);
        follow(&made, &events);
        *take = made;
    } else {
        km_groove_take_release(&made);
    }
    km_heap_release(heap, events.events);
    return has_all ? KM_OK : KM_ERROR_NO_MEMORY;
}

void km_groove_take_release(struct km_groove_take *take)
{
    km_heap_release(take->heap, take->onsets);
    km_heap_release(take->heap, take->strikes);
    km_tempo_map_release(&take->map);
    *take = (struct km_groove_take){.heap = take->heap};
}
