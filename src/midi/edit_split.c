// SPDX-License-Identifier: MIT

// One file as several: by track, by channel, or drums and all else.

#include "midi/edit_files.h"

#include "base/check.h"
#include "heap/heap.h"
#include "midi/edit_tracks_private.h"
#include "midi/valid.h"

struct km_midi_parts {
    struct km_midi_tracks tracks;
    enum km_midi_split_by by;
    struct km_midi_part parts[KM_MIDI_PARTS_MAX];
    size_t count;
};

static enum km_status add_part(struct km_midi_parts *parts, struct km_midi_run *run,
                               struct km_midi_part part)
{
    if (parts->count == KM_MIDI_PARTS_MAX) {
        return km_error_set(run->error, KM_ERROR_TOO_LARGE,
                            "more than %d tracks that play: more than one split makes files of",
                            KM_MIDI_PARTS_MAX);
    }
    parts->parts[parts->count++] = part;
    return KM_OK;
}

static enum km_status plan_tracks(struct km_midi_parts *parts, struct km_midi_run *run)
{
    const struct km_midi_tracks *const tracks = &parts->tracks;
    enum km_status status = KM_OK;
    for (size_t i = 0; i < tracks->count && status == KM_OK; ++i) {
        const bool has_part =
            tracks->header.format == 2 || (tracks->kinds[i] & KM_MIDI_TRACK_PLAYS) != 0;
        status =
            has_part ? add_part(parts, run, (struct km_midi_part){.track = (uint32_t)i}) : KM_OK;
    }
    return status;
}

static enum km_status plan_channels(struct km_midi_parts *parts, struct km_midi_run *run)
{
    const uint32_t used = parts->tracks.all & KM_MIDI_TRACK_CHANNELS;
    const uint32_t drums = 1U << KM_CHANNEL_DRUMS;
    enum km_status status = KM_OK;
    for (unsigned i = 0; i < KM_CHANNELS_COUNT && status == KM_OK; ++i) {
        const uint32_t channel = 1U << i;
        if (parts->by == KM_MIDI_SPLIT_BY_CHANNEL && (used & channel) != 0) {
            status = add_part(parts, run, (struct km_midi_part){.channels = (uint16_t)channel});
        }
    }
    if (parts->by == KM_MIDI_SPLIT_BY_DRUMS && (used & ~drums) != 0) {
        status = add_part(parts, run, (struct km_midi_part){.channels = (uint16_t)(used & ~drums)});
    }
    if (status == KM_OK && parts->by == KM_MIDI_SPLIT_BY_DRUMS && (used & drums) != 0) {
        status = add_part(parts, run, (struct km_midi_part){.channels = (uint16_t)drums});
    }
    return status;
}

static enum km_status look(void *context, struct km_midi_run *run)
{
    struct km_midi_parts *const parts = context;
    enum km_status status = km_midi_tracks_read(run, &parts->tracks);
    if (status != KM_OK) {
        return status;
    }
    if (parts->tracks.header.format == 2 && parts->by != KM_MIDI_SPLIT_BY_TRACK) {
        return km_error_set(run->error, KM_ERROR_UNSUPPORTED,
                            "the tracks of format 2 are pieces of their own: split it by track");
    }
    status =
        parts->by == KM_MIDI_SPLIT_BY_TRACK ? plan_tracks(parts, run) : plan_channels(parts, run);
    if (status == KM_OK && parts->count == 0) {
        status = km_error_set(run->error, KM_ERROR_NOT_FOUND,
                              "nothing to split: no track plays anything");
    }
    return status;
}

enum km_status km_midi_split_plan(const struct km_midi_edit *edit, enum km_midi_split_by by,
                                  struct km_midi_parts **planned, struct km_error *error)
{
    struct km_midi_parts *const parts =
        km_heap_allocate(edit->heap, KM_ACCOUNT_WORKING, sizeof(*parts));
    if (!parts) {
        return km_heap_refusal(edit->heap, error);
    }
    parts->by = by;
    parts->tracks.heap = edit->heap;
    const enum km_status status = km_midi_run_look(edit, look, parts, error);
    if (status != KM_OK) {
        km_midi_parts_free(parts);
        return status;
    }
    *planned = parts;
    return KM_OK;
}

void km_midi_parts_free(struct km_midi_parts *parts)
{
    if (parts) {
        struct km_heap *const heap = parts->tracks.heap;
        km_midi_tracks_release(&parts->tracks);
        km_heap_release(heap, parts);
    }
}

size_t km_midi_parts_count(const struct km_midi_parts *parts)
{
    return parts->count;
}

struct km_midi_part km_midi_parts_get(const struct km_midi_parts *parts, size_t index)
{
    KM_CHECK(index < parts->count);
    return parts->parts[index];
}

// What goes into a part of the track that is being read.
struct writing {
    const struct km_midi_parts *parts;
    struct km_midi_part part;
    size_t track;
    bool takes_settings;
    bool takes_rest; // Texts and SysEx.
    uint32_t channels;
};

// Settings go to every part. What else has no channel goes with a track's first channel, or to
// every part if the track does not play: then merging the parts again brings each event once.
static void choose(struct writing *writing)
{
    const struct km_midi_tracks *const tracks = &writing->parts->tracks;
    const uint32_t kind = tracks->kinds[writing->track];
    const uint32_t used = kind & KM_MIDI_TRACK_CHANNELS;
    const bool plays = (kind & KM_MIDI_TRACK_PLAYS) != 0;
    writing->takes_settings = (kind & KM_MIDI_TRACK_SETS) != 0;
    if (writing->parts->by == KM_MIDI_SPLIT_BY_TRACK) {
        const bool is_own = writing->track == writing->part.track;
        writing->takes_settings = is_own || (writing->takes_settings && tracks->header.format != 2);
        writing->takes_rest = is_own || (!plays && tracks->header.format != 2);
        writing->channels = is_own ? KM_MIDI_TRACK_CHANNELS : 0;
        return;
    }
    writing->channels = used & writing->part.channels;
    const uint32_t first = used & (~used + 1);
    const bool is_first_part = writing->part.channels == writing->parts->parts[0].channels;
    writing->takes_rest = used != 0 ? (writing->channels & first) != 0 : !plays || is_first_part;
}

static bool has_anything(const struct writing *writing)
{
    const uint32_t kind = writing->parts->tracks.kinds[writing->track];
    const bool is_own =
        writing->parts->by == KM_MIDI_SPLIT_BY_TRACK && writing->track == writing->part.track;
    const bool has_settings = writing->takes_settings && (kind & KM_MIDI_TRACK_SETS) != 0;
    const bool has_rest =
        writing->takes_rest && (kind & (KM_MIDI_TRACK_TEXTS | KM_MIDI_TRACK_SYSEX)) != 0;
    return is_own || has_settings || has_rest || (writing->channels & kind) != 0;
}

static enum km_status begin_track(void *context, struct km_midi_run *run)
{
    struct writing *const writing = context;
    if (writing->track == writing->parts->tracks.count) {
        return km_midi_run_refuse(run, KM_ERROR_IO, 0, "the file changed while it was read");
    }
    choose(writing);
    return has_anything(writing) ? km_midi_run_begin_track(run) : KM_OK;
}

static enum km_status take_event(void *context, struct km_midi_run *run,
                                 const struct km_event *event, const struct km_midi_form *form)
{
    const struct writing *const writing = context;
    bool is_taken = writing->takes_rest;
    if (km_event_has_channel(event)) {
        is_taken = (writing->channels >> event->channel & 1U) != 0;
    } else if (km_midi_is_setting(event)) {
        is_taken = writing->takes_settings;
    }
    return is_taken && run->is_in_track ? km_midi_run_emit(run, event, form) : KM_OK;
}

static enum km_status end_track(void *context, struct km_midi_run *run, uint64_t tick)
{
    struct writing *const writing = context;
    ++writing->track;
    return run->is_in_track ? km_midi_run_end_track(run, tick) : KM_OK;
}

static enum km_status pass(void *context, struct km_midi_run *run)
{
    struct writing *const writing = context;
    writing->track = 0;
    run->is_told = true; // When the parts were planned.
    run->format = run->sizes_count > 1;
    run->division = writing->parts->tracks.header.division;
    km_midi_run_header(run);
    const struct km_midi_steps steps = {.context = writing,
                                        .begin_track = begin_track,
                                        .event = take_event,
                                        .end_track = end_track};
    const enum km_status status = km_midi_run_feed(run, &steps);
    return status == KM_OK ? km_midi_run_add_missing_track(run) : status;
}

enum km_status km_midi_split_write(const struct km_midi_edit *edit,
                                   const struct km_midi_parts *parts, size_t index,
                                   struct km_midi_edit_report *report, struct km_error *error)
{
    struct writing writing = {.parts = parts, .part = km_midi_parts_get(parts, index)};
    return km_midi_run_twice(edit, pass, &writing, report, error);
}
