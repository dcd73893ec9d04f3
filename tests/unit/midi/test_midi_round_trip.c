// SPDX-License-Identifier: MIT

// What is written is read as it was, and written again gives the same bytes.

#include "midi/file.h"

#include "unit/midi/midi_random.h"

#include <stdlib.h>

enum { OUTPUT_SIZE = 1 << 20 };

static unsigned char first[OUTPUT_SIZE];
static unsigned char second[OUTPUT_SIZE];

static void random_files_come_back_as_they_were(void **state)
{
    (void)state;
    struct km_random random;
    km_random_init(&random, 11, "round trip");
    for (int round = 0; round < 300; ++round) {
        struct fixture written = fixture_of(1, 0);
        struct fixture read = fixture_of(1, 0);
        fill_randomly(&written.file, &random, 5, 300);
        size_t size = 0;
        assert_int_equal(write_to(&written.file, first, OUTPUT_SIZE, &size, &written.error), KM_OK);
        assert_int_equal(km_midi_file_read(&read.file, first, size, NULL, &read.error), KM_OK);
        assert_true(is_same_file(&written.file, &read.file));
        size_t again = 0;
        assert_int_equal(write_to(&read.file, second, OUTPUT_SIZE, &again, &read.error), KM_OK);
        assert_int_equal(again, size);
        assert_memory_equal(first, second, size);
        fixture_release(&written);
        fixture_release(&read);
    }
}

// Format 0 keeps every event of every track, at its tick, in the order of its track.
static void merging_keeps_every_event(void **state)
{
    (void)state;
    struct km_random random;
    km_random_init(&random, 12, "merge");
    for (int round = 0; round < 50; ++round) {
        struct fixture written = fixture_of(1, 6);
        struct fixture read = fixture_of(1, 0);
        uint64_t ticks[6] = {0};
        uint32_t count = 0;
        uint64_t end = 0;
        for (; count < 500; ++count) { // Each event carries its number, as a bend of its channel.
            const uint32_t track = km_random_below(&random, 6);
            ticks[track] += km_random_below(&random, 3);
            end = ticks[track] > end ? ticks[track] : end;
            add(&written.file, track,
                (struct km_event){ticks[track], KM_EVENT_PITCH_BEND, (uint8_t)track, 0, 0, count});
        }
        written.file.format = 0;
        size_t size = 0;
        assert_int_equal(write_to(&written.file, first, OUTPUT_SIZE, &size, &written.error), KM_OK);
        assert_int_equal(km_midi_file_read(&read.file, first, size, NULL, &read.error), KM_OK);
        assert_int_equal(read.file.track_count, 1);
        assert_int_equal(read.file.tracks[0].count, count + 1);
        size_t next[6] = {0};
        uint64_t tick = 0;
        uint8_t channel = 0;
        for (size_t i = 0; i < count; ++i) {
            const struct km_event *const event = &read.file.tracks[0].events[i];
            const size_t track = event->channel;
            assert_true(is_same_event(&read.file, event, &written.file,
                                      &written.file.tracks[track].events[next[track]++]));
            assert_true(event->tick > tick || event->channel >= channel); // Lower tracks first.
            tick = event->tick;
            channel = event->channel;
        }
        assert_int_equal(read.file.tracks[0].events[count].tick, end);
        fixture_release(&written);
        fixture_release(&read);
    }
}

// Reads bytes that may be broken; what is accepted must survive being written and read.
static bool survives(const unsigned char *bytes, size_t size)
{
    struct fixture fixture = fixture_of(1, 0);
    struct km_midi_warnings warnings;
    unsigned char *const copy = malloc(size + 1);
    assert_non_null(copy);
    memcpy(copy, bytes, size);
    const enum km_status status =
        km_midi_file_read(&fixture.file, copy, size, &warnings, &fixture.error);
    free(copy);
    if (status == KM_OK) {
        struct fixture read = fixture_of(1, 0);
        size_t written = 0;
        assert_int_equal(write_to(&fixture.file, second, OUTPUT_SIZE, &written, &fixture.error),
                         KM_OK);
        assert_int_equal(km_midi_file_read(&read.file, second, written, NULL, &read.error), KM_OK);
        assert_true(fixture.file.format == 0 || is_same_file(&fixture.file, &read.file));
        fixture_release(&read);
    } else {
        assert_int_equal(strncmp(fixture.error.message, "byte ", 5), 0);
        assert_int_equal(fixture.file.track_count, 0);
    }
    const uint64_t peak = km_heap_usage(fixture.heap, KM_ACCOUNT_WORKING).peak_bytes;
    assert_true(peak <= (uint64_t)KM_MIDI_READ_FACTOR * size + 1024);
    fixture_release(&fixture);
    return status == KM_OK;
}

static size_t small_file(uint16_t format, uint64_t seed)
{
    struct km_random random;
    km_random_init(&random, seed, "small");
    struct fixture fixture = fixture_of(format, 2);
    fill_track(&fixture.file, 0, &random, 20);
    fill_track(&fixture.file, 1, &random, 40);
    size_t size = 0;
    assert_int_equal(write_to(&fixture.file, first, OUTPUT_SIZE, &size, &fixture.error), KM_OK);
    fixture_release(&fixture);
    return size;
}

static void a_file_cut_at_any_byte_is_read_or_refused(void **state)
{
    (void)state;
    for (uint16_t format = 0; format <= 1; ++format) {
        const size_t size = small_file(format, 21);
        size_t accepted = 0;
        for (size_t cut = 0; cut < size; ++cut) {
            accepted += survives(first, cut);
        }
        assert_in_range(accepted, 30, size / 2); // Where an event or track ends.
        assert_true(survives(first, size));
    }
}

static void a_file_with_any_bit_turned_is_read_or_refused(void **state)
{
    (void)state;
    for (uint16_t format = 0; format <= 1; ++format) {
        const size_t size = small_file(format, 22);
        size_t accepted = 0;
        for (size_t bit = 0; bit < 8 * size; ++bit) {
            const unsigned char mask = (unsigned char)(1U << bit % 8);
            first[bit / 8] ^= mask;
            accepted += survives(first, size);
            first[bit / 8] ^= mask;
        }
        assert_in_range(accepted, size, 8 * size - 1);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(random_files_come_back_as_they_were),
        cmocka_unit_test(merging_keeps_every_event),
        cmocka_unit_test(a_file_cut_at_any_byte_is_read_or_refused),
        cmocka_unit_test(a_file_with_any_bit_turned_is_read_or_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
