// SPDX-License-Identifier: MIT

// The bass line: in which octave each chord's bass sounds, chosen for the whole song at once by
// dynamic programming, so that the line steps where it can and stays where the instrument is at
// home. Costs are integers, so that every machine finds the same line.

#include "base/check.h"
#include "base/math.h"
#include "session/score_private.h"

enum { OCTAVE = 12, OCTAVES_MAX = 3, FORBIDDEN = 1 << 28 };

// Where the instrument of the bass plays.
struct compass {
    int lowest, highest;
    int home; // The middle of where it sounds best.
};

static struct compass compass_of(const struct km_harmony_plan *plan)
{
    enum { CELLO = 42 };
    // The genre's instrument, not the part's: a part that is changed shall not move the others.
    const bool is_cello = plan->ensemble == KM_ENSEMBLE_STRING_QUARTET ||
                          km_genre_traits((enum km_genre)plan->genre)->bass_program == CELLO;
    // A quiet bass lies higher, close to the chords, as the lowest notes of quiet piano music do
    // (EMOPIA); a loud one has its weight.
    const int home = 39 - (int)km_round(3 * (double)plan->affect.arousal);
    return is_cello ? (struct compass){.lowest = 36, .highest = 55, .home = 43}
                    : (struct compass){.lowest = 28, .highest = 50, .home = home};
}

static int distance(int a, int b)
{
    return a < b ? b - a : a - b;
}

// Steps are cheapest, then thirds, fourths and fifths, as basses move; the tritone and what is
// wider than a fifth cost more, and more than an octave is not sung.
static int cost_of_move(int from, int to)
{
    static const uint8_t costs[OCTAVE + 1] = {0, 2, 2, 6, 6, 7, 13, 8, 16, 18, 20, 22, 24};
    const int moved = distance(from, to);
    return moved <= OCTAVE ? costs[moved] : FORBIDDEN;
}

static int cost_of_place(const struct compass *compass, int key)
{
    enum { EASE = 7 };
    const int away = distance(key, compass->home);
    return away / 2 + (away > EASE ? 2 * (away - EASE) : 0);
}

// The ways to one chord: for each octave of its bass the cheapest line that ends there.
struct ends {
    int keys[OCTAVES_MAX];
    int costs[OCTAVES_MAX];
    int count;
};

static int cheapest(const struct ends *ends)
{
    int best = 0;
    for (int i = 1; i < ends->count; ++i) {
        best = ends->costs[i] < ends->costs[best] ? i : best;
    }
    return best;
}

static int cheapest_way_to(const struct ends *before, int key, int *cost)
{
    int best = 0;
    *cost = before->count == 0 ? 0 : FORBIDDEN * 2;
    for (int i = 0; i < before->count; ++i) {
        const int way = before->costs[i] + cost_of_move(before->keys[i], key);
        if (way < *cost) {
            *cost = way;
            best = i;
        }
    }
    return best;
}

static struct ends lead_to(const struct compass *compass, const struct ends *before,
                           uint8_t pitch_class, uint8_t ways[OCTAVES_MAX])
{
    struct ends ends = {.count = 0};
    const int lowest = compass->lowest + (pitch_class + 120 - compass->lowest) % OCTAVE;
    for (int key = lowest; key <= compass->highest && ends.count < OCTAVES_MAX; key += OCTAVE) {
        int cost = 0;
        ways[ends.count] = (uint8_t)cheapest_way_to(before, key, &cost);
        ends.keys[ends.count] = key;
        ends.costs[ends.count++] = cost + cost_of_place(compass, key);
    }
    // Costs count from the cheapest, so that they stay small in a long song.
    const int least = ends.costs[cheapest(&ends)];
    for (int i = 0; i < ends.count; ++i) {
        ends.costs[i] -= least;
    }
    return ends;
}

void km_score_lead_bass(struct km_score *score)
{
    const struct km_harmony_plan *const plan = score->plan;
    const struct compass compass = compass_of(plan);
    uint8_t ways[KM_PLAN_CHORDS_MAX][OCTAVES_MAX] = {{0}};
    struct ends ends = {.count = 0};
    for (int i = 0; i < plan->chord_count; ++i) {
        if (plan->chords[i].chord.quality != KM_CHORD_NONE) {
            ends = lead_to(&compass, &ends, plan->chords[i].chord.bass, ways[i]);
        }
    }
    int way = ends.count > 0 ? cheapest(&ends) : 0;
    for (int i = plan->chord_count - 1; i >= 0; --i) {
        const struct km_chord chord = plan->chords[i].chord;
        if (chord.quality == KM_CHORD_NONE) {
            score->bass_keys[i] = 0;
            continue;
        }
        const int lowest = compass.lowest + (chord.bass + 120 - compass.lowest) % OCTAVE;
        score->bass_keys[i] = (uint8_t)(lowest + way * OCTAVE);
        way = ways[i][way];
    }
}

uint8_t km_score_bass_key(const struct km_score *score, int chord)
{
    KM_CHECK(chord >= 0 && chord < score->plan->chord_count);
    return score->bass_keys[chord];
}
