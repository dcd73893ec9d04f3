// SPDX-License-Identifier: MIT

/// The steps of planning, in their order; for the session module alone.
#ifndef KM_SESSION_PLANNER_PRIVATE_H
#define KM_SESSION_PLANNER_PRIVATE_H

#include "affect/affect.h"
#include "session/plan.h"
#include "session/session.h"

#include <stdint.h>

/// What a plan is made from.
struct km_plan_intent {
    const struct km_affect *affect;
    uint8_t motivation; ///< 1 to 10
    double chaos;       ///< 0 to 1
    double vulnerability;
};

/// What the blend of emotions adds to the cues, beyond valence, arousal and dominance: see
/// nuances.def, which has these fields in this order.
struct km_nuance {
    float tempo;        ///< BPM
    float loudness;     ///< Velocities.
    float spread;       ///< Velocities between soft and loud.
    float articulation; ///< Share of a note's length.
    float density;      ///< Notes a beat.
    float height;       ///< Semitones.
    float width;        ///< Semitones of half the register.
    float dissonance;   ///< As the plan's.
    float chord_rate;   ///< Chords a bar.
    float brightness;   ///< Fifths of the mode.
    float unrest;       ///< Irregularity, -1 (firm) to 1.
};

/// The feeling that the music follows: the affect, pushed outwards by its intensity and drawn a
/// little towards the secondary emotion.
struct km_feeling {
    double valence, arousal, dominance; ///< -1 to 1
    double intensity;                   ///< 0 to 1
    double contrast;                    ///< 0 to 1: how far the secondary emotion pulls elsewhere.
    double second_valence;              ///< Of the secondary emotion; of the feeling without one.
    struct km_nuance nuance;
};

/// Plans a song. Values that are no number or out of range are KM_ERROR_RANGE.  [any]
KM_NODISCARD enum km_status km_plan_generate(const struct km_plan_intent *intent,
                                             const struct km_plan_wishes *wishes, uint64_t seed,
                                             struct km_harmony_plan *plan, struct km_error *error);

/// [any]
struct km_feeling km_feeling_of_affect(const struct km_affect *affect);

/// Chooses genre, key, tempo, metre, arc, and everything that is one number. Seed, intent and rules
/// must be set.  [any]
void km_plan_choose_cues(struct km_harmony_plan *plan, const struct km_feeling *feeling,
                         double chaos, const struct km_plan_wishes *wishes);

/// Chooses the groove feel, which may be wished, and the groove's style after it and the genre.
/// Genre, metre and complexity must be set.  [any]
void km_plan_choose_feel(struct km_harmony_plan *plan, const struct km_feeling *feeling,
                         const struct km_plan_wishes *wishes);

/// Adds to plan->rules what the feeling itself asks to break.  [any]
void km_plan_choose_rules(struct km_harmony_plan *plan, const struct km_feeling *feeling,
                          double chaos);

/// Says where each broken rule is heard, and what those of production ask of the sound; when the
/// form stands.  [any]
void km_plan_place_rules(struct km_harmony_plan *plan, const struct km_feeling *feeling,
                         uint32_t wished);

/// Whether the plan breaks the rule.  [any]
static inline bool km_plan_breaks(const struct km_harmony_plan *plan, enum km_rule rule)
{
    return (plan->rules >> (unsigned int)rule & 1U) != 0;
}

/// Whether calm, ceiling, silence and phrase are wished in their ranges.  [any]
KM_NODISCARD enum km_status km_plan_check_restraint(const struct km_plan_wishes *wishes,
                                                    struct km_error *error);

/// Sets metre and tempo so that a phrase lasts as long as is wished, as near as possible to the
/// tempo chosen; after km_plan_choose_cues. Without the wish nothing changes. [any]
void km_plan_fit_phrase(struct km_harmony_plan *plan, const struct km_plan_wishes *wishes);

/// Keeps tempo and dynamics as low as the wishes for calm and a ceiling ask; after
/// km_plan_choose_cues. [any]
void km_plan_hold_back(struct km_harmony_plan *plan, const struct km_plan_wishes *wishes);

/// Lays out sections and the tension of every bar.  [any]
void km_plan_choose_form(struct km_harmony_plan *plan);

/// Sets the tension of every bar of the sections.  [any]
void km_plan_choose_tension(struct km_harmony_plan *plan);

/// Takes introduction and outro away where other music stands, and puts in the silence that is
/// wished: at the end of what is continued, else before the section nearest to the middle. It comes
/// on top of the plan's bars; KM_ERROR_RANGE if a plan does not hold so many.  [any]
KM_NODISCARD enum km_status km_plan_join_form(struct km_harmony_plan *plan,
                                              const struct km_plan_wishes *wishes,
                                              struct km_error *error);

/// Writes the chords of every section.  [any]
void km_plan_choose_chords(struct km_harmony_plan *plan, const struct km_feeling *feeling);

/// Chooses who plays: which parts are on, their programs and levels.  [any]
void km_plan_choose_parts(struct km_harmony_plan *plan);

/// Rounds the plan's real numbers to the four decimals that its JSON has, so that the plan read
/// back is the plan: the last step of every planning.  [any]
void km_plan_round(struct km_harmony_plan *plan);

/// The nearest number with four decimals.  [any]
float km_plan_rounded(double value);

/// Puts the mood into words.  [any]
void km_plan_describe_mood(struct km_harmony_plan *plan, const struct km_feeling *feeling);

#endif
