// SPDX-License-Identifier: MIT

/// Blocks of one size, taken and given back in constant time.
///
/// One thread owns a pool and alone calls it: nothing here is atomic, so there is no ABA problem. A
/// block that another thread must see travels through a ring and comes back through one. The memory
/// is the arena's: a pool is not freed, its arena's block is.
#ifndef KM_RT_POOL_H
#define KM_RT_POOL_H

#include "base/attributes.h"

#include <stddef.h>
#include <stdint.h>

KM_C_BEGIN

struct km_arena;
struct km_pool;

enum { KM_POOL_BLOCKS_MAX = 1 << 24, KM_POOL_BLOCK_SIZE_MAX = 1 << 30 };

/// Creates a pool of `count` blocks (1 to KM_POOL_BLOCKS_MAX) of `block_size` bytes (1 to
/// KM_POOL_BLOCK_SIZE_MAX), each aligned to `alignment` (a power of two of up to 4,096).  [setup]
/// Returns null, and takes nothing from the arena, if it lacks room.
KM_NODISCARD struct km_pool *km_pool_new(struct km_arena *arena, size_t block_size,
                                         size_t alignment, uint32_t count);

/// Takes a block; it holds what its last user left, at first zeros.  [audio]
/// Returns null, and counts a refusal, if all are taken: the caller decides what to drop or steal.
KM_RT KM_NODISCARD void *km_pool_take(struct km_pool *pool);

/// Gives back a block that was taken from this pool; it must not be used any more.  [audio]
/// Giving twice, giving what is not a block of this pool, and null are programmer errors, and are
/// found, always.
KM_RT void km_pool_give(struct km_pool *pool, void *block);

/// Number of blocks that are taken now.  [audio]
KM_RT uint32_t km_pool_taken(const struct km_pool *pool);

/// The most blocks that were ever taken at once.  [audio]
KM_RT uint32_t km_pool_taken_max(const struct km_pool *pool);

/// How often km_pool_take has returned null.  [audio]
KM_RT uint64_t km_pool_refusals(const struct km_pool *pool);

KM_C_END

#endif
