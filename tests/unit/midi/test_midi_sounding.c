// SPDX-License-Identifier: MIT

#include "midi/sounding.h"

#include "support/cmocka.h"

#include "base/random.h"

#include <string.h>

enum { TOLD_MAX = 64 };

struct told {
    size_t count;
    struct km_midi_problem problems[TOLD_MAX];
};

static void keep_problem(void *context, const struct km_midi_problem *problem)
{
    struct told *const told = context;
    assert_in_range(told->count, 0, TOLD_MAX - 1);
    told->problems[told->count++] = *problem;
}

static bool feed(struct km_midi_sounding *sounding, bool is_on, uint8_t channel, uint8_t key,
                 uint64_t offset)
{
    const struct km_event event = {
        .type = is_on ? KM_EVENT_NOTE_ON : KM_EVENT_NOTE_OFF, .channel = channel, .number = key};
    return km_midi_sounding_note(sounding, &event, offset);
}

static void tells_once_a_key_where_its_oldest_note_began(void **state)
{
    (void)state;
    struct km_midi_sounding sounding = {0};
    assert_true(feed(&sounding, true, 0, 60, 100));
    assert_true(feed(&sounding, true, 0, 60, 104)); // Twice down: let go once, it still sounds.
    assert_true(feed(&sounding, false, 0, 60, 108));
    assert_true(feed(&sounding, true, 15, 127, 112));
    assert_true(feed(&sounding, false, 15, 127, 116));
    assert_true(feed(&sounding, true, 15, 127, 120)); // Down again.
    assert_true(feed(&sounding, true, 3, 0, 124));
    assert_true(feed(&sounding, false, 3, 0, 128));
    assert_int_equal(sounding.total, 2);
    struct told told = {0};
    const struct km_midi_listener listener = {.tell = keep_problem, .context = &told};
    assert_int_equal(km_midi_sounding_end(&sounding, 7, 960, &listener), 2);
    assert_int_equal(told.count, 2);
    assert_int_equal(told.problems[0].fault, KM_MIDI_FAULT_HANGING_NOTE);
    assert_int_equal(told.problems[0].offset, 100);
    assert_int_equal(told.problems[0].track, 7);
    assert_int_equal(told.problems[0].tick, 960);
    assert_int_equal(told.problems[1].offset, 120);
    // All is as at the beginning.
    assert_int_equal(km_midi_sounding_end(&sounding, 8, 0, &listener), 0);
    assert_false(feed(&sounding, false, 0, 60, 0));
}

static void needs_nobody_who_listens(void **state)
{
    (void)state;
    struct km_midi_sounding sounding = {0};
    assert_true(feed(&sounding, true, 1, 1, 0));
    assert_int_equal(km_midi_sounding_end(&sounding, 0, 0, &(struct km_midi_listener){0}), 1);
    assert_int_equal(sounding.total, 0);
}

// Against a count of each key, kept without cleverness.
static void finds_the_same_as_a_simple_count(void **state)
{
    (void)state;
    struct km_midi_sounding sounding = {0};
    int down[16][128] = {{0}};
    struct km_random random;
    km_random_init(&random, 3, "sounding");
    size_t total = 0;
    for (uint64_t i = 0; i < 20000; ++i) {
        const uint8_t channel = (uint8_t)km_random_between(&random, 0, 15);
        const uint8_t key = (uint8_t)km_random_between(&random, 0, 127);
        const bool is_on = km_random_between(&random, 0, 1) == 1;
        int *const count = &down[channel][key];
        assert_int_equal(feed(&sounding, is_on, channel, key, i), is_on || *count > 0);
        total += is_on ? 1 : 0;
        total -= !is_on && *count > 0 ? 1 : 0;
        *count += is_on ? 1 : *count > 0 ? -1 : 0;
        assert_int_equal(sounding.total, total);
    }
    uint32_t keys = 0;
    for (size_t i = 0; i < KM_MIDI_SOUNDING_KEYS; ++i) {
        keys += down[i / 128][i % 128] > 0;
    }
    assert_int_equal(km_midi_sounding_end(&sounding, 0, 0, &(struct km_midi_listener){0}), keys);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tells_once_a_key_where_its_oldest_note_began),
        cmocka_unit_test(needs_nobody_who_listens),
        cmocka_unit_test(finds_the_same_as_a_simple_count),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
