// SPDX-License-Identifier: MIT

/// All that the audio thread calls.
#ifndef KM_ENGINE_PROCESS_H
#define KM_ENGINE_PROCESS_H

#include "base/attributes.h"
#include "rt/block.h"

KM_C_BEGIN

struct km_engine;

/// Fills one block, of any length up to KM_BLOCK_FRAMES_MAX, and returns. Never allocates, locks,
/// waits, calls the system or touches memory outside the arena (but the block's). The lengths of
/// the blocks change no sample. Live events in the block sound from its next quantum on at the
/// latest. [audio]
KM_RT void km_engine_process(struct km_engine *engine, const struct km_audio_block *block);

KM_C_END

#endif
