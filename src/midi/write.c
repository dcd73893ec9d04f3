// SPDX-License-Identifier: MIT

#include "midi/file.h"

#include "base/check.h"
#include "heap/heap.h"
#include "midi/division.h"
#include "midi/merge_private.h"
#include "midi/valid.h"
#include "midi/writer.h"

#include <inttypes.h>

// One track on its way out. The same code runs twice: first it only counts.
struct encoder {
    const struct km_midi_file *file;
    struct km_midi_writer writer;
};

// Where an event stands, for messages.
struct place {
    size_t track;
    size_t index;
};

// What no reader could take, or null.
static const char *event_problem(const struct encoder *encoder, const struct km_event *event)
{
    const char *const problem = km_midi_writer_problem(&encoder->writer, event);
    return problem ? problem : km_midi_event_problem(encoder->file, event);
}

static void put_with_payload(struct encoder *encoder, const struct km_event *event)
{
    size_t size = 0;
    const unsigned char *const bytes = km_midi_file_payload(encoder->file, event->detail, &size);
    struct km_event sized = *event;
    sized.detail = (uint32_t)size;
    km_midi_writer_event(&encoder->writer, &sized, NULL);
    km_midi_writer_payload(&encoder->writer, bytes, size);
}

static enum km_status encode(struct encoder *encoder, const struct km_event *event,
                             const struct place *place, struct km_error *error)
{
    // What is written has been measured, and so has been found right.
    const char *const problem = encoder->writer.sink ? NULL : event_problem(encoder, event);
    if (problem) {
        return km_error_set(error, KM_ERROR_INVALID,
                            "track %zu, event %zu, tick %" PRIu64
                            ": %s (type %d, number %d, value %d, detail %" PRIu32 ")",
                            place->track, place->index, event->tick, problem, event->type,
                            event->number, event->value, event->detail);
    }
    if (event->type == KM_EVENT_UMP) {
        return KM_OK; // The file has no word for it.
    }
    if (event->type == KM_EVENT_META || event->type == KM_EVENT_SYSEX) {
        put_with_payload(encoder, event);
    } else {
        km_midi_writer_event(&encoder->writer, event, NULL);
    }
    return KM_OK;
}

static enum km_status encode_end(struct encoder *encoder, uint64_t tick, const struct place *place,
                                 struct km_error *error)
{
    const struct km_event end = {.tick = tick, .type = KM_EVENT_END_OF_TRACK};
    const enum km_status status =
        encoder->writer.has_ended ? KM_OK : encode(encoder, &end, place, error);
    km_midi_writer_flush(&encoder->writer);
    return status;
}

static enum km_status encode_track(struct encoder *encoder, size_t index, struct km_error *error)
{
    const struct km_midi_track *const track = &encoder->file->tracks[index];
    struct place place = {.track = index};
    for (; place.index < track->count; ++place.index) {
        const enum km_status status = encode(encoder, &track->events[place.index], &place, error);
        if (status != KM_OK) {
            return status;
        }
    }
    return encode_end(encoder, encoder->writer.tick, &place, error);
}

// Whether an End of Track may be left out for the one that comes after all tracks.
static bool is_proper_end(const struct encoder *encoder, const struct km_event *event,
                          const struct place *place)
{
    const bool is_last = place->index + 1 == encoder->file->tracks[place->track].count;
    return event->type == KM_EVENT_END_OF_TRACK && is_last &&
           !km_midi_writer_problem(&encoder->writer, event);
}

// All tracks as one: it ends where the last of them ends.
static enum km_status encode_merged(struct encoder *encoder, struct km_midi_merge *merge,
                                    struct km_error *error)
{
    km_midi_merge_rewind(merge);
    uint64_t end = 0;
    struct km_midi_merge_head head = {0};
    for (const struct km_event *event = km_midi_merge_next(merge, &head); event;
         event = km_midi_merge_next(merge, &head)) {
        end = event->tick > end ? event->tick : end;
        const struct place place = {head.track, head.index};
        if (is_proper_end(encoder, event, &place)) {
            continue;
        }
        const enum km_status status = encode(encoder, event, &place, error);
        if (status != KM_OK) {
            return status;
        }
    }
    return encode_end(encoder, end, &(struct place){head.track, head.index}, error);
}

// A file on its way out. `merge` is null unless tracks are merged.
struct writer {
    struct encoder encoder;
    struct km_midi_merge *merge;
    uint32_t *sizes; // Of the tracks as they are written.
    size_t track_count;
};

static enum km_status encode_index(struct writer *writer, size_t index, struct km_error *error)
{
    return writer->merge ? encode_merged(&writer->encoder, writer->merge, error)
                         : encode_track(&writer->encoder, index, error);
}

static enum km_status measure(struct writer *writer, struct km_error *error)
{
    struct km_midi_writer *const out = &writer->encoder.writer;
    km_midi_writer_init(out, NULL);
    for (size_t i = 0; i < writer->track_count; ++i) {
        km_midi_writer_begin_track(out, 0);
        const enum km_status status = encode_index(writer, i, error);
        if (status != KM_OK) {
            return status;
        }
        const uint64_t size = km_midi_writer_size(out);
        if (size > UINT32_MAX) {
            return km_error_set(error, KM_ERROR_TOO_LARGE,
                                "track %zu takes %" PRIu64 " bytes: more than a file can say", i,
                                size);
        }
        writer->sizes[i] = (uint32_t)size;
    }
    return KM_OK;
}

static enum km_status write_tracks(struct writer *writer, struct km_sink *sink,
                                   struct km_error *error)
{
    const struct km_midi_file *const file = writer->encoder.file;
    struct km_midi_writer *const out = &writer->encoder.writer;
    km_midi_writer_init(out, sink);
    km_midi_writer_header(out, file->format, (uint16_t)writer->track_count, file->division);
    km_midi_writer_flush(out);
    for (size_t i = 0; i < writer->track_count && sink->status == KM_OK; ++i) {
        km_midi_writer_begin_track(out, writer->sizes[i]);
        const enum km_status status = encode_index(writer, i, error);
        if (status != KM_OK) {
            return status;
        }
    }
    return sink->status == KM_OK
               ? KM_OK
               : km_error_set(error, sink->status, "cannot write the MIDI file: %s",
                              km_status_text(sink->status));
}

static enum km_status check_header(const struct km_midi_file *file, struct km_error *error)
{
    if (file->format > 2) {
        return km_error_set(error, KM_ERROR_INVALID, "format %d is none of 0, 1, 2", file->format);
    }
    if (!km_midi_division_is_valid(file->division)) {
        return km_error_set(error, KM_ERROR_INVALID, "division 0x%04X gives ticks no length",
                            file->division);
    }
    return KM_OK;
}

enum km_status km_midi_file_write(const struct km_midi_file *file, struct km_sink *sink,
                                  struct km_error *error)
{
    KM_CHECK(file);
    KM_CHECK(sink);
    enum km_status status = check_header(file, error);
    if (status != KM_OK) {
        return status;
    }
    struct writer writer = {.encoder = {.file = file},
                            .track_count = file->format == 0 ? 1 : file->track_count};
    struct km_midi_merge merge = {.file = file};
    if (file->format == 0 && file->track_count != 1) {
        status = km_midi_merge_init(&merge, file);
        writer.merge = &merge;
    }
    if (status == KM_OK) {
        writer.sizes = km_heap_allocate_array(file->heap, KM_ACCOUNT_WORKING,
                                              writer.track_count + 1, sizeof(*writer.sizes));
        status = writer.sizes ? measure(&writer, error) : KM_ERROR_NO_MEMORY;
    }
    if (status == KM_OK) {
        status = write_tracks(&writer, sink, error);
    } else if (status == KM_ERROR_NO_MEMORY) {
        status = km_heap_refusal(file->heap, error);
    }
    km_heap_release(file->heap, writer.sizes);
    km_midi_merge_release(&merge);
    return status;
}
