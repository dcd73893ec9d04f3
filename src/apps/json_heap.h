// SPDX-License-Identifier: MIT

/// jansson's memory on our accounts.
#ifndef KM_APPS_JSON_HEAP_H
#define KM_APPS_JSON_HEAP_H

struct km_heap;

/// Lets jansson allocate from the working account of `heap`, which must outlive all its values;
/// null gives it the C library's allocator back.  [setup]
void km_json_use_heap(struct km_heap *heap);

#endif
