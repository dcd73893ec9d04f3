// SPDX-License-Identifier: MIT

/// How long a piece is and how fast, from tempo changes that come track by track.
///
/// Tempos nearly always stand on one track: then each counts as it comes. Of several tracks they
/// are kept until all are there; those of one track are kept as well, because another may follow.
#ifndef KM_MIDI_SCAN_PRIVATE_H
#define KM_MIDI_SCAN_PRIVATE_H

#include "base/status.h"
#include "midi/event.h"
#include "midi/scan.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct km_heap;

/// Seconds and tempos, as far as tempo changes are known in the order of time.
struct km_midi_pace {
    uint64_t tick; ///< Of the last change.
    double seconds;
    uint32_t tempo;
    double bpm_first, bpm_min, bpm_max;
    bool has_first; ///< The first tempo no longer changes: tick 0 is over.
};

struct km_midi_scan_tempo {
    struct km_heap *heap;
    struct km_midi_header header;
    struct km_midi_pace pace;
    uint32_t track; ///< The one with tempos.
    bool has_track;
    bool is_several;  ///< There are others.
    bool is_too_many; ///< Not all changes are kept.
    struct km_event *changes;
    size_t count;
    size_t capacity;
};

/// Begins: 120 to the minute. The header is the file's.  [any]
void km_midi_scan_tempo_init(struct km_midi_scan_tempo *tempo, struct km_heap *heap,
                             const struct km_midi_header *header);

/// Gives the memory back.  [any]
void km_midi_scan_tempo_release(struct km_midi_scan_tempo *tempo);

/// Takes a tempo change of a track. KM_ERROR_NO_MEMORY if the heap refuses.  [any]
KM_NODISCARD enum km_status km_midi_scan_tempo_add(struct km_midi_scan_tempo *tempo, uint32_t track,
                                                   const struct km_event *event);

/// Takes the end of a track.  [any]
void km_midi_scan_tempo_end_track(struct km_midi_scan_tempo *tempo, uint64_t tick);

/// After the last track, the last event being at `tick`: the piece's pace is known then.
/// KM_ERROR_NO_MEMORY if the heap refuses. Not if changes were lost.  [any]
KM_NODISCARD enum km_status km_midi_scan_tempo_finish(struct km_midi_scan_tempo *tempo,
                                                      uint64_t tick);

/// Whether changes have to be read once more, in the order of time.  [any]
bool km_midi_scan_tempo_is_lost(const struct km_midi_scan_tempo *tempo);

/// Forgets all changes: those that come now come in the order of time, as of one track.  [any]
void km_midi_scan_tempo_again(struct km_midi_scan_tempo *tempo);

#endif
