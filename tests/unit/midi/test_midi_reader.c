// SPDX-License-Identifier: MIT

#include "midi/reader.h"

#include "support/cmocka.h"
#include "unit/midi/reader_support.h"

#include <stdio.h>
#include <stdlib.h>

// A file as a string literal, whose zero at the end does not belong to it.
#define BYTES(literal) (const unsigned char *)(literal), sizeof(literal) - 1

#define HEADER(format, tracks) "MThd\0\0\0\6\0" format "\0" tracks "\1\xE0"
#define END "\0\xFF\x2F\0"
#define NOTE "\0\x90\x3C\x40\x60\x3C\0"
#define TRACK "MTrk\0\0\0\x0B" NOTE END
#define ONE HEADER("\1", "\1")
#define TWO HEADER("\1", "\2")

static void expect_same_in_all_pieces(const unsigned char *bytes, size_t size)
{
    for (int is_strict = 0; is_strict < 2; ++is_strict) {
        struct reading_digest whole;
        read_in_pieces(bytes, size, CUT_NOWHERE, is_strict, &whole);
        static const int cuts[] = {1, 2, 3, 7, CUT_RANDOMLY};
        for (size_t i = 0; i < sizeof(cuts) / sizeof(cuts[0]); ++i) {
            struct reading_digest cut;
            read_in_pieces(bytes, size, cuts[i], is_strict, &cut);
            assert_true(is_same_reading(&whole, &cut));
        }
    }
}

// What is wrong in a file: fault, offset, track, tick.
struct example {
    const unsigned char *bytes;
    size_t size;
    enum km_midi_fault fault;
    uint64_t offset;
    int64_t track;
    uint64_t tick;
};

static const struct example examples[] = {
    {BYTES("xx" ONE TRACK), KM_MIDI_FAULT_LEADING_BYTES, 0, -1, 0},
    {BYTES("thirteen byteMThMT" ONE TRACK), KM_MIDI_FAULT_LEADING_BYTES, 0, -1, 0},
    {BYTES(ONE TRACK "garbage"), KM_MIDI_FAULT_STRAY_BYTES, 33, -1, 0},
    {BYTES(TWO TRACK "\1\2\3" TRACK), KM_MIDI_FAULT_STRAY_BYTES, 33, -1, 0},
    {BYTES(ONE TRACK ONE TRACK), KM_MIDI_FAULT_SECOND_FILE, 33, -1, 0},
    {BYTES(TWO TRACK), KM_MIDI_FAULT_TRACK_COUNT, 10, -1, 0},
    {BYTES(ONE TRACK TRACK), KM_MIDI_FAULT_TRACK_COUNT, 10, -1, 0},
    {BYTES(HEADER("\1", "\0")), KM_MIDI_FAULT_NO_TRACKS, 10, -1, 0},
    {BYTES(HEADER("\0", "\2") TRACK TRACK), KM_MIDI_FAULT_FORMAT_0_TRACKS, 8, -1, 0},
    {BYTES(ONE "MTrk\0\0\0\x7F" NOTE END), KM_MIDI_FAULT_TRACK_TOO_LONG, 18, 0, 96},
    {BYTES(TWO "MTrk\0\0\0\x0C" NOTE END TRACK), KM_MIDI_FAULT_TRACK_TOO_LONG, 18, 0, 96},
    {BYTES(ONE "MTrk\0\0\0\4" NOTE END), KM_MIDI_FAULT_TRACK_TOO_SHORT, 18, 0, 0},
    {BYTES(ONE "MTrk\0\0\0\x0D" NOTE END "xx"), KM_MIDI_FAULT_AFTER_END, 33, 0, 96},
    {BYTES(ONE "MTrk\0\0\0\7" NOTE), KM_MIDI_FAULT_MISSING_END, 29, 0, 96},
    {BYTES(TWO "MTrk\0\0\0\x09" NOTE "\0\x90" TRACK), KM_MIDI_FAULT_CUT_EVENT, 29, 0, 96},
    {BYTES(ONE "MTrk\0\0\0\x0C\x80\x05\x90\x3C\x40\0\x3C\0" END), KM_MIDI_FAULT_PADDED_QUANTITY, 22,
     0, 5},
    {BYTES(ONE "MTrk\0\0\0\x10\1\x90\x3C\x40\0\xFF\1\1x\2\x3C\0" END),
     KM_MIDI_FAULT_STALE_RUNNING_STATUS, 32, 0, 3},
    {BYTES(ONE "MTrk\0\0\0\x08\1\xB0\x07\x80" END), KM_MIDI_FAULT_DATA_OVER_127, 25, 0, 1},
    {BYTES(ONE "MTrk\0\0\0\x0C\1\xF0\1\x43\4\xB0\1\1" END), KM_MIDI_FAULT_OPEN_SYSEX, 22, 0, 5},
    {BYTES(ONE "MTrk\0\0\0\x0A\1\xFF\x51\2\1\1" END), KM_MIDI_FAULT_SHORT_SETTING, 22, 0, 1},
    {BYTES(ONE "MTrk\0\0\0\x0B\1\xFF\x59\3\1\0x" END), KM_MIDI_FAULT_LONG_SETTING, 22, 0, 1},
    {BYTES(ONE "MTrk\0\0\0\x0A\1\xFF\x59\2\x09\0" END), KM_MIDI_FAULT_SETTING_RANGE, 22, 0, 1},
    {BYTES(ONE "MTrk\0\0\0\x09\1\xFF\x80\1x" END), KM_MIDI_FAULT_META_TYPE, 22, 0, 1},
    {BYTES(ONE "MTrk\0\0\0\6\1\xFF\x2F\2xx"), KM_MIDI_FAULT_END_PAYLOAD, 22, 0, 1},
};

static void each_problem_has_its_place(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(examples) / sizeof(examples[0]); ++i) {
        const struct example *const example = &examples[i];
        struct reading_digest digest;
        read_in_pieces(example->bytes, example->size, CUT_NOWHERE, false, &digest);
        if (digest.first[0].fault != example->fault || digest.first[0].tick != example->tick) {
            print_message("# example %zu: %s at %llu, tick %llu %s\n", i,
                          km_midi_fault_name(digest.first[0].fault),
                          (unsigned long long)digest.first[0].offset,
                          (unsigned long long)digest.first[0].tick, digest.error.message);
        }
        assert_int_equal(digest.step, KM_MIDI_STEP_END);
        assert_true(digest.problem_count >= 1);
        assert_int_equal(digest.first[0].fault, example->fault);
        assert_int_equal(digest.first[0].offset, example->offset);
        assert_int_equal(digest.first[0].track, example->track);
        assert_int_equal(digest.first[0].tick, example->tick);
        expect_same_in_all_pieces(example->bytes, example->size);
    }
}

static void strict_reading_ends_at_the_first_problem(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(examples) / sizeof(examples[0]); ++i) {
        const struct example *const example = &examples[i];
        struct reading_digest digest;
        read_in_pieces(example->bytes, example->size, CUT_NOWHERE, true, &digest);
        assert_int_equal(digest.step, KM_MIDI_STEP_FAILED);
        assert_int_equal(digest.problem_count, 1);
        assert_int_equal(digest.error.status, KM_ERROR_INVALID);
        char place[256];
        const int length = snprintf(place, sizeof(place), "byte %d: %s", (int)example->offset,
                                    km_midi_fault_what(example->fault));
        assert_in_range(length, 1, sizeof(place) - 1);
        assert_int_equal(strncmp(digest.error.message, place, strlen(place)), 0);
        if (example->track >= 0) {
            char where[64];
            (void)snprintf(where, sizeof(where), " (track %d, tick %d)", (int)example->track,
                           (int)example->tick);
            assert_string_equal(digest.error.message + length, where);
        }
    }
}

static void a_right_file_has_no_problem(void **state)
{
    (void)state;
    static const struct {
        const unsigned char *bytes;
        size_t size;
    } cases[] = {
        {BYTES(ONE TRACK)},
        {BYTES(TWO TRACK "XFIH\0\0\0\4MTrk" TRACK "LAST\0\0\0\0")},
        {BYTES("MThd\0\0\0\x0A\0\1\0\1\1\xE0"
               "more" TRACK)},
        {BYTES("MThd\0\0\0\6\0\2\0\2\xE7\x28" TRACK TRACK)},
        {BYTES(ONE "MTrk\0\0\0\x16\0\xF0\2\x43\x12\0\xF7\2\x44\xF7\0\xF7\1\xF8\0\xFF\1\0" END)},
        {BYTES("RIFF\x2E\0\0\0RMIDLIST\1\0\0\0x\0data\x21\0\0\0" ONE TRACK "\0LIST\0\0\0\0")},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); ++i) {
        struct reading_digest digest;
        read_in_pieces(cases[i].bytes, cases[i].size, CUT_NOWHERE, true, &digest);
        assert_string_equal(digest.error.message, "");
        assert_int_equal(digest.step, KM_MIDI_STEP_END);
        assert_int_equal(digest.problem_count, 0);
        expect_same_in_all_pieces(cases[i].bytes, cases[i].size);
    }
}

static void a_refusal_names_byte_track_and_tick(void **state)
{
    (void)state;
    struct reading_digest digest;
    static const char bytes[] = TWO TRACK "MTrk\0\0\0\6\5\xF4" END;
    read_in_pieces(BYTES(bytes), 1, false, &digest);
    assert_int_equal(digest.step, KM_MIDI_STEP_FAILED);
    assert_string_equal(digest.error.message,
                        "byte 42: a status that files do not have (F1 to F6, F8 to FE) "
                        "(track 1, tick 0)");
    assert_int_equal(digest.event_count, 3); // What came before was read.
}

static void what_is_left_out_leaves_its_time(void **state)
{
    (void)state;
    struct km_heap *const heap = km_heap_new(NULL);
    struct km_midi_reader *const reader = km_midi_reader_new(heap, NULL);
    assert_non_null(reader);
    static const char bytes[] = ONE "MTrk\0\0\0\x10\7\xFF\x51\3\0\0\0\5\x90\x3C\x40" END;
    assert_int_equal(km_midi_reader_push(reader, bytes, sizeof(bytes) - 1), sizeof(bytes) - 1);
    km_midi_reader_finish(reader);
    struct km_midi_item items[6];
    for (size_t i = 0; i < 6; ++i) {
        assert_int_equal(km_midi_reader_next(reader, &items[i], NULL),
                         i < 5 ? KM_MIDI_STEP_ITEM : KM_MIDI_STEP_END);
    }
    assert_int_equal(items[2].type, KM_MIDI_ITEM_LEFT_OUT);
    assert_int_equal(items[2].size, 7);
    assert_int_equal(items[3].event.tick, 12);
    assert_true(items[3].is_repaired); // Its own delta is not the one to write.
    assert_int_equal(items[4].event.type, KM_EVENT_END_OF_TRACK);
    assert_false(items[4].is_repaired);
    km_midi_reader_free(reader);
    km_heap_free(heap);
}

// A file that grows in memory.
struct made {
    unsigned char *bytes;
    size_t size;
    size_t capacity;
};

static void make(struct made *made, const void *bytes, size_t size)
{
    if (made->size + size > made->capacity) {
        made->capacity = (made->size + size) * 2;
        made->bytes = realloc(made->bytes, made->capacity);
        assert_non_null(made->bytes);
    }
    memcpy(made->bytes + made->size, bytes, size);
    made->size += size;
}

static void make_times(struct made *made, const void *bytes, size_t size, size_t times)
{
    for (size_t i = 0; i < times; ++i) {
        make(made, bytes, size);
    }
}

#define MAKE(made, literal) make(made, (literal), sizeof(literal) - 1)

static void payloads_of_any_size_come_in_pieces(void **state)
{
    (void)state;
    enum { SIZE = 300000 };
    struct made made = {0};
    // 300,000 is 92 A7 60 as a quantity; the chunk is 13 bytes longer.
    MAKE(&made, ONE "MTrk\0\4\x93\xED\0\xF0\x92\xA7\x60");
    make_times(&made, "x", 1, SIZE - 1);
    MAKE(&made, "\xF7\3\x90\x3C\x40" END);
    struct reading_digest digest;
    read_in_pieces(made.bytes, made.size, CUT_NOWHERE, true, &digest);
    assert_string_equal(digest.error.message, "");
    assert_int_equal(digest.step, KM_MIDI_STEP_END);
    assert_int_equal(digest.counts[KM_MIDI_ITEM_PAYLOAD], 1);
    assert_int_equal(digest.event_count, 3);
    expect_same_in_all_pieces(made.bytes, made.size);
    free(made.bytes);
}

// A length that the file does not hold is refused where that shows, in the same memory.
static void claims_cost_nothing(void **state)
{
    (void)state;
    static const struct {
        const unsigned char *bytes;
        size_t size;
        const char *message;
    } cases[] = {
        {BYTES("MThd\xFF\xFF\xFF\xFF\0\1\0\1\1\xE0" TRACK),
         "byte 4: the header is longer than the file"},
        {BYTES(ONE "MTrk\0\0\0\x08\0\xFF\1\xFF\xFF\xFF\x7Fx"),
         "byte 22: the file ends within an event (track 0, tick 0)"},
        {BYTES(ONE "MTrk\xFF\xFF\xFF\xFF\0\xF0\xFF\xFF\xFF\x7Fx"),
         "byte 22: the file ends within an event (track 0, tick 0)"},
        {BYTES("RIFF\xFF\xFF\xFF\xFFRMIDdata\xFF\xFF\xFF\xFF" ONE TRACK),
         "byte 16: a RIFF chunk is longer than the file"},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); ++i) {
        struct reading_digest digest;
        read_in_pieces(cases[i].bytes, cases[i].size, CUT_NOWHERE, false, &digest);
        assert_int_equal(digest.step, KM_MIDI_STEP_FAILED);
        assert_string_equal(digest.error.message, cases[i].message);
        assert_int_equal(digest.allocations, 1);
        expect_same_in_all_pieces(cases[i].bytes, cases[i].size);
    }
}

// A big file whose payload claims more than there is: part of it is read before that shows.
static void a_payload_cut_far_behind_its_beginning_is_refused(void **state)
{
    (void)state;
    struct made made = {0};
    MAKE(&made, ONE "MTrk\x10\0\0\0\0\xF0\x8F\xFF\xFF\x7F");
    make_times(&made, "x", 1, 100000);
    struct reading_digest digest;
    read_in_pieces(made.bytes, made.size, CUT_NOWHERE, false, &digest);
    assert_string_equal(digest.error.message,
                        "byte 22: the file ends within an event (track 0, tick 0)");
    expect_same_in_all_pieces(made.bytes, made.size);
    free(made.bytes);
}

// An event that claims more than its long chunk holds: left out if the chunk is there, refused if
// the file ends before.
static void an_event_cut_far_ahead_is_left_out_if_its_chunk_is_there(void **state)
{
    (void)state;
    enum { CHUNK = 0x10000 };
    for (int is_whole = 0; is_whole < 2; ++is_whole) {
        struct made made = {0};
        MAKE(&made, TWO "MTrk\0\1\0\0" NOTE "\0\xF0\x8F\xFF\xFF\x7F");
        make_times(&made, "x", 1, is_whole ? CHUNK - 13 : CHUNK / 2);
        if (is_whole) {
            MAKE(&made, TRACK);
        }
        struct reading_digest digest;
        read_in_pieces(made.bytes, made.size, CUT_NOWHERE, false, &digest);
        if (is_whole) {
            assert_int_equal(digest.step, KM_MIDI_STEP_END);
            assert_int_equal(digest.event_count, 6);
            assert_int_equal(digest.problem_count, 1);
            assert_int_equal(digest.first[0].fault, KM_MIDI_FAULT_CUT_EVENT);
            assert_int_equal(digest.first[0].offset, 29);
        } else {
            assert_string_equal(digest.error.message,
                                "byte 29: the file ends within an event (track 0, tick 96)");
        }
        expect_same_in_all_pieces(made.bytes, made.size);
        free(made.bytes);
    }
}

// Where a wrong length lies within the look-ahead of what it hides, and just beyond.
static void looks_ahead_alike_from_every_source(void **state)
{
    (void)state;
    static const size_t distances[] = {1,
                                       KM_MIDI_LOOK_AHEAD - 12,
                                       KM_MIDI_LOOK_AHEAD - 4,
                                       KM_MIDI_LOOK_AHEAD - 3,
                                       KM_MIDI_LOOK_AHEAD - 1,
                                       KM_MIDI_LOOK_AHEAD,
                                       KM_MIDI_LOOK_AHEAD + 1,
                                       (size_t)3 * KM_MIDI_LOOK_AHEAD,
                                       (size_t)6 * KM_MIDI_LOOK_AHEAD};
    for (size_t i = 0; i < sizeof(distances) / sizeof(distances[0]); ++i) {
        // Too short: End of Track comes that much later. Too long: the next track does.
        struct made made = {0};
        MAKE(&made, TWO "MTrk\0\0\0\4\0\x90\x3C\x40");
        make_times(&made, "\0\x3C\x40", 3, distances[i] / 3);
        MAKE(&made, END);
        MAKE(&made, "MTrk\0\7\0\0" NOTE END);
        make_times(&made, "\0", 1, distances[i]);
        MAKE(&made, TRACK);
        struct reading_digest digest;
        read_in_pieces(made.bytes, made.size, CUT_NOWHERE, false, &digest);
        assert_int_equal(digest.step, KM_MIDI_STEP_END);
        assert_int_equal(digest.counts[KM_MIDI_ITEM_TRACK], 3); // The header counts one too few.
        assert_int_equal(digest.first[0].fault, KM_MIDI_FAULT_TRACK_TOO_SHORT);
        assert_int_equal(digest.event_count, 1 + distances[i] / 3 + 1 + 3 + 3);
        expect_same_in_all_pieces(made.bytes, made.size);
        free(made.bytes);
    }
}

// A writer that never came to fill in a track's length, with End of Track or without, and then
// bytes that are no music.
static void a_track_without_length_goes_on_while_it_is_music(void **state)
{
    (void)state;
    static const struct {
        const char *end;
        size_t size;
        uint64_t events; // Of 100,000 and those of another track.
        enum km_midi_fault last;
    } cases[] = {
        {END, 4, 100001, KM_MIDI_FAULT_TRACK_TOO_SHORT},
        {"", 0, 100001, KM_MIDI_FAULT_MISSING_END},
        {"\0\xFF\1", 3, 100001, KM_MIDI_FAULT_CUT_EVENT},
        {"\0\xF4\0\0", 4, 100001, KM_MIDI_FAULT_NO_EVENT},
        {TRACK, sizeof(TRACK) - 1, 100004, KM_MIDI_FAULT_MISSING_END},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); ++i) {
        struct made made = {0};
        MAKE(&made, ONE "MTrk\0\0\0\0\0\x90\x3C\x40");
        make_times(&made, "\x81\0\xB0\7\x64\3\x90\x3C\x40", 9, 99999 / 2);
        MAKE(&made, "\0\x3C\0");
        make(&made, cases[i].end, cases[i].size);
        struct reading_digest digest;
        read_in_pieces(made.bytes, made.size, CUT_NOWHERE, false, &digest);
        assert_int_equal(digest.step, KM_MIDI_STEP_END);
        assert_int_equal(digest.event_count, cases[i].events);
        assert_int_equal(digest.first[0].fault, KM_MIDI_FAULT_TRACK_TOO_SHORT);
        const size_t last = cases[i].last == KM_MIDI_FAULT_TRACK_TOO_SHORT ? 0 : 1;
        assert_int_equal(digest.first[last].fault, cases[i].last);
        struct reading_digest cut;
        read_in_pieces(made.bytes, made.size, CUT_RANDOMLY, false, &cut);
        assert_true(is_same_reading(&digest, &cut));
        free(made.bytes);
    }
}

// What comes after a chunk without End of Track, and is no music, is left out.
static void a_track_does_not_go_on_into_other_bytes(void **state)
{
    (void)state;
    static const struct {
        const char *bytes;
        size_t size;
    } cases[] = {{"\0", 1}, {"\xE5\x3C", 2}, {"\xFF\xD8\xFF\xE0", 4}, {"\x7F\x80\1", 3}};
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); ++i) {
        struct made made = {0};
        MAKE(&made, ONE "MTrk\0\0\0\4\0\x90\x3C\x40");
        make_times(&made, cases[i].bytes, cases[i].size, 40000);
        struct reading_digest digest;
        read_in_pieces(made.bytes, made.size, CUT_NOWHERE, false, &digest);
        assert_int_equal(digest.step, KM_MIDI_STEP_END);
        assert_int_equal(digest.event_count, 2);
        assert_int_equal(digest.problem_count, 2);
        assert_int_equal(digest.first[0].fault, KM_MIDI_FAULT_MISSING_END);
        assert_int_equal(digest.first[1].fault, KM_MIDI_FAULT_STRAY_BYTES);
        free(made.bytes);
    }
}

// A chunk of another program, of any size, and one whose length cannot be.
static void unknown_chunks_are_handed_on_or_searched(void **state)
{
    (void)state;
    static const size_t sizes[] = {0, 1, KM_MIDI_LOOK_AHEAD, KM_MIDI_LOOK_AHEAD + 1, 200000};
    for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); ++i) {
        struct made made = {0};
        const unsigned char length[] = {0, (unsigned char)(sizes[i] >> 16),
                                        (unsigned char)(sizes[i] >> 8), (unsigned char)sizes[i]};
        MAKE(&made, TWO TRACK "ABCD");
        make(&made, length, sizeof(length));
        make_times(&made, "M", 1, sizes[i]);
        MAKE(&made, TRACK);
        struct reading_digest digest;
        read_in_pieces(made.bytes, made.size, CUT_NOWHERE, true, &digest);
        assert_string_equal(digest.error.message, "");
        assert_int_equal(digest.counts[KM_MIDI_ITEM_CHUNK], 1);
        assert_int_equal(digest.event_count, 6);
        expect_same_in_all_pieces(made.bytes, made.size);
        free(made.bytes);
    }
    struct made text = {0};
    MAKE(&text, TWO TRACK);
    make_times(&text, "hello ", 6, 10000); // "o he" is a length of 1.8 GB.
    MAKE(&text, TRACK);
    struct reading_digest digest;
    read_in_pieces(text.bytes, text.size, CUT_NOWHERE, false, &digest);
    assert_int_equal(digest.event_count, 6);
    assert_int_equal(digest.problem_count, 1);
    assert_int_equal(digest.first[0].fault, KM_MIDI_FAULT_STRAY_BYTES);
    expect_same_in_all_pieces(text.bytes, text.size);
    // A large chunk that the file cuts.
    text.size = 0;
    MAKE(&text, ONE TRACK "ABCD\0\1\0\0");
    make_times(&text, "x", 1, 0x8000);
    read_in_pieces(text.bytes, text.size, CUT_NOWHERE, false, &digest);
    assert_int_equal(digest.step, KM_MIDI_STEP_END);
    assert_int_equal(digest.first[0].fault, KM_MIDI_FAULT_CUT_CHUNK);
    assert_int_equal(digest.first[0].offset, 37);
    expect_same_in_all_pieces(text.bytes, text.size);
    free(text.bytes);
}

static void looks_for_the_header_so_far_and_no_further(void **state)
{
    (void)state;
    enum { MOST = 1 << 20 }; // As docs/midi-tolerance.md says.
    for (size_t more = 0; more < 2; ++more) {
        struct made made = {0};
        make_times(&made, "\0", 1, MOST + more);
        MAKE(&made, ONE TRACK);
        struct reading_digest digest;
        read_in_pieces(made.bytes, made.size, CUT_NOWHERE, false, &digest);
        assert_int_equal(digest.step, more == 0 ? KM_MIDI_STEP_END : KM_MIDI_STEP_FAILED);
        assert_int_equal(digest.bytes, more == 0 ? made.size : MOST);
        struct reading_digest cut;
        read_in_pieces(made.bytes, made.size, CUT_RANDOMLY, false, &cut);
        assert_true(is_same_reading(&digest, &cut));
        free(made.bytes);
    }
}

// A file made of a beginning, copies of a piece, and End of Track.
struct repeated {
    const char *beginning;
    size_t beginning_size;
    const char *piece;
    size_t piece_size;
    size_t left; // Of all parts.
    size_t times;
};

// Pushes as many parts as there is room for.
static void push_parts(struct km_midi_reader *reader, struct repeated *from)
{
    const size_t most = from->beginning_size + from->piece_size + 8;
    size_t room = 0;
    (void)km_midi_reader_room(reader, &room);
    while (from->left > 0 && room > most) {
        const bool is_first = from->left > from->times + 1;
        const char *const bytes = is_first ? from->beginning : from->left > 1 ? from->piece : END;
        const size_t size = is_first ? from->beginning_size : from->left > 1 ? from->piece_size : 4;
        assert_int_equal(km_midi_reader_push(reader, bytes, size), size);
        (void)km_midi_reader_room(reader, &room);
        --from->left;
    }
    if (from->left == 0) {
        km_midi_reader_finish(reader);
    }
}

// Tells events, the last tick, and memory.
static struct reading_digest push_many(struct repeated from)
{
    struct reading_digest digest = {.step = KM_MIDI_STEP_MORE};
    struct km_heap *const heap = km_heap_new(NULL);
    struct km_midi_reader *const reader = km_midi_reader_new(heap, NULL);
    assert_non_null(reader);
    from.left = from.times + 2;
    while (digest.step == KM_MIDI_STEP_ITEM || digest.step == KM_MIDI_STEP_MORE) {
        struct km_midi_item item;
        digest.step = km_midi_reader_next(reader, &item, &digest.error);
        if (digest.step == KM_MIDI_STEP_ITEM) {
            digest.event_count += item.type == KM_MIDI_ITEM_EVENT;
            digest.track_tick = item.event.tick;
        } else if (digest.step == KM_MIDI_STEP_MORE) {
            push_parts(reader, &from);
        }
    }
    digest.peak_bytes = km_heap_usage(heap, KM_ACCOUNT_WORKING).peak_bytes;
    digest.allocations = km_heap_usage(heap, KM_ACCOUNT_WORKING).allocations;
    km_midi_reader_free(reader);
    km_heap_free(heap);
    return digest;
}

#define PUSH_MANY(beginning, piece, times)                                                         \
    push_many(                                                                                     \
        (struct repeated){beginning, sizeof(beginning) - 1, piece, sizeof(piece) - 1, 0, times})

static void memory_is_the_same_for_every_file(void **state)
{
    (void)state;
    enum { MEMORY_MAX = KM_MIDI_READER_BUFFER_SIZE + 4096 };
    // Ten million events at tick 0, a third of them notes never ended.
    struct reading_digest digest =
        PUSH_MANY(ONE "MTrk\xFF\xFF\xFF\xFF\0\x90\x3C\x40", "\0\x3C\x40\0\x3D\0\0\x3E\0", 3333333);
    assert_int_equal(digest.step, KM_MIDI_STEP_END);
    assert_int_equal(digest.event_count, 10000001);
    assert_int_equal(digest.track_tick, 0);
    assert_int_equal(digest.allocations, 1);
    assert_in_range(digest.peak_bytes, 1, MEMORY_MAX);
    // A hundred thousand tempo changes.
    digest = PUSH_MANY(ONE "MTrk\xFF\xFF\xFF\xFF", "\1\xFF\x51\3\x07\xA1\x20", 100000);
    assert_int_equal(digest.step, KM_MIDI_STEP_END);
    assert_int_equal(digest.event_count, 100001);
    assert_int_equal(digest.track_tick, 100000);
    assert_in_range(digest.peak_bytes, 1, MEMORY_MAX);
    // 65,535 tracks, and one that 4 more bytes of another chunk end.
    digest = PUSH_MANY("MThd\0\0\0\6\0\1\xFF\xFF\1\xE0", "MTrk\0\0\0\4" END, 65535);
    assert_int_equal(digest.step, KM_MIDI_STEP_END);
    assert_int_equal(digest.event_count, 65535);
    assert_in_range(digest.peak_bytes, 1, MEMORY_MAX);
    // The largest deltas: 200,000 of them are far more than 32 bits of ticks.
    digest = PUSH_MANY(ONE "MTrk\xFF\xFF\xFF\xFF", "\xFF\xFF\xFF\x7F\x90\x3C\x40", 200000);
    assert_int_equal(digest.step, KM_MIDI_STEP_END);
    assert_int_equal(digest.track_tick, UINT64_C(200000) * 0x0FFFFFFF);
}

static void without_memory_there_is_no_reader(void **state)
{
    (void)state;
    struct km_heap *const heap = km_heap_new(&(struct km_heap_config){.fail_at = 1});
    assert_non_null(heap);
    assert_null(km_midi_reader_new(heap, NULL));
    km_heap_fail_at(heap, 0);
    struct km_midi_reader *const reader = km_midi_reader_new(heap, NULL);
    assert_non_null(reader);
    km_midi_reader_free(reader);
    km_midi_reader_free(NULL);
    km_heap_free(heap);
}

static void every_fault_has_a_name_and_two_sentences(void **state)
{
    (void)state;
    for (int i = 0; i < KM_MIDI_FAULTS_COUNT; ++i) {
        const char *const name = km_midi_fault_name((enum km_midi_fault)i);
        assert_in_range(strlen(name), 4, 40);
        assert_int_equal(strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789-"), strlen(name));
        assert_in_range(strlen(km_midi_fault_what((enum km_midi_fault)i)), 8, 120);
        assert_in_range(strlen(km_midi_fault_done((enum km_midi_fault)i)), 8, 160);
        for (int j = 0; j < i; ++j) {
            assert_string_not_equal(name, km_midi_fault_name((enum km_midi_fault)j));
        }
    }
}

// docs/midi-tolerance.md has a row for each fault.
static void every_fault_is_explained(void **state)
{
    (void)state;
    const char *const tests_folder = getenv("KMIDI_TESTS");
    if (!tests_folder) {
        print_message("# skipped: KMIDI_TESTS does not tell where the tests are\n");
        skip();
    }
    char path[4096];
    (void)snprintf(path, sizeof(path), "%s/../docs/midi-tolerance.md", tests_folder);
    FILE *const file = fopen(path, "rb");
    assert_non_null(file);
    static char text[1 << 17];
    const size_t size = fread(text, 1, sizeof(text) - 1, file);
    fclose(file);
    text[size] = '\0';
    for (int i = 0; i < KM_MIDI_FAULTS_COUNT; ++i) {
        char row[80];
        (void)snprintf(row, sizeof(row), "\n| `%s` | ", km_midi_fault_name((enum km_midi_fault)i));
        if (!strstr(text, row)) {
            print_message("# docs/midi-tolerance.md has no row for %s\n", row + 3);
        }
        assert_non_null(strstr(text, row));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_problem_has_its_place),
        cmocka_unit_test(strict_reading_ends_at_the_first_problem),
        cmocka_unit_test(a_right_file_has_no_problem),
        cmocka_unit_test(a_refusal_names_byte_track_and_tick),
        cmocka_unit_test(what_is_left_out_leaves_its_time),
        cmocka_unit_test(payloads_of_any_size_come_in_pieces),
        cmocka_unit_test(claims_cost_nothing),
        cmocka_unit_test(a_payload_cut_far_behind_its_beginning_is_refused),
        cmocka_unit_test(an_event_cut_far_ahead_is_left_out_if_its_chunk_is_there),
        cmocka_unit_test(looks_ahead_alike_from_every_source),
        cmocka_unit_test(a_track_without_length_goes_on_while_it_is_music),
        cmocka_unit_test(a_track_does_not_go_on_into_other_bytes),
        cmocka_unit_test(unknown_chunks_are_handed_on_or_searched),
        cmocka_unit_test(looks_for_the_header_so_far_and_no_further),
        cmocka_unit_test(memory_is_the_same_for_every_file),
        cmocka_unit_test(without_memory_there_is_no_reader),
        cmocka_unit_test(every_fault_has_a_name_and_two_sentences),
        cmocka_unit_test(every_fault_is_explained),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
