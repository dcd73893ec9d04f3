// SPDX-License-Identifier: MIT

// Makes a piece of any notes, metres, tempos and pedals, and finds all there is to find in it:
// spans stand in order and without gaps, shares are shares, and the picture is well-formed.

#include "fuzz/analysis_expected.h"
#include "midi/file.h"

#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *input, size_t input_size);

// Longer inputs are left alone: a run takes a millisecond for every ten notes.
enum { RECORD_SIZE = 6, INPUT_SIZE_MAX = 1 + 40 * RECORD_SIZE, TRACKS = 3 };

// A record is one event, or a note with its end: kind and track, channel, key, velocity, delta,
// length. Deltas and lengths grow with their squares, so that both are often short and sometimes
// long.
static void add_record(struct km_midi_file *file, const uint8_t *record, uint64_t *tick)
{
    const size_t track = record[0] % TRACKS;
    const uint8_t value = record[3] % 128;
    *tick += (uint64_t)record[4] * record[4] / 64;
    struct km_event event = {.tick = *tick,
                             .type = KM_EVENT_NOTE_ON,
                             .channel = record[1] % 16,
                             .number = record[2] % 128,
                             .value = value > 0 ? value : 1};
    switch (record[0] / TRACKS % 16) {
    case 0:
        event.type = KM_EVENT_TEMPO;
        event.detail = 1 + ((uint32_t)record[1] << 16 | (uint32_t)record[2] << 8 | record[3]);
        break;
    case 1:
        event.type = KM_EVENT_TIME_SIGNATURE;
        event.number = (uint8_t)(1 + record[2] % 16);
        event.value = record[3] % 6;
        break;
    case 2:
        event.type = KM_EVENT_CONTROL;
        event.number = 64;
        event.value = value;
        break;
    case 3:
        event.type = KM_EVENT_PROGRAM;
        event.value = 0;
        break;
    default:
        break;
    }
    EXPECT(km_midi_file_add(file, track, event) == KM_OK);
    if (event.type == KM_EVENT_NOTE_ON && record[5] != 255) { // 255: never ended.
        event.type = KM_EVENT_NOTE_OFF;
        event.tick += (uint64_t)record[5] * record[5] / 8;
        EXPECT(km_midi_file_add(file, track, event) == KM_OK);
    }
}

static void make_file(struct km_midi_file *file, const uint8_t *input, size_t size)
{
    uint64_t tick = 0;
    for (size_t i = 0; i < TRACKS; ++i) {
        EXPECT(km_midi_file_add_track(file) == KM_OK);
    }
    for (size_t i = 0; i + RECORD_SIZE <= size; i += RECORD_SIZE) {
        add_record(file, input + i, &tick);
    }
    for (size_t i = 0; i < TRACKS; ++i) {
        EXPECT(km_midi_track_sort(file, i) == KM_OK);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *input, size_t input_size)
{
    static const uint16_t divisions[] = {480, 960, 192, 0xE728};
    if (input_size == 0 || input_size > INPUT_SIZE_MAX) {
        return 0;
    }
    struct km_heap *const heap = km_heap_new(NULL);
    EXPECT(heap);
    struct km_midi_file file;
    km_midi_file_init(&file, heap, input[0] / 4 % 3, divisions[input[0] % 4]);
    make_file(&file, input + 1, input_size - 1);
    struct km_piece piece;
    EXPECT(km_piece_of_file(&piece, heap, &file, NULL) == KM_OK);
    for (size_t i = 1; i < piece.note_count; ++i) {
        EXPECT(piece.notes[i - 1].start_beat <= piece.notes[i].start_beat);
        EXPECT(piece.notes[i - 1].start_s <= piece.notes[i].start_s);
    }
    expect_analysed(&piece);
    km_piece_release(&piece);
    km_midi_file_release(&file);
    km_heap_free(heap); // Stops if anything leaks.
    return 0;
}
