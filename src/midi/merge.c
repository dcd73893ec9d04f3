// SPDX-License-Identifier: MIT

#include "midi/merge_private.h"

#include "base/check.h"
#include "heap/heap.h"

static const struct km_event *event_of(const struct km_midi_merge *merge,
                                       const struct km_midi_merge_head *head)
{
    return &merge->file->tracks[head->track].events[head->index];
}

static bool is_before(const struct km_midi_merge *merge, const struct km_midi_merge_head *a,
                      const struct km_midi_merge_head *b)
{
    const struct km_event *const first = event_of(merge, a);
    const struct km_event *const second = event_of(merge, b);
    if (km_event_is_before(first, second)) {
        return true;
    }
    return a->track < b->track && !km_event_is_before(second, first);
}

static void swap(struct km_midi_merge_head *a, struct km_midi_merge_head *b)
{
    const struct km_midi_merge_head kept = *a;
    *a = *b;
    *b = kept;
}

// The earliest of a head and the two below it.
static size_t earliest_of(const struct km_midi_merge *merge, size_t index)
{
    const struct km_midi_merge_head *const heads = merge->heads;
    size_t earliest = index;
    for (size_t below = 2 * index + 1; below <= 2 * index + 2; ++below) {
        if (below < merge->count && is_before(merge, &heads[below], &heads[earliest])) {
            earliest = below;
        }
    }
    return earliest;
}

// Lets the head at `index` sink until none below it is earlier.
static void sink_down(struct km_midi_merge *merge, size_t index)
{
    for (size_t next = earliest_of(merge, index); next != index; next = earliest_of(merge, index)) {
        swap(&merge->heads[index], &merge->heads[next]);
        index = next;
    }
}

enum km_status km_midi_merge_init(struct km_midi_merge *merge, const struct km_midi_file *file)
{
    KM_CHECK(merge);
    KM_CHECK(file);
    struct km_midi_merge_head *const heads =
        km_heap_allocate_array(file->heap, KM_ACCOUNT_WORKING,
                               file->track_count > 0 ? file->track_count : 1, sizeof(*heads));
    if (!heads) {
        return KM_ERROR_NO_MEMORY;
    }
    *merge = (struct km_midi_merge){.file = file, .heads = heads};
    km_midi_merge_rewind(merge);
    return KM_OK;
}

void km_midi_merge_release(struct km_midi_merge *merge)
{
    km_heap_release(merge->file->heap, merge->heads);
    *merge = (struct km_midi_merge){.file = merge->file};
}

void km_midi_merge_rewind(struct km_midi_merge *merge)
{
    merge->count = 0;
    for (size_t i = 0; i < merge->file->track_count; ++i) {
        if (merge->file->tracks[i].count > 0) {
            merge->heads[merge->count++] = (struct km_midi_merge_head){.track = i};
        }
    }
    for (size_t i = merge->count / 2; i > 0; --i) {
        sink_down(merge, i - 1);
    }
}

const struct km_event *km_midi_merge_next(struct km_midi_merge *merge,
                                          struct km_midi_merge_head *place)
{
    if (merge->count == 0) {
        return NULL;
    }
    struct km_midi_merge_head *const first = &merge->heads[0];
    *place = *first;
    const struct km_event *const event = event_of(merge, first);
    ++first->index;
    if (first->index == merge->file->tracks[first->track].count) {
        *first = merge->heads[--merge->count];
    }
    sink_down(merge, 0);
    return event;
}
