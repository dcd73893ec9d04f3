// SPDX-License-Identifier: MIT

// A stable sort by natural merging (Knuth, The Art of Computer Programming, volume 3, 5.2.4), of
// places first and of the items last: an item is moved once, and the room needed is eight bytes an
// item.

#include "analysis/piece_private.h"
#include "base/check.h"

#include <string.h>

static bool comes_before(const struct km_piece_items *sorting, uint32_t a, uint32_t b)
{
    const unsigned char *const bytes = sorting->items;
    return sorting->is_before(bytes + a * sorting->size, bytes + b * sorting->size);
}

// Where the run that begins at `start` ends.
static size_t end_of_run(const struct km_piece_items *sorting, const uint32_t *order, size_t start,
                         size_t count)
{
    size_t end = start + 1;
    while (end < count && !comes_before(sorting, order[end], order[end - 1])) {
        ++end;
    }
    return end < count ? end : count;
}

// Merges from[low, middle) and from[middle, high); of equal items the left come first.
static void merge(const struct km_piece_items *sorting, uint32_t *to, const uint32_t *from,
                  const size_t bounds[3])
{
    size_t left = bounds[0];
    size_t right = bounds[1];
    for (size_t i = bounds[0]; i < bounds[2]; ++i) {
        const bool takes_right =
            left == bounds[1] ||
            (right < bounds[2] && comes_before(sorting, from[right], from[left]));
        to[i] = from[takes_right ? right++ : left++];
    }
}

// Merges neighbouring runs, two by two; tells how many runs are left.
static size_t merge_runs(const struct km_piece_items *sorting, uint32_t *to, const uint32_t *from,
                         size_t count)
{
    size_t runs = 0;
    for (size_t low = 0; low < count; ++runs) {
        const size_t middle = end_of_run(sorting, from, low, count);
        const size_t high = middle < count ? end_of_run(sorting, from, middle, count) : count;
        merge(sorting, to, from, (const size_t[]){low, middle, high});
        low = high;
    }
    return runs;
}

// Moves each item to its place, cycle by cycle; order[i] says what comes to i.
static void move(const struct km_piece_items *items, uint32_t *order)
{
    const size_t size = items->size;
    unsigned char *const bytes = items->items;
    unsigned char held[KM_PIECE_ITEM_SIZE_MAX];
    for (size_t i = 0; i < items->count; ++i) {
        if (order[i] == i) {
            continue;
        }
        memcpy(held, bytes + i * size, size);
        size_t hole = i;
        while (order[hole] != i) {
            const size_t next = order[hole];
            memcpy(bytes + hole * size, bytes + next * size, size);
            order[hole] = (uint32_t)hole;
            hole = next;
        }
        memcpy(bytes + hole * size, held, size);
        order[hole] = (uint32_t)hole;
    }
}

void km_piece_sort(const struct km_piece_items *items, uint32_t *order, uint32_t *scratch)
{
    const size_t count = items->count;
    KM_CHECK(items->size <= KM_PIECE_ITEM_SIZE_MAX);
    for (size_t i = 0; i < count; ++i) {
        order[i] = (uint32_t)i;
    }
    uint32_t *from = order;
    uint32_t *to = scratch;
    bool is_sorted = count == 0 || end_of_run(items, from, 0, count) == count;
    while (!is_sorted) {
        is_sorted = merge_runs(items, to, from, count) == 1;
        uint32_t *const sorted = to;
        to = from;
        from = sorted;
    }
    move(items, from);
}
