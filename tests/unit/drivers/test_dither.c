// SPDX-License-Identifier: MIT

#include "drivers/dither_private.h"

#include "support/cmocka.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

enum { FRAMES = 1 << 18, HALF = FRAMES / 2 };

static float left[FRAMES];
static float right[FRAMES];
static const float *const channels[2] = {left, right};
static int16_t int16[2 * FRAMES];
static int16_t again[2 * FRAMES];
static int32_t int24[2 * FRAMES];

static void fill(float a, float b)
{
    for (int i = 0; i < FRAMES; ++i) {
        left[i] = a;
        right[i] = b;
    }
}

static void dither(int16_t *samples, uint32_t frames)
{
    struct km_random random;
    km_random_init(&random, 0, "dither");
    km_dither_int16(&random, channels, frames, samples);
}

struct moments {
    double mean;
    double variance;
    int low, high;
};

// Of the error in steps of 16 bit, of one channel.
static struct moments errors_of(const float *samples, const int16_t *rounded, int channel)
{
    struct moments m = {.low = 1 << 20, .high = -(1 << 20)};
    double squares = 0.0;
    for (int i = 0; i < FRAMES; ++i) {
        const int value = rounded[2 * (size_t)i + (size_t)channel];
        const double error = value - (double)samples[i] * 32768.0;
        m.mean += error / FRAMES;
        squares += error * error / FRAMES;
        m.low = value < m.low ? value : m.low;
        m.high = value > m.high ? value : m.high;
    }
    m.variance = squares - m.mean * m.mean;
    return m;
}

// Triangular dither of two steps: the error has no mean and always the same power, 1/12 for the
// rounding and 2/12 for the dither, whatever the signal is. Plain rounding fails both.
static void the_error_is_free_of_the_signal(void **state)
{
    (void)state;
    static const double parts[] = {0.0, .1, .25, .5, .75, .9};
    for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); ++i) {
        fill((float)((7.0 + parts[i]) / 32768.0), (float)(-(7.0 + parts[i]) / 32768.0));
        dither(int16, FRAMES);
        const struct moments a = errors_of(left, int16, 0);
        const struct moments b = errors_of(right, int16, 1);
        assert_true(fabs(a.mean) < .01 && fabs(b.mean) < .01);
        assert_true(fabs(a.variance - .25) < .01 && fabs(b.variance - .25) < .01);
        assert_in_range(a.low, 6, 7);
        assert_in_range(a.high, 8, 9);
    }
}

// Each channel has its own noise: else it would stand in the middle.
static void the_channels_do_not_share_their_noise(void **state)
{
    (void)state;
    fill(.25f, .25f);
    dither(int16, FRAMES);
    double product = 0.0;
    for (int i = 0; i < FRAMES; ++i) {
        product += (int16[2 * (size_t)i] - 8192.0) * (int16[2 * (size_t)i + 1] - 8192.0) / FRAMES;
    }
    assert_true(fabs(product) < .01);
}

static void silence_stays_silent(void **state)
{
    (void)state;
    static const int16_t zeros[2 * FRAMES];
    fill(0.0f, -0.0f);
    dither(int16, FRAMES);
    assert_memory_equal(int16, zeros, sizeof(zeros));
}

static void the_same_samples_give_the_same_numbers_in_any_pieces(void **state)
{
    (void)state;
    for (int i = 0; i < FRAMES; ++i) {
        left[i] = (float)sin(i * .01) * .5f;
        right[i] = (float)sin(i * .013) * .5f;
    }
    dither(int16, FRAMES);
    struct km_random random;
    km_random_init(&random, 0, "dither");
    uint32_t length = 1;
    for (uint32_t done = 0; done < FRAMES; done += length) {
        length = done % 97 + 1;
        length = length < FRAMES - done ? length : FRAMES - done;
        const float *const pieces[2] = {left + done, right + done};
        km_dither_int16(&random, pieces, length, again + 2 * (size_t)done);
    }
    assert_memory_equal(int16, again, sizeof(int16));
}

static void what_is_too_loud_is_full_scale(void **state)
{
    (void)state;
    static const float values[] = {1.0f, 2.0f, 1e30f, INFINITY, -1.0f, -2.0f, -1e30f, -INFINITY};
    for (size_t i = 0; i < sizeof(values) / sizeof(values[0]); ++i) {
        fill(values[i], values[i]);
        dither(int16, 100);
        km_dither_int24(channels, 100, int24);
        const bool is_high = values[i] > 0;
        for (int k = 0; k < 200; ++k) {
            assert_in_range(abs(int16[k]), 32766, 32768); // Dither may take one step off.
            assert_true((int16[k] > 0) == is_high);
            assert_int_equal(int24[k], (is_high ? 8388607 : -8388608) * 256);
        }
    }
}

static void what_is_no_number_is_zero(void **state)
{
    (void)state;
    fill(NAN, -NAN);
    dither(int16, 100);
    km_dither_int24(channels, 100, int24);
    for (int i = 0; i < 200; ++i) {
        assert_int_equal(int16[i], 0);
        assert_int_equal(int24[i], 0);
    }
}

static void twenty_four_bits_are_rounded_to_the_nearest(void **state)
{
    (void)state;
    for (int i = 0; i < FRAMES; ++i) {
        left[i] = (float)(i - HALF) / 8388608.0f;
        right[i] = ((float)(i - HALF) + .25f) / 8388608.0f;
    }
    km_dither_int24(channels, FRAMES, int24);
    for (int i = 0; i < FRAMES; ++i) {
        assert_int_equal(int24[2 * (size_t)i], (i - HALF) * 256);
        assert_int_equal(int24[2 * (size_t)i + 1], (i - HALF) * 256);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_error_is_free_of_the_signal),
        cmocka_unit_test(the_channels_do_not_share_their_noise),
        cmocka_unit_test(silence_stays_silent),
        cmocka_unit_test(the_same_samples_give_the_same_numbers_in_any_pieces),
        cmocka_unit_test(what_is_too_loud_is_full_scale),
        cmocka_unit_test(what_is_no_number_is_zero),
        cmocka_unit_test(twenty_four_bits_are_rounded_to_the_nearest),
    };
    return cmocka_run_group_tests_name("dither", tests, NULL, NULL);
}
