// SPDX-License-Identifier: MIT

// From MIDI 2.0 clip files to Standard MIDI Files, and back.

#include "base/check.h"
#include "midi/clip_writer.h"
#include "midi/division.h"
#include "midi/edit_private.h"
#include "midi/merged.h"

enum { BATCH = 256, PAYLOAD_PIECE_SIZE = 4096, GROUPS_COUNT = 16, META_PORT = 0x21 };

struct job {
    struct km_input *input;
    enum km_midi_kind kind;
    uint32_t groups; // That the clip uses.
    unsigned group;  // That is being written.
    struct km_midi_merged *merged;
    struct km_clip_writer clip;
};

static enum km_status look_begin_track(void *context, struct km_midi_run *run)
{
    (void)context;
    (void)run;
    return KM_OK;
}

static enum km_status look_event(void *context, struct km_midi_run *run,
                                 const struct km_event *event, const struct km_midi_form *form)
{
    (void)form;
    struct job *const job = context;
    job->groups |= event->type == KM_EVENT_UMP ? 0 : 1U << run->group;
    return KM_OK;
}

static enum km_status look_end_track(void *context, struct km_midi_run *run, uint64_t tick)
{
    (void)context;
    (void)run;
    (void)tick;
    return KM_OK;
}

static enum km_status look(struct job *job, struct km_midi_run *run)
{
    const struct km_midi_steps steps = {.context = job,
                                        .begin_track = look_begin_track,
                                        .event = look_event,
                                        .end_track = look_end_track,
                                        .takes_clips = true};
    const enum km_status status = km_midi_run_feed(run, &steps);
    run->report = (struct km_midi_edit_report){0}; // What was seen here is seen again.
    return status;
}

// A port for each group, where there are several: 16 channels are not enough for them.
static enum km_status begin_group(void *context, struct km_midi_run *run)
{
    const struct job *const job = context;
    enum km_status status = km_midi_run_begin_track(run);
    if (status != KM_OK || (job->groups & (job->groups - 1)) == 0) {
        return status;
    }
    const struct km_event port = {.type = KM_EVENT_META, .number = META_PORT, .detail = 1};
    status = km_midi_run_emit(run, &port, NULL);
    if (status == KM_OK) {
        km_midi_run_payload(run, (const unsigned char[]){(unsigned char)job->group}, 1);
    }
    return status;
}

static enum km_status take_of_group(void *context, struct km_midi_run *run,
                                    const struct km_event *event, const struct km_midi_form *form)
{
    const struct job *const job = context;
    if (event->type == KM_EVENT_UMP) {
        run->report.left_out += job->group == run->group;
        return KM_OK;
    }
    return job->group == run->group ? km_midi_run_emit(run, event, form) : KM_OK;
}

static enum km_status write_tracks(struct job *job, struct km_midi_run *run)
{
    job->groups = job->groups == 0 ? 1 : job->groups;
    run->format = (job->groups & (job->groups - 1)) != 0;
    run->division = run->header.division;
    km_midi_run_header(run);
    enum km_status status = KM_OK;
    for (job->group = 0; job->group < GROUPS_COUNT && status == KM_OK; ++job->group) {
        const struct km_midi_steps steps = {.context = job,
                                            .begin_track = begin_group,
                                            .event = take_of_group,
                                            .takes_clips = true};
        if ((job->groups >> job->group & 1U) != 0) {
            status = km_midi_run_feed(run, &steps);
        }
    }
    return status;
}

static enum km_status write_payload(struct job *job, struct km_midi_run *run,
                                    const struct km_midi_merged_event *event)
{
    unsigned char bytes[PAYLOAD_PIECE_SIZE];
    for (uint32_t offset = 0; offset < event->event.detail;) {
        const uint32_t left = event->event.detail - offset;
        const uint32_t size = left < sizeof(bytes) ? left : (uint32_t)sizeof(bytes);
        enum km_status status =
            km_midi_merged_payload(job->merged, event, offset, bytes, size, run->error);
        status =
            status == KM_OK ? km_clip_writer_payload(&job->clip, bytes, size, run->error) : status;
        if (status != KM_OK) {
            return status;
        }
        offset += size;
    }
    return KM_OK;
}

static enum km_status write_packet(struct job *job, struct km_midi_run *run,
                                   const struct km_midi_merged_event *event)
{
    if (event->event.type == KM_EVENT_END_OF_TRACK) {
        return KM_OK;
    }
    ++run->report.events;
    run->report.notes += event->event.type == KM_EVENT_NOTE_ON;
    const enum km_status status = km_clip_writer_event(&job->clip, &event->event, 0, run->error);
    return status == KM_OK && km_event_has_payload(&event->event) ? write_payload(job, run, event)
                                                                  : status;
}

static enum km_status write_packets(struct job *job, struct km_midi_run *run)
{
    struct km_midi_merged_event events[BATCH];
    size_t count = 0;
    uint64_t end = 0;
    do {
        enum km_status status = km_midi_merged_read(job->merged, events, BATCH, &count, run->error);
        for (size_t i = 0; i < count && status == KM_OK; ++i) {
            status = write_packet(job, run, &events[i]);
            end = events[i].event.tick;
        }
        if (status != KM_OK) {
            return status;
        }
    } while (count > 0);
    ++run->report.events;
    return km_clip_writer_finish(&job->clip, end, run->error);
}

static enum km_status drop(void *context, const void *bytes, size_t size)
{
    (void)context;
    (void)bytes;
    (void)size;
    return KM_OK;
}

static enum km_status write_clip(struct job *job, struct km_midi_run *run)
{
    if (run->header.format == 2) {
        return km_error_set(run->error, KM_ERROR_UNSUPPORTED,
                            "the tracks of format 2 are pieces of their own: split them instead");
    }
    if (km_midi_division_is_smpte(run->header.division)) {
        return km_error_set(
            run->error, KM_ERROR_UNSUPPORTED,
            "clips count in beats: convert SMPTE time to a division in beats first");
    }
    enum km_status status = KM_OK;
    if (run->is_writing) {
        status = km_midi_merged_rewind(job->merged, run->error);
    } else {
        const struct km_midi_reader_config silent = {.is_strict = run->edit->reader.is_strict};
        status = km_midi_merged_new(run->edit->heap, job->input, &silent, &job->merged, run->error);
    }
    if (status != KM_OK) {
        return status;
    }
    struct km_sink nowhere = {.write = drop}; // The first pass finds what cannot be said.
    const struct km_clip_writer_config config = {.division = run->header.division};
    km_clip_writer_init(&job->clip, run->is_writing ? run->edit->sink : &nowhere, &config);
    return write_packets(job, run);
}

static enum km_status pass(void *context, struct km_midi_run *run)
{
    struct job *const job = context;
    if (!run->is_writing) {
        run->bytes_total = 3 * run->source.size;
        const enum km_status status = look(job, run);
        if (status != KM_OK) {
            return status;
        }
    }
    const bool is_clip = run->header.is_clip;
    if (is_clip && job->kind == KM_MIDI_KIND_CLIP) {
        return km_error_set(run->error, KM_ERROR_INVALID, "byte 0: it is a clip file already");
    }
    if (!is_clip && job->kind == KM_MIDI_KIND_SMF) {
        return km_midi_run_feed(run, &(struct km_midi_steps){.keeps_around = true});
    }
    return is_clip ? write_tracks(job, run) : write_clip(job, run);
}

enum km_status km_midi_convert_kind(const struct km_midi_edit *edit, struct km_input *input,
                                    enum km_midi_kind kind, struct km_midi_edit_report *report,
                                    struct km_error *error)
{
    struct job job = {.input = input, .kind = kind};
    const enum km_status status = km_midi_run_twice(edit, pass, &job, report, error);
    km_midi_merged_free(job.merged);
    if (status == KM_OK && report->tracks == 0) {
        report->tracks = 1; // A clip has no chunk for it.
    }
    return status;
}
