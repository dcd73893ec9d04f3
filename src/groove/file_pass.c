// SPDX-License-Identifier: MIT

// Each track is copied together with all tempos and time signatures of the file, moved there, and
// its notes are put back among its own other events.

#include "groove/file_pass_private.h"

#include "base/math.h"
#include "heap/heap.h"
#include "midi/division.h"

#include <string.h>

struct job {
    struct km_midi_file *file;
    struct km_groove_mover mover;
    struct km_tempo_map map;
    struct km_midi_file settings; // One track: the tempos and time signatures of all.
    struct km_event *moved;       // Room for the settings and the largest track.
    struct km_event *merged;      // Room for the largest track.
    size_t merged_count;
    uint64_t notes;
    double sum_ms;
    double squares_ms;
    double largest_ms;
};

static bool is_setting(const struct km_event *event)
{
    return event->type == KM_EVENT_TEMPO || event->type == KM_EVENT_TIME_SIGNATURE;
}

static bool is_note(const struct km_event *event)
{
    return event->type == KM_EVENT_NOTE_ON || event->type == KM_EVENT_NOTE_OFF;
}

static struct km_midi_track *settings_of(struct job *job)
{
    return &job->settings.tracks[0];
}

// Adds a track's tempos and time signatures; in SMPTE time neither has a meaning.
static enum km_status add_settings(struct job *job, const struct km_midi_track *track)
{
    const bool has_beats = !km_midi_division_is_smpte(job->file->division);
    enum km_status status = KM_OK;
    for (size_t i = 0; i < track->count && status == KM_OK; ++i) {
        if (has_beats && is_setting(&track->events[i])) {
            status = km_midi_file_add(&job->settings, 0, track->events[i]);
        }
    }
    return status;
}

// Copies the settings and a track's other events, by ascending ticks; notes get their index as
// detail, by which they are found again. Settings after the track's last event are left out.
static size_t copy_track(struct job *job, const struct km_midi_track *track)
{
    const struct km_midi_track *const settings = settings_of(job);
    size_t count = 0;
    size_t setting = 0;
    for (size_t i = 0; i < track->count; ++i) {
        const struct km_event *const event = &track->events[i];
        while (setting < settings->count && settings->events[setting].tick <= event->tick) {
            job->moved[count++] = settings->events[setting++];
        }
        if (!is_setting(event)) {
            job->moved[count] = *event;
            job->moved[count].detail = is_note(event) ? (uint32_t)i : event->detail;
            ++count;
        }
    }
    return count;
}

static void measure(struct job *job, uint64_t written, uint64_t moved)
{
    const double late_ms = 1000.0 * (km_tempo_map_seconds(&job->map, moved) -
                                     km_tempo_map_seconds(&job->map, written));
    const double distance_ms = late_ms < 0.0 ? -late_ms : late_ms;
    job->notes += 1;
    job->sum_ms += late_ms;
    job->squares_ms += late_ms * late_ms;
    job->largest_ms = distance_ms > job->largest_ms ? distance_ms : job->largest_ms;
}

// The next moved note at or after `at`; `count` if there is none.
static size_t next_note(const struct km_event *moved, size_t at, size_t count)
{
    while (at < count && !is_note(&moved[at])) {
        ++at;
    }
    return at;
}

// At one tick notes end before anything else happens, and begin after it. The end of the track is
// always its last event.
static bool goes_first(const struct km_event *note, const struct km_event *other)
{
    if (other->type == KM_EVENT_END_OF_TRACK) {
        return true;
    }
    return note->type == KM_EVENT_NOTE_OFF ? note->tick <= other->tick : note->tick < other->tick;
}

// The written note that a moved one was is found by its detail.
static void put_note(struct job *job, const struct km_midi_track *track, struct km_event note)
{
    const struct km_event *const written = &track->events[note.detail];
    if (note.type == KM_EVENT_NOTE_ON) {
        measure(job, written->tick, note.tick);
    }
    note.detail = written->detail;
    job->merged[job->merged_count++] = note;
}

// Puts an event that is no note after what there is; only an end of track may have to move for it.
static void put_other(struct job *job, struct km_event other)
{
    const uint64_t before = job->merged_count > 0 ? job->merged[job->merged_count - 1].tick : 0;
    other.tick = other.tick > before ? other.tick : before;
    job->merged[job->merged_count++] = other;
}

// Puts the moved notes back among the track's other events, whose order stays.
static void merge_track(struct job *job, struct km_midi_track *track, size_t moved_count)
{
    job->merged_count = 0;
    size_t note = next_note(job->moved, 0, moved_count);
    for (size_t i = 0; i < track->count; ++i) {
        const struct km_event *const other = &track->events[i];
        if (is_note(other)) {
            continue;
        }
        while (note < moved_count && goes_first(&job->moved[note], other)) {
            put_note(job, track, job->moved[note]);
            note = next_note(job->moved, note + 1, moved_count);
        }
        put_other(job, *other);
    }
    while (note < moved_count) {
        put_note(job, track, job->moved[note]);
        note = next_note(job->moved, note + 1, moved_count);
    }
    if (job->merged_count > 0) {
        memcpy(track->events, job->merged, job->merged_count * sizeof(*track->events));
    }
}

static void move_track(struct job *job, struct km_midi_track *track)
{
    const size_t count = copy_track(job, track);
    merge_track(job, track, job->mover.move(job->mover.context, &job->map, job->moved, count));
}

static size_t settings_in(const struct km_midi_track *track)
{
    size_t count = 0;
    for (size_t i = 0; i < track->count; ++i) {
        count += is_setting(&track->events[i]);
    }
    return count;
}

size_t km_groove_file_room(const struct km_midi_file *file)
{
    size_t largest = 0;
    size_t settings = 0;
    for (size_t i = 0; i < file->track_count; ++i) {
        const size_t count = file->tracks[i].count;
        largest = count > largest ? count : largest;
        settings += settings_in(&file->tracks[i]);
    }
    return settings + largest + 1;
}

static enum km_status reserve(struct job *job)
{
    struct km_heap *const heap = job->file->heap;
    const size_t room = km_groove_file_room(job->file);
    const size_t size = sizeof(struct km_event);
    job->moved = km_heap_allocate_array(heap, KM_ACCOUNT_WORKING, room, size);
    job->merged = km_heap_allocate_array(heap, KM_ACCOUNT_WORKING, room, size);
    const bool has_all = job->moved && job->merged;
    return has_all ? km_midi_file_add_track(&job->settings) : KM_ERROR_NO_MEMORY;
}

// Takes the settings of tracks, and their tempos in order of time.
static enum km_status take_settings(struct job *job, size_t first, size_t end)
{
    settings_of(job)->count = 0;
    enum km_status status = KM_OK;
    for (size_t i = first; i < end && status == KM_OK; ++i) {
        status = add_settings(job, &job->file->tracks[i]);
    }
    if (status == KM_OK) {
        status = km_midi_track_sort(&job->settings, 0);
    }
    if (status == KM_OK) {
        km_tempo_map_release(&job->map);
        status = km_tempo_map_init(&job->map, &job->settings);
    }
    return status;
}

static enum km_status move_all(struct job *job)
{
    const struct km_midi_file *const file = job->file;
    const bool has_own_time = file->format == 2; // Each track is a piece of its own.
    enum km_status status = has_own_time ? KM_OK : take_settings(job, 0, file->track_count);
    for (size_t i = 0; i < file->track_count && status == KM_OK; ++i) {
        if (has_own_time) {
            status = take_settings(job, i, i + 1);
        }
        if (status == KM_OK) {
            move_track(job, &file->tracks[i]);
        }
    }
    return status;
}

static void sum_up(const struct job *job, struct km_groove_outcome *outcome)
{
    const double count = job->notes > 0 ? (double)job->notes : 1.0;
    const double mean = job->sum_ms / count;
    const double variance = job->squares_ms / count - mean * mean;
    *outcome = (struct km_groove_outcome){.notes = job->notes,
                                          .mean_ms = mean,
                                          .deviation_ms = km_sqrt(variance > 0.0 ? variance : 0.0),
                                          .largest_ms = job->largest_ms};
}

enum km_status km_groove_file_pass(struct km_midi_file *file, const struct km_groove_mover *mover,
                                   struct km_groove_outcome *outcome)
{
    struct job job = {.file = file, .mover = *mover, .map = {.heap = file->heap}};
    km_midi_file_init(&job.settings, file->heap, 1, file->division);
    enum km_status status = reserve(&job);
    if (status == KM_OK) {
        status = move_all(&job);
    }
    km_midi_file_release(&job.settings);
    km_tempo_map_release(&job.map);
    km_heap_release(file->heap, job.moved);
    km_heap_release(file->heap, job.merged);
    if (status == KM_OK) {
        sum_up(&job, outcome);
    }
    return status;
}
