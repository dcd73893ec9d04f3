// SPDX-License-Identifier: MIT

// The allocator's functions. To find the originals may itself take memory: such calls are served
// from a block of ours.

#include "preload/preload_private.h"

#include <errno.h>
#include <stdalign.h>
#include <stdatomic.h>
#include <string.h>

enum { FIRST_BLOCK_SIZE = 1 << 16, FIRST_ALIGNMENT = 16 };

// Never given back: it is little, and is asked for before the program's first line runs.
static struct {
    alignas(FIRST_ALIGNMENT) unsigned char bytes[FIRST_BLOCK_SIZE];
    _Atomic size_t used;
} first_block;

static bool is_of_first_block(const void *memory)
{
    const uintptr_t address = (uintptr_t)memory;
    return address - (uintptr_t)first_block.bytes < FIRST_BLOCK_SIZE;
}

// Zeroed, and with its size before it, for realloc.
static void *take_from_first_block(size_t size)
{
    if (size > FIRST_BLOCK_SIZE) {
        return NULL;
    }
    const size_t rounded =
        (size + 2 * (size_t)FIRST_ALIGNMENT - 1) & ~(size_t)(FIRST_ALIGNMENT - 1);
    const size_t start = atomic_fetch_add(&first_block.used, rounded);
    if (start + rounded > FIRST_BLOCK_SIZE) {
        return NULL;
    }
    memcpy(first_block.bytes + start, &size, sizeof(size));
    return first_block.bytes + start + FIRST_ALIGNMENT;
}

static size_t size_in_first_block(const void *memory)
{
    size_t size;
    memcpy(&size, (const unsigned char *)memory - FIRST_ALIGNMENT, sizeof(size));
    return size;
}

// Whether the originals are known. If not, the call comes from looking them up.
static bool is_ready(void)
{
    return !KM_UNLIKELY(!km_preload_real.free) || km_preload_resolve();
}

// Defines an allocating function that hands its arguments on.
#define KM_ALLOCATE(result, name, parameters, arguments)                                           \
    KM_EXPORT result name parameters                                                               \
    {                                                                                              \
        const unsigned int depth = km_preload_hide(KM_PRELOAD_ALLOCATION, #name);                  \
        result memory_taken = KM_REAL(name) arguments;                                             \
        km_preload_unhide(depth);                                                                  \
        return memory_taken;                                                                       \
    }

KM_ALLOCATE(void *, memalign, (size_t alignment, size_t size), (alignment, size))
KM_ALLOCATE(void *, aligned_alloc, (size_t alignment, size_t size), (alignment, size))
KM_ALLOCATE(int, posix_memalign, (void **memory, size_t alignment, size_t size),
            (memory, alignment, size))
KM_ALLOCATE(void *, valloc, (size_t size), (size))
KM_ALLOCATE(void *, pvalloc, (size_t size), (size))

KM_EXPORT void *malloc(size_t size)
{
    if (!is_ready()) {
        return take_from_first_block(size);
    }
    const unsigned int depth = km_preload_hide(KM_PRELOAD_ALLOCATION, "malloc");
    void *const memory = km_preload_real.malloc(size);
    km_preload_unhide(depth);
    return memory;
}

KM_EXPORT void *calloc(size_t count, size_t size)
{
    if (!is_ready()) {
        return size == 0 || count <= FIRST_BLOCK_SIZE / size ? take_from_first_block(count * size)
                                                             : NULL;
    }
    const unsigned int depth = km_preload_hide(KM_PRELOAD_ALLOCATION, "calloc");
    void *const memory = km_preload_real.calloc(count, size);
    km_preload_unhide(depth);
    return memory;
}

// Memory of the first block moves to the original allocator as soon as it changes its size.
static void *move_from_first_block(const void *memory, size_t size)
{
    const size_t size_before = size_in_first_block(memory);
    void *const moved = is_ready() ? km_preload_real.malloc(size) : take_from_first_block(size);
    if (moved) {
        memcpy(moved, memory, size < size_before ? size : size_before);
    }
    return moved;
}

static void *resize(void *memory, size_t size, const char *name)
{
    const unsigned int depth = km_preload_hide(KM_PRELOAD_ALLOCATION, name);
    void *const resized = is_of_first_block(memory) || !is_ready()
                              ? move_from_first_block(memory, size)
                              : km_preload_real.realloc(memory, size);
    km_preload_unhide(depth);
    return resized;
}

KM_EXPORT void *realloc(void *memory, size_t size)
{
    return memory ? resize(memory, size, "realloc") : malloc(size);
}

KM_EXPORT void *reallocarray(void *memory, size_t count, size_t size)
{
    size_t product = 0;
    if (__builtin_mul_overflow(count, size, &product)) {
        errno = ENOMEM;
        return NULL;
    }
    return memory ? resize(memory, product, "reallocarray") : malloc(product);
}

// To free null is to do nothing, so it is not counted.
KM_EXPORT void free(void *memory)
{
    if (!memory || is_of_first_block(memory) || !is_ready()) {
        return;
    }
    const unsigned int depth = km_preload_hide(KM_PRELOAD_FREE, "free");
    km_preload_real.free(memory);
    km_preload_unhide(depth);
}
