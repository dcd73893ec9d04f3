// SPDX-License-Identifier: MIT

#include "font/sample_pool.h"

#include "heap/heap.h"
#include "support/cmocka.h"

#include <stdalign.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

enum { BLOCK_SIZE = 64 * 1024 };

static alignas(64) unsigned char block[BLOCK_SIZE];

struct fixture {
    struct km_heap *heap;
    struct km_sample_pool *pool;
};

static struct fixture fixture_of(size_t size)
{
    struct fixture fixture = {.heap = km_heap_new(NULL)};
    assert_non_null(fixture.heap);
    fixture.pool = km_sample_pool_new(fixture.heap, block, size);
    assert_non_null(fixture.pool);
    return fixture;
}

static void fixture_release(struct fixture *fixture)
{
    km_sample_pool_free(fixture->pool);
    km_heap_free(fixture->heap);
}

static void takes_aligned_pieces_that_are_apart(void **state)
{
    (void)state;
    struct fixture fixture = fixture_of(BLOCK_SIZE);
    unsigned char *const a = km_sample_pool_allocate(fixture.pool, 100);
    unsigned char *const b = km_sample_pool_allocate(fixture.pool, 0);
    unsigned char *const c = km_sample_pool_allocate(fixture.pool, 64);
    assert_ptr_equal(a, block);
    assert_ptr_equal(b, block + 128);
    assert_ptr_equal(c, block + 192);
    const struct km_sample_pool_usage usage = km_sample_pool_usage(fixture.pool);
    assert_int_equal(usage.used, 256);
    assert_int_equal(usage.pieces, 3);
    assert_int_equal(usage.largest_free, BLOCK_SIZE - 256);
    fixture_release(&fixture);
}

static void fills_to_the_last_byte_and_refuses_more(void **state)
{
    (void)state;
    struct fixture fixture = fixture_of(BLOCK_SIZE);
    void *const all = km_sample_pool_allocate(fixture.pool, BLOCK_SIZE);
    assert_non_null(all);
    assert_null(km_sample_pool_allocate(fixture.pool, 1));
    km_sample_pool_release(fixture.pool, all);
    assert_null(km_sample_pool_allocate(fixture.pool, BLOCK_SIZE + 1));
    assert_null(km_sample_pool_allocate(fixture.pool, SIZE_MAX));
    assert_null(km_sample_pool_allocate(fixture.pool, SIZE_MAX - 63));
    assert_non_null(km_sample_pool_allocate(fixture.pool, BLOCK_SIZE));
    assert_int_equal(km_sample_pool_usage(fixture.pool).peak, BLOCK_SIZE);
    fixture_release(&fixture);
}

static void joins_free_neighbours_on_both_sides(void **state)
{
    (void)state;
    struct fixture fixture = fixture_of(BLOCK_SIZE);
    void *pieces[4];
    for (int i = 0; i < 4; ++i) {
        pieces[i] = km_sample_pool_allocate(fixture.pool, BLOCK_SIZE / 4);
    }
    km_sample_pool_release(fixture.pool, pieces[0]);
    km_sample_pool_release(fixture.pool, pieces[2]);
    assert_int_equal(km_sample_pool_usage(fixture.pool).largest_free, BLOCK_SIZE / 4);
    km_sample_pool_release(fixture.pool, pieces[1]);
    assert_int_equal(km_sample_pool_usage(fixture.pool).largest_free, BLOCK_SIZE / 4 * 3);
    km_sample_pool_release(fixture.pool, pieces[3]);
    assert_int_equal(km_sample_pool_usage(fixture.pool).largest_free, BLOCK_SIZE);
    assert_int_equal(km_sample_pool_usage(fixture.pool).used, 0);
    fixture_release(&fixture);
}

static void prefers_the_smallest_gap_that_fits(void **state)
{
    (void)state;
    struct fixture fixture = fixture_of(BLOCK_SIZE);
    void *const large = km_sample_pool_allocate(fixture.pool, 4096);
    void *const wall = km_sample_pool_allocate(fixture.pool, 64);
    void *const small = km_sample_pool_allocate(fixture.pool, 256);
    void *const second_wall = km_sample_pool_allocate(fixture.pool, 64);
    assert_non_null(second_wall);
    assert_non_null(wall);
    km_sample_pool_release(fixture.pool, large);
    km_sample_pool_release(fixture.pool, small);
    assert_ptr_equal(km_sample_pool_allocate(fixture.pool, 200), small);
    fixture_release(&fixture);
}

static void a_block_too_small_for_any_piece_has_none(void **state)
{
    (void)state;
    struct fixture fixture = fixture_of(63);
    assert_null(km_sample_pool_allocate(fixture.pool, 1));
    assert_int_equal(km_sample_pool_usage(fixture.pool).size, 0);
    km_sample_pool_release(fixture.pool, NULL);
    fixture_release(&fixture);
}

static void is_not_made_where_memory_is_refused(void **state)
{
    (void)state;
    struct km_heap *const heap = km_heap_new(NULL);
    struct km_sample_pool *pool = NULL;
    uint64_t request = 0;
    while (!pool) {
        km_heap_fail_at(heap, ++request);
        pool = km_sample_pool_new(heap, block, BLOCK_SIZE);
    }
    assert_int_equal(request, 3);
    km_heap_fail_at(heap, 0);
    km_sample_pool_free(pool);
    km_heap_free(heap);
}

static void refuses_a_piece_where_its_books_do_not_fit_and_stays_as_it_was(void **state)
{
    (void)state;
    struct fixture fixture = fixture_of(BLOCK_SIZE);
    uint32_t count = 0;
    km_heap_fail_at(fixture.heap, 1);
    while (km_sample_pool_allocate(fixture.pool, 1)) {
        ++count;
    }
    assert_in_range(count, 1, BLOCK_SIZE / 64 - 1);
    assert_int_equal(km_sample_pool_usage(fixture.pool).used, 64 * count);
    km_heap_fail_at(fixture.heap, 0);
    while (km_sample_pool_allocate(fixture.pool, 1)) {
        ++count;
    }
    assert_int_equal(count, BLOCK_SIZE / 64);
    fixture_release(&fixture);
}

// Runs what must stop the program, in a child.
static void assert_stops(void (*run)(struct km_sample_pool *), struct km_sample_pool *pool)
{
    const pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        (void)close(STDERR_FILENO);
        run(pool);
        _exit(0);
    }
    int status = 0;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_false(WIFEXITED(status) && WEXITSTATUS(status) == 0);
}

static void give_twice(struct km_sample_pool *pool)
{
    void *const piece = km_sample_pool_allocate(pool, 64);
    km_sample_pool_release(pool, piece);
    km_sample_pool_release(pool, piece);
}

static void give_a_middle(struct km_sample_pool *pool)
{
    unsigned char *const piece = km_sample_pool_allocate(pool, 128);
    km_sample_pool_release(pool, piece + 64);
}

static void give_what_is_foreign(struct km_sample_pool *pool)
{
    static alignas(64) unsigned char foreign[64];
    km_sample_pool_release(pool, foreign);
}

static void what_is_no_piece_stops_the_program(void **state)
{
    (void)state;
    struct fixture fixture = fixture_of(BLOCK_SIZE);
    assert_stops(give_twice, fixture.pool);
    assert_stops(give_a_middle, fixture.pool);
    assert_stops(give_what_is_foreign, fixture.pool);
    fixture_release(&fixture);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(takes_aligned_pieces_that_are_apart),
        cmocka_unit_test(fills_to_the_last_byte_and_refuses_more),
        cmocka_unit_test(joins_free_neighbours_on_both_sides),
        cmocka_unit_test(prefers_the_smallest_gap_that_fits),
        cmocka_unit_test(a_block_too_small_for_any_piece_has_none),
        cmocka_unit_test(is_not_made_where_memory_is_refused),
        cmocka_unit_test(refuses_a_piece_where_its_books_do_not_fit_and_stays_as_it_was),
        cmocka_unit_test(what_is_no_piece_stops_the_program),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
