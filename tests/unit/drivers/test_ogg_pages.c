// SPDX-License-Identifier: MIT

#include "drivers/ogg_pages_private.h"

#include "base/random.h"
#include "base/sink.h"
#include "support/cmocka.h"

#include <string.h>

enum { STREAM_MAX = 1 << 18 };

static unsigned char stream[STREAM_MAX];
static unsigned char result[STREAM_MAX];
static struct km_ogg_pages pages;

// The checksum of RFC 3533 bit by bit, as its appendix describes it.
static uint32_t checksum(const unsigned char *page, size_t size)
{
    uint32_t sum = 0;
    for (size_t i = 0; i < size; ++i) {
        const unsigned char byte = i >= 22 && i < 26 ? 0 : page[i];
        for (int bit = 7; bit >= 0; --bit) {
            const uint32_t top = (sum >> 31) ^ (byte >> bit & 1U);
            sum = (sum << 1) ^ (top ? 0x04C11DB7U : 0);
        }
    }
    return sum;
}

static uint32_t number_at(const unsigned char *bytes)
{
    return (uint32_t)bytes[0] | (uint32_t)bytes[1] << 8 | (uint32_t)bytes[2] << 16 |
           (uint32_t)bytes[3] << 24;
}

static size_t add_page(size_t at, struct km_random *random, int segments)
{
    unsigned char *const page = stream + at;
    memset(page, 0, 27);
    memcpy(page, "OggS", 4);
    for (int i = 5; i < 26; ++i) {
        page[i] = (unsigned char)km_random_bits(random);
    }
    page[26] = (unsigned char)segments;
    size_t size = 27 + (size_t)segments;
    for (int i = 0; i < segments; ++i) {
        page[27 + i] = (unsigned char)km_random_below(random, 256);
        size += page[27 + i];
    }
    for (size_t i = 27 + (size_t)segments; i < size; ++i) {
        page[i] = (unsigned char)km_random_bits(random);
    }
    return size;
}

static void pages_get_the_number_and_its_checksum(void **state)
{
    (void)state;
    struct km_random random;
    km_random_init(&random, 1, "pages");
    static const int segments[] = {1, 0, 255, 3, 17, 255, 1};
    size_t size = 0;
    for (size_t i = 0; i < sizeof(segments) / sizeof(segments[0]); ++i) {
        size += add_page(size, &random, segments[i]);
    }
    for (int cut = 0; cut < 5; ++cut) { // In pieces of all sizes.
        struct km_sink_memory memory = {.bytes = result, .size = sizeof(result)};
        struct km_sink sink = km_sink_to_memory(&memory);
        km_ogg_pages_init(&pages, &sink, 0x01020304);
        size_t length = 0;
        for (size_t done = 0; done < size; done += length) {
            length = cut == 0 ? size : 1 + km_random_below(&random, 1U << (4 * cut));
            length = length < size - done ? length : size - done;
            assert_int_equal(km_ogg_pages_write(&pages, stream + done, length), KM_OK);
        }
        assert_int_equal(memory.used, size);
        size_t at = 0;
        for (size_t i = 0; i < sizeof(segments) / sizeof(segments[0]); ++i) {
            size_t page = 27 + (size_t)segments[i];
            for (int k = 0; k < segments[i]; ++k) {
                page += stream[at + 27 + (size_t)k];
            }
            assert_int_equal(number_at(result + at + 14), 0x01020304);
            assert_int_equal(number_at(result + at + 22), checksum(result + at, page));
            assert_memory_equal(result + at, stream + at, 14);
            assert_memory_equal(result + at + 18, stream + at + 18, 4);
            assert_memory_equal(result + at + 26, stream + at + 26, page - 26);
            at += page;
        }
        assert_int_equal(at, size);
    }
}

static void what_is_not_ogg_is_refused(void **state)
{
    (void)state;
    struct km_sink_memory memory = {.bytes = result, .size = sizeof(result)};
    struct km_sink sink = km_sink_to_memory(&memory);
    km_ogg_pages_init(&pages, &sink, 1);
    unsigned char bytes[64];
    memset(bytes, 'x', sizeof(bytes));
    assert_int_equal(km_ogg_pages_write(&pages, bytes, sizeof(bytes)), KM_ERROR_INVALID);
    assert_int_equal(memory.used, 0);
}

static void a_sink_that_is_full_is_told(void **state)
{
    (void)state;
    struct km_random random;
    km_random_init(&random, 1, "pages");
    const size_t size = add_page(0, &random, 200);
    struct km_sink_memory memory = {.bytes = result, .size = 100};
    struct km_sink sink = km_sink_to_memory(&memory);
    km_ogg_pages_init(&pages, &sink, 1);
    assert_int_equal(km_ogg_pages_write(&pages, stream, size), KM_ERROR_TOO_LARGE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pages_get_the_number_and_its_checksum),
        cmocka_unit_test(what_is_not_ogg_is_refused),
        cmocka_unit_test(a_sink_that_is_full_is_told),
    };
    return cmocka_run_group_tests_name("Ogg pages", tests, NULL, NULL);
}
