// SPDX-License-Identifier: MIT

/// The lexicon: words, phrases and signs with what they tell of, in static tables without pointers.
#ifndef KM_AFFECT_LEXICON_PRIVATE_H
#define KM_AFFECT_LEXICON_PRIVATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/// What a word does to others.
enum km_role {
#define KM_ROLE(NAME, name) KM_ROLE_##NAME,
#include "affect/roles.def"
#undef KM_ROLE
    KM_ROLES_COUNT
};

enum { KM_WORD_EMOTIONS_MAX = 3, KM_WORD_SIZE_MAX = 27 };

/// An entry. Figures are in percent.
struct km_word {
    uint32_t offset;                        ///< Of its text in the pool of texts.
    uint8_t length;                         ///< Of its text; 0 in an empty slot.
    uint8_t role;                           ///< enum km_role
    uint8_t factor;                         ///< Of a booster or downtoner.
    int8_t point[3];                        ///< Valence, arousal, dominance: -100 to 100.
    uint8_t strength;                       ///< How much it says about feeling: 0 to 100.
    uint8_t emotions[KM_WORD_EMOTIONS_MAX]; ///< enum km_emotion
    uint8_t weights[KM_WORD_EMOTIONS_MAX];  ///< Of each emotion; 0 ends the list.
    uint8_t is_start;                       ///< Whether phrases begin with it.
    int16_t node;                           ///< Of the thesaurus, or KM_AFFECT_NO_NODE.
};

_Static_assert(sizeof(struct km_word) == 20, "the lexicon stays compact");

/// The entry of `size` bytes in small letters, or null.  [any]
const struct km_word *km_lexicon_find(const char *text, size_t size);

/// The phrases whose first word is the given one: returns the first, and their count.  [any]
const struct km_word *km_lexicon_phrases(const char *text, size_t size, size_t *count);

/// The text of an entry, not ended by a zero byte; its length is in the entry.  [any]
const char *km_lexicon_text(const struct km_word *word);

/// Whether people write this word: an ordinary one that must not be taken for a misspelling.  [any]
/// Wrong for one unknown word in two hundred (a Bloom filter), which then is not repaired.
bool km_lexicon_is_ordinary(const char *text, size_t size);

/// The entry of an emoji's code point, or null.  [any]
const struct km_word *km_lexicon_emoji(uint32_t code_point);

/// The emoticon at the beginning of `size` bytes: its entry and its length, or null.  [any]
const struct km_word *km_lexicon_emoticon(const char *text, size_t size, size_t *length);

#endif
