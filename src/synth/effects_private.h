// SPDX-License-Identifier: MIT

/// What the effects are made of: delay lines, moving taps, and loops over the frames of a quantum.
///
/// In each loop here a frame depends on no other frame of its quantum, so that compilers turn it
/// into vector code of any width, and every width gives the bits of the loop as it is written (only
/// + - * / and comparisons, contraction forbidden by the build). A function that is made of such
/// loops is compiled once for each vector path (KM_PATHS) and chosen at run time (KM_ON_PATH).
///
/// Delays are at least a quantum long: what is read in a quantum was written before it.
#ifndef KM_SYNTH_EFFECTS_PRIVATE_H
#define KM_SYNTH_EFFECTS_PRIVATE_H

#include "base/attributes.h"
#include "synth/synth.h"

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#define KM_INLINE static inline __attribute__((always_inline))

/// Compiles the KM_INLINE function `name` for each path. `parameters` and `arguments` stand in
/// parentheses. SSE2 and NEON are what every processor of their kind has: the plain build.
#if defined(__x86_64__)
#define KM_PATHS(name, parameters, arguments)                                                      \
    static void name##_plain parameters                                                            \
    {                                                                                              \
        name arguments;                                                                            \
    }                                                                                              \
    __attribute__((target("avx2"))) static void name##_avx2 parameters                             \
    {                                                                                              \
        name arguments;                                                                            \
    }                                                                                              \
    __attribute__((                                                                                \
        target("avx512f,avx512bw,avx512dq,avx512vl"))) static void name##_avx512 parameters        \
    {                                                                                              \
        name arguments;                                                                            \
    }
#define KM_ON_PATH(path, name, arguments)                                                          \
    ((path) == KM_VECTOR_AVX512 ? name##_avx512 arguments                                          \
     : (path) == KM_VECTOR_AVX2 ? name##_avx2 arguments                                            \
                                : name##_plain arguments)
#else
#define KM_PATHS(name, parameters, arguments)                                                      \
    static void name##_plain parameters                                                            \
    {                                                                                              \
        name arguments;                                                                            \
    }
#define KM_ON_PATH(path, name, arguments) ((void)(path), name##_plain arguments)
#endif

/// Clang carries a frame that is read again for the next one over to it, and then can make no
/// vectors of the loop. It does not, where it cannot know that two pointers lead to the same
/// frames.
#if defined(__clang__)
#define KM_APART(pointer) __asm__("" : "+r"(pointer))
#else
#define KM_APART(pointer) ((void)0)
#endif

enum {
    KM_TAP_REACH = 4, ///< Frames beyond its delay that a moving tap reads.
    KM_DELAY_MIRROR_FRAMES = 2 * KM_QUANTUM_FRAMES,
    KM_CACHE_LINE = 64,
};

/// Smaller samples are silence to effects with a memory (-180 dBFS): their tails end, and no
/// number ever comes near the denormal ones, whatever the processor does with these.
#define KM_SILENCE 1e-9f

/// Larger samples are an error of who made them, and count as silence; so do NaNs.
#define KM_SAMPLE_MAX 1e6f

/// |x|  [any]
KM_INLINE float km_absolute(float x)
{
    return __builtin_fabsf(x);
}

/// x, or 0 where it is below KM_SILENCE.  [any]
KM_INLINE float km_flushed(float x)
{
    return km_absolute(x) < KM_SILENCE ? 0.0f : x;
}

/// x, or 0 where it is no sample.  [any]
KM_INLINE float km_sane(float x)
{
    return km_absolute(x) <= KM_SAMPLE_MAX ? x : 0.0f;
}

/// The largest of a quantum's absolute values.  [any]
KM_INLINE float km_peak_of(const float *restrict x)
{
    float peaks[16] = {0};
    for (int n = 0; n < KM_QUANTUM_FRAMES; n += 16) {
        for (int i = 0; i < 16; ++i) {
            const float size = km_absolute(x[n + i]);
            peaks[i] = peaks[i] < size ? size : peaks[i];
        }
    }
    float peak = 0.0f;
    for (int i = 0; i < 16; ++i) {
        peak = peak < peaks[i] ? peaks[i] : peak;
    }
    return peak;
}

/// A ring of whole quanta. Its first two stand once more after the last, so that any quantum and a
/// little more can be read in one go.
struct km_delay {
    float *frames;
    uint32_t length; ///< Frames; a multiple of KM_QUANTUM_FRAMES.
    uint32_t at;     ///< Where the next quantum goes.
};

/// The ring's length for delays of up to `frames`.  [setup]
KM_INLINE uint32_t km_delay_length(uint32_t frames)
{
    return (frames + KM_TAP_REACH + KM_QUANTUM_FRAMES - 1) / KM_QUANTUM_FRAMES * KM_QUANTUM_FRAMES;
}

/// Bytes that km_delay_init wants for delays of up to `frames`; a multiple of 64.  [setup]
KM_INLINE size_t km_delay_size(uint32_t frames)
{
    return (km_delay_length(frames) + KM_DELAY_MIRROR_FRAMES) * sizeof(float);
}

/// Fills it with 0.  [audio]
KM_INLINE void km_delay_clear(struct km_delay *delay)
{
    memset(delay->frames, 0, (delay->length + KM_DELAY_MIRROR_FRAMES) * sizeof(float));
    delay->at = 0;
}

/// The quantum that is `frames` older than the one to be written next: at most the delay it was
/// made for. It is readable for KM_TAP_REACH frames more, if these have been written.  [audio]
KM_INLINE const float *km_delay_read(const struct km_delay *delay, uint32_t frames)
{
    const uint32_t from = delay->at < frames ? delay->at + delay->length : delay->at;
    return delay->frames + (from - frames);
}

/// Where the next quantum is to be written; then km_delay_advance.  [audio]
KM_INLINE float *km_delay_next(struct km_delay *delay)
{
    return delay->frames + delay->at;
}

/// What was written at km_delay_next is now a quantum old.  [audio]
KM_INLINE void km_delay_advance(struct km_delay *delay)
{
    enum { SIZE = KM_QUANTUM_FRAMES * sizeof(float) };
    if (delay->at < KM_DELAY_MIRROR_FRAMES) {
        const float *const written = delay->frames + delay->at;
        memcpy(delay->frames + delay->length + delay->at, written, SIZE);
    }
    delay->at += KM_QUANTUM_FRAMES;
    delay->at = delay->at == delay->length ? 0 : delay->at;
}

/// A delay that sways round its middle: in 2^-20 frames, along a curve of parabolas that is within
/// 6 % of a sine and as smooth to the ear. In a quantum it moves by less than a frame.
struct km_sway {
    int64_t middle;
    int64_t depth;
    uint32_t phase;
    uint32_t phase_step; ///< Each quantum.
};

#define KM_SWAY_FRAME ((int64_t)1 << 20)

/// The delay now, in 2^-20 frames.  [audio]
KM_INLINE int64_t km_sway_delay(const struct km_sway *sway)
{
    const int64_t half = (int64_t)1 << 31;
    const int64_t at = (int64_t)sway->phase - half;
    const int64_t curve = at * (half - (at < 0 ? -at : at)) / half; // +-2^29
    return sway->middle + sway->depth * curve / (half / 4);
}

/// What a delay line gives over a quantum, at a delay that goes in a straight line from `start` to
/// `end` (in KM_SWAY_FRAME). Third-order Hermite between frames.  [audio]
KM_INLINE void km_tap_read(const struct km_delay *delay, int64_t start, int64_t end,
                           float *restrict out)
{
    const int64_t least = (start < end ? start : end) / KM_SWAY_FRAME;
    const float unit = 1.0f / (float)KM_SWAY_FRAME;
    const float first = (float)(start - least * KM_SWAY_FRAME) * unit; // 0 to 2
    const float step = (float)(end - start) * (unit / (float)KM_QUANTUM_FRAMES);
    const float *x0 = km_delay_read(delay, (uint32_t)least + KM_TAP_REACH - 1);
    const float *x1 = x0 + 1, *x2 = x0 + 2, *x3 = x0 + 3, *x4 = x0 + 4;
    KM_APART(x0);
    KM_APART(x1);
    KM_APART(x2);
    KM_APART(x3);
    KM_APART(x4);
    for (int n = 0; n < KM_QUANTUM_FRAMES; ++n) {
        // Frames behind `least`. From the second on, all points move up by one; by arithmetic,
        // because compilers make a branch of a choice.
        const float behind = first + step * (float)n;
        const float over = (float)(int32_t)behind; // 0 or 1
        const float t = behind - over;
        const float next = x4[n] + over * (x3[n] - x4[n]);
        const float here = x3[n] + over * (x2[n] - x3[n]);
        const float last = x2[n] + over * (x1[n] - x2[n]);
        const float before = x1[n] + over * (x0[n] - x1[n]);
        const float slope = 0.5f * (last - next);
        const float curve = next - 2.5f * here + 2.0f * last - 0.5f * before;
        const float bend = 0.5f * (before - next) + 1.5f * (here - last);
        out[n] = ((bend * t + curve) * t + slope) * t + here;
    }
}

#endif
