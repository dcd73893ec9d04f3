// SPDX-License-Identifier: MIT

// The bounds of base/math.h, against the C library's long double functions (64 bits of significand
// on x86: 11 more than ours).

#include "base/math.h"

#include "base/random.h"
#include "support/cmocka.h"

#include <float.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

enum { TRIES_COUNT = 100000 };

#define REFERENCE_EPSILON 1.1e-19L

static struct km_random numbers;

static int seed_numbers(void **state)
{
    (void)state;
    km_random_init(&numbers, 7, "math");
    // Where long double is no wider than double (valgrind, some machines) it is no reference.
    volatile long double one = 1.0L;
    return one + REFERENCE_EPSILON * 2 == 1.0L ? -1 : 0;
}

static double uniform(double low, double high)
{
    return low + (high - low) * km_random_unit(&numbers);
}

// Of every size, so that near 0 is tried as well.
static double wide(double largest)
{
    const double magnitude = largest * ldexp(1.0, -(int)km_random_below(&numbers, 60));
    return uniform(-magnitude, magnitude);
}

static long double relative_error(double ours, long double exact)
{
    return fabsl(((long double)ours - exact) / exact);
}

static long double ulps_of_sine(double ours, long double exact)
{
    const long double smallest = ldexpl(1.0L, -52);
    const long double size = fabsl(exact) > smallest ? fabsl(exact) : smallest;
    return fabsl((long double)ours - exact) / ldexpl(1.0L, ilogbl(size) - 52);
}

static void sine_and_cosine_are_within_one_unit(void **state)
{
    (void)state;
    for (int i = 0; i < TRIES_COUNT; ++i) {
        // Every third one next to a multiple of pi/2, where most of x cancels.
        const double turns = km_random_between(&numbers, -63000, 63000);
        const double x = i % 3 == 0 ? turns * (KM_PI / 2) + wide(1e-6) : wide(1e5);
        assert_true(ulps_of_sine(km_sin(x), sinl((long double)x)) <= 1.0L);
        assert_true(ulps_of_sine(km_cos(x), cosl((long double)x)) <= 1.0L);
        assert_true(fabs(km_sin(x)) <= 1.0 && fabs(km_cos(x)) <= 1.0);
        assert_true(km_sin(-x) == -km_sin(x));
        assert_true(km_cos(-x) == km_cos(x));
    }
    static const double beyond[] = {1.00001e5, -1e300, (double)INFINITY, -(double)INFINITY,
                                    (double)NAN};
    for (size_t i = 0; i < sizeof(beyond) / sizeof(beyond[0]); ++i) {
        assert_true(km_sin(beyond[i]) == 0.0);
        assert_true(km_cos(beyond[i]) == 0.0);
    }
    assert_true(km_sin(0.0) == 0.0 && km_cos(0.0) == 1.0);
}

static void exponentials_keep_their_bounds(void **state)
{
    (void)state;
    for (int i = 0; i < TRIES_COUNT; ++i) {
        const double x = i % 2 == 0 ? uniform(-708.0, 709.7) : wide(30.0);
        assert_true(relative_error(km_exp(x), expl((long double)x)) < 2e-16L);
        const double y = i % 2 == 0 ? uniform(-1022.0, 1022.0) : wide(30.0);
        assert_true(relative_error(km_exp2(y), exp2l((long double)y)) < 2e-16L);
    }
    for (int n = -1022; n <= 1023; ++n) {
        assert_true(km_exp2(n) == ldexp(1.0, n));
    }
    assert_true(km_exp(0.0) == 1.0);
    assert_true(km_exp(-708.1) == 0.0 && km_exp(-(double)INFINITY) == 0.0);
    assert_true(km_exp2(-1022.5) == 0.0 && km_exp2(-(double)INFINITY) == 0.0);
    assert_true(isinf(km_exp(709.8)) && isinf(km_exp((double)INFINITY)));
    assert_true(isinf(km_exp2(1023.5)) && isinf(km_exp2((double)INFINITY)));
    assert_true(isnan(km_exp((double)NAN)) && isnan(km_exp2((double)NAN)));
}

static void logarithm_keeps_its_bound(void **state)
{
    (void)state;
    for (int i = 0; i < TRIES_COUNT; ++i) {
        const uint64_t bits = km_random_bits(&numbers) >> 1;
        double x = 0.0;
        memcpy(&x, &bits, sizeof(x));
        if (i % 2 == 0 || !(x >= DBL_MIN && x <= DBL_MAX)) {
            x = 1.0 + wide(0.5); // Where the result is near 0.
        }
        const long double exact = logl((long double)x);
        if (x == 1.0) {
            assert_true(km_log(x) == 0.0);
        } else {
            assert_true(relative_error(km_log(x), exact) < 2e-16L);
        }
    }
    static const double refused[] = {
        0.0, -1.0, DBL_MIN / 2, (double)INFINITY, -(double)INFINITY, (double)NAN};
    for (size_t i = 0; i < sizeof(refused) / sizeof(refused[0]); ++i) {
        assert_true(isnan(km_log(refused[i])));
    }
}

static void power_keeps_its_bound(void **state)
{
    (void)state;
    for (int i = 0; i < TRIES_COUNT; ++i) {
        const double x = km_exp(wide(20.0));
        const double y = wide(30.0);
        const long double exponent = (long double)y * logl((long double)x);
        const long double bound = 3e-16L * (1.0L + fabsl(exponent));
        assert_true(relative_error(km_pow(x, y), powl((long double)x, (long double)y)) < bound);
    }
    assert_true(km_pow(0.0, 0.5) == 0.0);
    assert_true(km_pow(3.0, 0.0) == 1.0);
    assert_true(isnan(km_pow(0.0, 0.0)) && isnan(km_pow(0.0, -1.0)) && isnan(km_pow(-1.0, 2.0)));
    assert_true(isnan(km_pow(2.0, (double)NAN)) && isnan(km_pow((double)NAN, 2.0)));
}

static void hyperbolic_tangent_keeps_its_bound(void **state)
{
    (void)state;
    for (int i = 0; i < TRIES_COUNT; ++i) {
        const double x = wide(30.0);
        assert_true(fabsl((long double)km_tanh(x) - tanhl((long double)x)) < 5e-16L);
        assert_true(fabs(km_tanh(x)) <= 1.0);
    }
    assert_true(km_tanh((double)INFINITY) == 1.0 && km_tanh(-(double)INFINITY) == -1.0);
    assert_true(km_tanh(0.0) == 0.0);
    assert_true(isnan(km_tanh((double)NAN)));
}

// A curve that dips where it should rise is heard as noise. Steps well above the error bounds.
static void rising_functions_rise(void **state)
{
    (void)state;
    for (int i = 0; i < TRIES_COUNT / 10; ++i) {
        const double x = uniform(-15.0, 15.0);
        const double next = x + 1e-13 * (1.0 + fabs(x));
        assert_true(km_exp(x) < km_exp(next));
        assert_true(km_exp2(x) < km_exp2(next));
        assert_true(km_tanh(x) <= km_tanh(next) + 4e-16);
        const double y = fabs(x) + 1e-3;
        assert_true(km_log(y) < km_log(y * (1.0 + 1e-12)));
        assert_true(km_sqrt(y) <= km_sqrt(nextafter(y, (double)INFINITY)));
    }
}

static void square_root_is_exact(void **state)
{
    (void)state;
    for (int i = 0; i < TRIES_COUNT; ++i) {
        const double x = fabs(wide(1e15));
        const double root = km_sqrt(x);
        // In long double the neighbours' squares are exact enough to tell.
        const long double below = (long double)nextafter(root, 0.0);
        const long double above = (long double)nextafter(root, (double)INFINITY);
        const long double exact = sqrtl((long double)x);
        assert_true(fabsl((long double)root - exact) <= fabsl(below - exact));
        assert_true(fabsl((long double)root - exact) <= fabsl(above - exact));
    }
    assert_true(isnan(km_sqrt(-1.0)));
    assert_true(km_sqrt(0.0) == 0.0 && isinf(km_sqrt((double)INFINITY)));
}

static void rounds_halves_away_from_zero(void **state)
{
    (void)state;
    static const struct {
        double x;
        int64_t whole;
    } cases[] = {
        {0.0, 0},
        {-0.0, 0},
        {0.5, 1},
        {-0.5, -1},
        {0.49999999999999994, 0}, // Adding a half and cutting would make 1 of it.
        {-2.5, -3},
        {2.4999999999999996, 2},
        {4503599627370497.5, 4503599627370498},
        {9223372036854774784.0, 9223372036854774784}, // The largest double below 2^63.
        {0x1p63, INT64_MAX},
        {-0x1p63, INT64_MIN},
        {-9223372036854774784.0, -9223372036854774784},
        {1e300, INT64_MAX},
        {-1e300, INT64_MIN},
        {(double)INFINITY, INT64_MAX},
        {-(double)INFINITY, INT64_MIN},
        {(double)NAN, 0},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); ++i) {
        assert_true(km_round(cases[i].x) == cases[i].whole);
    }
    for (int i = 0; i < TRIES_COUNT; ++i) {
        const double x = wide(1e15);
        assert_true(km_round(x) == llround(x));
    }
}

static void clamps_also_what_is_no_number(void **state)
{
    (void)state;
    assert_true(km_clamp(2.0, 0.0, 1.0) == 1.0);
    assert_true(km_clamp(-2.0, 0.0, 1.0) == 0.0);
    assert_true(km_clamp(0.25, 0.0, 1.0) == 0.25);
    assert_true(km_clamp((double)NAN, -3.0, 1.0) == -3.0);
    assert_true(km_clamp((double)INFINITY, -3.0, 1.0) == 1.0);
}

// Bits that a build with another compiler, optimisation or vector path must reproduce.
static void gives_the_same_bits_everywhere(void **state)
{
    (void)state;
    uint64_t sum = 0;
    for (int i = 0; i < TRIES_COUNT / 10; ++i) {
        const double x = (double)i * 0.0173 - 80.0;
        const double results[] = {km_sin(x),
                                  km_cos(x),
                                  km_exp(x),
                                  km_exp2(x),
                                  km_log(x + 100.0),
                                  km_tanh(x),
                                  km_pow(1.0 + i, x / 9)};
        for (size_t j = 0; j < sizeof(results) / sizeof(results[0]); ++j) {
            uint64_t bits = 0;
            memcpy(&bits, &results[j], sizeof(bits));
            sum = (sum ^ bits) * 0x100000001B3ULL;
        }
    }
    assert_true(sum == 0x645AD14B5FA841F0ULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sine_and_cosine_are_within_one_unit),
        cmocka_unit_test(exponentials_keep_their_bounds),
        cmocka_unit_test(logarithm_keeps_its_bound),
        cmocka_unit_test(power_keeps_its_bound),
        cmocka_unit_test(hyperbolic_tangent_keeps_its_bound),
        cmocka_unit_test(rising_functions_rise),
        cmocka_unit_test(square_root_is_exact),
        cmocka_unit_test(rounds_halves_away_from_zero),
        cmocka_unit_test(clamps_also_what_is_no_number),
        cmocka_unit_test(gives_the_same_bits_everywhere),
    };
    if (seed_numbers(NULL) != 0) {
        puts("skipped: long double is no wider than double here");
        return 0;
    }
    return cmocka_run_group_tests(tests, NULL, NULL);
}
