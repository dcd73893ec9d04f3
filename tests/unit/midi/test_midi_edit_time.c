// SPDX-License-Identifier: MIT

// Edits of time: division, cut, quantize. What must hold for every file, on files of our own and on
// real ones.

#include "midi/edit.h"
#include "midi/notes.h"
#include "midi/tempo_map.h"
#include "support/cmocka.h"
#include "unit/midi/edit_support.h"

#include <stdint.h>

#define METRE_TICK ((uint64_t)40 * 1920) // Where the song's metre changes.

// A file of one track, at 480 ticks a quarter note, from events.
static struct edit_bytes make_track(const struct km_event *events, size_t count)
{
    struct km_heap *const heap = km_heap_new(NULL);
    struct km_midi_file file;
    km_midi_file_init(&file, heap, 1, 480);
    assert_int_equal(km_midi_file_add_track(&file), KM_OK);
    for (size_t i = 0; i < count; ++i) {
        assert_int_equal(km_midi_file_add(&file, 0, events[i]), KM_OK);
    }
    struct edit_output output = {0};
    struct km_sink sink = edit_sink(&output);
    assert_int_equal(km_midi_file_write(&file, &sink, NULL), KM_OK);
    km_midi_file_release(&file);
    km_heap_free(heap);
    return output.content;
}

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

// What comes of the events must be these, and End of Track.
static void expect_events(const struct edit_bytes *bytes, const struct km_event *events,
                          size_t count)
{
    struct km_heap *const heap = km_heap_new(NULL);
    struct km_midi_file file;
    km_midi_file_init(&file, heap, 0, 1);
    assert_int_equal(km_midi_file_read(&file, bytes->bytes, bytes->size, NULL, NULL), KM_OK);
    assert_int_equal(file.tracks[0].count, count + 1);
    for (size_t i = 0; i < count; ++i) {
        const struct km_event *const event = &file.tracks[0].events[i];
        assert_int_equal(event->tick, events[i].tick);
        assert_int_equal(event->type, events[i].type);
        assert_int_equal(event->number, events[i].number);
        assert_int_equal(event->value, events[i].value);
    }
    km_midi_file_release(&file);
    km_heap_free(heap);
}

static struct km_event on_at(uint64_t tick, uint8_t key)
{
    return (struct km_event){tick, KM_EVENT_NOTE_ON, 0, key, 90, 0};
}

static struct km_event off_at(uint64_t tick, uint8_t key)
{
    return (struct km_event){tick, KM_EVENT_NOTE_OFF, 0, key, KM_RELEASE_VELOCITY, 0};
}

struct division {
    uint16_t ticks;
    uint64_t added; // Events that bridge gaps.
};

static enum km_status divide(const struct km_midi_edit *edit, void *settings,
                             struct km_midi_edit_report *report, struct km_error *error)
{
    struct division *const division = settings;
    const enum km_status status = km_midi_convert_division(edit, division->ticks, report, error);
    division->added = status == KM_OK ? report->added : 0;
    return status;
}

static enum km_status cut(const struct km_midi_edit *edit, void *settings,
                          struct km_midi_edit_report *report, struct km_error *error)
{
    return km_midi_cut(edit, settings, report, error);
}

static enum km_status quantize(const struct km_midi_edit *edit, void *settings,
                               struct km_midi_edit_report *report, struct km_error *error)
{
    return km_midi_quantize(edit, settings, report, error);
}

static void read_back(struct km_midi_file *file, struct km_heap *heap,
                      const struct edit_bytes *bytes)
{
    km_midi_file_init(file, heap, 0, 1);
    struct km_error error = {0};
    if (km_midi_file_read(file, bytes->bytes, bytes->size, NULL, &error) != KM_OK) {
        fail_msg("%s", error.message);
    }
}

// A song of three tracks whose metre and tempo change, with notes across every border: 40 bars of
// 4/4, then 7/8.
static struct edit_bytes make_song(struct km_heap *heap, bool is_played)
{
    struct km_midi_file file;
    km_midi_file_init(&file, heap, 1, 480);
    for (size_t i = 0; i < 3; ++i) {
        assert_int_equal(km_midi_file_add_track(&file), KM_OK);
    }
    const struct km_event settings[] = {
        {.type = KM_EVENT_TEMPO, .detail = 400000},
        {.type = KM_EVENT_KEY_SIGNATURE, .number = 2},
        {.tick = 5000, .type = KM_EVENT_TEMPO, .detail = 612345},
        {.tick = METRE_TICK,
         .type = KM_EVENT_TIME_SIGNATURE,
         .number = 7,
         .value = 3,
         .detail = 2072},
        {.tick = METRE_TICK + 333, .type = KM_EVENT_TEMPO, .detail = 500001},
    };
    for (size_t i = 0; i < sizeof(settings) / sizeof(settings[0]); ++i) {
        assert_int_equal(km_midi_file_add(&file, 0, settings[i]), KM_OK);
    }
    uint32_t random = 1;
    for (size_t track = 1; track < 3; ++track) {
        const uint8_t channel = (uint8_t)(track * 4);
        assert_int_equal(km_midi_file_add_text(&file, track, 0, KM_META_TRACK_NAME, "part"), KM_OK);
        assert_int_equal(
            km_midi_file_add(
                &file, track,
                (struct km_event){.type = KM_EVENT_PROGRAM, .channel = channel, .number = 40}),
            KM_OK);
        for (uint64_t i = 0; i < 400; ++i) {
            random = random * 1664525U + 1013904223U;
            const uint64_t late = is_played ? random >> 16 & 31U : 0;
            const uint8_t key = (uint8_t)(40 + i % 30);
            const uint64_t tick = i * 240 + late;
            assert_int_equal(
                km_midi_file_add(&file, track,
                                 (struct km_event){tick, KM_EVENT_NOTE_ON, channel, key, 80, 0}),
                KM_OK);
            assert_int_equal(
                km_midi_file_add(&file, track,
                                 (struct km_event){tick + 100 + (random >> 8 & 1023U),
                                                   KM_EVENT_NOTE_OFF, channel, key, 64, 0}),
                KM_OK);
            if (i % 7 == 0) {
                assert_int_equal(km_midi_file_add(&file, track,
                                                  (struct km_event){tick, KM_EVENT_CONTROL, channel,
                                                                    11, (uint8_t)(i % 128), 0}),
                                 KM_OK);
            }
        }
        assert_int_equal(km_midi_track_sort(&file, track), KM_OK);
    }
    struct edit_output output = {0};
    struct km_sink sink = edit_sink(&output);
    assert_int_equal(km_midi_file_write(&file, &sink, NULL), KM_OK);
    km_midi_file_release(&file);
    return output.content;
}

static size_t divided;

// Not RIFF, where a byte that pads an odd length may be missing: it is there afterwards.
static void go_there_and_back(const struct edit_bytes *input, const char *name)
{
    struct km_heap *const heap = km_heap_new(NULL);
    struct km_midi_file file;
    km_midi_file_init(&file, heap, 0, 1);
    struct edit_bytes plain = {0};
    struct edit_bytes there = {0};
    struct edit_bytes back = {0};
    if (km_midi_file_read(&file, input->bytes, input->size, NULL, NULL) == KM_OK &&
        file.division < 0x8000 && file.division * 6 < 0x8000 && input->bytes[0] != 'R') {
        struct division own = {.ticks = file.division};
        struct division finer = {.ticks = (uint16_t)(file.division * 6)};
        if (edit_run(divide, &own, input, &plain, NULL) == KM_OK &&
            edit_run(divide, &finer, input, &there, NULL) == KM_OK) {
            assert_int_equal(edit_run(divide, &own, &there, &back, NULL), KM_OK);
            if (finer.added == 0) { // A gap that had to be bridged stays so.
                edit_expect_same(&plain, &back, name);
            }
            ++divided;
        }
    }
    edit_free(&plain);
    edit_free(&there);
    edit_free(&back);
    km_midi_file_release(&file);
    km_heap_free(heap);
}

static void a_finer_division_and_back_is_the_same_file(void **state)
{
    (void)state;
    if (!edit_each_file("midi_small", go_there_and_back) ||
        !edit_each_file("edge", go_there_and_back)) {
        skip();
    }
    assert_true(divided > 50);
}

static void a_coarser_division_rounds_each_tick_and_keeps_every_note(void **state)
{
    (void)state;
    struct km_heap *const heap = km_heap_new(NULL);
    struct edit_bytes song = make_song(heap, true);
    struct edit_bytes coarse = {0};
    struct division division = {.ticks = 7};
    assert_int_equal(edit_run(divide, &division, &song, &coarse, NULL), KM_OK);
    struct km_midi_file before;
    struct km_midi_file after;
    read_back(&before, heap, &song);
    read_back(&after, heap, &coarse);
    assert_int_equal(after.division, 7);
    for (size_t track = 1; track < 3; ++track) {
        struct km_notes notes;
        struct km_notes rounded;
        assert_int_equal(km_notes_init(&notes, &before, track), KM_OK);
        assert_int_equal(km_notes_init(&rounded, &after, track), KM_OK);
        assert_int_equal(notes.count, rounded.count);
        for (size_t i = 0; i < notes.count; ++i) {
            const uint64_t begin = (notes.notes[i].tick * 14 + 480) / 960;
            const uint64_t end = (notes.notes[i].end * 14 + 480) / 960;
            assert_int_equal(rounded.notes[i].tick, begin);
            assert_int_equal(rounded.notes[i].end, end > begin ? end : begin + 1);
            assert_int_equal(rounded.notes[i].key, notes.notes[i].key);
        }
        km_notes_release(&notes);
        km_notes_release(&rounded);
    }
    km_midi_file_release(&before);
    km_midi_file_release(&after);
    edit_free(&song);
    edit_free(&coarse);
    km_heap_free(heap);
}

// Compares the seconds of all events of two files, track by track.
static void expect_same_seconds(const struct km_midi_file *a, const struct km_midi_file *b,
                                double tolerance)
{
    struct km_tempo_map first;
    struct km_tempo_map second;
    assert_int_equal(km_tempo_map_init(&first, a), KM_OK);
    assert_int_equal(km_tempo_map_init(&second, b), KM_OK);
    assert_int_equal(a->track_count, b->track_count);
    for (size_t track = 0; track < a->track_count; ++track) {
        assert_int_equal(a->tracks[track].count, b->tracks[track].count);
        for (size_t i = 0; i < a->tracks[track].count; ++i) {
            const double one = km_tempo_map_seconds(&first, a->tracks[track].events[i].tick);
            const double other = km_tempo_map_seconds(&second, b->tracks[track].events[i].tick);
            assert_true(one - other < tolerance && other - one < tolerance);
        }
    }
    km_tempo_map_release(&first);
    km_tempo_map_release(&second);
}

static void a_note_keeps_a_tick_even_of_the_coarsest_division(void **state)
{
    (void)state;
    const struct km_event events[] = {on_at(480, 60),  off_at(500, 60), on_at(505, 62),
                                      off_at(520, 62), on_at(1500, 64), off_at(1500, 64)};
    const struct km_event wanted[] = {on_at(1, 60),  on_at(1, 62), off_at(2, 60),
                                      off_at(2, 62), on_at(3, 64), off_at(3, 64)};
    struct edit_bytes input = make_track(events, COUNT(events));
    struct edit_bytes result = {0};
    struct division division = {.ticks = 1};
    assert_int_equal(edit_run(divide, &division, &input, &result, NULL), KM_OK);
    expect_events(&result, wanted, COUNT(wanted));
    edit_free(&result);
    edit_free(&input);
}

static void smpte_time_keeps_every_event_at_its_second(void **state)
{
    (void)state;
    static const uint16_t divisions[] = {0xE728, 0xE250, 0xE8FF, 0xE364};
    struct km_heap *const heap = km_heap_new(NULL);
    struct edit_bytes song = make_song(heap, true);
    struct km_midi_file before;
    read_back(&before, heap, &song);
    for (size_t i = 0; i < sizeof(divisions) / sizeof(divisions[0]); ++i) {
        struct edit_bytes there = {0};
        struct edit_bytes back = {0};
        struct division division = {.ticks = divisions[i]};
        assert_int_equal(edit_run(divide, &division, &song, &there, NULL), KM_OK);
        division.ticks = 480;
        assert_int_equal(edit_run(divide, &division, &there, &back, NULL), KM_OK);
        struct km_midi_file seconds;
        struct km_midi_file beats;
        read_back(&seconds, heap, &there);
        read_back(&beats, heap, &back);
        const double tick = 1.0 / ((256 - (divisions[i] >> 8)) * 0.99 * (divisions[i] & 0xFF));
        expect_same_seconds(&before, &seconds, tick);
        expect_same_seconds(&seconds, &beats, 0.0021); // Of a tick of the slowest tempo, 1.3 ms.
        km_midi_file_release(&seconds);
        km_midi_file_release(&beats);
        edit_free(&there);
        edit_free(&back);
    }
    km_midi_file_release(&before);
    edit_free(&song);
    km_heap_free(heap);
}

// Ticks on which each key of each channel sounds, summed up.
static uint64_t sounding_ticks(const struct km_midi_file *file)
{
    uint64_t total = 0;
    for (size_t track = 0; track < file->track_count; ++track) {
        struct km_notes notes;
        assert_int_equal(km_notes_init(&notes, file, track), KM_OK);
        assert_int_equal(notes.open_count, 0);
        assert_int_equal(notes.orphan_count, 0);
        for (size_t i = 0; i < notes.count; ++i) {
            total += notes.notes[i].end - notes.notes[i].tick;
        }
        km_notes_release(&notes);
    }
    return total;
}

static uint64_t bars_begin(uint64_t bar)
{
    return bar <= 40 ? bar * 1920 : METRE_TICK + (bar - 40) * 1680;
}

// All pieces together sound as long as the whole, each in its own bars.
static void pieces_cut_cover_every_note(void **state)
{
    (void)state;
    struct km_heap *const heap = km_heap_new(NULL);
    struct edit_bytes song = make_song(heap, true);
    struct km_midi_file whole;
    read_back(&whole, heap, &song);
    const uint64_t last = km_midi_file_end(&whole);
    uint64_t total = 0;
    for (uint64_t bar = 1; bars_begin(bar - 1) < last; bar += 3) {
        struct km_midi_cut bars = {.first_bar = bar, .last_bar = bar + 2};
        struct edit_bytes piece = {0};
        struct edit_problems problems = {0};
        assert_int_equal(edit_run(cut, &bars, &song, &piece, &problems), KM_OK);
        struct km_midi_file file;
        read_back(&file, heap, &piece);
        total += sounding_ticks(&file);
        const uint64_t length = bars_begin(bar + 2) - bars_begin(bar - 1);
        assert_true(km_midi_file_end(&file) <= length);
        assert_true(bars_begin(bar + 2) > last || km_midi_file_end(&file) == length);
        // In force at the beginning: program, and the tempo of before.
        bool has_program = false;
        for (size_t i = 0; i < file.tracks[1].count; ++i) {
            const struct km_event *const event = &file.tracks[1].events[i];
            has_program = has_program || (event->type == KM_EVENT_PROGRAM && event->tick == 0 &&
                                          event->number == 40);
        }
        assert_true(has_program);
        struct km_tempo_map one;
        struct km_tempo_map other;
        assert_int_equal(km_tempo_map_init(&one, &whole), KM_OK);
        assert_int_equal(km_tempo_map_init(&other, &file), KM_OK);
        assert_true(km_tempo_map_bpm(&one, bars_begin(bar - 1)) == km_tempo_map_bpm(&other, 0));
        km_tempo_map_release(&one);
        km_tempo_map_release(&other);
        km_midi_file_release(&file);
        edit_free(&piece);
    }
    assert_int_equal(total, sounding_ticks(&whole));
    km_midi_file_release(&whole);
    edit_free(&song);
    km_heap_free(heap);
}

// A note that ends where the bars begin is not in them; one that is struck again there is once.
static void a_note_that_ends_at_the_bar_line_is_not_begun_again(void **state)
{
    (void)state;
    const struct km_event events[] = {on_at(100, 60),   on_at(200, 62),   on_at(1920, 60),
                                      off_at(1920, 60), off_at(2000, 62), off_at(2100, 60)};
    const struct km_event wanted[] = {on_at(0, 60), on_at(0, 62), off_at(80, 62), off_at(180, 60)};
    struct edit_bytes input = make_track(events, COUNT(events));
    struct edit_bytes piece = {0};
    struct km_midi_cut bars = {.first_bar = 2, .last_bar = 2};
    assert_int_equal(edit_run(cut, &bars, &input, &piece, NULL), KM_OK);
    expect_events(&piece, wanted, COUNT(wanted));
    edit_free(&piece);
    edit_free(&input);
}

static void says_which_bars_there_are_not(void **state)
{
    (void)state;
    struct km_heap *const heap = km_heap_new(NULL);
    struct edit_bytes song = make_song(heap, false);
    struct edit_bytes piece = {0};
    struct km_midi_cut bars = {.first_bar = 1000, .last_bar = 1000};
    assert_int_equal(edit_run(cut, &bars, &song, &piece, NULL), KM_ERROR_RANGE);
    bars = (struct km_midi_cut){.first_bar = 1, .last_bar = KM_MIDI_BARS_MAX};
    assert_int_equal(edit_run(cut, &bars, &song, &piece, NULL), KM_OK);
    edit_expect_same(&song, &piece, "all bars");
    edit_free(&piece);
    edit_free(&song);
    km_heap_free(heap);
}

static void quantize_of_strength_0_changes_nothing(void **state)
{
    (void)state;
    struct km_heap *const heap = km_heap_new(NULL);
    struct edit_bytes song = make_song(heap, true);
    struct edit_bytes same = {0};
    struct km_midi_quantize settings = {.steps_per_whole = 16, .swing = 1.0, .strength = 0.0};
    assert_int_equal(edit_run(quantize, &settings, &song, &same, NULL), KM_OK);
    edit_expect_same(&song, &same, "song");
    edit_free(&same);
    edit_free(&song);
    km_heap_free(heap);
}

// Where a bar of the song begins that holds a tick.
static uint64_t bar_of(uint64_t tick)
{
    return tick < METRE_TICK ? tick / 1920 * 1920 : METRE_TICK + (tick - METRE_TICK) / 1680 * 1680;
}

static void quantize_of_strength_1_puts_every_onset_on_the_grid(void **state)
{
    (void)state;
    static const struct {
        struct km_midi_quantize settings;
        uint64_t pair;   // Ticks of two steps,
        uint64_t second; // of which the second begins here.
    } cases[] = {
        {{.steps_per_whole = 16, .swing = 1.0, .strength = 1.0}, 240, 120},
        {{.steps_per_whole = 12, .swing = 1.0, .strength = 1.0, .moves_ends = true}, 320, 160},
        {{.steps_per_whole = 8, .swing = 2.0, .strength = 1.0}, 480, 320},
        {{.steps_per_whole = 16, .swing = 3.0, .strength = 1.0}, 240, 180},
    };
    struct km_heap *const heap = km_heap_new(NULL);
    struct edit_bytes song = make_song(heap, true);
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); ++i) {
        struct km_midi_quantize settings = cases[i].settings;
        struct edit_bytes once = {0};
        struct edit_bytes twice = {0};
        assert_int_equal(edit_run(quantize, &settings, &song, &once, NULL), KM_OK);
        assert_int_equal(edit_run(quantize, &settings, &once, &twice, NULL), KM_OK);
        edit_expect_same(&once, &twice, "twice");
        struct km_midi_file file;
        read_back(&file, heap, &once);
        size_t notes = 0;
        for (size_t j = 0; j < file.tracks[1].count; ++j) {
            const struct km_event *const event = &file.tracks[1].events[j];
            if (event->type == KM_EVENT_NOTE_ON) {
                const uint64_t place = (event->tick - bar_of(event->tick)) % cases[i].pair;
                assert_true(place == 0 || place == cases[i].second);
                ++notes;
            }
        }
        assert_int_equal(notes, 400);
        (void)sounding_ticks(&file); // No note without an end.
        km_midi_file_release(&file);
        edit_free(&once);
        edit_free(&twice);
    }
    edit_free(&song);
    km_heap_free(heap);
}

static void quantized_notes_of_one_key_do_not_run_into_each_other(void **state)
{
    (void)state;
    // The first is late and goes earlier by 20, the second goes earlier by 50.
    const struct km_event events[] = {on_at(20, 60), off_at(160, 60), on_at(170, 60),
                                      off_at(300, 60)};
    const struct km_event wanted[] = {on_at(0, 60), off_at(120, 60), on_at(120, 60),
                                      off_at(250, 60)};
    struct edit_bytes input = make_track(events, COUNT(events));
    struct edit_bytes result = {0};
    struct km_midi_quantize settings = {.steps_per_whole = 16, .swing = 1.0, .strength = 1.0};
    assert_int_equal(edit_run(quantize, &settings, &input, &result, NULL), KM_OK);
    expect_events(&result, wanted, COUNT(wanted));
    edit_free(&result);
    edit_free(&input);
}

static void a_time_signature_within_a_bar_begins_a_new_grid(void **state)
{
    (void)state;
    const struct km_event meter = {.tick = 1000,
                                   .type = KM_EVENT_TIME_SIGNATURE,
                                   .number = 3,
                                   .value = 2,
                                   .detail = 24 | 8 << 8};
    const struct km_event events[] = {on_at(985, 60), off_at(990, 60), meter, on_at(1490, 62),
                                      off_at(1500, 62)};
    const struct km_event wanted[] = {on_at(1000, 60), meter, off_at(1005, 60), on_at(1480, 62),
                                      off_at(1490, 62)};
    struct edit_bytes input = make_track(events, COUNT(events));
    struct edit_bytes result = {0};
    struct km_midi_quantize settings = {.steps_per_whole = 4, .swing = 1.0, .strength = 1.0};
    assert_int_equal(edit_run(quantize, &settings, &input, &result, NULL), KM_OK);
    expect_events(&result, wanted, COUNT(wanted));
    edit_free(&result);
    edit_free(&input);
}

// On 16,000 sixteenths a bit late, over 1,000 bars, the last is moved no further than the first.
static void quantize_never_drifts(void **state)
{
    (void)state;
    struct km_heap *const heap = km_heap_new(NULL);
    struct km_midi_file file;
    km_midi_file_init(&file, heap, 1, 97); // Whose sixteenth is no whole number of ticks.
    assert_int_equal(km_midi_file_add_track(&file), KM_OK);
    for (uint64_t i = 0; i < 16000; ++i) {
        const uint64_t tick = (i * 4 * 97 + 8) / 16;
        const struct km_event on = {tick + i % 7, KM_EVENT_NOTE_ON, 0, 60, 90, 0};
        const struct km_event off = {tick + i % 7 + 9, KM_EVENT_NOTE_OFF, 0, 60, 64, 0};
        assert_int_equal(km_midi_file_add(&file, 0, on), KM_OK);
        assert_int_equal(km_midi_file_add(&file, 0, off), KM_OK);
    }
    struct edit_output output = {0};
    struct km_sink sink = edit_sink(&output);
    assert_int_equal(km_midi_file_write(&file, &sink, NULL), KM_OK);
    km_midi_file_release(&file);
    struct km_midi_quantize settings = {.steps_per_whole = 16, .swing = 1.0, .strength = 1.0};
    struct edit_bytes straight = {0};
    assert_int_equal(edit_run(quantize, &settings, &output.content, &straight, NULL), KM_OK);
    read_back(&file, heap, &straight);
    uint64_t index = 0;
    for (size_t i = 0; i < file.tracks[0].count; ++i) {
        const struct km_event *const event = &file.tracks[0].events[i];
        if (event->type == KM_EVENT_NOTE_ON) {
            assert_int_equal(event->tick, (index * 4 * 97 + 8) / 16);
            ++index;
        }
    }
    assert_int_equal(index, 16000);
    km_midi_file_release(&file);
    edit_free(&straight);
    edit_free(&output.content);
    km_heap_free(heap);
}

static void quantize_refuses_more_than_its_window_holds(void **state)
{
    (void)state;
    struct km_heap *const heap = km_heap_new(NULL);
    struct km_midi_file file;
    km_midi_file_init(&file, heap, 1, 480);
    assert_int_equal(km_midi_file_add_track(&file), KM_OK);
    for (uint64_t i = 0; i < 70000; ++i) {
        const struct km_event control = {0, KM_EVENT_CONTROL, 0, 1, (uint8_t)(i % 128), 0};
        assert_int_equal(km_midi_file_add(&file, 0, control), KM_OK);
    }
    struct edit_output output = {0};
    struct km_sink sink = edit_sink(&output);
    assert_int_equal(km_midi_file_write(&file, &sink, NULL), KM_OK);
    km_midi_file_release(&file);
    struct km_midi_quantize settings = {.steps_per_whole = 16, .swing = 1.0, .strength = 1.0};
    struct edit_bytes result = {0};
    assert_int_equal(edit_run(quantize, &settings, &output.content, &result, NULL),
                     KM_ERROR_TOO_LARGE);
    edit_free(&output.content);
    km_heap_free(heap);
}

// Each edit with memory failing at the first, second, ... request.
static void try_failing(enum km_status (*function)(const struct km_midi_edit *, void *,
                                                   struct km_midi_edit_report *, struct km_error *),
                        void *settings, const struct edit_bytes *input)
{
    struct km_midi_bytes bytes = {.bytes = input->bytes, .size = input->size};
    enum km_status status = KM_ERROR_NO_MEMORY;
    uint64_t request = 1;
    for (; status != KM_OK && request < 200; ++request) {
        struct edit_output output = {0};
        const struct km_heap_config config = {.fail_at = request};
        struct km_heap *const heap = km_heap_new(&config);
        struct km_sink sink = edit_sink(&output);
        const struct km_midi_edit edit = {
            .heap = heap, .source = km_midi_source_of_memory(&bytes), .sink = &sink};
        struct km_midi_edit_report report;
        struct km_error error = {0};
        status = function(&edit, settings, &report, &error);
        assert_true(status == KM_OK || status == KM_ERROR_NO_MEMORY);
        assert_true(status == KM_OK || error.message[0] != '\0');
        edit_free(&output.content);
        km_heap_free(heap);
    }
    assert_true(status == KM_OK && request > 4);
}

static void says_when_there_is_no_memory(void **state)
{
    (void)state;
    struct km_heap *const heap = km_heap_new(NULL);
    struct edit_bytes song = make_song(heap, true);
    struct division division = {.ticks = 0xE728};
    try_failing(divide, &division, &song);
    struct km_midi_cut bars = {.first_bar = 3, .last_bar = 7};
    try_failing(cut, &bars, &song);
    struct km_midi_quantize settings = {.steps_per_whole = 16, .swing = 1.0, .strength = 1.0};
    try_failing(quantize, &settings, &song);
    edit_free(&song);
    km_heap_free(heap);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_finer_division_and_back_is_the_same_file),
        cmocka_unit_test(a_coarser_division_rounds_each_tick_and_keeps_every_note),
        cmocka_unit_test(a_note_keeps_a_tick_even_of_the_coarsest_division),
        cmocka_unit_test(smpte_time_keeps_every_event_at_its_second),
        cmocka_unit_test(pieces_cut_cover_every_note),
        cmocka_unit_test(a_note_that_ends_at_the_bar_line_is_not_begun_again),
        cmocka_unit_test(says_which_bars_there_are_not),
        cmocka_unit_test(quantize_of_strength_0_changes_nothing),
        cmocka_unit_test(quantize_of_strength_1_puts_every_onset_on_the_grid),
        cmocka_unit_test(quantized_notes_of_one_key_do_not_run_into_each_other),
        cmocka_unit_test(a_time_signature_within_a_bar_begins_a_new_grid),
        cmocka_unit_test(quantize_never_drifts),
        cmocka_unit_test(quantize_refuses_more_than_its_window_holds),
        cmocka_unit_test(says_when_there_is_no_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
