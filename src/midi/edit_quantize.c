// SPDX-License-Identifier: MIT

// Notes onto a grid. The grid is counted from the bar lines, so that nothing drifts.

#include "base/check.h"
#include "heap/heap.h"
#include "midi/division.h"
#include "midi/edit_queue_private.h"
#include "midi/edit_settings_private.h"

#include <string.h>

// A note that waits for its end.
struct sounding {
    uint64_t source;
    uint64_t target;
};

enum { SOUNDING_PER_KEY = 4 }; // Notes on one key at once whose ends are moved by their own shift.

struct keys {
    struct sounding notes[KM_CHANNELS_COUNT][KM_KEYS_COUNT][SOUNDING_PER_KEY];
    uint8_t counts[KM_CHANNELS_COUNT][KM_KEYS_COUNT];
};

struct job {
    struct km_midi_quantize quantize;
    struct km_midi_settings settings;
    struct km_midi_meter meter; // In force at the last event.
    struct km_midi_queue *queue;
    struct keys *keys;
    uint64_t reach; // Ticks that an event can come earlier, at most.
};

// Ticks of `index` steps of the grid from the bar line, swung.
static uint64_t step_tick(const struct job *job, uint64_t index)
{
    const struct km_midi_quantize *const quantize = &job->quantize;
    const uint64_t whole = 4ULL * job->settings.division;
    const double step = (double)whole / (double)quantize->steps_per_whole;
    if (index % 2 == 0 || quantize->swing == 1.0) {
        return (2 * index * whole + quantize->steps_per_whole) / (2ULL * quantize->steps_per_whole);
    }
    const double pair = (double)(index - 1) * step;
    return (uint64_t)(pair + 2.0 * step * quantize->swing / (quantize->swing + 1.0) + 0.5);
}

// The bar that `tick` lies in: where it begins, and where the next one does.
static void find_bar(struct job *job, uint64_t tick, uint64_t bar[2])
{
    km_midi_meter_advance(&job->settings, &job->meter, tick);
    const struct km_midi_meter *const meter = &job->meter;
    const uint64_t length = (uint64_t)meter->numerator * meter->whole_ticks;
    uint64_t index = ((tick - meter->tick) << meter->denominator_log2) / length;
    bar[0] = meter->tick + (index * length >> meter->denominator_log2);
    bar[1] = meter->tick + ((index + 1) * length >> meter->denominator_log2);
    if (bar[1] <= tick) { // The division left something.
        ++index;
        bar[0] = bar[1];
        bar[1] = meter->tick + ((index + 1) * length >> meter->denominator_log2);
    }
    bar[1] = bar[1] < meter->end ? bar[1] : meter->end;
}

static uint64_t distance(uint64_t a, uint64_t b)
{
    return a < b ? b - a : a - b;
}

// The line of the grid nearest to `tick`, the earlier of two; the next bar line is one too.
static uint64_t nearest_line(struct job *job, uint64_t tick)
{
    uint64_t bar[2];
    find_bar(job, tick, bar);
    const uint64_t whole = 4ULL * job->settings.division;
    const uint64_t guess = (tick - bar[0]) * job->quantize.steps_per_whole / whole;
    uint64_t best = bar[0];
    for (uint64_t i = guess > 0 ? guess - 1 : 0; i <= guess + 2; ++i) {
        const uint64_t line = bar[0] + step_tick(job, i);
        const uint64_t bounded = line < bar[1] ? line : bar[1];
        best = distance(bounded, tick) < distance(best, tick) ? bounded : best;
    }
    return best;
}

static uint64_t moved_tick(struct job *job, uint64_t tick)
{
    const uint64_t line = nearest_line(job, tick);
    const double way = (double)distance(line, tick) * job->quantize.strength;
    const uint64_t steps = (uint64_t)(way + 0.5);
    return line < tick ? tick - steps : tick + steps;
}

static uint64_t begin_note(struct job *job, const struct km_event *event)
{
    const uint64_t target = moved_tick(job, event->tick);
    uint8_t *const count = &job->keys->counts[event->channel][event->number];
    struct sounding *const notes = job->keys->notes[event->channel][event->number];
    if (*count < SOUNDING_PER_KEY) {
        notes[(*count)++] = (struct sounding){event->tick, target};
    }
    km_midi_queue_end_before(job->queue, event, target);
    return target;
}

// The end of the oldest note on the key, as in km_notes; `earliest` is set to where it could be.
static uint64_t end_note(struct job *job, const struct km_event *event, uint64_t *earliest)
{
    uint8_t *const count = &job->keys->counts[event->channel][event->number];
    struct sounding *const notes = job->keys->notes[event->channel][event->number];
    if (*count == 0) {
        return event->tick;
    }
    const struct sounding note = notes[0];
    --*count;
    memmove(notes, notes + 1, *count * sizeof(*notes));
    uint64_t end = event->tick - note.source + note.target;
    if (job->quantize.moves_ends) {
        end = moved_tick(job, event->tick);
    }
    *earliest = note.target + (event->tick > note.source);
    return end > *earliest ? end : *earliest;
}

static enum km_status take_event(void *context, struct km_midi_run *run,
                                 const struct km_event *event, const struct km_midi_form *form)
{
    struct job *const job = context;
    // What is at hand up to here nothing can overtake any more.
    const enum km_status status =
        event->tick > job->reach ? km_midi_queue_write(job->queue, run, event->tick - job->reach)
                                 : KM_OK;
    if (status != KM_OK) {
        return status;
    }
    struct km_event moved = *event;
    uint64_t earliest = event->tick;
    if (event->type == KM_EVENT_NOTE_ON) {
        moved.tick = begin_note(job, event);
    } else if (event->type == KM_EVENT_NOTE_OFF) {
        moved.tick = end_note(job, event, &earliest);
    }
    run->report.changed += moved.tick != event->tick;
    return km_midi_queue_add(job->queue, run, &moved, form, earliest);
}

static enum km_status take_payload(void *context, struct km_midi_run *run, const void *bytes,
                                   size_t size)
{
    (void)run;
    struct job *const job = context;
    km_midi_queue_add_payload(job->queue, bytes, size);
    return KM_OK;
}

static enum km_status begin_track(void *context, struct km_midi_run *run)
{
    struct job *const job = context;
    memset(job->keys->counts, 0, sizeof(job->keys->counts));
    km_midi_meter_start(&job->settings, &job->meter);
    return km_midi_run_begin_track(run);
}

static enum km_status end_track(void *context, struct km_midi_run *run, uint64_t tick)
{
    struct job *const job = context;
    const enum km_status status = km_midi_queue_write(job->queue, run, UINT64_MAX);
    const uint64_t last = run->writer.tick;
    return status == KM_OK ? km_midi_run_end_track(run, tick > last ? tick : last) : status;
}

static enum km_status read_bars(struct job *job, struct km_midi_run *run)
{
    const enum km_status status = km_midi_settings_read_bars(run, &job->settings, "quantized");
    if (status != KM_OK) {
        return status;
    }
    // Swing makes one of two steps up to twice as long.
    job->reach = 8ULL * job->settings.division / job->quantize.steps_per_whole + 2;
    return KM_OK;
}

static enum km_status pass(void *context, struct km_midi_run *run)
{
    struct job *const job = context;
    if (!run->is_writing) {
        run->bytes_total = 3 * run->source.size;
        const enum km_status status = read_bars(job, run);
        if (status != KM_OK) {
            return status;
        }
    }
    const struct km_midi_steps steps = {.context = job,
                                        .begin_track = begin_track,
                                        .event = take_event,
                                        .payload = take_payload,
                                        .end_track = end_track,
                                        .keeps_around = true};
    return km_midi_run_feed(run, &steps);
}

enum km_status km_midi_quantize(const struct km_midi_edit *edit,
                                const struct km_midi_quantize *quantize,
                                struct km_midi_edit_report *report, struct km_error *error)
{
    KM_CHECK(quantize);
    KM_CHECK(quantize->steps_per_whole >= 1 && quantize->steps_per_whole <= KM_MIDI_GRID_STEPS_MAX);
    KM_CHECK(quantize->strength >= 0.0 && quantize->strength <= 1.0);
    KM_CHECK(quantize->swing >= 1.0 && quantize->swing <= KM_MIDI_SWING_MAX);
    struct job job = {.quantize = *quantize, .settings = {.heap = edit->heap}};
    job.keys = km_heap_allocate(edit->heap, KM_ACCOUNT_WORKING, sizeof(*job.keys));
    job.queue = job.keys ? km_midi_queue_new(edit->heap) : NULL;
    const enum km_status status = job.queue ? km_midi_run_twice(edit, pass, &job, report, error)
                                            : km_heap_refusal(edit->heap, error);
    km_midi_settings_release(&job.settings);
    km_midi_queue_free(job.queue);
    km_heap_release(edit->heap, job.keys);
    return status;
}
