// SPDX-License-Identifier: MIT

// From one track to one for each channel, and back.

#include "base/check.h"
#include "heap/heap.h"
#include "midi/edit_settings_private.h"
#include "midi/merged.h"
#include "midi/valid.h"

enum { BATCH = 256, PAYLOAD_PIECE_SIZE = 4096, NO_CHANNEL = KM_CHANNELS_COUNT };

struct job {
    uint16_t format;
    struct km_input *input;
    uint16_t channels; // Of the input.
    unsigned channel;  // That is being written; NO_CHANNEL: what has none.
    struct km_midi_merged *merged;
};

static enum km_status take_event_of_channel(void *context, struct km_midi_run *run,
                                            const struct km_event *event,
                                            const struct km_midi_form *form)
{
    const struct job *const job = context;
    const unsigned channel = km_event_has_channel(event) ? event->channel : NO_CHANNEL;
    return channel == job->channel ? km_midi_run_emit(run, event, form) : KM_OK;
}

static enum km_status feed_channel(struct job *job, struct km_midi_run *run, unsigned channel)
{
    job->channel = channel;
    const struct km_midi_steps steps = {.context = job, .event = take_event_of_channel};
    return km_midi_run_feed(run, &steps);
}

// What has no channel first, then each channel that is used.
static enum km_status split_channels(struct job *job, struct km_midi_run *run)
{
    run->format = 1;
    km_midi_run_header(run);
    enum km_status status = feed_channel(job, run, NO_CHANNEL);
    for (unsigned i = 0; i < KM_CHANNELS_COUNT && status == KM_OK; ++i) {
        if ((job->channels >> i & 1U) != 0) {
            status = feed_channel(job, run, i);
        }
    }
    return status == KM_OK ? km_midi_run_add_missing_track(run) : status;
}

static enum km_status hand_payload_on(struct job *job, struct km_midi_run *run,
                                      const struct km_midi_steps *steps,
                                      const struct km_midi_merged_event *event)
{
    unsigned char bytes[PAYLOAD_PIECE_SIZE];
    for (uint32_t offset = 0; offset < event->event.detail;) {
        const uint32_t left = event->event.detail - offset;
        const uint32_t size = left < sizeof(bytes) ? left : (uint32_t)sizeof(bytes);
        enum km_status status =
            km_midi_merged_payload(job->merged, event, offset, bytes, size, run->error);
        status = status == KM_OK ? km_midi_mend_payload(run, steps, bytes, size) : status;
        if (status != KM_OK) {
            return status;
        }
        offset += size;
    }
    return KM_OK;
}

// Hands an event on, but for the tracks' own ends.
static enum km_status hand_on(struct job *job, struct km_midi_run *run,
                              const struct km_midi_merged_event *event)
{
    const struct km_midi_steps steps = {0};
    if (event->event.type == KM_EVENT_END_OF_TRACK) {
        return KM_OK;
    }
    run->track = event->track;
    run->takes_payload = false;
    const enum km_status status = km_midi_mend_event(run, &steps, &event->event, NULL);
    const bool has_payload =
        event->event.type == KM_EVENT_META || event->event.type == KM_EVENT_SYSEX;
    return status == KM_OK && has_payload ? hand_payload_on(job, run, &steps, event) : status;
}

// Hands some events on; `count` is 0 at the end.
static enum km_status feed_batch(struct job *job, struct km_midi_run *run, size_t *count,
                                 uint64_t *end)
{
    struct km_midi_merged_event events[BATCH];
    enum km_status status = km_midi_merged_read(job->merged, events, BATCH, count, run->error);
    for (size_t i = 0; status == KM_OK && i < *count; ++i) {
        status = hand_on(job, run, &events[i]);
        *end = events[i].event.tick;
    }
    const bool is_stopped = run->is_writing && run->edit->sink->status != KM_OK;
    return status == KM_OK && is_stopped ? run->edit->sink->status : status;
}

static enum km_status feed_merged(struct job *job, struct km_midi_run *run)
{
    size_t count = 0;
    uint64_t end = 0;
    do {
        const enum km_status status = feed_batch(job, run, &count, &end);
        if (status != KM_OK) {
            return status;
        }
    } while (count > 0);
    const struct km_event last = {.tick = end, .type = KM_EVENT_END_OF_TRACK};
    const struct km_midi_steps steps = {0};
    return km_midi_mend_event(run, &steps, &last, NULL);
}

static enum km_status merge_tracks(struct job *job, struct km_midi_run *run)
{
    enum km_status status = KM_OK;
    if (run->is_writing) {
        status = km_midi_merged_rewind(job->merged, run->error);
    } else {
        const struct km_midi_reader_config silent = {.is_strict = run->edit->reader.is_strict};
        status = km_midi_merged_new(run->edit->heap, job->input, &silent, &job->merged, run->error);
    }
    if (status == KM_OK) {
        run->format = 0;
        km_midi_run_header(run);
        status = km_midi_run_begin_track(run);
    }
    return status == KM_OK ? feed_merged(job, run) : status;
}

static enum km_status look_at_input(struct job *job, struct km_midi_run *run)
{
    struct km_midi_settings settings;
    const enum km_status status = km_midi_settings_read(run, &settings);
    if (status != KM_OK) {
        return status;
    }
    job->channels = settings.channels;
    run->division = settings.division;
    unsigned used = 0;
    for (unsigned i = 0; i < KM_CHANNELS_COUNT; ++i) {
        used += job->channels >> i & 1U;
    }
    const bool splits = job->format == 1 && run->header.format == 0;
    run->bytes_total = (splits ? 1 + 2 * (1 + used) : 3) * run->source.size;
    km_midi_settings_release(&settings);
    return KM_OK;
}

static enum km_status pass(void *context, struct km_midi_run *run)
{
    struct job *const job = context;
    const enum km_status status = run->is_writing ? KM_OK : look_at_input(job, run);
    if (status != KM_OK) {
        return status;
    }
    if (run->header.format == 2) {
        return km_error_set(run->error, KM_ERROR_UNSUPPORTED,
                            "the tracks of format 2 are pieces of their own: split them instead");
    }
    if (run->header.format == job->format) {
        return km_midi_run_feed(run, &(struct km_midi_steps){.keeps_around = true});
    }
    return job->format == 1 ? split_channels(job, run) : merge_tracks(job, run);
}

enum km_status km_midi_convert_format(const struct km_midi_edit *edit, struct km_input *input,
                                      uint16_t format, struct km_midi_edit_report *report,
                                      struct km_error *error)
{
    KM_CHECK(format <= 1);
    struct job job = {.format = format, .input = input};
    const enum km_status status = km_midi_run_twice(edit, pass, &job, report, error);
    km_midi_merged_free(job.merged);
    return status;
}
