// SPDX-License-Identifier: MIT

// Several files as one: side by side, or one after the other.

#include "midi/edit_files.h"

#include "base/check.h"
#include "heap/heap.h"
#include "midi/division.h"
#include "midi/edit_scale_private.h"
#include "midi/edit_tracks_private.h"

enum { DIVISION_MAX = 0x7FFF };

// A tick of one input in the output.
struct place {
    uint32_t from;
    uint32_t to;
    uint64_t offset;
};

struct job {
    struct km_midi_merge_files *files;
    struct km_midi_tracks *tracks; // Of each.
    struct km_midi_scale *scale;
    struct place place;
    size_t lead;  // The file whose tempos and signatures count.
    size_t file;  // That is being read.
    size_t track; // The same.
};

static uint32_t greatest_common_divisor(uint32_t a, uint32_t b)
{
    while (b != 0) {
        const uint32_t rest = a % b;
        a = b;
        b = rest;
    }
    return a;
}

static uint64_t to_tick(const void *context, uint64_t tick)
{
    const struct place *const place = context;
    return place->offset + km_midi_scaled(tick, place->from, place->to);
}

// The least common multiple of all, if a file can say it; else the finest.
static enum km_status choose_division(struct job *job, struct km_midi_run *run)
{
    uint32_t division = job->tracks[0].header.division;
    uint32_t finest = division;
    for (size_t i = 1; i < job->files->count; ++i) {
        const uint32_t next = job->tracks[i].header.division;
        if (next != division && (km_midi_division_is_smpte((uint16_t)next) ||
                                 km_midi_division_is_smpte(job->tracks[0].header.division))) {
            job->files->current = i;
            return km_error_set(run->error, KM_ERROR_UNSUPPORTED,
                                "beats and SMPTE time cannot be merged: convert its division");
        }
        finest = next > finest ? next : finest;
        KM_CHECK(division > 0 && next > 0);
        const uint32_t least = division / greatest_common_divisor(division, next) * next;
        division = division <= DIVISION_MAX && least <= DIVISION_MAX ? least : DIVISION_MAX + 1;
    }
    const bool is_smpte = km_midi_division_is_smpte(job->tracks[0].header.division);
    if (is_smpte) {
        division = job->tracks[0].header.division;
    }
    job->files->is_rounded = !is_smpte && division > DIVISION_MAX;
    run->division = (uint16_t)(job->files->is_rounded ? finest : division);
    return KM_OK;
}

static void choose_lead(struct job *job)
{
    job->lead = 0;
    while (job->lead < job->files->count &&
           (job->tracks[job->lead].all & KM_MIDI_TRACK_SETS) == 0) {
        ++job->lead;
    }
    job->lead = job->lead < job->files->count ? job->lead : 0;
    job->files->differing = 0;
    for (size_t i = 0; i < job->files->count && !job->files->appends; ++i) {
        const bool sets = (job->tracks[i].all & KM_MIDI_TRACK_SETS) != 0;
        job->files->differing += sets && job->tracks[i].settings != job->tracks[job->lead].settings;
    }
}

static enum km_status look(struct job *job, struct km_midi_run *run)
{
    run->bytes_total = 0;
    for (size_t i = 0; i < job->files->count; ++i) {
        job->files->current = i;
        run->source = job->files->sources[i];
        run->is_told = false;
        run->bytes_total += 3 * job->files->sources[i].size;
        const enum km_status status = km_midi_tracks_read(run, &job->tracks[i]);
        if (status != KM_OK) {
            return status;
        }
        if (job->tracks[i].header.format == 2) {
            return km_error_set(run->error, KM_ERROR_UNSUPPORTED,
                                "the tracks of format 2 are pieces of their own: split them first");
        }
    }
    choose_lead(job);
    return choose_division(job, run);
}

// Whether what a track without notes tells is told by the leading file already.
static bool is_repeated(const struct job *job)
{
    return !job->files->appends && job->file != job->lead &&
           job->tracks[job->file].texts == job->tracks[job->lead].texts;
}

static bool takes_settings(const struct job *job)
{
    return job->files->appends || job->file == job->lead;
}

static bool takes_track(const struct job *job)
{
    const uint32_t kind = job->tracks[job->file].kinds[job->track];
    if ((kind & KM_MIDI_TRACK_PLAYS) != 0 || job->file == job->lead || job->files->appends) {
        return true;
    }
    return (kind & KM_MIDI_TRACK_TEXTS) != 0 && !is_repeated(job);
}

// Where one piece follows another, what it does not say holds anew.
static enum km_status write_defaults(const struct job *job, struct km_midi_run *run)
{
    if (!job->files->appends || job->file == 0 || job->track > 0 || job->place.offset == 0) {
        return KM_OK;
    }
    enum km_status status = KM_OK;
    if (!job->tracks[job->file].sets_tempo_first) {
        const struct km_event tempo = {
            .tick = job->place.offset, .type = KM_EVENT_TEMPO, .detail = KM_TEMPO_DEFAULT};
        ++run->report.added;
        status = km_midi_run_emit(run, &tempo, NULL);
    }
    if (status == KM_OK && !job->tracks[job->file].sets_meter_first) {
        const struct km_event meter = {.tick = job->place.offset,
                                       .type = KM_EVENT_TIME_SIGNATURE,
                                       .number = 4,
                                       .value = 2,
                                       .detail = 24 | 8 << 8};
        ++run->report.added;
        status = km_midi_run_emit(run, &meter, NULL);
    }
    return status;
}

static enum km_status begin_track(void *context, struct km_midi_run *run)
{
    struct job *const job = context;
    if (job->track == job->tracks[job->file].count) {
        return km_midi_run_refuse(run, KM_ERROR_IO, 0, "the file changed while it was read");
    }
    if (!takes_track(job)) {
        return KM_OK;
    }
    km_midi_scale_begin(job->scale);
    const enum km_status status = km_midi_run_begin_track(run);
    return status == KM_OK ? write_defaults(job, run) : status;
}

static enum km_status take_event(void *context, struct km_midi_run *run,
                                 const struct km_event *event, const struct km_midi_form *form)
{
    struct job *const job = context;
    if (!run->is_in_track || (km_midi_is_setting(event) && !takes_settings(job))) {
        ++run->report.left_out;
        return KM_OK;
    }
    return km_midi_scale_event(job->scale, run, event, form);
}

static enum km_status end_track(void *context, struct km_midi_run *run, uint64_t tick)
{
    struct job *const job = context;
    ++job->track;
    return run->is_in_track ? km_midi_scale_end(job->scale, run, tick) : KM_OK;
}

static enum km_status feed_file(struct job *job, struct km_midi_run *run, size_t file)
{
    job->files->current = file;
    job->file = file;
    job->track = 0;
    job->place.from = job->tracks[file].header.division;
    job->place.to = run->division;
    run->source = job->files->sources[file];
    const struct km_midi_steps steps = {
        .context = job, .begin_track = begin_track, .event = take_event, .end_track = end_track};
    return km_midi_run_feed(run, &steps);
}

static enum km_status pass(void *context, struct km_midi_run *run)
{
    struct job *const job = context;
    enum km_status status = run->is_writing ? KM_OK : look(job, run);
    if (status != KM_OK) {
        return status;
    }
    run->format = 1;
    km_midi_run_header(run);
    job->place.offset = 0;
    job->scale->to_tick = to_tick;
    job->scale->context = &job->place;
    if (!job->files->appends) {
        status = feed_file(job, run, job->lead); // Players look for tempos on the first track.
    }
    for (size_t i = 0; i < job->files->count && status == KM_OK; ++i) {
        if (job->files->appends || i != job->lead) {
            status = feed_file(job, run, i);
        }
        if (job->files->appends) {
            job->place.offset = to_tick(&job->place, job->tracks[i].end);
        }
    }
    return status == KM_OK ? km_midi_run_add_missing_track(run) : status;
}

static void release(struct job *job, struct km_heap *heap)
{
    for (size_t i = 0; job->tracks && i < job->files->count; ++i) {
        km_heap_release(heap, job->tracks[i].kinds);
    }
    km_heap_release(heap, job->tracks);
    km_heap_release(heap, job->scale);
}

enum km_status km_midi_merge_write(const struct km_midi_edit *edit,
                                   struct km_midi_merge_files *files,
                                   struct km_midi_edit_report *report, struct km_error *error)
{
    KM_CHECK(files->count >= 1 && files->count <= KM_MIDI_MERGE_FILES_MAX);
    struct job job = {.files = files};
    job.tracks =
        km_heap_allocate_array(edit->heap, KM_ACCOUNT_WORKING, files->count, sizeof(*job.tracks));
    if (job.tracks) {
        job.scale = km_heap_allocate(edit->heap, KM_ACCOUNT_WORKING, sizeof(*job.scale));
    }
    const enum km_status status = job.scale ? km_midi_run_twice(edit, pass, &job, report, error)
                                            : km_heap_refusal(edit->heap, error);
    release(&job, edit->heap);
    return status;
}
