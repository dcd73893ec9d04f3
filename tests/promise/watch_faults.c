// SPDX-License-Identifier: MIT

// Watches page faults of the thread, those that need no disk included.

#include "promise/promise.h"

#include <stdlib.h>
#include <sys/mman.h>
#include <sys/resource.h>

static uint64_t faults;
static uint64_t faults_before;

static uint64_t faults_now(void)
{
    struct rusage usage;
    if (getrusage(RUSAGE_THREAD, &usage) != 0) {
        abort();
    }
    return (uint64_t)usage.ru_minflt + (uint64_t)usage.ru_majflt;
}

static bool start(void)
{
    (void)faults_now(); // The code of it is there now.
    return true;
}

static void enter(void)
{
    faults_before = faults_now();
}

static void leave(void)
{
    faults += faults_now() - faults_before;
}

static uint64_t events(void)
{
    return faults;
}

static void transgress(void)
{
    const size_t size = 1 << 16;
    char *const fresh =
        mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (fresh != MAP_FAILED) {
        *(volatile char *)fresh = 1;
        (void)munmap(fresh, size);
    }
}

const struct promise_watch promise_watch = {.what = "page faults",
                                            .start = start,
                                            .enter = enter,
                                            .leave = leave,
                                            .events = events,
                                            .transgress = transgress};
