// SPDX-License-Identifier: MIT

#include "midi/file.h"

#include "unit/midi/midi_support.h"

#include "base/random.h"

static void is_empty_when_new(void **state)
{
    (void)state;
    struct fixture fixture = fixture_of(1, 0);
    assert_int_equal(fixture.file.track_count, 0);
    assert_int_equal(fixture.file.division, 480);
    fixture_release(&fixture);
}

static void keeps_events_in_the_order_added(void **state)
{
    (void)state;
    enum { TRACKS = 3, EVENTS = 1000 };
    struct fixture fixture = fixture_of(1, TRACKS);
    for (uint64_t i = 0; i < EVENTS; ++i) {
        add(&fixture.file, i % TRACKS, note_on(i, 0, 60, 1));
    }
    for (size_t track = 0; track < TRACKS; ++track) {
        const struct km_midi_track *const kept = &fixture.file.tracks[track];
        assert_int_equal(kept->count, (EVENTS - track + TRACKS - 1) / TRACKS);
        for (size_t i = 0; i < kept->count; ++i) {
            assert_int_equal(kept->events[i].tick, i * TRACKS + track);
        }
    }
    fixture_release(&fixture);
}

static void keeps_payloads(void **state)
{
    (void)state;
    struct fixture fixture = fixture_of(1, 1);
    uint32_t offsets[300];
    unsigned char bytes[300];
    for (uint32_t i = 0; i < 300; ++i) {
        memset(bytes, (int)(i % 251), sizeof(bytes));
        assert_int_equal(km_midi_file_add_payload(&fixture.file, bytes, i, &offsets[i]), KM_OK);
    }
    for (uint32_t i = 0; i < 300; ++i) {
        size_t size = SIZE_MAX;
        assert_true(km_midi_file_has_payload(&fixture.file, offsets[i]));
        const unsigned char *const kept = km_midi_file_payload(&fixture.file, offsets[i], &size);
        memset(bytes, (int)(i % 251), sizeof(bytes));
        assert_int_equal(size, i);
        assert_memory_equal(kept, bytes, size);
    }
    assert_false(km_midi_file_has_payload(&fixture.file, (uint32_t)fixture.file.payloads_size));
    assert_false(km_midi_file_has_payload(&fixture.file, UINT32_MAX));
    fixture_release(&fixture);
}

static void refuses_a_payload_over_the_limit(void **state)
{
    (void)state;
    struct fixture fixture = fixture_of(1, 1);
    uint32_t offset = 7;
    const size_t size = (size_t)KM_MIDI_PAYLOAD_MAX + 1;
    assert_int_equal(km_midi_file_add_payload(&fixture.file, "", size, &offset),
                     KM_ERROR_TOO_LARGE);
    assert_int_equal(offset, 7);
    assert_int_equal(fixture.file.payloads_size, 0);
    fixture_release(&fixture);
}

static void refuses_events_and_tracks_over_the_limit(void **state)
{
    (void)state;
    struct fixture fixture = fixture_of(1, 1);
    assert_int_equal(km_midi_file_reserve(&fixture.file, 0, (size_t)KM_MIDI_EVENTS_MAX + 1),
                     KM_ERROR_TOO_LARGE);
    assert_int_equal(km_midi_file_reserve(&fixture.file, 0, SIZE_MAX), KM_ERROR_TOO_LARGE);
    assert_int_equal(fixture.file.event_capacity, 0);
    for (size_t i = 1; i < KM_MIDI_TRACKS_MAX; ++i) {
        assert_int_equal(km_midi_file_add_track(&fixture.file), KM_OK);
    }
    assert_int_equal(km_midi_file_add_track(&fixture.file), KM_ERROR_TOO_LARGE);
    assert_int_equal(fixture.file.track_count, KM_MIDI_TRACKS_MAX);
    fixture_release(&fixture);
}

static void gives_unused_room_back(void **state)
{
    (void)state;
    struct fixture fixture = fixture_of(1, 2);
    assert_int_equal(km_midi_file_reserve(&fixture.file, 0, 1000), KM_OK);
    assert_int_equal(km_midi_file_reserve(&fixture.file, 1, 10), KM_OK);
    add(&fixture.file, 0, note_on(1, 2, 3, 4));
    assert_int_equal(km_midi_file_trim(&fixture.file, 0), KM_OK);
    assert_int_equal(km_midi_file_trim(&fixture.file, 1), KM_OK);
    assert_int_equal(fixture.file.event_capacity, 1);
    assert_null(fixture.file.tracks[1].events);
    assert_int_equal(fixture.file.tracks[0].events[0].tick, 1);
    fixture_release(&fixture);
}

// Insertion sort: stable, and too simple to be wrong.
static void sort_simply(struct km_event *events, size_t count)
{
    for (size_t i = 1; i < count; ++i) {
        for (size_t j = i; j > 0 && km_event_is_before(&events[j], &events[j - 1]); --j) {
            const struct km_event kept = events[j];
            events[j] = events[j - 1];
            events[j - 1] = kept;
        }
    }
}

static void sorts_as_insertion_does(void **state)
{
    (void)state;
    struct km_random random;
    km_random_init(&random, 1, "sort");
    for (size_t count = 0; count < 200; ++count) {
        struct fixture fixture = fixture_of(1, 1);
        struct km_event model[200];
        for (size_t i = 0; i < count; ++i) {
            model[i] = (struct km_event){.tick = km_random_below(&random, 20),
                                         .type = (uint8_t)km_random_below(&random, 3),
                                         .detail = (uint32_t)i}; // Tells equal ones apart.
            add(&fixture.file, 0, model[i]);
        }
        sort_simply(model, count);
        assert_int_equal(km_midi_track_sort(&fixture.file, 0), KM_OK);
        assert_int_equal(fixture.file.tracks[0].count, count);
        for (size_t i = 0; i < count; ++i) {
            assert_memory_equal(&fixture.file.tracks[0].events[i], &model[i], sizeof(model[i]));
        }
        fixture_release(&fixture);
    }
}

// One step of each kind; the first failure is returned.
static enum km_status take_every_step(struct km_midi_file *file)
{
    enum km_status status = KM_OK;
    for (uint64_t i = 0; i < 10 && status == KM_OK; ++i) {
        status = km_midi_file_add_track(file);
    }
    for (uint64_t i = 0; i < 20 && status == KM_OK; ++i) {
        status = km_midi_file_add(file, 9, note_on(20 - i, 0, 60, 1));
    }
    for (uint64_t i = 0; i < 20 && status == KM_OK; ++i) {
        status = km_midi_file_add_text(file, 5, i, KM_META_LYRIC, "a syllable, or two of them");
    }
    return status == KM_OK ? km_midi_track_sort(file, 9) : status;
}

static void fails_cleanly_without_memory(void **state)
{
    (void)state;
    enum km_status status = KM_ERROR_NO_MEMORY;
    for (uint64_t n = 1; status != KM_OK; ++n) {
        struct km_heap *const heap = km_heap_new(&(struct km_heap_config){.fail_at = n});
        struct km_midi_file file;
        km_midi_file_init(&file, heap, 1, 480);
        status = take_every_step(&file);
        assert_true(status == KM_OK || status == KM_ERROR_NO_MEMORY);
        if (file.track_count == 10) { // What was added before the failure is whole.
            for (size_t i = 0; i < file.tracks[5].count; ++i) {
                size_t size = 0;
                km_midi_file_payload(&file, file.tracks[5].events[i].detail, &size);
                assert_int_equal(size, 26);
            }
            assert_int_equal(file.payloads_size, file.tracks[5].count * 30);
        }
        km_midi_file_release(&file);
        km_heap_free(heap);
        assert_in_range(n, 1, 50);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(is_empty_when_new),
        cmocka_unit_test(keeps_events_in_the_order_added),
        cmocka_unit_test(keeps_payloads),
        cmocka_unit_test(refuses_a_payload_over_the_limit),
        cmocka_unit_test(refuses_events_and_tracks_over_the_limit),
        cmocka_unit_test(gives_unused_room_back),
        cmocka_unit_test(sorts_as_insertion_does),
        cmocka_unit_test(fails_cleanly_without_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
