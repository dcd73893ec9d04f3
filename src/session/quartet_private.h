// SPDX-License-Identifier: MIT

/// What the voices of a string quartet share; for the session module alone.
#ifndef KM_SESSION_QUARTET_PRIVATE_H
#define KM_SESSION_QUARTET_PRIVATE_H

#include "session/score_private.h"

#include <stdbool.h>
#include <stdint.h>

/// Places of the inner voices in the voicings of a quartet.
enum { KM_QUARTET_VIOLA, KM_QUARTET_SECOND, KM_QUARTET_INNER_COUNT };

/// Leads viola and second violin through all chords, between the bass line and the tune's register,
/// and keeps them as the score's voicings (two pitches, viola first; none where no chord sounds).
/// After the bass line.  [any]
void km_quartet_lead_inner_voices(struct km_score *score);

/// What one of the three plays.
struct km_bow {
    struct km_score *score;
    enum km_part part;
    uint32_t variation;
    bool is_plucked; ///< As the last program change had it.
    /// A held note that the next chord may share.
    int held_key;
    uint32_t held_start, held_end;
};

/// One chord within a bar, for one voice.
struct km_bow_span {
    uint32_t start, end;
    int key, next_key; ///< Of the voice: now, and in the chord that follows; 0: rests.
    int index;         ///< Of the chord.
    bool is_last;      ///< Of the chord: the next span is another's.
};

/// The key of a voice in a chord; 0 where none sounds.  [any]
int km_bow_key(const struct km_score *score, enum km_part part, int chord);

/// Plays one note.  [any]
void km_bow_play(struct km_bow *bow, uint32_t start, uint32_t duration, int key, int accent);

/// Ends the note that is held, if any.  [any]
void km_bow_let_go(struct km_bow *bow);

/// A figure round the voice's key in notes of so many ticks: chord notes on the beats, neighbours
/// between them, and at the end a step into the next chord where that makes no parallels with what
/// the others hold.  [any]
void km_bow_move(struct km_bow *bow, const struct km_bow_span *span, uint32_t step);

#endif
