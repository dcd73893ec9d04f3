// SPDX-License-Identifier: MIT

/// A block of memory that knows its size and account, and notices damage.
#ifndef KM_HEAP_BLOCK_PRIVATE_H
#define KM_HEAP_BLOCK_PRIVATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    KM_BLOCK_ALIGNMENT = 16, ///< What the C library gives by itself.
    KM_BLOCK_ALIGNMENT_MAX = 4096,
};

/// Larger ones are never made.
#define KM_BLOCK_SIZE_MAX ((1ULL << 44U) - 1)

/// Lies right before the memory that is handed out.
struct km_block {
    uint64_t size : 44;
    uint64_t account : 4;
    uint64_t alignment_log2 : 4;
    uint64_t offset_units : 12; ///< From what the C library gave to the memory, in sixteens.
    uint64_t seal;              ///< Made of all the above, the address and the owner.
};

/// Makes `size` (up to KM_BLOCK_SIZE_MAX) zeroed bytes, aligned to a power of two of up to 4,096,
/// that belong to `owner` and carry `account` (0 to 15). Null if the system has no memory.  [any]
void *km_block_make(const void *owner, unsigned int account, size_t size, size_t alignment);

/// The same block in its new size, with its content, the rest zero, the alignment kept; null, and
/// the old one as it was, if the system has no memory.  [any]
void *km_block_resize(const void *owner, void *memory, size_t size);

/// Gives the block back to the system.  [any]
void km_block_free(void *memory);

/// What `memory` (from km_block_make) knows of itself.  [any]
const struct km_block *km_block_of(const void *memory);

/// Whether `memory` is an undamaged block of this owner. Foreign memory is read up to 16 bytes
/// before its address.  [any]
bool km_block_is_sound(const void *owner, const void *memory);

#endif
