// SPDX-License-Identifier: MIT

// The live composer: two bars ahead, changes at the next bar line, constant memory.

#include "support/sanitized.h"
#include "unit/live/live_rig.h"

#include <math.h>

enum { LONG_BARS = KM_IS_SANITIZED ? 280 : 1000, CHANGE_BARS = 7 };

static void two_bars_are_there_beyond_what_sounds(void **state)
{
    (void)state;
    struct rig rig;
    rig_init(&rig, RIG_POOL);
    for (uint32_t bar = 1; bar < 40; ++bar) {
        rig_reach(&rig, bar);
        rig_pump(&rig);
        const uint32_t now = rig.status.bar;
        rig_process(&rig, 64);
        assert_true(rig.status.bar > now || rig.status.chunks_waiting >= KM_LIVE_BARS_AHEAD);
    }
    rig_pump(&rig);
    const uint32_t last = rig.status.bar + KM_LIVE_BARS_AHEAD;
    for (uint32_t i = 0; rig.status.starvations == 0; ++i) { // Nobody pumps any more.
        assert_true(i < RIG_BLOCKS_MAX);
        rig_process(&rig, RIG_BLOCK);
    }
    assert_int_equal(rig.status.bar, last);
    rig_pump(&rig);
    rig_reach(&rig, last + 3);
    assert_int_equal(rig.status.starvations, 1);
    rig_release(&rig);
}

static void a_change_acts_at_the_next_bar_line(void **state)
{
    (void)state;
    struct rig rig;
    rig_init(&rig, RIG_POOL);
    for (uint32_t i = 0; i < 12; ++i) {
        rig_reach(&rig, rig.status.bar + 2);
        rig_step(&rig);
        const uint32_t bar = rig.status.bar;
        const uint32_t epoch = rig.status.epoch;
        const uint32_t begun = rig.begun;
        rig_turn(&rig, KM_LIVE_VALENCE, i % 2 == 0 ? -0.8 : 0.8);
        const uint64_t line = (uint64_t)(bar + 1) * km_plan_bar_ticks(rig_plan(&rig));
        struct km_engine_status before = rig.status;
        while (rig.status.epoch == epoch) {
            before = rig.status;
            rig_pump(&rig);
            rig_process(&rig, 64);
        }
        assert_int_equal(before.bar, bar);
        assert_true(before.tick <= line);
        assert_int_equal(rig.status.epoch, epoch + 1);
        assert_int_equal(rig.status.bar, bar + 1);
        assert_true(rig.status.tick >= line);
        assert_true(rig.status.tick < line + 200);
        rig_pump(&rig);
        assert_int_equal(rig.begun, begun + 1);
        assert_true((rig_plan(&rig)->affect.valence < 0) == (i % 2 == 0));
    }
    assert_int_equal(rig.status.starvations, 0);
    rig_stop(&rig);
    assert_int_equal(km_engine_chunks_free(rig.engine), km_engine_chunks(rig.engine));
    assert_int_equal(rig.status.voices, 0);
    rig_release(&rig);
}

static void of_many_changes_within_a_bar_the_last_is_heard(void **state)
{
    (void)state;
    struct rig rig;
    rig_init(&rig, RIG_POOL);
    rig_reach(&rig, 2);
    for (uint32_t i = 0; i < 100; ++i) { // More than there are chunks.
        rig_turn(&rig, KM_LIVE_VALENCE, i % 2 == 0 ? -0.9 : 0.9);
        rig_pump(&rig);
    }
    assert_int_equal(rig.status.bar, 2);
    rig_turn(&rig, KM_LIVE_VALENCE, -0.5);
    rig_reach(&rig, 3);
    rig_pump(&rig);
    assert_true(fabs((double)rig_plan(&rig)->affect.valence + 0.5) < 0.01);
    rig_reach(&rig, 40);
    assert_int_equal(rig.status.starvations, 0);
    rig_stop(&rig);
    assert_int_equal(km_engine_chunks_free(rig.engine), km_engine_chunks(rig.engine));
    rig_release(&rig);
}

static void tonic_and_metre_stay(void **state)
{
    (void)state;
    struct rig rig;
    rig_init(&rig, RIG_POOL);
    const struct km_harmony_plan *const first = rig_plan(&rig);
    const int tonic = first->key.tonic;
    const int beats = first->beats_per_bar;
    const int unit = first->beat_unit;
    for (uint32_t i = 0; i < 16; ++i) {
        const double value = (double)(i % 5) / 4.0;
        rig_turn(&rig, (enum km_live_scale)(i % KM_LIVE_SCALES_COUNT), value);
        rig_reach(&rig, rig.status.bar + 3);
        const struct km_harmony_plan *const plan = rig_plan(&rig);
        assert_int_equal(plan->key.tonic, tonic);
        assert_int_equal(plan->beats_per_bar, beats);
        assert_int_equal(plan->beat_unit, unit);
    }
    rig_release(&rig);
}

static void scales_are_held_within_their_ranges(void **state)
{
    (void)state;
    struct rig rig;
    rig_init(&rig, RIG_POOL);
    rig_turn(&rig, KM_LIVE_VALENCE, -3.0);
    assert_true(km_live_get(rig.live, KM_LIVE_VALENCE) == -1.0);
    rig_turn(&rig, KM_LIVE_CHAOS, -1.0);
    assert_true(km_live_get(rig.live, KM_LIVE_CHAOS) == 0.0);
    rig_turn(&rig, KM_LIVE_AROUSAL, 7.0);
    assert_true(km_live_get(rig.live, KM_LIVE_AROUSAL) == 1.0);
    rig_reach(&rig, 1);
    const uint32_t epoch = rig.status.epoch;
    rig_turn(&rig, KM_LIVE_AROUSAL, 2.0); // Is there already.
    rig_reach(&rig, 4);
    assert_int_equal(rig.status.epoch, epoch);
    assert_string_equal(km_live_scale_name(KM_LIVE_VULNERABILITY), "vulnerability");
    rig_release(&rig);
}

// Time in the music is time that went by: no gap between plans, none at a change.
static void check_time(const struct rig *rig, uint64_t start_frames)
{
    const double heard = (double)(rig->status.frames - start_frames) * RIG_SPEED / RIG_RATE;
    const double off = fabs(rig->status.seconds - heard);
    if (off > 0.5) {
        fail_msg("bar %u is at %f s, and %f s went by", rig->status.bar, rig->status.seconds,
                 heard);
    }
}

static void a_thousand_bars_follow_without_a_gap_in_constant_memory(void **state)
{
    (void)state;
    struct rig rig;
    rig_init(&rig, RIG_POOL);
    uint64_t early_bytes = 0;
    uint64_t late_bytes = 0;
    uint32_t voices = 0;
    uint32_t bar = rig.status.bar;
    for (uint32_t i = 0; rig.status.bar < LONG_BARS; ++i) {
        assert_true(i < RIG_BLOCKS_MAX);
        rig_step(&rig);
        assert_true(rig.status.bar == bar || rig.status.bar == bar + 1);
        if (rig.status.bar > bar && bar % CHANGE_BARS == 0 && bar > LONG_BARS / 4) {
            rig_turn(&rig, (enum km_live_scale)(bar % 3), (double)(bar % 9) / 8.0);
        }
        bar = rig.status.bar;
        uint64_t *const bytes = bar < LONG_BARS / 2 ? &early_bytes : &late_bytes;
        const uint64_t now = km_heap_usage(rig.heap, KM_ACCOUNT_WORKING).current_bytes;
        *bytes = now > *bytes ? now : *bytes;
        voices = rig.status.voices > voices ? rig.status.voices : voices;
    }
    check_time(&rig, 0);
    assert_int_equal(rig.status.starvations, 0);
    assert_int_equal(rig.status.synth.voices_stolen, 0); // As they would, if notes hung.
    assert_true(voices < 100);
    if (late_bytes > early_bytes + early_bytes / 4) {
        fail_msg("from %llu bytes to %llu", (unsigned long long)early_bytes,
                 (unsigned long long)late_bytes);
    }
    assert_true(rig.begun > LONG_BARS / 4 / CHANGE_BARS);
    rig_stop(&rig);
    assert_int_equal(rig.status.voices, 0);
    rig_release(&rig);
}

static void after_a_stop_a_new_plan_begins(void **state)
{
    (void)state;
    struct rig rig;
    rig_init(&rig, RIG_POOL);
    rig_reach(&rig, 5);
    rig_stop(&rig);
    rig_pump(&rig);
    assert_true(km_engine_play(rig.engine));
    rig_reach(&rig, 6);
    rig_stop(&rig);
    assert_true(km_engine_play(rig.engine)); // Nobody looked in between.
    rig_process(&rig, RIG_BLOCK);
    rig_reach(&rig, 9);
    assert_true(rig.begun >= 3);
    assert_true(rig.status.voices > 0);
    rig_release(&rig);
}

static void a_change_without_memory_leaves_the_music(void **state)
{
    (void)state;
    struct rig rig;
    rig_init(&rig, RIG_POOL);
    rig_reach(&rig, 2);
    for (uint64_t request = 1;; request += request / 2 + 1) {
        struct km_error error = {0};
        const uint32_t epoch = rig.status.epoch;
        km_heap_fail_at(rig.heap, request);
        const double before = km_live_get(rig.live, KM_LIVE_VALENCE);
        const enum km_status result =
            km_live_set(rig.live, KM_LIVE_VALENCE, -0.25, &rig.status, &error);
        km_heap_fail_at(rig.heap, 0);
        if (result == KM_OK) {
            break;
        }
        assert_int_equal(result, KM_ERROR_NO_MEMORY);
        assert_true(km_live_get(rig.live, KM_LIVE_VALENCE) == before);
        rig_reach(&rig, rig.status.bar + 1);
        assert_int_equal(rig.status.epoch, epoch);
    }
    rig_reach(&rig, rig.status.bar + 2);
    assert_int_equal(rig.status.starvations, 0);
    // Before anything of a new epoch sounds, its slot may be asked for again.
    rig_turn(&rig, KM_LIVE_VALENCE, 0.5);
    struct km_error error = {0};
    km_heap_fail_at(rig.heap, 20);
    assert_int_equal(km_live_set(rig.live, KM_LIVE_VALENCE, 0.6, &rig.status, &error),
                     KM_ERROR_NO_MEMORY);
    km_heap_fail_at(rig.heap, 0);
    rig_reach(&rig, rig.status.bar + 30);
    assert_int_equal(rig.status.starvations, 0);
    rig_release(&rig);
}

static void a_composer_without_memory_leaves_nothing(void **state)
{
    (void)state;
    struct rig rig;
    rig_init_without_live(&rig, RIG_POOL);
    const struct km_live_config config = rig_config(&rig);
    uint64_t request = 1;
    for (;; ++request) {
        struct km_error error = {0};
        km_heap_fail_at(rig.heap, request);
        const enum km_status status = km_live_new(&config, &rig.live, &error);
        km_heap_fail_at(rig.heap, 0);
        if (status == KM_OK) {
            break;
        }
        assert_int_equal(status, KM_ERROR_NO_MEMORY);
        assert_null(rig.live);
        assert_int_equal(km_heap_usage(rig.heap, KM_ACCOUNT_WORKING).current_bytes,
                         rig.empty_heap_bytes);
    }
    assert_true(request > 3);
    rig_release(&rig);
}

static void instruments_of_plans_that_are_gone_make_room(void **state)
{
    (void)state;
    struct rig rig;
    rig_init_without_live(&rig, RIG_POOL);
    uint16_t all[RIG_PROGRAMS][2];
    for (uint32_t i = 0; i < RIG_PROGRAMS; ++i) {
        all[i][0] = 0;
        all[i][1] = (uint16_t)i;
    }
    const uint64_t needed = km_bank_bytes_needed(rig.font, (const uint16_t(*)[2])all, RIG_PROGRAMS);
    assert_true(needed < RIG_POOL);
    rig_release(&rig);
    rig_init(&rig, (size_t)(needed / 3));
    for (uint32_t i = 0; i < 60; ++i) {
        rig_turn(&rig, KM_LIVE_VALENCE, (double)((i * 7) % 21) / 10.0 - 1.0);
        rig_turn(&rig, KM_LIVE_AROUSAL, (double)((i * 5) % 21) / 10.0 - 1.0);
        rig_reach(&rig, rig.status.bar + 3);
    }
    assert_int_equal(rig.status.synth.voices_stolen, 0);
    rig_release(&rig);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(two_bars_are_there_beyond_what_sounds),
        cmocka_unit_test(a_change_acts_at_the_next_bar_line),
        cmocka_unit_test(of_many_changes_within_a_bar_the_last_is_heard),
        cmocka_unit_test(tonic_and_metre_stay),
        cmocka_unit_test(scales_are_held_within_their_ranges),
        cmocka_unit_test(a_thousand_bars_follow_without_a_gap_in_constant_memory),
        cmocka_unit_test(after_a_stop_a_new_plan_begins),
        cmocka_unit_test(a_change_without_memory_leaves_the_music),
        cmocka_unit_test(a_composer_without_memory_leaves_nothing),
        cmocka_unit_test(instruments_of_plans_that_are_gone_make_room),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
