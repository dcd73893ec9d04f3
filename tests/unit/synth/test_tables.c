// SPDX-License-Identifier: MIT

#include "synth/tables_private.h"

#include "unit/synth/rig.h"

static struct km_tables tables;

static int make_tables(void **state)
{
    (void)state;
    km_tables_init(&tables, RIG_RATE);
    return 0;
}

static void ratio_is_a_power_of_two(void **state)
{
    (void)state;
    for (int i = -6000; i <= 6000; ++i) {
        const double cents = i * 3.37;
        const double expected = exp2(cents / 1200.0);
        assert_near(km_tables_ratio(&tables, cents) / expected, 1.0, 5e-8);
    }
    assert_true(km_tables_ratio(&tables, 0.0) == 1.0);
    assert_true(km_tables_ratio(&tables, -2400.0) == 0.25);
    assert_near(km_tables_ratio(&tables, 1e9), exp2(40.0), 1.0);
    assert_near(km_tables_ratio(&tables, (double)NAN), exp2(-40.0), 1e-15);
}

static void gain_falls_by_decibels(void **state)
{
    (void)state;
    for (int i = 0; i < 3880; ++i) {
        const float cb = (float)i * 0.37f;
        const double expected = pow(10.0, (double)cb / -200.0);
        assert_near((double)km_tables_gain(&tables, cb) / expected, 1.0, 2e-5);
    }
    assert_true(km_tables_gain(&tables, -5.0f) == 1.0f);
    assert_true(km_tables_gain(&tables, 1440.0f) == 0.0f);
    assert_true(km_tables_gain(&tables, NAN) == 1.0f);
}

static void cutoff_is_prewarped_and_held_below_the_rate(void **state)
{
    (void)state;
    for (int i = 0; i <= 7000; ++i) {
        const float cents = 1500.0f + (float)i * 1.7f;
        const double hz = 8.17579891564370733 * exp2((double)cents / 1200.0);
        const double expected = tan(3.14159265358979323846 * hz / RIG_RATE);
        assert_near((double)km_tables_cutoff(&tables, cents) / expected, 1.0, 2e-4);
    }
    assert_true(km_tables_cutoff(&tables, 99999.0f) == km_tables_cutoff(&tables, 13500.0f));
    assert_true(km_tables_cutoff(&tables, -99999.0f) == km_tables_cutoff(&tables, 1500.0f));
    struct km_tables low;
    km_tables_init(&low, 22050);
    assert_near((double)km_tables_cutoff(&low, 13500.0f), tan(0.45 * 3.14159265358979323846), 1e-5);
}

static void pan_keeps_the_power(void **state)
{
    (void)state;
    for (int i = -850; i <= 850; ++i) {
        const float pan = (float)i * 0.7f;
        const double right = (double)km_tables_pan(&tables, pan);
        const double left = (double)km_tables_pan(&tables, -pan);
        assert_near(left * left + right * right, 1.0, 1e-5);
    }
    assert_true(km_tables_pan(&tables, -500.0f) == 0.0f);
    assert_true(km_tables_pan(&tables, 500.0f) == 1.0f);
}

// 9.5.3, by its formulas: a controller's value is taken of 128.
static double formula(unsigned int type, double value)
{
    if (type == 1) { // Concave.
        return value <= 0.0 ? 0.0 : fmin(1.0, -20.0 / 96.0 * log10(pow(1.0 - value, 2.0)));
    }
    if (type == 2) { // Convex.
        return value >= 1.0 ? 1.0 : 1.0 - fmin(1.0, -20.0 / 96.0 * log10(pow(value, 2.0)));
    }
    return type == 3 ? (value >= 0.5 ? 1.0 : 0.0) : value;
}

static double shaped(unsigned int curve, int value)
{
    const unsigned int type = curve >> 2;
    const double run = curve & 1 ? 1.0 - value / 128.0 : value / 128.0;
    if (!(curve & 2)) {
        return formula(type, run);
    }
    const double both = 2.0 * run - 1.0;
    if (type == 3) {
        return both < 0.0 ? -1.0 : 1.0;
    }
    return both < 0.0 ? -formula(type, -both) : formula(type, both);
}

static void curves_are_those_of_the_specification(void **state)
{
    (void)state;
    for (unsigned int curve = 0; curve < 16; ++curve) {
        for (int value = 1; value < 128; ++value) {
            if (value != 64 || curve < 12) { // On its edge the switch goes by its own rule.
                assert_near((double)tables.curves[curve][value], shaped(curve, value), 1e-6);
            }
        }
    }
    assert_true(tables.curves[12][64] == 1.0f && tables.curves[13][64] == 0.0f);
    assert_true(tables.curves[14][64] == 1.0f && tables.curves[15][64] == -1.0f);
}

static void curves_of_values_between_are_near(void **state)
{
    (void)state;
    assert_near((double)km_tables_curve(&tables, 0x020E, 0.75f), 0.5, 1e-7);
    assert_near((double)km_tables_curve(&tables, 0x010E, 0.75f), 0.25, 1e-7);
    for (int i = 0; i <= 100; ++i) {
        const float value = (float)i * 0.01f;
        assert_near((double)km_tables_curve(&tables, 0x080E, value), formula(2, (double)value),
                    0.13);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ratio_is_a_power_of_two),
        cmocka_unit_test(gain_falls_by_decibels),
        cmocka_unit_test(cutoff_is_prewarped_and_held_below_the_rate),
        cmocka_unit_test(pan_keeps_the_power),
        cmocka_unit_test(curves_are_those_of_the_specification),
        cmocka_unit_test(curves_of_values_between_are_near),
    };
    return cmocka_run_group_tests(tests, make_tables, NULL);
}
