// SPDX-License-Identifier: MIT

/// What the voices of a string quartet share; for the session module alone.
#ifndef KM_SESSION_QUARTET_PRIVATE_H
#define KM_SESSION_QUARTET_PRIVATE_H

#include "session/score_private.h"

/// Places of the inner voices in the voicings of a quartet.
enum { KM_QUARTET_VIOLA, KM_QUARTET_SECOND, KM_QUARTET_INNER_COUNT };

/// Leads viola and second violin through all chords, between the bass line and the tune's register,
/// and keeps them as the score's voicings (two pitches, viola first; none where no chord sounds).
/// After the bass line.  [any]
void km_quartet_lead_inner_voices(struct km_score *score);

#endif
