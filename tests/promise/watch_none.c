// SPDX-License-Identifier: MIT

// Watches nothing: for builds whose sanitizer is the watch.

#include "promise/promise.h"

static uint64_t count;

static bool start(void)
{
    return true;
}

static void do_nothing(void)
{
}

static uint64_t events(void)
{
    return count;
}

static void transgress(void)
{
    ++count;
}

const struct promise_watch promise_watch = {.what = "events",
                                            .start = start,
                                            .enter = do_nothing,
                                            .leave = do_nothing,
                                            .events = events,
                                            .transgress = transgress};
