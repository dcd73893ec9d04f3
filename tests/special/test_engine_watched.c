// SPDX-License-Identifier: MIT

// An engine that goes through all of its transport with the preload library looking on: the guard
// counts nothing. Where there is no library, the program says so and is skipped.

#include "rt/guard.h"
#include "unit/engine/rig.h"

#include <stdio.h>

enum { SKIPPED = 77 };

static void start(struct rig *rig)
{
    struct km_engine_config config = {.rate_hz = RIG_RATE,
                                      .voices = 32, // So that voices are stolen.
                                      .sample_pool_bytes = 4096};
    rig_init(rig, &config);
}

static void expect_innocence(struct rig *rig)
{
    assert_true(km_engine_status(rig->engine).blocks > 0);
    assert_int_equal(km_engine_status(rig->engine).guard_events, 0);
}

// A bar full of notes, controllers, programs and changes of tempo.
static void send_storm(struct rig *rig, uint32_t epoch, uint32_t bar)
{
    static const uint8_t controllers[] = {0, 1, 6, 7, 10, 11, 32, 64, 66, 67, 91, 93, 100, 101};
    struct km_chunk *const chunk = rig_bar(rig, epoch, bar);
    for (uint32_t i = 0; i < 480; ++i) {
        const uint64_t tick = chunk->start_tick + i * 4ULL;
        const uint8_t channel = (uint8_t)(i % 16);
        struct km_event event = {.tick = tick,
                                 .type =
                                     (uint8_t)(i % 3 == 0 ? KM_EVENT_NOTE_OFF : KM_EVENT_NOTE_ON),
                                 .channel = channel,
                                 .number = (uint8_t)(30 + i * 7 % 80),
                                 .value = 100};
        if (i % 16 == 5) {
            event.type = KM_EVENT_CONTROL;
            event.number = controllers[i / 16 % sizeof(controllers)];
            event.value = (uint8_t)(i % 128);
        } else if (i % 60 == 7) {
            event =
                (struct km_event){.tick = tick, .type = KM_EVENT_TEMPO, .detail = 300000 + i * 500};
        } else if (i % 60 == 9) {
            event.type = KM_EVENT_PROGRAM;
            event.number = (uint8_t)(i % 2);
        } else if (i % 60 == 11) {
            event = (struct km_event){
                .tick = tick, .type = KM_EVENT_SYSEX, .number = (uint8_t)(KM_SYSEX_GM_ON + i % 5)};
        }
        rig_add(chunk, event);
    }
    km_engine_chunk_send(rig->engine, chunk);
}

static void storms_epochs_and_starvation_are_innocent(void **state)
{
    (void)state;
    struct rig rig;
    start(&rig);
    rig_play(&rig);
    for (uint32_t bar = 0; bar < 12; ++bar) {
        send_storm(&rig, 1 + bar / 3, bar);
        rig_render(&rig, RIG_BAR_FRAMES / 2);
    }
    rig_render(&rig, 4 * RIG_BAR_FRAMES);
    assert_true(km_engine_status(rig.engine).synth.voices_stolen > 0);
    assert_true(km_engine_status(rig.engine).starvations > 0);
    expect_innocence(&rig);
    rig_release(&rig);
}

static void transport_is_innocent(void **state)
{
    (void)state;
    struct rig rig;
    start(&rig);
    bool (*const commands[])(struct km_engine *) = {km_engine_play, km_engine_pause, km_engine_play,
                                                    km_engine_stop, km_engine_play};
    for (uint32_t i = 0; i < 100; ++i) {
        struct km_chunk *const chunk = rig_bar(&rig, i, i % 7);
        chunk->jumps = true;
        chunk->resets = i % 2 == 0;
        chunk->ends_music = i % 9 == 0;
        rig_note_on(chunk, chunk->start_tick, (uint8_t)(40 + i % 40));
        km_engine_chunk_send(rig.engine, chunk);
        assert_true(commands[i % 5](rig.engine));
        if (i % 3 == 0) {
            assert_true(km_engine_jump(rig.engine, i));
        }
        rig_render_at(&rig, 0, 3000, 1 + i * 29);
    }
    expect_innocence(&rig);
    rig_release(&rig);
}

static void settings_and_instruments_are_innocent(void **state)
{
    (void)state;
    struct rig rig;
    start(&rig);
    static struct rig_tone other;
    rig_tone_init(&other, -6000);
    bool is_away = false;
    rig_play(&rig);
    for (uint32_t i = 0; i < 200; ++i) {
        if (km_engine_chunks_free(rig.engine) > 60) {
            send_storm(&rig, 1, i);
        }
        const float share = (float)(i % 10) / 10.0f;
        const struct km_production production = {
            .mud_db = 9 * share, .room_noise_percent = share, .drive = share, .width = share};
        assert_true(km_engine_set_production(rig.engine, &production, 30 * share));
        assert_true(km_engine_set_volume(rig.engine, share));
        assert_true(km_engine_set_mutes(rig.engine, i));
        assert_true(km_engine_set_tempo_scale(rig.engine, 4 * share));
        if (!is_away) {
            assert_true(km_engine_set_instrument(rig.engine, 0, 1, &other.instrument));
            is_away = km_engine_retire_instrument(rig.engine, &other.instrument);
        }
        struct km_notice notice;
        while (km_engine_collect(rig.engine, &notice)) {
            is_away = is_away && notice.kind != KM_NOTICE_INSTRUMENT_FREE;
        }
        rig_render(&rig, 3200);
    }
    expect_innocence(&rig);
    rig_release(&rig);
}

static void live_midi_is_innocent(void **state)
{
    (void)state;
    struct rig rig;
    start(&rig);
    static struct km_live_event live[KM_LIVE_EVENTS_MAX + 10];
    for (uint32_t i = 0; i < KM_LIVE_EVENTS_MAX + 10; ++i) {
        live[i] = (struct km_live_event){.frame = i / 16,
                                         .size = (uint8_t)(1 + i % 12),
                                         .bytes = {(uint8_t)(0x80 + i % 128), (uint8_t)(i % 100),
                                                   (uint8_t)(i % 90), (uint8_t)(i % 200)}};
    }
    for (uint32_t i = 0; i < 200; ++i) {
        km_engine_process(rig.engine,
                          &(const struct km_audio_block){.left = rig.left,
                                                         .right = rig.right,
                                                         .frames = 1 + i * 3,
                                                         .event_count = KM_LIVE_EVENTS_MAX + 10,
                                                         .events = live});
    }
    assert_true(km_engine_status(rig.engine).live_events_lost > 0);
    expect_innocence(&rig);
    rig_release(&rig);
}

// The guard does watch: what the program does inside a section of its own is counted.
static void a_sin_would_be_seen(void **state)
{
    (void)state;
    struct rig rig;
    start(&rig);
    rig_render(&rig, 64);
    struct km_guard guard;
    km_guard_start(&guard);
    km_guard_enter(&guard);
    void *volatile memory = malloc(10);
    free(memory);
    km_guard_leave(&guard);
    assert_int_equal(km_engine_status(rig.engine).guard_events, 2);
    rig_release(&rig);
}

int main(void)
{
#ifdef KM_WITHOUT_PRELOAD
    printf("skipped: the sanitizers own malloc, so there is no preload library\n");
    return SKIPPED;
#endif
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(storms_epochs_and_starvation_are_innocent),
        cmocka_unit_test(transport_is_innocent),
        cmocka_unit_test(settings_and_instruments_are_innocent),
        cmocka_unit_test(live_midi_is_innocent),
        cmocka_unit_test(a_sin_would_be_seen),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
