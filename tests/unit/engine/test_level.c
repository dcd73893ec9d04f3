// SPDX-License-Identifier: MIT

// The loudness estimate, beside what ITU-R BS.1770-4 says of sines, and beside what is rendered.

#include "engine/level.h"

#include "base/math.h"
#include "engine/level_private.h"
#include "engine/process.h"
#include "synth/master.h"
#include "unit/engine/feed_rig.h"

#include <math.h>

enum {
    RATE = 44100,
    PROGRAM_LOW = 1, // Of 100 Hz,
    PROGRAM_HIGH,    // and of 4,900 Hz; program 0 has 1,002.
    MIDDLE = 60,
    PERIOD_LOW = 440,
    PERIOD_HIGH = 9,
    PERIOD_KILOHERTZ = 44,
    VOLUME = 7,
    EXPRESSION = 11,
    PEDAL = 64,
    BLOCK = 1024,
};

struct level_rig {
    struct km_heap *heap;
    struct km_engine *engine;
    struct km_font *font;
    struct km_bank *bank;
    const struct km_instrument *kilohertz, *low, *high, *drums;
    uint16_t asked_bank; // By the estimate, last.
    struct km_level *level;
    const struct km_production *production;
};

static const struct km_instrument *look(void *context, uint16_t bank, uint8_t program)
{
    struct level_rig *const rig = context;
    rig->asked_bank = bank;
    if (bank == KM_BANK_DRUMS) {
        return rig->drums;
    }
    return program == PROGRAM_LOW    ? rig->low
           : program == PROGRAM_HIGH ? rig->high
           : program == 0            ? rig->kilohertz
                                     : NULL;
}

static const struct km_instrument *load(struct level_rig *rig, uint16_t bank, uint8_t program)
{
    const struct km_instrument *instrument = NULL;
    assert_int_equal(km_bank_load(rig->bank, bank, program, &instrument, NULL), KM_OK);
    return instrument;
}

static void level_rig_init(struct level_rig *rig)
{
    static struct test_font font;
    char path[TEST_FONT_PATH_SIZE];
    *rig = (struct level_rig){.heap = km_heap_new(NULL)};
    assert_non_null(rig->heap);
    const struct km_engine_config config = {.rate_hz = RATE,
                                            .without_reverb = true,
                                            .without_chorus = true,
                                            .without_limiter = true,
                                            .sample_pool_bytes = 1 << 19,
                                            .without_lock = true};
    assert_int_equal(km_engine_new(rig->heap, &config, &rig->engine, NULL), KM_OK);
    test_font_begin(&font);
    test_font_add_tone(&font, 0, 0, test_font_add_sine(&font, RATE, PERIOD_KILOHERTZ, 100));
    test_font_add_tone(&font, 0, PROGRAM_LOW, test_font_add_sine(&font, RATE, PERIOD_LOW, 20));
    test_font_add_tone(&font, 0, PROGRAM_HIGH, test_font_add_sine(&font, RATE, PERIOD_HIGH, 400));
    test_font_add_tone(&font, KM_BANK_DRUMS, 0, 0);
    test_font_write_temporary(&font, path);
    assert_int_equal(km_font_open(rig->heap, path, &rig->font, NULL, NULL), KM_OK);
    assert_int_equal(remove(path), 0);
    size_t size = 0;
    void *const pool = km_engine_pool(rig->engine, &size);
    rig->bank = km_bank_new(rig->heap, rig->font, pool, size);
    assert_non_null(rig->bank);
    rig->kilohertz = load(rig, 0, 0);
    rig->low = load(rig, 0, PROGRAM_LOW);
    rig->high = load(rig, 0, PROGRAM_HIGH);
    rig->drums = load(rig, KM_BANK_DRUMS, 0);
}

static void level_rig_release(struct level_rig *rig)
{
    km_level_free(rig->level);
    km_bank_release(rig->bank, rig->kilohertz);
    km_bank_release(rig->bank, rig->low);
    km_bank_release(rig->bank, rig->high);
    km_bank_release(rig->bank, rig->drums);
    km_bank_free(rig->bank);
    km_font_free(rig->font);
    km_engine_free(rig->engine);
    km_heap_free(rig->heap);
}

static void begin(struct level_rig *rig)
{
    const struct km_level_config config = {
        .heap = rig->heap, .find = look, .context = rig, .production = rig->production};
    km_level_free(rig->level);
    rig->level = km_level_new(&config);
    assert_non_null(rig->level);
}

static void put(struct level_rig *rig, double seconds, struct km_event event)
{
    assert_int_equal(km_level_add(rig->level, &event, seconds), KM_OK);
}

static void put_control(struct level_rig *rig, double seconds, uint8_t number, uint8_t value)
{
    put(rig, seconds,
        (struct km_event){.type = KM_EVENT_CONTROL, .number = number, .value = value});
}

static void put_on(struct level_rig *rig, double seconds, uint8_t channel, uint8_t velocity)
{
    put(rig, seconds,
        (struct km_event){
            .type = KM_EVENT_NOTE_ON, .channel = channel, .number = MIDDLE, .value = velocity});
}

static void put_off(struct level_rig *rig, double seconds, uint8_t channel)
{
    put(rig, seconds,
        (struct km_event){.type = KM_EVENT_NOTE_OFF, .channel = channel, .number = MIDDLE});
}

static double finish(struct level_rig *rig, double seconds)
{
    double lufs = 0.0;
    assert_int_equal(km_level_finish(rig->level, seconds, &lufs), KM_OK);
    return lufs;
}

// A tone of 10 s on a channel whose volume is all open.
static double tone(struct level_rig *rig, uint8_t program, uint8_t velocity, uint8_t volume,
                   uint8_t expression)
{
    begin(rig);
    put(rig, 0.0, (struct km_event){.type = KM_EVENT_PROGRAM, .number = program});
    put_control(rig, 0.0, VOLUME, volume);
    put_control(rig, 0.0, EXPRESSION, expression);
    put_on(rig, 0.0, 0, velocity);
    put_off(rig, 10.0, 0);
    return finish(rig, 10.0);
}

static void assert_near(double found, double wanted, double tolerance)
{
    if (!(fabs(found - wanted) <= tolerance)) {
        fail_msg("%f is not within %f of %f", found, tolerance, wanted);
    }
}

static double decibels(double power)
{
    return 10.0 * km_log(power) / km_log(10.0);
}

// |H| squared of b0 + b1 / z + b2 / z^2 at an angle.
static double magnitude(const double *c, double angle)
{
    const double real = c[0] + c[1] * km_cos(angle) + c[2] * km_cos(2.0 * angle);
    const double imaginary = c[1] * km_sin(angle) + c[2] * km_sin(2.0 * angle);
    return real * real + imaginary * imaginary;
}

// K-weighting in decibels, by the coefficients that BS.1770-4 gives for 48 kHz.
static double weight(double hz)
{
    static const double shelf_b[] = {1.53512485958697, -2.69169618940638, 1.19839281085285};
    static const double shelf_a[] = {1.0, -1.69065929318241, 0.73248077421585};
    static const double pass_b[] = {1.0, -2.0, 1.0};
    static const double pass_a[] = {1.0, -1.99004745483398, 0.99007225036621};
    const double angle = 2.0 * KM_PI * hz / 48000.0;
    return decibels(magnitude(shelf_b, angle) * magnitude(pass_b, angle) /
                    (magnitude(shelf_a, angle) * magnitude(pass_a, angle)));
}

// The power of both channels of what the engine plays of a tone, all open.
static double rendered_power(struct level_rig *rig, const struct km_instrument *instrument)
{
    static float left[BLOCK], right[BLOCK];
    assert_true(km_engine_set_instrument(rig->engine, 0, 0, instrument));
    struct km_chunk *const chunk = km_engine_chunk_take(rig->engine);
    assert_non_null(chunk);
    chunk->epoch = 1;
    chunk->begins_bar = chunk->ends_bar = true;
    chunk->end_tick = 100000;
    chunk->division = RIG_DIVISION;
    chunk->tempo = 500000;
    chunk->event_count = 2;
    chunk->events[0] = (struct km_event){.type = KM_EVENT_CONTROL, .number = VOLUME, .value = 127};
    chunk->events[1] = (struct km_event){.type = KM_EVENT_NOTE_ON, .number = MIDDLE, .value = 127};
    km_engine_chunk_send(rig->engine, chunk);
    assert_true(km_engine_play(rig->engine));
    double sum = 0.0;
    size_t count = 0;
    for (int block = 0; block < 50; ++block) {
        km_engine_process(rig->engine, &(const struct km_audio_block){
                                           .left = left, .right = right, .frames = BLOCK});
        for (uint32_t i = 0; block >= 10 && i < BLOCK; ++i) {
            sum += (double)left[i] * (double)left[i] + (double)right[i] * (double)right[i];
            count += 1;
        }
    }
    return sum / (double)count;
}

static void a_sine_is_as_loud_as_bs_1770_says_of_what_is_played(void **state)
{
    (void)state;
    static const struct {
        uint8_t program;
        double hz;
    } tones[] = {{0, (double)RATE / PERIOD_KILOHERTZ},
                 {PROGRAM_LOW, (double)RATE / PERIOD_LOW},
                 {PROGRAM_HIGH, (double)RATE / PERIOD_HIGH}};
    for (size_t i = 0; i < 3; ++i) {
        struct level_rig rig;
        level_rig_init(&rig);
        const struct km_instrument *const instrument = look(&rig, 0, tones[i].program);
        const double played =
            -0.691 + decibels(rendered_power(&rig, instrument)) + weight(tones[i].hz);
        assert_near(tone(&rig, tones[i].program, 127, 127, 127), played, 0.5);
        level_rig_release(&rig);
    }
}

static void velocity_volume_and_expression_scale_it(void **state)
{
    (void)state;
    struct level_rig rig;
    level_rig_init(&rig);
    const double full = tone(&rig, 0, 127, 127, 127);
    for (int value = 20; value < 127; value += 15) {
        const uint8_t v = (uint8_t)value;
        const double less = 2.0 * decibels(value / 127.0 * value / 127.0);
        assert_near(tone(&rig, 0, v, 127, 127) - full, less, 0.05);
        assert_near(tone(&rig, 0, 127, v, 127) - full, less, 0.05);
        assert_near(tone(&rig, 0, 127, 127, v) - full, less, 0.05);
        assert_near(tone(&rig, 0, v, v, 127) - full, 2.0 * less, 0.05);
    }
    level_rig_release(&rig);
}

// Two notes in turn, of half a second each, so that two of them are as one after the other.
static double in_turn(struct level_rig *rig, const uint8_t programs[2], const uint8_t keys[2])
{
    begin(rig);
    for (uint8_t channel = 0; channel < 2; ++channel) {
        put(rig, 0.0,
            (struct km_event){
                .type = KM_EVENT_PROGRAM, .channel = channel, .number = programs[channel]});
    }
    for (int i = 0; i < 40; ++i) {
        struct km_event event = {.type = KM_EVENT_NOTE_ON,
                                 .channel = (uint8_t)(i % 2),
                                 .number = keys[i % 2],
                                 .value = 127};
        put(rig, i * 0.5, event);
        event.type = KM_EVENT_NOTE_OFF;
        put(rig, i * 0.5 + 0.5, event);
    }
    return finish(rig, 20.0);
}

static void notes_of_other_instruments_and_keys_in_between_change_nothing(void **state)
{
    (void)state;
    struct level_rig rig;
    level_rig_init(&rig);
    static const uint8_t cases[][2][2] = {// Programs, keys.
                                          {{PROGRAM_LOW, PROGRAM_HIGH}, {MIDDLE, MIDDLE}},
                                          {{0, PROGRAM_HIGH}, {MIDDLE, MIDDLE}},
                                          {{0, 0}, {MIDDLE, 120}},
                                          {{PROGRAM_HIGH, PROGRAM_HIGH}, {MIDDLE, 96}}};
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); ++i) {
        double power = 0.0;
        for (int j = 0; j < 2; ++j) {
            const uint8_t program = cases[i][0][j];
            const uint8_t key = cases[i][1][j];
            const double alone =
                in_turn(&rig, (const uint8_t[]){program, program}, (const uint8_t[]){key, key});
            power += km_pow(10.0, alone / 10.0) / 2.0;
        }
        const double both = in_turn(&rig, cases[i][0], cases[i][1]);
        assert_near(both, 10.0 * km_log(power) / km_log(10.0), 0.4);
    }
    // The low-pass takes much from what is played far above its pitch.
    const double low = in_turn(&rig, (const uint8_t[]){0, 0}, (const uint8_t[]){MIDDLE, MIDDLE});
    const double high = in_turn(&rig, (const uint8_t[]){0, 0}, (const uint8_t[]){120, 120});
    assert_true(high < low - 3.0);
    level_rig_release(&rig);
}

static void mud_and_drive_count(void **state)
{
    (void)state;
    struct level_rig rig;
    level_rig_init(&rig);
    static const uint8_t programs[2] = {0, 0};
    static const uint8_t in_the_mud[2] = {38, 38}; // 22 semitones below 1,002 Hz: 281 Hz.
    static const uint8_t above[2] = {MIDDLE, MIDDLE};
    const double low = in_turn(&rig, programs, in_the_mud);
    const double high = in_turn(&rig, programs, above);
    const struct km_production mud = {.mud_db = 6.0f, .width = 1.0f};
    rig.production = &mud;
    assert_near(in_turn(&rig, programs, in_the_mud) - low, 6.0, 0.2);
    assert_near(in_turn(&rig, programs, above) - high, 0.0, 0.5);
    // Drive is told of the music behind its gain.
    const struct km_production soft = {.drive = 0.7f, .width = 1.0f, .gain = 0.01f};
    const struct km_production loud = {.drive = 0.7f, .width = 1.0f, .gain = 4.0f};
    rig.production = &soft;
    assert_near(in_turn(&rig, programs, above) - high, km_production_loudness(&soft, high - 40.0),
                0.5);
    rig.production = &loud;
    assert_near(in_turn(&rig, programs, above) - high, km_production_loudness(&loud, high + 12.0),
                0.5);
    assert_true(km_production_loudness(&soft, high - 40.0) >
                km_production_loudness(&loud, high + 12.0) + 3.0);
    level_rig_release(&rig);
}

static void what_is_far_below_does_not_count(void **state)
{
    (void)state;
    struct level_rig rig;
    level_rig_init(&rig);
    const double alone = tone(&rig, 0, 127, 127, 127);
    begin(&rig);
    put_control(&rig, 0.0, VOLUME, 127);
    put_on(&rig, 0.0, 0, 127);
    put_off(&rig, 10.0, 0);
    put_on(&rig, 30.0, 0, 20); // 32 dB below.
    put_off(&rig, 130.0, 0);
    assert_near(finish(&rig, 200.0), alone, 0.3);
    begin(&rig);
    put_control(&rig, 0.0, VOLUME, 127);
    put_on(&rig, 0.0, 0, 127);
    put_off(&rig, 100.0, 0);
    put_on(&rig, 100.0, 0, 90); // 6 dB below counts.
    put_off(&rig, 200.0, 0);
    assert_near(finish(&rig, 200.0), alone + decibels(0.5 + 0.5 * km_pow(90 / 127.0, 4)), 0.1);
    level_rig_release(&rig);
}

static void silence_is_minus_infinity(void **state)
{
    (void)state;
    struct level_rig rig;
    level_rig_init(&rig);
    begin(&rig);
    assert_true(isinf(finish(&rig, 10.0)));
    assert_true(isinf(tone(&rig, 99, 127, 127, 127))); // No such instrument.
    level_rig_release(&rig);
}

static void the_tenth_channel_asks_for_drums(void **state)
{
    (void)state;
    struct level_rig rig;
    level_rig_init(&rig);
    begin(&rig);
    put_on(&rig, 0.0, KM_CHANNEL_DRUMS, 100);
    assert_int_equal(rig.asked_bank, KM_BANK_DRUMS);
    put(&rig, 0.0,
        (struct km_event){.type = KM_EVENT_CONTROL, .channel = 3, .number = 0, .value = 8});
    put_on(&rig, 0.0, 3, 100);
    assert_int_equal(rig.asked_bank, 8);
    assert_true(finish(&rig, 2.0) > -60.0);
    level_rig_release(&rig);
}

static double short_note(struct level_rig *rig, bool with_pedal)
{
    begin(rig);
    put_control(rig, 0.0, VOLUME, 127);
    put_control(rig, 0.0, PEDAL, with_pedal ? 127 : 0);
    put_on(rig, 0.0, 0, 127);
    put_off(rig, 0.1, 0);
    put_control(rig, 10.0, PEDAL, 0);
    return finish(rig, 10.0);
}

static void the_pedal_holds_notes(void **state)
{
    (void)state;
    struct level_rig rig;
    level_rig_init(&rig);
    const double held = tone(&rig, 0, 127, 127, 127);
    assert_near(short_note(&rig, true), held, 0.01);
    assert_true(short_note(&rig, false) < held - 2.0);
    level_rig_release(&rig);
}

static void long_music_is_bounded(void **state)
{
    (void)state;
    struct level_rig rig;
    level_rig_init(&rig);
    const double held = tone(&rig, 0, 127, 127, 127);
    begin(&rig);
    const uint64_t before = km_heap_usage(rig.heap, KM_ACCOUNT_WORKING).current_bytes;
    put_control(&rig, 0.0, VOLUME, 127);
    put_on(&rig, 0.0, 0, 127);
    put_off(&rig, 1e12, 0); // As a file of few bytes can say.
    for (int i = 0; i < 1000; ++i) {
        put_on(&rig, 1e12 + i, 0, 127);
    }
    assert_near(finish(&rig, 1e13), held, 0.1);
    const uint64_t bytes = km_heap_usage(rig.heap, KM_ACCOUNT_WORKING).current_bytes - before;
    assert_true(bytes < (uint64_t)KM_LEVEL_SECONDS_MAX * 10 * sizeof(double) + (1 << 16));
    level_rig_release(&rig);
}

static void a_long_sample_goes_on_as_its_last_window(void **state)
{
    (void)state;
    enum { FRAMES = 2 * KM_PROFILE_WINDOW * KM_PROFILE_WINDOWS_MAX };
    int16_t *const frames = calloc(FRAMES, sizeof(*frames));
    assert_non_null(frames);
    for (uint32_t i = 0; i < FRAMES; ++i) {
        frames[i] = (int16_t)(i / 22 % 2 == 0 ? 8000 : -8000);
    }
    const struct km_region region = {
        .rate_hz = RATE, .end = FRAMES, .frames = frames, .root_key = MIDDLE};
    static struct km_profile profile;
    km_profile_measure(&region, (struct km_profile_tone){.cutoff = 13500}, &profile);
    assert_int_equal(profile.count, KM_PROFILE_WINDOWS_MAX);
    const float last = profile.windows[KM_PROFILE_WINDOWS_MAX - 1];
    assert_true(last > 0.0f);
    assert_true(km_profile_at(&profile, FRAMES - 1.0) == last);
    assert_true(km_profile_at(&profile, FRAMES + 1.0) == 0.0f);
    free(frames);
}

static void check_profiles(const struct km_region *region)
{
    for (int key = 0; key < KM_KEYS_COUNT; key += 9) {
        static struct km_profile profile;
        km_profile_measure(region, km_profile_tone(region, (uint8_t)key), &profile);
        assert_true(profile.count > 0);
        assert_true(profile.loop_power >= 0.0f && profile.loop_power < 1e6f);
        for (size_t window = 0; window < profile.count; ++window) {
            assert_true(profile.windows[window] >= 0.0f && profile.windows[window] < 1e6f);
        }
    }
}

static void all_that_a_region_may_ask_for_has_a_power(void **state)
{
    (void)state;
    static int16_t frames[5000];
    for (size_t i = 0; i < sizeof(frames) / sizeof(frames[0]); ++i) {
        frames[i] = (int16_t)(i / 22 % 2 == 0 ? 32767 : -32768);
    }
    static const int16_t tunes[] = {-120, -60, 0, 60, 120};
    static const int16_t cutoffs[] = {1500, 6900, 13500};
    static const int16_t decays[] = {-12000, 0, 8000};
    for (int i = 0; i < 5 * 3 * 3 * 2; ++i) {
        struct km_region region = {.rate_hz = i % 2 ? 400 : 50000,
                                   .end = 5000,
                                   .frames = frames,
                                   .root_key = MIDDLE,
                                   .loop_mode = i / 2 % 2 ? KM_LOOP_ALWAYS : KM_LOOP_NONE,
                                   .loop_start = 4000,
                                   .loop_end = 4002};
        int16_t *const g = region.generators;
        g[KM_GENERATOR_SCALE_TUNING] = i % 3 ? 100 : 1200;
        g[KM_GENERATOR_COARSE_TUNE] = tunes[i % 5];
        g[KM_GENERATOR_FILTER_CUTOFF] = cutoffs[i % 3];
        g[KM_GENERATOR_FILTER_Q] = i % 4 ? 0 : 960;
        g[KM_GENERATOR_MOD_ENVELOPE_TO_CUTOFF] = i % 2 ? 12000 : -12000;
        g[KM_GENERATOR_MOD_ENVELOPE_DECAY] = decays[i / 3 % 3];
        g[KM_GENERATOR_MOD_ENVELOPE_SUSTAIN] = 1000;
        g[KM_GENERATOR_KEY_TO_MOD_ENVELOPE_DECAY] = -1200;
        check_profiles(&region);
    }
}

static void it_needs_no_memory_that_it_does_not_get(void **state)
{
    (void)state;
    struct level_rig rig;
    level_rig_init(&rig);
    const uint64_t before = km_heap_usage(rig.heap, KM_ACCOUNT_WORKING).current_bytes;
    const struct km_level_config config = {.heap = rig.heap, .find = look, .context = &rig};
    enum km_status status = KM_ERROR_NO_MEMORY;
    uint64_t request = 1;
    for (; status != KM_OK; ++request) {
        double lufs = 0.0;
        km_heap_fail_at(rig.heap, request);
        struct km_level *const level = km_level_new(&config);
        const struct km_event on = {.type = KM_EVENT_NOTE_ON, .number = MIDDLE, .value = 100};
        status = level ? km_level_add(level, &on, 0.0) : KM_ERROR_NO_MEMORY;
        status = status == KM_OK ? km_level_finish(level, 300.0, &lufs) : status;
        km_heap_fail_at(rig.heap, 0);
        km_level_free(level);
        assert_true(status == KM_OK || status == KM_ERROR_NO_MEMORY);
        assert_int_equal(km_heap_usage(rig.heap, KM_ACCOUNT_WORKING).current_bytes, before);
    }
    assert_true(request > 4);
    level_rig_release(&rig);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_sine_is_as_loud_as_bs_1770_says_of_what_is_played),
        cmocka_unit_test(velocity_volume_and_expression_scale_it),
        cmocka_unit_test(notes_of_other_instruments_and_keys_in_between_change_nothing),
        cmocka_unit_test(mud_and_drive_count),
        cmocka_unit_test(what_is_far_below_does_not_count),
        cmocka_unit_test(silence_is_minus_infinity),
        cmocka_unit_test(the_tenth_channel_asks_for_drums),
        cmocka_unit_test(the_pedal_holds_notes),
        cmocka_unit_test(long_music_is_bounded),
        cmocka_unit_test(a_long_sample_goes_on_as_its_last_window),
        cmocka_unit_test(all_that_a_region_may_ask_for_has_a_power),
        cmocka_unit_test(it_needs_no_memory_that_it_does_not_get),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
