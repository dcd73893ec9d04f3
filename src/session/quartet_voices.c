// SPDX-License-Identifier: MIT

// The inner voices of a string quartet: viola and second violin between a bass line that stands and
// a tune above. The cheapest way through all chords is searched with a beam of a few ways at once:
// with 16 of them none of 2,000 songs has a fault that another way avoids; with 8 some have.
// Costs are integers, so that every machine finds the same.

#include "base/check.h"
#include "session/lines_private.h"
#include "session/quartet_private.h"

enum {
    BEAM = 16,
    KEYS_MAX = 16, // Candidates of one voice.
    VIOLA_LOWEST = 48,
    VIOLA_HIGHEST = 67,
    VIOLA_HOME = 57,
    SECOND_LOWEST = 55,
    SECOND_HIGHEST_MIN = 67, // A tune that a plan puts too low is crossed.
    SECOND_UNDER_TUNE = 2,
    SECOND_INTO_TUNE = 5, // Semitones over the tune's lowest key.
    OCTAVE = 12,

    COST_PARALLEL = 4000,
    COST_NO_THIRD = 60,
    COST_NO_SEVENTH = 24,
    COST_DOUBLED = 16,      // Of a third, or of the leading tone.
    COST_WIDE = 6,          // For each semitone beyond an octave between the inner voices.
    COST_UNRESOLVED = 4000, // A seventh that does not fall, a leading tone that does not rise.
    COST_HANDED = 14,       // The same where the bass takes over.
    COST_RESOLVED = 160,    // One that resolves although a rule says that it should not.
    COST_LEAP = 4,          // For each semitone beyond a third.
    COST_NONE = 1 << 28,
};

struct pair {
    uint8_t viola, second;
};

// A way to a chord: the last pair, what it has cost, and which way of the chord before it goes on.
struct way {
    struct pair pair;
    uint8_t from;
    int cost;
};

struct step {
    struct way ways[BEAM];
    int count;
};

// What is the same for all pairs of one chord.
struct target {
    struct km_chord chord;
    km_pitch_set pitches;
    km_pitch_set thirds, sevenths;   // Of the chord; empty where it has none.
    int bass, bass_before;           // 0 before: nothing sounded.
    struct km_tendencies tendencies; // Of the chord before.
    bool leaves_tendencies;
    int second_home, second_highest;
};

static int distance(int a, int b)
{
    return a < b ? b - a : a - b;
}

static struct target target_of(const struct km_score *score, int index)
{
    static const struct km_tendencies nothing;
    const struct km_harmony_plan *const plan = score->plan;
    const struct km_chord chord = plan->chords[index].chord;
    const km_pitch_set pitches = km_chord_pitches(chord);
    const unsigned int root = chord.root;
    const int into_tune = plan->register_low + SECOND_INTO_TUNE;
    const int highest = into_tune > SECOND_HIGHEST_MIN ? into_tune : SECOND_HIGHEST_MIN;
    const unsigned int thirds = 1U << (root + 3) % OCTAVE | 1U << (root + 4) % OCTAVE;
    const unsigned int sevenths = 1U << (root + 10) % OCTAVE | 1U << (root + 11) % OCTAVE;
    return (struct target){
        .chord = chord,
        .pitches = pitches,
        .thirds = (km_pitch_set)(pitches & thirds),
        .sevenths = (km_pitch_set)(pitches & sevenths),
        .bass = km_score_bass_key(score, index),
        .bass_before = index > 0 ? km_score_bass_key(score, index - 1) : 0,
        .tendencies = index > 0
                          ? km_tendencies_between(plan->chords[index - 1].chord, chord, plan->key)
                          : nothing,
        .leaves_tendencies = km_plan_breaks(plan, KM_RULE_HARMONY_UNRESOLVED_DISSONANCE),
        .second_home = highest - SECOND_INTO_TUNE - SECOND_UNDER_TUNE,
        .second_highest = highest,
    };
}

// What a pair costs by itself: what is missing, what is doubled, how it lies.
static int cost_of_pair(const struct target *target, struct pair pair)
{
    const unsigned int inner = 1U << pair.viola % OCTAVE | 1U << pair.second % OCTAVE;
    const unsigned int all = inner | 1U << target->bass % OCTAVE;
    const bool is_doubled = pair.viola % OCTAVE == pair.second % OCTAVE ||
                            pair.viola % OCTAVE == target->bass % OCTAVE ||
                            pair.second % OCTAVE == target->bass % OCTAVE;
    const int wide = pair.second - pair.viola - OCTAVE;
    int cost =
        distance(pair.viola, VIOLA_HOME) / 2 + distance(pair.second, target->second_home) / 2;
    cost += target->thirds != 0 && (target->thirds & all) == 0 ? COST_NO_THIRD : 0;
    cost += target->sevenths != 0 && (target->sevenths & all) == 0 ? COST_NO_SEVENTH : 0;
    cost += is_doubled ? COST_DOUBLED / 2 : 0;
    cost += pair.viola % OCTAVE == pair.second % OCTAVE ? COST_DOUBLED : 0;
    cost += wide > 0 ? COST_WIDE * wide : 0;
    return cost;
}

// Both voices move, and are a fifth or an octave apart before and after.
static bool is_parallel(int low_before, int high_before, int low, int high)
{
    const int before = (high_before - low_before) % OCTAVE;
    const int after = (high - low) % OCTAVE;
    return low != low_before && high != high_before && before == after &&
           (after == 0 || after == 7);
}

static bool is_followed(unsigned int moves, int moved)
{
    return moved >= -2 && moved <= 2 &&
           (moves >> (unsigned int)(moved + KM_TENDENCY_STAY) & 1U) != 0;
}

static int cost_of_voice(const struct target *target, int from, int to)
{
    const int moved = distance(from, to);
    const int cost = 2 * moved + (moved > 4 ? COST_LEAP * (moved - 4) : 0);
    const unsigned int moves = target->tendencies.moves[from % OCTAVE];
    if (moves == 0) {
        return cost;
    }
    const bool follows = is_followed(moves, to - from);
    if (target->leaves_tendencies) {
        return cost + (follows && moved > 0 ? COST_RESOLVED : 0);
    }
    const bool is_free = (moves & KM_TENDENCY_FREE) != 0;
    return cost + (follows ? 0 : (is_free ? COST_HANDED : COST_UNRESOLVED));
}

// A bass that wants to resolve and leaps instead hands its goal to a voice.
static int cost_of_bass(const struct target *target, struct pair pair)
{
    const unsigned int moves =
        target->bass_before > 0 ? target->tendencies.moves[target->bass_before % OCTAVE] : 0;
    if (moves == 0 || target->leaves_tendencies || (moves & KM_TENDENCY_FREE) != 0 ||
        is_followed(moves, target->bass - target->bass_before)) {
        return 0;
    }
    for (int moved = -2; moved <= 2; ++moved) {
        const int pitch = (target->bass_before + OCTAVE + moved) % OCTAVE;
        if (is_followed(moves, moved) &&
            (pair.viola % OCTAVE == pitch || pair.second % OCTAVE == pitch)) {
            return 0;
        }
    }
    return COST_UNRESOLVED;
}

static int cost_of_move(const struct target *target, struct pair before, struct pair pair)
{
    const bool is_forbidden =
        is_parallel(before.viola, before.second, pair.viola, pair.second) ||
        is_parallel(target->bass_before, before.viola, target->bass, pair.viola) ||
        is_parallel(target->bass_before, before.second, target->bass, pair.second);
    return cost_of_voice(target, before.viola, pair.viola) +
           cost_of_voice(target, before.second, pair.second) + (is_forbidden ? COST_PARALLEL : 0);
}

// Keeps a way if it is among the cheapest; the dearest falls out.
static void keep_way(struct step *step, struct way way)
{
    int place = step->count;
    if (place == BEAM) {
        if (way.cost >= step->ways[BEAM - 1].cost) {
            return;
        }
        --place;
    } else {
        ++step->count;
    }
    for (; place > 0 && step->ways[place - 1].cost > way.cost; --place) {
        step->ways[place] = step->ways[place - 1];
    }
    step->ways[place] = way;
}

static int list_keys(km_pitch_set set, int lowest, int highest, uint8_t keys[KEYS_MAX])
{
    int count = 0;
    for (int key = lowest; key <= highest && count < KEYS_MAX; ++key) {
        if (km_line_has(set, key)) {
            keys[count++] = (uint8_t)key;
        }
    }
    return count;
}

// The cheapest way to a pair from those to the chord before.
static struct way way_to(const struct target *target, const struct step *before, struct pair pair)
{
    struct way best = {.pair = pair, .cost = before->count == 0 ? 0 : COST_NONE};
    for (int i = 0; i < before->count; ++i) {
        const struct way *const way = &before->ways[i];
        const int cost = way->cost + cost_of_move(target, way->pair, pair);
        if (cost < best.cost) {
            best.cost = cost;
            best.from = (uint8_t)i;
        }
    }
    best.cost += cost_of_pair(target, pair) + cost_of_bass(target, pair);
    return best;
}

static void take_step(const struct km_score *score, int index, const struct step *before,
                      struct step *step)
{
    static const struct step nothing;
    const struct target target = target_of(score, index);
    const bool is_first = target.bass_before == 0;
    uint8_t violas[KEYS_MAX];
    uint8_t seconds[KEYS_MAX];
    const int lowest = target.bass + 1 > VIOLA_LOWEST ? target.bass + 1 : VIOLA_LOWEST;
    const int viola_count = list_keys(target.pitches, lowest, VIOLA_HIGHEST, violas);
    const int second_count =
        list_keys(target.pitches, SECOND_LOWEST, target.second_highest, seconds);
    step->count = 0;
    for (int i = 0; i < viola_count * second_count; ++i) {
        const struct pair pair = {violas[i / second_count], seconds[i % second_count]};
        if (pair.second > pair.viola) {
            keep_way(step, way_to(&target, is_first ? &nothing : before, pair));
        }
    }
}

static void keep_pairs(struct km_score *score, const struct step *steps)
{
    int place = 0;
    for (int i = score->plan->chord_count - 1; i >= 0; --i) {
        score->voicings[i] = (struct km_voicing){0};
        if (steps[i].count == 0) {
            place = 0; // The music before a rest ends by its own cheapest way.
            continue;
        }
        const struct way *const way = &steps[i].ways[place];
        score->voicings[i] = (struct km_voicing){.pitches = {way->pair.viola, way->pair.second},
                                                 .count = KM_QUARTET_INNER_COUNT};
        place = way->from;
    }
}

// Fifth and octave over the bass on every chord: all voices in parallel, as that rule asks.
static void lead_in_parallel(struct km_score *score)
{
    enum { HIGH_BASS = 46, FIFTH = 7, FOURTH = 5 };
    for (int i = 0; i < score->plan->chord_count; ++i) {
        const int bass = km_score_bass_key(score, i);
        const int viola = bass + FIFTH + (bass < HIGH_BASS ? OCTAVE : 0);
        score->voicings[i] = (struct km_voicing){
            .pitches = {(uint8_t)viola, (uint8_t)(viola + FOURTH)},
            .count = bass > 0 ? KM_QUARTET_INNER_COUNT : 0,
        };
    }
}

void km_quartet_lead_inner_voices(struct km_score *score)
{
    const struct km_harmony_plan *const plan = score->plan;
    KM_CHECK(plan->chord_count <= KM_PLAN_CHORDS_MAX);
    if (km_plan_breaks(plan, KM_RULE_HARMONY_PARALLEL_MOTION)) {
        lead_in_parallel(score);
        return;
    }
    struct step steps[KM_PLAN_CHORDS_MAX];
    for (int i = 0; i < plan->chord_count; ++i) {
        steps[i].count = 0;
        if (km_score_bass_key(score, i) > 0) {
            take_step(score, i, i > 0 ? &steps[i - 1] : &steps[0], &steps[i]);
        }
    }
    keep_pairs(score, steps);
}
