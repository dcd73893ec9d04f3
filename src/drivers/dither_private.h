// SPDX-License-Identifier: MIT

/// Floats made into whole numbers for files.
#ifndef KM_DRIVERS_DITHER_PRIVATE_H
#define KM_DRIVERS_DITHER_PRIVATE_H

#include "base/attributes.h"
#include "base/random.h"

#include <stdint.h>

KM_C_BEGIN

/// Makes 16 bit of both channels, interleaved. Triangular dither of two steps' width keeps the
/// error free of the signal (Lipshitz, Wannamaker, Vanderkooy, "Quantization and Dither", 1992);
/// a sample that is zero stays zero, so that silence is silent. Beyond full scale is full scale,
/// NaN is zero.  [any]
void km_dither_int16(struct km_random *random, const float *const channels[2], uint32_t frames,
                     int16_t *interleaved);

/// Makes 24 bit in the upper three bytes of 32, rounded to the nearest: dither would be below what
/// any converter resolves.  [any]
void km_dither_int24(const float *const channels[2], uint32_t frames, int32_t *interleaved);

KM_C_END

#endif
