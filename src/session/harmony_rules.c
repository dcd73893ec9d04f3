// SPDX-License-Identifier: MIT

// The rules of colour that a song may break: tritone substitutes, borrowed chords, dissonance that
// stays.

#include "session/harmony_private.h"

static bool leads_on(const struct km_harmony_phrase *phrase, int slot)
{
    return slot >= 0 && (phrase->steps[slot].source == KM_SOURCE_DOMINANT ||
                         phrase->steps[slot].source == KM_SOURCE_RELATED);
}

// The dominant a tritone away from the one that leads to the goal.
static void substitute_at(struct km_harmony_phrase *phrase, int slot, struct km_chord goal)
{
    // What led to the dominant leads to its substitute no more.
    if (leads_on(phrase, slot - 1)) {
        phrase->chords[slot - 1] = km_harmony_dominant_on(goal.root + 8U);
        phrase->plain[slot - 1] = phrase->chords[slot - 1];
    }
    phrase->chords[slot] = km_harmony_dominant_on(goal.root + 1U);
    phrase->plain[slot] = phrase->chords[slot];
}

// Wherever a dominant is followed by what it leads to.
static void substitute_tritones(struct km_harmony_phrase *phrase, struct km_chord home)
{
    for (int i = 0; i < phrase->slots; ++i) {
        if (phrase->roles[i] == KM_ROLE_APPROACH) {
            substitute_at(phrase, i, i + 1 == phrase->slots ? home : phrase->chords[i + 1]);
        }
    }
}

// A borrowed chord of any degree, other than what stood there: iv for IV or the other way, bVII,
// bII...
static bool borrow_any_chord(const struct km_harmony *harmony, struct km_harmony_phrase *phrase,
                             int slot)
{
    static const uint8_t degrees[] = {3, 6, 1, 5, 2};
    for (size_t i = 0; i < sizeof(degrees); ++i) {
        const struct km_harmony_step step = {degrees[i], KM_SOURCE_LENT};
        const struct km_harmony_place *const place = km_harmony_place(harmony, step);
        if (place->exists && !km_harmony_are_alike(place->chord, phrase->plain[slot])) {
            phrase->chords[slot] = place->chord;
            phrase->steps[slot] = step;
            return true;
        }
    }
    return false;
}

// What led to a chord that was borrowed leads nowhere now.
static void stop_leading(const struct km_harmony *harmony, struct km_harmony_phrase *phrase,
                         int slot)
{
    for (int i = slot; leads_on(phrase, i); --i) {
        phrase->steps[i].source = KM_SOURCE_HOME;
        phrase->chords[i] = harmony->home.chords[phrase->steps[i].degree][KM_STACK_TRIAD];
    }
}

// Of the key's own chords, those first that nothing leads to.
static bool borrow_for_role(const struct km_harmony *harmony, struct km_harmony_phrase *phrase,
                            enum km_harmony_role role, bool may_be_led_to)
{
    for (int i = 1; i < phrase->slots; ++i) {
        if (phrase->roles[i] == role && phrase->steps[i].source == KM_SOURCE_HOME &&
            (may_be_led_to || !leads_on(phrase, i - 1)) && borrow_any_chord(harmony, phrase, i)) {
            stop_leading(harmony, phrase, i - 1);
            return true;
        }
    }
    return false;
}

// More borrowed chords where they stand by themselves, and one in each phrase at least: the one
// before the goal where nothing else is free, as in the minor plagal cadence; a tritone's
// substitute stays.
static void insist_on_borrowing(struct km_harmony *harmony, struct km_harmony_phrase *phrase)
{
    const bool is_free = !km_harmony_breaks(harmony, KM_RULE_HARMONY_TRITONE_SUBSTITUTION);
    for (int i = 1; i < phrase->slots; ++i) {
        const struct km_harmony_step lent = {phrase->steps[i].degree, KM_SOURCE_LENT};
        const bool is_wanted = km_random_chance(&harmony->random, 0.3);
        const struct km_harmony_place *const place = km_harmony_place(harmony, lent);
        if (is_wanted && phrase->roles[i] == KM_ROLE_PLAIN && !leads_on(phrase, i) &&
            !leads_on(phrase, i - 1) && place->exists) {
            phrase->chords[i] = place->chord;
            phrase->steps[i] = lent;
        }
    }
    for (int may_be_led_to = 0; may_be_led_to <= 1; ++may_be_led_to) {
        if (borrow_for_role(harmony, phrase, KM_ROLE_PLAIN, may_be_led_to) ||
            (is_free && borrow_for_role(harmony, phrase, KM_ROLE_APPROACH, may_be_led_to))) {
            return;
        }
    }
}

// Where a phrase is as dissonant as it can be by itself, its last chord that has room for it gets
// one note more.
static void insist_on_dissonance(const struct km_harmony *harmony, struct km_harmony_phrase *phrase)
{
    for (int i = 0; i < phrase->slots; ++i) {
        if (!km_harmony_are_alike(phrase->chords[i], phrase->plain[i])) {
            return;
        }
    }
    for (int i = phrase->slots - 1; i >= 0; --i) {
        if (km_palette_extend(harmony->plan->key, &phrase->chords[i])) {
            return;
        }
    }
}

void km_harmony_break_rules(struct km_harmony *harmony, struct km_harmony_phrase *phrase)
{
    if (km_harmony_breaks(harmony, KM_RULE_HARMONY_TRITONE_SUBSTITUTION)) {
        substitute_tritones(phrase, harmony->home.chords[0][KM_STACK_TRIAD]);
    }
    if (km_harmony_breaks(harmony, KM_RULE_HARMONY_MODAL_INTERCHANGE)) {
        insist_on_borrowing(harmony, phrase);
    }
    if (km_harmony_breaks(harmony, KM_RULE_HARMONY_UNRESOLVED_DISSONANCE)) {
        insist_on_dissonance(harmony, phrase);
    }
}
