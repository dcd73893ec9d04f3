// SPDX-License-Identifier: MIT

// What stands around the notes: heading, legend, sections, chords, lines and the axis of bars.

#include "base/text.h"
#include "plot/roll_private.h"
#include "plot/svg_private.h"
#include "session/song.h"
#include "theory/scale.h"

#include <stdio.h>
#include <string.h>

enum {
    TITLE_WIDTH_MAX = 62, ///< Letters beside the legend.
    MOOD_WIDTH_MAX = 48,
    LEGEND_MARK = 24,  ///< A colour, and the space behind it.
    LEGEND_GAP = 18,   ///< Between its entries.
    LEGEND_LETTER = 7, ///< Width of a letter, about.
    TITLE_LETTER = 12,
    LABEL_SPACE = 44,  ///< Between the numbers of bars.
    SYMBOL_SPACE = 52, ///< For the symbol of a chord.
};

static const char *part_name(const struct km_roll *roll, enum km_roll_part part)
{
    static const enum km_part parts[KM_ROLL_PARTS_COUNT] = {
        [KM_ROLL_PAD] = KM_PART_PAD,       [KM_ROLL_CHORDS] = KM_PART_CHORDS,
        [KM_ROLL_BASS] = KM_PART_BASS,     [KM_ROLL_COUNTER] = KM_PART_COUNTER,
        [KM_ROLL_MELODY] = KM_PART_MELODY, [KM_ROLL_DRUMS] = KM_PART_DRUMS,
    };
    // Without a plan a channel's number says nothing of what it plays.
    static const char *const channels[KM_ROLL_PARTS_COUNT] = {
        [KM_ROLL_OTHER] = "Others",      [KM_ROLL_PAD] = "Channel 5",
        [KM_ROLL_CHORDS] = "Channel 2",  [KM_ROLL_BASS] = "Channel 1",
        [KM_ROLL_COUNTER] = "Channel 6", [KM_ROLL_MELODY] = "Channel 4",
        [KM_ROLL_DRUMS] = "Drums",
    };
    const struct km_harmony_plan *const plan =
        roll->journey ? &roll->journey->stages[0].plan : roll->plan;
    return plan && part != KM_ROLL_OTHER
               ? km_part_name((enum km_ensemble)plan->ensemble, parts[part])
               : channels[part];
}

static int legend_width(const struct km_roll *roll, enum km_roll_part part)
{
    return LEGEND_MARK + LEGEND_LETTER * (int)strlen(part_name(roll, part)) + LEGEND_GAP;
}

// Where the legend begins: it ends at the right edge.
static int legend_left(const struct km_roll *roll)
{
    int left = KM_ROLL_RIGHT - 4;
    for (int i = 0; i < KM_ROLL_PARTS_COUNT; ++i) {
        left -= roll->has_part[i] ? legend_width(roll, (enum km_roll_part)i) : 0;
    }
    return left + LEGEND_GAP;
}

static void draw_legend(const struct km_roll *roll)
{
    static const enum km_roll_part order[KM_ROLL_PARTS_COUNT] = {
        KM_ROLL_MELODY, KM_ROLL_COUNTER, KM_ROLL_CHORDS, KM_ROLL_PAD,
        KM_ROLL_BASS,   KM_ROLL_OTHER,   KM_ROLL_DRUMS};
    double x = legend_left(roll);
    for (int i = 0; i < KM_ROLL_PARTS_COUNT; ++i) {
        if (roll->has_part[order[i]]) {
            km_svg_rect(roll->sink, km_roll_part_style(order[i]), (const double[]){x, 23, 18, 9});
            km_svg_text(roll->sink, "facts", x + LEGEND_MARK, 32, part_name(roll, order[i]));
            x += legend_width(roll, order[i]);
        }
    }
}

// Letters of the title that have room beside the legend.
static int title_width(const struct km_roll *roll)
{
    const int fitting = (legend_left(roll) - 48) / TITLE_LETTER;
    return fitting < TITLE_WIDTH_MAX ? fitting : TITLE_WIDTH_MAX;
}

static const struct km_event *first_key_signature(const struct km_midi_track *track)
{
    for (size_t i = 0; i < track->count; ++i) {
        if (track->events[i].type == KM_EVENT_KEY_SIGNATURE) {
            return &track->events[i];
        }
    }
    return NULL;
}

// The first key signature of the file.
static bool key_of_file(const struct km_midi_file *file, struct km_key *key)
{
    const struct km_event *event = NULL;
    for (size_t t = 0; t < file->track_count && !event; ++t) {
        event = first_key_signature(&file->tracks[t]);
    }
    if (!event) {
        return false;
    }
    const bool is_minor = event->value == 1;
    // Sharps, or flats as a negative byte: by fifths from C, or from A.
    const int sharps = event->number < 128 ? event->number : event->number - 256;
    key->tonic = (uint8_t)((sharps * 7 + (is_minor ? 9 : 0) + 12 * 128) % 12);
    key->mode = is_minor ? KM_MODE_AEOLIAN : KM_MODE_IONIAN;
    return true;
}

static void write_key(const struct km_roll *roll)
{
    struct km_key key;
    if (roll->plan) {
        key = roll->plan->key;
    } else if (!key_of_file(roll->file, &key)) {
        return;
    }
    const char *const mode = key.mode == KM_MODE_IONIAN    ? "major"
                             : key.mode == KM_MODE_AEOLIAN ? "minor"
                                                           : km_mode_names()[key.mode];
    km_sink_format(roll->sink, "%s %s \xC2\xB7 ", km_key_spell(key, key.tonic), mode);
}

// The mood, where the title does not say it already; and who plays: the genre's band, or whom else.
static void write_plan_words(const struct km_roll *roll, const char *title)
{
    const struct km_harmony_plan *const plan = roll->plan;
    const size_t length = strnlen(plan->mood_profile, KM_MOOD_PROFILE_SIZE);
    if (length > 0 && strncmp(title, plan->mood_profile, KM_MOOD_PROFILE_SIZE) != 0) {
        char mood[KM_MOOD_PROFILE_SIZE + 1] = "";
        memcpy(mood, plan->mood_profile, length);
        km_sink_text(roll->sink, " \xC2\xB7 ");
        km_svg_escaped(roll->sink, mood, MOOD_WIDTH_MAX);
    }
    km_sink_text(roll->sink, " \xC2\xB7 ");
    const bool is_band = plan->ensemble == KM_ENSEMBLE_BAND;
    km_svg_escaped(roll->sink,
                   is_band ? km_genre_names()[plan->genre] : km_ensemble_names()[plan->ensemble],
                   MOOD_WIDTH_MAX);
}

static void write_facts(const struct km_roll *roll, const char *title)
{
    const struct km_roll_metre *const metre = &roll->metres[0];
    const double seconds = km_tempo_map_seconds(&roll->tempo, roll->end_tick);
    const unsigned long long whole = (unsigned long long)(seconds + 0.5);
    km_svg_text_begin(roll->sink, "facts", 24, 60);
    write_key(roll);
    km_sink_real(roll->sink, km_tempo_map_bpm(&roll->tempo, 0), 1);
    km_sink_format(roll->sink, " BPM \xC2\xB7 %u/%u \xC2\xB7 %u bar%s \xC2\xB7 %llu:%02llu",
                   metre->beats, metre->unit, roll->bars_count, roll->bars_count == 1 ? "" : "s",
                   whole / 60, whole % 60);
    if (roll->plan) {
        write_plan_words(roll, title);
    }
    km_svg_text_end(roll->sink);
}

void km_roll_draw_head(const struct km_roll *roll, const char *title)
{
    struct km_sink *const sink = roll->sink;
    const char *const shown = title && title[0] != '\0' ? title : "Untitled";
    km_sink_format(sink, "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%d\"", KM_ROLL_WIDTH);
    km_svg_number(sink, "height", roll->height);
    km_sink_format(sink, " viewBox=\"0 0 %d ", KM_ROLL_WIDTH);
    km_sink_real(sink, roll->height, 2);
    km_sink_text(sink, "\" role=\"img\">\n<title>Piano roll: ");
    km_svg_escaped(sink, shown, 200);
    km_sink_text(sink, "</title>\n");
    km_roll_write_style(sink);
    km_svg_rect(sink, "ground", (const double[]){0, 0, KM_ROLL_WIDTH, roll->height});
    km_svg_text_begin(sink, "title", 24, 36);
    km_svg_escaped(sink, shown, title_width(roll));
    km_svg_text_end(sink);
    write_facts(roll, shown);
    draw_legend(roll);
}

// ---- Sections and chords

static const char *section_name(unsigned int kind)
{
    static const char *const names[] = {
#define KM_SECTION(NAME, name, tension) name,
#include "session/sections.def"
#undef KM_SECTION
    };
    return kind < KM_SECTION_KINDS_COUNT ? names[kind] : "";
}

// "Pre-chorus", or where there is no room "Pre.".
static void draw_section_name(struct km_sink *sink, const char *name, int letters)
{
    const bool is_whole = (int)strlen(name) <= letters;
    const int first = name[0] >= 'a' && name[0] <= 'z' ? name[0] - 'a' + 'A' : name[0];
    km_sink_format(sink, "%c%.*s%s", first, is_whole ? letters : 2, name + 1,
                   !is_whole && letters > 3 ? "." : "");
}

void km_roll_draw_sections(const struct km_roll *roll)
{
    const struct km_harmony_plan *const plan = roll->plan;
    const uint64_t bar = roll->metres[0].bar_ticks;
    for (int i = 0; i < plan->section_count && i < KM_PLAN_SECTIONS_MAX; ++i) {
        const struct km_plan_section *const section = &plan->sections[i];
        const uint64_t first = section->first_bar * bar;
        const double left = km_roll_x(roll, first);
        const double right = km_roll_x(roll, first + section->bar_count * bar);
        const double tension = section->tension > 0.0F ? (double)section->tension : 0.0;
        // The more tension, the stronger the band.
        km_sink_text(roll->sink, "<g fill-opacity=\"");
        km_sink_real(roll->sink, 0.08 + 0.22 * (tension < 1.3 ? tension / 1.3 : 1.0), 2);
        km_sink_text(roll->sink, "\">");
        km_svg_rect(roll->sink, "band",
                    (const double[]){left, roll->section_top, right - left - 1.0, 20.0});
        km_sink_text(roll->sink, "</g>\n");
        const int letters = (int)((right - left - 8.0) / 7.5);
        if (letters >= 3) {
            km_svg_text_begin(roll->sink, "section", left + 6.0, roll->section_top + 14.5);
            draw_section_name(roll->sink, section_name(section->kind), letters);
            km_svg_text_end(roll->sink);
        }
    }
}

// Bars between two labels: as many as keep them apart, in the steps in which music is counted.
static uint32_t label_step(const struct km_roll *roll, double space)
{
    const double width = KM_ROLL_RIGHT - KM_ROLL_LEFT;
    uint32_t step = 1;
    while (step * width / roll->bars_count < space && step < roll->bars_count) {
        step *= 2;
    }
    return step;
}

// How the symbols of chords share their line.
struct chord_line {
    double free_from[2]; ///< Where each row is free again.
    int rows;            ///< 2: in turn, so that each has the room of two.
    uint64_t grid_ticks; ///< Only the first chord of each such stretch is named.
};

static struct chord_line plan_chord_line(const struct km_roll *roll)
{
    struct chord_line line = {.rows = 1, .grid_ticks = 1};
    const double space = (double)(KM_ROLL_RIGHT - KM_ROLL_LEFT) / (roll->plan->chord_count + 1);
    if (space < SYMBOL_SPACE) {
        line.rows = 2;
    }
    if (space < SYMBOL_SPACE / 2.0) {
        line.grid_ticks = label_step(roll, SYMBOL_SPACE / 2.0) * roll->metres[0].bar_ticks;
    }
    return line;
}

static void draw_symbol(const struct km_roll *roll, const char *symbol, double x, double y)
{
    km_svg_text_begin(roll->sink, "chord", x, y);
    km_svg_escaped(roll->sink, symbol, KM_CHORD_SYMBOL_SIZE);
    km_svg_text_end(roll->sink);
}

void km_roll_draw_chords(const struct km_roll *roll)
{
    const struct km_harmony_plan *const plan = roll->plan;
    struct chord_line line = plan_chord_line(roll);
    const double first_y = roll->chord_top + (line.rows == 2 ? 10.0 : 16.0);
    uint64_t stretch = UINT64_MAX;
    int row = 0;
    for (int i = 0; i < plan->chord_count && i < KM_PLAN_CHORDS_MAX; ++i) {
        const uint64_t tick = (uint64_t)(plan->chords[i].start_tick * roll->plan_scale + 0.5);
        const double x = km_roll_x(roll, tick) + 2.0;
        char symbol[KM_CHORD_SYMBOL_SIZE + 1];
        (void)snprintf(symbol, sizeof(symbol), "%.*s", KM_CHORD_SYMBOL_SIZE,
                       plan->chords[i].symbol);
        const double end = x + 6.8 * (double)strlen(symbol);
        if (tick / line.grid_ticks == stretch) {
            continue;
        }
        stretch = tick / line.grid_ticks;
        if (x >= line.free_from[row] && end < KM_ROLL_WIDTH) {
            draw_symbol(roll, symbol, x, first_y + row * 14.0);
            line.free_from[row] = end + 6.0;
        }
        row = (row + 1) % line.rows;
    }
}

// ---- Lines

static void draw_panel(const struct km_roll *roll, double top, double bottom)
{
    const double box[] = {KM_ROLL_LEFT, top, KM_ROLL_RIGHT - KM_ROLL_LEFT, bottom - top};
    km_svg_rect(roll->sink, "panel", box);
}

static void draw_octaves(const struct km_roll *roll)
{
    for (int key = (roll->key_low + 11) / 12 * 12; key <= roll->key_high; key += 12) {
        const double y = roll->roll_top + (roll->key_high - key + 1) * roll->row_height;
        km_svg_line(roll->sink, "octave", (const double[]){KM_ROLL_LEFT, y, KM_ROLL_RIGHT, y});
        km_svg_text_begin(roll->sink, "right", KM_ROLL_LEFT - 8, y - 1.0);
        km_sink_format(roll->sink, "C%d", key / 12 - 1);
        km_svg_text_end(roll->sink);
    }
}

static void draw_bars(const struct km_roll *roll)
{
    const uint32_t step = label_step(roll, LABEL_SPACE);
    const bool has_all = (KM_ROLL_RIGHT - KM_ROLL_LEFT) / roll->bars_count >= 7;
    uint64_t tick = 0;
    for (uint32_t bar = 0; bar < roll->bars_count; ++bar) {
        const double x = km_roll_x(roll, tick);
        if (bar > 0 && (has_all || bar % step == 0)) {
            km_svg_line(roll->sink, bar % step == 0 ? "phrase" : "bar",
                        (const double[]){x, roll->roll_top, x, roll->axis_top});
        }
        if (bar % step == 0) {
            km_svg_text_begin(roll->sink, NULL, x + 2.0, roll->axis_top + 16.0);
            km_sink_format(roll->sink, "%u", bar + 1);
            km_svg_text_end(roll->sink);
        }
        tick = km_roll_next_bar(roll, tick);
    }
    km_svg_text(roll->sink, "right", KM_ROLL_LEFT - 8, roll->axis_top + 16.0, "Bar");
}

static void draw_section_edges(const struct km_roll *roll)
{
    const struct km_harmony_plan *const plan = roll->plan;
    for (int i = 1; i < plan->section_count && i < KM_PLAN_SECTIONS_MAX; ++i) {
        const double x = km_roll_x(roll, plan->sections[i].first_bar * roll->metres[0].bar_ticks);
        km_svg_line(roll->sink, "edge", (const double[]){x, roll->section_top, x, roll->axis_top});
    }
}

void km_roll_draw_frame(const struct km_roll *roll)
{
    const double rows = roll->key_high - roll->key_low + 1;
    draw_panel(roll, roll->roll_top, roll->roll_top + rows * roll->row_height);
    if (roll->has_part[KM_ROLL_DRUMS]) {
        draw_panel(roll, roll->drum_top, roll->tension_top - 16.0);
    }
    if (roll->plan) {
        draw_panel(roll, roll->tension_top, roll->tempo_top - 16.0);
    }
    draw_panel(roll, roll->tempo_top, roll->axis_top);
    draw_octaves(roll);
    draw_bars(roll);
    if (roll->plan) {
        draw_section_edges(roll);
    }
}
