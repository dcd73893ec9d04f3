// SPDX-License-Identifier: MIT

// Voice leading by dynamic programming: for a window of chords the cheapest way through their
// voicings is found, its first part is kept, and the window moves on. Hard faults are so dear that
// a way without any is taken wherever there is one.

#include "theory/voicing.h"

#include "base/check.h"
#include "theory/voicing_private.h"

enum {
    WINDOW = 32, // Chords looked at together
    LOOK_AHEAD = 5,
    CANDIDATES = KM_VOICING_CANDIDATES_MAX,

    COST_SEMITONE = 16,
    COST_LEAP = 8,       // For each semitone beyond a third
    COST_DIRECT = 48,    // The outer voices leap the same way into an octave or a fifth
    COST_HANDED = 40,    // A tendency left to the bass
    COST_RESOLVED = 160, // One that resolves although it should not
    COST_FAULT = 1 << 18,
    COST_NONE = 1 << 29,
};

_Static_assert(LOOK_AHEAD < WINDOW, "each window keeps something");

// From one chord to the next.
struct step {
    const struct km_voicing_list *from, *to;
    const int32_t *costs; // Of the cheapest way to each voicing of the chord before
    struct km_tendencies tendencies;
    bool bass_rises, bass_falls;
    uint8_t moves[KM_VOICES_MAX]; // What the voices of the voicing before want
    int32_t slack;                // Ways that cost so much more than the best are let go
    int32_t least;                // That any way costs so far
    int32_t next_costs[CANDIDATES];
};

struct leader {
    const struct km_voicing_rules *rules;
    unsigned int voices;
    uint32_t pairs[1U << (KM_VOICES_MAX + 1U)]; // Of the voices whose bits are set
    struct km_voicing_list last;                // What was kept last, alone; empty: silence
    struct km_voicing_list lists[WINDOW];
    uint8_t ways[WINDOW][CANDIDATES];  // From which voicing of the chord before
    int32_t costs[WINDOW][CANDIDATES]; // Of the cheapest way to each voicing
};

static uint32_t pairs_in(unsigned int set, unsigned int voices)
{
    uint32_t pairs = 0;
    for (unsigned int high = 1; high <= voices; ++high) {
        for (unsigned int low = 0; low < high; ++low) {
            const uint32_t are_both = set >> low & set >> high & 1U;
            pairs |= are_both << km_voicing_pair(low, high);
        }
    }
    return pairs;
}

static int32_t bits_in(uint32_t set)
{
    int32_t count = 0;
    for (; set != 0; set &= set - 1U) {
        ++count;
    }
    return count;
}

static int32_t cost_of_tendency(const struct km_voicing_rules *rules, unsigned int moves, int moved)
{
    const bool follows =
        moved >= -2 && moved <= 2 && (moves >> (unsigned int)(moved + KM_TENDENCY_STAY) & 1U) != 0;
    if (rules->leaves_tendencies) {
        return follows && moved != 0 ? COST_RESOLVED : 0;
    }
    const bool is_free = (moves & KM_TENDENCY_FREE) != 0;
    return follows ? 0 : (is_free ? COST_HANDED : COST_FAULT);
}

static int32_t cost_of_direct(const struct leader *leader, uint32_t similar,
                              const struct km_voicing_candidate *from,
                              const struct km_voicing_candidate *to)
{
    const uint32_t outer = 1U << km_voicing_pair(0, leader->voices);
    const unsigned int top = leader->voices - 1U;
    const int leap = to->pitches[top] - from->pitches[top];
    return (similar & outer) != 0 && (leap > 2 || leap < -2) ? COST_DIRECT : 0;
}

// From one voicing to another.
static int32_t cost_between(const struct leader *leader, const struct step *step,
                            const struct km_voicing_candidate *from,
                            const struct km_voicing_candidate *to)
{
    unsigned int rising = step->bass_rises;
    unsigned int falling = step->bass_falls;
    int32_t cost = 0;
    for (unsigned int i = 0; i < leader->voices; ++i) {
        const int moved = to->pitches[i] - from->pitches[i];
        const int size = moved < 0 ? -moved : moved;
        cost += COST_SEMITONE * size + (size > 4 ? COST_LEAP * (size - 4) : 0);
        rising |= (unsigned int)(moved > 0) << (i + 1U);
        falling |= (unsigned int)(moved < 0) << (i + 1U);
        if (step->moves[i] != 0) {
            cost += cost_of_tendency(leader->rules, step->moves[i], moved);
        }
    }
    const uint32_t perfect = to->octaves | to->fifths;
    const uint32_t similar = perfect & (leader->pairs[rising] | leader->pairs[falling]);
    if (similar == 0) {
        return cost;
    }
    const uint32_t kept = (from->octaves & to->octaves) | (from->fifths & to->fifths);
    const bool is_free = leader->rules->allows_parallels;
    return cost + (is_free ? 0 : COST_FAULT * bits_in(kept & similar)) +
           cost_of_direct(leader, similar, from, to);
}

// A bass that wants to resolve and leaps instead hands its goal to a voice.
static int32_t cost_of_bass(const struct leader *leader, const struct step *step,
                            const struct km_voicing_candidate *voicing)
{
    const uint8_t from = step->from->bass;
    const uint8_t to = step->to->bass;
    const unsigned int moves = from > 0 && to > 0 ? step->tendencies.moves[from % 12U] : 0;
    if (moves == 0 || leader->rules->leaves_tendencies ||
        cost_of_tendency(leader->rules, moves, to - from) < COST_FAULT) {
        return 0;
    }
    for (unsigned int goal = 0; goal < 5; ++goal) {
        const unsigned int pitch = (from + 12U + goal - KM_TENDENCY_STAY) % 12U;
        if ((moves >> goal & 1U) != 0 && (voicing->notes >> pitch & 1U) != 0) {
            return 0;
        }
    }
    return COST_FAULT;
}

// The voicings before, the cheapest ways first.
static void sort_ways(const struct step *step, uint8_t order[CANDIDATES])
{
    for (int i = 0; i < step->from->count; ++i) {
        int place = i;
        for (; place > 0 && step->costs[order[place - 1]] > step->costs[i]; --place) {
            order[place] = order[place - 1];
        }
        order[place] = (uint8_t)i;
    }
}

// Sees whether the ways that come from one voicing are cheaper than those found so far.
static void lead_from(const struct leader *leader, struct step *step, uint8_t from,
                      uint8_t ways[CANDIDATES])
{
    const struct km_voicing_candidate *const before = &step->from->candidates[from];
    const int32_t so_far = step->costs[from];
    for (unsigned int i = 0; i < leader->voices; ++i) {
        step->moves[i] = step->tendencies.moves[before->pitches[i] % 12U];
    }
    for (int i = 0; i < step->to->count; ++i) {
        const struct km_voicing_candidate *const to = &step->to->candidates[i];
        // The voices move by the difference of their sums at least.
        const int apart = before->sum < to->sum ? to->sum - before->sum : before->sum - to->sum;
        const int32_t at_least = so_far + COST_SEMITONE * apart;
        if (at_least >= step->next_costs[i] || at_least + to->cost > step->least + step->slack) {
            continue;
        }
        const int32_t cost = so_far + cost_between(leader, step, before, to);
        if (cost < step->next_costs[i]) {
            step->next_costs[i] = cost;
            ways[i] = from;
        }
        if (cost + to->cost < step->least) {
            step->least = cost + to->cost;
        }
    }
}

// The cheapest ways to each voicing of a chord of the window; returns the cheapest's cost.
static int32_t lead_to(struct leader *leader, int index, int32_t slack)
{
    static const int32_t nothing[CANDIDATES] = {0};
    struct step step = {
        .from = index > 0 ? &leader->lists[index - 1] : &leader->last,
        .to = &leader->lists[index],
        .costs = index > 0 ? leader->costs[index - 1] : nothing,
        .slack = slack,
        .least = COST_NONE,
    };
    const uint8_t basses[2] = {step.from->bass, step.to->bass};
    const bool has_bass = basses[0] > 0 && basses[1] > 0;
    step.bass_rises = has_bass && basses[1] > basses[0];
    step.bass_falls = has_bass && basses[1] < basses[0];
    step.tendencies = km_tendencies_between(step.from->chord, step.to->chord, leader->rules->key);
    for (int i = 0; i < step.to->count; ++i) {
        step.next_costs[i] = step.from->count > 0 ? COST_NONE : 0;
    }
    uint8_t order[CANDIDATES] = {0};
    sort_ways(&step, order);
    for (int i = 0; i < step.from->count; ++i) {
        if (step.costs[order[i]] - step.costs[order[0]] > slack) {
            break;
        }
        lead_from(leader, &step, order[i], leader->ways[index]);
    }
    int32_t least = COST_NONE;
    for (int i = 0; i < step.to->count; ++i) {
        const struct km_voicing_candidate *const to = &step.to->candidates[i];
        const int32_t cost = step.next_costs[i] + to->cost + cost_of_bass(leader, &step, to);
        leader->costs[index][i] = cost;
        least = cost < least ? cost : least;
    }
    return least;
}

static bool is_list_of(const struct km_voicing_list *list, struct km_chord chord, uint8_t bass)
{
    return list->count > 0 && list->bass == bass && list->chord.root == chord.root &&
           list->chord.quality == chord.quality && list->chord.bass == chord.bass;
}

// The voicings of a chord: those of the same chord in the window, if it is there.
static void make_list(struct leader *leader, int index, struct km_chord chord, uint8_t bass)
{
    int found = 0;
    while (found < WINDOW && !is_list_of(&leader->lists[found], chord, bass)) {
        ++found;
    }
    if (found == WINDOW) {
        km_voicing_list_init(&leader->lists[index], chord, bass, leader->rules);
    } else if (found != index) {
        leader->lists[index] = leader->lists[found];
    }
}

// Finds the ways through `count` chords of the window. Where all that were not let go end in a
// fault, it goes back a few chords and lets fewer go.
static void find_ways(struct leader *leader, int count)
{
    static const int32_t slacks[] = {120, 900, COST_NONE};
    static const int steps_back[] = {0, 2, 6};
    enum { TRIES_COUNT = sizeof(slacks) / sizeof(slacks[0]) };
    int32_t faults = 0; // That cannot be avoided.
    int reached = -1;   // How far the search was widened.
    int tries = 0;
    for (int i = 0; i < count;) {
        const int32_t found = lead_to(leader, i, slacks[i <= reached ? tries : 0]) / COST_FAULT;
        if (found > faults && i > reached) {
            tries = 0;
            reached = i;
        }
        if (found > faults && tries + 1 < TRIES_COUNT) {
            ++tries;
            i = i > steps_back[tries] ? i - steps_back[tries] : 0;
            continue;
        }
        faults = found > faults ? found : faults;
        ++i;
    }
}

// Walks back along the cheapest way through `count` chords of the window; keeps the first `kept`.
static void keep_way(struct leader *leader, int count, int kept, struct km_voicing *voicings)
{
    int voicing = 0;
    for (int i = 1; i < leader->lists[count - 1].count; ++i) {
        const int32_t *const costs = leader->costs[count - 1];
        voicing = costs[i] < costs[voicing] ? i : voicing;
    }
    for (int i = count - 1; i >= kept; --i) {
        voicing = leader->ways[i][voicing];
    }
    const struct km_voicing_list *const last = &leader->lists[kept - 1];
    leader->last.chord = last->chord;
    leader->last.bass = last->bass;
    leader->last.count = 1;
    leader->last.candidates[0] = last->candidates[voicing];
    for (int i = kept - 1; i >= 0; --i) {
        const struct km_voicing_candidate *const chosen = &leader->lists[i].candidates[voicing];
        voicings[i] = (struct km_voicing){.count = (uint8_t)leader->voices};
        for (unsigned int j = 0; j < leader->voices; ++j) {
            voicings[i].pitches[j] = chosen->pitches[j];
        }
        voicing = leader->ways[i][voicing];
    }
}

void km_voicing_lead(const struct km_chord *chords, const uint8_t *bass, size_t count,
                     const struct km_voicing_rules *rules, struct km_voicing *voicings)
{
    KM_CHECK(rules->voices >= 1 && rules->voices <= KM_VOICES_MAX);
    KM_CHECK(rules->highest <= 127 && rules->highest >= rules->lowest + KM_VOICING_RANGE_MIN);
    struct leader leader = {.rules = rules, .voices = rules->voices};
    for (unsigned int set = 0; set < 1U << (leader.voices + 1U); ++set) {
        leader.pairs[set] = pairs_in(set, leader.voices);
    }
    for (size_t i = 0; i < count;) {
        int length = 0;
        while (i + (size_t)length < count && length < WINDOW &&
               chords[i + (size_t)length].quality != KM_CHORD_NONE) {
            const size_t chord = i + (size_t)length;
            make_list(&leader, length++, chords[chord], bass ? bass[chord] : 0);
        }
        if (length == 0) {
            voicings[i++] = (struct km_voicing){.count = 0};
            leader.last.count = 0;
            leader.last.chord = (struct km_chord){.quality = KM_CHORD_NONE};
            continue;
        }
        const int kept = length == WINDOW ? WINDOW - LOOK_AHEAD : length;
        find_ways(&leader, length);
        keep_way(&leader, length, kept, &voicings[i]);
        i += (size_t)kept;
    }
}
