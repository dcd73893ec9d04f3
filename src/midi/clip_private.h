// SPDX-License-Identifier: MIT

/// What the reader keeps of a MIDI 2.0 clip file from step to step, and how a Standard MIDI File's
/// events that clips have no message for are wrapped in them.
#ifndef KM_MIDI_CLIP_PRIVATE_H
#define KM_MIDI_CLIP_PRIVATE_H

#include "midi/event.h"

#include <stdbool.h>
#include <stdint.h>

enum {
    KM_CLIP_MAGIC_SIZE = 8,        ///< "SMF2CLIP"
    KM_CLIP_DIVISION_MISSING = 96, ///< Ticks per quarter note taken where a clip says nothing.
    KM_CLIP_GROUPS = 16,
    KM_CLIP_QUEUE_MAX = 3,
};

// Other meta events than texts, SysEx events in parts, texts that are not UTF-8: an 8-bit SysEx
// message whose first packet holds just this header, and those after it the payload. Who does not
// know it leaves it out, as all SysEx of strangers.
enum {
    KM_CLIP_WRAP_HEADER_SIZE = 13,
    KM_CLIP_WRAP_KIND = 6, ///< Of a byte: 0xFF meta, 0xF0 or 0xF7 SysEx.
    KM_CLIP_WRAP_TYPE = 7, ///< Of the meta event's type; else 0.
    KM_CLIP_WRAP_SIZE = 8, ///< Of the payload's size, 4 bytes.
    KM_CLIP_WRAP_TAG_SIZE = 6,
};

/// What the wrapping begins with: the manufacturer's number for research and teaching, and a name.
#define KM_CLIP_WRAP_TAG "\x00\x7DKmiD"

enum km_clip_phase { KM_CLIP_START, KM_CLIP_TRACK, KM_CLIP_PACKETS, KM_CLIP_AFTER };

/// A text or SysEx message that is being handed out packet by packet.
struct km_clip_message {
    uint64_t end;          ///< Offset after its last packet that was found; 0: none.
    uint32_t payload_left; ///< Not yet handed out, of the event.
    uint8_t packet_left;   ///< The same, of the packet.
    uint8_t padding_left;  ///< Of the packet, after the payload.
    bool is_wrapped;       ///< It ends with its payload, wherever that is.
    bool ends_with_f7;     ///< Standard MIDI Files have an F7 there, clips have not.
};

/// Zero at the beginning.
struct km_midi_clip {
    enum km_clip_phase phase;
    bool has_started; ///< Start of Clip, or what comes after it, was there.
    bool has_delta;   ///< A delta clockstamp stood before the next packet.
    uint8_t clocks_per_click;
    uint8_t group; ///< Of the packet before.
    uint8_t queue_count, queue_next;
    uint16_t open_sysex;                    ///< Bit n: a message of group n waits for its end.
    uint32_t open_texts[KM_CLIP_GROUPS];    ///< First word of the same, without its form; or 0.
    uint64_t open_texts_at[KM_CLIP_GROUPS]; ///< Where it began.
    uint64_t open_sysex_at[KM_CLIP_GROUPS];
    uint16_t open_data; ///< As open_sysex, of 8-bit messages.
    uint64_t open_data_at[KM_CLIP_GROUPS];
    struct km_clip_message message;
    struct km_event queue[KM_CLIP_QUEUE_MAX]; ///< What else the packet before is.
};

#endif
