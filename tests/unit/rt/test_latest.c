// SPDX-License-Identifier: MIT

#include "rt/latest.h"

#include "rt/arena.h"
#include "support/cmocka.h"

#include <pthread.h>
#include <sched.h>
#include <stdalign.h>
#include <string.h>

static alignas(64) unsigned char memory[1 << 14];

static struct km_latest *latest_of(uint32_t size)
{
    struct km_arena arena;
    memset(memory, 0xAA, sizeof(memory));
    km_arena_init(&arena, memory, sizeof(memory));
    struct km_latest *const latest = km_latest_new(&arena, size);
    assert_non_null(latest);
    return latest;
}

static void is_all_zeros_before_the_first_snapshot(void **state)
{
    (void)state;
    struct km_latest *const latest = latest_of(100);
    assert_false(km_latest_has_news(latest));
    const unsigned char *const snapshot = km_latest_read(latest);
    for (int i = 0; i < 100; ++i) {
        assert_int_equal(snapshot[i], 0);
    }
    assert_false(km_latest_has_news(latest));
}

static void gives_the_newest_and_forgets_the_others(void **state)
{
    (void)state;
    struct km_latest *const latest = latest_of(sizeof(int));
    for (int written = 1; written <= 100; ++written) {
        km_latest_write(latest, &written);
        if (written % 7 == 0) {
            assert_true(km_latest_has_news(latest));
            assert_int_equal(*(const int *)km_latest_read(latest), written);
            assert_false(km_latest_has_news(latest));
            assert_int_equal(*(const int *)km_latest_read(latest), written);
        }
    }
}

// The snapshot under the reader's eyes stays, whatever the writer does.
static void keeps_what_the_reader_looks_at(void **state)
{
    (void)state;
    struct km_latest *const latest = latest_of(64);
    unsigned char bytes[64];
    memset(bytes, 1, sizeof(bytes));
    km_latest_write(latest, bytes);
    const unsigned char *const seen = km_latest_read(latest);
    for (int i = 2; i < 20; ++i) {
        unsigned char *const slot = km_latest_slot(latest);
        assert_ptr_not_equal(slot, seen);
        memset(slot, i, 64);
        km_latest_publish(latest);
        assert_int_equal(seen[0], 1);
        assert_int_equal(seen[63], 1);
    }
    assert_int_equal(*(const unsigned char *)km_latest_read(latest), 19);
}

static void fails_cleanly_without_memory(void **state)
{
    (void)state;
    int successes = 0;
    for (size_t size = 0; size <= 1024; ++size) {
        struct km_arena arena;
        km_arena_init(&arena, memory + 1, size);
        struct km_latest *const latest = km_latest_new(&arena, 65);
        assert_true(arena.used <= size);
        assert_true(latest || arena.used == 0);
        for (int i = 0; latest && i < 3; ++i) {
            unsigned char *const slot = km_latest_slot(latest);
            assert_true(slot + 65 <= memory + 1 + size);
            assert_int_equal((uintptr_t)slot % 64, 0);
            km_latest_publish(latest);
        }
        successes += latest != NULL;
    }
    assert_in_range(successes, 1, 1023);
}

static void takes_the_size_that_it_tells(void **state)
{
    (void)state;
    static alignas(64) unsigned char block[1024];
    struct km_arena arena;
    km_arena_init(&arena, block, km_latest_size(65));
    assert_non_null(km_latest_new(&arena, 65));
    assert_int_equal(km_arena_remaining(&arena), 0);
}

enum { SNAPSHOTS_COUNT = 100000, WORDS_COUNT = 16 };

static void *write_snapshots(void *latest)
{
    for (uint32_t i = 1; i <= SNAPSHOTS_COUNT; ++i) {
        uint32_t *const slot = km_latest_slot(latest);
        for (int j = 0; j < WORDS_COUNT; ++j) {
            slot[j] = i;
        }
        km_latest_publish(latest);
        if (i % 64 == 0) {
            sched_yield();
        }
    }
    return NULL;
}

// Each snapshot is whole and none is older than the one before; the last one arrives.
static void snapshots_are_whole_and_never_older_between_threads(void **state)
{
    (void)state;
    struct km_latest *const latest = latest_of(WORDS_COUNT * sizeof(uint32_t));
    pthread_t writer;
    assert_int_equal(pthread_create(&writer, NULL, write_snapshots, latest), 0);
    uint32_t before = 0;
    while (before < SNAPSHOTS_COUNT) {
        const bool has_news = km_latest_has_news(latest);
        const uint32_t *const snapshot = km_latest_read(latest);
        const uint32_t number = snapshot[0];
        for (int j = 1; j < WORDS_COUNT; ++j) {
            assert_int_equal(snapshot[j], number);
        }
        assert_true(has_news ? number > before : number >= before);
        before = number;
        if (!has_news) {
            sched_yield();
        }
    }
    assert_int_equal(pthread_join(writer, NULL), 0);
    assert_false(km_latest_has_news(latest));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(is_all_zeros_before_the_first_snapshot),
        cmocka_unit_test(gives_the_newest_and_forgets_the_others),
        cmocka_unit_test(keeps_what_the_reader_looks_at),
        cmocka_unit_test(fails_cleanly_without_memory),
        cmocka_unit_test(takes_the_size_that_it_tells),
        cmocka_unit_test(snapshots_are_whole_and_never_older_between_threads),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
