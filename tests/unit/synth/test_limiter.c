// SPDX-License-Identifier: MIT

#include "synth/limiter_private.h"

#include "unit/synth/effects_rig.h"

#define CEILING_DB (-1.0 + 0.05)

static struct km_limiter *limiter_in(struct effect_memory *memory, uint32_t rate_hz,
                                     enum km_vector_path path)
{
    *memory = effect_memory_of(km_limiter_size(rate_hz));
    struct km_limiter *const limiter = km_limiter_new(&memory->arena, rate_hz, path);
    assert_non_null(limiter);
    return limiter;
}

// Limits in place.
static void limit(uint32_t rate_hz, enum km_vector_path path, struct stereo *x)
{
    struct effect_memory memory;
    struct km_limiter *const limiter = limiter_in(&memory, rate_hz, path);
    for (size_t i = 0; i + Q <= x->frames; i += Q) {
        km_limiter_process(limiter, x->left + i, x->right + i);
    }
    effect_memory_free(&memory);
}

static uint32_t latency_at(uint32_t rate_hz)
{
    struct effect_memory memory;
    const uint32_t latency = km_limiter_latency(limiter_in(&memory, rate_hz, KM_VECTOR_SCALAR));
    effect_memory_free(&memory);
    return latency;
}

enum { SIDE = 64, PHASES = 16 };

// The true peak, found with a windowed sinc of 128 taps at sixteen points a frame: nothing that the
// limiter knows of. Frames near the ends are left out.
static double true_peak(const float *x, size_t count)
{
    static double taps[PHASES][2 * SIDE];
    for (int phase = 0; phase < PHASES; ++phase) {
        for (int i = 0; i < 2 * SIDE; ++i) {
            const double at = (double)(i - SIDE + 1) - (double)phase / PHASES;
            const double edge = at / SIDE;
            const double window = 0.42 + 0.5 * cos(M_PI * edge) + 0.08 * cos(2.0 * M_PI * edge);
            taps[phase][i] = fabs(at) < 1e-9 ? 1.0 : sin(M_PI * at) / (M_PI * at) * window;
        }
    }
    double peak = 0.0;
    for (size_t n = SIDE; n + SIDE < count; ++n) {
        const float near = peak_of(x + n - 2, 5);
        if ((double)near < 0.6 * peak) {
            continue; // Far from the largest: not looked at more closely.
        }
        for (int phase = 0; phase < PHASES; ++phase) {
            double sum = 0.0;
            for (int i = 0; i < 2 * SIDE; ++i) {
                sum += taps[phase][i] * (double)x[n + (size_t)i - SIDE + 1];
            }
            peak = fmax(peak, fabs(sum));
        }
    }
    return peak;
}

static double true_peak_db(const struct stereo *x)
{
    const double left = true_peak(x->left, x->frames), right = true_peak(x->right, x->frames);
    return 20.0 * log10(fmax(left, right));
}

// Signals that are too loud, by number: those that hide their peaks between frames, and others.
enum { SIGNALS = 12 };

static float signal_at(int kind, size_t n, struct km_random *random)
{
    const double t = (double)n;
    const double pi2 = 2.0 * M_PI;
    switch (kind) {
    case 0: // A quarter of the rate, at 45 degrees: frames 3 dB below the true peak.
        return (float)(2.0 * sin(pi2 * 0.25 * t + M_PI / 4.0));
    case 1:
        return (float)(2.0 * sin(pi2 * 0.25 * t + 1.1));
    case 2: // A sixth, between frames.
        return (float)(1.5 * sin(pi2 * t / 6.0 + M_PI / 6.0));
    case 3:
        return n % 997 == 0 ? 4.0f : 0.0f;
    case 4: // Square.
        return n / 55 % 2 == 0 ? 3.0f : -3.0f;
    case 5: // 20 Hz at +12 dB.
        return (float)(3.98 * sin(pi2 * 20.0 / 48000.0 * t));
    case 6: // White noise: up to half the rate.
        return (float)(4.0 * km_random_unit(random) - 2.0);
    case 7: // Bursts out of silence.
        return n % 4800 < 200 ? (float)(3.0 * sin(pi2 * 0.11 * t)) : 0.0f;
    case 8: // A sweep up to .45 of the rate.
        return (float)(2.0 * sin(M_PI * 0.45 * t * t / 14400.0));
    case 9: // Two impulses of opposite signs, half a dozen frames apart.
        return n % 613 == 0 ? 5.0f : n % 613 == 6 ? -5.0f : 0.0f;
    case 10: // Noise of single bits.
        return km_random_unit(random) < 0.5 ? -1.2f : 1.2f;
    default: // Beats.
        return (float)(1.5 * (sin(pi2 * 0.2 * t) + sin(pi2 * 0.203 * t)));
    }
}

static void fill_signal(int kind, struct stereo *x)
{
    struct km_random random;
    km_random_init(&random, 5, "signal");
    for (size_t n = 0; n < x->frames; ++n) {
        x->left[n] = signal_at(kind, n, &random);
        x->right[n] = 0.3f * x->left[n];
    }
}

static void true_peaks_stay_below_one_decibel_under_full_scale(void **state)
{
    (void)state;
    for (int i = 0; i < EFFECT_RATES; i += RATE_STEP) {
        for (int kind = 0; kind < SIGNALS; ++kind) {
            struct stereo x = stereo_new(225); // .3 s at 48 kHz.
            fill_signal(kind, &x);
            limit(effect_rates[i], KM_VECTOR_SCALAR, &x);
            const double peak = true_peak_db(&x);
            assert_true(peak <= CEILING_DB);
            assert_true(peak > -3.0); // And no lower than need be.
            stereo_free(&x);
        }
    }
}

// Band-limited to .4 of the rate, as music is: seeds upon seeds.
static void random_music_stays_below(void **state)
{
    (void)state;
    for (uint64_t seed = 0; seed < (KM_IS_SANITIZED ? 3 : 20); ++seed) {
        struct stereo x = stereo_new(150);
        float *const white = frames_new(x.frames);
        fill_noise(white, x.frames, 8.0f, seed);
        band_pass(white, x.left, x.frames, 0.02 + 0.015 * (double)seed, 0.7);
        fill_noise(white, x.frames, 8.0f, seed + 100);
        band_pass(white, x.right, x.frames, 0.1, 0.5);
        limit(48000, KM_VECTOR_SCALAR, &x);
        assert_true(true_peak_db(&x) <= CEILING_DB);
        free(white);
        stereo_free(&x);
    }
}

// What is quiet enough passes bit by bit, be it right after a thunder.
static void what_is_quiet_enough_is_not_touched(void **state)
{
    (void)state;
    for (int i = 0; i < EFFECT_RATES; i += RATE_STEP) {
        const size_t latency = latency_at(effect_rates[i]);
        struct stereo x = stereo_new(effect_rates[i] * 3 / Q);
        struct stereo copy = stereo_new(x.frames / Q);
        const size_t thunder = effect_rates[i] / 4;
        // Noise whose true peak is some dB above its highest frame.
        fill_noise(x.left, x.frames, 0.4f, 1);
        fill_noise(x.right, x.frames, 0.4f, 2);
        fill_noise(x.left + thunder, thunder, 3.0f, 3);
        memcpy(copy.left, x.left, x.frames * sizeof(float));
        memcpy(copy.right, x.right, x.frames * sizeof(float));
        limit(effect_rates[i], KM_VECTOR_SCALAR, &x);
        const size_t before = thunder - (size_t)200 * (effect_rates[i] / 44100);
        assert_memory_equal(x.left + latency, copy.left, (before - latency) * sizeof(float));
        assert_memory_equal(x.right + latency, copy.right, (before - latency) * sizeof(float));
        // 2 s after it at the latest the gain is 1 again.
        const size_t after = effect_rates[i] * 5 / 2;
        const size_t rest = (x.frames - after - latency) * sizeof(float);
        assert_memory_equal(x.left + after + latency, copy.left + after, rest);
        assert_memory_equal(x.right + after + latency, copy.right + after, rest);
        stereo_free(&x);
        stereo_free(&copy);
    }
}

// Just below the ceiling nothing is done, just above something is.
static void acts_from_its_ceiling_on(void **state)
{
    (void)state;
    for (int above = 0; above < 2; ++above) {
        struct effect_memory memory;
        struct km_limiter *const limiter = limiter_in(&memory, 48000, KM_VECTOR_SCALAR);
        struct stereo x = stereo_new(200);
        const double amplitude = (double)KM_LIMITER_CEILING * (above ? 1.01 : 0.995);
        fill_sine(x.left, x.frames, amplitude, 1000.0 / 48000.0);
        for (size_t i = 0; i < x.frames; ++i) { // Faded in: a sudden start has higher peaks.
            x.left[i] *= i < 6400 ? (float)i / 6400.0f : 1.0f;
        }
        for (size_t i = 0; i < x.frames; i += Q) {
            km_limiter_process(limiter, x.left + i, x.right + i);
        }
        const float gain = km_limiter_least_gain(limiter);
        assert_true(above ? gain < 0.995f && gain > 0.985f : gain >= 1.0f);
        assert_true(km_limiter_least_gain(limiter) >= (above ? gain : 1.0f));
        stereo_free(&x);
        effect_memory_free(&memory);
    }
}

static void both_sides_get_the_same_gain(void **state)
{
    (void)state;
    struct stereo x = stereo_new(400), copy = stereo_new(400);
    fill_noise(x.left, x.frames, 3.0f, 1);
    fill_noise(x.right, x.frames, 0.1f, 2);
    memcpy(copy.left, x.left, x.frames * sizeof(float));
    memcpy(copy.right, x.right, x.frames * sizeof(float));
    limit(48000, KM_VECTOR_SCALAR, &x);
    const size_t latency = latency_at(48000);
    for (size_t n = latency; n < x.frames; ++n) {
        const double left = (double)x.left[n] / (double)copy.left[n - latency];
        const double right = (double)x.right[n] / (double)copy.right[n - latency];
        assert_true(fabs(left - right) < 1e-5);
    }
    stereo_free(&x);
    stereo_free(&copy);
}

// Of a low tone that is 12 dB too loud, what is left is a quieter tone: harmonics stay small,
// because the gain rests from peak to peak.
static void low_tones_are_not_distorted(void **state)
{
    (void)state;
    static const double tones[] = {20.0, 31.0, 50.0, 90.0, 440.0};
    for (int i = 0; i < 5; ++i) {
        struct stereo x = stereo_new(2250); // 3 s
        fill_sine(x.left, x.frames, 3.98, tones[i] / 48000.0);
        memcpy(x.right, x.left, x.frames * sizeof(float));
        limit(48000, KM_VECTOR_SCALAR, &x);
        const float *const y = x.left + 48000;
        const size_t count = 96000;
        const double first = cabs(tone_of(y, count, tones[i] / 48000.0));
        assert_true(first > 0.85 && first < 0.892);
        double others = 0.0;
        for (int harmonic = 2; harmonic < 12; ++harmonic) {
            const double size = cabs(tone_of(y, count, harmonic * tones[i] / 48000.0));
            others += size * size;
        }
        assert_true(sqrt(others) < 0.001 * first);
        stereo_free(&x);
    }
}

// The gain's course round a single peak, seen on a quiet tone of the other side.
static void gain_moves_smoothly_and_comes_back(void **state)
{
    (void)state;
    struct stereo x = stereo_new(1500);
    for (size_t n = 0; n < x.frames; ++n) {
        x.left[n] = n == 9600 ? 3.0f : 0.0f;
        x.right[n] = 0.1f;
    }
    limit(48000, KM_VECTOR_SCALAR, &x);
    const size_t latency = latency_at(48000), peak = 9600 + latency;
    float largest = 0.0f, largest_bend = 0.0f;
    for (size_t n = latency + 2; n < x.frames; ++n) {
        const float step = x.right[n] - x.right[n - 1];
        const float bend = step - (x.right[n - 1] - x.right[n - 2]);
        largest = fmaxf(largest, fabsf(step));
        largest_bend = fmaxf(largest_bend, fabsf(bend));
    }
    // 10 dB in 96 frames at most, without corners.
    assert_true(largest < 0.1f * 0.71f / 60.0f);
    assert_true(largest_bend < 0.1f * 0.71f / 60.0f / 20.0f);
    assert_true(x.right[peak] < 0.03f && x.right[peak + 1000] < 0.03f);       // Held,
    assert_true(x.right[peak + 4800] > 0.05f && x.right[peak + 4800] < 0.1f); // let go,
    assert_true(x.right[peak + 48000] >= 0.1f);                               // and gone.
    for (size_t n = peak + 1000; n + 1 < x.frames; ++n) {
        assert_true(x.right[n + 1] >= x.right[n]);
    }
    stereo_free(&x);
}

// Some seconds after a thunder the limiter is as new: it does the same to the next one.
static void in_the_end_it_forgets(void **state)
{
    (void)state;
    struct effect_memory memory[2];
    struct km_limiter *const used = limiter_in(&memory[0], 48000, KM_VECTOR_SCALAR);
    struct km_limiter *const fresh = limiter_in(&memory[1], 48000, KM_VECTOR_SCALAR);
    alignas(64) float x[4][Q];
    uint64_t done = 0;
    for (uint64_t i = 0; i < 7000; ++i) {
        const bool is_loud = i < 300 || i > 6600;
        fill_noise(x[0], Q, is_loud ? 3.0f : 0.2f, i);
        fill_noise(x[1], Q, is_loud ? 2.0f : 0.2f, i);
        memcpy(x[2], x[0], 2 * sizeof(x[0]));
        km_limiter_process(used, x[0], x[1]);
        if (i > 6500) {
            km_limiter_process(fresh, x[2], x[3]);
        }
        if (i > 6505) { // What came before is through.
            ++done;
            assert_memory_equal(x[0], x[2], 2 * sizeof(x[0]));
        }
    }
    assert_int_equal(done, 494);
    assert_true(km_limiter_least_gain(fresh) < 0.5f);
    effect_memory_free(&memory[0]);
    effect_memory_free(&memory[1]);
}

static void all_paths_give_the_same_samples(void **state)
{
    (void)state;
    for (int i = 0; i < EFFECT_RATES; i += 2) {
        for (int kind = 0; kind < SIGNALS; ++kind) {
            struct stereo expected = stereo_new(200);
            fill_signal(kind, &expected);
            limit(effect_rates[i], KM_VECTOR_SCALAR, &expected);
            for (int path = KM_VECTOR_SCALAR; path < KM_VECTOR_PATHS_COUNT; ++path) {
                if (km_vector_path_is_here((enum km_vector_path)path)) {
                    struct stereo x = stereo_new(200);
                    fill_signal(kind, &x);
                    limit(effect_rates[i], (enum km_vector_path)path, &x);
                    assert_memory_equal(x.left, expected.left, x.frames * sizeof(float));
                    assert_memory_equal(x.right, expected.right, x.frames * sizeof(float));
                    stereo_free(&x);
                }
            }
            stereo_free(&expected);
        }
    }
}

static void takes_just_what_it_said(void **state)
{
    (void)state;
    for (int i = 0; i < EFFECT_RATES; ++i) {
        const size_t size = km_limiter_size(effect_rates[i]);
        assert_int_equal(size % 64, 0);
        struct effect_memory memory = effect_memory_of(size);
        memory.arena.size = size - 1;
        assert_null(km_limiter_new(&memory.arena, effect_rates[i], KM_VECTOR_SCALAR));
        assert_int_equal(memory.arena.used, 0);
        memory.arena.size = size;
        assert_non_null(km_limiter_new(&memory.arena, effect_rates[i], KM_VECTOR_SCALAR));
        assert_int_equal(memory.arena.used, size);
        effect_memory_free(&memory);
    }
}

static void looks_ahead_for_less_than_three_milliseconds(void **state)
{
    (void)state;
    for (int i = 0; i < EFFECT_RATES; ++i) {
        const double ms = 1000.0 * (double)latency_at(effect_rates[i]) / (double)effect_rates[i];
        assert_true(ms > 1.5 && ms < 3.0);
    }
    assert_int_equal(latency_at(48000), 132);
}

static void nothing_makes_it_lose_its_head(void **state)
{
    (void)state;
    struct effect_memory memory;
    struct km_limiter *const limiter = limiter_in(&memory, 48000, KM_VECTOR_SCALAR);
    alignas(64) float left[Q], right[Q];
    for (int kind = 0; kind < EXTREMES; ++kind) {
        for (size_t i = 0; i < 500; ++i) {
            for (size_t n = 0; n < Q; ++n) {
                left[n] = extreme_at(kind, i * Q + n);
                right[n] = extreme_at(kind, i * Q + n + 1);
            }
            km_limiter_process(limiter, left, right);
            for (size_t n = 0; n < Q; ++n) {
                assert_true(fabsf(left[n]) <= 0.89126f && fabsf(right[n]) <= 0.89126f);
            }
        }
        assert_true(km_limiter_least_gain(limiter) > 0.0f);
        km_limiter_reset(limiter);
        memset(left, 0, sizeof(left));
        memset(right, 0, sizeof(right));
        left[0] = 0.5f;
        for (int i = 0; i < 3; ++i) { // Nothing of what was, then what comes now.
            km_limiter_process(limiter, left, right);
            assert_true(i < 2 ? peak_of(left, Q) <= 0.0f : left[132 % Q] >= 0.5f);
        }
        assert_true(km_limiter_least_gain(limiter) >= 1.0f);
    }
    effect_memory_free(&memory);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(true_peaks_stay_below_one_decibel_under_full_scale),
        cmocka_unit_test(random_music_stays_below),
        cmocka_unit_test(what_is_quiet_enough_is_not_touched),
        cmocka_unit_test(acts_from_its_ceiling_on),
        cmocka_unit_test(both_sides_get_the_same_gain),
        cmocka_unit_test(low_tones_are_not_distorted),
        cmocka_unit_test(gain_moves_smoothly_and_comes_back),
        cmocka_unit_test(in_the_end_it_forgets),
        cmocka_unit_test(all_paths_give_the_same_samples),
        cmocka_unit_test(takes_just_what_it_said),
        cmocka_unit_test(looks_ahead_for_less_than_three_milliseconds),
        cmocka_unit_test(nothing_makes_it_lose_its_head),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
