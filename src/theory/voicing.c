// SPDX-License-Identifier: MIT

// Voice leading as a bounded search: every voice has a few notes near to where it was; the cheapest
// combination is found by branch and bound. Costs are integers, so every machine finds the same.

#include "theory/voicing.h"

#include "base/check.h"

#include <stddef.h>

enum {
    CANDIDATES_MAX = 7, // A chord has up to seven notes within an octave.
    TONES_MAX = 7,
    VISITS_MAX = 4000, // Bounds the time; a usual search makes a few hundred.
    RANGE_MIN = 19,    // An octave and a fifth

    COST_SEMITONE = 16,
    COST_LEAP = 8,        // For each semitone beyond a third
    COST_UNRESOLVED = 40, // A leading tone or seventh that goes elsewhere
    COST_UNISON = 300,
    COST_PARALLEL = 640,
    COST_WIDE = 16, // For each semitone beyond an octave between upper voices
    COST_MUD = 24,  // A close interval in the bass
    COST_RUB = 24,  // A semitone between neighbours
    COST_DOUBLED = 40,
    COST_NONE = 1 << 28,
};

enum { GAP_MAX = 12, BASS_GAP_MAX = 19, MUD_BELOW = 48, MUD_GAP = 4 };

// A note of the chord and what its absence costs, dearest first.
struct tone {
    uint8_t pitch_class;
    bool is_telling; // Third or seventh: not to be doubled.
    int absence;
};

struct search {
    const struct km_voicing_rules *rules;
    int voices;
    bool has_before; // With as many voices: parallels and resolutions can be told.
    uint8_t before[KM_VOICES_MAX];
    int targets[KM_VOICES_MAX];     // Where each voice would like to be.
    int resolutions[KM_VOICES_MAX]; // Semitones that a tendency tone should move; 0: none.
    struct tone tones[TONES_MAX + 1];
    int tone_count;
    km_pitch_set allowed; // For the voices above the bass.
    uint8_t candidates[KM_VOICES_MAX][CANDIDATES_MAX];
    int costs[KM_VOICES_MAX][CANDIDATES_MAX];
    int candidate_counts[KM_VOICES_MAX];
    int cheapest_rest[KM_VOICES_MAX + 1]; // Of the voices from here on, alone.
    uint8_t chosen[KM_VOICES_MAX];
    uint8_t best[KM_VOICES_MAX];
    int best_cost;
};

static int distance(int a, int b)
{
    return a < b ? b - a : a - b;
}

static int clamped(int value, int low, int high)
{
    return value < low ? low : (value > high ? high : value);
}

static bool has(km_pitch_set set, int pitch)
{
    return set >> (pitch % 12) & 1U;
}

// What it costs to leave out the note `above` the root.
static int absence_of(km_pitch_set quality, int above)
{
    const bool has_third = quality & 0x018U;
    const bool has_thirteenth = has(quality, 9) && (quality & 0xC00U);
    switch (above) {
    case 0:
        return 400;
    case 3:
    case 4:
    case 10:
    case 11:
        return 1000;
    case 7:
        return has_third ? 60 : 500;
    case 2:
        return has_thirteenth || has(quality, 5) ? 100 : 500;
    default:
        return 500;
    }
}

static void add_tone(struct search *search, int pitch_class, int absence, bool is_telling)
{
    int place = search->tone_count++;
    for (; place > 0 && search->tones[place - 1].absence < absence; --place) {
        search->tones[place] = search->tones[place - 1];
    }
    search->tones[place] = (struct tone){(uint8_t)(pitch_class % 12), is_telling, absence};
}

static void list_tones(struct search *search, struct km_chord chord)
{
    const km_pitch_set quality = km_chord_pitches((struct km_chord){0, chord.quality, 0});
    for (int above = 0; above < 12; ++above) {
        if (has(quality, above)) {
            const bool is_telling = above == 3 || above == 4 || above >= 10;
            add_tone(search, chord.root + above, absence_of(quality, above), is_telling);
        }
    }
    search->allowed = km_chord_pitches((struct km_chord){chord.root, chord.quality, chord.root});
    if (!search->rules->has_bass && !has(search->allowed, chord.bass)) {
        search->allowed = km_chord_pitches(chord);
        add_tone(search, chord.bass, 200, false);
    }
}

// Without a voicing before: close position in the middle of the range, the bass below it.
static void aim_at_middle(struct search *search)
{
    const struct km_voicing_rules *const rules = search->rules;
    const int first = rules->has_bass ? 1 : 0;
    const int upper_count = search->voices - first;
    const int middle = (rules->lowest + rules->highest) / 2 + 2 * first;
    search->targets[0] = rules->lowest + 8;
    for (int i = first; i < search->voices; ++i) {
        const int target = middle + 2 * (2 * (i - first) - (upper_count - 1));
        search->targets[i] = clamped(target, rules->lowest, rules->highest);
    }
}

static void aim_at_voices(struct search *search, const struct km_voicing *before)
{
    const int last = before->count - 1;
    const int steps = search->voices > 1 ? search->voices - 1 : 1;
    for (int i = 0; i < search->voices; ++i) {
        const int place = search->has_before ? i : (2 * i * last + steps) / (2 * steps);
        search->before[i] = before->pitches[place];
        search->targets[i] = before->pitches[place];
    }
}

// A leading tone rises to the new root, a seventh falls by step, where the new chord has that note.
static int resolution_of(const struct search *search, struct km_chord from, struct km_chord to,
                         int pitch)
{
    const km_pitch_set quality = km_chord_pitches((struct km_chord){0, from.quality, 0});
    const int above = (pitch + 12 - from.root) % 12;
    const bool falls_fifth = (from.root + 5) % 12 == to.root;
    const bool is_leading = (above == 4 && falls_fifth) ||
                            (above == 0 && has(quality, 6) && (from.root + 1) % 12 == to.root);
    const bool is_seventh =
        has(quality, above) && (above == 10 || above == 11 || quality == 0x249) && above >= 9;
    if (has(search->allowed, pitch)) {
        return 0; // It may stay.
    }
    if (is_leading && has(search->allowed, pitch + 1)) {
        return 1;
    }
    if (is_seventh && has(search->allowed, pitch + 11)) {
        return -1;
    }
    return is_seventh && has(search->allowed, pitch + 10) ? -2 : 0;
}

static void find_resolutions(struct search *search, struct km_chord chord)
{
    const struct km_chord from = km_chord_of_notes(search->before, (size_t)search->voices).chord;
    for (int i = 0; i < search->voices; ++i) {
        search->resolutions[i] = resolution_of(search, from, chord, search->before[i]);
    }
}

// What a voice's note costs by itself.
static int cost_alone(const struct search *search, int voice, int pitch)
{
    const int moved = distance(pitch, search->targets[voice]);
    const int leap = moved > 4 ? moved - 4 : 0;
    const int middle = (search->rules->lowest + search->rules->highest) / 2;
    const int resolution = search->resolutions[voice];
    const bool is_unresolved = resolution != 0 && pitch != search->before[voice] + resolution;
    // The last term keeps voices from drifting to an end of the range over many chords.
    return COST_SEMITONE * moved + COST_LEAP * leap + (is_unresolved ? COST_UNRESOLVED : 0) +
           distance(pitch, middle) / 2;
}

// Inserts a candidate by cost; the dearest falls out when there are too many.
static void add_candidate(struct search *search, int voice, int pitch)
{
    const int cost = cost_alone(search, voice, pitch);
    uint8_t *const pitches = search->candidates[voice];
    int *const costs = search->costs[voice];
    int place = search->candidate_counts[voice];
    if (place == CANDIDATES_MAX) {
        if (cost >= costs[CANDIDATES_MAX - 1]) {
            return;
        }
        --place;
    } else {
        ++search->candidate_counts[voice];
    }
    for (; place > 0 && costs[place - 1] > cost; --place) {
        costs[place] = costs[place - 1];
        pitches[place] = pitches[place - 1];
    }
    costs[place] = cost;
    pitches[place] = (uint8_t)pitch;
}

static int lowest_of(int pitch_class, int lowest)
{
    return lowest + (pitch_class + 120 - lowest) % 12;
}

// Lists the notes near to where the voice would like to be.
static void list_candidates_of(struct search *search, int voice, struct km_chord chord)
{
    const struct km_voicing_rules *const rules = search->rules;
    const bool is_bass = rules->has_bass && voice == 0;
    const km_pitch_set allowed = is_bass ? (km_pitch_set)(1U << chord.bass) : search->allowed;
    const int low = rules->has_bass ? lowest_of(chord.bass, rules->lowest) : rules->lowest;
    const int around = clamped(search->targets[voice], low, rules->highest);
    // An octave around holds every note of the chord; the bass looks further.
    const int reach = is_bass ? 24 : 12;
    const int to = clamped(around + reach, low, rules->highest);
    for (int pitch = clamped(around - reach, low, rules->highest); pitch <= to; ++pitch) {
        if (has(allowed, pitch)) {
            add_candidate(search, voice, pitch);
        }
    }
}

static void list_candidates(struct search *search, struct km_chord chord)
{
    for (int voice = search->voices - 1; voice >= 0; --voice) {
        list_candidates_of(search, voice, chord);
        search->cheapest_rest[voice] = search->cheapest_rest[voice + 1] + search->costs[voice][0];
    }
}

static bool is_parallel(const struct search *search, int low, int high)
{
    const int low_move = search->chosen[low] - search->before[low];
    const int high_move = search->chosen[high] - search->before[high];
    const int interval = (search->chosen[high] - search->chosen[low]) % 12;
    const int interval_before = (search->before[high] - search->before[low]) % 12;
    const bool is_perfect = interval == 0 || interval == 7;
    return is_perfect && interval == interval_before && low_move != 0 &&
           (low_move > 0) == (high_move > 0) && high_move != 0;
}

static int cost_between(const struct search *search, int low, int high)
{
    int cost = search->chosen[low] == search->chosen[high] ? COST_UNISON : 0;
    if (search->has_before && !search->rules->allows_parallels && is_parallel(search, low, high)) {
        cost += COST_PARALLEL;
    }
    return cost;
}

static int cost_of_gap(const struct search *search, int voice)
{
    const int low = search->chosen[voice - 1];
    const int gap = search->chosen[voice] - low;
    const bool is_over_bass = search->rules->has_bass && voice == 1;
    const int gap_max = is_over_bass ? BASS_GAP_MAX : GAP_MAX;
    int cost = gap > gap_max ? COST_WIDE * (gap - gap_max) : 0;
    cost += low < MUD_BELOW && gap < MUD_GAP ? COST_MUD : 0;
    cost += gap == 1 ? COST_RUB : 0;
    return cost;
}

// What the note just chosen for `voice` costs beside those below it.
static int cost_among(const struct search *search, int voice)
{
    int cost = voice > 0 ? cost_of_gap(search, voice) : 0;
    for (int low = 0; low < voice; ++low) {
        cost += cost_between(search, low, voice);
    }
    return cost;
}

// What the tones that have no voice cost at least, when `left` voices are still free, and telling
// tones that have two.
static int cost_of_tones(const struct search *search, int chosen_count, int left)
{
    int counts[12] = {0};
    for (int i = 0; i < chosen_count; ++i) {
        ++counts[search->chosen[i] % 12];
    }
    int cost = 0;
    for (int i = 0; i < search->tone_count; ++i) { // Dearest first
        const struct tone tone = search->tones[i];
        if (counts[tone.pitch_class] == 0) {
            cost += left > 0 ? 0 : tone.absence;
            --left;
        } else if (tone.is_telling) {
            cost += COST_DOUBLED * (counts[tone.pitch_class] - 1);
        }
    }
    return cost;
}

static void keep_best(struct search *search, int cost)
{
    search->best_cost = cost;
    for (int i = 0; i < search->voices; ++i) {
        search->best[i] = search->chosen[i];
    }
}

// Tries the candidate for the voice; gives the cost so far, or COST_NONE if it leads nowhere.
static int try_candidate(struct search *search, int voice, int candidate, int cost_below)
{
    search->chosen[voice] = search->candidates[voice][candidate];
    if (voice > 0 && search->chosen[voice] < search->chosen[voice - 1]) {
        return COST_NONE;
    }
    const int cost = cost_below + search->costs[voice][candidate] + cost_among(search, voice);
    const int left = search->voices - voice - 1;
    const int at_least =
        cost + search->cheapest_rest[voice + 1] + cost_of_tones(search, voice + 1, left);
    return at_least < search->best_cost ? cost : COST_NONE;
}

static void find_best(struct search *search)
{
    int next[KM_VOICES_MAX] = {0}; // The candidate to try next, voice by voice.
    int costs[KM_VOICES_MAX + 1] = {0};
    int voice = 0;
    for (int visits = 0; voice >= 0 && visits < VISITS_MAX; ++visits) {
        if (next[voice] == search->candidate_counts[voice]) {
            next[voice] = 0;
            --voice;
            continue;
        }
        const int cost = try_candidate(search, voice, next[voice]++, costs[voice]);
        if (cost == COST_NONE) {
            continue;
        }
        if (voice == search->voices - 1) {
            keep_best(search, cost + cost_of_tones(search, search->voices, 0));
        } else {
            costs[++voice] = cost;
        }
    }
}

// Close position from the bottom of the range: always possible, if with unisons.
static void stack_up(struct search *search, struct km_chord chord)
{
    const struct km_voicing_rules *const rules = search->rules;
    int pitch = rules->lowest;
    for (int voice = 0; voice < search->voices; ++voice) {
        const bool is_bass = rules->has_bass && voice == 0;
        int next = is_bass ? lowest_of(chord.bass, pitch) : pitch;
        while (!is_bass && !has(search->allowed, next)) {
            ++next;
        }
        pitch = next <= rules->highest ? next : search->best[voice - 1];
        search->best[voice] = (uint8_t)pitch;
        pitch += pitch < rules->highest;
    }
}

static int finish(const struct search *search, bool is_first, struct km_voicing *voicing)
{
    int movement = 0;
    *voicing = (struct km_voicing){.count = (uint8_t)search->voices};
    for (int i = 0; i < search->voices; ++i) {
        voicing->pitches[i] = search->best[i];
        movement += is_first ? 0 : distance(search->best[i], search->before[i]);
    }
    return movement;
}

int km_voicing_next(const struct km_voicing *before, struct km_chord chord,
                    const struct km_voicing_rules *rules, struct km_voicing *voicing)
{
    KM_CHECK(before && before->count <= KM_VOICES_MAX);
    KM_CHECK(rules && rules->voices >= 1 && rules->voices <= KM_VOICES_MAX);
    KM_CHECK(rules->highest <= 127 && rules->highest >= rules->lowest + RANGE_MIN);
    KM_CHECK(voicing);
    if (chord.quality == KM_CHORD_NONE) {
        *voicing = (struct km_voicing){0};
        return 0;
    }
    struct search search = {
        .rules = rules,
        .voices = rules->voices,
        .has_before = before->count == rules->voices,
        .best_cost = COST_NONE,
    };
    list_tones(&search, chord);
    if (before->count == 0) {
        aim_at_middle(&search);
    } else {
        aim_at_voices(&search, before);
    }
    if (search.has_before) {
        find_resolutions(&search, chord);
    }
    list_candidates(&search, chord);
    find_best(&search);
    if (search.best_cost == COST_NONE) {
        stack_up(&search, chord);
    }
    return finish(&search, before->count == 0, voicing);
}
