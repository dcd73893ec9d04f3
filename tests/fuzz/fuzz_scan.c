// SPDX-License-Identifier: MIT

// Any bytes scanned: the same counts as of the file in memory, or the same refusal.

#include "unit/midi/midi_scan.h"

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
    (void)expect_same_scan(heap, scratch, input, input_size);
    km_heap_free(heap);
    return 0;
}
