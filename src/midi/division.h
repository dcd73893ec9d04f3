// SPDX-License-Identifier: MIT

/// The time base of a Standard MIDI File: ticks per quarter note, or SMPTE frames and ticks.
#ifndef KM_MIDI_DIVISION_H
#define KM_MIDI_DIVISION_H

#include <stdbool.h>
#include <stdint.h>

/// Whether ticks are parts of a second, not of a quarter note.  [any]
static inline bool km_midi_division_is_smpte(uint16_t division)
{
    return (division & 0x8000U) != 0;
}

/// SMPTE frames per second: 24, 25, 29 (30 drop frame, 29.97 a second) or 30.  [any]
static inline uint32_t km_midi_division_frames(uint16_t division)
{
    return 256U - (division >> 8);
}

/// Ticks per quarter note, or per SMPTE frame.  [any]
static inline uint32_t km_midi_division_ticks(uint16_t division)
{
    return km_midi_division_is_smpte(division) ? division & 0xFFU : division;
}

/// Whether ticks have a length: none is 0, and SMPTE has just four frame rates.  [any]
static inline bool km_midi_division_is_valid(uint16_t division)
{
    if (km_midi_division_ticks(division) == 0) {
        return false;
    }
    const uint32_t frames = km_midi_division_frames(division);
    return !km_midi_division_is_smpte(division) || frames == 24 || frames == 25 || frames == 29 ||
           frames == 30;
}

/// Seconds of a tick in SMPTE time: drop frames are 29.97 a second.  [any]
static inline double km_midi_division_smpte_seconds(uint16_t division)
{
    const double ticks = km_midi_division_ticks(division);
    const uint32_t frames = km_midi_division_frames(division);
    return frames == 29 ? 1001.0 / (30000.0 * ticks) : 1.0 / (frames * ticks);
}

#endif
