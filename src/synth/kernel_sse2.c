// SPDX-License-Identifier: MIT

// The voices' arithmetic in vectors of four floats (SSE2), which every x86-64 has.

#include "synth/kernel_path_private.h"
#include "synth/kernel_window_private.h"

#if KM_KERNEL_X86

#include <emmintrin.h>

#define KM_WIDTH 4
#define KM_TARGET __attribute__((target("sse2")))

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
    const uint32_t factors = (uint32_t)(uint16_t)even | (uint32_t)(uint16_t)odd << 16U;
    return (ints)_mm_madd_epi16((__m128i)pairs, _mm_set1_epi32((int32_t)factors));
}

#include "synth/kernel_interpolate.inc"

static inline KM_INLINE KM_TARGET __m128 load_two(const int16_t *source, uint64_t position,
                                                  uint64_t next)
{
    const __m128i low = _mm_loadl_epi64((const void *)(source + (position >> 32U)));
    const __m128i high = _mm_loadl_epi64((const void *)(source + (next >> 32U)));
    return _mm_castsi128_ps(_mm_unpacklo_epi64(low, high));
}

static inline KM_INLINE KM_TARGET struct taps load_taps(const int16_t *source, uint64_t position,
                                                        uint64_t increment)
{
    const __m128 two0 = load_two(source, position, position + increment);
    const __m128 two2 = load_two(source, position + 2 * increment, position + 3 * increment);
    return (struct taps){(ints)_mm_shuffle_ps(two0, two2, 0x88),
                         (ints)_mm_shuffle_ps(two0, two2, 0xDD)};
}

static inline KM_INLINE KM_TARGET quad load_four(const int16_t *from)
{
    const __m128i frames = _mm_loadl_epi64((const void *)from);
    return (quad)_mm_cvtepi32_ps(_mm_srai_epi32(_mm_unpacklo_epi16(frames, frames), 16));
}

#include "synth/kernel_fetch.inc"

struct km_kernel km_kernel_sse2(enum km_interpolation interpolation)
{
    return kernel_of(interpolation);
}

#endif
