// SPDX-License-Identifier: MIT

/// What the parts of the picture of an analysis share: the piece's measures and the layout.
#ifndef KM_PLOT_ANALYSIS_PRIVATE_H
#define KM_PLOT_ANALYSIS_PRIVATE_H

#include "base/sink.h"
#include "plot/analysis.h"
#include "plot/roll_private.h"

#include <stdbool.h>
#include <stdint.h>

enum {
    KM_VIEW_COLUMNS = 546, ///< Of 2 pixels: as fine as curves and crowds of notes are drawn.
    KM_VIEW_LANE_HEIGHT = 13,
    KM_VIEW_LOUDNESS_HEIGHT = 44,
    KM_VIEW_TEMPO_HEIGHT = 44,
    KM_VIEW_PANEL_HEIGHT = 150,
    KM_VIEW_MATRIX_MAX = 32, ///< More sections than that have no matrix: its cells were too small.
};

static_assert(KM_VIEW_COLUMNS * 2 == KM_ROLL_RIGHT - KM_ROLL_LEFT, "columns fill the width");

/// The piece as the picture needs it.
struct km_view {
    const struct km_analysis_picture *picture;
    const struct km_piece *piece;
    struct km_sink *sink;
    double end_beat;                               ///< End of the last bar, more than 0.
    uint32_t bars_count;                           ///< At least 1.
    enum km_roll_part colours[KM_PIECE_PARTS_MAX]; ///< Of each part of the piece.
    bool has_lane[KM_ROLL_LANES_COUNT];
    bool has_notes;
    bool has_roll;         ///< There are pitched notes; or no notes at all, which the roll says.
    bool is_crowded;       ///< More notes than are drawn one by one.
    int key_low, key_high; ///< Of the roll's rows, both drawn.
    uint32_t symbols_left_out;

    double row_height;
    double section_top, keys_top, chord_top, roll_top, drum_top; ///< Equal to the next: left out.
    double loudness_top, tempo_top, axis_top, panel_top, foot_top, height;
};

/// Where a beat stands.  [any]
double km_view_x(const struct km_view *view, double beat);

/// Writes what roll_style lacks.  [any]
void km_view_write_style(struct km_sink *sink);

/// Opens <g> of a fill's opacity.  [any]
void km_view_begin_opacity(const struct km_view *view, double opacity);
void km_view_end_group(const struct km_view *view);

/// Writes "x y" of a path.  [any]
void km_view_point(const struct km_view *view, double x, double y);

/// Draw one part of the picture each.  [any]
void km_view_draw_head(const struct km_view *view);
void km_view_draw_frame(const struct km_view *view);
void km_view_draw_sections(const struct km_view *view);
void km_view_draw_keys(const struct km_view *view);
void km_view_draw_chords(struct km_view *view);
KM_NODISCARD enum km_status km_view_draw_notes(const struct km_view *view);
KM_NODISCARD enum km_status km_view_draw_loudness(const struct km_view *view);
void km_view_draw_tempo(const struct km_view *view);
void km_view_draw_groove(const struct km_view *view);
void km_view_draw_matrix(const struct km_view *view);
void km_view_draw_feeling(const struct km_view *view);
void km_view_draw_foot(const struct km_view *view);

#endif
