// SPDX-License-Identifier: MIT

#include "drivers/dither_private.h"

#include <stddef.h>

static const double half_scale = 32768.0;   // Of 16 bit.
static const double full_scale = 8388608.0; // Of 24 bit.
static const double unit = 1.0 / 4294967296.0;

enum { BYTE = 256 };

// Rounds to the nearest whole number in [-limit, limit - 1], without the C library.
static int32_t round_within(double value, double limit)
{
    if (!(value > -limit)) {
        return value <= -limit ? (int32_t)-limit : 0; // Else it is not a number.
    }
    if (value >= limit - 1.0) {
        return (int32_t)(limit - 1.0);
    }
    // Shifted to where all is positive, because a cast rounds towards zero.
    return (int32_t)((int64_t)(value + limit + .5) - (int64_t)limit);
}

void km_dither_int16(struct km_random *random, const float *const channels[2], uint32_t frames,
                     int16_t *interleaved)
{
    for (uint32_t i = 0; i < frames; ++i) {
        for (size_t channel = 0; channel < 2; ++channel) {
            const float sample = channels[channel][i];
            const uint64_t bits = km_random_bits(random);
            const double dither = (double)(uint32_t)bits * unit - (double)(bits >> 32) * unit;
            const double shaken = (double)sample * half_scale + dither;
            interleaved[2 * (size_t)i + channel] =
                (int16_t)(sample == 0.0f ? 0 : round_within(shaken, half_scale));
        }
    }
}

void km_dither_int24(const float *const channels[2], uint32_t frames, int32_t *interleaved)
{
    for (uint32_t i = 0; i < frames; ++i) {
        for (size_t channel = 0; channel < 2; ++channel) {
            const double sample = (double)channels[channel][i] * full_scale;
            interleaved[2 * (size_t)i + channel] = round_within(sample, full_scale) * BYTE;
        }
    }
}
