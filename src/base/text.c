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

// The indices of the names, nearest first. Insertion sort: stable, so equals keep their order.
static void order_by_distance(uint8_t order[LIST_COUNT_MAX], const char *text,
                              const char *const *names, int count)
{
    uint32_t distances[LIST_COUNT_MAX];
    for (int i = 0; i < count; ++i) {
        distances[i] = km_text_distance(text, names[i]);
        int place = i;
        for (; place > 0 && distances[order[place - 1]] > distances[i]; --place) {
            order[place] = order[place - 1];
        }
        order[place] = (uint8_t)i;
    }
}

void km_text_list_nearest(char *list, size_t size, const char *text, const char *const *names,
                          int count)
{
    KM_CHECK(count >= 0 && count <= LIST_COUNT_MAX);
    KM_CHECK(size >= 8);

    uint8_t order[LIST_COUNT_MAX];
    order_by_distance(order, text, names, count);
    size_t used = 0;
    list[0] = '\0';
    for (int i = 0; i < count; ++i) {
        const char *const separator = i > 0 ? ", " : "";
        const char *const name = names[order[i]];
        const size_t length = strlen(separator) + strlen(name);
        const size_t rest = i + 1 < count ? 4 : 0; // What says that more would follow.
        if (used + length + rest >= size) {
            memcpy(list + used, used > 0 ? " ..." : "...", used > 0 ? 5 : 4);
            return;
        }
        memcpy(list + used, separator, strlen(separator));
        memcpy(list + used + strlen(separator), name, strlen(name) + 1);
        used += length;
    }
}
