// SPDX-License-Identifier: MIT

/// The one event in twenty cycles: a delta of one or two bytes and a channel message with nothing
/// odd about it, which nearly all events of all files are.
///
/// Deltas and statuses come and go as the music pleases, so that a branch on them is foreseen wrong
/// every few events and costs more than all the rest. Here is none: eight bytes are loaded at once,
/// and what they mean is found by shifts. The next event's place depends on three bits of them.
#ifndef KM_MIDI_KERNEL_PRIVATE_H
#define KM_MIDI_KERNEL_PRIVATE_H

#include "base/attributes.h"
#include "midi/event.h"
#include "midi/status_bytes_private.h"

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

enum {
    KM_MIDI_PLAIN_AHEAD = 8,    ///< Bytes that are looked at; the event takes 2 to 5 of them.
    KM_MIDI_PLAIN_SIZE_MAX = 5, ///< A delta of two bytes, status and two data bytes.
    KM_MIDI_PLAIN_KINDS = 16,
};

/// One plain event, in parts.
struct km_midi_message {
    uint32_t delta;
    uint32_t size;   ///< In bytes.
    uint32_t status; ///< With the channel; the running one where none stands in the bytes.
    uint32_t first;  ///< Data bytes; the second is 0 where there is none.
    uint32_t second;
};

/// Eight bytes, the first in the lowest bits.  [any]
static inline uint64_t km_midi_load_8(const unsigned char *bytes)
{
    uint64_t word = 0;
    memcpy(&word, bytes, sizeof(word));
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
    word = __builtin_bswap64(word);
#endif
    return word;
}

/// The kind of an event, below KM_MIDI_PLAIN_KINDS: the status's upper bits but the first, and
/// whether the second data byte is more than 0, so that a note-on of velocity 0 is apart.  [any]
static inline uint32_t km_midi_message_kind(const struct km_midi_message *message)
{
    return (message->status >> 3 & 14U) | (message->second != 0);
}

/// Decodes the event at `bytes`, of which KM_MIDI_PLAIN_AHEAD can be read; `running` is the running
/// status, or 0. False for all that is not plain, whether it is right or wrong: a longer delta or a
/// padded one, a meta or SysEx event, no status, a data byte over 127.  [any]
static inline __attribute__((always_inline)) bool
km_midi_message_decode(const unsigned char *bytes, uint32_t running,
                       struct km_midi_message *message)
{
    enum {
        // Bit n: n is the upper half of the status of a message of two data bytes.
        KINDS_OF_TWO = 1 << 0x8 | 1 << 0x9 | 1 << 0xA | 1 << 0xB | 1 << 0xE,
    };
    const uint64_t word = km_midi_load_8(bytes);
    const uint32_t low = (uint32_t)word;
    const uint32_t is_long = low >> 7 & 1U;
    const uint64_t rest = word >> (8U + 8U * is_long);
    const uint32_t has_status = (uint32_t)rest >> 7 & 1U;
    const uint32_t data = (uint32_t)(rest >> (8U * has_status));
    const uint32_t status = has_status ? (uint32_t)rest & 0xFFU : running;
    message->delta = ((low & 0x7FU) << 7 | (low >> 8 & 0x7FU)) >> (7U & (is_long - 1U));
    message->status = status;
    message->first = data & 0x7FU;
    message->second = data >> 8 & 0x7FU;
    // What is_long + has_status + 3 is, found sooner: with a delta of one byte the third byte is no
    // status, and with one of two bytes the second is none.
    message->size = 3U + is_long + (low >> 15 & 1U) + (low >> 23 & 1U);
    const uint32_t odd_delta = ((low & 0x8080U) == 0x8080U) | ((low & 0xFFU) == 0x80U);
    const uint32_t is_of_two = (uint32_t)KINDS_OF_TWO >> (status >> 4) & 1U;
    if (__builtin_expect((data & 0x8080U) != 0, 0) || __builtin_expect(odd_delta != 0, 0) ||
        __builtin_expect(!is_of_two, 0)) {
        message->second = 0;
        message->size = 2U + is_long + has_status;
        return !odd_delta && (data & 0x80U) == 0 && (status & 0xE0U) == KM_STATUS_PROGRAM;
    }
    return true;
}

/// The event, but for its tick.  [any]
static inline struct km_event km_midi_message_event(const struct km_midi_message *message)
{
    // What an event of each kind is beside its data: type and, in an unknown release, velocity.
    static const uint32_t bases[KM_MIDI_PLAIN_KINDS] = {
        KM_EVENT_NOTE_OFF,
        KM_EVENT_NOTE_OFF,
        KM_EVENT_NOTE_OFF | KM_RELEASE_VELOCITY << 24,
        KM_EVENT_NOTE_ON,
        KM_EVENT_KEY_PRESSURE,
        KM_EVENT_KEY_PRESSURE,
        KM_EVENT_CONTROL,
        KM_EVENT_CONTROL,
        KM_EVENT_PROGRAM,
        KM_EVENT_PROGRAM,
        KM_EVENT_CHANNEL_PRESSURE,
        KM_EVENT_CHANNEL_PRESSURE,
        KM_EVENT_PITCH_BEND,
        KM_EVENT_PITCH_BEND,
    };
    enum { PRESSURE = 10, BEND = 12 };
    const uint32_t kind = km_midi_message_kind(message);
    uint32_t low = bases[kind] | (message->status & 0x0FU) << 8;
    uint32_t detail = 0;
    if (__builtin_expect(kind < PRESSURE, 1)) {
        low |= message->first << 16 | message->second << 24;
    } else if (kind < BEND) {
        low |= message->first << 24;
    } else {
        detail = message->second << 7 | message->first;
    }
    return (struct km_event){.type = (uint8_t)low,
                             .channel = (uint8_t)(low >> 8),
                             .number = (uint8_t)(low >> 16),
                             .value = (uint8_t)(low >> 24),
                             .detail = detail};
}

/// Sets all but the tick; `second` is 0 in a message of one data byte.  [any]
static inline void km_midi_set_channel_event(struct km_event *event, unsigned char status,
                                             uint8_t first, uint8_t second)
{
    const struct km_midi_message message = {.status = status, .first = first, .second = second};
    const uint64_t tick = event->tick;
    *event = km_midi_message_event(&message);
    event->tick = tick;
}

/// Bytes of a track that are at hand, and where it stands in time.
struct km_midi_plain {
    const unsigned char *at;
    const unsigned char *end;
    uint64_t tick;         ///< Of the last event.
    unsigned char running; ///< 0: no status yet.
};

/// Decodes the event at `at` and goes past it; false, and nothing changes, if it is not plain.
/// Needs KM_MIDI_PLAIN_SIZE_MAX bytes before `end`.  [any]
static inline bool km_midi_plain_next(struct km_midi_plain *plain, struct km_event *event)
{
    struct km_midi_message message;
    unsigned char last[KM_MIDI_PLAIN_AHEAD] = {0};
    const unsigned char *bytes = plain->at;
    if (plain->end - plain->at < KM_MIDI_PLAIN_AHEAD) {
        memcpy(last, plain->at, KM_MIDI_PLAIN_SIZE_MAX);
        bytes = last;
    }
    if (!km_midi_message_decode(bytes, plain->running, &message)) {
        return false;
    }
    plain->at += message.size;
    plain->tick += message.delta;
    plain->running = (unsigned char)message.status;
    *event = km_midi_message_event(&message);
    event->tick = plain->tick;
    return true;
}

#endif
