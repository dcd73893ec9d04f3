// SPDX-License-Identifier: MIT

// Where a progression goes: steps drawn as real songs take them (progressions.def), among the
// chords of the mode, those that are lent to it and those that lead elsewhere.

#include "base/check.h"
#include "session/harmony_private.h"
#include "session/progressions_private.h"

enum { CANDIDATES_COUNT = KM_SOURCES_COUNT * KM_DEGREES_COUNT };

// To the chord before the last again: real songs do it 1.2 (major) and 1.4 times (minor) as often
// as their bigrams say, in long vamps; a phrase of four chords wants to go on.
static const double again_weight = 0.8;

static struct km_harmony_step candidate(int index)
{
    return (struct km_harmony_step){.degree = (uint8_t)(index % KM_DEGREES_COUNT),
                                    .source = (uint8_t)(index / KM_DEGREES_COUNT)};
}

static bool is_in_key(const struct km_harmony *harmony, struct km_chord chord)
{
    for (int degree = 0; degree < KM_DEGREES_COUNT; ++degree) {
        if (km_harmony_are_alike(harmony->home.chords[degree][KM_STACK_TRIAD], chord)) {
            return true;
        }
    }
    return false;
}

static bool find_triad(const struct km_harmony *harmony, struct km_harmony_step step,
                       struct km_chord *chord)
{
    const struct km_chord home = harmony->home.chords[step.degree][KM_STACK_TRIAD];
    struct km_chord found = home;
    switch ((int)step.source) {
    case KM_SOURCE_LENT:
        found = harmony->lent.chords[step.degree][KM_STACK_TRIAD];
        break;
    case KM_SOURCE_DOMINANT:
        found.root = (uint8_t)((home.root + 7U) % 12U);
        found.quality = KM_CHORD_MAJOR;
        break;
    case KM_SOURCE_RELATED:
        found.root = (uint8_t)((home.root + 2U) % 12U);
        found.quality = home.quality == KM_CHORD_MAJOR ? KM_CHORD_MINOR : KM_CHORD_DIMINISHED;
        break;
    case KM_SOURCE_HOME:
    default:
        *chord = home;
        return true;
    }
    found.bass = found.root;
    const bool is_lent = step.source == KM_SOURCE_LENT;
    const bool can_be_led_to = step.degree != 0 && km_harmony_is_triad(home);
    if (is_lent ? !km_harmony_is_triad(found) || step.degree == 0 : !can_be_led_to) {
        return false;
    }
    // What the key has itself is taken from there.
    if (step.source != KM_SOURCE_RELATED && is_in_key(harmony, found)) {
        return false;
    }
    *chord = found;
    return true;
}

void km_harmony_find_places(struct km_harmony *harmony)
{
    for (int i = 0; i < CANDIDATES_COUNT; ++i) {
        const struct km_harmony_step step = candidate(i);
        struct km_harmony_place place = {0};
        place.exists = find_triad(harmony, step, &place.chord);
        place.state = km_progression_state(place.chord, harmony->plan->key);
        harmony->places[step.source][step.degree] = place;
    }
}

static bool is_same_step(struct km_harmony_step a, struct km_harmony_step b)
{
    return a.degree == b.degree && a.source == b.source;
}

// What must come after a step that leads somewhere.
static bool is_bound(struct km_harmony_step step, struct km_harmony_step *next)
{
    if (step.source == KM_SOURCE_DOMINANT) {
        *next = (struct km_harmony_step){step.degree, KM_SOURCE_HOME};
        return true;
    }
    if (step.source == KM_SOURCE_RELATED) {
        *next = (struct km_harmony_step){step.degree, KM_SOURCE_DOMINANT};
        return true;
    }
    return false;
}

bool km_harmony_may_follow(const struct km_harmony *harmony, struct km_harmony_step last,
                           struct km_harmony_step next)
{
    const struct km_harmony_place *const from = km_harmony_place(harmony, last);
    const struct km_harmony_place *const to = km_harmony_place(harmony, next);
    struct km_harmony_step bound;
    if (!from->exists || !to->exists || (is_bound(last, &bound) && !is_same_step(bound, next))) {
        return false;
    }
    // A chord and its borrowed twin stand on one root: that is a change of colour, not a step.
    return from->chord.root != to->chord.root;
}

// How likely songs are to go from one to the other.
static double chance_after(const struct km_harmony *harmony, struct km_harmony_step last,
                           struct km_harmony_step next)
{
    const struct km_harmony_place *const from = km_harmony_place(harmony, last);
    const struct km_harmony_place *const to = km_harmony_place(harmony, next);
    if (!from->exists || !to->exists) {
        return 0;
    }
    const uint16_t *const weights = km_progression_after(harmony->plan->key, from->state);
    return (double)weights[to->state] * 1e-4 + 1e-5;
}

// The same as the mode and the feeling colour it; who is complex wanders off the usual ways, among
// the chords of the key.
static double weight_after(const struct km_harmony *harmony, struct km_harmony_step last,
                           struct km_harmony_step next)
{
    const double chance = chance_after(harmony, last, next) * harmony->sources[next.source];
    if (next.source != KM_SOURCE_HOME) {
        return chance;
    }
    const double colour = (double)harmony->grammar->colours[next.degree];
    return chance * colour + harmony->wandering * (colour < 1 ? colour : 1);
}

static struct km_harmony_step draw(struct km_harmony *harmony,
                                   const double weights[CANDIDATES_COUNT])
{
    float shares[CANDIDATES_COUNT];
    for (int i = 0; i < CANDIDATES_COUNT; ++i) {
        shares[i] = (float)weights[i];
    }
    return candidate((int)km_random_weighted(&harmony->random, shares, CANDIDATES_COUNT));
}

struct km_harmony_step km_harmony_start(struct km_harmony *harmony, uint8_t kind)
{
    const struct km_key key = harmony->plan->key;
    const uint16_t *const opening = km_progression_opening(key, kind);
    double weights[CANDIDATES_COUNT] = {0};
    for (int i = 0; i < KM_DEGREES_COUNT; ++i) {
        const struct km_chord chord = harmony->home.chords[i][KM_STACK_TRIAD];
        // No phrase begins on a chord that wants to go elsewhere.
        const bool is_stable = i == 0 || km_harmony_is_triad(chord);
        // What came before has often stopped on the dominant.
        const double rest = i == harmony->grammar->half ? 0.25 : 1;
        weights[i] = is_stable ? rest * (double)opening[km_progression_state(chord, key)] *
                                     (double)harmony->grammar->colours[i]
                               : 0;
    }
    return draw(harmony, weights);
}

void km_harmony_walk(struct km_harmony *harmony, struct km_harmony_step start,
                     struct km_harmony_step steps[KM_HARMONY_SLOTS_MAX])
{
    steps[0] = start;
    for (int i = 1; i < KM_HARMONY_SLOTS_MAX; ++i) {
        double weights[CANDIDATES_COUNT];
        for (int j = 0; j < CANDIDATES_COUNT; ++j) {
            const struct km_harmony_step next = candidate(j);
            const bool is_again = i > 1 && is_same_step(next, steps[i - 2]);
            weights[j] =
                km_harmony_may_follow(harmony, steps[i - 1], next)
                    ? weight_after(harmony, steps[i - 1], next) * (is_again ? again_weight : 1)
                    : 0;
        }
        steps[i] = draw(harmony, weights);
    }
}

struct km_harmony_step km_harmony_bridge(struct km_harmony *harmony, struct km_harmony_step last,
                                         struct km_harmony_step next, int avoided)
{
    double weights[CANDIDATES_COUNT];
    for (int i = 0; i < CANDIDATES_COUNT; ++i) {
        const struct km_harmony_step step = candidate(i);
        const bool is_possible = km_harmony_may_follow(harmony, last, step) &&
                                 km_harmony_may_follow(harmony, step, next) &&
                                 step.source != KM_SOURCE_RELATED && step.degree != avoided;
        weights[i] = is_possible ? weight_after(harmony, last, step) *
                                       (chance_after(harmony, step, next) + harmony->wandering)
                                 : 0;
    }
    return draw(harmony, weights);
}
