// SPDX-License-Identifier: MIT

// Tempo, metre and beats of a performance: whether a piece is one, and the steps of finding them.

#include "analysis/beats_private.h"
#include "base/check.h"
#include "base/math.h"

// Where the onsets lie in the file's beats, on a circle of a beat, a half, a third, a quarter: the
// mean cosine is 1 on that grid and about 0 for what has nothing to do with it.
struct grid {
    double sums[4];
    double onsets;
};

static void measure_grid(const struct km_piece *piece, struct grid *grid)
{
    double last = -1.0;
    *grid = (struct grid){{0.0}, 0.0};
    for (size_t i = 0; i < piece->note_count; ++i) {
        const double beat = piece->notes[i].start_beat;
        if (beat - last < 0.06) { // 30 ms
            continue;
        }
        last = beat;
        const double phase = beat - (double)(int64_t)beat;
        for (int part = 0; part < 4; ++part) {
            grid->sums[part] += km_cos(2.0 * KM_PI * (part + 1) * phase);
        }
        grid->onsets += 1.0;
    }
}

bool km_piece_is_performed(const struct km_piece *piece)
{
    KM_CHECK(piece->tempo_count > 0 && piece->metre_count > 0);
    const double bpm = piece->tempos[0].bpm;
    const bool says_nothing = piece->tempo_count == 1 && bpm > 119.99 && bpm < 120.01 &&
                              piece->metre_count == 1 && piece->metres[0].numerator == 4 &&
                              piece->metres[0].denominator == 4;
    if (!says_nothing || piece->end_s > KM_BEATS_SECONDS_MAX) {
        return false;
    }
    struct grid grid;
    measure_grid(piece, &grid);
    if (grid.onsets < KM_BEATS_ONSETS_MIN) {
        return false;
    }
    // Three deviations of the mean of cosines of as many random phases.
    const double chance = 3.0 / km_sqrt(2.0 * grid.onsets);
    const double limit = (chance > 0.12 ? chance : 0.12) * grid.onsets;
    const bool is_binary = grid.sums[0] > limit || grid.sums[1] > limit || grid.sums[3] > limit;
    // Sixteenths at 90 a minute lie on the triplets of 120, but not more often on its beats.
    const bool is_ternary = grid.sums[2] > limit && grid.sums[0] > 0.4 * limit;
    return !is_binary && !is_ternary;
}

// All that follows the onsets.
static enum km_status find(struct km_piece *piece, const struct km_onsets *onsets)
{
    struct km_periods periods = {0};
    struct km_beats beats = {0};
    struct km_beats_metre metre = {0};
    enum km_status status = km_periods_find(&periods, onsets);
    if (status != KM_OK) {
        return status;
    }
    status = km_beats_track(&beats, onsets, &periods);
    km_periods_release(&periods);
    if (status != KM_OK) {
        return status;
    }
    if (beats.count > 8) {
        status = km_beats_find_metre(&beats, onsets, &metre);
        if (status == KM_OK) {
            status = km_beats_write(piece, &beats, metre, onsets->onsets[0].seconds);
        }
    }
    km_beats_release(&beats);
    return status;
}

enum km_status km_piece_find_beats(struct km_piece *piece)
{
    KM_CHECK(piece->tempo_count > 0 && piece->metre_count > 0);
    if (!piece->is_performed || piece->end_s > KM_BEATS_SECONDS_MAX) {
        return KM_OK;
    }
    struct km_onsets onsets;
    enum km_status status = km_onsets_find(&onsets, piece);
    if (status != KM_OK) {
        return status;
    }
    if (onsets.count >= KM_BEATS_ONSETS_MIN) {
        status = find(piece, &onsets);
    }
    km_onsets_release(&onsets);
    return status;
}
