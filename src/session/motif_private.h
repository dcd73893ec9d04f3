// SPDX-License-Identifier: MIT

/// Motifs: a bar of rhythm with a contour in scale steps; for the session module alone.
#ifndef KM_SESSION_MOTIF_PRIVATE_H
#define KM_SESSION_MOTIF_PRIVATE_H

#include "base/random.h"
#include "session/score_private.h"

#include <stdbool.h>
#include <stdint.h>

enum { KM_MOTIF_NOTES_MAX = 6 * KM_PULSES_MAX };

struct km_motif_note {
    uint16_t start;    ///< Ticks in the bar.
    uint16_t duration; ///< Ticks.
    int16_t offset;    ///< Scale steps from the first note.
    bool is_strong;    ///< On an accented pulse, or long: wants a note of the chord.
};

struct km_motif {
    int count; ///< At least 1.
    struct km_motif_note notes[KM_MOTIF_NOTES_MAX];
};

/// Invents a motif for a bar of the score with about `density` notes a quarter.  [any]
void km_motif_invent(const struct km_score *score, struct km_random *random, double density,
                     struct km_motif *motif);

/// The same rhythm whose last notes go another way.  [any]
void km_motif_vary(struct km_motif *motif, struct km_random *random);

/// Keeps what begins before `end`, cut there.  [any]
void km_motif_cut(struct km_motif *motif, uint32_t end);

#endif
