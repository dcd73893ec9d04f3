// SPDX-License-Identifier: MIT

/// Where in the bar a tick lies, and what everybody who plays there does alike.
///
/// All that is random is a pure function of the seed, the tick, the voice and the key: it does not
/// depend on the order of the calls, nor on the other events, and parts that are moved one by one
/// still breathe together.
#ifndef KM_GROOVE_CLOCK_PRIVATE_H
#define KM_GROOVE_CLOCK_PRIVATE_H

#include "base/attributes.h"
#include "groove/style_private.h"

#include <stdbool.h>
#include <stdint.h>

enum {
    KM_GROOVE_LIMIT_MS = 25,      ///< No note is further from its place (swing is part of place).
    KM_GROOVE_OWN_LIMIT_MS = 8,   ///< No voice is further from what all do alike: two that play
                                  ///< together are less than 17 ms and a tick apart.
    KM_GROOVE_SHORT_NOTE_MS = 100 ///< No swung short note is shorter (Friberg, Sundstrom 2002).
};

/// Fixed point: ticks and velocity factors, with so many bits after the point.
enum {
    KM_GROOVE_TICK_BITS = 14,
    KM_GROOVE_FACTOR_BITS = 20,
    KM_GROOVE_SHIFT_MAX = 1 << 16, ///< Ticks; no deviation with its swing is larger.
    KM_GROOVE_SUM_MEAN = 510       ///< Of four random bytes.
};

/// By how many fixed-point ticks a voice leaves what all do.
struct km_groove_scale {
    int32_t voice;  // Times the sum of four random bytes of the voice.
    int32_t note;   // Times that of the note.
    int32_t offset; // Less what the means of those sums make.
};

struct km_groove_clock {
    // What all do at the tick, in fixed point.
    uint64_t tick;
    uint64_t bits;      // Random, of the tick.
    int32_t shared;     // Ticks: deviation and offset.
    int32_t swung;      // Ticks.
    int32_t factors[2]; // Of velocity: of cymbals [1] and all others [0], less the mean of touch.
    int32_t touch;      // Of velocity, times the sum of four random bytes of the note.
    int32_t limit;      // Ticks.
    int32_t own_limit;  // Ticks.
    struct km_groove_scale scales[KM_GROOVE_VOICES_COUNT];

    // What places and chance do to it, in fixed point.
    int32_t offsets[KM_GROOVE_PLACES_COUNT];          // Ticks.
    int32_t place_factors[KM_GROOVE_PLACES_COUNT][2]; // Of velocity, as `factors`.
    int32_t place_share; // Ticks, times the sum of four random bytes of the tick.
    int32_t breath;      // Of velocity, times that of four others.

    // From the groove.
    const struct km_groove_feel *feel;
    uint64_t seed;       // Mixed.
    double amount;       // 0 to 1: how much of the style's swing, offsets and accents.
    double swing;        // The same of swing alone, at least as much.
    double lean_ms;      // Of all.
    double sway_ms;      // Of odd bars; of even ones the other way.
    double deviation_ms; // At this complexity.
    double level;        // Of velocity.
    double spread;       // Of velocity: standard deviation, as a part of it.

    // From the tempo.
    double ticks_per_ms;
    double deviation_ticks;
    int32_t leans[2];   // Of even and odd bars, ticks in fixed point.
    double swing_ticks; // Twice what the middle of a pair is moved by; 0 is straight.

    // From the metre.
    uint64_t metre_tick; // Where bars are counted from.
    uint32_t ppq;
    uint64_t bar_ticks;
    uint64_t beat_ticks;
    bool is_compound;
    bool is_swung;
    double per_beat; // 1 / beat_ticks

    // The beat and the quarter note that the tick lies in.
    uint64_t bar_tick;
    int32_t lean;  // Of the bar.
    uint64_t beat; // In the bar.
    uint64_t beat_tick;
    uint64_t beat_length;
    uint32_t beat_places[2]; // First place of this beat and of the next one.
    uint64_t quarter;
    uint64_t quarter_tick;
    double per_quarter;
    double knots[3]; // Of the drift, around this quarter note.
    double drift[3]; // The drift within it, in fixed-point ticks, as a polynomial.
    uint64_t slow_block;
    double slow[2];
};

/// Mixes 64 bits so that each depends on all (the finaliser of SplitMix64).  [any]
static inline uint64_t km_groove_mix(uint64_t bits)
{
    bits = (bits ^ (bits >> 30)) * 0xBF58476D1CE4E5B9ULL;
    bits = (bits ^ (bits >> 27)) * 0x94D049BB133111EBULL;
    return bits ^ (bits >> 31);
}

/// The sum of the four bytes of `bits`: bell-shaped, 0 to 1,020, KM_GROOVE_SUM_MEAN on average.
/// [any]
static inline int32_t km_groove_byte_sum(uint32_t bits)
{
    const uint32_t pairs = (bits & 0x00FF00FFU) + ((bits >> 8) & 0x00FF00FFU);
    return (int32_t)((pairs & 0xFFFFU) + (pairs >> 16));
}

/// Starts at tick 0, in the groove's tempo and metre.  [any]
KM_RT void km_groove_clock_init(struct km_groove_clock *clock, const struct km_groove *groove);

/// Follows a tempo or time signature event, which stands at or after the clock's tick. One that
/// says nothing possible changes nothing.  [any]
KM_RT void km_groove_clock_follow(struct km_groove_clock *clock, const struct km_event *event);

/// Goes to another tick, at or after the last metre's beginning.  [any]
KM_RT void km_groove_clock_go(struct km_groove_clock *clock, uint64_t tick);

#endif
