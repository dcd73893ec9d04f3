// SPDX-License-Identifier: MIT

/// What tests of effects share: memory, signals, and measures of their own, in double.
#ifndef KM_TESTS_SYNTH_EFFECTS_RIG_H
#define KM_TESTS_SYNTH_EFFECTS_RIG_H

#include "base/random.h"
#include "rt/arena.h"
#include "support/cmocka.h"
#include "support/sanitized.h"
#include "synth/synth.h"

#include <complex.h>
#include <math.h>
#include <stdalign.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

enum { Q = KM_QUANTUM_FRAMES };

static const uint32_t effect_rates[] = {44100, 48000, 88200, 96000, 176400, 192000};
enum {
    EFFECT_RATES = sizeof(effect_rates) / sizeof(effect_rates[0]),
    RATE_STEP = KM_IS_SANITIZED ? 3 : 1, ///< For what takes long: not at each rate.
};

/// A block of memory, aligned to 64, as long as a test wants it. Freed by effect_memory_free.
struct effect_memory {
    unsigned char *block;
    struct km_arena arena;
};

static inline struct effect_memory effect_memory_of(size_t size)
{
    struct effect_memory memory = {.block = aligned_alloc(64, (size + 63) / 64 * 64 + 64)};
    assert_non_null(memory.block);
    memset(memory.block, 0xA5, size);
    km_arena_init(&memory.arena, memory.block, size);
    return memory;
}

static inline void effect_memory_free(struct effect_memory *memory)
{
    free(memory->block);
}

/// Two sides of `quanta` quanta.
struct stereo {
    float *left;
    float *right;
    size_t frames;
};

static inline float *frames_new(size_t frames)
{
    const size_t size = (frames * sizeof(float) + 63) / 64 * 64;
    float *const x = aligned_alloc(64, size);
    assert_non_null(x);
    memset(x, 0, size);
    return x;
}

static inline struct stereo stereo_new(size_t quanta)
{
    return (struct stereo){frames_new(quanta * Q), frames_new(quanta * Q), quanta * Q};
}

static inline void stereo_free(struct stereo *stereo)
{
    free(stereo->left);
    free(stereo->right);
}

static inline double energy_of(const float *x, size_t count)
{
    double sum = 0.0;
    for (size_t i = 0; i < count; ++i) {
        sum += (double)x[i] * (double)x[i];
    }
    return sum;
}

static inline double decibels(double energy)
{
    return 10.0 * log10(energy + 1e-300);
}

static inline double correlation_of(const float *a, const float *b, size_t count)
{
    double sum = 0.0;
    for (size_t i = 0; i < count; ++i) {
        sum += (double)a[i] * (double)b[i];
    }
    return sum / sqrt(energy_of(a, count) * energy_of(b, count) + 1e-300);
}

static inline float peak_of(const float *x, size_t count)
{
    float peak = 0.0f;
    for (size_t i = 0; i < count; ++i) {
        peak = fmaxf(peak, fabsf(x[i]));
    }
    return peak;
}

static inline void fill_noise(float *x, size_t count, float amplitude, uint64_t seed)
{
    struct km_random random;
    km_random_init(&random, seed, "test");
    for (size_t i = 0; i < count; ++i) {
        x[i] = amplitude * (float)(2.0 * km_random_unit(&random) - 1.0);
    }
}

/// Sine of `hz` at `rate_hz`.
static inline void fill_sine(float *x, size_t count, double amplitude, double turns_per_frame)
{
    for (size_t i = 0; i < count; ++i) {
        const double turns = turns_per_frame * (double)i;
        x[i] = (float)(amplitude * sin(2.0 * M_PI * (turns - floor(turns))));
    }
}

/// On the unit circle.
static inline double complex turned(double turns)
{
    return cexp(2.0 * M_PI * turns * csqrt(-1.0)); // I is a float.
}

/// The complex amplitude of a frequency, under Hann's window; a sine of amplitude 1 has size 1.
static inline double complex tone_of(const float *x, size_t count, double turns_per_frame)
{
    double complex sum = 0.0;
    for (size_t i = 0; i < count; ++i) {
        const double window = 0.5 - 0.5 * cos(2.0 * M_PI * ((double)i + 0.5) / (double)count);
        sum += (double)x[i] * window * turned(-turns_per_frame * (double)i);
    }
    return sum * 4.0 / (double)count;
}

/// In place; `count` is a power of two.
static inline void fourier(double complex *x, size_t count)
{
    for (size_t i = 1, j = 0; i < count; ++i) {
        size_t bit = count >> 1;
        for (; j & bit; bit >>= 1) {
            j ^= bit;
        }
        j ^= bit;
        if (i < j) {
            const double complex swapped = x[i];
            x[i] = x[j];
            x[j] = swapped;
        }
    }
    for (size_t size = 2; size <= count; size *= 2) {
        const double complex turn = turned(-1.0 / (double)size);
        for (size_t from = 0; from < count; from += size) {
            double complex w = 1.0;
            for (size_t i = from; i < from + size / 2; ++i) {
                const double complex odd = w * x[i + size / 2];
                x[i + size / 2] = x[i] - odd;
                x[i] += odd;
                w *= turn;
            }
        }
    }
}

/// Second-order band-pass of R. Bristow-Johnson's cookbook, twice, in double.
static inline void band_pass(const float *x, float *out, size_t count, double turns_per_frame,
                             double quality)
{
    const double w = 2.0 * M_PI * turns_per_frame;
    const double alpha = sin(w) / (2.0 * quality);
    const double b = alpha / (1.0 + alpha);
    const double a1 = -2.0 * cos(w) / (1.0 + alpha);
    const double a2 = (1.0 - alpha) / (1.0 + alpha);
    double s[4] = {0};
    for (size_t i = 0; i < count; ++i) {
        double y = (double)x[i];
        for (int stage = 0; stage < 2; ++stage) {
            double *const state = s + 2 * (size_t)stage;
            const double in = y;
            y = b * in + state[0];
            state[0] = state[1] - a1 * y;
            state[1] = -b * in - a2 * y;
        }
        out[i] = (float)y;
    }
}

/// Whether all are finite, and none is denormal.
static inline bool are_normal(const float *x, size_t count)
{
    for (size_t i = 0; i < count; ++i) {
        const int class = fpclassify(x[i]);
        if (class != FP_NORMAL && class != FP_ZERO) {
            return false;
        }
    }
    return true;
}

/// Input of the worst kind, by number.
enum { EXTREMES = 8 };

static inline float extreme_at(int kind, size_t i)
{
    switch (kind) {
    case 0:
        return i % 2 == 0 ? 1e6f : -1e6f;
    case 1:
        return 1e6f;
    case 2:
        return i % 3 == 0 ? 1e-40f : -1e-42f;
    case 3:
        return i % 2 == 0 ? NAN : 1.0f;
    case 4:
        return i % 5 == 0 ? INFINITY : -INFINITY;
    case 5:
        return i % 100 == 0 ? 3e38f : 1e-38f;
    case 6:
        return (float)(i % 128 < 64 ? 1e6 : -1e6);
    default:
        return i % 1000 == 0 ? 1.0f : 1.2e-38f;
    }
}

#endif
