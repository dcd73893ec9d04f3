// SPDX-License-Identifier: MIT

/// The arithmetic of voices over one quantum: reading a sample at a pitch, filtering, mixing. One
/// table of functions for each vector path; all paths give the same bits.
///
/// A voice's samples are read along time (km_kernel.fetch). KM_LANES voices stand side by side for
/// the filter, which is recursive along time, and each lane is mixed into its own accumulator;
/// these are added up once a quantum in a fixed order (km_kernel.reduce). So the order of additions
/// is that of the voices, not that of the vector path.
#ifndef KM_SYNTH_KERNEL_PRIVATE_H
#define KM_SYNTH_KERNEL_PRIVATE_H

#include "base/attributes.h"
#include "synth/synth.h"

#include <stdalign.h>
#include <stdbool.h>
#include <stdint.h>

enum {
    KM_LANES = 16,
    KM_BUS_LEFT = 0,
    KM_BUS_RIGHT = 1,
    KM_BUS_REVERB = 2,
    KM_BUS_CHORUS = 3,
    KM_BUSES = 4,
    KM_PITCH_RATIO_MAX = 60, ///< Frames of sample a frame of output; more is held at this.
};

/// Where a voice is in its sample.
struct km_wave {
    const int16_t *frames; ///< KM_SAMPLE_MARGIN readable zeros stand before 0 and after the sample.
    uint64_t position;     ///< 32.32 frames, of the next output frame.
    uint64_t increment;    ///< 32.32 frames, above 0, at most KM_PITCH_RATIO_MAX.
    uint32_t end;          ///< Frame after the last that sounds.
    uint32_t loop_start;   ///< Where `loops`: loop_start < loop_end <= end.
    uint32_t loop_end;     ///< Frame after the loop's last.
    bool loops;
    bool has_looped; ///< Set by fetch: the frames before loop_start are those of the loop's end.
};

/// KM_LANES voices of one quantum.
struct km_lanes {
    alignas(64) float wave[KM_LANES][KM_QUANTUM_FRAMES]; ///< Raw 16-bit scale; unused lanes are 0.
    /// Low-pass as trapezoidal state-variable filter (Simper, "Linear trapezoidal integrated SVF",
    /// 2013): v3 = x - s2; v1 = a1 s1 + a2 v3; v2 = s2 + a2 s1 + a3 v3; s1 = 2 v1 - s1;
    /// s2 = 2 v2 - s2; y = v2. Coefficients of frame 0, and what is added from frame to frame. (How
    /// it is computed, with fewer operations one after the other: kernel_scalar.c.)
    float a1[KM_LANES], a2[KM_LANES], a3[KM_LANES];
    float a1_step[KM_LANES], a2_step[KM_LANES], a3_step[KM_LANES];
    float s1[KM_LANES], s2[KM_LANES]; ///< State, in and out.
    /// Of frame 0, and what is added from frame to frame. Holds volume, pan, send, 1/32768.
    float gain[KM_BUSES][KM_LANES], gain_step[KM_BUSES][KM_LANES];
    bool filter_moves; ///< Any step of a coefficient is not 0.
    bool has_sends; ///< Any gain of the reverb or chorus bus is not 0; else these are left alone.
};

/// Sums of one quantum, a lane each.
struct km_lane_sums {
    alignas(64) float sums[KM_QUANTUM_FRAMES][KM_BUSES][KM_LANES];
};

struct km_kernel {
    /// Writes frames `from` to the end of the quantum of the voice's wave (zeros before `from`, and
    /// after the sample's end), and moves the position on. A loop's frames are joined so that
    /// interpolation across its ends reads loop frames on both sides. Returns whether the sample
    /// has ended in this quantum or before.
    bool (*fetch)(struct km_wave *wave, uint32_t from, float out[KM_QUANTUM_FRAMES]);
    /// Filters all lanes and adds them to the sums.
    void (*mix)(struct km_lanes *lanes, struct km_lane_sums *sums);
    /// Adds up the lanes of each frame: overwrites the buses.
    void (*reduce)(const struct km_lane_sums *sums, struct km_synth_buses *buses);
};

/// The functions of a path that is here, for an interpolation.  [setup]
struct km_kernel km_kernel_of(enum km_vector_path path, enum km_interpolation interpolation);

#endif
