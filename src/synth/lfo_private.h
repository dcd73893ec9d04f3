// SPDX-License-Identifier: MIT

/// A low-frequency oscillator of a voice: a triangle that begins at 0, upwards, after a delay.
///
/// It has no state that moves: its value follows from the voice's age, so an oscillator that nobody
/// listens to costs nothing.
#ifndef KM_SYNTH_LFO_PRIVATE_H
#define KM_SYNTH_LFO_PRIVATE_H

#include "base/attributes.h"

#include <stdint.h>

struct km_lfo {
    uint32_t phase; ///< At the delay's end; 2^32 is a turn.
    uint32_t step;  ///< A frame.
    uint32_t delay; ///< Frames.
};

/// -1 to 1, at this age of the voice in frames.  [audio]
KM_RT static inline float km_lfo_value(const struct km_lfo *lfo, uint32_t age)
{
    if (age <= lfo->delay) {
        return 0.0f;
    }
    const uint32_t quarter = 1U << 30;
    const uint32_t phase = lfo->phase + lfo->step * (age - lfo->delay) + quarter;
    // The distance from the middle of the turn, 0 to 2^31.
    const uint32_t distance = phase >= 1U << 31 ? phase - (1U << 31) : (1U << 31) - phase;
    return 1.0f - (float)distance * (1.0f / 1073741824.0f);
}

/// Changes the step without a jump.  [audio]
KM_RT static inline void km_lfo_set_step(struct km_lfo *lfo, uint32_t step, uint32_t age)
{
    if (age > lfo->delay) {
        lfo->phase += (lfo->step - step) * (age - lfo->delay);
    }
    lfo->step = step;
}

#endif
