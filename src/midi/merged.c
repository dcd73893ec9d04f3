// SPDX-License-Identifier: MIT

// The tracks' next events meet in a tournament (a tree of winners, Knuth, The Art of Computer
// Programming 3, 5.4.1). An event's key is its tick, type and track in one number; of the events of
// one track it never falls, so that a track keeps its order. After each event its track plays
// again, on one way up the tree and without a branch that nobody could foresee.

#include "midi/merged.h"

#include "base/check.h"
#include "heap/heap.h"
#include "midi/file.h"
#include "midi/merged_private.h"
#include "midi/spool.h"

#include <inttypes.h>

enum { KEY_TYPE_SHIFT = 16, KEY_TICK_SHIFT = 20, KEY_LEAF_MASK = (1 << KEY_TYPE_SHIFT) - 1 };

_Static_assert((int)KM_EVENT_TYPES_COUNT < 1 << (KEY_TICK_SHIFT - KEY_TYPE_SHIFT),
               "types have room");
_Static_assert((int)KM_MIDI_TRACKS_MAX <= (int)KEY_LEAF_MASK, "tracks have room");
_Static_assert((int)KM_MIDI_MERGED_TICK_LOG2_MAX + (int)KEY_TICK_SHIFT == 64,
               "ticks have the rest");

// The next event of a track, in its batch.
struct leaf {
    const struct km_event *next;
    const struct km_event *last; // Of the batch.
    uint64_t following;          // Key of the event after the next, if that is in the batch.
};

struct km_midi_merged {
    struct km_heap *heap;
    struct km_midi_merged_tracks found;
    struct km_midi_merged_rooms rooms;
    size_t leaf_count; // A power of two, at least 2.
    struct leaf *leaves;
    uint64_t *keys; // The least below each node: 1 is the root, `leaf_count + n` is leaf n.
};

static uint64_t key_of(const struct km_event *event, size_t leaf, uint64_t key)
{
    const uint64_t own =
        event->tick << KEY_TICK_SHIFT | (uint64_t)event->type << KEY_TYPE_SHIFT | leaf;
    return own > key ? own : key;
}

// Lets a leaf play on its way up, and returns who wins.
static inline uint64_t play(const struct km_midi_merged *merged, size_t leaf, uint64_t key)
{
    uint64_t *const keys = merged->keys;
    size_t node = merged->leaf_count + leaf;
    keys[node] = key;
    while (node > 1) {
        const uint64_t other = keys[node ^ 1];
        key = key < other ? key : other;
        node /= 2;
        keys[node] = key;
    }
    return key;
}

// Goes on to the next batch of a track: tells the key of its first event, that of the event before
// being `key`.
static enum km_status advance(const struct km_midi_merged *merged, size_t index, uint64_t *key,
                              struct km_error *error)
{
    const struct km_midi_merged_rooms *const rooms = &merged->rooms;
    struct km_midi_merged_track *const track = &merged->found.tracks[index];
    const enum km_status status = km_midi_merged_decode(rooms, track, index, error);
    if (status != KM_OK) {
        return status;
    }
    if (track->decoded == 0) {
        *key = KM_MIDI_KEY_END;
        return KM_OK;
    }
    struct leaf *const leaf = &merged->leaves[index];
    leaf->next = rooms->events + index * rooms->events_size;
    leaf->last = leaf->next + track->decoded - 1;
    *key = key_of(leaf->next, index, *key);
    leaf->following = key_of(leaf->next + 1, index, *key);
    return KM_OK;
}

enum km_status km_midi_merged_rewind(struct km_midi_merged *merged, struct km_error *error)
{
    KM_CHECK(merged);
    uint64_t *const leaf_keys = merged->keys + merged->leaf_count;
    for (size_t i = 0; i < merged->leaf_count; ++i) {
        leaf_keys[i] = KM_MIDI_KEY_END;
    }
    for (size_t i = 0; i < merged->found.count; ++i) {
        km_midi_merged_track_rewind(&merged->found.tracks[i]);
        uint64_t key = 0;
        const enum km_status status = advance(merged, i, &key, error);
        if (status != KM_OK) {
            return status;
        }
        leaf_keys[i] = key;
    }
    for (size_t i = merged->leaf_count - 1; i > 0; --i) {
        const uint64_t *const pair = &merged->keys[2 * i];
        merged->keys[i] = pair[0] < pair[1] ? pair[0] : pair[1];
    }
    return KM_OK;
}

// Goes on to the next event in the batch, and tells its key.
static inline uint64_t step(struct leaf *leaf, size_t index)
{
    const uint64_t key = leaf->following;
    ++leaf->next;
    leaf->following = key_of(leaf->next + 1, index, key);
    return key;
}

// Goes on to the next batch, when the last event of one has been handed out: tells the key. An
// event with a payload is the only one of its batch.
static enum km_status step_batch(const struct km_midi_merged *merged,
                                 struct km_midi_merged_event *event, uint64_t *key,
                                 struct km_error *error)
{
    if (km_event_has_payload(&event->event)) {
        const struct km_midi_merged_track *const track = &merged->found.tracks[event->track];
        event->payload_offset = track->position - track->payload;
    }
    return advance(merged, event->track, key, error);
}

enum km_status km_midi_merged_read(struct km_midi_merged *merged,
                                   struct km_midi_merged_event *events, size_t capacity,
                                   size_t *count, struct km_error *error)
{
    KM_CHECK(merged);
    KM_CHECK(events);
    uint64_t winner = merged->keys[1];
    size_t made = 0;
    for (; made < capacity && winner != KM_MIDI_KEY_END; ++made) {
        const size_t index = winner & KEY_LEAF_MASK;
        struct leaf *const leaf = &merged->leaves[index];
        events[made] =
            (struct km_midi_merged_event){.event = *leaf->next, .track = (uint32_t)index};
        if (leaf->next != leaf->last) {
            winner = play(merged, index, step(leaf, index));
            continue;
        }
        uint64_t key = winner;
        const enum km_status status = step_batch(merged, &events[made], &key, error);
        if (status != KM_OK) {
            return status;
        }
        winner = play(merged, index, key);
    }
    *count = made;
    return KM_OK;
}

// Room for each track: the more tracks, the less each has.
static size_t share(size_t total, size_t tracks, size_t low, size_t high)
{
    const size_t each = total / (tracks > 0 ? tracks : 1);
    return each < low ? low : each > high ? high : each;
}

static enum km_status take_rooms(struct km_midi_merged *merged)
{
    struct km_midi_merged_rooms *const rooms = &merged->rooms;
    const size_t count = merged->found.count;
    rooms->bytes_size =
        share(KM_MIDI_MERGED_BYTES, count, KM_MIDI_MERGED_TRACK_MIN, KM_MIDI_MERGED_TRACK_MAX);
    rooms->events_size = share(KM_MIDI_MERGED_EVENTS, count, 1, KM_MIDI_MERGED_BATCH_MAX);
    merged->leaf_count = 2;
    while (merged->leaf_count < count) {
        merged->leaf_count *= 2;
    }
    rooms->bytes =
        km_heap_allocate_array(merged->heap, KM_ACCOUNT_WORKING, count + 1, rooms->bytes_size);
    rooms->events = km_heap_allocate_array(merged->heap, KM_ACCOUNT_WORKING, count + 1,
                                           rooms->events_size * sizeof(*rooms->events));
    merged->leaves = km_heap_allocate_array(merged->heap, KM_ACCOUNT_WORKING, merged->leaf_count,
                                            sizeof(*merged->leaves));
    merged->keys = km_heap_allocate_array(merged->heap, KM_ACCOUNT_WORKING, 2 * merged->leaf_count,
                                          sizeof(*merged->keys));
    return rooms->bytes && rooms->events && merged->leaves && merged->keys ? KM_OK
                                                                           : KM_ERROR_NO_MEMORY;
}

// Fills `merged`, which is zero but for its heap.
static enum km_status open_merged(struct km_midi_merged *merged, struct km_input *input,
                                  const struct km_midi_reader_config *config,
                                  struct km_error *error)
{
    enum km_status status = km_midi_spool(merged->heap, input, error);
    if (status != KM_OK) {
        return status;
    }
    merged->rooms.input = input;
    merged->rooms.base = input->position;
    status = km_midi_merged_find(merged->heap, input, config, &merged->found, error);
    if (status != KM_OK) {
        return status;
    }
    if (take_rooms(merged) != KM_OK) {
        return km_heap_refusal(merged->heap, error);
    }
    return km_midi_merged_rewind(merged, error);
}

enum km_status km_midi_merged_new(struct km_heap *heap, struct km_input *input,
                                  const struct km_midi_reader_config *config,
                                  struct km_midi_merged **merged, struct km_error *error)
{
    KM_CHECK(heap);
    KM_CHECK(input);
    KM_CHECK(merged);
    struct km_midi_merged *const made = km_heap_allocate(heap, KM_ACCOUNT_WORKING, sizeof(*made));
    if (!made) {
        return km_heap_refusal(heap, error);
    }
    made->heap = heap;
    const enum km_status status = open_merged(made, input, config, error);
    if (status != KM_OK) {
        km_midi_merged_free(made);
        return status;
    }
    *merged = made;
    return KM_OK;
}

void km_midi_merged_free(struct km_midi_merged *merged)
{
    if (!merged) {
        return;
    }
    km_heap_release(merged->heap, merged->found.tracks);
    km_heap_release(merged->heap, merged->rooms.bytes);
    km_heap_release(merged->heap, merged->rooms.events);
    km_heap_release(merged->heap, merged->leaves);
    km_heap_release(merged->heap, merged->keys);
    km_heap_release(merged->heap, merged);
}

struct km_midi_header km_midi_merged_header(const struct km_midi_merged *merged)
{
    return merged->found.header;
}

size_t km_midi_merged_tracks(const struct km_midi_merged *merged)
{
    return merged->found.count;
}

// NOLINTNEXTLINE(readability-function-size): a place, a room and the error are six.
enum km_status km_midi_merged_payload(struct km_midi_merged *merged,
                                      const struct km_midi_merged_event *event, uint32_t offset,
                                      void *bytes, size_t size, struct km_error *error)
{
    KM_CHECK(merged);
    KM_CHECK(size <= event->event.detail);
    KM_CHECK(offset <= event->event.detail - size);
    size_t got = 0;
    const uint64_t from = merged->rooms.base + event->payload_offset + offset;
    const enum km_status status =
        km_input_read_at(merged->rooms.input, from, bytes, size, &got, error);
    if (status != KM_OK || got == size) {
        return status;
    }
    return km_error_set(error, KM_ERROR_TRUNCATED,
                        "byte %" PRIu64 ": the file became shorter while it was read", from + got);
}
