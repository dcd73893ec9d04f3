// SPDX-License-Identifier: MIT

/// The planning of chords, between its files; for harmony*.c alone.
#ifndef KM_SESSION_HARMONY_PRIVATE_H
#define KM_SESSION_HARMONY_PRIVATE_H

#include "base/random.h"
#include "session/palette_private.h"
#include "session/planner_private.h"

#include <stdbool.h>
#include <stdint.h>

enum { KM_HARMONY_SLOTS_MAX = 2 * KM_PLAN_PHRASE_BARS };

/// What a chord does in its phrase.
enum km_harmony_role { KM_ROLE_PLAIN, KM_ROLE_APPROACH, KM_ROLE_GOAL };

/// How a phrase is meant to end.
enum km_harmony_cadence {
    KM_HARMONY_OPEN,      ///< On the approach: the next phrase resolves it.
    KM_HARMONY_HALF,      ///< On the dominant, or what the mode has for it.
    KM_HARMONY_AUTHENTIC, ///< Home.
    KM_HARMONY_DECEPTIVE, ///< On the sixth degree.
};

struct km_harmony_phrase {
    int first_bar, bars;
    int slots_in_bar[KM_PLAN_PHRASE_BARS];
    int slots;
    uint8_t degrees[KM_HARMONY_SLOTS_MAX];
    uint8_t roles[KM_HARMONY_SLOTS_MAX];
    struct km_chord chords[KM_HARMONY_SLOTS_MAX];
    struct km_chord plain[KM_HARMONY_SLOTS_MAX]; ///< What stood there if rules of colour were kept.
};

/// How often a chord gets colour.
struct km_harmony_chances {
    double sevenths;  ///< Of a seventh,
    double ninths;    ///< of a ninth on top of it,
    double borrowing; ///< of being borrowed.
};

struct km_harmony {
    struct km_harmony_plan *plan;
    const struct km_mode_grammar *grammar;
    struct km_palette home, lent;
    struct km_harmony_chances plain;   ///< While the rules are kept.
    struct km_harmony_chances chances; ///< And as they are broken.
    double secondary;                  ///< Chance of a secondary dominant.
    uint8_t refuge;                    ///< Where cadences go that avoid the tonic: IV or vi.
    struct km_random random;
};

/// Whether the plan breaks the rule.  [any]
static inline bool km_harmony_breaks(const struct km_harmony *harmony, enum km_rule rule)
{
    return km_plan_breaks(harmony->plan, rule);
}

/// Where a section of a kind begins: verses at home, choruses often on IV or vi, bridges away.
/// [any]
uint8_t km_harmony_start(struct km_harmony *harmony, uint8_t kind);

/// A walk over the degrees that never stands still.  [any]
void km_harmony_walk(struct km_harmony *harmony, uint8_t start,
                     uint8_t degrees[KM_HARMONY_SLOTS_MAX]);

/// Shares out the chords of a phrase over its bars.  [any]
void km_harmony_lay_slots(struct km_harmony_phrase *phrase, double rate, bool stays_home);

/// How a phrase of a section ends.  [any]
enum km_harmony_cadence km_harmony_choose_cadence(struct km_harmony *harmony, uint8_t kind,
                                                  bool is_last);

/// Puts the degrees of a cadence at the end of a phrase.  [any]
void km_harmony_set_cadence(struct km_harmony *harmony, struct km_harmony_phrase *phrase,
                            enum km_harmony_cadence cadence);

/// What the plan calls it.  [any]
enum km_cadence km_harmony_cadence_name(const struct km_harmony *harmony,
                                        enum km_harmony_cadence cadence, uint8_t approach);

/// Makes chords of the degrees; the last of the song rests.  [any]
void km_harmony_colour_phrase(struct km_harmony *harmony, struct km_harmony_phrase *phrase,
                              bool is_end);

/// Writes the chords into the plan.  [any]
void km_harmony_add_phrase(struct km_harmony_plan *plan, const struct km_harmony_phrase *phrase);

#endif
