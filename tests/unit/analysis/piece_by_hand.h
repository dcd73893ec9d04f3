// SPDX-License-Identifier: MIT

/// For the tests of analysis: pieces made note by note, or of a file in memory.
#ifndef KM_TESTS_ANALYSIS_PIECE_BY_HAND_H
#define KM_TESTS_ANALYSIS_PIECE_BY_HAND_H

#include "analysis/piece.h"
#include "heap/heap.h"
#include "midi/file.h"
#include "support/cmocka.h"

#include <string.h>

enum { HAND_NOTES_MAX = 1 << 16, HAND_MARKS_MAX = 1 << 10 };

/// A piece with its own heap and room for notes. In tests one stands in static memory.
struct hand_piece {
    struct km_heap *heap;
    struct km_piece piece;
};

static inline void hand_init(struct hand_piece *hand, double bpm, int numerator, int denominator)
{
    struct km_heap *const heap = km_heap_new(NULL);
    assert_non_null(heap);
    struct km_piece *const piece = &hand->piece;
    *piece = (struct km_piece){.heap = heap, .metre_count = 1, .tempo_count = 1};
    hand->heap = heap;
    piece->notes =
        km_heap_allocate_array(heap, KM_ACCOUNT_WORKING, HAND_NOTES_MAX, sizeof(*piece->notes));
    piece->metres =
        km_heap_allocate_array(heap, KM_ACCOUNT_WORKING, HAND_MARKS_MAX, sizeof(*piece->metres));
    piece->tempos =
        km_heap_allocate_array(heap, KM_ACCOUNT_WORKING, HAND_MARKS_MAX, sizeof(*piece->tempos));
    assert_true(piece->notes && piece->metres && piece->tempos);
    piece->metres[0] = (struct km_piece_metre){
        .beat = 0, .numerator = (uint8_t)numerator, .denominator = (uint8_t)denominator};
    piece->tempos[0] = (struct km_piece_tempo){.beat = 0, .seconds = 0, .bpm = bpm};
}

/// Gives all back; a leak stops the program.
static inline void hand_release(struct hand_piece *hand)
{
    km_piece_release(&hand->piece);
    km_heap_free(hand->heap);
}

/// Adds a note where it belongs in the order of notes.
static inline void hand_insert(struct km_piece *piece, struct km_piece_note note)
{
    assert_in_range(piece->note_count, 0, HAND_NOTES_MAX - 1);
    size_t at = piece->note_count++;
    while (at > 0 && (piece->notes[at - 1].start_beat > note.start_beat ||
                      (piece->notes[at - 1].start_beat == note.start_beat &&
                       piece->notes[at - 1].track > note.track))) {
        piece->notes[at] = piece->notes[at - 1];
        --at;
    }
    piece->notes[at] = note;
    piece->end_beat = note.end_beat > piece->end_beat ? note.end_beat : piece->end_beat;
    piece->end_s = note.end_s > piece->end_s ? note.end_s : piece->end_s;
}

struct hand_note {
    double beat, beats;
    int key, velocity;
};

/// Adds a note of an instrument with a track and channel of its own; 9 is the drums.
static inline void hand_add(struct hand_piece *hand, int part, struct hand_note from)
{
    struct km_piece *const piece = &hand->piece;
    const double end = from.beat + from.beats;
    hand_insert(piece, (struct km_piece_note){.start_beat = from.beat,
                                              .end_beat = end,
                                              .start_s = km_piece_seconds(piece, from.beat),
                                              .end_s = km_piece_seconds(piece, end),
                                              .sound_end_beat = end,
                                              .sound_end_s = km_piece_seconds(piece, end),
                                              .track = (uint32_t)part,
                                              .channel = (uint8_t)part,
                                              .key = (uint8_t)from.key,
                                              .velocity = (uint8_t)from.velocity,
                                              .is_drum = part == 9});
}

/// A piece of a file.
static inline void hand_read(struct hand_piece *hand, const struct km_midi_file *file)
{
    hand->heap = km_heap_new(NULL);
    assert_non_null(hand->heap);
    assert_int_equal(km_piece_of_file(&hand->piece, hand->heap, file, NULL), KM_OK);
}

/// The same notes in a file that says nothing of tempo and metre: 120, and four quarters.
static inline void hand_forget_beats(struct hand_piece *hand)
{
    struct km_piece *const piece = &hand->piece;
    piece->tempo_count = 1;
    piece->tempos[0] = (struct km_piece_tempo){.bpm = 120};
    piece->metre_count = 1;
    piece->metres[0] = (struct km_piece_metre){.numerator = 4, .denominator = 4};
    for (size_t i = 0; i < piece->note_count; ++i) {
        struct km_piece_note *const note = &piece->notes[i];
        note->start_beat = note->start_s * 2;
        note->end_beat = note->end_s * 2;
        note->sound_end_beat = note->sound_end_s * 2;
    }
    piece->end_beat = piece->end_s * 2;
}

#endif
