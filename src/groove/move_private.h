// SPDX-License-Identifier: MIT

/// The passes over the events: moving notes, keeping note-offs in their place, sorting.
#ifndef KM_GROOVE_MOVE_PRIVATE_H
#define KM_GROOVE_MOVE_PRIVATE_H

#include "base/attributes.h"
#include "groove/style_private.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/// The key of a channel event, numbered over all channels.  [any]
static inline uint32_t km_groove_key_of(const struct km_event *event)
{
    const uint32_t channel = event->channel % KM_CHANNELS_COUNT;
    return channel * KM_GROOVE_KEYS_PER_CHANNEL + event->number % KM_GROOVE_KEYS_PER_CHANNEL;
}

/// Whether a note begins.  [any]
static inline bool km_groove_is_note_on(const struct km_event *event)
{
    return event->type == KM_EVENT_NOTE_ON && event->value > 0;
}

/// Whether a note ends; a note-on of velocity 0 is such, too.  [any]
static inline bool km_groove_is_note_off(const struct km_event *event)
{
    return event->type == KM_EVENT_NOTE_OFF || (event->type == KM_EVENT_NOTE_ON && !event->value);
}

/// Takes notes out as the groove allows; returns how many events are left. They must ascend in
/// ticks.  [any]
KM_RT uint32_t km_groove_drop(struct km_event *events, uint32_t count,
                              const struct km_groove *groove);

/// Moves and shapes notes of `count` events, at least one, that ascend in ticks. The result is not
/// sorted.  [any]
KM_RT void km_groove_move(struct km_event *events, uint32_t count, const struct km_groove *groove);

/// Sorts in place, and keeps the order of what is equal: by tick and type, or by tick alone.
/// [any] Costs a comparison an event where little is out of order, and at most about count * log2
/// (count)^2 moves.
KM_RT void km_groove_sort(struct km_event *events, size_t count, bool by_type);

#endif
