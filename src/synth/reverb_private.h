// SPDX-License-Identifier: MIT

/// A hall: mono in, stereo out. A feedback delay network of sixteen lines.
///
/// Sources: Jot and Chaigne, "Digital delay networks for designing artificial reverberators" (AES
/// 90th Convention, 1991): lossless feedback matrix, each line's loss by its length, so that all
/// modes of a frequency die at the same rate. Dattorro, "Effect design, part 1" (J. AES 45, 1997):
/// input diffusion by allpasses, tank delays that sway. Here the matrix is Hadamard's, and the
/// losses are short symmetric filters, so that all is computed a quantum at a time.
#ifndef KM_SYNTH_REVERB_PRIVATE_H
#define KM_SYNTH_REVERB_PRIVATE_H

#include "base/attributes.h"
#include "synth/synth.h"

#include <stddef.h>
#include <stdint.h>

struct km_arena;
struct km_reverb;

#define KM_REVERB_DECAY_S 1.8f ///< Of a hall for music; what km_master asks for.

struct km_reverb_config {
    uint32_t rate_hz;
    float decay_s; ///< Time for 60 dB in the middle of the spectrum, 0.3 to 10; at 8 kHz it is 0.42
                   ///< of it.
    enum km_vector_path path; ///< Not KM_VECTOR_BEST.
};

/// A multiple of 64: what km_reverb_new takes of an arena that is aligned to 64.  [setup]
size_t km_reverb_size(const struct km_reverb_config *config);

/// Null, with nothing taken, if the arena lacks room.  [setup]
KM_NODISCARD struct km_reverb *km_reverb_new(struct km_arena *arena,
                                             const struct km_reverb_config *config);

/// Adds a quantum of the send's reverberation to `left` and `right`. Its energy (both sides
/// together) is about that of the send. After the send has ended, its output is exactly 0 within 4
/// decay times.  [audio]
KM_RT void km_reverb_process(struct km_reverb *reverb, const float *send, float *left,
                             float *right);

/// [audio]
KM_RT void km_reverb_reset(struct km_reverb *reverb);

#endif
