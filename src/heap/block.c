// SPDX-License-Identifier: MIT

#include "heap/block_private.h"

#include <stdalign.h>
#include <stdlib.h>
#include <string.h>

_Static_assert(sizeof(struct km_block) == KM_BLOCK_ALIGNMENT, "the overhead of an ordinary block");
_Static_assert(alignof(max_align_t) <= KM_BLOCK_ALIGNMENT, "a header keeps malloc's alignment");
_Static_assert(KM_BLOCK_ALIGNMENT_MAX / KM_BLOCK_ALIGNMENT + 1 < 4096, "an offset fits 12 bits");

static uint64_t seal_of(const void *owner, const struct km_block *block)
{
    uint64_t fields;
    memcpy(&fields, block, sizeof(fields));
    uint64_t mixed = (uint64_t)(uintptr_t)owner ^ 0x6B6D696469686561ULL;
    mixed = (mixed ^ fields) * 0xBF58476D1CE4E5B9ULL;
    mixed = (mixed ^ (mixed >> 29U) ^ (uint64_t)(uintptr_t)block) * 0x94D049BB133111EBULL;
    return mixed ^ (mixed >> 32U);
}

const struct km_block *km_block_of(const void *memory)
{
    return (const struct km_block *)memory - 1;
}

static void *start_of(void *memory)
{
    return (char *)memory - (size_t)km_block_of(memory)->offset_units * KM_BLOCK_ALIGNMENT;
}

static void *seal_block(const void *owner, void *memory, struct km_block fields)
{
    struct km_block *const block = (struct km_block *)memory - 1;
    *block = fields;
    block->seal = seal_of(owner, block);
    return memory;
}

bool km_block_is_sound(const void *owner, const void *memory)
{
    const struct km_block *const block = km_block_of(memory);
    return (uintptr_t)memory % KM_BLOCK_ALIGNMENT == 0 && block->seal == seal_of(owner, block);
}

void *km_block_make(const void *owner, unsigned int account, size_t size, size_t alignment)
{
    size_t boundary = KM_BLOCK_ALIGNMENT;
    uint64_t log2 = 4;
    while (boundary < alignment) {
        boundary *= 2;
        ++log2;
    }
    const size_t slack = boundary - KM_BLOCK_ALIGNMENT;
    char *const start = calloc(1, sizeof(struct km_block) + slack + size);
    if (!start) {
        return NULL;
    }
    const uintptr_t lowest = (uintptr_t)start + sizeof(struct km_block);
    const size_t gap = (boundary - lowest % boundary) % boundary;
    const size_t offset = sizeof(struct km_block) + gap;
    return seal_block(owner, start + offset,
                      (struct km_block){
                          .size = size & KM_BLOCK_SIZE_MAX,
                          .account = account & 15U,
                          .alignment_log2 = log2 & 15U,
                          .offset_units = (offset / KM_BLOCK_ALIGNMENT) & 4095U,
                      });
}

void km_block_free(void *memory)
{
    void *const start = start_of(memory);
    // Breaks the seal: a second release is found out, as long as nobody else got the block.
    // Volatile, for a compiler need not store what is about to be freed.
    volatile uint64_t *const seal = &((struct km_block *)memory - 1)->seal;
    *seal = 0;
    free(start);
}

// realloc would lose the alignment.
static void *move_block(const void *owner, void *memory, size_t size)
{
    const struct km_block fields = *km_block_of(memory);
    const size_t kept = size < fields.size ? size : (size_t)fields.size;
    void *const moved = km_block_make(owner, (unsigned int)fields.account, size,
                                      (size_t)1 << fields.alignment_log2);
    if (moved) {
        memcpy(moved, memory, kept);
        km_block_free(memory);
    }
    return moved;
}

void *km_block_resize(const void *owner, void *memory, size_t size)
{
    struct km_block fields = *km_block_of(memory);
    if (((size_t)1 << fields.alignment_log2) > KM_BLOCK_ALIGNMENT) {
        return move_block(owner, memory, size);
    }
    char *const start = realloc(start_of(memory), sizeof(struct km_block) + size);
    if (!start) {
        return NULL;
    }
    char *const resized = start + sizeof(struct km_block);
    if (size > fields.size) {
        memset(resized + fields.size, 0, size - fields.size);
    }
    fields.size = size & KM_BLOCK_SIZE_MAX;
    return seal_block(owner, resized, fields);
}
