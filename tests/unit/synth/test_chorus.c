// SPDX-License-Identifier: MIT

#include "synth/chorus_private.h"

#include "unit/synth/effects_rig.h"

static struct km_chorus *chorus_in(struct effect_memory *memory, uint32_t rate_hz,
                                   enum km_vector_path path)
{
    *memory = effect_memory_of(km_chorus_size(rate_hz));
    struct km_chorus *const chorus = km_chorus_new(&memory->arena, rate_hz, path);
    assert_non_null(chorus);
    return chorus;
}

// What comes of `send`, of whole quanta.
static struct stereo answer_of(uint32_t rate_hz, enum km_vector_path path, const float *send,
                               size_t count)
{
    struct effect_memory memory;
    struct km_chorus *const chorus = chorus_in(&memory, rate_hz, path);
    struct stereo out = stereo_new(count / Q);
    for (size_t i = 0; i + Q <= count; i += Q) {
        km_chorus_process(chorus, send + i, out.left + i, out.right + i);
    }
    effect_memory_free(&memory);
    return out;
}

static void adds_half_of_the_sends_energy(void **state)
{
    (void)state;
    for (int i = 0; i < EFFECT_RATES; ++i) {
        const size_t count = (size_t)2 * effect_rates[i] / Q * Q;
        float *const white = frames_new(count);
        float *const send = frames_new(count);
        fill_noise(white, count, 0.5f, 1);
        band_pass(white, send, count, 1500.0 / (double)effect_rates[i], 0.4);
        struct stereo answer = answer_of(effect_rates[i], KM_VECTOR_SCALAR, send, count);
        const double left = energy_of(answer.left, count), right = energy_of(answer.right, count);
        assert_true(fabs(decibels((left + right) / energy_of(send, count) / 0.5)) < 0.5);
        assert_true(fabs(decibels(left / right)) < 0.5);
        assert_true(fabs(correlation_of(answer.left, answer.right, count)) < 0.3);
        stereo_free(&answer);
        free(white);
        free(send);
    }
}

// The trap of other choruses: delays that are in phase add up. Ours never gain 3 dB.
static void lows_do_not_pile_up(void **state)
{
    (void)state;
    const size_t count = (size_t)10 * 48000 / Q * Q;
    float *const send = frames_new(count);
    for (int step = 0; step < 10; ++step) {
        const double hz = 30.0 * pow(1.3, step);
        fill_sine(send, count, 0.5, hz / 48000.0);
        struct stereo answer = answer_of(48000, KM_VECTOR_SCALAR, send, count);
        const double wet = energy_of(answer.left, count) + energy_of(answer.right, count);
        assert_true(decibels(wet / energy_of(send, count)) < 1.0);
        stereo_free(&answer);
    }
    free(send);
}

// A pure tone stays one that changes slowly: nothing but what is near its frequency. A click, or a
// step from quantum to quantum, would be heard beside it.
static void a_tone_stays_clean(void **state)
{
    (void)state;
    for (int i = 0; i < EFFECT_RATES; ++i) {
        const double hz = 997.0, rate = (double)effect_rates[i];
        const size_t count = (size_t)4 * (size_t)effect_rates[i] / Q * Q;
        float *const send = frames_new(count);
        fill_sine(send, count, 0.5, hz / rate);
        struct stereo answer = answer_of(effect_rates[i], KM_VECTOR_SCALAR, send, count);
        enum { WINDOW = 16384 };
        static double complex x[WINDOW];
        double near = 0.0, far = 0.0;
        const size_t from = count / 2;
        for (size_t n = 0; n < WINDOW; ++n) {
            const double w = 0.5 - 0.5 * cos(2.0 * M_PI * (double)n / WINDOW);
            x[n] = (double)answer.left[from + n] * w * w; // Falls fast beside the tone.
        }
        fourier(x, WINDOW);
        for (size_t k = 1; k < WINDOW / 2; ++k) {
            const double off = fabs((double)k * rate / WINDOW - hz);
            *(off < 100.0 ? &near : &far) += creal(x[k] * conj(x[k]));
        }
        assert_true(decibels(far / near) < -75.0);
        stereo_free(&answer);
        free(send);
    }
}

// Pitch is bent by some cents, as the header says, and on each side differently.
static void bends_pitch_a_little(void **state)
{
    (void)state;
    const double hz = 3000.0, rate = 48000.0;
    const size_t count = (size_t)6 * 48000 / Q * Q;
    float *const send = frames_new(count);
    fill_sine(send, count, 0.5, hz / rate);
    struct stereo answer = answer_of(48000, KM_VECTOR_SCALAR, send, count);
    const double middle = cabs(tone_of(answer.left + 48000, 192000, hz / rate));
    double beside = 0.0;
    for (int half_cents = 6; half_cents < 24; ++half_cents) {
        const double off = hz * exp2(half_cents / 2400.0);
        beside = fmax(beside, cabs(tone_of(answer.left + 48000, 192000, off / rate)));
    }
    double beyond = 0.0;
    for (int half_cents = 50; half_cents < 120; ++half_cents) {
        const double off = hz * exp2(half_cents / 2400.0);
        beyond = fmax(beyond, cabs(tone_of(answer.left + 48000, 192000, off / rate)));
    }
    assert_true(beside > 0.3 * middle);
    assert_true(beyond < 0.02 * beside);
    stereo_free(&answer);
    free(send);
}

static void ends_in_silence_soon(void **state)
{
    (void)state;
    for (int i = 0; i < EFFECT_RATES; ++i) {
        const size_t count = (size_t)effect_rates[i] / Q * Q;
        const size_t fed = count / 2 / Q * Q;
        const size_t end = fed + (size_t)effect_rates[i] * 32 / 1000;
        float *const send = frames_new(count);
        fill_noise(send, fed, 1.0f, 2);
        send[fed - 1] = 1.0f;
        struct stereo answer = answer_of(effect_rates[i], KM_VECTOR_SCALAR, send, count);
        assert_true(peak_of(answer.left + fed, count - fed) > 0.1f);
        assert_true(peak_of(answer.left + end, count - end) <= 0.0f);
        assert_true(peak_of(answer.right + end, count - end) <= 0.0f);
        stereo_free(&answer);
        free(send);
    }
}

// After some silence the work is left out; what comes then must be what it would have been.
static void a_rest_changes_nothing(void **state)
{
    (void)state;
    const size_t quantum = Q, count = 400 * quantum;
    float *const send = frames_new(count);
    fill_noise(send, Q, 0.5f, 3);
    fill_noise(send + 300 * quantum, 100 * quantum, 0.5f, 3);
    struct stereo rested = answer_of(48000, KM_VECTOR_SCALAR, send, count);
    for (size_t i = Q; i < 300 * quantum; i += 2) {
        send[i] = 2e-9f; // So that it may not rest.
    }
    struct stereo busy = answer_of(48000, KM_VECTOR_SCALAR, send, count);
    for (size_t i = 330 * quantum; i < count; ++i) {
        assert_true(fabsf(rested.left[i] - busy.left[i]) < 1e-7f);
        assert_true(fabsf(rested.right[i] - busy.right[i]) < 1e-7f);
    }
    assert_true(peak_of(rested.left + 330 * quantum, 70 * quantum) > 0.1f);
    stereo_free(&rested);
    stereo_free(&busy);
    free(send);
}

static void all_paths_give_the_same_samples(void **state)
{
    (void)state;
    const size_t count = (size_t)1000 * Q;
    float *const send = frames_new(count);
    fill_noise(send, count, 0.8f, 4);
    for (int i = 0; i < EFFECT_RATES; ++i) {
        struct stereo expected = answer_of(effect_rates[i], KM_VECTOR_SCALAR, send, count);
        for (int path = KM_VECTOR_SCALAR; path < KM_VECTOR_PATHS_COUNT; ++path) {
            if (km_vector_path_is_here((enum km_vector_path)path)) {
                struct stereo answer =
                    answer_of(effect_rates[i], (enum km_vector_path)path, send, count);
                assert_memory_equal(answer.left, expected.left, count * sizeof(float));
                assert_memory_equal(answer.right, expected.right, count * sizeof(float));
                stereo_free(&answer);
            }
        }
        stereo_free(&expected);
    }
    free(send);
}

static void takes_just_what_it_said(void **state)
{
    (void)state;
    for (int i = 0; i < EFFECT_RATES; ++i) {
        const size_t size = km_chorus_size(effect_rates[i]);
        assert_int_equal(size % 64, 0);
        struct effect_memory memory = effect_memory_of(size);
        memory.arena.size = size - 1;
        assert_null(km_chorus_new(&memory.arena, effect_rates[i], KM_VECTOR_SCALAR));
        assert_int_equal(memory.arena.used, 0);
        memory.arena.size = size;
        assert_non_null(km_chorus_new(&memory.arena, effect_rates[i], KM_VECTOR_SCALAR));
        assert_int_equal(memory.arena.used, size);
        effect_memory_free(&memory);
    }
}

static void nothing_makes_it_lose_its_head(void **state)
{
    (void)state;
    struct effect_memory memory;
    struct km_chorus *const chorus = chorus_in(&memory, 48000, KM_VECTOR_SCALAR);
    alignas(64) float in[Q], left[Q], right[Q];
    for (int kind = 0; kind < EXTREMES; ++kind) {
        for (size_t i = 0; i < 500; ++i) {
            for (size_t n = 0; n < Q; ++n) {
                in[n] = extreme_at(kind, i * Q + n);
            }
            memset(left, 0, sizeof(left));
            memset(right, 0, sizeof(right));
            km_chorus_process(chorus, in, left, right);
            assert_true(are_normal(left, Q) && are_normal(right, Q));
            assert_true(peak_of(left, Q) < 1e7f && peak_of(right, Q) < 1e7f);
        }
        km_chorus_reset(chorus);
        memset(in, 0, sizeof(in));
        memset(left, 0, sizeof(left));
        km_chorus_process(chorus, in, left, left);
        assert_true(peak_of(left, Q) <= 0.0f);
    }
    effect_memory_free(&memory);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(adds_half_of_the_sends_energy),
        cmocka_unit_test(lows_do_not_pile_up),
        cmocka_unit_test(a_tone_stays_clean),
        cmocka_unit_test(bends_pitch_a_little),
        cmocka_unit_test(ends_in_silence_soon),
        cmocka_unit_test(a_rest_changes_nothing),
        cmocka_unit_test(all_paths_give_the_same_samples),
        cmocka_unit_test(takes_just_what_it_said),
        cmocka_unit_test(nothing_makes_it_lose_its_head),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
