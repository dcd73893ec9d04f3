// SPDX-License-Identifier: MIT

#include "midi/sort_private.h"

#include "base/check.h"
#include "heap/heap.h"
#include "midi/file.h"

#include <string.h>

bool km_events_are_sorted(const struct km_event *events, size_t count)
{
    for (size_t i = 1; i < count; ++i) {
        if (km_event_is_before(&events[i], &events[i - 1])) {
            return false;
        }
    }
    return true;
}

// Merges the sorted from[low, middle) and from[middle, high); of equal events the left come first.
static void merge(struct km_event *to, const struct km_event *from, size_t low, size_t middle,
                  size_t high)
{
    size_t left = low;
    size_t right = middle;
    for (size_t i = low; i < high; ++i) {
        const bool takes_right =
            left == middle || (right < high && km_event_is_before(&from[right], &from[left]));
        to[i] = from[takes_right ? right++ : left++];
    }
}

// Sorts runs of `width` events into runs of twice that.
static void merge_runs(struct km_event *to, const struct km_event *from, size_t count, size_t width)
{
    for (size_t low = 0; low < count; low += 2 * width) {
        const size_t middle = count - low > width ? low + width : count;
        const size_t high = count - low > 2 * width ? low + 2 * width : count;
        merge(to, from, low, middle, high);
    }
}

void km_events_sort(struct km_event *events, struct km_event *scratch, size_t count)
{
    struct km_event *from = events;
    struct km_event *to = scratch;
    for (size_t width = 1; width < count; width *= 2) {
        merge_runs(to, from, count, width);
        struct km_event *const sorted = to;
        to = from;
        from = sorted;
    }
    if (from != events) {
        memcpy(events, from, count * sizeof(*events));
    }
}

enum km_status km_midi_track_sort(struct km_midi_file *file, size_t track)
{
    KM_CHECK(file);
    KM_CHECK(track < file->track_count);
    struct km_event *const events = file->tracks[track].events;
    const size_t count = file->tracks[track].count;
    if (km_events_are_sorted(events, count)) {
        return KM_OK;
    }
    struct km_event *const scratch =
        km_heap_allocate_array(file->heap, KM_ACCOUNT_WORKING, count, sizeof(*events));
    if (!scratch) {
        return KM_ERROR_NO_MEMORY;
    }
    km_events_sort(events, scratch, count);
    km_heap_release(file->heap, scratch);
    return KM_OK;
}
