// SPDX-License-Identifier: MIT

// A control thread that commands at random, and an audio thread that plays a number of blocks.

#include "base/random.h"
#include "unit/engine/rig.h"

#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>

enum { BLOCKS = 6000, TONES = 8, CHUNKS = 24 };

struct scene {
    struct rig rig;
    struct km_random random;
    struct rig_tone tones[TONES];
    bool is_away[TONES]; // Its owner is the engine until it is told to be free.
    uint32_t epoch;
    uint32_t bar;
    _Atomic bool is_over;
};

static void *play_blocks(void *context)
{
    struct scene *const scene = context;
    static float left[512];
    static float right[512];
    struct km_random random;
    km_random_init(&random, 1, "audio");
    for (uint32_t i = 0; i < BLOCKS; ++i) {
        const struct km_live_event live = {
            .frame = 5, .size = 3, .bytes = {(uint8_t)(0x80 | (i % 2) << 4), 60, 100}};
        km_engine_process(scene->rig.engine, &(const struct km_audio_block){
                                                 .left = left,
                                                 .right = right,
                                                 .frames = 1 + km_random_below(&random, 512),
                                                 .event_count = i % 50 == 0,
                                                 .events = &live});
        if (i % 4 == 0) {
            sched_yield();
        }
    }
    atomic_store(&scene->is_over, true);
    return NULL;
}

static void send_chunk(struct scene *scene)
{
    struct km_random *const random = &scene->random;
    struct km_chunk *const chunk = km_engine_chunk_take(scene->rig.engine);
    if (!chunk) {
        return;
    }
    if (km_random_chance(random, .05)) {
        km_engine_chunk_give(scene->rig.engine, chunk);
        return;
    }
    chunk->epoch = scene->epoch;
    chunk->bar = scene->bar;
    chunk->begins_bar = true;
    chunk->ends_bar = km_random_chance(random, .95);
    chunk->jumps = km_random_chance(random, .1);
    chunk->resets = km_random_chance(random, .05);
    chunk->ends_music = km_random_chance(random, .02);
    chunk->end_tick = 1 + km_random_below(random, 100);
    chunk->division = 480;
    chunk->tempo = 100000 + km_random_below(random, 500000);
    uint64_t tick = 0;
    for (uint32_t i = 0; i < 30; ++i) {
        tick += km_random_below(random, 3);
        rig_add(chunk, (struct km_event){.tick = tick < chunk->end_tick ? tick : chunk->end_tick,
                                         .type = km_random_chance(random, .5) ? KM_EVENT_NOTE_ON
                                                                              : KM_EVENT_NOTE_OFF,
                                         .number = (uint8_t)(40 + km_random_below(random, 40)),
                                         .value = 90});
    }
    scene->bar += 1;
    km_engine_chunk_send(scene->rig.engine, chunk);
}

static void change_instrument(struct scene *scene)
{
    struct km_engine *const engine = scene->rig.engine;
    const uint32_t index = km_random_below(&scene->random, TONES);
    if (scene->is_away[index]) {
        return;
    }
    const struct km_instrument *const tone = &scene->tones[index].instrument;
    if (km_engine_set_instrument(engine, 0, 0, tone)) {
        scene->is_away[index] = km_engine_retire_instrument(engine, tone);
    }
}

static void collect(struct scene *scene)
{
    struct km_notice notice;
    while (km_engine_collect(scene->rig.engine, &notice)) {
        for (uint32_t i = 0; i < TONES; ++i) {
            if (notice.kind == KM_NOTICE_INSTRUMENT_FREE &&
                notice.instrument == &scene->tones[i].instrument) {
                assert_true(scene->is_away[i]);
                scene->is_away[i] = false;
                rig_tone_init(&scene->tones[i], -6000); // Nobody reads it any more.
            }
        }
    }
}

static bool command(struct scene *scene, uint32_t which)
{
    struct km_engine *const engine = scene->rig.engine;
    struct km_random *const random = &scene->random;
    switch (which) {
    case 0:
        return km_engine_pause(engine);
    case 1:
        return km_engine_stop(engine);
    case 2:
        scene->epoch += 1 + km_random_below(random, 2);
        return km_engine_jump(engine, scene->epoch);
    case 3:
        return km_engine_set_volume(engine, (float)km_random_unit(random));
    case 4:
        return km_engine_set_mutes(engine, km_random_below(random, 0x10000));
    case 5:
        return km_engine_set_tempo_scale(engine, (float)(4 * km_random_unit(random)));
    case 6: {
        const struct km_production production = {.width = (float)km_random_unit(random),
                                                 .drive = (float)km_random_unit(random)};
        return km_engine_set_production(engine, &production, 3);
    }
    case 7:
        scene->epoch += 1;
        return true;
    default:
        return km_engine_play(engine);
    }
}

static void random_commands_from_another_thread(void **state)
{
    (void)state;
    static struct scene scene;
    struct km_engine_config config = rig_config();
    config.chunks = CHUNKS;
    rig_init(&scene.rig, &config);
    km_random_init(&scene.random, 2, "control");
    for (uint32_t i = 0; i < TONES; ++i) {
        rig_tone_init(&scene.tones[i], -6000);
    }
    pthread_t audio;
    assert_int_equal(pthread_create(&audio, NULL, play_blocks, &scene), 0);
    uint64_t blocks = 0;
    for (uint32_t round = 0; !atomic_load(&scene.is_over); ++round) {
        for (uint32_t i = 0; i < 6; ++i) {
            send_chunk(&scene);
        }
        (void)command(&scene, km_random_below(&scene.random, 16));
        change_instrument(&scene);
        collect(&scene);
        const struct km_engine_status status = km_engine_status(scene.rig.engine);
        assert_true(status.blocks >= blocks);
        assert_true(status.chunks_waiting <= CHUNKS);
        blocks = status.blocks;
        sched_yield();
    }
    assert_int_equal(pthread_join(audio, NULL), 0);
    while (!km_engine_stop(scene.rig.engine)) {
        rig_render(&scene.rig, 64);
    }
    rig_render(&scene.rig, 6400);
    collect(&scene);
    for (uint32_t i = 0; i < TONES; ++i) {
        assert_false(scene.is_away[i]);
    }
    assert_int_equal(km_engine_chunks_free(scene.rig.engine), CHUNKS);
    assert_int_equal(rig_voices(&scene.rig), 0);
    rig_release(&scene.rig);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(random_commands_from_another_thread),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
