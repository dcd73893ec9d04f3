// SPDX-License-Identifier: MIT

#include "rt/pool.h"

#include "rt/arena.h"
#include "support/cmocka.h"
#include "unit/rt/child.h"

#include <stdalign.h>
#include <string.h>

enum { BLOCK_SIZE = 1 << 16 };

static alignas(64) unsigned char memory[BLOCK_SIZE];

static struct km_pool *pool_of(size_t block_size, size_t alignment, uint32_t count)
{
    struct km_arena arena;
    km_arena_init(&arena, memory, sizeof(memory));
    struct km_pool *const pool = km_pool_new(&arena, block_size, alignment, count);
    assert_non_null(pool);
    return pool;
}

// All shapes: as many blocks as asked for, zeroed, aligned, each filled without harm to the others.
static void gives_out_each_block_once(void **state)
{
    (void)state;
    static const size_t sizes[] = {1, 3, 8, 24, 40, 64, 100, 129};
    for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); ++i) {
        for (size_t alignment = 1; alignment <= 64; alignment *= 2) {
            enum { COUNT = 50 };
            struct km_pool *const pool = pool_of(sizes[i], alignment, COUNT);
            unsigned char *blocks[COUNT];
            for (int j = 0; j < COUNT; ++j) {
                blocks[j] = km_pool_take(pool);
                assert_non_null(blocks[j]);
                assert_int_equal((uintptr_t)blocks[j] % alignment, 0);
                assert_int_equal(blocks[j][0], 0);
                assert_int_equal(blocks[j][sizes[i] - 1], 0);
                memset(blocks[j], j + 1, sizes[i]);
            }
            assert_null(km_pool_take(pool));
            for (int j = 0; j < COUNT; ++j) {
                for (size_t k = 0; k < sizes[i]; ++k) {
                    assert_int_equal(blocks[j][k], j + 1);
                }
                km_pool_give(pool, blocks[j]);
            }
            assert_int_equal(km_pool_taken(pool), 0);
        }
    }
}

static void counts_what_is_taken_and_what_it_refused(void **state)
{
    (void)state;
    struct km_pool *const pool = pool_of(16, 16, 2);
    void *const first = km_pool_take(pool);
    void *const second = km_pool_take(pool);
    assert_int_equal(km_pool_taken(pool), 2);
    assert_int_equal(km_pool_refusals(pool), 0);
    assert_null(km_pool_take(pool));
    assert_null(km_pool_take(pool));
    assert_int_equal(km_pool_refusals(pool), 2);
    km_pool_give(pool, first);
    assert_int_equal(km_pool_taken(pool), 1);
    assert_int_equal(km_pool_taken_max(pool), 2);
    assert_ptr_equal(km_pool_take(pool), first); // The one given last is still in the cache.
    km_pool_give(pool, second);
    km_pool_give(pool, first);
    assert_int_equal(km_pool_taken(pool), 0);
    assert_int_equal(km_pool_taken_max(pool), 2);
    assert_int_equal(km_pool_refusals(pool), 2);
}

struct gift {
    struct km_pool *pool;
    void *block;
};

static void give(void *gift)
{
    km_pool_give(((struct gift *)gift)->pool, ((struct gift *)gift)->block);
}

static void finds_a_block_given_twice(void **state)
{
    (void)state;
    struct km_pool *const pool = pool_of(24, 8, 3);
    void *const first = km_pool_take(pool);
    void *const second = km_pool_take(pool);
    assert_false(child_aborts(give, &(struct gift){pool, first}));
    km_pool_give(pool, first);
    assert_true(child_aborts(give, &(struct gift){pool, first}));
    km_pool_give(pool, second); // Others given in between hide nothing.
    assert_true(child_aborts(give, &(struct gift){pool, first}));
    assert_true(child_aborts(give, &(struct gift){pool, second}));
}

// The last block of the stack of free ones links to no other: it must count as free all the same.
static void finds_a_block_given_that_was_never_taken(void **state)
{
    (void)state;
    struct km_pool *const pool = pool_of(24, 8, 2);
    unsigned char *const first = km_pool_take(pool);
    unsigned char *const second = km_pool_take(pool);
    km_pool_give(pool, second);
    assert_true(child_aborts(give, &(struct gift){pool, second}));
    km_pool_give(pool, first);
    assert_true(child_aborts(give, &(struct gift){pool, first}));
    assert_true(child_aborts(give, &(struct gift){pool, second}));
}

// Every address in and round the pool, with all blocks taken: just their starts are accepted.
static void finds_every_foreign_address(void **state)
{
    (void)state;
    enum { COUNT = 4, STRIDE = 24 };
    struct km_pool *const pool = pool_of(STRIDE, 8, COUNT);
    unsigned char *blocks[COUNT];
    for (int i = 0; i < COUNT; ++i) {
        blocks[i] = km_pool_take(pool);
    }
    for (int offset = -2 * STRIDE; offset <= (COUNT + 2) * STRIDE; offset += 3) {
        const bool is_block = offset >= 0 && offset < COUNT * STRIDE && offset % STRIDE == 0;
        unsigned char *const address = blocks[0] + offset;
        assert_int_equal(child_aborts(give, &(struct gift){pool, address}), !is_block);
    }
    int local = 0;
    assert_true(child_aborts(give, &(struct gift){pool, NULL}));
    assert_true(child_aborts(give, &(struct gift){pool, &local}));
}

static void refuses_a_block_of_another_pool(void **state)
{
    (void)state;
    struct km_arena arena;
    km_arena_init(&arena, memory, sizeof(memory));
    struct km_pool *const one = km_pool_new(&arena, 32, 32, 4);
    struct km_pool *const other = km_pool_new(&arena, 32, 32, 4);
    assert_non_null(one);
    assert_non_null(other);
    void *const mine = km_pool_take(one);
    void *const theirs = km_pool_take(other);
    assert_non_null(mine);
    assert_true(child_aborts(give, &(struct gift){one, theirs}));
    assert_true(child_aborts(give, &(struct gift){other, mine}));
    assert_false(child_aborts(give, &(struct gift){other, theirs}));
}

static void fails_cleanly_without_memory(void **state)
{
    (void)state;
    int successes = 0;
    for (size_t size = 0; size <= 512; ++size) {
        struct km_arena arena;
        km_arena_init(&arena, memory + 1, size); // An odd start: alignment needs room as well.
        struct km_pool *const pool = km_pool_new(&arena, 32, 16, 4);
        assert_true(arena.used <= size);
        assert_true(pool || arena.used == 0);
        for (int i = 0; pool && i < 4; ++i) {
            unsigned char *const block = km_pool_take(pool);
            assert_non_null(block);
            assert_true(block + 32 <= memory + 1 + size);
        }
        successes += pool != NULL;
    }
    assert_in_range(successes, 1, 512);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(gives_out_each_block_once),
        cmocka_unit_test(counts_what_is_taken_and_what_it_refused),
        cmocka_unit_test(finds_a_block_given_twice),
        cmocka_unit_test(finds_a_block_given_that_was_never_taken),
        cmocka_unit_test(finds_every_foreign_address),
        cmocka_unit_test(refuses_a_block_of_another_pool),
        cmocka_unit_test(fails_cleanly_without_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
