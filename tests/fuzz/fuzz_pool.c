// SPDX-License-Identifier: MIT

// Drives a pool and an obviously correct model with the same operations, and compares them.
// The first two bytes are the pool's shape; then even bytes take, and odd ones give back the taken
// block number (byte / 2) of those in hand.

#include "rt/arena.h"
#include "rt/pool.h"
#include "support/expect.h"

#include <stdint.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *input, size_t input_size);

enum { COUNT_MAX = 16, SIZE_MAX_OF_BLOCK = 64 };

// What must be true of the blocks in hand: `mark` was written all over each when it was taken.
struct hand {
    unsigned char *block;
    unsigned char mark;
};

static void expect_intact(const struct hand *hand, size_t block_size)
{
    for (size_t i = 0; i < block_size; ++i) {
        EXPECT(hand->block[i] == hand->mark);
    }
}

static void expect_apart(const struct hand *hands, uint32_t count, const unsigned char *block,
                         size_t block_size)
{
    for (uint32_t i = 0; i < count; ++i) {
        EXPECT(hands[i].block + block_size <= block || block + block_size <= hands[i].block);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *input, size_t input_size)
{
    static unsigned char memory[8192];
    struct hand hands[COUNT_MAX];
    uint32_t taken = 0;
    uint32_t taken_max = 0;
    uint64_t refusals = 0;
    if (input_size < 2) {
        return 0;
    }

    const size_t block_size = input[0] % SIZE_MAX_OF_BLOCK + 1U;
    const size_t alignment = (size_t)1 << (input[0] / SIZE_MAX_OF_BLOCK);
    const uint32_t count = input[1] % COUNT_MAX + 1U;
    struct km_arena arena;
    km_arena_init(&arena, memory, sizeof(memory));
    struct km_pool *const pool = km_pool_new(&arena, block_size, alignment, count);
    EXPECT(pool);
    km_arena_seal(&arena);

    for (size_t i = 2; i < input_size; ++i) {
        if (input[i] % 2 == 0) {
            unsigned char *const block = km_pool_take(pool);
            EXPECT((block != NULL) == (taken < count));
            if (!block) {
                ++refusals;
                continue;
            }
            expect_apart(hands, taken, block, block_size);
            memset(block, (int)(i & 0xFF), block_size);
            hands[taken++] = (struct hand){.block = block, .mark = (unsigned char)i};
            taken_max = taken > taken_max ? taken : taken_max;
        } else if (taken > 0) {
            const uint32_t chosen = input[i] / 2U % taken;
            expect_intact(&hands[chosen], block_size);
            km_pool_give(pool, hands[chosen].block);
            hands[chosen] = hands[--taken];
        }
        EXPECT(km_pool_taken(pool) == taken);
        EXPECT(km_pool_taken_max(pool) == taken_max);
        EXPECT(km_pool_refusals(pool) == refusals);
    }
    return 0;
}
