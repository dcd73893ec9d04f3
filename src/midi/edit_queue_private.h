// SPDX-License-Identifier: MIT

/// Events that change places: a window of them, from which they leave in the order of their new
/// ticks.
#ifndef KM_MIDI_EDIT_QUEUE_PRIVATE_H
#define KM_MIDI_EDIT_QUEUE_PRIVATE_H

#include "midi/edit_private.h"

enum {
    KM_MIDI_QUEUE_EVENTS_MAX = 1 << 16,   ///< In the window; more are refused.
    KM_MIDI_QUEUE_PAYLOADS_MAX = 1 << 20, ///< Bytes of their texts and SysEx; more are refused.
};

struct km_midi_queue;

/// An empty window on the working account, which takes 80 bytes for each event that it held at
/// once, and its payload; null if the heap refuses.  [any]
KM_NODISCARD struct km_midi_queue *km_midi_queue_new(struct km_heap *heap);

/// Null does nothing.  [any]
void km_midi_queue_free(struct km_midi_queue *queue);

/// Adds an event; of equal ticks what was added first leaves first. A note-off may be moved to
/// `earliest` by km_midi_queue_end_before. The payload of a meta or SysEx event follows.  [any]
KM_NODISCARD enum km_status km_midi_queue_add(struct km_midi_queue *queue, struct km_midi_run *run,
                                              const struct km_event *event,
                                              const struct km_midi_form *form, uint64_t earliest);

/// Adds a piece of the last event's payload.  [any]
void km_midi_queue_add_payload(struct km_midi_queue *queue, const void *bytes, size_t size);

/// A note begins at `tick`: the note-off of its key that was added last, if it is still here and
/// comes later, comes there.  [any]
void km_midi_queue_end_before(struct km_midi_queue *queue, const struct km_event *note,
                              uint64_t tick);

/// Writes all events up to `tick`.  [any]
KM_NODISCARD enum km_status km_midi_queue_write(struct km_midi_queue *queue,
                                                struct km_midi_run *run, uint64_t tick);

#endif
