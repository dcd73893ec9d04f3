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

/// All there is to it: a plain value, which its owner keeps where it likes.
struct km_harmony {
    uint8_t held[128];     ///< How often each key is down.
    float weights[12];     ///< How much each pitch class has sounded of late.
    uint64_t time_us;      ///< Of the last event.
    struct km_chord chord; ///< What is held now.
    struct km_key_found key;
    km_pitch_set held_set; ///< Pitch classes that are down.
    uint8_t bass;          ///< Lowest key that is down, or 128.
    uint8_t held_count[12];
};

/// Nothing held, nothing heard.  [any]
KM_RT void km_harmony_init(struct km_harmony *harmony);

/// A key goes down, at a time that does not fall.  [any]
KM_RT void km_harmony_note_on(struct km_harmony *harmony, uint8_t key, uint8_t velocity,
                              uint64_t time_us);

/// A key is let go. One that is not down does nothing.  [any]
KM_RT void km_harmony_note_off(struct km_harmony *harmony, uint8_t key, uint64_t time_us);

/// The chord of what is held, and how sure that is; N.C. for less than two pitch classes.  [any]
KM_RT struct km_chord_found km_harmony_chord(const struct km_harmony *harmony);

/// The key of what has been heard, the older the less.  [any]
KM_RT struct km_key_found km_harmony_key(const struct km_harmony *harmony);

KM_C_END

#endif
