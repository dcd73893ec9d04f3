// SPDX-License-Identifier: MIT

#include "engine/process.h"

#include "base/random.h"
#include "unit/engine/rig.h"

enum { FRAMES = 3 * RIG_BAR_FRAMES };

// Four bars with notes off the grid, changes of tempo, and controllers.
static void send_music(struct rig *rig)
{
    for (uint32_t bar = 0; bar < 4; ++bar) {
        struct km_chunk *const chunk = rig_bar(rig, 1, bar);
        for (uint32_t i = 0; i < 16; ++i) {
            const uint64_t tick = chunk->start_tick + (uint64_t)i * 119;
            const uint8_t key = (uint8_t)(50 + (i * 7 + bar) % 24);
            rig_note_on(chunk, tick, key);
            rig_add(chunk, (struct km_event){.tick = tick + 50,
                                             .type = KM_EVENT_CONTROL,
                                             .number = 10,
                                             .value = (uint8_t)(i * 8)});
            rig_note_off(chunk, tick + 101, key);
            if (i == 7) {
                rig_add(chunk, (struct km_event){
                                   .tick = tick + 110, .type = KM_EVENT_TEMPO, .detail = 433333});
            }
        }
        km_engine_chunk_send(rig->engine, chunk);
    }
    rig_play(rig);
}

static void expect_same_blocks(const float *left, const float *right, uint32_t block)
{
    struct rig rig;
    const struct km_engine_config config = rig_config();
    rig_init(&rig, &config);
    send_music(&rig);
    if (block > 0) {
        rig_render_at(&rig, 0, FRAMES, block);
    } else {
        struct km_random random;
        km_random_init(&random, 1, "blocks");
        for (uint32_t done = 0; done < FRAMES;) {
            const uint32_t wanted = 1 + km_random_below(&random, KM_BLOCK_FRAMES_MAX);
            const uint32_t count = wanted < FRAMES - done ? wanted : FRAMES - done;
            rig_render_at(&rig, done, count, count);
            done += count;
        }
    }
    assert_memory_equal(rig.left, left, FRAMES * sizeof(float));
    assert_memory_equal(rig.right, right, FRAMES * sizeof(float));
    rig_release(&rig);
}

static void blocks_of_any_size_give_the_same_samples(void **state)
{
    (void)state;
    struct rig rig;
    const struct km_engine_config config = rig_config();
    rig_init(&rig, &config);
    send_music(&rig);
    rig_render(&rig, FRAMES);
    assert_true(rig_peak(&rig, 0, FRAMES) > 0.01f);
    assert_true(rig_peak(&rig, FRAMES - RIG_RATE / 4, FRAMES) > 0.01f);
    static const uint32_t blocks[] = {1, 16, 61, 100, 8192, 0};
    for (size_t i = 0; i < sizeof(blocks) / sizeof(blocks[0]); ++i) {
        expect_same_blocks(rig.left, rig.right, blocks[i]);
    }
    rig_release(&rig);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(blocks_of_any_size_give_the_same_samples),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
