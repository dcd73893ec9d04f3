// SPDX-License-Identifier: MIT

#include "unit/synth/rig.h"

enum { SECOND = RIG_RATE / KM_QUANTUM_FRAMES, FRAMES = SECOND * KM_QUANTUM_FRAMES };
enum { KEY = RIG_ROOT_KEY, DATA = 6, DATA_FINE = 38, NRPN = 99, RPN = 101, RPN_FINE = 100 };

static struct rig_instrument tone;
static struct rig rig;
static float left[FRAMES];

static int set_up(void **state)
{
    (void)state;
    rig_instrument_init(&tone, 1);
    rig = rig_of(16);
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

// Cents that sound against the sample's own 480 Hz, half a second from now.
static double cents_now(void)
{
    rig_render(&rig, SECOND / 8, NULL, NULL);
    rig_render(&rig, SECOND / 2, left, NULL);
    return rig_cents(rig_hz(left, (size_t)SECOND / 2 * KM_QUANTUM_FRAMES), 480.0);
}

static void set_parameter(uint8_t channel, uint8_t number, uint8_t coarse, uint8_t fine)
{
    rig_control(&rig, channel, RPN, 0);
    rig_control(&rig, channel, RPN_FINE, number);
    rig_control(&rig, channel, DATA, coarse);
    rig_control(&rig, channel, DATA_FINE, fine);
}

static void system_event(uint8_t number, uint8_t value, uint32_t detail)
{
    rig_send(&rig,
             &(struct km_event){
                 .type = KM_EVENT_SYSEX, .number = number, .value = value, .detail = detail},
             0);
}

static void keys_are_semitones(void **state)
{
    (void)state;
    for (uint8_t key = 30; key <= 90; key += 5) {
        rig_note_on(&rig, 0, key, 100);
        assert_near(cents_now(), 100.0 * (key - KEY), 0.05);
        km_synth_silence(rig.synth, false);
    }
}

static void generators_tune(void **state)
{
    (void)state;
    struct km_region *const region = &tone.regions[0];
    region->generators[KM_GENERATOR_SCALE_TUNING] = 50;
    region->generators[KM_GENERATOR_COARSE_TUNE] = -3;
    region->generators[KM_GENERATOR_FINE_TUNE] = 17;
    region->correction_cents = 10;
    region->root_key = 58;
    region->rate_hz = RIG_RATE / 2;
    rig_note_on(&rig, 0, KEY, 100);
    // Two keys of 50 cents; the correction is where the root key's scale begins (9.5 of
    // FluidSynth's reading: root is 58 less 10 cents).
    assert_near(cents_now(), 2 * 50.0 + 10.0 * 0.5 - 300.0 + 17.0 - 1200.0, 0.05);
}

static void a_fixed_key_sounds_whatever_is_played(void **state)
{
    (void)state;
    tone.regions[0].fixed_key = KEY + 3;
    rig_note_on(&rig, 0, 90, 100);
    assert_near(cents_now(), 300.0, 0.05);
    rig_note_off(&rig, 0, 90);
    rig_render(&rig, SECOND / 2, NULL, NULL);
    assert_int_equal(rig_voices(&rig), 0);
}

static void bend_goes_over_its_range(void **state)
{
    (void)state;
    rig_note_on(&rig, 0, KEY, 100);
    rig_note_on(&rig, 1, KEY, 1); // Another channel's note does not bend; it is too soft to count.
    static const double bends[][2] = {
        {0, -200}, {4096, -100}, {8192, 0}, {9000, 808.0 / 8192.0 * 200.0}, {12288, 100}};
    for (size_t i = 0; i < sizeof(bends) / sizeof(bends[0]); ++i) {
        rig_bend(&rig, 0, (uint32_t)bends[i][0]);
        assert_near(cents_now(), bends[i][1], 0.1);
    }
}

static void bend_of_midi_2_is_finer(void **state)
{
    (void)state;
    set_parameter(0, 0, 24, 0);
    rig_note_on(&rig, 0, KEY, 100);
    struct km_event event = {.type = KM_EVENT_PITCH_BEND};
    // Half a step of 14 bits above the middle: 24 semitones / 16384.
    event.detail = 8192 | 1U << 17 << 14;
    rig_send(&rig, &event, 0);
    assert_near(cents_now(), 2400.0 / 16384.0, 0.02);
}

static void bend_range_has_semitones_and_cents(void **state)
{
    (void)state;
    rig_note_on(&rig, 0, KEY, 100);
    rig_bend(&rig, 0, 12288); // Half up.
    set_parameter(0, 0, 12, 50);
    assert_near(cents_now(), 625.0, 0.1);
    rig_control(&rig, 0, DATA_FINE, 20);
    assert_near(cents_now(), 610.0, 0.1);
    set_parameter(0, 0, 24, 0);
    assert_near(cents_now(), 1200.0, 0.1);
    rig_control(&rig, 0, DATA, 2); // Coarse alone sets fine to 0.
    assert_near(cents_now(), 100.0, 0.1);
    rig_control(&rig, 0, 96, 0); // One up: a cent.
    rig_control(&rig, 0, 96, 0);
    rig_control(&rig, 0, 97, 0);
    assert_near(cents_now(), 100.5, 0.1);
    rig_control(&rig, 0, RPN, 127);
    rig_control(&rig, 0, RPN_FINE, 127);
    rig_control(&rig, 0, DATA, 12); // No parameter: nothing.
    assert_near(cents_now(), 100.5, 0.1);
    rig_control(&rig, 0, NRPN, 0);
    rig_control(&rig, 0, NRPN - 1, 0);
    rig_control(&rig, 0, DATA, 12); // Another kind of parameter: nothing.
    assert_near(cents_now(), 100.5, 0.1);
}

static void channels_are_tuned(void **state)
{
    (void)state;
    rig_note_on(&rig, 0, KEY, 100);
    set_parameter(0, 1, 96, 0);
    assert_near(cents_now(), 50.0, 0.05);
    set_parameter(0, 1, 0, 0);
    assert_near(cents_now(), -100.0, 0.05);
    set_parameter(0, 1, 64, 1);
    assert_near(cents_now(), 100.0 / 8192.0, 0.02);
    set_parameter(0, 2, 64 - 5, 0);
    assert_near(cents_now(), -500.0, 0.05);
    rig_control(&rig, 0, 97, 0);
    assert_near(cents_now(), -600.0, 0.05);
}

static void the_whole_synth_is_tuned_but_drums_keep_their_keys(void **state)
{
    (void)state;
    system_event(KM_SYSEX_MASTER_FINE_TUNING, 0, 8192 + 4096);
    system_event(KM_SYSEX_MASTER_COARSE_TUNING, 64 + 2, 0);
    rig_note_on(&rig, 0, KEY, 100);
    assert_near(cents_now(), 250.0, 0.05);
    km_synth_silence(rig.synth, false);
    rig_note_on(&rig, 9, KEY, 100);
    assert_near(cents_now(), 50.0, 0.05);
    km_synth_silence(rig.synth, true);
    rig_note_on(&rig, 0, KEY, 100);
    assert_near(cents_now(), 0.0, 0.05);
}

static void pitch_classes_are_tuned(void **state)
{
    (void)state;
    system_event(KM_SYSEX_SCALE_TUNING, KEY % 12, 64 - 30);
    rig_note_on(&rig, 0, KEY, 100);
    assert_near(cents_now(), -30.0, 0.05);
    km_synth_silence(rig.synth, false);
    rig_note_on(&rig, 0, KEY + 1, 100);
    assert_near(cents_now(), 100.0, 0.05);
    system_event(KM_SYSEX_SCALE_TUNING, KEY % 12 + 1, 64 + 25); // A note that sounds follows.
    assert_near(cents_now(), 125.0, 0.05);
}

static void vibrato_follows_the_wheel_and_its_depth_range(void **state)
{
    (void)state;
    // So slow that half a second sees it at its height: a quarter turn after 1.25 s.
    tone.regions[0].generators[KM_GENERATOR_VIBRATO_LFO_FREQUENCY] = -6437; // .2 Hz
    rig_note_on(&rig, 0, KEY, 100);
    rig_control(&rig, 0, 1, 127);
    rig_render(&rig, SECOND * 9 / 8, NULL, NULL);
    rig_render(&rig, SECOND / 4, left, NULL);
    const size_t count = (size_t)SECOND / 4 * KM_QUANTUM_FRAMES;
    const double deep = rig_cents(rig_hz(left, count), 480.0);
    assert_near(deep, 50.0 * 127.0 / 128.0 * 0.96, 1.5);
    km_synth_silence(rig.synth, false);
    set_parameter(0, 5, 4, 0); // 400 cents instead of 50.
    rig_note_on(&rig, 0, KEY, 100);
    rig_render(&rig, SECOND * 9 / 8, NULL, NULL);
    rig_render(&rig, SECOND / 4, left, NULL);
    assert_near(rig_cents(rig_hz(left, count), 480.0) / deep, 8.0, 0.2);
}

static void the_modulation_envelope_bends(void **state)
{
    (void)state;
    struct km_region *const region = &tone.regions[0];
    region->generators[KM_GENERATOR_MOD_ENVELOPE_TO_PITCH] = 700;
    region->generators[KM_GENERATOR_MOD_ENVELOPE_SUSTAIN] = 250;
    rig_note_on(&rig, 0, KEY, 100);
    assert_near(cents_now(), 525.0, 1.01);
    rig_note_off(&rig, 0, KEY);
}

// The attack is convex, the release a line: it goes on where the attack was.
static void a_release_in_the_attack_does_not_jump(void **state)
{
    (void)state;
    struct km_region *const region = &tone.regions[0];
    region->generators[KM_GENERATOR_MOD_ENVELOPE_TO_PITCH] = 1200;
    region->generators[KM_GENERATOR_MOD_ENVELOPE_ATTACK] = 0;
    region->generators[KM_GENERATOR_MOD_ENVELOPE_RELEASE] = 5000;
    region->generators[KM_GENERATOR_VOLUME_ENVELOPE_RELEASE] = 5000;
    rig_note_on(&rig, 0, KEY, 100);
    rig_render(&rig, SECOND / 4 - 8, NULL, NULL);
    rig_render(&rig, 8, left, NULL);
    const double before = rig_cents(rig_hz(left, (size_t)8 * 64), 480.0);
    rig_note_off(&rig, 0, KEY);
    rig_render(&rig, 8, left, NULL);
    assert_near(rig_cents(rig_hz(left, (size_t)8 * 64), 480.0), before, 20.0);
    assert_near(before, 1200.0 * (1.0 + 40.0 / 96.0 * log10(0.25)), 20.0);
}

static void portamento_glides_to_the_new_key(void **state)
{
    (void)state;
    rig_control(&rig, 0, 65, 127);
    rig_control(&rig, 0, 5, 90); // About a second.
    rig_note_on(&rig, 0, KEY, 100);
    assert_near(cents_now(), 0.0, 0.05); // There is nothing to glide from.
    rig_note_off(&rig, 0, KEY);
    rig_note_on(&rig, 0, KEY + 12, 100);
    rig_render(&rig, SECOND / 4, NULL, NULL);
    rig_render(&rig, SECOND / 2, left, NULL);
    const double middle = rig_cents(rig_hz(left, FRAMES / 2), 480.0);
    assert_true(middle > 300.0 && middle < 900.0);
    rig_render(&rig, SECOND, NULL, NULL);
    assert_near(cents_now(), 1200.0, 0.05);
    rig_control(&rig, 0, 65, 0);
    rig_note_off(&rig, 0, KEY + 12);
    rig_note_on(&rig, 0, KEY, 100);
    rig_render(&rig, SECOND / 4, NULL, NULL);
    assert_near(cents_now(), 0.0, 0.05);
}

// Its deviation over many notes is the one asked for; each wanders slowly.
static void drift_has_the_deviation_asked_for(void **state)
{
    (void)state;
    enum { NOTES = 300 };
    km_synth_set_pitch_drift(rig.synth, 10.0f);
    double sum = 0.0;
    double squares = 0.0;
    double steps = 0.0;
    for (int i = 0; i < NOTES; ++i) {
        rig_note_on(&rig, 0, KEY + 24, 127);
        rig_render(&rig, 4, NULL, NULL);
        rig_render(&rig, 36, left, NULL);
        const double first = rig_cents(rig_hz(left, (size_t)36 * 64), 1920.0);
        rig_render(&rig, 36, left, NULL);
        const double second = rig_cents(rig_hz(left, (size_t)36 * 64), 1920.0);
        sum += first;
        squares += first * first;
        steps += (second - first) * (second - first);
        km_synth_silence(rig.synth, false);
        rig_render(&rig, 1, NULL, NULL);
    }
    assert_near(sum / NOTES, 0.0, 2.0);
    assert_near(sqrt(squares / NOTES), 10.0, 1.2);
    // After 48 ms of half a second it has forgotten a tenth: sqrt(2 (1 - exp(-.096))) of it.
    assert_near(sqrt(steps / NOTES), 10.0 * 0.428, 1.0);
    km_synth_set_pitch_drift(rig.synth, 0.0f);
    rig_note_on(&rig, 0, KEY, 127);
    assert_near(cents_now(), 0.0, 0.05);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(keys_are_semitones),
        TEST(generators_tune),
        TEST(a_fixed_key_sounds_whatever_is_played),
        TEST(bend_goes_over_its_range),
        TEST(bend_of_midi_2_is_finer),
        TEST(bend_range_has_semitones_and_cents),
        TEST(channels_are_tuned),
        TEST(the_whole_synth_is_tuned_but_drums_keep_their_keys),
        TEST(pitch_classes_are_tuned),
        TEST(vibrato_follows_the_wheel_and_its_depth_range),
        TEST(the_modulation_envelope_bends),
        TEST(a_release_in_the_attack_does_not_jump),
        TEST(portamento_glides_to_the_new_key),
        TEST(drift_has_the_deviation_asked_for),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
