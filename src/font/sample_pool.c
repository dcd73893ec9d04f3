// SPDX-License-Identifier: MIT

#include "font/sample_pool.h"

#include "base/check.h"
#include "heap/heap.h"

#include <stdbool.h>
#include <string.h>

enum { SEGMENTS_FIRST = 64 };

// A piece or a gap. Segments stand in the order of their offsets, without holes between them, and
// no two gaps are neighbours.
struct segment {
    size_t offset;
    size_t size;
    bool is_free;
};

struct km_sample_pool {
    struct km_heap *heap;
    unsigned char *block;
    size_t size;
    size_t used;
    size_t peak;
    struct segment *segments;
    size_t count;
    size_t capacity;
};

size_t km_sample_pool_rounded(size_t size)
{
    const size_t mask = KM_SAMPLE_POOL_ALIGNMENT - 1;
    if (size > SIZE_MAX - mask) {
        return SIZE_MAX;
    }
    return size == 0 ? KM_SAMPLE_POOL_ALIGNMENT : (size + mask) & ~mask;
}

struct km_sample_pool *km_sample_pool_new(struct km_heap *heap, void *block, size_t size)
{
    KM_CHECK(heap && block);
    KM_CHECK((uintptr_t)block % KM_SAMPLE_POOL_ALIGNMENT == 0);
    struct km_sample_pool *const pool =
        km_heap_allocate(heap, KM_ACCOUNT_WORKING, sizeof(struct km_sample_pool));
    if (!pool) {
        return NULL;
    }
    pool->segments =
        km_heap_allocate_array(heap, KM_ACCOUNT_WORKING, SEGMENTS_FIRST, sizeof(pool->segments[0]));
    if (!pool->segments) {
        km_heap_release(heap, pool);
        return NULL;
    }
    pool->heap = heap;
    pool->block = block;
    pool->size = size - size % KM_SAMPLE_POOL_ALIGNMENT;
    pool->capacity = SEGMENTS_FIRST;
    pool->count = pool->size > 0 ? 1 : 0;
    pool->segments[0] = (struct segment){.size = pool->size, .is_free = true};
    return pool;
}

void km_sample_pool_free(struct km_sample_pool *pool)
{
    if (pool) {
        km_heap_release(pool->heap, pool->segments);
        km_heap_release(pool->heap, pool);
    }
}

// The smallest gap of at least `size` bytes, the first of several; pool->count if there is none.
static size_t find_gap(const struct km_sample_pool *pool, size_t size)
{
    size_t best = pool->count;
    for (size_t i = 0; i < pool->count; ++i) {
        const struct segment *const segment = &pool->segments[i];
        const bool fits = segment->is_free && segment->size >= size;
        if (fits && (best == pool->count || segment->size < pool->segments[best].size)) {
            best = i;
        }
    }
    return best;
}

static bool make_room(struct km_sample_pool *pool)
{
    if (pool->count < pool->capacity) {
        return true;
    }
    struct segment *const larger = km_heap_resize(pool->heap, KM_ACCOUNT_WORKING, pool->segments,
                                                  2 * pool->capacity * sizeof(pool->segments[0]));
    if (!larger) {
        return false;
    }
    pool->segments = larger;
    pool->capacity *= 2;
    return true;
}

void *km_sample_pool_allocate(struct km_sample_pool *pool, size_t size)
{
    KM_CHECK(pool);
    const size_t rounded = km_sample_pool_rounded(size);
    const size_t found = find_gap(pool, rounded);
    if (found == pool->count || !make_room(pool)) {
        return NULL;
    }
    struct segment *const segment = &pool->segments[found];
    if (segment->size > rounded) {
        memmove(segment + 2, segment + 1, (pool->count - found - 1) * sizeof(*segment));
        segment[1] = (struct segment){
            .offset = segment->offset + rounded, .size = segment->size - rounded, .is_free = true};
        pool->count += 1;
    }
    segment->size = rounded;
    segment->is_free = false;
    pool->used += rounded;
    pool->peak = pool->used > pool->peak ? pool->used : pool->peak;
    return pool->block + segment->offset;
}

// The segment that begins at `offset`.
static size_t find_segment(const struct km_sample_pool *pool, size_t offset)
{
    size_t low = 0;
    size_t high = pool->count;
    while (low < high) {
        const size_t middle = low + (high - low) / 2;
        if (pool->segments[middle].offset < offset) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    KM_CHECK(low < pool->count && pool->segments[low].offset == offset);
    return low;
}

// Joins a segment with the one after it, if both are gaps.
static void join_with_next(struct km_sample_pool *pool, size_t index)
{
    struct segment *const segment = &pool->segments[index];
    if (index + 1 >= pool->count || !segment[0].is_free || !segment[1].is_free) {
        return;
    }
    segment->size += segment[1].size;
    memmove(segment + 1, segment + 2, (pool->count - index - 2) * sizeof(*segment));
    pool->count -= 1;
}

void km_sample_pool_release(struct km_sample_pool *pool, void *piece)
{
    KM_CHECK(pool);
    if (!piece) {
        return;
    }
    const unsigned char *const start = piece;
    KM_CHECK(start >= pool->block && start < pool->block + pool->size);
    const size_t index = find_segment(pool, (size_t)(start - pool->block));
    KM_CHECK(!pool->segments[index].is_free);
    pool->used -= pool->segments[index].size;
    pool->segments[index].is_free = true;
    join_with_next(pool, index);
    if (index > 0) {
        join_with_next(pool, index - 1);
    }
}

struct km_sample_pool_usage km_sample_pool_usage(const struct km_sample_pool *pool)
{
    KM_CHECK(pool);
    struct km_sample_pool_usage usage = {
        .size = pool->size, .used = pool->used, .peak = pool->peak};
    for (size_t i = 0; i < pool->count; ++i) {
        const struct segment *const segment = &pool->segments[i];
        usage.pieces += !segment->is_free;
        if (segment->is_free && segment->size > usage.largest_free) {
            usage.largest_free = segment->size;
        }
    }
    return usage;
}
