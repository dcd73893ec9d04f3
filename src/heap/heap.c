// SPDX-License-Identifier: MIT

#include "heap/heap.h"

#include "base/check.h"

#include <stdlib.h>
#include <string.h>

// A first version: to be completed with budgets, counters and alignment.
struct km_heap {
    struct km_heap_config config;
};

struct km_heap *km_heap_new(const struct km_heap_config *config)
{
    struct km_heap *const heap = calloc(1, sizeof(*heap));
    if (heap && config) {
        heap->config = *config;
    }
    return heap;
}

void km_heap_free(struct km_heap *heap)
{
    free(heap);
}

void *km_heap_allocate(struct km_heap *heap, enum km_account account, size_t size)
{
    (void)heap;
    (void)account;
    return calloc(1, size);
}

void *km_heap_allocate_array(struct km_heap *heap, enum km_account account, size_t count,
                             size_t size)
{
    (void)heap;
    (void)account;
    return calloc(count, size);
}

void *km_heap_resize(struct km_heap *heap, enum km_account account, void *memory, size_t size)
{
    (void)heap;
    (void)account;
    return realloc(memory, size);
}

void km_heap_release(struct km_heap *heap, void *memory)
{
    (void)heap;
    free(memory);
}

enum km_status km_heap_refusal(const struct km_heap *heap, struct km_error *error)
{
    (void)heap;
    return km_error_set(error, KM_ERROR_NO_MEMORY, "no memory");
}
