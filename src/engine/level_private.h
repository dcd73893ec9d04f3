// SPDX-License-Identifier: MIT

/// The power of a region's sample over time, as the loudness estimate sees it.
#ifndef KM_ENGINE_LEVEL_PRIVATE_H
#define KM_ENGINE_LEVEL_PRIVATE_H

#include "font/instrument.h"

#include <stdint.h>

enum {
    KM_PROFILE_WINDOW = 512,      ///< Frames of sample that one figure stands for.
    KM_PROFILE_WINDOWS_MAX = 384, ///< What comes later is as loud as the last window.
};

/// Mean square (full scale is 1) of a sample, K-weighted at the pitch it was recorded at and
/// filtered at the cutoff that the region has soon after its start.
struct km_profile {
    const int16_t *frames; ///< With start and cutoff: what it is a profile of.
    uint32_t start;
    int16_t cutoff;
    uint16_t count;       ///< Windows until the end of sample or loop.
    uint32_t frame_count; ///< Until there; those beyond the last window are as loud as it.
    float loop_power;     ///< Of the loop; 0 where there is none.
    float windows[KM_PROFILE_WINDOWS_MAX];
};

/// By how many cents a region transposes its sample at a key.  [control]
double km_profile_cents(const struct km_region *region, uint8_t key);

/// The cutoff that a sample has at a key, as if it were played at the pitch it was recorded at, in
/// absolute cents; the modulation envelope is counted in. Rounded, so that keys share profiles.
/// [control]
int16_t km_profile_cutoff(const struct km_region *region, uint8_t key);

/// Measures a region's sample with such a cutoff.  [control]
void km_profile_measure(const struct km_region *region, int16_t cutoff, struct km_profile *profile);

/// Mean power of the frames from `position` (counted from the region's start) on.  [control]
float km_profile_at(const struct km_profile *profile, double position);

#endif
