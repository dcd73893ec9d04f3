// SPDX-License-Identifier: MIT

/// What production rules ask for, beside drive: mud, room noise, width. Each works on a quantum in
/// place, goes over to a new setting within it, and leaves samples alone where it is neutral.
#ifndef KM_SYNTH_PRODUCTION_PRIVATE_H
#define KM_SYNTH_PRODUCTION_PRIVATE_H

#include "base/attributes.h"
#include "base/random.h"
#include "synth/synth.h"

/// A filter that boosts 200 to 400 Hz: the peaking equaliser of R. Bristow-Johnson's "Cookbook
/// formulae for audio EQ biquads", an octave wide, as a state-variable filter, whose settings can
/// move.
struct km_mud {
    float coefficients[4]; ///< a1, a2, a3, and how much of the band is added.
    float aim[4];
    float state[2][2];
    double tangent; ///< Of half the middle's angle.
    double width;   ///< 1/Q
};

/// No boost.  [setup]
void km_mud_init(struct km_mud *mud, uint32_t rate_hz);

/// 0 to 9.  [audio]
KM_RT void km_mud_set(struct km_mud *mud, float boost_db);

/// A quantum.  [audio]
KM_RT void km_mud_process(struct km_mud *mud, float *left, float *right);

/// Forgets what it has heard, and is at once what was set.  [audio]
KM_RT void km_mud_reset(struct km_mud *mud);

/// The hush of a room: noise, falling from 250 Hz on, steeper from 2 kHz on; each side has its own.
struct km_room {
    struct km_random random;
    uint64_t seed;
    float gain;
    float aim;
    float unit;      ///< What makes the filtered noise one of RMS 1.
    float speeds[3]; ///< Of the two high cuts and the low cut.
    float state[2][3];
};

/// No noise.  [setup]
void km_room_init(struct km_room *room, uint32_t rate_hz, uint64_t seed);

/// RMS in percent of full scale, 0 to 1.  [audio]
KM_RT void km_room_set(struct km_room *room, float percent);

/// Adds a quantum of noise.  [audio]
KM_RT void km_room_process(struct km_room *room, float *left, float *right);

/// The noise begins anew, as loud as was set.  [audio]
KM_RT void km_room_reset(struct km_room *room);

/// A factor that goes from `now` to `aim` within the next quantum.
struct km_ramp {
    float now;
    float aim;
};

/// Mid and side: at 1 as mixed, at 0 both sides are their mean.  [audio]
KM_RT void km_width_process(struct km_ramp *width, float *left, float *right);

/// [audio]
KM_RT void km_volume_process(struct km_ramp *gain, float *left, float *right);

#endif
