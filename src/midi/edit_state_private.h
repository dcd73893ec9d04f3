// SPDX-License-Identifier: MIT

/// What is in force on the channels of a track: programs, controllers, pitch bend, notes that
/// sound.
#ifndef KM_MIDI_EDIT_STATE_PRIVATE_H
#define KM_MIDI_EDIT_STATE_PRIVATE_H

#include "midi/edit_private.h"

/// On one channel; KM_MIDI_STATE_NOT_SET where nothing was said.
struct km_midi_one_channel {
    int16_t program;
    int16_t pressure;
    int32_t bend;
    int16_t parameter[2]; ///< The registered parameter that is chosen: most, least significant.
    int16_t bend_range;   ///< In semitones: registered parameter 0.
    int16_t controls[128];
    uint32_t sounding[KM_KEYS_COUNT]; ///< Notes that sound on each key,
    uint8_t velocity[KM_KEYS_COUNT];  ///< and how loud the last of them began.
    uint32_t fresh[KM_KEYS_COUNT];    ///< Notes that begin just where the others are begun again.
};

enum { KM_MIDI_STATE_NOT_SET = -1 };

struct km_midi_channel_state {
    struct km_midi_one_channel channels[KM_CHANNELS_COUNT];
    bool has_played; ///< A note has begun.
};

/// Nothing is in force.  [any]
void km_midi_state_clear(struct km_midi_channel_state *state);

/// Takes an event with a channel into account.  [any]
void km_midi_state_note(struct km_midi_channel_state *state, const struct km_event *event);

/// Whether a note-off has a note to end; true for all other events.  [any]
bool km_midi_state_sounds(const struct km_midi_channel_state *state, const struct km_event *event);

/// Writes at tick 0 what brings an instrument to this state, but for the notes. Of the registered
/// parameters only the range of the pitch bend is kept, and no key pressure.  [any]
KM_NODISCARD enum km_status km_midi_state_write(const struct km_midi_channel_state *state,
                                                struct km_midi_run *run);

/// Whether a note-on or note-off between km_midi_state_write and km_midi_state_begin_notes stays: a
/// note that ends just there need not be begun again. All other events stay.  [any]
bool km_midi_state_takes(struct km_midi_channel_state *state, const struct km_event *event);

/// Begins at tick 0 the notes that sound.  [any]
KM_NODISCARD enum km_status km_midi_state_begin_notes(struct km_midi_channel_state *state,
                                                      struct km_midi_run *run);

/// Ends all notes that sound.  [any]
KM_NODISCARD enum km_status km_midi_state_end_notes(struct km_midi_channel_state *state,
                                                    struct km_midi_run *run, uint64_t tick);

#endif
