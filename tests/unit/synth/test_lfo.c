// SPDX-License-Identifier: MIT

#include "synth/lfo_private.h"

#include "unit/synth/rig.h"

// A triangle that rises from 0 to 1, falls to -1 and comes back.
static double triangle(double turns)
{
    const double phase = turns - floor(turns);
    return phase < 0.25 ? 4.0 * phase : phase < 0.75 ? 2.0 - 4.0 * phase : 4.0 * phase - 4.0;
}

static void swings_as_a_triangle_after_its_delay(void **state)
{
    (void)state;
    const struct km_lfo lfo = {.step = 447392, .delay = 6400}; // 5 Hz.
    const double turns_a_frame = 447392.0 / 4294967296.0;
    for (uint32_t age = 0; age < 100000; age += 7) {
        const double expected = age > 6400 ? triangle(turns_a_frame * (age - 6400)) : 0.0;
        assert_near((double)km_lfo_value(&lfo, age), expected, 1e-6);
    }
}

static void changes_its_speed_without_a_jump(void **state)
{
    (void)state;
    struct km_lfo lfo = {.step = 400000, .delay = 64};
    for (uint32_t age = 1000; age < 100000; age += 997) {
        const double before = (double)km_lfo_value(&lfo, age);
        km_lfo_set_step(&lfo, 300000 + age, age);
        assert_near((double)km_lfo_value(&lfo, age), before, 1e-6);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(swings_as_a_triangle_after_its_delay),
        cmocka_unit_test(changes_its_speed_without_a_jump),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
