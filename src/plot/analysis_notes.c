// SPDX-License-Identifier: MIT

// The notes of the picture of an analysis: one by one, or, where they are too many to be told
// apart, the places that they cover.

#include "base/math.h"
#include "heap/heap.h"
#include "plot/analysis_private.h"
#include "plot/svg_private.h"

enum {
    HIT_WIDTH_MAX = 7,
    STYLES_COUNT = KM_ROLL_PARTS_COUNT * KM_ROLL_SHADES_COUNT,
    ROWS_COUNT = 128 + KM_ROLL_LANES_COUNT, // Keys, and below them the lanes of drums.
};

/// For each place what covers it: 1 + part * shades + shade of the strongest note of the foremost
/// part, or 0.
struct cover {
    uint8_t styles[ROWS_COUNT][KM_VIEW_COLUMNS];
};

static unsigned int style_of(const struct km_view *view, const struct km_piece_note *note)
{
    const unsigned int part =
        note->is_drum ? (unsigned int)KM_ROLL_DRUMS : (unsigned int)view->colours[note->part];
    return part * KM_ROLL_SHADES_COUNT + note->velocity * (unsigned int)KM_ROLL_SHADES_COUNT / 128U;
}

static double lane_top(const struct km_view *view, int lane)
{
    int above = 0;
    for (int i = 0; i < lane; ++i) {
        above += view->has_lane[i];
    }
    return view->drum_top + above * KM_VIEW_LANE_HEIGHT + 2.0;
}

// A box as a part of a path: half as long as a rectangle of its own.
static void write_box(const struct km_view *view, const double box[4])
{
    km_sink_text(view->sink, "M");
    km_view_point(view, box[0], box[1]);
    km_sink_text(view->sink, "h");
    km_sink_real(view->sink, box[2], 1);
    km_sink_text(view->sink, "v");
    km_sink_real(view->sink, box[3], 1);
    km_sink_text(view->sink, "h");
    km_sink_real(view->sink, -box[2], 1);
    km_sink_text(view->sink, "z\n");
}

static void begin_style(const struct km_view *view, unsigned int style)
{
    km_sink_format(view->sink, "<path class=\"notes %s v%u\" d=\"",
                   km_roll_part_style((enum km_roll_part)(style / KM_ROLL_SHADES_COUNT)),
                   style % KM_ROLL_SHADES_COUNT);
}

// ---- One by one

// A hit has no length that is heard: all are as wide as the narrowest step of the piece allows.
static double hit_width(const struct km_view *view)
{
    const double width = (double)(KM_ROLL_RIGHT - KM_ROLL_LEFT) / view->bars_count / 16.0 * 0.6;
    return km_clamp(width, 1.2, HIT_WIDTH_MAX);
}

static void write_note(const struct km_view *view, const struct km_piece_note *note)
{
    const double x = km_view_x(view, note->start_beat);
    if (note->is_drum) {
        const double y = lane_top(view, (int)km_roll_lane_of(note->key));
        write_box(view, (const double[]){x, y, hit_width(view), KM_VIEW_LANE_HEIGHT - 4.0});
        return;
    }
    const double width = km_view_x(view, note->end_beat) - x - 0.6; // Repeated notes stay apart.
    const double y = view->roll_top + (view->key_high - note->key) * view->row_height;
    write_box(view, (const double[]){x, y, width > 0.8 ? width : 0.8, view->row_height});
}

static void draw_notes_of(const struct km_view *view, unsigned int style)
{
    begin_style(view, style);
    for (size_t i = 0; i < view->piece->note_count; ++i) {
        if (style_of(view, &view->piece->notes[i]) == style) {
            write_note(view, &view->piece->notes[i]);
        }
    }
    km_sink_text(view->sink, "\"/>\n");
}

static void draw_each(const struct km_view *view)
{
    bool is_used[STYLES_COUNT] = {false};
    for (size_t i = 0; i < view->piece->note_count; ++i) {
        is_used[style_of(view, &view->piece->notes[i])] = true;
    }
    for (unsigned int style = 0; style < STYLES_COUNT; ++style) {
        if (is_used[style]) {
            draw_notes_of(view, style);
        }
    }
}

// ---- What they cover

static int column_of(const struct km_view *view, double beat)
{
    const double x = (km_view_x(view, beat) - KM_ROLL_LEFT) / 2.0;
    const int column = (int)x;
    return column < KM_VIEW_COLUMNS ? column : KM_VIEW_COLUMNS - 1;
}

static void gather_cover(const struct km_view *view, struct cover *cover)
{
    for (size_t i = 0; i < view->piece->note_count; ++i) {
        const struct km_piece_note *const note = &view->piece->notes[i];
        const int row = note->is_drum ? 128 + (int)km_roll_lane_of(note->key) : note->key;
        const uint8_t style = (uint8_t)(1 + style_of(view, note));
        const int first = column_of(view, note->start_beat);
        const int last = note->is_drum ? first : column_of(view, note->end_beat);
        for (int column = first; column <= last; ++column) {
            uint8_t *const place = &cover->styles[row][column];
            *place = style > *place ? style : *place;
        }
    }
}

static void write_run(const struct km_view *view, int row, int first, int end)
{
    const double x = KM_ROLL_LEFT + 2.0 * first;
    const double width = 2.0 * (end - first);
    if (row >= 128) {
        write_box(view,
                  (const double[]){x, lane_top(view, row - 128), width, KM_VIEW_LANE_HEIGHT - 4.0});
    } else {
        const double y = view->roll_top + (view->key_high - row) * view->row_height;
        write_box(view, (const double[]){x, y, width, view->row_height});
    }
}

// Draws what a style covers of a row; `is_open` tells whether its path is begun.
static void draw_row(const struct km_view *view, const struct cover *cover, int row,
                     unsigned int style, bool *is_open)
{
    const uint8_t *const styles = cover->styles[row];
    int column = 0;
    while (column < KM_VIEW_COLUMNS) {
        const int first = column;
        while (column < KM_VIEW_COLUMNS && styles[column] == style + 1) {
            ++column;
        }
        if (column == first) {
            ++column;
            continue;
        }
        if (!*is_open) {
            begin_style(view, style);
            *is_open = true;
        }
        write_run(view, row, first, column);
    }
}

static void draw_cover_of(const struct km_view *view, const struct cover *cover, unsigned int style)
{
    bool is_open = false;
    for (int row = 0; row < ROWS_COUNT; ++row) {
        draw_row(view, cover, row, style, &is_open);
    }
    km_sink_text(view->sink, is_open ? "\"/>\n" : "");
}

static enum km_status draw_cover(const struct km_view *view)
{
    struct km_heap *const heap = view->piece->heap;
    struct cover *const cover = km_heap_allocate(heap, KM_ACCOUNT_WORKING, sizeof(*cover));
    if (!cover) {
        return KM_ERROR_NO_MEMORY;
    }
    gather_cover(view, cover);
    for (unsigned int style = 0; style < STYLES_COUNT; ++style) {
        draw_cover_of(view, cover, style);
    }
    km_heap_release(heap, cover);
    return KM_OK;
}

static void draw_lane_names(const struct km_view *view)
{
    static const char *const names[] = {"Cymbals", "Hi-hat", "Toms", "Snare", "Kick", "Percussion"};
    for (int lane = 0; lane < KM_ROLL_LANES_COUNT; ++lane) {
        if (view->has_lane[lane]) {
            km_svg_text(view->sink, "right", KM_ROLL_LEFT - 8, lane_top(view, lane) + 8.5,
                        names[lane]);
        }
    }
}

enum km_status km_view_draw_notes(const struct km_view *view)
{
    if (!view->has_notes) {
        const double rows = view->key_high - view->key_low + 1;
        km_svg_text(view->sink, "facts middle", (KM_ROLL_LEFT + KM_ROLL_RIGHT) / 2.0,
                    view->roll_top + rows * view->row_height / 2.0, "No notes in this file");
        return KM_OK;
    }
    draw_lane_names(view);
    if (view->is_crowded) {
        return draw_cover(view);
    }
    draw_each(view);
    return KM_OK;
}
