// SPDX-License-Identifier: MIT

/// Words to sing: lines cut from a text, and words divided into syllables.
#ifndef KM_SESSION_LYRICS_H
#define KM_SESSION_LYRICS_H

#include "base/attributes.h"
#include "session/plan.h"

#include <stddef.h>
#include <stdint.h>

KM_C_BEGIN

enum { KM_SYLLABLES_MAX = 16, KM_LYRICS_WORDS_MAX = 6 };

/// Cuts a text into lines of mostly 3 to 6 words, at punctuation and before conjunctions; each ends
/// with \n. Returns how many. Words are kept whole and as they are written, punctuation is left
/// out, and so is what has no room.  [any]
size_t km_lyrics_of_text(const char *text, size_t size, char lyrics[KM_PLAN_LYRICS_SIZE]);

/// Finds where the syllables of a word of `size` bytes begin, by the habits of English spelling;
/// returns how many there are, at most KM_SYLLABLES_MAX, at least 1. `starts[0]` is 0. A word
/// without vowels that it knows is one syllable; of Chinese, Japanese and Korean each character is
/// one.  [any]
size_t km_syllables_divide(const char *word, size_t size, uint16_t starts[KM_SYLLABLES_MAX]);

KM_C_END

#endif
