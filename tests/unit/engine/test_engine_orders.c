// SPDX-License-Identifier: MIT

// Instruments: set and given back in the order of chunks.

#include "unit/engine/rig.h"

static void start(struct rig *rig)
{
    const struct km_engine_config config = rig_config();
    rig_init(rig, &config);
}

// Collects one notice, if there is one, of the kind.
static bool has_notice(struct rig *rig, enum km_notice_kind kind, struct km_notice *notice)
{
    return km_engine_collect(rig->engine, notice) && notice->kind == kind;
}

static void a_new_pair_sounds_at_once_and_another_instrument_in_its_turn(void **state)
{
    (void)state;
    struct rig rig;
    start(&rig);
    static struct rig_tone silent; // Without regions.
    rig_tone_init(&silent, 0);
    silent.instrument.region_count = 0;
    memset(silent.instrument.key_starts, 0, sizeof(silent.instrument.key_starts));
    rig_send_note(&rig, 1, 0, 60);
    assert_true(km_engine_set_instrument(rig.engine, 0, 0, &silent.instrument));
    rig_send_note(&rig, 1, 1, 60);
    rig_play(&rig);
    rig_render(&rig, 2 * RIG_BAR_FRAMES);
    assert_true(rig_peak(&rig, 0, RIG_BAR_FRAMES) > .01f);
    assert_true(rig_peak(&rig, RIG_BAR_FRAMES + 64, 2 * RIG_BAR_FRAMES) == 0.0f);
    rig_release(&rig);
}

static void an_instrument_comes_back_when_it_is_silent(void **state)
{
    (void)state;
    struct rig rig;
    start(&rig);
    struct km_notice notice = {0};
    struct km_chunk *const chunk = rig_bar(&rig, 1, 0);
    rig_note_on(chunk, 0, 60);
    rig_note_off(chunk, RIG_BAR, 60);
    km_engine_chunk_send(rig.engine, chunk);
    assert_true(km_engine_retire_instrument(rig.engine, &rig.tone.instrument));
    rig_send_note(&rig, 1, 1, 72); // Without an instrument.
    rig_play(&rig);
    rig_render(&rig, RIG_BAR_FRAMES - 640);
    assert_int_equal(rig_voices(&rig), 1);
    assert_false(km_engine_collect(rig.engine, &notice));
    rig_render(&rig, 1280); // Released, still sounding.
    assert_int_equal(rig_voices(&rig), 1);
    assert_true(has_notice(&rig, KM_NOTICE_INSTRUMENT_MISSING, &notice));
    assert_int_equal(notice.bank, 0);
    assert_int_equal(notice.program, 0);
    assert_false(km_engine_collect(rig.engine, &notice));
    rig_render(&rig, RIG_RATE / 2);
    assert_int_equal(rig_voices(&rig), 0);
    assert_true(has_notice(&rig, KM_NOTICE_INSTRUMENT_FREE, &notice));
    assert_ptr_equal(notice.instrument, &rig.tone.instrument);
    assert_false(km_engine_collect(rig.engine, &notice));
    rig_release(&rig);
}

static void many_instruments_come_back_each_once(void **state)
{
    (void)state;
    struct rig rig;
    start(&rig);
    enum { COUNT = KM_SYNTH_PROGRAMS_MAX - 2 };
    static struct rig_tone tones[COUNT];
    uint32_t seen[COUNT] = {0};
    for (uint32_t i = 0; i < COUNT; ++i) {
        rig_tone_init(&tones[i], 0);
        const uint16_t bank = (uint16_t)(1 + i / 128);
        assert_true(
            km_engine_set_instrument(rig.engine, bank, (uint8_t)(i % 128), &tones[i].instrument));
    }
    rig_render(&rig, 64 * 8);
    assert_int_equal(km_engine_status(rig.engine).instruments_refused, 0);
    assert_true(km_engine_set_instrument(rig.engine, 99, 0, &tones[0].instrument));
    rig_render(&rig, 64);
    assert_int_equal(km_engine_status(rig.engine).instruments_refused, 1);
    for (uint32_t i = 0; i < COUNT; ++i) {
        assert_true(km_engine_retire_instrument(rig.engine, &tones[i].instrument));
    }
    rig_render(&rig, 64 * (COUNT + 8));
    struct km_notice notice;
    for (uint32_t i = 0; i < COUNT; ++i) {
        assert_true(has_notice(&rig, KM_NOTICE_INSTRUMENT_FREE, &notice));
        for (uint32_t j = 0; j < COUNT; ++j) {
            seen[j] += notice.instrument == &tones[j].instrument;
        }
    }
    for (uint32_t i = 0; i < COUNT; ++i) {
        assert_int_equal(seen[i], 1);
    }
    assert_false(km_engine_collect(rig.engine, &notice));
    rig_release(&rig);
}

static void only_so_many_retire_at_a_time(void **state)
{
    (void)state;
    struct rig rig;
    start(&rig);
    static struct rig_tone tones[600];
    uint32_t sent = 0;
    while (sent < 600 && km_engine_retire_instrument(rig.engine, &tones[sent].instrument)) {
        ++sent;
    }
    assert_int_equal(sent, 512);
    rig_render(&rig, 64 * 700);
    struct km_notice notice;
    uint32_t back = 0;
    while (km_engine_collect(rig.engine, &notice)) {
        back += notice.kind == KM_NOTICE_INSTRUMENT_FREE;
    }
    assert_int_equal(back, 512);
    assert_true(km_engine_retire_instrument(rig.engine, &tones[sent].instrument));
    rig_release(&rig);
}

// Orders wait for chunks, and their list is full: what comes after them waits in the ring.
static void orders_that_wait_hold_up_what_follows(void **state)
{
    (void)state;
    struct rig rig;
    start(&rig);
    rig_send_note(&rig, 1, 0, 60);
    rig_play(&rig);
    rig_render(&rig, 640);
    for (uint32_t i = 0; i < 600; ++i) {
        assert_true(km_engine_set_instrument(rig.engine, 0, 0, &rig.tone.instrument));
    }
    rig_send_note(&rig, 1, 1, 60);
    rig_render(&rig, 6400);
    assert_int_equal(km_engine_status(rig.engine).chunks_waiting, 0);
    rig_render(&rig, RIG_BAR_FRAMES);
    const struct km_engine_status status = km_engine_status(rig.engine);
    assert_int_equal(status.bar, 1);
    assert_int_equal(status.commands, 600 + 3);
    rig_release(&rig);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_new_pair_sounds_at_once_and_another_instrument_in_its_turn),
        cmocka_unit_test(an_instrument_comes_back_when_it_is_silent),
        cmocka_unit_test(many_instruments_come_back_each_once),
        cmocka_unit_test(only_so_many_retire_at_a_time),
        cmocka_unit_test(orders_that_wait_hold_up_what_follows),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
