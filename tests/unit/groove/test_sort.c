// SPDX-License-Identifier: MIT

#include "groove/move_private.h"

#include "base/random.h"
#include "support/cmocka.h"

#include <stdlib.h>

enum { COUNT = 3000, BIG_COUNT = 200000 };

static bool comes_after(const struct km_event *a, const struct km_event *b, bool by_type)
{
    return a->tick != b->tick ? a->tick > b->tick : by_type && a->type > b->type;
}

// Sorted, stable (`detail` ascends among equals), and each of the events once.
static void check(const struct km_event *events, size_t count, bool by_type)
{
    unsigned char *const seen = calloc(count + 1, 1);
    assert_non_null(seen);
    for (size_t i = 0; i < count; ++i) {
        assert_false(seen[events[i].detail]);
        seen[events[i].detail] = 1;
        if (i > 0) {
            assert_false(comes_after(&events[i - 1], &events[i], by_type));
            assert_true(comes_after(&events[i], &events[i - 1], by_type) ||
                        events[i].detail > events[i - 1].detail);
        }
    }
    free(seen);
}

// Numbers events in their order and fills in ticks below `ticks` and types.
static void fill(struct km_event *events, size_t count, uint32_t ticks, struct km_random *random)
{
    for (size_t i = 0; i < count; ++i) {
        events[i] = (struct km_event){.tick = km_random_below(random, ticks),
                                      .type = (uint8_t)km_random_below(random, 4),
                                      .detail = (uint32_t)i};
    }
}

static void sorts_what_is_in_any_order_and_keeps_equals_in_theirs(void **state)
{
    (void)state;
    static struct km_event events[COUNT];
    struct km_random random;
    km_random_init(&random, 1, "sort");
    for (uint32_t i = 0; i < 400; ++i) {
        const size_t count = i < 100 ? i : km_random_below(&random, COUNT);
        fill(events, count, i % 7 == 0 ? 3 : (i % 3 == 0 ? 50 : 100000), &random);
        km_groove_sort(events, count, i % 2 == 0);
        check(events, count, i % 2 == 0);
    }
}

// Insertion alone would take minutes: the work is bounded.
static void sorts_what_is_reversed_in_bounded_time(void **state)
{
    (void)state;
    struct km_event *const events = calloc(BIG_COUNT, sizeof(*events));
    assert_non_null(events);
    for (size_t i = 0; i < BIG_COUNT; ++i) {
        events[i] = (struct km_event){.tick = (BIG_COUNT - i) / 3, .detail = (uint32_t)i};
    }
    km_groove_sort(events, BIG_COUNT, true);
    check(events, BIG_COUNT, true);
    free(events);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sorts_what_is_in_any_order_and_keeps_equals_in_theirs),
        cmocka_unit_test(sorts_what_is_reversed_in_bounded_time),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
