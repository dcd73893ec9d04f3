// SPDX-License-Identifier: MIT

/// Soft saturation, at twice the rate, of the same loudness however hard it drives.
#ifndef KM_SYNTH_DRIVE_PRIVATE_H
#define KM_SYNTH_DRIVE_PRIVATE_H

#include "base/attributes.h"
#include "synth/synth.h"

#include <stdalign.h>

enum {
    KM_DRIVE_LATENCY = 16, ///< Frames, also where it does nothing.
    KM_DRIVE_HISTORY = 32,
    KM_DRIVE_TAPS = 8,
    KM_DRIVE_POINTS = 16,
};

/// y = level * saturation(gain * x); a gain of 0 is none of it: y = x.
struct km_saturation {
    float gain;
    float level;
};

struct km_drive {
    alignas(64) float seen[2][KM_DRIVE_HISTORY + KM_QUANTUM_FRAMES];
    alignas(64) float halfway[KM_DRIVE_TAPS];
    float sine[KM_DRIVE_POINTS]; ///< A quarter of a wave, to measure loudness with.
    struct km_saturation now;
    struct km_saturation aim;
    enum km_vector_path path;
};

/// `path` is not KM_VECTOR_BEST. No drive.  [setup]
void km_drive_init(struct km_drive *drive, enum km_vector_path path);

/// 0 (none) to 1; the next quantum goes over to it. `scale`, above 0, is by what the music is
/// softer than the drive is meant for: 1 for music at its level.  [audio]
KM_RT void km_drive_set(struct km_drive *drive, float amount, float scale);

/// By how many LU it makes music louder that is softer than the sine whose loudness it keeps; less
/// than 0 for louder music.  [control]
double km_drive_loudness(double amount, double lufs);

/// A quantum in place, KM_DRIVE_LATENCY frames late; at 0 the very samples that came in. [audio]
KM_RT void km_drive_process(struct km_drive *drive, float *left, float *right);

/// Forgets what it has seen, and is at once what was set.  [audio]
KM_RT void km_drive_reset(struct km_drive *drive);

#endif
