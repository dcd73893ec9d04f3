// SPDX-License-Identifier: MIT

// Repairing: valid files come back byte for byte, and what was repaired needs no repair.

#include "heap/heap.h"
#include "midi/edit.h"
#include "support/cmocka.h"
#include "unit/midi/edit_support.h"

#include <string.h>

static void expect_repaired(const struct edit_bytes *input, const char *name)
{
    struct edit_bytes repaired = {0};
    struct edit_bytes again = {0};
    struct edit_problems problems = {0};
    if (edit_repair(input, &repaired, &problems) != KM_OK) {
        edit_free(&repaired);
        return;
    }
    if (problems.count == 0) {
        edit_expect_same(input, &repaired, name);
    }
    problems = (struct edit_problems){0};
    assert_int_equal(edit_repair(&repaired, &again, &problems), KM_OK);
    if (problems.count != 0) {
        fail_msg("%s: after repair still %s at byte %llu", name,
                 km_midi_fault_name(problems.first.fault),
                 (unsigned long long)problems.first.offset);
    }
    edit_expect_same(&repaired, &again, name);
    edit_free(&repaired);
    edit_free(&again);
}

static size_t files_seen;

static void repair_file(const struct edit_bytes *input, const char *name)
{
    ++files_seen;
    expect_repaired(input, name);
}

static void repairs_every_file_of_the_edge_cases_once_and_for_all(void **state)
{
    (void)state;
    if (!edit_each_file("edge", repair_file)) {
        skip();
    }
    assert_true(files_seen > 100);
}

static void gives_real_files_back_byte_for_byte(void **state)
{
    (void)state;
    bool is_there = edit_each_file("midi_small", repair_file);
    is_there = edit_each_file("justkeydding", repair_file) && is_there;
    if (!is_there) {
        skip();
    }
}

// Cuts the file after every byte, and turns every bit.
static void mutate(const struct edit_bytes *input, const char *name)
{
    if (input->size > 200) {
        return;
    }
    for (size_t i = 0; i < input->size; ++i) {
        const struct edit_bytes cut = {.bytes = input->bytes, .size = i};
        expect_repaired(&cut, name);
    }
    for (size_t i = 0; i < 8 * input->size; ++i) {
        input->bytes[i / 8] ^= (unsigned char)(1U << i % 8);
        expect_repaired(input, name);
        input->bytes[i / 8] ^= (unsigned char)(1U << i % 8);
    }
}

static void repairs_whatever_is_cut_or_flipped(void **state)
{
    (void)state;
    if (!edit_each_file("edge/handmade", mutate)) {
        skip();
    }
}

#define REPAIRS(input, output) expect_repair(input, sizeof(input) - 1, output, sizeof(output) - 1)

static void expect_repair(const char *input, size_t input_size, const char *output,
                          size_t output_size)
{
    unsigned char copy[256];
    memcpy(copy, input, input_size);
    const struct edit_bytes given = {.bytes = copy, .size = input_size};
    struct edit_bytes repaired = {0};
    struct edit_problems problems = {0};
    assert_int_equal(edit_repair(&given, &repaired, &problems), KM_OK);
    assert_int_equal(repaired.size, output_size);
    assert_memory_equal(repaired.bytes, output, output_size);
    expect_repaired(&given, "given");
    edit_free(&repaired);
}

#define HEADER(tracks) "MThd\x00\x00\x00\x06\x00\x01\x00" tracks "\x01\xE0"

static void adds_what_is_missing(void **state)
{
    (void)state;
    // End of Track, and the end of a note.
    REPAIRS(HEADER("\x01") "MTrk\x00\x00\x00\x04\x00\x90\x3C\x40",
            HEADER("\x01") "MTrk\x00\x00\x00\x0B\x00\x90\x3C\x40\x00\x3C\x00\x00\xFF\x2F\x00");
    // A status after a meta event, where running status went on.
    REPAIRS(HEADER("\x01") "MTrk\x00\x00\x00\x10\x00\x90\x3C\x40\x00\xFF\x01\x00"
                           "\x10\x3C\x00\x00\xFF\x2F\x00\x00",
            HEADER("\x01") "MTrk\x00\x00\x00\x10\x00\x90\x3C\x40\x00\xFF\x01\x00"
                           "\x10\x90\x3C\x00\x00\xFF\x2F\x00");
    // The end of a SysEx message.
    REPAIRS(HEADER("\x01") "MTrk\x00\x00\x00\x08\x00\xF0\x01\x7E\x00\xFF\x2F\x00",
            HEADER("\x01") "MTrk\x00\x00\x00\x0C\x00\xF0\x01\x7E\x00\xF7\x01\xF7\x00\xFF\x2F\x00");
    // A track.
    REPAIRS(HEADER("\x00"), HEADER("\x01") "MTrk\x00\x00\x00\x04\x00\xFF\x2F\x00");
}

static void leaves_out_what_means_nothing(void **state)
{
    (void)state;
    // Bytes before the header and after End of Track, and a note-off of a key that is not down.
    REPAIRS("ab" HEADER("\x01") "MTrk\x00\x00\x00\x0A\x10\x80\x3C\x40\x20\xFF\x2F\x00xy",
            HEADER("\x01") "MTrk\x00\x00\x00\x04\x30\xFF\x2F\x00");
}

static void counts_tracks_and_lengths_anew(void **state)
{
    (void)state;
    REPAIRS(
        HEADER("\x03") "MTrk\x00\x00\x00\x40\x00\xFF\x2F\x00MTrk\x00\x00\x00\x04\x00\xFF\x2F\x00",
        HEADER("\x02") "MTrk\x00\x00\x00\x04\x00\xFF\x2F\x00MTrk\x00\x00\x00\x04\x00\xFF\x2F\x00");
}

// Smaller chunks that the file does not hold are taken for bytes that are none.
static void gives_a_cut_chunk_the_length_it_has(void **state)
{
    (void)state;
    enum { BODY_SIZE = KM_MIDI_LOOK_AHEAD + 10, CHUNK_AT = 26 };
    static const char text[] =
        HEADER("\x01") "MTrk\x00\x00\x00\x04\x00\xFF\x2F\x00XFKM\x00\x00\x50\x00";
    unsigned char bytes[sizeof(text) - 1 + BODY_SIZE] = {0};
    memcpy(bytes, text, sizeof(text) - 1);
    const struct edit_bytes given = {.bytes = bytes, .size = sizeof(bytes)};
    struct edit_bytes repaired = {0};
    struct edit_problems problems = {0};
    assert_int_equal(edit_repair(&given, &repaired, &problems), KM_OK);
    assert_int_equal(problems.first.fault, KM_MIDI_FAULT_CUT_CHUNK);
    assert_int_equal(repaired.size, given.size);
    const unsigned char size[] = {0, 0, BODY_SIZE >> 8, BODY_SIZE & 0xFF};
    assert_memory_equal(repaired.bytes + CHUNK_AT + 4, size, 4);
    edit_free(&repaired);
    expect_repaired(&given, "cut chunk");
}

static void bridges_what_a_delta_cannot_say(void **state)
{
    (void)state;
    // Two note-offs without a note, between which 2 * 0x0FFFFFFF ticks go by.
    REPAIRS(
        HEADER("\x01") "MTrk\x00\x00\x00\x0F\xFF\xFF\xFF\x7F\x80\x3C\x40\xFF\xFF\xFF\x7F\xFF\x2F"
                       "\x00\x00",
        HEADER(
            "\x01") "MTrk\x00\x00\x00\x0E\xFF\xFF\xFF\x7F\xFF\x01\x00\xFF\xFF\xFF\x7F\xFF\x2F\x00");
}

static void keeps_riff_around_what_it_repairs(void **state)
{
    (void)state;
    REPAIRS("RIFF\x2A\x00\x00\x00RMIDdata\x16\x00\x00\x00" HEADER(
                "\x00") "\x00\x00\x00\x00\x00\x00\x00\x00"
                        "LIST\x00\x00\x00\x00",
            "RIFF\x2E\x00\x00\x00RMIDdata\x1A\x00\x00\x00" HEADER(
                "\x01") "MTrk\x00\x00\x00\x04\x00\xFF\x2F\x00"
                        "LIST\x00\x00\x00\x00");
}

static void says_when_there_is_no_memory(void **state)
{
    (void)state;
    static const char text[] = HEADER("\x01") "MTrk\x00\x00\x00\x04\x00\xFF\x2F\x00";
    unsigned char copy[sizeof(text)];
    memcpy(copy, text, sizeof(text));
    struct km_midi_bytes bytes = {.bytes = copy, .size = sizeof(text) - 1};
    enum km_status status = KM_ERROR_NO_MEMORY;
    uint64_t request = 1;
    for (; status != KM_OK && request < 100; ++request) {
        struct edit_output output = {0};
        const struct km_heap_config config = {.fail_at = request};
        struct km_heap *const heap = km_heap_new(&config);
        struct km_sink sink = edit_sink(&output);
        const struct km_midi_edit edit = {
            .heap = heap, .source = km_midi_source_of_memory(&bytes), .sink = &sink};
        struct km_midi_edit_report report;
        struct km_error error = {0};
        status = km_midi_repair(&edit, &report, &error);
        assert_true(status == KM_OK || status == KM_ERROR_NO_MEMORY);
        assert_true(status == KM_OK || error.message[0] != '\0');
        edit_free(&output.content);
        km_heap_free(heap);
    }
    assert_true(status == KM_OK && request > 3);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(repairs_every_file_of_the_edge_cases_once_and_for_all),
        cmocka_unit_test(gives_real_files_back_byte_for_byte),
        cmocka_unit_test(repairs_whatever_is_cut_or_flipped),
        cmocka_unit_test(adds_what_is_missing),
        cmocka_unit_test(leaves_out_what_means_nothing),
        cmocka_unit_test(counts_tracks_and_lengths_anew),
        cmocka_unit_test(gives_a_cut_chunk_the_length_it_has),
        cmocka_unit_test(bridges_what_a_delta_cannot_say),
        cmocka_unit_test(keeps_riff_around_what_it_repairs),
        cmocka_unit_test(says_when_there_is_no_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
