// SPDX-License-Identifier: MIT

// Finds phrases, and what words that steer stand before. A pattern's words are separated by spaces;
// "$" is a possessive or an article, or nothing, "%" a person or animal that is near to us. One
// booster may stand between its words, if the phrase is none itself.

#include "affect/phrase_private.h"

#include "affect/lexicon_private.h"

#include <string.h>

enum { STEERING_REACH = 3, STRENGTH_OF_FEELING = 31 };

static bool has_role(const struct km_token *token, enum km_role role)
{
    return token->word && token->word->role == (uint8_t)role;
}

static bool is_same(const struct km_token *token, const char *word, size_t size)
{
    if (token->length == size && memcmp(token->text, word, size) == 0) {
        return true;
    }
    const struct km_word *const entry = token->word; // Inflected, or repaired.
    return entry && entry->length == size && memcmp(km_lexicon_text(entry), word, size) == 0;
}

// How many tokens from `index` on the word of a pattern takes: -1 if it does not fit.
static int match_word(const struct km_sentence *sentence, int index, const char *word, size_t size,
                      bool may_skip)
{
    const bool is_left = index < sentence->count && sentence->tokens[index].kind == KM_TOKEN_WORD;
    const struct km_token *const token = &sentence->tokens[is_left ? index : 0];
    if (size == 1 && word[0] == '$') {
        return is_left && has_role(token, KM_ROLE_POSSESSIVE);
    }
    if (!is_left) {
        return -1;
    }
    if (size == 1 && word[0] == '%' ? has_role(token, KM_ROLE_KIN) : is_same(token, word, size)) {
        return 1;
    }
    if (!may_skip || !has_role(token, KM_ROLE_BOOSTER) || index + 1 >= sentence->count) {
        return -1;
    }
    return sentence->tokens[index + 1].word && is_same(&sentence->tokens[index + 1], word, size)
               ? 2
               : -1;
}

// How many tokens the phrase takes from `index` on, or 0.
static int match(const struct km_sentence *sentence, int index, const struct km_word *phrase)
{
    const char *pattern = km_lexicon_text(phrase);
    const char *const end = pattern + phrase->length;
    // "like mad" makes stronger what came before; "like totally mad" tells of a feeling.
    const bool may_skip = !km_phrase_is_booster(phrase) && phrase->role != KM_ROLE_BOOSTER_AFTER;
    int taken = 0;
    while (pattern < end) {
        const char *const space = memchr(pattern, ' ', (size_t)(end - pattern));
        const size_t size = (size_t)((space ? space : end) - pattern);
        const int more = match_word(sentence, index + taken, pattern, size, may_skip);
        if (more < 0 || (taken == 0 && more != 1)) {
            return 0;
        }
        taken += more;
        pattern += size + (space != NULL);
    }
    return taken;
}

static const struct km_word *find_from(const struct km_sentence *sentence, int index,
                                       const char *first, size_t size, int *count)
{
    size_t phrases = 0;
    const struct km_word *const phrase = km_lexicon_phrases(first, size, &phrases);
    const struct km_word *best = NULL;
    for (size_t i = 0; i < phrases; ++i) {
        const int taken = match(sentence, index, &phrase[i]);
        if (taken > *count) {
            *count = taken;
            best = &phrase[i];
        }
    }
    return best;
}

const struct km_word *km_phrase_find(const struct km_sentence *sentence, int index, int *count)
{
    const struct km_token *const token = &sentence->tokens[index];
    *count = 0;
    if (token->kind != KM_TOKEN_WORD || !token->word) {
        return NULL;
    }
    const struct km_word *found = NULL;
    if (token->word->is_start) {
        found =
            find_from(sentence, index, km_lexicon_text(token->word), token->word->length, count);
    }
    if (has_role(token, KM_ROLE_KIN)) {
        const struct km_word *const other = find_from(sentence, index, "%", 1, count);
        found = other ? other : found;
    }
    return found;
}

const struct km_word *km_phrase_or_word(const struct km_sentence *sentence, int index, int *count)
{
    const struct km_word *const phrase = km_phrase_find(sentence, index, count);
    if (phrase) {
        return phrase;
    }
    *count = 1;
    return sentence->tokens[index].word;
}

bool km_phrase_is_booster(const struct km_word *word)
{
    return word->role == KM_ROLE_BOOSTER || word->role == KM_ROLE_DOWNTONER ||
           word->role == KM_ROLE_BOOSTER_BEFORE || word->role == KM_ROLE_BOOSTER_PREDICATE;
}

bool km_phrase_steers_feeling(const struct km_sentence *sentence, int index)
{
    const struct km_word *const first = sentence->tokens[index].word;
    const struct km_word *const before = index > 0 ? sentence->tokens[index - 1].word : NULL;
    if (first && first->role == KM_ROLE_BOOSTER_PREDICATE && before &&
        before->role == KM_ROLE_POSSESSIVE) {
        return false; // "my dead love"
    }
    int count = 1;
    for (int next = index + 1; next <= index + STEERING_REACH && next < sentence->count;
         next += count) {
        const struct km_word *const word = km_phrase_or_word(sentence, next, &count);
        if (sentence->tokens[next].kind != KM_TOKEN_WORD || !word || word->role == KM_ROLE_KIN) {
            return false;
        }
        if (word->weights[0] > 0 || word->strength >= STRENGTH_OF_FEELING) {
            return true;
        }
        if (!km_phrase_is_booster(word)) {
            return false;
        }
    }
    return false;
}
