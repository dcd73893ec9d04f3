// SPDX-License-Identifier: MIT

/// Steps on the way from onsets to beats. Nothing here is for others.
#ifndef KM_ANALYSIS_BEATS_PRIVATE_H
#define KM_ANALYSIS_BEATS_PRIVATE_H

#include "analysis/piece.h"

#include <stddef.h>
#include <stdint.h>

enum {
    KM_BEATS_SECONDS_MAX = 7200, ///< Longer pieces keep the beats of their file.
    KM_BEATS_FRAMES_A_SECOND = 100,
    KM_BEATS_ONSETS_MIN = 16,    ///< In fewer, no beat is looked for.
    KM_BEATS_WINDOW_SECONDS = 2, ///< How often the tempo is asked for.
};

/// Notes that begin together.
struct km_onset {
    double seconds;
    float strength;   ///< Of all that begins.
    float low;        ///< Of that, what begins bars: bass notes, bass drum, crashes.
    float backbeat;   ///< Snare drum, hand claps.
    uint16_t pitches; ///< Pitch classes that begin, bit n: n.
};

struct km_onsets {
    struct km_heap *heap;
    struct km_onset *onsets;
    size_t count;
    double end_s;
};

/// Gathers the onsets of a piece, at most one each 30 ms. To be released.  [any]
KM_NODISCARD enum km_status km_onsets_find(struct km_onsets *onsets, const struct km_piece *piece);

/// Gives the memory back.  [any]
void km_onsets_release(struct km_onsets *onsets);

/// Seconds from beat to beat in each stretch of KM_BEATS_WINDOW_SECONDS.
struct km_periods {
    struct km_heap *heap;
    double *seconds;
    size_t count;
};

/// Finds how fast the beats go. To be released.  [any]
KM_NODISCARD enum km_status km_periods_find(struct km_periods *periods,
                                            const struct km_onsets *onsets);

/// Gives the memory back.  [any]
void km_periods_release(struct km_periods *periods);

struct km_beats {
    struct km_heap *heap;
    double *seconds; ///< Ascending; from about the first onset to about the last.
    size_t count;
};

/// Finds where the beats are. To be released.  [any]
KM_NODISCARD enum km_status km_beats_track(struct km_beats *beats, const struct km_onsets *onsets,
                                           const struct km_periods *periods);

/// Gives the memory back.  [any]
void km_beats_release(struct km_beats *beats);

/// How beats make bars.
struct km_beats_metre {
    int beats_per_bar;
    int first;        ///< Index of the first beat that begins a bar.
    bool is_compound; ///< A beat is three eighths.
};

/// Finds it by where the accents lie, of at least two beats.  [any]
KM_NODISCARD enum km_status km_beats_find_metre(const struct km_beats *beats,
                                                const struct km_onsets *onsets,
                                                struct km_beats_metre *metre);

/// Writes tempos, metre and the beats of notes; the piece is touched on success only.  [any]
KM_NODISCARD enum km_status km_beats_write(struct km_piece *piece, const struct km_beats *beats,
                                           struct km_beats_metre metre, double first_onset_s);

#endif
