// SPDX-License-Identifier: MIT

/// A plan's JSON for the tests of its reader: written, edited, and read back.
#ifndef KM_TESTS_SESSION_EDITED_PLAN_H
#define KM_TESTS_SESSION_EDITED_PLAN_H

#include "session/plan_read.h"

#include "unit/session/heard_song.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

enum { JSON_SIZE_MAX = 1 << 18 };

static struct km_harmony_plan again;
static char first_json[JSON_SIZE_MAX];
static struct km_error error;
static struct km_plan_remarks remarks;

static inline size_t write_json(const struct km_harmony_plan *written, char *json)
{
    struct km_sink_memory memory = {.bytes = (unsigned char *)json, .size = JSON_SIZE_MAX - 1};
    struct km_sink sink = km_sink_to_memory(&memory);
    assert_int_equal(km_plan_write_json(written, &sink), KM_OK);
    json[memory.used] = '\0';
    return memory.used;
}

static inline enum km_status read_json(struct km_heap *heap, const char *json, size_t size)
{
    const struct km_plan_document document = {.name = "plan.json", .bytes = json, .size = size};
    error = (struct km_error){0};
    return km_plan_read_json(heap, &document, &again, &remarks, &error);
}

static inline void read_well(struct km_heap *heap, const char *json, size_t size)
{
    if (read_json(heap, json, size) != KM_OK) {
        print_error("%s\n%.*s\n", error.message, (int)(size < 4000 ? size : 4000), json);
    }
    assert_int_equal(error.status, KM_OK);
}

static inline size_t write_song(const struct km_harmony_plan *written, unsigned char *bytes)
{
    km_midi_file_release(&file);
    assert_int_equal(km_song_compose(written, "Song", &file, NULL), KM_OK);
    struct km_sink_memory memory = {.size = JSON_SIZE_MAX};
    memory.bytes = bytes;
    struct km_sink sink = km_sink_to_memory(&memory);
    assert_int_equal(km_midi_file_write(&file, &sink, NULL), KM_OK);
    return memory.used;
}

// The plan's JSON, for editing.
static json_t *edited;

static inline void begin_edit(uint64_t seed)
{
    const struct brief brief = {.valence = -0.3,
                                .arousal = 0.2,
                                .chaos = 0.2,
                                .seed = seed,
                                .wishes = {.has_tonic = true,
                                           .tonic = 0,
                                           .has_mode = true,
                                           .mode = KM_MODE_IONIAN,
                                           .has_metre = true,
                                           .beats_per_bar = 4,
                                           .beat_unit = 4,
                                           .has_bars = true,
                                           .bars = 16}};
    make_plan(&brief);
    const size_t size = write_json(&plan, first_json);
    edited = json_loadb(first_json, size, 0, NULL);
    assert_non_null(edited);
}

static inline void set(const char *field, json_t *value)
{
    assert_int_equal(json_object_set_new(edited, field, value), 0);
}

static inline json_t *at(const char *list, size_t index)
{
    json_t *const value = json_array_get(json_object_get(edited, list), index);
    assert_non_null(value);
    return value;
}

static inline void set_at(const char *list, size_t index, const char *field, json_t *value)
{
    assert_int_equal(json_object_set_new(at(list, index), field, value), 0);
}

static inline enum km_status end_edit(struct km_heap *heap)
{
    char *const text = json_dumps(edited, JSON_COMPACT);
    json_decref(edited);
    assert_non_null(text);
    const enum km_status status = read_json(heap, text, strlen(text));
    free(text);
    return status;
}

static inline void expect_taken(struct km_heap *heap)
{
    const enum km_status status = end_edit(heap);
    if (status != KM_OK) {
        print_error("%s\n", error.message);
    }
    assert_int_equal(status, KM_OK);
    km_midi_file_release(&file);
    assert_int_equal(km_song_compose(&again, "Song", &file, NULL), KM_OK);
    assert_null(song_fault(&again, &file));
}

static inline void expect_refused(struct km_heap *heap, const char *message)
{
    memset(&again, 0x5A, sizeof(again));
    const struct km_harmony_plan before = again;
    const enum km_status status = end_edit(heap);
    if (status == KM_OK || !strstr(error.message, message)) {
        print_error("expected \"%s\", not \"%s\"\n", message, error.message);
    }
    assert_int_not_equal(status, KM_OK);
    assert_non_null(strstr(error.message, message));
    assert_int_equal(strncmp(error.message, "plan.json: ", 11), 0);
    assert_memory_equal(&again, &before, sizeof(again)); // Untouched.
}

// What a chord of the plan became, whichever of the places that name it was changed.
static inline void expect_chord(int index, const char *symbol)
{
    struct km_chord chord;
    struct km_chord named;
    assert_int_equal(km_chord_parse(symbol, &chord, NULL), KM_OK);
    assert_int_equal(km_chord_parse(again.chords[index].symbol, &named, NULL), KM_OK);
    assert_memory_equal(&again.chords[index].chord, &chord, sizeof(chord));
    assert_memory_equal(&named, &chord, sizeof(chord));
    assert_int_equal(km_roman_parse(again.chords[index].roman, again.key, &named, NULL), KM_OK);
    assert_memory_equal(&named, &chord, sizeof(chord));
}

#endif
