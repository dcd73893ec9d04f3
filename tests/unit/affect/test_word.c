// SPDX-License-Identifier: MIT

// Which entry of the lexicon a written word is taken for.

#include "affect/affect.h"
#include "affect/lexicon_private.h"
#include "affect/reader_private.h"
#include "support/cmocka.h"

#include <string.h>

static struct km_sentence sentence;

static const struct km_token *token_of(const char *text)
{
    struct km_reader reader = {.text = text, .size = strlen(text)};
    assert_true(km_reader_next(&reader, &sentence));
    assert_int_equal(sentence.count, 1);
    return &sentence.tokens[0];
}

// Asserts that `text` is read as the entry `wanted`; null: as none that tells of feeling.
static void assert_read_as(const char *text, const char *wanted)
{
    const struct km_word *const word = token_of(text)->word;
    if (!wanted) {
        if (word && word->weights[0] >= 50) {
            fail_msg("%s is read as %.*s", text, word->length, km_lexicon_text(word));
        }
        return;
    }
    if (!word || word->length != strlen(wanted) ||
        memcmp(km_lexicon_text(word), wanted, word->length) != 0) {
        fail_msg("%s is not read as %s", text, wanted);
    }
}

static void inflected_words_are_found(void **state)
{
    (void)state;
    static const char *const pairs[][2] = {
        {"happier", "happy"},       {"happiest", "happy"},   {"happily", "happy"},
        {"GRIEF", "grief"},         {"sadder", "sad"},       {"angrier", "angry"},
        {"grieves", "grieve"},      {"adores", "adore"},     {"delightful", "delightful"},
        {"peacefully", "peaceful"}, {"worries", "worry"},    {"sadly", "sadly"},
        {"hugged", "hug"},          {"loneliest", "lonely"}, {"father's", "father"},
        {"h\xC3\xA4ppy", "happy"}};
    for (size_t i = 0; i < sizeof(pairs) / sizeof(pairs[0]); ++i) {
        assert_read_as(pairs[i][0], pairs[i][1]);
    }
}

static void stretched_words_are_found(void **state)
{
    (void)state;
    assert_read_as("saaaaad", "sad");
    assert_read_as("happpyyyy", "happy");
    assert_read_as("sooooo", "so");
    assert_true(token_of("saaad")->is_stretched);
    assert_false(token_of("sad")->is_stretched);
}

static void misspelt_words_of_feeling_are_repaired(void **state)
{
    (void)state;
    static const char *const pairs[][2] = {
        {"greif", "grief"},     {"angyr", "angry"},          {"deppressed", "depressed"},
        {"anixous", "anxious"}, {"hapy", "happy"},           {"lonley", "lonely"},
        {"terifed", NULL},      {"frustated", "frustrated"}, {"gratful", "grateful"}};
    for (size_t i = 0; i < sizeof(pairs) / sizeof(pairs[0]); ++i) {
        assert_read_as(pairs[i][0], pairs[i][1]);
    }
}

// The words that the original read wrongly ("vast" within "devastated") and other near misses.
static void ordinary_words_are_left_alone(void **state)
{
    (void)state;
    static const char *const words[] = {"hat",   "made",  "brief", "grip",    "sand",  "word",
                                        "madam", "paint", "vast",  "therapy", "chair", "seven"};
    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); ++i) {
        assert_read_as(words[i], NULL);
    }
    assert_read_as("devastated", "devastated");
}

static void un_and_less_turn_a_word_round(void **state)
{
    (void)state;
    assert_true(token_of("joyless")->is_turned);
    assert_true(token_of("unafraid")->is_turned);
    assert_false(token_of("hopeless")->is_turned); // It has an entry of its own.
    assert_true(token_of("happier")->is_comparative);
}

static void every_negation_is_one(void **state)
{
    (void)state;
    static const char *const words[] = {"don't",  "isn't",  "wouldn't", "couldn\xE2\x80\x99t",
                                        "didn`t", "cannot", "mustn't",  "never"};
    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); ++i) {
        const struct km_word *const word = token_of(words[i])->word;
        assert_non_null(word);
        assert_int_equal(word->role, KM_ROLE_NEGATOR);
    }
}

static void signs_are_found_in_all_their_forms(void **state)
{
    (void)state;
    static const char *const joys[] = {
        ":)", ":-)", ":D", "\xF0\x9F\x98\x80", "\xE2\x98\xBA", "\xE2\x98\xBA\xEF\xB8\x8F"};
    for (size_t i = 0; i < sizeof(joys) / sizeof(joys[0]); ++i) {
        const struct km_token *const token = token_of(joys[i]);
        assert_int_equal(token->kind, KM_TOKEN_SIGN);
        assert_int_equal(token->word->emotions[0], KM_EMOTION_JOY);
    }
    const struct km_word *const plain = token_of("\xF0\x9F\x91\x8D")->word;
    assert_ptr_equal(token_of("\xF0\x9F\x91\x8D\xF0\x9F\x8F\xBD")->word, plain); // Skin tone.
    assert_int_equal(token_of("</3")->word->emotions[0], KM_EMOTION_SADNESS);
    assert_int_equal(token_of("<3")->word->emotions[0], KM_EMOTION_LOVE);
}

// Each entry is found by its own text, and no other text finds it.
static void the_tables_are_sound(void **state)
{
    (void)state;
    for (uint32_t code = 0; code < 0x20000; ++code) {
        const struct km_word *const word = km_lexicon_emoji(code);
        assert_true(!word || (code >= 0x2600 && word->emotions[0] < KM_EMOTIONS_COUNT));
    }
    assert_null(km_lexicon_find("", 0));
    assert_null(km_lexicon_find("grie", 4));
    size_t count = 0;
    const struct km_word *const phrases = km_lexicon_phrases("over", 4, &count);
    assert_true(count > 0);
    for (size_t i = 0; i < count; ++i) {
        assert_memory_equal(km_lexicon_text(&phrases[i]), "over ", 5);
    }
    (void)km_lexicon_phrases("zzz", 3, &count);
    assert_int_equal(count, 0);
    assert_true(km_lexicon_is_ordinary("mother", 6));
    assert_false(km_lexicon_is_ordinary("qzxvbn", 6));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(inflected_words_are_found),
        cmocka_unit_test(stretched_words_are_found),
        cmocka_unit_test(misspelt_words_of_feeling_are_repaired),
        cmocka_unit_test(ordinary_words_are_left_alone),
        cmocka_unit_test(un_and_less_turn_a_word_round),
        cmocka_unit_test(every_negation_is_one),
        cmocka_unit_test(signs_are_found_in_all_their_forms),
        cmocka_unit_test(the_tables_are_sound),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
