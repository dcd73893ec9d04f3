// SPDX-License-Identifier: MIT

/// The onsets of a MIDI file, in order of time, with their bars.
#ifndef KM_GROOVE_TAKE_PRIVATE_H
#define KM_GROOVE_TAKE_PRIVATE_H

#include "base/attributes.h"
#include "base/status.h"
#include "groove/measure.h"
#include "groove/time_private.h"
#include "midi/file.h"

#include <stddef.h>
#include <stdint.h>

/// Where an onset stands in the file.
struct km_groove_strike {
    uint64_t tick;
    uint64_t bar_tick; ///< Of the beginning of its bar.
    uint64_t bar;      ///< From 0.
    uint8_t numerator;
    uint8_t denominator_log2;
};

struct km_groove_take {
    struct km_heap *heap;
    struct km_tempo_map map;
    uint16_t ppq;
    struct km_groove_onset *onsets;
    struct km_groove_strike *strikes; ///< As many.
    size_t count;
};

/// Takes the notes of all tracks; of format 2, whose tracks are pieces of their own, those of the
/// first that has any. On failure (KM_ERROR_NO_MEMORY) there is nothing to release.  [any]
KM_NODISCARD enum km_status km_groove_take_init(struct km_groove_take *take,
                                                const struct km_midi_file *file);

/// Gives the memory back.  [any]
void km_groove_take_release(struct km_groove_take *take);

#endif
