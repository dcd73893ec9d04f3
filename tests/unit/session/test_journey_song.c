// SPDX-License-Identifier: MIT

// Journeys as they are heard: from the finished MIDI alone.

#include "session/journey.h"

#include "base/units.h"
#include "heap/heap.h"
#include "midi/tempo_map.h"
#include "session/plan_read.h"
#include "session/planner_private.h"
#include "support/cmocka.h"
#include "unit/session/song_faults.h"

#include <jansson.h>
#include <string.h>

enum { JSON_SIZE_MAX = 1 << 24 };

static struct km_journey journey;
static struct km_midi_file file;

static int set_up(void **state)
{
    struct km_heap *const heap = km_heap_new(NULL);
    assert_non_null(heap);
    km_midi_file_init(&file, heap, 1, KM_PPQ);
    *state = heap;
    return 0;
}

static int tear_down(void **state)
{
    struct km_heap *const heap = *state;
    km_midi_file_release(&file);
    if (journey.heap) {
        km_journey_release(&journey);
    }
    assert_int_equal(km_heap_usage(heap, KM_ACCOUNT_WORKING).current_bytes, 0);
    km_heap_free(heap);
    return 0;
}

struct trip {
    double from[2], to[2], minutes;
    enum km_journey_path path;
    struct km_plan_wishes wishes;
    uint64_t seed;
};

static void travel(struct km_heap *heap, const struct trip *trip)
{
    struct km_journey_config config = {.path = trip->path,
                                       .minutes = trip->minutes,
                                       .motivation = 5,
                                       .chaos = 0.3,
                                       .seed = trip->seed,
                                       .wishes = &trip->wishes};
    km_affect_of_point(trip->from[0], trip->from[1], &config.from);
    km_affect_of_point(trip->to[0], trip->to[1], &config.to);
    km_midi_file_release(&file);
    if (journey.heap) {
        km_journey_release(&journey);
    }
    assert_int_equal(km_journey_plan(&config, heap, &journey, NULL), KM_OK);
    assert_int_equal(km_journey_compose(&journey, "Journey", &file, NULL), KM_OK);
}

static uint64_t length_ticks(void)
{
    return (uint64_t)km_journey_first_bar(&journey, journey.stage_count) *
           km_plan_bar_ticks(&journey.stages[0].plan);
}

static uint64_t stage_tick(int stage)
{
    return (uint64_t)km_journey_first_bar(&journey, stage) *
           km_plan_bar_ticks(&journey.stages[0].plan);
}

static double seconds_at(uint64_t tick)
{
    struct km_tempo_map map;
    assert_int_equal(km_tempo_map_init(&map, &file), KM_OK);
    const double seconds = km_tempo_map_seconds(&map, tick);
    km_tempo_map_release(&map);
    return seconds;
}

static void expect_valid(void)
{
    static struct km_harmony_plan whole; // As if one plan were as long as all.
    whole = journey.stages[0].plan;
    whole.length_bars = (uint16_t)km_journey_first_bar(&journey, journey.stage_count);
    const struct km_harmony_plan *const plan = &whole;
    size_t tracks = 1;
    for (int part = 0; part < KM_PARTS_COUNT; ++part) {
        const int index = km_song_track(plan, (enum km_part)part);
        tracks += index >= 0;
        assert_true(index < (int)file.track_count);
        if (index >= 0) {
            assert_null(notes_fault(plan, &file.tracks[index], (enum km_part)part));
        }
    }
    assert_int_equal(file.track_count, tracks);
    for (size_t i = 0; i < file.track_count; ++i) {
        const struct km_midi_track *const track = &file.tracks[i];
        assert_int_equal(track->events[track->count - 1].type, KM_EVENT_END_OF_TRACK);
        assert_int_equal(track->events[track->count - 1].tick, length_ticks());
    }
}

static const struct trip trips[] = {
    {{-0.8, 0.8}, {0.5, -0.6}, 6, KM_JOURNEY_STEPS, {0}, 1},
    {{-0.7, -0.4}, {0.8, 0.6}, 8, KM_JOURNEY_STEPS, {0}, 2},
    {{-0.7, 0.6}, {0.1, -0.7}, 2, KM_JOURNEY_STEPS, {0}, 3},
    {{-0.7, 0.6}, {0.6, -0.2}, 3, KM_JOURNEY_AT_ONCE, {0}, 4},
    {{-0.2, -0.2}, {0, 0}, 5, KM_JOURNEY_HOLD, {0}, 5},
    {{0, 0.9},
     {0, -0.9},
     12,
     KM_JOURNEY_STEPS,
     {.has_ensemble = true, .ensemble = KM_ENSEMBLE_SOLO_PIANO},
     6},
    {{0.9, 0},
     {-0.9, 0},
     4,
     KM_JOURNEY_STEPS,
     {.has_ensemble = true, .ensemble = KM_ENSEMBLE_STRING_QUARTET},
     7},
};

enum { TRIPS_COUNT = sizeof(trips) / sizeof(trips[0]) };

static void songs_are_valid_and_as_long_as_asked(void **state)
{
    for (int i = 0; i < TRIPS_COUNT; ++i) {
        travel(*state, &trips[i]);
        expect_valid();
        const struct km_harmony_plan *const last = &journey.stages[journey.stage_count - 1].plan;
        const double phrase = 4.0 * km_plan_bar_ticks(last) / KM_PPQ * 60 / last->tempo_bpm;
        const double apart = seconds_at(length_ticks()) - 60 * trips[i].minutes;
        assert_true(apart <= phrase && apart >= -phrase);
    }
}

// No step of the tempo is larger than the limit, wherever it stands, but where it slows to the end.
static void the_tempo_never_leaps(void **state)
{
    for (int i = 0; i < TRIPS_COUNT; ++i) {
        travel(*state, &trips[i]);
        const struct km_midi_track *const track = &file.tracks[0];
        const uint64_t closing = length_ticks() - 2ULL * km_plan_bar_ticks(&journey.stages[0].plan);
        double before = 0;
        for (size_t j = 0; j < track->count; ++j) {
            const struct km_event *const event = &track->events[j];
            if (event->type != KM_EVENT_TEMPO || event->tick >= closing) {
                continue;
            }
            const double step = before > 0 ? (double)event->detail / before : 1;
            assert_true(step < 1.0801 && step > 1 / 1.0801);
            before = event->detail;
        }
    }
}

static void each_stage_starts_at_its_tempo(void **state)
{
    for (int i = 0; i < TRIPS_COUNT; ++i) {
        travel(*state, &trips[i]);
        struct km_tempo_map map;
        assert_int_equal(km_tempo_map_init(&map, &file), KM_OK);
        for (int j = 0; j < journey.stage_count; ++j) {
            const double bpm = km_tempo_map_bpm(&map, stage_tick(j));
            const double apart = bpm - journey.stages[j].plan.tempo_bpm;
            assert_true(apart < 0.01 && apart > -0.01);
            const double late =
                km_tempo_map_seconds(&map, stage_tick(j)) - journey.stages[j].start_s;
            assert_true(late < 0.1 && late > -0.1);
        }
        km_tempo_map_release(&map);
    }
}

// Mean velocity of all notes that begin in a stage.
static double mean_velocity(int stage)
{
    double sum = 0;
    int count = 0;
    for (size_t t = 1; t < file.track_count; ++t) {
        const struct km_midi_track *const track = &file.tracks[t];
        for (size_t i = 0; i < track->count; ++i) {
            const struct km_event *const event = &track->events[i];
            if (event->type == KM_EVENT_NOTE_ON && event->tick >= stage_tick(stage) &&
                event->tick < stage_tick(stage + 1)) {
                sum += event->value;
                ++count;
            }
        }
    }
    assert_true(count > 0);
    return sum / count;
}

// Of notes as they are played: forms differ from stage to stage, and with them the loud and the
// soft sections, so that a mean may move a little more than the plans do.
static void loudness_never_leaps(void **state)
{
    for (int i = 0; i < TRIPS_COUNT; ++i) {
        travel(*state, &trips[i]);
        for (int j = 1; j < journey.stage_count; ++j) {
            const double step = mean_velocity(j) - mean_velocity(j - 1);
            assert_true(step < 10 && step > -10);
        }
    }
}

static void stages_are_marked_and_keys_told_as_they_change(void **state)
{
    travel(*state, &trips[0]);
    const struct km_midi_track *const track = &file.tracks[0];
    int stages = 0;
    int metres = 0;
    int names = 0;
    for (size_t i = 0; i < track->count; ++i) {
        const struct km_event *const event = &track->events[i];
        metres += event->type == KM_EVENT_TIME_SIGNATURE;
        names += event->type == KM_EVENT_META && event->number == KM_META_TRACK_NAME;
        if (event->type == KM_EVENT_META && event->number == KM_META_MARKER) {
            size_t size = 0;
            const char *const text =
                (const char *)km_midi_file_payload(&file, event->detail, &size);
            if (size > 6 && memcmp(text, "stage ", 6) == 0) {
                assert_int_equal(event->tick, stage_tick(stages));
                ++stages;
            }
        }
    }
    assert_int_equal(stages, journey.stage_count);
    assert_int_equal(metres, 1);
    assert_int_equal(names, 1);
}

// The whole file read back as events of a part, with none of any part sounding in between.
static bool is_silent_between(uint64_t from, uint64_t to)
{
    for (size_t t = 1; t < file.track_count; ++t) {
        const struct km_midi_track *const track = &file.tracks[t];
        int sounding = 0;
        for (size_t i = 0; i < track->count; ++i) {
            const struct km_event *const event = &track->events[i];
            if (sounding > 0 && event->tick > from && track->events[i - 1].tick < to) {
                return false;
            }
            sounding += event->type == KM_EVENT_NOTE_ON;
            sounding -= event->type == KM_EVENT_NOTE_OFF;
        }
    }
    return true;
}

static uint64_t silence_of(int stage, uint64_t *end)
{
    const struct km_harmony_plan *const plan = &journey.stages[stage].plan;
    for (int i = 0; i < plan->section_count; ++i) {
        const struct km_plan_section *const section = &plan->sections[i];
        if (section->kind == KM_SECTION_SILENCE) {
            const uint64_t bar_ticks = km_plan_bar_ticks(plan);
            const uint64_t start = stage_tick(stage) + section->first_bar * bar_ticks;
            *end = start + section->bar_count * bar_ticks;
            return start;
        }
    }
    *end = 0;
    return 0;
}

static void silence_is_silent_for_its_time(void **state)
{
    for (int i = 0; i < TRIPS_COUNT; ++i) {
        struct trip trip = trips[i];
        trip.wishes.silence_s = (uint16_t)(7 + i);
        travel(*state, &trip);
        expect_valid();
        int silences = 0;
        for (int j = 0; j < journey.stage_count; ++j) {
            uint64_t end = 0;
            const uint64_t start = silence_of(j, &end);
            if (end > 0) {
                ++silences;
                assert_true(is_silent_between(start, end));
                assert_true(seconds_at(end) - seconds_at(start) >= 7 + i - 0.01);
            }
        }
        assert_int_equal(silences, 1);
    }
}

static void phrases_last_as_long_as_a_slow_breath(void **state)
{
    for (int i = 0; i < TRIPS_COUNT; ++i) {
        struct trip trip = trips[i];
        trip.wishes.phrase_s = 10;
        travel(*state, &trip);
        const uint64_t phrase_ticks = 4ULL * km_plan_bar_ticks(&journey.stages[0].plan);
        // All but the last, which slows down.
        for (uint64_t tick = 0; tick + 2 * phrase_ticks <= length_ticks(); tick += phrase_ticks) {
            const double seconds = seconds_at(tick + phrase_ticks) - seconds_at(tick);
            assert_true(seconds > 9.95 && seconds < 10.05);
        }
    }
}

static void the_same_journey_gives_the_same_notes(void **state)
{
    travel(*state, &trips[1]);
    struct km_midi_file first = file;
    km_midi_file_init(&file, *state, 1, KM_PPQ);
    assert_int_equal(km_journey_compose(&journey, "Journey", &file, NULL), KM_OK);
    assert_int_equal(first.track_count, file.track_count);
    for (size_t t = 0; t < file.track_count; ++t) {
        assert_int_equal(first.tracks[t].count, file.tracks[t].count);
        assert_memory_equal(first.tracks[t].events, file.tracks[t].events,
                            file.tracks[t].count * sizeof(struct km_event));
    }
    assert_int_equal(first.payloads_size, file.payloads_size);
    assert_memory_equal(first.payloads, file.payloads, file.payloads_size);
    km_midi_file_release(&first);
}

static void an_hour_stays_in_bounded_memory(void **state)
{
    struct km_heap *const heap = *state;
    const struct trip trip = {.from = {-0.8, 0.8}, .to = {0.5, -0.6}, .minutes = 60};
    travel(heap, &trip);
    const uint64_t peak = km_heap_usage(heap, KM_ACCOUNT_WORKING).peak_bytes;
    assert_true(peak < 16U << 20U);
}

static void failing_memory_leaves_no_song(void **state)
{
    const struct trip trip = {.from = {-0.3, 0.2}, .to = {0.2, -0.2}, .minutes = 1.5, .seed = 3};
    travel(*state, &trip);
    enum km_status status = KM_ERROR_NO_MEMORY;
    for (uint64_t fail_at = 1; status != KM_OK; ++fail_at) {
        struct km_heap *const heap = km_heap_new(&(struct km_heap_config){.fail_at = fail_at});
        if (!heap) {
            continue;
        }
        struct km_midi_file song;
        km_midi_file_init(&song, heap, 1, KM_PPQ);
        status = km_journey_compose(&journey, "Journey", &song, NULL);
        assert_true(status == KM_OK || status == KM_ERROR_NO_MEMORY);
        assert_true((song.track_count > 0) == (status == KM_OK));
        km_midi_file_release(&song);
        assert_int_equal(km_heap_usage(heap, KM_ACCOUNT_WORKING).current_bytes, 0);
        km_heap_free(heap);
    }
}

static void the_json_tells_the_way(void **state)
{
    travel(*state, &trips[1]);
    struct km_sink_memory memory = {.size = JSON_SIZE_MAX};
    memory.bytes = km_heap_allocate(*state, KM_ACCOUNT_WORKING, JSON_SIZE_MAX);
    assert_non_null(memory.bytes);
    struct km_sink sink = km_sink_to_memory(&memory);
    assert_int_equal(km_journey_write_json(&journey, &sink), KM_OK);
    json_t *const root = json_loadb((const char *)memory.bytes, memory.used, 0, NULL);
    km_heap_release(*state, memory.bytes);
    json_t *const told = json_object_get(root, "journey");
    assert_string_equal(json_string_value(json_object_get(told, "path")), "small steps");
    assert_true(json_number_value(json_object_get(told, "reached")) >= 1);
    json_t *const stages = json_object_get(told, "stages");
    assert_int_equal(json_array_size(stages), journey.stage_count);
    for (size_t i = 0; i < json_array_size(stages); ++i) {
        json_t *const stage = json_array_get(stages, i);
        const double valence = json_number_value(json_object_get(stage, "valence"));
        assert_true(valence - (double)journey.stages[i].plan.affect.valence < 0.001);
        json_t *const plan = json_object_get(stage, "plan");
        assert_int_equal(json_integer_value(json_object_get(plan, "tempo_bpm")),
                         journey.stages[i].plan.tempo_bpm);
    }
    json_decref(root);
}

static void a_stage_may_be_kept_as_a_plan(void **state)
{
    travel(*state, &trips[1]);
    struct km_sink_memory memory = {.size = KM_PLAN_JSON_SIZE_MAX};
    memory.bytes = km_heap_allocate(*state, KM_ACCOUNT_WORKING, memory.size);
    assert_non_null(memory.bytes);
    for (int i = 0; i < journey.stage_count; ++i) {
        const struct km_harmony_plan *const stage_plan = &journey.stages[i].plan;
        memory.used = 0;
        struct km_sink sink = km_sink_to_memory(&memory);
        assert_int_equal(km_plan_write_json(stage_plan, &sink), KM_OK);
        const struct km_plan_document document = {
            .name = "stage", .bytes = (const char *)memory.bytes, .size = memory.used};
        static struct km_harmony_plan kept;
        assert_int_equal(km_plan_read_json(*state, &document, &kept, NULL, NULL), KM_OK);
        assert_true(kept.density <= stage_plan->density && kept.density >= stage_plan->density);
        assert_true(kept.articulation <= stage_plan->articulation &&
                    kept.articulation >= stage_plan->articulation);
        assert_int_equal(kept.velocity_high, stage_plan->velocity_high);
        assert_int_equal(kept.is_continued, stage_plan->is_continued);
        assert_int_equal(kept.seed, stage_plan->seed);
    }
    km_heap_release(*state, memory.bytes);
}

static void a_full_sink_is_told(void **state)
{
    travel(*state, &trips[2]);
    unsigned char bytes[1000];
    struct km_sink_memory memory = {.bytes = bytes, .size = sizeof(bytes)};
    struct km_sink sink = km_sink_to_memory(&memory);
    assert_int_equal(km_journey_write_json(&journey, &sink), KM_ERROR_TOO_LARGE);
}

#define JOURNEY_TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        JOURNEY_TEST(songs_are_valid_and_as_long_as_asked),
        JOURNEY_TEST(the_tempo_never_leaps),
        JOURNEY_TEST(each_stage_starts_at_its_tempo),
        JOURNEY_TEST(loudness_never_leaps),
        JOURNEY_TEST(stages_are_marked_and_keys_told_as_they_change),
        JOURNEY_TEST(silence_is_silent_for_its_time),
        JOURNEY_TEST(phrases_last_as_long_as_a_slow_breath),
        JOURNEY_TEST(the_same_journey_gives_the_same_notes),
        JOURNEY_TEST(an_hour_stays_in_bounded_memory),
        JOURNEY_TEST(failing_memory_leaves_no_song),
        JOURNEY_TEST(the_json_tells_the_way),
        JOURNEY_TEST(a_stage_may_be_kept_as_a_plan),
        JOURNEY_TEST(a_full_sink_is_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
