// SPDX-License-Identifier: MIT

#include "base/text.h"

#include "base/check.h"

#include <string.h>

// Number of bytes that follow this first byte, or -1 if none can start with it.
static int continuation_count(unsigned char first)
{
    if (first < 0x80) {
        return 0;
    }
    if (first < 0xC2) { // A stray continuation, or an overlong form.
        return -1;
    }
    return first < 0xE0 ? 1 : (first < 0xF0 ? 2 : (first < 0xF5 ? 3 : -1));
}

uint32_t km_text_next(const char *text, size_t size, size_t *position)
{
    KM_CHECK(*position < size);

    static const unsigned char first_mask[4] = {0x7F, 0x1F, 0x0F, 0x07};
    static const uint32_t smallest[4] = {0, 0x80, 0x800, 0x10000};
    const unsigned char *const bytes = (const unsigned char *)text + *position;
    const size_t left = size - *position;
    const int count = continuation_count(bytes[0]);
    *position += 1;
    if (count < 0 || (size_t)count >= left) {
        return KM_TEXT_REPLACEMENT;
    }

    uint32_t code_point = bytes[0] & first_mask[count];
    for (int i = 1; i <= count; ++i) {
        if ((bytes[i] & 0xC0) != 0x80) {
            return KM_TEXT_REPLACEMENT;
        }
        code_point = (code_point << 6) | (bytes[i] & 0x3FU);
    }
    const bool is_surrogate = code_point >= 0xD800 && code_point <= 0xDFFF;
    if (code_point < smallest[count] || code_point > 0x10FFFF || is_surrogate) {
        return KM_TEXT_REPLACEMENT;
    }
    *position += (size_t)count;
    return code_point;
}

bool km_text_is_utf8(const char *text, size_t size)
{
    size_t position = 0;
    while (position < size) {
        const size_t before = position;
        // A replacement that moved one byte was not written as U+FFFD, which takes three.
        if (km_text_next(text, size, &position) == KM_TEXT_REPLACEMENT && position == before + 1) {
            return false;
        }
    }
    return true;
}

size_t km_text_encode(char bytes[4], uint32_t code_point)
{
    const bool is_surrogate = code_point >= 0xD800 && code_point <= 0xDFFF;
    const uint32_t c = code_point > 0x10FFFF || is_surrogate ? KM_TEXT_REPLACEMENT : code_point;
    if (c < 0x80) {
        bytes[0] = (char)c;
        return 1;
    }
    const size_t count = c < 0x800 ? 2 : (c < 0x10000 ? 3 : 4);
    static const unsigned char first_bits[5] = {0, 0, 0xC0, 0xE0, 0xF0};
    for (size_t i = 0; i < count; ++i) {
        const uint32_t bits = c >> (6 * (count - 1 - i));
        bytes[i] = (char)(i == 0 ? first_bits[count] | bits : 0x80U | (bits & 0x3FU));
    }
    return count;
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

// The digits of a number as a whole number and a power of ten.
struct decimal {
    uint64_t digits;
    int exponent;
    int digits_seen;
};

static const char *read_digits(const char *c, struct decimal *decimal, int exponent_step)
{
    for (; is_digit(*c); ++c) {
        decimal->digits_seen = 1;
        if (decimal->digits < UINT64_MAX / 10 - 1) {
            decimal->digits = decimal->digits * 10 + (uint64_t)(*c - '0');
            decimal->exponent -= exponent_step;
        } else if (decimal->exponent < 10000) {
            decimal->exponent += 1 - exponent_step; // A digit beyond the 19th only scales.
        }
    }
    return c;
}

static const char *read_exponent(const char *c, struct decimal *decimal)
{
    if (*c != 'e' && *c != 'E') {
        return c;
    }
    const char *digits = c + 1;
    const int sign = *digits == '-' ? -1 : 1;
    digits += *digits == '-' || *digits == '+';
    if (!is_digit(*digits)) {
        return c; // The e itself is then what does not belong.
    }
    int exponent = 0;
    for (; is_digit(*digits); ++digits) {
        exponent = exponent < 10000 ? exponent * 10 + (*digits - '0') : exponent;
    }
    decimal->exponent += sign * exponent;
    return digits;
}

// Powers of ten up to 22 are exact, so one rounding remains for up to 15 digits (Clinger 1990).
static double scale(const struct decimal *decimal)
{
    double value = (double)decimal->digits;
    int left = decimal->exponent;
    while (left > 0 && value > 0.0 && value < 1e300) {
        const int step = left < 22 ? left : 22;
        double power = 1.0;
        for (int i = 0; i < step; ++i) {
            power *= 10.0;
        }
        value *= power;
        left -= step;
    }
    while (left < 0 && value > 0.0) {
        const int step = -left < 22 ? -left : 22;
        double power = 1.0;
        for (int i = 0; i < step; ++i) {
            power *= 10.0;
        }
        value /= power;
        left += step;
    }
    return left > 0 && value > 0.0 ? -1.0 : value; // Beyond the range of doubles.
}

bool km_text_parse_real(const char *text, double *value)
{
    const bool is_negative = text[0] == '-';
    const char *c = text + (text[0] == '-' || text[0] == '+');
    struct decimal decimal = {0};
    c = read_digits(c, &decimal, 0);
    if (*c == '.') {
        c = read_digits(c + 1, &decimal, 1);
    }
    if (!decimal.digits_seen) {
        return false;
    }
    c = read_exponent(c, &decimal);
    const double magnitude = scale(&decimal);
    if (*c != '\0' || magnitude < 0.0 || magnitude > 1.7e308) {
        return false;
    }
    *value = is_negative ? -magnitude : magnitude;
    return true;
}

bool km_text_parse_integer(const char *text, int64_t low, int64_t high, int64_t *value)
{
    const bool is_negative = text[0] == '-';
    const char *c = text + (text[0] == '-' || text[0] == '+');
    if (!is_digit(*c)) {
        return false;
    }
    int64_t number = 0; // Negative while reading: its range is the wider one.
    for (; is_digit(*c); ++c) {
        const int digit = *c - '0';
        if (number < (INT64_MIN + digit) / 10) {
            return false;
        }
        number = number * 10 - digit;
    }
    if (*c != '\0' || (!is_negative && number == INT64_MIN)) {
        return false;
    }
    number = is_negative ? number : -number;
    if (number < low || number > high) {
        return false;
    }
    *value = number;
    return true;
}

static size_t format_digits(char *text, uint64_t number, int digits_min)
{
    char reversed[24];
    int count = 0;
    do {
        reversed[count++] = (char)('0' + number % 10);
        number /= 10;
    } while (number > 0 || count < digits_min);
    for (int i = 0; i < count; ++i) {
        text[i] = reversed[count - 1 - i];
    }
    return (size_t)count;
}

size_t km_text_format_real(char text[KM_TEXT_REAL_SIZE], double value, int decimals)
{
    KM_CHECK(decimals >= 0 && decimals <= 9);
    if (value != value) {
        memcpy(text, "nan", 4);
        return 3;
    }
    uint64_t unit = 1;
    for (int i = 0; i < decimals; ++i) {
        unit *= 10;
    }
    const double magnitude = value < 0.0 ? -value : value;
    const double limited = magnitude < 9e18 ? magnitude : 9e18;
    uint64_t whole = (uint64_t)limited;
    uint64_t part = (uint64_t)((limited - (double)whole) * (double)unit + 0.5);
    if (part >= unit) {
        whole += 1;
        part = 0;
    }
    size_t length = 0;
    if (value < 0.0 && (whole > 0 || part > 0)) {
        text[length++] = '-';
    }
    length += format_digits(text + length, whole, 1);
    if (part > 0) {
        text[length++] = '.';
        length += format_digits(text + length, part, decimals);
        while (text[length - 1] == '0') {
            --length;
        }
    }
    text[length] = '\0';
    return length;
}

static char folded(char c)
{
    if (c >= 'A' && c <= 'Z') {
        return (char)(c | 0x20);
    }
    return (char)(c == '_' || c == ' ' ? '-' : c);
}

enum { DISTANCE_LENGTH_MAX = 32 };

// The cheapest edit that ends with these two characters; `rows` are the last three of the matrix.
static uint32_t cheapest_edit(const char *a, const char *b, size_t i, size_t j,
                              uint32_t rows[3][DISTANCE_LENGTH_MAX + 1])
{
    const uint32_t *const above = rows[(i + 2) % 3];
    const char a_last = folded(a[i - 1]);
    const char b_last = folded(b[j - 1]);
    uint32_t best = above[j - 1] + (a_last != b_last);
    best = above[j] + 1 < best ? above[j] + 1 : best;
    best = rows[i % 3][j - 1] + 1 < best ? rows[i % 3][j - 1] + 1 : best;
    if (i > 1 && j > 1 && a_last == folded(b[j - 2]) && folded(a[i - 2]) == b_last) {
        const uint32_t swapped = rows[(i + 1) % 3][j - 2] + 1; // Two rows above.
        best = swapped < best ? swapped : best;
    }
    return best;
}

uint32_t km_text_distance(const char *a, const char *b)
{
    uint32_t rows[3][DISTANCE_LENGTH_MAX + 1];
    const size_t a_length = strnlen(a, DISTANCE_LENGTH_MAX);
    const size_t b_length = strnlen(b, DISTANCE_LENGTH_MAX);
    for (size_t j = 0; j <= b_length; ++j) {
        rows[0][j] = (uint32_t)j;
    }
    for (size_t i = 1; i <= a_length; ++i) {
        rows[i % 3][0] = (uint32_t)i;
        for (size_t j = 1; j <= b_length; ++j) {
            rows[i % 3][j] = cheapest_edit(a, b, i, j, rows);
        }
    }
    return rows[a_length % 3][b_length];
}

int km_text_find(const char *text, const char *const *names, int count)
{
    for (int i = 0; i < count; ++i) {
        size_t j = 0;
        while (text[j] != '\0' && folded(text[j]) == folded(names[i][j])) {
            ++j;
        }
        if (text[j] == '\0' && names[i][j] == '\0') {
            return i;
        }
    }
    return -1;
}

enum { LIST_COUNT_MAX = 256 };

void km_text_list_nearest(char *list, size_t size, const char *text, const char *const *names,
                          int count)
{
    KM_CHECK(count >= 0 && count <= LIST_COUNT_MAX);
    KM_CHECK(size >= 8);

    uint8_t order[LIST_COUNT_MAX];
    uint32_t distances[LIST_COUNT_MAX];
    for (int i = 0; i < count; ++i) { // Insertion sort: stable, so equals keep the table's order.
        distances[i] = km_text_distance(text, names[i]);
        int place = i;
        for (; place > 0 && distances[order[place - 1]] > distances[i]; --place) {
            order[place] = order[place - 1];
        }
        order[place] = (uint8_t)i;
    }
    size_t used = 0;
    list[0] = '\0';
    for (int i = 0; i < count; ++i) {
        const char *const name = names[order[i]];
        const size_t length = strlen(name);
        if (used + 2 + length + 4 >= size) {
            memcpy(list + used, " ...", 5);
            return;
        }
        if (i > 0) {
            memcpy(list + used, ", ", 2);
            used += 2;
        }
        memcpy(list + used, name, length + 1);
        used += length;
    }
}
