// SPDX-License-Identifier: MIT

// The voices' arithmetic in vectors of eight floats (AVX2).
//
// Measured on AMD Zen 4, in ns for the 64 frames of a voice, 4-point: the four taps of each frame
// loaded as 64 bits, as here, 29; gathered by vpgatherdd 66, and on some Intel processors, whose
// microcode mends gathers, more still; picked by vpshufb out of the frames about four positions,
// which serves ratios up to 2, 31.

#include "synth/kernel_path_private.h"
#include "synth/kernel_window_private.h"

#if KM_KERNEL_X86

#include <immintrin.h>

#define KM_WIDTH 8
#define KM_TARGET __attribute__((target("avx2,bmi2")))

#include "synth/kernel_vector.inc"

static inline KM_INLINE KM_TARGET __m256 load_halves(const float *low, const float *high)
{
    return _mm256_insertf128_ps(_mm256_castps128_ps256(_mm_loadu_ps(low)), _mm_loadu_ps(high), 1);
}

// Four frames of eight lanes.
static inline KM_INLINE KM_TARGET void transpose_half(const float *lanes, floats tile[4])
{
    const size_t lane = KM_QUANTUM_FRAMES;
    const __m256 row0 = load_halves(lanes, lanes + 4 * lane);
    const __m256 row1 = load_halves(lanes + lane, lanes + 5 * lane);
    const __m256 row2 = load_halves(lanes + 2 * lane, lanes + 6 * lane);
    const __m256 row3 = load_halves(lanes + 3 * lane, lanes + 7 * lane);
    const __m256 low0 = _mm256_unpacklo_ps(row0, row1);
    const __m256 low2 = _mm256_unpacklo_ps(row2, row3);
    const __m256 high0 = _mm256_unpackhi_ps(row0, row1);
    const __m256 high2 = _mm256_unpackhi_ps(row2, row3);
    tile[0] = (floats)_mm256_shuffle_ps(low0, low2, 0x44);
    tile[1] = (floats)_mm256_shuffle_ps(low0, low2, 0xEE);
    tile[2] = (floats)_mm256_shuffle_ps(high0, high2, 0x44);
    tile[3] = (floats)_mm256_shuffle_ps(high0, high2, 0xEE);
}

static inline KM_INLINE KM_TARGET void transpose(const float *lanes, floats tile[KM_WIDTH])
{
    transpose_half(lanes, tile);
    transpose_half(lanes + 4, tile + 4);
}

#include "synth/kernel_mix.inc"

static inline KM_INLINE KM_TARGET ints madd(ints pairs, int16_t even, int16_t odd)
{
    const uint32_t factors = (uint32_t)(uint16_t)even | (uint32_t)(uint16_t)odd << 16U;
    return (ints)_mm256_madd_epi16((__m256i)pairs, _mm256_set1_epi32((int32_t)factors));
}

#include "synth/kernel_interpolate.inc"

static inline KM_INLINE KM_TARGET __m128i load_two(const int16_t *source, uint64_t position,
                                                   uint64_t next)
{
    const __m128i low = _mm_loadl_epi64((const void *)(source + (position >> 32U)));
    const __m128i high = _mm_loadl_epi64((const void *)(source + (next >> 32U)));
    return _mm_unpacklo_epi64(low, high);
}

static inline KM_INLINE KM_TARGET struct taps load_taps(const int16_t *source, uint64_t position,
                                                        uint64_t increment)
{
    const uint64_t middle = position + 4 * increment;
    const __m128i two0 = load_two(source, position, position + increment);
    const __m128i two2 = load_two(source, position + 2 * increment, position + 3 * increment);
    const __m128i two4 = load_two(source, middle, middle + increment);
    const __m128i two6 = load_two(source, middle + 2 * increment, middle + 3 * increment);
    const __m256 a = _mm256_castsi256_ps(_mm256_set_m128i(two4, two0));
    const __m256 b = _mm256_castsi256_ps(_mm256_set_m128i(two6, two2));
    return (struct taps){(ints)_mm256_shuffle_ps(a, b, 0x88), (ints)_mm256_shuffle_ps(a, b, 0xDD)};
}

static inline KM_INLINE KM_TARGET quad load_four(const int16_t *from)
{
    return (quad)_mm_cvtepi32_ps(_mm_cvtepi16_epi32(_mm_loadl_epi64((const void *)from)));
}

#include "synth/kernel_fetch.inc"

KM_TARGET void km_avx2_linear(const int16_t *source, uint64_t position, uint64_t increment,
                              float *out)
{
    interpolate_linear(source, position, increment, out);
}

KM_TARGET void km_avx2_4point(const int16_t *source, uint64_t position, uint64_t increment,
                              float *out)
{
    interpolate_4point(source, position, increment, out);
}

struct km_kernel km_kernel_avx2(enum km_interpolation interpolation)
{
    return kernel_of(interpolation);
}

#endif
