// SPDX-License-Identifier: MIT

#include "base/random.h"

#include "support/cmocka.h"

#include <math.h>
#include <string.h>

// From a separate program in Python's whole numbers, written after the paper's description.
static void gives_the_generators_own_numbers(void **state)
{
    (void)state;
    struct km_random random = {.state = {1, 2, 3, 4}};
    static const uint64_t expected[] = {11520ULL,
                                        0ULL,
                                        1509978240ULL,
                                        1215971899390074240ULL,
                                        1216172134540287360ULL,
                                        607988272756665600ULL,
                                        16172922978634559625ULL,
                                        8476171486693032832ULL,
                                        10595114339597558777ULL,
                                        2904607092377533576ULL};
    for (size_t i = 0; i < sizeof(expected) / sizeof(expected[0]); ++i) {
        assert_true(km_random_bits(&random) == expected[i]);
    }
}

static void a_stream_starts_as_it_always_did(void **state)
{
    (void)state;
    struct km_random random;
    km_random_init(&random, 42, "melody");
    static const uint64_t expected[] = {0x90C473A993148E08ULL, 0x3B86BA14F1705B59ULL,
                                        0x331AEA645E2B86AFULL, 0x2AD47A527D9BBD6DULL};
    for (size_t i = 0; i < sizeof(expected) / sizeof(expected[0]); ++i) {
        assert_true(km_random_bits(&random) == expected[i]);
    }
}

// Bits of two streams agree in half of the places, give or take: 64,000 places, 5 sigma are 633.
static void expect_unrelated(struct km_random *a, struct km_random *b)
{
    int agreeing = 0;
    for (int i = 0; i < 1000; ++i) {
        agreeing += 64 - __builtin_popcountll(km_random_bits(a) ^ km_random_bits(b));
    }
    assert_in_range(agreeing, 32000 - 633, 32000 + 633);
}

static void streams_do_not_resemble_each_other(void **state)
{
    (void)state;
    static const char *const names[] = {"", "a", "b", "drums", "drum", "melody", "melodyz"};
    enum { NAMES_COUNT = sizeof(names) / sizeof(names[0]) };
    for (uint64_t seed = 0; seed < 4; ++seed) {
        for (int i = 0; i < NAMES_COUNT; ++i) {
            struct km_random a;
            struct km_random b;
            km_random_init(&a, seed, names[i]);
            km_random_init(&b, seed, names[(i + 1) % NAMES_COUNT]);
            expect_unrelated(&a, &b);
            km_random_init(&a, seed, names[i]);
            km_random_init(&b, seed + 1, names[i]);
            expect_unrelated(&a, &b);
        }
    }
}

static void drawing_from_one_stream_leaves_another(void **state)
{
    (void)state;
    struct km_random melody;
    struct km_random drums;
    km_random_init(&melody, 9, "melody");
    const uint64_t expected = km_random_bits(&melody);
    km_random_init(&melody, 9, "melody");
    km_random_init(&drums, 9, "drums");
    for (int i = 0; i < 100; ++i) {
        (void)km_random_bits(&drums);
    }
    assert_true(km_random_bits(&melody) == expected);
}

enum { CELLS_COUNT = 97, DRAWS_COUNT = 97000 };

// 96 degrees of freedom: the mean is 96, the standard deviation 13.9; 5 of them away is 165.
static void below_is_uniform(void **state)
{
    (void)state;
    for (uint64_t seed = 0; seed < 5; ++seed) {
        struct km_random random;
        km_random_init(&random, seed, "uniform");
        int counts[CELLS_COUNT] = {0};
        for (int i = 0; i < DRAWS_COUNT; ++i) {
            const uint32_t cell = km_random_below(&random, CELLS_COUNT);
            assert_true(cell < CELLS_COUNT);
            counts[cell] += 1;
        }
        double chi_square = 0.0;
        for (int i = 0; i < CELLS_COUNT; ++i) {
            const double off = counts[i] - (double)DRAWS_COUNT / CELLS_COUNT;
            chi_square += off * off / ((double)DRAWS_COUNT / CELLS_COUNT);
        }
        assert_true(chi_square > 40.0 && chi_square < 165.0);
    }
}

static void ranges_are_kept_at_their_ends(void **state)
{
    (void)state;
    struct km_random random;
    km_random_init(&random, 1, "ends");
    int seen[3] = {0};
    for (int i = 0; i < 1000; ++i) {
        assert_int_equal(km_random_below(&random, 1), 0);
        assert_int_equal(km_random_between(&random, 5, 5), 5);
        seen[km_random_between(&random, -1, 1) + 1] += 1;
        (void)km_random_between(&random, INT32_MIN, INT32_MAX); // No overflow, says UBSan.
        const double unit = km_random_unit(&random);
        assert_true(unit >= 0.0 && unit < 1.0);
        assert_true(ldexp(unit, 53) == floor(ldexp(unit, 53)));
        assert_false(km_random_chance(&random, 0.0));
        assert_true(km_random_chance(&random, 1.0));
        assert_false(km_random_chance(&random, (double)NAN));
    }
    assert_true(seen[0] > 250 && seen[1] > 250 && seen[2] > 250);

    struct km_random extreme = {.state = {0, 0, 0, 0}}; // Draws only zeros.
    assert_int_equal(km_random_between(&extreme, INT32_MIN, INT32_MAX), INT32_MIN);
    assert_true(km_random_unit(&extreme) == 0.0);
}

static void bell_has_mean_deviation_and_bounds(void **state)
{
    (void)state;
    enum { COUNT = 200000 };
    struct km_random random;
    km_random_init(&random, 1, "bell");
    double sum = 0.0;
    double squares = 0.0;
    double fourth = 0.0;
    for (int i = 0; i < COUNT; ++i) {
        const double x = km_random_bell(&random);
        assert_true(fabs(x) <= 3.4642);
        sum += x;
        squares += x * x;
        fourth += x * x * x * x;
    }
    assert_true(fabs(sum / COUNT) < 5.0 / sqrt(COUNT));
    assert_true(fabs(squares / COUNT - 1.0) < 0.01);
    assert_true(fabs(fourth / COUNT - 2.7) < 0.05); // Irwin-Hall of 4: kurtosis 3 - 6/(5 * 4).

    struct km_random extreme = {.state = {0, 0, 0, 0}};
    const double lowest = km_random_bell(&extreme);
    assert_true(lowest < -3.464 && lowest > -3.4642);
}

static void weights_are_followed(void **state)
{
    (void)state;
    static const float weights[] = {0.0F, 1.0F, 0.0F, 3.0F, 0.0F};
    static const float none[] = {0.0F, 0.0F};
    struct km_random random;
    km_random_init(&random, 1, "weights");
    int counts[5] = {0};
    for (int i = 0; i < 40000; ++i) {
        counts[km_random_weighted(&random, weights, 5)] += 1;
        assert_int_equal(km_random_weighted(&random, none, 2), 0);
    }
    assert_int_equal(counts[0] + counts[2] + counts[4], 0);
    assert_in_range(counts[1], 10000 - 433, 10000 + 433); // 5 sigma
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(gives_the_generators_own_numbers),
        cmocka_unit_test(a_stream_starts_as_it_always_did),
        cmocka_unit_test(streams_do_not_resemble_each_other),
        cmocka_unit_test(drawing_from_one_stream_leaves_another),
        cmocka_unit_test(below_is_uniform),
        cmocka_unit_test(ranges_are_kept_at_their_ends),
        cmocka_unit_test(bell_has_mean_deviation_and_bounds),
        cmocka_unit_test(weights_are_followed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
