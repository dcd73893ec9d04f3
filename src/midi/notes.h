// SPDX-License-Identifier: MIT

/// The notes of a track: each note-on with the note-off that ends it.
#ifndef KM_MIDI_NOTES_H
#define KM_MIDI_NOTES_H

#include "base/attributes.h"
#include "base/status.h"
#include "midi/file.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

KM_C_BEGIN

struct km_note {
    uint64_t tick; ///< Of the note-on.
    uint64_t end;  ///< Tick of the note-off; the track's last tick if there is none.
    uint8_t channel;
    uint8_t key;
    uint8_t velocity;
    bool is_open; ///< It has no note-off.
};

struct km_notes {
    struct km_heap *heap;
    struct km_note *notes; ///< In the order of their note-ons.
    size_t count;
    size_t open_count;   ///< Note-ons without a note-off.
    size_t orphan_count; ///< Note-offs without a note-on.
};

/// Pairs the notes of a track, whose events stand in ascending ticks: of two notes on one key and
/// channel, the note-off ends the older. Linear in the events. The file is not kept. On failure
/// (KM_ERROR_NO_MEMORY) there is nothing to release.  [any]
KM_NODISCARD enum km_status km_notes_init(struct km_notes *notes, const struct km_midi_file *file,
                                          size_t track);

/// Gives the memory back.  [any]
void km_notes_release(struct km_notes *notes);

KM_C_END

#endif
