// SPDX-License-Identifier: MIT

// Templates on events: what moves where, and that notes stay whole and in order.

#include "groove/template.h"

#include "base/units.h"
#include "heap/heap.h"
#include "support/cmocka.h"

#include <string.h>

enum { EVENTS_MAX = 4096, HAT = 42, SIXTEENTH = KM_PPQ / 4, BAR = 4 * KM_PPQ };

static struct km_heap *heap;

struct track {
    struct km_event events[EVENTS_MAX];
    size_t count;
};

static struct track played;
static struct track written;
static struct km_groove_mark marks[EVENTS_MAX];

static void ok(enum km_status status)
{
    assert_int_equal(status, KM_OK);
}

static void add(struct track *track, struct km_event event)
{
    assert_true(track->count < EVENTS_MAX);
    track->events[track->count++] = event;
}

static void add_note(struct track *track, uint64_t tick, uint64_t length)
{
    add(track, (struct km_event){tick, KM_EVENT_NOTE_ON, 9, HAT, 80, 0});
    add(track, (struct km_event){tick + length, KM_EVENT_NOTE_OFF, 9, HAT, 64, 0});
}

// A note that is so many ticks late when it is played.
static void strike(uint64_t tick, int late, uint64_t length)
{
    add_note(&written, tick, length);
    add_note(&played, (uint64_t)((int64_t)tick + late), length);
}

static void metre(uint64_t tick, uint8_t numerator)
{
    const struct km_event event = {tick, KM_EVENT_TIME_SIGNATURE, 0, numerator, 2, 24 | 8 << 8};
    add(&written, event);
    add(&played, event);
}

static void begin(void)
{
    written.count = 0;
    played.count = 0;
}

static struct km_groove_template *extract_from(uint16_t format, size_t track, uint32_t bars_max)
{
    struct km_midi_file file;
    km_midi_file_init(&file, heap, format, KM_PPQ);
    ok(km_midi_file_add_track(&file));
    if (track == 1) {
        ok(km_midi_file_add_track(&file));
        ok(km_midi_file_add(&file, 0,
                            (struct km_event){0, KM_EVENT_TIME_SIGNATURE, 0, 3, 2, 24 | 8 << 8}));
    }
    for (size_t i = 0; i < played.count; ++i) {
        ok(km_midi_file_add(&file, track, played.events[i]));
    }
    ok(km_midi_track_sort(&file, track));
    const struct km_groove_extract extract = {.name = "", .source = "", .bars_max = bars_max};
    struct km_groove_template *feel = NULL;
    ok(km_groove_template_extract(&file, &extract, &feel, NULL));
    km_midi_file_release(&file);
    return feel;
}

static void apply(struct track *track, const struct km_groove_template *feel, bool is_average)
{
    struct km_tempo_change change = {.seconds_per_tick = 0.5 / KM_PPQ};
    const struct km_tempo_map map = {.changes = &change, .count = 1, .division = KM_PPQ};
    const struct km_groove_use use = {.feel = feel,
                                      .strength = 1.0,
                                      .velocity = 1.0,
                                      .is_average = is_average,
                                      .ppq = KM_PPQ,
                                      .tempo = &map};
    km_groove_template_apply(track->events, track->count, &use, marks);
}

// The tick of the n-th note-on; UINT64_MAX if there is none.
static uint64_t on_tick(const struct track *track, size_t index)
{
    for (size_t i = 0; i < track->count; ++i) {
        if (track->events[i].type == KM_EVENT_NOTE_ON && index-- == 0) {
            return track->events[i].tick;
        }
    }
    return UINT64_MAX;
}

static void expect_as_played(void)
{
    for (size_t i = 0; on_tick(&played, i) != UINT64_MAX; ++i) {
        assert_int_equal(on_tick(&written, i), on_tick(&played, i));
    }
}

// On and off by turns: no note is cut or swallowed by its neighbour.
static void expect_whole_notes(const struct track *track)
{
    bool is_sounding = false;
    for (size_t i = 0; i < track->count; ++i) {
        const struct km_event *const event = &track->events[i];
        if (event->type == KM_EVENT_NOTE_ON || event->type == KM_EVENT_NOTE_OFF) {
            assert_int_equal(is_sounding, event->type == KM_EVENT_NOTE_OFF);
            is_sounding = !is_sounding;
        }
    }
    assert_false(is_sounding);
}

static void a_roll_is_played_stroke_by_stroke(void **state)
{
    (void)state;
    begin();
    for (uint64_t i = 0; i < 128; ++i) {
        strike(i * 60, (int)(i * 7 % 29), 20); // 32nds, late by less than half of one.
    }
    struct km_groove_template *const feel = extract_from(1, 0, 0);
    apply(&written, feel, false);
    expect_as_played();
    km_groove_template_free(feel);
}

static void metres_may_change_on_the_way(void **state)
{
    (void)state;
    begin();
    uint64_t tick = 0;
    for (uint64_t bar = 0; bar < 24; ++bar) {
        const uint8_t beats = bar % 6 < 4 ? 4 : 3;
        metre(tick, beats);
        for (uint64_t i = 0; i < 4 * (uint64_t)beats; ++i) {
            strike(tick + i * SIXTEENTH, (int)((bar * 5 + i * 11) % 30), 20);
        }
        tick += beats * (uint64_t)KM_PPQ;
    }
    struct km_groove_template *const feel = extract_from(1, 0, 0);
    apply(&written, feel, false);
    expect_as_played();
    km_groove_template_free(feel);
}

// Two bars are kept, and the early downbeat of the third; it is that of the first when they return.
static void the_end_of_a_loop_leads_to_its_beginning(void **state)
{
    (void)state;
    begin();
    strike(BAR, -10, 20);
    strike(2 * (uint64_t)BAR, -30, 20);
    struct km_groove_template *const feel = extract_from(1, 0, 2);
    assert_int_equal(feel->bar_count, 2);
    begin();
    for (uint64_t bar = 1; bar < 9; ++bar) {
        add_note(&written, bar * BAR, 20);
    }
    apply(&written, feel, false);
    for (uint64_t bar = 1; bar < 9; ++bar) {
        assert_int_equal(on_tick(&written, bar - 1), bar * BAR - (bar % 2 == 1 ? 10 : 30));
    }
    km_groove_template_free(feel);
}

static void the_take_itself_stays_as_it_is(void **state)
{
    (void)state;
    begin();
    for (uint64_t i = 1; i < 128; ++i) {
        strike(i * SIXTEENTH, (int)(i * 13 % 37) - 18, 20);
    }
    struct km_groove_template *const feel = extract_from(1, 0, 0);
    static struct track again;
    again = played;
    apply(&again, feel, false);
    for (size_t i = 0; i < 127; ++i) {
        assert_int_equal(on_tick(&again, i), on_tick(&played, i));
    }
    km_groove_template_free(feel);
}

static void legato_notes_end_where_the_next_begins(void **state)
{
    (void)state;
    begin();
    for (uint64_t i = 1; i < 64; ++i) {
        strike(i * SIXTEENTH, i % 2 == 0 ? -25 : 25, SIXTEENTH);
    }
    for (size_t i = 0; i < played.count; ++i) { // Short ones in the take.
        if (played.events[i].type == KM_EVENT_NOTE_OFF) {
            played.events[i].tick -= 100;
        }
    }
    struct km_groove_template *const feel = extract_from(1, 0, 0);
    apply(&written, feel, false);
    expect_whole_notes(&written);
    km_groove_template_free(feel);
}

// The average of two places would have the later note first.
static void notes_of_one_key_stay_in_order(void **state)
{
    (void)state;
    begin();
    for (uint64_t bar = 0; bar < 8; ++bar) {
        strike(bar * BAR + 2 * (uint64_t)KM_PPQ, 0, 10);
    }
    struct km_groove_template *const feel = extract_from(1, 0, 0);
    struct km_groove_figures *const places = feel->places[KM_GROOVE_ROLE_HI_HAT];
    places[24] = (struct km_groove_figures){.count = 1, .mean_ms = 100.0, .velocity = 80.0};
    places[27] = (struct km_groove_figures){.count = 1, .mean_ms = -100.0, .velocity = 80.0};
    begin();
    add_note(&written, 960, 60);
    add_note(&written, 1080, 60);
    apply(&written, feel, true);
    assert_int_equal(on_tick(&written, 0), 960 + 96);
    assert_int_equal(on_tick(&written, 1), 960 + 97);
    expect_whole_notes(&written);
    km_groove_template_free(feel);
}

static void no_note_comes_before_its_program(void **state)
{
    (void)state;
    begin();
    strike(480, -20, 60);
    strike(960, -20, 60);
    struct km_groove_template *const feel = extract_from(1, 0, 0);
    begin();
    add(&written, (struct km_event){480, KM_EVENT_PROGRAM, 9, 8, 0, 0});
    add_note(&written, 480, 60);
    add_note(&written, 960, 60);
    apply(&written, feel, false);
    assert_int_equal(on_tick(&written, 0), 480);
    assert_int_equal(on_tick(&written, 1), 940);
    km_groove_template_free(feel);
}

// In format 2 each track is a piece: the metre of one says nothing of another.
static void of_format_2_the_first_piece_with_notes_is_taken(void **state)
{
    (void)state;
    begin();
    for (uint64_t i = 0; i < 16; ++i) {
        strike(i * KM_PPQ, 0, 60);
    }
    struct km_groove_template *const pieces = extract_from(2, 1, 0);
    struct km_groove_template *const tracks = extract_from(1, 1, 0);
    assert_int_equal(pieces->beats_per_bar, 4);
    assert_int_equal(tracks->beats_per_bar, 3);
    km_groove_template_free(pieces);
    km_groove_template_free(tracks);
}

static void what_is_written_swung_is_not_swung_again(void **state)
{
    (void)state;
    begin();
    for (uint64_t i = 0; i < 64; ++i) {
        strike(i * KM_PPQ, 0, 60);
        strike(i * KM_PPQ + 320, 0, 60);
    }
    struct km_groove_template *const feel = extract_from(1, 0, 0);
    struct km_midi_file file;
    km_midi_file_init(&file, heap, 1, KM_PPQ);
    ok(km_midi_file_add_track(&file));
    for (size_t i = 0; i < written.count; ++i) {
        ok(km_midi_file_add(&file, 0, written.events[i]));
    }
    assert_false(km_groove_template_swings(feel, &file));
    km_midi_file_release(&file);
    km_groove_template_free(feel);
}

static int open_heap(void **state)
{
    (void)state;
    heap = km_heap_new(NULL);
    return heap ? 0 : -1;
}

static int close_heap(void **state)
{
    (void)state;
    km_heap_free(heap);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_roll_is_played_stroke_by_stroke),
        cmocka_unit_test(metres_may_change_on_the_way),
        cmocka_unit_test(the_end_of_a_loop_leads_to_its_beginning),
        cmocka_unit_test(the_take_itself_stays_as_it_is),
        cmocka_unit_test(legato_notes_end_where_the_next_begins),
        cmocka_unit_test(notes_of_one_key_stay_in_order),
        cmocka_unit_test(no_note_comes_before_its_program),
        cmocka_unit_test(of_format_2_the_first_piece_with_notes_is_taken),
        cmocka_unit_test(what_is_written_swung_is_not_swung_again),
    };
    return cmocka_run_group_tests(tests, open_heap, close_heap);
}
