// SPDX-License-Identifier: MIT

// Cuts a text into sentences of words and signs, once through from left to right.

#include "affect/reader_private.h"

#include "base/text.h"

#include <string.h>

enum { HALF_SPACES_LOW = 0x2000, SYMBOLS_HIGH = 0x2BFF, PLANE_OF_EMOJI = 0x1F000 };

// Stands for a letter that no word of the lexicon has.
static const char foreign = '*';

/// What a code point is to the reader.
enum letter_kind {
    IS_LETTER,
    IS_SPACE,
    IS_PAUSE,
    IS_END,
    IS_MARK, // Apostrophe.
    IS_SIGN,
    IS_NOTHING, // Passed over: joiners, variation selectors, skin tones, soft hyphen.
};

// U+00C0 to U+017F without their accents, in small letters.
static const char latin[] = "aaaaaaaceeeeiiiidnooooo*ouuuuytsaaaaaaaceeeeiiiidnooooo*ouuuuyty"
                            "aaaaaaccccccccddddeeeeeeeeeegggggggghhhhiiiiiiiiiiiijjkkklllllll"
                            "lllnnnnnnnnnoooooooorrrrrrssssssssttttttuuuuuuuuuuuuwwyyyzzzzzzs";

_Static_assert(sizeof(latin) == 0x180 - 0xC0 + 1, "a letter for each");

static enum letter_kind kind_of_ascii(uint32_t c)
{
    if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9')) {
        return IS_LETTER;
    }
    if (c == '.' || c == '!' || c == '?') {
        return IS_END;
    }
    if (c == '\'' || c == '`') {
        return IS_MARK;
    }
    return c == ',' || c == ';' || c == ':' || c == '(' || c == ')' || c == '"' ? IS_PAUSE
                                                                                : IS_SPACE;
}

static bool is_passed_over(uint32_t c)
{
    return c == 0xAD || c == 0x200B || c == 0x200C || c == 0x200D || c == 0xFEFF ||
           (c >= 0xFE00 && c <= 0xFE0F) || (c >= 0x1F3FB && c <= 0x1F3FF) ||
           (c >= 0x300 && c <= 0x36F);
}

static enum letter_kind kind_of_symbol(uint32_t c)
{
    switch (c) {
    case 0x2018:
    case 0x2019:
    case 0x201B:
        return IS_MARK;
    case 0x2013:
    case 0x2014:
        return IS_PAUSE;
    case 0x2026:
    case 0x203C:
    case 0x3002:
        return IS_END;
    default:
        return c >= 0x2190 ? IS_SIGN : IS_SPACE;
    }
}

static enum letter_kind kind_of(uint32_t c)
{
    if (c < 0x80) {
        return kind_of_ascii(c);
    }
    if (is_passed_over(c)) {
        return IS_NOTHING;
    }
    if (c == 0xB4 || c == 0x2BC) {
        return IS_MARK;
    }
    if (c < 0xC0 || c == 0xD7 || c == 0xF7 || c == KM_TEXT_REPLACEMENT) {
        return IS_SPACE;
    }
    if (c >= HALF_SPACES_LOW && c <= SYMBOLS_HIGH) {
        return kind_of_symbol(c);
    }
    if (c == 0xFF01 || c == 0xFF1F || c == 0x3002) {
        return IS_END;
    }
    if (c == 0xFF0C || c == 0x3001 || c == 0x3000) {
        return IS_PAUSE;
    }
    return c >= PLANE_OF_EMOJI ? IS_SIGN : IS_LETTER;
}

static char fold(uint32_t c)
{
    if (c >= 'A' && c <= 'Z') {
        return (char)(c + ('a' - 'A'));
    }
    if (c < 0x80) {
        return (char)c;
    }
    if (c >= 0xC0 && c < 0x180) {
        return latin[c - 0xC0];
    }
    return foreign;
}

static bool is_capital(uint32_t c)
{
    return (c >= 'A' && c <= 'Z') || (c >= 0xC0 && c <= 0xDE);
}

// Whether a letter follows the apostrophe that ends at `position`, so that it belongs to the word.
static bool letter_follows(const struct km_reader *reader, size_t position)
{
    if (position >= reader->size) {
        return false;
    }
    return kind_of(km_text_next(reader->text, reader->size, &position)) == IS_LETTER;
}

// Adds a byte to the word. One that is too long is nothing that the lexicon could know.
static void add_byte(struct km_token *token, char byte)
{
    if (token->length < KM_WORD_SIZE_MAX) {
        token->text[token->length] = byte;
        ++token->length;
    } else {
        token->text[0] = foreign;
    }
}

// Reads the word at the reader's place. In a hashtag a capital after a small letter begins the
// next.
static void read_word(struct km_reader *reader, struct km_token *token, bool is_hashtag)
{
    memset(token, 0, sizeof(*token));
    token->kind = KM_TOKEN_WORD;
    int capitals = 0;
    bool was_small = false;
    while (reader->position < reader->size) {
        size_t next = reader->position;
        const uint32_t c = km_text_next(reader->text, reader->size, &next);
        const enum letter_kind kind = kind_of(c);
        const bool is_inside =
            kind == IS_LETTER || kind == IS_NOTHING ||
            (kind == IS_MARK && token->length > 0 && letter_follows(reader, next));
        if (!is_inside || (is_hashtag && was_small && is_capital(c))) {
            break;
        }
        reader->position = next;
        if (kind == IS_LETTER) {
            add_byte(token, fold(c));
            capitals += is_capital(c);
            was_small = !is_capital(c);
        } else if (kind == IS_MARK) {
            add_byte(token, '\'');
        }
    }
    token->is_capital = token->length >= 2 && capitals == token->length;
}

static struct km_token *add_token(struct km_sentence *sentence, enum km_token_kind kind)
{
    struct km_token *const token = &sentence->tokens[sentence->count];
    ++sentence->count;
    memset(token, 0, sizeof(*token));
    token->kind = (uint8_t)kind;
    return token;
}

// Whether the sign that ended at `end` ends the sentence; a point within a number does not.
static bool is_end(struct km_reader *reader, struct km_sentence *sentence, uint32_t c)
{
    if (c == '!' || c == 0x203C || c == 0xFF01) {
        ++sentence->exclamations;
    }
    return c != '.' || !letter_follows(reader, reader->position);
}

// Ends of sentences that follow at once belong to this one: "!!!", "?!".
static void read_ends(struct km_reader *reader, struct km_sentence *sentence)
{
    while (reader->position < reader->size) {
        size_t next = reader->position;
        const uint32_t c = km_text_next(reader->text, reader->size, &next);
        if (kind_of(c) != IS_END) {
            return;
        }
        reader->position = next;
        (void)is_end(reader, sentence, c);
    }
}

static void add_word(struct km_reader *reader, struct km_sentence *sentence, bool is_hashtag)
{
    struct km_token *const token = add_token(sentence, KM_TOKEN_WORD);
    read_word(reader, token, is_hashtag);
    sentence->capitals += token->is_capital;
    sentence->words += token->length >= 2;
    km_word_find(token, reader);
}

// Reads what is no word: true if the sentence ends here.
static bool read_other(struct km_reader *reader, struct km_sentence *sentence, uint32_t c,
                       enum letter_kind kind)
{
    if (kind == IS_END && is_end(reader, sentence, c)) {
        read_ends(reader, sentence);
        return sentence->count > 0;
    }
    if (kind == IS_PAUSE || c == '\n') {
        // An empty line ends a sentence, one line break is a breath.
        const bool is_empty_line =
            c == '\n' && reader->position < reader->size && reader->text[reader->position] == '\n';
        if (kind == IS_PAUSE && sentence->count > 0) {
            add_token(sentence, KM_TOKEN_PAUSE);
        }
        return is_empty_line && sentence->count > 0;
    }
    const struct km_word *const sign = kind == IS_SIGN ? km_lexicon_emoji(c) : NULL;
    if (sign) {
        add_token(sentence, KM_TOKEN_SIGN)->word = sign;
    }
    return false;
}

// The emoticon at the reader's place, if there is one.
static bool read_emoticon(struct km_reader *reader, struct km_sentence *sentence)
{
    size_t length = 0;
    const struct km_word *const word = km_lexicon_emoticon(
        reader->text + reader->position, reader->size - reader->position, &length);
    if (!word) {
        return false;
    }
    add_token(sentence, KM_TOKEN_SIGN)->word = word;
    reader->position += length;
    return true;
}

bool km_reader_next(struct km_reader *reader, struct km_sentence *sentence)
{
    memset(sentence, 0, offsetof(struct km_sentence, tokens));
    sentence->count = 0;
    sentence->capitals = 0;
    sentence->words = 0;
    sentence->exclamations = 0;
    bool is_hashtag = false;
    while (reader->position < reader->size && sentence->count < KM_SENTENCE_TOKENS_MAX) {
        size_t next = reader->position;
        const uint32_t c = km_text_next(reader->text, reader->size, &next);
        const enum letter_kind kind = kind_of(c);
        if (kind == IS_LETTER) {
            add_word(reader, sentence, is_hashtag);
            is_hashtag = is_hashtag && reader->position < reader->size &&
                         kind_of_ascii((unsigned char)reader->text[reader->position]) == IS_LETTER;
            continue;
        }
        is_hashtag = c == '#';
        if (c < 0x80 && read_emoticon(reader, sentence)) {
            continue;
        }
        reader->position = next;
        if (read_other(reader, sentence, c, kind)) {
            return true;
        }
    }
    return sentence->count > 0;
}
