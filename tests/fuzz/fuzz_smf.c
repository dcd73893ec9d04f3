// SPDX-License-Identifier: MIT

// Reads any bytes as MIDI. Where they are cut changes nothing of what the reader tells, and its
// items are just the bytes that came in; the file in memory holds the same events. What is accepted
// must be written, read again as the same file, and written again as the same bytes; memory stays
// in proportion to the input.

#include "heap/heap.h"
#include "midi/file.h"
#include "support/expect.h"
#include "unit/midi/midi_compare.h"
#include "unit/midi/reader_support.h"

#include <stdint.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *input, size_t input_size);

enum { OUTPUT_SIZE = 1 << 22, MEMORY_MAX = KM_MIDI_READER_BUFFER_SIZE + 4096 };

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

// Reads the bytes in several ways; tells what all of them say.
static void read_piecewise(const uint8_t *input, size_t size, struct reading_digest *whole)
{
    read_in_pieces(input, size, CUT_NOWHERE, false, whole);
    static const int cuts[] = {1, CUT_RANDOMLY};
    for (size_t i = 0; i < sizeof(cuts) / sizeof(cuts[0]); ++i) {
        struct reading_digest cut;
        read_in_pieces(input, size, cuts[i], false, &cut);
        EXPECT(is_same_reading(whole, &cut));
        EXPECT(cut.peak_bytes <= MEMORY_MAX && cut.allocations == 1);
        EXPECT(cut.steps <= 4 * size + 16);
    }
    struct reading_digest strict;
    read_in_pieces(input, size, CUT_NOWHERE, true, &strict);
    EXPECT(strict.problem_count <= 1);
    EXPECT((strict.step == KM_MIDI_STEP_END) ==
           (whole->step == KM_MIDI_STEP_END && whole->problem_count == 0));
}

int LLVMFuzzerTestOneInput(const uint8_t *input, size_t input_size)
{
    if (input_size >= 8 && memcmp(input, "SMF2CLIP", 8) == 0) {
        return 0; // fuzz_clip's.
    }
    struct reading_digest whole;
    read_piecewise(input, input_size, &whole);
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
        EXPECT(whole.step == KM_MIDI_STEP_END);
        EXPECT(warnings.count >= whole.problem_count); // It finds notes that do not match, too.
        EXPECT(digest_of_file(&file) == whole.events);
        expect_round_trip(&file);
    } else {
        EXPECT(error.status == status && error.message[0] != '\0');
        EXPECT(file.track_count == 0 && file.payloads_size == 0);
        EXPECT(whole.step == KM_MIDI_STEP_FAILED);
    }
    km_midi_file_release(&file);
    km_heap_free(heap);
    return 0;
}
