// SPDX-License-Identifier: MIT

// Instruments loaded before they are needed, and given back; bars of a live composer.

#include "engine/instruments.h"

#include "engine/bar_feed.h"
#include "engine/process.h"
#include "unit/engine/feed_rig.h"

static void render(struct feed_rig *rig, uint32_t blocks)
{
    static float left[512];
    static float right[512];
    for (uint32_t i = 0; i < blocks; ++i) {
        km_engine_process(rig->engine, &(const struct km_audio_block){
                                           .left = left, .right = right, .frames = 512});
    }
}

static uint32_t loaded(const struct feed_rig *rig)
{
    return km_bank_usage(rig->bank).instruments;
}

static void a_song_loads_what_its_notes_need_just_before(void **state)
{
    (void)state;
    struct feed_rig rig;
    feed_rig_init(&rig, RIG_POOL, 64);
    rig_put_program(&rig, 0, 0, 3);
    rig_put_program(&rig, 0, 1, 4); // Without a note.
    rig_put_note(&rig, 10, 0, 60, 10);
    rig_put_note(&rig, RIG_BAR, 9, 36, 10);
    rig_put_note(&rig, 2ULL * RIG_BAR, 0, 64, 10);
    rig_begin(&rig);
    rig_look_at_all(&rig, RIG_SENT_MAX);
    assert_int_equal(loaded(&rig), 2);
    static const uint32_t kinds[] = {KM_MESSAGE_SET_INSTRUMENT, KM_MESSAGE_CHUNK,
                                     KM_MESSAGE_SET_INSTRUMENT, KM_MESSAGE_CHUNK, KM_MESSAGE_CHUNK};
    assert_int_equal(rig.sent_count, 5);
    for (uint32_t i = 0; i < 5; ++i) {
        assert_int_equal(rig.sent[i].kind, kinds[i]);
    }
    assert_int_equal(rig.sent[0].number, 3);
    assert_int_equal(rig.sent[2].number, 128 << 8);
    feed_rig_release(&rig);
}

static void pairs_that_the_font_lacks_play_the_nearest(void **state)
{
    (void)state;
    struct feed_rig rig;
    feed_rig_init(&rig, RIG_POOL, 64);
    bool is_there = false;
    assert_int_equal(km_instruments_want(rig.instruments, 77, 3, &is_there, NULL), KM_OK);
    assert_true(is_there);
    assert_int_equal(km_instruments_want(rig.instruments, 0, 3, &is_there, NULL), KM_OK);
    assert_int_equal(loaded(&rig), 1);
    rig_look(&rig);
    assert_int_equal(rig.sent_count, 2);
    assert_int_equal(rig.sent[0].number, 77 << 8 | 3);
    feed_rig_release(&rig);
}

static void what_an_old_song_had_is_given_back(void **state)
{
    (void)state;
    struct feed_rig rig;
    feed_rig_init(&rig, RIG_POOL, 64);
    bool is_there = false;
    assert_int_equal(km_instruments_want(rig.instruments, 0, 1, &is_there, NULL), KM_OK);
    assert_int_equal(km_instruments_want(rig.instruments, 9, 1, &is_there, NULL), KM_OK);
    assert_int_equal(km_instruments_want(rig.instruments, 0, 2, &is_there, NULL), KM_OK);
    km_instruments_retire_old(rig.instruments); // Nothing is old.
    km_instruments_begin_song(rig.instruments);
    assert_int_equal(km_instruments_want(rig.instruments, 0, 2, &is_there, NULL), KM_OK);
    km_instruments_retire_old(rig.instruments);
    km_instruments_retire_old(rig.instruments); // Is on its way.
    assert_int_equal(km_instruments_want(rig.instruments, 0, 1, &is_there, NULL), KM_OK);
    assert_false(is_there); // It comes back first.
    assert_int_equal(loaded(&rig), 2);
    render(&rig, 1);
    assert_int_equal(km_instruments_collect(rig.instruments, NULL), KM_OK);
    assert_int_equal(loaded(&rig), 1);
    assert_int_equal(km_instruments_want(rig.instruments, 0, 1, &is_there, NULL), KM_OK);
    assert_true(is_there);
    assert_int_equal(loaded(&rig), 2);
    feed_rig_release(&rig);
}

// Room for one sample or two: of a song, the rest is refused; of the next, it replaces the first's.
static void a_full_pool_is_refused_or_makes_room(void **state)
{
    (void)state;
    struct feed_rig rig;
    feed_rig_init(&rig, 12288, 64);
    struct km_error error = {0};
    bool is_there = false;
    uint8_t program = 0;
    enum km_status status = KM_OK;
    for (; status == KM_OK && program < RIG_PROGRAMS; ++program) {
        status = km_instruments_want(rig.instruments, 0, program, &is_there, &error);
    }
    assert_int_equal(status, KM_ERROR_NO_MEMORY);
    assert_true(strlen(error.message) > 20);
    const uint32_t fitted = loaded(&rig);
    assert_true(fitted >= 1 && fitted < RIG_PROGRAMS);
    const uint16_t pairs[][2] = {{0, 0}, {0, 6}};
    assert_int_equal(km_instruments_want_all(rig.instruments, pairs, 2, &error),
                     KM_ERROR_NO_MEMORY);

    km_instruments_begin_song(rig.instruments);
    assert_int_equal(km_instruments_want(rig.instruments, 0, 7, &is_there, &error), KM_OK);
    assert_false(is_there);
    render(&rig, 1);
    assert_int_equal(km_instruments_collect(rig.instruments, NULL), KM_OK);
    assert_int_equal(loaded(&rig), 0);
    assert_int_equal(km_instruments_want(rig.instruments, 0, 7, &is_there, &error), KM_OK);
    assert_true(is_there);
    feed_rig_release(&rig);
}

static void what_a_live_player_misses_is_loaded(void **state)
{
    (void)state;
    struct feed_rig rig;
    feed_rig_init(&rig, RIG_POOL, 64);
    static float left[64];
    static float right[64];
    const struct km_live_event live[] = {{.size = 5, .bytes = {0xC3, 6, 0x93, 60, 100}}};
    for (uint32_t i = 0; i < 2; ++i) {
        km_engine_process(
            rig.engine,
            &(const struct km_audio_block){
                .left = left, .right = right, .frames = 64, .event_count = 1, .events = live});
        assert_int_equal(km_engine_status(rig.engine).voices, i);
        assert_int_equal(km_instruments_collect(rig.instruments, NULL), KM_OK);
        assert_int_equal(loaded(&rig), 1);
    }
    feed_rig_release(&rig);
}

// Its program is one that was given back when the song changed.
static void what_a_live_player_misses_again_is_loaded_again(void **state)
{
    (void)state;
    struct feed_rig rig;
    feed_rig_init(&rig, RIG_POOL, 64);
    static float left[64];
    static float right[64];
    const struct km_live_event live[] = {{.size = 5, .bytes = {0xC3, 6, 0x93, 60, 100}}};
    const struct km_live_event silence[] = {{.size = 3, .bytes = {0xB3, 120, 0}}};
    const struct km_live_event *const played[] = {live, live, silence, NULL, live};
    for (uint32_t i = 0; i < 5; ++i) {
        if (i == 3) {
            km_instruments_begin_song(rig.instruments);
            km_instruments_retire_old(rig.instruments);
        }
        km_engine_process(rig.engine,
                          &(const struct km_audio_block){.left = left,
                                                         .right = right,
                                                         .frames = 64,
                                                         .event_count = played[i] ? 1 : 0,
                                                         .events = played[i]});
        assert_int_equal(km_instruments_collect(rig.instruments, NULL), KM_OK);
        assert_int_equal(loaded(&rig), i == 3 ? 0 : 1);
    }
    feed_rig_release(&rig);
}

// Another pair stands for the instrument that is on its way back: it is loaded anew after that.
static void what_is_being_given_back_is_waited_for(void **state)
{
    (void)state;
    struct feed_rig rig;
    feed_rig_init(&rig, RIG_POOL, 64);
    bool is_there = false;
    assert_int_equal(km_instruments_want(rig.instruments, 0, 3, &is_there, NULL), KM_OK);
    km_instruments_begin_song(rig.instruments);
    km_instruments_retire_old(rig.instruments);
    assert_int_equal(km_instruments_want(rig.instruments, 77, 3, &is_there, NULL), KM_OK);
    assert_false(is_there);
    render(&rig, 1);
    assert_int_equal(km_instruments_collect(rig.instruments, NULL), KM_OK);
    assert_int_equal(loaded(&rig), 0);
    assert_int_equal(km_instruments_want(rig.instruments, 77, 3, &is_there, NULL), KM_OK);
    assert_true(is_there);
    render(&rig, 1);
    km_instruments_begin_song(rig.instruments);
    km_instruments_retire_old(rig.instruments);
    render(&rig, 1);
    assert_int_equal(km_instruments_collect(rig.instruments, NULL), KM_OK);
    assert_int_equal(loaded(&rig), 0);
    feed_rig_release(&rig);
}

static void a_feed_waits_for_its_instrument(void **state)
{
    (void)state;
    struct feed_rig rig;
    feed_rig_init(&rig, 12288, 64);
    bool is_there = false;
    while (km_instruments_want(rig.instruments, 0, (uint8_t)loaded(&rig), &is_there, NULL) ==
           KM_OK) {
    }
    rig_put_program(&rig, 0, 0, 7);
    rig_put_note(&rig, 10, 0, 60, 10);
    rig_begin(&rig);
    assert_false(rig_pump(&rig)); // The old ones must leave first.
    assert_int_equal(km_engine_chunks_free(rig.engine), 63);
    render(&rig, 1);
    assert_true(rig_pump(&rig));
    assert_true(km_engine_play(rig.engine));
    render(&rig, 1);
    assert_int_equal(km_engine_status(rig.engine).voices, 1);
    feed_rig_release(&rig);
}

static void a_song_that_does_not_fit_is_refused(void **state)
{
    (void)state;
    struct feed_rig rig;
    feed_rig_init(&rig, 12288, 64);
    for (uint32_t i = 0; i < RIG_PROGRAMS; ++i) {
        rig_put_program(&rig, i * 10ULL, 0, (uint8_t)i);
        rig_put_note(&rig, i * 10ULL, 0, 60, 10);
    }
    rig_begin(&rig);
    bool is_done = false;
    struct km_error error = {0};
    assert_int_equal(km_feed_pump(rig.feed, &is_done, &error), KM_ERROR_NO_MEMORY);
    assert_true(strlen(error.message) > 20);
    assert_int_equal(km_feed_pump(rig.feed, &is_done, &error), KM_ERROR_NO_MEMORY);
    feed_rig_release(&rig);
}

enum { BAR_EVENTS = 1200 };

// A program, a signature, then notes.
static struct km_bar dense_bar(struct km_event events[BAR_EVENTS])
{
    for (uint32_t i = 0; i < BAR_EVENTS; ++i) {
        events[i] = (struct km_event){.tick = RIG_BAR + i,
                                      .type = i % 2 == 0 ? KM_EVENT_NOTE_ON : KM_EVENT_NOTE_OFF,
                                      .number = 60,
                                      .value = 64};
    }
    events[0] = (struct km_event){.tick = RIG_BAR, .type = KM_EVENT_PROGRAM, .number = 2};
    events[1] = (struct km_event){.tick = RIG_BAR + 1, .type = KM_EVENT_KEY_SIGNATURE};
    return (struct km_bar){.epoch = 3,
                           .bar = 1,
                           .jumps = true,
                           .resets = true,
                           .start_tick = RIG_BAR,
                           .end_tick = 2ULL * RIG_BAR,
                           .start_seconds = 2,
                           .division = RIG_DIVISION,
                           .tempo = 500000,
                           .beats_per_bar = 4,
                           .section = 7,
                           .chord = 9,
                           .events = events,
                           .event_count = BAR_EVENTS};
}

static void a_live_bar_is_sent_whole_or_not_at_all(void **state)
{
    (void)state;
    struct feed_rig rig;
    feed_rig_init(&rig, RIG_POOL, 4);
    struct km_bar_feed *const feed = km_bar_feed_new(rig.heap, rig.engine, rig.instruments);
    assert_non_null(feed);
    static struct km_event events[BAR_EVENTS];
    const struct km_bar bar = dense_bar(events);
    bool is_sent = false;
    assert_int_equal(km_bar_feed_send(feed, &bar, &is_sent, NULL), KM_OK);
    assert_true(is_sent);
    assert_int_equal(km_bar_feed_send(feed, &bar, &is_sent, NULL), KM_OK);
    assert_false(is_sent); // One chunk is left.
    rig_look(&rig);
    assert_int_equal(rig.sent[0].kind, KM_MESSAGE_SET_INSTRUMENT);
    assert_int_equal(rig.sent[0].number, 2);
    assert_int_equal(rig_chunks(&rig), 3);
    uint32_t seen = 0;
    for (uint32_t i = 0; i < 3; ++i) {
        const struct km_chunk *const chunk = rig_chunk(&rig, i);
        assert_true(chunk->begins_bar == (i == 0) && chunk->jumps == (i == 0));
        assert_true(chunk->resets == (i == 0) && chunk->ends_bar == (i == 2));
        assert_int_equal(chunk->section, 7);
        assert_int_equal(chunk->chord, 9);
        seen += chunk->event_count;
    }
    assert_int_equal(seen, BAR_EVENTS - 1);
    km_bar_feed_free(feed);
    feed_rig_release(&rig);
}

static void live_bars_go_on_with_the_program_of_those_before(void **state)
{
    (void)state;
    struct feed_rig rig;
    feed_rig_init(&rig, RIG_POOL, 8);
    struct km_bar_feed *const feed = km_bar_feed_new(rig.heap, rig.engine, rig.instruments);
    assert_non_null(feed);
    static struct km_event events[BAR_EVENTS];
    struct km_bar bar = dense_bar(events);
    bool is_sent = false;
    assert_int_equal(km_bar_feed_send(feed, &bar, &is_sent, NULL), KM_OK);
    bar.events = events + 2; // Without the program.
    bar.event_count = 10;
    assert_int_equal(km_bar_feed_send(feed, &bar, &is_sent, NULL), KM_OK);
    assert_int_equal(loaded(&rig), 2); // It resets: program 0.
    bar.resets = false;
    bar.events = events;
    assert_int_equal(km_bar_feed_send(feed, &bar, &is_sent, NULL), KM_OK);
    bar.event_count = 0;
    assert_int_equal(km_bar_feed_send(feed, &bar, &is_sent, NULL), KM_OK);
    assert_true(is_sent); // An empty bar is one chunk.
    assert_int_equal(loaded(&rig), 2);
    km_bar_feed_free(feed);
    feed_rig_release(&rig);
}

static void a_bar_beyond_all_chunks_is_refused(void **state)
{
    (void)state;
    struct feed_rig rig;
    feed_rig_init(&rig, RIG_POOL, 2);
    struct km_bar_feed *const feed = km_bar_feed_new(rig.heap, rig.engine, rig.instruments);
    assert_non_null(feed);
    static struct km_event events[BAR_EVENTS];
    const struct km_bar bar = dense_bar(events);
    bool is_sent = true;
    struct km_error error = {0};
    assert_int_equal(km_bar_feed_send(feed, &bar, &is_sent, &error), KM_ERROR_TOO_LARGE);
    assert_false(is_sent);
    assert_non_null(strstr(error.message, "1200"));
    km_bar_feed_free(feed);
    feed_rig_release(&rig);
}

static void each_allocation_may_fail(void **state)
{
    (void)state;
    struct feed_rig rig;
    feed_rig_init(&rig, RIG_POOL, 64);
    km_heap_fail_at(rig.heap, 1);
    assert_null(km_instruments_new(rig.heap, rig.engine, rig.bank));
    assert_null(km_bar_feed_new(rig.heap, rig.engine, rig.instruments));
    uint64_t request = 1;
    for (enum km_status status = KM_ERROR_NO_MEMORY; status != KM_OK; ++request) {
        bool is_there = false;
        km_heap_fail_at(rig.heap, request);
        status = km_instruments_want(rig.instruments, 0, 1, &is_there, NULL);
        assert_true(is_there == (status == KM_OK));
        assert_int_equal(loaded(&rig), status == KM_OK);
        assert_true(status == KM_OK || status == KM_ERROR_NO_MEMORY);
    }
    km_heap_fail_at(rig.heap, 0);
    km_bar_feed_free(NULL);
    km_instruments_free(NULL);
    km_feed_free(NULL);
    feed_rig_release(&rig);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_song_loads_what_its_notes_need_just_before),
        cmocka_unit_test(pairs_that_the_font_lacks_play_the_nearest),
        cmocka_unit_test(what_an_old_song_had_is_given_back),
        cmocka_unit_test(a_full_pool_is_refused_or_makes_room),
        cmocka_unit_test(what_a_live_player_misses_is_loaded),
        cmocka_unit_test(what_a_live_player_misses_again_is_loaded_again),
        cmocka_unit_test(what_is_being_given_back_is_waited_for),
        cmocka_unit_test(a_feed_waits_for_its_instrument),
        cmocka_unit_test(a_song_that_does_not_fit_is_refused),
        cmocka_unit_test(a_live_bar_is_sent_whole_or_not_at_all),
        cmocka_unit_test(live_bars_go_on_with_the_program_of_those_before),
        cmocka_unit_test(a_bar_beyond_all_chunks_is_refused),
        cmocka_unit_test(each_allocation_may_fail),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
