// SPDX-License-Identifier: MIT

#include "groove/groove_file.h"

#include "heap/heap.h"
#include "support/cmocka.h"

#include <string.h>

enum { NOTES = 200, STEP = 240 };

static struct km_heap *heap;

static void ok(enum km_status status)
{
    assert_int_equal(status, KM_OK);
}

static void add(struct km_midi_file *file, size_t track, struct km_event event)
{
    ok(km_midi_file_add(file, track, event));
}

// Two tracks: tempo and metre in the first; the second has a bank and program, and eighths.
static void make(struct km_midi_file *file, uint32_t microseconds)
{
    km_midi_file_init(file, heap, 1, 480);
    ok(km_midi_file_add_track(file));
    ok(km_midi_file_add_track(file));
    add(file, 0, (struct km_event){.type = KM_EVENT_TEMPO, .detail = microseconds});
    add(file, 0, (struct km_event){.type = KM_EVENT_TIME_SIGNATURE, .number = 4, .value = 2});
    ok(km_midi_file_add_text(file, 0, 960, KM_META_MARKER, "here"));
    add(file, 0, (struct km_event){.tick = 100, .type = KM_EVENT_END_OF_TRACK});
    file->tracks[0].events[3].tick = 960;
    add(file, 1, (struct km_event){.type = KM_EVENT_CONTROL, .number = 0, .value = 3});
    add(file, 1, (struct km_event){.type = KM_EVENT_PROGRAM, .number = 7});
    add(file, 1, (struct km_event){.type = KM_EVENT_CONTROL, .number = 7, .value = 99});
    for (uint64_t i = 0; i < NOTES; ++i) {
        const uint64_t tick = i * STEP;
        add(file, 1, (struct km_event){tick, KM_EVENT_NOTE_ON, 0, 60, 80, 0});
        add(file, 1, (struct km_event){tick, KM_EVENT_CONTROL, 0, 11, (uint8_t)(i % 128), 0});
        add(file, 1, (struct km_event){tick + STEP, KM_EVENT_NOTE_OFF, 0, 60, 64, 0});
    }
    add(file, 1, (struct km_event){.tick = NOTES * (uint64_t)STEP, .type = KM_EVENT_END_OF_TRACK});
}

static struct km_groove groove_of(double complexity)
{
    return (struct km_groove){.complexity = complexity, .vulnerability = 0.5, .seed = 1};
}

static bool is_note(const struct km_event *event)
{
    return event->type == KM_EVENT_NOTE_ON || event->type == KM_EVENT_NOTE_OFF;
}

// The next event at or after `at` that is no note.
static size_t next_other(const struct km_midi_track *track, size_t at)
{
    while (at < track->count && is_note(&track->events[at])) {
        ++at;
    }
    return at;
}

static void keeps_all_but_notes_in_their_order(void **state)
{
    (void)state;
    struct km_midi_file before;
    struct km_midi_file after;
    make(&before, 500000);
    make(&after, 500000);
    struct km_groove_outcome outcome = {0};
    const struct km_groove groove = groove_of(0.9);
    ok(km_groove_apply_file(&after, &groove, &outcome, NULL));
    assert_int_equal(outcome.notes, NOTES);
    for (size_t i = 0; i < 2; ++i) {
        const struct km_midi_track *const old = &before.tracks[i];
        const struct km_midi_track *const new = &after.tracks[i];
        assert_int_equal(new->count, old->count);
        size_t at = 0;
        for (size_t j = 0; j < old->count; ++j) {
            if (!is_note(&old->events[j])) {
                at = next_other(new, at);
                assert_memory_equal(&new->events[at], &old->events[j], sizeof(struct km_event));
                ++at;
            }
        }
        for (size_t j = 1; j < new->count; ++j) {
            assert_true(new->events[j].tick >= new->events[j - 1].tick);
        }
    }
    km_midi_file_release(&before);
    km_midi_file_release(&after);
}

static void complexity_0_changes_no_note(void **state)
{
    (void)state;
    struct km_midi_file before;
    struct km_midi_file after;
    make(&before, 500000);
    make(&after, 500000);
    struct km_groove_outcome outcome = {0};
    const struct km_groove groove = groove_of(0.0);
    ok(km_groove_apply_file(&after, &groove, &outcome, NULL));
    assert_true(outcome.mean_ms == 0.0 && outcome.deviation_ms == 0.0 && outcome.largest_ms == 0.0);
    for (size_t i = 0; i < 2; ++i) { // Each note, by kind, in its order, as it was.
        size_t at[2] = {0, 0};
        for (size_t j = 0; j < before.tracks[i].count; ++j) {
            const struct km_event *const old = &before.tracks[i].events[j];
            if (is_note(old)) {
                size_t *const next = &at[old->type == KM_EVENT_NOTE_ON];
                while (after.tracks[i].events[*next].type != old->type) {
                    ++*next;
                }
                assert_memory_equal(&after.tracks[i].events[*next], old, sizeof(*old));
                ++*next;
            }
        }
    }
    for (size_t i = 6; i < 3 * (size_t)NOTES; i += 3) { // Ended, set up, begun: in this order.
        const struct km_event *const event = &after.tracks[1].events[i];
        assert_int_equal(event[-1].type, KM_EVENT_NOTE_OFF);
        assert_int_equal(event[0].type, KM_EVENT_CONTROL);
        assert_int_equal(event[1].type, KM_EVENT_NOTE_ON);
        assert_int_equal(event[0].tick, event[-1].tick);
        assert_int_equal(event[0].tick, event[1].tick);
    }
    km_midi_file_release(&before);
    km_midi_file_release(&after);
}

// The tempo stands in another track.
static void deviates_in_ms_of_the_files_tempo(void **state)
{
    (void)state;
    static const uint32_t tempos[] = {250000, 500000, 1000000, 2000000};
    for (size_t i = 0; i < 4; ++i) {
        struct km_midi_file file;
        make(&file, tempos[i]);
        struct km_groove_outcome outcome = {0};
        const struct km_groove groove = groove_of(0.5);
        ok(km_groove_apply_file(&file, &groove, &outcome, NULL));
        assert_true(outcome.deviation_ms > 8.0 && outcome.deviation_ms < 16.0);
        assert_true(outcome.largest_ms < 25.0 + (double)tempos[i] / 480000.0);
        km_midi_file_release(&file);
    }
}

static void each_track_of_format_2_has_its_own_tempo(void **state)
{
    (void)state;
    struct km_midi_file file;
    make(&file, 4000000);
    file.format = 2; // The second track's tempo is 120 now, whatever the first says.
    struct km_groove_outcome outcome = {0};
    const struct km_groove groove = groove_of(1.0);
    ok(km_groove_apply_file(&file, &groove, &outcome, NULL));
    uint64_t largest = 0;
    for (size_t i = 0; i < file.tracks[1].count; ++i) {
        const struct km_event *const event = &file.tracks[1].events[i];
        const uint64_t off_grid = event->tick % STEP;
        const uint64_t distance = off_grid < STEP / 2 ? off_grid : STEP - off_grid;
        largest = distance > largest ? distance : largest;
    }
    assert_in_range(largest, 12, 25); // 25 ms are 24 ticks at 120, and 3 at 15.
    km_midi_file_release(&file);
}

// 25 frames of 40 ticks are 500 ticks to a quarter note at 120 BPM; the tempo that the file names
// means nothing there. So the notes move as in a file of that division and tempo.
static void time_in_frames_is_taken_for_120_beats_a_minute(void **state)
{
    (void)state;
    struct km_midi_file frames;
    struct km_midi_file beats;
    make(&frames, 900000);
    make(&beats, 500000);
    frames.division = 0xE728;
    beats.division = 500;
    struct km_groove_outcome in_frames;
    struct km_groove_outcome in_beats;
    const struct km_groove groove = groove_of(0.5);
    assert_int_equal(km_groove_apply_file(&frames, &groove, &in_frames, NULL), KM_OK);
    assert_int_equal(km_groove_apply_file(&beats, &groove, &in_beats, NULL), KM_OK);
    assert_true(in_frames.notes > 0 && in_frames.notes == in_beats.notes);
    assert_true(in_frames.deviation_ms > 2.0);
    for (size_t t = 0; t < beats.track_count; ++t) {
        for (size_t i = 0; i < beats.tracks[t].count; ++i) {
            assert_int_equal(frames.tracks[t].events[i].tick, beats.tracks[t].events[i].tick);
        }
    }
    km_midi_file_release(&frames);
    km_midi_file_release(&beats);
}

static void a_file_without_tracks_has_no_notes(void **state)
{
    (void)state;
    struct km_midi_file file;
    km_midi_file_init(&file, heap, 1, 480);
    struct km_groove_outcome outcome = {.notes = 5};
    const struct km_groove groove = groove_of(0.5);
    ok(km_groove_apply_file(&file, &groove, &outcome, NULL));
    assert_int_equal(outcome.notes, 0);
    ok(km_midi_file_add_track(&file));
    ok(km_groove_apply_file(&file, &groove, &outcome, NULL));
    km_midi_file_release(&file);
}

static void survives_every_failing_request(void **state)
{
    (void)state;
    int failures = 0;
    for (uint64_t request = 1;; ++request) {
        struct km_midi_file file;
        make(&file, 500000);
        struct km_groove_outcome outcome = {.notes = 5};
        struct km_error error = {0};
        const struct km_groove groove = groove_of(0.5);
        km_heap_fail_at(heap, request);
        const enum km_status status = km_groove_apply_file(&file, &groove, &outcome, &error);
        km_heap_fail_at(heap, 0);
        km_midi_file_release(&file);
        if (status == KM_OK) {
            break;
        }
        assert_int_equal(status, KM_ERROR_NO_MEMORY);
        assert_int_equal(outcome.notes, 5);
        assert_true(strlen(error.message) > 0);
        ++failures;
    }
    assert_true(failures >= 4);
}

static int open_heap(void **state)
{
    (void)state;
    heap = km_heap_new(NULL);
    return heap ? 0 : -1;
}

// Stops the program if anything was not given back.
static int close_heap(void **state)
{
    (void)state;
    km_heap_free(heap);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(keeps_all_but_notes_in_their_order),
        cmocka_unit_test(complexity_0_changes_no_note),
        cmocka_unit_test(deviates_in_ms_of_the_files_tempo),
        cmocka_unit_test(each_track_of_format_2_has_its_own_tempo),
        cmocka_unit_test(time_in_frames_is_taken_for_120_beats_a_minute),
        cmocka_unit_test(a_file_without_tracks_has_no_notes),
        cmocka_unit_test(survives_every_failing_request),
    };
    return cmocka_run_group_tests(tests, open_heap, close_heap);
}
