// SPDX-License-Identifier: MIT

// Which key each note of a phrase takes. The rules are counterpoint's: what is no note of the chord
// is entered by step or held over, and left by step; a leap lands on a note of the chord and is
// taken back (Huron 2006: post-skip reversal); no augmented seconds or fourths. The cheapest line
// near to the contour is found by dynamic programming.

#include "base/check.h"
#include "base/units.h"
#include "session/melody_private.h"

enum {
    OCTAVE = 12,
    CANDIDATES_MAX = 8,
    STEP_MAX = 2, // Semitones.
    FOURTH = 5,
    FORBIDDEN = 4000,
    IMPOSSIBLE = 100000,
    UNREACHED = 1 << 28,
};

// How a note was reached, as the next must take back a leap.
enum arrival { ARRIVAL_PLAIN, ARRIVAL_LEAPT_UP, ARRIVAL_LEAPT_DOWN, ARRIVALS_COUNT };

// What a note may be.
struct spot {
    int chord_index;                  // Of the plan.
    km_pitch_set chord, scale, after; // After: the chord when it ends.
    bool is_full;                     // A scale of seven notes: a second has two semitones at most.
    int count;
    uint8_t keys[CANDIDATES_MAX];
    bool is_foreign[CANDIDATES_MAX]; // To the chord when it begins.
    bool jars[CANDIDATES_MAX];       // Or when it ends, as the chord has changed under it.
};

// What each interval into a note costs, from an octave down to an octave up.
struct moves {
    int costs[2 * OCTAVE + 1];
};

struct cell {
    int cost;
    uint8_t candidate, arrival; // Of the note before.
};

static int magnitude(int x)
{
    return x < 0 ? -x : x;
}

static bool has_pitch(km_pitch_set set, int key)
{
    return (set >> (unsigned int)(key % OCTAVE) & 1U) != 0;
}

// The keys of a set that are nearest to a note's target, lowest first, between two limits.
static void find_nearest(int target, km_pitch_set set, const int limits[2], struct spot *spot)
{
    int centre = (target + KM_TARGET_UNITS / 2) / KM_TARGET_UNITS;
    centre = centre < limits[0] ? limits[0] : (centre > limits[1] ? limits[1] : centre);
    int low = centre;
    int high = centre;
    int count = has_pitch(set, centre) ? 1 : 0;
    for (int reach = 1; reach <= 2 * OCTAVE && count < CANDIDATES_MAX; ++reach) {
        if (centre + reach <= limits[1] && has_pitch(set, centre + reach)) {
            high = centre + reach;
            ++count;
        }
        if (centre - reach >= limits[0] && has_pitch(set, centre - reach) &&
            count < CANDIDATES_MAX) {
            low = centre - reach;
            ++count;
        }
    }
    spot->count = 0;
    for (int key = low; key <= high; ++key) {
        if (has_pitch(set, key)) {
            spot->keys[spot->count++] = (uint8_t)key;
        }
    }
}

static void find_candidates(const struct km_score *score, const struct km_tune *tune, int index,
                            struct spot *spot)
{
    const int target = tune->notes[index].target;
    const int limits[2] = {tune->floor, tune->ceiling};
    if (index == tune->climax) {
        spot->count = 1;
        spot->keys[0] = (uint8_t)tune->climax_key;
        return;
    }
    const bool is_last = index + 1 == tune->count;
    find_nearest(target, is_last ? tune->rest : spot->scale, limits, spot);
    if (spot->count == 0) { // Rather as high as the climax than to another end.
        const int voice[2] = {tune->floor, score->plan->register_high};
        find_nearest(target, is_last ? tune->rest : spot->scale, voice, spot);
    }
    if (spot->count == 0) { // A register without such a note: any.
        find_nearest(target, UINT16_MAX, limits, spot);
    }
}

static int node_cost(const struct km_score *score, const struct km_tune *tune, int index,
                     const struct spot *spot, int candidate)
{
    static const int foreign_costs[] = {4, 14, 55, 75};
    const struct km_tune_note *const note = &tune->notes[index];
    const int apart = magnitude(KM_TARGET_UNITS * spot->keys[candidate] - note->target);
    const int cost = 3 * apart / KM_TARGET_UNITS;
    if (!spot->jars[candidate]) {
        return cost;
    }
    if (!spot->is_foreign[candidate]) {
        return cost + 25;
    }
    // What grates may grate: dissonance is planned.
    const int ease =
        note->weight >= KM_WEIGHT_STRONG ? (int)(40.0 * (double)score->plan->dissonance) : 0;
    return cost + foreign_costs[note->weight] - ease + (note->duration > KM_PPQ ? 40 : 0);
}

// How well an interval draws what was wanted, in quarters of a semitone.
static int contour_cost(int interval, int wanted)
{
    const int apart = magnitude(KM_TARGET_UNITS * interval - wanted);
    const bool turns = (wanted > 0 && interval < 0) || (wanted < 0 && interval > 0);
    const bool stalls = (wanted == 0) != (interval == 0);
    return 3 * apart / KM_TARGET_UNITS + (turns ? 16 : (stalls ? 9 : 0));
}

// A phrase comes down to its rest.
static int arrival_cost(int interval)
{
    if (magnitude(interval) > STEP_MAX) {
        return 9;
    }
    return interval < 0 ? 0 : 6;
}

// From one note to the next, whatever keys they are.
static void find_moves(const struct km_tune *tune, int index, struct moves *moves)
{
    static const int sizes[OCTAVE + 1] = {3,  0,  0,  3,  4,         8, FORBIDDEN,
                                          14, 28, 32, 80, FORBIDDEN, 48};
    const struct km_tune_note *const notes = tune->notes;
    const int wanted = notes[index].target - notes[index - 1].target;
    const int fidelity = notes[index].is_recalled ? 2 : 1;
    for (int interval = -OCTAVE; interval <= OCTAVE; ++interval) {
        int cost = sizes[magnitude(interval)];
        if (!notes[index].is_join) {
            cost += index + 1 == tune->count ? arrival_cost(interval)
                                             : fidelity * contour_cost(interval, wanted);
        }
        moves->costs[interval + OCTAVE] = cost;
    }
}

// A second of three semitones, which no voice finds by step.
static bool is_augmented_second(const struct spot *spot, int from, int to)
{
    const int low = from < to ? from : to;
    return spot->is_full && !has_pitch(spot->scale, low + 1) && !has_pitch(spot->scale, low + 2);
}

// What the rules say of a step from a candidate of one note to one of the next.
static int rule_cost(const struct spot *from, int p, const struct spot *to, int k)
{
    const int size = magnitude(to->keys[k] - from->keys[p]);
    if (size > STEP_MAX + 1) {
        return (from->jars[p] ? FORBIDDEN : 0) + (to->is_foreign[k] ? FORBIDDEN : 0);
    }
    if (size == STEP_MAX + 1) {
        return (from->jars[p] ? FORBIDDEN : 0) + (to->is_foreign[k] ? FORBIDDEN : 0) +
               (is_augmented_second(to, from->keys[p], to->keys[k]) ? FORBIDDEN : 0);
    }
    return size == 0 && from->jars[p] ? FORBIDDEN : 0;
}

// What the leap before asks of the next interval: to be taken back.
static int recovery_cost(enum arrival arrival, int interval)
{
    if (arrival == ARRIVAL_PLAIN) {
        return 0;
    }
    const int back = arrival == ARRIVAL_LEAPT_UP ? -interval : interval;
    if (back < 0) {
        return back < -STEP_MAX ? 90 : 40;
    }
    return back == 0 || back >= FOURTH ? 12 : 0;
}

static enum arrival arrival_of(int interval)
{
    if (interval > FOURTH) {
        return ARRIVAL_LEAPT_UP;
    }
    return interval < -FOURTH ? ARRIVAL_LEAPT_DOWN : ARRIVAL_PLAIN;
}

// `before` is the note before's, to save finding the same chord again; or null.
static void find_spot(const struct km_score *score, const struct km_tune *tune, int index,
                      const struct spot *before, struct spot *spot)
{
    const struct km_harmony_plan *const plan = score->plan;
    const struct km_tune_note *const note = &tune->notes[index];
    spot->chord_index = km_score_chord_at(score, note->start);
    const struct km_plan_chord *const chord = &plan->chords[spot->chord_index];
    if (before && before->chord_index == spot->chord_index) {
        spot->scale = before->scale;
        spot->chord = before->chord;
        spot->is_full = before->is_full;
    } else {
        spot->scale = km_melody_scale(plan->key, chord->chord);
        spot->chord = km_melody_chord_pitches(score, note->start);
        spot->is_full = km_melody_is_full(spot->scale);
    }
    const uint32_t end = note->start + note->duration;
    const bool goes_over = end > chord->start_tick + chord->duration_ticks;
    spot->after = goes_over ? km_melody_chord_pitches(score, end - 1) : spot->chord;
    find_candidates(score, tune, index, spot);
    for (int i = 0; i < spot->count; ++i) {
        spot->is_foreign[i] = !has_pitch(spot->chord, spot->keys[i]);
        spot->jars[i] = spot->is_foreign[i] || !has_pitch(spot->after, spot->keys[i]);
    }
}

struct row {
    struct cell cells[CANDIDATES_MAX][ARRIVALS_COUNT];
};

// After the breath any way is good that is not too far.
static int join_cost(int last, int key)
{
    const int size = last > 0 ? magnitude(key - last) : 0;
    if (size > OCTAVE) {
        return IMPOSSIBLE;
    }
    return (size > 9 ? 6 * (size - 9) : 0) + (size == 6 || size == 11 ? 400 : 0);
}

static void begin_row(const struct km_score *score, const struct km_tune *tune,
                      const struct spot *spot, int last, struct row *row)
{
    for (int k = 0; k < spot->count; ++k) {
        row->cells[k][ARRIVAL_PLAIN] = (struct cell){.cost = node_cost(score, tune, 0, spot, k) +
                                                             join_cost(last, spot->keys[k]) +
                                                             (spot->is_foreign[k] ? FORBIDDEN : 0)};
        row->cells[k][ARRIVAL_LEAPT_UP] = (struct cell){.cost = UNREACHED};
        row->cells[k][ARRIVAL_LEAPT_DOWN] = (struct cell){.cost = UNREACHED};
    }
}

// Offers a candidate a way to be reached: from one of the note before, however that was.
static void offer(const struct row *before, int p, int move, int interval, struct cell *cell)
{
    for (int a = 0; a < ARRIVALS_COUNT; ++a) {
        const int cost = before->cells[p][a].cost + move + recovery_cost((enum arrival)a, interval);
        if (cost < cell->cost) {
            *cell = (struct cell){cost, (uint8_t)p, (uint8_t)a};
        }
    }
}

static void advance_row(const struct moves *moves, const struct spot *spots,
                        const struct row *before, struct row *row)
{
    const struct spot *const from = &spots[0];
    const struct spot *const to = &spots[1];
    for (int k = 0; k < to->count; ++k) {
        const int node = row->cells[k][0].cost;
        for (int a = 0; a < ARRIVALS_COUNT; ++a) {
            row->cells[k][a] = (struct cell){.cost = UNREACHED};
        }
        for (int p = 0; p < from->count; ++p) {
            const int interval = to->keys[k] - from->keys[p];
            const int move = magnitude(interval) > OCTAVE
                                 ? IMPOSSIBLE
                                 : moves->costs[interval + OCTAVE] + rule_cost(from, p, to, k);
            offer(before, p, node + move, interval, &row->cells[k][arrival_of(interval)]);
        }
    }
}

// The cheapest way to the end: its candidate and arrival.
static struct cell cheapest_end(const struct spot *spot, const struct row *row)
{
    struct cell best = {.cost = UNREACHED};
    for (int i = 0; i < spot->count * ARRIVALS_COUNT; ++i) {
        const int candidate = i / ARRIVALS_COUNT;
        const int arrival = i % ARRIVALS_COUNT;
        if (row->cells[candidate][arrival].cost < best.cost) {
            best = (struct cell){row->cells[candidate][arrival].cost, (uint8_t)candidate,
                                 (uint8_t)arrival};
        }
    }
    return best;
}

static void trace_back(const struct spot *spots, const struct row *rows, int count, uint8_t *keys)
{
    struct cell cell = cheapest_end(&spots[count - 1], &rows[count - 1]);
    for (int i = count - 1; i >= 0; --i) {
        keys[i] = spots[i].keys[cell.candidate];
        cell = rows[i].cells[cell.candidate][cell.arrival];
    }
}

void km_tune_settle(const struct km_score *score, const struct km_tune *tune, int last,
                    uint8_t keys[KM_TUNE_NOTES_MAX])
{
    KM_CHECK(tune->count >= 0 && tune->count <= KM_TUNE_NOTES_MAX);
    struct spot spots[KM_TUNE_NOTES_MAX];
    struct row rows[KM_TUNE_NOTES_MAX];
    if (tune->count == 0) {
        return;
    }
    find_spot(score, tune, 0, NULL, &spots[0]);
    begin_row(score, tune, &spots[0], last, &rows[0]);
    for (int i = 1; i < tune->count; ++i) {
        find_spot(score, tune, i, &spots[i - 1], &spots[i]);
        for (int k = 0; k < spots[i].count; ++k) {
            rows[i].cells[k][0].cost = node_cost(score, tune, i, &spots[i], k);
        }
        struct moves moves;
        find_moves(tune, i, &moves);
        advance_row(&moves, &spots[i - 1], &rows[i - 1], &rows[i]);
    }
    trace_back(spots, rows, tune->count, keys);
}
