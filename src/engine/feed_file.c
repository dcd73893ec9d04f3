// SPDX-License-Identifier: MIT

// A file in memory as a source of events: a binary heap of its tracks' next events.

#include "engine/feed.h"

#include "heap/heap.h"
#include "midi/file.h"

#include <string.h>

struct head {
    uint64_t key; // Tick and type of the next event; of a track it never falls.
    uint32_t track;
    size_t index;
};

struct km_feed_file {
    struct km_heap *heap;
    const struct km_midi_file *file;
    size_t count; // Of tracks that have events left.
    struct head heads[];
};

enum { TYPE_BITS = 4 };

_Static_assert((int)KM_EVENT_TYPES_COUNT <= 1 << TYPE_BITS, "types have room beside ticks");

static uint64_t key_of(const struct km_event *event)
{
    return event->tick << TYPE_BITS | event->type;
}

static bool is_before(const struct head *a, const struct head *b)
{
    return a->key != b->key ? a->key < b->key : a->track < b->track;
}

static void sift_down(struct km_feed_file *file, size_t at)
{
    const struct head moved = file->heads[at];
    for (size_t child = 2 * at + 1; child < file->count; child = 2 * at + 1) {
        if (child + 1 < file->count && is_before(&file->heads[child + 1], &file->heads[child])) {
            ++child;
        }
        if (!is_before(&file->heads[child], &moved)) {
            break;
        }
        file->heads[at] = file->heads[child];
        at = child;
    }
    file->heads[at] = moved;
}

static void place_heads(struct km_feed_file *file)
{
    file->count = 0;
    for (size_t track = 0; track < file->file->track_count; ++track) {
        const struct km_midi_track *const from = &file->file->tracks[track];
        if (from->count > 0) {
            file->heads[file->count++] =
                (struct head){.key = key_of(&from->events[0]), .track = (uint32_t)track};
        }
    }
    for (size_t i = file->count / 2; i-- > 0;) {
        sift_down(file, i);
    }
}

// The first track's next event has been read.
static void pass_head(struct km_feed_file *file)
{
    struct head *const head = &file->heads[0];
    const struct km_midi_track *const track = &file->file->tracks[head->track];
    head->index += 1;
    if (head->index < track->count) {
        const uint64_t key = key_of(&track->events[head->index]);
        head->key = key > head->key ? key : head->key;
    } else {
        file->count -= 1;
        *head = file->heads[file->count];
    }
    if (file->count > 1) {
        sift_down(file, 0);
    }
}

static struct km_midi_merged_event next(struct km_feed_file *file)
{
    const struct head *const head = &file->heads[0];
    struct km_midi_merged_event merged = {
        .event = file->file->tracks[head->track].events[head->index], .track = head->track};
    if (km_event_has_payload(&merged.event)) {
        size_t size = 0;
        merged.payload_offset = merged.event.detail;
        (void)km_midi_file_payload(file->file, merged.event.detail, &size);
        merged.event.detail = (uint32_t)size;
    }
    pass_head(file);
    return merged;
}

static enum km_status read_file(void *context, struct km_midi_merged_event *events, size_t capacity,
                                size_t *count, struct km_error *error)
{
    struct km_feed_file *const file = context;
    (void)error;
    *count = 0;
    while (*count < capacity && file->count > 0) {
        events[*count] = next(file);
        *count += 1;
    }
    return KM_OK;
}

static enum km_status read_payload(void *context, const struct km_midi_merged_event *event,
                                   void *bytes, size_t size, struct km_error *error)
{
    const struct km_feed_file *const file = context;
    size_t whole = 0;
    const unsigned char *const payload =
        km_midi_file_payload(file->file, (uint32_t)event->payload_offset, &whole);
    if (size > whole) {
        return km_error_set(error, KM_ERROR_RANGE, "a SysEx message is shorter than it was");
    }
    memcpy(bytes, payload, size);
    return KM_OK;
}

static enum km_status rewind_file(void *context, struct km_error *error)
{
    (void)error;
    place_heads(context);
    return KM_OK;
}

struct km_feed_file *km_feed_file_new(struct km_heap *heap, const struct km_midi_file *file)
{
    struct km_feed_file *const made = km_heap_allocate(
        heap, KM_ACCOUNT_WORKING, sizeof(*made) + file->track_count * sizeof(made->heads[0]));
    if (!made) {
        return NULL;
    }
    made->heap = heap;
    made->file = file;
    place_heads(made);
    return made;
}

void km_feed_file_free(struct km_feed_file *file)
{
    if (file) {
        km_heap_release(file->heap, file);
    }
}

struct km_feed_source km_feed_source_file(struct km_feed_file *file)
{
    return (struct km_feed_source){.context = file,
                                   .division = file->file->division,
                                   .read = read_file,
                                   .payload = read_payload,
                                   .rewind = rewind_file};
}
