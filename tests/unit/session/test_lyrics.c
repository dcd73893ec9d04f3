// SPDX-License-Identifier: MIT

// Words to sing: cut into lines, divided into syllables, set under the melody.

#include "session/lyrics.h"

#include "base/random.h"
#include "base/text.h"
#include "unit/session/heard_song.h"

#include <stdio.h>
#include <string.h>

static char lyrics[KM_PLAN_LYRICS_SIZE];

static void expect_lines(const char *text, const char *lines)
{
    const size_t count = km_lyrics_of_text(text, strlen(text), lyrics);
    assert_string_equal(lyrics, lines);
    size_t newlines = 0;
    for (const char *c = lyrics; *c != '\0'; ++c) {
        newlines += *c == '\n';
    }
    assert_int_equal(newlines, count);
}

static void lines_end_where_one_breathes(void **state)
{
    (void)state;
    expect_lines("I miss my mother, and the garden where we used to sit.",
                 "I miss my mother\nand the garden\nwhere we used to sit\n");
    expect_lines("I miss my father so much, the house is empty and silent, but I hope",
                 "I miss my father so much\nthe house is empty and silent\nbut I hope\n");
    expect_lines("I miss my father, so much. Come back", "I miss my father so much\nCome back\n");
    expect_lines("line one is here\nline two\nline three",
                 "line one is here\nline two\nline three\n");
    expect_lines("I can't sleep! I won't 'sleep'", "I can't sleep\nI won't sleep\n");
    expect_lines("one two three four five six seven eight",
                 "one two three four five six\nseven eight\n");
    expect_lines("one two three four, five", "one two three four five\n");
    expect_lines("well-being, caf\xC3\xA9, \xF0\x9F\x98\xAD --- \x01", "well being caf\xC3\xA9\n");
    expect_lines("", "");
    expect_lines(" \t\n...!!! \xFF\xFE", "");
    expect_lines("sad", "sad\n");
}

static void any_bytes_give_whole_lines_that_fit(void **state)
{
    (void)state;
    static char text[5000];
    struct km_random random;
    for (uint64_t seed = 0; seed < 300; ++seed) {
        km_random_init(&random, seed, "text");
        for (size_t i = 0; i < sizeof(text); ++i) {
            static const char usual[] = "abe tio, .u'\n -\xC3\xA9\xE2\x80\x99";
            text[i] = seed % 2 == 0 ? (char)km_random_below(&random, 256)
                                    : usual[km_random_below(&random, sizeof(usual) - 1)];
        }
        const size_t size = km_random_below(&random, sizeof(text));
        (void)km_lyrics_of_text(text, size, lyrics);
        const size_t used = strlen(lyrics);
        assert_in_range(used, 0, KM_PLAN_LYRICS_SIZE - 1);
        assert_true(km_text_is_utf8(lyrics, used));
        assert_true(used == 0 || lyrics[used - 1] == '\n');
        assert_null(strstr(lyrics, "\n\n"));
        for (const char *line = lyrics; *line != '\0'; line += strcspn(line, "\n") + 1) {
            size_t words = 1;
            for (const char *c = line; *c != '\n'; ++c) {
                words += *c == ' ';
            }
            assert_in_range(words, 1, KM_LYRICS_WORDS_MAX);
        }
    }
}

// Hyphenated by hand, as dictionaries do it.
static const char *const words[] = {
    "a",           "ap-ple",      "al-ways",     "a-lone",     "a-gain",
    "an-ger",      "an-gry",      "a-fraid",     "a-way",      "a-bout",
    "au-tumn",     "beau-ti-ful", "be-cause",    "be-fore",    "be-lieve",
    "be-gin",      "bet-ter",     "bit-ter",     "bod-y",      "bro-ken",
    "broth-er",    "can-dle",     "care-less",   "change",     "chang-es",
    "child",       "chil-dren",   "cit-y",       "cloud",      "com-fort",
    "cre-ate",     "cry-ing",     "danc-ing",    "dark-ness",  "day",
    "dear",        "did-n't",     "dif-fer-ent", "don't",      "dream",
    "dreamed",     "earth",       "emp-ty",      "end-less",   "e-nough",
    "e-ven",       "eve-ning",    "eyes",        "fall-ing",   "fam-i-ly",
    "fa-ther",     "feel-ing",    "fin-ger",     "fire",       "flow-er",
    "for-ev-er",   "for-get",     "friend",      "gar-den",    "gen-tle",
    "go-ing",      "good",        "grate-ful",   "grief",      "hand",
    "hap-pi-ness", "hap-py",      "heart",       "heav-y",     "hel-lo",
    "here",        "home",        "hope",        "hoped",      "hopes",
    "hope-ful",    "hope-less",   "house",       "hun-dred",   "i-de-a",
    "i-mag-ine",   "in-side",     "jour-ney",    "joy",        "kind-ness",
    "kitch-en",    "laugh-ing",   "leave",       "let-ter",    "li-on",
    "lis-ten",     "lit-tle",     "lone-ly",     "lose",       "lost",
    "love",        "loved",       "lov-ing",     "mel-o-dy",   "mem-o-ry",
    "mid-night",   "mir-ror",     "mo-ment",     "moon",       "morn-ing",
    "mo-ther",     "moun-tain",   "move-ment",   "mu-sic",     "na-tion",
    "need-ed",     "nev-er",      "night",       "noth-ing",   "o-cean",
    "o-pen",       "oth-er",      "o-ver",       "pa-per",     "peace",
    "peo-ple",     "pi-an-o",     "play-ing",    "po-em",      "qui-et",
    "ra-di-o",     "rain",        "re-mem-ber",  "rest-less",  "rhyth-m",
    "riv-er",      "ros-es",      "sad-ness",    "sci-ence",   "see",
    "se-cret",     "shad-ow",     "si-lence",    "sing-er",    "sis-ter",
    "sleep",       "some-one",    "some-thing",  "some-times", "som-er-sault",
    "sor-row",     "spe-cial",    "spring",      "star",       "still",
    "sto-ry",      "sum-mer",     "sun-light",   "ta-ble",     "tears",
    "ten-der",     "their",       "ti-ger",      "tired",      "to-day",
    "to-geth-er",  "to-mor-row",  "trou-bled",   "un-der",     "voice",
    "wait-ed",     "walk-ing",    "want-ed",     "wa-ter",     "whis-per",
    "win-dow",     "win-ter",     "with-out",    "won-der",    "words",
    "yel-low",     "yes-ter-day", "young",
};

enum { WORDS_COUNT = sizeof(words) / sizeof(words[0]) };

// A word of the dictionary without its hyphens, and how many syllables they make.
static size_t join_syllables(const char *divided, char word[32], size_t *size)
{
    size_t count = 1;
    *size = 0;
    for (const char *c = divided; *c != '\0'; ++c) {
        count += *c == '-';
        if (*c != '-') {
            word[(*size)++] = *c;
        }
    }
    return count;
}

static void syllables_are_those_of_the_dictionary(void **state)
{
    (void)state;
    int right_counts = 0;
    int right_places = 0;
    for (size_t i = 0; i < WORDS_COUNT; ++i) {
        char word[32];
        char divided[64] = "";
        size_t size;
        const size_t count = join_syllables(words[i], word, &size);
        uint16_t starts[KM_SYLLABLES_MAX];
        const size_t found = km_syllables_divide(word, size, starts);
        for (size_t j = 0; j < found; ++j) {
            const size_t end = j + 1 < found ? starts[j + 1] : size;
            const size_t used = strlen(divided);
            (void)snprintf(divided + used, sizeof(divided) - used, "%s%.*s", j > 0 ? "-" : "",
                           (int)(end - starts[j]), word + starts[j]);
        }
        right_counts += found == count;
        right_places += strcmp(divided, words[i]) == 0;
        if (found != count) {
            print_message("%s, not %s\n", divided, words[i]);
        }
    }
    print_message("of %d words: %d counts right, %d places\n", WORDS_COUNT, right_counts,
                  right_places);
    assert_true(right_counts * 100 >= WORDS_COUNT * 93);
    assert_true(right_places * 100 >= WORDS_COUNT * 70);
}

static void syllables_of_any_bytes_go_forward(void **state)
{
    (void)state;
    struct km_random random;
    km_random_init(&random, 3, "words");
    for (int i = 0; i < 20000; ++i) {
        char word[80];
        const size_t size = 1 + km_random_below(&random, sizeof(word));
        for (size_t j = 0; j < size; ++j) {
            static const char usual[] = "aeiouylesdtnqx'\xC3\xA9\xE6\x88\x91";
            word[j] = i % 3 == 0 ? (char)km_random_below(&random, 256)
                                 : usual[km_random_below(&random, sizeof(usual) - 1)];
        }
        uint16_t starts[KM_SYLLABLES_MAX];
        const size_t count = km_syllables_divide(word, size, starts);
        assert_in_range(count, 1, KM_SYLLABLES_MAX);
        assert_int_equal(starts[0], 0);
        for (size_t j = 1; j < count; ++j) {
            assert_true(starts[j] > starts[j - 1] && starts[j] < size);
        }
    }
    uint16_t starts[KM_SYLLABLES_MAX];
    assert_int_equal(km_syllables_divide("\xE6\x88\x91\xE5\xBE\x88", 6, starts), 2);
}

enum { SUNG_SIZE = 1 << 16 };

// All lyric events of the melody's track, one after the other; each stands on a note.
static void read_sung(char sung[SUNG_SIZE])
{
    const struct km_midi_track *const track = &file.tracks[km_song_track(&plan, KM_PART_MELODY)];
    size_t used = 0;
    for (size_t i = 0; i < track->count; ++i) {
        const struct km_event *const event = &track->events[i];
        if (event->type != KM_EVENT_META || event->number != KM_META_LYRIC) {
            continue;
        }
        size_t size = 0;
        const unsigned char *const bytes = km_midi_file_payload(&file, event->detail, &size);
        assert_true(km_text_is_utf8((const char *)bytes, size));
        assert_true(used + size < SUNG_SIZE);
        memcpy(sung + used, bytes, size);
        used += size;
        size_t j = i + 1;
        while (track->events[j].tick == event->tick && track->events[j].type != KM_EVENT_NOTE_ON) {
            ++j;
        }
        assert_true(track->events[j].tick == event->tick);
    }
    sung[used] = '\0';
}

static void make_song_plan(uint64_t seed, const char *text)
{
    struct brief brief = {.valence = -0.4, .arousal = 0.1, .chaos = 0.2, .seed = seed};
    brief.wishes.has_bars = true;
    brief.wishes.bars = 32;
    brief.wishes.has_ensemble = true;
    brief.wishes.ensemble = (uint8_t)(seed % KM_ENSEMBLES_COUNT);
    make_plan(&brief);
    (void)km_lyrics_of_text(text, strlen(text), plan.lyrics);
}

static const char said[] =
    "I miss my mother and the garden where we used to sit, everything is quiet now. I am so tired "
    "of waiting. Hello, beautiful morning";

static void the_melody_stays_and_the_words_stand_on_its_notes(void **state)
{
    (void)state;
    static char sung[SUNG_SIZE];
    for (uint64_t seed = 0; seed < 40; ++seed) {
        make_song_plan(seed, said);
        const struct km_harmony_plan with = plan;
        memset(plan.lyrics, 0, sizeof(plan.lyrics));
        compose();
        const uint64_t hash = notes_hash(KM_PART_MELODY);
        read_sung(sung);
        assert_string_equal(sung, "");
        plan = with;
        compose();
        assert_true(notes_hash(KM_PART_MELODY) == hash);
        read_sung(sung);
        assert_non_null(strchr(sung, '\r'));
        // Without hyphens the words are those that were said.
        char plain[SUNG_SIZE];
        size_t size = 0;
        for (const char *c = sung; *c != '\0'; ++c) {
            if (*c != '-') {
                plain[size++] = *c;
            }
        }
        plain[size] = '\0';
        for (char *word = plain; *word != '\0';) {
            const size_t length = strcspn(word, " \r");
            const bool is_end = word[length] == '\0';
            word[length] = '\0';
            assert_non_null(strstr(said, word));
            word += length + (is_end ? 0 : 1);
        }
        assert_non_null(strstr(sung, "mo-ther"));
    }
}

static void a_word_longer_than_an_event_is_cut_between_characters(void **state)
{
    (void)state;
    static char sung[SUNG_SIZE];
    char word[201] = "";
    for (size_t i = 0; i < 100; ++i) {
        memcpy(word + 2 * i, "\xC3\xA9", 3);
    }
    for (size_t shift = 0; shift < 2; ++shift) {
        make_song_plan(1, "sad");
        (void)snprintf(plan.lyrics, sizeof(plan.lyrics), "%s%s one\nlast\n", shift ? "s" : "",
                       word);
        compose();
        read_sung(sung); // Which looks at each event's UTF-8.
        assert_non_null(strstr(sung, "one"));
    }
}

static void memory_may_fail_at_any_syllable(void **state)
{
    make_song_plan(3, said);
    uint64_t request = 1;
    enum km_status status = KM_ERROR_NO_MEMORY;
    while (status == KM_ERROR_NO_MEMORY) {
        km_midi_file_release(&file);
        km_heap_fail_at(*state, request++);
        status = km_song_compose(&plan, "Song", &file, NULL);
        km_heap_fail_at(*state, 0);
    }
    assert_int_equal(status, KM_OK);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lines_end_where_one_breathes),
        cmocka_unit_test(any_bytes_give_whole_lines_that_fit),
        cmocka_unit_test(syllables_are_those_of_the_dictionary),
        cmocka_unit_test(syllables_of_any_bytes_go_forward),
        SONG_TEST(the_melody_stays_and_the_words_stand_on_its_notes),
        SONG_TEST(a_word_longer_than_an_event_is_cut_between_characters),
        SONG_TEST(memory_may_fail_at_any_syllable),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
