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
    CANDIDATES_MAX = 9,
    STEP_MAX = 2, // Semitones.
    FOURTH = 5,
    FORBIDDEN = 400,
    IMPOSSIBLE = 100000,
    UNREACHED = 1 << 28,
};

// How a note was reached, as the next must take back a leap.
enum arrival { ARRIVAL_PLAIN, ARRIVAL_LEAPT_UP, ARRIVAL_LEAPT_DOWN, ARRIVALS_COUNT };

// What a note may be.
struct spot {
    km_pitch_set chord, scale, after; // After: the chord when it ends.
    uint8_t keys[CANDIDATES_MAX];
    int count;
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

static int size_of(km_pitch_set set)
{
    int size = 0;
    for (unsigned int i = 0; i < OCTAVE; ++i) {
        size += (int)(set >> i & 1U);
    }
    return size;
}

// Whether a foreign note of a chord is the key's note below it raised, or else the one above
// lowered: the leading thirds of dominants and roots of diminished chords are raised.
static bool is_raised(km_pitch_set home, km_pitch_set quality, unsigned int root,
                      unsigned int interval)
{
    const bool is_diminished = (quality & 1U << 3U) != 0 && (quality & 1U << 6U) != 0;
    switch (interval) {
    case 4:
    case 11:
        return true;
    case 0:
        return is_diminished;
    case 6:
    case 8:
        return (quality & 1U << 4U) != 0;
    case 2:
    case 7:
        return (home >> root & 1U) != 0;
    default:
        return false;
    }
}

km_pitch_set km_melody_scale(struct km_key key, struct km_chord chord)
{
    const unsigned int home = km_key_pitches(key);
    const unsigned int pitches = km_chord_pitches(chord);
    const km_pitch_set quality = km_chord_pitches((struct km_chord){.quality = chord.quality});
    unsigned int scale = home;
    const bool is_full = size_of((km_pitch_set)home) >= 7;
    for (unsigned int i = 0; i < OCTAVE && is_full; ++i) {
        if ((pitches >> i & 1U) == 0 || (home >> i & 1U) != 0) {
            continue;
        }
        const unsigned int below = 1U << (i + 11U) % OCTAVE;
        const unsigned int above = 1U << (i + 1U) % OCTAVE;
        const bool has_both = (home & below) != 0 && (home & above) != 0;
        const bool raises =
            is_raised((km_pitch_set)home, quality, chord.root, (i + OCTAVE - chord.root) % OCTAVE);
        scale &= ~(has_both ? (raises ? below : above) : below | above);
    }
    return (km_pitch_set)(scale | pitches);
}

km_pitch_set km_melody_chord_pitches(const struct km_score *score, uint32_t tick)
{
    const struct km_chord chord = score->plan->chords[km_score_chord_at(score, tick)].chord;
    const km_pitch_set pitches = km_chord_pitches(chord);
    return pitches != 0 ? pitches : km_key_pitches(score->plan->key);
}

km_pitch_set km_melody_rest(const struct km_harmony_plan *plan, struct km_chord chord,
                            uint8_t cadence, bool is_end)
{
    km_pitch_set all = km_chord_pitches(chord);
    all = all != 0 ? all : km_key_pitches(plan->key);
    const unsigned int tonic = 1U << plan->key.tonic;
    const unsigned int third = 1U << (chord.root + 3U) % OCTAVE | 1U << (chord.root + 4U) % OCTAVE;
    const unsigned int root = 1U << chord.root;
    const unsigned int fifth = 1U << (chord.root + 7U) % OCTAVE;
    unsigned int wanted = root | third | fifth;
    switch (cadence) {
    case KM_CADENCE_AUTHENTIC:
    case KM_CADENCE_PLAGAL:
    case KM_CADENCE_MODAL:
        wanted = is_end ? tonic : tonic | third;
        break;
    case KM_CADENCE_DECEPTIVE:
        wanted = root | third;
        break;
    default:
        wanted &= ~tonic;
        break;
    }
    wanted &= all;
    return wanted != 0 ? (km_pitch_set)wanted : all;
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

// Whether a note jars when it ends, as the chord has changed under it.
static bool jars(const struct spot *spot, int key)
{
    return !has_pitch(spot->chord, key) || !has_pitch(spot->after, key);
}

static int node_cost(const struct km_score *score, const struct km_tune *tune, int index,
                     const struct spot *spot, int key)
{
    static const int foreign_costs[] = {4, 14, 55, 75};
    const struct km_tune_note *const note = &tune->notes[index];
    const int apart = magnitude(KM_TARGET_UNITS * key - note->target);
    int cost = 3 * apart / KM_TARGET_UNITS;
    if (!has_pitch(spot->chord, key)) {
        // What grates may grate: dissonance is planned.
        const int ease =
            note->weight >= KM_WEIGHT_STRONG ? (int)(40.0 * (double)score->plan->dissonance) : 0;
        cost += foreign_costs[note->weight] - ease + (note->duration > KM_PPQ ? 40 : 0);
    } else if (!has_pitch(spot->after, key)) {
        cost += 25;
    }
    return cost;
}

static int interval_cost(int interval)
{
    static const int costs[OCTAVE + 1] = {3,  0,  0,  3,  4,         8, FORBIDDEN,
                                          14, 24, 26, 70, FORBIDDEN, 28};
    const int size = magnitude(interval);
    return size > OCTAVE ? IMPOSSIBLE : costs[size];
}

// A second of three semitones, which no voice finds by step.
static bool is_augmented_second(const struct spot *spot, int from, int to)
{
    if (magnitude(to - from) != STEP_MAX + 1 || size_of(spot->scale) < 7) {
        return false;
    }
    const int low = from < to ? from : to;
    return !has_pitch(spot->scale, low + 1) && !has_pitch(spot->scale, low + 2);
}

// From one note to the next, whatever came before.
static int move_cost(const struct km_tune *tune, int index, const struct spot *spots, int from,
                     int to)
{
    const struct km_tune_note *const notes = tune->notes;
    const int interval = to - from;
    const int size = magnitude(interval);
    int cost = interval_cost(interval);
    if (jars(&spots[index - 1], from) && (size == 0 || size > STEP_MAX)) {
        cost += FORBIDDEN;
    }
    if (!has_pitch(spots[index].chord, to) && size > STEP_MAX) {
        cost += FORBIDDEN;
    }
    if (is_augmented_second(&spots[index], from, to)) {
        cost += FORBIDDEN;
    }
    if (notes[index].is_join) {
        return cost;
    }
    const int wanted = notes[index].target - notes[index - 1].target;
    if (index + 1 == tune->count) { // The phrase comes down to its rest.
        return cost + (interval < 0 && size <= STEP_MAX ? 0 : (size <= STEP_MAX ? 6 : 9));
    }
    cost += 3 * magnitude(KM_TARGET_UNITS * interval - wanted) / KM_TARGET_UNITS;
    const bool turns = (wanted > 0 && interval < 0) || (wanted < 0 && interval > 0);
    const bool stalls = (wanted == 0) != (interval == 0);
    return cost + (turns ? 16 : (stalls ? 9 : 0));
}

// What the leap before asks of the next interval.
static int recovery_cost(enum arrival arrival, int interval)
{
    if (arrival == ARRIVAL_PLAIN) {
        return 0;
    }
    const int back = arrival == ARRIVAL_LEAPT_UP ? -interval : interval;
    if (back < 0) {
        return back < -STEP_MAX ? 90 : 40;
    }
    return back == 0 ? 12 : (back <= FOURTH - 1 ? 0 : 12);
}

static enum arrival arrival_of(int interval)
{
    if (interval > FOURTH) {
        return ARRIVAL_LEAPT_UP;
    }
    return interval < -FOURTH ? ARRIVAL_LEAPT_DOWN : ARRIVAL_PLAIN;
}

static void find_spot(const struct km_score *score, const struct km_tune *tune, int index,
                      struct spot *spot)
{
    const struct km_tune_note *const note = &tune->notes[index];
    const int chord = km_score_chord_at(score, note->start);
    const struct km_plan_chord *const plan_chord = &score->plan->chords[chord];
    spot->scale = km_melody_scale(score->plan->key, plan_chord->chord);
    spot->chord = km_melody_chord_pitches(score, note->start);
    const uint32_t end = note->start + note->duration;
    const bool goes_over = end > plan_chord->start_tick + plan_chord->duration_ticks;
    spot->after = goes_over ? km_melody_chord_pitches(score, end - 1) : spot->chord;
    find_candidates(score, tune, index, spot);
}

struct row {
    struct cell cells[CANDIDATES_MAX][ARRIVALS_COUNT];
};

static void begin_row(const struct km_score *score, const struct km_tune *tune,
                      const struct spot *spot, int last, struct row *row)
{
    for (int k = 0; k < spot->count; ++k) {
        const int key = spot->keys[k];
        int cost = node_cost(score, tune, 0, spot, key);
        if (last > 0) { // After the breath any way is good that is not too far.
            const int size = magnitude(key - last);
            cost += size > OCTAVE ? IMPOSSIBLE : (size > 9 ? 6 * (size - 9) : 0);
            cost += size == 6 || size == 11 ? 60 : 0;
        }
        if (!has_pitch(spot->chord, key)) {
            cost += FORBIDDEN;
        }
        for (int a = 0; a < ARRIVALS_COUNT; ++a) {
            row->cells[k][a] = (struct cell){.cost = a == ARRIVAL_PLAIN ? cost : UNREACHED};
        }
    }
}

static void advance_row(const struct km_tune *tune, int index, const struct spot *spots,
                        const struct row *before, struct row *row)
{
    const struct spot *const from = &spots[index - 1];
    const struct spot *const to = &spots[index];
    for (int k = 0; k < to->count; ++k) {
        const int node = row->cells[k][0].cost;
        for (int a = 0; a < ARRIVALS_COUNT; ++a) {
            row->cells[k][a] = (struct cell){.cost = UNREACHED};
        }
        for (int p = 0; p < from->count; ++p) {
            const int interval = to->keys[k] - from->keys[p];
            const int move = node + move_cost(tune, index, spots, from->keys[p], to->keys[k]);
            struct cell *const cell = &row->cells[k][arrival_of(interval)];
            for (int a = 0; a < ARRIVALS_COUNT; ++a) {
                const int cost =
                    before->cells[p][a].cost + move + recovery_cost((enum arrival)a, interval);
                if (cost < cell->cost) {
                    *cell = (struct cell){cost, (uint8_t)p, (uint8_t)a};
                }
            }
        }
    }
}

void km_tune_settle(const struct km_score *score, const struct km_tune *tune, int last,
                    uint8_t keys[KM_TUNE_NOTES_MAX])
{
    KM_CHECK(tune->count >= 0 && tune->count <= KM_TUNE_NOTES_MAX);
    struct spot spots[KM_TUNE_NOTES_MAX];
    struct row rows[KM_TUNE_NOTES_MAX];
    for (int i = 0; i < tune->count; ++i) {
        find_spot(score, tune, i, &spots[i]);
        if (i == 0) {
            begin_row(score, tune, &spots[0], last, &rows[0]);
            continue;
        }
        for (int k = 0; k < spots[i].count; ++k) {
            rows[i].cells[k][0].cost = node_cost(score, tune, i, &spots[i], spots[i].keys[k]);
        }
        advance_row(tune, i, spots, &rows[i - 1], &rows[i]);
    }
    if (tune->count == 0) {
        return;
    }
    int best_key = 0;
    int best_arrival = 0;
    const int end = tune->count - 1;
    for (int k = 0; k < spots[end].count; ++k) {
        for (int a = 0; a < ARRIVALS_COUNT; ++a) {
            if (rows[end].cells[k][a].cost < rows[end].cells[best_key][best_arrival].cost) {
                best_key = k;
                best_arrival = a;
            }
        }
    }
    for (int i = end; i >= 0; --i) {
        const struct cell cell = rows[i].cells[best_key][best_arrival];
        keys[i] = spots[i].keys[best_key];
        best_key = cell.candidate;
        best_arrival = cell.arrival;
    }
}
