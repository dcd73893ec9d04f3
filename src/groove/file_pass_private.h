// SPDX-License-Identifier: MIT

/// Moving the notes of all tracks of a file, whatever it is that moves them.
#ifndef KM_GROOVE_FILE_PASS_PRIVATE_H
#define KM_GROOVE_FILE_PASS_PRIVATE_H

#include "base/attributes.h"
#include "base/status.h"
#include "groove/groove_file.h"
#include "midi/file.h"
#include "midi/tempo_map.h"

#include <stddef.h>

struct km_groove_mover {
    /// Moves the notes among `count` events, which ascend in ticks and hold all tempos and time
    /// signatures, and sorts them by km_event_is_before; returns how many are left. The details of
    /// notes say which they are, and must stay.
    size_t (*move)(void *context, const struct km_tempo_map *map, struct km_event *events,
                   size_t count);
    void *context;
};

/// The most events that are moved at once.  [any]
size_t km_groove_file_room(const struct km_midi_file *file);

/// Moves the notes of every track; all other events stay as they are and in their order.  [any]
/// KM_ERROR_NO_MEMORY may leave tracks partly moved: release the file.
KM_NODISCARD enum km_status km_groove_file_pass(struct km_midi_file *file,
                                                const struct km_groove_mover *mover,
                                                struct km_groove_outcome *outcome);

#endif
