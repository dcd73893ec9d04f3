// SPDX-License-Identifier: MIT

// How phrases end: which cadence stands where, and the degrees that make it.

#include "session/harmony_private.h"

static void set_slot(struct km_harmony_phrase *phrase, int slot, uint8_t degree,
                     enum km_harmony_role role)
{
    if (slot < 0) {
        return;
    }
    phrase->degrees[slot] = degree;
    phrase->roles[slot] = (uint8_t)role;
    // The same chord before it would take the step away.
    if (slot > 0 && phrase->degrees[slot - 1] == degree) {
        phrase->degrees[slot - 1] = degree == 3 ? 5 : 3;
    }
}

void km_harmony_set_cadence(struct km_harmony *harmony, struct km_harmony_phrase *phrase,
                            enum km_harmony_cadence cadence)
{
    const struct km_mode_grammar *const grammar = harmony->grammar;
    const int last = phrase->slots - 1;
    const bool is_first = km_random_chance(&harmony->random, (double)grammar->first_approach);
    uint8_t approach = grammar->approaches[is_first ? 0 : 1];
    if (km_harmony_breaks(harmony, KM_RULE_HARMONY_TRITONE_SUBSTITUTION)) {
        approach = 4;
    }
    uint8_t home = 0;
    if (km_harmony_breaks(harmony, KM_RULE_HARMONY_AVOID_TONIC_RESOLUTION)) {
        home = harmony->refuge;
        approach = approach == home ? 4 : approach;
    }
    switch (cadence) {
    case KM_HARMONY_OPEN:
        set_slot(phrase, last, approach, KM_ROLE_APPROACH);
        break;
    case KM_HARMONY_HALF:
        set_slot(phrase, last, grammar->half, KM_ROLE_APPROACH);
        break;
    case KM_HARMONY_AUTHENTIC:
        set_slot(phrase, last, home, KM_ROLE_GOAL);
        set_slot(phrase, last - 1, approach, KM_ROLE_APPROACH);
        break;
    case KM_HARMONY_DECEPTIVE:
        set_slot(phrase, last, 5, KM_ROLE_GOAL);
        set_slot(phrase, last - 1, 4, KM_ROLE_APPROACH);
        break;
    }
}

enum km_harmony_cadence km_harmony_choose_cadence(struct km_harmony *harmony, uint8_t kind,
                                                  bool is_last)
{
    const double chance = km_random_unit(&harmony->random);
    if (!is_last) {
        return chance < 0.5 ? KM_HARMONY_HALF : KM_HARMONY_OPEN;
    }
    switch (kind) {
    case KM_SECTION_CHORUS:
    case KM_SECTION_DROP:
        return chance < 0.6 ? KM_HARMONY_AUTHENTIC
                            : (chance < 0.75 ? KM_HARMONY_DECEPTIVE : KM_HARMONY_OPEN);
    case KM_SECTION_OUTRO:
        return KM_HARMONY_AUTHENTIC;
    case KM_SECTION_VERSE:
    case KM_SECTION_INTRO:
        return KM_HARMONY_OPEN;
    default:
        return KM_HARMONY_HALF;
    }
}

enum km_cadence km_harmony_cadence_name(const struct km_harmony *harmony,
                                        enum km_harmony_cadence cadence, uint8_t approach)
{
    switch (cadence) {
    case KM_HARMONY_OPEN:
        return KM_CADENCE_OPEN;
    case KM_HARMONY_HALF:
        return KM_CADENCE_HALF;
    case KM_HARMONY_DECEPTIVE:
        return KM_CADENCE_DECEPTIVE;
    case KM_HARMONY_AUTHENTIC:
    default:
        break;
    }
    if (km_harmony_breaks(harmony, KM_RULE_HARMONY_AVOID_TONIC_RESOLUTION)) {
        return KM_CADENCE_EVADED;
    }
    if (approach == 4) {
        return KM_CADENCE_AUTHENTIC;
    }
    return approach == 3 ? KM_CADENCE_PLAGAL : KM_CADENCE_MODAL;
}
