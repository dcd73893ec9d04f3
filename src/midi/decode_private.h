// SPDX-License-Identifier: MIT

/// Decodes one event from the bytes at hand: the innermost part of the reader.
#ifndef KM_MIDI_DECODE_PRIVATE_H
#define KM_MIDI_DECODE_PRIVATE_H

#include "midi/event.h"
#include "midi/reader.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    KM_MIDI_PADDED_SIZE_MAX = 8, ///< Of a variable-length quantity.
    KM_MIDI_REPAIRS_MAX = 6,     ///< Of one event.
    KM_MIDI_EVENT_AHEAD = 32,    ///< More than any event without its payload.
};

/// Where a track stands.
struct km_midi_cursor {
    uint64_t tick;
    uint64_t event_tick;   ///< Of the last event that was not left out.
    uint64_t limit;        ///< Offset where the track ends at the latest.
    uint64_t open_sysex;   ///< Offset of an F0 that did not end with F7, if there is one.
    bool has_open_sysex;   ///< It waits for its continuation.
    bool is_running_stale; ///< A SysEx or meta event stood after the running status.
    unsigned char running; ///< 0: none yet.
};

enum km_midi_decoded {
    KM_MIDI_DECODED,
    KM_MIDI_DECODED_NOTHING, ///< Bytes without meaning: to be left out.
    KM_MIDI_DECODED_CUT,     ///< The event goes on beyond the bytes given, or the limit.
    KM_MIDI_DECODED_BAD,     ///< It cannot be an event; `bad` and `bad_offset` say why.
};

struct km_midi_repair {
    uint64_t offset;
    enum km_midi_fault fault;
};

/// An event as decoded.
struct km_midi_decoding {
    struct km_event event; ///< Of meta and SysEx events `detail` is the payload's size.
    size_t size;           ///< Of delta, status, type and length; of a tempo or signature and its
                           ///< payload.
    uint32_t payload;      ///< Bytes of the event that come then.
    const char *bad;
    uint64_t bad_offset;
    bool is_repaired; ///< The event is not what its bytes say.
    size_t repair_count;
    struct km_midi_repair repairs[KM_MIDI_REPAIRS_MAX];
};

/// Decodes the event at `offset` in the input from `size` bytes: KM_MIDI_EVENT_AHEAD, or as many as
/// there are. Only if it is decoded (or nothing) does the cursor move on. Whether a SysEx message
/// ends is for the caller to see, at its payload's last byte.  [any]
enum km_midi_decoded km_midi_decode(struct km_midi_cursor *cursor, uint64_t offset,
                                    const unsigned char *bytes, size_t size,
                                    struct km_midi_decoding *decoding);

#endif
