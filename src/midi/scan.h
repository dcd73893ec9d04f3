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

/// Told now and then how far it is; `total` is 0 where nobody knows. False stops the work.
struct km_midi_progress {
    bool (*tell)(void *context, uint64_t done, uint64_t total); ///< May be null.
    void *context;
};

/// Scans all of `input`, which is read from its present place. Memory is constant, but for 16 bytes
/// for each tempo change while they are few and stand on several tracks; see scan.c.  [any]
/// On failure `scan` stays; `error` names the byte.
KM_NODISCARD enum km_status km_midi_scan_input(struct km_heap *heap, struct km_input *input,
                                               const struct km_midi_reader_config *config,
                                               const struct km_midi_progress *progress,
                                               struct km_midi_scan *scan, struct km_error *error);

KM_C_END

#endif
