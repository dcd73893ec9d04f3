// SPDX-License-Identifier: MIT

/// Where sound goes: JACK (also PipeWire's), PortAudio, a null device with a clock turned by hand,
/// a file. All behind one interface; those that need a library are modules of ours (kmidi-jack.so,
/// kmidi-portaudio.so), loaded when they are used.
///
/// Life: km_driver_open connects and tells the rate; the caller then builds its engine for that
/// rate, and km_driver_start calls it from the audio thread until km_driver_stop. What happens
/// meanwhile (server gone, xrun, another rate) comes as reports, which the control thread fetches.
#ifndef KM_DRIVERS_DRIVER_H
#define KM_DRIVERS_DRIVER_H

#include "base/attributes.h"
#include "base/status.h"
#include "rt/block.h"

#include <stdbool.h>
#include <stdint.h>

KM_C_BEGIN

struct km_driver;
struct km_heap;

struct km_driver_config {
    const char *client_name;  ///< As others see it; null: "kmidi".
    const char *device;       ///< Driver's own name of a device or server; null: the default.
    uint32_t rate_hz;         ///< Wish; 0: the device's. JACK decides itself.
    uint32_t block_frames;    ///< Wish; 0: the driver's default.
    bool without_connections; ///< JACK: do not connect to the system's outputs.
    bool without_start;       ///< JACK: do not start a server.
    uint8_t priority;         ///< SCHED_FIFO, where the driver owns the thread; 0: 70.
};

enum km_driver_report_kind {
    KM_DRIVER_XRUN,
    KM_DRIVER_RATE_CHANGED,  ///< `value`: Hz. The driver is stopped then; open it anew.
    KM_DRIVER_BLOCK_CHANGED, ///< `value`: frames; it goes on.
    KM_DRIVER_GONE,          ///< Server shut down, device unplugged: nothing plays any more.
    KM_DRIVER_NOT_REALTIME,  ///< The audio thread has no real-time priority; said once.
    KM_DRIVER_FREEWHEEL,     ///< `value`: 1 began, 0 ended.
    KM_DRIVER_REPORT_KINDS,
};

struct km_driver_report {
    enum km_driver_report_kind kind;
    uint32_t value;
    uint64_t count; ///< How many of this kind so far.
    char text[160]; ///< A sentence for people.
};

struct km_driver_status {
    const char *name; ///< "jack", ...
    uint32_t rate_hz;
    uint32_t block_frames; ///< The largest so far, if they vary.
    uint64_t callbacks;
    uint64_t frames;
    uint64_t xruns;
    uint64_t live_events_lost; ///< More than KM_LIVE_EVENTS_MAX in one block.
    bool is_realtime;          ///< The audio thread runs under SCHED_FIFO or SCHED_RR.
    int priority;              ///< Of the audio thread.
    float load;                ///< Share of the last blocks' time that was used, 0 to 1 and above.
    float load_max;            ///< Since the last call.
    uint64_t expected_callbacks; ///< By the monotonic clock since start; 0 if there is no clock.
};

/// Names of the drivers that could be used, in the order in which "auto" tries them; null ends.
/// [any]
const char *const *km_driver_names(void);

/// Opens a driver by name ("auto": the first that works; the error tells why each did
/// not).  [control]
KM_NODISCARD enum km_status km_driver_open(struct km_heap *heap, const char *name,
                                           const struct km_driver_config *config,
                                           struct km_driver **driver, struct km_error *error);

/// Stops it, if need be, and frees it. Null does nothing.  [control]
void km_driver_free(struct km_driver *driver);

/// Calls `source` from the audio thread from now on.  [control]
KM_NODISCARD enum km_status km_driver_start(struct km_driver *driver,
                                            const struct km_audio_source *source,
                                            struct km_error *error);

/// After it returns `source` is not called any more.  [control]
void km_driver_stop(struct km_driver *driver);

/// The next report, if there is one.  [control]
bool km_driver_collect(struct km_driver *driver, struct km_driver_report *report);

/// [control]
struct km_driver_status km_driver_status(struct km_driver *driver);

/// Null driver only: turns the clock by `frames`, calling the source in blocks of the configured
/// size, in the calling thread. `left` and `right` (may be null) get what was played.  [control]
void km_driver_advance(struct km_driver *driver, uint64_t frames, float *left, float *right);

KM_C_END

#endif
