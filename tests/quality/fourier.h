// SPDX-License-Identifier: MIT

/// Spectra for the comparison of stems.
#ifndef KM_TESTS_QUALITY_FOURIER_H
#define KM_TESTS_QUALITY_FOURIER_H

#include <stddef.h>

enum { FOURIER_SIZE_MAX = 16384 };

/// A complex number. (C's own are not the same in gcc and clang 14.)
struct fourier_value {
    double real, imaginary;
};

/// Transforms `size` values (a power of two up to FOURIER_SIZE_MAX) in place.
void fourier_transform(struct fourier_value *values, size_t size);

/// Spectra of `size` frames of two signals under a Hann window: the first size / 2 values of each.
void fourier_pair(const float *const signals[2], struct fourier_value *const spectra[2],
                  size_t size);

#endif
