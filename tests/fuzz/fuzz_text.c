// SPDX-License-Identifier: MIT

// Reads anything as UTF-8 and as numbers. Decoding must end, cover every byte once and agree with
// encoding; numbers must agree with the C library's (the program never leaves the C locale).

#include "base/status.h"
#include "base/text.h"
#include "support/expect.h"

#include <errno.h>
#include <math.h>
#include <stdint.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *input, size_t input_size);

static void expect_utf8(const char *text, size_t size)
{
    bool is_valid = true;
    size_t position = 0;
    while (position < size) {
        const size_t start = position;
        const uint32_t c = km_text_next(text, size, &position);
        EXPECT(position > start && position <= size);
        char bytes[4];
        const size_t length = km_text_encode(bytes, c);
        const bool is_same = length == position - start && memcmp(bytes, text + start, length) == 0;
        EXPECT(is_same || (c == KM_TEXT_REPLACEMENT && position == start + 1));
        is_valid = is_valid && is_same;
    }
    EXPECT(km_text_is_utf8(text, size) == is_valid);
}

static void expect_numbers(const char *text)
{
    double value = 0.0;
    if (km_text_parse_real(text, &value)) {
        char *end = NULL;
        const double expected = strtod(text, &end);
        EXPECT(*end == '\0');
        EXPECT(fabs(value - expected) <= fabs(expected) * 0x1p-52); // Beyond 19 digits.
        char again[KM_TEXT_REAL_SIZE];
        EXPECT(km_text_format_real(again, value, 9) < sizeof(again));
    }
    int64_t whole = 0;
    if (km_text_parse_integer(text, INT64_MIN, INT64_MAX, &whole)) {
        errno = 0;
        EXPECT(whole == strtoll(text, NULL, 10) && errno == 0);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *input, size_t input_size)
{
    static char text[4096];
    const size_t size = input_size < sizeof(text) - 1 ? input_size : sizeof(text) - 1;
    if (size > 0) {
        memcpy(text, input, size);
    }
    text[size] = '\0';
    expect_utf8(text, size);
    expect_numbers(text);
    struct km_error error;
    km_error_set(&error, KM_ERROR_INVALID, "%s", text);
    EXPECT(km_text_is_utf8(error.message, strlen(error.message)));
    static const char *const names[] = {"", "grief", "joy", "quiet rage"};
    char list[24];
    km_text_list_nearest(list, sizeof(list), text, names, 4);
    EXPECT(strlen(list) < sizeof(list));
    const int found = km_text_find(text, names, 4);
    EXPECT(found < 0 || km_text_distance(text, names[found]) == 0);
    return 0;
}
