// SPDX-License-Identifier: MIT

/// The one event type, from reader, composer and live input to the engine.
#ifndef KM_MIDI_EVENT_H
#define KM_MIDI_EVENT_H

#include "base/attributes.h"

#include <assert.h>
#include <stdbool.h>
#include <stdint.h>

/// Order at one tick, when events are sorted: what ends first, what sets up next, what sounds last.
enum km_event_type {
    KM_EVENT_NOTE_OFF, ///< number: key, value: release velocity, KM_RELEASE_VELOCITY if unknown
    KM_EVENT_TEMPO,    ///< detail: microseconds per quarter note, 1 to 0xFFFFFF
    KM_EVENT_TIME_SIGNATURE, ///< number: numerator, from 1; value: log2 of the denominator, up to
                             ///< KM_DENOMINATOR_LOG2_MAX; detail: MIDI clocks per click | 32nds
                             ///< per quarter << 8 (usually 24 and 8)
    KM_EVENT_KEY_SIGNATURE,  ///< number: sharps, -7 to 7 (flats negative, as int8_t); value: 0 for
                             ///< major, 1 for minor
    KM_EVENT_META,           ///< number: any other meta type, detail: offset of the payload
    KM_EVENT_SYSEX, ///< number: 0xF0 or 0xF7 (continuation, escape), detail: offset of the payload
    KM_EVENT_UMP,   ///< A packet of a MIDI 2.0 clip that MIDI 1.0 has no word for; number: its
                    ///< message type, detail: offset of the payload, the packet's bytes. Standard
                    ///< MIDI Files cannot hold it, and their writers leave it out.
    KM_EVENT_PROGRAM,          ///< number: program
    KM_EVENT_CONTROL,          ///< number: controller, value: 0 to 127
    KM_EVENT_PITCH_BEND,       ///< detail: 0 to 16383, 8192 is no bend, in the low 14 bits; the 18
                               ///< bits above are finer ones
    KM_EVENT_CHANNEL_PRESSURE, ///< value: pressure
    KM_EVENT_KEY_PRESSURE,     ///< number: key, value: pressure
    KM_EVENT_NOTE_ON, ///< number: key, value: velocity 1 to 127 (a note-on of velocity 0 is read as
                      ///< NOTE_OFF)
    KM_EVENT_END_OF_TRACK,
    KM_EVENT_TYPES_COUNT
};

/// What MIDI 2.0 knows more exactly than MIDI 1.0 stands in `detail`: resolution.h reads it. It is
/// 0 in events of MIDI 1.0, and does not count where it contradicts `value`, so that who changes a
/// value need not know of it. A tempo's `value` is the hundredths of a microsecond beyond `detail`.
struct km_event {
    uint64_t tick;   ///< From the beginning of the piece.
    uint8_t type;    ///< enum km_event_type
    uint8_t channel; ///< 0 to 15, for channel events.
    uint8_t number;
    uint8_t value;
    uint32_t detail;
};

static_assert(sizeof(struct km_event) == 16, "four events a cache line");

enum {
    KM_CHANNEL_DRUMS = 9, ///< General MIDI's percussion channel, counted from 0.
    KM_CHANNELS_COUNT = 16,
    KM_KEYS_COUNT = 128,
    KM_RELEASE_VELOCITY = 64, ///< Of a key let go at a speed nobody measured (MIDI 1.0).
    KM_PITCH_BEND_NONE = 8192,
    KM_TEMPO_DEFAULT = 500000, ///< Microseconds per quarter note where a file says nothing.
    KM_DENOMINATOR_LOG2_MAX = 15,
};

/// Meta types (RP-001, Standard MIDI Files 1.0).
enum km_meta {
    KM_META_TEXT = 0x01,
    KM_META_COPYRIGHT = 0x02,
    KM_META_TRACK_NAME = 0x03,
    KM_META_INSTRUMENT = 0x04,
    KM_META_LYRIC = 0x05,
    KM_META_MARKER = 0x06,
    KM_META_CUE = 0x07,
    KM_META_END_OF_TRACK = 0x2F,
    KM_META_TEMPO = 0x51,
    KM_META_TIME_SIGNATURE = 0x58,
    KM_META_KEY_SIGNATURE = 0x59,
};

/// Whether the event has a payload, whose offset or size is `detail`.  [any]
static inline bool km_event_has_payload(const struct km_event *event)
{
    return event->type >= KM_EVENT_META && event->type <= KM_EVENT_UMP;
}

/// The bend of MIDI 1.0, 0 to 16383.  [any]
static inline uint32_t km_event_bend14(const struct km_event *event)
{
    return event->detail & 0x3FFFU;
}

/// Whether `a` comes strictly before `b`: by tick, then by type.  [any]
static inline bool km_event_is_before(const struct km_event *a, const struct km_event *b)
{
    return a->tick != b->tick ? a->tick < b->tick : a->type < b->type;
}

#endif
