// SPDX-License-Identifier: MIT

// MIDI 2.0 clip files: read, written, broken. Needs KMIDI_DATA for the files of others.

#include "midi/clip_writer.h"

#include "midi/resolution.h"
#include "unit/midi/clip_support.h"
#include "unit/midi/midi_random.h"

#include <stdio.h>
#include <stdlib.h>

enum { CLIP_SIZE_MAX = 1 << 23, PATH_SIZE = 512, PROBLEMS_MAX = 16 };

static unsigned char content[CLIP_SIZE_MAX];
static unsigned char clip[CLIP_SIZE_MAX];
static unsigned char other[CLIP_SIZE_MAX];

static size_t load(const char *folder, const char *name)
{
    const char *const data = getenv("KMIDI_DATA");
    char path[PATH_SIZE];
    (void)snprintf(path, sizeof(path), "%s/edge/%s/%s", data ? data : "", folder, name);
    FILE *const file = fopen(path, "rb");
    if (!file) {
        print_message("no %s: set KMIDI_DATA\n", path);
        skip();
        return 0;
    }
    const size_t size = fread(content, 1, sizeof(content), file);
    fclose(file);
    return size;
}

static size_t load_clip(const char *name)
{
    return load("jazz_soft/midi2", name);
}

static struct fixture read_bytes(const unsigned char *bytes, size_t size, uint32_t warnings)
{
    struct fixture fixture = fixture_of(1, 0);
    struct km_midi_warnings told;
    assert_int_equal(km_midi_file_read(&fixture.file, bytes, size, &told, &fixture.error), KM_OK);
    assert_int_equal(told.count, warnings);
    return fixture;
}

static void expect_text(const struct fixture *fixture, size_t index, uint64_t tick, uint8_t meta,
                        const char *text)
{
    const struct km_event *const event = &fixture->file.tracks[0].events[index];
    assert_int_equal(event->type, KM_EVENT_META);
    assert_int_equal(event->number, meta);
    assert_int_equal(event->tick, tick);
    size_t size = 0;
    const unsigned char *const bytes = km_midi_file_payload(&fixture->file, event->detail, &size);
    assert_int_equal(size, strlen(text));
    assert_memory_equal(bytes, text, size);
}

static void reads_a_scale_of_either_protocol(void **state)
{
    (void)state;
    static const char *const names[] = {
        "test-c-major-scale-m1-g0.midi2", "test-c-major-scale-m1-g1.midi2",
        "test-c-major-scale-m2-g0.midi2", "test-c-major-scale-m2-g1.midi2"};
    static const uint8_t keys[] = {60, 62, 64, 65, 67, 69, 71, 72};
    for (int i = 0; i < 4; ++i) {
        const size_t size = load_clip(names[i]);
        struct fixture fixture = read_bytes(content, size, 1); // The tempo has no clockstamp.
        const struct km_midi_track *const track = &fixture.file.tracks[0];
        assert_int_equal(fixture.file.division, 96);
        assert_int_equal(track->count, 18);
        assert_int_equal(track->events[0].type, KM_EVENT_TEMPO);
        assert_int_equal(track->events[0].detail, 500000);
        for (size_t note = 0; note < 8; ++note) {
            const struct km_event *const on = &track->events[1 + 2 * note];
            assert_int_equal(on->type, KM_EVENT_NOTE_ON);
            assert_int_equal(on->tick, 96 * note);
            assert_int_equal(on->number, keys[note]);
            assert_int_equal(on->value, 127);
            assert_int_equal(km_event_velocity16(on), 0xFFFF);
            assert_int_equal(on[1].type, KM_EVENT_NOTE_OFF);
            assert_int_equal(on[1].tick, 96 * note + 96);
        }
        fixture_release(&fixture);
    }
}

static void joins_texts_of_several_packets(void **state)
{
    (void)state;
    const size_t size = load_clip("test-text-message.midi2");
    struct fixture fixture = read_bytes(content, size, 0);
    expect_text(&fixture, 0, 0, KM_META_TRACK_NAME, "Text Message Test");
    expect_text(&fixture, 1, 0, KM_META_COPYRIGHT, "https:/jazz-soft.net");
    expect_text(&fixture, 3, 0, KM_META_TEXT, "Metadata per group");
    expect_text(&fixture, 18, UINT64_C(96) * 7, KM_META_TEXT,
                "Accompanying Performer Name per channel");
    expect_text(&fixture, 25, UINT64_C(96) * 11, KM_META_LYRIC, "Lyrics per group");
    fixture_release(&fixture);
}

static void joins_a_sysex_message_and_gives_it_its_end(void **state)
{
    (void)state;
    const size_t size = load_clip("test-gs-doggy-01-00-7b.midi2");
    struct fixture fixture = read_bytes(content, size, 0);
    const struct km_event *const event = &fixture.file.tracks[0].events[4];
    assert_int_equal(event->type, KM_EVENT_SYSEX);
    assert_int_equal(event->number, 0xF0);
    size_t bytes_size = 0;
    const unsigned char *const bytes =
        km_midi_file_payload(&fixture.file, event->detail, &bytes_size);
    assert_int_equal(bytes_size, 10);
    assert_memory_equal(bytes, "\x41\x7F\x42\x12\x40\x00\x7F\x00\x41\xF7", 10); // GS reset.
    assert_int_equal(event[1].type, KM_EVENT_CONTROL); // The bank, before its program.
    assert_int_equal(event[3].type, KM_EVENT_PROGRAM);
    assert_int_equal(event[3].number, 0x7B);
    fixture_release(&fixture);
}

// Problems by fault.
struct told {
    uint32_t counts[KM_MIDI_FAULTS_COUNT];
    struct km_midi_problem first;
    uint32_t total;
};

static void note_problem(void *context, const struct km_midi_problem *problem)
{
    struct told *const told = context;
    ++told->counts[problem->fault];
    told->first = told->total++ == 0 ? *problem : told->first;
}

// Reads to the end or to a failure.
static enum km_midi_step tell_problems(const unsigned char *bytes, size_t size, bool is_strict,
                                       struct told *told)
{
    struct km_heap *const heap = km_heap_new(NULL);
    *told = (struct told){0};
    const struct km_midi_reader_config config = {
        .listener = {.tell = note_problem, .context = told}, .is_strict = is_strict};
    struct km_midi_reader *const reader = km_midi_reader_new(heap, &config);
    size_t pushed = 0;
    struct km_midi_item item;
    struct km_error error = {0};
    enum km_midi_step step = KM_MIDI_STEP_ITEM;
    while (step == KM_MIDI_STEP_ITEM || step == KM_MIDI_STEP_MORE) {
        step = km_midi_reader_next(reader, &item, &error);
        if (step == KM_MIDI_STEP_MORE) {
            const size_t taken = km_midi_reader_push(reader, bytes + pushed, size - pushed);
            pushed += taken;
            if (taken == 0) {
                km_midi_reader_finish(reader);
            }
        }
    }
    assert_int_equal(step == KM_MIDI_STEP_FAILED, error.message[0] != '\0');
    km_midi_reader_free(reader);
    km_heap_free(heap);
    return step;
}

static void what_is_out_of_order_is_left_out_and_told(void **state)
{
    (void)state;
    struct told told;
    size_t size = load_clip("test-out-of-order-text.midi2");
    assert_int_equal(tell_problems(content, size, false, &told), KM_MIDI_STEP_END);
    assert_int_equal(told.counts[KM_MIDI_FAULT_CLIP_OUT_OF_ORDER], 4);
    assert_int_equal(told.counts[KM_MIDI_FAULT_CLIP_OPEN_TEXT], 1);
    assert_int_equal(told.total, 5);
    assert_int_equal(tell_problems(content, size, true, &told), KM_MIDI_STEP_FAILED);
    assert_int_equal(told.total, 1);

    size = load_clip("test-out-of-order-sysex.midi2");
    assert_int_equal(tell_problems(content, size, false, &told), KM_MIDI_STEP_END);
    assert_int_equal(told.counts[KM_MIDI_FAULT_CLIP_OUT_OF_ORDER], 3);
    assert_int_equal(told.counts[KM_MIDI_FAULT_OPEN_SYSEX], 1);

    size = load_clip("test-out-of-order-data.midi2");
    assert_int_equal(tell_problems(content, size, false, &told), KM_MIDI_STEP_END);
    assert_int_equal(told.counts[KM_MIDI_FAULT_CLIP_OUT_OF_ORDER], 4);
    assert_int_equal(told.counts[KM_MIDI_FAULT_OPEN_SYSEX], 1);
}

static void files_are_read_or_refused_as_their_names_say(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        enum km_midi_step end;
        uint32_t problems;
    } cases[] = {
        {"test-minimal.midi2", KM_MIDI_STEP_END, 0},
        {"test-no-header.midi2", KM_MIDI_STEP_END, 1},
        {"test-empty.midi2", KM_MIDI_STEP_FAILED, 1},
        {"test-empty-file.midi2", KM_MIDI_STEP_FAILED, 0},
        {"test-not-a-midi-file.midi2", KM_MIDI_STEP_FAILED, 0},
        {"test-data.midi2", KM_MIDI_STEP_END, 0},
        {"test-xg-doggy-40-00-30.midi2", KM_MIDI_STEP_END, 0},
        {"test-gm2-doggy-79-01-7b.midi2", KM_MIDI_STEP_END, 0},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); ++i) {
        struct told told;
        const size_t size = load_clip(cases[i].name);
        assert_int_equal(tell_problems(content, size, false, &told), cases[i].end);
        assert_int_equal(told.total, cases[i].problems);
    }
}

// What a file is when all its tracks are one, as a clip has it.
static struct fixture merged_of(struct km_midi_file *file)
{
    const uint16_t format = file->format;
    size_t size = 0;
    struct km_error error;
    file->format = 0;
    assert_int_equal(write_to(file, other, sizeof(other), &size, &error), KM_OK);
    file->format = format;
    struct fixture merged = fixture_of(0, 0);
    assert_int_equal(km_midi_file_read(&merged.file, other, size, NULL, &error), KM_OK);
    return merged;
}

static void expect_same_after_clip(struct km_midi_file *file, enum km_ump_protocol protocol)
{
    struct fixture merged = merged_of(file);
    const size_t size = clip_of(&merged.file, protocol, clip, sizeof(clip));
    assert_true(size > 0);
    struct km_midi_warnings warnings;
    struct fixture back = fixture_of(0, 0);
    assert_int_equal(km_midi_file_read(&back.file, clip, size, &warnings, &back.error), KM_OK);
    if (protocol == KM_UMP_PROTOCOL_MIDI1) {
        assert_true(is_same_file(&merged.file, &back.file));
    }
    // As a Standard MIDI File, which has no finer values, they are the same bytes.
    size_t before = 0;
    size_t after = 0;
    assert_int_equal(write_to(&merged.file, content, sizeof(content), &before, &back.error), KM_OK);
    assert_int_equal(write_to(&back.file, other, sizeof(other), &after, &back.error), KM_OK);
    assert_int_equal(before, after);
    assert_memory_equal(content, other, before);
    assert_int_equal(clip_of(&back.file, protocol, other, sizeof(other)), size);
    assert_memory_equal(clip, other, size);
    fixture_release(&merged);
    fixture_release(&back);
}

static void random_files_come_back_from_a_clip_as_they_were(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= 60; ++seed) {
        struct km_random random;
        km_random_init(&random, seed, "clip");
        struct fixture fixture = fixture_of(1, 0);
        fill_randomly(&fixture.file, &random, 4, 300);
        fixture.file.division = (uint16_t)(1 + km_random_below(&random, 32767));
        for (size_t i = 0; i < fixture.file.track_count; ++i) {
            struct km_midi_track *const track = &fixture.file.tracks[i];
            for (size_t j = 0; j < track->count; ++j) { // Longer ones come in parts.
                size_t size = 0;
                struct km_event *const event = &track->events[j];
                if (event->type == KM_EVENT_SYSEX) {
                    (void)km_midi_file_payload(&fixture.file, event->detail, &size);
                    event->number = size > 2000 ? 0xF7 : 0xF0;
                }
            }
        }
        expect_same_after_clip(&fixture.file, KM_UMP_PROTOCOL_MIDI1);
        expect_same_after_clip(&fixture.file, KM_UMP_PROTOCOL_MIDI2);
        fixture_release(&fixture);
    }
}

static void real_files_come_back_from_a_clip_as_they_were(void **state)
{
    (void)state;
    static const char *const names[] = {
        "ok_minimal_fmt0.mid",     "ok_noteoff_vel.mid",        "ok_escape_F7_realtime.mid",
        "ok_sysex_split_F7.mid",   "ok_utf8_lyric.mid",         "ok_sequencer_specific.mid",
        "ok_empty_meta_text.mid",  "ok_max_vlq_delta.mid",      "lenient_keysig_out_of_range.mid",
        "lenient_sysex_no_F7.mid", "stress_20k_stuck_notes.mid"};
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); ++i) {
        const size_t size = load("handmade", names[i]);
        struct fixture fixture = fixture_of(1, 0);
        assert_int_equal(km_midi_file_read(&fixture.file, content, size, NULL, &fixture.error),
                         KM_OK);
        expect_same_after_clip(&fixture.file, KM_UMP_PROTOCOL_MIDI1);
        expect_same_after_clip(&fixture.file, KM_UMP_PROTOCOL_MIDI2);
        fixture_release(&fixture);
    }
}

// Texts that MIDI 2.0 cannot say as texts.
static void texts_that_are_no_utf8_come_back_as_they_were(void **state)
{
    (void)state;
    struct fixture fixture = fixture_of(0, 1);
    static const char *const texts[] = {"", "\xE9t\xE9", "exactly twelv", "exactly  12!",
                                        "\xED\xA0\xB4"};
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); ++i) {
        add_text(&fixture.file, 0, i, KM_META_LYRIC, texts[i]);
        add_text(&fixture.file, 0, i, KM_META_MARKER, texts[i]);
    }
    struct km_event zeros = {.tick = 9, .type = KM_EVENT_META, .number = KM_META_TEXT};
    assert_int_equal(km_midi_file_add_payload(&fixture.file, "a\0b\0", 4, &zeros.detail), KM_OK);
    add(&fixture.file, 0, zeros);
    add(&fixture.file, 0, end_of_track(9));
    expect_same_after_clip(&fixture.file, KM_UMP_PROTOCOL_MIDI1);
    fixture_release(&fixture);
}

// A long message comes in parts, whose bytes are those of the whole.
static void a_long_sysex_message_comes_in_parts(void **state)
{
    (void)state;
    enum { SIZE = 100000 };
    struct fixture fixture = fixture_of(0, 1);
    for (size_t i = 0; i < SIZE; ++i) {
        other[i] = i + 1 < SIZE ? (unsigned char)(i % 127) : 0xF7;
    }
    struct km_event event = {.type = KM_EVENT_SYSEX, .number = 0xF0};
    assert_int_equal(km_midi_file_add_payload(&fixture.file, other, SIZE, &event.detail), KM_OK);
    add(&fixture.file, 0, event);
    const size_t size = clip_of(&fixture.file, KM_UMP_PROTOCOL_MIDI1, clip, sizeof(clip));
    struct fixture back = read_bytes(clip, size, 0);
    const struct km_midi_track *const track = &back.file.tracks[0];
    assert_true(track->count > 2);
    size_t at = 0;
    for (size_t i = 0; i + 1 < track->count; ++i) {
        size_t part = 0;
        const unsigned char *const bytes =
            km_midi_file_payload(&back.file, track->events[i].detail, &part);
        assert_int_equal(track->events[i].number, i == 0 ? 0xF0 : 0xF7);
        assert_true(part <= SIZE - at);
        assert_memory_equal(bytes, other + at, part);
        at += part;
    }
    assert_int_equal(at, SIZE);
    fixture_release(&fixture);
    fixture_release(&back);
}

static size_t small_clip(void)
{
    struct fixture fixture = fixture_of(0, 1);
    add_text(&fixture.file, 0, 0, KM_META_TRACK_NAME, "a name of two packets");
    add(&fixture.file, 0, (struct km_event){.type = KM_EVENT_TEMPO, .detail = 400000});
    add_sysex(&fixture.file, 0, 3, 0xF0, "\x7E\x7F\x09\x01\x02\x03\x04\xF7");
    add_text(&fixture.file, 0, 4, KM_META_MARKER, "wrapped");
    add(&fixture.file, 0, note_on(5, 3, 60, 100));
    add(&fixture.file, 0, note_off(9, 3, 60, 10));
    add(&fixture.file, 0, end_of_track(20));
    const size_t size = clip_of(&fixture.file, KM_UMP_PROTOCOL_MIDI2, clip, sizeof(clip));
    fixture_release(&fixture);
    return size;
}

static void expect_sound(struct km_heap *heap, const unsigned char *bytes, size_t size)
{
    const struct reading_sum whole = read_in_pieces(heap, bytes, size, size + 1);
    const struct reading_sum parts = read_in_pieces(heap, bytes, size, 1);
    assert_true(whole.covers && parts.covers);
    assert_true(whole.hash == parts.hash && whole.end == parts.end);
    assert_true(whole.end == KM_MIDI_STEP_END || whole.end == KM_MIDI_STEP_FAILED);
}

static void a_clip_cut_at_every_byte_is_read_or_refused(void **state)
{
    (void)state;
    struct km_heap *const heap = km_heap_new(NULL);
    const size_t size = small_clip();
    uint64_t ends = 0;
    for (size_t cut = 0; cut < size; ++cut) {
        expect_sound(heap, clip, cut);
        ends += read_in_pieces(heap, clip, cut, size).end == KM_MIDI_STEP_END;
    }
    assert_in_range(ends, 4, size / 4); // Between packets the end alone is missing.
    km_heap_free(heap);
}

static void a_clip_with_any_bit_flipped_is_read_or_refused(void **state)
{
    (void)state;
    struct km_heap *const heap = km_heap_new(NULL);
    const size_t size = small_clip();
    for (size_t bit = 0; bit < 8 * size; ++bit) {
        clip[bit / 8] ^= (unsigned char)(1U << bit % 8);
        expect_sound(heap, clip, size);
        clip[bit / 8] ^= (unsigned char)(1U << bit % 8);
    }
    km_heap_free(heap);
}

static void refuses_what_cannot_be_said(void **state)
{
    (void)state;
    static const struct km_event cases[] = {
        {.type = KM_EVENT_NOTE_ON, .channel = 16, .number = 60, .value = 1},
        {.type = KM_EVENT_CONTROL, .number = 128},
        {.type = KM_EVENT_CONTROL, .value = 128},
        {.type = KM_EVENT_TEMPO},
        {.type = KM_EVENT_META, .number = KM_META_TEMPO, .detail = 3},
        {.type = KM_EVENT_META, .number = 128},
        {.type = KM_EVENT_SYSEX, .number = 0xF1},
        {.tick = (uint64_t)KM_MIDI_DELTA_MAX + 1, .type = KM_EVENT_CONTROL},
        {.type = KM_EVENT_TYPES_COUNT},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); ++i) {
        struct km_sink_memory memory = {.bytes = clip, .size = sizeof(clip)};
        struct km_sink sink = km_sink_to_memory(&memory);
        static struct km_clip_writer writer;
        struct km_error error = {0};
        km_clip_writer_init(&writer, &sink, &(struct km_clip_writer_config){.division = 96});
        assert_int_equal(km_clip_writer_event(&writer, &cases[i], 0, &error), KM_ERROR_INVALID);
        assert_string_not_equal(error.message, "");
    }
    struct fixture smpte = fixture_of(0, 1);
    smpte.file.division = 0xE728;
    assert_int_equal(clip_of(&smpte.file, KM_UMP_PROTOCOL_MIDI1, clip, sizeof(clip)), 0);
    fixture_release(&smpte);
}

static void refuses_what_comes_earlier_or_after_the_end(void **state)
{
    (void)state;
    struct km_sink_memory memory = {.bytes = clip, .size = sizeof(clip)};
    struct km_sink sink = km_sink_to_memory(&memory);
    static struct km_clip_writer writer;
    const struct km_event on = note_on(10, 0, 60, 1);
    const struct km_event early = note_off(9, 0, 60, 1);
    km_clip_writer_init(&writer, &sink, &(struct km_clip_writer_config){.division = 96});
    assert_int_equal(km_clip_writer_event(&writer, &on, 15, NULL), KM_OK);
    assert_int_equal(km_clip_writer_event(&writer, &early, 15, NULL), KM_ERROR_INVALID);
    assert_int_equal(km_clip_writer_finish(&writer, 5, NULL), KM_OK);
    assert_int_equal(km_clip_writer_event(&writer, &on, 15, NULL), KM_ERROR_INVALID);
}

static void tells_a_sink_that_is_full(void **state)
{
    (void)state;
    const size_t size = small_clip();
    struct fixture fixture = read_bytes(clip, size, 0);
    for (size_t room = 0; room < size; room += 13) {
        assert_int_equal(clip_of(&fixture.file, KM_UMP_PROTOCOL_MIDI2, other, room), 0);
    }
    fixture_release(&fixture);
}

static void finer_values_and_packets_come_back_as_they_were(void **state)
{
    (void)state;
    struct fixture fixture = fixture_of(0, 1);
    for (uint32_t i = 0; i < 200; ++i) {
        struct km_event on = note_on(i, 1, (uint8_t)(i % 128), 1);
        km_event_set_velocity16(&on, (uint16_t)(i * 300));
        struct km_event control = {.tick = i, .type = KM_EVENT_CONTROL, .number = 7};
        km_event_set_value32(&control, i * 21474836U + 1);
        struct km_event bend = {.tick = i, .type = KM_EVENT_PITCH_BEND};
        km_event_set_bend32(&bend, i * 21474836U);
        struct km_event packet = {.tick = i, .type = KM_EVENT_UMP, .number = KM_UMP_MIDI2};
        assert_int_equal(km_midi_file_add_payload(&fixture.file, "\x40\x60\x3C\x00\x90\x00\x00\x01",
                                                  8, &packet.detail),
                         KM_OK);
        add(&fixture.file, 0, packet);
        add(&fixture.file, 0, control);
        add(&fixture.file, 0, bend);
        add(&fixture.file, 0, on);
    }
    add(&fixture.file, 0, end_of_track(200));
    const size_t size = clip_of(&fixture.file, KM_UMP_PROTOCOL_MIDI2, clip, sizeof(clip));
    struct fixture back = read_bytes(clip, size, 128); // Keys that are never let go.
    assert_true(is_same_file(&fixture.file, &back.file));
    fixture_release(&fixture);
    fixture_release(&back);
}

static void works_or_fails_cleanly_without_memory(void **state)
{
    (void)state;
    const size_t size = small_clip();
    enum km_status status = KM_ERROR_NO_MEMORY;
    for (uint64_t fail_at = 1; status != KM_OK; ++fail_at) {
        assert_true(fail_at < 100);
        struct km_heap *const heap = km_heap_new(&(struct km_heap_config){.fail_at = fail_at});
        if (!heap) {
            continue;
        }
        struct km_midi_file file;
        km_midi_file_init(&file, heap, 0, 1);
        struct km_sink_memory memory = {.bytes = other, .size = sizeof(other)};
        struct km_sink sink = km_sink_to_memory(&memory);
        status = km_midi_file_read(&file, clip, size, NULL, NULL);
        if (status == KM_OK) {
            status = km_midi_clip_write(&file, KM_UMP_PROTOCOL_MIDI2, &sink, NULL);
        }
        assert_true(status == KM_OK || status == KM_ERROR_NO_MEMORY);
        assert_int_equal(status == KM_OK, memory.used == size);
        km_midi_file_release(&file);
        km_heap_free(heap);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_a_scale_of_either_protocol),
        cmocka_unit_test(joins_texts_of_several_packets),
        cmocka_unit_test(joins_a_sysex_message_and_gives_it_its_end),
        cmocka_unit_test(what_is_out_of_order_is_left_out_and_told),
        cmocka_unit_test(files_are_read_or_refused_as_their_names_say),
        cmocka_unit_test(random_files_come_back_from_a_clip_as_they_were),
        cmocka_unit_test(real_files_come_back_from_a_clip_as_they_were),
        cmocka_unit_test(texts_that_are_no_utf8_come_back_as_they_were),
        cmocka_unit_test(a_long_sysex_message_comes_in_parts),
        cmocka_unit_test(a_clip_cut_at_every_byte_is_read_or_refused),
        cmocka_unit_test(a_clip_with_any_bit_flipped_is_read_or_refused),
        cmocka_unit_test(refuses_what_cannot_be_said),
        cmocka_unit_test(refuses_what_comes_earlier_or_after_the_end),
        cmocka_unit_test(tells_a_sink_that_is_full),
        cmocka_unit_test(finer_values_and_packets_come_back_as_they_were),
        cmocka_unit_test(works_or_fails_cleanly_without_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
