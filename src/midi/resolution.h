// SPDX-License-Identifier: MIT

/// Values of MIDI 1.0 and 2.0: 7, 14, 16 and 32 bits, and how an event holds the finer ones.
///
/// Scaling up keeps minimum, centre and maximum, scaling down drops bits, as the MIDI 2.0 bit
/// scaling rules say (M2-115-U): so up and down again is the value that there was.
#ifndef KM_MIDI_RESOLUTION_H
#define KM_MIDI_RESOLUTION_H

#include "base/attributes.h"
#include "midi/event.h"

#include <stdint.h>

KM_C_BEGIN

enum { KM_VELOCITY16_ZERO = 0x10000 }; ///< `detail` of a note-on of velocity 0 in MIDI 2.0.

/// A value of `from` bits (2 to 16) as one of `to` bits (more than `from`, at most 32).  [any]
static inline uint32_t km_scale_up(uint32_t value, unsigned int from, unsigned int to)
{
    const uint32_t centre = 1U << (from - 1);
    uint32_t scaled = value << (to - from);
    if (value <= centre) {
        return scaled;
    }
    // Above the centre, all bits but the highest are repeated to the right until they fill it.
    const unsigned int repeated = from - 1;
    const uint32_t bits = value & (centre - 1);
    for (unsigned int left = to - from; left > 0;) {
        const unsigned int used = left < repeated ? left : repeated;
        scaled |= bits >> (repeated - used) << (left - used);
        left -= used;
    }
    return scaled;
}

/// A note's velocity in 16 bits. A note-on of velocity 0 (of MIDI 2.0) is 0.  [any]
static inline uint16_t km_event_velocity16(const struct km_event *event)
{
    if (event->detail == KM_VELOCITY16_ZERO && event->value == 1) {
        return 0;
    }
    const uint32_t coarse = event->detail >> 9;
    const bool is_known = event->detail > 0 && event->detail <= UINT16_MAX &&
                          (coarse == event->value || (coarse == 0 && event->value == 1));
    return (uint16_t)(is_known ? event->detail : km_scale_up(event->value, 7, 16));
}

/// Sets a note's velocity: `value` too, at least 1 for a note-on.  [any]
static inline void km_event_set_velocity16(struct km_event *event, uint16_t velocity)
{
    const bool is_on = event->type == KM_EVENT_NOTE_ON;
    event->value = (uint8_t)(velocity >> 9);
    event->detail = velocity;
    if (is_on && event->value == 0) {
        event->value = 1;
        event->detail = velocity == 0 ? (uint32_t)KM_VELOCITY16_ZERO : velocity;
    }
}

/// The value of a controller or a pressure in 32 bits.  [any]
static inline uint32_t km_event_value32(const struct km_event *event)
{
    return event->detail >> 25 == event->value && event->detail > 0
               ? event->detail
               : km_scale_up(event->value, 7, 32);
}

/// Sets the value of a controller or a pressure.  [any]
static inline void km_event_set_value32(struct km_event *event, uint32_t value)
{
    event->value = (uint8_t)(value >> 25);
    event->detail = value;
}

/// A pitch bend in 32 bits, 0x80000000 is none.  [any]
static inline uint32_t km_event_bend32(const struct km_event *event)
{
    // The finer bits are kept as their difference from what scaling up makes of the others.
    return km_scale_up(km_event_bend14(event), 14, 32) ^ event->detail >> 14;
}

/// Sets a pitch bend.  [any]
static inline void km_event_set_bend32(struct km_event *event, uint32_t bend)
{
    const uint32_t coarse = bend >> 18;
    event->detail = coarse | (km_scale_up(coarse, 14, 32) ^ bend) << 14;
}

KM_C_END

#endif
