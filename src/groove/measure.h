// SPDX-License-Identifier: MIT

/// What makes a performance's groove: swing, how far off the grid each place is, how loud.
#ifndef KM_GROOVE_MEASURE_H
#define KM_GROOVE_MEASURE_H

#include "base/attributes.h"
#include "base/status.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

KM_C_BEGIN

/// One onset, in order of time.
struct km_groove_onset {
    double beat;    ///< Quarter notes from the beginning, as played.
    double bar;     ///< The same from the beginning of its bar.
    double beat_ms; ///< How long a quarter note is there.
    uint8_t key, velocity;
    uint8_t channel;      ///< KM_CHANNEL_DRUMS for drums, whatever channel they were sent on.
    uint8_t bar_beats_x4; ///< Length of the bar in quarters of a quarter note (sixteenths).
};

enum {
    KM_GROOVE_ROLES_COUNT = 9,
    KM_GROOVE_POSITIONS_MAX = 64,        ///< Sixteenths; longer bars are told up to there.
    KM_GROOVE_GHOST_VELOCITY_MAX = 39,   ///< A ghost note is no louder,
    KM_GROOVE_ACCENT_VELOCITY_MIN = 101, ///< and an accent no softer.
};

/// Who plays: the drums of a kit by their General MIDI keys (and the hi-hat's edge, 22 and 26, of
/// electronic kits), or any pitched part.
enum km_groove_role {
    KM_GROOVE_ROLE_KICK,
    KM_GROOVE_ROLE_SNARE,
    KM_GROOVE_ROLE_HI_HAT,
    KM_GROOVE_ROLE_RIDE,
    KM_GROOVE_ROLE_CRASH,
    KM_GROOVE_ROLE_TOM,
    KM_GROOVE_ROLE_PERCUSSION,
    KM_GROOVE_ROLE_PITCHED,
    KM_GROOVE_ROLE_ALL, ///< All of them together.
};

/// Names of the roles in JSON: "kick", "hi_hat"; "" for what is none.  [any]
const char *km_groove_role_name(unsigned int role);

/// The role that a key of a channel plays.  [any]
enum km_groove_role km_groove_role_of(uint8_t channel, uint8_t key);

/// Figures over a set of onsets.
struct km_groove_figures {
    uint32_t count;
    double mean_ms;      ///< Besides push_ms, which all have in common; late is positive.
    double deviation_ms; ///< Standard deviation.
    double velocity;     ///< Mean, 1 to 127; 0 if there are none.
};

struct km_groove_measure {
    double swing_ratio;   ///< Long to short note of a pair: straight 1, triplet 2.
    uint8_t swung;        ///< The pairs that tell: 2 eighths, 4 sixteenths; 0: none were found.
    float swing_evidence; ///< 0 (no pairs) to 1.
    double push_ms;       ///< Mean over all onsets: before the beat (negative) or behind it. Where
                          ///< it is the same everywhere, it may be the latency of a kit.
    double tightness;     ///< 0 (loose) to 1: exp(-deviation / 20 ms).
    float ghost_share;    ///< Of all onsets, 0 to 1; so are the next two.
    float accent_share;
    float triplet_share; ///< Triplets in straight time; they belong to no position.
    uint32_t onset_count;
    uint8_t position_count; ///< Sixteenths in the bar of the commonest metre. Where it swings
                            ///< (km_groove_is_swung), they stand where swing puts them.
    struct km_groove_figures roles[KM_GROOVE_ROLES_COUNT];
    struct km_groove_figures positions[KM_GROOVE_POSITIONS_MAX];
};

/// Whether a ratio is more than the unevenness of straight playing: from 1.2 on.  [any]
bool km_groove_is_swung(double swing_ratio);

/// Whether the pairs are dotted eighths and sixteenths as they are written, not played: 3 to 1, as
/// exactly as only notes on a grid are. Their swing_ratio is 3 all the same.  [any]
bool km_groove_is_dotted(const struct km_groove_measure *measure);

/// What the pairs are called.
enum km_groove_pairs {
    KM_GROOVE_PAIRS_NONE,     ///< There are no pairs.
    KM_GROOVE_PAIRS_STRAIGHT, ///< Not km_groove_is_swung.
    KM_GROOVE_PAIRS_UNCLEAR,  ///< Uneven, but the evidence does not carry swing: free playing.
    KM_GROOVE_PAIRS_SWUNG,
    KM_GROOVE_PAIRS_DOTTED, ///< km_groove_is_dotted, or longer than players swing: over 3.2.
};

/// What a listener would call the pairs. The ratio alone does not tell: pairs are swung where their
/// evidence is at least 0.4, and 0.6 in loose playing (tightness under 0.13).  [any]
enum km_groove_pairs km_groove_pairs_of(const struct km_groove_measure *measure);

/// Measures onsets, any number of them, also none. Linear, and needs 40 KB of stack.  [any]
/// Onsets that do not ascend in time, or whose numbers are not finite, are KM_ERROR_INVALID.
KM_NODISCARD enum km_status km_groove_measure_onsets(const struct km_groove_onset *onsets,
                                                     size_t count,
                                                     struct km_groove_measure *measure);

KM_C_END

#endif
