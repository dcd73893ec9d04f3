// SPDX-License-Identifier: MIT

/// Events on another time base: each tick from its own place, so that nothing adds up, and no note
/// loses all its length.
#ifndef KM_MIDI_EDIT_SCALE_PRIVATE_H
#define KM_MIDI_EDIT_SCALE_PRIVATE_H

#include "midi/edit_private.h"

/// Note-offs at one tick that wait for the next; what is more comes at once.
enum { KM_MIDI_DELAYED_MAX = 1024 };

/// Set up `to_tick` and `context`; all else zero.
struct km_midi_scale {
    uint64_t (*to_tick)(const void *context, uint64_t tick); ///< Must not fall as ticks rise.
    const void *context;
    uint64_t source[KM_CHANNELS_COUNT][KM_KEYS_COUNT]; ///< Of each key's last note.
    uint64_t target[KM_CHANNELS_COUNT][KM_KEYS_COUNT];
    struct km_event delayed[KM_MIDI_DELAYED_MAX];
    struct km_midi_form forms[KM_MIDI_DELAYED_MAX];
    size_t delayed_count;
    uint64_t delayed_tick; ///< At which they are written.
};

/// Begins a track.  [any]
void km_midi_scale_begin(struct km_midi_scale *scale);

/// Writes an event at its new tick. A note-off that would fall on its own note comes a tick later.
/// [any]
KM_NODISCARD enum km_status km_midi_scale_event(struct km_midi_scale *scale,
                                                struct km_midi_run *run,
                                                const struct km_event *event,
                                                const struct km_midi_form *form);

/// Ends the track.  [any]
KM_NODISCARD enum km_status km_midi_scale_end(struct km_midi_scale *scale, struct km_midi_run *run,
                                              uint64_t tick);

/// `tick` times `to` by `from`, rounded to the nearest, half up.  [any]
uint64_t km_midi_scaled(uint64_t tick, uint32_t from, uint32_t to);

#endif
