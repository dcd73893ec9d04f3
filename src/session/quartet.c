// SPDX-License-Identifier: MIT

// A string quartet's three lower voices under the first violin's tune: in each section a texture
// that all three agree on, from a held chorale to tremolo; at most one inner voice moves at a time,
// and where the tune breathes the second violin speaks.

#include "base/check.h"
#include "base/units.h"
#include "session/lines_private.h"
#include "session/quartet_private.h"

enum {
    OCTAVE = 12,
    TEXTURES_PER_MOOD = 3,
    PIZZICATO = 45, // General MIDI program
    FIGURE_LENGTH = 4,
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

// What one of the three plays.
struct voice {
    struct km_score *score;
    enum km_part part;
    uint32_t variation;
    bool is_plucked; // As the last program change had it.
    // A held note that the next chord may share.
    int held_key;
    uint32_t held_start, held_end;
};

// One chord within a bar, for one voice.
struct span {
    uint32_t start, end;
    int key, next_key; // Of the voice: now, and in the chord that follows; 0: rests.
    int index;         // Of the chord.
    bool is_last;      // Of the chord: the next span is another's.
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

// The key of a voice in a chord; 0 where none sounds.
static int key_in(const struct km_score *score, enum km_part part, int chord)
{
    const struct km_voicing *const voicing = km_score_voicing(score, chord);
    if (part == KM_PART_BASS || voicing->count < KM_QUARTET_INNER_COUNT) {
        return part == KM_PART_BASS ? km_score_bass_key(score, chord) : 0;
    }
    return voicing->pitches[part == KM_PART_PAD ? KM_QUARTET_VIOLA : KM_QUARTET_SECOND];
}

// ---- Notes

static void play(struct voice *voice, uint32_t start, uint32_t duration, int key, int accent)
{
    struct km_score *const score = voice->score;
    const int bar = (int)(start / score->bar_ticks);
    km_score_add(score, voice->part,
                 (struct km_score_note){.start = start,
                                        .duration = duration,
                                        .key = (uint8_t)key,
                                        .velocity = km_score_velocity(score, bar, accent)});
}

static void let_go(struct voice *voice)
{
    if (voice->held_key != 0) {
        const uint32_t written = voice->held_end - voice->held_start;
        const uint32_t breath = written > KM_PPQ ? KM_SIXTEENTH / 4 : 0; // The bow turns.
        play(voice, voice->held_start, written - breath, voice->held_key, 0);
        voice->held_key = 0;
    }
}

// Holds a key over a span; one that sounds already goes on, for as long as a bow lasts.
static void hold(struct voice *voice, const struct span *span)
{
    const uint32_t bow = 2 * voice->score->bar_ticks;
    const bool goes_on = voice->held_key == span->key && voice->held_end == span->start &&
                         span->end - voice->held_start <= bow;
    if (!goes_on) {
        let_go(voice);
        voice->held_key = span->key;
        voice->held_start = span->start;
    }
    voice->held_end = span->end;
}

// The same key again and again.
static void repeat(struct voice *voice, const struct span *span, uint32_t step, uint32_t first)
{
    let_go(voice);
    for (uint32_t tick = span->start + first; tick < span->end; tick += step) {
        const uint32_t room = span->end - tick;
        const uint32_t offset = tick % voice->score->bar_ticks;
        play(voice, tick, km_score_sounding(voice->score, room < step ? room : step), span->key,
             offset == 0 ? 3 : (offset % KM_PPQ == 0 ? -2 : -7));
    }
}

// ---- The voice that moves

// Whether going from one key to the next, while another voice goes from one of its own to the next,
// makes parallel fifths or octaves.
static bool is_parallel(int from, int to, int other_from, int other_to)
{
    const int before = (from - other_from) % OCTAVE;
    const int after = (to - other_to) % OCTAVE;
    return before == after && from != to && other_from != other_to &&
           (before == 0 || before == 7 || before == -7);
}

static bool is_clean(const struct voice *voice, const struct span *span, int key)
{
    const struct km_score *const score = voice->score;
    if (!span->is_last || span->index + 1 >= score->plan->chord_count || span->next_key == 0) {
        return true;
    }
    static const enum km_part others[] = {KM_PART_COUNTER, KM_PART_PAD, KM_PART_BASS};
    for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); ++i) {
        const int from = key_in(score, others[i], span->index);
        const int to = key_in(score, others[i], span->index + 1);
        if (others[i] != voice->part && is_parallel(key, span->next_key, from, to)) {
            return false;
        }
    }
    return true;
}

// Keys between the neighbours': what a moving voice may use in a chord.
static struct km_key_range room_of(const struct voice *voice, int index)
{
    const struct km_score *const score = voice->score;
    if (voice->part == KM_PART_PAD) {
        return (struct km_key_range){(uint8_t)(key_in(score, KM_PART_BASS, index) + 1),
                                     (uint8_t)(key_in(score, KM_PART_COUNTER, index) - 1)};
    }
    return (struct km_key_range){(uint8_t)(key_in(score, KM_PART_PAD, index) + 1),
                                 (uint8_t)(score->plan->register_low + 5)};
}

// The nearest key of the chord above or below; the voice's own where there is no room.
static int chord_key_beside(const struct voice *voice, const struct span *span, int direction)
{
    const struct km_key_range room = room_of(voice, span->index);
    const km_pitch_set chord = km_chord_pitches(voice->score->plan->chords[span->index].chord);
    const int key = km_line_step(span->key, direction, chord);
    return key >= room.low && key <= room.high ? key : span->key;
}

// A figure round the voice's key: chord notes on the beats, neighbours between them, and at the end
// a step into the next chord where that makes no parallels.
static void move(struct voice *voice, const struct span *span, uint32_t step)
{
    let_go(voice);
    const struct km_score *const score = voice->score;
    const km_pitch_set chord = km_chord_pitches(score->plan->chords[span->index].chord);
    const km_pitch_set scale = km_line_scale(score, chord);
    const int side = (voice->variation + (uint32_t)span->index) % 2 == 0 ? 1 : -1;
    const int beside = chord_key_beside(voice, span, side);
    // Up to the other chord note and back by the notes between; round the own note if that is near.
    const int turn = km_line_step(span->key, beside == span->key ? -side : side, scale);
    const int figures[][FIGURE_LENGTH] = {{span->key, turn, beside, turn},
                                          {span->key, beside, span->key, turn}};
    const int *const figure = figures[voice->variation / 2 % 2];
    int place = 0;
    for (uint32_t tick = span->start; tick < span->end; tick += step, ++place) {
        const uint32_t room = span->end - tick;
        const bool is_last = room <= step;
        int key = place == 0 ? span->key : figure[place % FIGURE_LENGTH];
        if (is_last && place > 0 && span->is_last && span->next_key != 0) {
            const int from_side = key < span->next_key ? -1 : 1;
            key = km_line_step(span->next_key, from_side, scale);
        }
        const struct km_key_range keys = room_of(voice, span->index);
        const bool fits = key >= keys.low && key <= keys.high;
        key = fits && (!is_last || is_clean(voice, span, key)) ? key : span->key;
        play(voice, tick, room < step ? room : step, key, place == 0 ? 0 : -4);
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
static void strike_together(struct voice *voice, const struct span *span)
{
    let_go(voice);
    const struct km_score *const score = voice->score;
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
        play(voice, tick, km_score_sounding(score, length), span->key, is_on_beat ? 4 : -4);
        tick += length;
    }
}

// Beats on which a voice is plucked: the cello's strong ones, the others between them.
static void pluck(struct voice *voice, const struct span *span)
{
    let_go(voice);
    const struct km_score *const score = voice->score;
    const uint32_t bar_start = span->start - span->start % score->bar_ticks;
    const bool is_bass = voice->part == KM_PART_BASS;
    for (int pulse = 0; pulse < score->pulse_count; ++pulse) {
        const uint32_t tick = bar_start + score->pulse_starts[pulse];
        const bool is_strong = pulse == 0 || pulse == (score->pulse_count + 1) / 2;
        const bool is_chord_start = tick == span->start && is_bass;
        if (tick >= span->start && tick < span->end && (is_strong == is_bass || is_chord_start)) {
            play(voice, tick, KM_SIXTEENTH, span->key, is_strong ? 2 : 0);
        }
    }
}

// Threes against the twos of the metre, or twos against its threes, running through the song.
static void play_against(struct voice *voice, const struct span *span)
{
    const struct km_score *const score = voice->score;
    const bool is_ternary = score->pulse_starts[1] == 6 * KM_SIXTEENTH;
    const uint32_t step = is_ternary ? 4 * KM_SIXTEENTH : 3 * KM_SIXTEENTH;
    repeat(voice, span, step, (step - span->start % step) % step);
}

static void pulse_inner(struct voice *voice, const struct span *span, bool is_lively)
{
    const struct km_score *const score = voice->score;
    const uint32_t beat = score->pulse_starts[1];
    const uint32_t step = is_lively || beat != KM_PPQ ? KM_EIGHTH : KM_PPQ;
    // On the beats, or after them.
    const uint32_t wait = voice->variation % 2 == 1 ? step : 0;
    repeat(voice, span, voice->variation % 2 == 1 ? 2 * step : step, wait);
}

static void play_inner(struct voice *voice, const struct span *span, enum texture texture, int bar)
{
    const struct km_score *const score = voice->score;
    const bool is_mover = mover_of(score, texture, bar) == voice->part;
    const bool speaks = voice->part == KM_PART_COUNTER && is_phrase_end(score, bar);
    const uint32_t beat = score->pulse_starts[1];
    const bool is_fast = score->plan->tempo_bpm > 132;
    if (km_plan_breaks(score->plan, KM_RULE_RHYTHM_POLYRHYTHMIC_LAYERS)) {
        play_against(voice, span);
        return;
    }
    switch (texture) {
    case TEXTURE_PIZZICATO:
        pluck(voice, span);
        return;
    case TEXTURE_TREMOLO:
        repeat(voice, span, is_fast ? KM_EIGHTH : KM_SIXTEENTH, 0);
        return;
    case TEXTURE_TUTTI:
        strike_together(voice, span);
        return;
    case TEXTURE_PULSING:
        if (speaks) {
            move(voice, span, moving_step(score));
        } else {
            pulse_inner(voice, span, mood_of(score->plan, km_score_section(score, bar)) > 1);
        }
        return;
    case TEXTURE_DUET:
    case TEXTURE_FLOWING:
    case TEXTURE_CHORALE:
    default:
        break;
    }
    if (speaks || (is_mover && texture != TEXTURE_CHORALE)) {
        move(voice, span, moving_step(score));
    } else if (texture == TEXTURE_CHORALE && voice->variation % 2 == 1) {
        repeat(voice, span, 2 * beat, 0); // Bow by bow.
    } else {
        hold(voice, span);
    }
}

static void play_cello(struct voice *voice, const struct span *span, enum texture texture, int bar)
{
    const struct km_score *const score = voice->score;
    const bool is_lively = mood_of(score->plan, km_score_section(score, bar)) > 1;
    const uint32_t beat = score->pulse_starts[1];
    switch (texture) {
    case TEXTURE_PIZZICATO:
        pluck(voice, span);
        return;
    case TEXTURE_TUTTI:
        strike_together(voice, span);
        return;
    case TEXTURE_TREMOLO:
        repeat(voice, span, KM_EIGHTH, 0);
        return;
    case TEXTURE_PULSING:
        if (is_lively != (voice->variation % 2 == 1)) {
            repeat(voice, span, beat, 0);
        } else {
            hold(voice, span);
        }
        return;
    case TEXTURE_CHORALE:
    case TEXTURE_FLOWING:
    case TEXTURE_DUET:
    default:
        if (voice->variation % 2 == 1) {
            repeat(voice, span, 2 * beat, 0);
        } else {
            hold(voice, span);
        }
        return;
    }
}

// ---- The whole

static void change_bow(struct voice *voice, enum texture texture, uint32_t tick)
{
    const bool is_plucked = texture == TEXTURE_PIZZICATO;
    if (is_plucked != voice->is_plucked) {
        const uint8_t arco = voice->score->plan->parts[voice->part].program;
        km_score_change_program(voice->score, voice->part, tick, is_plucked ? PIZZICATO : arco);
        voice->is_plucked = is_plucked;
    }
}

static void play_span(struct voice *voice, const struct span *span)
{
    const struct km_score *const score = voice->score;
    const int bar = (int)(span->start / score->bar_ticks);
    const enum texture texture = texture_of(score, bar);
    const bool is_rest = span->key == 0 || km_score_section(score, bar)->kind == KM_SECTION_SILENCE;
    const bool is_silent =
        texture == TEXTURE_DUET && voice->part == KM_PART_COUNTER && !is_phrase_end(score, bar);
    if (is_rest || (is_silent && span->end < score->length)) {
        let_go(voice);
        return;
    }
    if (span->end == score->length) { // All come to rest together.
        change_bow(voice, TEXTURE_CHORALE, span->start);
        hold(voice, span);
        return;
    }
    change_bow(voice, texture, span->start);
    (voice->part == KM_PART_BASS ? play_cello : play_inner)(voice, span, texture, bar);
}

static void play_chords(struct km_score *score, enum km_part part)
{
    const struct km_harmony_plan *const plan = score->plan;
    struct voice voice = {.score = score, .part = part, .variation = plan->parts[part].variation};
    for (int i = 0; i < plan->chord_count; ++i) {
        const struct km_plan_chord *const chord = &plan->chords[i];
        const uint32_t chord_end = chord->start_tick + chord->duration_ticks;
        struct span span = {.index = i, .key = key_in(score, part, i)};
        span.next_key = i + 1 < plan->chord_count ? key_in(score, part, i + 1) : 0;
        for (uint32_t tick = chord->start_tick; tick < chord_end; tick = span.end) {
            const uint32_t next_bar = tick - tick % score->bar_ticks + score->bar_ticks;
            span.start = tick;
            span.end = next_bar < chord_end ? next_bar : chord_end;
            span.is_last = span.end == chord_end;
            play_span(&voice, &span);
        }
    }
    let_go(&voice);
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
