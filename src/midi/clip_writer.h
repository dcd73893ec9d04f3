// SPDX-License-Identifier: MIT

/// Writes a MIDI 2.0 clip file (M2-116-U) piece by piece, in constant memory, from events in the
/// order of time.
///
/// All that a Standard MIDI File says comes back from the clip: texts, tempo and signatures are
/// flex data; SysEx messages are SysEx packets; what clips have no message for (other meta events,
/// SysEx in parts, texts that are not UTF-8) is wrapped in 8-bit SysEx, which who does not know it
/// leaves out.
#ifndef KM_MIDI_CLIP_WRITER_H
#define KM_MIDI_CLIP_WRITER_H

#include "base/attributes.h"
#include "base/sink.h"
#include "midi/event.h"
#include "midi/ump.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

KM_C_BEGIN

struct km_midi_file;

enum {
    KM_CLIP_WRITER_BUFFER_SIZE = 4096,
    /// A payload up to this size is looked at before it is written: a longer text is wrapped; a
    /// longer SysEx event is written as packets, and refused if it cannot be.
    KM_CLIP_PAYLOAD_SEEN = 2048,
};

struct km_clip_writer_config {
    uint16_t division; ///< Ticks per quarter note, 1 to 32767.
    /// Channel voice messages as in MIDI 1.0, which keeps all that Standard MIDI Files say and
    /// which every reader of clips understands; or as in MIDI 2.0, with the finer values.
    enum km_ump_protocol protocol;
};

struct km_clip_writer {
    struct km_sink *sink;
    struct km_clip_writer_config config;
    uint64_t tick;    ///< Of the packet before.
    uint64_t size;    ///< Bytes handed to the sink.
    size_t used;      ///< Of the buffer.
    bool has_started; ///< Start of Clip is written.
    bool has_ended;
    uint8_t clocks_per_click;

    // Of the event with a payload that is being written.
    struct km_event event;
    uint8_t group;
    uint8_t kind;   ///< How its payload is written; 0: none is.
    bool has_begun; ///< Its first packet is written.
    uint32_t payload_left;
    size_t seen; ///< Bytes of it that are kept.
    unsigned char payload[KM_CLIP_PAYLOAD_SEEN];

    unsigned char buffer[KM_CLIP_WRITER_BUFFER_SIZE];
};

/// Begins a clip on `sink`, which must outlive the writer.  [any]
void km_clip_writer_init(struct km_clip_writer *writer, struct km_sink *sink,
                         const struct km_clip_writer_config *config);

/// Writes an event of a group (0 to 15). Of events with a payload `detail` is its size, and the
/// payload follows before the next event; that of KM_EVENT_UMP is its packet. End of Track ends the
/// clip.  [any]
/// KM_ERROR_INVALID, said in `error`, if it is earlier than the one before, comes after the end, or
/// cannot be said; else the sink's status.
KM_NODISCARD enum km_status km_clip_writer_event(struct km_clip_writer *writer,
                                                 const struct km_event *event, uint8_t group,
                                                 struct km_error *error);

/// Writes a piece of the last event's payload; with its last byte the event is written.  [any]
KM_NODISCARD enum km_status km_clip_writer_payload(struct km_clip_writer *writer, const void *bytes,
                                                   size_t size, struct km_error *error);

/// Ends the clip, if it has not ended, at the tick of its last event or `tick`, whichever is later,
/// and hands all to the sink.  [any]
KM_NODISCARD enum km_status km_clip_writer_finish(struct km_clip_writer *writer, uint64_t tick,
                                                  struct km_error *error);

/// Writes all tracks of a file, merged in time, as a clip.  [any]
/// SMPTE time has no clip: KM_ERROR_UNSUPPORTED.
KM_NODISCARD enum km_status km_midi_clip_write(const struct km_midi_file *file,
                                               enum km_ump_protocol protocol, struct km_sink *sink,
                                               struct km_error *error);

KM_C_END

#endif
