// SPDX-License-Identifier: MIT

// Repairs words of plain feeling that are misspelt by one edit. The first letter is taken to be
// right, as it nearly always is.

#include "affect/reader_private.h"

#include <string.h>

enum { STRENGTH_MIN = 75, WEIGHT_MIN = 50, TRIED_SIZE = KM_WORD_SIZE_MAX + 2 };

// Only words of plain feeling are worth a guess.
static const struct km_word *find_plain(const char *text, size_t size)
{
    const struct km_word *const word = km_lexicon_find(text, size);
    const bool is_plain = word && word->strength >= STRENGTH_MIN && word->weights[0] >= WEIGHT_MIN;
    return is_plain && word->length > KM_REPAIR_SIZE_MIN ? word : NULL;
}

static const struct km_word *repair_swapped(const char *text, size_t size)
{
    char tried[TRIED_SIZE];
    memcpy(tried, text, size);
    for (size_t i = 1; i + 1 < size; ++i) {
        tried[i] = text[i + 1];
        tried[i + 1] = text[i];
        const struct km_word *const word = find_plain(tried, size);
        if (word) {
            return word;
        }
        tried[i] = text[i];
        tried[i + 1] = text[i + 1];
    }
    return NULL;
}

static const struct km_word *repair_extra(const char *text, size_t size)
{
    char tried[TRIED_SIZE];
    for (size_t i = 1; i < size; ++i) {
        memcpy(tried, text, i);
        memcpy(tried + i, text + i + 1, size - i - 1);
        const struct km_word *const word = find_plain(tried, size - 1);
        if (word) {
            return word;
        }
    }
    return NULL;
}

// The word with some letter at `place`, or null; `tried` keeps the last letter.
static const struct km_word *try_letters(char tried[TRIED_SIZE], size_t place, size_t size)
{
    static const char letters[] = "abcdefghijklmnopqrstuvwxyz";
    const struct km_word *word = NULL;
    for (size_t i = 0; i + 1 < sizeof(letters) && !word; ++i) {
        tried[place] = letters[i];
        word = find_plain(tried, size);
    }
    return word;
}

static const struct km_word *repair_wrong(const char *text, size_t size)
{
    char tried[TRIED_SIZE];
    memcpy(tried, text, size);
    const struct km_word *word = NULL;
    for (size_t i = 1; i < size && !word; ++i) {
        word = try_letters(tried, i, size);
        tried[i] = text[i];
    }
    return word;
}

// A letter left out: a doubled one first, and nothing else in a short word.
static const struct km_word *repair_missing(const char *text, size_t size)
{
    char tried[TRIED_SIZE];
    const struct km_word *word = NULL;
    for (size_t i = 1; i <= size && !word; ++i) {
        memcpy(tried, text, i);
        tried[i] = text[i - 1];
        memcpy(tried + i + 1, text + i, size - i);
        word = find_plain(tried, size + 1);
    }
    for (size_t i = 1; i <= size && size > KM_REPAIR_SIZE_MIN && !word; ++i) {
        memcpy(tried, text, i);
        memcpy(tried + i + 1, text + i, size - i);
        word = try_letters(tried, i, size + 1);
    }
    return word;
}

const struct km_word *km_spelling_repair(const char *text, size_t size)
{
    const struct km_word *word = repair_missing(text, size);
    if (size > KM_REPAIR_SIZE_MIN) {
        word = word ? word : repair_swapped(text, size);
        word = word ? word : repair_extra(text, size);
        word = word ? word : repair_wrong(text, size);
    }
    return word;
}
