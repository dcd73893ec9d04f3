// SPDX-License-Identifier: MIT

// The bass: the chords' lowest notes in the manner of the genre, with steps into the next chord.

#include "base/check.h"
#include "base/units.h"
#include "session/score_private.h"

enum { LOWEST = 28, HIGHEST = 48, OCTAVE = 12 };

struct bass {
    struct km_score *score;
    struct km_random random;
    enum km_bass style;
    int key;      // Of the chord's bass.
    int next_key; // Of the chord that follows.
    bool is_last; // No chord follows.
};

static enum km_bass style_for(const struct km_score *score)
{
    const float arousal = score->plan->affect.arousal;
    const enum km_bass style = (enum km_bass)score->traits->bass;
    if (arousal < -0.4F) {
        return KM_BASS_ROOTS;
    }
    if (arousal < 0.0F && (style == KM_BASS_DRIVING || style == KM_BASS_OCTAVES)) {
        return KM_BASS_FIFTHS;
    }
    if (arousal > 0.5F && (style == KM_BASS_ROOTS || style == KM_BASS_FIFTHS)) {
        return KM_BASS_DRIVING;
    }
    return style;
}

// The key of a pitch class nearest to another key, in range.
static int key_near(uint8_t pitch_class, int near)
{
    int key = LOWEST + (pitch_class + 120 - LOWEST) % OCTAVE;
    while (key + OCTAVE <= HIGHEST && key + OCTAVE / 2 < near) {
        key += OCTAVE;
    }
    return key;
}

static void play(const struct bass *bass, uint32_t start, uint32_t written, int key, int accent)
{
    struct km_score *const score = bass->score;
    const int bar = (int)(start / score->bar_ticks);
    // Held notes are held; short ones follow the articulation.
    const uint32_t duration =
        written >= 2 * KM_PPQ ? written - KM_SIXTEENTH / 4 : km_score_sounding(score, written);
    km_score_add(score, KM_PART_BASS,
                 (struct km_score_note){.start = start,
                                        .duration = duration,
                                        .key = (uint8_t)key,
                                        .velocity = km_score_velocity(score, bar, accent)});
}

// The fifth above, or below where that is too high; the chord's own where it is not perfect.
static int fifth_of(const struct bass *bass, struct km_chord chord)
{
    const km_pitch_set notes = km_chord_pitches(chord);
    int key = bass->key + 7;
    if ((notes >> (unsigned int)(key % OCTAVE) & 1U) == 0) {
        return bass->key;
    }
    return key > HIGHEST ? key - OCTAVE : key;
}

// Even notes over a span; `lift` semitones higher every second time.
static void play_even(const struct bass *bass, uint32_t start, uint32_t end, int lift)
{
    int index = 0;
    for (uint32_t at = start; at < end; at += KM_EIGHTH, ++index) {
        const uint32_t written = end - at < KM_EIGHTH ? end - at : KM_EIGHTH;
        play(bass, at, written, bass->key + (index % 2 == 1 ? lift : 0), index % 2 == 1 ? -6 : 0);
    }
}

// Bass and fifth by turns on the stronger pulses.
static void play_fifths(const struct bass *bass, struct km_chord chord, uint32_t start,
                        uint32_t end)
{
    const uint32_t length = end - start;
    if (length < 2 * KM_PPQ) {
        play(bass, start, length, bass->key, 0);
        return;
    }
    const uint32_t first = length > 3 * KM_PPQ ? length / 2 / KM_EIGHTH * KM_EIGHTH : KM_PPQ * 2;
    const uint32_t half = first < length ? first : length / 2;
    play(bass, start, half, bass->key, 2);
    play(bass, start + half, length - half, fifth_of(bass, chord), -3);
}

// A step below or above the next bass, from the side that the line comes from.
static int approach_key(const struct bass *bass)
{
    const km_pitch_set scale = km_key_pitches(bass->score->plan->key);
    const bool is_low = bass->next_key < LOWEST + 2; // No string below.
    const int side = bass->key < bass->next_key && !is_low ? -1 : 1;
    for (int distance = 1; distance <= 2; ++distance) {
        const int key = bass->next_key + side * distance;
        if ((scale >> (unsigned int)(key % OCTAVE) & 1U) != 0) {
            return key;
        }
    }
    return bass->next_key + side;
}

static void play_approach(struct bass *bass, struct km_chord chord, uint32_t start, uint32_t end)
{
    const uint32_t length = end - start;
    const bool steps = !bass->is_last && bass->key != bass->next_key && length >= 2 * KM_PPQ &&
                       km_random_chance(&bass->random, 0.7);
    const uint32_t step = KM_EIGHTH;
    const uint32_t body = steps ? length - step : length;
    if (body >= 3 * KM_PPQ) {
        play(bass, start, 2 * KM_PPQ - KM_EIGHTH, bass->key, 2);
        play(bass, start + 2 * KM_PPQ - KM_EIGHTH, KM_EIGHTH, bass->key, -6);
        play(bass, start + 2 * KM_PPQ, body - 2 * KM_PPQ, fifth_of(bass, chord), -2);
    } else {
        play(bass, start, body, bass->key, 2);
    }
    if (steps) {
        play(bass, start + body, step, approach_key(bass), -4);
    }
}

// With the kick: a long note and two short ones, again every sixteen sixteenths.
static void play_syncopated(const struct bass *bass, uint32_t start, uint32_t end)
{
    static const uint8_t starts[] = {0, 6, 10, 16};
    for (uint32_t index = 0;; ++index) {
        const uint32_t place = index % 3;
        const uint32_t group = start + index / 3 * starts[3] * KM_SIXTEENTH;
        const uint32_t at = group + starts[place] * (uint32_t)KM_SIXTEENTH;
        const uint32_t next = group + starts[place + 1] * (uint32_t)KM_SIXTEENTH;
        if (at >= end) {
            return;
        }
        const int lift = place == 2 && bass->key < 40 ? OCTAVE : 0;
        play(bass, at, (next < end ? next : end) - at, bass->key + lift, place == 0 ? 3 : -3);
    }
}

static void play_chord(struct bass *bass, const struct km_plan_chord *chord)
{
    const struct km_score *const score = bass->score;
    const uint32_t start = chord->start_tick;
    const uint32_t end = start + chord->duration_ticks;
    const uint8_t kind = km_score_section(score, (int)(start / score->bar_ticks))->kind;
    const bool is_calm = kind == KM_SECTION_INTRO || kind == KM_SECTION_OUTRO ||
                         kind == KM_SECTION_BREAKDOWN || end == score->length;
    const enum km_bass style = is_calm ? KM_BASS_ROOTS : bass->style;
    switch (style) {
    case KM_BASS_FIFTHS:
        play_fifths(bass, chord->chord, start, end);
        break;
    case KM_BASS_DRIVING:
        play_even(bass, start, end, 0);
        break;
    case KM_BASS_OCTAVES:
        play_even(bass, start, end, OCTAVE);
        break;
    case KM_BASS_APPROACH:
        play_approach(bass, chord->chord, start, end);
        break;
    case KM_BASS_SYNCOPATED:
        play_syncopated(bass, start, end);
        break;
    case KM_BASS_ROOTS:
        play(bass, start, end - start, bass->key, 0);
        break;
    }
}

void km_score_write_bass(struct km_score *score)
{
    const struct km_harmony_plan *const plan = score->plan;
    struct bass bass = {.score = score, .style = style_for(score)};
    km_random_init(&bass.random, plan->seed, "bass");
    int near = 36;
    for (int i = 0; i < plan->chord_count; ++i) {
        const struct km_plan_chord *const chord = &plan->chords[i];
        if (chord->chord.quality == KM_CHORD_NONE) {
            continue;
        }
        // Drawn back to the middle of its range, so that it does not creep away.
        bass.key = key_near(chord->chord.bass, (near + 36) / 2);
        bass.is_last = i + 1 == plan->chord_count;
        bass.next_key =
            bass.is_last ? bass.key : key_near(plan->chords[i + 1].chord.bass, (bass.key + 36) / 2);
        near = bass.key;
        play_chord(&bass, chord);
    }
}
