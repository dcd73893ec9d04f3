// SPDX-License-Identifier: MIT

// What stands around the notes of an analysis: heading, legend, lines, the axis of bars, last
// words.

#include "base/math.h"
#include "base/text.h"
#include "plot/analysis_private.h"
#include "plot/svg_private.h"
#include "theory/scale.h"

#include <string.h>

enum {
    TITLE_WIDTH_MAX = 62, // Letters beside the legend.
    TITLE_LETTER = 12,
    LEGEND_MARK = 24, // A colour, and the space behind it.
    LEGEND_GAP = 16,  // Between its entries.
    LEGEND_LETTER = 7,
    LEGEND_NAME_MAX = 16,
    LEGEND_ENTRIES_MAX = 6,
    LABEL_SPACE = 44, // Between the numbers of bars.
    BAR_SPACE = 7,    // Between two bar lines.
};

// ---- Who plays

/// An entry of the legend: a colour, and who has it.
struct entry {
    const char *name;
    uint32_t others; ///< Further parts of this colour.
};

// Of each colour the part with the most notes.
static void gather_entries(const struct km_view *view, struct entry entries[KM_ROLL_PARTS_COUNT])
{
    uint32_t most[KM_ROLL_PARTS_COUNT] = {0};
    for (size_t i = 0; i < view->piece->part_count; ++i) {
        const struct km_piece_part *const part = &view->piece->parts[i];
        const enum km_roll_part colour = view->colours[i];
        entries[colour].others += entries[colour].name != NULL;
        if (!entries[colour].name || part->note_count > most[colour]) {
            entries[colour].name = colour == KM_ROLL_DRUMS ? "Drums" : km_piece_part_name(part);
            most[colour] = part->note_count;
        }
    }
    entries[KM_ROLL_DRUMS].others = 0; // Drums are one kit, whoever writes them.
}

// Letters of a text, as many as are shown.
static int letters_of(const char *text)
{
    int count = 0;
    for (const char *c = text; *c != '\0' && count < LEGEND_NAME_MAX; ++c) {
        count += ((unsigned char)*c & 0xC0) != 0x80; // Not within a character of UTF-8.
    }
    return count;
}

static int entry_width(const struct entry *entry)
{
    return LEGEND_MARK + LEGEND_LETTER * (letters_of(entry->name) + (entry->others > 0 ? 4 : 0)) +
           LEGEND_GAP;
}

// Draws the legend so that it ends at the right edge; tells where it begins.
static int draw_legend(const struct km_view *view)
{
    static const enum km_roll_part order[KM_ROLL_PARTS_COUNT] = {
        KM_ROLL_MELODY, KM_ROLL_COUNTER, KM_ROLL_CHORDS, KM_ROLL_PAD,
        KM_ROLL_BASS,   KM_ROLL_OTHER,   KM_ROLL_DRUMS};
    struct entry entries[KM_ROLL_PARTS_COUNT] = {{0}};
    gather_entries(view, entries);
    int left = KM_ROLL_RIGHT + LEGEND_GAP - 4;
    for (int i = 0; i < KM_ROLL_PARTS_COUNT; ++i) {
        left -= entries[i].name ? entry_width(&entries[i]) : 0;
    }
    double x = left;
    for (int i = 0; i < KM_ROLL_PARTS_COUNT; ++i) {
        const struct entry *const entry = &entries[order[i]];
        if (!entry->name) {
            continue;
        }
        km_svg_rect(view->sink, km_roll_part_style(order[i]), (const double[]){x, 47, 18, 9});
        km_svg_text_begin(view->sink, "facts", x + LEGEND_MARK, 56);
        km_svg_escaped(view->sink, entry->name, LEGEND_NAME_MAX);
        if (entry->others > 0) {
            km_sink_format(view->sink, " +%u", entry->others);
        }
        km_svg_text_end(view->sink);
        x += entry_width(entry);
    }
    return left;
}

// ---- Heading

static void write_key(const struct km_view *view)
{
    const struct km_keys *const keys = view->picture->keys;
    if (!keys || keys->whole.confidence <= 0.0F) {
        return;
    }
    const struct km_key key = keys->whole.key;
    km_sink_format(view->sink, "%s %s", km_key_spell(key, key.tonic),
                   km_mode_is_minor((enum km_mode)key.mode) ? "minor" : "major");
    if (keys->scale_confidence > 0.0F &&
        (keys->scale.mode != key.mode || keys->scale.tonic != key.tonic)) {
        km_sink_format(view->sink, " (%s %s)", km_keys_scale_tonic(keys),
                       km_mode_names()[keys->scale.mode]);
    }
    km_sink_text(view->sink, " \xC2\xB7 ");
}

static void write_facts(const struct km_view *view, int letters)
{
    const struct km_piece *const piece = view->piece;
    const unsigned long long whole = (unsigned long long)(km_clamp(piece->end_s, 0.0, 1e9) + 0.5);
    km_svg_text_begin(view->sink, "facts", 24, 60);
    write_key(view);
    km_sink_text(view->sink, piece->tempo_count > 1 ? "about " : "");
    km_sink_real(view->sink,
                 piece->tempo_count > 1 ? km_piece_mean_bpm(piece) : piece->tempos[0].bpm,
                 piece->tempo_count > 1 ? 0 : 1);
    km_sink_format(view->sink, " BPM \xC2\xB7 %u/%u%s \xC2\xB7 %u bar%s \xC2\xB7 %llu:%02llu",
                   piece->metres[0].numerator, piece->metres[0].denominator,
                   piece->metre_count > 1 ? " and others" : "", view->bars_count,
                   view->bars_count == 1 ? "" : "s", whole / 60, whole % 60);
    if (piece->title[0] != '\0' && view->picture->title &&
        strcmp(piece->title, view->picture->title) != 0 && letters > 90) {
        km_sink_text(view->sink, " \xC2\xB7 ");
        km_svg_escaped(view->sink, piece->title, 30);
    }
    km_svg_text_end(view->sink);
}

void km_view_draw_head(const struct km_view *view)
{
    struct km_sink *const sink = view->sink;
    const char *const title = view->picture->title;
    const char *const shown = title && title[0] != '\0' ? title : "Untitled";
    km_sink_format(sink, "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%d\"", KM_ROLL_WIDTH);
    km_svg_number(sink, "height", view->height);
    km_sink_format(sink, " viewBox=\"0 0 %d ", KM_ROLL_WIDTH);
    km_sink_real(sink, view->height, 2);
    km_sink_text(sink, "\" role=\"img\">\n<title>Analysis: ");
    km_svg_escaped(sink, shown, 200);
    km_sink_text(sink, "</title>\n");
    km_roll_write_style(sink);
    km_view_write_style(sink);
    km_svg_rect(sink, "ground", (const double[]){0, 0, KM_ROLL_WIDTH, view->height});
    km_svg_text_begin(sink, "title", 24, 36);
    km_svg_escaped(sink, shown, (KM_ROLL_RIGHT - 24) / TITLE_LETTER);
    km_svg_text_end(sink);
    const int left = draw_legend(view);
    write_facts(view, (left - 48) / LEGEND_LETTER);
}

// ---- Lines

static void draw_panel(const struct km_view *view, double top, double bottom)
{
    const double box[] = {KM_ROLL_LEFT, top, KM_ROLL_RIGHT - KM_ROLL_LEFT, bottom - top};
    km_svg_rect(view->sink, "panel", box);
}

static void draw_octaves(const struct km_view *view)
{
    for (int key = (view->key_low + 11) / 12 * 12; key <= view->key_high; key += 12) {
        const double y = view->roll_top + (view->key_high - key + 1) * view->row_height;
        km_svg_line(view->sink, "octave", (const double[]){KM_ROLL_LEFT, y, KM_ROLL_RIGHT, y});
        km_svg_text_begin(view->sink, "right", KM_ROLL_LEFT - 8, y - 1.0);
        km_sink_format(view->sink, "C%d", key / 12 - 1);
        km_svg_text_end(view->sink);
    }
}

// Bars between two labels: as many as keep them apart, in the steps in which music is counted.
static uint32_t label_step(const struct km_view *view, double space)
{
    const double width = KM_ROLL_RIGHT - KM_ROLL_LEFT;
    uint32_t step = 1;
    while (step * width / view->bars_count < space && step < view->bars_count / 2) {
        step *= 2;
    }
    return step;
}

static void draw_bar_line(const struct km_view *view, const char *style, double x)
{
    km_svg_line(view->sink, style, (const double[]){x, view->roll_top, x, view->axis_top});
}

static void write_time(const struct km_view *view, double seconds)
{
    const unsigned long long whole = (unsigned long long)km_clamp(seconds + 0.5, 0.0, 1e9);
    km_sink_format(view->sink, "%llu:%02llu", whole / 60, whole % 60);
}

static void draw_bars(const struct km_view *view)
{
    const uint32_t step = label_step(view, LABEL_SPACE);
    const bool has_all = (KM_ROLL_RIGHT - KM_ROLL_LEFT) / view->bars_count >= BAR_SPACE;
    const uint32_t stride = has_all ? 1 : step;
    double free_from = 0;
    for (uint64_t bar = 0; bar < view->bars_count; bar += stride) {
        const double beat = km_piece_bar_start(view->piece, bar);
        const double x = km_view_x(view, beat);
        if (bar > 0) {
            draw_bar_line(view, bar % step == 0 ? "phrase" : "bar", x);
        }
        if (bar % step == 0 && x >= free_from) {
            km_svg_text_begin(view->sink, NULL, x + 2.0, view->axis_top + 15.0);
            km_sink_format(view->sink, "%llu", (unsigned long long)bar + 1);
            km_svg_text_end(view->sink);
            km_svg_text_begin(view->sink, "faint", x + 2.0, view->axis_top + 29.0);
            write_time(view, km_piece_seconds(view->piece, beat));
            km_svg_text_end(view->sink);
            free_from = x + LABEL_SPACE - 8.0;
        }
    }
    km_svg_text(view->sink, "right", KM_ROLL_LEFT - 8, view->axis_top + 15.0, "Bar");
    km_svg_text(view->sink, "right faint", KM_ROLL_LEFT - 8, view->axis_top + 29.0, "Time");
}

void km_view_draw_frame(const struct km_view *view)
{
    const double rows = view->key_high - view->key_low + 1;
    if (view->has_roll) {
        draw_panel(view, view->roll_top, view->roll_top + rows * view->row_height);
        draw_octaves(view);
    }
    if (view->loudness_top > view->drum_top) {
        draw_panel(view, view->drum_top, view->loudness_top - 14.0);
    }
    draw_panel(view, view->loudness_top, view->loudness_top + KM_VIEW_LOUDNESS_HEIGHT);
    draw_panel(view, view->tempo_top, view->axis_top);
    draw_bars(view);
}

void km_view_draw_foot(const struct km_view *view)
{
    struct km_sink *const sink = view->sink;
    km_svg_text_begin(sink, "faint", 24, view->foot_top + 10.0);
    km_sink_format(sink, "Early is above, late below; higher is louder, faster.");
    if (view->symbols_left_out > 0) {
        km_sink_format(sink, " No room for the names of %u of %zu chords.", view->symbols_left_out,
                       view->picture->chords->count);
    }
    if (view->is_crowded) {
        km_sink_format(sink, " %zu notes: drawn is what they cover.", view->piece->note_count);
    }
    km_svg_text_end(sink);
}
