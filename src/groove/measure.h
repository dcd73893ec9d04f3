// SPDX-License-Identifier: MIT

/// What makes a performance's groove: swing, how far off the grid each place is, how loud.
#ifndef KM_GROOVE_MEASURE_H
#define KM_GROOVE_MEASURE_H

#include "base/attributes.h"
#include "base/status.h"

#include <stddef.h>
#include <stdint.h>

KM_C_BEGIN

/// One onset, in order of time.
struct km_groove_onset {
    double beat;    ///< Quarter notes from the beginning, as played.
    double bar;     ///< The same from the beginning of its bar.
    double beat_ms; ///< How long a quarter note is there.
    uint8_t key, velocity, channel;
    uint8_t bar_beats_x4; ///< Length of the bar in quarters of a quarter note (sixteenths).
};

enum { KM_GROOVE_ROLES_COUNT = 9, KM_GROOVE_POSITIONS_MAX = 64 };

/// Who plays: the drums of a kit by their General MIDI keys, or any pitched part.
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

/// Figures over a set of onsets.
struct km_groove_figures {
    uint32_t count;
    double mean_ms;      ///< Late is positive.
    double deviation_ms; ///< Standard deviation.
    double velocity;     ///< Mean, 1 to 127; 0 if there are none.
};

struct km_groove_measure {
    double swing_ratio;   ///< Long to short note of a pair: straight 1, triplet 2.
    uint8_t swung;        ///< The pairs that tell: 2 eighths, 4 sixteenths; 0: none were found.
    float swing_evidence; ///< 0 (no pairs) to 1.
    double push_ms;       ///< Mean over all onsets: before the beat (negative) or behind it.
    double tightness;     ///< 0 (loose) to 1: exp(-deviation / 20 ms).
    uint32_t onset_count;
    uint8_t position_count; ///< Places in the bar of the commonest metre, in 16ths or, swung, as
                            ///< such.
    struct km_groove_figures roles[KM_GROOVE_ROLES_COUNT];
    struct km_groove_figures positions[KM_GROOVE_POSITIONS_MAX];
};

/// Measures onsets.  [any]
KM_NODISCARD enum km_status km_groove_measure_onsets(const struct km_groove_onset *onsets,
                                                     size_t count,
                                                     struct km_groove_measure *measure);

KM_C_END

#endif
