// SPDX-License-Identifier: MIT

// What a preset's zones and an instrument's zones become together.

#include "font/bank.h"

#include "unit/font/font_support.h"

static struct test_font made;

enum { FRAMES = 1000 };

// A sample of 1,000 frames, each of which says where it stands.
static uint16_t begin(void)
{
    static int16_t frames[FRAMES];
    for (int i = 0; i < FRAMES; ++i) {
        frames[i] = (int16_t)(i + 1);
    }
    test_font_begin(&made);
    const uint16_t sample = test_font_add_sample(&made, frames, FRAMES, 22050);
    made.samples[sample].loop_start += 100;
    made.samples[sample].loop_end -= 100;
    return sample;
}

// A preset of one plain zone of the first instrument.
static void add_preset(void)
{
    test_font_add_preset(&made, "preset", 0, 0);
    TEST_ZONE(&made, {KM_GENERATOR_INSTRUMENT, 0});
}

// The only region of a font whose instrument has one zone of these generators.
static struct km_region region_of(const struct test_generator *generators)
{
    test_font_add_instrument(&made, "instrument");
    test_font_add_zone(&made, generators);
    test_font_add_generator(&made, (struct test_generator){KM_GENERATOR_SAMPLE, 0});
    add_preset();
    struct fixture fixture = fixture_of(&made);
    const struct km_instrument *const instrument = load(&fixture, 0, 0);
    assert_int_equal(instrument->region_count, 1);
    const struct km_region region = instrument->regions[0];
    fixture_release(&fixture);
    return region;
}

#define REGION_OF(...)                                                                             \
    (begin(), region_of((const struct test_generator[]){__VA_ARGS__, {TEST_GENERATORS_END, 0}}))

static void a_region_holds_the_sample_and_defaults(void **state)
{
    (void)state;
    made.samples[begin()].correction = -7;
    made.samples[0].root_key = 69;
    test_font_add_tone(&made, 3, 4, 0);
    struct fixture fixture = fixture_of(&made);
    const struct km_instrument *const instrument = load(&fixture, 3, 4);
    assert_int_equal(instrument->bank, 3);
    assert_int_equal(instrument->program, 4);
    assert_string_equal(instrument->name, "tone");
    assert_int_equal(instrument->region_count, 1);
    const struct km_region *const region = instrument->regions;
    assert_int_equal(region->key_low, 0);
    assert_int_equal(region->key_high, 127);
    assert_int_equal(region->start, 0);
    assert_int_equal(region->end, FRAMES);
    assert_int_equal(region->loop_mode, KM_LOOP_ALWAYS);
    assert_int_equal(region->loop_start, 100);
    assert_int_equal(region->loop_end, FRAMES - 100);
    assert_int_equal(region->rate_hz, 22050);
    assert_int_equal(region->root_key, 69);
    assert_int_equal(region->correction_cents, -7);
    assert_int_equal(region->fixed_key, -1);
    assert_int_equal(region->fixed_velocity, -1);
    assert_int_equal(region->stereo_region, -1);
    assert_int_equal(region->generators[KM_GENERATOR_FILTER_CUTOFF], 13500);
    assert_int_equal(region->generators[KM_GENERATOR_VOLUME_ENVELOPE_ATTACK], -12000);
    assert_int_equal(region->generators[KM_GENERATOR_SCALE_TUNING], 100);
    for (int i = 0; i < FRAMES; ++i) {
        assert_int_equal(region->frames[i], i + 1);
    }
    for (int i = 1; i <= KM_SAMPLE_MARGIN; ++i) {
        assert_int_equal(region->frames[-i], 0);
        assert_int_equal(region->frames[FRAMES - 1 + i], 0);
    }
    fixture_release(&fixture);
}

static void local_values_stand_above_global_ones_and_a_presets_are_added(void **state)
{
    (void)state;
    begin();
    test_font_add_instrument(&made, "instrument");
    TEST_ZONE(&made, {KM_GENERATOR_PAN, 11}, {KM_GENERATOR_REVERB_SEND, 12},
              {KM_GENERATOR_CHORUS_SEND, 13}); // Global.
    TEST_ZONE(&made, {KM_GENERATOR_PAN, 1}, {KM_GENERATOR_PAN, 21}, {KM_GENERATOR_SAMPLE, 0});
    TEST_ZONE(&made, {KM_GENERATOR_SAMPLE, 0});
    test_font_add_preset(&made, "preset", 0, 0);
    TEST_ZONE(&made, {KM_GENERATOR_PAN, 100}, {KM_GENERATOR_REVERB_SEND, 200},
              {KM_GENERATOR_FILTER_CUTOFF, -500}); // Global.
    TEST_ZONE(&made, {KM_GENERATOR_PAN, -300}, {KM_GENERATOR_INSTRUMENT, 0});
    struct fixture fixture = fixture_of(&made);
    const struct km_instrument *const instrument = load(&fixture, 0, 0);
    assert_int_equal(instrument->region_count, 2);
    const int16_t *const first = instrument->regions[0].generators;
    const int16_t *const second = instrument->regions[1].generators;
    assert_int_equal(first[KM_GENERATOR_PAN], 21 - 300);
    assert_int_equal(first[KM_GENERATOR_REVERB_SEND], 12 + 200);
    assert_int_equal(first[KM_GENERATOR_CHORUS_SEND], 13);
    assert_int_equal(first[KM_GENERATOR_FILTER_CUTOFF], 13500 - 500);
    assert_int_equal(second[KM_GENERATOR_PAN], 11 - 300);
    fixture_release(&fixture);
}

static void sums_are_held_within_their_ranges(void **state)
{
    (void)state;
    begin();
    test_font_add_instrument(&made, "instrument");
    TEST_ZONE(&made, {KM_GENERATOR_PAN, 400}, {KM_GENERATOR_ATTENUATION, -100},
              {KM_GENERATOR_COARSE_TUNE, 32767}, {KM_GENERATOR_SAMPLE, 0});
    test_font_add_preset(&made, "preset", 0, 0);
    TEST_ZONE(&made, {KM_GENERATOR_PAN, 400}, {KM_GENERATOR_FILTER_CUTOFF, -32768},
              {KM_GENERATOR_COARSE_TUNE, 32767}, {KM_GENERATOR_INSTRUMENT, 0});
    struct fixture fixture = fixture_of(&made);
    const int16_t *const values = load(&fixture, 0, 0)->regions[0].generators;
    assert_int_equal(values[KM_GENERATOR_PAN], 500);
    assert_int_equal(values[KM_GENERATOR_ATTENUATION], 0);
    assert_int_equal(values[KM_GENERATOR_COARSE_TUNE], 120);
    assert_int_equal(values[KM_GENERATOR_FILTER_CUTOFF], 1500);
    fixture_release(&fixture);
}

static void what_only_instruments_may_say_is_ignored_in_presets(void **state)
{
    (void)state;
    begin();
    test_font_add_instrument(&made, "instrument");
    TEST_ZONE(&made, {KM_GENERATOR_ROOT_KEY, 50}, {KM_GENERATOR_EXCLUSIVE_CLASS, 3},
              {KM_GENERATOR_SAMPLE, 0});
    test_font_add_preset(&made, "preset", 0, 0);
    TEST_ZONE(&made, {KM_GENERATOR_ROOT_KEY, 5}, {KM_GENERATOR_EXCLUSIVE_CLASS, 1},
              {KM_GENERATOR_START_OFFSET, 10}, {KM_GENERATOR_FIXED_KEY, 40},
              {KM_GENERATOR_FIXED_VELOCITY, 41}, {KM_GENERATOR_SAMPLE_MODES, 1},
              {KM_GENERATOR_END_OFFSET, -10}, {KM_GENERATOR_INSTRUMENT, 0});
    struct fixture fixture = fixture_of(&made);
    const struct km_region *const region = load(&fixture, 0, 0)->regions;
    assert_int_equal(region->root_key, 50);
    assert_int_equal(region->exclusive_class, 3);
    assert_int_equal(region->start, 0);
    assert_int_equal(region->end, FRAMES);
    assert_int_equal(region->fixed_key, -1);
    assert_int_equal(region->fixed_velocity, -1);
    assert_int_equal(region->loop_mode, KM_LOOP_NONE);
    fixture_release(&fixture);
}

static void ranges_are_those_that_both_zones_have(void **state)
{
    (void)state;
    begin();
    test_font_add_instrument(&made, "instrument");
    TEST_ZONE(&made, {KM_GENERATOR_KEY_RANGE, TEST_RANGE(20, 60)}); // Global.
    TEST_ZONE(&made, {KM_GENERATOR_SAMPLE, 0});
    TEST_ZONE(&made, {KM_GENERATOR_KEY_RANGE, TEST_RANGE(50, 90)},
              {KM_GENERATOR_VELOCITY_RANGE, TEST_RANGE(10, 200)}, {KM_GENERATOR_SAMPLE, 0});
    TEST_ZONE(&made, {KM_GENERATOR_KEY_RANGE, TEST_RANGE(71, 80)}, {KM_GENERATOR_SAMPLE, 0});
    TEST_ZONE(&made, {KM_GENERATOR_KEY_RANGE, TEST_RANGE(60, 50)}, {KM_GENERATOR_SAMPLE, 0});
    test_font_add_preset(&made, "preset", 0, 0);
    TEST_ZONE(&made, {KM_GENERATOR_KEY_RANGE, TEST_RANGE(30, 70)},
              {KM_GENERATOR_VELOCITY_RANGE, TEST_RANGE(64, 100)}, {KM_GENERATOR_INSTRUMENT, 0});
    TEST_ZONE(&made, {KM_GENERATOR_VELOCITY_RANGE, TEST_RANGE(101, 127)},
              {KM_GENERATOR_INSTRUMENT, 0});
    struct fixture fixture = fixture_of(&made);
    const struct km_instrument *const instrument = load(&fixture, 0, 0);
    static const uint8_t expected[][4] = {
        {30, 60, 64, 100},  {50, 70, 64, 100},                      // First zone of the preset.
        {20, 60, 101, 127}, {50, 90, 101, 127}, {71, 80, 101, 127}, // Second one.
    };
    assert_int_equal(instrument->region_count, 5);
    for (uint32_t i = 0; i < 5; ++i) {
        const struct km_region *const region = &instrument->regions[i];
        assert_int_equal(region->key_low, expected[i][0]);
        assert_int_equal(region->key_high, expected[i][1]);
        assert_int_equal(region->velocity_low, expected[i][2]);
        assert_int_equal(region->velocity_high, expected[i][3]);
    }
    // load() has compared the whole index; this is how it is read.
    const uint32_t first = instrument->key_starts[75];
    assert_int_equal(instrument->key_starts[76] - first, 2);
    assert_int_equal(instrument->key_regions[first], 3);
    assert_int_equal(instrument->key_regions[first + 1], 4);
    assert_int_equal(instrument->key_starts[10], 0);
    fixture_release(&fixture);
}

static void offsets_move_the_sample_and_its_loop(void **state)
{
    (void)state;
    struct km_region region =
        REGION_OF({KM_GENERATOR_START_OFFSET, 10}, {KM_GENERATOR_END_OFFSET, -20},
                  {KM_GENERATOR_LOOP_START_OFFSET, 30}, {KM_GENERATOR_LOOP_END_OFFSET, -40},
                  {KM_GENERATOR_SAMPLE_MODES, KM_LOOP_UNTIL_RELEASE});
    assert_int_equal(region.start, 10);
    assert_int_equal(region.end, FRAMES - 20);
    assert_int_equal(region.loop_start, 130);
    assert_int_equal(region.loop_end, FRAMES - 140);
    assert_int_equal(region.loop_mode, KM_LOOP_UNTIL_RELEASE);
    assert_int_equal(region.generators[KM_GENERATOR_START_OFFSET], 0);
    assert_int_equal(region.generators[KM_GENERATOR_SAMPLE_MODES], KM_LOOP_UNTIL_RELEASE);
    // Coarse offsets reach beyond the sample: held at its ends.
    region = REGION_OF({KM_GENERATOR_LOOP_START_OFFSET_COARSE, -1},
                       {KM_GENERATOR_LOOP_END_OFFSET_COARSE, 1}, {KM_GENERATOR_SAMPLE_MODES, 1});
    assert_int_equal(region.loop_start, 0);
    assert_int_equal(region.loop_end, FRAMES);
}

static void a_region_may_begin_in_its_loop_and_sounds_to_the_loops_end(void **state)
{
    (void)state;
    struct km_region region =
        REGION_OF({KM_GENERATOR_START_OFFSET, 500}, {KM_GENERATOR_SAMPLE_MODES, 1});
    assert_int_equal(region.start, 500);
    assert_int_equal(region.loop_start, 100);
    region = REGION_OF({KM_GENERATOR_START_OFFSET, 950}, {KM_GENERATOR_SAMPLE_MODES, 1});
    assert_int_equal(region.start, 100);
    region = REGION_OF({KM_GENERATOR_END_OFFSET, -500}, {KM_GENERATOR_SAMPLE_MODES, 1});
    assert_int_equal(region.end, FRAMES - 100);
}

static void loops_that_are_none_are_not_looped(void **state)
{
    (void)state;
    struct km_region region = REGION_OF({KM_GENERATOR_LOOP_START_OFFSET, 799},
                                        {KM_GENERATOR_SAMPLE_MODES, KM_LOOP_ALWAYS});
    assert_int_equal(region.loop_mode, KM_LOOP_NONE);
    assert_int_equal(region.generators[KM_GENERATOR_SAMPLE_MODES], KM_LOOP_NONE);
    assert_int_equal(region.loop_end, 0);
    region = REGION_OF({KM_GENERATOR_LOOP_START_OFFSET, 798}, {KM_GENERATOR_SAMPLE_MODES, 1});
    assert_int_equal(region.loop_mode, KM_LOOP_ALWAYS);
    region = REGION_OF({KM_GENERATOR_SAMPLE_MODES, KM_LOOP_UNUSED});
    assert_int_equal(region.loop_mode, KM_LOOP_NONE);
    region = REGION_OF({KM_GENERATOR_SAMPLE_MODES, 7});
    assert_int_equal(region.loop_mode, KM_LOOP_NONE);
    // Beyond one another: swapped, as FluidSynth does.
    region = REGION_OF({KM_GENERATOR_LOOP_START_OFFSET, 850}, {KM_GENERATOR_SAMPLE_MODES, 1});
    assert_int_equal(region.loop_start, 900);
    assert_int_equal(region.loop_end, 950);
}

static void a_region_without_frames_is_none(void **state)
{
    (void)state;
    begin();
    test_font_add_instrument(&made, "instrument");
    TEST_ZONE(&made, {KM_GENERATOR_START_OFFSET, 2000}, {KM_GENERATOR_SAMPLE, 0});
    add_preset();
    struct fixture fixture = fixture_of(&made);
    const struct km_instrument *const instrument = load(&fixture, 0, 0);
    assert_int_equal(instrument->region_count, 0);
    assert_int_equal(instrument->key_starts[128], 0);
    fixture_release(&fixture);
}

static void unusable_samples_and_zones_make_no_regions(void **state)
{
    (void)state;
    begin();
    made.samples[test_font_add_sine(&made, 44100, 10, 2)].type = 0x8001;
    test_font_add_instrument(&made, "instrument");
    TEST_ZONE(&made, {KM_GENERATOR_SAMPLE, 1});
    TEST_ZONE(&made, {KM_GENERATOR_SAMPLE, 55});
    TEST_ZONE(&made, {KM_GENERATOR_PAN, 1});
    TEST_ZONE(&made, {KM_GENERATOR_SAMPLE, 0});
    add_preset();
    TEST_ZONE(&made, {KM_GENERATOR_INSTRUMENT, 9});
    TEST_ZONE(&made, {KM_GENERATOR_PAN, 9});
    struct fixture fixture = fixture_of(&made);
    assert_int_equal(load(&fixture, 0, 0)->region_count, 1);
    fixture_release(&fixture);
}

static void ranges_and_generators_follow_the_rules_of_order(void **state)
{
    (void)state;
    begin();
    test_font_add_instrument(&made, "instrument");
    // A range of velocities before that of keys: the latter is ignored, as is what follows SAMPLE.
    TEST_ZONE(&made, {KM_GENERATOR_VELOCITY_RANGE, TEST_RANGE(1, 50)},
              {KM_GENERATOR_KEY_RANGE, TEST_RANGE(1, 2)}, {KM_GENERATOR_PAN, 5},
              {KM_GENERATOR_SAMPLE, 0}, {KM_GENERATOR_PAN, 100});
    // A range of velocities after anything but that of keys.
    TEST_ZONE(&made, {KM_GENERATOR_KEY_RANGE, TEST_RANGE(1, 2)}, {KM_GENERATOR_PAN, 5},
              {KM_GENERATOR_VELOCITY_RANGE, TEST_RANGE(1, 50)}, {KM_GENERATOR_SAMPLE, 0});
    add_preset();
    struct fixture fixture = fixture_of(&made);
    const struct km_region *const region = load(&fixture, 0, 0)->regions;
    assert_int_equal(region[1].key_high, 2);
    assert_int_equal(region[1].velocity_high, 127);
    assert_int_equal(region->velocity_high, 50);
    assert_int_equal(region->key_high, 127);
    assert_int_equal(region->generators[KM_GENERATOR_PAN], 5);
    fixture_release(&fixture);
}

static void unknown_generators_do_nothing(void **state)
{
    (void)state;
    const struct km_region region = REGION_OF({14, 5}, {18, 6}, {42, 7}, {49, 8}, {55, 9}, {59, 10},
                                              {60, 11}, {30000, 12}, {KM_GENERATOR_PAN, 13});
    assert_int_equal(region.generators[KM_GENERATOR_PAN], 13);
    assert_int_equal(region.generators[14], 0);
    assert_int_equal(region.generators[55], 0);
}

static void the_sides_of_a_pair_know_each_other(void **state)
{
    (void)state;
    begin();
    const uint16_t left = test_font_add_sine(&made, 44100, 50, 2);
    const uint16_t right = test_font_add_sine(&made, 44100, 50, 2);
    made.samples[left].type = 4;
    made.samples[left].link = right;
    made.samples[right].type = 2;
    made.samples[right].link = left;
    test_font_add_instrument(&made, "instrument");
    TEST_ZONE(&made, {KM_GENERATOR_KEY_RANGE, TEST_RANGE(0, 60)},
              {KM_GENERATOR_SAMPLE, (int16_t)right});
    TEST_ZONE(&made, {KM_GENERATOR_SAMPLE, 0});
    TEST_ZONE(&made, {KM_GENERATOR_KEY_RANGE, TEST_RANGE(61, 127)},
              {KM_GENERATOR_SAMPLE, (int16_t)left});
    TEST_ZONE(&made, {KM_GENERATOR_KEY_RANGE, TEST_RANGE(0, 60)},
              {KM_GENERATOR_SAMPLE, (int16_t)left});
    add_preset();
    struct fixture fixture = fixture_of(&made);
    const struct km_region *const regions = load(&fixture, 0, 0)->regions;
    assert_int_equal(regions[0].stereo_region, 3);
    assert_int_equal(regions[1].stereo_region, -1);
    assert_int_equal(regions[2].stereo_region, -1);
    assert_int_equal(regions[3].stereo_region, 0);
    fixture_release(&fixture);
}

static void no_region_is_the_other_side_of_two(void **state)
{
    (void)state;
    begin();
    const uint16_t left = test_font_add_sine(&made, 44100, 50, 2);
    const uint16_t right = test_font_add_sine(&made, 44100, 50, 2);
    made.samples[left].type = 4;
    made.samples[left].link = right;
    made.samples[right].type = 2;
    made.samples[right].link = left;
    test_font_add_instrument(&made, "instrument");
    TEST_ZONE(&made, {KM_GENERATOR_SAMPLE, (int16_t)left});
    TEST_ZONE(&made, {KM_GENERATOR_SAMPLE, (int16_t)left});
    TEST_ZONE(&made, {KM_GENERATOR_SAMPLE, (int16_t)right});
    add_preset();
    struct fixture fixture = fixture_of(&made);
    const struct km_region *const regions = load(&fixture, 0, 0)->regions;
    assert_int_equal(regions[0].stereo_region, 2);
    assert_int_equal(regions[1].stereo_region, -1);
    assert_int_equal(regions[2].stereo_region, 0);
    fixture_release(&fixture);
}

static void loops_outside_their_sample_are_those_of_all_of_it(void **state)
{
    (void)state;
    begin();
    const uint16_t second = test_font_add_sine(&made, 44100, 50, 4);
    struct test_sample *const sample = &made.samples[second];
    sample->loop_start = sample->start - 1; // In the sample before.
    test_font_add_tone(&made, 0, 0, second);
    struct fixture fixture = fixture_of(&made);
    const struct km_region *region = load(&fixture, 0, 0)->regions;
    assert_int_equal(region->loop_mode, KM_LOOP_ALWAYS);
    assert_int_equal(region->loop_start, 0);
    assert_int_equal(region->loop_end, 200);
    fixture_release(&fixture);
    sample->loop_start = sample->start + 150;
    sample->loop_end = sample->start + 50; // Reversed.
    fixture = fixture_of(&made);
    region = load(&fixture, 0, 0)->regions;
    assert_int_equal(region->loop_start, 50);
    assert_int_equal(region->loop_end, 150);
    fixture_release(&fixture);
    sample->loop_start = 0xFFFFFFFF;
    sample->loop_end = 0xFFFFFFFE;
    fixture = fixture_of(&made);
    region = load(&fixture, 0, 0)->regions;
    assert_int_equal(region->loop_start, 0);
    assert_int_equal(region->loop_end, 200);
    fixture_release(&fixture);
}

static void too_many_regions_are_refused_by_name(void **state)
{
    (void)state;
    begin();
    test_font_add_instrument(&made, "instrument");
    for (int i = 0; i < 90; ++i) {
        TEST_ZONE(&made, {KM_GENERATOR_SAMPLE, 0});
    }
    test_font_add_preset(&made, "crowd", 0, 0);
    for (int i = 0; i < 90; ++i) {
        TEST_ZONE(&made, {KM_GENERATOR_INSTRUMENT, 0});
    }
    struct fixture fixture = fixture_of(&made);
    const struct km_instrument *instrument = NULL;
    assert_int_equal(km_bank_load(fixture.bank, 0, 0, &instrument, &fixture.error),
                     KM_ERROR_TOO_LARGE);
    ASSERT_SAYS(fixture.error.message, "crowd", "4096 regions");
    assert_null(instrument);
    assert_int_equal(km_bank_usage(fixture.bank).used_bytes, 0);
    fixture_release(&fixture);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_region_holds_the_sample_and_defaults),
        cmocka_unit_test(local_values_stand_above_global_ones_and_a_presets_are_added),
        cmocka_unit_test(sums_are_held_within_their_ranges),
        cmocka_unit_test(what_only_instruments_may_say_is_ignored_in_presets),
        cmocka_unit_test(ranges_are_those_that_both_zones_have),
        cmocka_unit_test(offsets_move_the_sample_and_its_loop),
        cmocka_unit_test(a_region_may_begin_in_its_loop_and_sounds_to_the_loops_end),
        cmocka_unit_test(loops_that_are_none_are_not_looped),
        cmocka_unit_test(a_region_without_frames_is_none),
        cmocka_unit_test(unusable_samples_and_zones_make_no_regions),
        cmocka_unit_test(ranges_and_generators_follow_the_rules_of_order),
        cmocka_unit_test(unknown_generators_do_nothing),
        cmocka_unit_test(the_sides_of_a_pair_know_each_other),
        cmocka_unit_test(no_region_is_the_other_side_of_two),
        cmocka_unit_test(loops_outside_their_sample_are_those_of_all_of_it),
        cmocka_unit_test(too_many_regions_are_refused_by_name),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
