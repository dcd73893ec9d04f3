// SPDX-License-Identifier: MIT

/// The values of a voice's generators, modulators and NRPNs added, on the way to what moves it.
#ifndef KM_SYNTH_VALUES_PRIVATE_H
#define KM_SYNTH_VALUES_PRIVATE_H

#include "synth/synth_private.h"

struct km_values {
    const int16_t *generators;
    float added[KM_GENERATORS_COUNT]; ///< By modulators and NRPNs.
};

/// [audio]
KM_RT static inline float km_values_get(const struct km_values *values, uint32_t generator)
{
    return (float)values->generators[generator] + values->added[generator];
}

/// `value` between `low` and `high`; `low` for NaN.  [audio]
KM_RT static inline float km_held(float value, float low, float high)
{
    return value > low ? (value < high ? value : high) : low;
}

/// The key that a voice sounds, which its zone may fix.  [audio]
KM_RT static inline uint8_t km_origin_key(const struct km_voice_origin *origin)
{
    return origin->region->fixed_key >= 0 ? (uint8_t)origin->region->fixed_key : origin->key;
}

/// Sets times of envelopes, delays and speeds of oscillators.  [audio]
KM_RT void km_voice_set_times(const struct km_synth *synth, uint16_t index,
                              const struct km_values *values);

#endif
