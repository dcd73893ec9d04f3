// SPDX-License-Identifier: MIT

#include "midi/edit_scale_private.h"

#include <string.h>

uint64_t km_midi_scaled(uint64_t tick, uint32_t from, uint32_t to)
{
    const uint64_t whole = tick / from;
    const uint64_t rest = tick % from;
    return whole * to + (2 * rest * to + from) / (2ULL * from);
}

void km_midi_scale_begin(struct km_midi_scale *scale)
{
    memset(scale->source, 0xFF, sizeof(scale->source)); // No note begins there.
    memset(scale->target, 0xFF, sizeof(scale->target));
    scale->delayed_count = 0;
}

static enum km_status write_delayed(struct km_midi_scale *scale, struct km_midi_run *run)
{
    enum km_status status = KM_OK;
    for (size_t i = 0; i < scale->delayed_count && status == KM_OK; ++i) {
        scale->delayed[i].tick = scale->delayed_tick;
        status = km_midi_run_emit(run, &scale->delayed[i], &scale->forms[i]);
    }
    scale->delayed_count = 0;
    return status;
}

// Whether a note-off would take all length from a note that has some.
static bool is_delayed(struct km_midi_scale *scale, const struct km_event *event, uint64_t tick)
{
    if (event->type != KM_EVENT_NOTE_ON && event->type != KM_EVENT_NOTE_OFF) {
        return false;
    }
    uint64_t *const source = &scale->source[event->channel][event->number];
    uint64_t *const target = &scale->target[event->channel][event->number];
    if (event->type == KM_EVENT_NOTE_ON) {
        *source = event->tick;
        *target = tick;
        return false;
    }
    return *target == tick && *source < event->tick && scale->delayed_count < KM_MIDI_DELAYED_MAX;
}

enum km_status km_midi_scale_event(struct km_midi_scale *scale, struct km_midi_run *run,
                                   const struct km_event *event, const struct km_midi_form *form)
{
    struct km_event moved = *event;
    moved.tick = scale->to_tick(scale->context, event->tick);
    if (scale->delayed_count > 0 && moved.tick >= scale->delayed_tick) {
        const enum km_status status = write_delayed(scale, run);
        if (status != KM_OK) {
            return status;
        }
    }
    if (!is_delayed(scale, event, moved.tick)) {
        return km_midi_run_emit(run, &moved, form);
    }
    ++run->report.changed;
    scale->forms[scale->delayed_count] = form ? *form : (struct km_midi_form){0};
    scale->delayed[scale->delayed_count++] = moved;
    scale->delayed_tick = moved.tick + 1;
    return KM_OK;
}

enum km_status km_midi_scale_end(struct km_midi_scale *scale, struct km_midi_run *run,
                                 uint64_t tick)
{
    uint64_t end = scale->to_tick(scale->context, tick);
    if (scale->delayed_count > 0) {
        end = end > scale->delayed_tick ? end : scale->delayed_tick;
        const enum km_status status = write_delayed(scale, run);
        if (status != KM_OK) {
            return status;
        }
    }
    return km_midi_run_end_track(run, end);
}
