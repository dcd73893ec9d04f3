// SPDX-License-Identifier: MIT

/// All tracks of a file as one stream in time: a binary heap of the tracks' next events.
#ifndef KM_MIDI_MERGE_PRIVATE_H
#define KM_MIDI_MERGE_PRIVATE_H

#include "base/attributes.h"
#include "base/status.h"
#include "midi/file.h"

#include <stddef.h>

/// The next event of one track.
struct km_midi_merge_head {
    size_t track;
    size_t index;
};

struct km_midi_merge {
    const struct km_midi_file *file;
    struct km_midi_merge_head *heads; ///< The earliest stands first.
    size_t count;
};

/// Begins at the start of every track. The tracks' ticks must ascend.  [any]
KM_NODISCARD enum km_status km_midi_merge_init(struct km_midi_merge *merge,
                                               const struct km_midi_file *file);

/// Gives the memory back.  [any]
void km_midi_merge_release(struct km_midi_merge *merge);

/// Goes back to the start of every track.  [any]
void km_midi_merge_rewind(struct km_midi_merge *merge);

/// The next event by km_event_is_before, with the place it comes from; null at the end.  [any]
/// A track's events keep their order; of equal events of two tracks the lower track's comes first.
const struct km_event *km_midi_merge_next(struct km_midi_merge *merge,
                                          struct km_midi_merge_head *place);

#endif
