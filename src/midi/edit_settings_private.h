// SPDX-License-Identifier: MIT

/// The tempos and signatures of a file of any size, and the bars they make.
#ifndef KM_MIDI_EDIT_SETTINGS_PRIVATE_H
#define KM_MIDI_EDIT_SETTINGS_PRIVATE_H

#include "midi/edit_private.h"

/// More in one file than this are refused: 16 MiB.
enum { KM_MIDI_SETTINGS_MAX = 1 << 20 };

struct km_midi_settings {
    struct km_heap *heap;
    struct km_event *events; ///< Tempos, time and key signatures of all tracks, in order.
    size_t count;
    size_t capacity;
    uint64_t end;      ///< The last tick of any track.
    uint16_t channels; ///< Bit n: there are events on channel n.
    uint16_t division;
};

/// A bar line to count from: that of a time signature.
struct km_midi_meter {
    uint64_t tick;
    uint64_t bar;         ///< Number of the bar that begins there, from 0.
    uint64_t end;         ///< Where the next metre begins; UINT64_MAX: nowhere.
    size_t next;          ///< Index of the setting to look at next.
    uint64_t whole_ticks; ///< Of a whole note.
    uint32_t numerator;
    uint32_t denominator_log2;
};

/// Reads the run's source for them, and sets the run's header. On failure there is nothing to
/// release.  [any]
KM_NODISCARD enum km_status km_midi_settings_read(struct km_midi_run *run,
                                                  struct km_midi_settings *settings);

/// The same, for an edit that needs bars: format 2 and SMPTE time have none for the whole file.
/// `done` ends "split them before they are ...".  [any]
KM_NODISCARD enum km_status km_midi_settings_read_bars(struct km_midi_run *run,
                                                       struct km_midi_settings *settings,
                                                       const char *done);

/// Gives the memory back.  [any]
void km_midi_settings_release(struct km_midi_settings *settings);

/// Stands at the metre of the beginning: 4/4 before the first time signature. A time signature
/// within a bar begins a new one. Not for SMPTE time.  [any]
void km_midi_meter_start(const struct km_midi_settings *settings, struct km_midi_meter *meter);

/// Goes on until the metre that holds at `tick`, which is not before that of the call before. [any]
void km_midi_meter_advance(const struct km_midi_settings *settings, struct km_midi_meter *meter,
                           uint64_t tick);

/// The tick at which bar `bar` (from 0) begins.  [any]
uint64_t km_midi_settings_bar_tick(const struct km_midi_settings *settings, uint64_t bar);

/// The last event of a type at or before a tick; null if there is none.  [any]
const struct km_event *km_midi_settings_at(const struct km_midi_settings *settings,
                                           enum km_event_type type, uint64_t tick);

#endif
