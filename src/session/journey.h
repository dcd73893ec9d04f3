// SPDX-License-Identifier: MIT

/// A journey: one piece of music that leads from one feeling to another in small steps, after the
/// iso principle (Altshuler 1948): first meet the listener's mood, then move.
///
/// It is a way of ordering music and claims nothing about anybody's health.
#ifndef KM_SESSION_JOURNEY_H
#define KM_SESSION_JOURNEY_H

#include "affect/affect.h"
#include "base/attributes.h"
#include "base/sink.h"
#include "base/status.h"
#include "midi/file.h"
#include "session/plan.h"
#include "session/session.h"

#include <stdint.h>

KM_C_BEGIN

struct km_heap;

enum km_journey_path {
    KM_JOURNEY_STEPS,   ///< From where the listener is to where they want to be, by small steps.
    KM_JOURNEY_AT_ONCE, ///< The goal from the beginning.
    KM_JOURNEY_HOLD,    ///< Stays where the listener is.
    KM_JOURNEY_PATHS_COUNT
};

enum { KM_JOURNEY_STAGES_MAX = 64 };

#define KM_JOURNEY_MINUTES_MIN 0.5
#define KM_JOURNEY_MINUTES_MAX 60.0

/// The most that two stages, one after the other, differ.
struct km_journey_limits {
    double affect;   ///< Of valence, arousal, and dominance, each.
    double tempo;    ///< Share of the slower of the two.
    int velocity;    ///< Of the softest, and of the loudest bars.
    int scale_notes; ///< Notes of the scale that move; the tonic stays.
};

/// Zero-initialise, then set.
struct km_journey_config {
    struct km_affect from;
    struct km_affect to; ///< Of no meaning where the path holds.
    enum km_journey_path path;
    double minutes;     ///< KM_JOURNEY_MINUTES_MIN to _MAX
    uint8_t motivation; ///< 1 to 10
    double chaos;       ///< 0 to 1
    double vulnerability;
    uint64_t seed;
    /// For all stages alike; may be null. A length in bars is refused, silence comes once: before
    /// the goal, or else in the middle. Rules are broken only by wish: one that the feeling of one
    /// stage breaks, and the next keeps, would be a leap.
    const struct km_plan_wishes *wishes;
};

/// A part of the way, at one place between the two feelings.
struct km_journey_stage {
    double start_s; ///< From the beginning, by the tempi planned.
    double seconds;
    double share; ///< Of the way that is behind: 0 at the start, 1 at the goal.
    struct km_harmony_plan plan;
};

struct km_journey {
    struct km_heap *heap;
    enum km_journey_path path;
    struct km_affect from, to;
    double minutes; ///< As asked for.
    double seconds; ///< As planned; within a phrase of it.
    double
        reached; ///< Share of the way at the end: below 1 if the time is too short for the limits.
    int steps;   ///< Into which the whole way is divided; 0: there is no way to go.
    int stage_count;
    struct km_journey_stage *stages; ///< Of the heap's working account, about 64 KB each.
};

/// The limits of small steps.  [any]
const struct km_journey_limits *km_journey_limits(void);

/// "small steps", "at once", "hold".  [any]
const char *km_journey_path_name(enum km_journey_path path);

/// Plans a journey on the heap; km_journey_release gives it back. Values out of range, wishes that
/// no journey has, are KM_ERROR_RANGE. On failure there is nothing to release. The same
/// configuration gives the same journey.  [any]
/// Key, metre, genre and players are chosen once, halfway: it is one piece of music. If the time
/// does not suffice for the limits, the journey ends on the way: see `reached`.
KM_NODISCARD enum km_status km_journey_plan(const struct km_journey_config *config,
                                            struct km_heap *heap, struct km_journey *journey,
                                            struct km_error *error);

/// Undoes km_journey_plan.  [any]
void km_journey_release(struct km_journey *journey);

/// Composes all stages into one song, without a break but the wished one: `file` is as for
/// km_song_compose, with the same tracks as any stage's. Stages are composed one at a time; beside
/// the file itself a stage's song and score are held. On failure the file is empty.  [any]
KM_NODISCARD enum km_status km_journey_compose(const struct km_journey *journey, const char *title,
                                               struct km_midi_file *file, struct km_error *error);

/// Tempo of a bar of a stage: over the last phrase it nears the next stage's.  [any]
double km_journey_bar_tempo(const struct km_journey *journey, int stage, int bar);

/// The bar of the whole piece where a stage begins.  [any]
uint32_t km_journey_first_bar(const struct km_journey *journey, int stage);

/// Writes the journey as a JSON object with a newline (see docs/plan.md): its path, limits, and
/// stages, each with its whole plan.  [any]
KM_NODISCARD enum km_status km_journey_write_json(const struct km_journey *journey,
                                                  struct km_sink *sink);

/// The same without the newline: a value to stand inside another object.  [any]
KM_NODISCARD enum km_status km_journey_write_json_value(const struct km_journey *journey,
                                                        struct km_sink *sink);

KM_C_END

#endif
