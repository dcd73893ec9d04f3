// SPDX-License-Identifier: MIT

// Three panels at the foot of an analysis: the groove within the bar, how alike the sections are,
// and the feeling between calm and excited, unpleasant and pleasant.

#include "base/math.h"
#include "plot/analysis_private.h"
#include "plot/svg_private.h"

enum {
    GROOVE_LEFT = KM_ROLL_LEFT,
    GROOVE_RIGHT = 560,
    MATRIX_LEFT = 640,
    FEELING_LEFT = 866,
    SIDE = KM_VIEW_PANEL_HEIGHT, // Of the two square panels.
    WORDS_LEFT = FEELING_LEFT + SIDE + 14,
    DOT_MIN = 2,
    DOT_MAX = 6,
    RANGE_MIN_MS =
        10, // The plot's half height at least, so that a breath does not look like a storm.
};

static void draw_heading(const struct km_view *view, double left, const char *heading)
{
    km_svg_text(view->sink, "heading", left, view->panel_top - 10.0, heading);
}

static void draw_ground(const struct km_view *view, double left, double right)
{
    km_svg_rect(view->sink, "panel",
                (const double[]){left, view->panel_top, right - left, KM_VIEW_PANEL_HEIGHT});
}

static void draw_circle(const struct km_view *view, const char *style, const double circle[3])
{
    km_sink_format(view->sink, "<circle class=\"%s\"", style);
    km_svg_number(view->sink, "cx", circle[0]);
    km_svg_number(view->sink, "cy", circle[1]);
    km_svg_number(view->sink, "r", circle[2]);
    km_sink_text(view->sink, "/>\n");
}

static void write_real(const struct km_view *view, const char *before, double value, int decimals)
{
    km_sink_text(view->sink, before);
    km_sink_real(view->sink, value, decimals);
}

// ---- Groove

static double groove_range(const struct km_groove_measure *groove)
{
    double range = RANGE_MIN_MS;
    for (int i = 0; i < groove->position_count && i < KM_GROOVE_POSITIONS_MAX; ++i) {
        const struct km_groove_figures *const figures = &groove->positions[i];
        const double mean = figures->mean_ms < 0 ? -figures->mean_ms : figures->mean_ms;
        const double reach = mean + figures->deviation_ms;
        range = figures->count > 0 && reach > range ? reach : range;
    }
    return range;
}

static void write_groove_words(const struct km_view *view, const struct km_groove_measure *groove)
{
    km_svg_text_begin(view->sink, "facts", GROOVE_LEFT + 54, view->panel_top - 10.0);
    static const char *const words[] = {"no swing to tell", "straight ", "no clear swing, ",
                                        "swing ", "dotted, "};
    const enum km_groove_pairs feel = km_groove_pairs_of(groove);
    if (feel == KM_GROOVE_PAIRS_NONE) {
        km_sink_text(view->sink, words[feel]);
    } else {
        write_real(view, words[feel], groove->swing_ratio, 2);
        km_sink_format(view->sink, " : 1 in %s", groove->swung == 4 ? "sixteenths" : "eighths");
    }
    const double push = groove->push_ms < 0 ? -groove->push_ms : groove->push_ms;
    if (push < 0.05) {
        km_sink_text(view->sink, " \xC2\xB7 on the beat");
    } else {
        write_real(view, " \xC2\xB7 ", push, 1);
        km_sink_text(view->sink, groove->push_ms < 0 ? " ms early" : " ms late");
    }
    write_real(view, " \xC2\xB7 tightness ", groove->tightness, 2);
    km_svg_text_end(view->sink);
}

// One place in the bar: how far off the grid, how evenly, and how loud.
static void draw_position(const struct km_view *view, const struct km_groove_figures *figures,
                          double x, double range)
{
    const double middle = view->panel_top + KM_VIEW_PANEL_HEIGHT / 2.0;
    const double scale = (KM_VIEW_PANEL_HEIGHT / 2.0 - 12.0) / range;
    const double y = middle + figures->mean_ms * scale; // Late is below.
    const double reach = figures->deviation_ms * scale;
    const double radius = DOT_MIN + figures->velocity / 127.0 * (DOT_MAX - DOT_MIN);
    km_svg_line(view->sink, "whisker", (const double[]){x, y - reach, x, y + reach});
    km_svg_line(view->sink, "stem", (const double[]){x, middle, x, y});
    draw_circle(view, "dot", (const double[]){x, y, radius});
}

static void draw_scale(const struct km_view *view, double range)
{
    const double middle = view->panel_top + KM_VIEW_PANEL_HEIGHT / 2.0;
    const double reach = KM_VIEW_PANEL_HEIGHT / 2.0 - 12.0;
    km_svg_line(view->sink, "axis", (const double[]){GROOVE_LEFT, middle, GROOVE_RIGHT, middle});
    km_svg_text(view->sink, "right faint", GROOVE_LEFT - 8, middle + 3.5, "grid");
    for (int sign = -1; sign <= 1; sign += 2) {
        km_svg_text_begin(view->sink, "right faint", GROOVE_LEFT - 8, middle + sign * reach + 3.5);
        write_real(view, sign < 0 ? "\xE2\x88\x92" : "+", range, 0);
        km_sink_text(view->sink, " ms");
        km_svg_text_end(view->sink);
    }
}

// Sixteenths in a beat as it is felt: in 6/8 a dotted quarter note. A bar of another length than
// the first metre's is counted in quarter notes.
static int sixteenths_per_beat(const struct km_piece_metre *metre, int count)
{
    const int unit = 16 / metre->denominator;
    if (unit == 0 || metre->numerator * unit != count) {
        return 4;
    }
    return metre->denominator == 8 && metre->numerator % 3 == 0 && metre->numerator > 3 ? 3 * unit
                                                                                        : unit;
}

void km_view_draw_groove(const struct km_view *view)
{
    const struct km_groove_measure *const groove = view->picture->groove;
    if (!groove) {
        return;
    }
    draw_heading(view, GROOVE_LEFT, "Groove");
    draw_ground(view, GROOVE_LEFT, GROOVE_RIGHT);
    if (groove->onset_count == 0 || groove->position_count == 0) {
        km_svg_text(view->sink, "middle", (GROOVE_LEFT + GROOVE_RIGHT) / 2.0,
                    view->panel_top + KM_VIEW_PANEL_HEIGHT / 2.0, "Nothing to measure");
        return;
    }
    write_groove_words(view, groove);
    const double range = groove_range(groove);
    const int count = groove->position_count < KM_GROOVE_POSITIONS_MAX ? groove->position_count
                                                                       : KM_GROOVE_POSITIONS_MAX;
    const int per_beat = sixteenths_per_beat(&view->piece->metres[0], count);
    draw_scale(view, range);
    for (int i = 0; i < count; ++i) {
        const double x = GROOVE_LEFT + (i + 0.5) * (double)(GROOVE_RIGHT - GROOVE_LEFT) / count;
        if (groove->positions[i].count > 0) {
            draw_position(view, &groove->positions[i], x, range);
        }
        if (i % per_beat == 0) {
            km_svg_text_begin(view->sink, "middle", x,
                              view->panel_top + KM_VIEW_PANEL_HEIGHT + 14.0);
            km_sink_format(view->sink, "%d", i / per_beat + 1);
            km_svg_text_end(view->sink);
        }
    }
}

// ---- Sections

void km_view_draw_matrix(const struct km_view *view)
{
    const struct km_sections *const sections = view->picture->sections;
    if (!sections || sections->count == 0) {
        return;
    }
    draw_heading(view, MATRIX_LEFT, "Likeness of sections");
    draw_ground(view, MATRIX_LEFT, MATRIX_LEFT + SIDE);
    if (sections->count > KM_VIEW_MATRIX_MAX) {
        km_svg_text(view->sink, "middle", MATRIX_LEFT + SIDE / 2.0,
                    view->panel_top + KM_VIEW_PANEL_HEIGHT / 2.0, "Too many to show");
        return;
    }
    const double cell = (double)SIDE / (double)sections->count;
    for (size_t row = 0; row < sections->count; ++row) {
        for (size_t column = 0; column < sections->count; ++column) {
            const double likeness = km_clamp((double)sections->likeness[row][column], 0.0, 1.0);
            km_view_begin_opacity(view, likeness * likeness * 0.9);
            km_svg_rect(view->sink, "cell",
                        (const double[]){MATRIX_LEFT + (double)column * cell,
                                         view->panel_top + (double)row * cell, cell - 0.5,
                                         cell - 0.5});
            km_view_end_group(view);
        }
        if (cell >= 9.0) {
            const char letter = (char)('A' + sections->spans[row].letter % 26);
            const double middle = ((double)row + 0.5) * cell;
            km_svg_text_begin(view->sink, "right faint", MATRIX_LEFT - 5,
                              view->panel_top + middle + 3.5);
            km_sink_format(view->sink, "%c", letter);
            km_svg_text_end(view->sink);
            km_svg_text_begin(view->sink, "middle faint", MATRIX_LEFT + middle,
                              view->panel_top + SIDE + 13.0);
            km_sink_format(view->sink, "%c", letter);
            km_svg_text_end(view->sink);
        }
    }
}

// ---- Feeling

// A line of the cues: what was measured.
static void write_cue(const struct km_view *view, int line, const char *name, double value,
                      const char *unit)
{
    km_svg_text_begin(view->sink, "faint", WORDS_LEFT, view->panel_top + 12.0 + line * 19.0);
    km_sink_text(view->sink, name);
    km_svg_text_end(view->sink);
    km_svg_text_begin(view->sink, "faint right", KM_ROLL_RIGHT,
                      view->panel_top + 12.0 + line * 19.0);
    km_sink_real(view->sink, value, value < 10.0 && value > -10.0 ? 2 : 0);
    km_sink_text(view->sink, unit);
    km_svg_text_end(view->sink);
}

static void draw_cues(const struct km_view *view, const struct km_heard *heard)
{
    int line = 0;
    write_cue(view, line++, "onsets a second", heard->onsets_per_second, "");
    write_cue(view, line++, "tempo", heard->bpm, " BPM");
    write_cue(view, line++, "velocity", heard->velocity_mean, "");
    write_cue(view, line++, "articulation", heard->articulation, "");
    write_cue(view, line++, "length of notes", heard->note_seconds, " s");
    if (!view->picture->keys) { // Nothing pitched.
        return;
    }
    write_cue(view, line++, "mean pitch", heard->pitch_mean, "");
    write_cue(view, line++, "majorness", heard->majorness, "");
    write_cue(view, line, "consonance", heard->consonance, "");
}

void km_view_draw_feeling(const struct km_view *view)
{
    static const char *const corners[4] = {"tense", "excited", "sad", "calm"};
    const struct km_heard *const heard = view->picture->heard;
    if (!heard) {
        return;
    }
    const double middle = view->panel_top + SIDE / 2.0;
    const double centre = FEELING_LEFT + SIDE / 2.0;
    draw_heading(view, FEELING_LEFT, "Feeling");
    km_svg_text_begin(view->sink, "facts", FEELING_LEFT + 54, view->panel_top - 10.0);
    write_real(view, "valence ", heard->valence, 2);
    write_real(view, " \xC2\xB7 arousal ", heard->arousal, 2);
    km_svg_text_end(view->sink);
    draw_ground(view, FEELING_LEFT, FEELING_LEFT + SIDE);
    km_svg_line(view->sink, "axis",
                (const double[]){FEELING_LEFT, middle, FEELING_LEFT + SIDE, middle});
    km_svg_line(view->sink, "axis",
                (const double[]){centre, view->panel_top, centre, view->panel_top + SIDE});
    for (int i = 0; i < 4; ++i) {
        const double x = i % 2 == 0 ? FEELING_LEFT + 5.0 : FEELING_LEFT + SIDE - 5.0;
        const double y = i < 2 ? view->panel_top + 13.0 : view->panel_top + SIDE - 6.0;
        km_svg_text(view->sink, i % 2 == 0 ? "faint" : "faint right", x, y, corners[i]);
    }
    const double reach = SIDE / 2.0 - 8.0;
    draw_circle(view, "point",
                (const double[]){centre + km_clamp(heard->valence, -1.0, 1.0) * reach,
                                 middle - km_clamp(heard->arousal, -1.0, 1.0) * reach, 6.0});
    draw_cues(view, heard);
}
