// SPDX-License-Identifier: MIT

// The measures of the comparison, tried on FluidSynth against itself, changed in known ways: each
// change must be seen by its measure, and by no other.

#include "quality/fluid.h"
#include "quality/measure.h"
#include "support/cmocka.h"
#include "support/sanitized.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { EXIT_SKIPPED = 77, NOTES = KM_IS_SANITIZED ? 1 : 4 };

static const char *const font = "/usr/share/sounds/sf2/TimGM6mb.sf2";
static const struct stem_note notes[] = {
    {.program = 0, .key = 60, .velocity = 100},  // Decays.
    {.program = 40, .key = 72, .velocity = 60},  // Held.
    {.program = 81, .key = 84, .velocity = 100}, // Rich in harmonics.
    {.program = 56, .key = 55, .velocity = 100},
};
static struct stem stems[2];

static bool is_close(double a, double b, double most)
{
    return fabs(a - b) <= most;
}

static struct measures against(const struct fluid_config *config, const struct stem_note *note)
{
    struct fluid *const reference = fluid_open(font, NULL);
    struct fluid *const changed = fluid_open(font, config);
    assert_non_null(reference);
    assert_non_null(changed);
    fluid_render(reference, note, &stems[0]);
    fluid_render(changed, note, &stems[1]);
    fluid_close(reference);
    fluid_close(changed);
    return measure(&stems[0], &stems[1]);
}

static void expect_else_equal(const struct measures *found, bool pitch, bool release, bool level)
{
    assert_int_equal(isnan(found->null_db), 0);
    assert_true(!pitch || is_close(found->pitch_cents, 0, .05));
    assert_true(is_close(found->onset_ms, 0, .1));
    assert_true(!release || is_close(found->release_ratio, 1, .02));
    assert_true(!level || is_close(found->level_lu, 0, .05));
}

static void the_same_is_the_same(void **state)
{
    (void)state;
    for (int i = 0; i < NOTES; ++i) {
        const struct measures found = against(NULL, &notes[i]);
        assert_true(found.null_db <= -150);
        assert_int_equal(found.lag_frames, 0);
        expect_else_equal(&found, true, true, true);
    }
}

static void another_interpolation_is_a_shallow_null(void **state)
{
    (void)state;
    for (int i = 0; i < NOTES; ++i) {
        const struct measures seventh =
            against(&(struct fluid_config){.interpolation = 7}, &notes[i]);
        assert_true(is_close(seventh.null_db, -40, 4));
        expect_else_equal(&seventh, true, true, true);
        const struct measures linear =
            against(&(struct fluid_config){.interpolation = 1}, &notes[i]);
        assert_true(is_close(linear.null_db, -33.5, 2.5));
        expect_else_equal(&linear, true, true, false); // Less treble is .2 LU.
    }
}

static void three_cents_are_seen(void **state)
{
    (void)state;
    for (int cents = -3; cents <= 3; cents += 6) {
        for (int i = 0; i < NOTES; ++i) {
            const struct measures found =
                against(&(struct fluid_config){.sharp_cents = cents}, &notes[i]);
            assert_true(is_close(found.pitch_cents, cents, .2));
            assert_true(found.null_db > -5);
            expect_else_equal(&found, false, true, true);
        }
    }
}

static void a_semitone_and_more_are_seen(void **state)
{
    (void)state;
    for (int cents = -500; cents <= 500; cents += 200) {
        for (int i = 0; i < NOTES; ++i) {
            const struct measures found =
                against(&(struct fluid_config){.sharp_cents = cents}, &notes[i]);
            assert_true(is_close(found.pitch_cents, cents, 10));
        }
    }
}

static void a_decibel_is_seen(void **state)
{
    (void)state;
    for (int i = 0; i < NOTES; ++i) {
        const struct measures found =
            against(&(struct fluid_config){.gain = .2 * 1.1220185}, &notes[i]);
        assert_true(is_close(found.level_lu, 1, .01));
        assert_true(found.null_db < -60); // Gains are matched first.
        expect_else_equal(&found, true, true, false);
    }
}

static void a_longer_release_is_seen(void **state)
{
    (void)state;
    for (int i = 0; i < NOTES; ++i) {
        const struct measures doubled =
            against(&(struct fluid_config){.release_timecents = 1200}, &notes[i]);
        assert_true(is_close(doubled.release_ratio, 2, .2));
        const struct measures tenth =
            against(&(struct fluid_config){.release_timecents = 165}, &notes[i]);
        assert_true(is_close(tenth.release_ratio, 1.1, .04));
        assert_true(doubled.null_part_db[PART_RELEASE] > -10);
        expect_else_equal(&tenth, true, false, true);
    }
}

static void make_late(struct stem *stem, size_t frames)
{
    float *const channels[2] = {stem->left, stem->right};
    for (int i = 0; i < 2; ++i) {
        memmove(channels[i] + frames, channels[i], (STEM_FRAMES_MAX - frames) * sizeof(float));
        memset(channels[i], 0, frames * sizeof(float));
    }
}

static void a_millisecond_late_is_seen(void **state)
{
    (void)state;
    for (int i = 0; i < NOTES; ++i) {
        against(NULL, &notes[i]);
        make_late(&stems[1], 48);
        const struct measures found = measure(&stems[0], &stems[1]);
        assert_int_equal(found.lag_frames, 48);
        assert_true(found.null_db <= -150);
        assert_true(is_close(found.onset_ms, 1, .02));
        assert_true(is_close(found.release_difference_ms, 1, 5));
        assert_true(is_close(found.pitch_cents, 0, .05));
    }
}

static void a_slower_attack_is_seen_as_a_later_onset(void **state)
{
    (void)state;
    for (int i = 0; i < NOTES; ++i) {
        against(NULL, &notes[i]);
        for (size_t frame = 0; frame < 480; ++frame) { // 10 ms.
            stems[1].left[frame] *= (float)frame / 480;
            stems[1].right[frame] *= (float)frame / 480;
        }
        const struct measures found = measure(&stems[0], &stems[1]);
        assert_true(found.onset_ms > .5);
        assert_true(found.null_part_db[PART_ATTACK] > found.null_part_db[PART_HELD] + 5);
    }
}

static void another_pan_is_no_null(void **state)
{
    (void)state;
    against(NULL, &notes[0]);
    for (size_t frame = 0; frame < STEM_FRAMES_MAX; ++frame) {
        stems[1].right[frame] *= .9F;
    }
    const double found = measure(&stems[0], &stems[1]).null_db;
    assert_true(found > -28 && found < -22);
}

static void silence_is_equal_to_silence_alone(void **state)
{
    (void)state;
    against(NULL, &notes[0]);
    memset(&stems[1], 0, sizeof(stems[1]));
    assert_true(measure(&stems[0], &stems[1]).null_db >= 0);
    assert_true(isnan(measure(&stems[0], &stems[1]).level_lu));
    memset(&stems[0], 0, sizeof(stems[0]));
    assert_true(measure(&stems[0], &stems[1]).null_db <= -200);
}

// BS.1770: a 997 Hz sine of full scale in one channel is -3.01 LKFS.
static void loudness_is_of_bs_1770(void **state)
{
    (void)state;
    memset(&stems[0], 0, sizeof(stems[0]));
    for (size_t frame = 0; frame < STEM_FRAMES_MAX; ++frame) {
        stems[0].left[frame] = (float)sin(6.283185307179586 * 997 * (double)frame / STEM_RATE_HZ);
    }
    assert_true(is_close(measure_loudness(&stems[0]), -3.01, .02));
}

int main(void)
{
    struct fluid *const fluid = fluid_open(font, NULL);
    if (!fluid) {
        printf("skipped: no soundfont %s (Debian: timgm6mb-soundfont)\n", font);
        return EXIT_SKIPPED;
    }
    fluid_close(fluid);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_same_is_the_same),
        cmocka_unit_test(another_interpolation_is_a_shallow_null),
        cmocka_unit_test(three_cents_are_seen),
        cmocka_unit_test(a_semitone_and_more_are_seen),
        cmocka_unit_test(a_decibel_is_seen),
        cmocka_unit_test(a_longer_release_is_seen),
        cmocka_unit_test(a_millisecond_late_is_seen),
        cmocka_unit_test(a_slower_attack_is_seen_as_a_later_onset),
        cmocka_unit_test(another_pan_is_no_null),
        cmocka_unit_test(silence_is_equal_to_silence_alone),
        cmocka_unit_test(loudness_is_of_bs_1770),
    };
    return cmocka_run_group_tests_name("measures", tests, NULL, NULL);
}
