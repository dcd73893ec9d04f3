// SPDX-License-Identifier: MIT

#include "groove/style_private.h"

#include "support/cmocka.h"

#include <string.h>

static void finds_every_style_by_its_name(void **state)
{
    (void)state;
    const char *const *const names = km_groove_style_names();
    for (unsigned int i = 0; i < KM_GROOVE_STYLES_COUNT; ++i) {
        enum km_groove_style style = KM_GROOVE_STYLES_COUNT;
        assert_int_equal(km_groove_style_parse(names[i], &style, NULL), KM_OK);
        assert_int_equal(style, i);
        assert_string_equal(km_groove_style_facts(style).name, names[i]);
        assert_true(strlen(km_groove_style_facts(style).summary) > 0);
    }
    assert_null(names[KM_GROOVE_STYLES_COUNT]);
}

static void finds_a_style_however_it_is_spelt(void **state)
{
    (void)state;
    enum km_groove_style style = KM_GROOVE_STYLES_COUNT;
    assert_int_equal(km_groove_style_parse("Hip Hop", &style, NULL), KM_OK);
    assert_int_equal(style, KM_GROOVE_HIP_HOP);
}

static void lists_what_exists_nearest_first(void **state)
{
    (void)state;
    static const char *const unknown[] = {"shufle", "", "\xFF\xFE",
                                          "rockrockrockrockrockrockrockrock"};
    for (size_t i = 0; i < sizeof(unknown) / sizeof(unknown[0]); ++i) {
        enum km_groove_style style = KM_GROOVE_ROCK;
        struct km_error error = {0};
        assert_int_equal(km_groove_style_parse(unknown[i], &style, &error), KM_ERROR_NOT_FOUND);
        assert_int_equal(style, KM_GROOVE_ROCK);
        if (i == 0) {
            assert_non_null(strstr(error.message, "there are: shuffle, "));
        }
        assert_non_null(strstr(error.message, "plain"));
    }
}

static void figures_are_those_of_people(void **state)
{
    (void)state;
    for (unsigned int i = 0; i < KM_GROOVE_STYLES_COUNT; ++i) {
        const struct km_groove_feel *const feel = km_groove_feel_of(i);
        // Before the limits, which leave 8 to 16 (test_groove).
        assert_true(feel->deviation_ms >= 8.0F && feel->deviation_ms <= 18.5F);
        assert_true(feel->swing_ratio >= 1.0F && feel->swing_ratio <= 3.5F);
        assert_true(feel->swung_per_beat == 0 ? feel->swing_ratio == 1.0F
                                              : feel->swing_ratio > 1.0F);
        assert_true(feel->swung_per_beat == 0 || feel->swung_per_beat == 2 ||
                    feel->swung_per_beat == 4);
        for (size_t j = 0; j < KM_GROOVE_PLACES_COUNT; ++j) {
            assert_in_range(feel->offset_ms[j] + 20, 0, 40);
            assert_in_range(feel->cymbal_percent[j], 30, 170);
            assert_in_range(feel->beat_percent[j / 4], 80, 120);
        }
        for (size_t j = 0; j < KM_GROOVE_VOICES_COUNT; ++j) {
            assert_in_range(feel->voice_ms[j] + 8, 0, 16);
            assert_in_range(feel->spread_percent[j], 30, 150);
        }
    }
}

static void what_is_no_style_is_the_plain_one(void **state)
{
    (void)state;
    assert_ptr_equal(km_groove_feel_of(KM_GROOVE_STYLES_COUNT), km_groove_feel_of(KM_GROOVE_PLAIN));
    assert_string_equal(km_groove_style_facts((enum km_groove_style)200).name, "plain");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(finds_every_style_by_its_name),
        cmocka_unit_test(finds_a_style_however_it_is_spelt),
        cmocka_unit_test(lists_what_exists_nearest_first),
        cmocka_unit_test(figures_are_those_of_people),
        cmocka_unit_test(what_is_no_style_is_the_plain_one),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
