// SPDX-License-Identifier: MIT

#include "synth/synth.h"

#include "base/random.h"
#include "unit/synth/rig.h"

enum { QUANTA = 200, FRAMES = QUANTA * KM_QUANTUM_FRAMES, KEY = RIG_ROOT_KEY };

static struct rig_instrument tone;
static struct rig_instrument other;
static float left[FRAMES], right[FRAMES];

static void sounds_a_note_and_ends_it(void **state)
{
    (void)state;
    rig_instrument_init(&tone, 1);
    struct rig rig = rig_of(16);
    rig_set(&rig, 0, 0, &tone);
    rig_note_on(&rig, 0, KEY, 127);
    rig_render(&rig, QUANTA, left, right);
    // CC 7 is 100; the pan law halves the power; a filter without a peak gives 1.5 dB.
    const double expected = RIG_AMPLITUDE / 32768.0 * 0.2 * sqrt(0.5) *
                            pow(10.0, -4.8 * (2.0 * rig_concave(127) + rig_concave(100))) *
                            pow(10.0, 3.01 / 40.0);
    assert_near(rig_peak(left + FRAMES / 2, FRAMES / 2) / expected, 1.0, 0.02);
    assert_near(rig_peak(right + FRAMES / 2, FRAMES / 2) / expected, 1.0, 0.02);
    assert_near(rig_cents(rig_hz(left, FRAMES), 480.0), 0.0, 0.1);
    rig_note_off(&rig, 0, KEY);
    rig_render(&rig, QUANTA, left, right);
    assert_int_equal(rig_voices(&rig), 0);
    assert_near(rig_peak(left + FRAMES / 2, FRAMES / 2), 0.0, 0.0);
    rig_free(&rig);
}

static void takes_what_it_said_and_nothing_if_that_is_too_much(void **state)
{
    (void)state;
    static const uint32_t voices[] = {1, 256, KM_SYNTH_VOICES_MAX};
    for (size_t i = 0; i < 3; ++i) {
        const struct km_synth_config config = {.rate_hz = 44100, .voices = voices[i]};
        const size_t size = km_synth_size(&config);
        unsigned char *const memory = calloc(1, size + 1);
        assert_non_null(memory);
        struct km_arena arena;
        km_arena_init(&arena, memory + 1, size); // As badly aligned as can be.
        assert_non_null(km_synth_new(&arena, &config));
        for (size_t less = 1024; less < size; less += less) {
            km_arena_init(&arena, memory, size - less);
            assert_null(km_synth_new(&arena, &config));
            assert_int_equal(arena.used, 0);
        }
        free(memory);
    }
    const struct km_synth_config usual = {.rate_hz = 48000, .voices = 256};
    assert_true(km_synth_size(&usual) <= (size_t)1536 * 1024);
    const struct km_synth_config most = {.rate_hz = 48000, .voices = KM_SYNTH_VOICES_MAX};
    assert_true(km_synth_size(&most) <= (size_t)4 << 20);
}

static void mutes_are_not_heard_but_go_on(void **state)
{
    (void)state;
    rig_instrument_init(&tone, 1);
    struct rig rig = rig_of(16);
    rig_set(&rig, 0, 0, &tone);
    rig_note_on(&rig, 0, KEY, 127);
    rig_note_on(&rig, 3, KEY + 7, 127);
    rig_render(&rig, 50, NULL, NULL);
    km_synth_set_mutes(rig.synth, 1U << 3);
    rig_render(&rig, 1, NULL, NULL);
    rig_render(&rig, QUANTA, left, NULL);
    assert_near(rig_cents(rig_hz(left, FRAMES), 480.0), 0.0, 0.1);
    km_synth_set_mutes(rig.synth, 1U << 0 | 1U << 3);
    rig_render(&rig, 1, NULL, NULL);
    rig_render(&rig, QUANTA, left, NULL);
    assert_true(rig_peak(left, FRAMES) == 0.0);
    assert_int_equal(rig_voices(&rig), 2);
    km_synth_set_mutes(rig.synth, 0);
    rig_render(&rig, QUANTA, left, NULL);
    assert_true(rig_peak(left, FRAMES) > 0.01);
    rig_free(&rig);
}

static void an_instrument_may_go_when_nothing_plays_it(void **state)
{
    (void)state;
    rig_instrument_init(&tone, 1);
    rig_instrument_init(&other, 1);
    struct rig rig = rig_of(16);
    rig_set(&rig, 0, 0, &tone);
    rig_set(&rig, 0, 5, &tone);
    rig_set(&rig, 0, 6, &other);
    assert_true(km_synth_uses(rig.synth, &tone.instrument));
    rig_program(&rig, 1, 6);
    rig_note_on(&rig, 0, KEY, 100);
    rig_note_on(&rig, 1, KEY, 100);
    rig_set(&rig, 0, 0, NULL);
    rig_set(&rig, 0, 5, NULL);
    assert_true(km_synth_uses(rig.synth, &tone.instrument)); // It still sounds.
    rig_render(&rig, 10, NULL, NULL);
    km_synth_forget_instrument(rig.synth, &tone.instrument);
    assert_true(km_synth_uses(rig.synth, &tone.instrument)); // It fades.
    rig_render(&rig, 1, NULL, NULL);
    memset(&tone, 0xFF, sizeof(tone)); // Whoever reads it now, falls.
    assert_false(km_synth_uses(rig.synth, &tone.instrument));
    rig_note_on(&rig, 0, KEY, 100);
    rig_render(&rig, 10, NULL, NULL);
    assert_int_equal(rig_voices(&rig), 1);
    assert_true(km_synth_uses(rig.synth, &other.instrument));
    rig_free(&rig);
}

static void a_program_that_is_missing_has_a_stand_in(void **state)
{
    (void)state;
    struct rig rig = rig_of(16);
    rig_instrument_init(&tone, 1);
    rig_instrument_init(&other, 1);
    other.regions[0].root_key = KEY - 12;
    static const struct {
        uint16_t bank;
        uint8_t program, channel, bank_select, played;
    } cases[] = {{8, 40, 0, 8, 40},
                 {0, 40, 0, 8, 40},
                 {0, 0, 0, 8, 40},
                 {128, 16, 9, 3, 16},
                 {128, 0, 9, 3, 16}};
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); ++i) {
        rig_set(&rig, 3, 3, &other);
        rig_set(&rig, cases[i].bank, cases[i].program, &tone);
        rig_control(&rig, cases[i].channel, 0, cases[i].bank_select);
        rig_program(&rig, cases[i].channel, cases[i].played);
        rig_note_on(&rig, cases[i].channel, KEY, 127);
        rig_render(&rig, 4, NULL, NULL);
        rig_render(&rig, QUANTA, left, NULL);
        assert_near(rig_cents(rig_hz(left, FRAMES), 480.0), 0.0, 0.1);
        km_synth_silence(rig.synth, true);
        rig_set(&rig, cases[i].bank, cases[i].program, NULL);
    }
    rig_free(&rig);
}

static void banks_are_read_in_the_style_that_was_set(void **state)
{
    (void)state;
    rig_instrument_init(&tone, 1);
    rig_instrument_init(&other, 1);
    other.regions[0].root_key = KEY - 12;
    static const struct {
        uint8_t style, channel, coarse, fine;
        uint16_t bank; // Whose instrument sounds.
    } cases[] = {
        {KM_SYSEX_GS_RESET, 0, 8, 3, 8},   {KM_SYSEX_GS_RESET, 9, 8, 3, 128},
        {KM_SYSEX_GM_ON, 0, 8, 3, 0},      {KM_SYSEX_GM_ON, 9, 8, 3, 128},
        {KM_SYSEX_XG_ON, 0, 0, 3, 3},      {KM_SYSEX_XG_ON, 2, 127, 0, 128},
        {KM_SYSEX_XG_ON, 9, 126, 0, 128},  {KM_SYSEX_GM2_ON, 0, 121, 2, 2},
        {KM_SYSEX_GM2_ON, 5, 120, 0, 128}, {KM_SYSEX_GM_OFF, 0, 2, 0, 2},
    };
    struct rig rig = rig_of(16);
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); ++i) {
        rig_set(&rig, 0, 0, &other);
        rig_set(&rig, KM_BANK_DRUMS, 0, &other);
        rig_set(&rig, cases[i].bank, 4, &tone);
        rig_send(&rig, &(struct km_event){.type = KM_EVENT_SYSEX, .number = cases[i].style}, 0);
        rig_control(&rig, cases[i].channel, 0, cases[i].coarse);
        rig_control(&rig, cases[i].channel, 32, cases[i].fine);
        rig_program(&rig, cases[i].channel, 4);
        rig_note_on(&rig, cases[i].channel, KEY, 127);
        rig_render(&rig, 4, NULL, NULL);
        rig_render(&rig, QUANTA, left, NULL);
        assert_near(rig_cents(rig_hz(left, FRAMES), 480.0), 0.0, 0.1);
        rig_set(&rig, cases[i].bank, 4, NULL);
        km_synth_silence(rig.synth, true);
    }
    rig_free(&rig);
}

static void a_part_becomes_drums_by_message(void **state)
{
    (void)state;
    rig_instrument_init(&tone, 1);
    rig_instrument_init(&other, 1);
    struct rig rig = rig_of(16);
    rig_set(&rig, 0, 0, &other);
    rig_set(&rig, KM_BANK_DRUMS, 0, &tone);
    const struct km_event part = {
        .type = KM_EVENT_SYSEX, .number = KM_SYSEX_DRUM_PART, .channel = 4, .value = 1};
    rig_send(&rig, &part, 0);
    rig_note_on(&rig, 4, KEY, 100);
    rig_render(&rig, 1, NULL, NULL);
    km_synth_forget_instrument(rig.synth, &other.instrument);
    rig_render(&rig, 2, NULL, NULL);
    assert_int_equal(rig_voices(&rig), 1);
    rig_free(&rig);
}

static void silence_and_release_leave_nothing(void **state)
{
    (void)state;
    rig_instrument_init(&tone, 2);
    struct rig rig = rig_of(64);
    rig_set(&rig, 0, 0, &tone);
    for (int round = 0; round < 2; ++round) {
        for (uint8_t channel = 0; channel < 16; ++channel) {
            rig_control(&rig, channel, 64, 127);
            rig_note_on(&rig, channel, KEY, 100);
            rig_control(&rig, channel, 66, 127);
            rig_note_off(&rig, channel, KEY);
        }
        rig_render(&rig, 20, NULL, NULL);
        assert_true(rig_voices(&rig) > 0);
        if (round == 0) {
            km_synth_silence(rig.synth, false);
            rig_render(&rig, 1, NULL, NULL);
        } else {
            km_synth_release_all(rig.synth);
            rig_render(&rig, 100, NULL, NULL);
        }
        assert_int_equal(rig_voices(&rig), 0);
        rig_render(&rig, 2, left, right);
        assert_true(rig_peak(left, 128) == 0.0 && rig_peak(right, 128) == 0.0);
    }
    rig_free(&rig);
}

static void events_that_no_midi_message_makes_do_nothing(void **state)
{
    (void)state;
    rig_instrument_init(&tone, 1);
    struct rig rig = rig_of(4);
    rig_set(&rig, 0, 0, &tone);
    for (uint32_t type = 0; type < 256; ++type) {
        for (uint32_t i = 0; i < 3; ++i) {
            const struct km_event event = {.type = (uint8_t)type,
                                           .channel = i == 0 ? 16 : 0,
                                           .number = i == 1 ? 128 : KEY,
                                           .value = i == 2 ? 200 : 1,
                                           .detail = 1};
            rig_send(&rig, &event, 63);
        }
    }
    rig_render(&rig, 2, NULL, NULL);
    assert_int_equal(rig_voices(&rig), 0);
    rig_free(&rig);
}

static struct km_event random_event(struct km_random *random)
{
    static const uint8_t types[] = {
        KM_EVENT_NOTE_ON,      KM_EVENT_NOTE_ON,          KM_EVENT_NOTE_ON, KM_EVENT_NOTE_OFF,
        KM_EVENT_NOTE_OFF,     KM_EVENT_CONTROL,          KM_EVENT_CONTROL, KM_EVENT_PITCH_BEND,
        KM_EVENT_KEY_PRESSURE, KM_EVENT_CHANNEL_PRESSURE, KM_EVENT_PROGRAM, KM_EVENT_SYSEX};
    struct km_event event = {
        .type = types[km_random_below(random, sizeof(types))],
        .channel = (uint8_t)km_random_below(random, 16),
        .number = (uint8_t)km_random_below(random, 128),
        .value = (uint8_t)km_random_below(random, 128),
    };
    if (event.type == KM_EVENT_SYSEX) {
        event.number =
            (uint8_t)km_random_between(random, KM_SYSEX_MASTER_VOLUME, KM_SYSEX_SCALE_TUNING);
    }
    if (event.type == KM_EVENT_SYSEX || event.type == KM_EVENT_PITCH_BEND) {
        event.detail = km_random_below(random, 16384);
    }
    return event;
}

static uint64_t hash_of(uint64_t hash, const void *bytes, size_t size)
{
    const unsigned char *const at = bytes;
    for (size_t i = 0; i < size; ++i) {
        hash = (hash ^ at[i]) * 0x100000001B3U;
    }
    return hash;
}

static void expect_finite(const struct km_synth_buses *buses)
{
    float samples[4 * KM_QUANTUM_FRAMES];
    memcpy(samples, buses, sizeof(samples));
    for (size_t i = 0; i < sizeof(samples) / sizeof(samples[0]); ++i) {
        assert_true(samples[i] > -1e6f && samples[i] < 1e6f); // False for NaN.
    }
}

// A hash of what random events make of random instruments.
static uint64_t play_at_random(uint64_t seed, enum km_vector_path path)
{
    static struct rig_instrument instruments[4];
    struct km_random random;
    km_random_init(&random, seed, "synth");
    struct rig rig =
        rig_new(&(struct km_synth_config){.rate_hz = seed % 2 ? 44100 : 96000,
                                          .voices = 1 + km_random_below(&random, 60),
                                          .interpolation = (enum km_interpolation)(seed % 3),
                                          .path = path,
                                          .seed = seed});
    for (uint8_t i = 0; i < 4; ++i) {
        rig_instrument_random(&instruments[i], &random);
        rig_set(&rig, i == 3 ? KM_BANK_DRUMS : 0, i % 3, &instruments[i]);
    }
    km_synth_set_pitch_drift(rig.synth, seed % 2 ? 5.0f : 0.0f);
    uint64_t hash = 0xCBF29CE484222325U;
    for (int quantum = 0; quantum < 250; ++quantum) {
        uint32_t offset = 0;
        while ((offset += km_random_below(&random, 40)) < KM_QUANTUM_FRAMES) {
            const struct km_event event = random_event(&random);
            rig_send(&rig, &event, offset);
        }
        alignas(64) struct km_synth_buses buses;
        km_synth_render(rig.synth, &buses);
        expect_finite(&buses);
        hash = hash_of(hash, &buses, sizeof(buses));
    }
    km_synth_silence(rig.synth, false);
    rig_render(&rig, 1, NULL, NULL);
    assert_int_equal(rig_voices(&rig), 0);
    assert_true(km_synth_counters(rig.synth).voices_started > 0);
    rig_free(&rig);
    return hash;
}

static void whatever_is_played_is_finite_and_the_same_on_each_path(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= 12; ++seed) {
        const uint64_t expected = play_at_random(seed, KM_VECTOR_SCALAR);
        for (int path = 0; path < KM_VECTOR_PATHS_COUNT; ++path) {
            if (path != KM_VECTOR_SCALAR && km_vector_path_is_here((enum km_vector_path)path)) {
                assert_true(play_at_random(seed, (enum km_vector_path)path) == expected);
            }
        }
    }
}

// 1,000 events in each quantum: no voice is lost from the books.
static void a_storm_of_events_is_survived(void **state)
{
    (void)state;
    rig_instrument_init(&tone, 4);
    struct rig rig = rig_of(256);
    rig_set(&rig, 0, 0, &tone);
    rig_set(&rig, KM_BANK_DRUMS, 0, &tone);
    struct km_random random;
    km_random_init(&random, 3, "storm");
    for (int quantum = 0; quantum < 60; ++quantum) {
        for (int i = 0; i < 1000; ++i) {
            const struct km_event event = random_event(&random);
            rig_send(&rig, &event, (uint32_t)i * KM_QUANTUM_FRAMES / 1000);
        }
        rig_render(&rig, 1, NULL, NULL);
        assert_in_range(rig_voices(&rig), 1, 256 + 32 + 64);
    }
    const struct km_synth_counters counters = km_synth_counters(rig.synth);
    assert_true(counters.voices_stolen > 0 && counters.notes_lost > 0);
    km_synth_silence(rig.synth, true);
    rig_render(&rig, 1, NULL, NULL);
    assert_int_equal(rig_voices(&rig), 0);
    rig_note_on(&rig, 0, KEY, 127);
    rig_render(&rig, 4, NULL, NULL);
    rig_render(&rig, QUANTA, left, NULL);
    assert_near(rig_cents(rig_hz(left, FRAMES), 480.0), 0.0, 0.1);
    rig_free(&rig);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sounds_a_note_and_ends_it),
        cmocka_unit_test(takes_what_it_said_and_nothing_if_that_is_too_much),
        cmocka_unit_test(mutes_are_not_heard_but_go_on),
        cmocka_unit_test(an_instrument_may_go_when_nothing_plays_it),
        cmocka_unit_test(a_program_that_is_missing_has_a_stand_in),
        cmocka_unit_test(banks_are_read_in_the_style_that_was_set),
        cmocka_unit_test(a_part_becomes_drums_by_message),
        cmocka_unit_test(silence_and_release_leave_nothing),
        cmocka_unit_test(events_that_no_midi_message_makes_do_nothing),
        cmocka_unit_test(whatever_is_played_is_finite_and_the_same_on_each_path),
        cmocka_unit_test(a_storm_of_events_is_survived),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
