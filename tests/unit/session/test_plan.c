// SPDX-License-Identifier: MIT

#include "session/plan.h"

#include "base/units.h"
#include "support/cmocka.h"

#include <string.h>

static void bars_have_the_ticks_of_their_metre(void **state)
{
    (void)state;
    static const struct {
        uint8_t beats, unit;
        uint32_t ticks;
    } metres[] = {{4, 4, 1920}, {3, 4, 1440}, {6, 8, 1440},
                  {5, 4, 2400}, {7, 8, 1680}, {2, 2, 1920}};
    for (size_t i = 0; i < sizeof(metres) / sizeof(metres[0]); ++i) {
        const struct km_harmony_plan plan = {
            .beats_per_bar = metres[i].beats, .beat_unit = metres[i].unit, .length_bars = 256};
        assert_int_equal(km_plan_bar_ticks(&plan), metres[i].ticks);
        assert_int_equal(km_plan_length_ticks(&plan), 256 * metres[i].ticks);
    }
}

static void every_name_is_found_again(void **state)
{
    (void)state;
    for (int i = 0; i < KM_GENRES_COUNT; ++i) {
        enum km_genre genre;
        assert_int_equal(km_genre_parse(km_genre_names()[i], &genre, NULL), KM_OK);
        assert_int_equal(genre, i);
    }
    for (int i = 0; i < KM_RULES_COUNT; ++i) {
        enum km_rule rule;
        assert_int_equal(km_rule_parse(km_rule_names()[i], &rule, NULL), KM_OK);
        assert_int_equal(rule, i);
        assert_true(km_rule_effect((enum km_rule)i)[0] != '\0');
        assert_true(km_rule_serves((enum km_rule)i)[0] != '\0');
    }
    assert_int_equal(KM_GENRES_COUNT, 15);
    assert_int_equal(KM_RULES_COUNT, 21);
    assert_int_equal(KM_ARCS_COUNT, 8);
    assert_string_equal(km_section_name(KM_SECTION_PRE_CHORUS), "pre-chorus");
    assert_string_equal(km_arc_name(KM_ARC_SPIRAL), "Spiral");
}

static void names_are_found_without_regard_to_case(void **state)
{
    (void)state;
    enum km_genre genre;
    assert_int_equal(km_genre_parse("lo-fi bedroom", &genre, NULL), KM_OK);
    assert_int_equal(genre, KM_GENRE_LO_FI_BEDROOM);
    enum km_rule rule;
    assert_int_equal(km_rule_parse("harmony_paralleLmotion", &rule, NULL), KM_OK);
    assert_int_equal(rule, KM_RULE_HARMONY_PARALLEL_MOTION);
}

static void unknown_names_are_refused_with_the_nearest_first(void **state)
{
    (void)state;
    struct km_error error = {0};
    enum km_genre genre = KM_GENRE_SHOEGAZE;
    assert_int_equal(km_genre_parse("Synthwav", &genre, &error), KM_ERROR_NOT_FOUND);
    assert_int_equal(genre, KM_GENRE_SHOEGAZE);
    assert_non_null(strstr(error.message, "there are: Synthwave"));
    enum km_rule rule = KM_RULE_RHYTHM_DROPPED_BEATS;
    assert_int_equal(km_rule_parse("", &rule, &error), KM_ERROR_NOT_FOUND);
    assert_int_equal(rule, KM_RULE_RHYTHM_DROPPED_BEATS);
    assert_true(error.message[0] != '\0');
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bars_have_the_ticks_of_their_metre),
        cmocka_unit_test(every_name_is_found_again),
        cmocka_unit_test(names_are_found_without_regard_to_case),
        cmocka_unit_test(unknown_names_are_refused_with_the_nearest_first),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
