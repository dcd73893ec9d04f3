// SPDX-License-Identifier: MIT

// Looking things up: an open-addressed hash of words, phrases sorted by their first word.

#include "affect/lexicon_private.h"

#include <string.h>

// The pool of texts is one long string: longer than the 4,095 bytes that C11 promises, which gcc
// and clang both take.
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Woverlength-strings"
#include "affect/lexicon.inc"
#pragma GCC diagnostic pop

enum { BLOOM_TURNS = 5 };

_Static_assert((LEXICON_SLOTS & (LEXICON_SLOTS - 1)) == 0, "slots are found by a mask");

// FNV-1a with a final mix; tools/make_lexicon.py computes the same.
static uint32_t hash_of(const char *text, size_t size)
{
    uint32_t hash = 2166136261U;
    for (size_t i = 0; i < size; ++i) {
        hash = (hash ^ (unsigned char)text[i]) * 16777619U;
    }
    hash ^= hash >> 15U;
    hash *= 0x2C1B3C6DU;
    return hash ^ (hash >> 13U);
}

const char *km_lexicon_text(const struct km_word *word)
{
    return lexicon_pool + word->offset;
}

const struct km_word *km_lexicon_find(const char *text, size_t size)
{
    uint32_t slot = hash_of(text, size) & (LEXICON_SLOTS - 1U);
    while (lexicon_slots[slot].length > 0) { // Some slots are always empty.
        const struct km_word *const word = &lexicon_slots[slot];
        if (word->length == size && memcmp(km_lexicon_text(word), text, size) == 0) {
            return word;
        }
        slot = (slot + 1) & (LEXICON_SLOTS - 1U);
    }
    return NULL;
}

// The order of a phrase's first word to the given one: as strcmp.
static int compare_first(const struct km_word *phrase, const char *text, size_t size)
{
    const char *const own = km_lexicon_text(phrase);
    const char *const space = memchr(own, ' ', phrase->length);
    const size_t own_size = space ? (size_t)(space - own) : phrase->length;
    const int order = memcmp(own, text, own_size < size ? own_size : size);
    if (order != 0 || own_size == size) {
        return order;
    }
    return own_size < size ? -1 : 1;
}

const struct km_word *km_lexicon_phrases(const char *text, size_t size, size_t *count)
{
    size_t low = 0;
    size_t high = LEXICON_PHRASES;
    while (low < high) {
        const size_t middle = low + (high - low) / 2;
        if (compare_first(&lexicon_phrases[middle], text, size) < 0) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    *count = 0;
    while (low + *count < LEXICON_PHRASES &&
           compare_first(&lexicon_phrases[low + *count], text, size) == 0) {
        ++*count;
    }
    return &lexicon_phrases[low < LEXICON_PHRASES ? low : 0];
}

bool km_lexicon_is_ordinary(const char *text, size_t size)
{
    const uint32_t hash = hash_of(text, size);
    const uint32_t step = (hash >> 16U) | 1U;
    for (uint32_t turn = 0; turn < BLOOM_TURNS; ++turn) {
        const uint32_t bit = (hash + turn * step) % BLOOM_BITS;
        if ((vocabulary_bits[bit / 32] >> (bit % 32) & 1U) == 0) {
            return false;
        }
    }
    return true;
}
