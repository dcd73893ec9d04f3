// SPDX-License-Identifier: MIT

/// Writes a Standard MIDI File piece by piece, in constant memory.
///
/// A track's size stands before it, so a file is written in two passes over the same events: the
/// first, without a sink, only measures; the second is told the sizes that the first found.
#ifndef KM_MIDI_WRITER_H
#define KM_MIDI_WRITER_H

#include "base/attributes.h"
#include "base/sink.h"
#include "midi/event.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

KM_C_BEGIN

enum { KM_MIDI_WRITER_BUFFER_SIZE = 4096, KM_MIDI_HEADER_SIZE = 14, KM_MIDI_CHUNK_HEADER_SIZE = 8 };

/// How a channel event was written where it comes from. Zero leaves it to the writer: running
/// status wherever it can be, and note-on of velocity 0 for a note-off of unknown velocity.
struct km_midi_form {
    unsigned char status; ///< With its channel, 0x80 to 0xEF: tells the two note-offs apart.
    bool is_explicit;     ///< The status stands there although it was running already.
};

struct km_midi_writer {
    struct km_sink *sink; ///< Null while sizes are measured.
    uint64_t size;        ///< Of the track so far, without its header; see km_midi_writer_size.
    uint64_t tick;        ///< Of the event before.
    size_t used;          ///< Of the buffer.
    uint32_t payload_left;
    bool has_ended;        ///< After End of Track.
    unsigned char running; ///< Status that need not be repeated; 0 for none.
    unsigned char buffer[KM_MIDI_WRITER_BUFFER_SIZE];
};

/// Makes a writer that writes to `sink`, which must outlive it; null only measures.  [any]
/// Failures stay in the sink's status.
void km_midi_writer_init(struct km_midi_writer *writer, struct km_sink *sink);

/// Writes a header of 6 bytes.  [any]
void km_midi_writer_header(struct km_midi_writer *writer, uint16_t format, uint16_t tracks,
                           uint16_t division);

/// Writes bytes between tracks as they are: other chunks, other headers.  [any]
void km_midi_writer_bytes(struct km_midi_writer *writer, const void *bytes, size_t size);

/// Begins a track of `size` bytes (as measured; any number while measuring).  [any]
void km_midi_writer_begin_track(struct km_midi_writer *writer, uint32_t size);

/// Why `event` cannot come next in the track (it is earlier than the one before, too long after
/// it, or comes after End of Track); null if it can. What is in it is not looked at.  [any]
const char *km_midi_writer_problem(const struct km_midi_writer *writer,
                                   const struct km_event *event);

/// Writes an event for which km_midi_writer_problem has nothing to say. Of meta and SysEx events
/// `detail` is the payload's size, and the payload follows before the next event. `form` may be
/// null.  [any]
void km_midi_writer_event(struct km_midi_writer *writer, const struct km_event *event,
                          const struct km_midi_form *form);

/// Writes a piece of the last event's payload.  [any]
void km_midi_writer_payload(struct km_midi_writer *writer, const void *bytes, size_t size);

/// Ends a track, with End of Track at `tick` if it has none yet, and lets go of what is buffered.
/// [any]
void km_midi_writer_end_track(struct km_midi_writer *writer, uint64_t tick);

/// Bytes of the track so far, or of the track that was ended last.  [any]
uint64_t km_midi_writer_size(const struct km_midi_writer *writer);

/// Hands all that is buffered to the sink.  [any]
void km_midi_writer_flush(struct km_midi_writer *writer);

KM_C_END

#endif
