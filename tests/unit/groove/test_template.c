// SPDX-License-Identifier: MIT

#include "groove/template.h"

#include "base/random.h"
#include "base/units.h"
#include "heap/heap.h"
#include "support/cmocka.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { JSON_SIZE = 1 << 20, STRIKES_MAX = 20000, HAT = 42, SNARE = 38, KICK = 36, LENGTH = 30 };

static struct km_heap *heap;
static char json[2][JSON_SIZE];

static void ok(enum km_status status)
{
    assert_int_equal(status, KM_OK);
}

// What is written and played, in ticks.
struct strike {
    uint64_t written, played;
    uint8_t channel, key, velocity;
};

static struct strike strikes[STRIKES_MAX];
static size_t strike_count;

static void strike(uint64_t written, int late, uint8_t channel, uint8_t key, uint8_t velocity)
{
    assert_true(strike_count < STRIKES_MAX);
    const int64_t played = (int64_t)written + late;
    strikes[strike_count++] = (struct strike){.written = written,
                                              .played = (uint64_t)(played > 0 ? played : 0),
                                              .channel = channel,
                                              .key = key,
                                              .velocity = velocity};
}

static void add(struct km_midi_file *file, struct km_event event)
{
    ok(km_midi_file_add(file, 0, event));
}

// One track of the strikes, as played or as written with one velocity.
static void make_file(struct km_midi_file *file, uint8_t numerator, bool is_played)
{
    km_midi_file_init(file, heap, 1, KM_PPQ);
    ok(km_midi_file_add_track(file));
    add(file, (struct km_event){.type = KM_EVENT_TEMPO, .detail = 480000});
    add(file, (struct km_event){.type = KM_EVENT_TIME_SIGNATURE, .number = numerator, .value = 2});
    for (size_t i = 0; i < strike_count; ++i) {
        const struct strike *const one = &strikes[i];
        const uint64_t tick = is_played ? one->played : one->written;
        const uint8_t velocity = is_played ? one->velocity : 64;
        add(file, (struct km_event){tick, KM_EVENT_NOTE_ON, one->channel, one->key, velocity, 0});
        add(file,
            (struct km_event){tick + LENGTH, KM_EVENT_NOTE_OFF, one->channel, one->key, 64, 0});
    }
    ok(km_midi_track_sort(file, 0));
}

static struct km_groove_template *extract(const struct km_midi_file *file, bool is_average)
{
    const struct km_groove_extract wanted = {
        .name = "feel", .source = "take.mid", .is_average = is_average};
    struct km_groove_template *feel = NULL;
    ok(km_groove_template_extract(file, &wanted, &feel, NULL));
    return feel;
}

static struct km_groove_template *template_of_strikes(uint8_t numerator, bool is_average)
{
    struct km_midi_file file;
    make_file(&file, numerator, true);
    struct km_groove_template *const feel = extract(&file, is_average);
    km_midi_file_release(&file);
    return feel;
}

static size_t write_json(const struct km_groove_template *feel, int place)
{
    struct km_sink_memory memory = {.bytes = (unsigned char *)json[place], .size = JSON_SIZE - 1};
    struct km_sink sink = km_sink_to_memory(&memory);
    ok(km_groove_template_write_json(feel, &sink));
    json[place][memory.used] = '\0';
    return memory.used;
}

static enum km_status read_json(const char *text, struct km_groove_template **feel,
                                struct km_error *error)
{
    const struct km_groove_document document = {
        .name = "feel.json", .bytes = text, .size = strlen(text)};
    return km_groove_template_read_json(heap, &document, feel, error);
}

// One sixteenth of a bar: a hi-hat or a rest, and kick or snare on the beat.
static void play_sixteenth(struct km_random *random, uint64_t tick, uint64_t sixteenth)
{
    const int late = km_random_between(random, -40, 40);
    const uint8_t velocity = (uint8_t)km_random_between(random, 1, 127);
    if (km_random_chance(random, 0.8)) {
        strike(tick, late, 9, HAT, velocity);
    }
    if (sixteenth % 4 == 0) {
        strike(tick, late / 2, 9, sixteenth % 8 == 0 ? KICK : SNARE, velocity);
    }
    if (sixteenth % 8 == 4 && tick % 7680 > 5760) {
        strike(tick, late / 2 + 20, 9, SNARE, 100); // A flam.
    }
}

// 16 bars of a kit; deviations, flams and rests are chance.
static void play_kit(uint64_t bar_ticks)
{
    struct km_random random;
    km_random_init(&random, 3, "kit");
    strike_count = 0;
    for (uint64_t bar = 0; bar < 16; ++bar) {
        for (uint64_t i = 0; i < bar_ticks / 120; ++i) {
            play_sixteenth(&random, bar * bar_ticks + i * 120, i);
        }
    }
}

static int compare(const void *a, const void *b)
{
    const uint64_t *const left = a;
    const uint64_t *const right = b;
    return (*left > *right) - (*left < *right);
}

// The ticks of a key's notes, in order.
static size_t ticks_of(const struct km_midi_file *file, uint8_t key, uint64_t *ticks)
{
    size_t count = 0;
    for (size_t i = 0; i < file->tracks[0].count; ++i) {
        const struct km_event *const event = &file->tracks[0].events[i];
        if (event->type == KM_EVENT_NOTE_ON && event->number == key) {
            ticks[count++] = event->tick;
        }
    }
    qsort(ticks, count, sizeof(*ticks), compare);
    return count;
}

static void apply(struct km_midi_file *file, const struct km_groove_template *feel, double strength)
{
    const struct km_groove_use use = {.feel = feel, .strength = strength, .velocity = strength};
    struct km_groove_outcome outcome;
    ok(km_groove_template_apply_file(file, &use, &outcome, NULL));
}

static uint64_t found[STRIKES_MAX];
static uint64_t wanted[STRIKES_MAX];

static void expect_same_ticks(const struct km_midi_file *file, const struct km_midi_file *other,
                              uint64_t most)
{
    static const uint8_t keys[] = {KICK, SNARE, HAT};
    for (size_t k = 0; k < 3; ++k) {
        const size_t count = ticks_of(file, keys[k], found);
        assert_int_equal(ticks_of(other, keys[k], wanted), count);
        for (size_t i = 0; i < count; ++i) {
            const uint64_t away =
                found[i] > wanted[i] ? found[i] - wanted[i] : wanted[i] - found[i];
            if (away > most) {
                fail_msg("note %zu of key %u: %lu instead of %lu", i, (unsigned int)keys[k],
                         (unsigned long)found[i], (unsigned long)wanted[i]);
            }
        }
    }
}

static void a_take_put_on_its_grid_is_played_as_it_was(void **state)
{
    (void)state;
    for (uint8_t numerator = 3; numerator <= 5; ++numerator) {
        play_kit((uint64_t)numerator * KM_PPQ);
        struct km_midi_file played;
        struct km_midi_file written;
        make_file(&played, numerator, true);
        make_file(&written, numerator, false);
        struct km_groove_template *const feel = extract(&played, false);
        assert_int_equal(feel->bar_count, 16);
        assert_int_equal(feel->hit_count, strike_count);
        apply(&written, feel, 1.0);
        expect_same_ticks(&written, &played, 0);
        km_groove_template_free(feel);
        km_midi_file_release(&played);
        km_midi_file_release(&written);
    }
}

static void at_strength_0_nothing_moves(void **state)
{
    (void)state;
    play_kit(4 * (uint64_t)KM_PPQ);
    struct km_groove_template *const feel = template_of_strikes(4, false);
    struct km_midi_file before;
    struct km_midi_file after;
    make_file(&before, 4, false);
    make_file(&after, 4, false);
    apply(&after, feel, 0.0);
    assert_int_equal(before.tracks[0].count, after.tracks[0].count);
    assert_memory_equal(before.tracks[0].events, after.tracks[0].events,
                        before.tracks[0].count * sizeof(struct km_event));
    km_groove_template_free(feel);
    km_midi_file_release(&before);
    km_midi_file_release(&after);
}

static void strength_goes_part_of_the_way(void **state)
{
    (void)state;
    strike_count = 0;
    for (uint64_t i = 0; i < 64; ++i) {
        strike(i * 120, i % 2 == 0 ? 0 : 20, 9, HAT, i % 2 == 0 ? 104 : 44);
    }
    struct km_groove_template *const feel = template_of_strikes(4, false);
    for (int quarters = 0; quarters <= 4; ++quarters) {
        struct km_midi_file file;
        make_file(&file, 4, false);
        apply(&file, feel, 0.25 * quarters);
        assert_int_equal(ticks_of(&file, HAT, found), 64);
        for (uint64_t i = 0; i < 64; ++i) {
            assert_int_equal(found[i], i * 120 + (i % 2 == 0 ? 0 : 5U * (unsigned int)quarters));
        }
        for (size_t i = 0; i < file.tracks[0].count; ++i) {
            const struct km_event *const event = &file.tracks[0].events[i];
            if (event->type == KM_EVENT_NOTE_ON) {
                const bool is_even = event->tick % 240 < 60 || event->tick % 240 > 180;
                assert_int_equal(event->value, is_even ? 64 + 10 * quarters : 64 - 5 * quarters);
            }
        }
        km_groove_template_free(NULL);
        km_midi_file_release(&file);
    }
    km_groove_template_free(feel);
}

// The fault to avoid: deviations that add up. A bar of the template comes back in each bar.
static void bar_1000_is_played_as_bar_1(void **state)
{
    (void)state;
    strike_count = 0;
    for (uint64_t i = 0; i < 16; ++i) {
        strike(i * 120, (int)(i % 5) * 7, 9, HAT, 80);
    }
    struct km_groove_template *const full = template_of_strikes(4, false);
    struct km_groove_template *const average = template_of_strikes(4, true);
    assert_int_equal(full->bar_count, 1);
    assert_int_equal(average->bar_count, 0);
    strike_count = 0;
    for (uint64_t i = 0; i < 16000; ++i) {
        strike(i * 120, 0, 9, HAT, 80);
    }
    struct km_groove_template *const templates[] = {full, average};
    for (size_t t = 0; t < 2; ++t) {
        struct km_midi_file file;
        make_file(&file, 4, false);
        apply(&file, templates[t], 1.0);
        assert_int_equal(ticks_of(&file, HAT, found), 16000);
        for (uint64_t i = 0; i < 16000; ++i) {
            assert_int_equal(found[i], i * 120 + i % 16 % 5 * 7);
        }
        km_midi_file_release(&file);
        km_groove_template_free(templates[t]);
    }
}

// A template in 4/4 gives 3/4 its first three beats, and 5/4 its first again.
static void another_metre_takes_the_same_beats(void **state)
{
    (void)state;
    strike_count = 0;
    for (uint64_t i = 0; i < 64; ++i) {
        strike(i * 480, (int)(i % 4) * 10, 9, SNARE, 80);
    }
    struct km_groove_template *const feel = template_of_strikes(4, true);
    strike_count = 0;
    for (uint64_t i = 0; i < 60; ++i) {
        strike(i * 480, 0, 9, SNARE, 80);
    }
    for (uint8_t numerator = 3; numerator <= 5; numerator += 2) {
        struct km_midi_file file;
        make_file(&file, numerator, false);
        apply(&file, feel, 1.0);
        assert_int_equal(ticks_of(&file, SNARE, found), 60);
        for (uint64_t i = 0; i < 60; ++i) {
            assert_int_equal(found[i], i * 480 + i % numerator % 4 * 10);
        }
        km_midi_file_release(&file);
    }
    km_groove_template_free(feel);
}

static void offsets_are_ms_in_any_tempo_and_division(void **state)
{
    (void)state;
    strike_count = 0;
    for (uint64_t i = 0; i < 64; ++i) {
        strike(i * 120, i % 2 == 0 ? -2 : 8, 9, HAT, 80); // Ticks of 1 ms: 125 BPM.
    }
    strikes[0].played = 0;
    struct km_groove_template *const feel = template_of_strikes(4, true);
    struct km_midi_file file;
    km_midi_file_init(&file, heap, 1, 1000);
    ok(km_midi_file_add_track(&file));
    add(&file, (struct km_event){.type = KM_EVENT_TEMPO, .detail = 1000000});
    add(&file, (struct km_event){8000, KM_EVENT_TEMPO, 0, 0, 0, 250000});
    for (uint64_t i = 1; i < 64; ++i) {
        add(&file, (struct km_event){i * 250, KM_EVENT_NOTE_ON, 9, HAT, 80, 0});
    }
    apply(&file, feel, 1.0);
    assert_int_equal(ticks_of(&file, HAT, found), 63);
    for (size_t i = 1; i < 64; ++i) {
        const int64_t moved = (int64_t)found[i - 1] - (int64_t)i * 250;
        const int64_t per_ms = i > 32 ? 4 : 1;
        const int64_t late = i % 2 == 0 ? -2 : 8;
        if (i % 16 != 0) { // The first beat's first is no earlier than the file.
            if (moved < late * per_ms - 1 || moved > late * per_ms + 1) {
                fail_msg("note %zu moved by %ld", i, (long)moved);
            }
        }
    }
    km_midi_file_release(&file);
    km_groove_template_free(feel);
}

static void a_swung_template_swings_straight_music(void **state)
{
    (void)state;
    strike_count = 0;
    for (uint64_t i = 0; i < 64; ++i) {
        strike(i * 480, 0, 9, HAT, 90);
        strike(i * 480 + 320, 0, 9, HAT, 60);
    }
    for (size_t i = 0; i < strike_count; ++i) {
        strikes[i].played = strikes[i].written;
    }
    struct km_groove_template *const feel = template_of_strikes(4, false);
    assert_true(fabs(feel->measure.swing_ratio - 2.0) < 0.02);
    strike_count = 0;
    for (uint64_t i = 0; i < 64; ++i) {
        strike(i * 240, 0, 9, HAT, 80);
        strike(i * 240, 0, 0, 60, 80);
    }
    struct km_midi_file file;
    make_file(&file, 4, false);
    assert_true(km_groove_template_swings(feel, &file));
    apply(&file, feel, 1.0);
    static const uint8_t keys[] = {HAT, 60};
    for (size_t k = 0; k < 2; ++k) {
        assert_int_equal(ticks_of(&file, keys[k], found), 64);
        for (uint64_t i = 0; i < 64; ++i) {
            const uint64_t swung = i / 2 * 480 + i % 2 * 320;
            assert_in_range(found[i] + 2 - swung, 0, 4);
        }
    }
    km_midi_file_release(&file);
    km_groove_template_free(feel);
}

// Pitched parts have no key in a drummer's take: they follow what all drums do at the place, and
// are louder and softer as they are.
static void other_parts_take_the_average_of_all(void **state)
{
    (void)state;
    strike_count = 0;
    for (uint64_t i = 0; i < 64; ++i) {
        strike(i * 480, (int)(i % 4) * 10, 9, SNARE, i % 4 == 0 ? 120 : 80);
    }
    struct km_groove_template *const feel = template_of_strikes(4, false);
    strike_count = 0;
    for (uint64_t i = 0; i < 64; ++i) {
        strike(i * 480, 0, 2, 50, 64);
    }
    struct km_midi_file file;
    make_file(&file, 4, false);
    apply(&file, feel, 1.0);
    for (uint64_t i = 0; i < ticks_of(&file, 50, found); ++i) {
        assert_int_equal(found[i], i * 480 + i % 4 * 10);
    }
    const struct km_event *const first = &file.tracks[0].events[2];
    assert_int_equal(first->type, KM_EVENT_NOTE_ON);
    assert_int_equal(first->value, 85); // 64 * 120 / 90.
    km_midi_file_release(&file);
    km_groove_template_free(feel);
}

static void json_is_read_as_it_was_written(void **state)
{
    (void)state;
    play_kit(4 * (uint64_t)KM_PPQ);
    for (int is_average = 0; is_average < 2; ++is_average) {
        struct km_groove_template *const made = template_of_strikes(4, is_average == 1);
        const size_t size = write_json(made, 0);
        struct km_groove_template *read = NULL;
        ok(read_json(json[0], &read, NULL));
        assert_int_equal(write_json(read, 1), size);
        assert_memory_equal(json[0], json[1], size);
        assert_string_equal(read->name, "feel");
        assert_string_equal(read->source, "take.mid");
        assert_int_equal(read->hit_count, made->hit_count);
        assert_memory_equal(read->starts, made->starts, sizeof(read->starts));
        km_groove_template_free(read);
        km_groove_template_free(made);
    }
}

// Each change makes one field wrong; the message names it.
static void refuses_what_is_no_template(void **state)
{
    (void)state;
    static const struct {
        const char *from, *to, *message;
    } cases[] = {
        {"{", "{,", "line 1, column 2"},
        {"\"swing_ratio\":", "\"swing_ratio\":7,\"x\":",
         "swing_ratio: expected a number from 0.2 to 6"},
        {"\"swing_ratio\"", "\"swing\"", "swing_ratio: missing"},
        {"\"push_ms\":", "\"push_ms\":[],\"x\":", "push_ms: expected a number"},
        {"\"metre\":\"4/4\"", "\"metre\":\"4/5\"", "metre: expected a metre"},
        {"\"metre\":\"4/4\"", "\"metre\":\"0/4\"", "metre: expected a metre"},
        {"\"bar_beats\":4", "\"bar_beats\":4.1", "bar_beats: expected a place"},
        {"\"bar_beats\":4", "\"bar_beats\":0", "bar_beats: expected more than 0"},
        {"\"bar_beats\":4", "\"bar_beats\":99", "bar_beats: expected a number from 0 to 16"},
        {"{\"beat\":0.25", "{\"beat\":0.2", "positions[1].beat: expected a place"},
        {"{\"beat\":0.25", "{\"beat\":0", "positions[1].beat: a second time"},
        {"{\"beat\":0.25", "{\"beat\":4", "positions[1].beat: beyond the bar"},
        {"\"kick\":{\"count\":", "\"kick\":{\"count\":-", "roles.kick.count: expected a number"},
        {"\"bars\":16", "\"bars\":1e9", "performance.bars: expected a number from 1 to 1024"},
        {"\"notes\":[", "\"notes\":[[1,2,3]", "performance.notes[0]: expected [beat"},
        {"\"notes\":[", "\"notes\":[[0,0,60,0]", "performance.notes[0]: expected a number"},
        {"\"notes\":[", "\"notes\":[[0,0,60.5,9]", "performance.notes[0]: expected a whole"},
        {"\"name\":\"feel\"", "\"name\":7", "name: expected a text of less than 64 bytes"},
        {"\"swung\":", "\"swung\":3,\"x\":", "swung: expected \"eighths\""},
    };
    play_kit(4 * (uint64_t)KM_PPQ);
    struct km_groove_template *const made = template_of_strikes(4, false);
    write_json(made, 0);
    km_groove_template_free(made);
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); ++i) {
        const char *const at = strstr(json[0], cases[i].from);
        if (!at) {
            fail_msg("no %s in: %.1000s", cases[i].from, json[0]);
            return;
        }
        const int before = (int)(at - json[0]);
        (void)snprintf(json[1], JSON_SIZE, "%.*s%s%s", before, json[0], cases[i].to,
                       at + strlen(cases[i].from));
        struct km_groove_template *feel = NULL;
        struct km_error error = {0};
        assert_int_equal(read_json(json[1], &feel, &error), KM_ERROR_INVALID);
        assert_null(feel);
        if (!strstr(error.message, cases[i].message)) {
            fail_msg("expected '%s' in '%s'", cases[i].message, error.message);
        }
    }
}

static void a_file_without_notes_has_no_groove(void **state)
{
    (void)state;
    strike_count = 0;
    struct km_midi_file file;
    make_file(&file, 4, true);
    const struct km_groove_extract nothing = {.name = "", .source = ""};
    struct km_groove_template *feel = NULL;
    struct km_error error = {0};
    assert_int_equal(km_groove_template_extract(&file, &nothing, &feel, &error), KM_ERROR_INVALID);
    assert_non_null(strstr(error.message, "no notes"));
    km_midi_file_release(&file);
}

static void keeps_no_more_than_its_limits(void **state)
{
    (void)state;
    strike_count = 0;
    for (uint64_t i = 0; i < 1100; ++i) {
        strike(i * 1920, 0, 9, KICK, 80);
    }
    struct km_groove_template *const feel = template_of_strikes(4, false);
    assert_int_equal(feel->bar_count, KM_GROOVE_BARS_MAX);
    assert_int_equal(feel->hit_count, KM_GROOVE_BARS_MAX);
    assert_int_equal(feel->left_out, 1100 - KM_GROOVE_BARS_MAX);
    assert_int_equal(feel->measure.onset_count, 1100);
    km_groove_template_free(feel);
}

static void names_are_cut_between_characters(void **state)
{
    (void)state;
    strike_count = 0;
    strike(0, 0, 9, KICK, 80);
    struct km_midi_file file;
    make_file(&file, 4, true);
    char name[100];
    memset(name, 'a', sizeof(name));
    memcpy(name + 62, "\xC3\xA9\xC3\xA9", 5); // Two bytes each: the first lies across the end.
    const struct km_groove_extract wanted_name = {.name = name, .source = "\x80"};
    struct km_groove_template *feel = NULL;
    ok(km_groove_template_extract(&file, &wanted_name, &feel, NULL));
    assert_int_equal(strlen(feel->name), 62);
    assert_string_equal(feel->source, "");
    km_groove_template_free(feel);
    km_midi_file_release(&file);
}

static enum km_status try_all(const struct km_midi_file *file, struct km_error *error)
{
    const struct km_groove_extract nothing = {.name = "", .source = ""};
    struct km_groove_template *feel = NULL;
    enum km_status status = km_groove_template_extract(file, &nothing, &feel, error);
    if (status != KM_OK) {
        return status;
    }
    km_groove_template_free(feel);
    status = read_json(json[0], &feel, error);
    if (status != KM_OK) {
        return status;
    }
    struct km_midi_file copy;
    km_midi_file_init(&copy, heap, 1, KM_PPQ);
    status = km_midi_file_add_track(&copy);
    for (size_t i = 0; i < 8 && status == KM_OK; ++i) {
        status = km_midi_file_add(&copy, 0, file->tracks[0].events[i]);
    }
    const struct km_groove_use use = {.feel = feel, .strength = 1.0};
    struct km_groove_outcome outcome;
    if (status == KM_OK) {
        status = km_groove_template_apply_file(&copy, &use, &outcome, error);
    }
    km_midi_file_release(&copy);
    km_groove_template_free(feel);
    return status;
}

static void survives_every_refusal_of_memory(void **state)
{
    (void)state;
    play_kit(4 * (uint64_t)KM_PPQ);
    struct km_groove_template *const made = template_of_strikes(4, false);
    write_json(made, 0);
    km_groove_template_free(made);
    struct km_midi_file file;
    make_file(&file, 4, true);
    enum km_status status = KM_ERROR_NO_MEMORY;
    uint64_t request = 1;
    for (; status != KM_OK && request < 100; ++request) {
        struct km_error error = {0};
        km_heap_fail_at(heap, request);
        status = try_all(&file, &error);
        km_heap_fail_at(heap, 0);
        assert_true(status == KM_OK || status == KM_ERROR_NO_MEMORY);
    }
    assert_in_range(request, 10, 50);
    km_midi_file_release(&file);
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
        cmocka_unit_test(a_take_put_on_its_grid_is_played_as_it_was),
        cmocka_unit_test(at_strength_0_nothing_moves),
        cmocka_unit_test(strength_goes_part_of_the_way),
        cmocka_unit_test(bar_1000_is_played_as_bar_1),
        cmocka_unit_test(another_metre_takes_the_same_beats),
        cmocka_unit_test(offsets_are_ms_in_any_tempo_and_division),
        cmocka_unit_test(a_swung_template_swings_straight_music),
        cmocka_unit_test(other_parts_take_the_average_of_all),
        cmocka_unit_test(json_is_read_as_it_was_written),
        cmocka_unit_test(refuses_what_is_no_template),
        cmocka_unit_test(a_file_without_notes_has_no_groove),
        cmocka_unit_test(keeps_no_more_than_its_limits),
        cmocka_unit_test(names_are_cut_between_characters),
        cmocka_unit_test(survives_every_refusal_of_memory),
    };
    return cmocka_run_group_tests(tests, open_heap, close_heap);
}
