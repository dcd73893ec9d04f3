// SPDX-License-Identifier: MIT

#include "quality/fourier.h"

#include <math.h>

static const double tau = 6.283185307179586;

static void reverse_bits(struct fourier_value *values, size_t size)
{
    for (size_t i = 1, j = 0; i < size; ++i) {
        size_t bit = size >> 1;
        for (; j & bit; bit >>= 1) {
            j ^= bit;
        }
        j ^= bit;
        if (i < j) {
            const struct fourier_value value = values[i];
            values[i] = values[j];
            values[j] = value;
        }
    }
}

static void butterflies(struct fourier_value *values, size_t size, size_t span)
{
    static struct fourier_value twists[FOURIER_SIZE_MAX / 2];
    for (size_t i = 0; i < span / 2; ++i) {
        const double angle = -tau * (double)i / (double)span;
        twists[i] = (struct fourier_value){cos(angle), sin(angle)};
    }
    for (size_t i = 0; i < size; ++i) {
        if (i % span >= span / 2) {
            continue;
        }
        const struct fourier_value twist = twists[i % span];
        const struct fourier_value even = values[i];
        const struct fourier_value odd = values[i + span / 2];
        const double real = odd.real * twist.real - odd.imaginary * twist.imaginary;
        const double imaginary = odd.real * twist.imaginary + odd.imaginary * twist.real;
        values[i] = (struct fourier_value){even.real + real, even.imaginary + imaginary};
        values[i + span / 2] = (struct fourier_value){even.real - real, even.imaginary - imaginary};
    }
}

void fourier_transform(struct fourier_value *values, size_t size)
{
    reverse_bits(values, size);
    for (size_t span = 2; span <= size; span *= 2) {
        butterflies(values, size, span);
    }
}

static const double *window_of(size_t size)
{
    static double window[FOURIER_SIZE_MAX];
    static size_t window_size;
    if (window_size != size) {
        for (size_t i = 0; i < size; ++i) {
            window[i] = .5 - .5 * cos(tau * (double)i / (double)size);
        }
        window_size = size;
    }
    return window;
}

// Two real signals in one transform: the first is the part with even symmetry of what comes out.
void fourier_pair(const float *const signals[2], struct fourier_value *const spectra[2],
                  size_t size)
{
    static struct fourier_value values[FOURIER_SIZE_MAX];
    const double *const window = window_of(size);
    for (size_t i = 0; i < size; ++i) {
        values[i] = (struct fourier_value){window[i] * (double)signals[0][i],
                                           window[i] * (double)signals[1][i]};
    }
    fourier_transform(values, size);
    for (size_t i = 0; i < size / 2; ++i) {
        const struct fourier_value a = values[i];
        const struct fourier_value b = values[i ? size - i : 0];
        spectra[0][i] =
            (struct fourier_value){(a.real + b.real) / 2, (a.imaginary - b.imaginary) / 2};
        spectra[1][i] =
            (struct fourier_value){(a.imaginary + b.imaginary) / 2, (b.real - a.real) / 2};
    }
}
