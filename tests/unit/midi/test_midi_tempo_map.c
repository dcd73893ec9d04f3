// SPDX-License-Identifier: MIT

#include "midi/tempo_map.h"

#include "unit/midi/midi_support.h"

#include "base/random.h"

static struct km_event tempo(uint64_t tick, uint32_t microseconds)
{
    return (struct km_event){.tick = tick, .type = KM_EVENT_TEMPO, .detail = microseconds};
}

static void expect_near(double value, double expected, double tolerance)
{
    assert_true(value > expected - tolerance && value < expected + tolerance);
}

static void is_120_to_the_minute_where_the_file_says_nothing(void **state)
{
    (void)state;
    struct fixture fixture = fixture_of(1, 0);
    struct km_tempo_map map;
    assert_int_equal(km_tempo_map_init(&map, &fixture.file), KM_OK);
    expect_near(km_tempo_map_seconds(&map, 960), 1.0, 1e-12);
    expect_near(km_tempo_map_bpm(&map, 0), 120.0, 1e-9);
    assert_int_equal(km_midi_file_end(&fixture.file), 0);
    km_tempo_map_release(&map);
    fixture_release(&fixture);
}

static void follows_changes_on_any_track(void **state)
{
    (void)state;
    struct fixture fixture = fixture_of(1, 3);
    add(&fixture.file, 2, tempo(960, 1000000)); // 60 to the minute from second 1 on.
    add(&fixture.file, 0, tempo(1920, 250000)); // 240 from second 3 on.
    add(&fixture.file, 1, tempo(1920, 300000)); // The later of two at one tick counts: 200.
    add(&fixture.file, 1, end_of_track(2880));
    struct km_tempo_map map;
    assert_int_equal(km_tempo_map_init(&map, &fixture.file), KM_OK);
    expect_near(km_tempo_map_seconds(&map, 0), 0.0, 1e-12);
    expect_near(km_tempo_map_seconds(&map, 480), 0.5, 1e-12);
    expect_near(km_tempo_map_seconds(&map, 960), 1.0, 1e-12);
    expect_near(km_tempo_map_seconds(&map, 1440), 2.0, 1e-12);
    expect_near(km_tempo_map_seconds(&map, 1920), 3.0, 1e-12);
    expect_near(km_tempo_map_seconds(&map, km_midi_file_end(&fixture.file)), 3.6, 1e-12);
    expect_near(km_tempo_map_bpm(&map, 959), 120.0, 1e-9);
    expect_near(km_tempo_map_bpm(&map, 960), 60.0, 1e-9);
    expect_near(km_tempo_map_bpm(&map, 1920), 200.0, 1e-9);
    km_tempo_map_release(&map);
    fixture_release(&fixture);
}

static void counts_frames_in_smpte_time(void **state)
{
    (void)state;
    static const struct {
        uint16_t division;
        double ticks_per_second;
    } cases[] = {
        {0xE728, 1000.0}, {0xE804, 96.0}, {0xE250, 2400.0}, {0xE364, 100 * 30000.0 / 1001.0}};
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); ++i) {
        struct fixture fixture = fixture_of(1, 1);
        fixture.file.division = cases[i].division;
        add(&fixture.file, 0, tempo(10, 1)); // Does not count.
        struct km_tempo_map map;
        assert_int_equal(km_tempo_map_init(&map, &fixture.file), KM_OK);
        expect_near(km_tempo_map_seconds(&map, 1000), 1000 / cases[i].ticks_per_second, 1e-9);
        expect_near(km_tempo_map_bpm(&map, 1000), 120.0, 1e-9);
        km_tempo_map_release(&map);
        fixture_release(&fixture);
    }
}

// Random changes against a walk in whole numbers: microseconds times ticks per quarter note.
static void agrees_with_a_walk_tick_by_tick(void **state)
{
    (void)state;
    struct km_random random;
    km_random_init(&random, 3, "tempo");
    for (int round = 0; round < 50; ++round) {
        struct fixture fixture = fixture_of(1, 2);
        uint32_t at[400] = {0};
        for (uint64_t tick = 0; tick < 400; ++tick) {
            if (km_random_chance(&random, 0.1)) {
                at[tick] = km_random_below(&random, 0xFFFFFF) + 1;
                add(&fixture.file, km_random_below(&random, 2), tempo(tick, at[tick]));
            }
        }
        struct km_tempo_map map;
        assert_int_equal(km_tempo_map_init(&map, &fixture.file), KM_OK);
        uint64_t walked = 0;
        uint32_t now = KM_TEMPO_DEFAULT;
        for (uint64_t tick = 0; tick < 400; ++tick) {
            expect_near(km_tempo_map_seconds(&map, tick), (double)walked / 480e6, 1e-9);
            now = at[tick] > 0 ? at[tick] : now;
            walked += now;
        }
        km_tempo_map_release(&map);
        fixture_release(&fixture);
    }
}

static void fails_cleanly_without_memory(void **state)
{
    (void)state;
    struct fixture fixture = fixture_of(1, 1);
    add(&fixture.file, 0, tempo(5, 400000));
    struct km_heap *const heap = fixture.file.heap;
    enum km_status status = KM_ERROR_NO_MEMORY;
    for (uint64_t n = 1; status != KM_OK; ++n) {
        fixture.file.heap = km_heap_new(&(struct km_heap_config){.fail_at = n});
        struct km_tempo_map map;
        status = km_tempo_map_init(&map, &fixture.file);
        if (status == KM_OK) {
            km_tempo_map_release(&map);
        }
        km_heap_free(fixture.file.heap);
        assert_int_equal(status, n > 2 ? KM_OK : KM_ERROR_NO_MEMORY);
    }
    fixture.file.heap = heap;
    fixture_release(&fixture);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(is_120_to_the_minute_where_the_file_says_nothing),
        cmocka_unit_test(follows_changes_on_any_track),
        cmocka_unit_test(counts_frames_in_smpte_time),
        cmocka_unit_test(agrees_with_a_walk_tick_by_tick),
        cmocka_unit_test(fails_cleanly_without_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
