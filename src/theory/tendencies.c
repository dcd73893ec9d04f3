// SPDX-License-Identifier: MIT

// Which notes of a chord want to move where.

#include "theory/voicing.h"

#include <stdbool.h>

enum { DOWN_WHOLE = 1U << 0U, DOWN_HALF = 1U << 1U, STAY = 1U << 2U, UP_HALF = 1U << 3U };

static bool has(km_pitch_set set, unsigned int pitch)
{
    return (set >> (pitch % 12U) & 1U) != 0;
}

static km_pitch_set notes_above_root(struct km_chord chord)
{
    return km_chord_pitches((struct km_chord){.quality = chord.quality});
}

// How many semitones above the root the seventh is, or 0.
static unsigned int seventh_of(km_pitch_set quality)
{
    enum { DIMINISHED_SEVENTH = 0x249 };
    if (quality == DIMINISHED_SEVENTH) {
        return 9;
    }
    if (has(quality, 10)) {
        return 10;
    }
    return has(quality, 11) ? 11 : 0;
}

static bool has_suspended_fourth(km_pitch_set quality)
{
    return has(quality, 5) && !has(quality, 3) && !has(quality, 4);
}

// How many semitones above the root the leading tone is, or -1.
static int leading_tone_of(struct km_chord from, struct km_chord to, struct km_key key)
{
    const km_pitch_set quality = notes_above_root(from);
    const bool is_on_fifth = from.root == (key.tonic + 7) % 12;
    const bool is_foreign = !has(km_key_pitches(key), from.root + 4U);
    if (has(quality, 4) && (has(quality, 10) || is_on_fifth || is_foreign)) {
        return 4;
    }
    const bool leads = (from.root + 1) % 12 == to.root || (from.root + 1) % 12 == key.tonic;
    return has(quality, 3) && has(quality, 6) && leads ? 0 : -1;
}

// A step down to what the next chord has, or to stay; it need not where the bass takes the goal.
static uint8_t falling(struct km_chord to, unsigned int pitch)
{
    const km_pitch_set goals = km_chord_pitches(to);
    unsigned int moves = has(goals, pitch + 11U) ? DOWN_HALF : 0;
    moves |= has(goals, pitch + 10U) ? DOWN_WHOLE : 0;
    moves |= has(goals, pitch) ? STAY : 0;
    const unsigned int fall = (pitch + 12U - to.bass) % 12U;
    return (uint8_t)(moves != 0 && fall <= 2 ? moves | KM_TENDENCY_FREE : moves);
}

static uint8_t rising(km_pitch_set goals, unsigned int pitch, struct km_chord from,
                      struct km_chord to)
{
    if (!has(goals, pitch + 1U)) {
        return 0;
    }
    const bool is_chain = (from.root + 5) % 12 == to.root && has(notes_above_root(to), 10);
    unsigned int moves = UP_HALF;
    moves |= has(goals, pitch) ? STAY : 0;
    moves |= is_chain ? DOWN_HALF : 0;
    return (uint8_t)moves;
}

struct km_tendencies km_tendencies_between(struct km_chord from, struct km_chord to,
                                           struct km_key key)
{
    struct km_tendencies tendencies = {{0}};
    if (from.quality == KM_CHORD_NONE || to.quality == KM_CHORD_NONE) {
        return tendencies;
    }
    const km_pitch_set quality = notes_above_root(from);
    const km_pitch_set goals = km_chord_pitches(to);
    const unsigned int seventh = seventh_of(quality);
    if (seventh > 0) {
        const unsigned int pitch = (from.root + seventh) % 12U;
        const bool is_augmented_sixth =
            seventh == 10 && has(quality, 4) && (from.root + 11) % 12 == to.root;
        const unsigned int moves = falling(to, pitch);
        tendencies.moves[pitch] =
            (uint8_t)(moves != 0 && is_augmented_sixth ? moves | UP_HALF : moves);
    }
    if (has_suspended_fourth(quality)) {
        const unsigned int pitch = (from.root + 5U) % 12U;
        tendencies.moves[pitch] = falling(to, pitch);
    }
    const int leading = leading_tone_of(from, to, key);
    if (leading >= 0) {
        const unsigned int pitch = (from.root + (unsigned int)leading) % 12U;
        tendencies.moves[pitch] = rising(goals, pitch, from, to);
    }
    return tendencies;
}
