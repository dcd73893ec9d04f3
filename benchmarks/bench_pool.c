// SPDX-License-Identifier: MIT

// A block taken and given back: km_pool beside the C library's allocator and mimalloc. All take
// turns in each round, so that a disturbance of the machine meets them all.

#include "harness.h"
#include "rt/arena.h"
#include "rt/pool.h"

#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    ROUNDS = 41,
    ROUNDS_QUICK = 1,
    BLOCK_SIZE = 64,
    BLOCKS_COUNT = 1024, // At most in use at once.
    KINDS_MAX = 3,
    PATTERNS_COUNT = 2,
};

struct allocator {
    const char *name;
    struct km_pool *pool;
    void *(*take)(size_t size);
    void (*give)(void *block);
    void *blocks[BLOCKS_COUNT]; // In use, or null.
};

typedef void run_function(struct allocator *allocator, uint64_t count);

static void touch(void *block, uint64_t number)
{
    if (!block) {
        fprintf(stderr, "bench_pool: no memory\n");
        exit(EXIT_FAILURE);
    }
    memcpy(block, &number, sizeof(number));
    km_bench_keep(block);
}

// A stream of block numbers, cheap to make: xorshift.
static uint64_t number_next(uint64_t *state)
{
    *state ^= *state << 13;
    *state ^= *state >> 7;
    *state ^= *state << 17;
    return *state % BLOCKS_COUNT;
}

// Defines the two patterns for one allocator. Pair: a block is taken and at once given back. Mixed:
// a random block of 1,024 is given back if it is in use, and taken if not.
#define PATTERNS(name, take, give)                                                                 \
    static void name##_pair(struct allocator *allocator, uint64_t count)                           \
    {                                                                                              \
        (void)allocator;                                                                           \
        for (uint64_t i = 0; i < count; ++i) {                                                     \
            void *const block = take;                                                              \
            touch(block, i);                                                                       \
            give(block);                                                                           \
        }                                                                                          \
    }                                                                                              \
    static void name##_mixed(struct allocator *allocator, uint64_t count)                          \
    {                                                                                              \
        uint64_t state = 88172645463325252U;                                                       \
        for (uint64_t i = 0; i < count; ++i) {                                                     \
            void **const block = &allocator->blocks[number_next(&state)];                          \
            if (*block) {                                                                          \
                give(*block);                                                                      \
                *block = NULL;                                                                     \
            } else {                                                                               \
                *block = take;                                                                     \
                touch(*block, i);                                                                  \
            }                                                                                      \
        }                                                                                          \
        for (int i = 0; i < BLOCKS_COUNT; ++i) {                                                   \
            if (allocator->blocks[i]) {                                                            \
                give(allocator->blocks[i]);                                                        \
                allocator->blocks[i] = NULL;                                                       \
            }                                                                                      \
        }                                                                                          \
    }

#define GIVE_TO_POOL(block) km_pool_give(allocator->pool, block)
PATTERNS(pool, km_pool_take(allocator->pool), GIVE_TO_POOL)
PATTERNS(library, allocator->take(BLOCK_SIZE), allocator->give)

static run_function *const patterns_of_pool[PATTERNS_COUNT] = {pool_pair, pool_mixed};
static run_function *const patterns_of_library[PATTERNS_COUNT] = {library_pair, library_mixed};
static const char *const metrics[PATTERNS_COUNT] = {"pair_ns", "mixed_ns"};

static struct km_pool *new_pool(void)
{
    static _Alignas(64) unsigned char block[(BLOCK_SIZE + 8) * BLOCKS_COUNT + 1024];
    struct km_arena arena;
    km_arena_init(&arena, block, sizeof(block));
    struct km_pool *const pool = km_pool_new(&arena, BLOCK_SIZE, 64, BLOCKS_COUNT);
    if (!pool) {
        fprintf(stderr, "bench_pool: the arena is too small\n");
        exit(EXIT_FAILURE);
    }
    return pool;
}

// mimalloc is loaded, not linked: linked, it would take the place of the C library's allocator.
static bool find_mimalloc(struct allocator *allocator)
{
    void *const library = dlopen("libmimalloc.so.2", RTLD_NOW | RTLD_LOCAL);
    if (!library) {
        return false;
    }
    void *const take = dlsym(library, "mi_malloc");
    void *const give = dlsym(library, "mi_free");
    memcpy(&allocator->take, &take, sizeof(take));
    memcpy(&allocator->give, &give, sizeof(give));
    return take && give;
}

static int compare_doubles(const void *a, const void *b)
{
    const double x = *(const double *)a;
    const double y = *(const double *)b;
    return (x > y) - (x < y);
}

static void compare(struct km_bench *bench, struct allocator *allocators, int count, int pattern)
{
    const bool is_quick = km_bench_is_quick(bench);
    const int rounds = is_quick ? ROUNDS_QUICK : ROUNDS;
    const uint64_t repetitions = is_quick ? 2000 : 200000;
    double ns[KINDS_MAX][ROUNDS];
    for (int round = -1; round < rounds; ++round) { // The first round warms up.
        for (int i = 0; i < count; ++i) {
            run_function *const run =
                allocators[i].pool ? patterns_of_pool[pattern] : patterns_of_library[pattern];
            const uint64_t start = km_bench_cpu_ns();
            run(&allocators[i], repetitions);
            ns[i][round < 0 ? 0 : round] =
                (double)(km_bench_cpu_ns() - start) / (double)repetitions;
        }
    }
    for (int i = 0; i < count; ++i) {
        qsort(ns[i], (size_t)rounds, sizeof(ns[i][0]), compare_doubles);
        if (i == 0) {
            km_bench_metric(bench, metrics[pattern], ns[i][rounds / 2], "ns");
        } else {
            km_bench_peer(bench, allocators[i].name, metrics[pattern], ns[i][rounds / 2]);
        }
    }
}

int main(int argc, char **argv)
{
    struct km_bench *const bench = km_bench_start(
        "pool", "a block of 64 bytes taken and given back; mixed: among 1,024", argc, argv);
    static struct allocator allocators[KINDS_MAX] = {
        {.name = "kmidi"},
        {.name = "malloc", .take = malloc, .give = free},
        {.name = "mimalloc"},
    };
    allocators[0].pool = new_pool();
    int count = KINDS_MAX;
    if (!find_mimalloc(&allocators[2])) {
        km_bench_without(bench, "mimalloc", "not installed (Debian: libmimalloc2.0)");
        --count;
    }
    for (int pattern = 0; pattern < PATTERNS_COUNT; ++pattern) {
        compare(bench, allocators, count, pattern);
    }
    return km_bench_finish(bench);
}
