// SPDX-License-Identifier: MIT

/// What the files that find chords share: the piece cut into cells, at whose borders chords change.
#ifndef KM_ANALYSIS_CHORDS_PRIVATE_H
#define KM_ANALYSIS_CHORDS_PRIVATE_H

#include "analysis/analysis.h"

/// A pitch class that sounds for so much of a stretch is no passing note.
#define KM_LASTING_SHARE 0.12F

/// Longer pieces are cut into longer cells.
enum { KM_CHORD_CELLS_MAX = 1 << 15, KM_CHORD_CELLS_TOGETHER_MAX = 16 };

/// How long each pitch class has sounded from the beginning up to a cell.
struct km_chord_sums {
    double pitch[12];
};

/// The piece cut into cells of an eighth note, or longer ones.
struct km_chord_cells {
    struct km_heap *heap;
    double *starts;             ///< In beats; one more than cells.
    float *costs;               ///< Of a change of chord at the beginning of each cell.
    struct km_chord_sums *sums; ///< One more than cells.
    uint8_t *lowest;            ///< Lowest key that sounds in each cell, 128 if none does.
    size_t count;               ///< At least 1.
};

/// Cuts the piece and weighs its notes. Untouched on failure.  [any]
KM_NODISCARD enum km_status km_chord_cells_make(struct km_chord_cells *cells,
                                                const struct km_piece *piece);

/// Gives the memory back.  [any]
void km_chord_cells_release(struct km_chord_cells *cells);

/// What sounds from one cell up to another: durations, and the lowest key (128: none).  [any]
uint8_t km_chord_cells_between(const struct km_chord_cells *cells, size_t first, size_t end,
                               float weights[12]);

/// A stretch with one chord.
struct km_chord_stretch {
    uint32_t first, end; ///< Cells
    uint8_t chord;       ///< Index as in theory/likelihood.h; 255: nothing sounds.
    float confidence;
};

/// Finds the stretches, in order and without gaps; at most as many as cells. Returns how many, 0 if
/// there was no memory.  [any]
size_t km_chord_cells_cut(const struct km_chord_cells *cells, const struct km_keys *keys,
                          struct km_chord_stretch *stretches);

/// Whether a quality has a fourth in place of its third.  [any]
bool km_quality_is_suspended(uint8_t quality);

/// Counts, for each span, the notes that are not its chord's by why they stand there.  [any]
void km_chords_explain(struct km_chords *chords, const struct km_piece *piece);

#endif
