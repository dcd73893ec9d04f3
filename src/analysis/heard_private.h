// SPDX-License-Identifier: MIT

/// What is measured of a piece before its feeling is judged. Nothing here is for others.
#ifndef KM_ANALYSIS_HEARD_PRIVATE_H
#define KM_ANALYSIS_HEARD_PRIVATE_H

#include "analysis/piece.h"

#include <stdbool.h>
#include <stddef.h>

/// How a group of notes, the pitched ones or the drums, moves in time.
struct km_heard_time {
    size_t note_count, onset_count;
    double onsets_per_second;
    double gap_seconds; ///< Median from onset to onset.
    double velocity_mean, velocity_deviation;
    double note_seconds;
    double articulation;
};

/// What the pitches do.
struct km_heard_pitch {
    double mean, deviation, low;
    double majorness; ///< Best major less best minor correlation, Krumhansl and Kessler 1982.
    double outside;   ///< Share of time outside the best diatonic scale.
    double consonance;
    bool has_chords; ///< Two different pitch classes sound together now and then.
};

/// Measures the drums or the pitched notes; all zero if there are none.  [any]
void km_heard_measure_time(const struct km_piece *piece, bool are_drums,
                           struct km_heard_time *time);

/// Measures the pitched notes; all zero if there are none.  [any]
KM_NODISCARD enum km_status km_heard_measure_pitch(const struct km_piece *piece,
                                                   struct km_heard_pitch *pitch);

#endif
