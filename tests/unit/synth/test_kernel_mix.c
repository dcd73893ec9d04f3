// SPDX-License-Identifier: MIT

// The filter, and how lanes come together, with all vector paths.

#include "kernel_support.h"

#include <math.h>

enum { ROUNDS = 400, RATE = 48000 };

static float any_between(struct km_random *random, double low, double high)
{
    return (float)(low + (high - low) * km_random_unit(random));
}

// The trapezoidal filter's coefficients.
static void set_filter(struct km_lanes *lanes, uint32_t lane, double hz, double q)
{
    const double g = tan(KM_PI * hz / RATE);
    const double a1 = 1.0 / (1.0 + g * (g + 1.0 / q));
    lanes->a1[lane] = (float)a1;
    lanes->a2[lane] = (float)(g * a1);
    lanes->a3[lane] = (float)(g * g * a1);
}

static void set_any(struct km_lanes *lanes, struct km_random *random)
{
    memset(lanes, 0, sizeof(*lanes));
    const uint32_t used = 1 + km_random_below(random, KM_LANES);
    lanes->filter_moves = km_random_chance(random, 0.5);
    lanes->has_sends = km_random_chance(random, 0.5);
    for (uint32_t lane = 0; lane < used; ++lane) {
        set_filter(lanes, lane, 20.0 + 20000.0 * km_random_unit(random),
                   0.5 + 20.0 * km_random_unit(random));
        for (uint32_t i = 0; i < KM_QUANTUM_FRAMES; ++i) {
            lanes->wave[lane][i] = any_between(random, -32768.0, 32767.0);
        }
        lanes->s1[lane] = any_between(random, -32768.0, 32767.0);
        lanes->s2[lane] = any_between(random, -32768.0, 32767.0);
        if (lanes->filter_moves) {
            lanes->a1_step[lane] = any_between(random, -1e-4, 1e-4);
            lanes->a2_step[lane] = any_between(random, -1e-4, 1e-4);
            lanes->a3_step[lane] = any_between(random, -1e-4, 1e-4);
        }
        for (uint32_t bus = 0; bus < KM_BUSES; ++bus) {
            lanes->gain[bus][lane] = any_between(random, 0.0, 1.0 / 32768.0);
            lanes->gain_step[bus][lane] = any_between(random, -1e-7, 1e-7);
        }
    }
}

static void set_any_sums(struct km_lane_sums *sums, struct km_random *random)
{
    for (uint32_t i = 0; i < KM_QUANTUM_FRAMES; ++i) {
        for (uint32_t bus = 0; bus < KM_BUSES; ++bus) {
            for (uint32_t lane = 0; lane < KM_LANES; ++lane) {
                sums->sums[i][bus][lane] = any_between(random, -1.0, 1.0);
            }
        }
    }
}

static void expect_equal_paths(enum km_vector_path path)
{
    const struct km_kernel scalar = km_kernel_of(KM_VECTOR_SCALAR, KM_INTERPOLATION_LINEAR);
    const struct km_kernel kernel = km_kernel_of(path, KM_INTERPOLATION_LINEAR);
    static struct km_lanes lanes[2];
    static struct km_lane_sums sums[2];
    struct km_random random;
    km_random_init(&random, 1, "mix");
    for (int i = 0; i < ROUNDS; ++i) {
        set_any(&lanes[0], &random);
        set_any_sums(&sums[0], &random);
        memcpy(&lanes[1], &lanes[0], sizeof(lanes[0]));
        memcpy(&sums[1], &sums[0], sizeof(sums[0]));
        scalar.mix(&lanes[0], &sums[0]);
        kernel.mix(&lanes[1], &sums[1]);
        assert_memory_equal(&lanes[1], &lanes[0], sizeof(lanes[0]));
        assert_memory_equal(&sums[1], &sums[0], sizeof(sums[0]));
        alignas(64) struct km_synth_buses buses[2];
        memset(buses, 0x7F, sizeof(buses));
        scalar.reduce(&sums[0], &buses[0]);
        kernel.reduce(&sums[1], &buses[1]);
        assert_memory_equal(&buses[1], &buses[0], sizeof(buses[0]));
    }
}

static void every_path_mixes_the_same_bits(void **state)
{
    (void)state;
    on_each_path(expect_equal_paths);
}

// Numbers so small that they have fewer digits: the audio thread makes them 0, others do not.
static void expect_equal_denormals(enum km_vector_path path)
{
    const struct km_kernel scalar = km_kernel_of(KM_VECTOR_SCALAR, KM_INTERPOLATION_LINEAR);
    const struct km_kernel kernel = km_kernel_of(path, KM_INTERPOLATION_LINEAR);
    static struct km_lanes lanes[2];
    static struct km_lane_sums sums[2];
    struct km_random random;
    km_random_init(&random, 2, "mix");
    memset(lanes, 0, sizeof(lanes));
    memset(sums, 0, sizeof(sums));
    for (uint32_t lane = 0; lane < KM_LANES; ++lane) {
        set_filter(&lanes[0], lane, 100.0, 1.0);
        lanes[0].s1[lane] = any_between(&random, -1e-37, 1e-37);
        lanes[0].s2[lane] = any_between(&random, -1e-38, 1e-38);
        lanes[0].gain[KM_BUS_LEFT][lane] = 1.0F;
    }
    memcpy(&lanes[1], &lanes[0], sizeof(lanes[0]));
    for (int i = 0; i < 20; ++i) {
        scalar.mix(&lanes[0], &sums[0]);
        kernel.mix(&lanes[1], &sums[1]);
        assert_memory_equal(&lanes[1], &lanes[0], sizeof(lanes[0]));
        assert_memory_equal(&sums[1], &sums[0], sizeof(sums[0]));
    }
}

static void every_path_fades_to_the_same_bits(void **state)
{
    (void)state;
    on_each_path(expect_equal_denormals);
}

// The filter as kernel_private.h has it, in double.
static void expect_filter_of_header(double hz, double q, struct km_random *random)
{
    static struct km_lanes lanes;
    static struct km_lane_sums sums;
    const struct km_kernel kernel = km_kernel_of(KM_VECTOR_BEST, KM_INTERPOLATION_LINEAR);
    memset(&lanes, 0, sizeof(lanes));
    memset(&sums, 0, sizeof(sums));
    set_filter(&lanes, 3, hz, q);
    lanes.a1_step[3] = -1e-5F * lanes.a1[3];
    lanes.a2_step[3] = 3e-4F * lanes.a2[3];
    lanes.a3_step[3] = 2e-4F * lanes.a3[3];
    lanes.filter_moves = true;
    lanes.gain[KM_BUS_RIGHT][3] = 1.0F;
    lanes.gain_step[KM_BUS_RIGHT][3] = 1.0F / 256.0F;
    double a1 = (double)lanes.a1[3], a2 = (double)lanes.a2[3], a3 = (double)lanes.a3[3], s1 = 0.0,
           s2 = 0.0;
    double signal = 0.0, noise = 0.0;
    for (uint32_t i = 0; i < KM_QUANTUM_FRAMES; ++i) {
        lanes.wave[3][i] = any_between(random, -32768.0, 32767.0);
    }
    kernel.mix(&lanes, &sums);
    for (uint32_t i = 0; i < KM_QUANTUM_FRAMES; ++i) {
        const double v3 = (double)lanes.wave[3][i] - s2;
        const double v1 = a1 * s1 + a2 * v3;
        const double v2 = s2 + a2 * s1 + a3 * v3;
        const double error = (double)sums.sums[i][KM_BUS_RIGHT][3] - v2 * (1.0 + i / 256.0);
        signal += v2 * v2;
        noise += error * error;
        assert_true(sums.sums[i][KM_BUS_LEFT][3] == 0.0F);
        assert_true(sums.sums[i][KM_BUS_RIGHT][2] == 0.0F);
        s1 = 2.0 * v1 - s1;
        s2 = 2.0 * v2 - s2;
        a1 += (double)lanes.a1_step[3];
        a2 += (double)lanes.a2_step[3];
        a3 += (double)lanes.a3_step[3];
    }
    assert_true(10.0 * log10(signal / noise) > 95.0);
    assert_true(fabs((double)lanes.s1[3] - s1) < 5.0 && fabs((double)lanes.s2[3] - s2) < 5.0);
}

static void the_filter_moves_as_the_header_says(void **state)
{
    (void)state;
    struct km_random random;
    km_random_init(&random, 3, "mix");
    for (int i = 0; i < 100; ++i) {
        expect_filter_of_header(50.0 + 12000.0 * km_random_unit(&random),
                                0.5 + 5.0 * km_random_unit(&random), &random);
    }
}

// Gain of the low-pass of Bristow-Johnson's "Cookbook formulae for audio EQ biquad filter
// coefficients".
static double cookbook_gain(double hz, double cutoff_hz, double q)
{
    const double w0 = 2.0 * KM_PI * cutoff_hz / RATE;
    const double w = 2.0 * KM_PI * hz / RATE;
    const double alpha = sin(w0) / (2.0 * q);
    const double b1 = 1.0 - cos(w0), b0 = b1 / 2.0;
    const double above =
        hypot(b0 + b1 * cos(w) + b0 * cos(2.0 * w), b1 * sin(w) + b0 * sin(2.0 * w));
    const double a0 = 1.0 + alpha, a1 = -2.0 * cos(w0), a2 = 1.0 - alpha;
    const double below =
        hypot(a0 + a1 * cos(w) + a2 * cos(2.0 * w), a1 * sin(w) + a2 * sin(2.0 * w));
    return above / below;
}

// A sine's gain, measured once the filter has settled.
static double measured_gain(double hz, double cutoff_hz, double q)
{
    enum { SETTLING = 400, MEASURED = 750 };
    static struct km_lanes lanes;
    static struct km_lane_sums sums;
    const struct km_kernel kernel = km_kernel_of(KM_VECTOR_BEST, KM_INTERPOLATION_LINEAR);
    memset(&lanes, 0, sizeof(lanes));
    set_filter(&lanes, 0, cutoff_hz, q);
    lanes.gain[KM_BUS_LEFT][0] = 1.0F;
    double real = 0.0, imaginary = 0.0;
    for (uint32_t i = 0; i < SETTLING + MEASURED; ++i) {
        memset(&sums, 0, sizeof(sums));
        for (uint32_t j = 0; j < KM_QUANTUM_FRAMES; ++j) {
            const double angle = 2.0 * KM_PI * hz * (i * KM_QUANTUM_FRAMES + j) / RATE;
            lanes.wave[0][j] = (float)(10000.0 * sin(angle));
        }
        kernel.mix(&lanes, &sums);
        for (uint32_t j = 0; i >= SETTLING && j < KM_QUANTUM_FRAMES; ++j) {
            const double angle = 2.0 * KM_PI * hz * (i * KM_QUANTUM_FRAMES + j) / RATE;
            real += (double)sums.sums[j][KM_BUS_LEFT][0] * sin(angle);
            imaginary += (double)sums.sums[j][KM_BUS_LEFT][0] * cos(angle);
        }
    }
    return hypot(real, imaginary) * 2.0 / (10000.0 * MEASURED * KM_QUANTUM_FRAMES);
}

static void the_filter_is_the_cookbooks_low_pass(void **state)
{
    (void)state;
    static const double cutoffs_hz[] = {30.0, 400.0, 3000.0, 15000.0, 21600.0};
    static const double qualities[] = {0.70710678, 4.0, 60.0};
    static const double sines_hz[] = {20.0, 100.0, 400.0, 2500.0, 3000.0, 9000.0, 20000.0};
    for (size_t i = 0; i < 5; ++i) {
        for (size_t j = 0; j < 3; ++j) {
            if (cutoffs_hz[i] < 100.0 && qualities[j] > 1.0) {
                continue; // Rings longer than is measured.
            }
            for (size_t k = 0; k < 7; ++k) {
                const double expected = cookbook_gain(sines_hz[k], cutoffs_hz[i], qualities[j]);
                const double gain = measured_gain(sines_hz[k], cutoffs_hz[i], qualities[j]);
                assert_true(fabs(gain - expected) < 1e-4 * (expected + 0.01));
            }
        }
    }
}

// The sends are left alone where there are none.
static void sums_without_sends_stay(void **state)
{
    (void)state;
    static struct km_lanes lanes;
    static struct km_lane_sums sums;
    struct km_random random;
    km_random_init(&random, 4, "mix");
    set_any(&lanes, &random);
    lanes.has_sends = false;
    memset(&sums, 0, sizeof(sums));
    km_kernel_of(KM_VECTOR_BEST, KM_INTERPOLATION_LINEAR).mix(&lanes, &sums);
    for (uint32_t i = 0; i < KM_QUANTUM_FRAMES; ++i) {
        for (uint32_t lane = 0; lane < KM_LANES; ++lane) {
            assert_true(sums.sums[i][KM_BUS_REVERB][lane] == 0.0F);
            assert_true(sums.sums[i][KM_BUS_CHORUS][lane] == 0.0F);
        }
    }
    assert_true(sums.sums[5][KM_BUS_LEFT][0] != 0.0F);
}

// Lanes are added in halves: first the farthest apart.
static void lanes_are_added_in_one_order(void **state)
{
    (void)state;
    static struct km_lane_sums sums;
    struct km_random random;
    km_random_init(&random, 5, "mix");
    set_any_sums(&sums, &random);
    alignas(64) struct km_synth_buses buses;
    km_kernel_of(KM_VECTOR_BEST, KM_INTERPOLATION_LINEAR).reduce(&sums, &buses);
    const float *const out[KM_BUSES] = {buses.left, buses.right, buses.reverb, buses.chorus};
    for (uint32_t i = 0; i < KM_QUANTUM_FRAMES; ++i) {
        for (uint32_t bus = 0; bus < KM_BUSES; ++bus) {
            float tree[KM_LANES];
            memcpy(tree, sums.sums[i][bus], sizeof(tree));
            for (uint32_t half = KM_LANES / 2; half > 0; half /= 2) {
                for (uint32_t lane = 0; lane < half; ++lane) {
                    tree[lane] += tree[lane + half];
                }
            }
            assert_memory_equal(&out[bus][i], tree, sizeof(tree[0]));
        }
    }
}

static void paths_have_names(void **state)
{
    (void)state;
    assert_true(km_vector_path_is_here(KM_VECTOR_BEST));
    assert_true(km_vector_path_is_here(KM_VECTOR_SCALAR));
    assert_string_equal(km_vector_path_name(KM_VECTOR_SCALAR), "scalar");
    assert_string_equal(km_vector_path_name(KM_VECTOR_AVX512), "avx512");
    assert_int_equal(km_vector_path_is_here(KM_VECTOR_NEON), KM_KERNEL_NEON);
#if defined(__x86_64__)
    assert_true(km_vector_path_is_here(KM_VECTOR_SSE2));
#endif
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_path_mixes_the_same_bits),
        cmocka_unit_test(every_path_fades_to_the_same_bits),
        cmocka_unit_test(the_filter_moves_as_the_header_says),
        cmocka_unit_test(the_filter_is_the_cookbooks_low_pass),
        cmocka_unit_test(sums_without_sends_stay),
        cmocka_unit_test(lanes_are_added_in_one_order),
        cmocka_unit_test(paths_have_names),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
