// SPDX-License-Identifier: MIT

// Seek and loop: where the music goes on, and what is set there.

#include "base/random.h"
#include "engine/chase_private.h"
#include "engine/control.h"
#include "engine/process.h"
#include "unit/engine/feed_rig.h"

#include <math.h>

static void start(struct feed_rig *rig)
{
    feed_rig_init(rig, RIG_POOL, 64);
}

// Eight bars of a note each, in 4/4, and what sets things before them.
static void put_song(struct feed_rig *rig)
{
    rig_put_program(rig, 0, 0, 2);
    rig_put_control(rig, 0, 0, 7, 90);
    for (uint32_t bar = 0; bar < 8; ++bar) {
        rig_put_control(rig, (uint64_t)bar * RIG_BAR + 10, 0, 10, (uint8_t)(bar * 10));
        rig_put_note(rig, (uint64_t)bar * RIG_BAR + 20, 0, (uint8_t)(60 + bar), 100);
    }
    rig_put_end(rig, 8ULL * RIG_BAR);
}

// Whether a chunk has such a controller on channel 0 before any note.
static bool sets(const struct km_chunk *chunk, uint8_t number, uint8_t value)
{
    for (uint32_t i = 0; i < chunk->event_count; ++i) {
        const struct km_event *const event = &chunk->events[i];
        if (event->type == KM_EVENT_NOTE_ON) {
            return false;
        }
        if (event->type == KM_EVENT_CONTROL && event->channel == 0 && event->number == number) {
            return event->value == value;
        }
    }
    return false;
}

static void a_seek_goes_to_a_bar_with_all_that_was_set(void **state)
{
    (void)state;
    struct feed_rig rig;
    start(&rig);
    put_song(&rig);
    rig_begin(&rig);
    (void)rig_pump(&rig);
    rig_look(&rig);
    km_feed_seek_bar(rig.feed, 5);
    rig_look_at_all(&rig, RIG_SENT_MAX);
    assert_int_equal(rig.sent[0].kind, KM_MESSAGE_JUMP); // It frees chunks.
    assert_int_equal(rig.sent[0].number, 2);
    assert_int_equal(km_feed_epoch(rig.feed), 2);
    const struct km_chunk *const chunk = rig_chunk(&rig, 0);
    assert_int_equal(chunk->epoch, 2);
    assert_int_equal(chunk->bar, 5);
    assert_int_equal(chunk->start_tick, 5 * RIG_BAR);
    assert_true(fabs(chunk->start_seconds - 10.0) < 1e-9);
    assert_true(chunk->jumps && chunk->resets && chunk->begins_bar && chunk->ends_bar);
    assert_true(sets(chunk, 7, 90));
    assert_true(sets(chunk, 10, 40)); // That of bar 4 comes first.
    assert_int_equal(rig_chunks(&rig), 3 + 1);
    feed_rig_release(&rig);
}

static void a_seek_by_seconds_follows_the_tempo(void **state)
{
    (void)state;
    struct feed_rig rig;
    start(&rig);
    put_song(&rig);
    rig_put(&rig, (struct km_event){.tick = RIG_BAR, .type = KM_EVENT_TEMPO, .detail = 1000000});
    rig_begin(&rig);
    km_feed_seek_seconds(rig.feed, 2 + 4 + 1); // A quarter of bar 2.
    rig_look_at_all(&rig, RIG_SENT_MAX);
    const struct km_chunk *const chunk = rig_chunk(&rig, 0);
    assert_int_equal(chunk->bar, 2);
    assert_int_equal(chunk->start_tick, 2 * RIG_BAR + 480);
    assert_int_equal(chunk->end_tick, 3 * RIG_BAR);
    assert_int_equal(chunk->tempo, 1000000);
    assert_true(fabs(chunk->start_seconds - 7.0) < 1e-9);
    assert_true(chunk->begins_bar);
    feed_rig_release(&rig);
}

static void a_seek_counts_bars_by_signatures(void **state)
{
    (void)state;
    struct feed_rig rig;
    start(&rig);
    rig_put_meter(&rig, 2ULL * RIG_BAR, 3, 2);
    rig_put_meter(&rig, 2ULL * RIG_BAR + 1440 + 500, 2, 2); // Bar 3 is cut.
    rig_put_note(&rig, 20ULL * RIG_BAR, 0, 60, 10);
    rig_begin(&rig);
    static const uint64_t ticks[] = {0, 1920, 3840, 5280, 5780, 6740, 7700};
    for (uint32_t bar = 0; bar < 7; ++bar) {
        km_feed_seek_bar(rig.feed, bar);
        rig_look_at_all(&rig, 1);
        assert_int_equal(rig_chunk(&rig, 0)->bar, bar);
        assert_int_equal(rig_chunk(&rig, 0)->start_tick, ticks[bar]);
    }
    feed_rig_release(&rig);
}

static void a_seek_beyond_the_end_ends(void **state)
{
    (void)state;
    struct feed_rig rig;
    start(&rig);
    put_song(&rig);
    rig_begin(&rig);
    km_feed_seek_seconds(rig.feed, 1e9);
    rig_look_at_all(&rig, RIG_SENT_MAX);
    assert_int_equal(rig_chunks(&rig), 1);
    assert_true(rig_chunk(&rig, 0)->ends_music);
    km_feed_seek_seconds(rig.feed, -5); // And from the end to the beginning.
    rig_look_at_all(&rig, RIG_SENT_MAX);
    assert_int_equal(rig_chunk(&rig, 0)->start_tick, 0);
    assert_int_equal(rig_chunk(&rig, 0)->epoch, 3);
    assert_int_equal(rig_chunks(&rig), 9);
    feed_rig_release(&rig);
}

static void a_loop_repeats_its_bars(void **state)
{
    (void)state;
    struct feed_rig rig;
    start(&rig);
    put_song(&rig);
    rig_begin(&rig);
    km_feed_set_loop(rig.feed, 2, 4);
    rig_look_at_all(&rig, 20);
    static const uint32_t bars[] = {0, 1, 2, 3, 2, 3, 2, 3, 2};
    for (uint32_t i = 0; i < 9; ++i) {
        const struct km_chunk *const chunk = rig_chunk(&rig, i);
        assert_int_equal(chunk->bar, bars[i]);
        assert_int_equal(chunk->epoch, 1);
        assert_true(chunk->jumps == (i == 0 || i == 4 || i == 6 || i == 8));
        assert_true(chunk->resets == (i == 0)); // Tails ring on over the loop's end.
        assert_int_equal(chunk->start_tick, bars[i] * RIG_BAR);
    }
    assert_true(sets(rig_chunk(&rig, 4), 10, 10)); // What stood before bar 2; it was 30.
    assert_false(sets(rig_chunk(&rig, 4), 7, 90)); // Is so already.
    km_feed_set_loop(rig.feed, 0, 0);
    rig_look_at_all(&rig, RIG_SENT_MAX);
    assert_true(rig_chunk(&rig, rig_chunks(&rig) - 1)->ends_music);
    feed_rig_release(&rig);
}

static void the_whole_music_loops(void **state)
{
    (void)state;
    struct feed_rig rig;
    start(&rig);
    rig_put_note(&rig, 0, 0, 60, 100);
    rig_put_note(&rig, RIG_BAR + 10, 0, 60, 100); // The last bar is not full.
    rig_begin(&rig);
    km_feed_set_loop(rig.feed, 0, KM_FEED_LOOP_END);
    rig_look_at_all(&rig, 20);
    for (uint32_t i = 0; i < 10; ++i) {
        const struct km_chunk *const chunk = rig_chunk(&rig, i);
        assert_int_equal(chunk->bar, i % 2);
        assert_int_equal(chunk->end_tick - chunk->start_tick, RIG_BAR);
        assert_false(chunk->ends_music);
    }
    feed_rig_release(&rig);
}

static void music_without_length_does_not_loop(void **state)
{
    (void)state;
    struct feed_rig rig;
    start(&rig);
    rig_put_note(&rig, 0, 0, 60, 0);
    rig_begin(&rig);
    km_feed_set_loop(rig.feed, 0, KM_FEED_LOOP_END);
    rig_look_at_all(&rig, RIG_SENT_MAX);
    assert_int_equal(rig_chunks(&rig), 1);
    assert_true(rig_chunk(&rig, 0)->ends_music);
    feed_rig_release(&rig);
}

// An event that sets something, on one of two channels.
static struct km_event random_setting(struct km_random *random)
{
    static const uint8_t types[] = {
        KM_EVENT_CONTROL,    KM_EVENT_CONTROL,          KM_EVENT_CONTROL,      KM_EVENT_PROGRAM,
        KM_EVENT_PITCH_BEND, KM_EVENT_CHANNEL_PRESSURE, KM_EVENT_KEY_PRESSURE, KM_EVENT_SYSEX};
    static const uint8_t numbers[] = {0, 32, 6, 38, 96, 97, 98, 99, 100, 101, 101, 100, 7, 64, 121};
    struct km_event event = {.type = types[km_random_below(random, 8)],
                             .channel = (uint8_t)(9 + km_random_below(random, 2)),
                             .number = (uint8_t)km_random_below(random, 128),
                             .value = (uint8_t)km_random_below(random, 128)};
    if (event.type == KM_EVENT_CONTROL) {
        event.number = km_random_chance(random, .7)
                           ? numbers[km_random_below(random, sizeof(numbers))]
                           : event.number;
        if (event.number >= 98 && event.number <= 101) {
            event.value = (uint8_t)km_random_below(random, 4);
        }
        if (event.number == 84) { // For the next note only.
            event.number = 85;
        }
    } else if (event.type == KM_EVENT_PITCH_BEND) {
        event.detail = km_random_below(random, 0x4000);
    } else if (event.type == KM_EVENT_SYSEX) {
        event.number = (uint8_t)(KM_SYSEX_MASTER_VOLUME + km_random_below(random, 5));
        event.detail = km_random_below(random, 128);
        event.value = (uint8_t)km_random_below(random, 12);
    }
    return event;
}

static void change_randomly(struct km_chase_state *state, struct km_random *random, uint32_t count)
{
    for (uint32_t i = 0; i < count; ++i) {
        const struct km_event event = random_setting(random);
        km_chase_event(state, &event);
    }
}

static void chase_leads_from_any_state_to_any_other(void **state)
{
    (void)state;
    static struct km_chase_state from;
    static struct km_chase_state to;
    static struct km_chase_state walker;
    struct km_random random;
    km_random_init(&random, 11, "chase");
    for (uint32_t round = 0; round < 300; ++round) {
        km_chase_init(&from);
        km_chase_init(&to);
        if (round % 3 != 0) {
            change_randomly(&from, &random, 60);
        }
        change_randomly(&to, &random, 1 + round);
        walker = from;
        struct km_chase chase = {.from = &from, .to = &to};
        struct km_event event;
        while (km_chase_next(&chase, &event)) {
            km_chase_event(&walker, &event);
        }
        for (uint32_t i = 0; i < KM_CHANNELS_COUNT; ++i) {
            // What is selected by the other kind of number does not count.
            const uint32_t other = to.channels[i].is_nrpn ? 100 : 98;
            memcpy(&walker.channels[i].controllers[other], &to.channels[i].controllers[other], 2);
        }
        assert_memory_equal(&walker, &to, sizeof(to));
    }
}

static void a_reset_is_among_what_is_set(void **state)
{
    (void)state;
    struct feed_rig rig;
    start(&rig);
    static const unsigned char xg_on[] = {0x43, 0x10, 0x4C, 0, 0, 0x7E, 0, 0xF7};
    rig_put_control(&rig, 0, 0, 7, 1);
    rig_put_sysex(&rig, 5, xg_on, sizeof(xg_on));
    rig_put_control(&rig, 10, 0, 11, 33);
    rig_put_note(&rig, 5ULL * RIG_BAR, 0, 60, 10);
    rig_begin(&rig);
    km_feed_seek_bar(rig.feed, 3);
    rig_look_at_all(&rig, RIG_SENT_MAX);
    const struct km_chunk *const chunk = rig_chunk(&rig, 0);
    assert_int_equal(chunk->events[0].type, KM_EVENT_SYSEX);
    assert_int_equal(chunk->events[0].number, KM_SYSEX_XG_ON);
    assert_true(sets(chunk, 11, 33));
    assert_false(sets(chunk, 7, 1));
    feed_rig_release(&rig);
}

// What is set at one place may be more than a chunk holds.
static void more_settings_than_a_chunk_holds_are_several_chunks(void **state)
{
    (void)state;
    struct feed_rig rig;
    start(&rig);
    uint32_t count = 0;
    for (uint8_t channel = 0; channel < 16; ++channel) {
        for (uint8_t key = 0; key < 100; ++key) {
            rig_put(&rig, (struct km_event){.tick = count++,
                                            .type = KM_EVENT_KEY_PRESSURE,
                                            .channel = channel,
                                            .number = key,
                                            .value = 5});
        }
    }
    rig_put_note(&rig, 5ULL * RIG_BAR, 0, 60, 10);
    rig_begin(&rig);
    km_feed_seek_bar(rig.feed, 4);
    rig_look_at_all(&rig, RIG_SENT_MAX);
    uint32_t seen = 0;
    for (uint32_t i = 0; i < 4; ++i) {
        const struct km_chunk *const chunk = rig_chunk(&rig, i);
        assert_int_equal(chunk->bar, 4);
        assert_true(chunk->begins_bar == (i == 0) && chunk->jumps == (i == 0));
        assert_true(chunk->ends_bar == (i == 3));
        for (uint32_t j = 0; j < chunk->event_count; ++j) {
            seen += chunk->events[j].type == KM_EVENT_KEY_PRESSURE;
        }
    }
    assert_int_equal(seen, count);
    feed_rig_release(&rig);
}

// Played by the engine: seeks and loops leave no note and no chunk behind.
static void nothing_hangs_after_seeks_and_loops(void **state)
{
    (void)state;
    struct feed_rig rig;
    start(&rig);
    static float left[512];
    static float right[512];
    for (uint32_t i = 0; i < 64; ++i) {
        rig_put_control(&rig, i * 480ULL, 0, 64, (uint8_t)(i % 2 * 127));
        rig_put_note(&rig, i * 480ULL, (uint8_t)(i % 3), (uint8_t)(40 + i), 3 * RIG_BAR);
    }
    rig_begin(&rig);
    km_feed_set_loop(rig.feed, 3, 5);
    assert_true(km_engine_play(rig.engine));
    struct km_random random;
    km_random_init(&random, 5, "seeks");
    for (uint32_t i = 0; i < 3000; ++i) {
        (void)rig_pump(&rig);
        km_engine_process(rig.engine, &(const struct km_audio_block){
                                          .left = left, .right = right, .frames = 512});
        if (km_random_chance(&random, .02)) {
            km_feed_seek_bar(rig.feed, km_random_below(&random, 16));
        }
    }
    km_feed_set_loop(rig.feed, 0, 0);
    km_feed_seek_bar(rig.feed, 15);
    for (uint32_t i = 0; i < 3000; ++i) {
        (void)rig_pump(&rig);
        km_engine_process(rig.engine, &(const struct km_audio_block){
                                          .left = left, .right = right, .frames = 512});
    }
    const struct km_engine_status status = km_engine_status(rig.engine);
    assert_int_equal(status.transport, KM_TRANSPORT_ENDED);
    assert_int_equal(status.voices, 0);
    assert_int_equal(status.starvations, 0);
    assert_int_equal(status.synth.programs_lost, 0);
    assert_true(status.synth.notes_on > 100);
    assert_int_equal(km_engine_chunks_free(rig.engine), 64);
    feed_rig_release(&rig);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_seek_goes_to_a_bar_with_all_that_was_set),
        cmocka_unit_test(a_seek_by_seconds_follows_the_tempo),
        cmocka_unit_test(a_seek_counts_bars_by_signatures),
        cmocka_unit_test(a_seek_beyond_the_end_ends),
        cmocka_unit_test(a_loop_repeats_its_bars),
        cmocka_unit_test(the_whole_music_loops),
        cmocka_unit_test(music_without_length_does_not_loop),
        cmocka_unit_test(chase_leads_from_any_state_to_any_other),
        cmocka_unit_test(a_reset_is_among_what_is_set),
        cmocka_unit_test(more_settings_than_a_chunk_holds_are_several_chunks),
        cmocka_unit_test(nothing_hangs_after_seeks_and_loops),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
