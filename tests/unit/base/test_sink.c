// SPDX-License-Identifier: MIT

#include "base/sink.h"

#include "support/cmocka.h"

#include <string.h>

static unsigned char bytes[64];

static void memory_takes_what_fits_and_no_more(void **state)
{
    (void)state;
    struct km_sink_memory memory = {.bytes = bytes, .size = 5};
    struct km_sink sink = km_sink_to_memory(&memory);
    assert_int_equal(km_sink_text(&sink, "abc"), KM_OK);
    assert_int_equal(km_sink_text(&sink, ""), KM_OK);
    assert_int_equal(km_sink_text(&sink, "de"), KM_OK);
    assert_int_equal(memory.used, 5);
    assert_memory_equal(bytes, "abcde", 5);
    assert_int_equal(km_sink_text(&sink, "f"), KM_ERROR_TOO_LARGE);
    assert_int_equal(memory.used, 5);
}

static void the_first_failure_sticks(void **state)
{
    (void)state;
    struct km_sink_memory memory = {.bytes = bytes, .size = 5};
    struct km_sink sink = km_sink_to_memory(&memory);
    assert_int_equal(km_sink_text(&sink, "too long"), KM_ERROR_TOO_LARGE);
    assert_int_equal(km_sink_text(&sink, "fits"), KM_ERROR_TOO_LARGE);
    assert_int_equal(km_sink_format(&sink, "%d", 1), KM_ERROR_TOO_LARGE);
    assert_int_equal(km_sink_real(&sink, 1.0, 1), KM_ERROR_TOO_LARGE);
    assert_int_equal(memory.used, 0);
    assert_int_equal(sink.status, KM_ERROR_TOO_LARGE);
}

static void formats_text_and_numbers(void **state)
{
    (void)state;
    struct km_sink_memory memory = {.bytes = bytes, .size = sizeof(bytes)};
    struct km_sink sink = km_sink_to_memory(&memory);
    km_sink_format(&sink, "%s=%d ", "a", -7);
    km_sink_real(&sink, -0.125, 2);
    assert_int_equal(sink.status, KM_OK);
    assert_int_equal(memory.used, strlen("a=-7 -0.13"));
    assert_memory_equal(bytes, "a=-7 -0.13", memory.used);
}

static void formatted_text_has_a_limit(void **state)
{
    (void)state;
    static unsigned char large[2 * KM_SINK_FORMAT_SIZE_MAX];
    struct km_sink_memory memory = {.bytes = large, .size = sizeof(large)};
    struct km_sink sink = km_sink_to_memory(&memory);
    assert_int_equal(km_sink_format(&sink, "%*d", KM_SINK_FORMAT_SIZE_MAX - 1, 1), KM_OK);
    assert_int_equal(memory.used, KM_SINK_FORMAT_SIZE_MAX - 1);
    assert_int_equal(km_sink_format(&sink, "%*d", KM_SINK_FORMAT_SIZE_MAX, 1), KM_ERROR_TOO_LARGE);
    assert_int_equal(memory.used, KM_SINK_FORMAT_SIZE_MAX - 1); // Nothing half-written.
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(memory_takes_what_fits_and_no_more),
        cmocka_unit_test(the_first_failure_sticks),
        cmocka_unit_test(formats_text_and_numbers),
        cmocka_unit_test(formatted_text_has_a_limit),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
