// SPDX-License-Identifier: MIT

// Samples that are compressed: their length from the Ogg stream, their frames from a decoder.

#include "font/decoder.h"

#include "unit/font/font_support.h"

#include <stdlib.h>

static struct test_font made;

// An Ogg page that is the last of its stream, with what it says of frames; and bytes after its
// head.
struct page {
    uint64_t frames;
    unsigned char body[20];
};

enum { PAGE_SIZE = 27 + sizeof(((struct page *)0)->body) };

static void put_page(unsigned char *bytes, const struct page *page)
{
    memset(bytes, 0, PAGE_SIZE);
    memcpy(bytes, "OggS\0\4", 6); // NOLINT(bugprone-not-null-terminated-result): no text.
    for (int i = 0; i < 8; ++i) {
        bytes[6 + i] = (unsigned char)(page->frames >> (8 * i));
    }
    memcpy(bytes + 27, page->body, sizeof(page->body));
}

// A font whose only sample is that page after `before` bytes of others.
static void make(const struct page *page, size_t before)
{
    test_font_begin(&made);
    made.major = 3;
    static int16_t frames[8192];
    memset(frames, 0x11, sizeof(frames));
    put_page((unsigned char *)frames + before, page);
    const uint16_t sample =
        test_font_add_sample(&made, frames, (uint32_t)((before + PAGE_SIZE) / 2 + 1), 44100);
    made.samples[sample].type = 0x11;
    made.samples[sample].end = (uint32_t)(before + PAGE_SIZE);
    made.samples[sample].loop_start = 10;
    made.samples[sample].loop_end = 90;
    test_font_add_tone(&made, 0, 0, sample);
}

// NOLINTNEXTLINE(readability-function-size): the decoder's own parameters.
static int decode_as_told(const void *bytes, size_t size, int16_t **frames, size_t *count,
                          void *(*allocate)(void *context, size_t size), void *context)
{
    // The first byte after the head says how it goes.
    const unsigned char *const from = bytes;
    const unsigned char way = from[size - PAGE_SIZE + 27];
    if (way == 0) {
        return 1;
    }
    int16_t *const made_frames = allocate(context, way * sizeof(int16_t));
    if (!made_frames) {
        return 2;
    }
    for (int i = 0; i < way; ++i) {
        made_frames[i] = (int16_t)(1000 + i);
    }
    *frames = made_frames;
    *count = way;
    return 0;
}

static const struct km_font_decoder decoder = {.decode = decode_as_told};

static void frames_come_from_the_decoder_and_loops_are_relative(void **state)
{
    (void)state;
    for (size_t before = 0; before < 12000; before += 5000) {
        make(&(struct page){.frames = 100, .body = {100}}, before);
        struct fixture fixture = fixture_of(&made);
        assert_int_equal(fixture.warnings.count, 0);
        assert_int_equal(km_font_sample_bytes(fixture.font), 200);
        km_font_set_decoder(fixture.font, &decoder);
        const struct km_region *const region = load(&fixture, 0, 0)->regions;
        assert_int_equal(region->end, 100);
        assert_int_equal(region->loop_start, 10);
        assert_int_equal(region->loop_end, 90);
        for (int i = 0; i < 100; ++i) {
            assert_int_equal(region->frames[i], 1000 + i);
        }
        fixture_release(&fixture);
    }
}

static void streams_that_are_shorter_or_longer_than_they_say_are_held_to_it(void **state)
{
    (void)state;
    make(&(struct page){.frames = 100, .body = {60}}, 0);
    struct fixture fixture = fixture_of(&made);
    km_font_set_decoder(fixture.font, &decoder);
    const struct km_region *region = load(&fixture, 0, 0)->regions;
    assert_int_equal(region->frames[59], 1059);
    for (int i = 60; i < 100; ++i) {
        assert_int_equal(region->frames[i], 0);
    }
    fixture_release(&fixture);
    make(&(struct page){.frames = 100, .body = {200}}, 0);
    fixture = fixture_of(&made);
    km_font_set_decoder(fixture.font, &decoder);
    region = load(&fixture, 0, 0)->regions; // Its margin is looked at there.
    assert_int_equal(region->end, 100);
    assert_int_equal(region->frames[99], 1099);
    fixture_release(&fixture);
}

static void what_cannot_be_decoded_is_said(void **state)
{
    (void)state;
    make(&(struct page){.frames = 100, .body = {0}}, 0);
    struct fixture fixture = fixture_of(&made);
    km_font_set_decoder(fixture.font, &decoder);
    const struct km_instrument *instrument = NULL;
    assert_int_equal(km_bank_load(fixture.bank, 0, 0, &instrument, &fixture.error),
                     KM_ERROR_INVALID);
    ASSERT_SAYS(fixture.error.message, "\"sample 0\"", "at byte", "Ogg Vorbis");
    assert_int_equal(km_bank_usage(fixture.bank).used_bytes, 0);
    fixture_release(&fixture);
}

static void what_is_no_stream_is_left_out(void **state)
{
    (void)state;
    make(&(struct page){.frames = 0}, 0);
    struct fixture fixture = fixture_of(&made);
    assert_int_equal(fixture.warnings.count, 1);
    ASSERT_SAYS(fixture.warnings.first_message, "\"sample 0\"", "Vorbis");
    assert_int_equal(load(&fixture, 0, 0)->region_count, 0);
    fixture_release(&fixture);
    make(&(struct page){.frames = UINT64_MAX}, 0);
    fixture = fixture_of(&made);
    assert_int_equal(load(&fixture, 0, 0)->region_count, 0);
    fixture_release(&fixture);
    make(&(struct page){.frames = 100}, 0);
    made.samples[0].end = 1U << 30;
    fixture = fixture_of(&made);
    ASSERT_SAYS(fixture.warnings.first_message, "\"sample 0\"", "outside the chunk smpl");
    assert_int_equal(load(&fixture, 0, 0)->region_count, 0);
    fixture_release(&fixture);
}

static void a_missing_decoder_is_named_with_its_package(void **state)
{
    (void)state;
    make(&(struct page){.frames = 100, .body = {100}}, 0);
    struct fixture fixture = fixture_of(&made);
    const struct km_instrument *instrument = NULL;
    assert_int_equal(setenv("KMIDI_MODULES", "/nowhere", 1), 0);
    assert_int_equal(km_bank_load(fixture.bank, 0, 0, &instrument, &fixture.error),
                     KM_ERROR_NOT_FOUND);
    ASSERT_SAYS(fixture.error.message, "kmidi-font-", "SF3", "kmidi-sndfile.so", "libsndfile1");
    assert_int_equal(unsetenv("KMIDI_MODULES"), 0);
    fixture_release(&fixture);
}

static void leaves_no_trace_where_memory_is_refused(void **state)
{
    (void)state;
    make(&(struct page){.frames = 100, .body = {100}}, 0);
    struct fixture fixture = fixture_of(&made);
    km_font_set_decoder(fixture.font, &decoder);
    const struct km_instrument *instrument = NULL;
    enum km_status status = KM_ERROR_NO_MEMORY;
    uint64_t request = 1;
    for (; status != KM_OK; ++request) {
        km_heap_fail_at(fixture.heap, request);
        status = km_bank_load(fixture.bank, 0, 0, &instrument, &fixture.error);
        assert_true(status == KM_OK || status == KM_ERROR_NO_MEMORY);
        assert_true(status == KM_OK || km_bank_usage(fixture.bank).used_bytes == 0);
    }
    assert_in_range(request, 7, 12);
    km_heap_fail_at(fixture.heap, 0);
    fixture_release(&fixture);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(frames_come_from_the_decoder_and_loops_are_relative),
        cmocka_unit_test(streams_that_are_shorter_or_longer_than_they_say_are_held_to_it),
        cmocka_unit_test(what_cannot_be_decoded_is_said),
        cmocka_unit_test(what_is_no_stream_is_left_out),
        cmocka_unit_test(a_missing_decoder_is_named_with_its_package),
        cmocka_unit_test(leaves_no_trace_where_memory_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
