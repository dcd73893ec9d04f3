// SPDX-License-Identifier: MIT

/// Builds an engine before the audio starts: all of Side A's memory in one block.
#ifndef KM_ENGINE_SETUP_H
#define KM_ENGINE_SETUP_H

#include "base/attributes.h"
#include "base/status.h"
#include "engine/chunk.h"
#include "synth/master.h"
#include "synth/synth.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

KM_C_BEGIN

struct km_engine;
struct km_heap;

enum {
    KM_ENGINE_VOICES_DEFAULT = 256,
    KM_ENGINE_CHUNKS_DEFAULT = 64,
    KM_ENGINE_POOL_DEFAULT = 8 << 20,
    KM_ENGINE_POOL_MAX = 1 << 30,
};

/// Zero-initialised fields are defaults, but rate_hz.
struct km_engine_config {
    uint32_t rate_hz; ///< KM_RATE_MIN to KM_RATE_MAX
    uint32_t voices;  ///< Default 256.
    enum km_interpolation interpolation;
    enum km_vector_path path;
    bool without_reverb, without_chorus, without_limiter;
    size_t sample_pool_bytes; ///< Default 8 MiB; at most KM_ENGINE_POOL_MAX.
    uint32_t chunks;          ///< Default 64.
    uint64_t seed;
    bool without_lock; ///< Do not try to lock the memory (tests).
};

/// How Side A's memory stands.
struct km_engine_memory {
    size_t arena_bytes;
    size_t pool_bytes; ///< Of it, for samples.
    bool is_locked;
    struct km_error lock_error; ///< Why it is not.
};

/// Bytes that an engine of this configuration takes from the audio account; 0 if no engine can be
/// so.  [setup]
uint64_t km_engine_size(const struct km_engine_config *config);

/// Takes km_engine_size bytes from the heap's audio account, builds everything in them, locks and
/// touches every page and seals the arena. Over budget is KM_ERROR_NO_MEMORY, whose message says
/// what takes how much; a configuration that cannot be is KM_ERROR_RANGE. A lock that is refused is
/// no failure: km_engine_memory tells.  [setup]
KM_NODISCARD enum km_status km_engine_new(struct km_heap *heap,
                                          const struct km_engine_config *config,
                                          struct km_engine **engine, struct km_error *error);

/// Frees an engine that no driver calls any more. Instruments and chunks that it holds are dropped:
/// release the bank's first. Null does nothing.  [setup]
void km_engine_free(struct km_engine *engine);

/// [any]
const struct km_engine_memory *km_engine_memory(const struct km_engine *engine);

/// The sample pool, for km_bank_new.  [setup]
void *km_engine_pool(struct km_engine *engine, size_t *size);

KM_C_END

#endif
