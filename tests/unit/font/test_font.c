// SPDX-License-Identifier: MIT

// Opening fonts: what they say of themselves, what is odd and still used, what is refused.

#include "font/font.h"

#include "unit/font/font_support.h"

#include <stdlib.h>

static struct test_font made;
static struct test_font_file file;

static void begin(void)
{
    test_font_begin(&made);
}

// A font with one looped sine as preset 0:0.
static void begin_tone(void)
{
    begin();
    test_font_add_tone(&made, 0, 0, test_font_add_sine(&made, 44100, 100, 4));
}

static struct fixture opened(void)
{
    test_font_bytes(&made, &file);
    return fixture_of_bytes(&file, KM_OK);
}

// The font opens, with one warning that says all these words.
static void assert_warns(const char *const *words)
{
    struct fixture fixture = opened();
    assert_int_equal(fixture.warnings.count, 1);
    assert_says(fixture.warnings.first_message, words);
    fixture_release(&fixture);
}

#define ASSERT_WARNS(...) assert_warns((const char *const[]){"kmidi-font-", __VA_ARGS__, NULL})

static void presets_are_in_order_of_bank_and_program(void **state)
{
    (void)state;
    begin();
    const uint16_t sine = test_font_add_sine(&made, 44100, 100, 4);
    test_font_add_tone(&made, 128, 8, sine);
    test_font_add_tone(&made, 0, 9, sine);
    test_font_add_tone(&made, 8, 9, sine);
    test_font_add_tone(&made, 0, 2, sine);
    test_font_add_tone(&made, 128, 0, sine);
    struct fixture fixture = opened();
    size_t count = 0;
    const struct km_font_preset *const presets = km_font_presets(fixture.font, &count);
    const uint16_t expected[][2] = {{0, 2}, {0, 9}, {8, 9}, {128, 0}, {128, 8}};
    assert_int_equal(count, 5);
    for (size_t i = 0; i < count; ++i) {
        assert_int_equal(presets[i].bank, expected[i][0]);
        assert_int_equal(presets[i].program, expected[i][1]);
        assert_string_equal(presets[i].name, "tone");
    }
    assert_int_equal(fixture.warnings.count, 0);
    assert_string_equal(km_font_path(fixture.font), fixture.path);
    assert_string_equal(km_font_name(fixture.font), "a font of tests");
    assert_int_equal(km_font_sample_bytes(fixture.font), 400 * sizeof(int16_t));
    fixture_release(&fixture);
}

static void names_are_printable_utf8_whatever_the_file_says(void **state)
{
    (void)state;
    begin_tone();
    memcpy(made.presets.heads[0].name,
           "Fl\xF6te\x01\x1B[2J\xE9\xE9\xE9\xE9\xE9\xE9\xE9\xE9\xE9\xE9", 20);
    struct fixture fixture = opened();
    size_t count = 0;
    const struct km_font_preset *presets = km_font_presets(fixture.font, &count);
    assert_string_equal(presets[0].name, "Fl\xC3\xB6te  [2J\xC3\xA9\xC3\xA9\xC3\xA9\xC3\xA9\xC3\xA9"
                                         "\xC3\xA9");
    fixture_release(&fixture);
    memcpy(made.presets.heads[0].name,
           "Gr\xC3\xBC\xC3\x9F"
           "e   ",
           11);
    fixture = opened();
    presets = km_font_presets(fixture.font, &count);
    assert_string_equal(presets[0].name, "Gr\xC3\xBC\xC3\x9F"
                                         "e");
    fixture_release(&fixture);
}

static void other_versions_are_refused(void **state)
{
    (void)state;
    begin_tone();
    made.major = 1;
    test_font_bytes(&made, &file);
    struct fixture fixture = fixture_of_bytes(&file, KM_ERROR_UNSUPPORTED);
    ASSERT_SAYS(fixture.error.message, "kmidi-font-", "1.01", "ifil", "2.04");
    fixture_release(&fixture);
    made.major = 4;
    test_font_bytes(&made, &file);
    fixture = fixture_of_bytes(&file, KM_ERROR_UNSUPPORTED);
    fixture_release(&fixture);
}

static void samples_of_24_bits_are_a_warning(void **state)
{
    (void)state;
    begin_tone();
    made.has_24_bits = true;
    ASSERT_WARNS("24 bits");
}

static void a_second_preset_of_the_same_numbers_is_left_out(void **state)
{
    (void)state;
    begin_tone();
    test_font_add_preset(&made, "second", 0, 0);
    TEST_ZONE(&made, {KM_GENERATOR_INSTRUMENT, 0});
    struct fixture fixture = opened();
    size_t count = 0;
    assert_string_equal(km_font_presets(fixture.font, &count)[0].name, "tone");
    assert_int_equal(count, 1);
    ASSERT_SAYS(fixture.warnings.first_message, "phdr at byte", "second preset");
    fixture_release(&fixture);
}

static void a_program_above_127_is_left_out(void **state)
{
    (void)state;
    begin_tone();
    test_font_add_preset(&made, "high", 0, 128);
    TEST_ZONE(&made, {KM_GENERATOR_INSTRUMENT, 0});
    ASSERT_WARNS("phdr at byte", "above 127");
}

static void a_font_without_presets_is_refused(void **state)
{
    (void)state;
    begin();
    test_font_add_sine(&made, 44100, 100, 4);
    test_font_bytes(&made, &file);
    struct fixture fixture = fixture_of_bytes(&file, KM_ERROR_INVALID);
    ASSERT_SAYS(fixture.error.message, "phdr at byte", "no presets");
    fixture_release(&fixture);
}

static void odd_samples_are_named(void **state)
{
    (void)state;
    begin_tone();
    const uint16_t odd = test_font_add_sine(&made, 44100, 50, 2);
    struct test_sample *const sample = &made.samples[odd];
    const struct test_sample whole = *sample;
    sample->type = 0x8001;
    ASSERT_WARNS("shdr at byte", "\"sample 1\"", "ROM");
    *sample = whole;
    sample->end = sample->start;
    ASSERT_WARNS("shdr at byte", "\"sample 1\"", "no frames");
    *sample = whole;
    sample->start = sample->end + 1;
    ASSERT_WARNS("\"sample 1\"", "no frames");
    *sample = whole;
    sample->start = 100000;
    sample->end = 100100;
    ASSERT_WARNS("\"sample 1\"", "after the end of the chunk smpl");
    *sample = whole;
    sample->end = 100100;
    ASSERT_WARNS("\"sample 1\"", "cut");
    *sample = whole;
    sample->rate_hz = 0;
    ASSERT_WARNS("\"sample 1\"", "44,100");
    *sample = whole;
    sample->loop_start = whole.loop_end;
    sample->loop_end = whole.loop_start;
    ASSERT_WARNS("\"sample 1\"", "loop");
    *sample = whole;
    sample->loop_end = 100100;
    ASSERT_WARNS("\"sample 1\"", "loop");
}

static void links_that_do_not_lead_back_are_named(void **state)
{
    (void)state;
    begin_tone();
    const uint16_t left = test_font_add_sine(&made, 44100, 50, 2);
    const uint16_t right = test_font_add_sine(&made, 44100, 50, 2);
    const uint16_t third = test_font_add_sine(&made, 44100, 50, 2);
    made.samples[left].type = 4;
    made.samples[right].type = 2;
    made.samples[left].link = right;
    made.samples[right].link = left;
    struct fixture fixture = opened();
    assert_int_equal(fixture.warnings.count, 0);
    fixture_release(&fixture);
    made.samples[third].type = 4;
    made.samples[third].link = 500; // Beyond the table.
    ASSERT_WARNS("\"sample 3\"", "pair");
    made.samples[third].link = right; // Which names another.
    ASSERT_WARNS("\"sample 3\"", "pair");
    made.samples[third].link = third;
    ASSERT_WARNS("\"sample 3\"", "pair");
    made.samples[left].link = third; // A cycle of three.
    made.samples[third].type = 2;
    made.samples[third].link = right;
    fixture = opened();
    assert_int_equal(fixture.warnings.count, 3);
    fixture_release(&fixture);
}

static void odd_zones_are_named(void **state)
{
    (void)state;
    begin_tone();
    test_font_add_instrument(&made, "odd");
    TEST_ZONE(&made, {KM_GENERATOR_SAMPLE, 77});
    ASSERT_WARNS("igen at byte", "does not exist");

    begin_tone();
    test_font_add_preset(&made, "odd", 0, 1);
    TEST_ZONE(&made, {KM_GENERATOR_INSTRUMENT, 77});
    ASSERT_WARNS("pgen at byte", "does not exist");

    begin_tone();
    test_font_add_instrument(&made, "odd");
    TEST_ZONE(&made, {KM_GENERATOR_SAMPLE, 0}, {KM_GENERATOR_PAN, 100});
    ASSERT_WARNS("igen at byte", "after the zone's last");

    begin_tone();
    test_font_add_instrument(&made, "odd");
    TEST_ZONE(&made, {KM_GENERATOR_PAN, 100}, {KM_GENERATOR_KEY_RANGE, TEST_RANGE(0, 60)},
              {KM_GENERATOR_SAMPLE, 0});
    ASSERT_WARNS("igen at byte", "does not come first");

    begin_tone();
    test_font_add_instrument(&made, "odd");
    TEST_ZONE(&made, {KM_GENERATOR_SAMPLE, 0});
    TEST_ZONE(&made, {KM_GENERATOR_PAN, 100});
    ASSERT_WARNS("ibag at byte", "not the first");

    begin_tone();
    test_font_add_instrument(&made, "odd");
    TEST_ZONE(&made, {KM_GENERATOR_SAMPLE, 0});
    test_font_add_modulator(&made, (struct test_modulator){.source = 2, .destination = 0x8001});
    ASSERT_WARNS("imod at byte", "modulator");
}

static void indexes_that_go_backwards_empty_what_has_them(void **state)
{
    (void)state;
    begin_tone();
    test_font_add_tone(&made, 0, 1, 0);
    test_font_add_tone(&made, 0, 2, 0);
    const struct test_font whole = made;
    made.presets.heads[1].bag = 60000; // Beyond the table: so the next one goes backwards.
    struct fixture fixture = opened();
    assert_int_equal(fixture.warnings.count, 2);
    ASSERT_SAYS(fixture.warnings.first_message, "phdr at byte", "go backwards");
    fixture_release(&fixture);
    made = whole;
    test_font_add_tone(&made, 0, 3, 0);
    made.presets.heads[1].bag = 3; // The first one has all: what is left of them is nobody's.
    made.presets.heads[2].bag = 1;
    fixture = opened();
    assert_int_equal(fixture.warnings.count, 2);
    fixture_release(&fixture);
    made = whole;
    made.instruments.bags[1].generator = 60000;
    fixture = opened();
    assert_int_equal(fixture.warnings.count, 2);
    ASSERT_SAYS(fixture.warnings.first_message, "ibag at byte", "go backwards");
    fixture_release(&fixture);
    made = whole;
    made.instruments.bags[2].modulator = 7;
    fixture = opened();
    ASSERT_SAYS(fixture.warnings.first_message, "ibag at byte", "go backwards");
    fixture_release(&fixture);
}

static void tables_may_lack_the_record_that_ends_them(void **state)
{
    (void)state;
    begin_tone();
    test_font_add_tone(&made, 0, 1, test_font_add_sine(&made, 44100, 50, 2));
    made.lacks_ends = true;
    test_font_bytes(&made, &file);
    struct fixture fixture = fixture_of(&made);
    size_t count = 0;
    (void)km_font_presets(fixture.font, &count);
    assert_int_equal(count, 2);
    assert_int_equal(load(&fixture, 0, 0)->region_count, 1);
    assert_int_equal(load(&fixture, 0, 1)->region_count, 1);
    assert_int_equal(load(&fixture, 0, 1)->regions[0].loop_end, 100);
    assert_int_equal(fixture.warnings.count, 3);
    ASSERT_SAYS(fixture.warnings.first_message, "shdr at byte", "lacks the record");
    fixture_release(&fixture);
}

static void leaves_no_trace_where_memory_is_refused(void **state)
{
    (void)state;
    begin_tone();
    test_font_bytes(&made, &file);
    struct fixture fixture = fixture_of_bytes(&file, KM_OK);
    km_font_free(fixture.font);
    fixture.font = NULL;
    uint64_t request = 0;
    enum km_status status = KM_ERROR_NO_MEMORY;
    while (status != KM_OK) {
        km_heap_fail_at(fixture.heap, ++request);
        status = km_font_open(fixture.heap, fixture.path, &fixture.font, NULL, &fixture.error);
        assert_true(status == KM_OK || status == KM_ERROR_NO_MEMORY);
        assert_true(status == KM_OK ||
                    km_heap_usage(fixture.heap, KM_ACCOUNT_WORKING).current_bytes == 0);
    }
    assert_in_range(request, 15, 40);
    km_heap_fail_at(fixture.heap, 0);
    fixture_release(&fixture);
}

static void what_is_no_file_is_refused(void **state)
{
    (void)state;
    struct km_heap *const heap = km_heap_new(NULL);
    struct km_font *font = NULL;
    struct km_error error = {0};
    assert_int_equal(km_font_open(heap, "/nowhere/font.sf2", &font, NULL, &error),
                     KM_ERROR_NOT_FOUND);
    ASSERT_SAYS(error.message, "/nowhere/font.sf2");
    assert_int_equal(km_font_open(heap, "/dev/null", &font, NULL, &error), KM_ERROR_UNSUPPORTED);
    assert_int_equal(km_font_open(heap, "/tmp", &font, NULL, &error), KM_ERROR_INVALID);
    assert_null(font);
    km_font_free(NULL);
    km_heap_free(heap);
}

static void the_wished_font_is_found_or_it_is_said_what_is_missing(void **state)
{
    (void)state;
    begin_tone();
    struct fixture fixture = opened();
    char path[TEST_FONT_PATH_SIZE];
    struct km_error error = {0};
    assert_int_equal(km_font_find(fixture.path, path, sizeof(path), &error), KM_OK);
    assert_string_equal(path, fixture.path);
    assert_int_equal(km_font_find(fixture.path, path, 4, &error), KM_ERROR_TOO_LARGE);
    assert_int_equal(km_font_find("/nowhere.sf2", path, sizeof(path), &error), KM_ERROR_NOT_FOUND);
    ASSERT_SAYS(error.message, "/nowhere.sf2");
    assert_int_equal(setenv("KMIDI_SOUNDFONT", fixture.path, 1), 0);
    assert_int_equal(km_font_find(NULL, path, sizeof(path), &error), KM_OK);
    assert_string_equal(path, fixture.path);
    assert_int_equal(setenv("KMIDI_SOUNDFONT", "/nowhere.sf2", 1), 0);
    assert_int_equal(km_font_find(NULL, path, sizeof(path), &error), KM_ERROR_NOT_FOUND);
    ASSERT_SAYS(error.message, "/nowhere.sf2", "KMIDI_SOUNDFONT");
    assert_int_equal(unsetenv("KMIDI_SOUNDFONT"), 0);
    const enum km_status status = km_font_find(NULL, path, sizeof(path), &error);
    if (status != KM_OK) {
        assert_int_equal(status, KM_ERROR_NOT_FOUND);
        ASSERT_SAYS(error.message, "timgm6mb-soundfont", "--soundfont");
    }
    fixture_release(&fixture);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(presets_are_in_order_of_bank_and_program),
        cmocka_unit_test(names_are_printable_utf8_whatever_the_file_says),
        cmocka_unit_test(other_versions_are_refused),
        cmocka_unit_test(samples_of_24_bits_are_a_warning),
        cmocka_unit_test(a_second_preset_of_the_same_numbers_is_left_out),
        cmocka_unit_test(a_program_above_127_is_left_out),
        cmocka_unit_test(a_font_without_presets_is_refused),
        cmocka_unit_test(odd_samples_are_named),
        cmocka_unit_test(links_that_do_not_lead_back_are_named),
        cmocka_unit_test(odd_zones_are_named),
        cmocka_unit_test(indexes_that_go_backwards_empty_what_has_them),
        cmocka_unit_test(tables_may_lack_the_record_that_ends_them),
        cmocka_unit_test(leaves_no_trace_where_memory_is_refused),
        cmocka_unit_test(what_is_no_file_is_refused),
        cmocka_unit_test(the_wished_font_is_found_or_it_is_said_what_is_missing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
