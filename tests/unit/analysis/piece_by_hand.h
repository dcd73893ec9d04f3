// SPDX-License-Identifier: MIT

/// For the tests of analysis: pieces made note by note, or of a file in memory, without the reader
/// of pieces, which has tests of its own.
#ifndef KM_TESTS_ANALYSIS_PIECE_BY_HAND_H
#define KM_TESTS_ANALYSIS_PIECE_BY_HAND_H

#include "analysis/piece.h"
#include "heap/heap.h"
#include "midi/file.h"
#include "midi/notes.h"
#include "midi/tempo_map.h"
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
    km_heap_release(hand->heap, hand->piece.notes);
    km_heap_release(hand->heap, hand->piece.metres);
    km_heap_release(hand->heap, hand->piece.tempos);
    km_heap_free(hand->heap);
}

static inline double hand_seconds(const struct km_piece *piece, double beat)
{
    size_t at = 0;
    while (at + 1 < piece->tempo_count && piece->tempos[at + 1].beat <= beat) {
        ++at;
    }
    const struct km_piece_tempo *const tempo = &piece->tempos[at];
    return tempo->seconds + (beat - tempo->beat) * 60 / tempo->bpm;
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
                                              .start_s = hand_seconds(piece, from.beat),
                                              .end_s = hand_seconds(piece, end),
                                              .sound_end_beat = end,
                                              .sound_end_s = hand_seconds(piece, end),
                                              .track = (uint32_t)part,
                                              .channel = (uint8_t)part,
                                              .key = (uint8_t)from.key,
                                              .velocity = (uint8_t)from.velocity,
                                              .is_drum = part == 9});
}

static inline void hand_read_marks(struct km_piece *piece, const struct km_midi_file *file)
{
    struct km_tempo_map map;
    assert_int_equal(km_tempo_map_init(&map, file), KM_OK);
    piece->tempo_count = 0;
    for (size_t i = 0; i < map.count && i < HAND_MARKS_MAX; ++i) {
        const struct km_tempo_change *const change = &map.changes[i];
        piece->tempos[piece->tempo_count++] =
            (struct km_piece_tempo){.beat = (double)change->tick / file->division,
                                    .seconds = change->seconds,
                                    .bpm = 60 / (change->seconds_per_tick * file->division)};
    }
    km_tempo_map_release(&map);
    piece->metre_count = 1;
    for (size_t i = 0; i < file->tracks[0].count; ++i) {
        const struct km_event *const event = &file->tracks[0].events[i];
        if (event->type == KM_EVENT_TIME_SIGNATURE && piece->metre_count < HAND_MARKS_MAX) {
            piece->metre_count -= event->tick == 0;
            piece->metres[piece->metre_count++] =
                (struct km_piece_metre){.beat = (double)event->tick / file->division,
                                        .numerator = event->number,
                                        .denominator = (uint8_t)(1U << event->value)};
        }
    }
}

/// The notes of a file in quarter-note division; metres of its first track alone.
static inline void hand_read(struct hand_piece *hand, const struct km_midi_file *file)
{
    hand_init(hand, 120, 4, 4);
    struct km_piece *const piece = &hand->piece;
    hand_read_marks(piece, file);
    for (size_t track = 0; track < file->track_count; ++track) {
        struct km_notes found;
        assert_int_equal(km_notes_init(&found, file, track), KM_OK);
        for (size_t i = 0; i < found.count; ++i) {
            const struct km_note *const from = &found.notes[i];
            struct km_piece_note note = {.start_beat = (double)from->tick / file->division,
                                         .end_beat = (double)from->end / file->division,
                                         .track = (uint32_t)track,
                                         .channel = from->channel,
                                         .key = from->key,
                                         .velocity = from->velocity,
                                         .is_drum = from->channel == 9};
            note.start_s = hand_seconds(piece, note.start_beat);
            note.end_s = hand_seconds(piece, note.end_beat);
            note.sound_end_beat = note.end_beat;
            note.sound_end_s = note.end_s;
            hand_insert(piece, note);
        }
        km_notes_release(&found);
    }
}

#endif
