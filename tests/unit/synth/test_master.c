// SPDX-License-Identifier: MIT

#include "synth/master.h"

#include "unit/synth/effects_rig.h"

static const struct km_production neutral = {.width = 1.0f};

static struct km_master_config config_of(uint32_t rate_hz)
{
    return (struct km_master_config){.rate_hz = rate_hz,
                                     .has_reverb = true,
                                     .has_chorus = true,
                                     .has_limiter = true,
                                     .seed = 1,
                                     .path = KM_VECTOR_SCALAR};
}

static struct km_master *master_in(struct effect_memory *memory,
                                   const struct km_master_config *config)
{
    *memory = effect_memory_of(km_master_size(config));
    struct km_master *const master = km_master_new(&memory->arena, config);
    assert_non_null(master);
    return master;
}

// Noise on all buses, another for each quantum.
static void fill_buses(struct km_synth_buses *buses, float amplitude, uint64_t seed)
{
    fill_noise(buses->left, Q, amplitude, seed);
    fill_noise(buses->right, Q, amplitude, seed + 1000000);
    fill_noise(buses->reverb, Q, 0.3f * amplitude, seed + 2000000);
    fill_noise(buses->chorus, Q, 0.3f * amplitude, seed + 3000000);
}

static void takes_just_what_it_said(void **state)
{
    (void)state;
    for (int i = 0; i < EFFECT_RATES; ++i) {
        for (int parts = 0; parts < 8; ++parts) {
            struct km_master_config config = config_of(effect_rates[i]);
            config.has_reverb = parts & 1;
            config.has_chorus = parts & 2;
            config.has_limiter = parts & 4;
            const size_t size = km_master_size(&config);
            assert_int_equal(size % 64, 0);
            struct effect_memory memory = effect_memory_of(size);
            memory.arena.size = size - 1;
            assert_null(km_master_new(&memory.arena, &config));
            assert_int_equal(memory.arena.used, 0);
            memory.arena.size = size;
            assert_non_null(km_master_new(&memory.arena, &config));
            assert_int_equal(memory.arena.used, size);
            effect_memory_free(&memory);
        }
    }
}

static void needs_less_than_a_megabyte_at_48_khz(void **state)
{
    (void)state;
    const struct km_master_config config = config_of(48000);
    assert_true(km_master_size(&config) <= (size_t)1 << 20);
}

static void without_sends_a_quiet_mix_passes_bit_by_bit(void **state)
{
    (void)state;
    enum { QUANTA = 100 };
    for (int i = 0; i < EFFECT_RATES; ++i) {
        for (int has_limiter = 0; has_limiter < 2; ++has_limiter) {
            struct effect_memory memory;
            struct km_master_config config = config_of(effect_rates[i]);
            config.has_limiter = has_limiter;
            struct km_master *const master = master_in(&memory, &config);
            km_master_set_production(master, &neutral);
            km_master_set_volume(master, 1.0f);
            const size_t latency = km_master_latency(master);
            struct stereo in = stereo_new(QUANTA), out = stereo_new(QUANTA);
            for (size_t at = 0; at < in.frames; at += Q) {
                struct km_synth_buses buses;
                fill_buses(&buses, 0.4f, at);
                memset(buses.reverb, 0, sizeof(buses.reverb));
                memset(buses.chorus, 0, sizeof(buses.chorus));
                memcpy(in.left + at, buses.left, sizeof(buses.left));
                memcpy(in.right + at, buses.right, sizeof(buses.right));
                km_master_process(master, &buses, out.left + at, out.right + at);
            }
            const size_t size = (in.frames - latency) * sizeof(float);
            assert_true(peak_of(out.left, latency) <= 0.0f);
            assert_memory_equal(out.left + latency, in.left, size);
            assert_memory_equal(out.right + latency, in.right, size);
            stereo_free(&in);
            stereo_free(&out);
            effect_memory_free(&memory);
        }
    }
}

// Sends come through: reverb for long, chorus briefly, and each only where it is asked for.
static void sends_are_heard(void **state)
{
    (void)state;
    for (int parts = 0; parts < 4; ++parts) {
        struct effect_memory memory;
        struct km_master_config config = config_of(48000);
        config.has_reverb = parts & 1;
        config.has_chorus = parts & 2;
        struct km_master *const master = master_in(&memory, &config);
        alignas(64) float left[Q], right[Q];
        double soon = 0.0, late = 0.0;
        for (uint64_t i = 0; i < 400; ++i) {
            struct km_synth_buses buses;
            fill_buses(&buses, i < 20 ? 0.5f : 0.0f, i);
            memset(buses.left, 0, sizeof(buses.left));
            memset(buses.right, 0, sizeof(buses.right));
            km_master_process(master, &buses, left, right);
            *(i < 60 ? &soon : &late) += energy_of(left, Q) + energy_of(right, Q);
        }
        assert_true(parts == 0 ? soon <= 0.0 : soon > 0.1);
        assert_true(config.has_reverb ? late > 0.01 : late <= 0.0);
        effect_memory_free(&memory);
    }
}

static void silence_follows_the_tails(void **state)
{
    (void)state;
    const struct km_master_config config = config_of(48000);
    struct effect_memory memory;
    struct km_master *const master = master_in(&memory, &config);
    km_master_set_production(master, &(struct km_production){.mud_db = 6.0f, .drive = 0.5f});
    alignas(64) float left[Q], right[Q];
    struct km_synth_buses buses;
    for (uint64_t i = 0; i < 750; ++i) {
        fill_buses(&buses, 1.0f, i);
        km_master_process(master, &buses, left, right);
    }
    memset(&buses, 0, sizeof(buses));
    for (uint64_t i = 0; i < 6750; ++i) {
        km_master_process(master, &buses, left, right);
        assert_true(are_normal(left, Q) && are_normal(right, Q));
        if (i > 6000) {
            assert_true(peak_of(left, Q) <= 0.0f && peak_of(right, Q) <= 0.0f);
        }
    }
    effect_memory_free(&memory);
}

// All settings at once, some of them out of range.
static struct km_production setting_at(uint64_t i)
{
    static const struct km_production settings[] = {
        {0.0f, 0.0f, 0.0f, 1.0f, 0.0f},     {9.0f, 0.5f, 0.3f, 0.5f, 0.0f},
        {0.0f, 0.0f, 1.0f, 0.0f, 0.0f},     {4.0f, 1.0f, 0.0f, 1.0f, 0.0f},
        {99.0f, 99.0f, 99.0f, 99.0f, 0.0f}, {-1.0f, -1.0f, -1.0f, -1.0f, 0.0f},
        {NAN, NAN, NAN, NAN, 0.0f},         {0.001f, 1e-38f, 1e-38f, 1.0f, 0.0f},
    };
    return settings[i % (sizeof(settings) / sizeof(settings[0]))];
}

static void true_peak_stays_whatever_is_set(void **state)
{
    (void)state;
    const struct km_master_config config = config_of(48000);
    struct effect_memory memory;
    struct km_master *const master = master_in(&memory, &config);
    alignas(64) float left[Q], right[Q];
    for (uint64_t i = 0; i < 4000; ++i) {
        struct km_synth_buses buses;
        fill_buses(&buses, i % 1000 < 500 ? 0.5f : 3.0f, i);
        if (i % 7 == 0) {
            const struct km_production setting = setting_at(i / 7);
            km_master_set_production(master, &setting);
            km_master_set_volume(master, i % 3 == 0 ? 20.0f : i % 3 == 1 ? NAN : 1.0f);
        }
        km_master_process(master, &buses, left, right);
        assert_true(peak_of(left, Q) < 0.8913f && peak_of(right, Q) < 0.8913f);
        assert_true(are_normal(left, Q) && are_normal(right, Q));
    }
    effect_memory_free(&memory);
}

// A steady tone while one setting changes: no step from frame to frame is much larger than the
// tone's own (where the setting makes it louder, than the louder tone's).
static void changes_of_settings_do_not_click(void **state)
{
    (void)state;
    static const struct {
        struct km_production from, to;
        float volume_from, volume_to;
        float bend_max; // Of the second difference.
    } changes[] = {
        {{.width = 1.0f}, {.width = 1.0f, .mud_db = 9.0f}, 1.0f, 1.0f, 0.004f},
        {{.width = 1.0f, .mud_db = 9.0f}, {.width = 1.0f}, 1.0f, 1.0f, 0.006f},
        {{.width = 1.0f}, {.width = 0.0f}, 1.0f, 1.0f, 0.004f},
        {{.width = 0.0f}, {.width = 1.0f}, 1.0f, 1.0f, 0.004f},
        {{.width = 1.0f}, {.width = 1.0f, .drive = 0.5f}, 1.0f, 1.0f, 0.003f},
        {{.width = 1.0f, .drive = 0.5f}, {.width = 1.0f}, 1.0f, 1.0f, 0.003f},
        {{.width = 1.0f, .drive = 0.2f}, {.width = 1.0f, .drive = 0.4f}, 1.0f, 1.0f, 0.003f},
        {{.width = 1.0f}, {.width = 1.0f}, 1.0f, 0.0f, 0.006f},
        {{.width = 1.0f}, {.width = 1.0f}, 0.0f, 2.0f, 0.012f},
    };
    for (size_t c = 0; c < sizeof(changes) / sizeof(changes[0]); ++c) {
        struct km_master_config config = config_of(48000);
        config.has_limiter = false;
        struct effect_memory memory;
        struct km_master *const master = master_in(&memory, &config);
        struct stereo in = stereo_new(60), out = stereo_new(60);
        fill_sine(in.left, in.frames, 0.25, 300.0 / 48000.0);
        km_master_set_production(master, &changes[c].from);
        km_master_set_volume(master, changes[c].volume_from);
        for (size_t at = 0; at < in.frames; at += Q) {
            struct km_synth_buses buses = {.left = {0}};
            memcpy(buses.left, in.left + at, sizeof(buses.left));
            if (at == (size_t)30 * Q) {
                km_master_set_production(master, &changes[c].to);
                km_master_set_volume(master, changes[c].volume_to);
            }
            km_master_process(master, &buses, out.left + at, out.right + at);
        }
        for (size_t n = (size_t)20 * Q; n < out.frames; ++n) {
            const float *const x = out.left + n;
            assert_true(fabsf(x[0] - 2.0f * x[-1] + x[-2]) < changes[c].bend_max);
        }
        stereo_free(&in);
        stereo_free(&out);
        effect_memory_free(&memory);
    }
}

static void room_noise_fades_in_and_out(void **state)
{
    (void)state;
    const struct km_master_config config = config_of(48000);
    struct effect_memory memory;
    struct km_master *const master = master_in(&memory, &config);
    const struct km_synth_buses buses = {.left = {0}};
    alignas(64) float left[Q], right[Q];
    float last = 0.0f;
    for (int i = 0; i < 300; ++i) {
        const struct km_production setting = {.room_noise_percent = i < 150 ? 1.0f : 0.0f,
                                              .width = 1.0f};
        km_master_set_production(master, &setting);
        km_master_process(master, &buses, left, right);
        for (int n = 0; n < Q; ++n) {
            assert_true(fabsf(left[n] - last) < 0.005f);
            last = left[n];
        }
        assert_true(i < 160 || peak_of(left, Q) <= 0.0f);
    }
    effect_memory_free(&memory);
}

static void the_meter_tells_peaks_and_reduction(void **state)
{
    (void)state;
    const struct km_master_config config = config_of(48000);
    struct effect_memory memory;
    struct km_master *const master = master_in(&memory, &config);
    alignas(64) float left[Q], right[Q];
    struct km_master_meter meter = km_master_meter(master);
    assert_true(meter.peak_left <= 0.0f && meter.peak_right <= 0.0f);
    assert_true(fabsf(meter.reduction_db) <= 0.0f);
    float peaks[2] = {0};
    for (size_t i = 0; i < 200; ++i) {
        struct km_synth_buses buses = {.left = {0}};
        for (size_t n = 0; n < Q; ++n) {
            const double t = (double)(i * Q + n);
            buses.left[n] = (float)(2.0 * sin(2.0 * M_PI * 0.01 * t));
            buses.right[n] = 0.25f * buses.left[n];
        }
        km_master_process(master, &buses, left, right);
        peaks[0] = fmaxf(peaks[0], peak_of(left, Q));
        peaks[1] = fmaxf(peaks[1], peak_of(right, Q));
    }
    meter = km_master_meter(master);
    assert_true(fabsf(meter.peak_left - peaks[0]) <= 0.0f);
    assert_true(fabsf(meter.peak_right - peaks[1]) <= 0.0f);
    assert_true(fabsf(meter.reduction_db - 7.17f) < 0.1f); // +6.02 dB down to -1.15.
    meter = km_master_meter(master);
    assert_true(meter.peak_left <= 0.0f && fabsf(meter.reduction_db) <= 0.0f);
    effect_memory_free(&memory);
}

static void nothing_makes_it_lose_its_head(void **state)
{
    (void)state;
    const struct km_master_config config = config_of(48000);
    struct effect_memory memory;
    struct km_master *const master = master_in(&memory, &config);
    alignas(64) float left[Q], right[Q];
    for (int kind = 0; kind < EXTREMES; ++kind) {
        for (size_t i = 0; i < 400; ++i) {
            struct km_synth_buses buses;
            for (size_t n = 0; n < Q; ++n) {
                buses.left[n] = extreme_at(kind, i * Q + n);
                buses.right[n] = extreme_at(kind, i * Q + n + 1);
                buses.reverb[n] = extreme_at(kind, i * Q + n + 2);
                buses.chorus[n] = extreme_at(kind, i * Q + n + 3);
            }
            const struct km_production setting = setting_at(i / 100);
            km_master_set_production(master, &setting);
            km_master_process(master, &buses, left, right);
            for (size_t n = 0; n < Q; ++n) {
                assert_true(fabsf(left[n]) < 0.8913f && fabsf(right[n]) < 0.8913f);
            }
        }
        km_master_set_production(master, &neutral);
        km_master_reset(master);
        const struct km_synth_buses silence = {.left = {0}};
        for (int i = 0; i < 10; ++i) {
            km_master_process(master, &silence, left, right);
            assert_true(peak_of(left, Q) <= 0.0f && peak_of(right, Q) <= 0.0f);
        }
    }
    effect_memory_free(&memory);
}

// A session of all that can happen, on any path, and again after a reset.
static void play(struct km_master *master, struct stereo *out)
{
    for (size_t i = 0; i < out->frames / Q; ++i) {
        struct km_synth_buses buses;
        fill_buses(&buses, i % 100 < 50 ? 0.2f : 2.0f, i);
        if (i % 17 == 0) {
            const struct km_production setting = setting_at(i / 17);
            km_master_set_production(master, &setting);
            km_master_set_volume(master, 0.5f + (float)(i % 5));
        }
        km_master_process(master, &buses, out->left + i * Q, out->right + i * Q);
    }
}

static void all_paths_give_the_same_samples_also_after_a_reset(void **state)
{
    (void)state;
    enum { QUANTA = 400 };
    for (int i = 0; i < EFFECT_RATES; i += 3) {
        struct stereo expected = stereo_new(QUANTA), out = stereo_new(QUANTA);
        const size_t size = expected.frames * sizeof(float);
        for (int path = KM_VECTOR_PATHS_COUNT - 1; path >= KM_VECTOR_BEST; --path) {
            if (!km_vector_path_is_here((enum km_vector_path)path)) {
                continue;
            }
            struct km_master_config config = config_of(effect_rates[i]);
            config.path = (enum km_vector_path)path;
            struct effect_memory memory;
            struct km_master *const master = master_in(&memory, &config);
            play(master, energy_of(expected.left, 1000) > 0.0 ? &out : &expected);
            km_master_set_production(master, &neutral);
            km_master_set_volume(master, 1.0f);
            km_master_reset(master);
            play(master, &out);
            assert_memory_equal(out.left, expected.left, size);
            assert_memory_equal(out.right, expected.right, size);
            effect_memory_free(&memory);
        }
        stereo_free(&expected);
        stereo_free(&out);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(takes_just_what_it_said),
        cmocka_unit_test(needs_less_than_a_megabyte_at_48_khz),
        cmocka_unit_test(without_sends_a_quiet_mix_passes_bit_by_bit),
        cmocka_unit_test(sends_are_heard),
        cmocka_unit_test(silence_follows_the_tails),
        cmocka_unit_test(true_peak_stays_whatever_is_set),
        cmocka_unit_test(changes_of_settings_do_not_click),
        cmocka_unit_test(room_noise_fades_in_and_out),
        cmocka_unit_test(the_meter_tells_peaks_and_reduction),
        cmocka_unit_test(nothing_makes_it_lose_its_head),
        cmocka_unit_test(all_paths_give_the_same_samples_also_after_a_reset),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
