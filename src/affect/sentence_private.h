// SPDX-License-Identifier: MIT

/// What a sentence tells: its words' evidence under the rules of negation, contrast and emphasis.
#ifndef KM_AFFECT_SENTENCE_PRIVATE_H
#define KM_AFFECT_SENTENCE_PRIVATE_H

#include "affect/affect.h"
#include "affect/reader_private.h"

/// Evidence added up. Zero is none.
struct km_evidence {
    float weight;                      ///< How much evidence there is.
    float point[3];                    ///< Valence, arousal, dominance, each times weight.
    float intensity;                   ///< Times weight.
    float emotions[KM_EMOTIONS_COUNT]; ///< Probability of each.
    float leading[KM_EMOTIONS_COUNT];  ///< Weight of the evidence that tells of this one foremost.
    float node_weight;
    int node;         ///< Named by the text, or KM_AFFECT_NO_NODE.
    bool is_contrast; ///< It begins with "however" or its like: what came before counts less.
};

/// Reads a sentence.  [any]
void km_sentence_read(const struct km_sentence *sentence, struct km_evidence *evidence);

#endif
