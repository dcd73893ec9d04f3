// SPDX-License-Identifier: MIT

/// A Standard MIDI File in memory: tracks of events, and the bytes of their texts.
#ifndef KM_MIDI_FILE_H
#define KM_MIDI_FILE_H

#include "base/attributes.h"
#include "base/sink.h"
#include "base/status.h"
#include "midi/event.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

KM_C_BEGIN

struct km_heap;

/// One track: its own events, in ascending ticks. Belongs to a km_midi_file.
struct km_midi_track {
    struct km_event *events;
    size_t count;
    size_t capacity;
};

/// A file with its memory, all on the working account of one heap.
struct km_midi_file {
    struct km_heap *heap;
    uint16_t format;   ///< 0, 1 or 2
    uint16_t division; ///< Ticks per quarter note, 1 to 32767; or SMPTE: 0x8000 | -fps << 8 | ticks
                       ///< per frame
    struct km_midi_track *tracks;
    size_t track_count;
    size_t track_capacity;
    size_t event_capacity; ///< Over all tracks.
    /// Payloads of meta and SysEx events, each a little-endian 32-bit size and its bytes.
    unsigned char *payloads;
    size_t payloads_size;
    size_t payloads_capacity;
};

enum {
    KM_MIDI_TRACKS_MAX = 65535,
    KM_MIDI_EVENTS_MAX = 1 << 26,   ///< Over all tracks of a file in memory.
    KM_MIDI_PAYLOAD_MAX = 1 << 24,  ///< One payload; a file holds at most 2^31 bytes of them.
    KM_MIDI_DELTA_MAX = 0x0FFFFFFF, ///< Ticks between two events of a track.
    KM_MIDI_PAYLOADS_MAX = INT32_MAX,
    KM_MIDI_PAYLOAD_HEADER_SIZE = 4, ///< Of the size before the bytes.
};

// Functions that add return KM_ERROR_TOO_LARGE at one of these limits, KM_ERROR_NO_MEMORY when the
// heap refuses (km_heap_refusal tells why), and leave the file as it was then.

/// Makes an empty file that will allocate from `heap`.  [any]
void km_midi_file_init(struct km_midi_file *file, struct km_heap *heap, uint16_t format,
                       uint16_t division);

/// Gives all memory back; the file is empty then.  [any]
void km_midi_file_release(struct km_midi_file *file);

/// Adds an empty track; its index is track_count - 1 afterwards.  [any]
KM_NODISCARD enum km_status km_midi_file_add_track(struct km_midi_file *file);

/// Makes room in a track for `count` more events.  [any]
KM_NODISCARD enum km_status km_midi_file_reserve(struct km_midi_file *file, size_t track,
                                                 size_t count);

/// Gives back the room that a track does not use.  [any]
KM_NODISCARD enum km_status km_midi_file_trim(struct km_midi_file *file, size_t track);

/// Appends an event to a track. Ticks need not ascend; km_midi_track_sort puts them in order. [any]
KM_NODISCARD enum km_status km_midi_file_add(struct km_midi_file *file, size_t track,
                                             struct km_event event);

/// Appends a meta event with text, of type enum km_meta.  [any]
KM_NODISCARD enum km_status km_midi_file_add_text(struct km_midi_file *file, size_t track,
                                                  uint64_t tick, enum km_meta type,
                                                  const char *text);

/// Keeps `size` payload bytes (zeros if `bytes` is null) and tells their offset for
/// km_event.detail.  [any]
KM_NODISCARD enum km_status km_midi_file_add_payload(struct km_midi_file *file, const void *bytes,
                                                     size_t size, uint32_t *offset);

/// Whether a payload was kept at `offset`, as far as can be told.  [any]
bool km_midi_file_has_payload(const struct km_midi_file *file, uint32_t offset);

/// The payload at `offset`, as kept; `size` is set. Valid until the next payload is added.  [any]
const unsigned char *km_midi_file_payload(const struct km_midi_file *file, uint32_t offset,
                                          size_t *size);

/// Sorts a track by km_event_is_before; equal events keep their order.  [any]
KM_NODISCARD enum km_status km_midi_track_sort(struct km_midi_file *file, size_t track);

/// Writes the file: header, tracks with running status, and an End of Track for each that has none.
/// Format 0 merges all tracks into one; KM_EVENT_UMP is left out. The same file always gives the
/// same bytes.  [any]
/// What no reader could take (division 0, a delta over 0x0FFFFFFF, data over 127) is
/// KM_ERROR_INVALID, said in `error`.
KM_NODISCARD enum km_status km_midi_file_write(const struct km_midi_file *file,
                                               struct km_sink *sink, struct km_error *error);

/// What reading had to repair, or found odd (a note-on that is never let go, a note-off of a key
/// that is not down: these are kept as they are). The rules stand in docs/midi-tolerance.md.
struct km_midi_warnings {
    uint32_t count;
    size_t first_offset;     ///< Byte of the first repair.
    char first_message[128]; ///< Empty if there was none.
};

enum { KM_MIDI_READ_FACTOR = 48 };

/// Reads `size` bytes of a Standard MIDI File (or RMID) into a file made by km_midi_file_init.
/// [any] Tolerant: what can be located is read, and repairs are told in `warnings` (which may be
/// null). Format and division are the file's. What `file` held before is released; on failure it is
/// left empty, and `error` names what was wrong and at which byte.
/// Memory stays below KM_MIDI_READ_FACTOR bytes a byte read, and time below a linear bound.
KM_NODISCARD enum km_status km_midi_file_read(struct km_midi_file *file, const void *bytes,
                                              size_t size, struct km_midi_warnings *warnings,
                                              struct km_error *error);

KM_C_END

#endif
