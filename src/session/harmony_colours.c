// SPDX-License-Identifier: MIT

// From degrees to chords: sevenths and ninths, borrowed chords, secondary dominants, inversions,
// and the rules of colour that a song may break.

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

static bool are_alike(struct km_chord a, struct km_chord b)
{
    return a.root == b.root && a.quality == b.quality;
}

static bool is_triad(struct km_chord chord)
{
    return chord.quality == KM_CHORD_MAJOR || chord.quality == KM_CHORD_MINOR;
}

static struct km_chord dominant_on(unsigned int root)
{
    const uint8_t pitch_class = (uint8_t)(root % 12);
    return (struct km_chord){
        .root = pitch_class, .quality = KM_CHORD_DOMINANT_SEVENTH, .bass = pitch_class};
}

// A chord that the parallel mode lends, if it is a plain one and not ours already.
static bool borrow_chord(const struct km_harmony *harmony, int degree, struct km_chord *chord)
{
    const struct km_chord lent = harmony->lent.chords[degree][KM_STACK_TRIAD];
    const struct km_chord home = harmony->home.chords[degree][KM_STACK_TRIAD];
    if (!is_triad(lent) || are_alike(lent, home)) {
        return false;
    }
    *chord = lent;
    return true;
}

// Draws as often whatever the chances are.
static struct km_chord choose_chord(struct km_harmony *harmony,
                                    const struct km_harmony_chances *chances,
                                    const struct km_harmony_phrase *phrase, int slot, bool is_end)
{
    struct km_random *const random = &harmony->random;
    const uint8_t degree = phrase->degrees[slot];
    const enum km_harmony_role role = (enum km_harmony_role)phrase->roles[slot];
    const enum km_stack stack = choose_stack(random, chances, role, is_end);
    struct km_chord chord = harmony->home.chords[degree][stack];
    const bool borrows = km_random_chance(random, chances->borrowing);
    const bool leads = km_random_chance(random, (double)harmony->grammar->major_dominant);
    if (role == KM_ROLE_PLAIN && slot > 0 && !is_end && borrows) {
        (void)borrow_chord(harmony, degree, &chord);
    }
    if (role == KM_ROLE_APPROACH && degree == 4 && leads) {
        chord.quality = stack == KM_STACK_TRIAD ? KM_CHORD_MAJOR : KM_CHORD_DOMINANT_SEVENTH;
    }
    return chord;
}

// A plain chord with one note more of the mode that it is from.
static struct km_chord with_dissonance(const struct km_harmony *harmony, int degree,
                                       struct km_chord chord)
{
    const struct km_chord *const lent = harmony->lent.chords[degree];
    if (are_alike(chord, lent[KM_STACK_TRIAD])) {
        return lent[KM_STACK_SEVENTH];
    }
    (void)km_palette_extend(harmony->plan->key, &chord);
    return chord;
}

static void make_chord(struct km_harmony *harmony, struct km_harmony_phrase *phrase, int slot,
                       bool is_end)
{
    const struct km_random before = harmony->random;
    phrase->plain[slot] = choose_chord(harmony, &harmony->plain, phrase, slot, is_end);
    harmony->random = before; // The same luck: what differs is the rules' doing.
    struct km_chord chord = choose_chord(harmony, &harmony->chances, phrase, slot, is_end);
    if (km_harmony_breaks(harmony, KM_RULE_HARMONY_UNRESOLVED_DISSONANCE) && is_triad(chord)) {
        chord = with_dissonance(harmony, phrase->degrees[slot], chord);
    }
    phrase->chords[slot] = chord;
}

// A chord that stands there with or without the rules of colour.
static void replace_chord(struct km_harmony_phrase *phrase, int slot, struct km_chord chord)
{
    phrase->chords[slot] = chord;
    phrase->plain[slot] = chord;
}

// The dominant of the next chord instead of a plain one.
static void add_secondary_dominants(struct km_harmony *harmony, struct km_harmony_phrase *phrase)
{
    bool was_changed = false;
    for (int i = 1; i + 1 < phrase->slots; ++i) {
        const bool is_wanted = km_random_chance(&harmony->random, harmony->secondary);
        const struct km_chord next = phrase->chords[i + 1];
        const bool is_possible = phrase->roles[i] == KM_ROLE_PLAIN && phrase->degrees[i + 1] != 0 &&
                                 next.root != phrase->chords[i].root &&
                                 next.quality != KM_CHORD_DIMINISHED &&
                                 next.quality != KM_CHORD_AUGMENTED;
        if (is_wanted && is_possible && !was_changed) {
            replace_chord(phrase, i, dominant_on(next.root + 7U));
            was_changed = true;
        }
    }
}

// The dominant a tritone away, wherever a dominant is followed by what it leads to.
static void substitute_tritones(struct km_harmony_phrase *phrase, struct km_chord home)
{
    for (int i = 0; i < phrase->slots; ++i) {
        if (phrase->roles[i] == KM_ROLE_APPROACH) {
            const bool is_last = i + 1 == phrase->slots;
            const struct km_chord goal = is_last ? home : phrase->chords[i + 1];
            replace_chord(phrase, i, dominant_on(goal.root + 1U));
        }
    }
}

// A borrowed chord of any degree, other than what stood there: iv for IV or the other way, bII,
// bVI...
static bool borrow_any_chord(const struct km_harmony *harmony, struct km_harmony_phrase *phrase,
                             int slot)
{
    static const uint8_t degrees[] = {3, 1, 5, 6, 2};
    for (size_t i = 0; i < sizeof(degrees); ++i) {
        struct km_chord chord;
        if (borrow_chord(harmony, degrees[i], &chord) && !are_alike(chord, phrase->plain[slot])) {
            phrase->chords[slot] = chord;
            return true;
        }
    }
    return false;
}

static bool borrow_for_role(const struct km_harmony *harmony, struct km_harmony_phrase *phrase,
                            enum km_harmony_role role)
{
    for (int i = 1; i < phrase->slots; ++i) {
        if (phrase->roles[i] == role && borrow_any_chord(harmony, phrase, i)) {
            return true;
        }
    }
    return false;
}

// A borrowed chord in each phrase, the one before the goal where nothing else is free, as in the
// minor plagal cadence; a tritone's substitute stays.
static void insist_on_borrowing(const struct km_harmony *harmony, struct km_harmony_phrase *phrase)
{
    const bool is_free = !km_harmony_breaks(harmony, KM_RULE_HARMONY_TRITONE_SUBSTITUTION);
    if (!borrow_for_role(harmony, phrase, KM_ROLE_PLAIN) && is_free) {
        (void)borrow_for_role(harmony, phrase, KM_ROLE_APPROACH);
    }
}

// Where a phrase is as dissonant as it can be by itself, its last chord that has room for it gets
// one note more.
static void insist_on_dissonance(const struct km_harmony *harmony, struct km_harmony_phrase *phrase)
{
    for (int i = 0; i < phrase->slots; ++i) {
        if (!are_alike(phrase->chords[i], phrase->plain[i])) {
            return;
        }
    }
    for (int i = phrase->slots - 1; i >= 0; --i) {
        if (km_palette_extend(harmony->plan->key, &phrase->chords[i])) {
            return;
        }
    }
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

void km_harmony_colour_phrase(struct km_harmony *harmony, struct km_harmony_phrase *phrase,
                              bool is_end)
{
    for (int i = 0; i < phrase->slots; ++i) {
        make_chord(harmony, phrase, i, is_end && i + 1 == phrase->slots);
    }
    // Substitutes first: a secondary dominant leads to what is there.
    if (km_harmony_breaks(harmony, KM_RULE_HARMONY_TRITONE_SUBSTITUTION)) {
        substitute_tritones(phrase, harmony->home.chords[0][KM_STACK_TRIAD]);
    }
    if (km_harmony_breaks(harmony, KM_RULE_HARMONY_MODAL_INTERCHANGE)) {
        insist_on_borrowing(harmony, phrase);
    } else {
        add_secondary_dominants(harmony, phrase);
    }
    if (km_harmony_breaks(harmony, KM_RULE_HARMONY_UNRESOLVED_DISSONANCE)) {
        insist_on_dissonance(harmony, phrase);
    }
    smooth_bass(harmony, phrase);
}
