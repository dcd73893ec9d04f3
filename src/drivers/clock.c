// SPDX-License-Identifier: MIT

// The driver for machines without sound: a thread plays in real time, to nowhere.

#include "drivers/backends_private.h"
#include "drivers/callback_private.h"

#include <pthread.h>
#include <stdbool.h>
#include <time.h>

enum { RATE_DEFAULT = 48000, BLOCK_DEFAULT = 512, NS_PER_SECOND = 1000000000 };

struct clock {
    struct km_callback *callback;
    pthread_t thread;
    uint32_t is_ending; // Atomic.
    float left[KM_BLOCK_FRAMES_MAX];
    float right[KM_BLOCK_FRAMES_MAX];
};

static enum km_status open_clock(void *instance, const struct km_backend_setup *setup,
                                 struct km_error *error)
{
    (void)error;
    struct clock *const clock = instance;
    const struct km_driver_config *const config = setup->config;
    clock->callback = setup->callback;
    clock->callback->rate_hz = config->rate_hz > 0 ? config->rate_hz : RATE_DEFAULT;
    clock->callback->block_frames = config->block_frames > 0 ? config->block_frames : BLOCK_DEFAULT;
    clock->callback->has_clock = true;
    return KM_OK;
}

static void sleep_until(uint64_t time_ns)
{
    const struct timespec time = {.tv_sec = (time_t)(time_ns / NS_PER_SECOND),
                                  .tv_nsec = (long)(time_ns % NS_PER_SECOND)};
    (void)clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &time, NULL);
}

// A block that comes more than its own length too late is an xrun, and what was missed is left out.
static void *play(void *context)
{
    struct clock *const clock = context;
    struct km_callback *const callback = clock->callback;
    const uint64_t block_ns = (uint64_t)callback->block_frames * NS_PER_SECOND / callback->rate_hz;
    km_callback_touch_stack();
    uint64_t next_ns = km_callback_clock_ns();
    while (!__atomic_load_n(&clock->is_ending, __ATOMIC_ACQUIRE)) {
        km_callback_process(callback, clock->left, clock->right, callback->block_frames);
        next_ns += block_ns;
        const uint64_t now_ns = km_callback_clock_ns();
        if (now_ns > next_ns + block_ns) {
            km_callback_report(callback, KM_DRIVER_XRUN, 0);
            next_ns = now_ns;
        }
        sleep_until(next_ns);
    }
    return NULL;
}

static enum km_status start_clock(void *instance, struct km_error *error)
{
    struct clock *const clock = instance;
    __atomic_store_n(&clock->is_ending, 0, __ATOMIC_RELEASE);
    const int failure = pthread_create(&clock->thread, NULL, play, clock);
    if (failure != 0) {
        return km_error_set(error, km_status_of_errno(failure),
                            "the driver clock cannot start its thread: %s", km_errno_text(failure));
    }
    return KM_OK;
}

static void stop_clock(void *instance)
{
    struct clock *const clock = instance;
    __atomic_store_n(&clock->is_ending, 1, __ATOMIC_RELEASE);
    (void)pthread_join(clock->thread, NULL);
}

static void close_clock(void *instance)
{
    (void)instance;
}

static const char *gone_clock(void *instance)
{
    (void)instance;
    return "";
}

const struct km_backend km_backend_clock = {
    .name = "clock",
    .cure = "join a group with '- rtprio 95' in /etc/security/limits.d, and log in again",
    .raises_priority = true,
    .size = sizeof(struct clock),
    .open = open_clock,
    .start = start_clock,
    .stop = stop_clock,
    .close = close_clock,
    .gone = gone_clock,
};
