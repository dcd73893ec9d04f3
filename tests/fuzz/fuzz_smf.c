// SPDX-License-Identifier: MIT

// Reads any bytes as a Standard MIDI File. What is accepted must be written, read again as the same
// file, and written again as the same bytes; memory stays in proportion to the input.

#include "heap/heap.h"
#include "midi/file.h"
#include "support/expect.h"
#include "unit/midi/midi_compare.h"

#include <stdint.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *input, size_t input_size);

enum { OUTPUT_SIZE = 1 << 22 };

// NOLINTNEXTLINE(readability-non-const-parameter): the sink writes there.
static size_t write_file(const struct km_midi_file *file, unsigned char *output)
{
    struct km_sink_memory memory = {.bytes = output, .size = OUTPUT_SIZE};
    struct km_sink sink = km_sink_to_memory(&memory);
    EXPECT(km_midi_file_write(file, &sink, NULL) == KM_OK);
    return memory.used;
}

static void expect_round_trip(const struct km_midi_file *file)
{
    static unsigned char first[OUTPUT_SIZE];
    static unsigned char second[OUTPUT_SIZE];
    struct km_midi_file again;
    km_midi_file_init(&again, file->heap, 0, 1);
    const size_t size = write_file(file, first);
    EXPECT(km_midi_file_read(&again, first, size, NULL, NULL) == KM_OK);
    EXPECT(again.format == file->format && again.division == file->division);
    if (file->format != 0 || file->track_count == 1) { // Format 0 merges tracks.
        EXPECT(is_same_file(file, &again));
    }
    EXPECT(write_file(&again, second) == size);
    EXPECT(memcmp(first, second, size) == 0);
    km_midi_file_release(&again);
}

int LLVMFuzzerTestOneInput(const uint8_t *input, size_t input_size)
{
    struct km_heap *const heap = km_heap_new(NULL);
    EXPECT(heap);
    struct km_midi_file file;
    km_midi_file_init(&file, heap, 0, 1);
    struct km_midi_warnings warnings;
    struct km_error error = {0};
    const enum km_status status = km_midi_file_read(&file, input, input_size, &warnings, &error);
    EXPECT(km_heap_usage(heap, KM_ACCOUNT_WORKING).peak_bytes <=
           (uint64_t)KM_MIDI_READ_FACTOR * input_size + 1024);
    EXPECT((warnings.count > 0) == (warnings.first_message[0] != '\0'));
    if (status == KM_OK) {
        expect_round_trip(&file);
    } else {
        EXPECT(error.status == status && error.message[0] != '\0');
        EXPECT(file.track_count == 0 && file.payloads_size == 0);
    }
    km_midi_file_release(&file);
    km_heap_free(heap);
    return 0;
}
