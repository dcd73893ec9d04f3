// SPDX-License-Identifier: MIT

// An analysis for people: a page that fits the terminal's width.

#include "apps/analyze_page.h"
#include "base/math.h"
#include "base/text.h"
#include "theory/scale.h"

#include <stdio.h>
#include <string.h>

enum {
    KEYS_SHOWN_MAX = 12,
    PARTS_SHOWN_MAX = 8,
};

// ---- What it is

static void print_time(double seconds)
{
    const unsigned long long whole = (unsigned long long)km_clamp(seconds + 0.5, 0.0, 1e12);
    printf("%llu:%02llu", whole / 60, whole % 60);
}

static void print_parts(const struct km_analyze_page *page)
{
    const struct km_piece *const piece = &page->job->piece;
    struct km_analyze_flow flow = {.page = page, .separator = ", "};
    for (size_t i = 0; i < piece->part_count && i < PARTS_SHOWN_MAX; ++i) {
        const struct km_piece_part *const part = &piece->parts[i];
        char item[KM_ANALYZE_ITEM_SIZE];
        km_analyze_make_safe(item, km_piece_part_name(part));
        km_analyze_add_item(&flow, "parts", item);
    }
    if (piece->part_count > PARTS_SHOWN_MAX) {
        char item[KM_ANALYZE_ITEM_SIZE];
        (void)snprintf(item, sizeof(item), "and %zu more", piece->part_count - PARTS_SHOWN_MAX);
        km_analyze_add_item(&flow, "parts", item);
    }
    km_analyze_end_flow(&flow);
}

static void print_head(const struct km_analyze_page *page)
{
    const struct km_piece *const piece = &page->job->piece;
    const bool is_input = strcmp(page->job->path, "-") == 0;
    char name[KM_ANALYZE_ITEM_SIZE];
    km_analyze_make_safe(name, is_input ? "standard input" : page->job->path);
    printf("%s%s%s", page->strong, name, page->end);
    km_analyze_make_safe(name, piece->title);
    printf("%s%s\n", name[0] != '\0' ? "  " : "", name);
    km_analyze_print_name(page, "length");
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

static void print_key_spans(const struct km_analyze_page *page)
{
    const struct km_keys *const keys = &page->job->keys;
    struct km_analyze_flow flow = {.page = page, .separator = ", "};
    char item[KM_ANALYZE_ITEM_SIZE];
    for (size_t i = 0; keys->count > 1 && i < keys->count && i < KEYS_SHOWN_MAX; ++i) {
        const struct km_key_span *const span = &keys->spans[i];
        (void)snprintf(
            item, sizeof(item), "%s %s %sfrom bar %u%s", km_key_spell(span->key, span->key.tonic),
            km_mode_is_minor((enum km_mode)span->key.mode) ? "minor" : "major", page->faint,
            km_piece_bar_at(&page->job->piece, span->start_beat).index + 1, page->end);
        km_analyze_add_item(&flow, "keys", item);
    }
    if (keys->count > KEYS_SHOWN_MAX) {
        (void)snprintf(item, sizeof(item), "and %zu more", keys->count - KEYS_SHOWN_MAX);
        km_analyze_add_item(&flow, "keys", item);
    }
    km_analyze_end_flow(&flow);
}

static void print_key(const struct km_analyze_page *page)
{
    const struct km_keys *const keys = &page->job->keys;
    km_analyze_print_name(page, "key");
    if (keys->whole.confidence <= 0.0F) {
        printf("none: no pitched notes\n");
        return;
    }
    printf("%s", page->strong);
    print_key_name(keys->whole.key);
    printf("%s%s", page->end, page->faint);
    km_analyze_print_real(" (confidence ", (double)keys->whole.confidence, 2, ")");
    printf("%s; scale %s %s\n", page->end, km_keys_scale_tonic(keys),
           km_mode_names()[keys->scale.mode]);
    print_key_spans(page);
}

static void print_tempo(const struct km_analyze_page *page)
{
    const struct km_piece *const piece = &page->job->piece;
    double low = piece->tempos[0].bpm;
    double high = low;
    for (size_t i = 1; i < piece->tempo_count; ++i) {
        low = piece->tempos[i].bpm < low ? piece->tempos[i].bpm : low;
        high = piece->tempos[i].bpm > high ? piece->tempos[i].bpm : high;
    }
    km_analyze_print_name(page, "tempo");
    if (piece->tempo_count == 1) {
        km_analyze_print_real("", low, 1, " BPM");
    } else {
        km_analyze_print_real("about ", km_piece_mean_bpm(piece), 0, " BPM");
        km_analyze_print_real(" (", low, 0, "");
        km_analyze_print_real(" to ", high, 0, ")");
    }
    printf(", %u/%u", piece->metres[0].numerator, piece->metres[0].denominator);
    for (size_t i = 1; i < piece->metre_count && i < 4; ++i) {
        printf(", %u/%u from bar %u", piece->metres[i].numerator, piece->metres[i].denominator,
               piece->metres[i].bar + 1);
    }
    printf("%s%s\n", piece->metre_count > 4 ? ", ..." : "",
           page->job->has_found_beats ? "; found in the notes, the file has none of its own" : "");
}

// ---- Groove

static void add_role(struct km_analyze_flow *flow, enum km_groove_role role)
{
    static const char *const names[KM_GROOVE_ROLES_COUNT] = {
        "kick", "snare", "hi-hat", "ride", "crash", "toms", "percussion", "pitched", ""};
    const struct km_groove_figures *const figures = &flow->page->job->groove.roles[role];
    if (figures->count == 0 || role == KM_GROOVE_ROLE_ALL) {
        return;
    }
    char mean[KM_TEXT_REAL_SIZE];
    char deviation[KM_TEXT_REAL_SIZE];
    char item[KM_ANALYZE_ITEM_SIZE];
    km_text_format_real(mean, figures->mean_ms, 1);
    km_text_format_real(deviation, figures->deviation_ms, 1);
    (void)snprintf(item, sizeof(item), "%s %s%s \xC2\xB1%s ms", names[role],
                   figures->mean_ms > 0 ? "+" : "", mean, deviation);
    km_analyze_add_item(flow, "", item);
}

static void print_groove(const struct km_analyze_page *page)
{
    const struct km_groove_measure *const groove = &page->job->groove;
    if (groove->onset_count == 0) {
        km_analyze_print_name(page, "groove");
        printf("none: no notes\n");
        return;
    }
    struct km_analyze_flow figures = {.page = page, .separator = ", "};
    const char *const pairs = groove->swung == 4 ? "sixteenths" : "eighths";
    char item[KM_ANALYZE_ITEM_SIZE];
    static const char *const words[] = {"no pairs that could swing", "straight",
                                        "no clear swing in", "swung", "dotted"};
    const enum km_groove_pairs feel = km_groove_pairs_of(groove);
    if (feel == KM_GROOVE_PAIRS_NONE) {
        km_analyze_add_item(&figures, "groove", words[feel]);
    } else {
        (void)snprintf(item, sizeof(item), "%s %s (", words[feel], pairs);
        km_analyze_add_real(&figures, "groove", item, groove->swing_ratio, " : 1)");
    }
    const double push = groove->push_ms < 0 ? -groove->push_ms : groove->push_ms;
    char text[KM_TEXT_REAL_SIZE];
    km_text_format_real(text, push, 1);
    (void)snprintf(item, sizeof(item), "%s ms %s", text, groove->push_ms < 0 ? "early" : "late");
    km_analyze_add_item(&figures, "", push < 0.05 ? "on the beat" : item);
    km_analyze_add_real(&figures, "", "tightness ", groove->tightness, "");
    km_analyze_end_flow(&figures);
    struct km_analyze_flow flow = {.page = page, .separator = ", "};
    for (int i = 0; i < KM_GROOVE_ROLES_COUNT; ++i) {
        add_role(&flow, (enum km_groove_role)i);
    }
    km_analyze_end_flow(&flow);
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
static void add_pair(struct km_analyze_flow *flow, const char *const words[3],
                     const struct figure figures[2])
{
    char first[KM_TEXT_REAL_SIZE];
    char second[KM_TEXT_REAL_SIZE];
    char item[KM_ANALYZE_ITEM_SIZE];
    km_text_format_real(first, figures[0].value, figures[0].decimals);
    km_text_format_real(second, figures[1].value, figures[1].decimals);
    (void)snprintf(item, sizeof(item), "%s%s%s%s%s", words[0], first, words[1], second, words[2]);
    km_analyze_add_item(flow, "", item);
}

static void add_percent(struct km_analyze_flow *flow, double share, const char *after)
{
    char text[KM_TEXT_REAL_SIZE];
    char item[KM_ANALYZE_ITEM_SIZE];
    km_text_format_real(text, share * 100.0, 0);
    (void)snprintf(item, sizeof(item), "%s%s", text, after);
    km_analyze_add_item(flow, "", item);
}

static void print_feeling(const struct km_analyze_page *page)
{
    const struct km_heard *const heard = &page->job->heard;
    km_analyze_print_name(page, "feeling");
    printf("%s%s%s", page->strong, feeling_of(heard->valence, heard->arousal), page->end);
    km_analyze_print_real(": valence ", heard->valence, 2, "");
    km_analyze_print_real(", arousal ", heard->arousal, 2, "\n");
    struct km_analyze_flow flow = {.page = page, .separator = ", "};
    add_pair(&flow, (const char *[]){"", " onsets a second at ", " BPM"},
             (const struct figure[]){{heard->onsets_per_second, 1}, {heard->bpm, 0}});
    add_pair(&flow, (const char *[]){"velocity ", " \xC2\xB1", ""},
             (const struct figure[]){{heard->velocity_mean, 0}, {heard->velocity_deviation, 0}});
    km_analyze_add_real(&flow, "", "notes of ", heard->note_seconds, " s");
    add_percent(&flow, heard->articulation, " % of the gap to the next");
    if (page->job->keys.whole.confidence > 0.0F) {
        add_pair(&flow, (const char *[]){"pitch ", " \xC2\xB1", ""},
                 (const struct figure[]){{heard->pitch_mean, 0}, {heard->pitch_deviation, 0}});
        km_analyze_add_real(&flow, "", "majorness ", heard->majorness, "");
        km_analyze_add_real(&flow, "", "consonance ", heard->consonance, "");
        add_percent(&flow, heard->outside, " % outside the scale");
    }
    km_analyze_end_flow(&flow);
}

void km_analyze_print(const struct km_analyze_job *job)
{
    const struct km_analyze_page page = km_analyze_page_of(job);
    print_head(&page);
    print_key(&page);
    print_tempo(&page);
    km_analyze_print_form(&page);
    km_analyze_print_chords(&page);
    print_groove(&page);
    if (job->piece.note_count > 0) {
        print_feeling(&page);
    }
}
