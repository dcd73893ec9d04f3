// SPDX-License-Identifier: MIT

// Syllables by the habits of English spelling: a syllable to a group of vowels, but for silent
// letters; consonants between two groups are shared out as words are hyphenated.

#include "session/lyrics.h"

#include "base/check.h"
#include "base/text.h"

#include <string.h>

enum { LETTERS_MAX = 64, IDEOGRAPHS = 0x2E80 };

// A word in small letters without accents or apostrophes; what is no Latin letter is '.'.
struct spelling {
    char letters[LETTERS_MAX + 1];
    uint16_t places[LETTERS_MAX]; // In bytes of the word.
    int count;
};

// The letter beneath the accent, of Latin-1 (U+00C0 to U+00FF).
static char plain_letter(uint32_t c)
{
    static const char plain[] = "aaaaaaaceeeeiiiidnooooo.ouuuuytsaaaaaaaceeeeiiiidnooooo.ouuuuyty";
    if (c >= 'A' && c <= 'Z') {
        return (char)(c - 'A' + 'a');
    }
    if (c >= 'a' && c <= 'z') {
        return (char)c;
    }
    return c >= 0xC0 && c <= 0xFF ? plain[c - 0xC0] : '.';
}

static void spell(const char *word, size_t size, struct spelling *spelling)
{
    size_t position = 0;
    spelling->count = 0;
    while (position < size && spelling->count < LETTERS_MAX) {
        const size_t place = position;
        const uint32_t c = km_text_next(word, size, &position);
        if (c == '\'' || c == 0x2019) {
            continue;
        }
        spelling->letters[spelling->count] = plain_letter(c);
        spelling->places[spelling->count++] = (uint16_t)place;
    }
    spelling->letters[spelling->count] = '\0';
}

static bool is_one_of(char c, const char *set)
{
    return c != '\0' && strchr(set, c) != NULL;
}

static bool is_vowel_at(const struct spelling *spelling, int i)
{
    const char *const s = spelling->letters;
    if (s[i] == 'u' && i > 0 && s[i - 1] == 'q') {
        return false;
    }
    if (s[i] == 'y') {
        return i > 0 && !is_one_of(s[i + 1], "aeou");
    }
    return is_one_of(s[i], "aeiou");
}

static bool ends_with(const struct spelling *spelling, const char *ending)
{
    const int length = (int)strlen(ending);
    return spelling->count > length &&
           strcmp(spelling->letters + spelling->count - length, ending) == 0;
}

// Whether two vowels side by side are two syllables: "ra-di-o", "qui-et", "go-ing".
static bool is_hiatus(const struct spelling *spelling, int i)
{
    const char *const s = spelling->letters;
    if (strcmp(s + i, "ing") == 0) {
        return true; // Of "being", "crying".
    }
    if (s[i - 1] == 'i' && is_one_of(s[i], "aou")) {
        return i < 2 || !is_one_of(s[i - 2], "tscxg"); // Not in "nation", "special".
    }
    if (s[i - 1] == 'i' && s[i] == 'e') {
        return s[i + 1] == 't' || (s[i + 1] == 'n' && i > 1 && s[i - 2] != 'r' && s[i + 2] != 'd');
    }
    if (s[i - 1] == 'u' && is_one_of(s[i], "ao")) {
        return i > 1 && s[i - 2] != 'g';
    }
    const bool is_create = s[i - 1] == 'e' && s[i] == 'a' && strncmp(s + i, "at", 2) == 0 &&
                           i > 2 && s[i - 2] == 'r' && s[i - 3] == 'c';
    const bool is_poem = s[i - 1] == 'o' && s[i] == 'e' && is_one_of(s[i + 1], "mt");
    return is_create || is_poem || (s[i - 1] == 'y' && is_one_of(s[i], "aeio"));
}

// Endings before which an e is silent: "lonely", "somewhere".
static bool begins_ending(const char *rest)
{
    static const char *const endings[] = {"ly",    "ful",  "ness", "less",  "ment", "where",
                                          "thing", "body", "one",  "times", "time", "fully"};
    for (size_t i = 0; i < sizeof(endings) / sizeof(endings[0]); ++i) {
        if (strcmp(rest, endings[i]) == 0) {
            return true;
        }
    }
    return false;
}

static bool is_sibilant(const struct spelling *spelling, int i)
{
    const char *const s = spelling->letters;
    return is_one_of(s[i], "szxcg") || (s[i] == 'h' && i > 0 && is_one_of(s[i - 1], "cs"));
}

// Whether the e at i is silent; it stands alone between consonants, or at the end.
static bool is_silent(const struct spelling *spelling, int i)
{
    const char *const s = spelling->letters;
    if (s[i] != 'e' || i == 0 || is_vowel_at(spelling, i - 1)) {
        return false;
    }
    const bool is_after_l = s[i - 1] == 'l' && i > 1 && !is_vowel_at(spelling, i - 2) &&
                            s[i - 2] != 'l' && s[i - 2] != 'r';
    if (strcmp(s + i, "e") == 0) {
        return !is_after_l; // "hope", but "table".
    }
    if (strcmp(s + i, "es") == 0) {
        return !is_after_l && !is_sibilant(spelling, i - 1);
    }
    if (strcmp(s + i, "ed") == 0) {
        return !is_after_l && !is_one_of(s[i - 1], "td");
    }
    return begins_ending(s + i + 1);
}

// Marks the first letter of each group of vowels that sounds; returns how many.
static int find_nuclei(const struct spelling *spelling, int nuclei[KM_SYLLABLES_MAX], int ends[])
{
    int count = 0;
    bool was_vowel = false;
    for (int i = 0; i < spelling->count; ++i) {
        const bool is_vowel = is_vowel_at(spelling, i);
        const bool begins = is_vowel && (!was_vowel || is_hiatus(spelling, i));
        const bool has_another = count > 0 || spelling->letters[i] != 'e';
        if (begins && !(has_another && is_silent(spelling, i)) && count < KM_SYLLABLES_MAX) {
            nuclei[count++] = i;
        }
        if (is_vowel && count > 0 && !is_silent(spelling, i)) {
            ends[count - 1] = i;
        }
        was_vowel = is_vowel;
    }
    const int n = spelling->count;
    // "rhythm", "prism", "didn't": a consonant that sounds by itself.
    const bool has_schwa = ends_with(spelling, "sm") || ends_with(spelling, "thm") ||
                           (ends_with(spelling, "nt") && n > 3 &&
                            is_one_of(spelling->letters[n - 3], "ds") && count == 1);
    if (has_schwa && count > 0 && count < KM_SYLLABLES_MAX) {
        nuclei[count] = n - 1;
        ends[count++] = n - 1;
    }
    return count;
}

static bool is_onset(char first, char second)
{
    static const char *const onsets[] = {"bl", "br", "ch", "cl", "cr", "dr", "fl", "fr", "gl", "gr",
                                         "ph", "pl", "pr", "qu", "sh", "sl", "sm", "sp", "st", "th",
                                         "tr", "tw", "wh", "wr", "sw", "sk", "sc", "kn"};
    for (size_t i = 0; i < sizeof(onsets) / sizeof(onsets[0]); ++i) {
        if (onsets[i][0] == first && onsets[i][1] == second) {
            return true;
        }
    }
    return false;
}

// Where the syllable of a nucleus begins, after the one that ended before: "gar-den", "a-bout".
static int onset_of(const struct spelling *spelling, int end_before, int nucleus)
{
    const char *const s = spelling->letters;
    const int consonants = nucleus - end_before - 1;
    if (consonants <= 0) {
        return nucleus;
    }
    if (consonants == 1) {
        return s[nucleus - 1] == 'x' ? nucleus : nucleus - 1;
    }
    const bool is_before_le = s[nucleus] == 'e' && s[nucleus - 1] == 'l';
    if (is_before_le || is_onset(s[nucleus - 2], s[nucleus - 1])) {
        return s[nucleus - 2] == 'k' && s[nucleus - 3] == 'c' ? nucleus - 1 : nucleus - 2;
    }
    return nucleus - 1;
}

static size_t divide_characters(const char *word, size_t size, uint16_t starts[KM_SYLLABLES_MAX])
{
    size_t position = 0;
    size_t count = 0;
    while (position < size && count < KM_SYLLABLES_MAX) {
        starts[count++] = (uint16_t)position;
        (void)km_text_next(word, size, &position);
    }
    return count;
}

size_t km_syllables_divide(const char *word, size_t size, uint16_t starts[KM_SYLLABLES_MAX])
{
    KM_CHECK(word && size > 0 && size <= UINT16_MAX);
    size_t position = 0;
    if (km_text_next(word, size, &position) >= IDEOGRAPHS && (unsigned char)word[0] >= 0xE0) {
        return divide_characters(word, size, starts);
    }
    struct spelling spelling;
    spell(word, size, &spelling);
    int nuclei[KM_SYLLABLES_MAX];
    int ends[KM_SYLLABLES_MAX] = {0};
    const int count = find_nuclei(&spelling, nuclei, ends);
    starts[0] = 0;
    for (int i = 1; i < count; ++i) {
        starts[i] = spelling.places[onset_of(&spelling, ends[i - 1], nuclei[i])];
    }
    return count > 0 ? (size_t)count : 1;
}
