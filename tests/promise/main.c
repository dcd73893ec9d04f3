// SPDX-License-Identifier: MIT

// Runs the engine through each case of the promise under a watch (promise.h), and says what the
// watch saw. Blocks of 64 frames, not clocked: 20 seconds of audio a case, 10 minutes with
// KMIDI_LONG=1.
//
// usage: promise_WATCH [--sin] [--case NUMBER] [--seconds N]
// --sin does on purpose what the watch looks for. Exit: 0 as promised (or, with --sin, caught),
// 3 not, 77 it cannot watch here.

#include "drivers/callback_private.h"
#include "engine/process.h"
#include "promise/promise.h"
#include "promise/stage.h"
#include "support/sanitized.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    EXIT_BROKEN = 3,
    EXIT_SKIPPED = 77,
    SECONDS = KM_IS_SANITIZED ? 2 : 20,
    SECONDS_LONG = 600,
    ALL_CASES = -1,
};

struct options {
    bool sins;
    int only;
    uint64_t seconds;
};

static float left[STAGE_BLOCK_FRAMES];
static float right[STAGE_BLOCK_FRAMES];

static bool parse(int count, char **words, struct options *options)
{
    *options = (struct options){.only = ALL_CASES,
                                .seconds = getenv("KMIDI_LONG") ? SECONDS_LONG : SECONDS};
    for (int i = 1; i < count; ++i) {
        if (strcmp(words[i], "--sin") == 0) {
            options->sins = true;
        } else if (i + 1 < count && strcmp(words[i], "--case") == 0) {
            options->only = (int)strtol(words[++i], NULL, 10);
        } else if (i + 1 < count && strcmp(words[i], "--seconds") == 0) {
            options->seconds = strtoul(words[++i], NULL, 10);
        } else {
            return false;
        }
    }
    return true;
}

static bool is_sound(const float *samples)
{
    for (int i = 0; i < STAGE_BLOCK_FRAMES; ++i) {
        if (!isfinite(samples[i]) || fabsf(samples[i]) > 1.0F) {
            return false;
        }
    }
    return true;
}

// What a case did, over all its blocks.
struct outcome {
    uint64_t events;
    uint64_t blocks_bad; // With what is no number, or above full scale.
    uint64_t blocks_silent;
    struct km_engine_status status; // At its end.
};

static void run_block(struct stage *stage, struct outcome *outcome)
{
    const struct km_audio_block block = {.left = left,
                                         .right = right,
                                         .frames = STAGE_BLOCK_FRAMES,
                                         .event_count = stage->live_count,
                                         .events = stage->live};
    promise_watch.enter();
    km_engine_process(stage->engine, &block);
    promise_watch.leave();
    stage->live_count = 0;
    ++stage->blocks;
    outcome->blocks_bad += !is_sound(left) || !is_sound(right);
    outcome->blocks_silent += left[0] == 0 && left[STAGE_BLOCK_FRAMES - 1] == 0;
}

static struct outcome run_case(const struct stage_case *one, uint64_t blocks)
{
    struct outcome outcome = {0};
    struct stage *const stage = stage_open(one->voices);
    km_callback_touch_stack(); // As each driver's thread does.
    const uint64_t before = promise_watch.events();
    while (stage->blocks < blocks) {
        stage_collect(stage);
        one->control(stage);
        run_block(stage, &outcome);
    }
    outcome.events = promise_watch.events() - before;
    outcome.status = km_engine_status(stage->engine);
    stage_close(stage);
    return outcome;
}

static int run_cases(const struct options *options)
{
    const uint64_t blocks = options->seconds * STAGE_RATE_HZ / STAGE_BLOCK_FRAMES;
    bool kept = true;
    for (int i = 0; stage_case(i); ++i) {
        if (options->only != ALL_CASES && options->only != i) {
            continue;
        }
        const struct outcome outcome = run_case(stage_case(i), blocks);
        const bool is_heard = outcome.blocks_silent < blocks / 2;
        const struct km_synth_counters *const synth = &outcome.status.synth;
        printf("%-18s %9llu blocks: %llu %s (%llu notes, %llu of them without an instrument, %u "
               "voices at most, %llu stolen)%s%s\n",
               stage_case(i)->name, (unsigned long long)blocks, (unsigned long long)outcome.events,
               promise_watch.what, (unsigned long long)synth->notes_on,
               (unsigned long long)synth->programs_lost, synth->voices_peak,
               (unsigned long long)synth->voices_stolen,
               outcome.blocks_bad ? "; samples that are none or above 1" : "",
               is_heard ? "" : "; mostly silence");
        kept = kept && outcome.events == 0 && outcome.blocks_bad == 0 && is_heard;
    }
    return kept ? EXIT_SUCCESS : EXIT_BROKEN;
}

static int sin_once(void)
{
    const uint64_t before = promise_watch.events();
    promise_watch.enter();
    promise_watch.transgress();
    promise_watch.leave();
    const uint64_t events = promise_watch.events() - before;
    printf("%llu %s by one sin\n", (unsigned long long)events, promise_watch.what);
    return events > 0 ? EXIT_SUCCESS : EXIT_BROKEN;
}

int main(int count, char **words)
{
    struct options options;
    if (!parse(count, words, &options)) {
        fprintf(stderr, "usage: %s [--sin] [--case NUMBER] [--seconds N]\n", words[0]);
        return EXIT_FAILURE;
    }
    if (!promise_watch.start()) {
        return EXIT_SKIPPED;
    }
    return options.sins ? sin_once() : run_cases(&options);
}
