// SPDX-License-Identifier: MIT

#include "midi/decode_private.h"

#include "base/check.h"
#include "midi/file.h"
#include "midi/kernel_private.h"
#include "midi/status_bytes_private.h"
#include "midi/valid.h"

_Static_assert(KM_MIDI_EVENT_AHEAD >= 2 * KM_MIDI_PADDED_SIZE_MAX + 2 + 4,
               "delta, status, type, size and the bytes of a tempo or signature are at hand");

// The bytes of one event, on the way through them.
struct span {
    const unsigned char *at;
    const unsigned char *end;
    const unsigned char *start;
    uint64_t offset; // Of the start in the input.
    struct km_midi_cursor *cursor;
    struct km_midi_decoding *to;
};

static uint64_t offset_of(const struct span *span)
{
    return span->offset + (size_t)(span->at - span->start);
}

static void note_repair(struct span *span, uint64_t offset, enum km_midi_fault fault)
{
    struct km_midi_decoding *const to = span->to;
    KM_CHECK(to->repair_count < KM_MIDI_REPAIRS_MAX);
    to->repairs[to->repair_count++] = (struct km_midi_repair){offset, fault};
    to->is_repaired = to->is_repaired || fault != KM_MIDI_FAULT_OPEN_SYSEX;
}

static enum km_midi_decoded bad(struct span *span, const char *what)
{
    span->to->bad = what;
    span->to->bad_offset = offset_of(span);
    return KM_MIDI_DECODED_BAD;
}

// The rest of a quantity whose first byte was `first`, 0x80 or more.
static enum km_midi_decoded read_long_quantity(struct span *span, unsigned char first,
                                               uint32_t *quantity)
{
    const uint64_t offset = offset_of(span) - 1;
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
            note_repair(span, offset, KM_MIDI_FAULT_PADDED_QUANTITY);
        }
        *quantity = (uint32_t)value;
        return KM_MIDI_DECODED;
    }
    return bad(span, "a variable-length quantity is over 28 bits");
}

static enum km_midi_decoded read_quantity(struct span *span, uint32_t *quantity)
{
    if (span->at == span->end) {
        return KM_MIDI_DECODED_CUT;
    }
    const unsigned char first = *span->at++;
    *quantity = first;
    return first < 0x80 ? KM_MIDI_DECODED : read_long_quantity(span, first, quantity);
}

// Notes a SysEx message that was begun in another event and not ended, if there is one.
static void close_sysex(struct span *span)
{
    if (span->cursor->has_open_sysex) {
        note_repair(span, span->cursor->open_sysex, KM_MIDI_FAULT_OPEN_SYSEX);
    }
    span->cursor->has_open_sysex = false;
}

static uint8_t clamp_data(struct span *span, uint64_t offset, unsigned char byte)
{
    if (byte < 0x80) {
        return byte;
    }
    note_repair(span, offset, KM_MIDI_FAULT_DATA_OVER_127);
    return 127;
}

static enum km_midi_decoded decode_channel_event(struct span *span, unsigned char status)
{
    const unsigned char kind = status & 0xF0U;
    const size_t size = kind == KM_STATUS_PROGRAM || kind == KM_STATUS_CHANNEL_PRESSURE ? 1 : 2;
    if ((size_t)(span->end - span->at) < size) {
        return KM_MIDI_DECODED_CUT;
    }
    const uint64_t offset = offset_of(span);
    const uint8_t first = clamp_data(span, offset, span->at[0]);
    const uint8_t second = size == 2 ? clamp_data(span, offset + 1, span->at[1]) : 0;
    span->at += size;
    span->to->event = km_midi_message_event(
        &(struct km_midi_message){.status = status, .first = first, .second = second});
    close_sysex(span);
    span->cursor->running = status;
    span->cursor->is_running_stale = false;
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
static enum km_midi_decoded decode_setting(struct span *span, unsigned char type, uint32_t size)
{
    const size_t wanted = setting_size(type);
    if (size < wanted) {
        note_repair(span, span->offset, KM_MIDI_FAULT_SHORT_SETTING);
        return KM_MIDI_DECODED_NOTHING;
    }
    const size_t own = type == KM_META_TEMPO && size == 4 ? 4 : wanted;
    if ((size_t)(span->end - span->at) < own) {
        return KM_MIDI_DECODED_CUT;
    }
    if (size > wanted) {
        note_repair(span, span->offset, KM_MIDI_FAULT_LONG_SETTING);
    }
    struct km_event *const event = &span->to->event;
    set_setting(event, type, own > wanted && span->at[0] == 0 ? span->at + 1 : span->at);
    if (km_event_setting_problem(event)) {
        note_repair(span, span->offset, KM_MIDI_FAULT_SETTING_RANGE);
        return KM_MIDI_DECODED_NOTHING;
    }
    span->at += own;
    span->to->payload -= (uint32_t)own;
    return KM_MIDI_DECODED;
}

static enum km_midi_decoded decode_meta(struct span *span, unsigned char type, uint32_t size)
{
    struct km_event *const event = &span->to->event;
    switch (type) {
    case KM_META_TEMPO:
    case KM_META_TIME_SIGNATURE:
    case KM_META_KEY_SIGNATURE:
        return decode_setting(span, type, size);
    case KM_META_END_OF_TRACK:
        if (size > 0) {
            note_repair(span, span->offset, KM_MIDI_FAULT_END_PAYLOAD);
        }
        close_sysex(span);
        event->type = KM_EVENT_END_OF_TRACK;
        return KM_MIDI_DECODED;
    default:
        if (type > 127) {
            note_repair(span, span->offset, KM_MIDI_FAULT_META_TYPE);
            return KM_MIDI_DECODED_NOTHING;
        }
        event->type = KM_EVENT_META;
        event->number = type;
        event->detail = size;
        return KM_MIDI_DECODED;
    }
}

// A SysEx event goes on in later ones until one ends with F7; F7 alone is an escape.
static enum km_midi_decoded decode_sysex(struct span *span, unsigned char status, uint32_t size)
{
    if (status == KM_STATUS_SYSEX) {
        close_sysex(span);
        span->cursor->open_sysex = span->offset;
        span->cursor->has_open_sysex = true;
    }
    span->to->event.type = KM_EVENT_SYSEX;
    span->to->event.number = status;
    span->to->event.detail = size;
    return KM_MIDI_DECODED;
}

static enum km_midi_decoded decode_system_event(struct span *span, unsigned char status)
{
    unsigned char type = 0;
    if (status == KM_STATUS_META) {
        if (span->at == span->end) {
            return KM_MIDI_DECODED_CUT;
        }
        type = *span->at++;
    } else if (status != KM_STATUS_SYSEX && status != KM_STATUS_SYSEX_END) {
        --span->at;
        return bad(span, "a status that files do not have (F1 to F6, F8 to FE)");
    }
    uint32_t size = 0;
    const enum km_midi_decoded decoded = read_quantity(span, &size);
    if (decoded != KM_MIDI_DECODED) {
        return decoded;
    }
    if (size > span->cursor->limit - offset_of(span)) {
        return KM_MIDI_DECODED_CUT;
    }
    span->to->payload = size;
    span->cursor->is_running_stale = span->cursor->running != 0;
    return status == KM_STATUS_META ? decode_meta(span, type, size)
                                    : decode_sysex(span, status, size);
}

static enum km_midi_decoded decode_event(struct span *span)
{
    if (span->at == span->end) {
        return KM_MIDI_DECODED_CUT;
    }
    const unsigned char status = *span->at;
    if (status >= KM_STATUS_SYSEX) {
        ++span->at;
        return decode_system_event(span, status);
    }
    if (status >= KM_STATUS_NOTE_OFF) {
        ++span->at;
        return decode_channel_event(span, status);
    }
    if (span->cursor->running == 0) {
        return bad(span, "a data byte where a status was expected");
    }
    if (span->cursor->is_running_stale) {
        note_repair(span, offset_of(span), KM_MIDI_FAULT_STALE_RUNNING_STATUS);
    }
    return decode_channel_event(span, span->cursor->running);
}

// What is left out between two events may leave more time between them than a file can say: then
// the second comes as late as it can.
static void move_in_time(struct span *span, uint32_t delta, bool is_event)
{
    struct km_midi_cursor *const cursor = span->cursor;
    span->to->is_repaired = span->to->is_repaired || cursor->tick != cursor->event_tick;
    cursor->tick += delta;
    if (cursor->tick - cursor->event_tick > KM_MIDI_DELTA_MAX) {
        cursor->tick = cursor->event_tick + KM_MIDI_DELTA_MAX;
        note_repair(span, span->offset, KM_MIDI_FAULT_LONG_DELTA);
    }
    if (is_event) {
        cursor->event_tick = cursor->tick;
    }
    span->to->event.tick = cursor->tick;
}

enum km_midi_decoded km_midi_decode(struct km_midi_cursor *cursor, uint64_t offset,
                                    const unsigned char *bytes, size_t size,
                                    struct km_midi_decoding *decoding)
{
    struct km_midi_cursor moved = *cursor;
    decoding->event = (struct km_event){0};
    decoding->payload = 0;
    decoding->is_repaired = false;
    decoding->repair_count = 0;
    struct span span = {.at = bytes,
                        .end = bytes + size,
                        .start = bytes,
                        .offset = offset,
                        .cursor = &moved,
                        .to = decoding};
    uint32_t delta = 0;
    enum km_midi_decoded decoded = read_quantity(&span, &delta);
    if (decoded == KM_MIDI_DECODED) {
        decoded = decode_event(&span);
    }
    if (decoded == KM_MIDI_DECODED || decoded == KM_MIDI_DECODED_NOTHING) {
        move_in_time(&span, delta, decoded == KM_MIDI_DECODED);
        decoding->size = (size_t)(span.at - span.start);
        *cursor = moved;
    }
    return decoded;
}
