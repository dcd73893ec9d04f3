// SPDX-License-Identifier: MIT

// Reading samples at a pitch, with all interpolations and vector paths.

#include "kernel_support.h"

#include <math.h>

enum { ALL = 3, ROUNDS = 3000, QUANTA = 6 };

struct fetched {
    float frames[QUANTA][KM_QUANTUM_FRAMES];
    uint64_t positions[QUANTA];
    bool has_looped[QUANTA];
    bool has_ended[QUANTA];
};

// Fetches some quanta, the first from `from`.
static void fetch(struct km_kernel kernel, struct km_wave wave, uint32_t from,
                  struct fetched *fetched)
{
    memset(fetched, 0, sizeof(*fetched));
    for (int i = 0; i < QUANTA; ++i) {
        memset(fetched->frames[i], 0x7F, sizeof(fetched->frames[i]));
        fetched->has_ended[i] = kernel.fetch(&wave, i == 0 ? from : 0, fetched->frames[i]);
        fetched->positions[i] = wave.position;
        fetched->has_looped[i] = wave.has_looped;
    }
}

// Any wave that is allowed: many short loops, ends and high pitches among them.
static struct km_wave any_wave(struct km_random *random, const struct sample *sample)
{
    static const double ratios_max[] = {0.01, 1.0, 2.0, 4.0, 4.1, 16.0, KM_PITCH_RATIO_MAX};
    static const uint32_t loops_max[] = {2, 3, 8, 16, 64, 300, 1U << 20U};
    const double ratio_max = ratios_max[km_random_below(random, 7)];
    const uint32_t end = sample->count - km_random_below(random, 3);
    const uint32_t loop_max = loops_max[km_random_below(random, 7)];
    const uint32_t length = 2 + km_random_below(random, (loop_max < end ? loop_max : end) - 1);
    const uint32_t loop_start = km_random_below(random, end - length + 1);
    struct km_wave wave = {
        .frames = sample->frames,
        .increment = 1 + km_random_bits(random) % fixed(ratio_max),
        .end = end,
        .loop_start = loop_start,
        .loop_end = loop_start + length,
        .loops = km_random_chance(random, 0.7),
    };
    if (km_random_chance(random, 0.1)) {
        wave.increment = fixed(ratio_max);
    }
    wave.position = km_random_bits(random) % ((uint64_t)wave.loop_end << 32U);
    wave.has_looped = wave.loops && wave.position >> 32U >= loop_start;
    if (!wave.loops && km_random_chance(random, 0.3)) { // Near the end.
        wave.position = ((uint64_t)end << 32U) - 1 - km_random_bits(random) % (wave.increment * 70);
        wave.position = wave.position >> 63U ? 0 : wave.position;
    }
    return wave;
}

static void expect_equal_paths(enum km_vector_path path)
{
    struct km_random random;
    km_random_init(&random, 1, "fetch");
    for (int i = 0; i < ROUNDS; ++i) {
        const struct sample sample = sample_of_noise(&random, 2 + km_random_below(&random, 5000));
        const struct km_wave wave = any_wave(&random, &sample);
        const uint32_t from =
            km_random_chance(&random, 0.7) ? 0 : km_random_below(&random, KM_QUANTUM_FRAMES);
        const enum km_interpolation interpolation = (enum km_interpolation)(i % ALL);
        struct fetched expected;
        struct fetched fetched;
        fetch(km_kernel_of(KM_VECTOR_SCALAR, interpolation), wave, from, &expected);
        fetch(km_kernel_of(path, interpolation), wave, from, &fetched);
        assert_memory_equal(&fetched, &expected, sizeof(fetched));
        free(sample.memory);
    }
}

static void every_path_fetches_the_same_bits(void **state)
{
    (void)state;
    on_each_path(expect_equal_paths);
}

// The frame that sounds at a place, as the words of kernel_private.h have it: naively.
static double frame_at(const struct km_wave *wave, int64_t place)
{
    const int64_t length = wave->loop_end - wave->loop_start;
    if (wave->loops) {
        while (place >= wave->loop_end) {
            place -= length;
        }
        while (wave->has_looped && place < wave->loop_start) {
            place += length;
        }
    } else if (place >= wave->end) {
        return 0.0;
    }
    return wave->frames[place];
}

static double sinc(double x)
{
    return x == 0.0 ? 1.0 : sin(KM_PI * x) / (KM_PI * x);
}

static double ideal(const struct km_wave *wave, double position, enum km_interpolation kind)
{
    const int64_t place = (int64_t)floor(position);
    const double f = position - (double)place;
    const double a = frame_at(wave, place - 1), b = frame_at(wave, place);
    const double c = frame_at(wave, place + 1), d = frame_at(wave, place + 2);
    if (kind == KM_INTERPOLATION_LINEAR) {
        return b * (1.0 - f) + c * f;
    }
    if (kind == KM_INTERPOLATION_4POINT) {
        return a * f * (-0.5 + f * (1.0 - 0.5 * f)) + b * (1.0 + f * f * (1.5 * f - 2.5)) +
               c * f * (0.5 + f * (2.0 - 1.5 * f)) + d * 0.5 * f * f * (f - 1.0);
    }
    double sum = 0.0, weights = 0.0;
    const int64_t nearest = (int64_t)floor(position + 0.5);
    const double step = (floor((position + 0.5) * KM_SINC_ROWS) + 0.5) / KM_SINC_ROWS - 0.5;
    for (int64_t i = nearest - 3; i <= nearest + 3; ++i) {
        const double distance = (double)i - step;
        const double weight = sinc(distance) * (0.5 + 0.5 * cos(2.0 * KM_PI * distance / 7.0));
        sum += frame_at(wave, i) * weight;
        weights += weight;
    }
    return sum / weights;
}

static void expect_ideal(enum km_interpolation kind)
{
    const struct km_kernel kernel = km_kernel_of(KM_VECTOR_SCALAR, kind);
    struct km_random random;
    km_random_init(&random, 2, "fetch");
    double signal = 0.0, noise = 0.0;
    for (int i = 0; i < ROUNDS / 5; ++i) {
        const struct sample sample = sample_of_noise(&random, 200 + km_random_below(&random, 5000));
        struct km_wave wave = any_wave(&random, &sample);
        for (int j = 0; j < QUANTA; ++j) {
            float frames[KM_QUANTUM_FRAMES];
            const struct km_wave before = wave;
            kernel.fetch(&wave, 0, frames);
            for (uint32_t k = 0; k < KM_QUANTUM_FRAMES; ++k) {
                const uint64_t fixed_position = before.position + k * before.increment;
                const double position = (double)fixed_position * 0x1p-32;
                const bool sounds = before.loops || fixed_position >> 32U < before.end;
                const double expected = sounds ? ideal(&before, position, kind) : 0.0;
                signal += expected * expected;
                const double error = (double)frames[k] - expected;
                noise += error * error;
            }
        }
        free(sample.memory);
    }
    assert_true(noise > 0.0);
    assert_true(10.0 * log10(signal / noise) > 120.0);
}

static void interpolation_is_that_of_the_formulas(void **state)
{
    (void)state;
    expect_ideal(KM_INTERPOLATION_LINEAR);
    expect_ideal(KM_INTERPOLATION_4POINT);
    expect_ideal(KM_INTERPOLATION_7POINT);
}

// A loop sounds as a sample in which it is written out.
static void expect_loop_as_written_out(enum km_interpolation kind, uint32_t length,
                                       struct km_random *random)
{
    enum { COUNT = 100, WRITTEN = 40000 };
    const struct km_kernel kernel = km_kernel_of(KM_VECTOR_BEST, kind);
    const struct sample sample = sample_of_noise(random, COUNT + length + 20);
    const struct sample written = sample_new(WRITTEN);
    struct km_wave wave = {.frames = sample.frames,
                           .position = km_random_bits(random) >> 32U,
                           .increment = fixed(0.05 + 3.0 * km_random_unit(random)),
                           .end = sample.count,
                           .loop_start = COUNT,
                           .loop_end = COUNT + length,
                           .loops = true};
    for (uint32_t i = 0; i < WRITTEN; ++i) {
        written.frames[i] = sample.frames[i < COUNT ? i : COUNT + (i - COUNT) % length];
    }
    struct km_wave plain = wave;
    plain.frames = written.frames;
    plain.end = WRITTEN;
    plain.loops = false;
    while (plain.position + 70 * plain.increment < (uint64_t)WRITTEN << 32U) {
        float looped[KM_QUANTUM_FRAMES];
        float expected[KM_QUANTUM_FRAMES];
        assert_false(kernel.fetch(&wave, 0, looped));
        assert_false(kernel.fetch(&plain, 0, expected));
        assert_memory_equal(looped, expected, sizeof(looped));
        assert_true(wave.position >> 32U < wave.loop_end);
    }
    free(sample.memory);
    free(written.memory);
}

static void a_loop_sounds_as_if_it_were_written_out(void **state)
{
    (void)state;
    struct km_random random;
    km_random_init(&random, 3, "fetch");
    for (uint32_t length = 2; length < 200; ++length) {
        expect_loop_as_written_out(length % ALL, length, &random);
    }
}

static void a_sample_ends_where_it_ends(void **state)
{
    (void)state;
    const struct km_kernel kernel = km_kernel_of(KM_VECTOR_BEST, KM_INTERPOLATION_LINEAR);
    const struct sample sample = sample_new(200);
    for (uint32_t i = 0; i < sample.count; ++i) {
        sample.frames[i] = 1000;
    }
    struct km_wave wave = {
        .frames = sample.frames, .position = fixed(1.0), .increment = fixed(1.5), .end = 150};
    float out[KM_QUANTUM_FRAMES];
    assert_false(kernel.fetch(&wave, 0, out)); // Positions 1 to 95.5.
    assert_true(out[0] == 1000.0F && out[63] == 1000.0F);
    assert_true(wave.position == fixed(97.0));
    assert_true(kernel.fetch(&wave, 0, out)); // 97 to 149.5: half of the last frame.
    assert_true(out[34] == 1000.0F && out[35] == 500.0F);
    for (uint32_t i = 36; i < KM_QUANTUM_FRAMES; ++i) {
        assert_true(out[i] == 0.0F);
    }
    free(sample.memory);
}

// At the frame after its last nothing is heard, also if a frame falls on just that.
static void a_sample_ends_before_its_end(void **state)
{
    (void)state;
    const struct sample sample = sample_new(90);
    for (uint32_t i = 0; i < sample.count; ++i) {
        sample.frames[i] = 30000;
    }
    for (uint32_t i = 0; i < ALL; ++i) {
        const struct km_kernel kernel = km_kernel_of(KM_VECTOR_BEST, i);
        struct km_wave wave = {
            .frames = sample.frames, .position = fixed(30.0), .increment = fixed(1.5), .end = 90};
        float out[KM_QUANTUM_FRAMES];
        assert_true(kernel.fetch(&wave, 0, out));
        assert_true(out[39] != 0.0F);
        assert_true(out[40] == 0.0F && out[63] == 0.0F);
    }
    free(sample.memory);
}

static void what_has_ended_is_silent(void **state)
{
    (void)state;
    struct km_random random;
    km_random_init(&random, 4, "fetch");
    const struct sample sample = sample_of_noise(&random, 300);
    const struct km_kernel kernel = km_kernel_of(KM_VECTOR_BEST, KM_INTERPOLATION_4POINT);
    struct km_wave wave = {
        .frames = sample.frames, .position = fixed(300.0), .increment = fixed(2.0), .end = 300};
    for (int i = 0; i < QUANTA; ++i) {
        float out[KM_QUANTUM_FRAMES];
        memset(out, 0x7F, sizeof(out));
        assert_true(kernel.fetch(&wave, 0, out));
        for (uint32_t j = 0; j < KM_QUANTUM_FRAMES; ++j) {
            assert_true(out[j] == 0.0F);
        }
    }
    free(sample.memory);
}

static void a_voice_begins_within_the_quantum(void **state)
{
    (void)state;
    struct km_random random;
    km_random_init(&random, 5, "fetch");
    for (uint32_t i = 0; i < 1000; ++i) {
        const uint32_t from = 1 + km_random_below(&random, KM_QUANTUM_FRAMES - 1);
        const struct sample sample = sample_of_noise(&random, 3000);
        const struct km_kernel kernel = km_kernel_of(KM_VECTOR_BEST, i % ALL);
        const struct km_wave wave = any_wave(&random, &sample);
        struct km_wave whole = wave;
        struct km_wave late = wave;
        float frames[KM_QUANTUM_FRAMES];
        float out[KM_QUANTUM_FRAMES];
        kernel.fetch(&whole, 0, frames);
        kernel.fetch(&late, from, out);
        for (uint32_t j = 0; j < from; ++j) {
            assert_true(out[j] == 0.0F);
        }
        assert_memory_equal(out + from, frames, (KM_QUANTUM_FRAMES - from) * sizeof(*out));
        if (!wave.loops) {
            assert_true(late.position ==
                        wave.position + (KM_QUANTUM_FRAMES - from) * wave.increment);
        }
        free(sample.memory);
    }
}

static void a_pitch_above_the_highest_is_held(void **state)
{
    (void)state;
    struct km_random random;
    km_random_init(&random, 6, "fetch");
    const struct sample sample = sample_of_noise(&random, 9000);
    for (uint32_t i = 0; i < ALL; ++i) {
        const struct km_kernel kernel = km_kernel_of(KM_VECTOR_BEST, i);
        struct km_wave wave = {.frames = sample.frames,
                               .increment = fixed(1e6),
                               .end = 9000,
                               .loop_end = 100,
                               .loops = true};
        struct km_wave held = wave;
        held.increment = fixed(KM_PITCH_RATIO_MAX);
        float out[KM_QUANTUM_FRAMES];
        float expected[KM_QUANTUM_FRAMES];
        assert_false(kernel.fetch(&wave, 0, out));
        assert_false(kernel.fetch(&held, 0, expected));
        assert_memory_equal(out, expected, sizeof(out));
        assert_true(wave.position == held.position);
    }
    free(sample.memory);
}

static void a_constant_stays_what_it_is(void **state)
{
    (void)state;
    const struct sample sample = sample_new(500);
    for (uint32_t i = 0; i < sample.count; ++i) {
        sample.frames[i] = 12345;
    }
    for (uint32_t i = 0; i < ALL; ++i) {
        const struct km_kernel kernel = km_kernel_of(KM_VECTOR_BEST, i);
        struct km_wave wave = {.frames = sample.frames,
                               .position = fixed(10.1),
                               .increment = fixed(1.2345),
                               .end = 500};
        float out[KM_QUANTUM_FRAMES];
        assert_false(kernel.fetch(&wave, 0, out));
        for (uint32_t j = 0; j < KM_QUANTUM_FRAMES; ++j) {
            assert_true(fabsf(out[j] - 12345.0F) < 0.01F);
        }
    }
    free(sample.memory);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_path_fetches_the_same_bits),
        cmocka_unit_test(interpolation_is_that_of_the_formulas),
        cmocka_unit_test(a_loop_sounds_as_if_it_were_written_out),
        cmocka_unit_test(a_sample_ends_where_it_ends),
        cmocka_unit_test(a_sample_ends_before_its_end),
        cmocka_unit_test(what_has_ended_is_silent),
        cmocka_unit_test(a_voice_begins_within_the_quantum),
        cmocka_unit_test(a_pitch_above_the_highest_is_held),
        cmocka_unit_test(a_constant_stays_what_it_is),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
