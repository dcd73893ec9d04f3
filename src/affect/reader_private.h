// SPDX-License-Identifier: MIT

/// Cuts a text into sentences of words and signs.
#ifndef KM_AFFECT_READER_PRIVATE_H
#define KM_AFFECT_READER_PRIVATE_H

#include "affect/lexicon_private.h"

enum { KM_SENTENCE_TOKENS_MAX = 96, KM_REPAIRS_MAX = 64, KM_REPAIR_SIZE_MIN = 4 };

enum km_token_kind {
    KM_TOKEN_WORD,
    KM_TOKEN_SIGN,  ///< Emoji or emoticon.
    KM_TOKEN_PAUSE, ///< Comma, semicolon, colon, bracket, dash.
};

struct km_token {
    char text[KM_WORD_SIZE_MAX + 1]; ///< Folded to small ASCII letters, ended by a zero byte.
    uint8_t length;
    uint8_t kind;               ///< enum km_token_kind
    bool is_capital;            ///< All of its letters, 2 or more, are capitals.
    bool is_stretched;          ///< "sooo"
    bool is_comparative;        ///< "happier"
    bool is_turned;             ///< "un-" or "-less" turned its meaning round.
    const struct km_word *word; ///< Null if the lexicon does not have it.
};

struct km_sentence {
    struct km_token tokens[KM_SENTENCE_TOKENS_MAX];
    int count;
    int capitals; ///< Words in capitals.
    int words;    ///< Of 2 letters or more.
    int exclamations;
};

struct km_reader {
    const char *text;
    size_t size;
    size_t position;
    int repairs; ///< How many words were looked for with spelling errors: at most KM_REPAIRS_MAX.
};

/// Reads the next sentence; false at the end of the text. One that is longer than the maximum comes
/// in pieces.  [any]
bool km_reader_next(struct km_reader *reader, struct km_sentence *sentence);

/// The word of plain feeling that is one edit away from `size` small letters (at most
/// KM_WORD_SIZE_MAX), or null.  [any]
const struct km_word *km_spelling_repair(const char *text, size_t size);

/// Finds a word in the lexicon: as it stands, inflected, stretched, or misspelt.  [any]
void km_word_find(struct km_token *token, struct km_reader *reader);

#endif
