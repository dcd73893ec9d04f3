// SPDX-License-Identifier: MIT

// Watches by RTSan's runtime (LLVM 19): it aborts, with a stack, at the first call that may block.

#include "promise/promise.h"

#include <stdlib.h>

// Of compiler-rt; there is no header for C.
void __rtsan_init(void);           // NOLINT(bugprone-reserved-identifier)
void __rtsan_realtime_enter(void); // NOLINT(bugprone-reserved-identifier)
void __rtsan_realtime_exit(void);  // NOLINT(bugprone-reserved-identifier)

static bool start(void)
{
    __rtsan_init();
    return true;
}

static uint64_t events(void)
{
    return 0;
}

static void transgress(void)
{
    free(malloc(100));
}

const struct promise_watch promise_watch = {.what = "events",
                                            .start = start,
                                            .enter = __rtsan_realtime_enter,
                                            .leave = __rtsan_realtime_exit,
                                            .events = events,
                                            .transgress = transgress};
