// SPDX-License-Identifier: MIT

/// What happens to the mix after the voices: reverb and chorus on the send buses, the plan's
/// production rule-breaks, volume, and a look-ahead limiter. For the audio thread.
///
/// Order: dry + chorus + reverb, room noise, mud, drive, width, volume, limiter. The limiter delays
/// by km_master_latency frames. Silence in is, after the tails (8 s at most), exact silence out
/// (without room noise). A quiet mix without sends or effects comes out bit by bit.
/// No true peak of the output is above -1 dB, if the limiter is there.
#ifndef KM_SYNTH_MASTER_H
#define KM_SYNTH_MASTER_H

#include "base/attributes.h"
#include "synth/synth.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

KM_C_BEGIN

struct km_arena;
struct km_master;

enum { KM_MASTER_GAIN_MAX = 256 };

struct km_master_config {
    uint32_t rate_hz;
    bool has_reverb;
    bool has_chorus;
    bool has_limiter;
    uint64_t seed;            ///< Of room noise.
    enum km_vector_path path; ///< As in km_synth_config.
};

/// What the production rules ask for (session/plan.h has the same fields and ranges). All 0 and
/// width 1 is none of it; then the chain skips these effects.
struct km_production {
    float mud_db;             ///< 0 to 9: boost of 200 to 400 Hz.
    float room_noise_percent; ///< 0 to 1 of full scale, RMS.
    float drive;              ///< 0 (clean) to 1 (clipped).
    float width;              ///< 0 (mono) to 1 (as mixed).
    float gain;               ///< The part of the volume that brings the mix to its level: what is
                              ///< said of full scale is meant behind it. 0: 1.
};

struct km_master_meter {
    float peak_left, peak_right; ///< Of the output, since the last call of km_master_meter.
    float reduction_db;          ///< Most the limiter took away since then; 0 or above.
};

/// What km_master_new takes of an arena that is aligned to 64 bytes; a multiple of 64.  [setup]
size_t km_master_size(const struct km_master_config *config);

/// Null, with nothing taken, if the arena lacks room.  [setup]
KM_NODISCARD struct km_master *km_master_new(struct km_arena *arena,
                                             const struct km_master_config *config);

/// Frames by which the output comes later than the buses: with the limiter 148 at 48 kHz.  [any]
KM_RT uint32_t km_master_latency(const struct km_master *master);

/// Ramps to these settings within one quantum. What is out of range is held to it; NaN is 0.
/// [audio]
KM_RT void km_master_set_production(struct km_master *master,
                                    const struct km_production *production);

/// Mud is the peaking equaliser of R. Bristow-Johnson's cookbook, with this middle and width.
#define KM_PRODUCTION_MUD_HZ 282.842712475 // The geometric mean of 200 and 400.
#define KM_PRODUCTION_MUD_OCTAVES 1.0

/// By how many LU drive makes a moment of music louder (or softer) that is so loud before it,
/// behind the production's gain: an estimate.  [control]
double km_production_loudness(const struct km_production *production, double lufs);

/// Linear gain, 0 to KM_MASTER_GAIN_MAX, ramped within one quantum.  [audio]
KM_RT void km_master_set_volume(struct km_master *master, float gain);

/// Makes KM_QUANTUM_FRAMES of output from the buses. `left` and `right` are aligned to 64 bytes and
/// are not the buses'. Samples beyond 1e6, and those that are not numbers, count as 0.  [audio]
KM_RT void km_master_process(struct km_master *master, const struct km_synth_buses *buses,
                             float *left, float *right);

/// Empties all delay lines: silence follows (after a stop). Settings stay, and hold at once. Room
/// noise begins anew.  [audio]
KM_RT void km_master_reset(struct km_master *master);

/// [audio]
KM_RT struct km_master_meter km_master_meter(struct km_master *master);

KM_C_END

#endif
