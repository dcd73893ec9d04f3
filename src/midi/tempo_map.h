// SPDX-License-Identifier: MIT

/// From ticks to seconds, by all tempo changes of a file, on whatever track they stand.
#ifndef KM_MIDI_TEMPO_MAP_H
#define KM_MIDI_TEMPO_MAP_H

#include "base/attributes.h"
#include "base/status.h"
#include "midi/file.h"

#include <stddef.h>
#include <stdint.h>

KM_C_BEGIN

/// A tempo that holds from a tick on.
struct km_tempo_change {
    uint64_t tick;
    double seconds; ///< Of that tick, from the beginning.
    double seconds_per_tick;
};

struct km_tempo_map {
    struct km_heap *heap;
    struct km_tempo_change *changes; ///< By ascending ticks, the first at tick 0.
    size_t count;                    ///< At least 1.
    uint16_t division;               ///< The file's.
};

/// Makes the map of a file; 120 to the minute where the file says nothing. In SMPTE time tempos do
/// not count. Of two tempos at one tick the later counts. The file is not kept. On failure
/// (KM_ERROR_NO_MEMORY) there is nothing to release.  [any]
KM_NODISCARD enum km_status km_tempo_map_init(struct km_tempo_map *map,
                                              const struct km_midi_file *file);

/// Gives the memory back.  [any]
void km_tempo_map_release(struct km_tempo_map *map);

/// Index of the change that holds at a tick: of several at one tick the last.  [any]
size_t km_tempo_map_index(const struct km_tempo_map *map, uint64_t tick);

/// Seconds from the beginning to a tick; never falls as ticks rise.  [any]
double km_tempo_map_seconds(const struct km_tempo_map *map, uint64_t tick);

/// Quarter notes per minute at a tick; in SMPTE time, of quarter notes of half a second: 120. [any]
double km_tempo_map_bpm(const struct km_tempo_map *map, uint64_t tick);

/// The last tick of any track, 0 for a file without events.  [any]
uint64_t km_midi_file_end(const struct km_midi_file *file);

KM_C_END

#endif
