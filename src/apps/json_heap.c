// SPDX-License-Identifier: MIT

#include "apps/json_heap.h"

#include "heap/heap.h"

#include <jansson.h>
#include <stdlib.h>

// jansson's hooks take no context, so the heap they use has to be known to all: the one place where
// the command keeps such a thing.
static struct km_heap **json_heap(void)
{
    static struct km_heap *heap;
    return &heap;
}

static void *allocate(size_t size)
{
    return km_heap_allocate(*json_heap(), KM_ACCOUNT_WORKING, size);
}

static void release(void *memory)
{
    km_heap_release(*json_heap(), memory);
}

void km_json_use_heap(struct km_heap *heap)
{
    *json_heap() = heap;
    if (heap) {
        json_set_alloc_funcs(allocate, release);
    } else {
        json_set_alloc_funcs(malloc, free);
    }
}
