// SPDX-License-Identifier: MIT

/// All state of a synth, and what its files share.
#ifndef KM_SYNTH_SYNTH_PRIVATE_H
#define KM_SYNTH_SYNTH_PRIVATE_H

#include "synth/channel_private.h"
#include "synth/kernel_private.h"
#include "synth/missing_private.h"
#include "synth/programs_private.h"
#include "synth/synth.h"
#include "synth/tables_private.h"
#include "synth/voice_private.h"

enum {
    KM_VOICE_RANKS = 1024,      ///< That voices are sorted into for stealing.
    KM_NOTE_LENGTH_MIN_MS = 10, ///< A note that is shorter is released then.
};

/// FluidSynth's default gain: our mix is as loud as its.
#define KM_OUTPUT_SCALE 0.2f

/// Voices to be stolen in this quantum, best first. Ranked once, when the first is needed.
struct km_victims {
    uint16_t *voices;
    uint16_t *ranks; ///< Scratch: of each active voice.
    uint32_t count;
    uint32_t next;
    bool is_ranked;
};

struct km_synth {
    struct km_synth_config config;
    struct km_kernel kernel;
    struct km_synth_counters counters;
    struct km_tables *tables;
    struct km_voice *voices;
    struct km_voice_origin *origins;
    uint16_t *active; ///< Voices that are not free, in the order in which they began.
    uint16_t *spare;  ///< Free voices: a stack.
    uint32_t slot_count;
    uint32_t active_count;
    uint32_t spare_count;
    uint32_t sounding; ///< Active ones that do not fade.
    uint64_t event_number;
    struct km_victims victims;
    enum km_bank_style bank_style;
    uint32_t mutes;
    float drift_cents; ///< Standard deviation; 0: none.
    float drift_share; ///< By which a voice's drift follows its noise in a quantum,
    float drift_gain;  ///< and the noise's that gives a deviation of 1.
    float master_gain;
    float master_fine_cents;
    float master_coarse_cents;
    uint32_t note_frames_min;
    uint8_t glide_from; ///< Key from which the note that begins now glides, or KM_KEY_NONE.
    struct km_programs programs;
    struct km_missing missing;
    struct km_channel channels[KM_CHANNELS_COUNT];
    uint16_t lane_voices[KM_LANES];
    uint32_t lane_count;
    struct km_lanes lanes;
    struct km_lane_sums sums;
};

// modulation.c

/// Computes all of a new voice's values from its region and its channel.  [audio]
KM_RT void km_voice_set_up(struct km_synth *synth, uint16_t index);

/// Computes anew what depends on its channel's dirty sources.  [audio]
KM_RT void km_voice_update(struct km_synth *synth, uint16_t index);

// allocation.c

/// A free voice that is made active, in place of another one if need be; or KM_VOICE_NONE.  [audio]
KM_RT uint16_t km_voices_take(struct km_synth *synth);

/// Lets a voice fade within the next quantum.  [audio]
KM_RT void km_voices_fade(struct km_synth *synth, uint16_t index);

/// Frees the active voices that have ended.  [audio]
KM_RT void km_voices_sweep(struct km_synth *synth);

/// Puts a voice among those that its key holds, or takes it out.  [audio]
KM_RT void km_voices_link(struct km_synth *synth, uint16_t index);
KM_RT void km_voices_unlink(struct km_synth *synth, uint16_t index);

// notes.c

/// Starts a voice for each region of the channel's instrument that answers.  [audio]
KM_RT void km_synth_note_on(struct km_synth *synth, const struct km_event *event, uint32_t offset);

/// Lets go of the key: pedals may keep its voices.  [audio]
KM_RT void km_synth_note_off(struct km_synth *synth, const struct km_event *event, uint32_t offset);

/// Obeys the channel's orders as far as they concern this voice.  [audio]
KM_RT void km_voice_obey(struct km_synth *synth, uint16_t index);

// control.c

/// Moves a voice's envelopes, oscillators, pitch and filter on by a quantum and puts it into the
/// next free lane, if it sounds in it; the wave is not yet fetched. Returns the frame from which
/// it sounds, KM_QUANTUM_FRAMES if it does not.  [audio]
KM_RT uint32_t km_voice_control(struct km_synth *synth, uint16_t index);

// events.c

/// Looks up what the channel's bank and program stand for.  [audio]
KM_RT void km_synth_select(struct km_synth *synth, struct km_channel *channel);

/// All channels as after power on.  [audio]
KM_RT void km_synth_reset(struct km_synth *synth, enum km_bank_style style);

#endif
