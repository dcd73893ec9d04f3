// SPDX-License-Identifier: MIT

// The way of a journey: from one plan to another in equal steps that are small enough.

#include "base/check.h"
#include "base/math.h"
#include "session/journey_private.h"

enum { UNREACHED = KM_MODES_COUNT };

// Chosen by us: no study of the principle gives figures for its steps. A tenth of the way from one
// end of a feeling's scale to the other; a tempo that moves by 2 or 3 beats at an adagio; a
// loudness that changes less than it does inside a section.
static const struct km_journey_limits limits = {
    .affect = 0.2, .tempo = 0.08, .velocity = 6, .scale_notes = 1};

const struct km_journey_limits *km_journey_limits(void)
{
    return &limits;
}

static int count_bits(unsigned int set)
{
    int count = 0;
    for (; set != 0; set &= set - 1) {
        ++count;
    }
    return count;
}

// One note apart: what the smaller scale has, all but one at most, the larger has too.
static bool are_neighbours(int a, int b)
{
    const unsigned int first = km_mode_pitches((enum km_mode)a);
    const unsigned int second = km_mode_pitches((enum km_mode)b);
    const int lost = count_bits(first & ~second);
    const int won = count_bits(second & ~first);
    return (lost < won ? lost : won) <= limits.scale_notes;
}

// Only through the seven modes of the major scale: each is a fifth brighter than the next.
static bool is_passable(int mode)
{
    return mode <= KM_MODE_LOCRIAN;
}

// Marks what is one step farther.
static void mark_neighbours(int here, int distances[KM_MODES_COUNT])
{
    for (int there = 0; there < KM_MODES_COUNT; ++there) {
        if (distances[there] == UNREACHED && are_neighbours(here, there)) {
            distances[there] = distances[here] + 1;
        }
    }
}

static void go_on_from(int distance, int distances[KM_MODES_COUNT])
{
    for (int i = 0; i < KM_MODES_COUNT; ++i) {
        if (distances[i] == distance && is_passable(i)) {
            mark_neighbours(i, distances);
        }
    }
}

// Steps from each mode to the last one.
static void measure_distances(int last, int distances[KM_MODES_COUNT])
{
    for (int i = 0; i < KM_MODES_COUNT; ++i) {
        distances[i] = i == last ? 0 : UNREACHED;
    }
    mark_neighbours(last, distances);
    for (int distance = 1; distance < KM_MODES_COUNT; ++distance) {
        go_on_from(distance, distances);
    }
}

static int next_mode(int mode, const int distances[KM_MODES_COUNT])
{
    int next = 0;
    while (next + 1 < KM_MODES_COUNT &&
           !(distances[next] == distances[mode] - 1 && are_neighbours(mode, next) &&
             (distances[next] == 0 || is_passable(next)))) {
        ++next;
    }
    return next;
}

_Static_assert(KM_MODE_IONIAN == 0 && KM_MODE_LOCRIAN == 6, "the modes of the major scale first");

void km_journey_way_init(struct km_journey_way *way, const struct km_harmony_plan *from,
                         const struct km_harmony_plan *to)
{
    int distances[KM_MODES_COUNT];
    measure_distances(to->key.mode, distances);
    *way = (struct km_journey_way){.from = from, .to = to};
    int mode = from->key.mode;
    KM_CHECK(distances[mode] < UNREACHED);
    way->modes[way->mode_count++] = (uint8_t)mode;
    while (mode != to->key.mode) {
        KM_CHECK(way->mode_count < KM_MODES_COUNT);
        mode = next_mode(mode, distances);
        way->modes[way->mode_count++] = (uint8_t)mode;
    }
}

static double between(double from, double to, double share)
{
    return from + (to - from) * share;
}

static uint8_t whole_between(uint8_t from, uint8_t to, double share)
{
    return (uint8_t)km_round(between(from, to, share));
}

// The words for it are those of the place; how strong, how sure and which emotions goes over from
// one end to the other.
void km_journey_mix_affects(const struct km_affect *from, const struct km_affect *to, double share,
                            struct km_affect *affect)
{
    const double valence = between((double)from->valence, (double)to->valence, share);
    const double arousal = between((double)from->arousal, (double)to->arousal, share);
    km_affect_of_point(valence, arousal, affect);
    affect->valence = (float)valence;
    affect->arousal = (float)arousal;
    affect->dominance = (float)between((double)from->dominance, (double)to->dominance, share);
    affect->intensity = (float)between((double)from->intensity, (double)to->intensity, share);
    affect->confidence = (float)between((double)from->confidence, (double)to->confidence, share);
    for (int i = 0; i < KM_EMOTIONS_COUNT; ++i) {
        affect->emotions[i] =
            (float)between((double)from->emotions[i], (double)to->emotions[i], share);
    }
}

void km_journey_way_place(const struct km_journey_way *way, int step, int steps,
                          struct km_journey_place *place)
{
    KM_CHECK(step >= 0 && step <= steps);
    const struct km_harmony_plan *const from = way->from;
    const struct km_harmony_plan *const to = way->to;
    const double share = steps > 0 ? (double)step / (double)steps : 0;
    // Tempo goes by ratios, as it is heard.
    const double ratio = (double)to->tempo_bpm / (double)from->tempo_bpm;
    const int mode = (int)km_round(between(0, way->mode_count - 1, share));
    *place = (struct km_journey_place){
        .affect = step > 0 && step == steps ? to->affect : from->affect,
        .tempo_bpm = (uint16_t)km_round((double)from->tempo_bpm * km_pow(ratio, share)),
        .mode = way->modes[mode],
        .velocity_low = whole_between(from->velocity_low, to->velocity_low, share),
        .velocity_high = whole_between(from->velocity_high, to->velocity_high, share),
        .register_low = whole_between(from->register_low, to->register_low, share),
        .register_high = whole_between(from->register_high, to->register_high, share),
        .density = (float)between((double)from->density, (double)to->density, share),
        .articulation = (float)between((double)from->articulation, (double)to->articulation, share),
    };
    if (step > 0 && step < steps) {
        km_journey_mix_affects(&from->affect, &to->affect, share, &place->affect);
    }
}

static bool is_near(double a, double b, double limit)
{
    const double apart = a < b ? b - a : a - b;
    return apart <= limit + 1e-6; // Of floats that were rounded.
}

static bool is_small_step(const struct km_journey_place *a, const struct km_journey_place *b)
{
    const double slower = a->tempo_bpm < b->tempo_bpm ? a->tempo_bpm : b->tempo_bpm;
    return is_near((double)a->affect.valence, (double)b->affect.valence, limits.affect) &&
           is_near((double)a->affect.arousal, (double)b->affect.arousal, limits.affect) &&
           is_near((double)a->affect.dominance, (double)b->affect.dominance, limits.affect) &&
           is_near(a->tempo_bpm, b->tempo_bpm, limits.tempo * slower) &&
           is_near(a->velocity_low, b->velocity_low, limits.velocity) &&
           is_near(a->velocity_high, b->velocity_high, limits.velocity);
}

bool km_journey_way_is_gentle(const struct km_journey_way *way, int steps)
{
    if (steps < way->mode_count - 1) {
        return false;
    }
    struct km_journey_place here;
    km_journey_way_place(way, 0, steps, &here);
    for (int step = 1; step <= steps; ++step) {
        struct km_journey_place next;
        km_journey_way_place(way, step, steps, &next);
        if (!is_small_step(&here, &next)) {
            return false;
        }
        here = next;
    }
    return true;
}

int km_journey_way_steps(const struct km_journey_way *way)
{
    struct km_journey_place first;
    struct km_journey_place last;
    km_journey_way_place(way, 0, 1, &first);
    km_journey_way_place(way, 1, 1, &last);
    const bool is_same_feeling =
        first.affect.primary == last.affect.primary &&
        is_near((double)first.affect.valence, (double)last.affect.valence, 0) &&
        is_near((double)first.affect.arousal, (double)last.affect.arousal, 0);
    if (is_same_feeling && way->mode_count == 1 && first.tempo_bpm == last.tempo_bpm) {
        return 0;
    }
    int steps = 1;
    while (steps < KM_JOURNEY_STAGES_MAX - 1 && !km_journey_way_is_gentle(way, steps)) {
        ++steps;
    }
    return steps;
}
