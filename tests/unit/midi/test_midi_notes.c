// SPDX-License-Identifier: MIT

#include "midi/notes.h"

#include "unit/midi/midi_support.h"

#include "base/random.h"

static void pairs_note_ons_with_note_offs(void **state)
{
    (void)state;
    struct fixture fixture = fixture_of(1, 1);
    add(&fixture.file, 0, note_on(0, 0, 60, 1));
    add(&fixture.file, 0, note_on(10, 0, 60, 2)); // The same key again, before it was let go.
    add(&fixture.file, 0, note_on(10, 1, 60, 3));
    add(&fixture.file, 0, note_off(20, 0, 60, 0));
    add(&fixture.file, 0, note_off(30, 1, 60, 0));
    add(&fixture.file, 0, note_off(40, 0, 60, 0));
    add(&fixture.file, 0, note_off(50, 0, 60, 0)); // Nothing sounds any more.
    add(&fixture.file, 0, note_on(60, 0, 61, 4));  // Never let go.
    add(&fixture.file, 0, end_of_track(99));
    struct km_notes notes;
    assert_int_equal(km_notes_init(&notes, &fixture.file, 0), KM_OK);
    assert_int_equal(notes.count, 4);
    static const uint64_t ends[] = {20, 40, 30, 99};
    for (size_t i = 0; i < 4; ++i) {
        assert_int_equal(notes.notes[i].velocity, i + 1);
        assert_int_equal(notes.notes[i].end, ends[i]);
        assert_int_equal(notes.notes[i].is_open, i == 3);
    }
    assert_int_equal(notes.open_count, 1);
    assert_int_equal(notes.orphan_count, 1);
    km_notes_release(&notes);
    fixture_release(&fixture);
}

// The note-off that ends a note-on, found by counting: the n-th on of a key goes with the n-th off
// that came while the key was down.
static uint64_t simple_end(const struct km_midi_track *track, size_t on)
{
    const struct km_event *const wanted = &track->events[on];
    size_t down = 0; // Older notes on this key.
    for (size_t i = 0; i < track->count; ++i) {
        const struct km_event *const event = &track->events[i];
        if (event->number != wanted->number || event->channel != wanted->channel) {
            continue;
        }
        if (event->type == KM_EVENT_NOTE_ON) {
            down += i < on;
        } else if (down > 0) {
            --down;
        } else if (i > on) {
            return event->tick;
        }
    }
    return UINT64_MAX;
}

static void agrees_with_a_search_for_each_note(void **state)
{
    (void)state;
    struct km_random random;
    km_random_init(&random, 5, "notes");
    for (int round = 0; round < 50; ++round) {
        struct fixture fixture = fixture_of(1, 1);
        for (uint64_t tick = 0; tick < 200; ++tick) {
            const uint8_t channel = (uint8_t)km_random_below(&random, 2);
            const uint8_t key = (uint8_t)km_random_below(&random, 3);
            const bool is_on = km_random_chance(&random, 0.5);
            add(&fixture.file, 0,
                is_on ? note_on(tick, channel, key, 1) : note_off(tick, channel, key, 0));
        }
        struct km_notes notes;
        assert_int_equal(km_notes_init(&notes, &fixture.file, 0), KM_OK);
        size_t index = 0;
        for (size_t i = 0; i < 200; ++i) {
            if (fixture.file.tracks[0].events[i].type != KM_EVENT_NOTE_ON) {
                continue;
            }
            const uint64_t end = simple_end(&fixture.file.tracks[0], i);
            assert_int_equal(notes.notes[index].tick, i);
            assert_int_equal(notes.notes[index].is_open, end == UINT64_MAX);
            assert_int_equal(notes.notes[index].end, end == UINT64_MAX ? 199 : end);
            ++index;
        }
        assert_int_equal(notes.count, index);
        assert_int_equal(notes.orphan_count, 200 - index - (index - notes.open_count));
        km_notes_release(&notes);
        fixture_release(&fixture);
    }
}

static void fails_cleanly_without_memory(void **state)
{
    (void)state;
    struct fixture fixture = fixture_of(1, 1);
    add(&fixture.file, 0, note_on(0, 0, 60, 1));
    struct km_heap *const heap = fixture.file.heap;
    enum km_status status = KM_ERROR_NO_MEMORY;
    for (uint64_t n = 1; status != KM_OK; ++n) {
        fixture.file.heap = km_heap_new(&(struct km_heap_config){.fail_at = n});
        struct km_notes notes;
        status = km_notes_init(&notes, &fixture.file, 0);
        if (status == KM_OK) {
            km_notes_release(&notes);
        }
        km_heap_free(fixture.file.heap);
        assert_int_equal(status, n > 2 ? KM_OK : KM_ERROR_NO_MEMORY);
    }
    fixture.file.heap = heap;
    fixture_release(&fixture);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pairs_note_ons_with_note_offs),
        cmocka_unit_test(agrees_with_a_search_for_each_note),
        cmocka_unit_test(fails_cleanly_without_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
