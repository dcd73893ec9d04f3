// SPDX-License-Identifier: MIT

// Events at their frames: compared with a synth that is driven by hand.

#include "engine/process.h"
#include "rt/arena.h"
#include "unit/engine/rig.h"

#include <stdalign.h>

enum { FRAMES = 2 * RIG_BAR_FRAMES, EVENTS_MAX = 64 };

// What a synth and its effects make of events at frames that are known.
struct reference {
    struct km_synth *synth;
    struct km_master *master;
    unsigned char *memory;
};

static void reference_init(struct reference *reference, const struct rig *rig)
{
    const struct km_engine_config config = rig_config();
    const struct km_synth_config synth = {
        .rate_hz = RIG_RATE, .voices = config.voices, .path = config.path};
    const struct km_master_config master = {.rate_hz = RIG_RATE, .path = config.path};
    const size_t size = km_synth_size(&synth) + km_master_size(&master) + 4096;
    reference->memory = aligned_alloc(4096, (size + 4095) / 4096 * 4096);
    assert_non_null(reference->memory);
    struct km_arena arena;
    km_arena_init(&arena, reference->memory, size);
    reference->synth = km_synth_new(&arena, &synth);
    reference->master = km_master_new(&arena, &master);
    assert_non_null(reference->synth);
    assert_non_null(reference->master);
    assert_true(km_synth_set_instrument(reference->synth, 0, 0, &rig->tone.instrument));
    assert_true(km_synth_set_instrument(reference->synth, 128, 0, &rig->tone.instrument));
}

// `frames` says where each event belongs.
static void reference_render(struct reference *reference, const struct km_event *events,
                             const uint64_t *frames, uint32_t count, float *left)
{
    uint32_t next = 0;
    for (uint32_t begin = 0; begin < FRAMES; begin += KM_QUANTUM_FRAMES) {
        alignas(64) struct km_synth_buses buses;
        alignas(64) float right[KM_QUANTUM_FRAMES];
        alignas(64) float out[KM_QUANTUM_FRAMES];
        for (; next < count && frames[next] < begin + KM_QUANTUM_FRAMES; ++next) {
            km_synth_event(reference->synth, &events[next], (uint32_t)(frames[next] - begin));
        }
        km_synth_render(reference->synth, &buses);
        km_master_process(reference->master, &buses, out, right);
        memcpy(left + begin, out, sizeof(out));
    }
}

struct expectation {
    struct km_event events[EVENTS_MAX];
    uint64_t frames[EVENTS_MAX];
    uint32_t count;
};

static void expect(struct expectation *expectation, struct km_event event, uint64_t frame)
{
    assert_true(expectation->count < EVENTS_MAX);
    expectation->events[expectation->count] = event;
    expectation->frames[expectation->count++] = frame;
}

static void expect_rendered(struct rig *rig, const struct expectation *expectation)
{
    struct reference reference;
    float *const left = calloc(FRAMES, sizeof(float));
    assert_non_null(left);
    reference_init(&reference, rig);
    reference_render(&reference, expectation->events, expectation->frames, expectation->count,
                     left);
    rig_play(rig);
    rig_render_at(rig, 0, FRAMES, 61);
    assert_true(rig_peak(rig, 0, FRAMES) > .01f);
    for (uint32_t i = 0; i < FRAMES; ++i) {
        if (rig->left[i] != left[i]) {
            fail_msg("frame %u is %g, expected %g", i, (double)rig->left[i], (double)left[i]);
        }
    }
    free(left);
    free(reference.memory);
}

static struct km_event note_on(uint8_t key)
{
    return (struct km_event){.type = KM_EVENT_NOTE_ON, .number = key, .value = 100};
}

static struct km_event note_off(uint8_t key)
{
    return (struct km_event){.type = KM_EVENT_NOTE_OFF, .number = key, .value = 64};
}

static struct km_event at(uint64_t tick, struct km_event event)
{
    event.tick = tick;
    return event;
}

static void events_stand_on_their_frames(void **state)
{
    (void)state;
    struct rig rig;
    const struct km_engine_config config = rig_config();
    rig_init(&rig, &config);
    struct expectation expectation = {0};
    for (uint32_t bar = 0; bar < 2; ++bar) {
        struct km_chunk *const chunk = rig_bar(&rig, 1, bar);
        for (uint32_t i = 0; i < 12; ++i) {
            const uint64_t tick =
                (uint64_t)bar * RIG_BAR + (uint64_t)i * 149 + 3; // 50 frames a tick.
            const uint8_t key = (uint8_t)(48 + i);
            rig_add(chunk, at(tick, note_on(key)));
            expect(&expectation, note_on(key), tick * 50);
            rig_add(chunk, at(tick + 71, note_off(key)));
            expect(&expectation, note_off(key), (tick + 71) * 50);
        }
        km_engine_chunk_send(rig.engine, chunk);
    }
    expect_rendered(&rig, &expectation);
    assert_int_equal(km_engine_status(rig.engine).events_late, 0);
    rig_release(&rig);
}

static void tempo_counts_from_its_tick_on(void **state)
{
    (void)state;
    struct rig rig;
    const struct km_engine_config config = rig_config();
    rig_init(&rig, &config);
    struct expectation expectation = {0};
    struct km_chunk *const chunk = rig_bar(&rig, 1, 0);
    rig_add(chunk, at(100, note_on(60)));
    expect(&expectation, note_on(60), 5000);
    // 41.6 frames a tick.
    rig_add(chunk, at(480, (struct km_event){.type = KM_EVENT_TEMPO, .detail = 416000}));
    rig_add(chunk, at(480, note_on(64)));
    expect(&expectation, note_on(64), 24000);
    rig_add(chunk, at(491, note_off(60)));
    expect(&expectation, note_off(60), 24000 + 458); // 457.6
    rig_add(chunk, at(1000, note_off(64)));
    expect(&expectation, note_off(64), 24000 + 21632); // 520 ticks.
    km_engine_chunk_send(rig.engine, chunk);
    // The next bar begins at 24000 + 1440 * 41.6 = 83904, with 60 frames a tick, and a fraction.
    struct km_chunk *const next = rig_bar(&rig, 1, 1);
    next->tempo = 600000;
    rig_add(next, at(RIG_BAR + 7, note_on(72)));
    expect(&expectation, note_on(72), 83904 + 420);
    km_engine_chunk_send(rig.engine, next);
    expect_rendered(&rig, &expectation);
    rig_release(&rig);
}

static void the_scale_acts_at_the_next_bar(void **state)
{
    (void)state;
    struct rig rig;
    const struct km_engine_config config = rig_config();
    rig_init(&rig, &config);
    struct expectation expectation = {0};
    for (uint32_t bar = 0; bar < 2; ++bar) {
        struct km_chunk *const chunk = rig_bar(&rig, 1, bar);
        rig_add(chunk, at(chunk->start_tick + 96, note_on(60)));
        rig_add(chunk, at(chunk->start_tick + 200, note_off(60)));
        km_engine_chunk_send(rig.engine, chunk);
    }
    expect(&expectation, note_on(60), 96ULL * 50);
    expect(&expectation, note_off(60), 200ULL * 50);
    expect(&expectation, note_on(60), RIG_BAR_FRAMES + 96ULL * 25);
    expect(&expectation, note_off(60), RIG_BAR_FRAMES + 200ULL * 25);
    rig_play(&rig);
    rig_render(&rig, 0);
    // Playing has begun before the wish: it waits for the bar line.
    struct reference reference;
    float *const left = calloc(FRAMES, sizeof(float));
    assert_non_null(left);
    reference_init(&reference, &rig);
    reference_render(&reference, expectation.events, expectation.frames, expectation.count, left);
    rig_render_at(&rig, 0, 64, 64);
    assert_true(km_engine_set_tempo_scale(rig.engine, 2.0f));
    rig_render_at(&rig, 64, FRAMES - 64, 100);
    assert_memory_equal(rig.left, left, FRAMES * sizeof(float));
    assert_int_equal(km_engine_status(rig.engine).tempo, RIG_TEMPO / 2);
    free(left);
    free(reference.memory);
    rig_release(&rig);
}

// More events on one frame than a quantum plays: the rest comes later, and is counted.
static void too_many_events_are_put_off(void **state)
{
    (void)state;
    struct rig rig;
    const struct km_engine_config config = rig_config();
    rig_init(&rig, &config);
    for (uint32_t piece = 0; piece < 6; ++piece) {
        struct km_chunk *const chunk = rig_bar(&rig, 1, 0);
        chunk->begins_bar = piece == 0;
        chunk->ends_bar = piece == 5;
        chunk->start_tick = 0;
        chunk->end_tick = piece == 5 ? RIG_BAR : 0;
        for (uint32_t i = 0; i < KM_CHUNK_EVENTS_MAX; ++i) {
            rig_add(chunk, (struct km_event){.type = KM_EVENT_CONTROL, .number = 1});
        }
        km_engine_chunk_send(rig.engine, chunk);
    }
    rig_play(&rig);
    rig_render(&rig, 64);
    assert_int_equal(km_engine_status(rig.engine).events_late, 0);
    rig_render(&rig, 64);
    const uint64_t late = km_engine_status(rig.engine).events_late;
    assert_in_range(late, 3000 - 2048, 3000 - 2048 + 12); // Chunks count as events do.
    rig_render(&rig, 640);
    assert_int_equal(km_engine_status(rig.engine).events_late, late);
    rig_release(&rig);
}

static void status_tells_where_it_is(void **state)
{
    (void)state;
    struct rig rig;
    const struct km_engine_config config = rig_config();
    rig_init(&rig, &config);
    struct km_engine_status status = km_engine_status(rig.engine);
    assert_int_equal(status.frames, 0);
    assert_int_equal(status.transport, KM_TRANSPORT_STOPPED);
    for (uint32_t bar = 0; bar < 3; ++bar) {
        struct km_chunk *const chunk = rig_bar(&rig, 5, bar);
        chunk->chord = 100 + bar;
        chunk->section = (uint16_t)(200 + bar);
        km_engine_chunk_send(rig.engine, chunk);
    }
    rig_play(&rig);
    rig_render(&rig, RIG_BAR_FRAMES + 24000);
    status = km_engine_status(rig.engine);
    assert_int_equal(status.frames, RIG_BAR_FRAMES + 24000);
    assert_int_equal(status.tick, RIG_BAR + 480);
    assert_true(fabs(status.seconds - 2.5) < 1e-9);
    assert_int_equal(status.bar, 1);
    assert_int_equal(status.epoch, 5);
    assert_int_equal(status.chord, 101);
    assert_int_equal(status.section, 201);
    assert_int_equal(status.beats_per_bar, 4);
    assert_int_equal(status.tempo, RIG_TEMPO);
    assert_int_equal(status.transport, KM_TRANSPORT_PLAYING);
    assert_int_equal(status.chunks_waiting, 1);
    assert_int_equal(status.starvations, 0);
    rig_release(&rig);
}

static void peaks_last_until_they_are_read(void **state)
{
    (void)state;
    struct rig rig;
    const struct km_engine_config config = rig_config();
    rig_init(&rig, &config);
    rig_send_note(&rig, 1, 0, 60);
    rig_play(&rig);
    (void)km_engine_status(rig.engine);
    rig_render(&rig, RIG_BAR_FRAMES / 2);
    const float peak = rig_peak(&rig, 0, RIG_BAR_FRAMES / 2);
    assert_true(km_engine_status(rig.engine).peak_left == peak);
    rig_render(&rig, 6400);
    rig_render(&rig, 6400);
    assert_true(km_engine_status(rig.engine).peak_left < peak / 4);
    rig_release(&rig);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(events_stand_on_their_frames),
        cmocka_unit_test(tempo_counts_from_its_tick_on),
        cmocka_unit_test(the_scale_acts_at_the_next_bar),
        cmocka_unit_test(too_many_events_are_put_off),
        cmocka_unit_test(status_tells_where_it_is),
        cmocka_unit_test(peaks_last_until_they_are_read),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
