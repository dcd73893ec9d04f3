// SPDX-License-Identifier: MIT

/// Chorus: mono in, stereo out. Three swaying delays for each side.
///
/// No two sway alike, so that the sides differ; one of each side's three is turned over, so that
/// lows, where delays this short are in phase, do not pile up (FluidSynth's chorus makes a mix some
/// 10 LU louder; this one adds half of the send's energy).
#ifndef KM_SYNTH_CHORUS_PRIVATE_H
#define KM_SYNTH_CHORUS_PRIVATE_H

#include "base/attributes.h"
#include "synth/synth.h"

#include <stddef.h>
#include <stdint.h>

struct km_arena;
struct km_chorus;

/// A multiple of 64: what km_chorus_new takes of an arena that is aligned to 64.  [setup]
size_t km_chorus_size(uint32_t rate_hz);

/// `path` is not KM_VECTOR_BEST. Null, with nothing taken, if the arena lacks room.  [setup]
KM_NODISCARD struct km_chorus *km_chorus_new(struct km_arena *arena, uint32_t rate_hz,
                                             enum km_vector_path path);

/// Adds a quantum of the send's chorus to `left` and `right`. Its energy (both sides together) is
/// half the send's. It is exactly 0 from 32 ms after the send's end.  [audio]
KM_RT void km_chorus_process(struct km_chorus *chorus, const float *send, float *left,
                             float *right);

/// [audio]
KM_RT void km_chorus_reset(struct km_chorus *chorus);

#endif
