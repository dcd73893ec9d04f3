// SPDX-License-Identifier: MIT

#include "rt/pool.h"

#include "base/check.h"
#include "rt/arena.h"

#include <stdalign.h>
#include <stddef.h>

enum { ALIGNMENT_MAX = 4096 };

// What stands in `links` beside the index of the next free block; no index is as high.
enum { NO_BLOCK = KM_POOL_BLOCKS_MAX, TAKEN };

// The free blocks form a stack of indices, so the block given last, still in the cache, is taken
// first. The links lie outside the blocks: who writes to a block after giving it back cannot damage
// them, and one word per block tells whether it is free.
struct km_pool {
    unsigned char *blocks;
    uint32_t *links; // Of a free block the next free one or NO_BLOCK; else TAKEN.
    uint32_t first_free;
    uint32_t count;
    size_t stride;
    uint64_t stride_inverse; // Of the stride's odd part, modulo 2^64.
    uint32_t stride_shift;   // The stride is its odd part times 2^stride_shift.
    uint32_t taken;
    uint32_t taken_max;
    uint64_t refusals;
};

// Newton's iteration: each step doubles the number of right bits, and 3 are right at the start.
static uint64_t inverse_of_odd(uint64_t odd)
{
    uint64_t inverse = odd;
    for (int bits = 3; bits < 64; bits *= 2) {
        inverse *= 2 - odd * inverse;
    }
    return inverse;
}

static void set_stride(struct km_pool *pool, size_t stride)
{
    uint64_t odd = stride;
    while (odd % 2 == 0) {
        odd /= 2;
        ++pool->stride_shift;
    }
    pool->stride = stride;
    pool->stride_inverse = inverse_of_odd(odd);
}

struct km_pool *km_pool_new(struct km_arena *arena, size_t block_size, size_t alignment,
                            uint32_t count)
{
    KM_CHECK(block_size > 0 && block_size <= KM_POOL_BLOCK_SIZE_MAX);
    KM_CHECK(alignment > 0 && alignment <= ALIGNMENT_MAX && (alignment & (alignment - 1)) == 0);
    KM_CHECK(count > 0 && count <= KM_POOL_BLOCKS_MAX);

    const struct km_arena arena_before = *arena;
    const size_t stride = (block_size + alignment - 1) & ~(alignment - 1);
    struct km_pool *const pool = km_arena_take(arena, sizeof(*pool), alignof(struct km_pool));
    uint32_t *const links = km_arena_take(arena, count * sizeof(*links), alignof(uint32_t));
    unsigned char *const blocks = km_arena_take(arena, count * stride, alignment);
    if (!pool || !links || !blocks) {
        *arena = arena_before;
        return NULL;
    }

    pool->blocks = blocks;
    pool->links = links;
    pool->count = count;
    set_stride(pool, stride);
    for (uint32_t i = 0; i < count; ++i) {
        links[i] = i + 1 < count ? i + 1 : NO_BLOCK;
    }
    return pool;
}

void *km_pool_take(struct km_pool *pool)
{
    const uint32_t index = pool->first_free;
    if (index == NO_BLOCK) {
        ++pool->refusals;
        return NULL;
    }
    pool->first_free = pool->links[index];
    pool->links[index] = TAKEN;
    ++pool->taken;
    if (pool->taken > pool->taken_max) {
        pool->taken_max = pool->taken;
    }
    return pool->blocks + index * pool->stride;
}

// The offset divided by the stride, without a division: the product with the odd part's inverse,
// rotated right. Both steps are one-to-one on 64 bits, and they send i * stride to i, so any
// address that is not the start of a block gives a number that is no block's index.
static uint64_t index_of(const struct km_pool *pool, const void *block)
{
    const uint64_t offset = (uint64_t)((uintptr_t)block - (uintptr_t)pool->blocks);
    const uint64_t product = offset * pool->stride_inverse;
    return (product >> pool->stride_shift) | (product << ((64 - pool->stride_shift) % 64));
}

void km_pool_give(struct km_pool *pool, void *block)
{
    const uint64_t index = index_of(pool, block);
    KM_CHECK(index < pool->count);         // Else the block is foreign.
    KM_CHECK(pool->links[index] == TAKEN); // Else it was given already.
    pool->links[index] = pool->first_free;
    pool->first_free = (uint32_t)index;
    --pool->taken;
}

uint32_t km_pool_taken(const struct km_pool *pool)
{
    return pool->taken;
}

uint32_t km_pool_taken_max(const struct km_pool *pool)
{
    return pool->taken_max;
}

uint64_t km_pool_refusals(const struct km_pool *pool)
{
    return pool->refusals;
}
