// SPDX-License-Identifier: MIT

#include "rt/arena.h"

#include "support/cmocka.h"
#include "unit/rt/child.h"

#include <stdalign.h>
#include <string.h>

enum { BLOCK_SIZE = 4096 };

static alignas(64) unsigned char block[BLOCK_SIZE];

static bool all_zero(const unsigned char *bytes, size_t size)
{
    for (size_t i = 0; i < size; ++i) {
        if (bytes[i] != 0) {
            return false;
        }
    }
    return true;
}

// Every size and alignment, from every start: what is handed out is aligned, zeroed, inside the
// block, and behind what was handed out before.
static void hands_out_aligned_zeroed_memory_that_does_not_overlap(void **state)
{
    (void)state;
    for (size_t start = 0; start < 8; ++start) {
        struct km_arena arena;
        memset(block, 0xAA, sizeof(block));
        km_arena_init(&arena, block + start, BLOCK_SIZE - start);
        const unsigned char *end_before = block + start;
        for (size_t size = 0; size < 40; ++size) {
            const size_t alignment = (size_t)1 << (size % 7);
            unsigned char *const taken = km_arena_take(&arena, size, alignment);
            assert_non_null(taken);
            assert_int_equal((uintptr_t)taken % alignment, 0);
            assert_true(taken >= end_before);
            assert_true(taken < end_before + alignment);
            assert_true(all_zero(taken, size));
            memset(taken, 0x55, size);
            end_before = taken + size;
            assert_int_equal(arena.used, (size_t)(end_before - (block + start)));
            assert_int_equal(km_arena_remaining(&arena), BLOCK_SIZE - start - arena.used);
        }
        assert_true(all_zero(block, start) || block[0] == 0xAA);
    }
}

static void refuses_what_does_not_fit_and_stays_as_it_was(void **state)
{
    (void)state;
    struct km_arena arena;
    km_arena_init(&arena, block, 100);
    assert_non_null(km_arena_take(&arena, 61, 1));
    assert_null(km_arena_take(&arena, 37, 64)); // 3 bytes of padding, then 36 are left.
    assert_null(km_arena_take(&arena, SIZE_MAX, 1));
    assert_null(km_arena_take(&arena, SIZE_MAX - 10, 64));
    assert_int_equal(arena.used, 61);
    assert_int_equal(km_arena_remaining(&arena), 39);
    assert_non_null(km_arena_take(&arena, 36, 64));
    assert_int_equal(km_arena_remaining(&arena), 0);
    assert_non_null(km_arena_take(&arena, 0, 1)); // Nothing always fits.
    assert_null(km_arena_take(&arena, 1, 1));
}

static void may_be_empty(void **state)
{
    (void)state;
    struct km_arena arena;
    km_arena_init(&arena, NULL, 0);
    assert_int_equal(km_arena_remaining(&arena), 0);
    assert_null(km_arena_take(&arena, 1, 1));
}

static void take_one_byte(void *arena)
{
    if (!km_arena_take(arena, 1, 1)) {
        _exit(EXIT_FAILURE);
    }
}

static void take_nothing(void *arena)
{
    if (!km_arena_take(arena, 0, 1)) {
        _exit(EXIT_FAILURE);
    }
}

static void aborts_when_asked_after_the_seal(void **state)
{
    (void)state;
    struct km_arena arena;
    km_arena_init(&arena, block, sizeof(block));
    assert_non_null(km_arena_take(&arena, 16, 16));
    assert_false(km_arena_is_sealed(&arena));
    assert_false(child_aborts(take_one_byte, &arena));

    km_arena_seal(&arena);
    assert_true(km_arena_is_sealed(&arena));
    assert_true(child_aborts(take_one_byte, &arena));
    assert_true(child_aborts(take_nothing, &arena));
    km_arena_seal(&arena);
    assert_true(km_arena_is_sealed(&arena));
    assert_int_equal(km_arena_remaining(&arena), BLOCK_SIZE - 16);
}

// A sealed arena that lacks room is asked wrongly as well: the seal comes before the size.
static void aborts_after_the_seal_even_if_it_would_not_fit(void **state)
{
    (void)state;
    struct km_arena arena;
    km_arena_init(&arena, block, 0);
    assert_false(child_aborts(take_one_byte, &arena));
    km_arena_seal(&arena);
    assert_true(child_aborts(take_one_byte, &arena));
}

static void take_with_alignment(void *alignment)
{
    struct km_arena arena;
    km_arena_init(&arena, block, sizeof(block));
    if (!km_arena_take(&arena, 1, *(const size_t *)alignment)) {
        _exit(EXIT_FAILURE);
    }
}

static void aborts_on_an_alignment_that_is_none(void **state)
{
    (void)state;
    size_t wrong[] = {0, 3, 6, 12, 100};
    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); ++i) {
        assert_true(child_aborts(take_with_alignment, &wrong[i]));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(hands_out_aligned_zeroed_memory_that_does_not_overlap),
        cmocka_unit_test(refuses_what_does_not_fit_and_stays_as_it_was),
        cmocka_unit_test(may_be_empty),
        cmocka_unit_test(aborts_when_asked_after_the_seal),
        cmocka_unit_test(aborts_after_the_seal_even_if_it_would_not_fit),
        cmocka_unit_test(aborts_on_an_alignment_that_is_none),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
