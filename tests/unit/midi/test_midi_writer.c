// SPDX-License-Identifier: MIT

#include "midi/writer.h"

#include "support/cmocka.h"

#include <string.h>

enum { OUTPUT_SIZE = 1 << 15 };

struct output {
    unsigned char bytes[OUTPUT_SIZE];
    struct km_sink_memory memory;
    struct km_sink sink;
    struct km_midi_writer writer;
};

static void start(struct output *output)
{
    *output = (struct output){0};
    output->memory = (struct km_sink_memory){.bytes = output->bytes, .size = OUTPUT_SIZE};
    output->sink = km_sink_to_memory(&output->memory);
    km_midi_writer_init(&output->writer, &output->sink);
    km_midi_writer_begin_track(&output->writer, 0);
    km_midi_writer_flush(&output->writer);
    output->memory.used = 0;
}

static void expect_bytes(struct output *output, const char *bytes, size_t size)
{
    km_midi_writer_flush(&output->writer);
    assert_int_equal(output->memory.used, size);
    assert_memory_equal(output->bytes, bytes, size);
}

static const struct km_event note = {
    .type = KM_EVENT_NOTE_ON, .channel = 1, .number = 60, .value = 99};
static const struct km_event let_go = {
    .type = KM_EVENT_NOTE_OFF, .channel = 1, .number = 60, .value = KM_RELEASE_VELOCITY};

static void uses_running_status_where_nothing_else_is_asked_for(void **state)
{
    (void)state;
    struct output output;
    start(&output);
    km_midi_writer_event(&output.writer, &note, NULL);
    km_midi_writer_event(&output.writer, &let_go, NULL);
    expect_bytes(&output, "\x00\x91\x3C\x63\x00\x3C\x00", 7);
}

static void keeps_how_an_event_was_written(void **state)
{
    (void)state;
    struct output output;
    start(&output);
    km_midi_writer_event(&output.writer, &note, NULL);
    km_midi_writer_event(&output.writer, &note,
                         &(struct km_midi_form){.status = 0x91, .is_explicit = true});
    km_midi_writer_event(&output.writer, &let_go, &(struct km_midi_form){.status = 0x81});
    km_midi_writer_event(&output.writer, &let_go, &(struct km_midi_form){.status = 0x81});
    km_midi_writer_event(&output.writer, &let_go, &(struct km_midi_form){.status = 0x91});
    expect_bytes(&output,
                 "\x00\x91\x3C\x63"
                 "\x00\x91\x3C\x63"
                 "\x00\x81\x3C\x40"
                 "\x00\x3C\x40"
                 "\x00\x91\x3C\x00",
                 19);
}

static void repeats_the_status_after_a_meta_event(void **state)
{
    (void)state;
    struct output output;
    start(&output);
    const struct km_event text = {.type = KM_EVENT_META, .number = KM_META_TEXT, .detail = 3};
    km_midi_writer_event(&output.writer, &note, NULL);
    km_midi_writer_event(&output.writer, &text, NULL);
    km_midi_writer_payload(&output.writer, "a", 1);
    km_midi_writer_payload(&output.writer, "bc", 2);
    km_midi_writer_event(&output.writer, &note, NULL);
    expect_bytes(&output,
                 "\x00\x91\x3C\x63\x00\xFF\x01\x03"
                 "abc\x00\x91\x3C\x63",
                 15);
}

static void says_what_cannot_come_next(void **state)
{
    (void)state;
    struct output output;
    start(&output);
    struct km_event event = note;
    event.tick = 100;
    assert_null(km_midi_writer_problem(&output.writer, &event));
    km_midi_writer_event(&output.writer, &event, NULL);
    event.tick = 99;
    assert_non_null(strstr(km_midi_writer_problem(&output.writer, &event), "earlier"));
    event.tick = 100 + 0x0FFFFFFF;
    assert_null(km_midi_writer_problem(&output.writer, &event));
    ++event.tick;
    assert_non_null(strstr(km_midi_writer_problem(&output.writer, &event), "268435455"));
    km_midi_writer_end_track(&output.writer, 100);
    event.tick = 100;
    assert_non_null(strstr(km_midi_writer_problem(&output.writer, &event), "End of Track"));
}

static void measures_what_it_would_write(void **state)
{
    (void)state;
    struct output output;
    uint64_t sizes[2];
    for (int pass = 0; pass < 2; ++pass) {
        start(&output);
        output.writer.sink = pass == 0 ? NULL : &output.sink;
        for (uint64_t i = 0; i < 3000; ++i) {
            struct km_event event = i % 2 == 0 ? note : let_go;
            event.tick = i * i;
            km_midi_writer_event(&output.writer, &event, NULL);
        }
        km_midi_writer_end_track(&output.writer, output.writer.tick);
        sizes[pass] = km_midi_writer_size(&output.writer);
    }
    assert_int_equal(sizes[0], sizes[1]);
    assert_int_equal(sizes[1], output.memory.used);
}

static void passes_on_what_is_larger_than_its_buffer(void **state)
{
    (void)state;
    struct output output;
    unsigned char large[KM_MIDI_WRITER_BUFFER_SIZE + 1];
    memset(large, 'x', sizeof(large));
    start(&output);
    km_midi_writer_bytes(&output.writer, "ab", 2);
    km_midi_writer_bytes(&output.writer, large, sizeof(large));
    km_midi_writer_bytes(&output.writer, "c", 1);
    km_midi_writer_flush(&output.writer);
    assert_int_equal(output.memory.used, sizeof(large) + 3);
    assert_memory_equal(output.bytes + 2, large, sizeof(large));
    assert_int_equal(output.bytes[sizeof(large) + 2], 'c');
    assert_int_equal(km_midi_writer_size(&output.writer), sizeof(large) + 3);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(uses_running_status_where_nothing_else_is_asked_for),
        cmocka_unit_test(keeps_how_an_event_was_written),
        cmocka_unit_test(repeats_the_status_after_a_meta_event),
        cmocka_unit_test(says_what_cannot_come_next),
        cmocka_unit_test(measures_what_it_would_write),
        cmocka_unit_test(passes_on_what_is_larger_than_its_buffer),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
