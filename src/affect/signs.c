// SPDX-License-Identifier: MIT

// Emoji and emoticons. Their place follows from their emotions, so the tables hold no figures.

#include "affect/affect.h"
#include "affect/lexicon_private.h"

#include <string.h>

enum { SIGN_STRENGTH = 90, EMOTICON_SIZE = 5 };

#define SIGN(A, a, B, b)                                                                           \
    {                                                                                              \
        .strength = SIGN_STRENGTH, .emotions = {KM_EMOTION_##A, KM_EMOTION_##B},                   \
        .weights = {a, b}, .node = KM_AFFECT_NO_NODE                                               \
    }

struct emoji {
    uint32_t code_point;
    struct km_word word;
};

static const struct emoji emoji[] = {
#define KM_EMOJI(code, A, a, B, b) {code, SIGN(A, a, B, b)},
#include "affect/emoji.def"
#undef KM_EMOJI
};

struct emoticon {
    char signs[EMOTICON_SIZE];
    struct km_word word;
};

static const struct emoticon emoticons[] = {
#define KM_EMOTICON(signs, A, a, B, b) {signs, SIGN(A, a, B, b)},
#include "affect/emoticons.def"
#undef KM_EMOTICON
};

const struct km_word *km_lexicon_emoji(uint32_t code_point)
{
    size_t low = 0;
    size_t high = sizeof(emoji) / sizeof(emoji[0]);
    while (low < high) {
        const size_t middle = low + (high - low) / 2;
        if (emoji[middle].code_point < code_point) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    const bool is_found =
        low < sizeof(emoji) / sizeof(emoji[0]) && emoji[low].code_point == code_point;
    return is_found ? &emoji[low].word : NULL;
}

const struct km_word *km_lexicon_emoticon(const char *text, size_t size, size_t *length)
{
    for (size_t i = 0; i < sizeof(emoticons) / sizeof(emoticons[0]); ++i) {
        const size_t own = strlen(emoticons[i].signs);
        if (own <= size && memcmp(text, emoticons[i].signs, own) == 0) {
            *length = own;
            return &emoticons[i].word;
        }
    }
    return NULL;
}
