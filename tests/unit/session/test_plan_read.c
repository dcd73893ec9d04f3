// SPDX-License-Identifier: MIT

// Plans read back from their JSON, incomplete and spoilt.

#include "base/random.h"
#include "groove/groove.h"
#include "theory/roman.h"

#include "unit/session/edited_plan.h"

#include <stdio.h>

enum { PLANS_COUNT = 2000, SONGS_COUNT = 150, EDITS_COUNT = 1500 };

static char second_json[JSON_SIZE_MAX];
static unsigned char first_song[JSON_SIZE_MAX];
static unsigned char second_song[JSON_SIZE_MAX];

// A brief of every kind: feelings, lengths, metres, ensembles, rules.
static void make_any_plan(uint64_t seed)
{
    const double angle = (double)(seed % 41) / 20.0 - 1.0;
    const double other = (double)(seed % 37) / 18.0 - 1.0;
    struct brief brief = {.valence = angle,
                          .arousal = other,
                          .chaos = (double)(seed % 11) / 10.0,
                          .vulnerability = (double)(seed % 7) / 6.0,
                          .seed = seed * 0x9E3779B97F4A7C15ULL >> 1};
    brief.wishes.has_bars = true;
    brief.wishes.bars = (uint16_t)(4 + seed * 7 % 61);
    brief.wishes.has_mode = seed % 3 == 0;
    brief.wishes.mode = (uint8_t)(seed / 3 % KM_MODES_COUNT);
    brief.wishes.has_ensemble = true;
    brief.wishes.ensemble = (uint8_t)(seed % KM_ENSEMBLES_COUNT);
    brief.wishes.has_feel = true;
    brief.wishes.feel = (uint8_t)(seed % KM_FEELS_COUNT);
    brief.wishes.has_metre = true;
    static const uint8_t metres[][2] = {{4, 4}, {3, 4}, {6, 8}, {2, 4}, {12, 8}, {5, 4}, {7, 8}};
    brief.wishes.beats_per_bar = metres[seed % 7][0];
    brief.wishes.beat_unit = metres[seed % 7][1];
    brief.wishes.rules = 1U << seed % KM_RULES_COUNT;
    make_plan(&brief);
}

// What a document says of an affect is a part of it: the rest is left out of the comparison.
static void forget_details(struct km_affect *affect)
{
    affect->confidence = 0.0F;
    affect->ekman = 0;
    affect->node = 0;
    affect->labels = 0;
    affect->ekman_labels = 0;
    affect->sentiment_labels = 0;
    memset(affect->emotions, 0, sizeof(affect->emotions));
}

static void what_is_written_is_read_again(void **state)
{
    for (uint64_t seed = 0; seed < PLANS_COUNT; ++seed) {
        make_any_plan(seed);
        const size_t size = write_json(&plan, first_json);
        read_well(*state, first_json, size);
        assert_int_equal(remarks.count, 0);
        assert_int_equal(write_json(&again, second_json), size);
        assert_memory_equal(first_json, second_json, size);
        forget_details(&plan.affect);
        forget_details(&again.affect);
        assert_memory_equal(&plan, &again, sizeof(plan));
    }
}

static void the_plan_read_gives_the_same_song(void **state)
{
    for (uint64_t seed = 0; seed < SONGS_COUNT; ++seed) {
        make_any_plan(seed * 13);
        const size_t size = write_json(&plan, first_json);
        read_well(*state, first_json, size);
        const size_t song_size = write_song(&plan, first_song);
        assert_int_equal(write_song(&again, second_song), song_size);
        assert_memory_equal(first_song, second_song, song_size);
        const char *const fault = song_fault(&again, &file);
        assert_null(fault);
    }
}

static void what_is_left_out_is_planned(void **state)
{
    edited = json_object();
    expect_taken(*state);
    assert_int_equal(remarks.count, 0);

    edited = json_pack("{s:s, s:s, s:i, s:s, s:i, s:[s,s,s,s]}", "root_note", "A", "mode", "minor",
                       "tempo_bpm", 70, "time_signature", "3/4", "length_bars", 8, "chord_symbols",
                       "Am", "F", "C", "G");
    expect_taken(*state);
    assert_int_equal(again.chord_count, 8);
    expect_chord(0, "Am");
    expect_chord(7, "G");
    assert_int_equal(again.beats_per_bar, 3);

    static const char *const fields[] = {"phrases", "tension", "parts",
                                         "rules",   "affect",  "chord_symbols"};
    for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); ++i) {
        begin_edit(6);
        json_object_del(edited, fields[i]);
        expect_taken(*state);
    }

    begin_edit(6);
    json_object_del(edited, "chords");
    json_object_del(edited, "chord_symbols");
    expect_taken(*state);

    begin_edit(6);
    json_object_del(edited, "phrases");
    set("sections", json_pack("[{s:s,s:i},{s:s,s:i}]", "name", "verse", "bar_count", 6, "name",
                              "chorus", "bar_count", 10));
    expect_taken(*state);
    assert_int_equal(again.phrase_count, 5);
    assert_int_equal(again.phrases[1].bar_count, 2);
    assert_int_equal(again.sections[1].first_bar, 6);
}

static void what_has_no_effect_is_told(void **state)
{
    begin_edit(7);
    set("tempo", json_integer(90));
    set_at("sections", 1, "mood", json_string("sad"));
    expect_taken(*state);
    assert_int_equal(remarks.count, 2);
    assert_non_null(strstr(remarks.text, "plan.json: tempo: no such field"));
    assert_non_null(strstr(remarks.text, "plan.json: sections[1].mood: no such field"));
    begin_edit(7);
    for (int i = 0; i < 500; ++i) {
        char name[64];
        (void)snprintf(name, sizeof(name), "an unknown field of a long name, number %d", i);
        set(name, json_true());
    }
    expect_taken(*state);
    assert_int_equal(remarks.count, 500);
    assert_int_equal(remarks.text[strlen(remarks.text) - 1], '\n');
}

static void a_wrong_value_is_named_by_its_place(void **state)
{
    static const struct {
        const char *field, *value, *message;
    } cases[] = {
        {"tempo_bpm", "500", "tempo_bpm: expected a whole number from 30 to 240, not 500"},
        {"tempo_bpm", "90.5", "whole number"},
        {"tempo_bpm", "\"fast\"", "tempo_bpm: expected a whole number from 30 to 240, not a text"},
        {"length_bars", "3", "length_bars: expected"},
        {"length_bars", "32", "length_bars 32: change both"},
        {"length_bars", "12", "length_bars 12"},
        {"time_signature", "\"4/3\"", "time_signature: there is no metre '4/3'"},
        {"root_note", "\"H\"", "root_note: "},
        {"mode", "\"happy\"", "mode: "},
        {"genre", "\"Polka\"", "genre: there is no 'Polka'; there are: "},
        {"seed", "-1", "seed: expected"},
        {"seed", "1e300", "seed: expected"},
        {"complexity", "1.01", "complexity: expected a number from 0 to 1, not 1.01"},
        {"mood_profile", "7", "mood_profile: expected a text, not a number"},
        {"dynamics", "{\"low\": 90, \"high\": 80}", "dynamics.high: expected more than low, 90"},
        {"dynamics", "[]", "dynamics: expected an object, not a list"},
        {"register", "{\"low\": 60, \"high\": 65}", "register.high: expected an octave"},
        {"continued", "1", "continued: expected true or false"},
        {"tension", "[0.5]", "tension: one a bar: expected 16 numbers, not 1"},
        {"sections", "[]", "sections: fill 0 bars"},
        {"sections", "[{\"name\": \"verse\", \"first_bar\": 1, \"bar_count\": 15}]",
         "sections[0].first_bar: expected 0"},
        {"sections", "[{\"name\": \"verze\", \"bar_count\": 16}]", "sections[0].name: there is no"},
        {"phrases", "[{\"bar_count\": 16}]", "phrases[0].bar_count: a phrase has 1 to 4 bars"},
        {"parts", "[{\"id\": \"bass\"}, {\"id\": \"bass\"}]", "parts[1].id: 'bass' is there twice"},
        {"parts", "[{\"id\": \"tuba\"}]", "parts[0].id: there is no 'tuba'"},
        {"parts", "[{\"id\": \"bass\", \"program\": 128}]", "parts[0].program: expected"},
        {"parts", "[3]", "parts[0]: expected an object, not a number"},
        {"rules", "[{\"id\": \"HARMONY_Nonsense\"}]", "rules[0].id: there is no"},
        {"chords", "[]", "chord_symbols: has "},
        {"chord_symbols", "[\"C\"]", "chord_symbols: has 1 chords"},
        {"lyrics", "[\"\"]", "lyrics[0]: expected a line of text"},
        {"affect", "{\"valence\": 2}", "affect.valence: expected a number from -1 to 1, not 2"},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); ++i) {
        begin_edit(8);
        set(cases[i].field, json_loads(cases[i].value, JSON_DECODE_ANY, NULL));
        expect_refused(*state, cases[i].message);
    }
    begin_edit(8);
    set_at("chords", 3, "symbol", json_string("Hm7"));
    expect_refused(*state, "chords[3].symbol: ");
    begin_edit(8);
    set_at("chords", 3, "roman", json_string("IX"));
    expect_refused(*state, "chords[3].roman: ");
    begin_edit(8);
    set_at("chords", 3, "beats", json_real(0.5));
    expect_refused(*state, "chords[4].beat: expected bar ");
    begin_edit(8);
    set_at("chords", 3, "beat", json_real(0.1));
    expect_refused(*state, "chords change on sixteenths");
    begin_edit(8);
    json_array_set_new(json_object_get(edited, "tension"), 2, json_real(1.31));
    expect_refused(*state, "tension[2]: expected a number from 0 to 1.3");
}

static void what_is_no_json_is_refused_with_its_line(void **state)
{
    static const struct {
        const char *json, *message;
    } cases[] = {
        {"", "line 1"},
        {"{\"seed\": 1", "line 1"},
        {"{\n\"seed\": 01}", "line 2"},
        {"{\"seed\": 1, \"seed\": 2}", "duplicate"},
        {"[]", "expected an object"},
        {"{\"seed\": 99999999999999999999}", "too big"},
        {"{\"mood_profile\": \"\xFF\"}", "line 1"},
        {"{} {}", "line 1"},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); ++i) {
        assert_int_not_equal(read_json(*state, cases[i].json, strlen(cases[i].json)), KM_OK);
        if (!strstr(error.message, cases[i].message)) {
            print_error("%s\n", error.message);
        }
        assert_non_null(strstr(error.message, cases[i].message));
    }
    static char deep[KM_PLAN_JSON_SIZE_MAX + 1];
    memset(deep, '[', sizeof(deep));
    assert_int_equal(read_json(*state, deep, KM_PLAN_JSON_SIZE_MAX), KM_ERROR_INVALID);
    assert_int_equal(read_json(*state, deep, sizeof(deep)), KM_ERROR_TOO_LARGE);
}

// jansson's hooks have no context.
static struct km_heap *json_heap;

static void *allocate_json(size_t size)
{
    return km_heap_allocate(json_heap, KM_ACCOUNT_WORKING, size);
}

static void release_json(void *memory)
{
    km_heap_release(json_heap, memory);
}

static void no_refused_request_for_memory_leaves_anything(void **state)
{
    make_any_plan(77);
    const size_t size = write_json(&plan, first_json);
    json_heap = *state;
    json_set_alloc_funcs(allocate_json, release_json);
    uint64_t request = 1;
    enum km_status status = KM_ERROR_NO_MEMORY;
    while (status == KM_ERROR_NO_MEMORY) {
        km_heap_fail_at(*state, request++);
        status = read_json(*state, first_json, size);
        km_heap_fail_at(*state, 0);
        assert_int_equal(km_heap_usage(*state, KM_ACCOUNT_WORKING).current_bytes, 0);
    }
    json_set_alloc_funcs(malloc, free);
    if (status != KM_OK) {
        print_error("request %d: %s\n", (int)request, error.message);
    }
    assert_int_equal(status, KM_OK);
    assert_true(request > 100);
}

// A number from here and there, a text that some field knows, or something quite different.
static json_t *any_value(struct km_random *random, const json_t *before)
{
    static const double numbers[] = {0,  1,  -1,  2,   3,    4,   12,  40,
                                     63, 96, 127, 240, 0.05, 0.4, 0.5, 1.3};
    static const char *const texts[] = {
        "C",          "F#",    "Bbmaj7/A", "N.C.",        "Gdim7", "V7/V",
        "bII",        "3/4",   "7/8",      "locrian",     "blues", "whole tone",
        "silence",    "intro", "half",     "a",           "z",     "drums",
        "solo piano", "swing", "Hip-Hop",  "Rubato/Free", "punk",  "string quartet"};
    const uint32_t number = km_random_below(random, sizeof(numbers) / sizeof(numbers[0]));
    const uint32_t text = km_random_below(random, sizeof(texts) / sizeof(texts[0]));
    if (json_is_boolean(before)) {
        return json_boolean(number % 2);
    }
    if (json_is_integer(before)) {
        return km_random_chance(random, 0.5)
                   ? json_integer((json_int_t)numbers[number])
                   : json_integer(json_integer_value(before) + (json_int_t)(number % 3) - 1);
    }
    if (json_is_real(before)) {
        return json_real(numbers[number]);
    }
    if (json_is_string(before)) {
        return json_string(texts[text]);
    }
    return number % 2 ? json_object() : json_array();
}

// The value of a list or object at a place; for an object its key too.
static json_t *value_at(json_t *place, size_t index, const char **key)
{
    *key = NULL;
    if (json_is_array(place)) {
        return json_array_get(place, index);
    }
    void *field = json_object_iter(place);
    for (size_t i = 0; i < index && field; ++i) {
        field = json_object_iter_next(place, field);
    }
    *key = json_object_iter_key(field);
    return json_object_iter_value(field);
}

// Puts another value there, or takes out what stands there.
static void change_at(struct km_random *random, json_t *place, size_t index)
{
    const char *key;
    const json_t *const value = value_at(place, index, &key);
    json_t *const other = any_value(random, value);
    if (!key) {
        json_array_set_new(place, index, other);
    } else if (km_random_chance(random, 0.9)) {
        json_object_set_new(place, key, other);
    } else {
        json_decref(other);
        json_object_del(place, key);
    }
}

// Changes one value somewhere in the document, or takes it out.
static void change_something(struct km_random *random)
{
    json_t *place = edited;
    for (int depth = 0; depth < 3; ++depth) {
        const size_t size = json_is_array(place) ? json_array_size(place) : json_object_size(place);
        if (size == 0) {
            return;
        }
        const size_t index = km_random_below(random, (uint32_t)size);
        const char *key;
        json_t *const value = value_at(place, index, &key);
        if ((!json_is_array(value) && !json_is_object(value)) || !km_random_chance(random, 0.97)) {
            change_at(random, place, index);
            return;
        }
        place = value;
    }
}

static void whatever_is_taken_can_be_composed(void **state)
{
    struct km_random random;
    km_random_init(&random, 5, "edits");
    int taken = 0;
    for (uint64_t i = 0; i < EDITS_COUNT; ++i) {
        make_any_plan(i);
        const size_t size = write_json(&plan, first_json);
        edited = json_loadb(first_json, size, 0, NULL);
        assert_non_null(edited);
        for (uint32_t left = 1 + km_random_below(&random, 4); left > 0; --left) {
            change_something(&random);
        }
        char *const text = json_dumps(edited, JSON_COMPACT);
        json_decref(edited);
        if (read_json(*state, text, strlen(text)) == KM_OK) {
            ++taken;
            km_midi_file_release(&file);
            assert_int_equal(km_song_compose(&again, "Song", &file, NULL), KM_OK);
            const char *const fault = song_fault(&again, &file);
            if (fault) {
                print_error("%s\n%s\n", fault, text);
            }
            assert_null(fault);
        }
        free(text);
    }
    assert_in_range(taken, EDITS_COUNT / 8, EDITS_COUNT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        SONG_TEST(what_is_written_is_read_again),
        SONG_TEST(the_plan_read_gives_the_same_song),
        SONG_TEST(what_is_left_out_is_planned),
        SONG_TEST(what_has_no_effect_is_told),
        SONG_TEST(a_wrong_value_is_named_by_its_place),
        SONG_TEST(what_is_no_json_is_refused_with_its_line),
        SONG_TEST(no_refused_request_for_memory_leaves_anything),
        SONG_TEST(whatever_is_taken_can_be_composed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
