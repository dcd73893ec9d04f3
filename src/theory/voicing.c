// SPDX-License-Identifier: MIT

// Voice leading by dynamic programming: for a window of chords the cheapest way through their
// voicings is found, its first part is kept, and the window moves on. Hard faults are so dear that
// a way without any is taken wherever there is one.

#include "theory/voicing.h"

#include "base/check.h"
#include "theory/voicing_private.h"

enum {
    WINDOW = 24, // Chords looked at together
    LOOK_AHEAD = 8,
    CANDIDATES = KM_VOICING_CANDIDATES_MAX,

    COST_SEMITONE = 16,
    COST_LEAP = 8,       // For each semitone beyond a third
    COST_DIRECT = 48,    // The outer voices leap the same way into an octave or a fifth
    COST_HANDED = 40,    // A tendency left to the bass
    COST_RESOLVED = 160, // One that resolves although it should not
    COST_FAULT = 1 << 18,
    COST_NONE = 1 << 29,
    SLACK = 300,
};

_Static_assert(LOOK_AHEAD < WINDOW, "each window keeps something");

struct step {
    struct km_tendencies tendencies; // Of the chord before
    bool bass_rises, bass_falls;
    uint8_t moves[KM_VOICES_MAX]; // What the voices of the voicing before want
};

struct leader {
    const struct km_voicing_rules *rules;
    unsigned int voices;
    uint32_t pairs[1U << (KM_VOICES_MAX + 1U)]; // Of the voices whose bits are set
    struct km_voicing_candidate last;           // Before the window
    struct km_chord last_chord;                 // N.C.: nothing before
    uint8_t last_bass;
    struct km_voicing_list lists[WINDOW];
    uint8_t ways[WINDOW][CANDIDATES]; // From which voicing of the chord before
    int32_t costs[CANDIDATES];        // Of the cheapest way to each voicing of the chord before
    uint8_t order[CANDIDATES];        // The same, cheapest first
    int count;                        // How many those are
    int32_t next_costs[CANDIDATES];   // While they are found: the same of the next chord
    int32_t next_least;               // Of those, with the voicing's own
    int32_t slack;                    // Ways that cost so much more than the best are let go
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
static int32_t cost_of_bass(const struct leader *leader, const struct step *step, uint8_t from,
                            uint8_t to, const struct km_voicing_candidate *voicing)
{
    const unsigned int moves = from > 0 && to > 0 ? step->tendencies.moves[from % 12U] : 0;
    const int moved = to - from;
    if (moves == 0 || leader->rules->leaves_tendencies ||
        cost_of_tendency(leader->rules, moves, moved) < COST_FAULT) {
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

// The ways so far, cheapest first, counted from the cheapest.
static void sort_ways(struct leader *leader)
{
    for (int i = 0; i < leader->count; ++i) {
        int place = i;
        for (; place > 0 && leader->costs[leader->order[place - 1]] > leader->costs[i]; --place) {
            leader->order[place] = leader->order[place - 1];
        }
        leader->order[place] = (uint8_t)i;
    }
}

static struct step step_between(const struct leader *leader, struct km_chord from,
                                struct km_chord to, uint8_t bass_from, uint8_t bass_to)
{
    const bool has_bass = bass_from > 0 && bass_to > 0;
    return (struct step){
        .tendencies = km_tendencies_between(from, to, leader->rules->key),
        .bass_rises = has_bass && bass_to > bass_from,
        .bass_falls = has_bass && bass_to < bass_from,
    };
}

// Sees whether the ways that come from one voicing are cheaper than those found so far.
static void lead_from(struct leader *leader, const struct step *step,
                      const struct km_voicing_candidate *before, uint8_t from, int index)
{
    const struct km_voicing_list *const list = &leader->lists[index];
    const int32_t so_far = leader->costs[from];
    for (int i = 0; i < list->count; ++i) {
        const struct km_voicing_candidate *const to = &list->candidates[i];
        // The voices move by the difference of their sums at least.
        const int apart = before->sum < to->sum ? to->sum - before->sum : before->sum - to->sum;
        const int32_t least = so_far + COST_SEMITONE * apart;
        if (least >= leader->next_costs[i] ||
            least + to->cost > leader->next_least + leader->slack) {
            continue;
        }
        const int32_t cost = so_far + cost_between(leader, step, before, to);
        if (cost < leader->next_costs[i]) {
            leader->next_costs[i] = cost;
            leader->ways[index][i] = from;
        }
        if (cost + to->cost < leader->next_least) {
            leader->next_least = cost + to->cost;
        }
    }
}

// The cheapest ways from the voicings before to each of the next chord's.
static void lead_to(struct leader *leader, const struct km_voicing_candidate *before,
                    struct step *step, uint8_t bass_before, int index)
{
    const struct km_voicing_list *const list = &leader->lists[index];
    for (int i = 0; i < list->count; ++i) {
        leader->next_costs[i] = COST_NONE;
    }
    leader->next_least = COST_NONE;
    sort_ways(leader);
    const int32_t least = leader->costs[leader->order[0]];
    for (int i = 0; i < leader->count; ++i) {
        const uint8_t from = leader->order[i];
        if (leader->costs[from] - least > leader->slack) {
            break;
        }
        for (unsigned int j = 0; j < leader->voices; ++j) {
            step->moves[j] = step->tendencies.moves[before[from].pitches[j] % 12U];
        }
        lead_from(leader, step, &before[from], from, index);
    }
    leader->count = list->count;
    for (int i = 0; i < list->count; ++i) {
        const struct km_voicing_candidate *const to = &list->candidates[i];
        leader->costs[i] = leader->next_costs[i] + to->cost +
                           cost_of_bass(leader, step, bass_before, list->bass, to);
    }
}

static void begin(struct leader *leader)
{
    const struct km_voicing_list *const list = &leader->lists[0];
    if (leader->last_chord.quality != KM_CHORD_NONE) {
        leader->count = 1;
        leader->costs[0] = 0;
        struct step step =
            step_between(leader, leader->last_chord, list->chord, leader->last_bass, list->bass);
        lead_to(leader, &leader->last, &step, leader->last_bass, 0);
        return;
    }
    leader->count = list->count;
    for (int i = 0; i < list->count; ++i) {
        leader->costs[i] = list->candidates[i].cost;
    }
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

// Finds the ways through `count` chords of the window; returns the last chord's voicing of the
// best.
static int find_ways(struct leader *leader, int count)
{
    begin(leader);
    for (int i = 1; i < count; ++i) {
        const struct km_voicing_list *const before = &leader->lists[i - 1];
        const struct km_voicing_list *const list = &leader->lists[i];
        struct step step =
            step_between(leader, before->chord, list->chord, before->bass, list->bass);
        lead_to(leader, before->candidates, &step, before->bass, i);
    }
    int best = 0;
    for (int i = 1; i < leader->count; ++i) {
        best = leader->costs[i] < leader->costs[best] ? i : best;
    }
    return best;
}

// Walks back along the ways to a voicing of the last of `count` chords; keeps the first `kept`.
static void keep_way(struct leader *leader, int count, int kept, int voicing,
                     struct km_voicing *voicings)
{
    for (int i = count - 1; i >= kept; --i) {
        voicing = leader->ways[i][voicing];
    }
    const struct km_voicing_list *const last = &leader->lists[kept - 1];
    leader->last = last->candidates[voicing];
    leader->last_chord = last->chord;
    leader->last_bass = last->bass;
    for (int i = kept - 1; i >= 0; --i) {
        const struct km_voicing_candidate *const chosen = &leader->lists[i].candidates[voicing];
        voicings[i] = (struct km_voicing){.count = (uint8_t)leader->voices};
        for (unsigned int j = 0; j < leader->voices; ++j) {
            voicings[i].pitches[j] = chosen->pitches[j];
        }
        voicing = leader->ways[i][voicing];
    }
}

// Leads through `count` chords of the window and keeps `kept` of them. Where the best ways end in a
// fault, all are looked at.
static void lead_window(struct leader *leader, int count, int kept, struct km_voicing *voicings)
{
    leader->slack = SLACK;
    int best = find_ways(leader, count);
    if (leader->costs[best] >= COST_FAULT) {
        leader->slack = COST_NONE;
        best = find_ways(leader, count);
    }
    keep_way(leader, count, kept, best, voicings);
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
            leader.last_chord = (struct km_chord){.quality = KM_CHORD_NONE};
            continue;
        }
        const int kept = length == WINDOW ? WINDOW - LOOK_AHEAD : length;
        lead_window(&leader, length, kept, &voicings[i]);
        i += (size_t)kept;
    }
}
