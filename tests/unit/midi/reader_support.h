// SPDX-License-Identifier: MIT

/// Pushes bytes into a reader in pieces, and keeps what must not depend on where they are cut: a
/// digest of the items, with pieces of one thing put together again, and the problems.
#ifndef KM_TESTS_READER_SUPPORT_H
#define KM_TESTS_READER_SUPPORT_H

#include "base/random.h"
#include "heap/heap.h"
#include "midi/file.h"
#include "midi/reader.h"
#include "support/expect.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

enum { PROBLEMS_KEPT = 16, CUT_NOWHERE = 0, CUT_RANDOMLY = -1 };

/// What came out of a reader.
struct reading_digest {
    uint64_t items;                             ///< A hash of all items.
    uint64_t events;                            ///< A hash of the events alone.
    uint64_t problems;                          ///< A hash of all problems.
    uint64_t bytes;                             ///< Of all items.
    uint64_t counts[KM_MIDI_ITEM_LEFT_OUT + 1]; ///< Of items; pieces of one thing count once.
    uint64_t event_count;
    uint64_t problem_count;
    uint64_t steps; ///< Calls of km_midi_reader_next.
    struct km_midi_problem first[PROBLEMS_KEPT];
    enum km_midi_step step;
    struct km_error error;
    struct km_midi_header header;
    uint64_t peak_bytes;
    uint64_t allocations;

    // On the way.
    enum km_midi_item_type type;
    uint64_t track_tick;
    uint32_t payload_left;
    bool is_in_track;
};

static inline void digest_add(uint64_t *digest, uint64_t value)
{
    *digest = (*digest ^ value) * UINT64_C(1099511628211);
    *digest ^= *digest >> 29;
}

static inline void digest_problem(void *context, const struct km_midi_problem *problem)
{
    struct reading_digest *const digest = context;
    EXPECT(problem->fault < KM_MIDI_FAULTS_COUNT);
    EXPECT(problem->track >= -1);
    digest_add(&digest->problems, (uint64_t)problem->fault);
    digest_add(&digest->problems, problem->offset);
    digest_add(&digest->problems, (uint64_t)problem->track);
    digest_add(&digest->problems, problem->tick);
    if (digest->problem_count < PROBLEMS_KEPT) {
        digest->first[digest->problem_count] = *problem;
    }
    ++digest->problem_count;
}

/// Whether an item is a further piece of the one before.
static inline bool is_next_piece(const struct reading_digest *digest,
                                 const struct km_midi_item *item)
{
    return item->type == digest->type && digest->bytes > 0 &&
           (item->type == KM_MIDI_ITEM_PAYLOAD || item->type == KM_MIDI_ITEM_LEFT_OUT ||
            item->type == KM_MIDI_ITEM_CHUNK || item->type == KM_MIDI_ITEM_WRAPPER);
}

/// What holds for every item, whatever the file.
static inline void expect_item(struct reading_digest *digest, const struct km_midi_item *item,
                               const unsigned char *input)
{
    EXPECT(item->offset == digest->bytes); // Each byte once, in order.
    EXPECT(item->size == 0 || memcmp(item->bytes, input + item->offset, item->size) == 0);
    EXPECT(item->size > 0 || (item->type == KM_MIDI_ITEM_EVENT && item->is_repaired) ||
           digest->header.is_clip);
    if (item->type == KM_MIDI_ITEM_TRACK) {
        EXPECT(!digest->is_in_track);
        digest->is_in_track = true;
        digest->track_tick = 0;
    }
    EXPECT(digest->payload_left == 0 || item->type == KM_MIDI_ITEM_PAYLOAD);
    if (item->type == KM_MIDI_ITEM_PAYLOAD) {
        EXPECT(item->size + item->payload_left == digest->payload_left);
    }
    digest->payload_left = item->payload_left;
    if (item->type == KM_MIDI_ITEM_EVENT) {
        EXPECT(digest->is_in_track);
        EXPECT(item->event.type < KM_EVENT_TYPES_COUNT);
        EXPECT(item->event.tick >= digest->track_tick);
        digest->track_tick = item->event.tick;
        digest->is_in_track = item->event.type != KM_EVENT_END_OF_TRACK;
    }
}

static inline void digest_event(struct reading_digest *digest, const struct km_midi_item *item)
{
    const struct km_event *const event = &item->event;
    uint64_t *const to = &digest->events;
    digest_add(to, event->tick);
    digest_add(to, (uint64_t)event->type << 24 | (uint64_t)event->channel << 16 |
                       (uint64_t)event->number << 8 | event->value);
    digest_add(to, event->detail);
    digest_add(to, item->track);
    ++digest->event_count;
}

/// As `events`, of a file in memory.
static inline uint64_t digest_of_file(const struct km_midi_file *file)
{
    struct reading_digest digest = {0};
    for (size_t i = 0; i < file->track_count; ++i) {
        for (size_t j = 0; j < file->tracks[i].count; ++j) {
            struct km_midi_item item = {.event = file->tracks[i].events[j], .track = (uint32_t)i};
            if (item.event.type == KM_EVENT_META || item.event.type == KM_EVENT_SYSEX) {
                size_t size = 0;
                (void)km_midi_file_payload(file, item.event.detail, &size);
                item.event.detail = (uint32_t)size;
            }
            digest_event(&digest, &item);
        }
    }
    return digest.events;
}

static inline void digest_item(struct reading_digest *digest, const struct km_midi_item *item,
                               const unsigned char *input)
{
    expect_item(digest, item, input);
    if (!is_next_piece(digest, item)) {
        digest->type = item->type;
        ++digest->counts[item->type];
        digest_add(&digest->items, (uint64_t)item->type << 8 | item->is_repaired);
        digest_add(&digest->items, item->track);
        digest_add(&digest->items, item->offset);
        digest_add(&digest->items, item->word_count);
    }
    if (item->type == KM_MIDI_ITEM_EVENT) {
        digest_event(digest, item);
        digest_add(&digest->items, digest->events);
        digest_add(&digest->items, item->payload_left);
    }
    for (size_t i = 0; i < item->size; ++i) {
        digest_add(&digest->items, item->bytes[i]);
    }
    digest->bytes += item->size;
}

/// How many bytes to push next.
static inline size_t next_piece(int cut, struct km_random *random, size_t left)
{
    size_t piece = left;
    if (cut == CUT_RANDOMLY) {
        const int most = km_random_between(random, 0, 3) == 0 ? 40000 : 40;
        piece = (size_t)km_random_between(random, 1, most);
    } else if (cut != CUT_NOWHERE) {
        piece = (size_t)cut;
    }
    return piece < left ? piece : left;
}

/// Reads `size` bytes, pushed in pieces of `cut`.
static inline void read_in_pieces(const unsigned char *bytes, size_t size, int cut, bool is_strict,
                                  struct reading_digest *digest)
{
    *digest = (struct reading_digest){.step = KM_MIDI_STEP_MORE};
    struct km_random random;
    km_random_init(&random, size, "pieces");
    struct km_heap *const heap = km_heap_new(NULL);
    EXPECT(heap);
    const struct km_midi_reader_config config = {
        .listener = {.tell = digest_problem, .context = digest}, .is_strict = is_strict};
    struct km_midi_reader *const reader = km_midi_reader_new(heap, &config);
    EXPECT(reader);
    size_t pushed = 0;
    while (digest->step == KM_MIDI_STEP_MORE || digest->step == KM_MIDI_STEP_ITEM) {
        struct km_midi_item item;
        digest->step = km_midi_reader_next(reader, &item, &digest->error);
        ++digest->steps;
        digest->header = km_midi_reader_header(reader);
        if (digest->step == KM_MIDI_STEP_ITEM) {
            digest_item(digest, &item, bytes);
        } else if (digest->step == KM_MIDI_STEP_MORE && pushed == size) {
            km_midi_reader_finish(reader);
        } else if (digest->step == KM_MIDI_STEP_MORE) {
            const size_t taken = km_midi_reader_push(reader, bytes + pushed,
                                                     next_piece(cut, &random, size - pushed));
            EXPECT(taken > 0); // It asks only for what there is room for.
            pushed += taken;
        }
    }
    struct km_midi_item again;
    EXPECT(km_midi_reader_next(reader, &again, NULL) == digest->step);
    EXPECT(digest->step != KM_MIDI_STEP_END || digest->bytes == size);
    EXPECT(km_midi_reader_position(reader) >= digest->bytes);
    const struct km_account_usage usage = km_heap_usage(heap, KM_ACCOUNT_WORKING);
    digest->peak_bytes = usage.peak_bytes;
    digest->allocations = usage.allocations;
    km_midi_reader_free(reader);
    km_heap_free(heap);
}

/// Whether two readings tell the same of the same bytes.
static inline bool is_same_reading(const struct reading_digest *a, const struct reading_digest *b)
{
    return a->items == b->items && a->events == b->events && a->problems == b->problems &&
           a->bytes == b->bytes && a->problem_count == b->problem_count && a->step == b->step &&
           strcmp(a->error.message, b->error.message) == 0 &&
           a->header.format == b->header.format && a->header.division == b->header.division;
}

#endif
