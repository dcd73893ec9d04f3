// SPDX-License-Identifier: MIT

/// Motifs: a rhythm with a contour in scale steps, and what composers do with them; for the session
/// module alone.
#ifndef KM_SESSION_MOTIF_PRIVATE_H
#define KM_SESSION_MOTIF_PRIVATE_H

#include "base/random.h"
#include "session/score_private.h"

#include <stdbool.h>
#include <stdint.h>

enum { KM_MOTIF_NOTES_MAX = 6 * KM_PULSES_MAX };

struct km_motif_note {
    uint16_t start;    ///< Ticks from the motif's beginning.
    uint16_t duration; ///< Ticks; ends within the motif's length.
    int16_t offset;    ///< Scale steps from the place where the motif is set.
};

/// Notes in the order of time, one at a time.
struct km_motif {
    int count;       ///< 0 is a rest.
    uint16_t length; ///< Ticks, rests at the end included.
    struct km_motif_note notes[KM_MOTIF_NOTES_MAX];
};

/// What a new motif is to be like.
struct km_motif_wish {
    double density;     ///< Notes a quarter.
    double syncopation; ///< 0 (on the beat) to 1.
    bool is_upbeat;     ///< May begin with a rest.
};

/// Invents a motif for a bar of the score.  [any]
void km_motif_invent(const struct km_score *score, struct km_random *random,
                     const struct km_motif_wish *wish, struct km_motif *motif);

/// The same so many steps higher: a sequence. Undone by the opposite.  [any]
void km_motif_transpose(struct km_motif *motif, int steps);

/// Mirrors the contour about its first note; done twice, nothing.  [any]
void km_motif_invert(struct km_motif *motif);

/// Backwards in time, the rests with it; done twice, nothing.  [any]
void km_motif_retrograde(struct km_motif *motif);

/// Doubles every time; undone by km_motif_diminish.  [any]
void km_motif_augment(struct km_motif *motif);

/// Halves every time. False, and nothing changes, where that leaves the grid of sixteenths.  [any]
bool km_motif_diminish(struct km_motif *motif);

/// Keeps what begins before `end`, cut there: a fragment.  [any]
void km_motif_cut(struct km_motif *motif, uint32_t end);

/// Leaves out what begins before `start`, which becomes the beginning: the other fragment.  [any]
void km_motif_skip(struct km_motif *motif, uint32_t start);

/// Adds another motif at the end: an extension. What does not fit in is left out.  [any]
void km_motif_append(struct km_motif *motif, const struct km_motif *other);

/// The same rhythm whose last notes go another way.  [any]
void km_motif_vary(struct km_motif *motif, struct km_random *random);

/// Divides the longest note, the first of several: its second half is a neighbour, on the way to
/// the next. False, and nothing changes, where no note has a quarter's length.  [any]
bool km_motif_ornament(struct km_motif *motif);

#endif
