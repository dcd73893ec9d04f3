// SPDX-License-Identifier: MIT

/// All tracks of a file of any size as one stream in time, in constant memory: one small cursor a
/// track.
#ifndef KM_MIDI_MERGED_H
#define KM_MIDI_MERGED_H

#include "base/attributes.h"
#include "base/status.h"
#include "midi/event.h"
#include "midi/reader.h"

#include <stddef.h>
#include <stdint.h>

KM_C_BEGIN

struct km_midi_merged;

/// An event with where it comes from.
struct km_midi_merged_event {
    struct km_event event; ///< Of meta and SysEx events `detail` is the payload's size.
    uint32_t track;        ///< From 0.
    uint32_t reserved;
    uint64_t payload_offset; ///< In the input, of meta and SysEx events.
};

/// Opens `input` (a stream is spooled to a temporary file first), finds all tracks and places a
/// cursor on each. `input` must outlive it. Problems are told as by the reader, once each, but in
/// the order of time.  [any]
KM_NODISCARD enum km_status km_midi_merged_new(struct km_heap *heap, struct km_input *input,
                                               const struct km_midi_reader_config *config,
                                               struct km_midi_merged **merged,
                                               struct km_error *error);

/// Null does nothing.  [any]
void km_midi_merged_free(struct km_midi_merged *merged);

/// What the header says.  [any]
struct km_midi_header km_midi_merged_header(const struct km_midi_merged *merged);

/// Tracks found.  [any]
size_t km_midi_merged_tracks(const struct km_midi_merged *merged);

/// Reads up to `capacity` events in the order of km_event_is_before; a track's events keep their
/// order, and of equal events those of lower tracks come first. `count` is 0 at the end. Each track
/// has its End of Track.  [any]
KM_NODISCARD enum km_status km_midi_merged_read(struct km_midi_merged *merged,
                                                struct km_midi_merged_event *events,
                                                size_t capacity, size_t *count,
                                                struct km_error *error);

/// Reads a piece of an event's payload: `size` bytes from `offset` in it.  [any]
KM_NODISCARD enum km_status km_midi_merged_payload(struct km_midi_merged *merged,
                                                   const struct km_midi_merged_event *event,
                                                   uint32_t offset, void *bytes, size_t size,
                                                   struct km_error *error);

/// Goes back to the beginning; problems are not told again.  [any]
KM_NODISCARD enum km_status km_midi_merged_rewind(struct km_midi_merged *merged,
                                                  struct km_error *error);

KM_C_END

#endif
