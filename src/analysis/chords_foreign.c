// SPDX-License-Identifier: MIT

// Why notes that are not of the chord stand there: by how their voice comes to them and goes on.

#include "analysis/chords_private.h"
#include "analysis/keys_private.h"

// A voice's neighbour lies within so many notes of the list, and so many beats.
enum { NEIGHBOURS_MAX = 24, STEP = 2, LEAP_OF_A_VOICE_MAX = 12 };

#define GAP_BEATS 0.3

static int distance(const struct km_piece_note *a, const struct km_piece_note *b)
{
    return a->key > b->key ? a->key - b->key : b->key - a->key;
}

static bool is_one_part(const struct km_piece_note *a, const struct km_piece_note *b)
{
    return a->track == b->track && a->channel == b->channel;
}

// The nearest note of the part that ends where this one begins; null if there is none.
static const struct km_piece_note *note_before(const struct km_piece *piece, size_t index)
{
    const struct km_piece_note *const note = &piece->notes[index];
    const struct km_piece_note *best = NULL;
    for (size_t i = index; i-- > 0 && i + NEIGHBOURS_MAX >= index;) {
        const struct km_piece_note *const other = &piece->notes[i];
        const double gap = note->start_beat - other->end_beat;
        const bool leads =
            gap < GAP_BEATS && gap > -GAP_BEATS && other->start_beat < note->start_beat - 0.05;
        if (leads && is_one_part(note, other) &&
            distance(note, other) <= (best ? distance(note, best) - 1 : LEAP_OF_A_VOICE_MAX)) {
            best = other;
        }
    }
    return best;
}

// The nearest note of the part that begins where this one ends.
static const struct km_piece_note *note_after(const struct km_piece *piece, size_t index)
{
    const struct km_piece_note *const note = &piece->notes[index];
    const struct km_piece_note *best = NULL;
    for (size_t i = index + 1; i < piece->note_count && i <= index + NEIGHBOURS_MAX; ++i) {
        const struct km_piece_note *const other = &piece->notes[i];
        const double gap = other->start_beat - note->end_beat;
        const bool follows =
            gap < GAP_BEATS && gap > -GAP_BEATS && other->start_beat > note->start_beat + 0.05;
        if (follows && is_one_part(note, other) &&
            distance(note, other) <= (best ? distance(note, best) - 1 : LEAP_OF_A_VOICE_MAX)) {
            best = other;
        }
    }
    return best;
}

// How a voice comes to a note and goes on from it, in semitones; 0 is the same key.
struct motion {
    bool has_before, has_after;
    int in, out;
};

static bool is_step(int semitones)
{
    return semitones != 0 && semitones >= -STEP && semitones <= STEP;
}

static enum km_foreign_note kind_of_motion(struct motion motion)
{
    const bool steps_in = motion.has_before && is_step(motion.in);
    const bool steps_out = motion.has_after && is_step(motion.out);
    if (motion.has_before && motion.in == 0 && steps_out) {
        return KM_FOREIGN_SUSPENSION; // Struck again
    }
    if (steps_in && steps_out) {
        return motion.in * motion.out > 0 ? KM_FOREIGN_PASSING : KM_FOREIGN_NEIGHBOUR;
    }
    if (steps_out) {
        return KM_FOREIGN_APPOGGIATURA;
    }
    return steps_in && motion.has_after && motion.out != 0 ? KM_FOREIGN_ESCAPE : KM_FOREIGN_FREE;
}

static bool belongs(const struct km_chord_span *span, const struct km_piece_note *note)
{
    return span->chord.quality == KM_CHORD_NONE ||
           (km_chord_pitches(span->chord) >> note->key % 12 & 1U) != 0;
}

static enum km_foreign_note explain(const struct km_chords *chords, size_t span,
                                    const struct km_piece *piece, size_t index)
{
    const struct km_piece_note *const note = &piece->notes[index];
    const struct km_chord_span *const here = &chords->spans[span];
    const struct km_piece_note *const before = note_before(piece, index);
    const struct km_piece_note *const after = note_after(piece, index);
    const struct motion motion = {before != NULL, after != NULL,
                                  before ? note->key - before->key : 0,
                                  after ? after->key - note->key : 0};
    const bool was_held = note->start_beat < here->start_beat - 0.05;
    const bool is_held_on = note->end_beat > here->end_beat + 0.05;
    if (was_held) {
        const bool resolves = !is_held_on && motion.has_after && is_step(motion.out);
        return resolves ? KM_FOREIGN_SUSPENSION : KM_FOREIGN_PEDAL;
    }
    const bool is_last = note->end_beat > here->end_beat - 0.1;
    if (is_last && span + 1 < chords->count && belongs(&chords->spans[span + 1], note) &&
        (is_held_on || (motion.has_after && motion.out == 0))) {
        return KM_FOREIGN_ANTICIPATION;
    }
    return kind_of_motion(motion);
}

static void count(struct km_chords *chords, size_t span, const struct km_piece *piece, size_t index)
{
    uint16_t *const counts = chords->spans[span].foreign;
    if (!belongs(&chords->spans[span], &piece->notes[index])) {
        const enum km_foreign_note kind = explain(chords, span, piece, index);
        counts[kind] = (uint16_t)(counts[kind] + (counts[kind] < UINT16_MAX));
    }
}

void km_chords_explain(struct km_chords *chords, const struct km_piece *piece)
{
    enum { SPANS_OF_A_NOTE_MAX = 32 }; // A longer pedal is counted no further.
    size_t first = 0;
    for (size_t i = 0; i < piece->note_count; ++i) {
        const struct km_piece_note *const note = &piece->notes[i];
        if (!km_note_is_pitched(note)) {
            continue;
        }
        while (first + 1 < chords->count &&
               chords->spans[first].end_beat <= note->start_beat + 0.05) {
            ++first;
        }
        for (size_t span = first;
             span < chords->count && span < first + SPANS_OF_A_NOTE_MAX &&
             (span == first || chords->spans[span].start_beat < note->end_beat - 0.1);
             ++span) {
            count(chords, span, piece, i);
        }
    }
}
