// SPDX-License-Identifier: MIT

#include "base/math.h"

#include "base/check.h"

#include <float.h>
#include <math.h>
#include <stdint.h>
#include <string.h>

// ln 2 and pi/2 in pieces with trailing zeros, so that a product with a small whole number is exact
// (Cody and Waite, "Software Manual for the Elementary Functions", 1980).
#define LN2 0.693147180559945309417
#define LN2_HIGH 6.93147180369123816490e-01
#define LN2_LOW 1.90821492927058770002e-10
#define HALF_PI_HIGH 1.57079632673412561417e+00
#define HALF_PI_MIDDLE 6.07710050630396597660e-11
#define HALF_PI_LOW 2.02226624879595063154e-21

#define TRIGONOMETRIC_RANGE 1e5

static uint64_t bits_of(double x)
{
    uint64_t bits;
    memcpy(&bits, &x, sizeof(bits));
    return bits;
}

static double real_of(uint64_t bits)
{
    double x;
    memcpy(&x, &bits, sizeof(x));
    return x;
}

// 2 to the n for a normal result.
static double power_of_two(int64_t n)
{
    return real_of((uint64_t)(n + 1023) << 52);
}

int64_t km_round(double x)
{
    if (!(x > -0x1p63)) { // Also NaN.
        return x <= -0x1p63 ? INT64_MIN : 0;
    }
    if (x >= 0x1p63) {
        return INT64_MAX;
    }
    const int64_t whole = (int64_t)x; // Towards zero.
    const double rest = x - (double)whole;
    return rest >= 0.5 ? whole + 1 : (rest <= -0.5 ? whole - 1 : whole);
}

double km_clamp(double x, double low, double high)
{
    return x > low ? (x < high ? x : high) : low;
}

double km_sqrt(double x)
{
    return sqrt(x); // One instruction; correctly rounded by IEEE 754, so the same everywhere.
}

// sin(r + tail) for |r| <= pi/4 and a tail below half a unit of its last place. Taylor series: the
// first term left out is below 2^-60.
static double sine_near_zero(double r, double tail)
{
    static const double c[] = {
        -1.0 / 6.0,        1.0 / 120.0,        -1.0 / 5040.0,          1.0 / 362880.0,
        -1.0 / 39916800.0, 1.0 / 6227020800.0, -1.0 / 1307674368000.0, 1.0 / 355687428096000.0};
    const double z = r * r;
    double sum = c[7];
    for (int i = 6; i >= 0; --i) {
        sum = sum * z + c[i];
    }
    return r + (r * z * sum + tail * (1.0 - 0.5 * z));
}

// As sine_near_zero.
static double cosine_near_zero(double r, double tail)
{
    static const double c[] = {
        1.0 / 24.0,        -1.0 / 720.0,         1.0 / 40320.0,          -1.0 / 3628800.0,
        1.0 / 479001600.0, -1.0 / 87178291200.0, 1.0 / 20922789888000.0, -1.0 / 6402373705728000.0};
    const double z = r * r;
    double sum = c[7];
    for (int i = 6; i >= 0; --i) {
        sum = sum * z + c[i];
    }
    // 1 - z/2 with the bits that the subtraction loses added back.
    const double half = 0.5 * z;
    const double near_one = 1.0 - half;
    return near_one + ((1.0 - near_one - half) + (z * z * sum - r * tail));
}

// sin(x + quarter_turns * pi/2)
static double sine_of_turns(double x, int64_t quarter_turns)
{
    if (!(x >= -TRIGONOMETRIC_RANGE && x <= TRIGONOMETRIC_RANGE)) {
        return 0.0;
    }
    const int64_t n = km_round(x * (2.0 / KM_PI));
    const double turns = (double)n;
    // The first difference and the products are exact; what the others round off is the tail.
    const double above = x - turns * HALF_PI_HIGH;
    const double middle = turns * HALF_PI_MIDDLE;
    const double near = above - middle;
    const double low = turns * HALF_PI_LOW - ((above - near) - middle);
    const double r = near - low;
    const double tail = (near - r) - low;
    switch ((uint64_t)(n + quarter_turns) & 3U) {
    case 0:
        return sine_near_zero(r, tail);
    case 1:
        return cosine_near_zero(r, tail);
    case 2:
        return -sine_near_zero(r, tail);
    default:
        return -cosine_near_zero(r, tail);
    }
}

double km_sin(double x)
{
    return sine_of_turns(x, 0);
}

double km_cos(double x)
{
    return sine_of_turns(x, 1);
}

// e^(high + low) for |high| <= ln(2)/2 and a low below half a unit of its last place.
static double exp_near_zero(double high, double low)
{
    static const double c[] = {1.0 / 2.0,        1.0 / 6.0,         1.0 / 24.0,
                               1.0 / 120.0,      1.0 / 720.0,       1.0 / 5040.0,
                               1.0 / 40320.0,    1.0 / 362880.0,    1.0 / 3628800.0,
                               1.0 / 39916800.0, 1.0 / 479001600.0, 1.0 / 6227020800.0};
    double sum = c[11];
    for (int i = 10; i >= 0; --i) {
        sum = sum * high + c[i];
    }
    return 1.0 + (high + (high * high * sum + low * (1.0 + high)));
}

double km_exp(double x)
{
    if (x != x || x > 709.7) {
        return x != x ? x : HUGE_VAL;
    }
    if (x < -708.0) {
        return 0.0;
    }
    const int64_t n = km_round(x * 1.44269504088896338700);
    const double high = x - (double)n * LN2_HIGH;
    const double low = (double)n * LN2_LOW;
    const double r = high - low;
    const double result = exp_near_zero(r, (high - r) - low);
    // In two steps: 2^n itself may be just out of range where the result is not.
    return result * power_of_two(n / 2) * power_of_two(n - n / 2);
}

double km_exp2(double x)
{
    if (!(x >= -1022.0 && x <= 1023.0)) {
        return x < -1022.0 ? 0.0 : (x > 1023.0 ? HUGE_VAL : x);
    }
    const int64_t n = km_round(x);
    const double fraction = x - (double)n; // Exact.
    // fraction * ln 2 in two parts: the first 21 bits of it times the 32 of LN2_HIGH is exact.
    const double first = real_of(bits_of(fraction) & 0xFFFFFFFF00000000ULL);
    const double high = first * LN2_HIGH;
    const double low = first * LN2_LOW + (fraction - first) * LN2;
    const double r = high + low;
    const double result = exp_near_zero(r, (high - r) + low);
    return result * power_of_two(n / 2) * power_of_two(n - n / 2);
}

double km_log(double x)
{
    if (!(x >= DBL_MIN && x <= DBL_MAX)) {
        return (double)NAN;
    }
    uint64_t bits = bits_of(x);
    int64_t exponent = (int64_t)(bits >> 52) - 1023;
    double m = real_of((bits & 0xFFFFFFFFFFFFFULL) | 0x3FF0000000000000ULL);
    if (m > 1.41421356237309504880) {
        m *= 0.5;
        exponent += 1;
    }
    // log m = 2 atanh(s) with s = f / (2 + f), f = m - 1 exact; written so that f leads the sum.
    const double f = m - 1.0;
    const double s = f / (2.0 + f);
    const double z = s * s;
    double sum = 0.0;
    for (int i = 21; i >= 3; i -= 2) {
        sum = (sum + 2.0 / (double)i) * z;
    }
    const double half_square = 0.5 * f * f;
    const double e = (double)exponent;
    return e * LN2_HIGH - ((half_square - (s * (half_square + sum) + e * LN2_LOW)) - f);
}

double km_pow(double x, double y)
{
    if (x == 0.0 && y > 0.0) {
        return 0.0;
    }
    return km_exp(y * km_log(x));
}

double km_tanh(double x)
{
    if (x > 20.0 || x < -20.0) {
        return x > 0.0 ? 1.0 : -1.0;
    }
    const double e = km_exp(2.0 * x);
    return (e - 1.0) / (e + 1.0);
}
