// SPDX-License-Identifier: MIT

/// The grid that a performance keeps to: sixteenths, swung or not, and triplets.
///
/// Places are twelfths of a quarter note, written straight: 6 is the second eighth of a beat,
/// wherever swing makes it sound.
#ifndef KM_GROOVE_GRID_PRIVATE_H
#define KM_GROOVE_GRID_PRIVATE_H

#include "base/attributes.h"
#include "groove/measure.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { KM_GROOVE_PLACES_PER_BEAT = 12, KM_GROOVE_PLACES_PER_SIXTEENTH = 3 };

struct km_groove_grid {
    double first;  ///< Share of a pair that its first note has: .5 is straight, 2/3 a triplet.
    uint8_t swung; ///< 2 eighths, 4 sixteenths; 0 if it is straight.
};

/// The grid of a swing ratio of eighths (2) or sixteenths (4); below 1.2 it is straight.  [any]
struct km_groove_grid km_groove_grid_of(double swing_ratio, uint8_t swung);

/// Where swing puts what is written at `beats` from a beat on.  [any]
double km_groove_grid_swing(const struct km_groove_grid *grid, double beats);

/// Where a place sounds, in quarter notes.  [any]
double km_groove_grid_beats(const struct km_groove_grid *grid, int64_t place);

/// The place next to what sounds `beats` from a beat on: a sixteenth, or a triplet.  [any]
int64_t km_groove_grid_nearest(const struct km_groove_grid *grid, double beats, bool is_triplet);

/// The onsets from the first on that belong to one beat, which begins an eighth of a beat early;
/// and whether they are better explained by triplets.  [any] `count` is at least 1.
struct km_groove_run {
    size_t count;
    bool is_triplet;
};
struct km_groove_run km_groove_grid_run(const struct km_groove_grid *grid,
                                        const struct km_groove_onset *onsets, size_t count);

/// Finds the swing ratio, its pairs and their evidence.  [any]
void km_groove_measure_swing(const struct km_groove_onset *onsets, size_t count,
                             struct km_groove_measure *measure);

#endif
