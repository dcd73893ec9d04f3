// SPDX-License-Identifier: MIT

/// The drummer: what is hit how hard, shared by grooves and fills; for the session module alone.
#ifndef KM_SESSION_DRUMS_PRIVATE_H
#define KM_SESSION_DRUMS_PRIVATE_H

#include "session/rhythm_private.h"

/// General MIDI's percussion keys that the drummer has.
enum km_drum {
    KM_DRUM_KICK = 36,
    KM_DRUM_STICK = 37,
    KM_DRUM_SNARE = 38,
    KM_DRUM_CLAP = 39,
    KM_DRUM_BRUSH = 40, ///< The other snare; of the brush kit a swirl.
    KM_DRUM_TOM_FLOOR = 43,
    KM_DRUM_HAT = 42,
    KM_DRUM_HAT_FOOT = 44,
    KM_DRUM_TOM_LOW = 45,
    KM_DRUM_HAT_OPEN = 46,
    KM_DRUM_TOM_MIDDLE = 47,
    KM_DRUM_CRASH = 49,
    KM_DRUM_TOM_HIGH = 50,
    KM_DRUM_RIDE = 51,
    KM_DRUM_TAMBOURINE = 54,
    KM_DRUM_COWBELL = 56,
    KM_DRUM_SHAKER = 70,
};

/// How hard, in percent of the bar's velocity. Means of the Groove MIDI Dataset relative to each
/// take's (tools/measure_drums.py): kick 82 with its soft strokes, back beats 140, ghosts 48,
/// hi-hat 100, ride 112, crash 117, toms 125. The back beat is held a little below, so that it
/// stays under the limit of MIDI where it is loud.
enum km_drum_force {
    KM_FORCE_KICK = 94,
    KM_FORCE_KICK_SOFT = 62,
    KM_FORCE_BACK_BEAT = 130,
    KM_FORCE_GHOST = 48,
    KM_FORCE_STICK = 100,
    KM_FORCE_BRUSH = 84,
    KM_FORCE_HAT = 108,
    KM_FORCE_HAT_SOFT = 84,
    KM_FORCE_HAT_FOOT = 76,
    KM_FORCE_RIDE = 118,
    KM_FORCE_RIDE_SOFT = 98,
    KM_FORCE_CRASH = 120,
    KM_FORCE_TOM = 124,
    KM_FORCE_COLOUR = 84,
};

struct km_drummer {
    struct km_score *score;
    const uint8_t *habit; ///< Percents of kick, then of ghosts, on 16 steps.
    struct km_rhythm_layout layouts[2];
    int bar;
    float energy;
    enum km_rhythm_level level;
    // Of the section.
    const struct km_plan_section *section;
    const struct km_drum_pattern *patterns[KM_RHYTHM_LEVELS_COUNT];
    uint8_t draws[2][KM_RHYTHM_STEPS]; ///< Chance of each ornament, 0 to 99.
    uint8_t manner;                    ///< Of introductions: 0 waits, 1 keeps time, 2 plays.
    bool opens_hat;                    ///< At the end of four bars.
    struct km_random fills;
};

/// Hits a drum at an offset of the bar.  [any]
void km_drummer_strike(const struct km_drummer *drummer, uint32_t offset, enum km_drum drum,
                       int force);

/// Plays a fill of up to a bar at the end of the bar; returns its first tick of the bar.  [any]
uint32_t km_drummer_fill(struct km_drummer *drummer);

/// Plays a bar of the roll that grows towards the end of a build, over the kick.  [any]
void km_drummer_roll(const struct km_drummer *drummer);

#endif
