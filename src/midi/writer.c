// SPDX-License-Identifier: MIT

#include "midi/writer.h"

#include "base/check.h"
#include "midi/file.h"
#include "midi/status_bytes_private.h"
#include "midi/valid.h"
#include "midi/variable_length.h"

#include <string.h>

enum { SHORT_EVENT_SIZE_MAX = 16 }; // Of everything but a payload.

void km_midi_writer_init(struct km_midi_writer *writer, struct km_sink *sink)
{
    KM_CHECK(writer);
    *writer = (struct km_midi_writer){.sink = sink};
}

void km_midi_writer_flush(struct km_midi_writer *writer)
{
    if (writer->sink) {
        km_sink_write(writer->sink, writer->buffer, writer->used);
    }
    writer->size += writer->used;
    writer->used = 0;
}

uint64_t km_midi_writer_size(const struct km_midi_writer *writer)
{
    return writer->size + writer->used;
}

// Room for a short event; the caller adds what it used.
static unsigned char *room(struct km_midi_writer *writer)
{
    if (writer->used > KM_MIDI_WRITER_BUFFER_SIZE - SHORT_EVENT_SIZE_MAX) {
        km_midi_writer_flush(writer);
    }
    return writer->buffer + writer->used;
}

void km_midi_writer_bytes(struct km_midi_writer *writer, const void *bytes, size_t size)
{
    if (size > KM_MIDI_WRITER_BUFFER_SIZE - writer->used) {
        km_midi_writer_flush(writer);
    }
    if (size <= KM_MIDI_WRITER_BUFFER_SIZE) {
        if (size > 0) {
            memcpy(writer->buffer + writer->used, bytes, size);
        }
        writer->used += size;
        return;
    }
    if (writer->sink) {
        km_sink_write(writer->sink, bytes, size);
    }
    writer->size += size;
}

void km_midi_writer_payload(struct km_midi_writer *writer, const void *bytes, size_t size)
{
    KM_CHECK(size <= writer->payload_left);
    writer->payload_left -= (uint32_t)size;
    km_midi_writer_bytes(writer, bytes, size);
}

static void put_big_endian(unsigned char *to, uint32_t value, size_t size)
{
    for (size_t i = 0; i < size; ++i) {
        to[i] = (unsigned char)(value >> (8 * (size - 1 - i)) & 0xFFU);
    }
}

void km_midi_writer_header(struct km_midi_writer *writer, uint16_t format, uint16_t tracks,
                           uint16_t division)
{
    unsigned char header[KM_MIDI_HEADER_SIZE] = "MThd";
    put_big_endian(header + 4, 6, 4);
    put_big_endian(header + 8, format, 2);
    put_big_endian(header + 10, tracks, 2);
    put_big_endian(header + 12, division, 2);
    km_midi_writer_bytes(writer, header, sizeof(header));
}

void km_midi_writer_begin_track(struct km_midi_writer *writer, uint32_t size)
{
    KM_CHECK(writer->payload_left == 0);
    unsigned char header[KM_MIDI_CHUNK_HEADER_SIZE] = "MTrk";
    put_big_endian(header + 4, size, 4);
    km_midi_writer_bytes(writer, header, sizeof(header));
    km_midi_writer_flush(writer);
    writer->size = 0;
    writer->tick = 0;
    writer->has_ended = false;
    writer->running = 0;
}

const char *km_midi_writer_problem(const struct km_midi_writer *writer,
                                   const struct km_event *event)
{
    if (writer->has_ended) {
        return "it comes after End of Track";
    }
    if (event->tick < writer->tick) {
        return "it is earlier than the event before it";
    }
    if (event->tick - writer->tick > KM_MIDI_DELTA_MAX) {
        return "it is more than 268435455 ticks after the event before it";
    }
    return NULL;
}

static void put_delta(struct km_midi_writer *writer, uint64_t tick)
{
    writer->used += km_variable_length_write(room(writer), (uint32_t)(tick - writer->tick));
    writer->tick = tick;
}

// A channel event in MIDI's own form.
struct channel_message {
    unsigned char status;
    unsigned char data[2];
    unsigned char data_size;
};

// Whether a note-off is written as a note-on of velocity 0, which keeps the running status. The
// velocity 64 of the event is then the one that nobody measured.
static bool is_note_on_of_zero(const struct km_event *event, const struct km_midi_form *form)
{
    return event->value == KM_RELEASE_VELOCITY &&
           (!form || (form->status & 0xF0U) != KM_STATUS_NOTE_OFF);
}

static struct channel_message channel_message_of(const struct km_event *event,
                                                 const struct km_midi_form *form)
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
    if (event->type == KM_EVENT_NOTE_OFF && is_note_on_of_zero(event, form)) {
        message.status = (unsigned char)(KM_STATUS_NOTE_ON | event->channel);
        message.data[1] = 0;
    } else if (event->type == KM_EVENT_PITCH_BEND) {
        message.data[0] = (unsigned char)(event->detail & 0x7FU);
        message.data[1] = (unsigned char)(event->detail >> 7 & 0x7FU); // Finer bits are left out.
    } else if (event->type == KM_EVENT_PROGRAM) {
        message.data_size = 1;
    } else if (event->type == KM_EVENT_CHANNEL_PRESSURE) {
        message.data[0] = event->value;
        message.data_size = 1;
    }
    return message;
}

static void put_channel_event(struct km_midi_writer *writer, const struct km_event *event,
                              const struct km_midi_form *form)
{
    const struct channel_message message = channel_message_of(event, form);
    unsigned char *const to = room(writer);
    size_t size = 0;
    if (message.status != writer->running || (form && form->is_explicit)) {
        to[size++] = message.status;
        writer->running = message.status;
    }
    to[size++] = message.data[0];
    if (message.data_size == 2) {
        to[size++] = message.data[1];
    }
    writer->used += size;
}

// A meta event that fits in the buffer.
static void put_short_meta(struct km_midi_writer *writer, enum km_meta type,
                           const unsigned char *bytes, size_t size)
{
    unsigned char *const to = room(writer);
    to[0] = KM_STATUS_META;
    to[1] = (unsigned char)type;
    to[2] = (unsigned char)size;
    if (size > 0) {
        memcpy(to + 3, bytes, size);
    }
    writer->used += 3 + size;
}

static void put_tempo(struct km_midi_writer *writer, const struct km_event *event)
{
    unsigned char bytes[3];
    put_big_endian(bytes, event->detail, sizeof(bytes));
    put_short_meta(writer, KM_META_TEMPO, bytes, sizeof(bytes));
}

static void put_time_signature(struct km_midi_writer *writer, const struct km_event *event)
{
    const unsigned char bytes[] = {event->number, event->value,
                                   (unsigned char)(event->detail & 0xFFU),
                                   (unsigned char)(event->detail >> 8)};
    put_short_meta(writer, KM_META_TIME_SIGNATURE, bytes, sizeof(bytes));
}

// A meta or SysEx event whose payload follows.
static void put_long_event(struct km_midi_writer *writer, const struct km_event *event)
{
    unsigned char *const to = room(writer);
    size_t size = 0;
    if (event->type == KM_EVENT_META) {
        to[size++] = KM_STATUS_META;
    }
    to[size++] = event->number;
    writer->used += size + km_variable_length_write(to + size, event->detail);
    writer->payload_left = event->detail;
}

static void put_system_event(struct km_midi_writer *writer, const struct km_event *event)
{
    writer->running = 0; // SysEx and meta events cancel it (SMF 1.0).
    switch (event->type) {
    case KM_EVENT_TEMPO:
        put_tempo(writer, event);
        break;
    case KM_EVENT_TIME_SIGNATURE:
        put_time_signature(writer, event);
        break;
    case KM_EVENT_KEY_SIGNATURE:
        put_short_meta(writer, KM_META_KEY_SIGNATURE,
                       (const unsigned char[]){event->number, event->value}, 2);
        break;
    case KM_EVENT_END_OF_TRACK:
        put_short_meta(writer, KM_META_END_OF_TRACK, NULL, 0);
        writer->has_ended = true;
        break;
    default:
        KM_CHECK(event->type == KM_EVENT_META || event->type == KM_EVENT_SYSEX);
        put_long_event(writer, event);
        break;
    }
}

void km_midi_writer_event(struct km_midi_writer *writer, const struct km_event *event,
                          const struct km_midi_form *form)
{
    KM_CHECK(!km_midi_writer_problem(writer, event));
    KM_CHECK(writer->payload_left == 0);
    put_delta(writer, event->tick);
    if (km_event_has_channel(event)) {
        put_channel_event(writer, event, form);
    } else {
        put_system_event(writer, event);
    }
}

void km_midi_writer_end_track(struct km_midi_writer *writer, uint64_t tick)
{
    if (!writer->has_ended) {
        const struct km_event end = {.tick = tick, .type = KM_EVENT_END_OF_TRACK};
        km_midi_writer_event(writer, &end, NULL);
    }
    km_midi_writer_flush(writer);
}
