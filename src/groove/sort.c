// SPDX-License-Identifier: MIT

// Insertion sort for what is nearly sorted; and for the rest merging by rotation, which needs no
// memory.

#include "groove/move_private.h"

#include "base/check.h"

#include <string.h>

// So many moves an event may cost before merging takes over: far more than human timing needs.
enum { MOVES_PER_EVENT = 16, SPANS_MAX = 192 };

// One number by which events are ordered, as km_event_is_before does. Ticks are below 2^59.
static inline uint64_t rank_of(const struct km_event *event, bool by_type)
{
    return by_type ? event->tick << 5 | event->type : event->tick;
}

_Static_assert(KM_EVENT_TYPES_COUNT <= 32, "a type fits into five bits");

static inline bool is_before(const struct km_event *a, const struct km_event *b, bool by_type)
{
    return rank_of(a, by_type) < rank_of(b, by_type);
}

struct range {
    size_t start, end;
};

// Returns false, with some of the work done, when there is too much of it.
static inline bool insert_all(struct km_event *events, size_t count, bool by_type)
{
    size_t moves_left = MOVES_PER_EVENT * count;
    uint64_t highest = rank_of(&events[0], by_type);
    for (size_t i = 1; i < count; ++i) {
        const uint64_t rank = rank_of(&events[i], by_type);
        if (rank >= highest) {
            highest = rank;
            continue;
        }
        unsigned char event[sizeof(struct km_event)]; // As bytes, so that it moves in one piece.
        memcpy(event, &events[i], sizeof(event));
        size_t j = i;
        do {
            events[j] = events[j - 1];
            --j;
        } while (j > 0 && rank < rank_of(&events[j - 1], by_type));
        memcpy(&events[j], event, sizeof(event));
        if (i - j > moves_left) {
            return false;
        }
        moves_left -= i - j;
    }
    return true;
}

static void reverse(struct km_event *events, size_t start, size_t end)
{
    while (start + 1 < end) {
        const struct km_event event = events[start];
        events[start++] = events[--end];
        events[end] = event;
    }
}

// Swaps [start, middle) with [middle, end).
static void rotate(struct km_event *events, size_t start, size_t middle, size_t end)
{
    reverse(events, start, middle);
    reverse(events, middle, end);
    reverse(events, start, end);
}

// Index of the first event of a sorted span that does not come before `event`.
static size_t lower_bound(const struct km_event *events, struct range range,
                          const struct km_event *event, bool by_type)
{
    while (range.start < range.end) {
        const size_t middle = range.start + (range.end - range.start) / 2;
        if (is_before(&events[middle], event, by_type)) {
            range.start = middle + 1;
        } else {
            range.end = middle;
        }
    }
    return range.start;
}

// Index of the first event of a sorted span that comes after `event`.
static size_t upper_bound(const struct km_event *events, struct range range,
                          const struct km_event *event, bool by_type)
{
    while (range.start < range.end) {
        const size_t middle = range.start + (range.end - range.start) / 2;
        if (is_before(event, &events[middle], by_type)) {
            range.end = middle;
        } else {
            range.start = middle + 1;
        }
    }
    return range.start;
}

struct span {
    size_t start, middle, end;
};

// Rotates what belongs together into the two halves of a span, which remain to be merged; returns
// how many there are.
static size_t split(struct km_event *events, struct span span, bool by_type, struct span halves[2])
{
    if (span.start == span.middle || span.middle == span.end) {
        return 0;
    }
    if (span.end - span.start == 2) {
        if (is_before(&events[span.middle], &events[span.start], by_type)) {
            reverse(events, span.start, span.end);
        }
        return 0;
    }
    const struct range before = {span.start, span.middle};
    const struct range after = {span.middle, span.end};
    size_t left = span.start + (span.middle - span.start) / 2;
    size_t right = span.middle + (span.end - span.middle) / 2;
    if (span.middle - span.start >= span.end - span.middle) {
        right = lower_bound(events, after, &events[left], by_type);
    } else {
        left = upper_bound(events, before, &events[right], by_type);
    }
    rotate(events, left, span.middle, right);
    const size_t middle = left + (right - span.middle);
    halves[0] = (struct span){span.start, left, middle};
    halves[1] = (struct span){middle, right, span.end};
    return 2;
}

// Merges two sorted neighbours. Every split leaves at most three quarters of a span, so the spans
// that wait are few.
static void merge(struct km_event *events, struct span whole, bool by_type)
{
    struct span spans[SPANS_MAX];
    size_t count = 0;
    spans[count++] = whole;
    while (count > 0) {
        const struct span span = spans[--count];
        KM_CHECK(count + 2 <= SPANS_MAX);
        count += split(events, span, by_type, &spans[count]);
    }
}

static void merge_all(struct km_event *events, size_t count, bool by_type)
{
    for (size_t width = 1; width < count; width *= 2) {
        for (size_t start = 0; start + width < count; start += 2 * width) {
            const size_t middle = start + width;
            const size_t end = count - middle < width ? count : middle + width;
            merge(events, (struct span){start, middle, end}, by_type);
        }
    }
}

void km_groove_sort(struct km_event *events, size_t count, bool by_type)
{
    const bool is_sorted =
        by_type ? insert_all(events, count, true) : insert_all(events, count, false);
    if (!is_sorted) {
        merge_all(events, count, by_type);
    }
}
