// SPDX-License-Identifier: MIT

// The notes that a melody may take over a chord, and those on which a phrase may rest.

#include "session/melody_private.h"

enum { OCTAVE = 12, FULL_SCALE = 7 };

bool km_melody_is_full(km_pitch_set scale)
{
    int size = 0;
    for (unsigned int i = 0; i < OCTAVE; ++i) {
        size += (int)(scale >> i & 1U);
    }
    return size >= FULL_SCALE;
}

// Whether a foreign note of a chord is the key's note below it raised, or else the one above
// lowered: the leading thirds of dominants and roots of diminished chords are raised.
static bool is_raised(km_pitch_set home, km_pitch_set quality, unsigned int root,
                      unsigned int interval)
{
    const bool is_diminished = (quality & 1U << 3U) != 0 && (quality & 1U << 6U) != 0;
    switch (interval) {
    case 4:
    case 11:
        return true;
    case 0:
        return is_diminished;
    case 6:
    case 8:
        return (quality & 1U << 4U) != 0;
    case 2:
    case 7:
        return (home >> root & 1U) != 0;
    default:
        return false;
    }
}

km_pitch_set km_melody_scale(struct km_key key, struct km_chord chord)
{
    const unsigned int home = km_key_pitches(key);
    const unsigned int pitches = km_chord_pitches(chord);
    const km_pitch_set quality = km_chord_pitches((struct km_chord){.quality = chord.quality});
    unsigned int scale = home;
    const bool is_full = km_melody_is_full((km_pitch_set)home);
    for (unsigned int i = 0; i < OCTAVE && is_full; ++i) {
        if ((pitches >> i & 1U) == 0 || (home >> i & 1U) != 0) {
            continue;
        }
        const unsigned int below = 1U << (i + 11U) % OCTAVE;
        const unsigned int above = 1U << (i + 1U) % OCTAVE;
        const bool has_both = (home & below) != 0 && (home & above) != 0;
        const bool raises =
            is_raised((km_pitch_set)home, quality, chord.root, (i + OCTAVE - chord.root) % OCTAVE);
        scale &= ~(has_both ? (raises ? below : above) : below | above);
    }
    return (km_pitch_set)(scale | pitches);
}

km_pitch_set km_melody_chord_pitches(const struct km_score *score, uint32_t tick)
{
    const struct km_chord chord = score->plan->chords[km_score_chord_at(score, tick)].chord;
    const km_pitch_set pitches = km_chord_pitches(chord);
    return pitches != 0 ? pitches : km_key_pitches(score->plan->key);
}

km_pitch_set km_melody_rest(const struct km_harmony_plan *plan, struct km_chord chord,
                            uint8_t cadence, bool is_end)
{
    km_pitch_set all = km_chord_pitches(chord);
    all = all != 0 ? all : km_key_pitches(plan->key);
    const unsigned int tonic = 1U << plan->key.tonic;
    const unsigned int third = 1U << (chord.root + 3U) % OCTAVE | 1U << (chord.root + 4U) % OCTAVE;
    const unsigned int root = 1U << chord.root;
    const unsigned int fifth = 1U << (chord.root + 7U) % OCTAVE;
    unsigned int wanted = root | third | fifth;
    switch (cadence) {
    case KM_CADENCE_AUTHENTIC:
    case KM_CADENCE_PLAGAL:
    case KM_CADENCE_MODAL:
        wanted = is_end ? tonic : tonic | third;
        break;
    case KM_CADENCE_DECEPTIVE:
        wanted = root | third;
        break;
    default:
        wanted &= ~tonic;
        break;
    }
    wanted &= all;
    return wanted != 0 ? (km_pitch_set)wanted : all;
}
