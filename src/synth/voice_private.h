// SPDX-License-Identifier: MIT

/// One region of one note, sounding.
///
/// What is needed in each quantum stands together in struct km_voice, four cache lines; what only a
/// note's beginning and end or a moved controller needs, apart in struct km_voice_origin.
#ifndef KM_SYNTH_VOICE_PRIVATE_H
#define KM_SYNTH_VOICE_PRIVATE_H

#include "synth/envelope_private.h"
#include "synth/kernel_private.h"
#include "synth/lfo_private.h"
#include "synth/tables_private.h"

#include <assert.h>
#include <stdalign.h>
#include <stdbool.h>
#include <stdint.h>

enum km_voice_state {
    KM_VOICE_FREE,
    KM_VOICE_HELD,      ///< Its key is down.
    KM_VOICE_SUSTAINED, ///< Key up, sustain pedal down.
    KM_VOICE_SOSTENUTO, ///< Key up, kept by the sostenuto pedal.
    KM_VOICE_RELEASED,
    KM_VOICE_FADING, ///< Goes to 0 within the next quantum, and is free then.
};

enum km_voice_flag {
    KM_VOICE_STARTS = 1 << 0,        ///< Has not sounded yet.
    KM_VOICE_RELEASES = 1 << 1,      ///< Enters its release in the next quantum.
    KM_VOICE_RELEASE_WAITS = 1 << 2, ///< Will enter it when it has lasted long enough.
    KM_VOICE_CHANGED = 1 << 3,       ///< Pitch and cutoff must be computed anew.
    KM_VOICE_PITCH_MOVES = 1 << 4,   ///< By LFOs, envelope or drift.
    KM_VOICE_CUTOFF_MOVES = 1 << 5,  ///< By LFO or envelope.
    KM_VOICE_USES_ENVELOPE = 1 << 6, ///< The modulation envelope.
    KM_VOICE_USES_TREMOLO = 1 << 7,  ///< The modulation LFO.
    KM_VOICE_USES_VIBRATO = 1 << 8,  ///< The vibrato LFO.
    KM_VOICE_IS_DRUM = 1 << 10,
    KM_VOICE_LOOPS_UNTIL_RELEASE = 1 << 11,
    KM_VOICE_HAS_ENDED = 1 << 12,
    KM_VOICE_GLIDES = 1 << 13, ///< From one key to another.
};

enum { KM_VOICE_NONE = UINT16_MAX };

struct km_voice {
    struct km_wave wave;
    float s1, s2;          ///< The filter's state.
    float a1, a2, a3;      ///< Its coefficients now.
    float gain[KM_BUSES];  ///< That the last quantum ended with.
    float share[KM_BUSES]; ///< Gain of each bus where the envelope is 1.
    float level;           ///< Of envelope and tremolo now, 0 to 1.
    struct km_envelope volume;
    struct km_envelope modulation;
    uint32_t age; ///< Frames since it began; wraps after hours.
    struct km_lfo tremolo;
    struct km_lfo vibrato;
    uint16_t flags; ///< enum km_voice_flag
    uint8_t state;  ///< enum km_voice_state
    uint8_t channel;
    uint8_t starts_at;   ///< Frame of the next quantum.
    uint8_t releases_at; ///< Frame of the next quantum.
    uint16_t padding;
    double increment_unit; ///< Increment at 0 cents.
    float cents;           ///< Static part of the pitch, from the sample's own.
    float tremolo_to_pitch, vibrato_to_pitch, envelope_to_pitch; ///< Cents.
    float cutoff;                                                ///< Absolute cents.
    float tremolo_to_cutoff, envelope_to_cutoff;                 ///< Cents.
    float tremolo_to_volume;                                     ///< Centibels, upwards.
    float damping;                                               ///< 1/Q
    float drift;                                                 ///< Cents.
    float glide; ///< Cents that are left of a portamento.
    uint32_t drift_state;
};

static_assert(sizeof(struct km_voice) <= 320, "five cache lines at most, in order");

struct km_region;
struct km_instrument;

struct km_voice_origin {
    const struct km_instrument *instrument;
    const struct km_region *region;
    uint64_t started; ///< Number of the event that began it.
    uint64_t changed; ///< Number of the event that brought it into its state.
    struct km_envelope_times volume;
    struct km_envelope_times modulation;
    uint32_t
        sources; ///< Channel's sources that its values depend on (km_source_bit), but for pitch.
    float key_cents;  ///< Pitch by key and generators alone.
    float glide_step; ///< Cents a quantum.
    uint8_t key;      ///< That was played.
    uint8_t velocity; ///< That was played.
    uint8_t exclusive_class;
    bool is_soft;          ///< Began under the soft pedal.
    bool has_moving_times; ///< Modulators change times of envelopes or oscillators.
    bool is_linked;
    uint16_t next, previous; ///< On the same channel and key, down or held by a pedal.
};

/// Its bit in a channel's or a voice's set of sources.  [audio]
KM_RT static inline uint32_t km_source_bit(uint16_t source)
{
    return 1U << (source % 31);
}

#define KM_SOURCE_TUNING (1U << 31) ///< Tuning and bend range, which are no SFModulator's source.
#define KM_SOURCE_ALL UINT32_MAX

#endif
