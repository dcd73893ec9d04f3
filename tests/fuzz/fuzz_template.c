// SPDX-License-Identifier: MIT

// Groove templates from JSON: what the reader takes is written and read as the same bytes, and can
// be applied to any events without losing or disordering one; what it refuses is said.

#include "base/units.h"
#include "groove/template.h"
#include "heap/heap.h"
#include "support/expect.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

enum { JSON_SIZE_MAX = 1 << 20, NOTES = 96, EVENTS_MAX = 2 * NOTES + 4 };

int LLVMFuzzerTestOneInput(const uint8_t *input, size_t input_size);

static char json[2][JSON_SIZE_MAX];

static size_t write_json(const struct km_groove_template *feel, int place)
{
    struct km_sink_memory memory = {.bytes = (unsigned char *)json[place], .size = JSON_SIZE_MAX};
    struct km_sink sink = km_sink_to_memory(&memory);
    EXPECT(km_groove_template_write_json(feel, &sink) == KM_OK);
    return memory.used;
}

// Notes of a few keys at places that the input chooses, with a metre in their midst.
static size_t make_events(struct km_event *events, const uint8_t *input, size_t size)
{
    size_t count = 0;
    uint64_t tick = 0;
    events[count++] = (struct km_event){
        .type = KM_EVENT_TIME_SIGNATURE, .number = (uint8_t)(1 + input[0] % 9), .value = 3};
    for (size_t i = 0; i < NOTES && i < size; ++i) {
        const uint8_t byte = input[i];
        const uint8_t key = (uint8_t)(35 + byte % 8);
        const uint8_t channel = byte % 3 == 0 ? 0 : KM_CHANNEL_DRUMS;
        tick += (uint64_t)(byte % 16) * 10;
        events[count++] = (struct km_event){tick, KM_EVENT_NOTE_ON, channel, key, 64, 0};
        if (byte % 5 > 0) {
            events[count++] =
                (struct km_event){tick + byte, KM_EVENT_NOTE_OFF, channel, key, 64, 0};
        }
    }
    events[count++] = (struct km_event){.tick = tick + 300, .type = KM_EVENT_END_OF_TRACK};
    return count;
}

static void expect_valid(const struct km_event *events, size_t count)
{
    int sounding[2][KM_KEYS_COUNT] = {{0}};
    for (size_t i = 0; i < count; ++i) {
        const struct km_event *const event = &events[i];
        EXPECT(i == 0 || !km_event_is_before(event, &events[i - 1]));
        int *const notes = &sounding[event->channel == 0][event->number % KM_KEYS_COUNT];
        if (event->type == KM_EVENT_NOTE_ON) {
            EXPECT(event->value >= 1 && event->value <= 127);
            *notes += 1;
        } else if (event->type == KM_EVENT_NOTE_OFF) {
            *notes -= 1;
            EXPECT(*notes >= 0); // No note ends before it begins.
        }
    }
}

static void apply(const struct km_groove_template *feel, const uint8_t *input, size_t size)
{
    static struct km_event events[EVENTS_MAX];
    static struct km_event before[EVENTS_MAX];
    static struct km_groove_mark marks[EVENTS_MAX];
    struct km_tempo_change change = {.seconds_per_tick = 60.0 / (97.0 * KM_PPQ)};
    const struct km_tempo_map map = {.changes = &change, .count = 1, .division = KM_PPQ};
    const size_t count = make_events(before, input, size);
    for (unsigned int way = 0; way < 8; ++way) {
        memcpy(events, before, count * sizeof(events[0]));
        const struct km_groove_use use = {.feel = feel,
                                          .strength = way < 2 ? 0.0 : 1.0,
                                          .velocity = way % 2 == 1 ? 1.0 : 0.0,
                                          .is_average = way > 5,
                                          .is_straight = way > 3,
                                          .ppq = KM_PPQ,
                                          .tempo = &map};
        km_groove_template_apply(events, count, &use, marks);
        expect_valid(events, count);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *input, size_t input_size)
{
    struct km_heap *const heap = km_heap_new(NULL);
    EXPECT(heap);
    struct km_groove_document document = {
        .name = "feel.json", .bytes = (const char *)input, .size = input_size};
    struct km_groove_template *feel = NULL;
    struct km_error error = {0};
    const enum km_status status = km_groove_template_read_json(heap, &document, &feel, &error);
    if (status == KM_OK) {
        document = (struct km_groove_document){
            .name = "again", .bytes = json[0], .size = write_json(feel, 0)};
        struct km_groove_template *again = NULL;
        EXPECT(km_groove_template_read_json(heap, &document, &again, &error) == KM_OK);
        EXPECT(write_json(again, 1) == document.size);
        EXPECT(memcmp(json[0], json[1], document.size) == 0);
        km_groove_template_free(again);
        apply(feel, input, input_size);
        km_groove_template_free(feel);
    } else {
        EXPECT(!feel && error.status == status);
        EXPECT(strncmp(error.message, "feel.json: ", 11) == 0);
    }
    km_heap_free(heap);
    return 0;
}
