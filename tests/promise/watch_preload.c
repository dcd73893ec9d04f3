// SPDX-License-Identifier: MIT

// Watches by libkmidi-preload.so: the C library's functions that allocate, lock, wait, ...

#include "promise/promise.h"

#include "promise/fluid_block.h"
#include "rt/guard.h"

#include <stdio.h>
#include <stdlib.h>

static struct km_guard guard;

static bool start(void)
{
    km_guard_start(&guard);
    if (!km_guard_is_watching(&guard)) {
        printf("skipped: not started with libkmidi-preload.so\n");
        return false;
    }
#if defined(KM_HAS_FLUIDSYNTH)
    fluid_block_start();
#endif
    return true;
}

static void enter(void)
{
    km_guard_enter(&guard);
}

static void leave(void)
{
    km_guard_leave(&guard);
}

static uint64_t events(void)
{
    return km_guard_count_all(&guard);
}

static void transgress(void)
{
#if defined(KM_HAS_FLUIDSYNTH)
    fluid_block_render();
#else
    free(malloc(100));
#endif
}

const struct promise_watch promise_watch = {.what = "calls",
                                            .start = start,
                                            .enter = enter,
                                            .leave = leave,
                                            .events = events,
                                            .transgress = transgress};
