// SPDX-License-Identifier: MIT

/// Pieces of a fixed block of Side A's memory, taken and given back by Side B.
///
/// Only Side B calls it: the audio thread reads what lies in the pieces, never where they are. The
/// bookkeeping is on the heap's working account, so nothing that is written beyond a piece can
/// damage it. The block never grows; free neighbours are joined; a piece comes from the smallest
/// gap that holds it, so that large gaps stay.
#ifndef KM_FONT_SAMPLE_POOL_H
#define KM_FONT_SAMPLE_POOL_H

#include "base/attributes.h"

#include <stddef.h>
#include <stdint.h>

KM_C_BEGIN

struct km_heap;
struct km_sample_pool;

enum { KM_SAMPLE_POOL_ALIGNMENT = 64 };

struct km_sample_pool_usage {
    size_t size;         ///< Of the block, rounded down to the alignment.
    size_t used;         ///< In pieces, each rounded up to the alignment.
    size_t peak;         ///< The most that `used` has been.
    size_t largest_free; ///< The largest piece that could be had now.
    uint32_t pieces;
};

/// A pool over `block`, which is aligned to KM_SAMPLE_POOL_ALIGNMENT and must outlive it. Null if
/// the heap refuses.  [control]
KM_NODISCARD struct km_sample_pool *km_sample_pool_new(struct km_heap *heap, void *block,
                                                       size_t size);

/// Frees the bookkeeping; pieces that are still taken are of no more use. Null does
/// nothing.  [control]
void km_sample_pool_free(struct km_sample_pool *pool);

/// Takes a piece of `size` bytes (0 counts as 1), aligned, holding whatever was there. Null if no
/// gap is large enough, or the heap refuses more bookkeeping.  [control]
KM_NODISCARD void *km_sample_pool_allocate(struct km_sample_pool *pool, size_t size);

/// Gives a piece back; null does nothing. Anything else that is no piece is a programmer error,
/// and found, always.  [control]
void km_sample_pool_release(struct km_sample_pool *pool, void *piece);

/// How full it is.  [control]
struct km_sample_pool_usage km_sample_pool_usage(const struct km_sample_pool *pool);

/// What a piece of `size` bytes takes of a pool; SIZE_MAX if that does not fit a size_t.  [any]
size_t km_sample_pool_rounded(size_t size);

KM_C_END

#endif
