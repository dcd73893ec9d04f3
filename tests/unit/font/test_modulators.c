// SPDX-License-Identifier: MIT

// Which modulators a region has: default ones, those of instruments that replace them, those of
// presets that are added.

#include "font/bank.h"

#include "unit/font/font_support.h"

static struct test_font made;

// Begins a font whose instrument has a global zone; then come its modulators.
static void begin(void)
{
    test_font_begin(&made);
    test_font_add_sine(&made, 44100, 100, 4);
    test_font_add_instrument(&made, "instrument");
    test_font_add_zone(&made, NULL);
}

static void add_instrument_zone(void)
{
    TEST_ZONE(&made, {KM_GENERATOR_SAMPLE, 0});
}

// Begins the preset, with a global zone.
static void begin_preset(void)
{
    test_font_add_preset(&made, "preset", 0, 0);
    test_font_add_zone(&made, NULL);
}

static void add_preset_zone(void)
{
    TEST_ZONE(&made, {KM_GENERATOR_INSTRUMENT, 0});
}

static void add(uint16_t source, uint16_t destination, int16_t amount)
{
    test_font_add_modulator(
        &made,
        (struct test_modulator){.source = source, .destination = destination, .amount = amount});
}

struct modulators {
    uint32_t count;
    struct km_modulator list[KM_MODULATORS_MAX];
};

static struct modulators loaded(uint32_t warnings)
{
    struct modulators found = {0};
    struct fixture fixture = fixture_of(&made);
    const struct km_region *const region = load(&fixture, 0, 0)->regions;
    assert_int_equal(fixture.warnings.count, warnings);
    found.count = region->modulator_count;
    memcpy(found.list, region->modulators, found.count * sizeof(found.list[0]));
    fixture_release(&fixture);
    return found;
}

// A font whose instrument's zone has these modulators, and nothing else has any.
static void begin_with(const struct test_modulator *added, size_t count)
{
    begin();
    add_instrument_zone();
    for (size_t i = 0; i < count; ++i) {
        test_font_add_modulator(&made, added[i]);
    }
    begin_preset();
    add_preset_zone();
}

#define BEGIN_WITH(...)                                                                            \
    begin_with((const struct test_modulator[]){__VA_ARGS__},                                       \
               sizeof((const struct test_modulator[]){__VA_ARGS__}) /                              \
                   sizeof(struct test_modulator))

// The amount of the modulator from a source to a destination; 0 if there is none.
static int amount_of(const struct modulators *found, uint16_t source, uint16_t destination)
{
    int amount = 0;
    for (uint32_t i = 0; i < found->count; ++i) {
        const struct km_modulator *const modulator = &found->list[i];
        if (modulator->source == source && modulator->destination == destination) {
            assert_int_equal(amount, 0);
            amount = modulator->amount;
        }
    }
    return amount;
}

enum {
    VELOCITY = 0x0502, // Concave, falling.
    PRESSURE = 0x000D,
    WHEEL = 0x0081,
    VOLUME = 0x0587,
    PAN = 0x028A,
    EXPRESSION = 0x058B,
    REVERB = 0x00DB,
    CHORUS = 0x00DD,
    DEFAULTS_COUNT = 8,
};

static void default_modulators_are_there(void **state)
{
    (void)state;
    begin();
    add_instrument_zone();
    begin_preset();
    add_preset_zone();
    const struct modulators found = loaded(0);
    assert_int_equal(found.count, DEFAULTS_COUNT);
    assert_int_equal(amount_of(&found, VELOCITY, KM_GENERATOR_ATTENUATION), 960);
    assert_int_equal(amount_of(&found, PRESSURE, KM_GENERATOR_VIBRATO_LFO_TO_PITCH), 50);
    assert_int_equal(amount_of(&found, WHEEL, KM_GENERATOR_VIBRATO_LFO_TO_PITCH), 50);
    assert_int_equal(amount_of(&found, VOLUME, KM_GENERATOR_ATTENUATION), 960);
    assert_int_equal(amount_of(&found, PAN, KM_GENERATOR_PAN), 500);
    assert_int_equal(amount_of(&found, EXPRESSION, KM_GENERATOR_ATTENUATION), 960);
    assert_int_equal(amount_of(&found, REVERB, KM_GENERATOR_REVERB_SEND), 200);
    assert_int_equal(amount_of(&found, CHORUS, KM_GENERATOR_CHORUS_SEND), 200);
}

static void instruments_replace_default_ones_and_local_ones_replace_global_ones(void **state)
{
    (void)state;
    begin();
    add(VOLUME, KM_GENERATOR_ATTENUATION, 500);
    add(PAN, KM_GENERATOR_PAN, 400);
    add(WHEEL, KM_GENERATOR_FILTER_CUTOFF, 1000);
    add_instrument_zone();
    add(PAN, KM_GENERATOR_PAN, 300);
    add(PAN, KM_GENERATOR_PAN, 301); // The last of two counts.
    add(REVERB, KM_GENERATOR_REVERB_SEND, 0);
    begin_preset();
    add_preset_zone();
    const struct modulators found = loaded(0);
    assert_int_equal(found.count, DEFAULTS_COUNT + 1 - 1);
    assert_int_equal(amount_of(&found, VOLUME, KM_GENERATOR_ATTENUATION), 500);
    assert_int_equal(amount_of(&found, PAN, KM_GENERATOR_PAN), 301);
    assert_int_equal(amount_of(&found, WHEEL, KM_GENERATOR_FILTER_CUTOFF), 1000);
    assert_int_equal(amount_of(&found, WHEEL, KM_GENERATOR_VIBRATO_LFO_TO_PITCH), 50);
    assert_int_equal(amount_of(&found, REVERB, KM_GENERATOR_REVERB_SEND), 0);
}

static void presets_add_to_identical_ones(void **state)
{
    (void)state;
    begin();
    add_instrument_zone();
    add(WHEEL, KM_GENERATOR_FILTER_CUTOFF, 1000);
    begin_preset();
    add(VOLUME, KM_GENERATOR_ATTENUATION, -100);
    add(PAN, KM_GENERATOR_PAN, 77); // Replaced by the local one.
    add_preset_zone();
    add(WHEEL, KM_GENERATOR_FILTER_CUTOFF, -300);
    add(PAN, KM_GENERATOR_PAN, -50);
    add(PRESSURE, KM_GENERATOR_FILTER_CUTOFF, 32767);
    add(CHORUS, KM_GENERATOR_CHORUS_SEND, -200); // Nothing is left.
    const struct modulators found = loaded(0);
    assert_int_equal(amount_of(&found, VOLUME, KM_GENERATOR_ATTENUATION), 860);
    assert_int_equal(amount_of(&found, WHEEL, KM_GENERATOR_FILTER_CUTOFF), 700);
    assert_int_equal(amount_of(&found, PAN, KM_GENERATOR_PAN), 450);
    assert_int_equal(amount_of(&found, PRESSURE, KM_GENERATOR_FILTER_CUTOFF), 32767);
    assert_int_equal(amount_of(&found, CHORUS, KM_GENERATOR_CHORUS_SEND), 0);
    assert_int_equal(found.count, DEFAULTS_COUNT + 2 - 1);
}

static void sums_of_amounts_do_not_wrap(void **state)
{
    (void)state;
    begin();
    add_instrument_zone();
    add(WHEEL, KM_GENERATOR_FILTER_CUTOFF, 30000);
    begin_preset();
    add_preset_zone();
    add(WHEEL, KM_GENERATOR_FILTER_CUTOFF, 30000);
    const struct modulators found = loaded(0);
    assert_int_equal(amount_of(&found, WHEEL, KM_GENERATOR_FILTER_CUTOFF), 32767);
}

static void identical_means_sources_destination_and_transform(void **state)
{
    (void)state;
    BEGIN_WITH(
        {.source = VOLUME,
         .destination = KM_GENERATOR_ATTENUATION,
         .amount = 1,
         .amount_source = 0x0200}, // A source that is none has no polarity: identical.
        {.source = VOLUME, .destination = KM_GENERATOR_ATTENUATION, .amount = 2, .transform = 2},
        {.source = VOLUME,
         .destination = KM_GENERATOR_ATTENUATION,
         .amount = 3,
         .amount_source = 0x0002});
    const struct modulators found = loaded(0);
    assert_int_equal(found.count, DEFAULTS_COUNT + 2);
}

static void what_cannot_work_is_left_out_with_a_warning(void **state)
{
    (void)state;
    static const struct test_modulator broken[] = {
        {.source = 127, .destination = KM_GENERATOR_PAN, .amount = 1},    // Linked.
        {.source = 2, .destination = 0x8003, .amount = 1},                // Linked.
        {.source = 0, .destination = KM_GENERATOR_PAN, .amount = 1},      // No source.
        {.source = 1, .destination = KM_GENERATOR_PAN, .amount = 1},      // No such source.
        {.source = 0x0080, .destination = KM_GENERATOR_PAN, .amount = 1}, // Bank select.
        {.source = 0x0086, .destination = KM_GENERATOR_PAN, .amount = 1}, // Data entry.
        {.source = 0x00E5, .destination = KM_GENERATOR_PAN, .amount = 1}, // RPN.
        {.source = 0x00F8, .destination = KM_GENERATOR_PAN, .amount = 1}, // All sound off.
        {.source = 0x1002, .destination = KM_GENERATOR_PAN, .amount = 1}, // No such shape.
        {.source = 2, .destination = 14, .amount = 1},                    // No generator.
        {.source = 2, .destination = 59, .amount = 1},
        {.source = 2, .destination = 300, .amount = 1},
        {.source = 2, .destination = KM_GENERATOR_PAN, .amount = 1, .transform = 1},
        {.source = 2, .destination = KM_GENERATOR_PAN, .amount = 1, .amount_source = 127},
    };
    for (size_t i = 0; i < sizeof(broken) / sizeof(broken[0]); ++i) {
        begin_with(&broken[i], 1);
        const struct modulators found = loaded(1);
        assert_int_equal(found.count, DEFAULTS_COUNT);
    }
}

static void velocity_to_cutoff_does_nothing_in_the_way_of_8_4_2(void **state)
{
    (void)state;
    BEGIN_WITH({.source = 0x0102,
                .destination = KM_GENERATOR_FILTER_CUTOFF,
                .amount = -2400,
                .amount_source = 0x0C02});
    struct modulators found = loaded(0);
    assert_int_equal(found.count, DEFAULTS_COUNT);
    BEGIN_WITH({.source = 0x0102, .destination = KM_GENERATOR_FILTER_CUTOFF, .amount = -2400});
    found = loaded(0);
    assert_int_equal(found.count, DEFAULTS_COUNT + 1);
}

static void no_more_than_the_maximum_are_kept(void **state)
{
    (void)state;
    begin();
    add_instrument_zone();
    for (uint16_t cc = 40; cc < 98; ++cc) {
        add((uint16_t)(0x0080 | cc), KM_GENERATOR_PAN, 1);
    }
    begin_preset();
    add_preset_zone();
    for (uint16_t cc = 40; cc < 98; ++cc) {
        add((uint16_t)(0x0080 | cc), KM_GENERATOR_FILTER_Q, 1);
    }
    const struct modulators found = loaded(0);
    assert_int_equal(found.count, KM_MODULATORS_MAX);
    assert_int_equal(amount_of(&found, 0x00A8, KM_GENERATOR_PAN), 1);
}

static void regions_in_a_row_share_what_is_the_same(void **state)
{
    (void)state;
    begin();
    add_instrument_zone();
    add_instrument_zone();
    add_instrument_zone();
    add(WHEEL, KM_GENERATOR_PAN, 1);
    begin_preset();
    add_preset_zone();
    struct fixture fixture = fixture_of(&made);
    const struct km_region *const regions = load(&fixture, 0, 0)->regions;
    assert_ptr_equal(regions[0].modulators, regions[1].modulators);
    assert_int_equal(regions[2].modulator_count, DEFAULTS_COUNT + 1);
    assert_ptr_equal(regions[2].modulators, regions[0].modulators + DEFAULTS_COUNT);
    fixture_release(&fixture);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(default_modulators_are_there),
        cmocka_unit_test(instruments_replace_default_ones_and_local_ones_replace_global_ones),
        cmocka_unit_test(presets_add_to_identical_ones),
        cmocka_unit_test(sums_of_amounts_do_not_wrap),
        cmocka_unit_test(identical_means_sources_destination_and_transform),
        cmocka_unit_test(what_cannot_work_is_left_out_with_a_warning),
        cmocka_unit_test(velocity_to_cutoff_does_nothing_in_the_way_of_8_4_2),
        cmocka_unit_test(no_more_than_the_maximum_are_kept),
        cmocka_unit_test(regions_in_a_row_share_what_is_the_same),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
