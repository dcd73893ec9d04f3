// SPDX-License-Identifier: MIT

/// Spectra for the comparison of stems.
#ifndef KM_TESTS_QUALITY_FOURIER_H
#define KM_TESTS_QUALITY_FOURIER_H

#include <complex.h>
#include <stddef.h>

enum { FOURIER_SIZE_MAX = 16384 };

/// Transforms `size` values (a power of two up to FOURIER_SIZE_MAX) in place.
void fourier_transform(double complex *values, size_t size);

/// Spectra of `size` frames of two signals under a Hann window: the first size / 2 values of each.
void fourier_pair(const float *const signals[2], double complex *const spectra[2], size_t size);

#endif
