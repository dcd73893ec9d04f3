// SPDX-License-Identifier: MIT

/// What drums and bass have in common, so that they agree without hearing each other: how loud the
/// music is, the genre's patterns, and how patterns of 4/4 lie in other metres. All of it hangs on
/// the plan alone; for the session module alone.
#ifndef KM_SESSION_RHYTHM_PRIVATE_H
#define KM_SESSION_RHYTHM_PRIVATE_H

#include "session/score_private.h"

#include <stdbool.h>
#include <stdint.h>

enum {
    KM_RHYTHM_STEPS = 16, ///< Sixteenths of a bar of 4/4, which patterns are written in.
    KM_RHYTHM_PLACES_MAX = 128,
    KM_RHYTHM_VARIANTS = 2, ///< Patterns of a genre and level.
};

/// How much is played.
enum km_rhythm_level {
    KM_RHYTHM_CALM,
    KM_RHYTHM_MIDDLE,
    KM_RHYTHM_LOUD,
    KM_RHYTHM_LEVELS_COUNT,
};

/// A bar of drums: see drum_patterns.def.
struct km_drum_pattern {
    const char *kick, *snare, *time, *colour;
};

/// A place of a bar and what is played there.
struct km_rhythm_place {
    uint16_t tick;  ///< Of the bar.
    uint8_t pulse;  ///< Index of the score's pulse.
    uint8_t step;   ///< Of a pattern.
    uint8_t second; ///< What else of a pattern falls here, if the step is a rest.
    uint8_t even;   ///< The step of what goes on evenly: cymbals.
};

/// A bar's places in order.
struct km_rhythm_layout {
    struct km_rhythm_place places[KM_RHYTHM_PLACES_MAX];
    int count;
};

/// How strong a bar is, about 0 to 1.5: its tension, and arousal, which lifts every bar alike.
/// [any]
float km_rhythm_energy(const struct km_score *score, int bar);

/// The level of a bar, the same in all bars of a phrase; introductions, outros and breakdowns lie
/// lower.  [any]
enum km_rhythm_level km_rhythm_level(const struct km_score *score, int bar);

/// Which of the patterns a kind of section has at a level, of a part's variation; at variation 0
/// that of drums is what the bass takes the kick from.  [any]
int km_rhythm_variant(const struct km_score *score, uint8_t kind, enum km_rhythm_level level,
                      uint16_t variation);

/// The pattern of the plan's genre.  [any]
const struct km_drum_pattern *km_rhythm_pattern(const struct km_score *score,
                                                enum km_rhythm_level level, int variant);

/// Lays a pattern of 4/4 into the plan's metre, in a section's even or odd bars.  [any]
void km_rhythm_lay_out(const struct km_score *score, bool is_odd, struct km_rhythm_layout *layout);

/// What a row of a pattern, or an empty one, has at a place: '.' for nothing.  [any]
char km_rhythm_stroke(const char *row, const struct km_rhythm_place *place);

/// Whether the feel moves a bar's third beat off the beat.  [any]
bool km_rhythm_is_syncopated(const struct km_score *score, enum km_rhythm_level level);

#endif
