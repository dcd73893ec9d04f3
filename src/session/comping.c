// SPDX-License-Identifier: MIT

// The chords: voices led from one to the next, played as genre, arousal and section ask.

#include "base/check.h"
#include "base/units.h"
#include "session/score_private.h"

enum { HITS_MAX = 64, ALL_VOICES = -1, UPPER_VOICES = -2 };

// One touch of the chord.
struct hit {
    uint32_t offset; // Ticks in the bar.
    uint32_t length;
    int accent;
};

struct comping {
    struct km_score *score;
    enum km_comping style;
    struct km_voicing voicing;
    uint32_t step;  // Of a broken chord.
    uint32_t steps; // Taken so far, for its pattern.
    int variant;    // Which syncopated pattern.
};

// Off-beat patterns of a bar in sixteenths, ended by -1.
static const int8_t syncopations[][7] = {
    {0, 6, 12, -1}, {0, 3, 6, 10, -1}, {2, 6, 10, 14, -1}, {0, 6, 10, 14, -1}, {0, 7, 10, -1}};

enum { SYNCOPATIONS_COUNT = sizeof(syncopations) / sizeof(syncopations[0]) };

// Busy styles calm down with the feeling, and held ones wake up: onset rate is the cue of arousal
// in EMOPIA.
static enum km_comping style_for(const struct km_score *score)
{
    const float arousal = score->plan->affect.arousal;
    const enum km_comping style = (enum km_comping)score->traits->comping;
    const bool is_busy = style == KM_COMPING_STRUMMED || style == KM_COMPING_PULSED ||
                         style == KM_COMPING_SYNCOPATED;
    if (arousal < -0.7F) {
        return KM_COMPING_SUSTAINED;
    }
    if (arousal < -0.15F && is_busy) {
        return KM_COMPING_BROKEN;
    }
    if (arousal > 0.35F && style == KM_COMPING_SUSTAINED) {
        return KM_COMPING_STRUMMED;
    }
    return style;
}

// What a section does with the song's style: edges are calmer.
static enum km_comping style_of_section(enum km_comping style, uint8_t kind)
{
    const bool is_edge = kind == KM_SECTION_INTRO || kind == KM_SECTION_OUTRO ||
                         kind == KM_SECTION_BREAKDOWN || kind == KM_SECTION_BRIDGE;
    if (!is_edge || style == KM_COMPING_SUSTAINED) {
        return style;
    }
    return style == KM_COMPING_BROKEN && kind == KM_SECTION_BREAKDOWN ? KM_COMPING_SUSTAINED
                                                                      : KM_COMPING_BROKEN;
}

static void play(struct comping *comping, int which, uint32_t start, uint32_t duration,
                 uint8_t velocity)
{
    const struct km_voicing *const voicing = &comping->voicing;
    const int first = which == ALL_VOICES ? 0 : (which == UPPER_VOICES ? 1 : which);
    const int end = which < 0 ? voicing->count : which + 1;
    for (int i = first; i < end; ++i) {
        if (i > first && voicing->pitches[i] == voicing->pitches[i - 1]) {
            continue; // Two voices on one key are one.
        }
        km_score_add(comping->score, KM_PART_CHORDS,
                     (struct km_score_note){.start = start,
                                            .duration = duration,
                                            .key = voicing->pitches[i],
                                            .velocity = velocity});
    }
}

static void add_hit(struct hit *hits, int *count, struct hit hit)
{
    KM_CHECK(*count < HITS_MAX);
    hits[(*count)++] = hit;
}

static int strummed_hits(const struct comping *comping, int bar, struct hit *hits)
{
    const struct km_score *const score = comping->score;
    const bool has_off_beats = score->plan->tension[bar] > 0.8F;
    int count = 0;
    for (int i = 0; i < score->pulse_count; ++i) {
        const uint32_t start = score->pulse_starts[i];
        const uint32_t length = score->pulse_starts[i + 1] - start;
        const uint32_t first = has_off_beats && i > 0 ? length - KM_EIGHTH : length;
        add_hit(hits, &count, (struct hit){start, first, i == 0 ? 4 : 0});
        if (first < length) {
            add_hit(hits, &count, (struct hit){start + first, length - first, -8});
        }
    }
    return count;
}

static int even_hits(const struct comping *comping, uint32_t step, uint32_t phase, struct hit *hits)
{
    int count = 0;
    for (uint32_t at = phase; at < comping->score->bar_ticks; at += step) {
        add_hit(hits, &count, (struct hit){at, step, at % KM_PPQ == 0 ? 2 : -5});
    }
    return count;
}

static int syncopated_hits(const struct comping *comping, struct hit *hits)
{
    const uint32_t bar_ticks = comping->score->bar_ticks;
    const int8_t *const pattern = syncopations[comping->variant];
    int count = 0;
    for (int i = 0; pattern[i] >= 0; ++i) {
        const uint32_t at = (uint32_t)pattern[i] * KM_SIXTEENTH;
        const uint32_t next =
            pattern[i + 1] >= 0 ? (uint32_t)pattern[i + 1] * KM_SIXTEENTH : bar_ticks;
        if (at < bar_ticks) {
            const uint32_t end = next < bar_ticks ? next : bar_ticks;
            add_hit(hits, &count, (struct hit){at, end - at, i == 0 ? 3 : -2});
        }
    }
    return count;
}

// Threes against the twos of the metre, or twos against its threes, running through the bars.
static int polyrhythmic_hits(const struct comping *comping, int bar, struct hit *hits)
{
    const struct km_score *const score = comping->score;
    const bool is_ternary = score->pulse_starts[1] == 6 * KM_SIXTEENTH;
    const uint32_t step = is_ternary ? 4 * KM_SIXTEENTH : 3 * KM_SIXTEENTH;
    const int first_bar = km_score_section(score, bar)->first_bar;
    const uint32_t before = (uint32_t)(bar - first_bar) * score->bar_ticks % step;
    return even_hits(comping, step, before == 0 ? 0 : step - before, hits);
}

static int hits_of_bar(const struct comping *comping, enum km_comping style, int bar,
                       struct hit *hits)
{
    if (km_plan_breaks(comping->score->plan, KM_RULE_RHYTHM_POLYRHYTHMIC_LAYERS)) {
        return polyrhythmic_hits(comping, bar, hits);
    }
    if (style == KM_COMPING_PULSED) {
        return even_hits(comping, KM_EIGHTH, 0, hits);
    }
    if (style == KM_COMPING_SYNCOPATED) {
        return syncopated_hits(comping, hits);
    }
    return strummed_hits(comping, bar, hits);
}

// Up and down the voices, each ringing into the next.
static void break_chord(struct comping *comping, uint32_t start, uint32_t end)
{
    const uint32_t voices = comping->voicing.count;
    if (voices == 0) {
        return;
    }
    const uint32_t turn = voices > 1 ? 2 * (voices - 1) : 1;
    comping->steps = 0;
    for (uint32_t at = start; at < end; at += comping->step) {
        const uint32_t place = comping->steps++ % turn;
        const uint32_t voice = place < voices ? place : turn - place;
        const uint32_t ring = voices > 2 ? 2 * comping->step : comping->step;
        const uint32_t duration = at + ring < end ? ring : end - at;
        const int bar = (int)(at / comping->score->bar_ticks);
        play(comping, (int)voice, at, duration,
             km_score_velocity(comping->score, bar, place == 0 ? 3 : -3));
    }
}

// Plays the hits of one bar that fall into a chord; its beginning is always one.
static void strike_bar(struct comping *comping, enum km_comping style, int bar,
                       const uint32_t span[2])
{
    struct km_score *const score = comping->score;
    struct hit hits[HITS_MAX];
    const int count = hits_of_bar(comping, style, bar, hits);
    const uint32_t bar_start = (uint32_t)bar * score->bar_ticks;
    for (int i = 0; i < count; ++i) {
        const uint32_t start = bar_start + hits[i].offset;
        if (start < span[0] || start >= span[1]) {
            continue;
        }
        const uint32_t room = span[1] - start;
        const uint32_t written = hits[i].length < room ? hits[i].length : room;
        play(comping, hits[i].accent <= -8 ? UPPER_VOICES : ALL_VOICES, start,
             km_score_sounding(score, written), km_score_velocity(score, bar, hits[i].accent));
    }
}

static void play_chord(struct comping *comping, int index)
{
    struct km_score *const score = comping->score;
    const struct km_plan_chord *const chord = &score->plan->chords[index];
    const uint32_t span[2] = {chord->start_tick, chord->start_tick + chord->duration_ticks};
    comping->voicing = *km_score_voicing(score, index);
    const int first_bar = (int)(span[0] / score->bar_ticks);
    const int last_bar = (int)((span[1] - 1) / score->bar_ticks);
    const enum km_comping style =
        style_of_section(comping->style, km_score_section(score, first_bar)->kind);
    const bool is_last = span[1] == score->length;
    const bool is_poly = km_plan_breaks(score->plan, KM_RULE_RHYTHM_POLYRHYTHMIC_LAYERS);
    if (is_last || (style == KM_COMPING_SUSTAINED && !is_poly)) {
        play(comping, ALL_VOICES, span[0], span[1] - span[0],
             km_score_velocity(score, first_bar, 0));
        return;
    }
    if (style == KM_COMPING_BROKEN && !is_poly) {
        break_chord(comping, span[0], span[1]);
        return;
    }
    for (int bar = first_bar; bar <= last_bar; ++bar) {
        strike_bar(comping, style, bar, span);
    }
}

void km_score_write_chords(struct km_score *score)
{
    const struct km_harmony_plan *const plan = score->plan;
    struct km_random random = km_score_part_stream(score, KM_PART_CHORDS, "pattern");
    struct comping comping = {
        .score = score,
        .style = style_for(score),
        .step = plan->affect.arousal > -0.62F ? KM_EIGHTH : 2 * KM_EIGHTH,
        .variant = (int)km_random_below(&random, SYNCOPATIONS_COUNT),
    };
    for (int i = 0; i < plan->chord_count; ++i) {
        play_chord(&comping, i);
    }
}
