// SPDX-License-Identifier: MIT

// How phrases end: which cadence stands where, the chords that make it, and what it is called when
// these are there.

#include "base/check.h"
#include "session/harmony_private.h"

// Weights of how a phrase ends.
struct endings {
    float closed, half, deceptive, open;
};

// Phrases of Billboard's songs end on V (22 to 33 %), on IV or another chord that leads on (about
// half), and at home (a quarter). Classical periods answer a half cadence with a closed one; so do
// our sections, choruses more than verses, for a song should say where it is at home.
static struct endings endings_of(uint8_t kind, bool is_answer)
{
    if (!is_answer) {
        return (struct endings){0.22F, 0.38F, 0.12F, 0.28F};
    }
    switch (kind) {
    case KM_SECTION_CHORUS:
    case KM_SECTION_DROP:
        return (struct endings){0.74F, 0.1F, 0.1F, 0.06F};
    case KM_SECTION_OUTRO:
        return (struct endings){1, 0, 0, 0};
    case KM_SECTION_VERSE:
        return (struct endings){0.5F, 0.28F, 0.05F, 0.17F};
    case KM_SECTION_INTRO:
        return (struct endings){0.35F, 0.4F, 0, 0.25F};
    case KM_SECTION_BRIDGE:
    case KM_SECTION_BREAKDOWN:
        return (struct endings){0.15F, 0.6F, 0.15F, 0.1F};
    default: // What leads to a chorus.
        return (struct endings){0, 0.85F, 0, 0.15F};
    }
}

// A deceptive cadence needs a dominant, and a sixth degree that can be rested on.
static bool can_deceive(const struct km_harmony *harmony)
{
    const struct km_chord fifth = harmony->home.chords[4][KM_STACK_TRIAD];
    const bool leads = fifth.root == (harmony->plan->key.tonic + 7U) % 12U &&
                       (fifth.quality == KM_CHORD_MAJOR || harmony->grammar->major_dominant > 0);
    return leads && km_harmony_is_triad(harmony->home.chords[5][KM_STACK_TRIAD]);
}

// Sadness sinks home from the fourth degree; strength comes from the dominant.
static enum km_cadence choose_closing(struct km_harmony *harmony)
{
    const float *const closings = harmony->grammar->closings;
    const float sadness = (float)harmony->sadness;
    const float weights[KM_CLOSINGS_COUNT] = {
        [KM_CLOSING_AUTHENTIC] = closings[KM_CLOSING_AUTHENTIC] * (1 - 0.5F * sadness),
        [KM_CLOSING_PLAGAL] = closings[KM_CLOSING_PLAGAL] * (1 + sadness),
        [KM_CLOSING_MODAL] = closings[KM_CLOSING_MODAL],
    };
    static const uint8_t cadences[KM_CLOSINGS_COUNT] = {KM_CADENCE_AUTHENTIC, KM_CADENCE_PLAGAL,
                                                        KM_CADENCE_MODAL};
    return (
        enum km_cadence)cadences[km_random_weighted(&harmony->random, weights, KM_CLOSINGS_COUNT)];
}

enum km_cadence km_harmony_choose_cadence(struct km_harmony *harmony,
                                          const struct km_harmony_phrase *phrase, bool is_answer)
{
    const enum km_cadence closing = choose_closing(harmony);
    struct endings endings = endings_of(phrase->section_kind, is_answer);
    endings.deceptive *= (float)(1 + harmony->sadness);
    if (!can_deceive(harmony)) {
        endings.deceptive = 0;
    }
    const float weights[] = {endings.closed, endings.half, endings.deceptive, endings.open};
    static const uint8_t others[] = {0, KM_CADENCE_HALF, KM_CADENCE_DECEPTIVE, KM_CADENCE_OPEN};
    const uint32_t index = km_random_weighted(&harmony->random, weights, 4);
    return phrase->is_end || index == 0 ? closing : (enum km_cadence)others[index];
}

static void set_slot(struct km_harmony_phrase *phrase, int slot, uint8_t degree,
                     enum km_harmony_role role)
{
    if (slot >= 0) {
        phrase->steps[slot] = (struct km_harmony_step){degree, KM_SOURCE_HOME};
        phrase->roles[slot] = (uint8_t)role;
    }
}

static uint8_t approach_of(const struct km_harmony *harmony, enum km_cadence cadence)
{
    if (km_harmony_breaks(harmony, KM_RULE_HARMONY_TRITONE_SUBSTITUTION)) {
        return 4;
    }
    switch ((int)cadence) {
    case KM_CADENCE_PLAGAL:
        return 3;
    case KM_CADENCE_MODAL:
        return harmony->grammar->neighbour;
    default:
        return 4;
    }
}

// Mends the way to the cadence: each step must follow from the one before and lead to the next.
static void mend_way(struct km_harmony *harmony, struct km_harmony_phrase *phrase, int cadence_slot)
{
    for (int i = cadence_slot - 1; i >= 1; --i) {
        const struct km_harmony_step last = phrase->steps[i - 1];
        const struct km_harmony_step next = phrase->steps[i + 1];
        if (km_harmony_may_follow(harmony, phrase->steps[i], next)) {
            continue;
        }
        // Of a step that leads elsewhere only its degree counts: it is mended next.
        const struct km_harmony_step plain = {last.degree, KM_SOURCE_HOME};
        const bool leads = last.source == KM_SOURCE_DOMINANT || last.source == KM_SOURCE_RELATED;
        phrase->steps[i] = km_harmony_bridge(harmony, leads ? plain : last, next, KM_DEGREES_COUNT);
    }
    struct km_harmony_step *const steps = phrase->steps;
    if (cadence_slot == 0 || km_harmony_may_follow(harmony, steps[0], steps[1])) {
        return;
    }
    // The first chord says where the section is at home: the one after it gives way.
    if (cadence_slot > 1) {
        steps[1] = km_harmony_bridge(harmony, steps[0], steps[2], KM_DEGREES_COUNT);
    } else {
        steps[0] = km_harmony_bridge(harmony, steps[1], steps[1], KM_DEGREES_COUNT);
        steps[0].source = KM_SOURCE_HOME;
    }
}

// Stops on a chord that is on the way: neither home nor where a half cadence rests.
static void set_open_end(struct km_harmony *harmony, struct km_harmony_phrase *phrase)
{
    const struct km_harmony_step home = {0, KM_SOURCE_HOME};
    const int last = phrase->slots - 1;
    const bool rests_on_fifth = harmony->grammar->half == 4;
    struct km_harmony_step before = phrase->steps[last > 0 ? last - 1 : 0];
    if (before.source == KM_SOURCE_DOMINANT || before.source == KM_SOURCE_RELATED) {
        before.source = KM_SOURCE_HOME;
        phrase->steps[last - 1] = before;
    }
    struct km_harmony_step end =
        km_harmony_bridge(harmony, before, home, rests_on_fifth ? 4 : harmony->grammar->half);
    if (end.source != KM_SOURCE_HOME || end.degree == 0 || end.degree == 4) {
        end = (struct km_harmony_step){harmony->grammar->half == 3 ? 5 : 3, KM_SOURCE_HOME};
    }
    set_slot(phrase, last, end.degree, KM_ROLE_APPROACH);
}

void km_harmony_set_cadence(struct km_harmony *harmony, struct km_harmony_phrase *phrase,
                            enum km_cadence cadence)
{
    const int last = phrase->slots - 1;
    const bool avoids = km_harmony_breaks(harmony, KM_RULE_HARMONY_AVOID_TONIC_RESOLUTION);
    const bool has_tritone = km_harmony_breaks(harmony, KM_RULE_HARMONY_TRITONE_SUBSTITUTION);
    uint8_t approach = approach_of(harmony, cadence);
    const uint8_t home = avoids ? harmony->refuge : 0;
    approach = approach == home ? 4 : approach;
    switch ((int)cadence) {
    case KM_CADENCE_HALF:
        set_slot(phrase, last, has_tritone ? 4 : harmony->grammar->half, KM_ROLE_APPROACH);
        break;
    case KM_CADENCE_DECEPTIVE:
        set_slot(phrase, last, 5, KM_ROLE_GOAL);
        set_slot(phrase, last - 1, 4, KM_ROLE_APPROACH);
        break;
    case KM_CADENCE_OPEN:
        if (has_tritone) {
            set_slot(phrase, last, 4, KM_ROLE_APPROACH);
        } else {
            set_open_end(harmony, phrase);
        }
        break;
    default:
        phrase->is_closed = true;
        set_slot(phrase, last, home, KM_ROLE_GOAL);
        set_slot(phrase, last - 1, approach, KM_ROLE_APPROACH);
        break;
    }
    int cadence_slot = last;
    while (cadence_slot > 0 && phrase->roles[cadence_slot - 1] != KM_ROLE_PLAIN) {
        --cadence_slot;
    }
    mend_way(harmony, phrase, cadence_slot);
}

static bool is_fifth_degree(const struct km_chord *chord, unsigned int above_tonic)
{
    const bool is_substitute = above_tonic == 1 && chord->quality == KM_CHORD_DOMINANT_SEVENTH;
    return above_tonic == 7 || is_substitute;
}

static bool has_third(const struct km_chord *chord, unsigned int third)
{
    return (km_chord_pitches((struct km_chord){.quality = chord->quality}) & 1U << third) != 0;
}

// A chord that holds the leading note.
static bool is_dominant(const struct km_chord *chord, unsigned int above_tonic)
{
    const bool is_leading =
        above_tonic == 11 && has_third(chord, 3) && has_third(chord, 6) && !has_third(chord, 4);
    return is_leading ||
           (is_fifth_degree(chord, above_tonic) && (above_tonic == 1 || has_third(chord, 4)));
}

// The chord before the last one on another root: what sounds once more is one chord.
static const struct km_chord *chord_before_last(const struct km_harmony_plan *plan)
{
    const uint8_t root = plan->chords[plan->chord_count - 1].chord.root;
    int index = plan->chord_count - 2;
    while (index > 0 && plan->chords[index].chord.root == root &&
           plan->chords[index].chord.quality != KM_CHORD_NONE) {
        --index;
    }
    return &plan->chords[index < 0 ? 0 : index].chord;
}

enum km_cadence km_harmony_cadence_heard(const struct km_harmony *harmony,
                                         const struct km_harmony_phrase *phrase)
{
    const struct km_harmony_plan *const plan = harmony->plan;
    KM_CHECK(plan->chord_count > 0);
    const struct km_chord *const last = &plan->chords[plan->chord_count - 1].chord;
    const struct km_chord *const before = chord_before_last(plan);
    const unsigned int tonic = plan->key.tonic;
    const unsigned int last_root = (last->root + 12U - tonic) % 12U;
    const unsigned int root = (before->root + 12U - tonic) % 12U;
    if (last_root == 0) {
        if (before->quality == KM_CHORD_NONE) {
            return KM_CADENCE_MODAL; // Home out of silence.
        }
        if (is_dominant(before, root)) {
            return KM_CADENCE_AUTHENTIC;
        }
        return root == 5 ? KM_CADENCE_PLAGAL : KM_CADENCE_MODAL;
    }
    if (phrase->is_closed) {
        return KM_CADENCE_EVADED;
    }
    const uint8_t half = harmony->home.chords[harmony->grammar->half][KM_STACK_TRIAD].root;
    if (is_fifth_degree(last, last_root) || last->root == half) {
        return KM_CADENCE_HALF;
    }
    const bool is_sixth = last_root == 8 || last_root == 9;
    return is_sixth && is_dominant(before, root) ? KM_CADENCE_DECEPTIVE : KM_CADENCE_OPEN;
}
