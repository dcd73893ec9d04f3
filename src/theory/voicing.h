// SPDX-License-Identifier: MIT

/// Voice leading: the notes of a few voices over a bass line, led through a whole song.
#ifndef KM_THEORY_VOICING_H
#define KM_THEORY_VOICING_H

#include "base/attributes.h"
#include "theory/chord.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

KM_C_BEGIN

enum {
    KM_VOICES_MAX = 6,
    KM_VOICING_RANGE_MIN = 19, ///< An octave and a fifth.
    KM_VOICING_BASS_REACH = 7, ///< How far the bass may come up into the voices' range.
};

/// Pitches of voices, lowest first; two voices may be on one pitch. MIDI key numbers.
struct km_voicing {
    uint8_t pitches[KM_VOICES_MAX];
    uint8_t count;
};

/// What the voices may do.
struct km_voicing_rules {
    uint8_t voices;    ///< 1 to KM_VOICES_MAX.
    uint8_t lowest;    ///< No voice below.
    uint8_t highest;   ///< No voice above; at least KM_VOICING_RANGE_MIN over lowest, 127 at most.
    struct km_key key; ///< Tells leading tones.
    bool allows_parallels;  ///< Parallel fifths and octaves are wanted, not forbidden.
    bool leaves_tendencies; ///< What wants to resolve rather does not.
};

/// How each note of a chord may move into the next, by pitch class: bit 2 + n for n semitones, -2
/// to 2; 0 for notes that are free. KM_TENDENCY_FREE: they only should.
struct km_tendencies {
    uint8_t moves[12];
};

enum { KM_TENDENCY_STAY = 2, KM_TENDENCY_FREE = 1 << 7 };

/// The notes of `from` that want to resolve, where `to` has a note for it; all may stay where `to`
/// has them too:
/// - a leading tone rises a semitone: the third of a dominant (with a minor seventh, on the key's
///   fifth degree, or foreign to the key) and the root of a diminished chord on the key's seventh
///   degree or a semitone below the next root; into a dominant seventh a fifth lower it may fall to
///   that seventh;
/// - a seventh falls by step; that of a dominant a semitone above its goal, an augmented sixth, may
///   rise to it;
/// - a suspended fourth falls by step;
/// - where the next bass takes the goal of a seventh or a fourth, a voice is free to leave it
/// there. [any]
KM_RT struct km_tendencies km_tendencies_between(struct km_chord from, struct km_chord to,
                                                 struct km_key key);

/// Leads the voices through the chords above a bass line (a key for each chord, 0 or a null array:
/// none; at most KM_VOICING_BASS_REACH above rules->lowest). Every voice sings a note of the chord,
/// in range, above the bass, no voice below its lower neighbour. Hard rules, between each chord and
/// the next: no parallel fifths, octaves or unisons between any two voices, the bass included;
/// tendencies (above) are followed, a bass that leaps instead hands its resolution to a voice.
/// Among all ways that keep them the best is sought by dynamic programming over the most promising
/// voicings of every chord: least movement, telling notes present, good spacing. N.C. has count 0,
/// and nothing is owed across it. Bounded time, no memory.  [any]
void km_voicing_lead(const struct km_chord *chords, const uint8_t *bass, size_t count,
                     const struct km_voicing_rules *rules, struct km_voicing *voicings);

KM_C_END

#endif
