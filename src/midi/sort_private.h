// SPDX-License-Identifier: MIT

/// Stable merge sort of events, in linear memory and without recursion.
#ifndef KM_MIDI_SORT_PRIVATE_H
#define KM_MIDI_SORT_PRIVATE_H

#include "midi/event.h"

#include <stdbool.h>
#include <stddef.h>

/// Whether no event comes before the one that it follows.  [any]
bool km_events_are_sorted(const struct km_event *events, size_t count);

/// Sorts by km_event_is_before; `scratch` has room for `count` events too.  [any]
void km_events_sort(struct km_event *events, struct km_event *scratch, size_t count);

#endif
