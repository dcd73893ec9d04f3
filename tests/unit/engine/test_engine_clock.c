// SPDX-License-Identifier: MIT

#include "engine/clock_private.h"

#include "base/random.h"
#include "support/cmocka.h"

#include <math.h>

enum { RATE = 48000, DIVISION = 480, HOURS = 10 };

// Ten hours of bars, with changes of tempo within them: frames against whole numbers.
static void ten_hours_do_not_drift(void **state)
{
    (void)state;
    struct km_random random;
    km_random_init(&random, 7, "tempo");
    struct km_clock clock = {0};
    uint64_t exact = 0; // Ticks times microseconds a quarter note.
    uint64_t tick = 0;
    uint32_t tempo = 0;
    double worst = 0;
    while (exact < (uint64_t)HOURS * 3600 * 1000000 * DIVISION) {
        if (km_random_chance(&random, .3)) {
            tempo = 200000 + km_random_below(&random, 800001);
        }
        tempo = tempo > 0 ? tempo : 500000;
        km_clock_advance(&clock, tick);
        km_clock_set_tempo(&clock, tempo, DIVISION, RATE);
        const uint64_t ticks = 1 + km_random_below(&random, 3 * DIVISION);
        exact += ticks * tempo;
        tick += ticks;
        // exact * RATE / (DIVISION * 1e6), with its remainder.
        const uint64_t unit = (uint64_t)DIVISION * 1000000;
        const uint64_t whole = exact / unit * RATE + exact % unit * RATE / unit;
        const double rest = (double)(exact % unit * RATE % unit) / (double)unit;
        const uint64_t frame = km_clock_frame(&clock, tick);
        const double error = fabs((double)(int64_t)(frame - whole) - rest);
        worst = error > worst ? error : worst;
    }
    assert_true(tick > 10000000);
    assert_true(worst <= .5 + 1e-6);
    assert_true(fabs(clock.seconds - HOURS * 3600.0) < 10.0);
}

static void a_steady_tempo_is_exact_on_each_frame(void **state)
{
    (void)state;
    struct km_clock clock = {0};
    km_clock_set_tempo(&clock, 500000, DIVISION, RATE); // 50 frames a tick.
    for (uint64_t tick = 0; tick < UINT64_C(1) << 34; tick += 12345677) {
        assert_int_equal(km_clock_frame(&clock, tick), tick * 50);
    }
    km_clock_set_tempo(&clock, 500000, 7, 44100); // 3150 frames a tick.
    for (uint64_t tick = 0; tick < UINT64_C(1) << 34; tick += 12345677) {
        assert_int_equal(km_clock_frame(&clock, tick), tick * 3150);
    }
}

static void the_scale_stretches_frames_but_not_music(void **state)
{
    (void)state;
    struct km_clock clock = {0};
    km_clock_set_tempo(&clock, 500000, DIVISION, RATE / .25);
    assert_int_equal(km_clock_frame(&clock, 960), 4 * RATE);
    km_clock_advance(&clock, 960);
    assert_int_equal(clock.frame, 4 * RATE);
    assert_true(fabs(clock.seconds - 1.0) < 1e-12);
    assert_true(fabs(km_clock_ticks(&clock, clock.frame + 200) - 1.0) < 1e-12);
    assert_true(km_clock_ticks(&clock, clock.frame - 200) == 0);
}

static void ticks_without_end_are_held(void **state)
{
    (void)state;
    struct km_clock clock = {0};
    km_clock_set_tempo(&clock, 16777215, 1, 192000 * 4.0);
    assert_int_equal(km_clock_frame(&clock, UINT64_MAX), (uint64_t)KM_CLOCK_FRAMES_MAX);
    km_clock_advance(&clock, UINT64_MAX);
    assert_true(clock.fraction >= 0 && clock.fraction < 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ten_hours_do_not_drift),
        cmocka_unit_test(a_steady_tempo_is_exact_on_each_frame),
        cmocka_unit_test(the_scale_stretches_frames_but_not_music),
        cmocka_unit_test(ticks_without_end_are_held),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
