// SPDX-License-Identifier: MIT

// Any bytes as the merged view of their tracks: the same events as the file in memory, merged, or
// the same refusal.

#include "unit/midi/midi_merged.h"

#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *input, size_t input_size);

int LLVMFuzzerTestOneInput(const uint8_t *input, size_t input_size)
{
    static FILE *scratch; // One for all inputs: making one costs more than all the rest.
    if (!scratch) {
        scratch = tmpfile();
    }
    EXPECT(scratch);
    struct km_heap *const heap = km_heap_new(NULL);
    EXPECT(heap);
    (void)expect_same_merge(heap, scratch, input, input_size);
    km_heap_free(heap);
    return 0;
}
