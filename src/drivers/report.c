// SPDX-License-Identifier: MIT

// What a driver tells the control thread: status, and reports in sentences.

#include "drivers/driver.h"

#include "base/check.h"
#include "drivers/driver_private.h"

#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>

enum { RESET_ON_FORK = 0x40000000 }; // Linux's bit beside the policy.

// By the worth of the news: who looks at one report a second sees the most important one first.
static const enum km_driver_report_kind order[] = {
    KM_DRIVER_GONE,      KM_DRIVER_RATE_CHANGED, KM_DRIVER_BLOCK_CHANGED,
    KM_DRIVER_FREEWHEEL, KM_DRIVER_XRUN,         KM_DRIVER_NOT_REALTIME,
};

_Static_assert(sizeof(order) / sizeof(order[0]) == KM_DRIVER_REPORT_KINDS, "each kind once");

static uint64_t count_of(struct km_driver *driver, enum km_driver_report_kind kind)
{
    return __atomic_load_n(&driver->callback.report_counts[kind], __ATOMIC_ACQUIRE);
}

static bool is_realtime_policy(int policy)
{
    const int plain = policy & ~RESET_ON_FORK;
    return plain == SCHED_FIFO || plain == SCHED_RR;
}

static bool read_priority(struct km_driver *driver)
{
    int policy = SCHED_OTHER;
    struct sched_param parameter = {0};
    if (pthread_getschedparam(driver->callback.thread, &policy, &parameter) != 0) {
        return false;
    }
    driver->is_realtime = is_realtime_policy(policy);
    driver->priority = driver->is_realtime ? parameter.sched_priority : 0;
    return true;
}

void km_driver_look_at_thread(struct km_driver *driver)
{
    // A thread that has ended must not be asked: one that is gone may have.
    const bool is_there = driver->is_started && driver->backend->cure &&
                          __atomic_load_n(&driver->callback.has_thread, __ATOMIC_ACQUIRE) &&
                          count_of(driver, KM_DRIVER_GONE) == 0;
    if (!is_there || !read_priority(driver) || driver->has_looked) {
        return;
    }
    driver->has_looked = true;
    if (!driver->is_realtime && driver->backend->raises_priority) {
        const struct sched_param parameter = {.sched_priority = driver->priority_wanted};
        if (pthread_setschedparam(driver->callback.thread, SCHED_FIFO, &parameter) == 0) {
            (void)read_priority(driver);
        }
    }
    if (!driver->is_realtime) {
        km_callback_report(&driver->callback, KM_DRIVER_NOT_REALTIME, 0);
    }
}

static void describe(struct km_driver *driver, struct km_driver_report *report)
{
    const char *const name = driver->backend->name;
    char *const text = report->text;
    const size_t size = sizeof(report->text);
    switch (report->kind) {
    case KM_DRIVER_XRUN:
        (void)snprintf(text, size, "the sound was interrupted (xrun %llu)",
                       (unsigned long long)report->count);
        break;
    case KM_DRIVER_RATE_CHANGED:
        (void)snprintf(text, size, "%s now runs at %u Hz: start anew", name,
                       (unsigned)report->value);
        break;
    case KM_DRIVER_BLOCK_CHANGED:
        (void)snprintf(text, size, "%s now asks for blocks of %u frames", name,
                       (unsigned)report->value);
        break;
    case KM_DRIVER_GONE:
        (void)snprintf(text, size, "nothing plays any more: %s",
                       driver->backend->gone(driver->instance));
        break;
    case KM_DRIVER_NOT_REALTIME:
        (void)snprintf(text, size, "no real-time priority, the sound may stutter: %s",
                       driver->backend->cure);
        break;
    case KM_DRIVER_FREEWHEEL:
        (void)snprintf(text, size, "%s %s", name,
                       report->value ? "now runs as fast as it can" : "runs by the clock again");
        break;
    case KM_DRIVER_REPORT_KINDS:
        break;
    }
}

bool km_driver_collect(struct km_driver *driver, struct km_driver_report *report)
{
    KM_CHECK(driver && report);
    km_driver_look_at_thread(driver);
    if (driver->is_started && driver->backend->look) {
        driver->backend->look(driver->instance);
    }
    for (size_t i = 0; i < KM_DRIVER_REPORT_KINDS; ++i) {
        const enum km_driver_report_kind kind = order[i];
        const uint64_t count = count_of(driver, kind);
        if (count != driver->reports_seen[kind]) {
            driver->reports_seen[kind] = count;
            *report = (struct km_driver_report){
                .kind = kind,
                .value = __atomic_load_n(&driver->callback.report_values[kind], __ATOMIC_RELAXED),
                .count = count,
            };
            describe(driver, report);
            return true;
        }
    }
    return false;
}

static float take_load_max(struct km_driver *driver)
{
    const uint32_t bits = __atomic_exchange_n(&driver->callback.load_max, 0, __ATOMIC_RELAXED);
    float load;
    memcpy(&load, &bits, sizeof(load));
    return load;
}

struct km_driver_status km_driver_status(struct km_driver *driver)
{
    KM_CHECK(driver);
    km_driver_look_at_thread(driver);
    const struct km_callback_snapshot now = km_callback_snapshot(&driver->callback);
    const uint64_t time_ns = driver->stopped_ns > 0 ? driver->stopped_ns : km_callback_clock_ns();
    return (struct km_driver_status){
        .name = driver->backend->name,
        .rate_hz = driver->callback.rate_hz,
        .block_frames =
            now.block_frames_max > 0 ? now.block_frames_max : driver->callback.block_frames,
        .callbacks = now.callbacks,
        .frames = now.frames,
        .xruns = count_of(driver, KM_DRIVER_XRUN),
        .live_events_lost = now.live_events_lost,
        .is_realtime = driver->is_realtime,
        .priority = driver->priority,
        .load = now.load,
        .load_max = take_load_max(driver),
        .expected_callbacks = km_callback_expected(&driver->callback, time_ns),
    };
}
