// SPDX-License-Identifier: MIT

// MIDI that is played along.

#include "unit/engine/rig.h"

enum { LATENCY = 64 }; // Of the master; less than this.

static void start(struct rig *rig)
{
    const struct km_engine_config config = rig_config();
    rig_init(rig, &config);
}

static void render_with(struct rig *rig, const struct km_live_event *events, uint32_t count,
                        uint32_t from, uint32_t frames)
{
    km_engine_process(rig->engine, &(const struct km_audio_block){.left = rig->left + from,
                                                                  .right = rig->right + from,
                                                                  .frames = frames,
                                                                  .event_count = count,
                                                                  .events = events});
}

// Where a note sounds that comes at this frame of a block of so many frames, from the block's
// start.
static uint32_t onset_of(uint32_t before, uint32_t frame, uint32_t frames)
{
    struct rig rig;
    start(&rig);
    if (before > 0) {
        rig_render_at(&rig, 0, before, before);
    }
    const struct km_live_event live = {.frame = frame, .size = 3, .bytes = {0x90, 60, 100}};
    render_with(&rig, &live, 1, 0, frames);
    rig_render_at(&rig, frames, 8192, 64);
    const uint32_t onset = rig_onset(&rig, frames + 8192);
    rig_release(&rig);
    return onset;
}

static void sounds_on_its_frame_if_that_is_still_to_come(void **state)
{
    (void)state;
    const uint32_t first = onset_of(0, 0, 64);
    assert_true(first < LATENCY);
    assert_int_equal(onset_of(0, 37, 64), first + 37);
    assert_int_equal(onset_of(0, 5000, 8192), first + 5000);
    assert_int_equal(onset_of(16, 48 + 7, 100), first + 48 + 7); // The second quantum.
    assert_int_equal(onset_of(16, 7, 100), first + 48);          // The first was rendered already.
    assert_int_equal(onset_of(16, 7, 16), first + 48);
    assert_int_equal(onset_of(0, 9999, 64), first + 63); // Beyond the block is its end.
}

static void all_channel_messages_are_understood(void **state)
{
    (void)state;
    struct rig rig;
    start(&rig);
    const struct km_live_event press = {.size = 3, .bytes = {0x92, 60, 100}};
    render_with(&rig, &press, 1, 0, 6400);
    rig_render(&rig, 6400);
    const float peak = rig_peak(&rig, 0, 6400);
    assert_true(peak > 0.01f);
    // Volume 0 by CC 7, and up again; the note's end by a note-on of velocity 0.
    const struct km_live_event events[] = {
        {.frame = 0, .size = 3, .bytes = {0xB2, 7, 0}},
        {.frame = 3200, .size = 3, .bytes = {0xB2, 7, 100}},
        {.frame = 3200, .size = 3, .bytes = {0xE2, 0, 64}},
        {.frame = 3200, .size = 2, .bytes = {0xD2, 10}},
        {.frame = 3200, .size = 3, .bytes = {0xA2, 60, 10}},
        {.frame = 6000, .size = 3, .bytes = {0x92, 60, 0}},
    };
    render_with(&rig, events, 6, 0, 6400);
    assert_true(rig_peak(&rig, 128, 3200) < peak * .01f);
    assert_true(rig_peak(&rig, 3300, 6000) > peak * .9f);
    rig_render(&rig, RIG_RATE);
    assert_int_equal(rig_voices(&rig), 0);
    const struct km_engine_status status = km_engine_status(rig.engine);
    assert_int_equal(status.live_events_lost, 0);
    assert_int_equal(status.synth.notes_on, 1);
    rig_release(&rig);
}

static void bytes_that_run_on_are_several_messages(void **state)
{
    (void)state;
    struct rig rig;
    start(&rig);
    const struct km_live_event events[] = {
        {.size = 9, .bytes = {0x90, 60, 100, 62, 100, 0xF8, 64, 100, 0xFE}}, // Running status.
        {.size = 2, .bytes = {65, 100}},                                     // Still running.
        {.size = 6, .bytes = {0xC0, 3, 0x90, 66, 100, 67}},                  // The last one is cut.
        {.size = 1, .bytes = {0xF6}},                                        // Ends running status.
        {.size = 2, .bytes = {68, 100}},
        {.size = 3, .bytes = {0x90, 0x80, 100}}, // Not data.
        {.size = 1, .bytes = {0x90}},
        {.size = 0},
    };
    render_with(&rig, events, 8, 0, 64);
    assert_int_equal(km_engine_status(rig.engine).synth.notes_on, 5);
    rig_release(&rig);
}

static void short_sysex_is_understood(void **state)
{
    (void)state;
    struct rig rig;
    start(&rig);
    const struct km_live_event press = {.size = 3, .bytes = {0x90, 60, 100}};
    render_with(&rig, &press, 1, 0, 6400);
    const float peak = rig_peak(&rig, 3200, 6400);
    const struct km_live_event quieter = {
        .size = 8, .bytes = {0xF0, 0x7F, 0x7F, 4, 1, 0, 32, 0xF7}}; // A quarter: 1/16 in power.
    render_with(&rig, &quieter, 1, 0, 6400);
    assert_true(rig_peak(&rig, 3200, 6400) < peak * .2f);
    rig_release(&rig);
}

static void too_many_are_lost_and_counted(void **state)
{
    (void)state;
    struct rig rig;
    start(&rig);
    static struct km_live_event events[KM_LIVE_EVENTS_MAX + 100];
    for (uint32_t i = 0; i < KM_LIVE_EVENTS_MAX + 100; ++i) {
        events[i] = (struct km_live_event){.size = 3, .bytes = {0xB0, 1, (uint8_t)(i % 128)}};
    }
    render_with(&rig, events, KM_LIVE_EVENTS_MAX + 100, 0, 64);
    assert_int_equal(km_engine_status(rig.engine).live_events_lost, 100);
    rig_render_at(&rig, 0, 16, 16); // The first quantum is rendered: what comes now waits.
    render_with(&rig, events, KM_LIVE_EVENTS_MAX, 0, 16);
    assert_int_equal(km_engine_status(rig.engine).live_events_lost, 100);
    render_with(&rig, events, 50, 0, 16);
    assert_int_equal(km_engine_status(rig.engine).live_events_lost, 150);
    rig_render(&rig, 640);
    render_with(&rig, events, 50, 0, 64);
    assert_int_equal(km_engine_status(rig.engine).live_events_lost, 150);
    rig_release(&rig);
}

// Where a note of a chunk, at frame 10, sounds when a live controller comes at frame 50.
static uint32_t onset_beside(uint32_t live_count)
{
    struct rig rig;
    start(&rig);
    struct km_chunk *const chunk = rig_bar(&rig, 1, 0);
    chunk->tempo = 10000; // A frame a tick.
    rig_note_on(chunk, 10, 60);
    km_engine_chunk_send(rig.engine, chunk);
    rig_play(&rig);
    const struct km_live_event live = {.frame = 50, .size = 3, .bytes = {0xB5, 10, 64}};
    render_with(&rig, &live, live_count, 0, 256);
    assert_int_equal(km_engine_status(rig.engine).events_late, 0);
    const uint32_t onset = rig_onset(&rig, 256);
    assert_true(onset < 256);
    rig_release(&rig);
    return onset;
}

static void chunks_and_live_events_keep_their_order(void **state)
{
    (void)state;
    assert_int_equal(onset_beside(0), onset_beside(1));
}

static void what_is_let_go_while_paused_does_not_hang(void **state)
{
    (void)state;
    struct rig rig;
    start(&rig);
    km_engine_chunk_send(rig.engine, rig_bar(&rig, 1, 0));
    rig_play(&rig);
    const struct km_live_event press = {.size = 3, .bytes = {0x90, 60, 100}};
    render_with(&rig, &press, 1, 0, 6400);
    assert_int_equal(rig_voices(&rig), 1);
    assert_true(km_engine_pause(rig.engine));
    rig_render(&rig, 640);
    const struct km_live_event events[] = {{.size = 3, .bytes = {0x80, 60, 64}},
                                           {.size = 3, .bytes = {0x90, 72, 100}}};
    render_with(&rig, events, 2, 0, 64);
    assert_true(rig_peak(&rig, 0, 64) == 0.0f);
    assert_int_equal(km_engine_status(rig.engine).live_events_lost, 1);
    rig_play(&rig);
    rig_render(&rig, RIG_RATE);
    assert_int_equal(rig_voices(&rig), 0);
    rig_release(&rig);
}

static void a_bar_line_lets_live_keys_be(void **state)
{
    (void)state;
    struct rig rig;
    start(&rig);
    rig_send_note(&rig, 1, 0, 48);
    rig_send_note(&rig, 2, 1, 50);
    rig_play(&rig);
    const struct km_live_event press = {.size = 3, .bytes = {0x93, 60, 100}};
    render_with(&rig, &press, 1, 0, 6400);
    rig_render(&rig, 2 * RIG_BAR_FRAMES - 6400 - 640);
    assert_int_equal(km_engine_status(rig.engine).epoch, 2);
    assert_int_equal(rig_voices(&rig), 1);
    rig_release(&rig);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sounds_on_its_frame_if_that_is_still_to_come),
        cmocka_unit_test(all_channel_messages_are_understood),
        cmocka_unit_test(bytes_that_run_on_are_several_messages),
        cmocka_unit_test(short_sysex_is_understood),
        cmocka_unit_test(too_many_are_lost_and_counted),
        cmocka_unit_test(chunks_and_live_events_keep_their_order),
        cmocka_unit_test(what_is_let_go_while_paused_does_not_hang),
        cmocka_unit_test(a_bar_line_lets_live_keys_be),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
