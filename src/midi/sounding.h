// SPDX-License-Identifier: MIT

/// Which keys of one track are down: finds notes never let go, and note-offs of keys not down.
///
/// The reader itself does not look, because that costs time for each note: who wants these problems
/// (KM_MIDI_FAULT_HANGING_NOTE, KM_MIDI_FAULT_ORPHAN_NOTE_OFF) feeds it with the events.
#ifndef KM_MIDI_SOUNDING_H
#define KM_MIDI_SOUNDING_H

#include "base/attributes.h"
#include "midi/event.h"
#include "midi/reader.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

KM_C_BEGIN

enum { KM_MIDI_SOUNDING_KEYS = KM_CHANNELS_COUNT * KM_KEYS_COUNT };

/// Zero at the beginning, and after the end of each track.
struct km_midi_sounding {
    uint32_t total;                          ///< Notes down, over all keys.
    uint32_t counts[KM_MIDI_SOUNDING_KEYS];  ///< Notes down of each key.
    uint64_t offsets[KM_MIDI_SOUNDING_KEYS]; ///< Of the note-on that found the key up.
};

/// Takes a note-on or note-off that stands at `offset`. False if it is a note-off of a key that is
/// not down.  [any]
static inline bool km_midi_sounding_note(struct km_midi_sounding *sounding,
                                         const struct km_event *event, uint64_t offset)
{
    const size_t key = (size_t)event->channel * KM_KEYS_COUNT + event->number;
    uint32_t *const count = &sounding->counts[key];
    if (event->type == KM_EVENT_NOTE_ON) {
        if (*count == 0) {
            sounding->offsets[key] = offset;
        }
        ++*count;
        ++sounding->total;
        return true;
    }
    if (*count == 0) {
        return false;
    }
    --*count;
    --sounding->total;
    return true;
}

/// At the end of `track`: tells once for each key that is still down, in the order of channels and
/// keys, and sets all to zero. Returns how many it told.  [any]
uint32_t km_midi_sounding_end(struct km_midi_sounding *sounding, int64_t track, uint64_t tick,
                              const struct km_midi_listener *listener);

KM_C_END

#endif
