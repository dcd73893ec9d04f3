// SPDX-License-Identifier: MIT

/// The inside of the merged view: one cursor a track, which decodes ahead in small batches, and a
/// tournament of their next events.
#ifndef KM_MIDI_MERGED_PRIVATE_H
#define KM_MIDI_MERGED_PRIVATE_H

#include "base/attributes.h"
#include "base/input.h"
#include "base/status.h"
#include "midi/decode_private.h"
#include "midi/event.h"
#include "midi/reader.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct km_heap;

enum {
    KM_MIDI_MERGED_BYTES = 1 << 19,     ///< Of all tracks' buffers, unless the least is more.
    KM_MIDI_MERGED_TRACK_MIN = 64,      ///< Bytes of a track's buffer.
    KM_MIDI_MERGED_TRACK_MAX = 1 << 15, ///< The same.
    KM_MIDI_MERGED_EVENTS = 1 << 12,    ///< Decoded ahead, of all tracks.
    KM_MIDI_MERGED_BATCH_MAX = 128,     ///< Events decoded ahead of one track; the least is 1.
    KM_MIDI_MERGED_TICK_LOG2_MAX = 44,  ///< What 64 bits leave beside an event's type and track.
};

/// After the last event.
#define KM_MIDI_KEY_END UINT64_MAX

/// Where a track lies in the input, as the reader has found it, and where its cursor stands.
struct km_midi_merged_track {
    uint64_t begin;    ///< Offset of the first event.
    uint64_t end;      ///< After the last event before End of Track.
    uint64_t tick_end; ///< Of End of Track; if `is_sound`, from the last event on.
    uint64_t position; ///< Of the next event that is not decoded.
    struct km_midi_cursor cursor;
    uint32_t buffered_at;  ///< Of the next event in the track's buffer.
    uint32_t buffered_end; ///< After the last byte there.
    uint32_t payload;      ///< Of the last event decoded.
    uint16_t decoded;      ///< Events in the batch.
    bool has_ended;        ///< End of Track was made.
    bool is_sound;         ///< Found by km_midi_merged_find_sound.
};

/// The bytes and events at hand of all tracks, each with room of the same size.
struct km_midi_merged_rooms {
    struct km_input *input;
    uint64_t base; ///< Of the MIDI in the input.
    unsigned char *bytes;
    struct km_event *events;
    size_t bytes_size;  ///< Of one track.
    size_t events_size; ///< The same: how many.
};

/// Goes back to the beginning.  [any]
void km_midi_merged_track_rewind(struct km_midi_merged_track *track);

/// Decodes the next events of a track: at least one, unless it has ended.  [any]
KM_NODISCARD enum km_status km_midi_merged_decode(const struct km_midi_merged_rooms *rooms,
                                                  struct km_midi_merged_track *track, size_t index,
                                                  struct km_error *error);

/// Tracks of a file, found by reading all of it.
struct km_midi_merged_tracks {
    struct km_midi_merged_track *tracks;
    size_t count;
    size_t capacity;
    struct km_midi_header header;
};

/// Finds them if nothing at all is wrong with the file, which the reader would have to tell or to
/// refuse; else `found` stays as it is, without tracks, and the input's place too. Not for
/// streams.  [any]
KM_NODISCARD enum km_status km_midi_merged_find_sound(struct km_heap *heap, struct km_input *input,
                                                      struct km_midi_merged_tracks *found,
                                                      struct km_error *error);

/// Finds them. On failure nothing is left.  [any]
KM_NODISCARD enum km_status km_midi_merged_find(struct km_heap *heap, struct km_input *input,
                                                const struct km_midi_reader_config *config,
                                                struct km_midi_merged_tracks *found,
                                                struct km_error *error);

#endif
