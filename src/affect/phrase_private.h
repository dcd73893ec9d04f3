// SPDX-License-Identifier: MIT

/// Finds phrases of the lexicon among the words of a sentence.
#ifndef KM_AFFECT_PHRASE_PRIVATE_H
#define KM_AFFECT_PHRASE_PRIVATE_H

#include "affect/reader_private.h"

/// The longest phrase that begins at token `index`, and how many tokens it takes; or null.  [any]
const struct km_word *km_phrase_find(const struct km_sentence *sentence, int index, int *count);

#endif
