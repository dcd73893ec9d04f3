// SPDX-License-Identifier: MIT

#include "groove/grid_private.h"

#include "base/math.h"

#include <math.h>

#define SWUNG_MIN 1.2
#define BEAT_EARLY 0.125  // Beats before a beat that still belong to it: half a sixteenth.
#define TRIPLET_GAIN 0.04 // Beats that triplets must fit better by, over a beat's onsets,
#define TRIPLET_SHARE 0.5 // and the part of the sixteenths' misfit that theirs may be.

bool km_groove_is_swung(double swing_ratio)
{
    return swing_ratio >= SWUNG_MIN;
}

struct km_groove_grid km_groove_grid_of(double swing_ratio, uint8_t swung)
{
    const bool is_swung = swung > 0 && km_groove_is_swung(swing_ratio);
    return (struct km_groove_grid){.first = is_swung ? swing_ratio / (1.0 + swing_ratio) : 0.5,
                                   .swung = is_swung ? swung : 0};
}

double km_groove_grid_swing(const struct km_groove_grid *grid, double beats)
{
    if (grid->swung == 0) {
        return beats;
    }
    const double per_beat = 0.5 * (double)grid->swung;
    const double pairs = beats * per_beat;
    const double pair = floor(pairs);
    const double twice = 2.0 * (pairs - pair);
    const double in_pair =
        twice < 1.0 ? twice * grid->first : grid->first + (twice - 1.0) * (1.0 - grid->first);
    return (pair + in_pair) / per_beat;
}

double km_groove_grid_beats(const struct km_groove_grid *grid, int64_t place)
{
    return km_groove_grid_swing(grid, (double)place / KM_GROOVE_PLACES_PER_BEAT);
}

int64_t km_groove_grid_nearest(const struct km_groove_grid *grid, double beats, bool is_triplet)
{
    const int64_t step = is_triplet ? 4 : KM_GROOVE_PLACES_PER_SIXTEENTH;
    const int64_t beat = (int64_t)floor(beats) * KM_GROOVE_PLACES_PER_BEAT;
    int64_t nearest = beat;
    double least = 2.0;
    for (int64_t place = 0; place <= KM_GROOVE_PLACES_PER_BEAT; place += step) {
        const double away = fabs(km_groove_grid_beats(grid, beat + place) - beats);
        if (away < least) {
            least = away;
            nearest = beat + place;
        }
    }
    return nearest;
}

static double misfit(const struct km_groove_grid *grid, double beats, bool is_triplet)
{
    const int64_t place = km_groove_grid_nearest(grid, beats, is_triplet);
    return fabs(km_groove_grid_beats(grid, place) - beats);
}

struct km_groove_run km_groove_grid_run(const struct km_groove_grid *grid,
                                        const struct km_groove_onset *onsets, size_t count)
{
    const double bar_beat = onsets[0].beat - onsets[0].bar;
    const double end = floor(onsets[0].bar + BEAT_EARLY) + 1.0 - BEAT_EARLY;
    struct km_groove_run run = {0};
    double sixteenths = 0.0;
    double triplets = 0.0;
    while (run.count < count) {
        const struct km_groove_onset *const onset = &onsets[run.count];
        const bool is_of_bar = fabs(onset->beat - onset->bar - bar_beat) < 1e-6;
        if (run.count > 0 && (!is_of_bar || onset->bar >= end)) {
            break;
        }
        sixteenths += misfit(grid, onset->bar, false);
        triplets += grid->swung == 0 ? misfit(grid, onset->bar, true) : 0.0;
        run.count += 1;
    }
    // Where it swings, the first note of a triplet stands on the sixteenth before the second pair.
    run.is_triplet = grid->swung == 0 && triplets + TRIPLET_GAIN < sixteenths &&
                     triplets < TRIPLET_SHARE * sixteenths;
    return run;
}
