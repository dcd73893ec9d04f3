// SPDX-License-Identifier: MIT

#include "unit/synth/rig.h"

enum { VOICES = 8, KEY = 40, SUSTAIN = 64, DRUMS = 9 };

static struct rig_instrument tone;
static struct rig rig;

static int set_up(void **state)
{
    (void)state;
    rig_instrument_init(&tone, 1);
    tone.regions[0].generators[KM_GENERATOR_VOLUME_ENVELOPE_RELEASE] = 1200; // 2 s.
    rig = rig_of(VOICES);
    rig_set(&rig, 0, 0, &tone);
    rig_set(&rig, KM_BANK_DRUMS, 0, &tone);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    rig_free(&rig);
    return 0;
}

static void play(uint8_t channel, uint32_t key, uint8_t velocity)
{
    rig_note_on(&rig, channel, (uint8_t)key, velocity);
    rig_render(&rig, 20, NULL, NULL);
}

static uint32_t count_stolen(void)
{
    return (uint32_t)km_synth_counters(rig.synth).voices_stolen;
}

// Whether the key's note is still held: letting it go changes what sounds after three seconds.
static bool is_held(uint8_t channel, uint32_t key)
{
    const uint32_t before = rig_voices(&rig);
    rig_note_off(&rig, channel, (uint8_t)key);
    rig_render(&rig, 3 * RIG_RATE / KM_QUANTUM_FRAMES, NULL, NULL);
    return rig_voices(&rig) < before;
}

static void polyphony_is_never_exceeded_but_for_fading_voices(void **state)
{
    (void)state;
    for (uint8_t i = 0; i < 60; ++i) {
        rig_note_on(&rig, 0, KEY + i, 100);
        rig_render(&rig, 1, NULL, NULL);
        assert_in_range(rig_voices(&rig), 1, VOICES);
    }
    const struct km_synth_counters counters = km_synth_counters(rig.synth);
    assert_int_equal(counters.notes_lost, 0);
    assert_int_equal(counters.voices_stolen, 60 - VOICES);
    assert_int_equal(counters.voices_peak, VOICES + 1);
}

static void the_oldest_goes_first(void **state)
{
    (void)state;
    for (uint32_t i = 0; i < VOICES + 2; ++i) {
        play(0, KEY + i, 100);
    }
    assert_int_equal(count_stolen(), 2);
    assert_false(is_held(0, KEY));
    assert_false(is_held(0, KEY + 1));
    assert_true(is_held(0, KEY + 2));
    assert_true(is_held(0, KEY + VOICES + 1));
}

static void released_voices_go_before_held_ones(void **state)
{
    (void)state;
    for (uint32_t i = 0; i < VOICES; ++i) {
        play(0, KEY + i, 100);
    }
    rig_note_off(&rig, 0, KEY + VOICES - 1); // The newest.
    rig_render(&rig, 20, NULL, NULL);
    play(0, KEY + VOICES, 100);
    for (uint32_t i = 0; i < VOICES - 1; ++i) {
        assert_true(is_held(0, KEY + i));
    }
}

// Two released voices, one loud: after the theft the loud one sounds on.
static void the_quietest_released_voice_goes_first(void **state)
{
    (void)state;
    for (uint32_t quiet = 0; quiet < 2; ++quiet) {
        struct rig two = rig_of(2);
        rig_set(&two, 0, 0, &tone);
        for (uint32_t i = 0; i < 2; ++i) {
            rig_note_on(&two, 0, (uint8_t)(RIG_ROOT_KEY + 12 * i), i == quiet ? 30 : 127);
        }
        rig_render(&two, 20, NULL, NULL);
        rig_note_off(&two, 0, RIG_ROOT_KEY);
        rig_note_off(&two, 0, RIG_ROOT_KEY + 12);
        static float before[4 * KM_QUANTUM_FRAMES];
        static float after[4 * KM_QUANTUM_FRAMES];
        rig_render(&two, 4, before, NULL);
        rig_note_on(&two, 1, RIG_ROOT_KEY, 1);
        rig_render(&two, 1, NULL, NULL);
        rig_render(&two, 4, after, NULL);
        assert_true(rig_peak(after, 256) > 0.5 * rig_peak(before, 256));
        assert_int_equal(rig_voices(&two), 2);
        rig_free(&two);
    }
}

static void what_began_in_the_same_quantum_is_not_stolen(void **state)
{
    (void)state;
    for (uint32_t i = 0; i < VOICES / 2; ++i) {
        rig_note_on(&rig, 0, (uint8_t)(KEY + i), 100);
    }
    rig_render(&rig, 1, NULL, NULL);
    for (uint32_t i = 0; i < VOICES + 3; ++i) {
        rig_note_on(&rig, 1, (uint8_t)(KEY + i), 100);
    }
    const struct km_synth_counters counters = km_synth_counters(rig.synth);
    assert_int_equal(counters.voices_stolen, VOICES / 2);
    assert_int_equal(counters.notes_lost, 3);
}

static void voices_on_the_pedal_go_before_keys_and_drums_last(void **state)
{
    (void)state;
    play(DRUMS, KEY, 100);
    play(0, KEY, 100);
    rig_control(&rig, 1, SUSTAIN, 127);
    for (uint32_t i = 0; i < VOICES - 2; ++i) {
        play(1, KEY + i, 127);
        rig_note_off(&rig, 1, (uint8_t)(KEY + i));
    }
    for (uint32_t i = 0; i < VOICES - 2; ++i) {
        play(2, KEY + i, 100);
    }
    assert_int_equal(count_stolen(), VOICES - 2);
    play(3, KEY, 100); // Now a key must go: the older one, but not the drum.
    assert_false(is_held(0, KEY));
    assert_true(is_held(2, KEY));
    assert_true(is_held(DRUMS, KEY));
}

// A full tone is stolen: no step is larger than those that the tones themselves make, and what
// fading from full gain within 64 frames adds.
static void stealing_does_not_click(void **state)
{
    (void)state;
    enum { QUANTA = 400 };
    static float left[QUANTA * KM_QUANTUM_FRAMES];
    // One period is 100 frames at key 60; key 40 and above make steps of 2 pi / 100 * 2 at most.
    const double peak = RIG_AMPLITUDE / 32768.0 * 0.2 * sqrt(0.5) * pow(10.0, 3.01 / 40.0);
    const double step = peak * (VOICES + 1) * (2.0 * 3.1415927 / 100.0 + 1.0 / 64.0);
    for (uint32_t i = 0; i < QUANTA; ++i) {
        if (i % 7 == 0) {
            rig_send(&rig,
                     &(struct km_event){.type = KM_EVENT_NOTE_ON,
                                        .number = (uint8_t)(KEY + i / 7 % 20),
                                        .value = 127},
                     i % KM_QUANTUM_FRAMES);
        }
        rig_render(&rig, 1, left + (size_t)i * KM_QUANTUM_FRAMES, NULL);
    }
    assert_true(count_stolen() > 20);
    double largest = 0.0;
    for (size_t i = 1; i < sizeof(left) / sizeof(left[0]); ++i) {
        largest = fmax(largest, fabs((double)left[i] - (double)left[i - 1]));
    }
    assert_true(largest > 0.0 && largest < step);
}

// One loud low tone alone is stolen: the bound is that of a single voice.
static void a_stolen_voice_fades_within_a_quantum(void **state)
{
    (void)state;
    struct rig one = rig_of(1);
    static float left[4 * KM_QUANTUM_FRAMES];
    rig_set(&one, 0, 0, &tone);
    rig_note_on(&one, 0, RIG_ROOT_KEY, 127);
    rig_render(&one, 50, NULL, NULL);
    rig_note_on(&one, 0, 20, 1); // All but silent.
    rig_render(&one, 4, left, NULL);
    const double peak = RIG_AMPLITUDE / 32768.0 * 0.2 * sqrt(0.5) * pow(10.0, 3.01 / 40.0);
    for (size_t i = 1; i < 4 * (size_t)KM_QUANTUM_FRAMES; ++i) {
        const double step = fabs((double)left[i] - (double)left[i - 1]);
        assert_true(step < peak * (2.0 * 3.1415927 / 100.0 + 1.0 / 64.0));
    }
    assert_true(rig_peak(left, 32) > 0.2 * peak);
    assert_true(rig_peak(left + 64, 192) < 0.001);
    assert_int_equal(rig_voices(&one), 1);
    rig_free(&one);
}

static void notes_are_lost_when_no_place_is_left(void **state)
{
    (void)state;
    for (uint32_t i = 0; i < VOICES; ++i) {
        rig_note_on(&rig, 0, (uint8_t)(KEY + i), 100);
    }
    rig_render(&rig, 1, NULL, NULL);
    for (uint32_t i = 0; i < 100; ++i) {
        rig_note_on(&rig, 1, (uint8_t)i, 100);
    }
    // Eight are stolen; those that began in this quantum are not.
    struct km_synth_counters counters = km_synth_counters(rig.synth);
    assert_int_equal(counters.voices_stolen, VOICES);
    assert_int_equal(counters.notes_lost, 100 - VOICES);
    assert_int_equal(counters.voices_now, 2 * VOICES);
    rig_render(&rig, 1, NULL, NULL);
    assert_int_equal(rig_voices(&rig), VOICES);
}

static void a_note_of_many_regions_is_played_as_far_as_it_can(void **state)
{
    (void)state;
    static struct rig_instrument thick;
    rig_instrument_init(&thick, RIG_REGIONS_MAX);
    struct rig thin = rig_of(3);
    rig_set(&thin, 0, 0, &thick);
    rig_note_on(&thin, 0, KEY, 100);
    rig_render(&thin, 1, NULL, NULL);
    const struct km_synth_counters counters = km_synth_counters(thin.synth);
    assert_int_equal(counters.voices_now, 3);
    assert_int_equal(counters.notes_lost, 1);
    rig_free(&thin);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(polyphony_is_never_exceeded_but_for_fading_voices),
        TEST(the_oldest_goes_first),
        TEST(released_voices_go_before_held_ones),
        TEST(the_quietest_released_voice_goes_first),
        TEST(what_began_in_the_same_quantum_is_not_stolen),
        TEST(voices_on_the_pedal_go_before_keys_and_drums_last),
        TEST(stealing_does_not_click),
        TEST(a_stolen_voice_fades_within_a_quantum),
        TEST(notes_are_lost_when_no_place_is_left),
        TEST(a_note_of_many_regions_is_played_as_far_as_it_can),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
