// SPDX-License-Identifier: MIT

/// The planning of chords, between its files; for harmony*.c alone.
#ifndef KM_SESSION_HARMONY_PRIVATE_H
#define KM_SESSION_HARMONY_PRIVATE_H

#include "base/random.h"
#include "session/palette_private.h"
#include "session/planner_private.h"

#include <stdbool.h>
#include <stdint.h>

enum { KM_HARMONY_SLOTS_MAX = 2 * KM_PLAN_PHRASE_BARS, KM_HARMONY_NO_PEDAL = 12 };

/// Where a chord is from.
enum km_harmony_source {
    KM_SOURCE_HOME,     ///< The key's own, on a degree.
    KM_SOURCE_LENT,     ///< Borrowed, on a degree of the mode that lends.
    KM_SOURCE_DOMINANT, ///< The dominant of a degree, which follows.
    KM_SOURCE_RELATED,  ///< The second degree of a degree's own key: its dominant follows.
    KM_SOURCES_COUNT
};

/// One step of a progression.
struct km_harmony_step {
    uint8_t degree;
    uint8_t source; ///< enum km_harmony_source
};

/// What a chord does in its phrase.
enum km_harmony_role { KM_ROLE_PLAIN, KM_ROLE_APPROACH, KM_ROLE_GOAL };

struct km_harmony_phrase {
    int first_bar, bars;
    int slots_in_bar[KM_PLAN_PHRASE_BARS];
    int slots;
    uint8_t section_kind;
    uint8_t pedal;  ///< Pitch class held in the bass; KM_HARMONY_NO_PEDAL: none.
    bool is_end;    ///< Of the song, or before silence.
    bool is_closed; ///< Meant to come home.
    struct km_harmony_step steps[KM_HARMONY_SLOTS_MAX];
    uint8_t roles[KM_HARMONY_SLOTS_MAX];
    bool is_suspended[KM_HARMONY_SLOTS_MAX]; ///< Begins with a fourth in the place of its third.
    struct km_chord chords[KM_HARMONY_SLOTS_MAX];
    struct km_chord plain[KM_HARMONY_SLOTS_MAX]; ///< What stood there if rules of colour were kept.
};

/// How often a chord gets colour.
struct km_harmony_chances {
    double sevenths; ///< Of a seventh,
    double ninths;   ///< of a ninth on top of it.
};

/// The triad of a step, found once for a plan.
struct km_harmony_place {
    struct km_chord chord;
    uint8_t state; ///< Of the table of progressions.
    bool exists;
};

struct km_harmony {
    struct km_harmony_plan *plan;
    const struct km_mode_grammar *grammar;
    struct km_palette home, lent;
    struct km_harmony_place places[KM_SOURCES_COUNT][KM_DEGREES_COUNT];
    struct km_harmony_chances plain;   ///< While the rules are kept.
    struct km_harmony_chances chances; ///< And as they are broken.
    double sources[KM_SOURCES_COUNT];  ///< Against how often real songs have such chords.
    double wandering;                  ///< Added to the chance of each chord of the key.
    double suspending;                 ///< Chance of a suspension where one can stand.
    double sadness;                    ///< 0 to 1: low in valence and arousal.
    double pedal;                      ///< Chance of a pedal point, against what a section likes.
    uint8_t refuge;                    ///< Where cadences go that avoid the tonic: IV or vi.
    struct km_random random;
    struct km_random cadences; ///< Where the luck of a section's cadences begins.
};

/// Whether the plan breaks the rule.  [any]
static inline bool km_harmony_breaks(const struct km_harmony *harmony, enum km_rule rule)
{
    return km_plan_breaks(harmony->plan, rule);
}

/// Finds the triad of every step; once the palettes stand.  [any]
void km_harmony_find_places(struct km_harmony *harmony);

/// The triad of a step.  [any]
static inline const struct km_harmony_place *km_harmony_place(const struct km_harmony *harmony,
                                                              struct km_harmony_step step)
{
    return &harmony->places[step.source][step.degree];
}

/// Where a section of a kind begins.  [any]
struct km_harmony_step km_harmony_start(struct km_harmony *harmony, uint8_t kind);

/// A walk from a start that never stands still.  [any]
void km_harmony_walk(struct km_harmony *harmony, struct km_harmony_step start,
                     struct km_harmony_step steps[KM_HARMONY_SLOTS_MAX]);

/// A chord between two: what leads from `last` to `next`; not the degree `avoided`.  [any]
struct km_harmony_step km_harmony_bridge(struct km_harmony *harmony, struct km_harmony_step last,
                                         struct km_harmony_step next, int avoided);

/// Whether one step may follow another: it is another chord, and what leads somewhere gets there.
/// [any]
bool km_harmony_may_follow(const struct km_harmony *harmony, struct km_harmony_step last,
                           struct km_harmony_step next);

/// Shares out the chords of a phrase over its bars.  [any]
void km_harmony_lay_slots(const struct km_harmony_plan *plan, struct km_harmony_phrase *phrase,
                          enum km_cadence cadence);

/// How a phrase is meant to end; the second of two answers the first.  [any]
enum km_cadence km_harmony_choose_cadence(struct km_harmony *harmony,
                                          const struct km_harmony_phrase *phrase, bool is_answer);

/// Puts the steps of a cadence at the end of a phrase, and mends the way to it.  [any]
void km_harmony_set_cadence(struct km_harmony *harmony, struct km_harmony_phrase *phrase,
                            enum km_cadence cadence);

/// The cadence that the plan's chords make up to a phrase's end.  [any]
enum km_cadence km_harmony_cadence_heard(const struct km_harmony *harmony,
                                         const struct km_harmony_phrase *phrase);

/// Makes chords of the steps.  [any]
void km_harmony_colour_phrase(struct km_harmony *harmony, struct km_harmony_phrase *phrase);

/// Breaks the rules of colour that the plan breaks.  [any]
void km_harmony_break_rules(struct km_harmony *harmony, struct km_harmony_phrase *phrase);

/// Whether two chords have the same root and quality.  [any]
static inline bool km_harmony_are_alike(struct km_chord a, struct km_chord b)
{
    return a.root == b.root && a.quality == b.quality;
}

/// A major or minor triad.  [any]
static inline bool km_harmony_is_triad(struct km_chord chord)
{
    return chord.quality == KM_CHORD_MAJOR || chord.quality == KM_CHORD_MINOR;
}

/// A dominant seventh on a root, which may be over 11.  [any]
static inline struct km_chord km_harmony_dominant_on(unsigned int root)
{
    const uint8_t pitch_class = (uint8_t)(root % 12U);
    return (struct km_chord){
        .root = pitch_class, .quality = KM_CHORD_DOMINANT_SEVENTH, .bass = pitch_class};
}

/// Writes the chords into the plan.  [any]
void km_harmony_add_phrase(struct km_harmony_plan *plan, const struct km_harmony_phrase *phrase);

/// Writes one chord of no notes over some bars.  [any]
void km_harmony_add_silence(struct km_harmony_plan *plan, int first_bar, int bars);

#endif
