// SPDX-License-Identifier: MIT

// The seed of a song for which none was asked for.

#include "apps/compose_job.h"

enum { SEEDS_OF_WORDS = 999 }; // Few: easy to type again, and no way back to the words.

// Letters and digits, capital or not; what lies between words does not count.
static bool counts(unsigned char *byte)
{
    if (*byte >= 'A' && *byte <= 'Z') {
        *byte = (unsigned char)(*byte - 'A' + 'a');
    }
    return (*byte >= 'a' && *byte <= 'z') || (*byte >= '0' && *byte <= '9') || *byte >= 0x80;
}

// One seed for all words would give all of them the same key and nearly the same chords and tune.
uint64_t km_compose_seed(const struct km_compose_settings *settings, const char *text, size_t size)
{
    if (settings->has_seed) {
        return (uint64_t)settings->seed;
    }
    uint64_t hash = 0xCBF29CE484222325U; // FNV-1a, 64 bits.
    bool has_words = false;
    for (size_t i = 0; i < size; ++i) {
        unsigned char byte = (unsigned char)text[i];
        if (counts(&byte)) {
            hash = (hash ^ byte) * 0x100000001B3U;
            has_words = true;
        }
    }
    hash ^= hash >> 32U; // The upper half is mixed best.
    return has_words ? 1 + hash % SEEDS_OF_WORDS : (uint64_t)settings->seed;
}
