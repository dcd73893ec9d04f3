// SPDX-License-Identifier: MIT

/// One packet of a MIDI 2.0 clip file, and how the reader hands it out.
#ifndef KM_MIDI_CLIP_PACKET_PRIVATE_H
#define KM_MIDI_CLIP_PACKET_PRIVATE_H

#include "midi/reader_private.h"
#include "midi/ump.h"

#include <stddef.h>
#include <stdint.h>

enum { KM_CLIP_WORD_SIZE = 4 };

/// A packet that is at hand.
struct km_clip_packet {
    uint32_t words[KM_UMP_WORDS_MAX];
    size_t size; ///< Bytes.
    uint64_t at; ///< Offset in the file; km_clip_packet_read leaves it 0.
};

/// Reads the packet that begins at `bytes`, all of which are there.  [any]
void km_clip_packet_read(const unsigned char *bytes, struct km_clip_packet *packet);

/// Shows the packet's words and group in `item`.  [any]
void km_clip_packet_show(const struct km_clip_packet *packet, struct km_midi_item *item);

/// Hands out the packet's first `size` bytes as an event.  [any]
enum km_midi_turn km_clip_emit_event(struct km_midi_reader *reader,
                                     const struct km_clip_packet *packet, size_t size,
                                     struct km_event event, struct km_midi_item *item);

/// Tells of `fault` and hands the packet out as left out.  [any]
enum km_midi_turn km_clip_leave_out(struct km_midi_reader *reader,
                                    const struct km_clip_packet *packet, enum km_midi_fault fault,
                                    struct km_midi_item *item);

/// Hands out a packet as it is: an event without bytes, whose payload is the packet.  [any]
enum km_midi_turn km_clip_emit_packet(struct km_midi_reader *reader,
                                      const struct km_clip_packet *packet,
                                      struct km_midi_item *item);

#endif
