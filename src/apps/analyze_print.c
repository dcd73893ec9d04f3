// SPDX-License-Identifier: MIT

// An analysis for people: a page that fits the terminal's width.

#include "apps/analyze_job.h"
#include "base/math.h"
#include "base/text.h"
#include "theory/chord.h"
#include "theory/scale.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

enum {
    WIDTH_DEFAULT = 88, // Where nobody says how wide the page is.
    WIDTH_MIN = 40,
    WIDTH_MAX = 200,
    NAME_WIDTH = 9, // Of the names at the left edge.
    BARS_SHOWN_MAX = 1024,
    CELL_SIZE = 64, // Bytes of the chords of one bar.
    CELL_WIDTH_MIN = 5,
    CELL_WIDTH_MAX = 40,
    BARS_WHOLE_PERCENT = 85, // Of the bars, at least: the rest is cut short.
    KEYS_SHOWN_MAX = 12,
    PARTS_SHOWN_MAX = 8,
    ITEM_SIZE = 256, // Bytes of a name or of an item of a list.
};

/// The page that is printed.
struct page {
    const struct km_analyze_job *job;
    const char *strong, *faint, *end;
    int width;
};

static int width_of_terminal(void)
{
    struct winsize size = {0};
    if (km_is_terminal(STDOUT_FILENO) && ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 &&
        size.ws_col > 0) {
        return (int)km_clamp(size.ws_col, WIDTH_MIN, WIDTH_MAX);
    }
    const char *const columns = getenv("COLUMNS");
    int64_t width = WIDTH_DEFAULT;
    if (columns && !km_text_parse_integer(columns, WIDTH_MIN, WIDTH_MAX, &width)) {
        width = WIDTH_DEFAULT;
    }
    return (int)width;
}

static struct page page_of(const struct km_analyze_job *job)
{
    const bool has_colour = job->context->has_colour;
    return (struct page){.job = job,
                         .strong = has_colour ? "\033[1m" : "",
                         .faint = has_colour ? "\033[2m" : "",
                         .end = has_colour ? "\033[0m" : "",
                         .width = width_of_terminal()};
}

static void print_name(const struct page *page, const char *name)
{
    printf("  %s%-*s%s", page->faint, NAME_WIDTH, name, page->end);
}

static void print_real(const char *before, double value, int decimals, const char *after)
{
    char text[KM_TEXT_REAL_SIZE];
    km_text_format_real(text, value, decimals);
    printf("%s%s%s", before, text, after);
}

// Names come from files: what would move a terminal's cursor is not printed as such.
static void make_safe(char safe[ITEM_SIZE], const char *text)
{
    size_t used = 0;
    for (const char *c = text; *c != '\0' && used < ITEM_SIZE - 1; ++c) {
        const unsigned char byte = (unsigned char)*c;
        safe[used++] = byte < 0x20 || byte == 0x7F ? '?' : *c;
    }
    safe[used] = '\0';
}

// ---- Lists that go on in the next line where one is full

struct flow {
    const struct page *page;
    const char *separator;
    int column; ///< Letters in the line so far; 0: nothing is printed.
};

// Letters of a text as a terminal shows them, about: escapes and the inner bytes of UTF-8 have
// none.
static int letters_of(const char *text)
{
    int count = 0;
    for (const char *c = text; *c != '\0'; ++c) {
        if (*c == '\033') {
            c += strcspn(c, "m");
            continue;
        }
        count += ((unsigned char)*c & 0xC0) != 0x80;
    }
    return count;
}

static void add_item(struct flow *flow, const char *name, const char *item)
{
    const int letters = letters_of(item) + (int)strlen(flow->separator);
    if (flow->column == 0) {
        print_name(flow->page, name);
    } else if (flow->column + letters > flow->page->width) {
        printf("%s\n", flow->separator[0] == ',' ? "," : "");
        print_name(flow->page, "");
        flow->column = 0;
    } else {
        printf("%s", flow->separator);
    }
    printf("%s", item);
    flow->column = (flow->column == 0 ? NAME_WIDTH + 2 : flow->column) + letters;
}

static void add_real(struct flow *flow, const char *name, const char *before, double value,
                     const char *after)
{
    char text[KM_TEXT_REAL_SIZE];
    char item[ITEM_SIZE];
    km_text_format_real(text, value, 2);
    (void)snprintf(item, sizeof(item), "%.100s%s%.100s", before, text, after);
    add_item(flow, name, item);
}

static void end_flow(const struct flow *flow)
{
    printf("%s", flow->column > 0 ? "\n" : "");
}

// ---- What it is

static void print_time(double seconds)
{
    const unsigned long long whole = (unsigned long long)km_clamp(seconds + 0.5, 0.0, 1e12);
    printf("%llu:%02llu", whole / 60, whole % 60);
}

static void print_parts(const struct page *page)
{
    const struct km_piece *const piece = &page->job->piece;
    struct flow flow = {.page = page, .separator = ", "};
    for (size_t i = 0; i < piece->part_count && i < PARTS_SHOWN_MAX; ++i) {
        const struct km_piece_part *const part = &piece->parts[i];
        char item[ITEM_SIZE];
        make_safe(item, km_piece_part_name(part));
        add_item(&flow, "parts", item);
    }
    if (piece->part_count > PARTS_SHOWN_MAX) {
        char item[ITEM_SIZE];
        (void)snprintf(item, sizeof(item), "and %zu more", piece->part_count - PARTS_SHOWN_MAX);
        add_item(&flow, "parts", item);
    }
    end_flow(&flow);
}

static void print_head(const struct page *page)
{
    const struct km_piece *const piece = &page->job->piece;
    const bool is_input = strcmp(page->job->path, "-") == 0;
    char name[ITEM_SIZE];
    make_safe(name, is_input ? "standard input" : page->job->path);
    printf("%s%s%s", page->strong, name, page->end);
    make_safe(name, piece->title);
    printf("%s%s\n", name[0] != '\0' ? "  " : "", name);
    print_name(page, "length");
    print_time(piece->end_s);
    const uint32_t bars = km_piece_bars(piece);
    printf(", %u bar%s, %zu note%s\n", bars, bars == 1 ? "" : "s", piece->note_count,
           piece->note_count == 1 ? "" : "s");
    print_parts(page);
}

// ---- Key, tempo, metre

static void print_key_name(struct km_key key)
{
    printf("%s %s", km_key_spell(key, key.tonic),
           km_mode_is_minor((enum km_mode)key.mode) ? "minor" : "major");
}

static void print_key_spans(const struct page *page)
{
    const struct km_keys *const keys = &page->job->keys;
    struct flow flow = {.page = page, .separator = ", "};
    char item[ITEM_SIZE];
    for (size_t i = 0; keys->count > 1 && i < keys->count && i < KEYS_SHOWN_MAX; ++i) {
        const struct km_key_span *const span = &keys->spans[i];
        (void)snprintf(
            item, sizeof(item), "%s %s %sfrom bar %u%s", km_key_spell(span->key, span->key.tonic),
            km_mode_is_minor((enum km_mode)span->key.mode) ? "minor" : "major", page->faint,
            km_piece_bar_at(&page->job->piece, span->start_beat).index + 1, page->end);
        add_item(&flow, "keys", item);
    }
    if (keys->count > KEYS_SHOWN_MAX) {
        (void)snprintf(item, sizeof(item), "and %zu more", keys->count - KEYS_SHOWN_MAX);
        add_item(&flow, "keys", item);
    }
    end_flow(&flow);
}

static void print_key(const struct page *page)
{
    const struct km_keys *const keys = &page->job->keys;
    print_name(page, "key");
    if (keys->whole.confidence <= 0.0F) {
        printf("none: no pitched notes\n");
        return;
    }
    printf("%s", page->strong);
    print_key_name(keys->whole.key);
    printf("%s%s", page->end, page->faint);
    print_real(" (confidence ", (double)keys->whole.confidence, 2, ")");
    printf("%s; scale %s %s\n", page->end, km_keys_scale_tonic(keys),
           km_mode_names()[keys->scale.mode]);
    print_key_spans(page);
}

static void print_tempo(const struct page *page)
{
    const struct km_piece *const piece = &page->job->piece;
    double low = piece->tempos[0].bpm;
    double high = low;
    for (size_t i = 1; i < piece->tempo_count; ++i) {
        low = piece->tempos[i].bpm < low ? piece->tempos[i].bpm : low;
        high = piece->tempos[i].bpm > high ? piece->tempos[i].bpm : high;
    }
    print_name(page, "tempo");
    if (piece->tempo_count == 1) {
        print_real("", low, 1, " BPM");
    } else {
        print_real("about ", km_piece_mean_bpm(piece), 0, " BPM");
        print_real(" (", low, 0, "");
        print_real(" to ", high, 0, ")");
    }
    printf(", %u/%u", piece->metres[0].numerator, piece->metres[0].denominator);
    for (size_t i = 1; i < piece->metre_count && i < 4; ++i) {
        printf(", %u/%u from bar %u", piece->metres[i].numerator, piece->metres[i].denominator,
               piece->metres[i].bar + 1);
    }
    printf("%s%s\n", piece->metre_count > 4 ? ", ..." : "",
           page->job->has_found_beats ? "; found in the notes, the file has none of its own" : "");
}

// ---- Chords in bars

static char letter_of(const struct km_section_span *span)
{
    return (char)('A' + span->letter % 26);
}

static void print_form(const struct page *page)
{
    const struct km_sections *const sections = &page->job->sections;
    struct flow flow = {.page = page, .separator = " "};
    for (size_t i = 0; i < sections->count; ++i) {
        const struct km_section_span *const span = &sections->spans[i];
        const bool is_changed = span->instance > 0 && span->likeness < 0.9F;
        char item[ITEM_SIZE];
        (void)snprintf(item, sizeof(item), "%s%c%s%s", page->strong, letter_of(span),
                       is_changed ? "'" : "", page->end);
        add_item(&flow, "form", item);
    }
    end_flow(&flow);
}

/// The table of chords: its place in the chords and sections.
struct table {
    size_t chord, section;
    int cell_width;
    uint32_t bars_per_line;
};

// The chords that begin before `end`, from `*chord` on: how many letters they take, with spaces.
static size_t measure_cell(const struct page *page, size_t *chord, double end)
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
static void write_cell(const struct page *page, const struct table *table, size_t *chord,
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

static struct widths measure_cells(const struct page *page, uint32_t bars, size_t limit)
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
static struct table plan_table(const struct page *page, uint32_t bars)
{
    const int room = page->width - NAME_WIDTH - 6;
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
static bool begins_section(const struct page *page, struct table *table, double end)
{
    const struct km_sections *const sections = &page->job->sections;
    const size_t before = table->section;
    while (table->section < sections->count &&
           sections->spans[table->section].start_beat < end - 1e-9) {
        ++table->section;
    }
    return table->section > before;
}

static void print_line_start(const struct page *page, const struct table *table, bool is_section,
                             uint32_t bar)
{
    const struct km_sections *const sections = &page->job->sections;
    if (is_section) {
        printf("  %s%c%s", page->strong, letter_of(&sections->spans[table->section - 1]),
               page->end);
    } else {
        printf("   ");
    }
    printf(" %s%*u%s |", page->faint, NAME_WIDTH - 3, bar + 1, page->end);
}

static void print_chords(const struct page *page)
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

// ---- Groove

static void add_role(struct flow *flow, enum km_groove_role role)
{
    static const char *const names[KM_GROOVE_ROLES_COUNT] = {
        "kick", "snare", "hi-hat", "ride", "crash", "toms", "percussion", "pitched", ""};
    const struct km_groove_figures *const figures = &flow->page->job->groove.roles[role];
    if (figures->count == 0 || role == KM_GROOVE_ROLE_ALL) {
        return;
    }
    char mean[KM_TEXT_REAL_SIZE];
    char deviation[KM_TEXT_REAL_SIZE];
    char item[ITEM_SIZE];
    km_text_format_real(mean, figures->mean_ms, 1);
    km_text_format_real(deviation, figures->deviation_ms, 1);
    (void)snprintf(item, sizeof(item), "%s %s%s \xC2\xB1%s ms", names[role],
                   figures->mean_ms > 0 ? "+" : "", mean, deviation);
    add_item(flow, "", item);
}

static void print_groove(const struct page *page)
{
    const struct km_groove_measure *const groove = &page->job->groove;
    if (groove->onset_count == 0) {
        print_name(page, "groove");
        printf("none: no notes\n");
        return;
    }
    struct flow figures = {.page = page, .separator = ", "};
    const char *const pairs = groove->swung == 4 ? "sixteenths" : "eighths";
    char item[ITEM_SIZE];
    if (groove->swung == 0) {
        add_item(&figures, "groove", "no pairs that could swing");
    } else if (km_groove_is_dotted(groove)) {
        add_item(&figures, "groove", "dotted eighths (3 : 1)");
    } else {
        const bool is_swung = km_groove_is_swung(groove->swing_ratio);
        (void)snprintf(item, sizeof(item), "%s %s (", is_swung ? "swung" : "straight", pairs);
        add_real(&figures, "groove", item, groove->swing_ratio, " : 1)");
    }
    const double push = groove->push_ms < 0 ? -groove->push_ms : groove->push_ms;
    char text[KM_TEXT_REAL_SIZE];
    km_text_format_real(text, push, 1);
    (void)snprintf(item, sizeof(item), "%s ms %s", text, groove->push_ms < 0 ? "early" : "late");
    add_item(&figures, "", push < 0.05 ? "on the beat" : item);
    add_real(&figures, "", "tightness ", groove->tightness, "");
    end_flow(&figures);
    struct flow flow = {.page = page, .separator = ", "};
    for (int i = 0; i < KM_GROOVE_ROLES_COUNT; ++i) {
        add_role(&flow, (enum km_groove_role)i);
    }
    end_flow(&flow);
}

// ---- Feeling

// The octant of feeling that a listener would name (Russell, "A circumplex model of affect", 1980).
static const char *feeling_of(double valence, double arousal)
{
    enum { NEUTRAL_PERCENT = 12 };
    const bool is_pleasant = valence > NEUTRAL_PERCENT / 100.0;
    const bool is_unpleasant = valence < -NEUTRAL_PERCENT / 100.0;
    const char *const excited = is_pleasant     ? "excited, happy"
                                : is_unpleasant ? "tense, agitated"
                                                : "aroused";
    const char *const calm = is_pleasant ? "calm, content" : is_unpleasant ? "sad, dark" : "quiet";
    const char *const even = is_pleasant ? "pleasant" : is_unpleasant ? "unpleasant" : "neutral";
    return arousal > NEUTRAL_PERCENT / 100.0    ? excited
           : arousal < -NEUTRAL_PERCENT / 100.0 ? calm
                                                : even;
}

/// A number and how many of its decimals are told.
struct figure {
    double value;
    int decimals;
};

// Two numbers between three pieces of text.
static void add_pair(struct flow *flow, const char *const words[3], const struct figure figures[2])
{
    char first[KM_TEXT_REAL_SIZE];
    char second[KM_TEXT_REAL_SIZE];
    char item[ITEM_SIZE];
    km_text_format_real(first, figures[0].value, figures[0].decimals);
    km_text_format_real(second, figures[1].value, figures[1].decimals);
    (void)snprintf(item, sizeof(item), "%s%s%s%s%s", words[0], first, words[1], second, words[2]);
    add_item(flow, "", item);
}

static void add_percent(struct flow *flow, double share, const char *after)
{
    char text[KM_TEXT_REAL_SIZE];
    char item[ITEM_SIZE];
    km_text_format_real(text, share * 100.0, 0);
    (void)snprintf(item, sizeof(item), "%s%s", text, after);
    add_item(flow, "", item);
}

static void print_feeling(const struct page *page)
{
    const struct km_heard *const heard = &page->job->heard;
    print_name(page, "feeling");
    printf("%s%s%s", page->strong, feeling_of(heard->valence, heard->arousal), page->end);
    print_real(": valence ", heard->valence, 2, "");
    print_real(", arousal ", heard->arousal, 2, "\n");
    struct flow flow = {.page = page, .separator = ", "};
    add_pair(&flow, (const char *[]){"", " onsets a second at ", " BPM"},
             (const struct figure[]){{heard->onsets_per_second, 1}, {heard->bpm, 0}});
    add_pair(&flow, (const char *[]){"velocity ", " \xC2\xB1", ""},
             (const struct figure[]){{heard->velocity_mean, 0}, {heard->velocity_deviation, 0}});
    add_real(&flow, "", "notes of ", heard->note_seconds, " s");
    add_percent(&flow, heard->articulation, " % of the gap to the next");
    if (page->job->keys.whole.confidence > 0.0F) {
        add_pair(&flow, (const char *[]){"pitch ", " \xC2\xB1", ""},
                 (const struct figure[]){{heard->pitch_mean, 0}, {heard->pitch_deviation, 0}});
        add_real(&flow, "", "majorness ", heard->majorness, "");
        add_real(&flow, "", "consonance ", heard->consonance, "");
        add_percent(&flow, heard->outside, " % outside the scale");
    }
    end_flow(&flow);
}

void km_analyze_print(const struct km_analyze_job *job)
{
    const struct page page = page_of(job);
    print_head(&page);
    print_key(&page);
    print_tempo(&page);
    print_form(&page);
    print_chords(&page);
    print_groove(&page);
    if (job->piece.note_count > 0) {
        print_feeling(&page);
    }
}
