// SPDX-License-Identifier: MIT

#include "synth/reverb_private.h"

#include "unit/synth/effects_rig.h"

static struct km_reverb *reverb_in(struct effect_memory *memory,
                                   const struct km_reverb_config *config)
{
    *memory = effect_memory_of(km_reverb_size(config));
    struct km_reverb *const reverb = km_reverb_new(&memory->arena, config);
    assert_non_null(reverb);
    return reverb;
}

// The answer to `send` (`count` frames, whole quanta, then silence).
static struct stereo answer_of(const struct km_reverb_config *config, const float *send,
                               size_t count, double seconds)
{
    struct effect_memory memory;
    struct km_reverb *const reverb = reverb_in(&memory, config);
    const size_t quanta = (size_t)(seconds * (double)config->rate_hz) / Q;
    struct stereo out = stereo_new(quanta);
    alignas(64) float silence[Q] = {0};
    for (size_t i = 0; i < quanta; ++i) {
        const float *const in = (i + 1) * Q <= count ? send + i * Q : silence;
        km_reverb_process(reverb, in, out.left + i * Q, out.right + i * Q);
    }
    effect_memory_free(&memory);
    return out;
}

static struct stereo answer_to_impulse(const struct km_reverb_config *config, double seconds)
{
    alignas(64) const float impulse[Q] = {1.0f};
    return answer_of(config, impulse, Q, seconds);
}

// Seconds for 60 dB, from Schroeder's integral of both sides between two levels below its start.
static double decay_of(const struct stereo *band, double rate_hz, double from_db, double to_db)
{
    double total = energy_of(band->left, band->frames) + energy_of(band->right, band->frames);
    const double start = total;
    double from = 0.0, to = 0.0;
    for (size_t i = 0; i < band->frames; ++i) {
        const double level = decibels(total / start);
        from = level > -from_db ? (double)i : from;
        to = level > -to_db ? (double)i : to;
        total -= (double)band->left[i] * (double)band->left[i];
        total -= (double)band->right[i] * (double)band->right[i];
    }
    return (to - from) / rate_hz * 60.0 / (to_db - from_db);
}

// In a band round a frequency, narrower for highs, whose decay changes faster.
static double decay_at(const struct stereo *answer, double rate_hz, double hz, double from_db,
                       double to_db)
{
    struct stereo band = stereo_new(answer->frames / Q);
    band_pass(answer->left, band.left, answer->frames, hz / rate_hz, hz > 2000.0 ? 4.0 : 1.0);
    band_pass(answer->right, band.right, answer->frames, hz / rate_hz, hz > 2000.0 ? 4.0 : 1.0);
    const double decay = decay_of(&band, rate_hz, from_db, to_db);
    stereo_free(&band);
    return decay;
}

static void decays_as_long_as_asked_and_straight(void **state)
{
    (void)state;
    static const float decays[] = {0.8f, 1.8f, 3.0f};
    for (int i = 0; i < EFFECT_RATES; i += RATE_STEP) {
        for (int j = 0; j < (KM_IS_SANITIZED ? 1 : 3); ++j) {
            const struct km_reverb_config config = {effect_rates[i], decays[j], KM_VECTOR_SCALAR};
            const double asked = (double)decays[j], rate = (double)effect_rates[i];
            struct stereo answer = answer_to_impulse(&config, 1.5 * asked);
            const double middle = decay_at(&answer, rate, 700.0, 5.0, 35.0);
            assert_true(fabs(middle - asked) < 0.1 * asked);
            const double begin = decay_at(&answer, rate, 700.0, 5.0, 25.0);
            const double end = decay_at(&answer, rate, 700.0, 25.0, 45.0);
            assert_true(fabs(begin - end) < 0.15 * asked);
            stereo_free(&answer);
        }
    }
}

static void highs_die_sooner_and_alike_at_all_rates(void **state)
{
    (void)state;
    for (int i = 0; i < EFFECT_RATES; i += RATE_STEP) {
        const struct km_reverb_config config = {effect_rates[i], 1.8f, KM_VECTOR_SCALAR};
        const double rate = (double)effect_rates[i];
        struct stereo answer = answer_to_impulse(&config, 2.0);
        assert_true(fabs(decay_at(&answer, rate, 8000.0, 5.0, 35.0) - 0.42 * 1.8) < 0.1);
        const double presence = decay_at(&answer, rate, 3500.0, 5.0, 35.0);
        assert_true(presence > 1.2 && presence < 1.6);
        stereo_free(&answer);
    }
}

// Abel and Huang, "A simple, robust measure of reverberation echo density" (AES 121st Convention,
// 2006): the share of frames beyond the standard deviation, over that of Gaussian noise.
static double echo_density(const float *x, size_t count)
{
    const double deviation = sqrt(energy_of(x, count) / (double)count);
    size_t beyond = 0;
    for (size_t i = 0; i < count; ++i) {
        beyond += fabs((double)x[i]) > deviation;
    }
    return (double)beyond / (double)count / 0.3173;
}

static void echoes_become_as_dense_as_noise(void **state)
{
    (void)state;
    for (int i = 0; i < EFFECT_RATES; i += RATE_STEP) {
        const struct km_reverb_config config = {effect_rates[i], 1.8f, KM_VECTOR_SCALAR};
        struct stereo answer = answer_to_impulse(&config, 1.2);
        const size_t window = effect_rates[i] / 40;
        const double first = echo_density(answer.left, window);
        const double second = echo_density(answer.left + window, window);
        assert_true(first < 0.75 && second > first);
        for (size_t at = 3 * window; at + window <= answer.frames; at += window) {
            assert_true(echo_density(answer.left + at, window) > 0.8);
            assert_true(echo_density(answer.right + at, window) > 0.8);
        }
        stereo_free(&answer);
    }
}

enum { TAIL = 65536, NEAR = 100 };

// Of noise, the power of each bin is exponentially distributed round what is expected near it: the
// geometric mean is .56 of the arithmetic (e to the -.577), and of the 10,000 looked at the largest
// is some 10 times what is expected.
static void no_tone_stands_out_of_the_tail(void **state)
{
    (void)state;
    const struct km_reverb_config config = {48000, 1.8f, KM_VECTOR_SCALAR};
    struct stereo answer = answer_to_impulse(&config, 2.0);
    double complex *const x = calloc(TAIL, sizeof(*x));
    double *const power = calloc(TAIL, sizeof(*power));
    assert_non_null(x);
    assert_non_null(power);
    for (int i = 0; i < TAIL; ++i) {
        // From .3 s on, made level: then all of the window counts.
        const double level = exp(6.9078 * (double)i / (1.75 * 48000.0));
        const double window = 0.5 - 0.5 * cos(2.0 * M_PI * (double)i / TAIL);
        x[i] = (double)answer.left[14400 + i] * level * window;
    }
    fourier(x, TAIL);
    for (int i = 0; i < TAIL; ++i) {
        power[i] = creal(x[i] * conj(x[i]));
    }
    double logs = 0.0, largest = 0.0;
    const int from = 200 * TAIL / 48000, to = 5000 * TAIL / 48000;
    for (int i = from; i < to; ++i) {
        double near = 0.0;
        for (int j = i - NEAR; j <= i + NEAR; ++j) {
            near += power[j] / (2 * NEAR + 1);
        }
        logs += log(power[i] / near) / (to - from);
        largest = fmax(largest, power[i] / near);
    }
    assert_true(exp(logs) > 0.5);
    assert_true(largest < 16.0);
    free(power);
    free(x);
    stereo_free(&answer);
}

static void sides_are_independent(void **state)
{
    (void)state;
    for (int i = 0; i < EFFECT_RATES; i += RATE_STEP) {
        const struct km_reverb_config config = {effect_rates[i], 1.8f, KM_VECTOR_SCALAR};
        struct stereo answer = answer_to_impulse(&config, 1.5);
        assert_true(fabs(correlation_of(answer.left, answer.right, answer.frames)) < 0.1);
        const size_t window = effect_rates[i] / 10;
        for (size_t at = 0; at + window <= answer.frames; at += window) {
            assert_true(fabs(correlation_of(answer.left + at, answer.right + at, window)) < 0.3);
        }
        const double left = energy_of(answer.left, answer.frames);
        const double right = energy_of(answer.right, answer.frames);
        assert_true(fabs(decibels(left / right)) < 1.0);
        stereo_free(&answer);
    }
}

// FluidSynth 2.3.1's reverb as it is set by default gives .5 dB less than the send's energy
// (measured with notes of TimGM6mb and a send of 1).
static void wet_energy_is_about_the_sends(void **state)
{
    (void)state;
    for (int i = 0; i < EFFECT_RATES; i += RATE_STEP) {
        const struct km_reverb_config config = {effect_rates[i], 1.8f, KM_VECTOR_SCALAR};
        const size_t count = (size_t)effect_rates[i] / Q * Q;
        float *const white = frames_new(count);
        float *const send = frames_new(count);
        fill_noise(white, count, 0.5f, 1);
        band_pass(white, send, count, 700.0 / (double)effect_rates[i], 0.5);
        struct stereo answer = answer_of(&config, send, count, 3.0);
        const double wet =
            energy_of(answer.left, answer.frames) + energy_of(answer.right, answer.frames);
        const double level = decibels(wet / energy_of(send, count));
        assert_true(level > -2.0 && level < 1.5);
        stereo_free(&answer);
        free(white);
        free(send);
    }
}

static void an_offset_does_not_come_through(void **state)
{
    (void)state;
    const struct km_reverb_config config = {48000, 1.8f, KM_VECTOR_SCALAR};
    const size_t count = (size_t)48000 / Q * Q;
    float *const send = frames_new(count);
    for (size_t i = 0; i < count; ++i) {
        send[i] = 1.0f;
    }
    struct stereo answer = answer_of(&config, send, count, 1.0);
    double sum = 0.0;
    for (size_t i = answer.frames - 4800; i < answer.frames; ++i) {
        sum += (double)answer.left[i] / 4800.0;
    }
    assert_true(fabs(sum) < 1e-3);
    stereo_free(&answer);
    free(send);
}

static void tails_end_in_exact_silence(void **state)
{
    (void)state;
    static const float decays[] = {0.3f, 1.8f};
    for (int i = 0; i < EFFECT_RATES; i += 3) {
        for (int j = 0; j < (KM_IS_SANITIZED ? 1 : 2); ++j) {
            const struct km_reverb_config config = {effect_rates[i], decays[j], KM_VECTOR_SCALAR};
            const size_t count = (size_t)effect_rates[i] / 4 / Q * Q;
            float *const send = frames_new(count);
            fill_noise(send, count, 1.0f, 2);
            const double seconds = 0.25 + 4.0 * (double)decays[j];
            struct stereo answer = answer_of(&config, send, count, seconds + 0.2);
            const size_t end = (size_t)(seconds * (double)effect_rates[i]);
            assert_true(peak_of(answer.left + end, answer.frames - end) <= 0.0f);
            assert_true(peak_of(answer.right + end, answer.frames - end) <= 0.0f);
            assert_true(are_normal(answer.left, answer.frames));
            assert_true(are_normal(answer.right, answer.frames));
            stereo_free(&answer);
            free(send);
        }
    }
}

// After the tail has died the work is left out; what comes then must be what it would have been.
static void a_rest_changes_nothing_but_the_sway(void **state)
{
    (void)state;
    const struct km_reverb_config config = {48000, 0.3f, KM_VECTOR_SCALAR};
    const size_t rest = 3000, count = (size_t)2 * Q;
    struct effect_memory memory[2];
    struct km_reverb *const rested = reverb_in(&memory[0], &config);
    struct km_reverb *const fresh = reverb_in(&memory[1], &config);
    float *const send = frames_new(count);
    fill_noise(send, count, 0.3f, 3);
    alignas(64) float out[4][Q];
    alignas(64) const float silence[Q] = {0};
    for (size_t i = 0; i < rest; ++i) {
        km_reverb_process(rested, i == 0 ? send : silence, out[0], out[1]);
        km_reverb_process(fresh, silence, out[2], out[3]); // Sways along.
    }
    for (size_t i = 0; i < 400; ++i) {
        memset(out, 0, sizeof(out));
        const float *const in = i < 2 ? send + i * Q : silence;
        km_reverb_process(rested, in, out[0], out[1]);
        km_reverb_process(fresh, in, out[2], out[3]);
        assert_memory_equal(out[0], out[2], sizeof(out[0]));
        assert_memory_equal(out[1], out[3], sizeof(out[1]));
    }
    free(send);
    effect_memory_free(&memory[0]);
    effect_memory_free(&memory[1]);
}

static void all_paths_give_the_same_samples(void **state)
{
    (void)state;
    for (int i = 0; i < EFFECT_RATES; i += 3) {
        struct km_reverb_config config = {effect_rates[i], 1.8f, KM_VECTOR_SCALAR};
        const size_t count = (size_t)300 * Q;
        float *const send = frames_new(count);
        fill_noise(send, count, 0.8f, 4);
        struct stereo expected = answer_of(&config, send, count, 1.0);
        assert_true(energy_of(expected.left, expected.frames) > 1.0);
        for (int path = KM_VECTOR_SCALAR; path < KM_VECTOR_PATHS_COUNT; ++path) {
            config.path = (enum km_vector_path)path;
            if (km_vector_path_is_here(config.path)) {
                struct stereo answer = answer_of(&config, send, count, 1.0);
                const size_t size = expected.frames * sizeof(float);
                assert_memory_equal(answer.left, expected.left, size);
                assert_memory_equal(answer.right, expected.right, size);
                stereo_free(&answer);
            }
        }
        stereo_free(&expected);
        free(send);
    }
}

static void takes_just_what_it_said(void **state)
{
    (void)state;
    for (int i = 0; i < EFFECT_RATES; ++i) {
        const struct km_reverb_config config = {effect_rates[i], 1.8f, KM_VECTOR_SCALAR};
        const size_t size = km_reverb_size(&config);
        assert_int_equal(size % 64, 0);
        struct effect_memory memory = effect_memory_of(size);
        memory.arena.size = size - 1;
        assert_null(km_reverb_new(&memory.arena, &config));
        assert_int_equal(memory.arena.used, 0);
        memory.arena.size = size;
        assert_non_null(km_reverb_new(&memory.arena, &config));
        assert_int_equal(memory.arena.used, size);
        effect_memory_free(&memory);
    }
}

static void nothing_makes_it_lose_its_head(void **state)
{
    (void)state;
    const struct km_reverb_config config = {48000, 1.8f, KM_VECTOR_SCALAR};
    struct effect_memory memory;
    struct km_reverb *const reverb = reverb_in(&memory, &config);
    alignas(64) float in[Q], left[Q], right[Q];
    for (int kind = 0; kind < EXTREMES; ++kind) {
        for (size_t i = 0; i < 500; ++i) {
            for (size_t n = 0; n < Q; ++n) {
                in[n] = extreme_at(kind, i * Q + n);
            }
            memset(left, 0, sizeof(left));
            memset(right, 0, sizeof(right));
            km_reverb_process(reverb, in, left, right);
            assert_true(are_normal(left, Q) && are_normal(right, Q));
            assert_true(peak_of(left, Q) < 1e8f && peak_of(right, Q) < 1e8f);
        }
        km_reverb_reset(reverb);
        memset(in, 0, sizeof(in));
        memset(left, 0, sizeof(left));
        km_reverb_process(reverb, in, left, left);
        assert_true(peak_of(left, Q) <= 0.0f);
    }
    effect_memory_free(&memory);
}

static void after_a_reset_it_is_as_new(void **state)
{
    (void)state;
    const struct km_reverb_config config = {48000, 1.8f, KM_VECTOR_SCALAR};
    struct effect_memory memory[2];
    struct km_reverb *const used = reverb_in(&memory[0], &config);
    struct km_reverb *const fresh = reverb_in(&memory[1], &config);
    alignas(64) float in[Q], out[4][Q];
    for (uint64_t i = 0; i < 300; ++i) {
        fill_noise(in, Q, 1.0f, i);
        km_reverb_process(used, in, out[0], out[1]);
    }
    km_reverb_reset(used);
    for (uint64_t i = 0; i < 300; ++i) {
        memset(out, 0, sizeof(out));
        fill_noise(in, Q, 1.0f, i);
        km_reverb_process(used, in, out[0], out[1]);
        km_reverb_process(fresh, in, out[2], out[3]);
        assert_memory_equal(out[0], out[2], 2 * sizeof(out[0]));
    }
    effect_memory_free(&memory[0]);
    effect_memory_free(&memory[1]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(decays_as_long_as_asked_and_straight),
        cmocka_unit_test(highs_die_sooner_and_alike_at_all_rates),
        cmocka_unit_test(echoes_become_as_dense_as_noise),
        cmocka_unit_test(no_tone_stands_out_of_the_tail),
        cmocka_unit_test(sides_are_independent),
        cmocka_unit_test(wet_energy_is_about_the_sends),
        cmocka_unit_test(an_offset_does_not_come_through),
        cmocka_unit_test(tails_end_in_exact_silence),
        cmocka_unit_test(a_rest_changes_nothing_but_the_sway),
        cmocka_unit_test(all_paths_give_the_same_samples),
        cmocka_unit_test(takes_just_what_it_said),
        cmocka_unit_test(nothing_makes_it_lose_its_head),
        cmocka_unit_test(after_a_reset_it_is_as_new),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
