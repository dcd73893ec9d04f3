// SPDX-License-Identifier: MIT

/// Chord and key of live playing: notes on and off go in, and what they make comes out at once.
#ifndef KM_THEORY_HARMONY_H
#define KM_THEORY_HARMONY_H

#include "base/attributes.h"
#include "theory/chord.h"
#include "theory/key_finder.h"

#include <stdbool.h>
#include <stdint.h>

KM_C_BEGIN

enum {
    KM_HARMONY_KEYS = 128,             ///< MIDI keys; there are no others.
    KM_HARMONY_HALF_LIFE_US = 8000000, ///< After this time what was heard counts half.
};

/// All there is to it: a plain value, which its owner keeps where it likes.
struct km_harmony {
    uint64_t time_us;              ///< Of the last event.
    uint64_t down[2];              ///< Bit n % 64 of word n / 64: key n is down.
    float weights[12];             ///< Seconds that each pitch class has sounded, fading.
    uint8_t held[KM_HARMONY_KEYS]; ///< How often each key is down, at most 255.
    uint8_t keys[12];              ///< How many keys of each pitch class are down.
    km_pitch_set set;              ///< Pitch classes that are down.
};

/// Nothing held, nothing heard, at time 0.  [any]
KM_RT void km_harmony_init(struct km_harmony *harmony);

/// A key goes down. Velocity 0 lets it go, as MIDI has it; a key that is down already (another
/// channel's, or a lost note-off) must be let go as often as it went down. Keys above 127 do
/// nothing. Time should not fall: an earlier time counts as that of the last event.  [any]
KM_RT void km_harmony_note_on(struct km_harmony *harmony, uint8_t key, uint8_t velocity,
                              uint64_t time_us);

/// A key is let go. One that is not down does nothing.  [any]
KM_RT void km_harmony_note_off(struct km_harmony *harmony, uint8_t key, uint64_t time_us);

/// Lets all keys go (all notes off, a lost cable); what was heard stays.  [any]
KM_RT void km_harmony_release_all(struct km_harmony *harmony, uint64_t time_us);

/// The chord of what is held, and how sure that is; N.C. for less than two pitch classes.  [any]
KM_RT struct km_chord_found km_harmony_chord(const struct km_harmony *harmony);

/// The key of what has been heard up to the last event, the older the less.  [any]
KM_RT struct km_key_found km_harmony_key(const struct km_harmony *harmony);

KM_C_END

#endif
