// SPDX-License-Identifier: MIT

/// For the tests of beats: how well they are found in a file whose own beats are right, after they
/// have been taken away from it.
#ifndef KM_TESTS_ANALYSIS_BEATS_MEASURED_H
#define KM_TESTS_ANALYSIS_BEATS_MEASURED_H

#include "unit/analysis/piece_by_hand.h"

#include <math.h>
#include <stdio.h>

enum { MEASURED_BEATS_MAX = 1 << 14 };

/// Sums over files.
struct measured {
    int count;
    double tempo;  ///< Within 4 %: 1.
    double octave; ///< Or within 4 % of half, double, a third, three times.
    double beats;  ///< F-measure, within 70 ms.
    double metre;  ///< The same metre: 1.
};

/// Seconds of the beats from the first onset to the last; of 6/8 and the like a beat is a dotted
/// quarter.
static inline int beats_of(const struct km_piece *piece, double *seconds)
{
    const struct km_piece_metre metre = piece->metres[0];
    const bool is_compound = metre.denominator == 8 && metre.numerator % 3 == 0;
    const double first = piece->notes[0].start_s - 0.1;
    const double last = piece->notes[piece->note_count - 1].start_s + 0.1;
    int count = 0;
    for (int beat = 0; count < MEASURED_BEATS_MAX; ++beat) {
        const double at = km_piece_seconds(piece, beat * (is_compound ? 1.5 : 1));
        if (at > last) {
            break;
        }
        seconds[count] = at;
        count += at >= first;
    }
    return count;
}

static inline double beats_f_measure(const struct km_piece *truth, const struct km_piece *found)
{
    static double a[MEASURED_BEATS_MAX];
    static double b[MEASURED_BEATS_MAX];
    const int a_count = beats_of(truth, a);
    const int b_count = beats_of(found, b);
    int hits = 0;
    for (int i = 0, j = 0; i < a_count; ++i) {
        while (j < b_count && b[j] < a[i] - 0.07) {
            ++j;
        }
        if (j < b_count && b[j] <= a[i] + 0.07) {
            ++hits;
            ++j;
        }
    }
    return a_count + b_count > 0 ? 2.0 * hits / (a_count + b_count) : 0;
}

/// The mean tempo, by time.
static inline double mean_bpm(const struct km_piece *piece)
{
    double sum = 0;
    for (size_t i = 0; i < piece->tempo_count; ++i) {
        const struct km_piece_tempo *const tempo = &piece->tempos[i];
        const double end = i + 1 < piece->tempo_count ? tempo[1].seconds : piece->end_s;
        sum += (end - tempo->seconds) * tempo->bpm;
    }
    return sum / (piece->end_s - piece->tempos[0].seconds);
}

static inline bool is_near_ratio(double ratio, double wanted)
{
    return fabs(ratio / wanted - 1) < 0.04;
}

static inline void measure_beats(const struct km_midi_file *file, struct measured *sum)
{
    static struct hand_piece truth;
    static struct hand_piece found;
    hand_read(&truth, file);
    hand_read(&found, file);
    hand_forget_beats(&found);
    found.piece.is_performed = true;
    assert_int_equal(km_piece_find_beats(&found.piece), KM_OK);
    const struct km_piece_metre *const metres[] = {truth.piece.metres, found.piece.metres};
    const double ratio = mean_bpm(&found.piece) / mean_bpm(&truth.piece);
    const bool is_right = is_near_ratio(ratio, 1);
    const bool is_octave = is_near_ratio(ratio, 2) || is_near_ratio(ratio, 0.5) ||
                           is_near_ratio(ratio, 3) || is_near_ratio(ratio, 1.0 / 3);
    sum->tempo += is_right;
    sum->octave += is_right || is_octave;
    sum->beats += beats_f_measure(&truth.piece, &found.piece);
    sum->metre += metres[0]->numerator == metres[1]->numerator &&
                  metres[0]->denominator == metres[1]->denominator;
    ++sum->count;
    hand_release(&truth);
    hand_release(&found);
}

static inline void print_measured(const char *what, const struct measured *sum)
{
    printf("%s, %d: tempo %.1f %% (or its octave %.1f %%), beats F %.2f, metre %.1f %%\n", what,
           sum->count, 100 * sum->tempo / sum->count, 100 * sum->octave / sum->count,
           sum->beats / sum->count, 100 * sum->metre / sum->count);
}

#endif
