// SPDX-License-Identifier: MIT

#include "synth/envelope_private.h"

#include "base/random.h"
#include "unit/synth/rig.h"

static const struct km_envelope_times times = {
    .delay = 640, .attack = 1280, .hold = 320, .decay = 6400, .release = 3200, .sustain = 0.25f};

// What 9.1.7 draws, `frame` frames after the beginning, the key being down.
static double held_value(uint32_t frame)
{
    double at = (double)frame - times.delay;
    if (at < 0.0) {
        return 0.0;
    }
    if (at < times.attack) {
        return at / times.attack;
    }
    at -= (double)times.attack + times.hold;
    const double fallen = at > 0.0 ? 1.0 - at / times.decay : 1.0;
    return fallen > (double)times.sustain ? fallen : (double)times.sustain;
}

static void follows_its_stages(void **state)
{
    (void)state;
    struct km_envelope envelope;
    km_envelope_start(&envelope, &times);
    for (uint32_t frame = 0; frame < 10000; ++frame) {
        assert_near((double)envelope.value, held_value(frame), 1e-6);
        km_envelope_advance(&envelope, &times, 1);
    }
    assert_int_equal(envelope.stage, KM_STAGE_SUSTAIN);
}

static void is_the_same_however_it_is_cut(void **state)
{
    (void)state;
    struct km_random random;
    km_random_init(&random, 1, "envelope");
    for (int round = 0; round < 200; ++round) {
        struct km_envelope envelope;
        km_envelope_start(&envelope, &times);
        uint32_t frame = 0;
        while (frame < 10000) {
            const uint32_t step = km_random_below(&random, 3000);
            frame += step;
            km_envelope_advance(&envelope, &times, step);
            assert_near((double)envelope.value, held_value(frame), 1e-6);
        }
    }
}

static void falls_to_nothing_after_its_release(void **state)
{
    (void)state;
    struct km_envelope envelope;
    km_envelope_start(&envelope, &times);
    km_envelope_advance(&envelope, &times, 20000);
    km_envelope_release(&envelope, &times, envelope.value);
    for (uint32_t frame = 0; frame < 800; ++frame) {
        assert_int_equal(envelope.stage, KM_STAGE_RELEASE);
        assert_near((double)envelope.value, 0.25 - (double)frame / times.release, 1e-6);
        km_envelope_advance(&envelope, &times, 1);
    }
    assert_int_equal(envelope.stage, KM_STAGE_FINISHED);
    assert_true(envelope.value == 0.0f);
    km_envelope_advance(&envelope, &times, UINT32_MAX);
    assert_true(envelope.value == 0.0f);
}

static void release_of_nothing_is_the_end(void **state)
{
    (void)state;
    struct km_envelope envelope;
    km_envelope_start(&envelope, &times);
    km_envelope_release(&envelope, &times, -1.0f);
    km_envelope_advance(&envelope, &times, 0);
    assert_int_equal(envelope.stage, KM_STAGE_FINISHED);
}

static void stages_without_length_are_passed(void **state)
{
    (void)state;
    const struct km_envelope_times shortest = {
        .attack = 1, .decay = 1, .release = 1, .sustain = 0.5f};
    struct km_envelope envelope;
    km_envelope_start(&envelope, &shortest);
    assert_int_equal(envelope.stage, KM_STAGE_ATTACK);
    km_envelope_advance(&envelope, &shortest, 64);
    assert_int_equal(envelope.stage, KM_STAGE_SUSTAIN);
    assert_true(envelope.value == 0.5f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(follows_its_stages),
        cmocka_unit_test(is_the_same_however_it_is_cut),
        cmocka_unit_test(falls_to_nothing_after_its_release),
        cmocka_unit_test(release_of_nothing_is_the_end),
        cmocka_unit_test(stages_without_length_are_passed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
