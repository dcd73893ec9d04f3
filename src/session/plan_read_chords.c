// SPDX-License-Identifier: MIT

// The chords of a plan's JSON. Each is said up to three times: by its symbol, by its numeral, and
// in the list of all symbols. The one that differs from the others is what somebody changed.

#include "session/plan_read_private.h"

#include "base/math.h"
#include "base/text.h"
#include "base/units.h"
#include "theory/roman.h"

#include <string.h>

enum {
    GRID = KM_PPQ / 4, // Chords change on sixteenths.
    BEATS_PER_BAR_MAX = 12,
    BEATS_MAX = KM_PLAN_BARS_MAX * BEATS_PER_BAR_MAX,
};

// What is said of a chord.
struct said {
    struct km_chord symbol, listed, roman;
    bool has_symbol, has_listed, has_roman;
};

struct chord_reading {
    struct km_plan_reading *reading;
    const struct km_plan_keys *keys;
    struct km_harmony_plan *plan;
    json_t *symbols;       // chord_symbols, or null.
    uint32_t next;         // Tick where the next chord has to begin.
    uint32_t beats_before; // Of a bar, in the metre that the chords were written in.
    uint32_t beat_ticks;
};

static bool is_same(struct km_chord a, struct km_chord b)
{
    return a.root == b.root && a.quality == b.quality && a.bass == b.bass;
}

static bool parse_symbol(struct km_plan_reading *reading, const struct km_plan_object *object,
                         const char *field, const char *text, struct km_chord *chord)
{
    struct km_error error;
    return km_chord_parse(text, chord, &error) == KM_OK ||
           km_plan_refuse(reading, object, field, "%s", error.message);
}

static void read_listed(struct km_plan_reading *reading, json_t *symbols, size_t index,
                        struct said *said)
{
    const char *const text = json_string_value(json_array_get(symbols, index));
    const struct km_plan_object place = {.list = "chord_symbols", .index = (int)index};
    if (!text) {
        (void)km_plan_refuse(reading, &place, "", "expected a text");
        return;
    }
    said->has_listed = parse_symbol(reading, &place, "", text, &said->listed);
}

static struct said read_said(const struct chord_reading *chords,
                             const struct km_plan_object *object)
{
    struct km_plan_reading *const reading = chords->reading;
    struct said said = {0};
    const char *text = NULL;
    if (km_plan_read_text(reading, object, "symbol", &text)) {
        said.has_symbol = parse_symbol(reading, object, "symbol", text, &said.symbol);
    }
    // Numerals as they were written, on the tonic of now: so another tonic moves the chords.
    const struct km_key key = {chords->keys->now.tonic, chords->keys->before.mode};
    if (km_plan_read_text(reading, object, "roman", &text)) {
        struct km_error error;
        said.has_roman = strcmp(text, "N.C.") != 0;
        if (said.has_roman && km_roman_parse(text, key, &said.roman, &error) != KM_OK) {
            (void)km_plan_refuse(reading, object, "roman", "%s", error.message);
        }
    }
    if (chords->symbols && reading->status == KM_OK) {
        read_listed(reading, chords->symbols, (size_t)object->index, &said);
    }
    return said;
}

// The chord in another mode on the same tonic, each note by its degree; itself if it has notes that
// are not of its mode, or would become something without a name.
static struct km_chord take_along(struct km_chord chord, struct km_key before, struct km_key now)
{
    uint8_t to[12];
    memset(to, 0xFF, sizeof(to));
    for (int degree = 0; degree < 7; ++degree) {
        to[km_key_degree(before, degree)] = km_key_degree(now, degree);
    }
    km_pitch_set pitches = 0;
    for (unsigned int pitch = 0; pitch < 12; ++pitch) {
        if ((km_chord_pitches(chord) >> pitch & 1U) == 0) {
            continue;
        }
        if (to[pitch] > 11) {
            return chord;
        }
        pitches = (km_pitch_set)(pitches | 1U << to[pitch]);
    }
    for (int quality = 0; quality < KM_CHORD_QUALITIES_COUNT; ++quality) {
        const struct km_chord other = {to[chord.root], (uint8_t)quality, to[chord.bass]};
        if (quality != KM_CHORD_NONE && km_chord_pitches(other) == pitches) {
            return other;
        }
    }
    return chord;
}

static bool has_seven(uint8_t mode)
{
    km_pitch_set pitches = km_mode_pitches((enum km_mode)mode);
    int count = 0;
    for (; pitches != 0; pitches &= (km_pitch_set)(pitches - 1U)) {
        ++count;
    }
    return count == 7;
}

// Takes a chord that nobody changed along into the mode of now.
static struct km_chord follow_mode(const struct km_plan_keys *keys, struct km_chord chord)
{
    const struct km_key before = {keys->now.tonic, keys->before.mode};
    return keys->now.mode != before.mode && has_seven(keys->now.mode) && has_seven(before.mode)
               ? take_along(chord, before, keys->now)
               : chord;
}

// Which of what is said counts.
static bool choose_chord(const struct chord_reading *chords, const struct km_plan_object *object,
                         const struct said *said, struct km_chord *chord)
{
    *chord = said->has_roman ? said->roman : said->listed;
    if (!said->has_symbol) {
        return said->has_roman || said->has_listed ||
               km_plan_refuse(chords->reading, object, "symbol", "is missing");
    }
    const bool is_listed_so = said->has_listed && is_same(said->symbol, said->listed);
    const bool is_roman_so = said->has_roman && is_same(said->symbol, said->roman);
    if (is_listed_so) { // So the numeral is the change, if it differs: all of them do in a new key.
        *chord = follow_mode(chords->keys, said->has_roman ? said->roman : said->symbol);
        return true;
    }
    *chord = is_roman_so && said->has_listed ? said->listed : said->symbol;
    if (said->has_roman && !is_roman_so && !said->has_listed) {
        km_plan_remark(chords->reading, object, "roman",
                       "says another chord than the symbol, which counts");
    }
    return true;
}

// A time in beats, as ticks; on the grid, or refused.
static bool read_ticks(const struct chord_reading *chords, const struct km_plan_object *object,
                       const char *field, struct km_plan_bounds bounds, uint32_t *ticks)
{
    float beats = 0.0F;
    if (!km_plan_read_real(chords->reading, object, field, bounds, &beats)) {
        return km_plan_refuse(chords->reading, object, field, "is missing");
    }
    *ticks = (uint32_t)km_round((double)beats * (double)chords->beat_ticks);
    return *ticks % GRID == 0 ||
           km_plan_refuse(chords->reading, object, field, "chords change on sixteenths");
}

// Reads where a chord lies, in the metre that the chords were written in.
static void read_place(struct chord_reading *chords, const struct km_plan_object *object,
                       struct km_plan_chord *chord)
{
    const uint32_t bar_ticks = chords->beats_before * chords->beat_ticks;
    int64_t bar = 0;
    if (!km_plan_read_integer(chords->reading, object, "bar",
                              (struct km_plan_bounds){0, (double)chords->plan->length_bars - 1},
                              &bar)) {
        (void)km_plan_refuse(chords->reading, object, "bar", "is missing");
        return;
    }
    uint32_t in_bar = 0;
    const struct km_plan_bounds beats = {0, (double)chords->beats_before};
    const struct km_plan_bounds lengths = {0, BEATS_MAX};
    if (!read_ticks(chords, object, "beat", beats, &in_bar) ||
        !read_ticks(chords, object, "beats", lengths, &chord->duration_ticks)) {
        return;
    }
    chord->start_tick = (uint32_t)bar * bar_ticks + in_bar;
    if (chord->duration_ticks == 0) {
        (void)km_plan_refuse(chords->reading, object, "beats",
                             "a chord lasts a sixteenth at least");
    } else if (chord->start_tick != chords->next) {
        const double in_beats = (double)(chords->next % bar_ticks) / (double)chords->beat_ticks;
        char beat[KM_TEXT_REAL_SIZE];
        km_text_format_real(beat, in_beats, 4);
        (void)km_plan_refuse(chords->reading, object, "beat",
                             "expected bar %u, beat %s, where the one before ends: there is a gap "
                             "or an overlap",
                             (unsigned int)(chords->next / bar_ticks), beat);
    }
    chords->next = chord->start_tick + chord->duration_ticks;
}

// Beats a bar of the metre that the chords were written in: the plan's, or another that they fill.
static uint32_t find_beats_before(const struct km_harmony_plan *plan, json_t *list)
{
    double sum = 0;
    double last = 0;
    for (size_t i = 0; i < json_array_size(list); ++i) {
        const json_t *const chord = json_array_get(list, i);
        const double beat = json_number_value(json_object_get(chord, "beat"));
        sum += json_number_value(json_object_get(chord, "beats"));
        last = beat > last ? beat : last;
    }
    for (uint32_t beats = 2; beats <= BEATS_PER_BAR_MAX; ++beats) {
        const double apart = sum - (double)beats * (double)plan->length_bars;
        if (apart > -0.01 && apart < 0.01 && last < (double)beats) {
            return beats;
        }
    }
    return plan->beats_per_bar;
}

static uint32_t fit_tick(const struct chord_reading *chords, uint32_t tick)
{
    const uint32_t bar_before = chords->beats_before * chords->beat_ticks;
    const uint32_t bar_now = km_plan_bar_ticks(chords->plan);
    const uint32_t beat = tick % bar_before * chords->plan->beats_per_bar + bar_before / 2;
    return tick / bar_before * bar_now + beat / bar_before * chords->beat_ticks;
}

// In another metre each chord keeps its share of its bar and begins with a beat; one that has no
// beat left is left out.
static void fit_metre(const struct chord_reading *chords)
{
    struct km_harmony_plan *const plan = chords->plan;
    uint16_t kept = 0;
    for (int i = 0; i < plan->chord_count; ++i) {
        struct km_plan_chord chord = plan->chords[i];
        const uint32_t end = fit_tick(chords, chord.start_tick + chord.duration_ticks);
        chord.start_tick = fit_tick(chords, chord.start_tick);
        chord.duration_ticks = end - chord.start_tick;
        if (chord.duration_ticks > 0) {
            plan->chords[kept++] = chord;
        }
    }
    memset(&plan->chords[kept], 0, (size_t)(plan->chord_count - kept) * sizeof(plan->chords[0]));
    plan->chord_count = kept;
}

static void read_chord(struct chord_reading *chords, json_t *list, size_t index)
{
    static const char *const fields[] = {"bar", "beat", "beats", "symbol", "roman", NULL};
    struct km_plan_chord *const chord = &chords->plan->chords[index];
    const struct km_plan_object object =
        km_plan_list_object(chords->reading, list, "chords", index);
    km_plan_check_fields(chords->reading, &object, fields);
    const struct said said = read_said(chords, &object);
    if (chords->reading->status == KM_OK && choose_chord(chords, &object, &said, &chord->chord)) {
        read_place(chords, &object, chord);
    }
}

static void read_chords(struct chord_reading *chords, const struct km_plan_object *root,
                        json_t *list)
{
    struct km_plan_reading *const reading = chords->reading;
    const size_t count = json_array_size(list);
    if (chords->symbols && json_array_size(chords->symbols) != count) {
        (void)km_plan_refuse(reading, root, "chord_symbols",
                             "has %zu chords, but chords has %zu: change both, or leave one out",
                             json_array_size(chords->symbols), count);
        return;
    }
    struct km_harmony_plan *const plan = chords->plan;
    plan->chord_count = (uint16_t)count;
    chords->beats_before = find_beats_before(plan, list);
    for (size_t i = 0; i < count && reading->status == KM_OK; ++i) {
        read_chord(chords, list, i);
    }
    const uint32_t bar_ticks = chords->beats_before * chords->beat_ticks;
    if (chords->next != plan->length_bars * bar_ticks) {
        (void)km_plan_refuse(
            reading, root, "chords", "end in bar %u, but the song has length_bars %u: change both",
            (unsigned int)(chords->next / bar_ticks), (unsigned int)plan->length_bars);
    }
    if (reading->status == KM_OK && chords->beats_before != plan->beats_per_bar) {
        fit_metre(chords);
    }
}

// Symbols alone: one a bar, again and again; or as many in every bar as there are for it.
static void lay_symbols(struct chord_reading *chords, const struct km_plan_object *root)
{
    struct km_harmony_plan *const plan = chords->plan;
    const size_t count = json_array_size(chords->symbols);
    const size_t bars = plan->length_bars;
    const size_t in_bar = count > bars ? count / bars : 1;
    if (count == 0 || (count > bars && count % bars != 0) || plan->beats_per_bar % in_bar != 0) {
        (void)km_plan_refuse(chords->reading, root, "chord_symbols",
                             "%zu do not share out evenly among %zu bars of %u beats; or say in "
                             "chords where they lie",
                             count, bars, (unsigned int)plan->beats_per_bar);
        return;
    }
    const uint32_t duration = km_plan_bar_ticks(plan) / (uint32_t)in_bar;
    for (size_t i = 0; i < bars * in_bar && chords->reading->status == KM_OK; ++i) {
        struct said said = {0};
        read_listed(chords->reading, chords->symbols, i % count, &said);
        plan->chords[i] = (struct km_plan_chord){
            .start_tick = (uint32_t)i * duration, .duration_ticks = duration, .chord = said.listed};
    }
    plan->chord_count = (uint16_t)(bars * in_bar);
}

static void name_chords(struct km_harmony_plan *plan)
{
    for (int i = 0; i < plan->chord_count; ++i) {
        struct km_plan_chord *const chord = &plan->chords[i];
        (void)km_chord_format(chord->chord, plan->key, chord->symbol);
        (void)km_roman_format(chord->chord, plan->key, chord->roman);
    }
}

void km_plan_read_chords(struct km_plan_reading *reading, const struct km_plan_object *root,
                         const struct km_plan_keys *keys, struct km_harmony_plan *plan)
{
    struct chord_reading chords = {.reading = reading,
                                   .keys = keys,
                                   .plan = plan,
                                   .beat_ticks = 4U * KM_PPQ / plan->beat_unit};
    json_t *list = NULL;
    (void)km_plan_read_list(reading, root, "chord_symbols", KM_PLAN_CHORDS_MAX, &chords.symbols);
    const bool has_chords = km_plan_read_list(reading, root, "chords", KM_PLAN_CHORDS_MAX, &list);
    if (reading->status != KM_OK || (!has_chords && !chords.symbols)) {
        return;
    }
    memset(plan->chords, 0, sizeof(plan->chords));
    if (has_chords) {
        read_chords(&chords, root, list);
    } else {
        lay_symbols(&chords, root);
    }
    if (reading->status == KM_OK) {
        name_chords(plan);
    }
}
