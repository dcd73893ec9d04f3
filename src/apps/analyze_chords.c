// SPDX-License-Identifier: MIT

// The form and the chords of an analysis, bar by bar, as a lead sheet has them.

#include "apps/analyze_page.h"
#include "theory/chord.h"

#include <stdio.h>
#include <string.h>

enum {
    BARS_SHOWN_MAX = 1024,
    CELL_SIZE = 64, // Bytes of the chords of one bar.
    CELL_WIDTH_MIN = 5,
    CELL_WIDTH_MAX = 40,
    BARS_WHOLE_PERCENT = 85, // Of the bars, at least: the rest is cut short.
};

static char letter_of(const struct km_section_span *span)
{
    return (char)('A' + span->letter % 26);
}

void km_analyze_print_form(const struct km_analyze_page *page)
{
    const struct km_sections *const sections = &page->job->sections;
    struct km_analyze_flow flow = {.page = page, .separator = " "};
    for (size_t i = 0; i < sections->count; ++i) {
        const struct km_section_span *const span = &sections->spans[i];
        const bool is_changed = span->instance > 0 && span->likeness < 0.9F;
        char item[KM_ANALYZE_ITEM_SIZE];
        (void)snprintf(item, sizeof(item), "%s%c%s%s", page->strong, letter_of(span),
                       is_changed ? "'" : "", page->end);
        km_analyze_add_item(&flow, "form", item);
    }
    km_analyze_end_flow(&flow);
}

/// The table of chords: its place in the chords and sections.
struct table {
    size_t chord, section;
    int cell_width;
    uint32_t bars_per_line;
};

// The chords that begin before `end`, from `*chord` on: how many letters they take, with spaces.
static size_t measure_cell(const struct km_analyze_page *page, size_t *chord, double end)
{
    const struct km_chords *const chords = &page->job->chords;
    size_t letters = 0;
    for (; *chord < chords->count && chords->spans[*chord].start_beat < end - 1e-9; ++*chord) {
        char symbol[KM_CHORD_SYMBOL_SIZE];
        const struct km_chord_span *const span = &chords->spans[*chord];
        letters += km_chord_format(span->chord, span->key, symbol) + (letters > 0);
    }
    return letters;
}

// Writes the chords that begin before `end`, as many as fit into the width; "%" if none does.
static void write_cell(const struct km_analyze_page *page, const struct table *table, size_t *chord,
                       double end, char cell[CELL_SIZE])
{
    size_t next = *chord;
    const size_t width = (size_t)table->cell_width;
    const size_t letters = measure_cell(page, &next, end);
    const size_t room = letters <= width ? width : width - strlen(" ...");
    size_t used = (size_t)snprintf(cell, CELL_SIZE, "%s", letters == 0 ? "%" : "");
    bool is_full = false;
    for (; *chord < next; ++*chord) {
        char symbol[KM_CHORD_SYMBOL_SIZE];
        const struct km_chord_span *const span = &page->job->chords.spans[*chord];
        const size_t length = km_chord_format(span->chord, span->key, symbol) + (used > 0);
        if (!is_full && used + length > room) {
            (void)snprintf(cell + used, CELL_SIZE - used, "%s...", used > 0 ? " " : "");
            is_full = true;
        } else if (!is_full) {
            used += (size_t)snprintf(cell + used, CELL_SIZE - used, "%s%s", used > 0 ? " " : "",
                                     symbol);
        }
    }
}

/// How wide the chords of bars are.
struct widths {
    size_t widest;
    uint32_t fitting; ///< Bars that fit into a width.
};

static struct widths measure_cells(const struct km_analyze_page *page, uint32_t bars, size_t limit)
{
    struct widths widths = {.widest = CELL_WIDTH_MIN};
    size_t chord = 0;
    double beat = 0;
    for (uint32_t i = 0; i < bars; ++i) {
        const struct km_piece_bar bar = km_piece_bar_at(&page->job->piece, beat);
        beat = bar.start_beat + bar.beats;
        const size_t width = measure_cell(page, &chord, beat);
        widths.widest = width > widths.widest ? width : widths.widest;
        widths.fitting += width <= limit;
    }
    return widths;
}

// As many bars a line, in the steps in which music is counted, as let nearly all bars be whole.
static struct table plan_table(const struct km_analyze_page *page, uint32_t bars)
{
    const int room = page->width - KM_ANALYZE_NAME_WIDTH - 6;
    struct table table = {.bars_per_line = 16};
    struct widths widths = {0};
    do {
        table.bars_per_line /= 2;
        const int width = room / (int)table.bars_per_line - 3;
        table.cell_width = width < CELL_WIDTH_MAX ? width : CELL_WIDTH_MAX;
        widths = measure_cells(page, bars, (size_t)(width > 0 ? width : 0));
    } while (table.bars_per_line > 1 &&
             (table.cell_width < CELL_WIDTH_MIN ||
              (uint64_t)widths.fitting * 100 < (uint64_t)bars * BARS_WHOLE_PERCENT));
    if ((size_t)table.cell_width > widths.widest) {
        table.cell_width = (int)widths.widest;
    }
    return table;
}

// Whether a section begins within the bar; moves on to it.
static bool begins_section(const struct km_analyze_page *page, struct table *table, double end)
{
    const struct km_sections *const sections = &page->job->sections;
    const size_t before = table->section;
    while (table->section < sections->count &&
           sections->spans[table->section].start_beat < end - 1e-9) {
        ++table->section;
    }
    return table->section > before;
}

static void print_line_start(const struct km_analyze_page *page, const struct table *table,
                             bool is_section, uint32_t bar)
{
    const struct km_sections *const sections = &page->job->sections;
    if (is_section) {
        printf("  %s%c%s", page->strong, letter_of(&sections->spans[table->section - 1]),
               page->end);
    } else {
        printf("   ");
    }
    printf(" %s%*u%s |", page->faint, KM_ANALYZE_NAME_WIDTH - 3, bar + 1, page->end);
}

void km_analyze_print_chords(const struct km_analyze_page *page)
{
    const struct km_piece *const piece = &page->job->piece;
    const uint32_t all = km_piece_bars(piece);
    const uint32_t bars = all < BARS_SHOWN_MAX ? all : BARS_SHOWN_MAX;
    if (page->job->chords.count == 0) {
        return;
    }
    struct table table = plan_table(page, bars);
    uint32_t column = 0;
    double beat = 0;
    for (uint32_t i = 0; i < bars; ++i) {
        char cell[CELL_SIZE];
        const struct km_piece_bar bar = km_piece_bar_at(piece, beat);
        beat = bar.start_beat + bar.beats;
        const bool is_section = begins_section(page, &table, beat);
        write_cell(page, &table, &table.chord, beat, cell);
        if (is_section || column == table.bars_per_line) {
            printf("%s", i > 0 ? "\n" : "");
            column = 0;
        }
        if (column == 0) {
            print_line_start(page, &table, is_section, i);
        }
        printf(" %-*s |", table.cell_width, cell);
        ++column;
    }
    printf("\n");
    if (bars < all) {
        printf("  ... and %u bars more: --json tells all\n", all - bars);
    }
}
