// SPDX-License-Identifier: MIT

// The definition of the voices' arithmetic, in plain C: what the other paths compute, to the bit.

#include "synth/kernel_path_private.h"
#include "synth/kernel_window_private.h"

static uint64_t position_of(uint64_t fraction, uint64_t increment, uint32_t frame)
{
    return fraction + frame * increment;
}

// A position's fraction, in whole 2^-24.
static float fraction_of(uint64_t position)
{
    return (float)((uint32_t)position >> 8U);
}

static void interpolate_linear(const int16_t *taps, uint64_t fraction, uint64_t increment,
                               float *out)
{
    for (uint32_t i = 0; i < KM_QUANTUM_FRAMES; ++i) {
        const uint64_t position = position_of(fraction, increment, i);
        const int16_t *const tap = taps + (position >> 32U);
        out[i] = (float)tap[0] + fraction_of(position) * 0x1p-24F * (float)(tap[1] - tap[0]);
    }
}

// The cubic through two frames with the slopes that their neighbours give them (Catmull and Rom, "A
// class of local interpolating splines", 1974), as a polynomial in half the fraction: so its
// coefficients are whole numbers, and exact.
static void interpolate_4point(const int16_t *taps, uint64_t fraction, uint64_t increment,
                               float *out)
{
    for (uint32_t i = 0; i < KM_QUANTUM_FRAMES; ++i) {
        const uint64_t position = position_of(fraction, increment, i);
        const int16_t *const tap = taps + (position >> 32U);
        const float f = fraction_of(position) * 0x1p-25F;
        const float c3 = (float)(-4 * tap[0] + 12 * tap[1] - 12 * tap[2] + 4 * tap[3]);
        const float c2 = (float)(4 * tap[0] - 10 * tap[1] + 8 * tap[2] - 2 * tap[3]);
        const float c1 = (float)(tap[2] - tap[0]);
        out[i] = (float)tap[1] + f * (c1 + f * (c2 + f * c3));
    }
}

static void interpolate_7point(const int16_t *taps, uint64_t fraction, uint64_t increment,
                               float *out)
{
    for (uint32_t i = 0; i < KM_QUANTUM_FRAMES; ++i) {
        const uint64_t position = position_of(fraction, increment, i);
        const int16_t *const tap = taps + (position >> 32U);
        const float *const row = km_sinc_rows[(uint32_t)position >> 24U];
        float sums[4];
        for (uint32_t j = 0; j < 4; ++j) {
            sums[j] = (float)tap[j] * row[j] + (float)tap[j + 4] * row[j + 4];
        }
        out[i] = (sums[0] + sums[2]) + (sums[1] + sums[3]);
    }
}

static bool fetch_linear(struct km_wave *wave, uint32_t from, float out[KM_QUANTUM_FRAMES])
{
    return km_wave_fetch(wave, from, out, KM_TAPS_LINEAR, interpolate_linear);
}

static bool fetch_4point(struct km_wave *wave, uint32_t from, float out[KM_QUANTUM_FRAMES])
{
    return km_wave_fetch(wave, from, out, KM_TAPS_4POINT, interpolate_4point);
}

static bool fetch_7point(struct km_wave *wave, uint32_t from, float out[KM_QUANTUM_FRAMES])
{
    return km_wave_fetch(wave, from, out, KM_TAPS_7POINT, interpolate_7point);
}

// One lane. With d = x - s2 the filter's two states become
//     s1' = (2 a1 - 1) s1 + 2 a2 d        s2' = s2 + 2 a2 s1 + 2 a3 d        2 y = s2 + s2'
// which is the same filter as in kernel_private.h; but from one frame's states to the next it takes
// three operations one after the other, instead of five.
static void mix_lane(struct km_lanes *lanes, struct km_lane_sums *sums, uint32_t lane)
{
    float p = 2.0F * lanes->a1[lane] - 1.0F, p_step = 2.0F * lanes->a1_step[lane];
    float q = 2.0F * lanes->a2[lane], q_step = 2.0F * lanes->a2_step[lane];
    float r = 2.0F * lanes->a3[lane], r_step = 2.0F * lanes->a3_step[lane];
    float s1 = lanes->s1[lane], s2 = lanes->s2[lane];
    float gains[KM_BUSES], gain_steps[KM_BUSES];
    const uint32_t buses = lanes->has_sends ? KM_BUSES : KM_BUS_REVERB;
    for (uint32_t bus = 0; bus < buses; ++bus) {
        gains[bus] = 0.5F * lanes->gain[bus][lane];
        gain_steps[bus] = 0.5F * lanes->gain_step[bus][lane];
    }
    for (uint32_t i = 0; i < KM_QUANTUM_FRAMES; ++i) {
        const float d = lanes->wave[lane][i] - s2;
        const float y = s2;
        const float s1_before = s1;
        s1 = p * s1 + q * d;
        s2 = (s2 + q * s1_before) + r * d;
        if (lanes->filter_moves) {
            p += p_step;
            q += q_step;
            r += r_step;
        }
        for (uint32_t bus = 0; bus < buses; ++bus) {
            sums->sums[i][bus][lane] += (y + s2) * gains[bus];
            gains[bus] += gain_steps[bus];
        }
    }
    lanes->s1[lane] = s1;
    lanes->s2[lane] = s2;
}

static void mix(struct km_lanes *lanes, struct km_lane_sums *sums)
{
    for (uint32_t lane = 0; lane < KM_LANES; ++lane) {
        mix_lane(lanes, sums, lane);
    }
}

static float sum_of_lanes(const float lanes[KM_LANES])
{
    float quarter[4];
    for (uint32_t i = 0; i < 4; ++i) {
        quarter[i] = (lanes[i] + lanes[i + 8]) + (lanes[i + 4] + lanes[i + 12]);
    }
    return (quarter[0] + quarter[2]) + (quarter[1] + quarter[3]);
}

static void reduce(const struct km_lane_sums *sums, struct km_synth_buses *buses)
{
    for (uint32_t i = 0; i < KM_QUANTUM_FRAMES; ++i) {
        buses->left[i] = sum_of_lanes(sums->sums[i][KM_BUS_LEFT]);
        buses->right[i] = sum_of_lanes(sums->sums[i][KM_BUS_RIGHT]);
        buses->reverb[i] = sum_of_lanes(sums->sums[i][KM_BUS_REVERB]);
        buses->chorus[i] = sum_of_lanes(sums->sums[i][KM_BUS_CHORUS]);
    }
}

struct km_kernel km_kernel_scalar(enum km_interpolation interpolation)
{
    static bool (*const fetches[])(struct km_wave *, uint32_t, float *) = {
        [KM_INTERPOLATION_LINEAR] = fetch_linear,
        [KM_INTERPOLATION_4POINT] = fetch_4point,
        [KM_INTERPOLATION_7POINT] = fetch_7point,
    };
    return (struct km_kernel){.fetch = fetches[interpolation], .mix = mix, .reduce = reduce};
}
