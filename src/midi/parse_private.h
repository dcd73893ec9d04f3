// SPDX-License-Identifier: MIT

/// Reads a Standard MIDI File event by event, in constant memory, whatever its bytes are.
///
/// Rules for what is broken, each use of which is told as a warning:
/// - Bytes before the header, between chunks and after the last one are left out. A chunk of an
///   unknown type is left out without a warning, as the specification asks.
/// - A track ends at End of Track; bytes after it in its chunk are left out. If End of Track is
///   missing it is added where the chunk or the file ends.
/// - If a chunk's length is wrong, the track goes on past it when its End of Track stands before
///   the next track; else it ends there, without the event that was cut.
/// - Running status goes on after SysEx and meta events.
/// - A data byte over 127 is read as 127. A note-on of velocity 0 is a note-off (no warning).
/// - A tempo of 4 bytes is a 32-bit number. Tempos, time and key signatures that are too short or
///   mean nothing are left out; of those that are too long the first bytes count. Their deltas
///   stay, as far as 28 bits can hold them.
/// - A variable-length quantity may be padded to KM_MIDI_PADDED_SIZE_MAX bytes.
///
/// What is refused: no header, a format over 2, a division without length, a file that ends within
/// an event or chunk header, a data byte with no status before it, a status of F1 to F6 or F8 to
/// FE, a quantity over 28 bits; beyond a wrong chunk length even these only end the track.
#ifndef KM_MIDI_PARSE_PRIVATE_H
#define KM_MIDI_PARSE_PRIVATE_H

#include "base/attributes.h"
#include "base/status.h"
#include "midi/event.h"
#include "midi/file.h"
#include "midi/window_private.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    KM_MIDI_PADDED_SIZE_MAX = 8,
    KM_MIDI_TRACKS_MISSING_MAX = 256, ///< A header that counts more too many is not believed.
    KM_MIDI_REPAIRS_MAX = 6,          ///< Of one event.
};

/// One repair, not yet told: the event may turn out to be cut.
struct km_midi_repair {
    size_t offset;
    const char *what;
};

struct km_midi_parser {
    struct km_midi_window window;
    struct km_midi_warnings *warnings; ///< Never null.
    struct km_error *error;            ///< May be null.
    uint16_t format;
    uint16_t division;
    uint16_t tracks_declared;
    size_t tracks_found;
    size_t position;     ///< Offset of the next byte.
    size_t payload_left; ///< Bytes of the last event's payload that nobody took.

    // Of the track that is being read.
    bool is_in_track;
    bool is_extended;      ///< The chunk's length was wrong, and the track went on past it.
    bool is_running_stale; ///< A SysEx or meta event stood after the running status.
    unsigned char running; ///< 0: none yet.
    bool has_open_sysex;   ///< An F0 that did not end with F7 waits for its continuation.
    size_t open_sysex;     ///< Its offset.
    size_t chunk_end;      ///< As the file says; SIZE_MAX if that is beyond its end.
    size_t limit;          ///< Where the track ends at the latest.
    uint64_t tick;
    uint64_t event_tick; ///< Of the last event that was not left out.

    struct km_midi_repair repairs[KM_MIDI_REPAIRS_MAX];
    size_t repair_count;
};

/// Counts a repair and keeps the first.  [any]
void km_midi_warn(struct km_midi_warnings *warnings, size_t offset, const char *what);

/// Finds and reads the header. Keeps the addresses of `bytes`, `warnings` and `error`.  [any]
KM_NODISCARD enum km_status km_midi_parser_open(struct km_midi_parser *parser,
                                                const struct km_midi_window *window,
                                                struct km_midi_warnings *warnings,
                                                struct km_error *error);

/// Goes to the next track; false if there is none. The track before has been read to its end.
/// [any]
bool km_midi_parser_next_track(struct km_midi_parser *parser);

/// Reads the next event of the track. The last is always KM_EVENT_END_OF_TRACK.  [any]
/// For a meta or SysEx event `detail` is the size of its payload, which is there in full.
KM_NODISCARD enum km_status km_midi_parser_next(struct km_midi_parser *parser,
                                                struct km_event *event);

/// Copies the next `size` bytes of the last event's payload, which must be left.  [any]
void km_midi_parser_payload(struct km_midi_parser *parser, unsigned char *to, size_t size);

/// After the last track: whether their number can be what the header says.  [any]
KM_NODISCARD enum km_status km_midi_parser_finish(struct km_midi_parser *parser);

#endif
