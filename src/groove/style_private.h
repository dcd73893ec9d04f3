// SPDX-License-Identifier: MIT

/// What a style does: the figures of styles.def.
#ifndef KM_GROOVE_STYLE_PRIVATE_H
#define KM_GROOVE_STYLE_PRIVATE_H

#include "base/attributes.h"
#include "groove/groove.h"

#include <stdbool.h>
#include <stdint.h>

/// Who plays: the drums of General MIDI's percussion keys, or a pitched part.
enum km_groove_voice {
    KM_GROOVE_KICK,
    KM_GROOVE_SNARE,
    KM_GROOVE_HAT,
    KM_GROOVE_RIDE,
    KM_GROOVE_CRASH,
    KM_GROOVE_TOM,
    KM_GROOVE_PERCUSSION, ///< Any other key of the percussion channel.
    KM_GROOVE_PITCHED,    ///< Any other channel.
    KM_GROOVE_VOICES_COUNT
};

/// A key is numbered over all channels.
enum {
    KM_GROOVE_KEYS_PER_CHANNEL = 128,
    KM_GROOVE_KEYS_COUNT = KM_CHANNELS_COUNT * KM_GROOVE_KEYS_PER_CHANNEL
};

/// Voices of the pitched channels' keys, then of the percussion channel's.
extern const uint8_t km_groove_voices[2 * KM_GROOVE_KEYS_PER_CHANNEL];

/// The voice that plays a key of 0 to KM_GROOVE_KEYS_COUNT - 1.  [any]
static inline uint32_t km_groove_voice_of(uint32_t key)
{
    const uint32_t is_drum = key / KM_GROOVE_KEYS_PER_CHANNEL == KM_CHANNEL_DRUMS;
    return km_groove_voices[is_drum * KM_GROOVE_KEYS_PER_CHANNEL +
                            key % KM_GROOVE_KEYS_PER_CHANNEL];
}

/// Whether the voice follows the accents of cymbals.  [any]
static inline bool km_groove_is_cymbal(uint32_t voice)
{
    return voice - KM_GROOVE_HAT <= (uint32_t)KM_GROOVE_CRASH - KM_GROOVE_HAT;
}

/// Places of a bar: the sixteenths of 4/4.
enum { KM_GROOVE_PLACES_COUNT = 16, KM_GROOVE_BEATS_COUNT = 4 };

struct km_groove_feel {
    float deviation_ms;     ///< Standard deviation at complexity .5, around the style's own places.
    float swing_ratio;      ///< Long to short note of a pair; 1 is straight, 2 a triplet.
    uint8_t swung_per_beat; ///< Notes of which pairs swing: 2 eighths, 4 sixteenths; 0 none.
    int8_t offset_ms[KM_GROOVE_PLACES_COUNT];       ///< Early (negative) or late, by place.
    uint8_t cymbal_percent[KM_GROOVE_PLACES_COUNT]; ///< Velocity of hi-hat, ride and crash.
    uint8_t beat_percent[KM_GROOVE_BEATS_COUNT];    ///< Velocity of all others, by beat.
    int8_t voice_ms[KM_GROOVE_VOICES_COUNT];        ///< Early or late against the others.
    uint8_t spread_percent[KM_GROOVE_VOICES_COUNT]; ///< Of the voice's own share of deviation.
};

/// The figures of a style; what is none is the plain style.  [any]
KM_RT const struct km_groove_feel *km_groove_feel_of(unsigned int style);

#endif
