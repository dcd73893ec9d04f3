// SPDX-License-Identifier: MIT

#include "plot/analysis.h"

#include "base/check.h"
#include "base/math.h"
#include "base/text.h"
#include "plot/analysis_private.h"
#include "plot/svg_private.h"

#include <string.h>

enum {
    HEAD_HEIGHT = 84,
    SECTION_HEIGHT = 26,
    KEYS_HEIGHT = 22,
    CHORD_HEIGHT = 32,
    GAP = 14,
    AXIS_HEIGHT = 40,
    PANEL_SPACE = 52, // Above the panels, with their headings.
    FOOT_HEIGHT = 26,
    ROLL_HEIGHT = 340, // Aimed at; rows are of a legible height.
    ROW_HEIGHT_MIN = 4,
    ROW_HEIGHT_MAX = 11,
    ROWS_MIN = 30,
};

double km_view_x(const struct km_view *view, double beat)
{
    const double share = km_clamp(beat / view->end_beat, 0.0, 1.0);
    return KM_ROLL_LEFT + share * (KM_ROLL_RIGHT - KM_ROLL_LEFT);
}

// ---- What the piece has

// The picture ends with the last bar.
static void settle_end(struct km_view *view)
{
    const struct km_piece *const piece = view->piece;
    const uint32_t bars = km_piece_bars(piece);
    view->bars_count = bars > 0 ? bars : 1;
    view->end_beat = km_piece_bar_start(view->piece, view->bars_count - 1);
    view->end_beat += km_piece_bar_at(piece, view->end_beat).beats;
    if (piece->note_count > 0) {
        // More bars than can be counted: all notes are drawn nevertheless.
        const double last_start = piece->notes[piece->note_count - 1].start_beat;
        view->end_beat = view->end_beat > last_start ? view->end_beat : last_start + 1.0;
    }
}

struct register_of_part {
    double sum;
    uint32_t count;
};

// The pitched part whose mean pitch is the highest (`sign` 1) or the lowest (-1); -1 if there is
// none.
static int outermost(const struct km_view *view, const struct register_of_part *registers, int sign)
{
    int found = -1;
    double best = 0;
    for (size_t i = 0; i < view->piece->part_count; ++i) {
        const double mean =
            registers[i].count > 0 ? sign * registers[i].sum / registers[i].count : 0.0;
        if (registers[i].count > 0 && (found < 0 || mean > best)) {
            found = (int)i;
            best = mean;
        }
    }
    return found;
}

// Colours as a band has them: the highest part is the melody's, the lowest the bass's, those
// between have the other ones in turn.
static void choose_colours(struct km_view *view, const struct register_of_part *registers)
{
    static const enum km_roll_part others[] = {KM_ROLL_CHORDS, KM_ROLL_COUNTER, KM_ROLL_PAD,
                                               KM_ROLL_OTHER};
    static const char *const names[] = {"Melody", "Bass", "Chords", "Counter-melody", "Pad"};
    static const enum km_roll_part parts[] = {KM_ROLL_MELODY, KM_ROLL_BASS, KM_ROLL_CHORDS,
                                              KM_ROLL_COUNTER, KM_ROLL_PAD};
    const int highest = outermost(view, registers, 1);
    const int lowest = outermost(view, registers, -1);
    size_t next = 0;
    for (size_t i = 0; i < view->piece->part_count; ++i) {
        const int named = km_text_find(view->piece->parts[i].name, names, 5);
        if (registers[i].count > 0 && named >= 0) {
            view->colours[i] = parts[named];
        } else if (registers[i].count == 0) {
            view->colours[i] = KM_ROLL_DRUMS;
        } else if ((int)i == highest) {
            view->colours[i] = KM_ROLL_MELODY;
        } else if ((int)i == lowest) {
            view->colours[i] = KM_ROLL_BASS;
        } else {
            view->colours[i] = others[next];
            next += next < 3;
        }
    }
}

static void see_notes(struct km_view *view)
{
    const struct km_piece *const piece = view->piece;
    struct register_of_part registers[KM_PIECE_PARTS_MAX] = {{0}};
    for (size_t i = 0; i < piece->note_count; ++i) {
        const struct km_piece_note *const note = &piece->notes[i];
        if (note->is_drum) {
            view->has_lane[km_roll_lane_of(note->key)] = true;
            continue;
        }
        registers[note->part].sum += note->key;
        registers[note->part].count += 1;
        view->key_low = note->key < view->key_low ? note->key : view->key_low;
        view->key_high = note->key > view->key_high ? note->key : view->key_high;
    }
    view->has_notes = piece->note_count > 0;
    view->is_crowded = piece->note_count > KM_PICTURE_NOTES_MAX;
    choose_colours(view, registers);
}

// Rows with a little air, and never so few that a step looks like a leap.
static void settle_rows(struct km_view *view)
{
    view->has_roll = view->key_low <= view->key_high || !view->has_notes;
    if (view->key_low > view->key_high) { // No pitched notes.
        view->key_low = 48;
        view->key_high = 72;
    }
    view->key_low -= 2;
    view->key_high += 2;
    while (view->key_high - view->key_low + 1 < ROWS_MIN) {
        view->key_low -= 1;
        view->key_high += 1;
    }
    view->key_low = view->key_low > 0 ? view->key_low : 0;
    view->key_high = view->key_high < 127 ? view->key_high : 127;
}

// ---- Layout, from the top to the bottom

static void lay_out(struct km_view *view)
{
    const struct km_analysis_picture *const picture = view->picture;
    const int rows = view->key_high - view->key_low + 1;
    const int fitting = ROLL_HEIGHT / rows; // Whole: rows of one height are drawn sharp.
    view->row_height = km_clamp(fitting, ROW_HEIGHT_MIN, ROW_HEIGHT_MAX);
    int lanes = 0;
    for (int i = 0; i < KM_ROLL_LANES_COUNT; ++i) {
        lanes += view->has_lane[i];
    }
    const bool has_sections = picture->sections && picture->sections->count > 0;
    const bool has_panels = picture->groove || picture->heard || has_sections;
    view->section_top = HEAD_HEIGHT;
    view->keys_top = view->section_top + (has_sections ? SECTION_HEIGHT : 0);
    view->chord_top = view->keys_top + (picture->keys ? KEYS_HEIGHT : 0);
    view->roll_top = view->chord_top + (picture->chords ? CHORD_HEIGHT : 4);
    view->drum_top = view->roll_top + (view->has_roll ? rows * view->row_height + GAP : 0);
    view->loudness_top = view->drum_top + (lanes > 0 ? lanes * KM_VIEW_LANE_HEIGHT + GAP : 0);
    view->tempo_top = view->loudness_top + KM_VIEW_LOUDNESS_HEIGHT + GAP;
    view->axis_top = view->tempo_top + KM_VIEW_TEMPO_HEIGHT;
    view->panel_top = view->axis_top + AXIS_HEIGHT + (has_panels ? PANEL_SPACE - 24 : 0);
    view->foot_top = view->panel_top + (has_panels ? KM_VIEW_PANEL_HEIGHT + 34 : 0);
    view->height = view->foot_top + FOOT_HEIGHT;
}

static enum km_status draw(struct km_view *view)
{
    km_view_draw_head(view);
    km_view_draw_sections(view);
    km_view_draw_keys(view);
    km_view_draw_frame(view);
    km_view_draw_chords(view);
    enum km_status status = km_view_draw_notes(view);
    status = status == KM_OK ? km_view_draw_loudness(view) : status;
    km_view_draw_tempo(view);
    km_view_draw_groove(view);
    km_view_draw_matrix(view);
    km_view_draw_feeling(view);
    km_view_draw_foot(view);
    km_sink_text(view->sink, "</svg>\n");
    return status == KM_OK ? view->sink->status : status;
}

enum km_status km_analysis_write_svg(const struct km_analysis_picture *picture,
                                     struct km_sink *sink)
{
    KM_CHECK(picture);
    KM_CHECK(picture->piece);
    KM_CHECK(sink);
    struct km_view view = {
        .picture = picture, .piece = picture->piece, .sink = sink, .key_low = 128, .key_high = -1};
    see_notes(&view);
    settle_rows(&view);
    settle_end(&view);
    lay_out(&view);
    return draw(&view);
}

// ---- Small things that all of them use

void km_view_begin_opacity(const struct km_view *view, double opacity)
{
    km_sink_text(view->sink, "<g fill-opacity=\"");
    km_sink_real(view->sink, opacity, 2);
    km_sink_text(view->sink, "\">");
}

void km_view_end_group(const struct km_view *view)
{
    km_sink_text(view->sink, "</g>\n");
}

void km_view_point(const struct km_view *view, double x, double y)
{
    km_sink_real(view->sink, x, 1);
    km_sink_text(view->sink, " ");
    km_sink_real(view->sink, y, 1);
}
