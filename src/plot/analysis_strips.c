// SPDX-License-Identifier: MIT

// The strips above the notes of an analysis: sections, keys, chords.

#include "base/math.h"
#include "plot/analysis_private.h"
#include "plot/svg_private.h"
#include "theory/chord.h"
#include "theory/scale.h"

#include <stdio.h>
#include <string.h>

enum {
    BAND_HEIGHT = 20,
    KEY_HEIGHT = 16,
    LETTERS_COUNT = 8,     // Colours of sections; the ninth letter has the first one's again.
    STRIPES_MAX = 1 << 12, // Of keys; a pixel shows one.
    LETTER_WIDTH = 7,
    SYMBOL_LETTER = 7, // Widths of letters of a chord's symbol, with a little air.
    SYMBOL_CAPITAL = 9,
    SYMBOL_M = 10,
};

// ---- Sections

// "A" the first time and where it comes back as it was, "A'" where it is changed.
static void write_letter(const struct km_view *view, const struct km_section_span *span)
{
    const bool is_changed = span->instance > 0 && span->likeness < 0.9F;
    km_sink_format(view->sink, "%c%s", 'A' + span->letter % 26, is_changed ? "\xE2\x80\xB2" : "");
}

static void draw_section(const struct km_view *view, const struct km_section_span *span)
{
    const double left = km_view_x(view, span->start_beat);
    const double right = km_view_x(view, span->end_beat);
    const double width = right - left - 1.0;
    if (width <= 0.0) {
        return;
    }
    char style[24];
    (void)snprintf(style, sizeof(style), "s%d", span->letter % LETTERS_COUNT);
    km_svg_rect(view->sink, style, (const double[]){left, view->section_top, width, BAND_HEIGHT});
    if (width >= 14.0) {
        km_svg_text_begin(view->sink, "section middle", left + width / 2.0,
                          view->section_top + 14.5);
        write_letter(view, span);
        km_svg_text_end(view->sink);
    }
    if (span->start_beat > 0.0) {
        km_svg_line(view->sink, "edge",
                    (const double[]){left, view->section_top, left, view->axis_top});
    }
}

void km_view_draw_sections(const struct km_view *view)
{
    const struct km_sections *const sections = view->picture->sections;
    if (!sections || sections->count == 0) {
        return;
    }
    km_svg_text(view->sink, "right", KM_ROLL_LEFT - 8, view->section_top + 14.5, "Form");
    for (size_t i = 0; i < sections->count && i < KM_SECTIONS_MAX; ++i) {
        draw_section(view, &sections->spans[i]);
    }
}

// ---- Keys

// "A minor", or with less room "Am"; with none nothing.
static void draw_key_name(const struct km_view *view, struct km_key key, const double ends[2])
{
    const char *const tonic = km_key_spell(key, key.tonic);
    const bool is_minor = km_mode_is_minor((enum km_mode)key.mode);
    const int letters = (int)((ends[1] - ends[0] - 6.0) / LETTER_WIDTH);
    const int length = (int)strlen(tonic);
    if (letters < length + is_minor) {
        return;
    }
    km_svg_text_begin(view->sink, "onkey", ends[0] + 4.0, view->keys_top + 12.0);
    km_sink_format(view->sink, "%s%s", tonic,
                   letters >= length + 6 ? (is_minor ? " minor" : " major")
                                         : (is_minor ? "m" : ""));
    km_svg_text_end(view->sink);
}

static void draw_key(const struct km_view *view, const struct km_key_span *span)
{
    const double ends[] = {km_view_x(view, span->start_beat), km_view_x(view, span->end_beat)};
    if (ends[1] - ends[0] < 0.3) {
        return;
    }
    char style[24];
    (void)snprintf(style, sizeof(style), "k%d%s", (km_key_signature(span->key) + 12) % 12,
                   km_mode_is_minor((enum km_mode)span->key.mode) ? " minor" : "");
    km_svg_rect(view->sink, style,
                (const double[]){ends[0], view->keys_top, ends[1] - ends[0] - 0.5, KEY_HEIGHT});
    draw_key_name(view, span->key, ends);
}

void km_view_draw_keys(const struct km_view *view)
{
    const struct km_keys *const keys = view->picture->keys;
    if (!keys) {
        return;
    }
    km_svg_text(view->sink, "right", KM_ROLL_LEFT - 8, view->keys_top + 12.0, "Key");
    for (size_t i = 0; i < keys->count && i < STRIPES_MAX; ++i) {
        draw_key(view, &keys->spans[i]);
    }
}

// ---- Chords

static double width_of(const char *symbol)
{
    double width = 0.0;
    for (const char *c = symbol; *c != '\0'; ++c) {
        const bool is_root = *c >= 'A' && *c <= 'G';
        width += *c == 'm' ? SYMBOL_M : is_root ? SYMBOL_CAPITAL : SYMBOL_LETTER;
    }
    return width;
}

// Chords share two rows in turn where they are narrow, so that each has the room of two.
static int rows_for(const struct km_view *view)
{
    const struct km_chords *const chords = view->picture->chords;
    const double space = (double)(KM_ROLL_RIGHT - KM_ROLL_LEFT) / (double)(chords->count + 1);
    return space < 70.0 ? 2 : 1;
}

static void draw_symbol(const struct km_view *view, const char *symbol, double x, double y)
{
    km_svg_text_begin(view->sink, "chord", x, y);
    km_svg_escaped(view->sink, symbol, KM_CHORD_SYMBOL_SIZE);
    km_svg_text_end(view->sink);
}

// Long chords first: of chords that would cover each other, the one that lasts has its name. A
// place is a column of 2 pixels in one of the rows.
struct symbol_room {
    bool is_taken[2][KM_VIEW_COLUMNS + 64];
};

static bool take_room(struct symbol_room *room, int row, double left, double width)
{
    const int first = (int)((left - KM_ROLL_LEFT) / 2.0);
    const int end = first + (int)(width / 2.0) + 3;
    if (first < 0 || end > KM_VIEW_COLUMNS + 12) {
        return false;
    }
    for (int i = first; i < end; ++i) {
        if (room->is_taken[row][i]) {
            return false;
        }
    }
    for (int i = first; i < end; ++i) {
        room->is_taken[row][i] = true;
    }
    return true;
}

// Names the chords whose length is in [low, high) pixels; tells how many had no room.
static void name_chords(struct km_view *view, struct symbol_room *room, double low, double high)
{
    const struct km_chords *const chords = view->picture->chords;
    const int rows = rows_for(view);
    for (size_t i = 0; i < chords->count; ++i) {
        const struct km_chord_span *const span = &chords->spans[i];
        const double x = km_view_x(view, span->start_beat) + 2.0;
        const double length = km_view_x(view, span->end_beat) + 2.0 - x;
        if (length < low || length >= high || span->chord.quality == KM_CHORD_NONE) {
            continue;
        }
        char symbol[KM_CHORD_SYMBOL_SIZE];
        km_chord_format(span->chord, span->key, symbol);
        int row = 0;
        while (row < rows && !take_room(room, row, x, width_of(symbol))) {
            ++row;
        }
        if (row < rows) {
            draw_symbol(view, symbol, x, view->chord_top + (rows == 2 ? 11.0 : 18.0) + row * 14.0);
        } else {
            view->symbols_left_out += 1;
        }
    }
}

void km_view_draw_chords(struct km_view *view)
{
    const struct km_chords *const chords = view->picture->chords;
    if (!chords) {
        return;
    }
    struct symbol_room room = {{{false}}};
    km_svg_text(view->sink, "right", KM_ROLL_LEFT - 8, view->chord_top + 18.0, "Chords");
    name_chords(view, &room, 30.0, 1e9);
    name_chords(view, &room, 12.0, 30.0);
    name_chords(view, &room, 0.0, 12.0);
}
