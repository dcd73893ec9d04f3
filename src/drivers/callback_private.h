// SPDX-License-Identifier: MIT

/// What the audio callback of every driver does, and what it leaves for the control thread: the
/// source is called in blocks, time and calls are counted, and what happens is reported. Wait-free
/// in all threads: JACK reports from several.
#ifndef KM_DRIVERS_CALLBACK_PRIVATE_H
#define KM_DRIVERS_CALLBACK_PRIVATE_H

#include "base/attributes.h"
#include "drivers/driver.h"
#include "rt/block.h"

#include <pthread.h>
#include <stdalign.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

KM_C_BEGIN

struct km_latest;

/// A stretch of callbacks of one length, by which the clock tells how many there should have been.
struct km_callback_stretch {
    uint64_t begin_ns;  ///< When its first callback began.
    uint64_t expected;  ///< Callbacks that should have been by then, that one included.
    uint64_t callbacks; ///< That were by then, that one included.
    uint32_t block_frames;
    bool is_freewheeling; ///< No clock: as many are expected as there are.
};

/// What the audio thread publishes at the end of each callback.
struct km_callback_snapshot {
    uint64_t callbacks;
    uint64_t frames;
    uint64_t live_events_lost;
    uint32_t block_frames_max;
    float load;
    struct km_callback_stretch stretch;
};

enum {
    KM_CALLBACK_LATEST_SIZE = 1024,       ///< Room for the triple buffer.
    KM_CALLBACK_STACK_BYTES = 128 * 1024, ///< Touched in advance.
};

struct km_callback {
    // Set up before the start.
    struct km_audio_source source;
    uint32_t rate_hz;      ///< The backend sets it when it opens.
    uint32_t block_frames; ///< As `rate_hz`; the first ones expected.
    bool has_clock;        ///< As `rate_hz`: callbacks come by the clock.
    struct km_latest *latest;

    // Shared by all threads, atomic.
    uint32_t is_running; ///< The source may be called.
    uint32_t is_inside;  ///< The audio thread is between the ends of a callback.
    uint32_t is_freewheeling;
    uint32_t has_thread; ///< `thread` is set.
    uint32_t load_max;   ///< Bits of a float.
    uint64_t report_counts[KM_DRIVER_REPORT_KINDS];
    uint32_t report_values[KM_DRIVER_REPORT_KINDS];
    pthread_t thread; ///< The audio thread, once it has been in a callback.

    // The audio thread's own.
    struct km_callback_snapshot now;
    uint64_t last_ns; ///< When the callback before began.
    uint32_t event_count;
    struct km_live_event events[KM_LIVE_EVENTS_MAX];

    alignas(64) unsigned char latest_memory[KM_CALLBACK_LATEST_SIZE];
};

/// Makes it ready. Zeroes what earlier runs counted.  [setup]
void km_callback_init(struct km_callback *callback);

/// Lets the source be called from now on; counts begin at 0.  [control]
void km_callback_begin(struct km_callback *callback, const struct km_audio_source *source);

/// After it returns the source is not called any more: waits for the callback that is under way,
/// but not longer than a second, should its thread have been killed within.  [control]
void km_callback_end(struct km_callback *callback);

/// Touches the pages of this thread's stack that a callback may need, so that none of them has to
/// wait for a page. For the audio thread, before its first callback if it can be.  [any]
void km_callback_touch_stack(void);

/// Adds a MIDI message to the block that the next km_callback_process fills; messages come by
/// ascending frames. Longer than KM_LIVE_MESSAGE_MAX is left out, more than KM_LIVE_EVENTS_MAX is
/// lost and counted.  [audio]
KM_RT void km_callback_event(struct km_callback *callback, uint32_t frame,
                             const unsigned char *bytes, size_t size);

/// One callback: fills `frames` samples (any number) of both channels, with silence if the source
/// may not be called.  [audio]
KM_RT void km_callback_process(struct km_callback *callback, float *left, float *right,
                               uint32_t frames);

/// Counts something that happened, with its newest value.  [any]
KM_RT void km_callback_report(struct km_callback *callback, enum km_driver_report_kind kind,
                              uint32_t value);

/// The device's rate is now this; if it was another, the source is not called any more.  [any]
KM_RT void km_callback_set_rate(struct km_callback *callback, uint32_t rate_hz);

/// Callbacks come as fast as they can, or by the clock again.  [any]
KM_RT void km_callback_set_freewheel(struct km_callback *callback, bool is_freewheeling);

/// The newest snapshot.  [control]
struct km_callback_snapshot km_callback_snapshot(struct km_callback *callback);

/// Callbacks that there should have been by this time; 0 without a clock.  [control]
uint64_t km_callback_expected(struct km_callback *callback, uint64_t time_ns);

/// Monotonic time, without a system call where the system's clock allows.  [any]
KM_RT uint64_t km_callback_clock_ns(void);

KM_C_END

#endif
