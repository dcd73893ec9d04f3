// SPDX-License-Identifier: MIT

#include "midi/clip_writer.h"

#include "base/check.h"
#include "base/text.h"
#include "midi/clip_private.h"
#include "midi/division.h"
#include "midi/file.h"
#include "midi/merge_private.h"
#include "midi/status_bytes_private.h"
#include "midi/valid.h"

#include <inttypes.h>
#include <string.h>

enum { WORD_SIZE = 4 };

// How a payload is written.
enum kind {
    KIND_NONE,
    KIND_SEEN,    // All of it is looked at first.
    KIND_TEXT,    // As flex data.
    KIND_SYSEX,   // As SysEx of 7 bits.
    KIND_WRAPPED, // As SysEx of 8 bits, after a packet that says what it is.
    KIND_PACKET,  // As it is.
};

static void put_word(struct km_clip_writer *writer, uint32_t word)
{
    if (writer->used == KM_CLIP_WRITER_BUFFER_SIZE) {
        km_sink_write(writer->sink, writer->buffer, writer->used);
        writer->size += writer->used;
        writer->used = 0;
    }
    for (size_t i = 0; i < WORD_SIZE; ++i) {
        writer->buffer[writer->used++] = (unsigned char)(word >> (24 - 8 * i) & 0xFFU);
    }
}

static void put_utility(struct km_clip_writer *writer, enum km_ump_utility kind, uint32_t data)
{
    put_word(writer, (uint32_t)kind << 20 | data);
}

// A packet with the delta clockstamp that leads to it.
static void put_packet(struct km_clip_writer *writer, const uint32_t *words, size_t count)
{
    uint64_t delta = writer->event.tick - writer->tick;
    for (; delta > KM_UMP_DELTA_MAX; delta -= KM_UMP_DELTA_MAX) {
        put_utility(writer, KM_UMP_DELTA, KM_UMP_DELTA_MAX);
        put_utility(writer, KM_UMP_NOOP, 0); // A clockstamp must have a message.
    }
    put_utility(writer, KM_UMP_DELTA, (uint32_t)delta);
    for (size_t i = 0; i < count; ++i) {
        put_word(writer, words[i]);
    }
    writer->tick = writer->event.tick;
}

static void put_stream(struct km_clip_writer *writer, uint32_t kind)
{
    const uint32_t words[KM_UMP_WORDS_MAX] = {kind << 16};
    put_packet(writer, words, KM_UMP_WORDS_MAX);
}

// Settings and texts of the first tick stand in the clip's header, all else after its start.
static void put_event_packet(struct km_clip_writer *writer, const uint32_t *words, size_t count)
{
    const bool is_header = km_ump_type(words[0]) == KM_UMP_FLEX && writer->event.tick == 0;
    if (!writer->has_started && !is_header) {
        const uint64_t tick = writer->event.tick;
        writer->event.tick = 0;
        put_stream(writer, KM_UMP_START_OF_CLIP);
        writer->event.tick = tick;
        writer->has_started = true;
    }
    put_packet(writer, words, count);
}

void km_clip_writer_init(struct km_clip_writer *writer, struct km_sink *sink,
                         const struct km_clip_writer_config *config)
{
    KM_CHECK(sink);
    KM_CHECK(config->division >= 1 && config->division <= INT16_MAX);
    *writer = (struct km_clip_writer){
        .sink = sink, .config = *config, .clocks_per_click = KM_CLOCKS_PER_CLICK};
    put_word(writer, 0x534D4632); // "SMF2"
    put_word(writer, 0x434C4950); // "CLIP"
    put_utility(writer, KM_UMP_DELTA, 0);
    put_utility(writer, KM_UMP_DIVISION, config->division);
}

static const char *channel_problem(const struct km_event *event)
{
    if (event->channel >= KM_CHANNELS_COUNT) {
        return "the channel is over 15";
    }
    return event->number > 127 || event->value > 127 ? "a number or value is over 127" : NULL;
}

static const char *payload_problem(const struct km_event *event)
{
    switch (event->type == KM_EVENT_META ? event->number : 0) {
    case KM_META_END_OF_TRACK:
    case KM_META_TEMPO:
    case KM_META_TIME_SIGNATURE:
    case KM_META_KEY_SIGNATURE:
        return "a tempo, signature or End of Track is written as a plain meta event";
    default:
        break;
    }
    if (event->type == KM_EVENT_META && event->number > 127) {
        return "the meta type is over 127";
    }
    const bool is_part = event->number == KM_STATUS_SYSEX || event->number == KM_STATUS_SYSEX_END;
    if (event->type == KM_EVENT_SYSEX && !is_part) {
        return "a SysEx event begins with neither F0 nor F7";
    }
    return event->detail > KM_MIDI_DELTA_MAX ? "the payload is too long" : NULL;
}

static const char *event_problem(const struct km_clip_writer *writer, const struct km_event *event)
{
    if (writer->has_ended) {
        return "it comes after the end of the clip";
    }
    if (event->tick < writer->tick) {
        return "it is earlier than the event before it";
    }
    if (event->tick - writer->tick > KM_MIDI_DELTA_MAX) {
        return "it is more than 268435455 ticks after the event before it";
    }
    if (km_event_has_channel(event)) {
        return channel_problem(event);
    }
    if (km_event_has_payload(event)) {
        return payload_problem(event);
    }
    if (event->type >= KM_EVENT_TYPES_COUNT) {
        return "there is no such type of event";
    }
    return event->type == KM_EVENT_END_OF_TRACK ? NULL : km_event_setting_problem(event);
}

static enum km_status refuse(const struct km_clip_writer *writer, const char *what,
                             struct km_error *error)
{
    const struct km_event *const event = &writer->event;
    return km_error_set(error, KM_ERROR_INVALID,
                        "tick %" PRIu64 ": %s (type %d, number %d, value %d, detail %" PRIu32 ")",
                        event->tick, what, event->type, event->number, event->value, event->detail);
}

static void put_text(struct km_clip_writer *writer, uint32_t status, enum km_ump_form form,
                     const unsigned char *bytes, size_t size)
{
    uint32_t words[KM_UMP_WORDS_MAX] = {(uint32_t)KM_UMP_FLEX << 28 |
                                        (uint32_t)writer->group << 24 | (uint32_t)form << 22 |
                                        1U << 20 | status};
    for (size_t i = 0; i < size; ++i) {
        words[1 + i / WORD_SIZE] |= (uint32_t)bytes[i] << (24 - 8 * (i % WORD_SIZE));
    }
    put_event_packet(writer, words, KM_UMP_WORDS_MAX);
}

// A packet of SysEx: its type, form and count in two bytes, and then `size` others.
static void put_sysex(struct km_clip_writer *writer, enum km_ump_type type, enum km_ump_form form,
                      const unsigned char *bytes, size_t size)
{
    uint32_t words[KM_UMP_WORDS_MAX] = {(uint32_t)type << 28 | (uint32_t)writer->group << 24 |
                                        (uint32_t)form << 20 | (uint32_t)size << 16};
    for (size_t i = 0; i < size; ++i) {
        words[(2 + i) / WORD_SIZE] |= (uint32_t)bytes[i] << (24 - 8 * ((2 + i) % WORD_SIZE));
    }
    put_event_packet(writer, words, km_ump_words(words[0]));
}

static void put_wrapped(struct km_clip_writer *writer, enum km_ump_form form,
                        const unsigned char *bytes, size_t size)
{
    unsigned char packet[1 + KM_UMP_SYSEX8_SIZE] = {0}; // Of stream 0.
    if (size > 0) {
        memcpy(packet + 1, bytes, size);
    }
    put_sysex(writer, KM_UMP_DATA, form, packet, 1 + size);
}

// The packet that says which event is wrapped.
static void begin_wrapped(struct km_clip_writer *writer)
{
    const struct km_event *const event = &writer->event;
    const bool is_meta = event->type == KM_EVENT_META;
    unsigned char header[KM_CLIP_WRAP_HEADER_SIZE] = KM_CLIP_WRAP_TAG;
    header[KM_CLIP_WRAP_KIND] = is_meta ? KM_STATUS_META : event->number;
    header[KM_CLIP_WRAP_TYPE] = is_meta ? event->number : 0;
    for (size_t i = 0; i < 4; ++i) {
        header[KM_CLIP_WRAP_SIZE + i] = (unsigned char)(event->detail >> (24 - 8 * i) & 0xFFU);
    }
    put_wrapped(writer, event->detail == 0 ? KM_UMP_COMPLETE : KM_UMP_START, header,
                sizeof(header));
}

static enum km_ump_form form_of(bool is_first, bool is_last)
{
    if (is_first) {
        return is_last ? KM_UMP_COMPLETE : KM_UMP_START;
    }
    return is_last ? KM_UMP_END : KM_UMP_CONTINUE;
}

static bool is_seven_bit(const unsigned char *bytes, size_t size)
{
    for (size_t i = 0; i < size; ++i) {
        if (bytes[i] > 127) {
            return false;
        }
    }
    return true;
}

// Writes what is kept as one packet, which ends the message or not.
static void put_kept(struct km_clip_writer *writer, bool is_last)
{
    if (writer->kind == KIND_SYSEX) {
        put_sysex(writer, KM_UMP_SYSEX7, form_of(!writer->has_begun, is_last), writer->payload,
                  writer->seen);
    } else {
        put_wrapped(writer, form_of(false, is_last), writer->payload, writer->seen);
    }
    writer->has_begun = true;
    writer->seen = 0;
}

static void put_whole_text(struct km_clip_writer *writer, uint32_t status)
{
    size_t at = 0;
    do {
        const size_t left = writer->seen - at;
        const size_t size = left < KM_UMP_TEXT_SIZE ? left : KM_UMP_TEXT_SIZE;
        put_text(writer, status, form_of(at == 0, size == left), writer->payload + at, size);
        at += size;
    } while (at < writer->seen);
}

static void put_whole_sysex(struct km_clip_writer *writer)
{
    const size_t data = writer->seen - 1; // Without its F7.
    size_t at = 0;
    do {
        const size_t left = data - at;
        const size_t size = left < KM_UMP_SYSEX7_SIZE ? left : KM_UMP_SYSEX7_SIZE;
        put_sysex(writer, KM_UMP_SYSEX7, form_of(at == 0, size == left), writer->payload + at,
                  size);
        at += size;
    } while (at < data);
}

static void put_whole_wrapped(struct km_clip_writer *writer)
{
    begin_wrapped(writer);
    for (size_t at = 0; at < writer->seen;) {
        const size_t left = writer->seen - at;
        const size_t size = left < KM_UMP_SYSEX8_SIZE ? left : KM_UMP_SYSEX8_SIZE;
        put_wrapped(writer, form_of(false, size == left), writer->payload + at, size);
        at += size;
    }
}

// A payload that is known whole: in packets that others understand, if it can be.
static void put_seen(struct km_clip_writer *writer)
{
    const uint32_t status =
        writer->event.type == KM_EVENT_META ? km_ump_text_of_meta(writer->event.number) : 0;
    const size_t size = writer->seen;
    const bool is_sysex = writer->event.type == KM_EVENT_SYSEX &&
                          writer->event.number == KM_STATUS_SYSEX && size > 0 &&
                          writer->payload[size - 1] == KM_STATUS_SYSEX_END &&
                          is_seven_bit(writer->payload, size - 1);
    if (status != 0 && !memchr(writer->payload, 0, size) &&
        km_text_is_utf8((const char *)writer->payload, size)) {
        put_whole_text(writer, status);
    } else if (is_sysex) {
        put_whole_sysex(writer);
    } else {
        put_whole_wrapped(writer);
    }
}

static enum km_status put_given_packet(struct km_clip_writer *writer, struct km_error *error)
{
    uint32_t words[KM_UMP_WORDS_MAX] = {0};
    for (size_t i = 0; i < writer->seen; ++i) {
        words[i / WORD_SIZE] |= (uint32_t)writer->payload[i] << (24 - 8 * (i % WORD_SIZE));
    }
    const bool is_whole = writer->seen == (size_t)WORD_SIZE * km_ump_words(words[0]);
    const uint32_t stream = words[0] >> 16;
    if (!is_whole || km_ump_type(words[0]) == KM_UMP_UTILITY || stream == KM_UMP_START_OF_CLIP ||
        stream == KM_UMP_END_OF_CLIP) {
        return refuse(writer, "a packet is cut, or one that the clip itself needs", error);
    }
    (void)km_ump_is_metronome(words, &writer->clocks_per_click);
    put_event_packet(writer, words, writer->seen / WORD_SIZE);
    return writer->sink->status;
}

// Decides how the payload of the event will be written.
static void begin_payload(struct km_clip_writer *writer)
{
    const struct km_event *const event = &writer->event;
    if (event->type == KM_EVENT_UMP) {
        writer->kind = KIND_PACKET;
    } else if (event->detail <= KM_CLIP_PAYLOAD_SEEN) {
        writer->kind = KIND_SEEN;
    } else if (event->type == KM_EVENT_SYSEX && event->number == KM_STATUS_SYSEX) {
        writer->kind = KIND_SYSEX;
    } else {
        writer->kind = KIND_WRAPPED;
        begin_wrapped(writer);
    }
    writer->payload_left = event->detail;
    writer->has_begun = false;
    writer->seen = 0;
}

static enum km_status end_payload(struct km_clip_writer *writer, struct km_error *error)
{
    const uint8_t kind = writer->kind;
    if (kind == KIND_PACKET) {
        writer->kind = KIND_NONE;
        return put_given_packet(writer, error);
    }
    if (kind == KIND_SEEN) {
        put_seen(writer);
    } else if (kind == KIND_SYSEX) {
        --writer->seen;
        if (writer->payload[writer->seen] != KM_STATUS_SYSEX_END ||
            !is_seven_bit(writer->payload, writer->seen)) {
            return refuse(writer, "a long SysEx message that packets cannot hold", error);
        }
        put_kept(writer, true);
    } else {
        put_kept(writer, true);
    }
    writer->kind = KIND_NONE;
    return writer->sink->status;
}

static enum km_status put_time_signature(struct km_clip_writer *writer)
{
    uint32_t words[KM_UMP_WORDS_MAX];
    const uint8_t clocks = writer->event.detail & 0xFFU;
    if (clocks != writer->clocks_per_click) { // MIDI 2.0 says it in a message of its own.
        km_ump_encode_metronome(clocks, writer->group, words);
        put_event_packet(writer, words, KM_UMP_WORDS_MAX);
        writer->clocks_per_click = clocks;
    }
    const size_t count =
        km_ump_encode(&writer->event, writer->group, writer->config.protocol, words);
    put_event_packet(writer, words, count);
    return writer->sink->status;
}

static enum km_status put_end(struct km_clip_writer *writer)
{
    const uint32_t words[KM_UMP_WORDS_MAX] = {(uint32_t)KM_UMP_END_OF_CLIP << 16};
    put_event_packet(writer, words, KM_UMP_WORDS_MAX);
    writer->has_ended = true;
    return writer->sink->status;
}

enum km_status km_clip_writer_event(struct km_clip_writer *writer, const struct km_event *event,
                                    uint8_t group, struct km_error *error)
{
    KM_CHECK(writer->kind == KIND_NONE); // The payload before is whole.
    KM_CHECK(group < KM_CLIP_GROUPS);
    const char *const problem = event_problem(writer, event);
    writer->event = *event;
    writer->group = group;
    if (problem) {
        return refuse(writer, problem, error);
    }
    if (km_event_has_payload(event)) {
        begin_payload(writer);
        return event->detail == 0 ? end_payload(writer, error) : writer->sink->status;
    }
    if (event->type == KM_EVENT_END_OF_TRACK) {
        return put_end(writer);
    }
    if (event->type == KM_EVENT_TIME_SIGNATURE) {
        return put_time_signature(writer);
    }
    uint32_t words[KM_UMP_WORDS_MAX];
    const size_t count = km_ump_encode(event, group, writer->config.protocol, words);
    put_event_packet(writer, words, count);
    return writer->sink->status;
}

// How many bytes are kept before they are written, while more come.
static size_t kept_max(const struct km_clip_writer *writer)
{
    switch (writer->kind) {
    case KIND_SYSEX:
        return KM_UMP_SYSEX7_SIZE;
    case KIND_WRAPPED:
        return KM_UMP_SYSEX8_SIZE;
    case KIND_PACKET:
        return KM_UMP_SIZE_MAX;
    default:
        return KM_CLIP_PAYLOAD_SEEN;
    }
}

static enum km_status put_byte(struct km_clip_writer *writer, unsigned char byte,
                               struct km_error *error)
{
    const size_t last = writer->kind == KIND_SYSEX ? 1 : 0; // An F7 stays with the last packet.
    if (writer->seen == kept_max(writer) && writer->payload_left > last) {
        if (writer->kind == KIND_PACKET || !is_seven_bit(writer->payload, last * writer->seen)) {
            return refuse(writer, "a payload that packets cannot hold", error);
        }
        put_kept(writer, false);
    }
    writer->payload[writer->seen++] = byte;
    --writer->payload_left;
    return writer->payload_left == 0 ? end_payload(writer, error) : KM_OK;
}

enum km_status km_clip_writer_payload(struct km_clip_writer *writer, const void *bytes, size_t size,
                                      struct km_error *error)
{
    KM_CHECK(size <= writer->payload_left);
    const unsigned char *const from = bytes;
    enum km_status status = writer->sink->status;
    for (size_t i = 0; i < size && status == KM_OK; ++i) {
        status = put_byte(writer, from[i], error);
    }
    return status;
}

enum km_status km_clip_writer_finish(struct km_clip_writer *writer, uint64_t tick,
                                     struct km_error *error)
{
    enum km_status status = KM_OK;
    if (!writer->has_ended) {
        const struct km_event end = {.tick = tick > writer->tick ? tick : writer->tick,
                                     .type = KM_EVENT_END_OF_TRACK};
        status = km_clip_writer_event(writer, &end, 0, error);
    }
    km_sink_write(writer->sink, writer->buffer, writer->used);
    writer->size += writer->used;
    writer->used = 0;
    return status == KM_OK ? writer->sink->status : status;
}

static enum km_status write_event(struct km_clip_writer *writer, const struct km_midi_file *file,
                                  const struct km_event *event, struct km_error *error)
{
    if (!km_event_has_payload(event)) {
        return km_clip_writer_event(writer, event, 0, error);
    }
    size_t size = 0;
    const unsigned char *const bytes = km_midi_file_payload(file, event->detail, &size);
    struct km_event sized = *event;
    sized.detail = (uint32_t)size;
    const enum km_status status = km_clip_writer_event(writer, &sized, 0, error);
    return status == KM_OK && size > 0 ? km_clip_writer_payload(writer, bytes, size, error)
                                       : status;
}

static enum km_status write_merged(struct km_clip_writer *writer, struct km_midi_merge *merge,
                                   struct km_error *error)
{
    uint64_t end = 0;
    struct km_midi_merge_head place;
    for (const struct km_event *event = km_midi_merge_next(merge, &place); event;
         event = km_midi_merge_next(merge, &place)) {
        end = event->tick > end ? event->tick : end;
        const enum km_status status = event->type == KM_EVENT_END_OF_TRACK
                                          ? KM_OK
                                          : write_event(writer, merge->file, event, error);
        if (status != KM_OK) {
            return status;
        }
    }
    return km_clip_writer_finish(writer, end, error);
}

enum km_status km_midi_clip_write(const struct km_midi_file *file, enum km_ump_protocol protocol,
                                  struct km_sink *sink, struct km_error *error)
{
    KM_CHECK(file);
    if (km_midi_division_is_smpte(file->division) || file->division == 0) {
        return km_error_set(error, KM_ERROR_UNSUPPORTED,
                            "clips count ticks per quarter note, not SMPTE time");
    }
    struct km_midi_merge merge;
    enum km_status status = km_midi_merge_init(&merge, file);
    if (status != KM_OK) {
        return km_error_set(error, status, "no memory to merge the tracks");
    }
    struct km_clip_writer writer;
    const struct km_clip_writer_config config = {.division = file->division, .protocol = protocol};
    km_clip_writer_init(&writer, sink, &config);
    status = write_merged(&writer, &merge, error);
    km_midi_merge_release(&merge);
    return status;
}
