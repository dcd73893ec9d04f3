// SPDX-License-Identifier: MIT

// The expected bytes are written down by hand from the Standard MIDI Files 1.0 specification.

#include "midi/file.h"

#include "unit/midi/midi_support.h"

#include <stdio.h>

enum { OUTPUT_SIZE = 1 << 16 };

static void expect_bytes(struct fixture *fixture, const unsigned char *bytes, size_t size)
{
    static unsigned char output[OUTPUT_SIZE];
    size_t used = 0;
    const enum km_status status =
        write_to(&fixture->file, output, sizeof(output), &used, &fixture->error);
    assert_string_equal(fixture->error.message, "");
    assert_int_equal(status, KM_OK);
    assert_int_equal(used, size);
    assert_memory_equal(output, bytes, size);
    fixture_release(fixture);
}

// The tempo and metre of the specification's examples: 4/4, 120 to the minute.
static void add_example_conductor(struct km_midi_file *file)
{
    file->division = 96;
    add(file, 0, (struct km_event){0, KM_EVENT_TIME_SIGNATURE, 0, 4, 2, 24 | 8 << 8});
    add(file, 0, (struct km_event){0, KM_EVENT_TEMPO, 0, 0, 0, 500000});
}

static void writes_the_example_of_format_0(void **state)
{
    (void)state;
    // Only the release velocities are not the specification's 64 but 63: see the next test.
    static const unsigned char expected[] = {
        'M',  'T',  'h',  'd',  0,    0,    0,    6,    0,    0,    0,    1,    0,    96,   'M',
        'T',  'r',  'k',  0,    0,    0,    59,                                                   //
        0x00, 0xFF, 0x58, 0x04, 0x04, 0x02, 0x18, 0x08, 0x00, 0xFF, 0x51, 0x03, 0x07, 0xA1, 0x20, //
        0x00, 0xC0, 0x05, 0x00, 0xC1, 0x2E, 0x00, 0xC2, 0x46,                                     //
        0x00, 0x92, 0x30, 0x60, 0x00, 0x3C, 0x60, 0x60, 0x91, 0x43, 0x40, 0x60, 0x90, 0x4C, 0x20, //
        0x81, 0x40, 0x82, 0x30, 0x3F, 0x00, 0x3C, 0x3F, 0x00, 0x81, 0x43, 0x3F,                   //
        0x00, 0x80, 0x4C, 0x3F, 0x00, 0xFF, 0x2F, 0x00};
    struct fixture fixture = fixture_of(0, 1);
    struct km_midi_file *const file = &fixture.file;
    add_example_conductor(file);
    add(file, 0, (struct km_event){0, KM_EVENT_PROGRAM, 0, 5, 0, 0});
    add(file, 0, (struct km_event){0, KM_EVENT_PROGRAM, 1, 46, 0, 0});
    add(file, 0, (struct km_event){0, KM_EVENT_PROGRAM, 2, 70, 0, 0});
    add(file, 0, note_on(0, 2, 48, 96));
    add(file, 0, note_on(0, 2, 60, 96));
    add(file, 0, note_on(96, 1, 67, 64));
    add(file, 0, note_on(192, 0, 76, 32));
    add(file, 0, note_off(384, 2, 48, 63));
    add(file, 0, note_off(384, 2, 60, 63));
    add(file, 0, note_off(384, 1, 67, 63));
    add(file, 0, note_off(384, 0, 76, 63));
    expect_bytes(&fixture, expected, sizeof(expected));
}

static void writes_the_example_of_format_1(void **state)
{
    (void)state;
    static const unsigned char expected[] = {
        'M',  'T',  'h',  'd',  0,    0,    0,    6,    0,    1,    0,    4,    0,    96,         //
        'M',  'T',  'r',  'k',  0,    0,    0,    20,                                             //
        0x00, 0xFF, 0x58, 0x04, 0x04, 0x02, 0x18, 0x08, 0x00, 0xFF, 0x51, 0x03, 0x07, 0xA1, 0x20, //
        0x83, 0x00, 0xFF, 0x2F, 0x00,                                                             //
        'M',  'T',  'r',  'k',  0,    0,    0,    16,                                             //
        0x00, 0xC0, 0x05, 0x81, 0x40, 0x90, 0x4C, 0x20, 0x81, 0x40, 0x4C, 0x00,                   //
        0x00, 0xFF, 0x2F, 0x00,                                                                   //
        'M',  'T',  'r',  'k',  0,    0,    0,    15,                                             //
        0x00, 0xC1, 0x2E, 0x60, 0x91, 0x43, 0x40, 0x82, 0x20, 0x43, 0x00,                         //
        0x00, 0xFF, 0x2F, 0x00,                                                                   //
        'M',  'T',  'r',  'k',  0,    0,    0,    21,                                             //
        0x00, 0xC2, 0x46, 0x00, 0x92, 0x30, 0x60, 0x00, 0x3C, 0x60,                               //
        0x83, 0x00, 0x30, 0x00, 0x00, 0x3C, 0x00, 0x00, 0xFF, 0x2F, 0x00};
    struct fixture fixture = fixture_of(1, 4);
    struct km_midi_file *const file = &fixture.file;
    add_example_conductor(file);
    add(file, 0, end_of_track(384));
    add(file, 1, (struct km_event){0, KM_EVENT_PROGRAM, 0, 5, 0, 0});
    add(file, 1, note_on(192, 0, 76, 32));
    add(file, 1, note_off(384, 0, 76, 64));
    add(file, 2, (struct km_event){0, KM_EVENT_PROGRAM, 1, 46, 0, 0});
    add(file, 2, note_on(96, 1, 67, 64));
    add(file, 2, note_off(384, 1, 67, 64));
    add(file, 3, (struct km_event){0, KM_EVENT_PROGRAM, 2, 70, 0, 0});
    add(file, 3, note_on(0, 2, 48, 96));
    add(file, 3, note_on(0, 2, 60, 96));
    add(file, 3, note_off(384, 2, 48, 64));
    add(file, 3, note_off(384, 2, 60, 64));
    expect_bytes(&fixture, expected, sizeof(expected));
}

static void writes_every_kind_of_event(void **state)
{
    (void)state;
    static const unsigned char expected[] = {
        'M',  'T',  'h',  'd',  0,    0,    0,    6,    0,    1,    0,    1,    0x01, 0xE0,      //
        'M',  'T',  'r',  'k',  0,    0,    0,    72,                                            //
        0x00, 0xFF, 0x03, 0x05, 'P',  'i',  'a',  'n',  'o',                                     //
        0x00, 0xFF, 0x59, 0x02, 0xFD, 0x01, 0x00, 0xFF, 0x06, 0x05, 'V',  'e',  'r',  's',  'e', //
        0x00, 0xF0, 0x03, 0x7E, 0x01, 0xF7, 0x00, 0xF7, 0x01, 0xF8,                              //
        0x00, 0xB3, 0x40, 0x7F, 0x00, 0x01, 0x10, 0x00, 0xE3, 0x01, 0x40, 0x00, 0xD3, 0x33,      //
        0x00, 0xA3, 0x3C, 0x11, 0x00, 0xFF, 0x05, 0x02, 0xC3, 0xA9,                              //
        0x00, 0xA3, 0x3C, 0x12, 0xFF, 0xFF, 0xFF, 0x7F, 0x3C, 0x13, 0x00, 0xFF, 0x2F, 0x00};
    struct fixture fixture = fixture_of(1, 1);
    struct km_midi_file *const file = &fixture.file;
    add_text(file, 0, 0, KM_META_TRACK_NAME, "Piano");
    add(file, 0, (struct km_event){0, KM_EVENT_KEY_SIGNATURE, 0, 0xFD, 1, 0});
    add_text(file, 0, 0, KM_META_MARKER, "Verse");
    add_sysex(file, 0, 0, 0xF0, "\x7E\x01\xF7");
    add_sysex(file, 0, 0, 0xF7, "\xF8");
    add(file, 0, (struct km_event){0, KM_EVENT_CONTROL, 3, 64, 127, 0});
    add(file, 0, (struct km_event){0, KM_EVENT_CONTROL, 3, 1, 16, 0});
    add(file, 0, (struct km_event){0, KM_EVENT_PITCH_BEND, 3, 0, 0, 8193});
    add(file, 0, (struct km_event){0, KM_EVENT_CHANNEL_PRESSURE, 3, 0, 51, 0});
    add(file, 0, (struct km_event){0, KM_EVENT_KEY_PRESSURE, 3, 60, 17, 0});
    add_text(file, 0, 0, KM_META_LYRIC, "\xC3\xA9");
    add(file, 0, (struct km_event){0, KM_EVENT_KEY_PRESSURE, 3, 60, 18, 0});
    add(file, 0, (struct km_event){0x0FFFFFFF, KM_EVENT_KEY_PRESSURE, 3, 60, 19, 0});
    expect_bytes(&fixture, expected, sizeof(expected));
}

// Format 0 puts what ends before what begins, the lower track first, and ends with the last track.
static void merges_tracks_for_format_0(void **state)
{
    (void)state;
    static const unsigned char expected[] = {
        'M',  'T',  'h',  'd',  0,    0,    0,    6,    0,    0,    0,    1,    0x01, 0xE0, //
        'M',  'T',  'r',  'k',  0,    0,    0,    27,                                       //
        0x00, 0x90, 0x3C, 0x01, 0x00, 0x3D, 0x02, 0x0A, 0x3D, 0x00,                         //
        0x00, 0xFF, 0x01, 0x01, 'x',  0x00, 0x90, 0x3C, 0x03, 0x0A, 0x3C, 0x00,             //
        0x82, 0x2C, 0xFF, 0x2F, 0x00};
    struct fixture fixture = fixture_of(0, 3);
    struct km_midi_file *const file = &fixture.file;
    add(file, 0, note_on(0, 0, 60, 1));
    add(file, 0, note_on(10, 0, 60, 3));
    add(file, 0, note_off(20, 0, 60, 64));
    add(file, 0, end_of_track(20));
    add_text(file, 1, 10, KM_META_TEXT, "x");
    add(file, 1, end_of_track(320));
    add(file, 2, note_on(0, 0, 61, 2));
    add(file, 2, note_off(10, 0, 61, 64));
    expect_bytes(&fixture, expected, sizeof(expected));
}

static void writes_a_file_without_tracks(void **state)
{
    (void)state;
    static const unsigned char none[] = {'M', 'T', 'h', 'd', 0, 0, 0, 6, 0, 1, 0, 0, 0x01, 0xE0};
    struct fixture fixture = fixture_of(1, 0);
    expect_bytes(&fixture, none, sizeof(none));
    static const unsigned char merged[] = {'M',  'T',  'h', 'd', 0, 0, 0, 6, 0, 0,    0,    1,
                                           0x01, 0xE0, //
                                           'M',  'T',  'r', 'k', 0, 0, 0, 4, 0, 0xFF, 0x2F, 0x00};
    fixture = fixture_of(0, 0); // Format 0 always has one.
    expect_bytes(&fixture, merged, sizeof(merged));
}

// Expects that a track of `count` events is refused for the last of them, in both formats.
static void expect_refusal(const struct km_event *events, size_t count, const char *reason)
{
    for (uint16_t format = 0; format <= 1; ++format) {
        struct fixture fixture = fixture_of(format, 2);
        for (size_t i = 0; i < count; ++i) {
            add(&fixture.file, 1, events[i]);
        }
        unsigned char output[256];
        size_t used = 0;
        assert_int_equal(write_to(&fixture.file, output, sizeof(output), &used, &fixture.error),
                         KM_ERROR_INVALID);
        assert_int_equal(used, 0); // Refused before a byte is written.
        char place[64];
        snprintf(place, sizeof(place), "track 1, event %zu, tick %d: ", count - 1,
                 (int)events[count - 1].tick);
        assert_int_equal(strncmp(fixture.error.message, place, strlen(place)), 0);
        assert_non_null(strstr(fixture.error.message, reason));
        fixture_release(&fixture);
    }
}

static void refuses_what_no_reader_could_take(void **state)
{
    (void)state;
    static const struct {
        struct km_event event;
        const char *reason;
    } cases[] = {
        {{0, KM_EVENT_NOTE_ON, 16, 60, 1, 0}, "channel"},
        {{0, KM_EVENT_NOTE_ON, 0, 128, 1, 0}, "key"},
        {{0, KM_EVENT_NOTE_ON, 0, 60, 0, 0}, "velocity"},
        {{0, KM_EVENT_NOTE_ON, 0, 60, 128, 0}, "velocity"},
        {{0, KM_EVENT_NOTE_OFF, 0, 60, 128, 0}, "velocity"},
        {{0, KM_EVENT_CONTROL, 0, 200, 0, 0}, "controller"},
        {{0, KM_EVENT_CONTROL, 0, 7, 255, 0}, "value"},
        {{0, KM_EVENT_PROGRAM, 0, 128, 0, 0}, "program"},
        {{0, KM_EVENT_CHANNEL_PRESSURE, 0, 0, 128, 0}, "pressure"},
        {{0, KM_EVENT_KEY_PRESSURE, 0, 60, 128, 0}, "pressure"},
        {{0, KM_EVENT_TEMPO, 0, 0, 0, 0}, "tempo"},
        {{0, KM_EVENT_TEMPO, 0, 0, 0, 1 << 24}, "tempo"},
        {{0, KM_EVENT_TIME_SIGNATURE, 0, 0, 2, 0}, "time signature"},
        {{0, KM_EVENT_TIME_SIGNATURE, 0, 4, 16, 0}, "time signature"},
        {{0, KM_EVENT_TIME_SIGNATURE, 0, 4, 2, 1 << 16}, "time signature"},
        {{0, KM_EVENT_KEY_SIGNATURE, 0, 8, 0, 0}, "key signature"},
        {{0, KM_EVENT_KEY_SIGNATURE, 0, 248, 0, 0}, "key signature"},
        {{0, KM_EVENT_KEY_SIGNATURE, 0, 0, 2, 0}, "key signature"},
        {{0, KM_EVENT_META, 0, 0x51, 0, 0}, "plain meta"},
        {{0, KM_EVENT_META, 0, 0x80, 0, 0}, "meta type"},
        {{0, KM_EVENT_META, 0, 1, 0, 0}, "payload"},
        {{0, KM_EVENT_META, 0, 1, 0, UINT32_MAX}, "payload"},
        {{0, KM_EVENT_SYSEX, 0, 0xF1, 0, 0}, "SysEx"},
        {{0, KM_EVENT_SYSEX, 0, 0xF0, 0, 0}, "payload"},
        {{0, KM_EVENT_TYPES_COUNT, 0, 0, 0, 0}, "type"},
        {{0x10000000, KM_EVENT_CONTROL, 0, 0, 0, 0}, "268435455"},
        {{0x10000000, KM_EVENT_END_OF_TRACK, 0, 0, 0, 0}, "268435455"},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); ++i) {
        expect_refusal(&cases[i].event, 1, cases[i].reason);
    }
}

static void refuses_what_is_out_of_order(void **state)
{
    (void)state;
    expect_refusal((struct km_event[]){note_on(5, 0, 60, 1), note_off(4, 0, 60, 0)}, 2, "earlier");
    expect_refusal((struct km_event[]){end_of_track(5), note_on(5, 0, 60, 1)}, 2, "End of Track");
    expect_refusal((struct km_event[]){end_of_track(5), end_of_track(5)}, 2, "End of Track");
    expect_refusal((struct km_event[]){note_on(5, 0, 60, 1), end_of_track(4)}, 2, "earlier");
}

static void refuses_a_header_that_no_reader_could_take(void **state)
{
    (void)state;
    static const struct {
        uint16_t format;
        uint16_t division;
    } cases[] = {{3, 480}, {1, 0}, {1, 0xE700}, {1, 0xEF28}};
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); ++i) {
        struct fixture fixture = fixture_of(cases[i].format, 1);
        fixture.file.division = cases[i].division;
        unsigned char output[64];
        size_t used = 0;
        assert_int_equal(write_to(&fixture.file, output, sizeof(output), &used, &fixture.error),
                         KM_ERROR_INVALID);
        assert_true(strlen(fixture.error.message) > 0);
        fixture_release(&fixture);
    }
}

// A big payload and many events, so that the writer's buffer overflows at every phase.
static void fill(struct km_midi_file *file)
{
    static char text[5000];
    memset(text, 'a', sizeof(text) - 1);
    for (uint64_t tick = 0; tick < 3000; ++tick) {
        add(file, tick % file->track_count, note_on(tick, tick % 16, 60, 1));
    }
    add_text(file, 0, 3000, KM_META_TEXT, text);
    add_text(file, 0, 3000, KM_META_TEXT, text);
}

static void tells_the_failure_of_the_sink(void **state)
{
    (void)state;
    static unsigned char output[OUTPUT_SIZE];
    for (uint16_t format = 0; format <= 1; ++format) {
        struct fixture fixture = fixture_of(format, 3);
        fill(&fixture.file);
        size_t whole = 0;
        assert_int_equal(write_to(&fixture.file, output, sizeof(output), &whole, NULL), KM_OK);
        for (size_t size = 0; size < whole; size += size / 8 + 1) {
            size_t used = 0;
            assert_int_equal(write_to(&fixture.file, output, size, &used, &fixture.error),
                             KM_ERROR_TOO_LARGE);
            assert_non_null(strstr(fixture.error.message, "larger than the limit"));
        }
        fixture_release(&fixture);
    }
}

static void fails_cleanly_without_memory(void **state)
{
    (void)state;
    static unsigned char output[OUTPUT_SIZE];
    for (uint16_t format = 0; format <= 1; ++format) {
        struct fixture fixture = fixture_of(format, 3);
        fill(&fixture.file);
        struct km_heap *const whole = fixture.file.heap;
        enum km_status status = KM_ERROR_NO_MEMORY;
        for (uint64_t n = 1; status != KM_OK; ++n) {
            fixture.file.heap = km_heap_new(&(struct km_heap_config){.fail_at = n});
            size_t used = 0;
            status = write_to(&fixture.file, output, sizeof(output), &used, &fixture.error);
            assert_true(status == KM_OK || (status == KM_ERROR_NO_MEMORY && used == 0));
            km_heap_free(fixture.file.heap); // Checks that all was given back.
            assert_in_range(n, 1, 10);
        }
        fixture.file.heap = whole;
        fixture_release(&fixture);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(writes_the_example_of_format_0),
        cmocka_unit_test(writes_the_example_of_format_1),
        cmocka_unit_test(writes_every_kind_of_event),
        cmocka_unit_test(merges_tracks_for_format_0),
        cmocka_unit_test(writes_a_file_without_tracks),
        cmocka_unit_test(refuses_what_no_reader_could_take),
        cmocka_unit_test(refuses_what_is_out_of_order),
        cmocka_unit_test(refuses_a_header_that_no_reader_could_take),
        cmocka_unit_test(tells_the_failure_of_the_sink),
        cmocka_unit_test(fails_cleanly_without_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
