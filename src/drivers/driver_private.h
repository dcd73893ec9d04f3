// SPDX-License-Identifier: MIT

/// An open driver, as the core sees it.
#ifndef KM_DRIVERS_DRIVER_PRIVATE_H
#define KM_DRIVERS_DRIVER_PRIVATE_H

#include "base/attributes.h"
#include "drivers/backend_private.h"
#include "drivers/callback_private.h"

#include <stdbool.h>
#include <stdint.h>

KM_C_BEGIN

struct km_driver {
    struct km_heap *heap;
    const struct km_backend *backend;
    void *instance;
    bool is_started;
    uint64_t stopped_ns;     ///< When it was stopped; 0 while it runs.
    uint8_t priority_wanted; ///< SCHED_FIFO
    bool has_looked;         ///< At the audio thread, once.
    bool is_realtime;
    int priority;
    uint64_t reports_seen[KM_DRIVER_REPORT_KINDS];
    struct km_callback callback;
};

/// Finds out how the audio thread is scheduled, as soon as there is one; the first time, gives it
/// its priority if that is ours to give, and reports if it has none.  [control]
void km_driver_look_at_thread(struct km_driver *driver);

KM_C_END

#endif
