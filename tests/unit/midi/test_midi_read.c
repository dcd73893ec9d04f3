// SPDX-License-Identifier: MIT

#include "midi/file.h"

#include "unit/midi/midi_support.h"

#include <stdlib.h>

// A file as a string literal, whose zero at the end does not belong to it.
#define BYTES(literal) (literal), sizeof(literal) - 1

#define HEADER(format, tracks) "MThd\0\0\0\6\0" format "\0" tracks "\1\xE0"
#define END "\0\xFF\x2F\0"

struct reading {
    struct km_heap *heap;
    struct km_midi_file file;
    struct km_midi_warnings warnings;
    struct km_error error;
    enum km_status status;
};

static struct reading read_bytes(const char *bytes, size_t size)
{
    struct reading reading = {.heap = km_heap_new(NULL)};
    assert_non_null(reading.heap);
    km_midi_file_init(&reading.file, reading.heap, 1, 480);
    // A copy of just the size: address sanitizer then sees every byte too far.
    char *const copy = malloc(size > 0 ? size : 1);
    assert_non_null(copy);
    memcpy(copy, bytes, size);
    reading.status =
        km_midi_file_read(&reading.file, copy, size, &reading.warnings, &reading.error);
    free(copy);
    return reading;
}

static void release(struct reading *reading)
{
    km_midi_file_release(&reading->file);
    km_heap_free(reading->heap);
}

static void expect_event(const struct reading *reading, size_t track, size_t index,
                         struct km_event expected)
{
    assert_true(track < reading->file.track_count);
    assert_true(index < reading->file.tracks[track].count);
    const struct km_event *const event = &reading->file.tracks[track].events[index];
    assert_int_equal(event->tick, expected.tick);
    assert_int_equal(event->type, expected.type);
    assert_int_equal(event->channel, expected.channel);
    assert_int_equal(event->number, expected.number);
    assert_int_equal(event->value, expected.value);
    if (expected.type != KM_EVENT_META && expected.type != KM_EVENT_SYSEX) {
        assert_int_equal(event->detail, expected.detail);
    }
}

static void expect_payload(const struct reading *reading, size_t index, const char *expected)
{
    size_t size = 0;
    const struct km_event *const event = &reading->file.tracks[0].events[index];
    const unsigned char *const bytes = km_midi_file_payload(&reading->file, event->detail, &size);
    assert_int_equal(size, strlen(expected));
    assert_memory_equal(bytes, expected, size);
}

// Reads a track of format 1 that must be accepted with `warnings` repairs, the first at `offset`.
static struct reading read_track(const char *bytes, size_t size, uint32_t warnings, size_t offset)
{
    char file[512] = HEADER("\1", "\1") "MTrk\0\0";
    assert_true(size + 22 <= sizeof(file));
    file[20] = (char)(size >> 8);
    file[21] = (char)(size & 0xFF);
    memcpy(file + 22, bytes, size);
    const struct reading reading = read_bytes(file, size + 22);
    assert_string_equal(reading.error.message, "");
    assert_int_equal(reading.status, KM_OK);
    assert_int_equal(reading.warnings.count, warnings);
    if (warnings > 0) {
        assert_int_equal(reading.warnings.first_offset, offset + 22);
        assert_true(strlen(reading.warnings.first_message) > 0);
    }
    return reading;
}

static void reads_every_kind_of_event(void **state)
{
    (void)state;
    struct reading reading = read_track(BYTES("\0\xFF\x03\5Piano"
                                              "\0\xFF\x59\2\xFD\1"
                                              "\0\xFF\x58\4\6\3\x18\x08"
                                              "\0\xFF\x51\3\x07\xA1\x20"
                                              "\0\xF0\3\x7E\1\xF7"
                                              "\0\xF7\1\xF8"
                                              "\x81\x00\xB3\x40\x7F"
                                              "\0\1\x10"
                                              "\0\xE3\1\x40"
                                              "\0\xD3\x33"
                                              "\0\xA3\x3C\x11"
                                              "\0\xC3\x7F"
                                              "\0\x93\x3C\x40"
                                              "\x60\x83\x3C\x20"
                                              "\0\x93\x3C\x41"
                                              "\x60\x3C\0" END),
                                        0, 0);
    expect_event(&reading, 0, 0, (struct km_event){0, KM_EVENT_META, 0, KM_META_TRACK_NAME, 0, 0});
    expect_payload(&reading, 0, "Piano");
    expect_event(&reading, 0, 1, (struct km_event){0, KM_EVENT_KEY_SIGNATURE, 0, 0xFD, 1, 0});
    expect_event(&reading, 0, 2,
                 (struct km_event){0, KM_EVENT_TIME_SIGNATURE, 0, 6, 3, 24 | 8 << 8});
    expect_event(&reading, 0, 3, (struct km_event){0, KM_EVENT_TEMPO, 0, 0, 0, 500000});
    expect_event(&reading, 0, 4, (struct km_event){0, KM_EVENT_SYSEX, 0, 0xF0, 0, 0});
    expect_payload(&reading, 4, "\x7E\1\xF7");
    expect_event(&reading, 0, 5, (struct km_event){0, KM_EVENT_SYSEX, 0, 0xF7, 0, 0});
    expect_payload(&reading, 5, "\xF8");
    expect_event(&reading, 0, 6, (struct km_event){128, KM_EVENT_CONTROL, 3, 64, 127, 0});
    expect_event(&reading, 0, 7, (struct km_event){128, KM_EVENT_CONTROL, 3, 1, 16, 0});
    expect_event(&reading, 0, 8, (struct km_event){128, KM_EVENT_PITCH_BEND, 3, 0, 0, 8193});
    expect_event(&reading, 0, 9, (struct km_event){128, KM_EVENT_CHANNEL_PRESSURE, 3, 0, 51, 0});
    expect_event(&reading, 0, 10, (struct km_event){128, KM_EVENT_KEY_PRESSURE, 3, 60, 17, 0});
    expect_event(&reading, 0, 11, (struct km_event){128, KM_EVENT_PROGRAM, 3, 127, 0, 0});
    expect_event(&reading, 0, 12, note_on(128, 3, 60, 64));
    expect_event(&reading, 0, 13, note_off(224, 3, 60, 32));
    expect_event(&reading, 0, 14, note_on(224, 3, 60, 65));
    expect_event(&reading, 0, 15, note_off(320, 3, 60, KM_RELEASE_VELOCITY));
    expect_event(&reading, 0, 16, end_of_track(320));
    assert_int_equal(reading.file.tracks[0].count, 17);
    assert_int_equal(reading.file.event_capacity, 17); // No room is left over.
    assert_int_equal(reading.file.format, 1);
    assert_int_equal(reading.file.division, 480);
    release(&reading);
}

static void clamps_data_over_127(void **state)
{
    (void)state;
    struct reading reading = read_track(BYTES("\0\xB0\x07\xFF\0\xE1\x80\xFF" END), 3, 3);
    expect_event(&reading, 0, 0, (struct km_event){0, KM_EVENT_CONTROL, 0, 7, 127, 0});
    expect_event(&reading, 0, 1, (struct km_event){0, KM_EVENT_PITCH_BEND, 1, 0, 0, 16383});
    release(&reading);
}

static void goes_on_with_running_status_after_meta_and_sysex(void **state)
{
    (void)state;
    struct reading reading = read_track(
        BYTES("\0\x90\x3C\x40\0\xFF\1\1x\x10\x3C\0\0\x3C\x41\0\xF0\2\x7E\xF7\5\x3C\0" END), 2, 10);
    expect_event(&reading, 0, 2, note_off(16, 0, 60, 64));
    expect_event(&reading, 0, 3, note_on(16, 0, 60, 65));
    expect_event(&reading, 0, 5, note_off(21, 0, 60, 64));
    release(&reading);
}

static void reads_padded_quantities(void **state)
{
    (void)state;
    struct reading reading = read_track(BYTES("\x80\x05\xB0\1\1\x80\x80\x80\x80\x80\x80\x80\x06\1\2"
                                              "\0\xFF\1\x80\x80\1x" END),
                                        3, 0);
    expect_event(&reading, 0, 0, (struct km_event){5, KM_EVENT_CONTROL, 0, 1, 1, 0});
    expect_event(&reading, 0, 1, (struct km_event){11, KM_EVENT_CONTROL, 0, 1, 2, 0});
    expect_payload(&reading, 2, "x");
    release(&reading);
}

static void leaves_out_settings_without_meaning(void **state)
{
    (void)state;
    // Their deltas count all the same.
    struct reading reading = read_track(BYTES("\1\xFF\x51\3\0\0\0"
                                              "\1\xFF\x51\2\1\1"
                                              "\1\xFF\x58\4\0\2\x18\x08"
                                              "\1\xFF\x58\4\4\xFF\x18\x08"
                                              "\1\xFF\x59\2\x09\0"
                                              "\1\xFF\x59\2\0\2"
                                              "\1\xFF\x59\1\0"
                                              "\1\xFF\x80\1x" END),
                                        8, 0);
    expect_event(&reading, 0, 0, end_of_track(8));
    release(&reading);
}

// What is left out between two events must not leave a gap that no file can hold.
static void shortens_what_would_be_too_long_a_delta(void **state)
{
    (void)state;
    struct reading reading =
        read_track(BYTES("\xFF\xFF\xFF\x7F\xFF\x51\3\0\0\0\2\xB0\1\1\5\1\2" END), 2, 0);
    expect_event(&reading, 0, 0, (struct km_event){0x0FFFFFFF, KM_EVENT_CONTROL, 0, 1, 1, 0});
    expect_event(&reading, 0, 1, (struct km_event){0x10000004, KM_EVENT_CONTROL, 0, 1, 2, 0});
    release(&reading);
}

static void reads_settings_that_are_too_long(void **state)
{
    (void)state;
    struct reading reading = read_track(BYTES("\0\xFF\x51\4\0\x07\xA1\x20"
                                              "\0\xFF\x51\5\x07\xA1\x20xx"
                                              "\0\xFF\x58\6\3\2\x18\x08xx"
                                              "\0\xFF\x59\3\1\0x" END),
                                        4, 0);
    expect_event(&reading, 0, 0, (struct km_event){0, KM_EVENT_TEMPO, 0, 0, 0, 500000});
    expect_event(&reading, 0, 1, (struct km_event){0, KM_EVENT_TEMPO, 0, 0, 0, 500000});
    expect_event(&reading, 0, 2,
                 (struct km_event){0, KM_EVENT_TIME_SIGNATURE, 0, 3, 2, 24 | 8 << 8});
    expect_event(&reading, 0, 3, (struct km_event){0, KM_EVENT_KEY_SIGNATURE, 0, 1, 0, 0});
    release(&reading);
}

static void tells_sysex_messages_without_end(void **state)
{
    (void)state;
    struct reading split = read_track(
        BYTES("\0\xF0\2\x43\x12\0\xFF\1\1x\0\xF7\1\x44\0\xF7\2\x45\xF7\0\xB0\1\1" END), 0, 0);
    release(&split);
    struct reading open =
        read_track(BYTES("\0\xF0\1\x43\0\xF0\1\x44\0\xB0\1\1\0\xF0\1\x45" END), 3, 0);
    assert_int_equal(open.file.tracks[0].count, 5);
    release(&open);
    // A continuation that comes after a channel event is too late.
    struct reading late = read_track(BYTES("\0\xF0\1\x43\0\xB0\1\1\0\xF7\2\x44\xF7" END), 1, 0);
    release(&late);
}

static void tells_notes_that_do_not_match(void **state)
{
    (void)state;
    struct reading reading =
        read_track(BYTES("\0\x90\x3C\1\0\x3C\1\0\x3D\1\0\x3C\0\0\x91\x3D\0" END), 3, 13);
    assert_int_equal(reading.file.tracks[0].count, 6); // All are kept.
    release(&reading);
}

// What stands in two tracks of one file, read with `warnings` repairs.
static void expect_two_tracks(const char *bytes, size_t size, uint32_t warnings)
{
    struct reading reading = read_bytes(bytes, size);
    assert_string_equal(reading.error.message, "");
    assert_int_equal(reading.warnings.count, warnings);
    assert_int_equal(reading.file.track_count, 2);
    expect_event(&reading, 0, 0, (struct km_event){0, KM_EVENT_CONTROL, 0, 7, 1, 0});
    expect_event(&reading, 0, 1, end_of_track(0));
    assert_int_equal(reading.file.tracks[0].count, 2);
    expect_event(&reading, 1, 0, (struct km_event){0, KM_EVENT_CONTROL, 1, 7, 2, 0});
    expect_event(&reading, 1, 1, end_of_track(0));
    assert_int_equal(reading.file.tracks[1].count, 2);
    release(&reading);
}

#define EVENT_1 "\0\xB0\x07\1"
#define EVENT_2 "\0\xB1\x07\2"
#define SECOND "MTrk\0\0\0\x08" EVENT_2 END

static void finds_tracks_whatever_their_lengths_say(void **state)
{
    (void)state;
#define TWO HEADER("\1", "\2") "MTrk\0\0\0"
    expect_two_tracks(BYTES(TWO "\x08" EVENT_1 END SECOND), 0);
    expect_two_tracks(BYTES(TWO "\x04" EVENT_1 SECOND), 1);          // No End of Track.
    expect_two_tracks(BYTES(TWO "\x04" EVENT_1 END SECOND), 1);      // Too short by an event,
    expect_two_tracks(BYTES(TWO "\x02" EVENT_1 END SECOND), 1);      // within an event,
    expect_two_tracks(BYTES(TWO "\x07" EVENT_1 END SECOND), 1);      // by one byte.
    expect_two_tracks(BYTES(TWO "\x09" EVENT_1 END SECOND), 1);      // Too long.
    expect_two_tracks(BYTES(TWO "\x0A" EVENT_1 END "xx" SECOND), 1); // Bytes after End of Track.
    expect_two_tracks(BYTES(TWO "\x08" EVENT_1 END "xx" SECOND), 1); // Bytes between chunks.
    expect_two_tracks(BYTES(TWO "\x06" EVENT_1 "\0\xB0" SECOND), 1); // A cut event.
    expect_two_tracks(BYTES(TWO "\x09" EVENT_1 "\0\xFF\1\x50x" SECOND), 1);
    expect_two_tracks(BYTES(TWO "\x09" EVENT_1 "\0\xFF\1\5x" SECOND), 1);
    expect_two_tracks(BYTES(TWO "\x08" EVENT_1 END "XFIH\0\0\0\4MTrk" SECOND), 0);
    expect_two_tracks(BYTES(TWO "\x04" EVENT_1 "\0\x40\x40\x40\x40" SECOND), 2); // No track.
    expect_two_tracks(BYTES(TWO "\x08" EVENT_1 END SECOND "MThd\0\0\0\6\0\0\0\1\0\1"), 1);
    expect_two_tracks(BYTES(TWO "\x08" EVENT_1 END SECOND "MTrk\0"), 1);
    expect_two_tracks(BYTES("xxMTh" TWO "\x08" EVENT_1 END SECOND), 1);
    expect_two_tracks(BYTES(HEADER("\1", "\3") "MTrk\0\0\0\x08" EVENT_1 END SECOND), 1);
    expect_two_tracks(BYTES(HEADER("\1", "\1") "MTrk\0\0\0\x08" EVENT_1 END SECOND), 1);
    expect_two_tracks(BYTES(HEADER("\0", "\2") "MTrk\0\0\0\x08" EVENT_1 END SECOND), 1);
    expect_two_tracks(BYTES("RIFF\x46\0\0\0RMIDLIST\1\0\0\0xxdata\x2E\0\0\0" TWO
                            "\x08" EVENT_1 END SECOND "LIST\0\0\0\0"),
                      0);
#undef TWO
}

// Beyond a wrong length a bad event only ends the track.
static void ends_a_track_that_goes_wrong_beyond_its_length(void **state)
{
    (void)state;
    struct reading reading =
        read_bytes(BYTES(HEADER("\1", "\2") "MTrk\0\0\0\4" EVENT_1 EVENT_2 "\0\xF4" END SECOND));
    assert_int_equal(reading.status, KM_OK);
    assert_int_equal(reading.warnings.count, 3); // Length, status, bytes left out.
    assert_int_equal(reading.file.track_count, 2);
    assert_int_equal(reading.file.tracks[0].count, 3);
    assert_int_equal(reading.file.tracks[1].count, 2);
    release(&reading);
}

static void refuses_what_cannot_be_located(void **state)
{
    (void)state;
    static const struct {
        const char *bytes;
        size_t size;
        const char *message;
        enum km_status status;
    } cases[] = {
        {BYTES(""), "byte 0: ", KM_ERROR_TRUNCATED},
        {BYTES("not a MIDI file"), "byte 0: ", KM_ERROR_INVALID},
        {BYTES("MThd\0\0\0\6\0"), "byte 9: ", KM_ERROR_TRUNCATED},
        {BYTES("SMF2CLIP\0\x40\0\0"), "byte 12: the file ends", KM_ERROR_TRUNCATED},
        {BYTES("MThd\0\0\0\5\0\0\0\1\1\xE0" SECOND), "byte 4: ", KM_ERROR_INVALID},
        {BYTES("MThd\xFF\xFF\xFF\xFF\0\0\0\1\1\xE0" SECOND), "byte 4: ", KM_ERROR_TRUNCATED},
        {BYTES("MThd\0\0\0\6\0\3\0\1\1\xE0" SECOND), "byte 8: ", KM_ERROR_UNSUPPORTED},
        {BYTES("MThd\0\0\0\6\0\1\0\1\0\0" SECOND), "byte 12: ", KM_ERROR_INVALID},
        {BYTES("MThd\0\0\0\6\0\1\0\1\xE7\0" SECOND), "byte 12: ", KM_ERROR_INVALID},
        {BYTES("MThd\0\0\0\6\0\1\0\1\xEF\x28" SECOND), "byte 12: ", KM_ERROR_INVALID},
        {BYTES(HEADER("\1", "\1")), "byte 14: ", KM_ERROR_TRUNCATED},
        {BYTES("MThd\0\0\0\6\0\1\xFF\xFF\1\xE0" SECOND), "byte 30: ", KM_ERROR_TRUNCATED},
        {BYTES(HEADER("\1", "\1") "MTrk\0\0\0\3\0\x90\x3C"), "byte 22: ", KM_ERROR_TRUNCATED},
        {BYTES(HEADER("\1", "\1") "MTrk\0\0\0\4\0\xFF\1\x7F"), "byte 22: ", KM_ERROR_TRUNCATED},
        {BYTES(HEADER("\1", "\1") "MTrk\0\0\0\7\0\x3C\x40" END), "byte 23: ", KM_ERROR_INVALID},
        {BYTES(HEADER("\1", "\1") "MTrk\0\0\0\6\0\xF4" END), "byte 23: ", KM_ERROR_INVALID},
        {BYTES(HEADER("\1", "\1") "MTrk\0\0\0\x0A\xFF\xFF\xFF\xFF\xFF\xFF" END),
         "byte 27: ", KM_ERROR_INVALID},
        {BYTES(HEADER("\1", "\1") "MTrk\0\0\0\x0B\x81\x80\x80\x80\0\xB0\1\1" END),
         "byte 27: ", KM_ERROR_INVALID},
        {BYTES(HEADER("\1", "\2") SECOND "MTrk\0\0\0\7\0\7\1" END),
         "byte 39: ", KM_ERROR_INVALID}, // Running status does not go on from track to track.
        {BYTES("RIFF\x10\0\0\0RMIDdata"), "byte 12: ", KM_ERROR_INVALID},
        {BYTES("RIFF\x10\0\0\0RMIDdata\xFF\xFF\xFF\xFFMThd"), "byte 16: ", KM_ERROR_TRUNCATED},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); ++i) {
        struct reading reading = read_bytes(cases[i].bytes, cases[i].size);
        assert_int_equal(strncmp(reading.error.message, cases[i].message, strlen(cases[i].message)),
                         0);
        assert_int_equal(reading.status, cases[i].status);
        assert_int_equal(reading.file.track_count, 0);
        assert_int_equal(km_heap_usage(reading.heap, KM_ACCOUNT_WORKING).current_bytes, 0);
        release(&reading);
    }
}

// Claims of 4 GB in files of some bytes: nothing is allocated for what is not there.
static void believes_no_length_that_it_has_not_checked(void **state)
{
    (void)state;
    static const struct {
        const char *bytes;
        size_t size;
    } cases[] = {
        {BYTES("MThd\xFF\xFF\xFF\xFF\0\1")},
        {BYTES(HEADER("\1", "\1") "MTrk\xFF\xFF\xFF\xFF" END)},
        {BYTES(HEADER("\1", "\1") "XXXX\xFF\xFF\xFF\xFF" SECOND)},
        {BYTES(HEADER("\1", "\1") "MTrk\0\0\0\6\0\xFF\1\xFF\xFF\xFF\x7F")},
        {BYTES(HEADER("\1", "\1") "MTrk\0\0\0\6\0\xF0\xFF\xFF\xFF\x7F")},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); ++i) {
        struct reading reading = read_bytes(cases[i].bytes, cases[i].size);
        assert_in_range(km_heap_usage(reading.heap, KM_ACCOUNT_WORKING).peak_bytes, 0, 256);
        release(&reading);
    }
}

static void replaces_what_the_file_held(void **state)
{
    (void)state;
    struct fixture fixture = fixture_of(2, 3);
    add_text(&fixture.file, 2, 0, KM_META_TEXT, "old");
    static const char bytes[] = HEADER("\1", "\1") SECOND;
    assert_int_equal(km_midi_file_read(&fixture.file, bytes, sizeof(bytes) - 1, NULL, NULL), KM_OK);
    assert_int_equal(fixture.file.track_count, 1);
    assert_int_equal(fixture.file.payloads_size, 0);
    assert_int_equal(fixture.file.format, 1);
    fixture_release(&fixture);
}

// A file with all that costs memory: tracks, events, payloads.
static const char costly[] = HEADER("\1", "\5") SECOND SECOND SECOND SECOND
    "MTrk\0\0\0\x38\0\xFF\1\2xy\0\xB1\1\1\0\1\1\0\1\1\0\1\1\0\1\1\0\1\1\0\1\1\0\1\1\0\1\1"
    "\0\1\1\0\1\1\0\1\1\0\xF0\4xyz\xF7" END;

static void fails_cleanly_without_memory(void **state)
{
    (void)state;
    enum km_status status = KM_ERROR_NO_MEMORY;
    for (uint64_t n = 1; status != KM_OK; ++n) {
        struct km_heap *const heap = km_heap_new(&(struct km_heap_config){.fail_at = n});
        struct km_midi_file file;
        struct km_error error = {0};
        km_midi_file_init(&file, heap, 1, 480);
        status = km_midi_file_read(&file, costly, sizeof(costly) - 1, NULL, &error);
        if (status != KM_OK) {
            assert_int_equal(status, KM_ERROR_NO_MEMORY);
            assert_int_equal(error.status, KM_ERROR_NO_MEMORY);
            assert_int_equal(file.track_count, 0);
            assert_null(file.tracks);
            assert_null(file.payloads);
        }
        km_midi_file_release(&file);
        km_heap_free(heap);
        assert_in_range(n, 1, 40);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_every_kind_of_event),
        cmocka_unit_test(clamps_data_over_127),
        cmocka_unit_test(goes_on_with_running_status_after_meta_and_sysex),
        cmocka_unit_test(reads_padded_quantities),
        cmocka_unit_test(leaves_out_settings_without_meaning),
        cmocka_unit_test(shortens_what_would_be_too_long_a_delta),
        cmocka_unit_test(reads_settings_that_are_too_long),
        cmocka_unit_test(tells_sysex_messages_without_end),
        cmocka_unit_test(tells_notes_that_do_not_match),
        cmocka_unit_test(finds_tracks_whatever_their_lengths_say),
        cmocka_unit_test(ends_a_track_that_goes_wrong_beyond_its_length),
        cmocka_unit_test(refuses_what_cannot_be_located),
        cmocka_unit_test(believes_no_length_that_it_has_not_checked),
        cmocka_unit_test(replaces_what_the_file_held),
        cmocka_unit_test(fails_cleanly_without_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
