// SPDX-License-Identifier: MIT

// Which chunk comes next: epochs, bars, jumps, what is returned, and what happens when none is
// there.

#include "unit/engine/rig.h"

enum { CHUNKS = 64 };

static struct km_engine_status status_after(struct rig *rig, uint32_t frames)
{
    rig_render(rig, frames);
    return km_engine_status(rig->engine);
}

static void start(struct rig *rig)
{
    const struct km_engine_config config = rig_config();
    rig_init(rig, &config);
}

static void a_change_acts_at_the_next_bar_though_two_are_queued(void **state)
{
    (void)state;
    struct rig rig;
    start(&rig);
    for (uint32_t bar = 0; bar < 3; ++bar) {
        rig_send_note(&rig, 1, bar, 60);
    }
    rig_play(&rig);
    assert_int_equal(status_after(&rig, RIG_BAR_FRAMES / 2).chunks_waiting, 2);
    rig_send_note(&rig, 2, 1, 72);
    rig_send_note(&rig, 2, 2, 72);
    assert_int_equal(status_after(&rig, RIG_BAR_FRAMES / 2 - 64).epoch, 1);
    const struct km_engine_status status = status_after(&rig, 128);
    assert_int_equal(status.epoch, 2);
    assert_int_equal(status.bar, 1);
    assert_int_equal(status.chunks_waiting, 1);
    assert_int_equal(km_engine_chunks_free(rig.engine), CHUNKS - 2);
    rig_release(&rig);
}

static void an_epoch_that_comes_late_takes_over_at_the_first_bar_it_has(void **state)
{
    (void)state;
    struct rig rig;
    start(&rig);
    for (uint32_t bar = 0; bar < 4; ++bar) {
        rig_send_note(&rig, 1, bar, 60);
    }
    rig_play(&rig);
    assert_int_equal(status_after(&rig, RIG_BAR_FRAMES + 640).bar, 1);
    for (uint32_t bar = 1; bar < 4; ++bar) { // Bar 1 has begun already.
        rig_send_note(&rig, 2, bar, 72);
    }
    assert_int_equal(status_after(&rig, RIG_BAR_FRAMES - 1280).epoch, 1);
    const struct km_engine_status status = status_after(&rig, 1280);
    assert_int_equal(status.epoch, 2);
    assert_int_equal(status.bar, 2);
    assert_int_equal(km_engine_chunks_free(rig.engine), CHUNKS - 2);
    rig_release(&rig);
}

static void an_epoch_of_later_bars_waits_for_them(void **state)
{
    (void)state;
    struct rig rig;
    start(&rig);
    for (uint32_t bar = 0; bar < 3; ++bar) {
        rig_send_note(&rig, 1, bar, 60);
    }
    rig_send_note(&rig, 2, 2, 72);
    rig_play(&rig);
    assert_int_equal(status_after(&rig, RIG_BAR_FRAMES + 640).epoch, 1);
    const struct km_engine_status status = status_after(&rig, RIG_BAR_FRAMES);
    assert_int_equal(status.epoch, 2);
    assert_int_equal(status.bar, 2);
    rig_release(&rig);
}

static void a_bar_that_jumps_follows_any(void **state)
{
    (void)state;
    struct rig rig;
    start(&rig);
    for (uint32_t bar = 0; bar < 4; ++bar) {
        rig_send_note(&rig, 1, bar, 60);
    }
    struct km_chunk *const chunk = rig_bar(&rig, 2, 77);
    chunk->jumps = true;
    rig_play(&rig);
    rig_render(&rig, 640);
    km_engine_chunk_send(rig.engine, chunk);
    assert_int_equal(status_after(&rig, RIG_BAR_FRAMES - 1280).bar, 0);
    const struct km_engine_status status = status_after(&rig, 1280);
    assert_int_equal(status.bar, 77);
    assert_int_equal(status.tick, 77 * RIG_BAR + 12); // Late by 640 frames of 50 a tick.
    assert_int_equal(km_engine_chunks_free(rig.engine), CHUNKS - 1);
    rig_release(&rig);
}

static void chunks_of_older_epochs_come_straight_back(void **state)
{
    (void)state;
    struct rig rig;
    start(&rig);
    rig_send_note(&rig, 3, 0, 60);
    rig_play(&rig);
    rig_render(&rig, 640);
    rig_send_note(&rig, 2, 1, 60);
    assert_int_equal(km_engine_chunks_free(rig.engine), CHUNKS - 2);
    rig_render(&rig, 640);
    assert_int_equal(km_engine_chunks_free(rig.engine), CHUNKS - 1);
    rig_release(&rig);
}

// A note of the old epoch is held over the bar line; its end is in a bar that is not played.
static void an_epoch_that_leaves_lets_go_what_it_holds(void **state)
{
    (void)state;
    struct rig rig;
    start(&rig);
    struct km_chunk *const held = rig_bar(&rig, 1, 0);
    rig_add(held, (struct km_event){.type = KM_EVENT_CONTROL, .number = 64, .value = 127});
    rig_note_on(held, 100, 60);
    rig_note_on(held, 100, 67);
    rig_note_off(held, 200, 67); // Held by the pedal.
    km_engine_chunk_send(rig.engine, held);
    rig_send_note(&rig, 1, 1, 60);
    rig_play(&rig);
    rig_render(&rig, RIG_BAR_FRAMES - 6400);
    assert_int_equal(rig_voices(&rig), 2);
    km_engine_chunk_send(rig.engine, rig_bar(&rig, 2, 1));
    rig_render(&rig, RIG_BAR_FRAMES / 2);
    assert_int_equal(km_engine_status(rig.engine).epoch, 2);
    assert_int_equal(rig_voices(&rig), 0);
    rig_release(&rig);
}

static void pieces_of_a_bar_stay_together(void **state)
{
    (void)state;
    struct rig rig;
    start(&rig);
    for (uint32_t piece = 0; piece < 2; ++piece) {
        struct km_chunk *const chunk = rig_bar(&rig, 1, 0);
        chunk->begins_bar = piece == 0;
        chunk->ends_bar = piece == 1;
        chunk->start_tick = piece * 480ULL;
        chunk->end_tick = piece == 0 ? 480 : RIG_BAR;
        km_engine_chunk_send(rig.engine, chunk);
    }
    struct km_chunk *const other = rig_bar(&rig, 2, 0);
    other->jumps = true;
    rig_play(&rig);
    rig_render(&rig, 640);
    km_engine_chunk_send(rig.engine, other);
    assert_int_equal(status_after(&rig, RIG_BAR_FRAMES - 1280).epoch, 1);
    assert_int_equal(status_after(&rig, 1280).epoch, 2);
    rig_release(&rig);
}

static void when_nothing_is_there_time_stands_still(void **state)
{
    (void)state;
    struct rig rig;
    start(&rig);
    rig_send_note(&rig, 1, 0, 60);
    rig_play(&rig);
    struct km_engine_status status = status_after(&rig, RIG_BAR_FRAMES + 6400);
    assert_int_equal(status.starvations, 1);
    assert_int_equal(status.tick, RIG_BAR);
    assert_int_equal(status.transport, KM_TRANSPORT_PLAYING);
    status = status_after(&rig, 6400);
    assert_int_equal(status.starvations, 1);
    assert_int_equal(status.tick, RIG_BAR);
    rig_send_note(&rig, 1, 1, 72);
    status = status_after(&rig, 6400);
    assert_int_equal(status.starvations, 1);
    assert_int_equal(status.tick, RIG_BAR + 6400 / 50);
    assert_int_equal(status.events_late, 0);
    assert_true(rig_onset(&rig, 6400) < 64); // At once.
    assert_int_equal(status_after(&rig, RIG_BAR_FRAMES).starvations, 2);
    rig_release(&rig);
}

// The rest of a bar never comes: a newer epoch helps out.
static void a_bar_without_its_end_gives_way(void **state)
{
    (void)state;
    struct rig rig;
    start(&rig);
    struct km_chunk *const chunk = rig_bar(&rig, 1, 0);
    chunk->ends_bar = false;
    chunk->end_tick = 480;
    km_engine_chunk_send(rig.engine, chunk);
    rig_play(&rig);
    assert_int_equal(status_after(&rig, RIG_BAR_FRAMES).starvations, 1);
    rig_send_note(&rig, 2, 1, 60);
    assert_int_equal(status_after(&rig, 640).epoch, 2);
    rig_release(&rig);
}

static void of_too_many_epochs_the_oldest_are_returned(void **state)
{
    (void)state;
    struct rig rig;
    struct km_engine_config config = rig_config();
    config.chunks = 256;
    rig_init(&rig, &config);
    rig_send_note(&rig, 1, 0, 60);
    rig_send_note(&rig, 1, 1, 60);
    rig_play(&rig);
    rig_render(&rig, 640);
    for (uint32_t epoch = 2; epoch < 202; ++epoch) {
        rig_send_note(&rig, epoch, 1, 60);
    }
    rig_render(&rig, 640);
    assert_int_equal(km_engine_chunks_free(rig.engine), 256 - 1 - 64);
    assert_int_equal(status_after(&rig, RIG_BAR_FRAMES).epoch, 201);
    assert_int_equal(km_engine_chunks_free(rig.engine), 256 - 1);
    rig_release(&rig);
}

static void what_cannot_be_played_comes_back(void **state)
{
    (void)state;
    struct rig rig;
    start(&rig);
    struct km_chunk *const orphan = rig_bar(&rig, 1, 0);
    orphan->begins_bar = false;
    km_engine_chunk_send(rig.engine, orphan);
    rig_send_note(&rig, 1, 0, 60);
    rig_play(&rig);
    rig_render(&rig, 640);
    assert_int_equal(km_engine_chunks_free(rig.engine), CHUNKS - 1);
    assert_true(rig_voices(&rig) == 1);
    rig_release(&rig);
}

static void wishes_act_at_the_bar_line_and_at_once_when_nothing_plays(void **state)
{
    (void)state;
    struct rig rig;
    start(&rig);
    assert_true(km_engine_set_mutes(rig.engine, 1));
    rig_send_note(&rig, 1, 0, 60);
    rig_send_note(&rig, 1, 1, 60);
    rig_play(&rig);
    rig_render(&rig, 24000);
    assert_true(rig_peak(&rig, 0, 24000) == 0.0f);
    assert_true(rig_voices(&rig) > 0);
    assert_true(km_engine_set_mutes(rig.engine, 0));
    rig_render(&rig, RIG_BAR_FRAMES - 24000);
    assert_true(rig_peak(&rig, 0, RIG_BAR_FRAMES - 24000) == 0.0f);
    rig_render(&rig, 24000);
    assert_true(rig_peak(&rig, 0, 24000) > 0.01f);
    rig_release(&rig);
}

static void volume_acts_at_once(void **state)
{
    (void)state;
    struct rig rig;
    start(&rig);
    rig_send_note(&rig, 1, 0, 60);
    rig_play(&rig);
    rig_render(&rig, 12800);
    const float loud = rig_peak(&rig, 6400, 12800);
    assert_true(km_engine_set_volume(rig.engine, .5f));
    rig_render(&rig, 6400);
    assert_true(fabsf(rig_peak(&rig, 128, 6400) / loud - .5f) < .01f);
    assert_true(rig_step(&rig, 6400) < loud * .1f);
    rig_release(&rig);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_change_acts_at_the_next_bar_though_two_are_queued),
        cmocka_unit_test(an_epoch_that_comes_late_takes_over_at_the_first_bar_it_has),
        cmocka_unit_test(an_epoch_of_later_bars_waits_for_them),
        cmocka_unit_test(a_bar_that_jumps_follows_any),
        cmocka_unit_test(chunks_of_older_epochs_come_straight_back),
        cmocka_unit_test(an_epoch_that_leaves_lets_go_what_it_holds),
        cmocka_unit_test(pieces_of_a_bar_stay_together),
        cmocka_unit_test(when_nothing_is_there_time_stands_still),
        cmocka_unit_test(a_bar_without_its_end_gives_way),
        cmocka_unit_test(of_too_many_epochs_the_oldest_are_returned),
        cmocka_unit_test(what_cannot_be_played_comes_back),
        cmocka_unit_test(wishes_act_at_the_bar_line_and_at_once_when_nothing_plays),
        cmocka_unit_test(volume_acts_at_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
