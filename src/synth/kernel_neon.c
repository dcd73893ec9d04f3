// SPDX-License-Identifier: MIT

// The voices' arithmetic in vectors of four floats (NEON), which every 64-bit Arm has.

#include "synth/kernel_path_private.h"
#include "synth/kernel_window_private.h"

#if KM_KERNEL_NEON

#include <arm_neon.h>

#define KM_WIDTH 4
#define KM_TARGET

#include "synth/kernel_vector.inc"

static inline KM_INLINE KM_TARGET void transpose(const float *lanes, floats tile[KM_WIDTH])
{
    const size_t lane = KM_QUANTUM_FRAMES;
    const quad rows[4] = {load(lanes), load(lanes + lane), load(lanes + 2 * lane),
                          load(lanes + 3 * lane)};
    turn(rows, tile);
}

#include "synth/kernel_mix.inc"

static inline KM_INLINE KM_TARGET ints madd(ints pairs, int16_t even, int16_t odd)
{
    const int16x4_t first = vmovn_s32((int32x4_t)pairs);
    const int16x4_t second = vshrn_n_s32((int32x4_t)pairs, 16);
    return (ints)vmlal_n_s16(vmull_n_s16(first, even), second, odd);
}

#include "synth/kernel_interpolate.inc"

static inline KM_INLINE KM_TARGET int32x4_t load_two(const int16_t *source, uint64_t position,
                                                     uint64_t next)
{
    return vreinterpretq_s32_s16(
        vcombine_s16(vld1_s16(source + (position >> 32U)), vld1_s16(source + (next >> 32U))));
}

static inline KM_INLINE KM_TARGET struct taps load_taps(const int16_t *source, uint64_t position,
                                                        uint64_t increment)
{
    const int32x4_t two0 = load_two(source, position, position + increment);
    const int32x4_t two2 = load_two(source, position + 2 * increment, position + 3 * increment);
    return (struct taps){(ints)vuzp1q_s32(two0, two2), (ints)vuzp2q_s32(two0, two2)};
}

static inline KM_INLINE KM_TARGET quad load_four(const int16_t *from)
{
    return (quad)vcvtq_f32_s32(vmovl_s16(vld1_s16(from)));
}

#include "synth/kernel_fetch.inc"

struct km_kernel km_kernel_neon(enum km_interpolation interpolation)
{
    return kernel_of(interpolation);
}

#else

_Static_assert(!KM_KERNEL_NEON, "this file is empty elsewhere");

#endif
