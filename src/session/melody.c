// SPDX-License-Identifier: MIT

// The melody: each kind of section has two motifs, set in phrases of four bars that end on a long
// note and a breath. Strong beats take notes of the chord; the line rises and falls with the
// tension, and its highest notes are kept for the bar where that peaks.

#include "base/check.h"
#include "base/math.h"
#include "base/units.h"
#include "session/motif_private.h"
#include "session/score_private.h"

enum { PHRASE_BARS = 4, OCTAVE = 12, LEAP_MAX = 9 };

struct melody {
    struct km_score *score;
    struct km_random random;
    struct km_motif first, other;
    const char *pattern; // Of a phrase: first or other; then comes a cadence.
    int last;            // Key of the note before; 0: none.
};

static double density_factor(uint8_t kind)
{
    switch (kind) {
    case KM_SECTION_CHORUS:
    case KM_SECTION_BUILD:
        return 1.1;
    case KM_SECTION_DROP:
        return 1.2;
    case KM_SECTION_PRE_CHORUS:
        return 1.0;
    case KM_SECTION_OUTRO:
        return 0.7;
    case KM_SECTION_BREAKDOWN:
        return 0.55;
    default:
        return 0.85;
    }
}

// Whose motifs a section sings.
static uint8_t material_of(uint8_t kind)
{
    switch (kind) {
    case KM_SECTION_OUTRO:
    case KM_SECTION_DROP:
        return KM_SECTION_CHORUS;
    case KM_SECTION_BREAKDOWN:
        return KM_SECTION_VERSE;
    case KM_SECTION_BUILD:
        return KM_SECTION_PRE_CHORUS;
    default:
        return kind;
    }
}

static bool has_pitch(km_pitch_set set, int key)
{
    return (set >> (unsigned int)(key % OCTAVE) & 1U) != 0;
}

// The scale over a chord: the key's, with the chord's own notes in the place of their neighbours.
static km_pitch_set scale_over(struct km_key key, km_pitch_set chord)
{
    const km_pitch_set home = km_key_pitches(key);
    unsigned int scale = home;
    for (unsigned int i = 0; i < OCTAVE; ++i) {
        const bool is_foreign = (chord >> i & 1U) != 0 && (home >> i & 1U) == 0;
        if (is_foreign) {
            const unsigned int beside = 1U << (i + 1U) % OCTAVE | 1U << (i + 11U) % OCTAVE;
            scale &= ~(beside & ~(unsigned int)chord);
        }
    }
    return (km_pitch_set)(scale | chord);
}

// The key so many scale steps from one that may lie beside the scale.
static int step_from(int key, int steps, km_pitch_set scale)
{
    const int direction = steps < 0 ? -1 : 1;
    int left = steps < 0 ? -steps : steps;
    while (left > 0 && key > 0 && key < 127) {
        key += direction;
        left -= has_pitch(scale, key) ? 1 : 0;
    }
    return key;
}

// The nearest key of a set; of two, the one in the direction given.
static int nearest_in(int key, km_pitch_set set, int direction)
{
    const int side = direction < 0 ? -1 : 1;
    for (int distance = 0; distance <= OCTAVE / 2; ++distance) {
        if (has_pitch(set, key + side * distance)) {
            return key + side * distance;
        }
        if (has_pitch(set, key - side * distance)) {
            return key - side * distance;
        }
    }
    return key;
}

static km_pitch_set chord_pitches_at(const struct km_score *score, uint32_t tick)
{
    const struct km_chord chord = score->plan->chords[km_score_chord_at(score, tick)].chord;
    const km_pitch_set pitches = km_chord_pitches(chord);
    return pitches != 0 ? pitches : km_key_pitches(score->plan->key);
}

// The climax: the bar of highest tension, and the one before, as phrases often peak on their rest.
static bool is_peak(const struct km_score *score, int bar)
{
    return bar == score->peak_bar || bar + 1 == score->peak_bar;
}

// Where the line should lie in a bar: with the tension, arched over the phrase.
static double height_at(const struct km_score *score, int bar, int bar_of_phrase)
{
    static const double arch[PHRASE_BARS] = {0, 1.5, 2.5, -0.5};
    const struct km_harmony_plan *const plan = score->plan;
    const double low = (double)plan->register_low;
    const double span = (double)plan->register_high - low;
    if (is_peak(score, bar)) {
        return (double)plan->register_high - 1;
    }
    const double tension = km_clamp(((double)plan->tension[bar] - 0.3) / 0.9, 0, 1);
    return low + span * (0.25 + 0.45 * tension) + arch[bar_of_phrase];
}

// The highest key of a bar: the top is kept for the peak.
static int ceiling_at(const struct km_score *score, int bar)
{
    const int high = score->plan->register_high;
    return is_peak(score, bar) ? high : high - 3;
}

// A note of the set near to a height and to the note before.
static int choose_start(const struct melody *melody, int bar, double height, km_pitch_set set)
{
    const int low = melody->score->plan->register_low;
    const int high = ceiling_at(melody->score, bar);
    // What a leap costs: less where the line is meant to stand out.
    const double reach = is_peak(melody->score, bar) ? 0.2 : 0.7;
    int best = nearest_in((low + high) / 2, set, 1);
    double best_cost = 1e9;
    for (int key = low; key <= high; ++key) {
        if (!has_pitch(set, key)) {
            continue;
        }
        const double rise = (double)key - height;
        const double leap = melody->last > 0 ? (double)(key - melody->last) : 0.0;
        const double cost = (rise < 0 ? -rise : rise) + reach * (leap < 0 ? -leap : leap);
        if (cost < best_cost) {
            best_cost = cost;
            best = key;
        }
    }
    return best;
}

static void add_note(struct melody *melody, uint32_t start, uint32_t written, int key, int accent)
{
    struct km_score *const score = melody->score;
    const int bar = (int)(start / score->bar_ticks);
    // Long notes are sung out whatever the articulation.
    const uint32_t duration =
        written > KM_PPQ ? written - KM_SIXTEENTH / 2 : km_score_sounding(score, written);
    km_score_add(score, KM_PART_MELODY,
                 (struct km_score_note){.start = start,
                                        .duration = duration,
                                        .key = (uint8_t)key,
                                        .velocity = km_score_velocity(score, bar, accent)});
    melody->last = key;
}

static int held_within(int key, int low, int high)
{
    return key < low ? low : (key > high ? high : key);
}

// One note of a motif: `wanted` brought into reach of the voice, range, and the set of notes for
// its beat; sets[1] is the scale.
static int settle_key(const struct melody *melody, int wanted, int bar, const km_pitch_set sets[2])
{
    const int low = melody->score->plan->register_low;
    const int high = ceiling_at(melody->score, bar);
    const int last = melody->last > 0 ? melody->last : wanted;
    int key = wanted;
    if (key > last + LEAP_MAX || key < last - LEAP_MAX) {
        key = key > last ? last + LEAP_MAX / 2 : last - LEAP_MAX / 2;
    }
    key = nearest_in(held_within(key, low, high), sets[0], key - last);
    if (key > high || key < low) { // Over the edge: the next one inside.
        key = step_from(key, key > high ? -1 : 1, sets[0]);
    }
    if (key != last || wanted == last) {
        return key;
    }
    // The line moves where the motif moves, if only by a step.
    const int moved = step_from(key, wanted > last ? 1 : -1, sets[1]);
    return moved == held_within(moved, low, high) ? moved : key;
}

// The height at which a motif begins so that its contour fits under the ceiling and over the floor;
// in the bar of the peak its top is the top of the register.
static double start_height(const struct km_score *score, const struct km_motif *motif, int bar,
                           int bar_of_phrase)
{
    static const double step_semitones = 1.75; // Semitones of a scale step, on average.
    int low = 0;
    int high = 0;
    for (int i = 0; i < motif->count; ++i) {
        const int offset = motif->notes[i].offset;
        low = offset < low ? offset : low;
        high = offset > high ? offset : high;
    }
    const double floor = (double)score->plan->register_low - step_semitones * low;
    const double ceiling = (double)ceiling_at(score, bar) - step_semitones * high;
    const double height = height_at(score, bar, bar_of_phrase);
    return floor > ceiling ? (floor + ceiling) / 2 : km_clamp(height, floor, ceiling);
}

static void sing_motif(struct melody *melody, const struct km_motif *motif, int bar,
                       int bar_of_phrase)
{
    struct km_score *const score = melody->score;
    const uint32_t bar_start = (uint32_t)bar * score->bar_ticks;
    int first_key = 0;
    for (int i = 0; i < motif->count; ++i) {
        const struct km_motif_note *const note = &motif->notes[i];
        const uint32_t tick = bar_start + note->start;
        const km_pitch_set chord = chord_pitches_at(score, tick);
        const km_pitch_set scale = scale_over(score->plan->key, chord);
        const int accent = (note->start == 0 ? 5 : (note->is_strong ? 1 : -5)) + bar_of_phrase;
        if (i == 0) {
            first_key =
                choose_start(melody, bar, start_height(score, motif, bar, bar_of_phrase), chord);
            add_note(melody, tick, note->duration, first_key, accent);
            continue;
        }
        const km_pitch_set sets[2] = {note->is_strong ? chord : scale, scale};
        const int wanted = step_from(first_key, note->offset, scale);
        add_note(melody, tick, note->duration, settle_key(melody, wanted, bar, sets), accent);
    }
}

// The note that a phrase rests on: the chord's root or third, by step where that can be.
static int resting_key(const struct melody *melody, int bar, uint32_t tick, bool is_last)
{
    const struct km_harmony_plan *const plan = melody->score->plan;
    const struct km_chord chord = plan->chords[km_score_chord_at(melody->score, tick)].chord;
    const km_pitch_set all = chord_pitches_at(melody->score, tick);
    km_pitch_set stable = (km_pitch_set)(1U << chord.root);
    if (is_last && km_plan_breaks(plan, KM_RULE_HARMONY_AVOID_TONIC_RESOLUTION)) {
        stable = (km_pitch_set)(all & ~(1U << plan->key.tonic)); // Anything but home.
    } else if (!is_last) {
        stable = (km_pitch_set)(all & (1U << chord.root | 1U << (chord.root + 3U) % OCTAVE |
                                       1U << (chord.root + 4U) % OCTAVE));
    }
    stable = stable != 0 ? stable : all;
    const double height =
        (double)(melody->last > 0 ? melody->last : plan->register_low + 6) - (is_last ? 3 : 1);
    return choose_start(melody, bar, height, stable);
}

// A bar that ends a phrase: half a motif, then a long note and a breath.
static void sing_cadence(struct melody *melody, int bar, int bar_of_phrase)
{
    struct km_score *const score = melody->score;
    const uint32_t bar_start = (uint32_t)bar * score->bar_ticks;
    const bool is_last = bar + 1 == score->plan->length_bars;
    uint32_t rest_start = 0;
    if (!is_last && bar_of_phrase > 0) {
        rest_start = score->pulse_starts[(score->pulse_count + 1) / 2];
        struct km_motif lead = melody->first;
        km_motif_cut(&lead, rest_start);
        sing_motif(melody, &lead, bar, bar_of_phrase);
    }
    const uint32_t tick = bar_start + rest_start;
    const uint32_t room = score->bar_ticks - rest_start;
    const uint32_t breath = is_last ? 0 : (room > 2 * KM_PPQ ? KM_PPQ : KM_EIGHTH);
    add_note(melody, tick, room - breath, resting_key(melody, bar, tick, is_last), 0);
}

static void sing_phrase(struct melody *melody, int first_bar, int bars)
{
    for (int i = 0; i < bars; ++i) {
        if (i + 1 == bars) { // Also of a phrase shorter than four bars.
            sing_cadence(melody, first_bar + i, i);
        } else {
            const bool is_first = melody->pattern[i] == 'a';
            sing_motif(melody, is_first ? &melody->first : &melody->other, first_bar + i, i);
        }
    }
}

static void sing_section(struct melody *melody, const struct km_plan_section *section)
{
    static const char *const patterns[] = {"aba", "aab", "abb"};
    if (section->kind == KM_SECTION_INTRO) {
        return; // The voice waits.
    }
    const uint8_t material = material_of(section->kind);
    melody->random = km_score_stream(melody->score, KM_PART_MELODY, material);
    // No voice sings much more than four notes a second.
    const double most = 4.2 * 60 / (double)melody->score->plan->tempo_bpm;
    const double wanted = (double)melody->score->plan->density * density_factor(section->kind);
    const double density = wanted < most ? wanted : most;
    melody->pattern = patterns[km_random_below(&melody->random, 3)];
    km_motif_invent(melody->score, &melody->random, density, &melody->first);
    km_motif_invent(melody->score, &melody->random, density, &melody->other);
    melody->last = 0; // A section begins afresh: the same chorus is the same tune.
    const int end = section->first_bar + section->bar_count;
    for (int bar = section->first_bar; bar < end; bar += PHRASE_BARS) {
        sing_phrase(melody, bar, end - bar < PHRASE_BARS ? end - bar : PHRASE_BARS);
        km_motif_vary(&melody->other, &melody->random);
    }
}

void km_score_write_melody(struct km_score *score)
{
    KM_CHECK(score->plan->register_high >= score->plan->register_low + OCTAVE);
    struct melody melody = {.score = score};
    for (int i = 0; i < score->plan->section_count; ++i) {
        sing_section(&melody, &score->plan->sections[i]);
    }
}
