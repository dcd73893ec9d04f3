// SPDX-License-Identifier: MIT

/// One event of a MIDI file as a line, for people or as JSON.
#ifndef KM_APPS_MIDI_DUMP_LINE_H
#define KM_APPS_MIDI_DUMP_LINE_H

#include "midi/event.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { KM_DUMP_PAYLOAD_MAX = 4096 }; ///< Bytes of a text or SysEx message that are shown.

/// Where in the music an event is; only known in the order of time.
struct km_dump_time {
    bool is_known;
    bool has_bars; ///< Not in SMPTE time.
    double seconds;
    uint64_t bar; ///< From 1.
    double beat;  ///< From 1, in the metre's beats.
};

/// An event with all that a line says.
struct km_dump_event {
    struct km_event event;
    uint32_t track;
    uint64_t offset;
    bool has_offset; ///< In the file; not of the merged view.
    bool has_group;  ///< Of a clip.
    uint8_t group;
    struct km_dump_time time;
    uint64_t payload_size;
    size_t payload_kept;
    unsigned char payload[KM_DUMP_PAYLOAD_MAX];
};

/// Prints it to standard output, for a person.  [any]
void km_dump_print_text(const struct km_dump_event *dumped);

/// Prints it to standard output, as a JSON object.  [any]
void km_dump_print_json(const struct km_dump_event *dumped);

#endif
