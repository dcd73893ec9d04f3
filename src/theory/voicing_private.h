// SPDX-License-Identifier: MIT

/// The voicings that a chord may have, with what each costs by itself; for the theory module alone.
#ifndef KM_THEORY_VOICING_PRIVATE_H
#define KM_THEORY_VOICING_PRIVATE_H

#include "theory/voicing.h"

#include <stdint.h>

enum { KM_VOICING_CANDIDATES_MAX = 40 };

/// One voicing. Pairs of voices (the bass is voice 0, then the others) are numbered as
/// km_voicing_pair has it.
struct km_voicing_candidate {
    uint8_t pitches[KM_VOICES_MAX];
    uint16_t sum; ///< Of the pitches.
    km_pitch_set notes;
    uint32_t octaves, fifths; ///< Bit n: the pair n is an octave, a fifth, or more octaves wide.
    int32_t cost;
};

/// A chord's best voicings over its bass, cheapest first.
struct km_voicing_list {
    struct km_chord chord;
    uint8_t bass; ///< MIDI key; 0: none.
    uint8_t count;
    struct km_voicing_candidate candidates[KM_VOICING_CANDIDATES_MAX];
};

/// The number of the pair of voices `low` < `high`.  [any]
static inline unsigned int km_voicing_pair(unsigned int low, unsigned int high)
{
    return high * (high - 1U) / 2U + low;
}

/// Fills the list for a chord that is not N.C.; there is always one voicing at least.  [any]
void km_voicing_list_init(struct km_voicing_list *list, struct km_chord chord, uint8_t bass,
                          const struct km_voicing_rules *rules);

#endif
