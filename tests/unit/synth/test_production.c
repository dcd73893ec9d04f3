// SPDX-License-Identifier: MIT

#include "synth/production_private.h"

#include "synth/drive_private.h"
#include "unit/synth/effects_rig.h"

// --- Mud ---

static struct stereo muddy(uint32_t rate_hz, float boost_db, const float *x, size_t count)
{
    struct km_mud mud;
    km_mud_init(&mud, rate_hz);
    km_mud_set(&mud, boost_db);
    struct stereo out = stereo_new(count / Q);
    memcpy(out.left, x, count * sizeof(float));
    memcpy(out.right, x, count * sizeof(float));
    for (size_t i = 0; i < count; i += Q) {
        km_mud_process(&mud, out.left + i, out.right + i);
    }
    return out;
}

static double mud_gain_db(uint32_t rate_hz, float boost_db, double hz)
{
    const size_t count = (size_t)rate_hz / Q * Q;
    float *const x = frames_new(count);
    fill_sine(x, count, 0.25, hz / (double)rate_hz);
    struct stereo out = muddy(rate_hz, boost_db, x, count);
    const size_t half = count / 2;
    const double gain = energy_of(out.right + half, half) / energy_of(x + half, half);
    stereo_free(&out);
    free(x);
    return decibels(gain);
}

static void mud_boosts_200_to_400_hz(void **state)
{
    (void)state;
    static const float boosts[] = {3.0f, 9.0f};
    for (int i = 0; i < EFFECT_RATES; ++i) {
        for (int j = 0; j < 2; ++j) {
            const double db = (double)boosts[j];
            const uint32_t rate = effect_rates[i];
            assert_true(fabs(mud_gain_db(rate, boosts[j], 282.84) - db) < 0.05);
            // Half of it in decibels an octave apart: the cookbook's bandwidth.
            assert_true(fabs(mud_gain_db(rate, boosts[j], 200.0) - db / 2.0) < 0.1);
            assert_true(fabs(mud_gain_db(rate, boosts[j], 400.0) - db / 2.0) < 0.1);
            assert_true(fabs(mud_gain_db(rate, boosts[j], 40.0)) < 0.2);
            assert_true(fabs(mud_gain_db(rate, boosts[j], 3000.0)) < 0.2);
        }
    }
}

// --- Room noise ---

static struct stereo room_of(uint32_t rate_hz, float percent, uint64_t seed, size_t quanta)
{
    struct km_room room;
    km_room_init(&room, rate_hz, seed);
    km_room_set(&room, percent);
    struct stereo out = stereo_new(quanta);
    for (size_t i = 0; i < out.frames; i += Q) {
        km_room_process(&room, out.left + i, out.right + i);
    }
    return out;
}

static void room_noise_has_the_level_asked_for(void **state)
{
    (void)state;
    for (int i = 0; i < EFFECT_RATES; ++i) {
        const size_t quanta = (size_t)10 * effect_rates[i] / Q;
        struct stereo out = room_of(effect_rates[i], 0.5f, 1, quanta);
        const double left = sqrt(energy_of(out.left, out.frames) / (double)out.frames);
        const double right = sqrt(energy_of(out.right, out.frames) / (double)out.frames);
        assert_true(fabs(20.0 * log10(left / 0.005)) < 0.5);
        assert_true(fabs(20.0 * log10(right / 0.005)) < 0.5);
        assert_true(fabs(correlation_of(out.left, out.right, out.frames)) < 0.05);
        stereo_free(&out);
    }
}

static double band_db(const struct stereo *x, double turns_per_frame)
{
    float *const band = frames_new(x->frames);
    band_pass(x->left, band, x->frames, turns_per_frame, 1.4);
    const double energy = energy_of(band, x->frames) / turns_per_frame;
    free(band);
    return decibels(energy);
}

// As in a room: most of it is low, hiss there is hardly any; but no offset.
static void room_noise_is_soft(void **state)
{
    (void)state;
    for (int i = 0; i < EFFECT_RATES; ++i) {
        const double rate = (double)effect_rates[i];
        struct stereo out = room_of(effect_rates[i], 1.0f, 2, (size_t)10 * effect_rates[i] / Q);
        const double low = band_db(&out, 120.0 / rate);
        const double middle = band_db(&out, 1000.0 / rate);
        const double high = band_db(&out, 8000.0 / rate);
        assert_true(low - middle > 8.0 && low - middle < 18.0);
        assert_true(middle - high > 20.0);
        double sum = 0.0;
        for (size_t n = 0; n < out.frames; ++n) {
            sum += (double)out.left[n];
        }
        assert_true(fabs(sum / (double)out.frames) < 0.0001);
        stereo_free(&out);
    }
}

static void room_noise_depends_on_the_seed_alone(void **state)
{
    (void)state;
    struct stereo a = room_of(48000, 1.0f, 3, 50), b = room_of(48000, 1.0f, 3, 50);
    struct stereo c = room_of(48000, 1.0f, 4, 50);
    assert_memory_equal(a.left, b.left, a.frames * sizeof(float));
    assert_memory_equal(a.right, b.right, a.frames * sizeof(float));
    assert_memory_not_equal(a.left, c.left, a.frames * sizeof(float));
    stereo_free(&a);
    stereo_free(&b);
    stereo_free(&c);
}

// --- Drive ---

static struct stereo driven(enum km_vector_path path, float amount, const float *x, size_t count)
{
    struct km_drive drive;
    km_drive_init(&drive, path);
    km_drive_set(&drive, amount, 1.0f);
    km_drive_reset(&drive);
    struct stereo out = stereo_new(count / Q);
    memcpy(out.left, x, count * sizeof(float));
    for (size_t i = 0; i < count; ++i) {
        out.right[i] = -x[i];
    }
    for (size_t i = 0; i < count; i += Q) {
        km_drive_process(&drive, out.left + i, out.right + i);
    }
    return out;
}

static void drive_keeps_loudness_and_adds_odd_harmonics(void **state)
{
    (void)state;
    enum { COUNT = 48000 };
    float *const x = frames_new(COUNT);
    fill_sine(x, COUNT, 0.25, 480.0 / 48000.0);
    double last = 0.0;
    static const float amounts[] = {0.125f, 0.25f, 0.5f, 1.0f};
    for (int i = 0; i < 4; ++i) {
        struct stereo out = driven(KM_VECTOR_SCALAR, amounts[i], x, COUNT);
        const float *const y = out.left + 4800;
        const size_t count = 38400;
        assert_true(fabs(decibels(energy_of(y, count) / energy_of(x, count))) < 0.3);
        const double first = cabs(tone_of(y, count, 0.01));
        const double third = cabs(tone_of(y, count, 0.03)) / first;
        assert_true(third > last);
        assert_true(cabs(tone_of(y, count, 0.02)) < 1e-5); // Both halves of the wave alike.
        last = third;
        for (size_t n = 0; n < out.frames; ++n) {
            assert_true(fabsf(out.left[n] + out.right[n]) <= 0.0f);
        }
        stereo_free(&out);
    }
    assert_true(last > 0.2 && last < 0.34); // A square's third harmonic is a third.
    free(x);
}

// What a tone's harmonics beyond half the rate come back as.
static void drive_hardly_aliases(void **state)
{
    (void)state;
    enum { COUNT = 48000 };
    static const struct {
        double hz;
        float amount;
        double limit_db;
    } cases[] = {{1130.0, 0.3f, -100.0},
                 {1130.0, 1.0f, -90.0},
                 {5030.0, 0.3f, -50.0},
                 {5030.0, 1.0f, -28.0}};
    float *const x = frames_new(COUNT);
    for (int i = 0; i < 4; ++i) {
        fill_sine(x, COUNT, 0.25, cases[i].hz / 48000.0);
        struct stereo out = driven(KM_VECTOR_SCALAR, cases[i].amount, x, COUNT);
        const float *const y = out.left + 4800;
        const double first = cabs(tone_of(y, 38400, cases[i].hz / 48000.0));
        double worst = 0.0;
        for (int harmonic = 3; harmonic < 60; harmonic += 2) {
            const double hz = cases[i].hz * harmonic;
            if (hz > 24000.0) {
                const double turns = hz / 48000.0;
                worst = fmax(worst, cabs(tone_of(y, 38400, turns)) / first);
            }
        }
        assert_true(20.0 * log10(worst) < cases[i].limit_db);
        stereo_free(&out);
    }
    free(x);
}

static void a_little_drive_is_nearly_none(void **state)
{
    (void)state;
    enum { COUNT = 4800 };
    float *const x = frames_new(COUNT);
    fill_sine(x, COUNT, 0.5, 0.01);
    struct stereo out = driven(KM_VECTOR_SCALAR, 0.005f, x, COUNT);
    for (size_t n = 100; n < COUNT; ++n) {
        assert_true(fabsf(out.left[n] - x[n - KM_DRIVE_LATENCY]) < 0.002f);
    }
    stereo_free(&out);
    struct stereo none = driven(KM_VECTOR_SCALAR, 1e-30f, x, COUNT);
    assert_memory_equal(none.left + KM_DRIVE_LATENCY, x,
                        (COUNT - KM_DRIVE_LATENCY) * sizeof(float));
    stereo_free(&none);
    free(x);
}

static void all_paths_drive_alike(void **state)
{
    (void)state;
    enum { COUNT = 6400 };
    float *const x = frames_new(COUNT);
    fill_noise(x, COUNT, 0.5f, 1);
    struct stereo expected = driven(KM_VECTOR_SCALAR, 0.6f, x, COUNT);
    for (int path = KM_VECTOR_SCALAR; path < KM_VECTOR_PATHS_COUNT; ++path) {
        if (km_vector_path_is_here((enum km_vector_path)path)) {
            struct stereo out = driven((enum km_vector_path)path, 0.6f, x, COUNT);
            assert_memory_equal(out.left, expected.left, COUNT * sizeof(float));
            assert_memory_equal(out.right, expected.right, COUNT * sizeof(float));
            stereo_free(&out);
        }
    }
    stereo_free(&expected);
    free(x);
}

// --- Width and volume ---

static void width_goes_from_as_mixed_to_mono(void **state)
{
    (void)state;
    float left[Q], right[Q], l[Q], r[Q];
    fill_noise(left, Q, 1.0f, 1);
    fill_noise(right, Q, 1.0f, 2);
    for (int quarters = 0; quarters <= 4; ++quarters) {
        const float width = 0.25f * (float)quarters;
        memcpy(l, left, sizeof(l));
        memcpy(r, right, sizeof(r));
        struct km_ramp ramp = {width, width};
        km_width_process(&ramp, l, r);
        for (int n = 0; n < Q; ++n) {
            const float mid = 0.5f * (left[n] + right[n]);
            const float side = 0.5f * (left[n] - right[n]);
            assert_true(fabsf(l[n] - mid - width * side) < 1e-6f);
            assert_true(fabsf(r[n] - mid + width * side) < 1e-6f);
            assert_true(width > 0.0f || fabsf(l[n] - r[n]) <= 0.0f);
        }
    }
    assert_memory_equal(l, left, sizeof(l));
    assert_memory_equal(r, right, sizeof(r));
}

static void ramps_end_where_they_should(void **state)
{
    (void)state;
    float left[Q], right[Q];
    for (int n = 0; n < Q; ++n) {
        left[n] = right[n] = 1.0f;
    }
    struct km_ramp volume = {1.0f, 0.25f};
    km_volume_process(&volume, left, right);
    assert_true(fabsf(left[Q - 1] - 0.25f) < 1e-6f);
    for (int n = 1; n < Q; ++n) {
        assert_true(left[n] < left[n - 1] && left[n - 1] - left[n] < 0.012f);
        assert_true(fabsf(left[n] - right[n]) <= 0.0f);
    }
    assert_true(fabsf(volume.now - 0.25f) <= 0.0f);
}

static void the_louder_drive_is_foretold(void **state)
{
    (void)state;
    static const double levels[] = {-40.0, -30.0, -12.0};
    for (int i = 0; i < 3; ++i) {
        struct km_drive drive;
        const size_t count = (size_t)100 * Q;
        struct stereo out = stereo_new(count / Q);
        const double amplitude = pow(10.0, (levels[i] + 0.691) / 20.0);
        fill_sine(out.left, count, amplitude, 440.0 / 48000.0);
        memcpy(out.right, out.left, count * sizeof(float));
        const double before = energy_of(out.left, count);
        km_drive_init(&drive, KM_VECTOR_SCALAR);
        km_drive_set(&drive, 0.7f, 1.0f);
        for (size_t n = 0; n < count; n += Q) {
            km_drive_process(&drive, out.left + n, out.right + n);
        }
        const double louder = decibels(energy_of(out.left, count) / before);
        assert_true(fabs(louder - km_drive_loudness(0.7, levels[i])) < 0.3);
        stereo_free(&out);
    }
    const double infinite = (double)INFINITY;
    assert_true(fabs(km_drive_loudness(0.0, -30.0)) <= 0.0);
    assert_true(isfinite(km_drive_loudness(0.9, -infinite)));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(mud_boosts_200_to_400_hz),
        cmocka_unit_test(room_noise_has_the_level_asked_for),
        cmocka_unit_test(room_noise_is_soft),
        cmocka_unit_test(room_noise_depends_on_the_seed_alone),
        cmocka_unit_test(drive_keeps_loudness_and_adds_odd_harmonics),
        cmocka_unit_test(drive_hardly_aliases),
        cmocka_unit_test(the_louder_drive_is_foretold),
        cmocka_unit_test(a_little_drive_is_nearly_none),
        cmocka_unit_test(all_paths_drive_alike),
        cmocka_unit_test(width_goes_from_as_mixed_to_mono),
        cmocka_unit_test(ramps_end_where_they_should),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
