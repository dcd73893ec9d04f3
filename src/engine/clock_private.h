// SPDX-License-Identifier: MIT

/// From ticks to frames: a straight line from the last change of tempo, or the last bar.
///
/// The point that it starts from is kept as whole frames and a fraction below 1, and each step is
/// short, so that what is rounded off stays below a millionth of a frame after hours.
#ifndef KM_ENGINE_CLOCK_PRIVATE_H
#define KM_ENGINE_CLOCK_PRIVATE_H

#include "base/attributes.h"

#include <stdint.h>

struct km_clock {
    uint64_t tick;   ///< Where the line starts...
    uint64_t frame;  ///< ...in whole frames...
    double fraction; ///< ...and what is beyond them, 0 to below 1.
    double seconds;  ///< In the music, that is at tempo scale 1.
    double seconds_per_tick;
    double frames_per_tick;
};

/// Ticks and frames beyond this are held at it: centuries.
#define KM_CLOCK_FRAMES_MAX 4e15
#define KM_CLOCK_MICROSECONDS 1e6

/// Sets the pace from the clock's tick on. `tempo` is in microseconds per quarter note, above 0;
/// `speed` is the tempo scale times frames a second: rate / scale.  [audio]
KM_RT static inline void km_clock_set_tempo(struct km_clock *clock, double tempo, uint32_t division,
                                            double speed)
{
    const double microseconds = (double)division * KM_CLOCK_MICROSECONDS;
    clock->seconds_per_tick = tempo / microseconds;
    clock->frames_per_tick = tempo * speed / microseconds;
}

/// Frames from the line's whole frame to a tick, the fraction included.  [audio]
KM_RT static inline double km_clock_distance(const struct km_clock *clock, uint64_t tick)
{
    const uint64_t ticks = tick > clock->tick ? tick - clock->tick : 0;
    const double distance = clock->fraction + (double)ticks * clock->frames_per_tick;
    return distance < KM_CLOCK_FRAMES_MAX ? distance : KM_CLOCK_FRAMES_MAX;
}

/// The frame that is nearest to a tick; ticks before the line's start count as its start. [audio]
KM_RT static inline uint64_t km_clock_frame(const struct km_clock *clock, uint64_t tick)
{
    return clock->frame + (uint64_t)(km_clock_distance(clock, tick) + .5);
}

/// Lets the line start at a tick that lies on it.  [audio]
KM_RT static inline void km_clock_advance(struct km_clock *clock, uint64_t tick)
{
    if (tick <= clock->tick) {
        return;
    }
    const double distance = km_clock_distance(clock, tick);
    const uint64_t whole = (uint64_t)distance;
    clock->seconds += (double)(tick - clock->tick) * clock->seconds_per_tick;
    clock->tick = tick;
    clock->frame += whole;
    clock->fraction = distance - (double)whole;
}

/// Ticks from the line's start to a frame; 0 before it.  [audio]
KM_RT static inline double km_clock_ticks(const struct km_clock *clock, uint64_t frame)
{
    const double frames = (double)(int64_t)(frame - clock->frame) - clock->fraction;
    return frames > 0 && clock->frames_per_tick > 0 ? frames / clock->frames_per_tick : 0;
}

#endif
