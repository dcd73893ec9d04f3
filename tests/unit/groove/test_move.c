// SPDX-License-Identifier: MIT

#include "groove/move_private.h"

#include "base/units.h"
#include "support/cmocka.h"

#include <string.h>

enum { SEEDS = 300, KEY = 60 };

static struct km_event on(uint64_t tick)
{
    return (struct km_event){.tick = tick, .type = KM_EVENT_NOTE_ON, .number = KEY, .value = 80};
}

static struct km_event off(uint64_t tick)
{
    return (struct km_event){.tick = tick, .type = KM_EVENT_NOTE_OFF, .number = KEY, .value = 64};
}

static struct km_event end(uint64_t tick)
{
    return (struct km_event){.tick = tick, .type = KM_EVENT_END_OF_TRACK};
}

// Applies the wildest groove there is; returns what is left.
static size_t apply(struct km_event *events, size_t count, uint64_t seed)
{
    const struct km_groove groove = {.complexity = 1.0,
                                     .vulnerability = 1.0,
                                     .seed = seed,
                                     .tempo_bpm = 120.0,
                                     .ppq = KM_PPQ,
                                     .beats_per_bar = 4,
                                     .style = KM_GROOVE_DRUNK};
    return km_groove_apply_with(events, count, &groove);
}

static void check_types(const struct km_event *events, const char *types)
{
    for (size_t i = 0; types[i]; ++i) {
        const int type = events[i].type == KM_EVENT_NOTE_ON    ? '1'
                         : events[i].type == KM_EVENT_NOTE_OFF ? '0'
                                                               : 'e';
        assert_int_equal(type, types[i]);
        if (i > 0) {
            assert_false(km_event_is_before(&events[i], &events[i - 1]));
        }
    }
}

static void a_note_off_does_not_cut_the_next_note(void **state)
{
    (void)state;
    for (uint64_t seed = 0; seed < SEEDS; ++seed) {
        // Legato, near legato, and so fast that deviations exceed the notes.
        struct km_event events[] = {on(960),  off(1200), on(1200), off(1430), on(1440), off(1445),
                                    on(1445), off(1450), on(1450), off(1455), end(4000)};
        assert_int_equal(apply(events, 11, seed), 11);
        check_types(events, "1010101010e");
        for (size_t i = 0; i < 10; i += 2) {
            assert_true(events[i + 1].tick > events[i].tick);
        }
    }
}

static void a_note_without_length_gets_a_tick(void **state)
{
    (void)state;
    for (uint64_t seed = 0; seed < SEEDS; ++seed) {
        struct km_event events[] = {on(960), off(960), on(960), off(960), on(1000), off(1000)};
        assert_int_equal(apply(events, 6, seed), 6);
        check_types(events, "101010");
        for (size_t i = 0; i < 6; i += 2) {
            assert_true(events[i + 1].tick > events[i].tick);
        }
    }
}

static void a_note_off_written_after_the_next_note_on_ends_the_older_note(void **state)
{
    (void)state;
    for (uint64_t seed = 0; seed < SEEDS; ++seed) {
        struct km_event events[] = {on(960), on(1200), off(1200), off(1440)};
        assert_int_equal(apply(events, 4, seed), 4);
        check_types(events, "1010");
        assert_true(events[1].tick > events[0].tick);
        assert_true(events[3].tick > events[2].tick);
    }
}

static void unison_stays_unison(void **state)
{
    (void)state;
    for (uint64_t seed = 0; seed < SEEDS; ++seed) {
        struct km_event events[] = {on(960),  on(960),  off(1200), off(1200),
                                    on(1200), on(1200), off(1210), off(1440),
                                    on(1441), on(1441), off(1900), off(1900)};
        assert_int_equal(apply(events, 12, seed), 12);
        check_types(events, "110011001100");
        for (size_t i = 0; i < 12; i += 4) {
            assert_int_equal(events[i].tick, events[i + 1].tick);
            assert_true(events[i + 2].tick > events[i].tick);
        }
    }
}

static void the_end_stays_last_and_where_it_was(void **state)
{
    (void)state;
    for (uint64_t seed = 0; seed < SEEDS; ++seed) {
        struct km_event events[] = {on(0), off(10), on(1900), off(1920), end(1920)};
        assert_int_equal(apply(events, 5, seed), 5);
        check_types(events, "1010e");
        assert_int_equal(events[4].tick, 1920);
    }
    // There is no room for this one: the end gives way, by a tick.
    struct km_event events[] = {on(1920), off(1920), on(1920), off(1920), end(1920)};
    assert_int_equal(apply(events, 5, 1), 5);
    check_types(events, "1010e");
    assert_in_range(events[4].tick, 1920, 1922);
}

static void a_song_that_is_nothing_but_its_end_stays(void **state)
{
    (void)state;
    struct km_event events[] = {end(0)};
    assert_int_equal(apply(events, 1, 1), 1);
    assert_int_equal(events[0].tick, 0);
    struct km_event at_zero[] = {on(0), off(0), end(0)};
    assert_int_equal(apply(at_zero, 3, 1), 3);
    check_types(at_zero, "10e");
    assert_int_equal(apply(NULL, 0, 1), 0);
}

static void nothing_moves_before_the_start_or_its_program(void **state)
{
    (void)state;
    for (uint64_t seed = 0; seed < SEEDS; ++seed) {
        struct km_event events[] = {{.type = KM_EVENT_PROGRAM, .number = 5},
                                    on(0),
                                    off(400),
                                    {.tick = 960, .type = KM_EVENT_PROGRAM, .number = 9},
                                    on(960),
                                    off(1400)};
        assert_int_equal(apply(events, 6, seed), 6);
        assert_int_equal(events[0].type, KM_EVENT_PROGRAM);
        assert_int_equal(events[3].type, KM_EVENT_PROGRAM);
        assert_int_equal(events[3].tick, 960);
        assert_int_equal(events[4].type, KM_EVENT_NOTE_ON);
    }
}

static void other_events_stay_as_they_are(void **state)
{
    (void)state;
    struct km_event events[KM_EVENT_TYPES_COUNT * 2];
    size_t count = 0;
    for (unsigned int type = 0; type < KM_EVENT_END_OF_TRACK; ++type) {
        const bool is_note = type == KM_EVENT_NOTE_ON || type == KM_EVENT_NOTE_OFF;
        for (uint32_t i = 0; i < 2 && !is_note; ++i) {
            events[count++] = (struct km_event){.tick = 100 * (uint64_t)type,
                                                .type = (uint8_t)type,
                                                .channel = 3,
                                                .number = (uint8_t)(4 - 2 * i),
                                                .value = 2,
                                                .detail = 500000 + i};
        }
    }
    struct km_event copy[KM_EVENT_TYPES_COUNT * 2];
    memcpy(copy, events, sizeof(copy));
    assert_int_equal(apply(events, count, 1), count);
    assert_memory_equal(events, copy, count * sizeof(copy[0]));
}

// Mean distance in ms from what is written, of a note in each of these many seeds.
static double spread_after(struct km_event before, uint64_t tick, double tempo_bpm)
{
    double sum = 0.0;
    for (uint64_t seed = 0; seed < SEEDS; ++seed) {
        struct km_event events[] = {before, on(tick), off(tick + 100)};
        const struct km_groove groove = {.complexity = 0.5,
                                         .vulnerability = 0.5,
                                         .seed = seed,
                                         .tempo_bpm = 120.0,
                                         .ppq = KM_PPQ};
        assert_int_equal(km_groove_apply_with(events, 3, &groove), 3);
        const double late = (double)(int64_t)(events[1].tick - tick);
        sum += (late < 0.0 ? -late : late) * 60000.0 / (KM_PPQ * tempo_bpm);
    }
    return sum / SEEDS;
}

static void follows_the_tempo_of_the_piece(void **state)
{
    (void)state;
    const struct km_event same = {.type = KM_EVENT_TEMPO, .detail = 500000};
    const struct km_event slow = {.type = KM_EVENT_TEMPO, .detail = 1000000};
    const struct km_event none = {.type = KM_EVENT_TEMPO, .detail = 0};
    const double expected = spread_after(same, 4800, 120.0);
    assert_true(expected > 6.0 && expected < 13.0);
    const double apart = spread_after(slow, 4800, 60.0) - expected;
    assert_true(apart > -0.7 && apart < 0.7);
    assert_true(spread_after(none, 4800, 120.0) == expected);
}

// Mean lateness in ticks of an off-beat eighth in this metre, in a style that swings.
static double off_beat_lateness(uint8_t numerator, uint8_t denominator_log2, uint64_t tick)
{
    double sum = 0.0;
    for (uint64_t seed = 0; seed < SEEDS; ++seed) {
        struct km_event events[] = {
            {.type = KM_EVENT_TIME_SIGNATURE, .number = numerator, .value = denominator_log2},
            on(tick),
            off(tick + 100)};
        const struct km_groove groove = {.complexity = 0.5,
                                         .vulnerability = 0.5,
                                         .seed = seed,
                                         .tempo_bpm = 100.0,
                                         .ppq = KM_PPQ,
                                         .style = KM_GROOVE_SWING};
        assert_int_equal(km_groove_apply_with(events, 3, &groove), 3);
        sum += (double)(int64_t)(events[1].tick - tick);
    }
    return sum / SEEDS;
}

static void only_metres_of_quarter_notes_swing(void **state)
{
    (void)state;
    const uint64_t off_beat = 12 * KM_PPQ + KM_PPQ / 2;
    assert_true(off_beat_lateness(4, 2, off_beat) > 60.0);
    assert_true(off_beat_lateness(3, 2, off_beat) > 60.0);
    assert_true(off_beat_lateness(2, 1, off_beat) > 60.0);
    assert_true(off_beat_lateness(6, 3, off_beat) < 12.0);
    assert_true(off_beat_lateness(7, 3, off_beat) < 12.0);
    // What says nothing possible is not followed.
    assert_true(off_beat_lateness(0, 2, off_beat) > 60.0);
    assert_true(off_beat_lateness(6, 200, off_beat) > 60.0);
}

static void drops_notes_only_if_allowed_and_by_voice(void **state)
{
    (void)state;
    enum { COUNT = 4000 };
    static struct km_event events[2 * COUNT];
    static const uint8_t keys[] = {36, 42, 49};
    static const double most[] = {0.06, 0.19, 0.035};
    static const double least[] = {0.02, 0.13, 0.005};
    for (size_t voice = 0; voice < 3; ++voice) {
        for (int allows = 0; allows < 2; ++allows) {
            for (size_t i = 0; i < COUNT; ++i) {
                events[2 * i] = on(240 * i);
                events[2 * i + 1] = off(240 * i + 200);
                events[2 * i].channel = events[2 * i + 1].channel = KM_CHANNEL_DRUMS;
                events[2 * i].number = events[2 * i + 1].number = keys[voice];
            }
            const struct km_groove groove = {.complexity = 1.0,
                                             .vulnerability = 0.5,
                                             .seed = 3,
                                             .tempo_bpm = 120.0,
                                             .ppq = KM_PPQ,
                                             .allows_dropout = allows};
            const size_t left = km_groove_apply_with(events, 2 * (size_t)COUNT, &groove);
            const double dropped = 1.0 - (double)left / (2.0 * COUNT);
            assert_true(allows ? dropped > least[voice] && dropped < most[voice] : dropped == 0.0);
            for (size_t i = 0; i < left; ++i) { // Each note-on with its note-off.
                assert_int_equal(events[i].type, i % 2 ? KM_EVENT_NOTE_OFF : KM_EVENT_NOTE_ON);
            }
        }
    }
}

// A note-off that was swallowed must not have been another note's.
static void drops_no_note_while_its_key_sounds(void **state)
{
    (void)state;
    int kept = 0;
    int dropped = 0;
    for (uint64_t seed = 0; seed < 20 * (uint64_t)SEEDS; ++seed) {
        struct km_event events[] = {on(960), on(1200), off(1300), off(1900)};
        const struct km_groove groove = {.complexity = 1.0,
                                         .vulnerability = 0.5,
                                         .seed = seed,
                                         .tempo_bpm = 120.0,
                                         .ppq = KM_PPQ,
                                         .allows_dropout = true};
        const size_t left = km_groove_apply_with(events, 4, &groove);
        const bool has_first = left > 0 && events[0].tick < 1080;
        assert_true(has_first ? left == 4 : left <= 2);
        kept += has_first;
        dropped += !has_first;
    }
    assert_true(kept > 5 * dropped && dropped > 0);
}

static void sorts_what_does_not_ascend(void **state)
{
    (void)state;
    struct km_event events[] = {on(2000), off(2100), on(100), off(300), end(2100)};
    struct km_event sorted[] = {on(100), off(300), on(2000), off(2100), end(2100)};
    assert_int_equal(apply(events, 5, 8), 5);
    assert_int_equal(apply(sorted, 5, 8), 5);
    assert_memory_equal(events, sorted, sizeof(events));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_note_off_does_not_cut_the_next_note),
        cmocka_unit_test(a_note_without_length_gets_a_tick),
        cmocka_unit_test(a_note_off_written_after_the_next_note_on_ends_the_older_note),
        cmocka_unit_test(unison_stays_unison),
        cmocka_unit_test(the_end_stays_last_and_where_it_was),
        cmocka_unit_test(a_song_that_is_nothing_but_its_end_stays),
        cmocka_unit_test(nothing_moves_before_the_start_or_its_program),
        cmocka_unit_test(other_events_stay_as_they_are),
        cmocka_unit_test(follows_the_tempo_of_the_piece),
        cmocka_unit_test(only_metres_of_quarter_notes_swing),
        cmocka_unit_test(drops_notes_only_if_allowed_and_by_voice),
        cmocka_unit_test(drops_no_note_while_its_key_sounds),
        cmocka_unit_test(sorts_what_does_not_ascend),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
