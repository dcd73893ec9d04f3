// SPDX-License-Identifier: MIT

// Pause, stop, jump, the end: without clicks, and without notes that hang.

#include "unit/engine/rig.h"

enum { CHUNKS = 64, KEYS = 3 };

static struct km_engine_status status_after(struct rig *rig, uint32_t frames)
{
    rig_render(rig, frames);
    return km_engine_status(rig->engine);
}

// Notes that are held for the whole bar and beyond.
static struct km_chunk *held_bar(struct rig *rig, uint32_t epoch, uint32_t bar)
{
    static const uint8_t keys[KEYS] = {60, 64, 67};
    struct km_chunk *const chunk = rig_bar(rig, epoch, bar);
    for (uint32_t i = 0; i < KEYS; ++i) {
        rig_note_on(chunk, chunk->start_tick, keys[i]);
    }
    return chunk;
}

static void start(struct rig *rig)
{
    const struct km_engine_config config = rig_config();
    rig_init(rig, &config);
    km_engine_chunk_send(rig->engine, held_bar(rig, 1, 0));
    km_engine_chunk_send(rig->engine, rig_bar(rig, 1, 1));
    rig_play(rig);
    rig_render(rig, 12800);
    assert_int_equal(rig_voices(rig), KEYS);
}

// Sines of a peak below a third each move by at most a tenth of the peak from frame to frame, a
// fade within a quantum included.
static void expect_no_click(const struct rig *rig, uint32_t frames, float peak)
{
    const float step = rig_step(rig, frames);
    if (step > peak * .12f) {
        fail_msg("a step of %g, the peak being %g", (double)step, (double)peak);
    }
}

static void pause_freezes_and_play_goes_on(void **state)
{
    (void)state;
    struct rig rig;
    start(&rig);
    const float peak = rig_peak(&rig, 6400, 12800);
    const uint64_t tick = km_engine_status(rig.engine).tick;
    assert_true(km_engine_pause(rig.engine));
    rig_render(&rig, 6400);
    expect_no_click(&rig, 6400, peak);
    assert_true(rig.left[0] != 0.0f);
    assert_true(rig_peak(&rig, 64, 6400) == 0.0f);
    struct km_engine_status status = km_engine_status(rig.engine);
    assert_int_equal(status.transport, KM_TRANSPORT_PAUSED);
    assert_int_equal(status.tick, tick + 1); // 64 frames are a little more than a tick.
    assert_int_equal(status.voices, KEYS);
    rig_play(&rig);
    status = status_after(&rig, 6400);
    expect_no_click(&rig, 6400, peak);
    assert_true(rig_peak(&rig, 64, 6400) > peak * .9f);
    assert_int_equal(status.transport, KM_TRANSPORT_PLAYING);
    assert_int_equal(status.tick, tick + (64 + 6400) / 50);
    assert_int_equal(status.starvations, 0);
    rig_release(&rig);
}

static void pauses_shift_what_follows_and_nothing_else(void **state)
{
    (void)state;
    struct rig rig;
    start(&rig);
    rig_render_at(&rig, 0, RIG_BAR_FRAMES, 64);
    struct rig paused;
    start(&paused);
    rig_render_at(&paused, 0, 640, 64);
    assert_true(km_engine_pause(paused.engine));
    rig_render_at(&paused, 640, 64, 64); // Fades out; then a while of silence.

    for (uint32_t i = 0; i < 100; ++i) {
        rig_render_at(&paused, RIG_FRAMES_MAX - 64, 64, 64);
    }
    rig_play(&paused);
    rig_render_at(&paused, 704, RIG_BAR_FRAMES - 704, 64);
    assert_memory_equal(paused.left, rig.left, 640 * sizeof(float));
    assert_memory_equal(paused.left + 768, rig.left + 768, (RIG_BAR_FRAMES - 768) * sizeof(float));
    rig_release(&paused);
    rig_release(&rig);
}

static void stop_returns_all_and_is_silent(void **state)
{
    (void)state;
    struct rig rig;
    start(&rig);
    const float peak = rig_peak(&rig, 6400, 12800);
    assert_true(km_engine_stop(rig.engine));
    const struct km_engine_status status = status_after(&rig, 6400);
    expect_no_click(&rig, 6400, peak);
    assert_true(rig_peak(&rig, 64, 6400) == 0.0f);
    assert_int_equal(status.transport, KM_TRANSPORT_STOPPED);
    assert_int_equal(status.voices, 0);
    assert_int_equal(status.tick, 0);
    assert_int_equal(km_engine_chunks_free(rig.engine), CHUNKS);
    // The same music once more, of the same epoch.
    rig_send_note(&rig, 1, 0, 60);
    assert_int_equal(status_after(&rig, 640).chunks_waiting, 1);
    rig_play(&rig);
    assert_int_equal(status_after(&rig, 640).voices, 1);
    rig_release(&rig);
}

static void stop_while_paused_is_a_stop(void **state)
{
    (void)state;
    struct rig rig;
    start(&rig);
    assert_true(km_engine_pause(rig.engine));
    rig_render(&rig, 640);
    assert_true(km_engine_stop(rig.engine));
    const struct km_engine_status status = status_after(&rig, 640);
    assert_true(rig_peak(&rig, 0, 640) == 0.0f);
    assert_int_equal(status.transport, KM_TRANSPORT_STOPPED);
    assert_int_equal(status.voices, 0);
    rig_release(&rig);
}

static void play_and_stop_at_once_begin_anew(void **state)
{
    (void)state;
    struct rig rig;
    start(&rig);
    assert_true(km_engine_stop(rig.engine));
    rig_play(&rig);
    rig_send_note(&rig, 9, 0, 72);
    const struct km_engine_status status = status_after(&rig, 640);
    assert_int_equal(status.transport, KM_TRANSPORT_PLAYING);
    assert_int_equal(status.epoch, 9);
    assert_int_equal(status.voices, 1);
    rig_release(&rig);
}

static void a_jump_goes_over_at_once(void **state)
{
    (void)state;
    struct rig rig;
    start(&rig);
    const float peak = rig_peak(&rig, 6400, 12800);
    struct km_chunk *const chunk = rig_bar(&rig, 2, 40);
    chunk->jumps = true;
    chunk->resets = true;
    rig_note_on(chunk, chunk->start_tick, 48);
    rig_note_off(chunk, chunk->start_tick + 100, 48);
    assert_true(km_engine_jump(rig.engine, 2));
    km_engine_chunk_send(rig.engine, chunk);
    struct km_engine_status status = status_after(&rig, 1280);
    expect_no_click(&rig, 1280, peak);
    assert_int_equal(status.bar, 40);
    assert_int_equal(status.epoch, 2);
    assert_int_equal(status.tick, 40 * RIG_BAR + 1280 / 50);
    assert_int_equal(status.voices, 1);
    assert_int_equal(status.starvations, 0);
    assert_int_equal(km_engine_chunks_free(rig.engine), CHUNKS - 1);
    status = status_after(&rig, RIG_BAR_FRAMES);
    assert_int_equal(status.voices, 0);
    rig_release(&rig);
}

static void a_jump_waits_for_its_chunk_and_comes_once(void **state)
{
    (void)state;
    struct rig rig;
    start(&rig);
    assert_true(km_engine_jump(rig.engine, 2));
    struct km_engine_status status = status_after(&rig, 640);
    assert_int_equal(status.voices, 0);
    assert_int_equal(status.starvations, 0);
    assert_int_equal(status.transport, KM_TRANSPORT_PLAYING);
    rig_send_note(&rig, 1, 1, 60); // Too old.
    rig_send_note(&rig, 2, 5, 60);
    status = status_after(&rig, 640);
    assert_int_equal(status.bar, 5);
    assert_true(km_engine_jump(rig.engine, 2)); // It is there.
    status = status_after(&rig, 640);
    assert_int_equal(status.bar, 5);
    assert_int_equal(status.voices, 1);
    rig_release(&rig);
}

static void a_jump_while_paused_is_heard_on_play(void **state)
{
    (void)state;
    struct rig rig;
    start(&rig);
    assert_true(km_engine_pause(rig.engine));
    rig_render(&rig, 640);
    assert_true(km_engine_jump(rig.engine, 2));
    rig_send_note(&rig, 2, 5, 60);
    struct km_engine_status status = status_after(&rig, 640);
    assert_int_equal(status.transport, KM_TRANSPORT_PAUSED);
    assert_true(rig_peak(&rig, 0, 640) == 0.0f);
    rig_play(&rig);
    status = status_after(&rig, 640);
    assert_int_equal(status.bar, 5);
    assert_int_equal(status.voices, 1);
    rig_release(&rig);
}

static void music_ends_when_its_last_note_has_died_away(void **state)
{
    (void)state;
    struct rig rig;
    start(&rig);
    struct km_chunk *const last = held_bar(&rig, 1, 2); // Notes that nobody ends.
    last->ends_music = true;
    km_engine_chunk_send(rig.engine, last);
    struct km_engine_status status = status_after(&rig, 3 * RIG_BAR_FRAMES - 12800);
    assert_int_equal(status.transport, KM_TRANSPORT_PLAYING);
    assert_int_equal(status.voices, KEYS);
    status = status_after(&rig, 64 * 10);
    assert_int_equal(status.transport, KM_TRANSPORT_PLAYING);
    uint32_t quanta = 0;
    while (km_engine_status(rig.engine).transport == KM_TRANSPORT_PLAYING && quanta < 10000) {
        rig_render(&rig, 64);
        ++quanta;
    }
    status = km_engine_status(rig.engine);
    assert_int_equal(status.transport, KM_TRANSPORT_ENDED);
    assert_int_equal(status.voices, 0);
    assert_int_equal(status.starvations, 0);
    assert_true(quanta * 64 > RIG_RATE / 5 && quanta * 64 < RIG_RATE);
    assert_int_equal(km_engine_chunks_free(rig.engine), CHUNKS);
    rig_release(&rig);
}

static void end_music(struct rig *rig)
{
    start(rig);
    struct km_chunk *const last = rig_bar(rig, 1, 2);
    last->ends_music = true;
    km_engine_chunk_send(rig->engine, last);
    rig_render(rig, 3 * RIG_BAR_FRAMES + RIG_RATE);
    assert_int_equal(km_engine_status(rig->engine).transport, KM_TRANSPORT_ENDED);
}

static void after_the_end_a_newer_epoch_plays(void **state)
{
    (void)state;
    struct rig rig;
    end_music(&rig);
    rig_send_note(&rig, 1, 3, 60); // Nothing follows in this epoch.
    struct km_engine_status status = status_after(&rig, 640);
    assert_int_equal(status.transport, KM_TRANSPORT_ENDED);
    assert_int_equal(km_engine_chunks_free(rig.engine), CHUNKS);
    struct km_chunk *const chunk = rig_bar(&rig, 2, 0);
    chunk->jumps = true;
    km_engine_chunk_send(rig.engine, chunk);
    status = status_after(&rig, 640);
    assert_int_equal(status.transport, KM_TRANSPORT_PLAYING);
    assert_int_equal(status.epoch, 2);
    rig_release(&rig);
}

static void after_the_end_a_jump_plays(void **state)
{
    (void)state;
    struct rig rig;
    end_music(&rig);
    assert_true(km_engine_jump(rig.engine, 2));
    rig_send_note(&rig, 2, 4, 60);
    const struct km_engine_status status = status_after(&rig, 640);
    assert_int_equal(status.transport, KM_TRANSPORT_PLAYING);
    assert_int_equal(status.bar, 4);
    rig_release(&rig);
}

// A sustain that a live player holds for ever: the end comes all the same.
static void the_end_is_bounded(void **state)
{
    (void)state;
    struct rig rig;
    start(&rig);
    struct km_chunk *const last = rig_bar(&rig, 1, 2);
    last->ends_music = true;
    km_engine_chunk_send(rig.engine, last);
    const struct km_live_event live = {.size = 3, .bytes = {0x91, 60, 100}};
    km_engine_process(
        rig.engine,
        &(const struct km_audio_block){
            .left = rig.left, .right = rig.right, .frames = 64, .event_count = 1, .events = &live});
    rig_render(&rig, 3 * RIG_BAR_FRAMES);
    assert_int_equal(km_engine_status(rig.engine).transport, KM_TRANSPORT_PLAYING);
    for (uint32_t second = 0; second < 32; ++second) {
        rig_render(&rig, RIG_RATE);
    }
    assert_int_equal(km_engine_status(rig.engine).transport, KM_TRANSPORT_ENDED);
    assert_int_equal(rig_voices(&rig), 0);
    rig_release(&rig);
}

static void commands_that_mean_nothing_now_do_nothing(void **state)
{
    (void)state;
    struct rig rig;
    const struct km_engine_config config = rig_config();
    rig_init(&rig, &config);
    assert_true(km_engine_pause(rig.engine));
    assert_int_equal(status_after(&rig, 64).transport, KM_TRANSPORT_STOPPED);
    assert_true(km_engine_jump(rig.engine, 0));
    assert_true(km_engine_stop(rig.engine));
    assert_int_equal(status_after(&rig, 64).transport, KM_TRANSPORT_STOPPED);
    rig_play(&rig);
    rig_play(&rig);
    const struct km_engine_status status = status_after(&rig, 6400);
    assert_int_equal(status.transport, KM_TRANSPORT_PLAYING);
    assert_int_equal(status.starvations, 0);
    assert_int_equal(status.commands, 2 + 5);
    rig_release(&rig);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pause_freezes_and_play_goes_on),
        cmocka_unit_test(pauses_shift_what_follows_and_nothing_else),
        cmocka_unit_test(stop_returns_all_and_is_silent),
        cmocka_unit_test(stop_while_paused_is_a_stop),
        cmocka_unit_test(play_and_stop_at_once_begin_anew),
        cmocka_unit_test(a_jump_goes_over_at_once),
        cmocka_unit_test(a_jump_waits_for_its_chunk_and_comes_once),
        cmocka_unit_test(a_jump_while_paused_is_heard_on_play),
        cmocka_unit_test(music_ends_when_its_last_note_has_died_away),
        cmocka_unit_test(after_the_end_a_newer_epoch_plays),
        cmocka_unit_test(after_the_end_a_jump_plays),
        cmocka_unit_test(the_end_is_bounded),
        cmocka_unit_test(commands_that_mean_nothing_now_do_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
