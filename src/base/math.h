// SPDX-License-Identifier: MIT

/// Elementary functions that give the same bits on every machine.
///
/// The C library's differ between processors with and without fused multiply-add; a song and a
/// rendering must not. These use only +, -, *, / and shifts, which IEEE 754 defines to the bit
/// (the build forbids contraction). Error bounds are tested against long double.
#ifndef KM_BASE_MATH_H
#define KM_BASE_MATH_H

#include "base/attributes.h"

#include <stdint.h>

KM_C_BEGIN

#define KM_PI 3.14159265358979323846

/// Sine; within 1 unit in the last place of the larger of |sin x| and 2^-52 for |x| <= 1e5.
/// Beyond that range, and for NaN, the result is 0.  [any]
KM_RT double km_sin(double x);

/// Cosine, as km_sin.  [any]
KM_RT double km_cos(double x);

/// e to the x; relative error below 2e-16. 0 below -708, infinity above 709.7, NaN for NaN.  [any]
KM_RT double km_exp(double x);

/// 2 to the x; relative error below 2e-16, none for a whole x. 0 below -1022, infinity above 1023,
/// NaN for NaN.  [any]
KM_RT double km_exp2(double x);

/// Natural logarithm; relative error below 2e-16 for normal x > 0. NaN for the rest.  [any]
KM_RT double km_log(double x);

/// x to the y for normal x > 0; relative error below 3e-16 * (1 + |y log x|). 0 for x = 0 < y, else
/// NaN.  [any]
KM_RT double km_pow(double x, double y);

/// Hyperbolic tangent; absolute error below 5e-16; never beyond 1 and -1.  [any]
KM_RT double km_tanh(double x);

/// Square root, exact to the last bit (IEEE 754); NaN for x < 0.  [any]
KM_RT double km_sqrt(double x);

/// Nearest whole number, halves away from zero; the int64 limits bound it; 0 for NaN.  [any]
KM_RT int64_t km_round(double x);

/// x held between low and high; low for NaN.  [any]
KM_RT double km_clamp(double x, double low, double high);

KM_C_END

#endif
