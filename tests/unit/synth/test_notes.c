// SPDX-License-Identifier: MIT

#include "unit/synth/rig.h"

enum { SECOND = RIG_RATE / KM_QUANTUM_FRAMES, FRAMES = 2 * SECOND * KM_QUANTUM_FRAMES };
enum { SUSTAIN = 64, SOSTENUTO = 66, SOFT = 67, DRUMS = 9, KEY = RIG_ROOT_KEY };

static struct rig_instrument tone;
static struct rig rig;
static float left[FRAMES], right[FRAMES];

// A tone whose release is .1 s long.
static int set_up(void **state)
{
    (void)state;
    rig_instrument_init(&tone, 1);
    tone.regions[0].generators[KM_GENERATOR_VOLUME_ENVELOPE_RELEASE] = -3986;
    rig = rig_of(64);
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

static struct km_event note(uint8_t type, uint8_t key)
{
    return (struct km_event){.type = type, .number = key, .value = 100};
}

// Whether anything sounds on after half a second, that is, is not released.
static bool sounds_on(void)
{
    rig_render(&rig, SECOND / 2, NULL, NULL);
    return rig_voices(&rig) > 0;
}

static void make_sample_constant(void)
{
    for (uint32_t i = 0; i < RIG_PERIOD * RIG_PERIODS; ++i) {
        tone.sample[KM_SAMPLE_MARGIN + i] = 20000;
    }
}

static uint32_t first_frame(void)
{
    uint32_t frame = 0;
    while (frame < FRAMES && left[frame] == 0.0f) {
        ++frame;
    }
    return frame;
}

static void begins_on_its_frame(void **state)
{
    (void)state;
    // A sample that begins with a full value; its gain's first frame is 0, but for rounding.
    make_sample_constant();
    for (uint32_t offset = 0; offset < KM_QUANTUM_FRAMES; offset += 7) {
        km_synth_silence(rig.synth, true);
        rig_render(&rig, 2, NULL, NULL);
        const struct km_event on = note(KM_EVENT_NOTE_ON, KEY);
        rig_send(&rig, &on, offset);
        rig_render(&rig, 4, left, right);
        assert_in_range(first_frame(), offset, offset + 1);
        // From there its gain is a line to the quantum's end.
        const double end = (double)left[KM_QUANTUM_FRAMES];
        for (uint32_t frame = offset + 12; frame < KM_QUANTUM_FRAMES; ++frame) {
            const double way = (double)(frame - offset) / (KM_QUANTUM_FRAMES - offset);
            assert_near((double)left[frame] / end, way, 0.01);
        }
    }
}

// The envelope of a note is the same wherever in the quantum it begins and ends: only as much later
// as the note is. (Within a quantum the gain is a line, so they are compared at quanta's ends.)
static void ends_on_its_frame(void **state)
{
    (void)state;
    make_sample_constant();
    for (uint32_t offset = 0; offset < KM_QUANTUM_FRAMES; offset += 9) {
        km_synth_silence(rig.synth, true);
        rig_render(&rig, 2, NULL, NULL);
        const struct km_event on = note(KM_EVENT_NOTE_ON, KEY);
        const struct km_event off = note(KM_EVENT_NOTE_OFF, KEY);
        rig_send(&rig, &on, 0);
        rig_render(&rig, 20, NULL, NULL);
        rig_send(&rig, &off, offset);
        rig_render(&rig, 40, left, right);
        // 96 dB in 76 quanta (75 and one), a line in decibels.
        const double steady =
            20000.0 / 32768.0 * 0.2 * sqrt(0.5) * pow(10.0, 3.01 / 40.0) *
            pow(10.0, -(rig_concave(100) + rig_concave(100) + rig_concave(127)) * 96.0 / 20.0);
        for (uint32_t quantum = 2; quantum < 40; ++quantum) {
            const double frames = (double)quantum * KM_QUANTUM_FRAMES - (double)offset;
            const double expected = steady * pow(10.0, -96.0 * frames / (76 * 64.0) / 20.0);
            assert_near((double)left[(size_t)quantum * KM_QUANTUM_FRAMES] / expected, 1.0, 0.004);
        }
    }
}

static void a_very_short_note_lasts_ten_milliseconds(void **state)
{
    (void)state;
    make_sample_constant();
    rig_note_on(&rig, 0, KEY, 100);
    rig_note_off(&rig, 0, KEY);
    rig_render(&rig, 20, left, right);
    // 480 frames: the first quantum after them begins with 512.
    assert_near((double)left[512] / (double)left[128], 1.0, 0.001);
    assert_near((double)left[576] / (double)left[128], pow(10.0, -96.0 / 76.0 / 20.0), 0.001);
    assert_false(sounds_on());
}

static void a_delay_is_silent_to_its_frame(void **state)
{
    (void)state;
    make_sample_constant();
    tone.regions[0].generators[KM_GENERATOR_VOLUME_ENVELOPE_DELAY] = -3600;
    for (uint32_t offset = 0; offset < KM_QUANTUM_FRAMES; offset += 13) {
        const struct km_event on = note(KM_EVENT_NOTE_ON, KEY);
        rig_send(&rig, &on, offset);
        rig_render(&rig, 120, left, right);
        // An eighth of a second, in whole quanta.
        assert_in_range(first_frame(), offset + 93 * 64, offset + 93 * 64 + 1);
        km_synth_silence(rig.synth, false);
        rig_render(&rig, 1, NULL, NULL);
    }
}

// The attack is a line in amplitude, the release one in decibels: it goes on where the attack was.
static void a_release_in_the_attack_begins_at_its_level(void **state)
{
    (void)state;
    make_sample_constant();
    tone.regions[0].generators[KM_GENERATOR_VOLUME_ENVELOPE_ATTACK] = 0;
    rig_note_on(&rig, 0, KEY, 127);
    rig_render(&rig, SECOND / 4, NULL, NULL);
    rig_note_off(&rig, 0, KEY);
    rig_render(&rig, 3, left, right);
    assert_true(left[0] > 0.0f);
    for (uint32_t frame = 64; frame <= 128; frame += 64) {
        const double fall = pow(10.0, -96.0 / 76.0 / 20.0 * frame / 64.0);
        assert_near((double)left[frame] / (double)left[0], fall, 0.002);
    }
}

static void a_note_off_ends_only_its_note(void **state)
{
    (void)state;
    rig_note_on(&rig, 0, KEY, 100);
    rig_note_on(&rig, 0, KEY + 4, 100);
    rig_note_on(&rig, 1, KEY, 100);
    rig_note_off(&rig, 0, KEY);
    rig_render(&rig, SECOND / 2, NULL, NULL);
    assert_int_equal(rig_voices(&rig), 2);
    rig_note_off(&rig, 0, KEY + 4);
    rig_note_on(&rig, 1, KEY, 0); // Velocity 0 is a note-off.
    assert_false(sounds_on());
}

static void a_key_struck_again_releases_its_first_note(void **state)
{
    (void)state;
    rig_control(&rig, 0, SUSTAIN, 127);
    rig_note_on(&rig, 0, KEY, 100);
    rig_render(&rig, 20, NULL, NULL);
    rig_note_off(&rig, 0, KEY);
    rig_note_on(&rig, 0, KEY, 100);
    rig_render(&rig, 1, NULL, NULL);
    assert_int_equal(rig_voices(&rig), 2);
    rig_render(&rig, SECOND / 2, NULL, NULL);
    assert_int_equal(rig_voices(&rig), 1);
    rig_note_off(&rig, 0, KEY);
    assert_true(sounds_on());
    rig_control(&rig, 0, SUSTAIN, 0);
    assert_false(sounds_on());
}

static void sustain_keeps_keys_that_are_let_go(void **state)
{
    (void)state;
    rig_note_on(&rig, 0, KEY, 100);
    rig_control(&rig, 0, SUSTAIN, 64);
    rig_note_off(&rig, 0, KEY);
    assert_true(sounds_on());
    rig_control(&rig, 0, SUSTAIN, 63);
    assert_false(sounds_on());
}

static void pedal_up_and_down_again_still_releases(void **state)
{
    (void)state;
    rig_control(&rig, 0, SUSTAIN, 127);
    rig_note_on(&rig, 0, KEY, 100);
    rig_note_off(&rig, 0, KEY);
    rig_note_on(&rig, 0, KEY + 2, 100);
    rig_control(&rig, 0, SUSTAIN, 0);
    rig_control(&rig, 0, SUSTAIN, 127);
    rig_note_off(&rig, 0, KEY + 2); // After the pedal is down again.
    rig_render(&rig, SECOND / 2, NULL, NULL);
    assert_int_equal(rig_voices(&rig), 1);
}

static void sostenuto_keeps_only_what_was_down(void **state)
{
    (void)state;
    rig_note_on(&rig, 0, KEY, 100);
    rig_control(&rig, 0, SOSTENUTO, 127);
    rig_note_on(&rig, 0, KEY + 4, 100);
    rig_note_off(&rig, 0, KEY);
    rig_note_off(&rig, 0, KEY + 4);
    rig_render(&rig, SECOND / 2, NULL, NULL);
    assert_int_equal(rig_voices(&rig), 1);
    rig_control(&rig, 0, SOSTENUTO, 0);
    assert_false(sounds_on());
}

static void the_two_pedals_hand_a_note_to_each_other(void **state)
{
    (void)state;
    rig_note_on(&rig, 0, KEY, 100);
    rig_control(&rig, 0, SOSTENUTO, 127);
    rig_control(&rig, 0, SUSTAIN, 127);
    rig_note_off(&rig, 0, KEY);
    rig_control(&rig, 0, SOSTENUTO, 0);
    assert_true(sounds_on()); // Sustain has it.
    rig_control(&rig, 0, SUSTAIN, 0);
    assert_false(sounds_on());

    rig_control(&rig, 0, SUSTAIN, 127);
    rig_note_on(&rig, 0, KEY, 100);
    rig_note_off(&rig, 0, KEY);
    rig_control(&rig, 0, SOSTENUTO, 127);
    rig_control(&rig, 0, SUSTAIN, 0);
    assert_true(sounds_on()); // Sostenuto has it.
    rig_control(&rig, 0, SOSTENUTO, 0);
    rig_control(&rig, 0, SUSTAIN, 127); // Too late.
    assert_false(sounds_on());
}

static void all_notes_off_respects_the_pedal(void **state)
{
    (void)state;
    for (uint8_t number = 123; number <= 127; ++number) {
        rig_note_on(&rig, 0, KEY, 100);
        rig_note_on(&rig, 1, KEY, 100);
        rig_control(&rig, 0, number, 0);
        rig_note_on(&rig, 0, KEY + 5, 100); // Later: it plays on.
        rig_render(&rig, SECOND / 2, NULL, NULL);
        assert_int_equal(rig_voices(&rig), 2);
        rig_control(&rig, 0, SUSTAIN, 127);
        rig_control(&rig, 0, number, 0);
        rig_control(&rig, 1, number, 0);
        rig_render(&rig, SECOND / 2, NULL, NULL);
        assert_int_equal(rig_voices(&rig), 1);
        rig_control(&rig, 0, SUSTAIN, 0);
        assert_false(sounds_on());
    }
}

static void all_sound_off_takes_one_quantum(void **state)
{
    (void)state;
    rig_control(&rig, 0, SUSTAIN, 127);
    rig_note_on(&rig, 0, KEY, 100);
    rig_note_on(&rig, 1, KEY, 100);
    rig_render(&rig, 10, NULL, NULL);
    rig_control(&rig, 0, 120, 0);
    rig_render(&rig, 1, NULL, NULL);
    assert_int_equal(rig_voices(&rig), 1);
}

static void reset_controllers_lifts_pedals_and_leaves_volume(void **state)
{
    (void)state;
    rig_control(&rig, 0, 7, 127);
    rig_note_on(&rig, 0, KEY, 127);
    rig_render(&rig, 100, NULL, NULL);
    rig_render(&rig, 50, left, right);
    const double full = rig_peak(left, (size_t)50 * 64);
    rig_control(&rig, 0, 11, 50);
    rig_control(&rig, 0, SUSTAIN, 127);
    rig_bend(&rig, 0, 16383);
    rig_note_off(&rig, 0, KEY);
    rig_note_on(&rig, 0, KEY + 12, 127);
    rig_render(&rig, 100, NULL, NULL);
    rig_control(&rig, 0, 121, 0);
    rig_render(&rig, SECOND / 2, NULL, NULL);
    assert_int_equal(rig_voices(&rig), 1); // What the pedal held is gone.
    rig_render(&rig, 50, left, right);
    assert_near(rig_peak(left, (size_t)50 * 64) / full, 1.0, 0.02);
    assert_near(rig_cents(rig_hz(left, (size_t)50 * 64), 960.0), 0.0, 0.5);
}

static void an_exclusive_class_ends_the_others_of_its_class(void **state)
{
    (void)state;
    static struct rig_instrument kit;
    rig_instrument_init(&kit, 3);
    for (uint8_t i = 0; i < 3; ++i) {
        kit.regions[i].key_low = kit.regions[i].key_high = 40 + i;
        kit.regions[i].exclusive_class = i < 2 ? 1 : 2;
        kit.regions[i].generators[KM_GENERATOR_VOLUME_ENVELOPE_RELEASE] = 5000;
    }
    kit.regions[1].key_low = 40; // Key 40 starts two voices of class 1.
    rig_instrument_index(&kit);
    rig_set(&rig, KM_BANK_DRUMS, 0, &kit);
    rig_note_on(&rig, DRUMS, 40, 100);
    rig_note_on(&rig, DRUMS, 42, 100);
    rig_render(&rig, SECOND * 2, NULL, NULL);
    assert_int_equal(rig_voices(&rig), 3);
    rig_note_on(&rig, DRUMS, 41, 100);
    rig_render(&rig, SECOND * 2, NULL, NULL); // Their own release would be 18 s.
    assert_int_equal(rig_voices(&rig), 2);
    rig_set(&rig, 0, 0, &kit);
    rig_note_on(&rig, 0, 41, 100); // Another channel.
    rig_render(&rig, SECOND * 2, NULL, NULL);
    assert_int_equal(rig_voices(&rig), 3);
    km_synth_forget_instrument(rig.synth, &kit.instrument);
}

static void a_loop_until_release_plays_on_to_the_end(void **state)
{
    (void)state;
    struct km_region *const region = &tone.regions[0];
    region->loop_mode = KM_LOOP_UNTIL_RELEASE;
    region->loop_end = region->end / 2;
    region->generators[KM_GENERATOR_VOLUME_ENVELOPE_RELEASE] = 5000;
    rig_note_on(&rig, 0, KEY, 100);
    assert_true(sounds_on());
    rig_note_off(&rig, 0, KEY);
    rig_render(&rig, RIG_PERIOD * RIG_PERIODS / KM_QUANTUM_FRAMES + 2, NULL, NULL);
    assert_int_equal(rig_voices(&rig), 0);
}

static void a_sample_without_a_loop_ends(void **state)
{
    (void)state;
    tone.regions[0].loop_mode = KM_LOOP_NONE;
    rig_note_on(&rig, 0, KEY, 100);
    rig_render(&rig, RIG_PERIOD * RIG_PERIODS / KM_QUANTUM_FRAMES, NULL, NULL);
    assert_int_equal(rig_voices(&rig), 1);
    rig_render(&rig, 1, NULL, NULL);
    assert_int_equal(rig_voices(&rig), 0);
}

static void regions_answer_to_their_keys_and_velocities(void **state)
{
    (void)state;
    rig_instrument_init(&tone, 3);
    tone.regions[0].velocity_high = 63;
    tone.regions[1].velocity_low = 64;
    tone.regions[2].key_low = KEY + 1;
    rig_instrument_index(&tone);
    static const uint8_t notes[][3] = {{KEY, 63, 1},      {KEY, 64, 1},  {KEY + 1, 1, 2},
                                       {KEY + 1, 127, 2}, {127, 127, 2}, {0, 1, 1}};
    for (size_t i = 0; i < sizeof(notes) / sizeof(notes[0]); ++i) {
        rig_note_on(&rig, 0, notes[i][0], notes[i][1]);
        rig_render(&rig, 1, NULL, NULL);
        assert_int_equal(rig_voices(&rig), notes[i][2]);
        km_synth_silence(rig.synth, false);
        rig_render(&rig, 1, NULL, NULL);
    }
}

static void the_soft_pedal_softens_notes_to_come(void **state)
{
    (void)state;
    rig_control(&rig, 0, SOFT, 127);
    rig_note_on(&rig, 0, KEY, 100);
    rig_render(&rig, 100, left, right);
    const double soft = rig_peak(left + 3200, 3200);
    rig_control(&rig, 0, SOFT, 0);
    rig_render(&rig, 100, left, right);
    assert_near(rig_peak(left + 3200, 3200) / soft, 1.0, 0.01);
    rig_note_on(&rig, 0, KEY, 100);
    rig_render(&rig, SECOND / 2, NULL, NULL);
    rig_render(&rig, 100, left, right);
    assert_near(rig_peak(left, 6400) / soft, pow(10.0, 3.0 / 20.0), 0.02);
}

static void notes_without_an_instrument_are_counted(void **state)
{
    (void)state;
    rig_set(&rig, 0, 0, NULL);
    rig_note_on(&rig, 0, KEY, 100);
    rig_render(&rig, 2, NULL, NULL);
    const struct km_synth_counters counters = km_synth_counters(rig.synth);
    assert_int_equal(counters.voices_now, 0);
    assert_int_equal(counters.notes_on, 1);
    assert_int_equal(counters.programs_lost, 1);
    assert_int_equal(counters.voices_started, 0);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(begins_on_its_frame),
        TEST(ends_on_its_frame),
        TEST(a_very_short_note_lasts_ten_milliseconds),
        TEST(a_delay_is_silent_to_its_frame),
        TEST(a_release_in_the_attack_begins_at_its_level),
        TEST(a_note_off_ends_only_its_note),
        TEST(a_key_struck_again_releases_its_first_note),
        TEST(sustain_keeps_keys_that_are_let_go),
        TEST(pedal_up_and_down_again_still_releases),
        TEST(sostenuto_keeps_only_what_was_down),
        TEST(the_two_pedals_hand_a_note_to_each_other),
        TEST(all_notes_off_respects_the_pedal),
        TEST(all_sound_off_takes_one_quantum),
        TEST(reset_controllers_lifts_pedals_and_leaves_volume),
        TEST(an_exclusive_class_ends_the_others_of_its_class),
        TEST(a_loop_until_release_plays_on_to_the_end),
        TEST(a_sample_without_a_loop_ends),
        TEST(regions_answer_to_their_keys_and_velocities),
        TEST(the_soft_pedal_softens_notes_to_come),
        TEST(notes_without_an_instrument_are_counted),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
