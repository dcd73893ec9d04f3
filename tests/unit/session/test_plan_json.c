// SPDX-License-Identifier: MIT

// The plan's JSON, read back by a library that is not ours.

#include "session/plan.h"

#include "base/version.h"
#include "session/planner_private.h"
#include "support/cmocka.h"

#include <jansson.h>
#include <locale.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

enum { JSON_SIZE_MAX = 1 << 18 };

static struct km_harmony_plan plan;
static unsigned char bytes[JSON_SIZE_MAX];

static void generate(uint64_t seed, uint16_t bars, uint32_t rules)
{
    struct km_affect affect;
    km_affect_of_point(-0.6, 0.4, &affect);
    affect.secondary = KM_EMOTION_LOVE;
    const struct km_plan_intent intent = {
        .affect = &affect, .motivation = 6, .chaos = 0.45, .vulnerability = 0.25};
    const struct km_plan_wishes wishes = {.has_bars = true, .bars = bars, .rules = rules};
    assert_int_equal(km_plan_generate(&intent, &wishes, seed, &plan, NULL), KM_OK);
}

static size_t write_plan(void)
{
    struct km_sink_memory memory = {.bytes = bytes, .size = sizeof(bytes)};
    struct km_sink sink = km_sink_to_memory(&memory);
    assert_int_equal(km_plan_write_json(&plan, &sink), KM_OK);
    return memory.used;
}

static json_t *read_plan(void)
{
    const size_t size = write_plan();
    assert_int_equal(bytes[size - 1], '\n');
    json_error_t error;
    json_t *const root = json_loadb((const char *)bytes, size, JSON_REJECT_DUPLICATES, &error);
    if (!root) {
        print_error("%s at byte %d\n", error.text, error.position);
    }
    assert_non_null(root);
    return root;
}

static double real_of(const json_t *object, const char *name)
{
    const json_t *const value = json_object_get(object, name);
    assert_true(json_is_number(value));
    return json_number_value(value);
}

static const char *text_of(const json_t *object, const char *name)
{
    const char *const value = json_string_value(json_object_get(object, name));
    assert_non_null(value);
    return value;
}

static void expect_real(const json_t *object, const char *name, float value)
{
    assert_true(fabs(real_of(object, name) - (double)value) < 0.0001);
}

static void has_the_fields_of_the_harmony_plan(void **state)
{
    (void)state;
    generate(11, 24, 0);
    json_t *const root = read_plan();
    assert_string_equal(text_of(root, "root_note"), plan.root_note);
    assert_string_equal(text_of(root, "mode"), km_mode_names()[plan.key.mode]);
    assert_int_equal(json_integer_value(json_object_get(root, "tempo_bpm")), plan.tempo_bpm);
    char metre[16];
    (void)snprintf(metre, sizeof(metre), "%d/%d", plan.beats_per_bar, plan.beat_unit);
    assert_string_equal(text_of(root, "time_signature"), metre);
    assert_int_equal(json_integer_value(json_object_get(root, "length_bars")), 24);
    const json_t *const symbols = json_object_get(root, "chord_symbols");
    assert_int_equal(json_array_size(symbols), plan.chord_count);
    for (size_t i = 0; i < plan.chord_count; ++i) {
        assert_string_equal(json_string_value(json_array_get(symbols, i)), plan.chords[i].symbol);
    }
    expect_real(root, "harmonic_rhythm", plan.harmonic_rhythm);
    assert_string_equal(text_of(root, "mood_profile"), plan.mood_profile);
    expect_real(root, "complexity", plan.complexity);
    expect_real(root, "vulnerability", plan.vulnerability);
    json_decref(root);
}

static void has_everything_else_of_the_plan(void **state)
{
    (void)state;
    generate(0x7FFFFFFFFFFFFFFF, 33, 0);
    json_t *const root = read_plan();
    assert_true(json_integer_value(json_object_get(root, "seed")) == INT64_MAX);
    assert_string_equal(text_of(root, "version"), km_version());
    assert_string_equal(text_of(root, "genre"), km_genre_names()[plan.genre]);
    assert_string_equal(text_of(root, "arc"), km_arc_name((enum km_arc)plan.arc));
    assert_true(text_of(root, "groove")[0] != '\0');
    expect_real(root, "density", plan.density);
    expect_real(root, "dissonance", plan.dissonance);
    expect_real(root, "articulation", plan.articulation);
    const json_t *const affect = json_object_get(root, "affect");
    assert_string_equal(text_of(affect, "secondary"), "love");
    expect_real(affect, "valence", plan.affect.valence);
    expect_real(json_object_get(root, "dynamics"), "low", plan.velocity_low);
    expect_real(json_object_get(root, "dynamics"), "ceiling", plan.velocity_ceiling);
    assert_true(json_is_false(json_object_get(root, "continued")));
    expect_real(json_object_get(root, "register"), "high", plan.register_high);
    expect_real(json_object_get(root, "key"), "tonic", plan.key.tonic);
    double bars = 0;
    for (size_t i = 0; i < plan.section_count; ++i) {
        const json_t *const section = json_array_get(json_object_get(root, "sections"), i);
        assert_string_equal(text_of(section, "name"),
                            km_section_name((enum km_section_kind)plan.sections[i].kind));
        assert_true(real_of(section, "first_bar") == bars);
        expect_real(section, "tension", plan.sections[i].tension);
        bars += real_of(section, "bar_count");
    }
    assert_true(bars == 33);
    const json_t *const tension = json_object_get(root, "tension");
    assert_int_equal(json_array_size(tension), 33);
    json_decref(root);
}

static void chords_have_their_places_in_beats(void **state)
{
    (void)state;
    for (uint64_t seed = 0; seed < 30; ++seed) {
        generate(seed, 8, 0);
        json_t *const root = read_plan();
        const json_t *const chords = json_object_get(root, "chords");
        double beats = 0;
        for (size_t i = 0; i < plan.chord_count; ++i) {
            const json_t *const chord = json_array_get(chords, i);
            assert_true(real_of(chord, "bar") * plan.beats_per_bar + real_of(chord, "beat") ==
                        beats);
            assert_string_equal(text_of(chord, "roman"), plan.chords[i].roman);
            beats += real_of(chord, "beats");
        }
        assert_true(beats == 8.0 * plan.beats_per_bar);
        json_decref(root);
    }
}

static void rules_tell_whether_they_are_heard(void **state)
{
    (void)state;
    generate(4, 16, (1U << KM_RULES_COUNT) - 1U);
    json_t *const root = read_plan();
    const json_t *const rules = json_object_get(root, "rules");
    assert_int_equal(json_array_size(rules), KM_RULES_COUNT);
    for (size_t i = 0; i < KM_RULES_COUNT; ++i) {
        const json_t *const rule = json_array_get(rules, i);
        assert_string_equal(text_of(rule, "id"), km_rule_names()[i]);
        assert_true(text_of(rule, "effect")[0] != '\0');
        assert_true(text_of(rule, "serves")[0] != '\0');
        const bool is_heard = km_rule_missing((enum km_rule)i) == NULL;
        assert_int_equal(json_is_true(json_object_get(rule, "applied")), is_heard);
        assert_int_equal(json_object_get(rule, "needs") == NULL, is_heard);
        // What is sound and not notes needs the audio engine.
        assert_true(!is_heard || strncmp(km_rule_names()[i], "PRODUCTION", 10) != 0);
    }
    json_decref(root);
}

static void a_plan_without_rules_has_an_empty_list(void **state)
{
    (void)state;
    generate(4, 16, 0);
    plan.rules = 0;
    plan.affect.secondary = KM_AFFECT_NO_EMOTION;
    json_t *const root = read_plan();
    assert_int_equal(json_array_size(json_object_get(root, "rules")), 0);
    assert_true(json_is_array(json_object_get(root, "rules")));
    assert_true(json_is_null(json_object_get(json_object_get(root, "affect"), "secondary")));
    json_decref(root);
}

static void every_length_of_output_that_is_too_short_fails(void **state)
{
    (void)state;
    generate(9, 4, 0);
    const size_t size = write_plan();
    for (size_t room = 0; room < size; room += 7) {
        struct km_sink_memory memory = {.bytes = bytes, .size = room};
        struct km_sink sink = km_sink_to_memory(&memory);
        assert_int_equal(km_plan_write_json(&plan, &sink), KM_ERROR_TOO_LARGE);
    }
    struct km_sink_memory memory = {.bytes = bytes, .size = size - 1};
    struct km_sink sink = km_sink_to_memory(&memory);
    assert_int_equal(km_plan_write_json_value(&plan, &sink), KM_OK); // No newline.
    assert_int_equal(bytes[size - 2], '}');
}

int main(void)
{
    // A locale with a decimal comma, where there is one: numbers must not depend on it.
    (void)setlocale(LC_ALL, "de_DE.UTF-8");
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(has_the_fields_of_the_harmony_plan),
        cmocka_unit_test(has_everything_else_of_the_plan),
        cmocka_unit_test(chords_have_their_places_in_beats),
        cmocka_unit_test(rules_tell_whether_they_are_heard),
        cmocka_unit_test(a_plan_without_rules_has_an_empty_list),
        cmocka_unit_test(every_length_of_output_that_is_too_short_fails),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
