// SPDX-License-Identifier: MIT

/// Voice leading: a chord's notes for a few voices, near to the ones before.
#ifndef KM_THEORY_VOICING_H
#define KM_THEORY_VOICING_H

#include "base/attributes.h"
#include "theory/chord.h"

#include <stdbool.h>
#include <stdint.h>

KM_C_BEGIN

enum { KM_VOICES_MAX = 6 };

/// Pitches of voices, lowest first. MIDI key numbers.
struct km_voicing {
    uint8_t pitches[KM_VOICES_MAX];
    uint8_t count;
};

/// What a voicing may be.
struct km_voicing_rules {
    uint8_t voices;        ///< 1 to KM_VOICES_MAX.
    uint8_t lowest;        ///< No voice below.
    uint8_t highest;       ///< No voice above; at least an octave and a fifth over lowest.
    bool has_bass;         ///< The lowest voice takes the chord's bass (else any inversion does).
    bool allows_parallels; ///< Parallel fifths and octaves are wanted, not avoided.
};

/// Voices `chord` after `before` (count 0: from nothing): every voice a note of the chord, in
/// range, voices in order, the chord's telling notes there, least movement, no parallel fifths or
/// octaves where they can be avoided.  [any] N.C. gives count 0. Returns the total movement in
/// semitones.
KM_RT int km_voicing_next(const struct km_voicing *before, struct km_chord chord,
                          const struct km_voicing_rules *rules, struct km_voicing *voicing);

KM_C_END

#endif
