// SPDX-License-Identifier: MIT

/// The passes over the events: moving notes, keeping note-offs in their place, sorting.
#ifndef KM_GROOVE_MOVE_PRIVATE_H
#define KM_GROOVE_MOVE_PRIVATE_H

#include "base/attributes.h"
#include "groove/groove.h"

#include <stdbool.h>
#include <stddef.h>

/// Moves and shapes notes of events in ascending ticks; returns how many events are left. The
/// result is not sorted.  [any]
KM_RT size_t km_groove_move(struct km_event *events, size_t count, const struct km_groove *groove);

/// Sorts in place, and keeps the order of what is equal: by tick and type, or by tick alone.
/// [any] Costs a comparison an event where little is out of order, and at most about count * log2
/// (count)^2 moves.
KM_RT void km_groove_sort(struct km_event *events, size_t count, bool by_type);

#endif
