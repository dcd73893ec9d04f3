// SPDX-License-Identifier: MIT

// Reads any bytes as a MIDI 2.0 clip file. In pieces or at once they are the same events, and the
// items' bytes are the input's; what is accepted is written as a clip, which is read without a
// problem and written again as the same bytes; memory stays in proportion to the input.

#include "heap/heap.h"
#include "support/expect.h"
#include "unit/midi/clip_support.h"

#include <stdint.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *input, size_t input_size);

enum { OUTPUT_SIZE = 1 << 22, INPUT_SIZE_MAX = 1 << 16 };

static bool is_sound(const struct reading_sum *sum, const struct reading_sum *other)
{
    return sum->covers && sum->hash == other->hash && sum->events == other->events &&
           sum->problems == other->problems && sum->end == other->end;
}

static void expect_same_in_pieces(struct km_heap *heap, const unsigned char *bytes, size_t size)
{
    const struct reading_sum whole = read_in_pieces(heap, bytes, size, size + 1);
    EXPECT(is_sound(&whole, &whole));
    static const size_t pieces[] = {1, 7, 64};
    for (int i = 0; i < 3; ++i) {
        const struct reading_sum parts = read_in_pieces(heap, bytes, size, pieces[i]);
        EXPECT(is_sound(&parts, &whole));
    }
}

// Ticks that are too far apart for one delta can be read, but not written.
static bool can_be_written(const struct km_midi_file *file)
{
    uint64_t tick = 0;
    for (size_t i = 0; i < file->tracks[0].count; ++i) {
        const uint64_t next = file->tracks[0].events[i].tick;
        if (next - tick > KM_MIDI_DELTA_MAX) {
            return false;
        }
        tick = next;
    }
    return true;
}

static void expect_round_trip(const struct km_midi_file *file, enum km_ump_protocol protocol)
{
    static unsigned char first[OUTPUT_SIZE];
    static unsigned char second[OUTPUT_SIZE];
    const size_t size = clip_of(file, protocol, first, sizeof(first));
    EXPECT(size > 0);
    struct km_midi_file again;
    km_midi_file_init(&again, file->heap, 0, 1);
    EXPECT(km_midi_file_read(&again, first, size, NULL, NULL) == KM_OK);
    EXPECT(again.division == file->division);
    EXPECT(clip_of(&again, protocol, second, sizeof(second)) == size);
    EXPECT(memcmp(first, second, size) == 0);
    km_midi_file_release(&again);
}

int LLVMFuzzerTestOneInput(const uint8_t *input, size_t input_size)
{
    static const char magic[8] = {'S', 'M', 'F', '2', 'C', 'L', 'I', 'P'};
    static unsigned char bytes[INPUT_SIZE_MAX];
    if (input_size > sizeof(bytes) - 8) {
        return 0;
    }
    // Inputs that begin otherwise are taken for what comes after it.
    const bool has_magic = input_size >= 8 && memcmp(input, magic, sizeof(magic)) == 0;
    memcpy(bytes, magic, sizeof(magic));
    if (input_size > 0) {
        memcpy(bytes + (has_magic ? 0 : 8), input, input_size);
    }
    const size_t size = input_size + (has_magic ? 0 : 8);
    struct km_heap *const heap = km_heap_new(NULL);
    EXPECT(heap);
    struct km_midi_file file;
    km_midi_file_init(&file, heap, 0, 1);
    struct km_error error = {0};
    const enum km_status status = km_midi_file_read(&file, bytes, size, NULL, &error);
    EXPECT(km_heap_usage(heap, KM_ACCOUNT_WORKING).peak_bytes <=
           (uint64_t)KM_MIDI_READ_FACTOR * size + 1024);
    expect_same_in_pieces(heap, bytes, size);
    if (status != KM_OK) {
        EXPECT(error.status == status && error.message[0] != '\0');
    } else if (can_be_written(&file)) {
        expect_round_trip(&file, KM_UMP_PROTOCOL_MIDI1);
        expect_round_trip(&file, KM_UMP_PROTOCOL_MIDI2);
    }
    km_midi_file_release(&file);
    km_heap_free(heap);
    return 0;
}
