// SPDX-License-Identifier: MIT

/// Messages of several packets in a MIDI 2.0 clip file: texts, SysEx, 8-bit data.
#ifndef KM_MIDI_CLIP_MESSAGE_PRIVATE_H
#define KM_MIDI_CLIP_MESSAGE_PRIVATE_H

#include "midi/clip_packet_private.h"

/// A packet of a text: begins an event, or goes on in another. As many bytes as the longest run
/// that is looked at must be at hand, or the file's end.  [any]
enum km_midi_turn km_clip_step_text(struct km_midi_reader *reader,
                                    const struct km_clip_packet *packet, struct km_midi_item *item);

/// As km_clip_step_text, of a SysEx message of 7-bit bytes.  [any]
enum km_midi_turn km_clip_step_sysex(struct km_midi_reader *reader,
                                     const struct km_clip_packet *packet,
                                     struct km_midi_item *item);

/// A packet of 8-bit data: the first of a wrapped event, or one that stays as it is.  [any]
enum km_midi_turn km_clip_step_data(struct km_midi_reader *reader,
                                    const struct km_clip_packet *packet, struct km_midi_item *item);

/// The next packet of a wrapped event; any other ends the reading.  [any]
enum km_midi_turn km_clip_continue_wrapped(struct km_midi_reader *reader,
                                           const struct km_clip_packet *packet,
                                           struct km_midi_item *item);

/// The next packet of the run of packets whose event was handed out.  [any]
enum km_midi_turn km_clip_continue_run(struct km_midi_reader *reader,
                                       const struct km_clip_packet *packet,
                                       struct km_midi_item *item);

/// The next `size` bytes of the event's payload.  [any]
enum km_midi_turn km_clip_emit_payload(struct km_midi_reader *reader, size_t size,
                                       struct km_midi_item *item);

/// The F7 at the end of a message, which packets leave out.  [any]
enum km_midi_turn km_clip_emit_end(struct km_midi_reader *reader, struct km_midi_item *item);

#endif
