// SPDX-License-Identifier: MIT

/// What is in a MIDI file of any size: counts, length, settings. One pass, constant memory.
#ifndef KM_MIDI_SCAN_H
#define KM_MIDI_SCAN_H

#include "base/attributes.h"
#include "base/status.h"
#include "midi/event.h"
#include "midi/reader.h"

#include <stdint.h>

KM_C_BEGIN

struct km_heap;
struct km_input;

enum {
    KM_MIDI_SCAN_TEMPOS_MAX = 1 << 16, ///< Tempo changes that are kept, in 16 bytes each.
};

struct km_midi_scan {
    struct km_midi_header header;
    uint64_t size; ///< Bytes read.
    uint64_t tracks;
    uint64_t events; ///< Of all types, End of Track among them.
    uint64_t counts[KM_EVENT_TYPES_COUNT];
    uint64_t tick_end; ///< The last tick of any track.
    double duration_s; ///< Until then, by the tempo map; of format 2 that of all tracks in turn.
    double bpm_first;  ///< At tick 0.
    double bpm_min, bpm_max;             ///< Of the tempos that hold for some time.
    uint8_t numerator, denominator_log2; ///< Of the first time signature; 4 and 2 if there is none.
    uint16_t channels;                   ///< Bit n: channel n sounds.
    uint8_t key_low, key_high;           ///< Of note-ons; 127 and 0 if there are none.
    uint32_t sounding_max;               ///< Most notes at once in one track.
    uint64_t problems;
};

/// Told after each megabyte how far it is; `total` is 0 where nobody knows. False stops the work
/// with KM_ERROR_CLOSED.
struct km_midi_progress {
    bool (*tell)(void *context, uint64_t done, uint64_t total); ///< May be null.
    void *context;
};

/// Scans all of `input`, which is read from its present place. Memory is constant: the reader's
/// buffer, 40 KB of tables, and at most KM_MIDI_SCAN_TEMPOS_MAX tempo changes. If there are more,
/// and on more than one track, a file is read once more (with the memory of a km_midi_merged), and
/// a stream is KM_ERROR_TOO_LARGE.  [any]
/// Notes that are never let go, and note-offs of keys that are not down, count as problems, and are
/// told; a strict scan does not end at them. On failure `scan` stays; `error` names the byte.
KM_NODISCARD enum km_status km_midi_scan_input(struct km_heap *heap, struct km_input *input,
                                               const struct km_midi_reader_config *config,
                                               const struct km_midi_progress *progress,
                                               struct km_midi_scan *scan, struct km_error *error);

KM_C_END

#endif
