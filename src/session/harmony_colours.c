// SPDX-License-Identifier: MIT

// From steps to chords: sevenths and ninths, leading notes, suspensions, inversions, pedal points.

#include "session/harmony_private.h"

// How many thirds this chord gets.
static enum km_stack choose_stack(struct km_random *random,
                                  const struct km_harmony_chances *chances,
                                  enum km_harmony_role role, bool is_end)
{
    double sevenths = chances->sevenths;
    if (sevenths < 1 && role == KM_ROLE_APPROACH) {
        sevenths += 0.2; // The dominant wants its seventh.
    } else if (sevenths < 1 && is_end) {
        sevenths *= 0.4; // The end wants rest.
    }
    const bool has_seventh = km_random_chance(random, sevenths);
    const bool has_ninth = km_random_chance(random, chances->ninths);
    return has_seventh ? (has_ninth ? KM_STACK_NINTH : KM_STACK_SEVENTH) : KM_STACK_TRIAD;
}

static struct km_chord stacked(const struct km_harmony *harmony, struct km_harmony_step step,
                               enum km_stack stack)
{
    struct km_chord chord = km_harmony_place(harmony, step)->chord;
    switch ((int)step.source) {
    case KM_SOURCE_HOME:
        return harmony->home.chords[step.degree][stack];
    case KM_SOURCE_LENT:
        // A ninth on top would say too much about a chord that is strange already.
        return harmony->lent
            .chords[step.degree][stack == KM_STACK_TRIAD ? KM_STACK_TRIAD : KM_STACK_SEVENTH];
    case KM_SOURCE_DOMINANT:
        return km_harmony_dominant_on(chord.root);
    case KM_SOURCE_RELATED:
    default:
        chord.quality =
            chord.quality == KM_CHORD_MINOR ? KM_CHORD_MINOR_SEVENTH : KM_CHORD_HALF_DIMINISHED;
        return chord;
    }
}

// Draws as often whatever the chances are.
static struct km_chord choose_chord(struct km_harmony *harmony,
                                    const struct km_harmony_chances *chances,
                                    const struct km_harmony_phrase *phrase, int slot)
{
    const struct km_harmony_step step = phrase->steps[slot];
    const enum km_harmony_role role = (enum km_harmony_role)phrase->roles[slot];
    const bool is_end = phrase->is_end && slot + 1 == phrase->slots;
    const enum km_stack stack = choose_stack(&harmony->random, chances, role, is_end);
    struct km_chord chord = stacked(harmony, step, stack);
    // A minor chord with a major seventh wants to go on: no song ends on it, but by a rule.
    if (is_end && chances->sevenths < 1 &&
        (chord.quality == KM_CHORD_MINOR_MAJOR_SEVENTH ||
         chord.quality == KM_CHORD_MINOR_MAJOR_NINTH)) {
        chord.quality = KM_CHORD_MINOR;
    }
    const bool is_closing = phrase->roles[phrase->slots - 1] == KM_ROLE_GOAL;
    const bool leads = km_random_chance(&harmony->random, (double)harmony->grammar->major_dominant);
    // The fifth degree leads home by its major third: always where a cadence is made of it.
    if (role == KM_ROLE_APPROACH && step.degree == 4 && step.source == KM_SOURCE_HOME &&
        harmony->grammar->major_dominant > 0 && (leads || is_closing)) {
        chord.quality = stack == KM_STACK_TRIAD ? KM_CHORD_MAJOR : KM_CHORD_DOMINANT_SEVENTH;
    }
    return chord;
}

// A plain chord with one note more of the mode that it is from.
static struct km_chord with_dissonance(const struct km_harmony *harmony, int degree,
                                       struct km_chord chord)
{
    const struct km_chord *const lent = harmony->lent.chords[degree];
    if (km_harmony_are_alike(chord, lent[KM_STACK_TRIAD])) {
        return lent[KM_STACK_SEVENTH];
    }
    (void)km_palette_extend(harmony->plan->key, &chord);
    return chord;
}

static void make_chord(struct km_harmony *harmony, struct km_harmony_phrase *phrase, int slot)
{
    const struct km_random before = harmony->random;
    phrase->plain[slot] = choose_chord(harmony, &harmony->plain, phrase, slot);
    harmony->random = before; // The same luck: what differs is the rules' doing.
    struct km_chord chord = choose_chord(harmony, &harmony->chances, phrase, slot);
    if (km_harmony_breaks(harmony, KM_RULE_HARMONY_UNRESOLVED_DISSONANCE) &&
        km_harmony_is_triad(chord)) {
        chord = with_dissonance(harmony, phrase->steps[slot].degree, chord);
    }
    phrase->chords[slot] = chord;
}

static int steps_between(unsigned int a, unsigned int b)
{
    const int up = (int)((b + 12U - a) % 12U);
    return up > 6 ? 12 - up : up;
}

// The third in the bass where that makes a line of steps.
static void smooth_bass(struct km_harmony *harmony, struct km_harmony_phrase *phrase)
{
    for (int i = 1; i + 1 < phrase->slots; ++i) {
        struct km_chord *const chord = &phrase->chords[i];
        const bool is_wanted = km_random_chance(&harmony->random, 0.5);
        const km_pitch_set notes = km_chord_pitches((struct km_chord){.quality = chord->quality});
        const unsigned int third = (notes & 1U << 4U) != 0 ? 4 : 3;
        if (!is_wanted || (notes & 1U << third) == 0 || phrase->roles[i] == KM_ROLE_GOAL) {
            continue;
        }
        const uint8_t bass = (uint8_t)((chord->root + third) % 12U);
        const int before = steps_between(phrase->chords[i - 1].bass, bass);
        const int after = steps_between(bass, phrase->chords[i + 1].bass);
        if (before > 0 && before <= 2 && after > 0 && after <= 2) {
            chord->bass = bass;
        }
    }
}

// A fourth that falls to the third, where the cadence is felt most: on its dominant and, less, on
// its goal. Never over the song's last chord, nor where nothing is to be resolved.
static void suspend_cadence(struct km_harmony *harmony, struct km_harmony_phrase *phrase)
{
    const bool is_kept = km_harmony_breaks(harmony, KM_RULE_HARMONY_UNRESOLVED_DISSONANCE);
    for (int i = 0; i < phrase->slots; ++i) {
        static const double shares[] = {
            [KM_ROLE_PLAIN] = 0.15, [KM_ROLE_APPROACH] = 1, [KM_ROLE_GOAL] = 0.5};
        const bool is_end = phrase->is_end && i + 1 == phrase->slots;
        const bool is_wanted =
            km_random_chance(&harmony->random, harmony->suspending * shares[phrase->roles[i]]);
        const km_pitch_set key = km_key_pitches(harmony->plan->key);
        const bool is_of_key = (key >> (phrase->chords[i].root + 5U) % 12U & 1U) != 0;
        phrase->is_suspended[i] = is_wanted && is_of_key && !is_end && !is_kept;
    }
}

// How much a section likes a held bass, and whether it is the dominant that is held.
static double pedal_share(uint8_t kind, bool *is_dominant)
{
    *is_dominant = kind == KM_SECTION_PRE_CHORUS || kind == KM_SECTION_BUILD;
    switch (kind) {
    case KM_SECTION_INTRO:
    case KM_SECTION_BREAKDOWN:
    case KM_SECTION_OUTRO:
        return 1;
    case KM_SECTION_PRE_CHORUS:
    case KM_SECTION_BUILD:
        return 1.2;
    default:
        return 0;
    }
}

// One bass note held under moving chords. Chromatic chords and altered dominants need their own.
static void choose_pedal(struct km_harmony *harmony, struct km_harmony_phrase *phrase)
{
    bool is_dominant = false;
    const double share = pedal_share(phrase->section_kind, &is_dominant);
    const bool is_wanted = km_random_chance(&harmony->random, harmony->pedal * share);
    const struct km_key key = harmony->plan->key;
    const uint8_t held = (uint8_t)((key.tonic + (is_dominant ? 7U : 0U)) % 12U);
    bool is_possible = (km_key_pitches(key) >> held & 1U) != 0 && phrase->slots > 2 &&
                       !(is_dominant && phrase->is_closed) &&
                       !km_harmony_breaks(harmony, KM_RULE_HARMONY_TRITONE_SUBSTITUTION) &&
                       !km_harmony_breaks(harmony, KM_RULE_HARMONY_AVOID_TONIC_RESOLUTION);
    for (int i = 0; i < phrase->slots; ++i) {
        is_possible = is_possible && phrase->steps[i].source != KM_SOURCE_DOMINANT &&
                      phrase->steps[i].source != KM_SOURCE_RELATED;
    }
    phrase->pedal = is_wanted && is_possible ? held : KM_HARMONY_NO_PEDAL;
}

void km_harmony_colour_phrase(struct km_harmony *harmony, struct km_harmony_phrase *phrase)
{
    for (int i = 0; i < phrase->slots; ++i) {
        make_chord(harmony, phrase, i);
    }
    km_harmony_break_rules(harmony, phrase);
    smooth_bass(harmony, phrase);
    suspend_cadence(harmony, phrase);
    choose_pedal(harmony, phrase);
}
