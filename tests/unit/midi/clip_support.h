// SPDX-License-Identifier: MIT

/// Clips in memory, for tests and fuzz targets: what reading and writing them must keep.
#ifndef KM_TESTS_CLIP_SUPPORT_H
#define KM_TESTS_CLIP_SUPPORT_H

#include "heap/heap.h"
#include "midi/clip_writer.h"
#include "midi/file.h"
#include "midi/reader.h"
#include "unit/midi/midi_compare.h"

#include <stdbool.h>
#include <string.h>

/// Writes a file as a clip into `bytes`; the size, or 0 if it cannot be written.
static inline size_t clip_of(const struct km_midi_file *file, enum km_ump_protocol protocol,
                             // NOLINTNEXTLINE(readability-non-const-parameter): the sink writes.
                             unsigned char *bytes, size_t size)
{
    struct km_sink_memory memory = {.bytes = bytes, .size = size};
    struct km_sink sink = km_sink_to_memory(&memory);
    return km_midi_clip_write(file, protocol, &sink, NULL) == KM_OK ? memory.used : 0;
}

/// What a reader made of some bytes, in a sum: items with their bytes, problems, the end.
struct reading_sum {
    uint64_t hash;
    uint64_t events;
    uint64_t problems;
    enum km_midi_step end;
    bool covers; ///< The items' bytes are the input's, one after the other.
};

static inline void sum_number(struct reading_sum *sum, uint64_t number)
{
    sum->hash = (sum->hash ^ number) * 0x100000001B3ULL;
}

static inline void sum_problem(void *context, const struct km_midi_problem *problem)
{
    struct reading_sum *const sum = context;
    ++sum->problems;
    sum_number(sum, (uint64_t)problem->fault << 48 ^ problem->offset << 20 ^ problem->tick);
}

static inline void sum_item(struct reading_sum *sum, const struct km_midi_item *item,
                            const unsigned char *bytes, size_t size, size_t *covered)
{
    if (!item->is_made) {
        sum->covers = sum->covers && item->offset == *covered && item->size <= size - *covered &&
                      (item->size == 0 || memcmp(item->bytes, bytes + *covered, item->size) == 0);
        *covered += item->size;
    }
    if (item->type == KM_MIDI_ITEM_EVENT) {
        const struct km_event *const event = &item->event;
        ++sum->events;
        sum_number(sum, event->tick);
        sum_number(sum, (uint64_t)event->type << 24 | (uint64_t)event->channel << 16 |
                            (uint64_t)event->number << 8 | event->value);
        sum_number(sum, (uint64_t)event->detail << 8 | item->group);
    } else if (item->type == KM_MIDI_ITEM_PAYLOAD) {
        for (size_t i = 0; i < item->size; ++i) {
            sum_number(sum, item->bytes[i]);
        }
    }
}

/// Reads bytes that are pushed in pieces of at most `piece`.
static inline struct reading_sum read_in_pieces(struct km_heap *heap, const unsigned char *bytes,
                                                size_t size, size_t piece)
{
    struct reading_sum sum = {.covers = true};
    const struct km_midi_reader_config config = {
        .listener = {.tell = sum_problem, .context = &sum}};
    struct km_midi_reader *const reader = km_midi_reader_new(heap, &config);
    size_t covered = 0;
    size_t pushed = 0;
    struct km_midi_item item;
    do {
        sum.end = km_midi_reader_next(reader, &item, NULL);
        if (sum.end == KM_MIDI_STEP_ITEM) {
            sum_item(&sum, &item, bytes, size, &covered);
        } else if (sum.end == KM_MIDI_STEP_MORE && pushed == size) {
            km_midi_reader_finish(reader);
        } else if (sum.end == KM_MIDI_STEP_MORE) {
            pushed += km_midi_reader_push(reader, bytes + pushed,
                                          size - pushed < piece ? size - pushed : piece);
        }
    } while (sum.end == KM_MIDI_STEP_ITEM || sum.end == KM_MIDI_STEP_MORE);
    sum.covers = sum.covers && (sum.end != KM_MIDI_STEP_END || covered == size);
    km_midi_reader_free(reader);
    return sum;
}

#endif
