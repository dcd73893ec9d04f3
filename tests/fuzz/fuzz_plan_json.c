// SPDX-License-Identifier: MIT

// Plans from JSON: whatever the reader takes can be composed, and is written and read as the same
// plan; whatever it refuses is said, and leaves the plan as it was.

#include "heap/heap.h"
#include "midi/file.h"
#include "session/plan_read.h"
#include "session/song.h"
#include "support/expect.h"
#include "unit/session/song_faults.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { JSON_SIZE_MAX = 1 << 18 };

int LLVMFuzzerTestOneInput(const uint8_t *input, size_t input_size);

static struct km_harmony_plan plan;
static struct km_harmony_plan again;
static char json[2][JSON_SIZE_MAX];

static size_t write_json(const struct km_harmony_plan *written, int place)
{
    struct km_sink_memory memory = {.bytes = (unsigned char *)json[place], .size = JSON_SIZE_MAX};
    struct km_sink sink = km_sink_to_memory(&memory);
    EXPECT(km_plan_write_json(written, &sink) == KM_OK);
    return memory.used;
}

static void compose(struct km_heap *heap)
{
    struct km_midi_file file;
    km_midi_file_init(&file, heap, 1, KM_PPQ);
    EXPECT(km_song_compose(&plan, plan.mood_profile, &file, NULL) == KM_OK);
    const char *const fault = song_fault(&plan, &file);
    if (fault) {
        (void)fprintf(stderr, "%s\n", fault);
    }
    EXPECT(!fault);
    km_midi_file_release(&file);
}

int LLVMFuzzerTestOneInput(const uint8_t *input, size_t input_size)
{
    struct km_heap *const heap = km_heap_new(NULL);
    EXPECT(heap);
    struct km_plan_document document = {
        .name = "plan.json", .bytes = (const char *)input, .size = input_size};
    struct km_error error = {0};
    struct km_plan_remarks remarks;
    memset(&plan, 0x5A, sizeof(plan));
    const enum km_status status = km_plan_read_json(heap, &document, &plan, &remarks, &error);
    if (status == KM_OK) {
        compose(heap);
        document = (struct km_plan_document){
            .name = "again", .bytes = json[0], .size = write_json(&plan, 0)};
        EXPECT(km_plan_read_json(heap, &document, &again, &remarks, &error) == KM_OK);
        EXPECT(remarks.count == 0);
        EXPECT(write_json(&again, 1) == document.size);
        EXPECT(memcmp(json[0], json[1], document.size) == 0);
    } else {
        EXPECT(error.status == status && strncmp(error.message, "plan.json: ", 11) == 0);
        EXPECT(((const unsigned char *)&plan)[sizeof(plan) / 2] == 0x5A);
    }
    km_heap_free(heap);
    return 0;
}
