// SPDX-License-Identifier: MIT

/// A look-ahead limiter of true peaks, both sides linked.
///
/// Peaks are looked for at eight times the rate (ITU-R BS.1770-4, Annex 2, asks for four). The gain
/// that each needs is held for KM_LIMITER_HOLD_MS, released slowly, and smoothed by two moving
/// averages, of whole numbers: where nothing is too loud it is exactly 1, whatever was before.
#ifndef KM_SYNTH_LIMITER_PRIVATE_H
#define KM_SYNTH_LIMITER_PRIVATE_H

#include "base/attributes.h"
#include "synth/synth.h"

#include <stddef.h>
#include <stdint.h>

struct km_arena;
struct km_limiter;

/// What no true peak found goes beyond, as a factor: -1.15 dB. The .15 is for what is missed
/// between the points looked at: at eight times the rate .17 dB of a tone at half the rate, .04 dB
/// of one at a quarter.
#define KM_LIMITER_CEILING 0.87599f

enum {
    KM_LIMITER_HOLD_MS =
        30, ///< Longer than half a period of 20 Hz: the gain rests between its peaks.
};

/// A multiple of 64: what km_limiter_new takes of an arena that is aligned to 64.  [setup]
size_t km_limiter_size(uint32_t rate_hz);

/// `path` is not KM_VECTOR_BEST. Null, with nothing taken, if the arena lacks room.  [setup]
KM_NODISCARD struct km_limiter *km_limiter_new(struct km_arena *arena, uint32_t rate_hz,
                                               enum km_vector_path path);

/// Frames that the output comes later: 132 at 48 kHz.  [any]
KM_RT uint32_t km_limiter_latency(const struct km_limiter *limiter);

/// Limits a quantum in place. Samples beyond 1e6, and NaNs, count as 0.  [audio]
KM_RT void km_limiter_process(struct km_limiter *limiter, float *left, float *right);

/// The least gain since the last call; 1 is none.  [audio]
KM_RT float km_limiter_least_gain(struct km_limiter *limiter);

/// [audio]
KM_RT void km_limiter_reset(struct km_limiter *limiter);

#endif
