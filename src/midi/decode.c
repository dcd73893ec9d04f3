// SPDX-License-Identifier: MIT

#include "midi/decode_private.h"

#include "base/check.h"
#include "midi/status_bytes_private.h"
#include "midi/valid.h"

_Static_assert(KM_MIDI_WINDOW_AHEAD >= 2 * KM_MIDI_PADDED_SIZE_MAX + 2 + 4,
               "delta, status, type, size and the bytes of a tempo or signature are at hand");

enum { PLAIN_SIZE_MAX = 5 }; // A delta of two bytes, status and two data bytes.

// The bytes of one event, on the way through them.
struct span {
    const unsigned char *at;
    const unsigned char *end;
    size_t offset; // Of the first byte in the file.
    const unsigned char *start;
};

static size_t offset_of(const struct span *span)
{
    return span->offset + (size_t)(span->at - span->start);
}

static void note_repair(struct km_midi_parser *parser, size_t offset, const char *what)
{
    KM_CHECK(parser->repair_count < KM_MIDI_REPAIRS_MAX);
    parser->repairs[parser->repair_count++] = (struct km_midi_repair){offset, what};
}

static enum km_midi_decoded bad(struct km_midi_parser *parser, const struct span *span,
                                const char *what)
{
    note_repair(parser, offset_of(span), what);
    return KM_MIDI_DECODED_BAD;
}

// The rest of a quantity whose first byte was `first`, 0x80 or more.
static enum km_midi_decoded read_long_quantity(struct km_midi_parser *parser, struct span *span,
                                               unsigned char first, uint32_t *quantity)
{
    const size_t offset = offset_of(span) - 1;
    uint64_t value = first & 0x7FU;
    for (size_t size = 2; size <= KM_MIDI_PADDED_SIZE_MAX; ++size) {
        if (span->at == span->end) {
            return KM_MIDI_DECODED_CUT;
        }
        const unsigned char byte = *span->at++;
        value = value << 7 | (byte & 0x7FU);
        if (value > KM_MIDI_DELTA_MAX) {
            break;
        }
        if (byte >= 0x80) {
            continue;
        }
        if (first == 0x80) {
            note_repair(parser, offset, "a variable-length quantity is padded");
        }
        *quantity = (uint32_t)value;
        return KM_MIDI_DECODED;
    }
    return bad(parser, span, "a variable-length quantity is over 28 bits");
}

static enum km_midi_decoded read_quantity(struct km_midi_parser *parser, struct span *span,
                                          uint32_t *quantity)
{
    if (span->at == span->end) {
        return KM_MIDI_DECODED_CUT;
    }
    const unsigned char first = *span->at++;
    *quantity = first;
    return first < 0x80 ? KM_MIDI_DECODED : read_long_quantity(parser, span, first, quantity);
}

// Notes a SysEx message that was begun in another event and not ended, if there is one.
static void close_sysex(struct km_midi_parser *parser)
{
    if (parser->has_open_sysex) {
        note_repair(parser, parser->open_sysex, "a SysEx message has no end");
    }
    parser->has_open_sysex = false;
}

static uint8_t clamp_data(struct km_midi_parser *parser, size_t offset, unsigned char byte)
{
    if (byte < 0x80) {
        return byte;
    }
    note_repair(parser, offset, "a data byte over 127 is read as 127");
    return 127;
}

static void set_channel_event(struct km_event *event, unsigned char status, uint8_t first,
                              uint8_t second)
{
    static const uint8_t types[8] = {
        KM_EVENT_NOTE_OFF, KM_EVENT_NOTE_ON,          KM_EVENT_KEY_PRESSURE, KM_EVENT_CONTROL,
        KM_EVENT_PROGRAM,  KM_EVENT_CHANNEL_PRESSURE, KM_EVENT_PITCH_BEND};
    event->type = types[(status >> 4) & 7];
    event->channel = status & 0x0FU;
    event->number = first;
    event->value = second;
    if (event->type == KM_EVENT_NOTE_ON && second == 0) {
        event->type = KM_EVENT_NOTE_OFF;
        event->value = KM_RELEASE_VELOCITY;
    } else if (event->type == KM_EVENT_CHANNEL_PRESSURE) {
        event->number = 0;
        event->value = first;
    } else if (event->type == KM_EVENT_PITCH_BEND) {
        event->number = 0;
        event->value = 0;
        event->detail = (uint32_t)second << 7 | first;
    }
}

static enum km_midi_decoded decode_channel_event(struct km_midi_parser *parser, struct span *span,
                                                 unsigned char status, struct km_event *event)
{
    const unsigned char kind = status & 0xF0U;
    const size_t size = kind == KM_STATUS_PROGRAM || kind == KM_STATUS_CHANNEL_PRESSURE ? 1 : 2;
    if ((size_t)(span->end - span->at) < size) {
        return KM_MIDI_DECODED_CUT;
    }
    const size_t offset = offset_of(span);
    const uint8_t first = clamp_data(parser, offset, span->at[0]);
    const uint8_t second = size == 2 ? clamp_data(parser, offset + 1, span->at[1]) : 0;
    span->at += size;
    set_channel_event(event, status, first, second);
    close_sysex(parser);
    parser->running = status;
    parser->is_running_stale = false;
    return KM_MIDI_DECODED;
}

// The bytes of a tempo or signature that count: 3, 4 and 2.
static size_t setting_size(unsigned char type)
{
    return type == KM_META_TEMPO ? 3 : type == KM_META_TIME_SIGNATURE ? 4 : 2;
}

static void set_setting(struct km_event *event, unsigned char type, const unsigned char *bytes)
{
    if (type == KM_META_TEMPO) {
        event->type = KM_EVENT_TEMPO;
        event->detail = (uint32_t)bytes[0] << 16 | (uint32_t)bytes[1] << 8 | bytes[2];
        return;
    }
    event->type = KM_EVENT_KEY_SIGNATURE;
    event->number = bytes[0];
    event->value = bytes[1];
    if (type == KM_META_TIME_SIGNATURE) {
        event->type = KM_EVENT_TIME_SIGNATURE;
        event->detail = bytes[2] | (uint32_t)bytes[3] << 8;
    }
}

// A tempo, time signature or key signature, whose payload of `size` bytes comes next.
static enum km_midi_decoded decode_setting(struct km_midi_parser *parser, struct span *span,
                                           unsigned char type, uint32_t size,
                                           struct km_event *event)
{
    const size_t wanted = setting_size(type);
    if (size < wanted) {
        note_repair(parser, parser->position, "a tempo or signature too short is left out");
        return KM_MIDI_DECODED_NOTHING;
    }
    if (size > wanted) {
        note_repair(parser, parser->position, "a tempo or signature is too long");
    }
    const bool is_32_bit = type == KM_META_TEMPO && size == 4 && span->at[0] == 0;
    set_setting(event, type, is_32_bit ? span->at + 1 : span->at);
    if (km_event_setting_problem(event)) {
        note_repair(parser, parser->position, "a tempo or signature out of range is left out");
        return KM_MIDI_DECODED_NOTHING;
    }
    return KM_MIDI_DECODED;
}

static enum km_midi_decoded decode_meta(struct km_midi_parser *parser, struct span *span,
                                        unsigned char type, uint32_t size, struct km_event *event)
{
    switch (type) {
    case KM_META_TEMPO:
    case KM_META_TIME_SIGNATURE:
    case KM_META_KEY_SIGNATURE:
        return decode_setting(parser, span, type, size, event);
    case KM_META_END_OF_TRACK:
        if (size > 0) {
            note_repair(parser, parser->position, "End of Track has a payload");
        }
        close_sysex(parser);
        event->type = KM_EVENT_END_OF_TRACK;
        return KM_MIDI_DECODED;
    default:
        if (type > 127) {
            note_repair(parser, parser->position, "a meta event of a type over 127 is left out");
            return KM_MIDI_DECODED_NOTHING;
        }
        event->type = KM_EVENT_META;
        event->number = type;
        event->detail = size;
        return KM_MIDI_DECODED;
    }
}

// A SysEx event goes on in later ones until one ends with F7; F7 alone is an escape.
static enum km_midi_decoded decode_sysex(struct km_midi_parser *parser, const struct span *span,
                                         unsigned char status, uint32_t size,
                                         struct km_event *event)
{
    const size_t end = offset_of(span) + size;
    const bool ends =
        size > 0 && *km_midi_window_at(&parser->window, end - 1) == KM_STATUS_SYSEX_END;
    if (status == KM_STATUS_SYSEX) {
        close_sysex(parser);
        parser->open_sysex = parser->position;
        parser->has_open_sysex = !ends;
    } else if (ends) {
        parser->has_open_sysex = false;
    }
    event->type = KM_EVENT_SYSEX;
    event->number = status;
    event->detail = size;
    return KM_MIDI_DECODED;
}

static enum km_midi_decoded decode_system_event(struct km_midi_parser *parser, struct span *span,
                                                unsigned char status, struct km_event *event)
{
    unsigned char type = 0;
    if (status == KM_STATUS_META) {
        if (span->at == span->end) {
            return KM_MIDI_DECODED_CUT;
        }
        type = *span->at++;
    } else if (status != KM_STATUS_SYSEX && status != KM_STATUS_SYSEX_END) {
        --span->at;
        return bad(parser, span, "a status that files do not have (F1 to F6, F8 to FE)");
    }
    uint32_t size = 0;
    const enum km_midi_decoded decoded = read_quantity(parser, span, &size);
    if (decoded != KM_MIDI_DECODED) {
        return decoded;
    }
    if (size > parser->limit - offset_of(span)) {
        return KM_MIDI_DECODED_CUT;
    }
    parser->payload_left = size;
    parser->is_running_stale = parser->running != 0;
    return status == KM_STATUS_META ? decode_meta(parser, span, type, size, event)
                                    : decode_sysex(parser, span, status, size, event);
}

static enum km_midi_decoded decode_event(struct km_midi_parser *parser, struct span *span,
                                         struct km_event *event)
{
    if (span->at == span->end) {
        return KM_MIDI_DECODED_CUT;
    }
    const unsigned char status = *span->at;
    if (status >= KM_STATUS_SYSEX) {
        ++span->at;
        return decode_system_event(parser, span, status, event);
    }
    if (status >= KM_STATUS_NOTE_OFF) {
        ++span->at;
        return decode_channel_event(parser, span, status, event);
    }
    if (parser->running == 0) {
        return bad(parser, span, "a data byte where a status was expected");
    }
    if (parser->is_running_stale) {
        note_repair(parser, offset_of(span), "running status goes on after a SysEx or meta event");
    }
    return decode_channel_event(parser, span, parser->running, event);
}

// Moves past an event. What is left out between two others may leave more time between them than a
// file can say: then the second comes as late as it can.
static void move_to(struct km_midi_parser *parser, size_t position, bool is_event)
{
    if (parser->tick - parser->event_tick > KM_MIDI_DELTA_MAX) {
        parser->tick = parser->event_tick + KM_MIDI_DELTA_MAX;
        note_repair(parser, parser->position, "a delta-time over 28 bits is shortened");
    }
    if (is_event) {
        parser->event_tick = parser->tick;
    }
    parser->position = position;
}

// Most events by far: a delta of one or two bytes, and a channel event with nothing odd about it.
// What this does not take, the code above does; what it takes, that would decode just the same.
static bool decode_plain(struct km_midi_parser *parser, const unsigned char *bytes,
                         struct km_event *event)
{
    const unsigned char *at = bytes;
    uint32_t delta = *at++;
    if (delta >= 0x80) {
        if (delta == 0x80 || *at >= 0x80) {
            return false;
        }
        delta = (delta & 0x7FU) << 7 | *at++;
    }
    const unsigned char status = *at < 0x80 ? parser->running : *at++;
    if (status < KM_STATUS_NOTE_OFF || status >= KM_STATUS_SYSEX) {
        return false;
    }
    const bool is_short = (status & 0xE0U) == KM_STATUS_PROGRAM; // Or channel pressure.
    const unsigned char second = is_short ? 0 : at[1];
    if (((at[0] | second) & 0x80U) != 0) {
        return false;
    }
    set_channel_event(event, status, at[0], second);
    parser->running = status;
    parser->tick += delta;
    parser->event_tick = parser->tick;
    parser->position += (size_t)(at - bytes) + (is_short ? 1 : 2);
    event->tick = parser->tick;
    return true;
}

// Whether nothing that came before asks for a warning at the next event.
static bool is_in_order(const struct km_midi_parser *parser)
{
    return !parser->is_running_stale && !parser->has_open_sysex &&
           parser->tick == parser->event_tick;
}

enum km_midi_decoded km_midi_decode(struct km_midi_parser *parser, struct km_event *event)
{
    const size_t left = parser->limit - parser->position;
    const unsigned char *const start = km_midi_window_at(&parser->window, parser->position);
    struct span span = {.at = start,
                        .end = start + (left < KM_MIDI_WINDOW_AHEAD ? left : KM_MIDI_WINDOW_AHEAD),
                        .offset = parser->position,
                        .start = start};
    *event = (struct km_event){0};
    parser->repair_count = 0;
    if (left >= PLAIN_SIZE_MAX && is_in_order(parser) && decode_plain(parser, start, event)) {
        return KM_MIDI_DECODED;
    }
    uint32_t delta = 0;
    enum km_midi_decoded decoded = read_quantity(parser, &span, &delta);
    if (decoded != KM_MIDI_DECODED) {
        return decoded;
    }
    decoded = decode_event(parser, &span, event);
    if (decoded == KM_MIDI_DECODED || decoded == KM_MIDI_DECODED_NOTHING) {
        parser->tick += delta;
        move_to(parser, offset_of(&span), decoded == KM_MIDI_DECODED);
        event->tick = parser->tick;
    }
    return decoded;
}
