// SPDX-License-Identifier: MIT

/// The six-stage envelope of a voice (SoundFont 2.04, 9.1.7), counted in frames.
///
/// It is advanced by any number of frames, so notes may begin and end within a quantum. Its value
/// is a line within each stage: the volume envelope's is an amplitude in the attack and 0 to 1 for
/// -96 to 0 dB elsewhere.
#ifndef KM_SYNTH_ENVELOPE_PRIVATE_H
#define KM_SYNTH_ENVELOPE_PRIVATE_H

#include "base/attributes.h"

#include <stdbool.h>
#include <stdint.h>

enum km_stage {
    KM_STAGE_DELAY,
    KM_STAGE_ATTACK,
    KM_STAGE_HOLD,
    KM_STAGE_DECAY,
    KM_STAGE_SUSTAIN,
    KM_STAGE_RELEASE,
    KM_STAGE_FINISHED,
};

/// Frames; those of decay and release are for a way from 1 to 0. Attack, decay and release are at
/// least 1.
struct km_envelope_times {
    uint32_t delay;
    uint32_t attack;
    uint32_t hold;
    uint32_t decay;
    uint32_t release;
    float sustain; ///< 0 to 1
};

struct km_envelope {
    float value;    ///< Now.
    float target;   ///< At the stage's end.
    float slope;    ///< A frame; value = target - slope * left.
    uint32_t left;  ///< Frames of the stage; no meaning where it does not end by itself.
    uint32_t stage; ///< enum km_stage
};

/// Begins with the delay, or with the attack if there is none.  [audio]
KM_RT void km_envelope_start(struct km_envelope *envelope, const struct km_envelope_times *times);

/// Goes on by `frames`; for km_envelope_advance.  [audio]
KM_RT void km_envelope_run(struct km_envelope *envelope, const struct km_envelope_times *times,
                           uint32_t frames);

/// Enters the release with `value` as where it begins.  [audio]
KM_RT void km_envelope_release(struct km_envelope *envelope, const struct km_envelope_times *times,
                               float value);

/// Whether the value may differ a frame later.  [audio]
KM_RT static inline bool km_envelope_moves(const struct km_envelope *envelope)
{
    return envelope->stage != KM_STAGE_SUSTAIN && envelope->stage != KM_STAGE_FINISHED;
}

/// Goes on by `frames`.  [audio]
KM_RT static inline void km_envelope_advance(struct km_envelope *envelope,
                                             const struct km_envelope_times *times, uint32_t frames)
{
    if (!km_envelope_moves(envelope)) {
        return;
    }
    if (frames < envelope->left) {
        envelope->left -= frames;
        envelope->value = envelope->target - envelope->slope * (float)envelope->left;
        return;
    }
    km_envelope_run(envelope, times, frames);
}

#endif
