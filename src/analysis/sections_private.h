// SPDX-License-Identifier: MIT

/// Steps on the way from notes to sections. Nothing here is for others.
#ifndef KM_ANALYSIS_SECTIONS_PRIVATE_H
#define KM_ANALYSIS_SECTIONS_PRIVATE_H

#include "analysis/analysis.h"

#include <stddef.h>
#include <stdint.h>

enum {
    KM_UNITS_MAX = 1024, ///< A piece of more bars is looked at by two, four, eight bars at once.
    KM_UNIT_HALVES = 2,
    KM_UNIT_TOPS = 8,
    KM_UNIT_PLACES = 16,
};

/// What is in one bar, or in as many as make a unit.
struct km_unit {
    float chroma[KM_UNIT_HALVES][12]; ///< How long each pitch class sounds.
    float bass[12];                   ///< The same below middle C.
    float places[2][KM_UNIT_PLACES];  ///< Where pitched notes, and drums, begin.
    uint8_t tops[KM_UNIT_TOPS];       ///< Highest key that sounds, by eighths of the unit; 0: none.
    float note_count, velocity_sum;
    float pitch_sum, pitched_count;
    uint64_t parts; ///< Bit n: part n of the piece plays.
    double start_beat, end_beat;
};

struct km_units {
    struct km_heap *heap;
    struct km_unit *units;
    float *likeness; ///< Of each two, count * count, symmetrical, 0 to 1.
    size_t count;    ///< At least 1.
    uint32_t bars;   ///< Of which a unit is made.
};

/// Reads the units of a piece and how alike they are. To be released.  [any]
KM_NODISCARD enum km_status km_units_find(struct km_units *units, const struct km_piece *piece);

/// Gives the memory back.  [any]
void km_units_release(struct km_units *units);

/// How alike two units are.  [any]
static inline float km_units_likeness(const struct km_units *units, size_t a, size_t b)
{
    return units->likeness[a * units->count + b];
}

/// Sets `novelty` for each unit: how much seems to begin there.  [any]
void km_units_find_novelty(const struct km_units *units, float *novelty);

#endif
