// SPDX-License-Identifier: MIT

// From a word as it is written to an entry of the lexicon: inflection, stretching, misspelling.

#include "affect/affect.h"
#include "affect/reader_private.h"

#include <string.h>

enum { STEM_MIN = 3, RUNS_MAX = 4 };

/// An ending, and what stands in its place in the lexicon.
struct ending {
    char from[8];
    char to[4];
    bool is_undoubled; ///< "stopped" -> "stop": the doubled letter before it goes, too.
    bool is_comparative;
    bool is_turning; ///< "joyless" turns joy round.
};

// Longer endings stand before those that end like them.
static const struct ending endings[] = {
    {"fulness", "ful", false, false, false}, {"fulness", "", false, false, false},
    {"fully", "ful", false, false, false},   {"fully", "", false, false, false},
    {"iness", "y", false, false, false},     {"ness", "", false, false, false},
    {"less", "", false, false, true},        {"'s", "", false, false, false},
    {"ies", "y", false, false, false},       {"es", "", false, false, false},
    {"s", "", false, false, false},          {"ied", "y", false, false, false},
    {"ed", "", false, false, false},         {"ed", "e", false, false, false},
    {"ed", "", true, false, false},          {"ing", "", false, false, false},
    {"ing", "e", false, false, false},       {"ing", "", true, false, false},
    {"in'", "", false, false, false},        {"ingly", "", false, false, false},
    {"ingly", "e", false, false, false},     {"edly", "", false, false, false},
    {"iest", "y", false, false, false},      {"est", "", false, true, false},
    {"est", "e", false, true, false},        {"est", "", true, true, false},
    {"ier", "y", false, true, false},        {"er", "", false, true, false},
    {"er", "e", false, true, false},         {"er", "", true, true, false},
    {"ily", "y", false, false, false},       {"ally", "", false, false, false},
    {"ly", "", false, false, false},         {"bly", "ble", false, false, false},
    {"ment", "", false, false, false},       {"ful", "", false, false, false},
    {"ty", "", false, false, false},         {"ity", "e", false, false, false},
    {"ation", "e", false, false, false},     {"ised", "ized", false, false, false},
};

static bool ends_with(const char *text, size_t size, const char *end)
{
    const size_t length = strlen(end);
    return size >= length + STEM_MIN && memcmp(text + size - length, end, length) == 0;
}

// The entry for `text` without an ending, or null.
static const struct km_word *find_without(const char *text, size_t size,
                                          const struct ending *ending)
{
    char stem[KM_WORD_SIZE_MAX + 4];
    size_t length = size - strlen(ending->from);
    memcpy(stem, text, size);
    if (ending->is_undoubled) {
        if (stem[length - 1] != stem[length - 2]) {
            return NULL;
        }
        --length;
    }
    const size_t added = strlen(ending->to);
    memcpy(stem + length, ending->to, added);
    return km_lexicon_find(stem, length + added);
}

// Words that only steer others have no other forms.
static bool is_inflected(const struct km_word *word)
{
    return word->role == KM_ROLE_NONE || word->role == KM_ROLE_KIN ||
           word->role == KM_ROLE_BOOSTER_BEFORE || word->role == KM_ROLE_BOOSTER_PREDICATE;
}

static const struct km_word *find_inflected(const char *text, size_t size, struct km_token *token)
{
    const struct km_word *word = km_lexicon_find(text, size);
    if (word) {
        return word;
    }
    for (size_t i = 0; i < sizeof(endings) / sizeof(endings[0]); ++i) {
        if (!ends_with(text, size, endings[i].from)) {
            continue;
        }
        word = find_without(text, size, &endings[i]);
        if (word && is_inflected(word)) {
            token->is_comparative = endings[i].is_comparative;
            token->is_turned = endings[i].is_turning;
            return word;
        }
    }
    return NULL;
}

// "unloved": the word without "un", turned round.
static const struct km_word *find_turned(const char *text, size_t size, struct km_token *token)
{
    if (size < 2 + STEM_MIN + 1 || memcmp(text, "un", 2) != 0) {
        return NULL;
    }
    const struct km_word *const word = find_inflected(text + 2, size - 2, token);
    if (!word || word->weights[0] == 0 || word->role != KM_ROLE_NONE) {
        return NULL;
    }
    token->is_turned = true;
    return word;
}

// Runs of three letters and more become one or two, as the bits of `choice` say; returns the size.
static size_t shorten(const struct km_token *token, unsigned choice, char *text, int *runs)
{
    size_t size = 0;
    *runs = 0;
    for (size_t i = 0; i < token->length;) {
        size_t end = i;
        while (end < token->length && token->text[end] == token->text[i]) {
            ++end;
        }
        size_t kept = end - i;
        if (kept >= 3) {
            kept = 1 + (choice >> (unsigned)*runs & 1U);
            ++*runs;
        }
        memset(text + size, token->text[i], kept);
        size += kept;
        i = end;
    }
    return size;
}

// "saaaad" -> "sad".
static const struct km_word *find_stretched(struct km_token *token)
{
    char text[KM_WORD_SIZE_MAX + 1];
    int runs = 0;
    (void)shorten(token, 0, text, &runs);
    if (runs == 0 || runs > RUNS_MAX) {
        return NULL;
    }
    for (unsigned choice = 0; choice < 1U << (unsigned)runs; ++choice) {
        int ignored = 0;
        const size_t size = shorten(token, choice, text, &ignored);
        const struct km_word *const word = find_inflected(text, size, token);
        if (word) {
            memcpy(token->text, text, size);
            token->text[size] = '\0';
            token->length = (uint8_t)size;
            token->is_stretched = true;
            return word;
        }
    }
    return NULL;
}

static bool is_plain(const struct km_token *token)
{
    for (size_t i = 0; i < token->length; ++i) {
        if (token->text[i] < 'a' || token->text[i] > 'z') {
            return false;
        }
    }
    return true;
}

// "don't" and its like are in the lexicon; any other "...n't" negates, too.
static const struct km_word *find_negation(const struct km_token *token)
{
    const bool is_negation =
        token->length > 3 && memcmp(token->text + token->length - 3, "n't", 3) == 0;
    return is_negation ? km_lexicon_find("not", 3) : NULL;
}

void km_word_find(struct km_token *token, struct km_reader *reader)
{
    const struct km_word *word = find_inflected(token->text, token->length, token);
    word = word ? word : find_negation(token);
    word = word ? word : find_turned(token->text, token->length, token);
    word = word ? word : find_stretched(token);
    if (!word && token->length >= KM_REPAIR_SIZE_MIN && reader->repairs < KM_REPAIRS_MAX &&
        is_plain(token) && !km_lexicon_is_ordinary(token->text, token->length)) {
        ++reader->repairs;
        word = km_spelling_repair(token->text, token->length);
    }
    token->word = word;
}
