// SPDX-License-Identifier: MIT

/// Finds phrases of the lexicon among the words of a sentence.
#ifndef KM_AFFECT_PHRASE_PRIVATE_H
#define KM_AFFECT_PHRASE_PRIVATE_H

#include "affect/reader_private.h"

/// The longest phrase that begins at token `index`, and how many tokens it takes; or null.  [any]
const struct km_word *km_phrase_find(const struct km_sentence *sentence, int index, int *count);

/// That phrase, or else the word of token `index`, which takes one token; or null.  [any]
const struct km_word *km_phrase_or_word(const struct km_sentence *sentence, int index, int *count);

/// Whether a word can make the one that it stands before stronger or weaker.  [any]
bool km_phrase_is_booster(const struct km_word *word);

/// Whether the booster at token `index` stands directly before a word of feeling, or before other
/// boosters (at most 2) of one.  [any]
bool km_phrase_steers_feeling(const struct km_sentence *sentence, int index);

#endif
