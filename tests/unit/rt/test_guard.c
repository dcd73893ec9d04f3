// SPDX-License-Identifier: MIT

// The guard without the preload library: it does nothing, and says so. tests/special has the rest.

#include "rt/guard.h"

#include "support/cmocka.h"
#include "unit/rt/child.h"

#include <string.h>

static void does_not_watch_without_the_preload_library(void **state)
{
    (void)state;
    struct km_guard guard = {0};
    km_guard_start(&guard);
    assert_false(km_guard_is_watching(&guard));
    km_guard_enter(&guard);
    void *volatile memory = malloc(1);
    free(memory);
    km_guard_leave(&guard);
    assert_int_equal(km_guard_count_all(&guard), 0);
}

static void a_zeroed_guard_is_one_that_does_not_watch(void **state)
{
    (void)state;
    const struct km_guard guard = {0};
    assert_false(km_guard_is_watching(&guard));
    km_guard_leave(&guard);
    assert_int_equal(km_guard_count(&guard, KM_GUARD_LOCK), 0);
}

static void forget_nothing(void)
{
}

static uint64_t count_of_other_kinds(const char *kind)
{
    return strcmp(kind, "allocation") == 0 ? 1 : UINT64_MAX;
}

// A guard asks through its pointers, and gives the kind by name.
static void counts_by_name(void **state)
{
    (void)state;
    const struct km_guard guard = {
        .enter = forget_nothing, .leave = forget_nothing, .count = count_of_other_kinds};
    assert_true(km_guard_is_watching(&guard));
    assert_int_equal(km_guard_count(&guard, KM_GUARD_ALLOCATION), 1);
    assert_string_equal(km_guard_kind_name(KM_GUARD_ALLOCATION), "allocation");
    assert_string_equal(km_guard_kind_name(KM_GUARD_SYSCALL), "syscall");
}

static void count_no_kind(void *guard)
{
    if (km_guard_count(guard, KM_GUARD_KINDS_COUNT) == 0) {
        _exit(EXIT_FAILURE);
    }
}

static void aborts_on_a_kind_that_is_none(void **state)
{
    (void)state;
    struct km_guard guard = {0};
    assert_true(child_aborts(count_no_kind, &guard));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(does_not_watch_without_the_preload_library),
        cmocka_unit_test(a_zeroed_guard_is_one_that_does_not_watch),
        cmocka_unit_test(counts_by_name),
        cmocka_unit_test(aborts_on_a_kind_that_is_none),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
