// SPDX-License-Identifier: MIT

// Any bytes read as a piece, and all found in it that there is to find, or refused with a sentence.

#include "base/input.h"
#include "fuzz/analysis_expected.h"

#include <stdint.h>
#include <stdio.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *input, size_t input_size);

// Longer pieces are read and left alone: few bytes can say many beats, and each takes its time.
enum { BEATS_MAX = 512, NOTES_MAX = 512 };

static void expect_piece(struct km_piece *piece)
{
    EXPECT(piece->metre_count > 0 && piece->metres[0].beat == 0.0);
    EXPECT(piece->tempo_count > 0 && piece->tempos[0].beat == 0.0);
    EXPECT(isfinite(piece->end_beat) && isfinite(piece->end_s));
    for (size_t i = 0; i < piece->note_count; ++i) {
        const struct km_piece_note *const note = &piece->notes[i];
        EXPECT(i == 0 || note[-1].start_beat <= note->start_beat);
        EXPECT(note->start_s >= 0.0 && note->start_beat >= 0.0);
        EXPECT(note->start_s <= note->end_s && note->end_s <= note->sound_end_s);
        EXPECT(note->start_beat <= note->end_beat && note->end_beat <= note->sound_end_beat);
        EXPECT(note->end_beat <= piece->end_beat && note->part < piece->part_count);
        EXPECT(note->key < 128 && note->velocity > 0 && note->velocity < 128);
    }
    if (piece->end_beat < BEATS_MAX && piece->end_s < BEATS_MAX && piece->note_count < NOTES_MAX) {
        expect_analysed(piece);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *input, size_t input_size)
{
    static FILE *scratch; // One for all inputs: making one costs more than all the rest.
    if (!scratch) {
        scratch = tmpfile();
    }
    EXPECT(scratch && ftruncate(fileno(scratch), 0) == 0);
    EXPECT(pwrite(fileno(scratch), input, input_size, 0) == (ssize_t)input_size);
    struct km_heap *const heap = km_heap_new(NULL);
    EXPECT(heap);
    struct km_input from = {.file = fileno(scratch), .size = input_size, .name = "fuzz"};
    struct km_piece piece;
    struct km_error error = {0};
    if (km_piece_read(&piece, heap, &from, NULL, &error) == KM_OK) {
        expect_piece(&piece);
        km_piece_release(&piece);
    } else {
        EXPECT(error.message[0] != '\0');
    }
    km_heap_free(heap); // Stops if anything leaks.
    return 0;
}
