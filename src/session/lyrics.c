// SPDX-License-Identifier: MIT

// From what somebody said to lines that can be sung.

#include "session/lyrics.h"

#include "base/check.h"
#include "base/text.h"

#include <string.h>

enum {
    WORD_SIZE = 64,
    WORDS_BEFORE_CONJUNCTION = 3,
    WORDS_BEFORE_PUNCTUATION = 2,
    WORDS_ALONE_MIN = 3
};

// What is being cut.
struct cutting {
    char *lyrics;
    size_t used;
    size_t line_start;
    size_t words; // Of the line that is open.
    size_t lines;
    bool is_soft; // The line before ended at a comma or within a sentence.
    bool is_full;
};

static bool is_letter(uint32_t c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           (c >= 0xC0 && c < 0x2000 && c != 0xD7 && c != 0xF7) || (c >= 0x3041 && c < 0xD800) ||
           (c >= 0x20000 && c < 0x40000);
}

static bool is_apostrophe(uint32_t c)
{
    return c == '\'' || c == 0x2019;
}

static bool ends_clause(uint32_t c)
{
    return c == '.' || c == ',' || c == ';' || c == ':' || c == '!' || c == '?' || c == '\n' ||
           c == 0x2026 || c == 0x3001 || c == 0x3002 || c == 0x2014;
}

static bool ends_softly(uint32_t c)
{
    return c == ',' || c == 0x3001;
}

static size_t words_before(const struct cutting *cutting)
{
    size_t words = 1;
    for (size_t i = cutting->line_start; i > 1 && cutting->lyrics[i - 2] != '\n'; --i) {
        words += cutting->lyrics[i - 2] == ' ';
    }
    return words;
}

// A line of so few words goes to the line before, if that has room: "so much" after "I miss you".
static void join_line_before(struct cutting *cutting, size_t words_max)
{
    if (cutting->words > 0 && cutting->words <= words_max && cutting->lines > 0 &&
        words_before(cutting) + cutting->words <= KM_LYRICS_WORDS_MAX) {
        cutting->lyrics[cutting->line_start - 1] = ' ';
        --cutting->lines;
    }
}

static void end_line(struct cutting *cutting, bool is_soft)
{
    if (cutting->is_soft) {
        join_line_before(cutting, WORDS_ALONE_MIN - 1);
    }
    if (cutting->words > 0) {
        cutting->lyrics[cutting->used++] = '\n';
        ++cutting->lines;
    }
    cutting->is_soft = is_soft;
    cutting->words = 0;
    cutting->line_start = cutting->used;
}

static bool is_conjunction(const char *word)
{
    static const char *const conjunctions[] = {"and",   "but",   "or",   "because", "so",
                                               "when",  "while", "that", "if",      "then",
                                               "until", "since", "as",   "where",   "though"};
    return km_text_find(word, conjunctions, sizeof(conjunctions) / sizeof(conjunctions[0])) >= 0;
}

static void add_word(struct cutting *cutting, char *word, size_t length)
{
    size_t size = length;
    while (size > 0 && word[size - 1] == '\'') {
        --size; // A closing quotation mark.
    }
    word[size] = '\0';
    if (size == 0 || cutting->is_full) {
        return;
    }
    if (cutting->words == KM_LYRICS_WORDS_MAX ||
        (cutting->words >= WORDS_BEFORE_CONJUNCTION && is_conjunction(word))) {
        end_line(cutting, true);
    }
    // A space before, a newline and a zero after.
    if (cutting->used + size + 3 > KM_PLAN_LYRICS_SIZE) {
        cutting->is_full = true;
        return;
    }
    if (cutting->words > 0) {
        cutting->lyrics[cutting->used++] = ' ';
    }
    memcpy(cutting->lyrics + cutting->used, word, size);
    cutting->used += size;
    ++cutting->words;
}

// One word alone is no line, whatever stands before it.
static void end_text(struct cutting *cutting)
{
    if (!cutting->is_soft) {
        join_line_before(cutting, 1);
    }
    end_line(cutting, false);
}

size_t km_lyrics_of_text(const char *text, size_t size, char lyrics[KM_PLAN_LYRICS_SIZE])
{
    KM_CHECK(text || size == 0);
    memset(lyrics, 0, KM_PLAN_LYRICS_SIZE);
    struct cutting cutting = {.lyrics = lyrics};
    char word[WORD_SIZE] = "";
    size_t length = 0;
    bool has_letter = false;
    size_t position = 0;
    while (position < size && !cutting.is_full) {
        const uint32_t c = km_text_next(text, size, &position);
        const bool is_of_word = is_letter(c) || (is_apostrophe(c) && has_letter);
        if (is_of_word && length + 5 < sizeof(word)) {
            length += km_text_encode(word + length, c);
            has_letter = true;
            continue;
        }
        add_word(&cutting, word, length);
        length = is_of_word ? km_text_encode(word, c) : 0;
        has_letter = is_of_word;
        if (ends_clause(c) && cutting.words >= WORDS_BEFORE_PUNCTUATION) {
            end_line(&cutting, ends_softly(c));
        }
    }
    add_word(&cutting, word, length);
    end_text(&cutting);
    return cutting.lines;
}
