// SPDX-License-Identifier: MIT

#include "midi/file.h"

#include "base/check.h"
#include "heap/heap.h"
#include "midi/division.h"
#include "midi/merge_private.h"
#include "midi/status_bytes_private.h"
#include "midi/valid.h"
#include "midi/variable_length.h"

#include <inttypes.h>
#include <string.h>

enum {
    BUFFER_SIZE = 4096,
    SHORT_EVENT_SIZE_MAX = 16, // Of everything but a payload.
};

// One track on its way out. The same code runs twice: first it only counts.
struct encoder {
    const struct km_midi_file *file;
    struct km_sink *sink; // Null while the size is measured.
    uint64_t size;        // Bytes that have left the buffer.
    uint64_t tick;        // Of the event before.
    size_t used;
    bool has_ended;        // After End of Track.
    unsigned char running; // Status that need not be repeated; 0 for none.
    unsigned char buffer[BUFFER_SIZE];
};

// Where an event stands, for messages.
struct place {
    size_t track;
    size_t index;
};

static void encoder_start(struct encoder *encoder, struct km_sink *sink)
{
    encoder->sink = sink;
    encoder->size = 0;
    encoder->tick = 0;
    encoder->used = 0;
    encoder->has_ended = false;
    encoder->running = 0;
}

static void flush(struct encoder *encoder)
{
    if (encoder->sink) {
        km_sink_write(encoder->sink, encoder->buffer, encoder->used);
    }
    encoder->size += encoder->used;
    encoder->used = 0;
}

// Room for a short event; the caller adds what it used.
static unsigned char *room(struct encoder *encoder)
{
    if (encoder->used > BUFFER_SIZE - SHORT_EVENT_SIZE_MAX) {
        flush(encoder);
    }
    return encoder->buffer + encoder->used;
}

static void put_payload(struct encoder *encoder, uint32_t offset)
{
    size_t size = 0;
    const unsigned char *const bytes = km_midi_file_payload(encoder->file, offset, &size);
    encoder->used += km_variable_length_write(room(encoder), (uint32_t)size);
    if (size <= BUFFER_SIZE - encoder->used) {
        memcpy(encoder->buffer + encoder->used, bytes, size);
        encoder->used += size;
        return;
    }
    flush(encoder);
    if (encoder->sink) {
        km_sink_write(encoder->sink, bytes, size);
    }
    encoder->size += size;
}

static void put_delta(struct encoder *encoder, uint64_t tick)
{
    encoder->used += km_variable_length_write(room(encoder), (uint32_t)(tick - encoder->tick));
    encoder->tick = tick;
}

static void put_big_endian(unsigned char *to, uint32_t value, size_t size)
{
    for (size_t i = 0; i < size; ++i) {
        to[i] = (unsigned char)(value >> (8 * (size - 1 - i)) & 0xFFU);
    }
}

// A channel event in MIDI's own form.
struct channel_message {
    unsigned char status;
    unsigned char data[2];
    unsigned char data_size;
};

static struct channel_message channel_message_of(const struct km_event *event)
{
    static const unsigned char status[KM_EVENT_TYPES_COUNT] = {
        [KM_EVENT_NOTE_OFF] = KM_STATUS_NOTE_OFF,
        [KM_EVENT_NOTE_ON] = KM_STATUS_NOTE_ON,
        [KM_EVENT_KEY_PRESSURE] = KM_STATUS_KEY_PRESSURE,
        [KM_EVENT_CONTROL] = KM_STATUS_CONTROL,
        [KM_EVENT_PROGRAM] = KM_STATUS_PROGRAM,
        [KM_EVENT_CHANNEL_PRESSURE] = KM_STATUS_CHANNEL_PRESSURE,
        [KM_EVENT_PITCH_BEND] = KM_STATUS_PITCH_BEND,
    };
    struct channel_message message = {
        .status = (unsigned char)(status[event->type] | event->channel),
        .data = {event->number, event->value},
        .data_size = 2,
    };
    if (event->type == KM_EVENT_NOTE_OFF && event->value == KM_RELEASE_VELOCITY) {
        // A note-on of velocity 0 means just this, and keeps the running status.
        message.status = (unsigned char)(KM_STATUS_NOTE_ON | event->channel);
        message.data[1] = 0;
    } else if (event->type == KM_EVENT_PITCH_BEND) {
        message.data[0] = (unsigned char)(event->detail & 0x7FU);
        message.data[1] = (unsigned char)(event->detail >> 7);
    } else if (event->type == KM_EVENT_PROGRAM) {
        message.data_size = 1;
    } else if (event->type == KM_EVENT_CHANNEL_PRESSURE) {
        message.data[0] = event->value;
        message.data_size = 1;
    }
    return message;
}

static void put_channel_event(struct encoder *encoder, const struct km_event *event)
{
    const struct channel_message message = channel_message_of(event);
    unsigned char *const to = room(encoder);
    size_t size = 0;
    if (message.status != encoder->running) {
        to[size++] = message.status;
        encoder->running = message.status;
    }
    to[size++] = message.data[0];
    if (message.data_size == 2) {
        to[size++] = message.data[1];
    }
    encoder->used += size;
}

// A meta event that fits in the buffer.
static void put_short_meta(struct encoder *encoder, enum km_meta type, const unsigned char *bytes,
                           size_t size)
{
    unsigned char *const to = room(encoder);
    to[0] = KM_STATUS_META;
    to[1] = (unsigned char)type;
    to[2] = (unsigned char)size;
    if (size > 0) {
        memcpy(to + 3, bytes, size);
    }
    encoder->used += 3 + size;
}

static void put_tempo(struct encoder *encoder, const struct km_event *event)
{
    unsigned char bytes[3];
    put_big_endian(bytes, event->detail, sizeof(bytes));
    put_short_meta(encoder, KM_META_TEMPO, bytes, sizeof(bytes));
}

static void put_time_signature(struct encoder *encoder, const struct km_event *event)
{
    const unsigned char bytes[] = {event->number, event->value,
                                   (unsigned char)(event->detail & 0xFFU),
                                   (unsigned char)(event->detail >> 8)};
    put_short_meta(encoder, KM_META_TIME_SIGNATURE, bytes, sizeof(bytes));
}

static void put_system_event(struct encoder *encoder, const struct km_event *event)
{
    encoder->running = 0; // SysEx and meta events cancel it (SMF 1.0).
    switch (event->type) {
    case KM_EVENT_TEMPO:
        put_tempo(encoder, event);
        break;
    case KM_EVENT_TIME_SIGNATURE:
        put_time_signature(encoder, event);
        break;
    case KM_EVENT_KEY_SIGNATURE:
        put_short_meta(encoder, KM_META_KEY_SIGNATURE,
                       (const unsigned char[]){event->number, event->value}, 2);
        break;
    case KM_EVENT_END_OF_TRACK:
        put_short_meta(encoder, KM_META_END_OF_TRACK, NULL, 0);
        encoder->has_ended = true;
        break;
    case KM_EVENT_META: {
        unsigned char *const to = room(encoder);
        to[0] = KM_STATUS_META;
        to[1] = event->number;
        encoder->used += 2;
        put_payload(encoder, event->detail);
        break;
    }
    default: // KM_EVENT_SYSEX: event_problem() has seen to it.
        *room(encoder) = event->number;
        encoder->used += 1;
        put_payload(encoder, event->detail);
        break;
    }
}

// What no reader could take, or null.
static const char *event_problem(const struct encoder *encoder, const struct km_event *event)
{
    if (encoder->has_ended) {
        return "it comes after End of Track";
    }
    if (event->tick < encoder->tick) {
        return "it is earlier than the event before it";
    }
    if (event->tick - encoder->tick > KM_MIDI_DELTA_MAX) {
        return "it is more than 268435455 ticks after the event before it";
    }
    return km_midi_event_problem(encoder->file, event);
}

static enum km_status encode(struct encoder *encoder, const struct km_event *event,
                             const struct place *place, struct km_error *error)
{
    // What is written has been measured, and so has been found right.
    const char *const problem = encoder->sink ? NULL : event_problem(encoder, event);
    if (problem) {
        return km_error_set(error, KM_ERROR_INVALID,
                            "track %zu, event %zu, tick %" PRIu64
                            ": %s (type %d, number %d, value %d, detail %" PRIu32 ")",
                            place->track, place->index, event->tick, problem, event->type,
                            event->number, event->value, event->detail);
    }
    put_delta(encoder, event->tick);
    if (km_event_has_channel(event)) {
        put_channel_event(encoder, event);
    } else {
        put_system_event(encoder, event);
    }
    return KM_OK;
}

static enum km_status encode_end(struct encoder *encoder, uint64_t tick, const struct place *place,
                                 struct km_error *error)
{
    const struct km_event end = {.tick = tick, .type = KM_EVENT_END_OF_TRACK};
    const enum km_status status = encoder->has_ended ? KM_OK : encode(encoder, &end, place, error);
    flush(encoder);
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
    return encode_end(encoder, encoder->tick, &place, error);
}

// Whether an End of Track may be left out for the one that comes after all tracks.
static bool is_proper_end(const struct encoder *encoder, const struct km_event *event,
                          const struct place *place)
{
    const bool is_last = place->index + 1 == encoder->file->tracks[place->track].count;
    return event->type == KM_EVENT_END_OF_TRACK && is_last && event->tick >= encoder->tick &&
           !encoder->has_ended;
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
    for (size_t i = 0; i < writer->track_count; ++i) {
        encoder_start(&writer->encoder, NULL);
        const enum km_status status = encode_index(writer, i, error);
        if (status != KM_OK) {
            return status;
        }
        if (writer->encoder.size > UINT32_MAX) {
            return km_error_set(error, KM_ERROR_TOO_LARGE,
                                "track %zu takes %" PRIu64 " bytes: more than a file can say", i,
                                writer->encoder.size);
        }
        writer->sizes[i] = (uint32_t)writer->encoder.size;
    }
    return KM_OK;
}

static enum km_status write_tracks(struct writer *writer, struct km_sink *sink,
                                   struct km_error *error)
{
    const struct km_midi_file *const file = writer->encoder.file;
    unsigned char header[14] = "MThd";
    put_big_endian(header + 4, 6, 4);
    put_big_endian(header + 8, file->format, 2);
    put_big_endian(header + 10, (uint32_t)writer->track_count, 2);
    put_big_endian(header + 12, file->division, 2);
    km_sink_write(sink, header, sizeof(header));
    for (size_t i = 0; i < writer->track_count && sink->status == KM_OK; ++i) {
        unsigned char track[8] = "MTrk";
        put_big_endian(track + 4, writer->sizes[i], 4);
        km_sink_write(sink, track, sizeof(track));
        encoder_start(&writer->encoder, sink);
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
