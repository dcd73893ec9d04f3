// SPDX-License-Identifier: MIT

// Beats become tempos: the row of beats is smoothed, since a beat lies where it is felt and not
// where a finger happened to fall, and then drawn by as few straight lines as stay within a
// tolerance of it (the swing filter of Elmeleegy, Elmagarmid, Cecchet, Aref and Zwaenepoel 2009).
// So a steady performance gets one tempo, and its notes keep their distance from the beat.

#include "analysis/beats_private.h"

#include "base/check.h"
#include "base/math.h"
#include "heap/heap.h"

enum { SMOOTH_BEATS = 4 };

static const double tolerance_seconds = 0.02;

// The straight line through the beats around one, those further off counting less, at that beat.
static double smoothed(const struct km_beats *beats, size_t at)
{
    const size_t from = at < SMOOTH_BEATS ? 0 : at - SMOOTH_BEATS;
    const size_t to = at + SMOOTH_BEATS < beats->count ? at + SMOOTH_BEATS : beats->count - 1;
    double weights = 0.0;
    double x_mean = 0.0;
    double y_mean = 0.0;
    for (size_t i = from; i <= to; ++i) {
        const double x = (double)i - (double)at;
        const double weight = SMOOTH_BEATS + 1.0 - (x < 0.0 ? -x : x);
        weights += weight;
        x_mean += weight * x;
        y_mean += weight * (beats->seconds[i] - beats->seconds[at]);
    }
    x_mean /= weights;
    y_mean /= weights;
    double products = 0.0;
    double squares = 0.0;
    for (size_t i = from; i <= to; ++i) {
        const double x = (double)i - (double)at;
        const double weight = SMOOTH_BEATS + 1.0 - (x < 0.0 ? -x : x);
        products += weight * (x - x_mean) * (beats->seconds[i] - beats->seconds[at] - y_mean);
        squares += weight * (x - x_mean) * (x - x_mean);
    }
    const double slope = squares > 0.0 ? products / squares : 0.0;
    return beats->seconds[at] + y_mean - slope * x_mean;
}

// The line that is being drawn: where it began, and between which slopes it has to go on.
struct line {
    double x, y;
    double low, high;
};

// Lines over the smoothed beats; each tempo's beat is counted from the first tracked one.
static size_t draw_lines(const struct km_beats *beats, const double *smooth,
                         struct km_piece_tempo *tempos)
{
    struct line line = {0.0, smooth[0], 0.0, 1e9};
    size_t count = 0;
    for (size_t i = 1; i < beats->count; ++i) {
        const double run = (double)i - line.x;
        double low = (smooth[i] - tolerance_seconds - line.y) / run;
        double high = (smooth[i] + tolerance_seconds - line.y) / run;
        low = low > line.low ? low : line.low;
        high = high < line.high ? high : line.high;
        if (low > high) { // The beat before was the last that this line reaches.
            const double slope = (line.low + line.high) / 2.0;
            tempos[count++] = (struct km_piece_tempo){line.x, line.y, 60.0 / slope};
            line.y += slope * (run - 1.0);
            line.x += run - 1.0;
            low = smooth[i] - tolerance_seconds - line.y;
            high = smooth[i] + tolerance_seconds - line.y;
        }
        line.low = low > 0.05 ? low : 0.05;
        line.high = high > 0.06 ? high : 0.06;
    }
    const double slope = (line.low + line.high) / 2.0;
    tempos[count++] = (struct km_piece_tempo){line.x, line.y, 60.0 / slope};
    return count;
}

// Moves beat 0 to the last beginning of a bar that is not after the first onset, and counts in
// quarter notes.
static void place_tempos(struct km_piece_tempo *tempos, size_t count, struct km_beats_metre metre,
                         double first_onset_s)
{
    const double period = 60.0 / tempos[0].bpm;
    const double first = (first_onset_s - tempos[0].seconds) / period + 0.15;
    double zero = metre.first;
    while (zero > first) {
        zero -= metre.beats_per_bar;
    }
    while (zero + metre.beats_per_bar <= first) {
        zero += metre.beats_per_bar;
    }
    const double quarters = metre.is_compound ? 1.5 : 1.0;
    for (size_t i = 0; i < count; ++i) {
        tempos[i].bpm *= quarters;
        tempos[i].beat = (tempos[i].beat - zero) * quarters;
    }
    tempos[0].seconds -= tempos[0].beat * 60.0 / tempos[0].bpm;
    tempos[0].beat = 0.0;
}

static double larger(double a, double b)
{
    return a > b ? a : b;
}

static void place_notes(struct km_piece *piece)
{
    for (size_t i = 0; i < piece->note_count; ++i) {
        struct km_piece_note *const note = &piece->notes[i];
        note->start_beat = larger(0.0, km_piece_beat(piece, note->start_s));
        note->end_beat = larger(note->start_beat, km_piece_beat(piece, note->end_s));
        note->sound_end_beat = larger(note->end_beat, km_piece_beat(piece, note->sound_end_s));
    }
    piece->end_beat = larger(0.0, km_piece_beat(piece, piece->end_s));
}

enum km_status km_beats_write(struct km_piece *piece, const struct km_beats *beats,
                              struct km_beats_metre metre, double first_onset_s)
{
    KM_CHECK(beats->count > 1);
    struct km_heap *const heap = piece->heap;
    double *const smooth =
        km_heap_allocate_array(heap, KM_ACCOUNT_WORKING, beats->count, sizeof(*smooth));
    struct km_piece_tempo *const tempos =
        km_heap_allocate_array(heap, KM_ACCOUNT_WORKING, beats->count, sizeof(*tempos));
    if (!smooth || !tempos) {
        km_heap_release(heap, smooth);
        km_heap_release(heap, tempos);
        return KM_ERROR_NO_MEMORY;
    }
    for (size_t i = 0; i < beats->count; ++i) {
        smooth[i] = smoothed(beats, i);
    }
    const size_t count = draw_lines(beats, smooth, tempos);
    km_heap_release(heap, smooth);
    place_tempos(tempos, count, metre, first_onset_s);
    km_heap_release(heap, piece->tempos);
    piece->tempos = tempos;
    piece->tempo_count = count;
    const int eighths = metre.is_compound ? 3 : 1;
    piece->metres[0] =
        (struct km_piece_metre){.numerator = (uint8_t)(metre.beats_per_bar * eighths),
                                .denominator = metre.is_compound ? 8 : 4};
    piece->metre_count = 1;
    km_piece_number_bars(piece);
    place_notes(piece);
    return KM_OK;
}
