// SPDX-License-Identifier: MIT

/// Where a quantum's frames of a sample stand, for all vector paths: in the sample itself, or,
/// where they meet the end of the sample or of its loop, joined in a small copy. So there is one
/// way to interpolate, the fast one.
#ifndef KM_SYNTH_KERNEL_WINDOW_PRIVATE_H
#define KM_SYNTH_KERNEL_WINDOW_PRIVATE_H

#include "synth/kernel_path_private.h"

#include <string.h>

enum {
    KM_COPY_FRAMES = 8,   ///< What is copied at once: KM_SAMPLE_MARGIN frames may be read beyond.
    KM_BEYOND_FRAMES = 2, ///< May be read after the last tap; what they are does not count.
    /// The frames of a quantum at the highest pitch, up to 8 taps, and a copy's last frames.
    KM_JOINED_FRAMES = KM_PITCH_RATIO_MAX * (KM_QUANTUM_FRAMES - 1) + 1 + 8 + KM_COPY_FRAMES,
};

_Static_assert((int)KM_COPY_FRAMES <= (int)KM_SAMPLE_MARGIN, "a copy reads no more than margins");
_Static_assert((int)KM_BEYOND_FRAMES <= (int)KM_SAMPLE_MARGIN, "nor does a path");

#define KM_INCREMENT_MAX ((uint64_t)KM_PITCH_RATIO_MAX << 32U)

/// An interpolation's taps.
struct km_taps {
    uint32_t before; ///< Taps before the frame that the position is in.
    uint32_t count;
    uint64_t half; ///< Added to the position: one half, in 32.32, if the taps are of odd number.
};

#define KM_TAPS_LINEAR ((struct km_taps){.before = 0, .count = 2})
#define KM_TAPS_4POINT ((struct km_taps){.before = 1, .count = 4})
#define KM_TAPS_7POINT ((struct km_taps){.before = 3, .count = KM_SINC_TAPS, .half = 1U << 31U})

/// The frames of one quantum.
struct km_window {
    const int16_t *taps; ///< First tap of the first frame.
    uint64_t fraction;   ///< 0.32 frames from there to the first frame.
    int64_t first;       ///< The tap's place in the sample.
    uint32_t count;      ///< Frames that are read, from `first`.
    bool is_joined;      ///< `taps` is still to be joined.
};

/// Computes KM_QUANTUM_FRAMES frames; frame i stands at `fraction + i increment` after `taps`.
typedef void km_interpolate(const int16_t *taps, uint64_t fraction, uint64_t increment, float *out);

/// Copies the window's frames: those of the loop again and again, or zeros after the end. [audio]
KM_RT void km_window_join(const struct km_wave *wave, const struct km_window *window,
                          int16_t joined[KM_JOINED_FRAMES]);

/// Frames until the sample's end, at most KM_QUANTUM_FRAMES.  [audio]
KM_RT uint32_t km_wave_frames_left(const struct km_wave *wave);

/// Goes back into the loop.  [audio]
KM_RT void km_wave_loop(struct km_wave *wave);

/// Where the next quantum's frames stand.  [audio]
static inline __attribute__((always_inline)) struct km_window
km_window_find(const struct km_wave *wave, struct km_taps taps)
{
    const uint64_t position = wave->position + taps.half;
    const uint64_t fraction = position & UINT32_MAX;
    const int64_t first = (int64_t)(position >> 32U) - taps.before;
    const uint64_t frames = (fraction + (KM_QUANTUM_FRAMES - 1) * wave->increment) >> 32U;
    const int64_t end = first + (int64_t)frames + taps.count;
    const int64_t limit = wave->loops ? wave->loop_end : wave->end;
    const bool is_before_loop = wave->loops && wave->has_looped && first < wave->loop_start;
    return (struct km_window){
        .taps = wave->frames + first,
        .fraction = fraction,
        .first = first,
        .count = (uint32_t)frames + taps.count,
        .is_joined = end > limit || is_before_loop,
    };
}

/// km_kernel.fetch by an interpolation.  [audio]
static inline __attribute__((always_inline)) bool km_wave_fetch(struct km_wave *wave, uint32_t from,
                                                                float *out, struct km_taps taps,
                                                                km_interpolate *interpolate)
{
    int16_t joined[KM_JOINED_FRAMES];
    if (__builtin_expect(wave->increment > KM_INCREMENT_MAX, 0)) {
        wave->increment = KM_INCREMENT_MAX;
    }
    struct km_window window = km_window_find(wave, taps);
    uint32_t count = KM_QUANTUM_FRAMES - from;
    if (window.is_joined) {
        const uint32_t left = km_wave_frames_left(wave);
        count = left < count ? left : count;
        km_window_join(wave, &window, joined);
        window.taps = joined;
    }
    if (__builtin_expect(count == KM_QUANTUM_FRAMES, 1)) {
        interpolate(window.taps, window.fraction, wave->increment, out);
    } else {
        float frames[KM_QUANTUM_FRAMES];
        interpolate(window.taps, window.fraction, wave->increment, frames);
        memset(out, 0, KM_QUANTUM_FRAMES * sizeof(*out));
        memcpy(out + from, frames, count * sizeof(*out));
    }
    wave->position += wave->increment * (KM_QUANTUM_FRAMES - from);
    if (wave->loops) {
        if (wave->position >> 32U >= wave->loop_end) {
            km_wave_loop(wave);
        }
        return false;
    }
    return wave->position >> 32U >= wave->end;
}

#endif
