// SPDX-License-Identifier: MIT

#include "base/text.h"

#include "base/random.h"
#include "support/cmocka.h"

#include <iconv.h>
#include <locale.h>
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct km_random numbers;

static int seed_numbers(void **state)
{
    (void)state;
    km_random_init(&numbers, 11, "text");
    return 0;
}

// ---- UTF-8, against iconv

static void every_code_point_goes_there_and_back_as_iconv_has_it(void **state)
{
    (void)state;
    iconv_t converter = iconv_open("UTF-8", "UTF-32LE");
    assert_true(converter != (iconv_t)-1); // NOLINT(performance-no-int-to-ptr): iconv's own sign.
    for (uint32_t c = 0; c <= 0x110000; ++c) {
        char ours[4];
        char theirs[8];
        uint32_t in = c;
        char *from = (char *)&in;
        char *to = theirs;
        size_t from_left = sizeof(in);
        size_t to_left = sizeof(theirs);
        const bool is_valid = iconv(converter, &from, &from_left, &to, &to_left) == 0;
        const size_t size = km_text_encode(ours, c);
        size_t position = 0;
        const uint32_t decoded = km_text_next(ours, size, &position);
        assert_true(position == size);
        assert_true(decoded == (is_valid ? c : KM_TEXT_REPLACEMENT));
        assert_true(km_text_is_utf8(ours, size));
        if (is_valid) {
            assert_int_equal(size, sizeof(theirs) - to_left);
            assert_memory_equal(ours, theirs, size);
        }
        c += c > 0x3000 && c < 0x10FF00 && (c & 0xFF) > 4 ? 60 : 0; // Not each of a million.
    }
    iconv_close(converter);
}

// Bytes that are likely to be nearly right.
static size_t nearly_utf8(char text[8])
{
    static const unsigned char telling[] = {0x00, 0x7F, 0x80, 0x8F, 0x90, 0x9F, 0xA0, 0xBF, 0xC0,
                                            0xC1, 0xC2, 0xDF, 0xE0, 0xE1, 0xEC, 0xED, 0xEE, 0xEF,
                                            0xF0, 0xF1, 0xF3, 0xF4, 0xF5, 0xF7, 0xF8, 0xFF, 'a'};
    const size_t size = 1 + km_random_below(&numbers, 7);
    for (size_t i = 0; i < size; ++i) {
        text[i] = (char)telling[km_random_below(&numbers, sizeof(telling))];
    }
    return size;
}

static void what_is_utf8_is_so_for_iconv_too(void **state)
{
    (void)state;
    iconv_t converter = iconv_open("UTF-32LE", "UTF-8");
    assert_true(converter != (iconv_t)-1); // NOLINT(performance-no-int-to-ptr): iconv's own sign.
    int valid_count = 0;
    for (int i = 0; i < 200000; ++i) {
        char text[8];
        uint32_t out[8];
        const size_t size = nearly_utf8(text);
        char *from = text;
        char *to = (char *)out;
        size_t from_left = size;
        size_t to_left = sizeof(out);
        iconv(converter, NULL, NULL, NULL, NULL);
        const bool is_valid = iconv(converter, &from, &from_left, &to, &to_left) == 0;
        assert_int_equal(km_text_is_utf8(text, size), is_valid);
        size_t position = 0;
        for (size_t j = 0; is_valid && j < 8 - to_left / 4; ++j) {
            assert_int_equal(km_text_next(text, size, &position), out[j]);
        }
        valid_count += is_valid;
    }
    assert_in_range(valid_count, 2000, 150000);
    iconv_close(converter);
}

static void broken_bytes_are_passed_one_by_one(void **state)
{
    (void)state;
    static const char text[] = "a\xE2\x82"
                               "b\xED\xA0\x80\xEF\xBF\xBD\xF0\x9F"; // Cut, surrogate, U+FFFD, cut.
    static const uint32_t expected[] = {'a',    0xFFFD, 0xFFFD, 'b',    0xFFFD,
                                        0xFFFD, 0xFFFD, 0xFFFD, 0xFFFD, 0xFFFD};
    size_t position = 0;
    for (size_t i = 0; i < sizeof(expected) / sizeof(expected[0]); ++i) {
        assert_int_equal(km_text_next(text, sizeof(text) - 1, &position), expected[i]);
    }
    assert_int_equal(position, sizeof(text) - 1);
    assert_false(km_text_is_utf8(text, sizeof(text) - 1));
    assert_true(km_text_is_utf8("", 0));
    assert_true(km_text_is_utf8("\xEF\xBF\xBD", 3)); // Somebody wrote U+FFFD.
}

// ---- Numbers, against the C library in the C locale

static int significant_digits(const char *text)
{
    int count = 0;
    for (; *text != '\0' && *text != 'e'; ++text) {
        count += *text >= '0' && *text <= '9' && (count > 0 || *text != '0');
    }
    return count;
}

static void random_decimal(char text[128])
{
    switch (km_random_below(&numbers, 3)) {
    case 0: {
        const uint64_t bits = km_random_bits(&numbers);
        double value = 0.0;
        memcpy(&value, &bits, sizeof(value));
        snprintf(text, 128, "%.*e", (int)km_random_below(&numbers, 19),
                 isfinite(value) ? value : 5e-324);
        break;
    }
    case 1:
        snprintf(text, 128, "%llu.%ue%d",
                 (unsigned long long)(km_random_bits(&numbers) >> km_random_below(&numbers, 64)),
                 km_random_below(&numbers, 1000), km_random_between(&numbers, -360, 320));
        break;
    default:
        snprintf(text, 128, "%d.%06u", km_random_between(&numbers, -1000, 1000),
                 km_random_below(&numbers, 1000000));
        break;
    }
}

static void reads_decimals_as_strtod_does(void **state)
{
    (void)state;
    for (int i = 0; i < 30000; ++i) {
        char text[128];
        random_decimal(text);
        const double expected = strtod(text, NULL);
        double value = 42.0;
        const bool is_read = km_text_parse_real(text, &value);
        assert_int_equal(is_read, isfinite(expected));
        if (!is_read) {
            assert_true(value == 42.0);
        } else if (significant_digits(text) <= 19) {
            assert_true(value == expected);
        } else {
            assert_true(fabs(value - expected) <= fabs(expected) * 0x1p-52);
        }
    }
}

static void reads_what_is_hard_to_round(void **state)
{
    (void)state;
    static const char *const hard[] = {"0",
                                       "-0",
                                       "9007199254740993",
                                       "9007199254740992",
                                       "9007199254740991",
                                       "5e-324",
                                       "2e-324",
                                       "2.4703282292062327e-324",
                                       "2.4703282292062328e-324",
                                       "2.2250738585072011e-308",
                                       "2.2250738585072014e-308",
                                       "1.7976931348623157e308",
                                       "1.797693134862315807e308",
                                       "1e23",
                                       "8.5e22",
                                       "1e22",
                                       "123456789012345678e-5",
                                       "0.1",
                                       "0.2",
                                       "0.3",
                                       "100e-2",
                                       "0.000000000000000000000000000000000000001e39",
                                       "1e-400",
                                       "0e999999999999",
                                       "0.e5",
                                       ".5",
                                       "+7",
                                       "00012",
                                       "6.02214076e23",
                                       "9214843084008499"};
    for (size_t i = 0; i < sizeof(hard) / sizeof(hard[0]); ++i) {
        double value = 42.0;
        assert_true(km_text_parse_real(hard[i], &value));
        assert_true(value == strtod(hard[i], NULL));
    }
}

static void refuses_what_is_no_decimal_number(void **state)
{
    (void)state;
    static const char *const refused[] = {"",       "-",
                                          "+",      ".",
                                          "e5",     "1e",
                                          "1e+",    "0x10",
                                          "nan",    "NaN",
                                          "inf",    "-infinity",
                                          "1,5",    " 1",
                                          "1 ",     "1.2.3",
                                          "--1",    "+-1",
                                          "1e5.5",  "1e400",
                                          "-1e309", "1.7976931348623159e308",
                                          "1_000",  "\xD9\xA1",
                                          "1\n",    "1e99999999999999999999"};
    for (size_t i = 0; i < sizeof(refused) / sizeof(refused[0]); ++i) {
        double value = 42.0;
        assert_false(km_text_parse_real(refused[i], &value));
        assert_true(value == 42.0);
    }
    char zeros[4000];
    memset(zeros, '0', sizeof(zeros));
    zeros[0] = '.';
    memcpy(zeros + sizeof(zeros) - 7, "5e3990", 7);
    double value = 0.0;
    assert_true(km_text_parse_real(zeros, &value)); // Thousands of digits, and then a small number.
    assert_true(value == strtod(zeros, NULL));
}

// Without zeros at the end; half away from zero, as ours.
static void expect_like_printf(double value, int decimals)
{
    char ours[KM_TEXT_REAL_SIZE];
    const size_t length = km_text_format_real(ours, value, decimals);
    assert_int_equal(length, strlen(ours));
    char exact[128]; // Every binary fraction that is tried ends within 60 places.
    snprintf(exact, sizeof(exact), "%.60f", value);
    char *const point = strchr(exact, '.');
    const bool is_tie = point[1 + decimals] == '5' &&
                        strspn(point + 2 + decimals, "0") == strlen(point + 2 + decimals);
    char theirs[128];
    snprintf(theirs, sizeof(theirs), "%.*f", decimals,
             is_tie ? nextafter(value, value < 0.0 ? -(double)INFINITY : (double)INFINITY) : value);
    if (strchr(theirs, '.')) {
        size_t end = strlen(theirs);
        while (theirs[end - 1] == '0') {
            --end;
        }
        theirs[end - (theirs[end - 1] == '.')] = '\0';
    }
    assert_string_equal(ours, strcmp(theirs, "-0") == 0 ? "0" : theirs);
}

static void writes_the_exact_value_rounded(void **state)
{
    (void)state;
    for (int i = 0; i < 30000; ++i) {
        const int decimals = (int)km_random_below(&numbers, 10);
        expect_like_printf((km_random_unit(&numbers) - 0.5) * 2000.0, decimals);
        expect_like_printf(km_random_between(&numbers, -99999, 99999) / 1000.0, decimals);
        const int shift = (int)km_random_below(&numbers, 30);
        expect_like_printf(ldexp(km_random_between(&numbers, -99999, 99999), -shift), decimals);
    }
    static const struct {
        double value;
        int decimals;
        const char *text;
    } cases[] = {{0.0, 3, "0"},
                 {-0.0, 3, "0"},
                 {-0.0004, 3, "0"},
                 {0.5, 0, "1"},
                 {-0.5, 0, "-1"},
                 {0.285, 2, "0.28"},
                 {0.9999999999, 9, "1"},
                 {123.456, 9, "123.456"},
                 {1e-9, 9, "0.000000001"},
                 {1e30, 2, "9000000000000000000"},
                 {-(double)INFINITY, 2, "-9000000000000000000"},
                 {(double)NAN, 2, "nan"}};
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); ++i) {
        char text[KM_TEXT_REAL_SIZE];
        km_text_format_real(text, cases[i].value, cases[i].decimals);
        assert_string_equal(text, cases[i].text);
    }
}

static void what_is_written_is_read_again(void **state)
{
    (void)state;
    for (int i = 0; i < 20000; ++i) {
        const double value = (km_random_unit(&numbers) - 0.5) * 1000.0;
        char text[KM_TEXT_REAL_SIZE];
        km_text_format_real(text, value, 9);
        double again = 0.0;
        assert_true(km_text_parse_real(text, &again));
        assert_true(fabs(again - value) <= 5.001e-10);
    }
}

static void the_locale_changes_nothing(void **state)
{
    (void)state;
    static const char *const commas[] = {"de_DE.UTF-8", "de_DE", "fr_FR.UTF-8"};
    bool is_set = false;
    for (size_t i = 0; i < sizeof(commas) / sizeof(commas[0]) && !is_set; ++i) {
        is_set = setlocale(LC_ALL, commas[i]) != NULL;
    }
    if (!is_set) {
        puts("skipped: no locale with a decimal comma is installed");
        skip();
    }
    char text[KM_TEXT_REAL_SIZE];
    km_text_format_real(text, 1234.5, 2);
    double value = 0.0;
    const bool is_read = km_text_parse_real("1234.5", &value);
    const bool takes_comma = km_text_parse_real("1234,5", &value);
    setlocale(LC_ALL, "C");
    assert_string_equal(text, "1234.5");
    assert_true(is_read && value == 1234.5);
    assert_false(takes_comma);
}

static void reads_whole_numbers_in_their_range(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        int64_t low, high;
        bool is_read;
        int64_t value;
    } cases[] = {
        {"0", 0, 0, true, 0},
        {"-0", 0, 0, true, 0},
        {"+12", 0, 99, true, 12},
        {"007", 0, 99, true, 7},
        {"9223372036854775807", INT64_MIN, INT64_MAX, true, INT64_MAX},
        {"9223372036854775808", INT64_MIN, INT64_MAX, false, 0},
        {"-9223372036854775808", INT64_MIN, INT64_MAX, true, INT64_MIN},
        {"-9223372036854775809", INT64_MIN, INT64_MAX, false, 0},
        {"99999999999999999999", INT64_MIN, INT64_MAX, false, 0},
        {"10", 1, 9, false, 0},
        {"0", 1, 9, false, 0},
        {"", 0, 9, false, 0},
        {"-", 0, 9, false, 0},
        {"1.0", 0, 9, false, 0},
        {"1 ", 0, 9, false, 0},
        {"0x1", 0, 9, false, 0},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); ++i) {
        int64_t value = 42;
        assert_int_equal(km_text_parse_integer(cases[i].text, cases[i].low, cases[i].high, &value),
                         cases[i].is_read);
        assert_true(value == (cases[i].is_read ? cases[i].value : 42));
    }
}

// ---- Names

enum { WORD_MAX = 8 };

static uint32_t least(uint32_t a, uint32_t b)
{
    return a < b ? a : b;
}

// The definition, tabled whole: cost[i][j] makes the first j letters of `b` of the first i of `a`.
static uint32_t reference_distance(const char *a, const char *b)
{
    uint32_t cost[WORD_MAX + 1][WORD_MAX + 1];
    for (uint32_t i = 0; i <= WORD_MAX; ++i) {
        cost[i][0] = i;
        cost[0][i] = i;
    }
    for (size_t i = 1; i <= strlen(a); ++i) {
        for (size_t j = 1; j <= strlen(b); ++j) {
            const uint32_t replaced = cost[i - 1][j - 1] + (a[i - 1] != b[j - 1]);
            cost[i][j] = least(replaced, least(cost[i - 1][j], cost[i][j - 1]) + 1);
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) {
                cost[i][j] = least(cost[i][j], cost[i - 2][j - 2] + 1);
            }
        }
    }
    return cost[strlen(a)][strlen(b)];
}

static void random_word(char word[WORD_MAX + 1])
{
    const uint32_t length = km_random_below(&numbers, WORD_MAX + 1);
    for (uint32_t i = 0; i < length; ++i) {
        word[i] = (char)('a' + km_random_below(&numbers, 3));
    }
    word[length] = '\0';
}

static void distance_agrees_with_its_definition(void **state)
{
    (void)state;
    for (int i = 0; i < 20000; ++i) {
        char a[WORD_MAX + 1];
        char b[WORD_MAX + 1];
        random_word(a);
        random_word(b);
        assert_int_equal(km_text_distance(a, b), reference_distance(a, b));
        assert_int_equal(km_text_distance(a, b), km_text_distance(b, a));
    }
    assert_int_equal(km_text_distance("GREIF", "grief"), 1);
    assert_int_equal(km_text_distance("r_and b", "r and-b"), 0);
    assert_int_equal(km_text_distance("ca", "abc"), 3); // Optimal string alignment: not 2.
    assert_int_equal(km_text_distance("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaXX",
                                      "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaYYY"),
                     0); // Only 32 bytes count.
}

static const char *const moods[] = {"grief", "joy", "quiet rage", "grit", "brief"};

static void finds_names_however_they_are_written(void **state)
{
    (void)state;
    assert_int_equal(km_text_find("JOY", moods, 5), 1);
    assert_int_equal(km_text_find("Quiet-Rage", moods, 5), 2);
    assert_int_equal(km_text_find("quiet_rage", moods, 5), 2);
    assert_int_equal(km_text_find("quietrage", moods, 5), -1);
    assert_int_equal(km_text_find("jo", moods, 5), -1);
    assert_int_equal(km_text_find("joyful", moods, 5), -1);
    assert_int_equal(km_text_find("", moods, 5), -1);
    assert_int_equal(km_text_find("joy", moods, 0), -1);
}

static void lists_the_nearest_first_and_never_too_much(void **state)
{
    (void)state;
    char list[64];
    km_text_list_nearest(list, sizeof(list), "greif", moods, 5);
    assert_string_equal(list, "grief, grit, brief, joy, quiet rage");
    for (size_t size = 8; size <= 40; ++size) {
        memset(list, '#', sizeof(list));
        km_text_list_nearest(list, size, "greif", moods, 5);
        assert_true(strlen(list) < size);
        for (size_t i = size; i < sizeof(list); ++i) {
            assert_int_equal(list[i], '#');
        }
        const bool is_whole = strcmp(list, "grief, grit, brief, joy, quiet rage") == 0;
        assert_int_equal(is_whole, size >= sizeof("grief, grit, brief, joy, quiet rage"));
        const size_t length = strlen(list);
        assert_true(is_whole || strcmp(list + length - 3, "...") == 0);
    }
    km_text_list_nearest(list, sizeof(list), "x", moods, 0);
    assert_string_equal(list, "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_code_point_goes_there_and_back_as_iconv_has_it),
        cmocka_unit_test(what_is_utf8_is_so_for_iconv_too),
        cmocka_unit_test(broken_bytes_are_passed_one_by_one),
        cmocka_unit_test(reads_decimals_as_strtod_does),
        cmocka_unit_test(reads_what_is_hard_to_round),
        cmocka_unit_test(refuses_what_is_no_decimal_number),
        cmocka_unit_test(writes_the_exact_value_rounded),
        cmocka_unit_test(what_is_written_is_read_again),
        cmocka_unit_test(the_locale_changes_nothing),
        cmocka_unit_test(reads_whole_numbers_in_their_range),
        cmocka_unit_test(distance_agrees_with_its_definition),
        cmocka_unit_test(finds_names_however_they_are_written),
        cmocka_unit_test(lists_the_nearest_first_and_never_too_much),
    };
    return cmocka_run_group_tests(tests, seed_numbers, NULL);
}
