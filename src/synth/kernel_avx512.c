// SPDX-License-Identifier: MIT

// The voices' arithmetic in vectors of sixteen floats (AVX-512 with bytes and words).
//
// Measured on AMD Zen 4, which computes half a vector at a time, in ns for the 64 frames of a
// voice: 4-point 24, 29 in AVX2; linear 15, 22 in AVX2.

#include "synth/kernel_path_private.h"
#include "synth/kernel_window_private.h"

#if KM_KERNEL_X86

#include <immintrin.h>

#define KM_WIDTH 16
#define KM_TARGET __attribute__((target("avx512f,avx512bw,avx512dq,avx512vl,avx2,bmi2")))

#include "synth/kernel_vector.inc"

// Up to this ratio the taps of sixteen frames stand within WINDOW frames of sample: they are picked
// out of these in registers. Above, AVX2 does it.
enum { NEAR_RATIO_MAX = 4, WINDOW = 64 };

_Static_assert((KM_WIDTH - 1) * NEAR_RATIO_MAX + 4 <= WINDOW,
               "the last of the taps is in the window");

// Where the frames of sixteen positions are, from the first's: `first` are the positions of frames
// 0, 1, 4, 5, ..., `second` those of frames 2, 3, 6, 7, ..., so that halves come together in order.
static inline KM_INLINE KM_TARGET __m512i halves(__m512i first, __m512i second, bool upper)
{
    const __m512 a = _mm512_castsi512_ps(first);
    const __m512 b = _mm512_castsi512_ps(second);
    return _mm512_castps_si512(upper ? _mm512_shuffle_ps(a, b, 0xDD)
                                     : _mm512_shuffle_ps(a, b, 0x88));
}

static inline KM_INLINE KM_TARGET ints madd(ints pairs, int16_t even, int16_t odd)
{
    const uint32_t factors = (uint32_t)(uint16_t)even | (uint32_t)(uint16_t)odd << 16U;
    return (ints)_mm512_madd_epi16((__m512i)pairs, _mm512_set1_epi32((int32_t)factors));
}

#include "synth/kernel_interpolate.inc"

static inline KM_INLINE KM_TARGET void interpolate_near(const int16_t *source, uint64_t position,
                                                        uint64_t increment, float *out,
                                                        bool is_cubic)
{
    const __m512i twice =
        _mm512_broadcast_i32x4(_mm_setr_epi8(0, 1, 0, 1, 4, 5, 4, 5, 8, 9, 8, 9, 12, 13, 12, 13));
    const __m512i by = _mm512_set1_epi64((int64_t)increment);
    const __m512i first = _mm512_mullo_epi64(by, _mm512_setr_epi64(0, 1, 4, 5, 8, 9, 12, 13));
    const __m512i second = _mm512_mullo_epi64(by, _mm512_setr_epi64(2, 3, 6, 7, 10, 11, 14, 15));
    const uint32_t count =
        (uint32_t)((position + (KM_QUANTUM_FRAMES - 1) * increment) >> 32U) + (is_cubic ? 4 : 2);
    for (uint32_t i = 0; i < KM_QUANTUM_FRAMES; i += KM_WIDTH) {
        const uint32_t whole = (uint32_t)(position >> 32U);
        const uint32_t left = count - whole; // Frames that may be read.
        const uint64_t mask = _bzhi_u64(UINT64_MAX, left < WINDOW ? left : WINDOW);
        const __m512i from = _mm512_set1_epi64((int64_t)(position & UINT32_MAX));
        const __m512i a = _mm512_add_epi64(from, first);
        const __m512i b = _mm512_add_epi64(from, second);
        const __m512i index = _mm512_shuffle_epi8(halves(a, b, true), twice);
        const __m512i low = _mm512_maskz_loadu_epi16((__mmask32)mask, source + whole);
        const __m512i high =
            _mm512_maskz_loadu_epi16((__mmask32)(mask >> 32U), source + whole + 32);
        struct taps taps = {.early = (ints)_mm512_permutex2var_epi16(
                                low, _mm512_add_epi16(index, _mm512_set1_epi32(0x00010000)), high)};
        const words positions = (words)halves(a, b, false);
        if (is_cubic) {
            taps.late = (ints)_mm512_permutex2var_epi16(
                low, _mm512_add_epi16(index, _mm512_set1_epi32(0x00030002)), high);
            store(out + i, cubic(taps, positions));
        } else {
            store(out + i, line(taps, positions));
        }
        position += KM_WIDTH * increment;
    }
}

static KM_TARGET void interpolate_linear(const int16_t *source, uint64_t position,
                                         uint64_t increment, float *out)
{
    if (increment <= (uint64_t)NEAR_RATIO_MAX << 32U) {
        interpolate_near(source, position, increment, out, false);
    } else {
        km_avx2_linear(source, position, increment, out);
    }
}

static KM_TARGET void interpolate_4point(const int16_t *source, uint64_t position,
                                         uint64_t increment, float *out)
{
    if (increment <= (uint64_t)NEAR_RATIO_MAX << 32U) {
        interpolate_near(source, position, increment, out, true);
    } else {
        km_avx2_4point(source, position, increment, out);
    }
}

static KM_TARGET bool fetch_linear(struct km_wave *wave, uint32_t from,
                                   float out[KM_QUANTUM_FRAMES])
{
    return km_wave_fetch(wave, from, out, KM_TAPS_LINEAR, interpolate_linear);
}

static KM_TARGET bool fetch_4point(struct km_wave *wave, uint32_t from,
                                   float out[KM_QUANTUM_FRAMES])
{
    return km_wave_fetch(wave, from, out, KM_TAPS_4POINT, interpolate_4point);
}

struct km_kernel km_kernel_avx512(enum km_interpolation interpolation)
{
    struct km_kernel kernel = km_kernel_avx2(interpolation);
    if (interpolation == KM_INTERPOLATION_LINEAR) {
        kernel.fetch = fetch_linear;
    } else if (interpolation == KM_INTERPOLATION_4POINT) {
        kernel.fetch = fetch_4point;
    }
    return kernel;
}

#endif
