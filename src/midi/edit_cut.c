// SPDX-License-Identifier: MIT

// Some bars of a file, with all that is in force where they begin.

#include "base/check.h"
#include "heap/heap.h"
#include "midi/division.h"
#include "midi/edit_settings_private.h"
#include "midi/edit_state_private.h"
#include "midi/valid.h"

#include <inttypes.h>
#include <string.h>

enum { META_CHANNEL_PREFIX = 0x20, META_PORT = 0x21 };

struct job {
    struct km_midi_cut cut;
    struct km_midi_settings settings;
    uint64_t begin; // Tick of the first bar.
    uint64_t end;   // Tick after the last.
    struct km_midi_channel_state *state;
    bool has_begun; // What is in force in the track has been written,
    bool has_notes; // and the notes that sound there have been begun.
    bool has_ended; // What sounded at the end has been ended.
};

static enum km_status find_bars(struct job *job, struct km_midi_run *run)
{
    const enum km_status status = km_midi_settings_read_bars(run, &job->settings, "cut");
    if (status != KM_OK) {
        return status;
    }
    job->begin = km_midi_settings_bar_tick(&job->settings, job->cut.first_bar - 1);
    job->end = km_midi_settings_bar_tick(&job->settings, job->cut.last_bar);
    if (job->begin >= job->settings.end && job->cut.first_bar > 1) {
        return km_error_set(run->error, KM_ERROR_RANGE,
                            "bar %" PRIu64 " is beyond the piece, which ends at tick %" PRIu64
                            " before the bar begins at %" PRIu64,
                            job->cut.first_bar, job->settings.end, job->begin);
    }
    return KM_OK;
}

static enum km_status begin_track(void *context, struct km_midi_run *run)
{
    struct job *const job = context;
    km_midi_state_clear(job->state);
    job->has_begun = false;
    job->has_notes = false;
    job->has_ended = false;
    return km_midi_run_begin_track(run);
}

// A tempo or signature in force, unless another stands where the bars begin.
static enum km_status write_setting(const struct job *job, struct km_midi_run *run,
                                    enum km_event_type type)
{
    const struct km_event *const event = km_midi_settings_at(&job->settings, type, job->begin);
    if (!event || event->tick == job->begin) {
        return KM_OK;
    }
    struct km_event moved = *event;
    moved.tick = 0;
    ++run->report.added;
    return km_midi_run_emit(run, &moved, NULL);
}

static enum km_status write_settings(const struct job *job, struct km_midi_run *run)
{
    if (run->tracks_done > 0) {
        return KM_OK;
    }
    enum km_status status = write_setting(job, run, KM_EVENT_TEMPO);
    status = status == KM_OK ? write_setting(job, run, KM_EVENT_TIME_SIGNATURE) : status;
    return status == KM_OK ? write_setting(job, run, KM_EVENT_KEY_SIGNATURE) : status;
}

// Before the first event of the bars.
static enum km_status begin_bars(struct job *job, struct km_midi_run *run)
{
    if (job->has_begun) {
        return KM_OK;
    }
    job->has_begun = true;
    const enum km_status status = write_settings(job, run);
    return status == KM_OK ? km_midi_state_write(job->state, run) : status;
}

// Once nothing more can come where the bars begin.
static enum km_status begin_notes(struct job *job, struct km_midi_run *run)
{
    enum km_status status = begin_bars(job, run);
    if (status == KM_OK && !job->has_notes) {
        job->has_notes = true;
        status = km_midi_state_begin_notes(job->state, run);
    }
    return status;
}

// What came before the bars but tells of the whole track: its names and how the instrument is set
// up before it plays.
static bool is_kept_from_before(const struct job *job, const struct km_event *event)
{
    if (event->type == KM_EVENT_SYSEX) {
        return !job->state->has_played;
    }
    if (event->type != KM_EVENT_META) {
        return false;
    }
    return event->number == KM_META_COPYRIGHT || event->number == KM_META_TRACK_NAME ||
           event->number == KM_META_INSTRUMENT || event->number == META_CHANNEL_PREFIX ||
           event->number == META_PORT;
}

static enum km_status take_before(struct job *job, struct km_midi_run *run,
                                  const struct km_event *event)
{
    if (km_event_has_channel(event)) {
        km_midi_state_note(job->state, event);
    } else if (is_kept_from_before(job, event)) {
        struct km_event moved = *event;
        moved.tick = 0;
        return km_midi_run_emit(run, &moved, NULL);
    }
    ++run->report.left_out;
    return KM_OK;
}

static enum km_status end_bars(struct job *job, struct km_midi_run *run)
{
    if (job->has_ended) {
        return KM_OK;
    }
    job->has_ended = true;
    const enum km_status status = begin_notes(job, run);
    return status == KM_OK ? km_midi_state_end_notes(job->state, run, job->end - job->begin)
                           : status;
}

// Whether an event of the bars stays: not a note-off whose note does not.
static bool is_taken(struct job *job, const struct km_event *event)
{
    if (!job->has_notes) {
        return km_midi_state_takes(job->state, event);
    }
    if (!km_midi_state_sounds(job->state, event)) {
        return false;
    }
    if (event->type == KM_EVENT_NOTE_ON || event->type == KM_EVENT_NOTE_OFF) {
        km_midi_state_note(job->state, event);
    }
    return true;
}

static enum km_status take_event(void *context, struct km_midi_run *run,
                                 const struct km_event *event, const struct km_midi_form *form)
{
    struct job *const job = context;
    if (event->tick < job->begin) {
        return take_before(job, run, event);
    }
    // Notes that end where the bars do end there themselves.
    const bool ends_here = event->type == KM_EVENT_NOTE_OFF && event->tick == job->end;
    if (job->has_ended || (event->tick >= job->end && !ends_here)) {
        ++run->report.left_out;
        return end_bars(job, run);
    }
    const enum km_status status =
        event->tick > job->begin ? begin_notes(job, run) : begin_bars(job, run);
    if (status != KM_OK || !is_taken(job, event)) {
        ++run->report.left_out;
        return status;
    }
    struct km_event moved = *event;
    moved.tick -= job->begin;
    return km_midi_run_emit(run, &moved, form);
}

static enum km_status end_track(void *context, struct km_midi_run *run, uint64_t tick)
{
    struct job *const job = context;
    enum km_status status = KM_OK;
    if (tick >= job->end) {
        status = end_bars(job, run);
    } else if (tick >= job->begin || run->tracks_done == 0) {
        status = tick > job->begin ? begin_notes(job, run) : begin_bars(job, run);
    }
    const uint64_t end = tick < job->end ? tick : job->end;
    return status == KM_OK ? km_midi_run_end_track(run, end > job->begin ? end - job->begin : 0)
                           : status;
}

static enum km_status pass(void *context, struct km_midi_run *run)
{
    struct job *const job = context;
    if (!run->is_writing) {
        run->bytes_total = 3 * run->source.size;
        const enum km_status status = find_bars(job, run);
        if (status != KM_OK) {
            return status;
        }
    }
    const struct km_midi_steps steps = {.context = job,
                                        .begin_track = begin_track,
                                        .event = take_event,
                                        .end_track = end_track,
                                        .keeps_around = true};
    return km_midi_run_feed(run, &steps);
}

enum km_status km_midi_cut(const struct km_midi_edit *edit, const struct km_midi_cut *cut,
                           struct km_midi_edit_report *report, struct km_error *error)
{
    KM_CHECK(cut);
    KM_CHECK(cut->first_bar >= 1 && cut->first_bar <= cut->last_bar &&
             cut->last_bar <= KM_MIDI_BARS_MAX);
    struct job job = {.cut = *cut, .settings = {.heap = edit->heap}};
    job.state = km_heap_allocate(edit->heap, KM_ACCOUNT_WORKING, sizeof(*job.state));
    if (!job.state) {
        return km_heap_refusal(edit->heap, error);
    }
    const enum km_status status = km_midi_run_twice(edit, pass, &job, report, error);
    km_midi_settings_release(&job.settings);
    km_heap_release(edit->heap, job.state);
    return status;
}
