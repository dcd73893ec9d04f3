// SPDX-License-Identifier: MIT

/// All tracks of a file of any size as one stream in time: in constant memory, and one small cursor
/// a track.
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

enum {
    KM_MIDI_MERGED_MEMORY = 1 << 20,   ///< Bytes at most, of up to 1,000 tracks...
    KM_MIDI_MERGED_MEMORY_TRACK = 320, ///< ...and at most so many more for each track.
};

/// An event with where it comes from.
struct km_midi_merged_event {
    struct km_event event; ///< Of meta and SysEx events `detail` is the payload's size.
    uint32_t track;        ///< From 0.
    uint32_t reserved;
    uint64_t payload_offset; ///< In the input, of meta and SysEx events.
};

/// Opens `input` (a stream is spooled to a temporary file first), reads all of it from its present
/// place to find the tracks, and places a cursor on each. `input` must outlive it. All problems are
/// told here, as by the reader and in its order; reading then tells none. What the reader refuses
/// is refused; so are clips (KM_ERROR_UNSUPPORTED), which have one track and are read by the
/// reader. More than 65,535 tracks, ticks from 2^44 on, or a stream of more than
/// KM_MIDI_SPOOL_SIZE_MAX bytes (spool.h) are KM_ERROR_TOO_LARGE.  [any]
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
/// has its End of Track. Fails if the file can no longer be read, or has changed; then not all
/// events before that place have been handed out.  [any]
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
