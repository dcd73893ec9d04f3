// SPDX-License-Identifier: MIT

#include "quality/fourier.h"

#include <math.h>

static const double tau = 6.283185307179586;

static void reverse_bits(double complex *values, size_t size)
{
    for (size_t i = 1, j = 0; i < size; ++i) {
        size_t bit = size >> 1;
        for (; j & bit; bit >>= 1) {
            j ^= bit;
        }
        j ^= bit;
        if (i < j) {
            const double complex value = values[i];
            values[i] = values[j];
            values[j] = value;
        }
    }
}

// As a * b of finite values; the operator asks for infinities first, which takes most of the time.
static double complex multiply(double complex a, double complex b)
{
    return (creal(a) * creal(b) - cimag(a) * cimag(b)) +
           I * (creal(a) * cimag(b) + cimag(a) * creal(b));
}

static void butterflies(double complex *values, size_t size, size_t span)
{
    static double complex twists[FOURIER_SIZE_MAX / 2];
    for (size_t i = 0; i < span / 2; ++i) {
        const double angle = -tau * (double)i / (double)span;
        twists[i] = cos(angle) + I * sin(angle);
    }
    for (size_t i = 0; i < size; i += span) {
        for (size_t j = 0; j < span / 2; ++j) {
            const double complex even = values[i + j];
            const double complex odd = multiply(values[i + j + span / 2], twists[j]);
            values[i + j] = even + odd;
            values[i + j + span / 2] = even - odd;
        }
    }
}

void fourier_transform(double complex *values, size_t size)
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
void fourier_pair(const float *const signals[2], double complex *const spectra[2], size_t size)
{
    static double complex values[FOURIER_SIZE_MAX];
    const double *const window = window_of(size);
    for (size_t i = 0; i < size; ++i) {
        values[i] = window[i] * ((double)signals[0][i] + I * (double)signals[1][i]);
    }
    fourier_transform(values, size);
    for (size_t i = 0; i < size / 2; ++i) {
        const double complex mirrored = conj(values[i ? size - i : 0]);
        spectra[0][i] = (values[i] + mirrored) / 2;
        spectra[1][i] = (values[i] - mirrored) / (2 * I);
    }
}
