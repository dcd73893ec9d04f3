// SPDX-License-Identifier: MIT

#include "unit/synth/rig.h"

enum { KEY = RIG_ROOT_KEY, QUANTA = 100, FRAMES = QUANTA * KM_QUANTUM_FRAMES };

static struct rig_instrument tone;
static struct rig rig;
static float left[FRAMES], right[FRAMES];

static int set_up(void **state)
{
    (void)state;
    rig_instrument_init(&tone, 1);
    rig = rig_of(16);
    rig_set(&rig, 0, 0, &tone);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    rig_free(&rig);
    return 0;
}

static void add_modulator(struct km_modulator modulator)
{
    tone.modulators[tone.regions[0].modulator_count++] = modulator;
}

// Decibels of a note of velocity 127 that sounds steadily, on each side.
static void levels_now(double *left_db, double *right_db)
{
    rig_render(&rig, QUANTA, left, right);
    *left_db = 20.0 * log10(rig_peak(left + FRAMES / 2, FRAMES / 2));
    *right_db = 20.0 * log10(rig_peak(right + FRAMES / 2, FRAMES / 2));
}

static double level_of_note(uint8_t velocity)
{
    double left_db;
    double right_db;
    rig_note_on(&rig, 0, KEY, velocity);
    levels_now(&left_db, &right_db);
    assert_near(left_db, right_db, 0.001);
    km_synth_silence(rig.synth, false);
    return left_db;
}

static void velocity_volume_and_expression_fall_as_the_curve_does(void **state)
{
    (void)state;
    const double full = level_of_note(127);
    for (uint8_t value = 10; value < 127; value += 13) {
        const double expected = -96.0 * (rig_concave(value) - rig_concave(127));
        assert_near(level_of_note(value) - full, expected, 0.02);
        rig_control(&rig, 0, 11, value);
        assert_near(level_of_note(127) - full, expected, 0.02);
        rig_control(&rig, 0, 11, 127);
        rig_control(&rig, 0, 7, value);
        assert_near(level_of_note(127) - full,
                    expected + 96.0 * (rig_concave(100) - rig_concave(127)), 0.02);
        rig_control(&rig, 0, 7, 100);
    }
}

static void attenuation_counts_for_two_fifths(void **state)
{
    (void)state;
    const double full = level_of_note(127);
    tone.regions[0].generators[KM_GENERATOR_ATTENUATION] = 200;
    assert_near(level_of_note(127) - full, -20.0 * 0.4, 0.01);
}

static void a_note_that_sounds_follows_its_controllers(void **state)
{
    (void)state;
    double before[2];
    double after[2];
    rig_note_on(&rig, 0, KEY, 127);
    levels_now(&before[0], &before[1]);
    rig_control(&rig, 1, 11, 0); // Another channel.
    levels_now(&after[0], &after[1]);
    assert_near(after[0], before[0], 0.001);
    rig_control(&rig, 0, 11, 64);
    levels_now(&after[0], &after[1]);
    assert_near(after[0] - before[0], -96.0 * (rig_concave(64) - rig_concave(127)), 0.02);
}

static void pan_goes_from_side_to_side(void **state)
{
    (void)state;
    rig_note_on(&rig, 0, KEY, 127);
    for (int pan = 0; pan <= 127; ++pan) {
        rig_control(&rig, 0, 10, (uint8_t)pan);
        rig_render(&rig, 1, NULL, NULL);
        rig_render(&rig, 4, left, right);
        const double angle = atan2(rig_peak(right, 256), rig_peak(left, 256));
        assert_near(angle / atan(1.0), 1.0 + (pan - 64) / 64.0, 0.001);
    }
}

static void balance_lowers_one_side(void **state)
{
    (void)state;
    double middle[2];
    double aside[2];
    rig_note_on(&rig, 0, KEY, 127);
    levels_now(&middle[0], &middle[1]);
    rig_control(&rig, 0, 8, 96);
    levels_now(&aside[0], &aside[1]);
    assert_near(aside[0] - middle[0], -40.0 * log10(2.0), 0.05);
    assert_near(aside[1] - middle[1], 0.0, 0.001);
    rig_control(&rig, 0, 8, 32);
    levels_now(&aside[0], &aside[1]);
    assert_near(aside[0] - middle[0], 0.0, 0.001);
    assert_near(aside[1] - middle[1], -40.0 * log10(2.0), 0.05);
}

static void sends_follow_their_controllers(void **state)
{
    (void)state;
    tone.regions[0].generators[KM_GENERATOR_REVERB_SEND] = 100;
    rig_note_on(&rig, 0, KEY, 127);
    alignas(64) struct km_synth_buses buses;
    double peaks[3][3];
    for (int i = 0; i < 3; ++i) {
        rig_control(&rig, 0, 91, (uint8_t)(i * 60));
        rig_control(&rig, 0, 93, (uint8_t)(i * 30));
        rig_render(&rig, 20, NULL, NULL);
        memset(peaks[i], 0, sizeof(peaks[i]));
        for (int j = 0; j < 10; ++j) {
            km_synth_render(rig.synth, &buses);
            peaks[i][0] = fmax(peaks[i][0], rig_peak(buses.reverb, KM_QUANTUM_FRAMES));
            peaks[i][1] = fmax(peaks[i][1], rig_peak(buses.chorus, KM_QUANTUM_FRAMES));
            peaks[i][2] = fmax(peaks[i][2], rig_peak(buses.left, KM_QUANTUM_FRAMES));
        }
    }
    for (int i = 0; i < 3; ++i) {
        const double whole = peaks[0][2] / sqrt(0.5);
        assert_near(peaks[i][0] / whole, 0.1 + 0.2 * i * 60.0 / 128.0, 0.001);
        assert_near(peaks[i][1] / whole, 0.2 * i * 30.0 / 128.0, 0.001);
        assert_near(peaks[i][2], peaks[0][2], 1e-6);
    }
}

static void master_volume_is_squared(void **state)
{
    (void)state;
    const double full = level_of_note(127);
    rig_send(&rig,
             &(struct km_event){
                 .type = KM_EVENT_SYSEX, .number = KM_SYSEX_MASTER_VOLUME, .detail = 8192},
             0);
    assert_near(level_of_note(127) - full, 40.0 * log10(8192.0 / 16383.0), 0.02);
}

// A modulator of any source, to attenuation, of 400 cB: what 1/4 of it gives.
static void pressures_key_and_velocity_are_sources(void **state)
{
    (void)state;
    const struct km_event channel_pressure = {.type = KM_EVENT_CHANNEL_PRESSURE, .value = 32};
    const struct km_event key_pressure = {
        .type = KM_EVENT_KEY_PRESSURE, .number = KEY, .value = 32};
    const struct km_event other_key = {
        .type = KM_EVENT_KEY_PRESSURE, .number = KEY + 1, .value = 127};
    static const uint16_t sources[] = {0x000A, 0x000D, 0x0003, 0x0002, 0x0096, 0x0000};
    static const double expected[] = {32 / 128.0,  32 / 128.0, KEY / 128.0,
                                      127 / 128.0, 32 / 128.0, 1.0};
    rig_send(&rig, &channel_pressure, 0);
    rig_send(&rig, &key_pressure, 0);
    rig_send(&rig, &other_key, 0);
    rig_control(&rig, 0, 22, 32);
    const double full = level_of_note(127);
    add_modulator((struct km_modulator){.destination = KM_GENERATOR_ATTENUATION, .amount = 400});
    for (size_t i = 0; i < sizeof(sources) / sizeof(sources[0]); ++i) {
        tone.modulators[tone.regions[0].modulator_count - 1].source = sources[i];
        assert_near(level_of_note(127) - full, -40.0 * expected[i], 0.02);
    }
}

static void a_pressed_key_is_heard_at_once(void **state)
{
    (void)state;
    add_modulator((struct km_modulator){
        .source = 0x000A, .destination = KM_GENERATOR_ATTENUATION, .amount = 400});
    double before[2];
    double after[2];
    rig_note_on(&rig, 0, KEY, 127);
    levels_now(&before[0], &before[1]);
    const struct km_event event = {.type = KM_EVENT_KEY_PRESSURE, .number = KEY, .value = 64};
    rig_send(&rig, &event, 0);
    levels_now(&after[0], &after[1]);
    assert_near(after[0] - before[0], -20.0, 0.02);
}

static void two_sources_multiply_and_may_be_taken_absolute(void **state)
{
    (void)state;
    const double full = level_of_note(127);
    rig_control(&rig, 0, 20, 32);
    rig_control(&rig, 0, 21, 96);
    // CC 20 bipolar: -.5; CC 21 unipolar: .75; so -.375 of -300 cB, 11.25 dB down.
    add_modulator((struct km_modulator){.source = 0x0294,
                                        .amount_source = 0x0095,
                                        .destination = KM_GENERATOR_ATTENUATION,
                                        .amount = -300});
    assert_near(level_of_note(127) - full, -11.25, 0.02);
    struct km_modulator *const modulator = &tone.modulators[tone.regions[0].modulator_count - 1];
    modulator->amount = 300; // Upwards from nothing is nothing.
    assert_near(level_of_note(127) - full,
                96.0 * (rig_concave(100) - rig_concave(127)) + 96.0 * 3.0 * rig_concave(127), 0.05);
    modulator->transform = 2;
    assert_near(level_of_note(127) - full, -11.25, 0.02);
}

// The response of the low-pass at the sample's 480 Hz, against Robert Bristow-Johnson's.
static double response(double cutoff_cents, double q_db)
{
    const double hz = 8.17579891564370733 * exp2(cutoff_cents / 1200.0);
    const double q = pow(10.0, (q_db - 3.01) / 20.0);
    const double pi = 3.14159265358979323846;
    const double x = tan(pi * 480.0 / RIG_RATE) / tan(pi * hz / RIG_RATE);
    const double gain = 1.0 / sqrt(pow(1.0 - x * x, 2.0) + x * x / (q * q)) / sqrt(q);
    return 20.0 * log10(gain);
}

static void filter_has_the_response_of_its_cutoff_and_q(void **state)
{
    (void)state;
    const double open = level_of_note(127) - response(13500, 0);
    for (int16_t cutoff = 5000; cutoff <= 9000; cutoff += 500) {
        for (int16_t q = 0; q <= 200; q += 50) {
            tone.regions[0].generators[KM_GENERATOR_FILTER_CUTOFF] = cutoff;
            tone.regions[0].generators[KM_GENERATOR_FILTER_Q] = q;
            rig_note_on(&rig, 0, KEY, 127);
            rig_render(&rig, 3 * QUANTA, NULL, NULL); // A high Q rings for long.
            double levels[2];
            levels_now(&levels[0], &levels[1]);
            km_synth_silence(rig.synth, false);
            assert_near(levels[0] - open, response(cutoff, q / 10.0), 0.05);
        }
    }
}

static void the_modulation_envelope_opens_the_filter(void **state)
{
    (void)state;
    struct km_region *const region = &tone.regions[0];
    const double open = level_of_note(127) - response(13500, 0);
    region->generators[KM_GENERATOR_FILTER_CUTOFF] = 5000;
    region->generators[KM_GENERATOR_MOD_ENVELOPE_TO_CUTOFF] = 2000;
    region->generators[KM_GENERATOR_MOD_ENVELOPE_SUSTAIN] = 500;
    assert_near(level_of_note(127) - open, response(6000, 0), 0.05);
}

static void tremolo_swings_the_volume(void **state)
{
    (void)state;
    struct km_region *const region = &tone.regions[0];
    region->generators[KM_GENERATOR_MOD_LFO_TO_VOLUME] = 60;
    region->generators[KM_GENERATOR_MOD_LFO_FREQUENCY] = -1200; // 4 Hz
    region->generators[KM_GENERATOR_VOLUME_ENVELOPE_SUSTAIN] = 200;
    region->generators[KM_GENERATOR_VOLUME_ENVELOPE_DECAY] = -12000;
    rig_note_on(&rig, 0, KEY, 127);
    rig_render(&rig, 10, NULL, NULL);
    double low = 1.0;
    double high = 0.0;
    for (int i = 0; i < 188 * 2; ++i) { // Half a second of periods of 2.1 ms.
        rig_render(&rig, 2, left, NULL);
        const double peak = rig_peak(left, 128);
        low = peak < low ? peak : low;
        high = peak > high ? peak : high;
    }
    assert_near(20.0 * log10(high / low), 12.0, 0.3);
}

static void velocity_does_not_close_the_filter(void **state)
{
    (void)state;
    static const uint16_t forms[] = {0x0000, 0x0C02};
    for (size_t i = 0; i < 2; ++i) {
        tone.regions[0].generators[KM_GENERATOR_FILTER_CUTOFF] = 6000;
        const double before = level_of_note(64);
        add_modulator((struct km_modulator){.source = 0x0102,
                                            .amount_source = forms[i],
                                            .destination = KM_GENERATOR_FILTER_CUTOFF,
                                            .amount = -2400});
        assert_near(level_of_note(64), before, 1e-9);
    }
}

static void modulators_may_change_an_envelope_that_runs(void **state)
{
    (void)state;
    add_modulator((struct km_modulator){
        .source = 0x0094, .destination = KM_GENERATOR_VOLUME_ENVELOPE_RELEASE, .amount = 12800});
    rig_note_on(&rig, 0, KEY, 127);
    rig_render(&rig, 20, NULL, NULL);
    rig_control(&rig, 0, 20, 120); // -12000 + 12000 timecents: a second.
    rig_render(&rig, 1, NULL, NULL);
    rig_note_off(&rig, 0, KEY);
    rig_render(&rig, RIG_RATE / 2 / KM_QUANTUM_FRAMES, NULL, NULL);
    assert_int_equal(rig_voices(&rig), 1);
    rig_render(&rig, RIG_RATE / 2 / KM_QUANTUM_FRAMES + 4, NULL, NULL);
    assert_int_equal(rig_voices(&rig), 0);
}

static void key_numbers_scale_times(void **state)
{
    (void)state;
    struct km_region *const region = &tone.regions[0];
    region->generators[KM_GENERATOR_VOLUME_ENVELOPE_DECAY] = 0;
    region->generators[KM_GENERATOR_VOLUME_ENVELOPE_SUSTAIN] = 1000;
    region->generators[KM_GENERATOR_KEY_TO_VOLUME_ENVELOPE_DECAY] = 100;
    rig_note_on(&rig, 0, KEY + 12, 127); // Half a second for 96 dB.
    rig_render(&rig, 375 - 8, NULL, NULL);
    assert_int_equal(rig_voices(&rig), 1);
    rig_render(&rig, 12, NULL, NULL);
    assert_int_equal(rig_voices(&rig), 0);
}

static void send_nrpn(uint8_t pieces, uint8_t number, uint32_t value)
{
    rig_control(&rig, 0, 99, 120);
    for (uint8_t i = 0; i < pieces; ++i) {
        rig_control(&rig, 0, 98, 100);
    }
    rig_control(&rig, 0, 98, number);
    rig_control(&rig, 0, 38, value & 0x7F);
    rig_control(&rig, 0, 6, (uint8_t)(value >> 7));
}

static void nrpns_offset_generators(void **state)
{
    (void)state;
    const double full = level_of_note(127);
    send_nrpn(0, KM_GENERATOR_ATTENUATION, 8192 + 60);
    assert_near(level_of_note(127) - full, -6.0, 0.01);
    // Another number without the MSB; a note that sounds follows.
    double before[2];
    double after[2];
    rig_note_on(&rig, 0, KEY, 127);
    levels_now(&before[0], &before[1]);
    rig_control(&rig, 0, 98, KM_GENERATOR_PAN);
    rig_control(&rig, 0, 38, (8192 - 250) & 0x7F);
    rig_control(&rig, 0, 6, (8192 - 250) >> 7);
    levels_now(&after[0], &after[1]);
    assert_near(pow(10.0, (after[1] - after[0]) / 20.0), tan(atan(1.0) / 2.0), 0.001);
    // Cutoff counts twice; a number that is none does nothing; RPNs are another matter.
    km_synth_silence(rig.synth, true);
    assert_near(level_of_note(127), full, 0.001);
    send_nrpn(0, KM_GENERATOR_FILTER_CUTOFF, 8192 - 3000);
    assert_near(level_of_note(127) - full, response(7500, 0) - response(13500, 0), 0.05);
    send_nrpn(1, KM_GENERATOR_ATTENUATION, 8192 + 400);
    assert_near(level_of_note(127) - full, response(7500, 0) - response(13500, 0), 0.05);
    rig_control(&rig, 0, 121, 0);
    assert_near(level_of_note(127), full, 0.001);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(velocity_volume_and_expression_fall_as_the_curve_does),
        TEST(attenuation_counts_for_two_fifths),
        TEST(a_note_that_sounds_follows_its_controllers),
        TEST(pan_goes_from_side_to_side),
        TEST(balance_lowers_one_side),
        TEST(sends_follow_their_controllers),
        TEST(master_volume_is_squared),
        TEST(pressures_key_and_velocity_are_sources),
        TEST(a_pressed_key_is_heard_at_once),
        TEST(two_sources_multiply_and_may_be_taken_absolute),
        TEST(filter_has_the_response_of_its_cutoff_and_q),
        TEST(the_modulation_envelope_opens_the_filter),
        TEST(tremolo_swings_the_volume),
        TEST(velocity_does_not_close_the_filter),
        TEST(modulators_may_change_an_envelope_that_runs),
        TEST(key_numbers_scale_times),
        TEST(nrpns_offset_generators),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
