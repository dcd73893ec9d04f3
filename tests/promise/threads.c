// SPDX-License-Identifier: MIT

// The cases of the promise with a thread of its own for the audio, and another one that steers: for
// the thread sanitizer, and to see that nothing gets lost between them.

#include "engine/process.h"
#include "promise/stage.h"
#include "support/expect.h"
#include "support/sanitized.h"

#include <math.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>

enum { BLOCKS = KM_IS_SANITIZED ? 1000 : 4000, BLOCKS_LONG = 450000 };

struct audio {
    struct km_engine *engine;
    uint64_t blocks_wanted;
    atomic_uint_fast64_t blocks;
    uint64_t blocks_bad;
};

static void *play(void *argument)
{
    struct audio *const audio = argument;
    float left[STAGE_BLOCK_FRAMES];
    float right[STAGE_BLOCK_FRAMES];
    const struct km_audio_block block = {
        .left = left, .right = right, .frames = STAGE_BLOCK_FRAMES};
    while (atomic_load(&audio->blocks) < audio->blocks_wanted) {
        km_engine_process(audio->engine, &block);
        audio->blocks_bad += !isfinite(left[0]) || fabsf(left[0]) > 1.0F;
        atomic_fetch_add(&audio->blocks, 1);
        sched_yield();
    }
    return NULL;
}

static void run_case(const struct stage_case *one, uint64_t blocks)
{
    struct stage *const stage = stage_open(one->voices);
    struct audio audio = {.engine = stage->engine, .blocks_wanted = blocks};
    pthread_t thread;
    EXPECT(pthread_create(&thread, NULL, play, &audio) == 0);
    while (atomic_load(&audio.blocks) < blocks) {
        stage_collect(stage);
        one->control(stage);
        ++stage->blocks; // Its own time: what it does in which block is the scheduler's choice.
        sched_yield();
    }
    EXPECT(pthread_join(thread, NULL) == 0);
    EXPECT(audio.blocks_bad == 0);
    const struct km_engine_status status = km_engine_status(stage->engine);
    printf("%-18s %llu notes, %llu commands\n", one->name,
           (unsigned long long)status.synth.notes_on, (unsigned long long)status.commands);
    EXPECT(status.synth.notes_on > 0);
    stage_close(stage);
}

int main(void)
{
    const uint64_t blocks = getenv("KMIDI_LONG") ? BLOCKS_LONG : BLOCKS;
    for (int i = 0; stage_case(i); ++i) {
        run_case(stage_case(i), blocks);
    }
    return 0;
}
