// SPDX-License-Identifier: MIT

#include "synth/synth.h"

#include "unit/synth/rig.h"

enum { QUANTA = 200, FRAMES = QUANTA * KM_QUANTUM_FRAMES };

static struct rig_instrument tone;
static float left[FRAMES], right[FRAMES];

static void sounds_a_note_and_ends_it(void **state)
{
    (void)state;
    rig_instrument_init(&tone, 1);
    struct rig rig = rig_of(16);
    rig_set(&rig, 0, 0, &tone);
    rig_note_on(&rig, 0, RIG_ROOT_KEY, 127);
    rig_render(&rig, QUANTA, left, right);
    // CC 7 is 100; the pan law halves the power; a filter without a peak gives 1.5 dB.
    const double expected = RIG_AMPLITUDE / 32768.0 * 0.2 * sqrt(0.5) *
                            pow(10.0, -4.8 * (2.0 * rig_concave(127) + rig_concave(100))) *
                            pow(10.0, 3.01 / 40.0);
    assert_near(rig_peak(left + FRAMES / 2, FRAMES / 2) / expected, 1.0, 0.02);
    assert_near(rig_peak(right + FRAMES / 2, FRAMES / 2) / expected, 1.0, 0.02);
    assert_near(rig_cents(rig_hz(left, FRAMES), 480.0), 0.0, 0.1);
    rig_note_off(&rig, 0, RIG_ROOT_KEY);
    rig_render(&rig, QUANTA, left, right);
    assert_int_equal(rig_voices(&rig), 0);
    assert_near(rig_peak(left + FRAMES / 2, FRAMES / 2), 0.0, 0.0);
    rig_free(&rig);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sounds_a_note_and_ends_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
