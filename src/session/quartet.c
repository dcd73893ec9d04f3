// SPDX-License-Identifier: MIT

// A string quartet's three lower voices under the first violin's tune: in each section a texture
// that all three agree on, from a held chorale to tremolo; at most one inner voice moves at a time,
// and where the tune breathes the second violin speaks.

#include "base/check.h"
#include "base/units.h"
#include "session/lines_private.h"
#include "session/quartet_private.h"

enum {
    TEXTURES_PER_MOOD = 3,
    PIZZICATO = 45, // General MIDI program
};

enum texture {
    TEXTURE_CHORALE,   // All together with the harmony.
    TEXTURE_FLOWING,   // One inner voice moves, the others hold.
    TEXTURE_DUET,      // Viola and cello alone under the tune.
    TEXTURE_PULSING,   // The inner voices repeat, the bass walks.
    TEXTURE_PIZZICATO, // Plucked: the bass on strong beats, the others after it.
    TEXTURE_TREMOLO,   // Bows that tremble.
    TEXTURE_TUTTI,     // One rhythm for all three.
};

// ---- What all three agree on

static int mood_of(const struct km_harmony_plan *plan, const struct km_plan_section *section)
{
    const bool is_edge = section->kind == KM_SECTION_INTRO || section->kind == KM_SECTION_OUTRO ||
                         section->kind == KM_SECTION_BREAKDOWN;
    const float level =
        plan->affect.arousal + 1.1F * (section->tension - 0.75F) - (is_edge ? 0.35F : 0.0F);
    return level < -0.45F ? 0 : (level < 0.05F ? 1 : (level < 0.5F ? 2 : 3));
}

static enum texture texture_of(const struct km_score *score, int bar)
{
    static const enum texture textures[][TEXTURES_PER_MOOD] = {
        {TEXTURE_CHORALE, TEXTURE_DUET, TEXTURE_FLOWING},
        {TEXTURE_CHORALE, TEXTURE_FLOWING, TEXTURE_PULSING},
        {TEXTURE_PULSING, TEXTURE_FLOWING, TEXTURE_PIZZICATO},
        {TEXTURE_PULSING, TEXTURE_TREMOLO, TEXTURE_TUTTI},
    };
    const struct km_harmony_plan *const plan = score->plan;
    const struct km_plan_section *const section = km_score_section(score, bar);
    struct km_random random;
    km_random_init(&random, plan->seed, km_section_name((enum km_section_kind)section->kind));
    const uint32_t choice = km_random_below(&random, TEXTURES_PER_MOOD);
    const enum texture texture = textures[mood_of(plan, section)][choice];
    const bool is_light = plan->affect.valence > 0.0F && plan->articulation < 0.85F;
    return texture == TEXTURE_PIZZICATO && !is_light ? TEXTURE_PULSING : texture;
}

static bool is_phrase_end(const struct km_score *score, int bar)
{
    return bar + 1 == km_line_phrase_end(score, bar) && bar + 1 < score->plan->length_bars;
}

// The inner voice that moves where one does; they take turns from phrase to phrase.
static enum km_part mover_of(const struct km_score *score, enum texture texture, int bar)
{
    if (is_phrase_end(score, bar)) {
        return KM_PART_COUNTER;
    }
    const int end = km_line_phrase_end(score, bar);
    const bool is_second = texture != TEXTURE_DUET && end / KM_PLAN_PHRASE_BARS % 2 == 1;
    return is_second ? KM_PART_COUNTER : KM_PART_PAD;
}

// ---- Notes

// Holds a key over a span; one that sounds already goes on, for as long as a bow lasts.
static void hold(struct km_bow *bow, const struct km_bow_span *span)
{
    const uint32_t longest = 2 * bow->score->bar_ticks;
    const bool goes_on = bow->held_key == span->key && bow->held_end == span->start &&
                         span->end - bow->held_start <= longest;
    if (!goes_on) {
        km_bow_let_go(bow);
        bow->held_key = span->key;
        bow->held_start = span->start;
    }
    bow->held_end = span->end;
}

// The same key again and again.
static void repeat(struct km_bow *bow, const struct km_bow_span *span, uint32_t step,
                   uint32_t first)
{
    km_bow_let_go(bow);
    for (uint32_t tick = span->start + first; tick < span->end; tick += step) {
        const uint32_t room = span->end - tick;
        const uint32_t offset = tick % bow->score->bar_ticks;
        km_bow_play(bow, tick, km_score_sounding(bow->score, room < step ? room : step), span->key,
                    offset == 0 ? 3 : (offset % KM_PPQ == 0 ? -2 : -7));
    }
}

// ---- Textures, voice by voice

// Notes of a moving voice: eighths; quarters where it is slow and quiet.
static uint32_t moving_step(const struct km_score *score)
{
    return score->plan->affect.arousal < -0.4F && score->pulse_starts[1] == KM_PPQ ? KM_PPQ
                                                                                   : KM_EIGHTH;
}

// One rhythm for all, drawn for the section's kind: in sixteenths of a beat.
static void strike_together(struct km_bow *bow, const struct km_bow_span *span)
{
    km_bow_let_go(bow);
    const struct km_score *const score = bow->score;
    const struct km_plan_section *const section =
        km_score_section(score, (int)(span->start / score->bar_ticks));
    struct km_random random;
    km_random_init(&random, score->plan->seed, "tutti");
    const uint32_t long_note = km_random_chance(&random, 0.5) ? 3 * KM_SIXTEENTH : 2 * KM_SIXTEENTH;
    const uint32_t first = section->kind == KM_SECTION_BUILD ? KM_EIGHTH : long_note;
    for (uint32_t tick = span->start; tick < span->end;) {
        const bool is_on_beat = tick % KM_PPQ == 0;
        const uint32_t wanted = is_on_beat ? first : KM_PPQ - tick % KM_PPQ;
        const uint32_t room = span->end - tick;
        const uint32_t length = wanted < room ? wanted : room;
        km_bow_play(bow, tick, km_score_sounding(score, length), span->key, is_on_beat ? 4 : -4);
        tick += length;
    }
}

// Beats on which a voice is plucked: the cello's strong ones, the others between them.
static void pluck(struct km_bow *bow, const struct km_bow_span *span)
{
    km_bow_let_go(bow);
    const struct km_score *const score = bow->score;
    const uint32_t bar_start = span->start - span->start % score->bar_ticks;
    const bool is_bass = bow->part == KM_PART_BASS;
    for (int pulse = 0; pulse < score->pulse_count; ++pulse) {
        const uint32_t tick = bar_start + score->pulse_starts[pulse];
        const bool is_strong = pulse == 0 || pulse == (score->pulse_count + 1) / 2;
        const bool is_chord_start = tick == span->start && is_bass;
        if (tick >= span->start && tick < span->end && (is_strong == is_bass || is_chord_start)) {
            km_bow_play(bow, tick, KM_SIXTEENTH, span->key, is_strong ? 2 : 0);
        }
    }
}

// Threes against the twos of the metre, or twos against its threes, running through the song.
static void play_against(struct km_bow *bow, const struct km_bow_span *span)
{
    const struct km_score *const score = bow->score;
    const bool is_ternary = score->pulse_starts[1] == 6 * KM_SIXTEENTH;
    const uint32_t step = is_ternary ? 4 * KM_SIXTEENTH : 3 * KM_SIXTEENTH;
    repeat(bow, span, step, (step - span->start % step) % step);
}

static void pulse_inner(struct km_bow *bow, const struct km_bow_span *span, bool is_lively)
{
    const struct km_score *const score = bow->score;
    const uint32_t beat = score->pulse_starts[1];
    const uint32_t step = is_lively || beat != KM_PPQ ? KM_EIGHTH : KM_PPQ;
    // On the beats, or after them.
    const uint32_t wait = bow->variation % 2 == 1 ? step : 0;
    repeat(bow, span, bow->variation % 2 == 1 ? 2 * step : step, wait);
}

static void play_inner(struct km_bow *bow, const struct km_bow_span *span, enum texture texture,
                       int bar)
{
    const struct km_score *const score = bow->score;
    const bool is_mover = mover_of(score, texture, bar) == bow->part;
    const bool speaks = bow->part == KM_PART_COUNTER && is_phrase_end(score, bar);
    const uint32_t beat = score->pulse_starts[1];
    const bool is_fast = score->plan->tempo_bpm > 132;
    if (km_plan_breaks(score->plan, KM_RULE_RHYTHM_POLYRHYTHMIC_LAYERS)) {
        play_against(bow, span);
        return;
    }
    switch (texture) {
    case TEXTURE_PIZZICATO:
        pluck(bow, span);
        return;
    case TEXTURE_TREMOLO:
        repeat(bow, span, is_fast ? KM_EIGHTH : KM_SIXTEENTH, 0);
        return;
    case TEXTURE_TUTTI:
        strike_together(bow, span);
        return;
    case TEXTURE_PULSING:
        if (speaks) {
            km_bow_move(bow, span, moving_step(score));
        } else {
            pulse_inner(bow, span, mood_of(score->plan, km_score_section(score, bar)) > 1);
        }
        return;
    case TEXTURE_DUET:
    case TEXTURE_FLOWING:
    case TEXTURE_CHORALE:
    default:
        break;
    }
    if (speaks || (is_mover && texture != TEXTURE_CHORALE)) {
        km_bow_move(bow, span, moving_step(score));
    } else if (texture == TEXTURE_CHORALE && bow->variation % 2 == 1) {
        repeat(bow, span, 2 * beat, 0); // Bow by bow.
    } else {
        hold(bow, span);
    }
}

static void play_cello(struct km_bow *bow, const struct km_bow_span *span, enum texture texture,
                       int bar)
{
    const struct km_score *const score = bow->score;
    const bool is_lively = mood_of(score->plan, km_score_section(score, bar)) > 1;
    const uint32_t beat = score->pulse_starts[1];
    switch (texture) {
    case TEXTURE_PIZZICATO:
        pluck(bow, span);
        return;
    case TEXTURE_TUTTI:
        strike_together(bow, span);
        return;
    case TEXTURE_TREMOLO:
        repeat(bow, span, KM_EIGHTH, 0);
        return;
    case TEXTURE_PULSING:
        if (is_lively != (bow->variation % 2 == 1)) {
            repeat(bow, span, beat, 0);
        } else {
            hold(bow, span);
        }
        return;
    case TEXTURE_CHORALE:
    case TEXTURE_FLOWING:
    case TEXTURE_DUET:
    default:
        if (bow->variation % 2 == 1) {
            repeat(bow, span, 2 * beat, 0);
        } else {
            hold(bow, span);
        }
        return;
    }
}

// ---- The whole

static void change_bow(struct km_bow *bow, enum texture texture, uint32_t tick)
{
    const bool is_plucked = texture == TEXTURE_PIZZICATO;
    if (is_plucked != bow->is_plucked) {
        const uint8_t arco = bow->score->plan->parts[bow->part].program;
        km_score_change_program(bow->score, bow->part, tick, is_plucked ? PIZZICATO : arco);
        bow->is_plucked = is_plucked;
    }
}

static void play_span(struct km_bow *bow, const struct km_bow_span *span)
{
    const struct km_score *const score = bow->score;
    const int bar = (int)(span->start / score->bar_ticks);
    const enum texture texture = texture_of(score, bar);
    const bool is_rest = span->key == 0 || km_score_section(score, bar)->kind == KM_SECTION_SILENCE;
    const bool is_silent =
        texture == TEXTURE_DUET && bow->part == KM_PART_COUNTER && !is_phrase_end(score, bar);
    if (is_rest || (is_silent && span->end < score->length)) {
        km_bow_let_go(bow);
        return;
    }
    if (span->end == score->length) { // All come to rest together.
        change_bow(bow, TEXTURE_CHORALE, span->start);
        hold(bow, span);
        return;
    }
    change_bow(bow, texture, span->start);
    (bow->part == KM_PART_BASS ? play_cello : play_inner)(bow, span, texture, bar);
}

static void play_chords(struct km_score *score, enum km_part part)
{
    const struct km_harmony_plan *const plan = score->plan;
    struct km_bow bow = {.score = score, .part = part, .variation = plan->parts[part].variation};
    for (int i = 0; i < plan->chord_count; ++i) {
        const struct km_plan_chord *const chord = &plan->chords[i];
        const uint32_t chord_end = chord->start_tick + chord->duration_ticks;
        struct km_bow_span span = {.index = i, .key = km_bow_key(score, part, i)};
        span.next_key = i + 1 < plan->chord_count ? km_bow_key(score, part, i + 1) : 0;
        for (uint32_t tick = chord->start_tick; tick < chord_end; tick = span.end) {
            const uint32_t next_bar = tick - tick % score->bar_ticks + score->bar_ticks;
            span.start = tick;
            span.end = next_bar < chord_end ? next_bar : chord_end;
            span.is_last = span.end == chord_end;
            play_span(&bow, &span);
        }
    }
    km_bow_let_go(&bow);
    km_score_swell(score, part, 0, plan->length_bars);
}

void km_score_write_first_violin(struct km_score *score)
{
    km_score_write_melody(score);
    km_score_swell(score, KM_PART_MELODY, 0, score->plan->length_bars);
}

void km_score_write_second_violin(struct km_score *score)
{
    play_chords(score, KM_PART_COUNTER);
}

void km_score_write_viola(struct km_score *score)
{
    play_chords(score, KM_PART_PAD);
}

void km_score_write_cello(struct km_score *score)
{
    play_chords(score, KM_PART_BASS);
}
