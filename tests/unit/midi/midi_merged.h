// SPDX-License-Identifier: MIT

/// Whether the merged view of some bytes is what the whole file in memory, merged, is.
#ifndef KM_TESTS_MIDI_MERGED_H
#define KM_TESTS_MIDI_MERGED_H

#include "base/input.h"
#include "heap/heap.h"
#include "midi/file.h"
#include "midi/merge_private.h"
#include "midi/merged.h"
#include "support/expect.h"

#include <string.h>
#include <unistd.h>

/// Writes bytes to `file`, which is open for reading and writing, and makes it an input.
static inline struct km_input input_of(FILE *file, const unsigned char *bytes, size_t size)
{
    const int descriptor = fileno(file);
    EXPECT(ftruncate(descriptor, 0) == 0);
    EXPECT(pwrite(descriptor, bytes, size, 0) == (ssize_t)size);
    EXPECT(lseek(descriptor, 0, SEEK_SET) == 0);
    return (struct km_input){.file = descriptor, .size = size, .name = "test"};
}

static inline void expect_same_payload(struct km_midi_merged *merged,
                                       const struct km_midi_merged_event *event,
                                       const struct km_midi_file *file, uint32_t payload)
{
    size_t size = 0;
    const unsigned char *const expected = km_midi_file_payload(file, payload, &size);
    EXPECT(event->event.detail == size);
    unsigned char bytes[256]; // Long payloads: their beginning and end.
    const size_t part = size < sizeof(bytes) ? size : sizeof(bytes);
    EXPECT(km_midi_merged_payload(merged, event, 0, bytes, part, NULL) == KM_OK);
    EXPECT(part == 0 || memcmp(bytes, expected, part) == 0);
    const uint32_t rest = (uint32_t)(size - part);
    EXPECT(km_midi_merged_payload(merged, event, rest, bytes, part, NULL) == KM_OK);
    EXPECT(part == 0 || memcmp(bytes, expected + rest, part) == 0);
}

/// Reads `merged` in pieces of `piece` events (at most 64) and compares all of them.
static inline void expect_merge_of(struct km_midi_merged *merged, const struct km_midi_file *file,
                                   size_t piece)
{
    struct km_midi_merge reference;
    EXPECT(km_midi_merge_init(&reference, file) == KM_OK);
    struct km_midi_merged_event events[64];
    size_t count = 0;
    struct km_midi_merge_head place;
    do {
        EXPECT(km_midi_merged_read(merged, events, piece, &count, NULL) == KM_OK);
        for (size_t i = 0; i < count; ++i) {
            const struct km_event *const expected = km_midi_merge_next(&reference, &place);
            EXPECT(expected);
            EXPECT(events[i].track == place.track);
            struct km_event event = events[i].event;
            if (event.type == KM_EVENT_META || event.type == KM_EVENT_SYSEX) {
                expect_same_payload(merged, &events[i], file, expected->detail);
                event.detail = expected->detail;
            }
            EXPECT(memcmp(&event, expected, sizeof(event)) == 0);
        }
    } while (count > 0);
    EXPECT(!km_midi_merge_next(&reference, &place));
    km_midi_merge_release(&reference);
}

/// Problems as told, in their order.
struct told_problems {
    uint64_t count;
    uint64_t hash;
};

static inline void hash_problem(void *context, const struct km_midi_problem *problem)
{
    struct told_problems *const told = context;
    const uint64_t words[] = {problem->fault, problem->offset, (uint64_t)problem->track,
                              problem->tick};
    ++told->count;
    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); ++i) {
        told->hash = (told->hash ^ words[i]) * UINT64_C(0x9E3779B97F4A7C15);
        told->hash ^= told->hash >> 29;
    }
}

/// Opens the bytes, lenient and strict: the problems, and a strict one's refusal, must be those of
/// the reader.
static inline void expect_same_problems(struct km_heap *heap, FILE *scratch,
                                        const unsigned char *bytes, size_t size, bool is_strict)
{
    struct told_problems expected = {0};
    struct told_problems told = {0};
    struct km_midi_reader_config config = {.listener = {.tell = hash_problem, .context = &expected},
                                           .is_strict = is_strict};
    struct km_input input = input_of(scratch, bytes, size);
    struct km_midi_reader *const reader = km_midi_reader_new(heap, &config);
    EXPECT(reader);
    struct km_midi_item item;
    struct km_error refusal = {0};
    struct km_error error = {0};
    enum km_midi_step step = KM_MIDI_STEP_ITEM;
    while (step == KM_MIDI_STEP_ITEM) {
        step = km_midi_reader_next_from(reader, &input, &item, &refusal);
    }
    km_midi_reader_free(reader);
    input = input_of(scratch, bytes, size);
    config.listener.context = &told;
    struct km_midi_merged *merged = NULL;
    const enum km_status status = km_midi_merged_new(heap, &input, &config, &merged, &error);
    EXPECT((status == KM_OK) == (step == KM_MIDI_STEP_END));
    EXPECT(told.count == expected.count);
    EXPECT(told.hash == expected.hash);
    EXPECT(strcmp(error.message, refusal.message) == 0);
    EXPECT(status != KM_OK || input.position == size);
    km_midi_merged_free(merged);
}

/// Reads the bytes both ways: same events or same refusal. Returns whether they were accepted.
static inline bool expect_same_merge(struct km_heap *heap, FILE *scratch,
                                     const unsigned char *bytes, size_t size)
{
    struct km_midi_file file;
    km_midi_file_init(&file, heap, 0, 1);
    struct km_error expected = {0};
    struct km_error error = {0};
    struct km_input input = input_of(scratch, bytes, size);
    struct km_midi_merged *merged = NULL;
    const enum km_status status = km_midi_file_read(&file, bytes, size, NULL, &expected);
    const enum km_status made = km_midi_merged_new(heap, &input, NULL, &merged, &error);
    const bool is_clip = size >= 8 && memcmp(bytes, "SMF2CLIP", 8) == 0; // In memory alone.
    EXPECT(made == status || is_clip);
    if (is_clip) {
        EXPECT(made != KM_OK);
    } else if (status == KM_OK) {
        EXPECT(km_midi_merged_tracks(merged) == file.track_count);
        EXPECT(km_midi_merged_header(merged).format == file.format);
        EXPECT(km_midi_merged_header(merged).division == file.division);
        expect_merge_of(merged, &file, 1);
        EXPECT(km_midi_merged_rewind(merged, NULL) == KM_OK);
        expect_merge_of(merged, &file, 64);
    } else {
        EXPECT(!merged);
        EXPECT(strcmp(error.message, expected.message) == 0);
    }
    km_midi_merged_free(merged);
    km_midi_file_release(&file);
    if (!is_clip) {
        expect_same_problems(heap, scratch, bytes, size, false);
        expect_same_problems(heap, scratch, bytes, size, true);
    }
    return status == KM_OK && !is_clip;
}

#endif
