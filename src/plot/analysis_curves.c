// SPDX-License-Identifier: MIT

// The curves below the notes of an analysis: how loud, how fast.

#include "base/math.h"
#include "heap/heap.h"
#include "plot/analysis_private.h"
#include "plot/svg_private.h"

enum {
    WINDOWS_MIN = 16,
    WINDOWS_MAX = KM_VIEW_COLUMNS / 2,
    STEPS_MAX = 64, // Changes of tempo that are drawn as steps; of more, the mean by column.
};

static void draw_range(const struct km_view *view, const char *name, double middle,
                       const double ends[2])
{
    const long long low = (long long)km_round(ends[0]);
    const long long high = (long long)km_round(ends[1]);
    km_svg_text(view->sink, "right", KM_ROLL_LEFT - 8, middle - 2.0, name);
    km_svg_text_begin(view->sink, "right faint", KM_ROLL_LEFT - 8, middle + 12.0);
    km_sink_format(view->sink, "%lld", low);
    if (low != high) {
        km_sink_format(view->sink, "\xE2\x80\x93%lld", high);
    }
    km_svg_text_end(view->sink);
}

// ---- Loudness

/// Velocities of the notes that begin in a window.
struct window {
    double sum;
    uint32_t count;
};

static size_t windows_of(const struct km_view *view)
{
    const double wanted = 2.0 * view->bars_count;
    return (size_t)km_clamp(wanted, WINDOWS_MIN, WINDOWS_MAX);
}

static void gather_windows(const struct km_view *view, struct window *windows, size_t count)
{
    for (size_t i = 0; i < view->piece->note_count; ++i) {
        const struct km_piece_note *const note = &view->piece->notes[i];
        const double place = note->start_beat / view->end_beat * (double)count;
        const size_t index = (size_t)km_clamp(place, 0.0, (double)(count - 1));
        windows[index].sum += note->velocity;
        windows[index].count += 1;
    }
}

static double loudness_y(const struct km_view *view, double velocity)
{
    const double bottom = view->loudness_top + KM_VIEW_LOUDNESS_HEIGHT;
    return bottom - km_clamp(velocity / 127.0, 0.0, 1.0) * (KM_VIEW_LOUDNESS_HEIGHT - 4.0);
}

// Through the middles of the windows; where nothing begins, the curve goes straight on.
static void write_loudness(const struct km_view *view, const struct window *windows, size_t count)
{
    double last = -1;
    for (size_t i = 0; i < count; ++i) {
        if (windows[i].count == 0) {
            continue;
        }
        const double y = loudness_y(view, windows[i].sum / windows[i].count);
        const double x = KM_ROLL_LEFT +
                         ((double)i + 0.5) / (double)count * (double)(KM_ROLL_RIGHT - KM_ROLL_LEFT);
        if (last < 0) {
            km_view_point(view, KM_ROLL_LEFT, y);
        }
        km_sink_text(view->sink, "L");
        km_view_point(view, x, y);
        last = y;
    }
    km_sink_text(view->sink, "L");
    km_view_point(view, KM_ROLL_RIGHT, last);
}

static void draw_windows(const struct km_view *view, const struct window *windows, size_t count)
{
    double ends[2] = {127, 0};
    for (size_t i = 0; i < count; ++i) {
        if (windows[i].count > 0) {
            const double mean = windows[i].sum / windows[i].count;
            ends[0] = mean < ends[0] ? mean : ends[0];
            ends[1] = mean > ends[1] ? mean : ends[1];
        }
    }
    draw_range(view, "Loudness", view->loudness_top + KM_VIEW_LOUDNESS_HEIGHT / 2.0, ends);
    km_sink_text(view->sink, "<path class=\"area\" d=\"M");
    write_loudness(view, windows, count);
    km_sink_text(view->sink, "V");
    km_sink_real(view->sink, view->loudness_top + KM_VIEW_LOUDNESS_HEIGHT, 1);
    km_sink_format(view->sink, "H%dZ\"/>\n<path class=\"curve\" d=\"M", KM_ROLL_LEFT);
    write_loudness(view, windows, count);
    km_sink_text(view->sink, "\"/>\n");
}

enum km_status km_view_draw_loudness(const struct km_view *view)
{
    if (!view->has_notes) {
        return KM_OK;
    }
    struct km_heap *const heap = view->piece->heap;
    struct window *const windows =
        km_heap_allocate_array(heap, KM_ACCOUNT_WORKING, WINDOWS_MAX, sizeof(*windows));
    if (!windows) {
        return KM_ERROR_NO_MEMORY;
    }
    const size_t count = windows_of(view);
    gather_windows(view, windows, count);
    draw_windows(view, windows, count);
    km_heap_release(heap, windows);
    return KM_OK;
}

// ---- Tempo

// How fast a column is, by the time that it takes.
static double bpm_of_column(const struct km_view *view, int column)
{
    const double beats = view->end_beat / KM_VIEW_COLUMNS;
    const double start = km_piece_seconds(view->piece, beats * column);
    const double seconds = km_piece_seconds(view->piece, beats * (column + 1)) - start;
    return seconds > 0.0 ? 60.0 * beats / seconds : 0.0;
}

static void find_tempo_range(const struct km_view *view, double ends[2])
{
    ends[0] = ends[1] = bpm_of_column(view, 0);
    for (int column = 1; column < KM_VIEW_COLUMNS; ++column) {
        const double bpm = bpm_of_column(view, column);
        ends[0] = bpm < ends[0] ? bpm : ends[0];
        ends[1] = bpm > ends[1] ? bpm : ends[1];
    }
}

/// From tempos to heights: at least a tenth of the tempo fills the panel, so that a breath does not
/// look like a storm.
struct tempo_scale {
    double middle, range, top;
};

static double tempo_y(const struct tempo_scale *scale, double bpm)
{
    const double share = km_clamp((bpm - scale->middle) / scale->range, -0.5, 0.5);
    return scale->top + KM_VIEW_TEMPO_HEIGHT / 2.0 - share * (KM_VIEW_TEMPO_HEIGHT - 12.0);
}

static void write_steps(const struct km_view *view, const struct tempo_scale *scale)
{
    const struct km_piece *const piece = view->piece;
    km_view_point(view, KM_ROLL_LEFT, tempo_y(scale, piece->tempos[0].bpm));
    for (size_t i = 1; i < piece->tempo_count && piece->tempos[i].beat < view->end_beat; ++i) {
        km_sink_text(view->sink, "H");
        km_sink_real(view->sink, km_view_x(view, piece->tempos[i].beat), 1);
        km_sink_text(view->sink, "V");
        km_sink_real(view->sink, tempo_y(scale, piece->tempos[i].bpm), 1);
    }
    km_sink_format(view->sink, "H%d", KM_ROLL_RIGHT);
}

static void write_columns(const struct km_view *view, const struct tempo_scale *scale)
{
    for (int column = 0; column < KM_VIEW_COLUMNS; ++column) {
        km_sink_text(view->sink, column > 0 ? "L" : "");
        km_view_point(view, KM_ROLL_LEFT + 2.0 * column + 1.0,
                      tempo_y(scale, bpm_of_column(view, column)));
    }
}

void km_view_draw_tempo(const struct km_view *view)
{
    double ends[2];
    find_tempo_range(view, ends);
    const double middle = (ends[0] + ends[1]) / 2.0;
    const double width = ends[1] - ends[0];
    const double least = middle > 0.0 ? middle * 0.1 : 1.0;
    const struct tempo_scale scale = {middle, width > least ? width : least, view->tempo_top};
    draw_range(view, "Tempo", view->tempo_top + KM_VIEW_TEMPO_HEIGHT / 2.0, ends);
    km_sink_text(view->sink, "<path class=\"curve tempo\" d=\"M");
    (view->piece->tempo_count <= STEPS_MAX ? write_steps : write_columns)(view, &scale);
    km_sink_text(view->sink, "\"/>\n");
}
