// SPDX-License-Identifier: MIT

// Real numbers to and from text: the same in every locale, and exact.

#include "base/text.h"

#include "base/check.h"

#include <float.h>
#include <string.h>

// ---- Reading

// A decimal number as a whole number and a power of ten.
struct decimal {
    uint64_t digits;
    int exponent;
    bool has_digits;
};

enum {
    EXPONENT_LIMIT = 100000, ///< Stops counting: far beyond what any double is.
    EXPONENT_MAX = 310,      ///< A digit times ten to this is too large for a double.
    EXPONENT_MIN = -345,     ///< 19 digits times ten to this are nearer to 0 than to any double.
};

static const char *read_digits(const char *c, struct decimal *decimal, int exponent_step)
{
    for (; *c >= '0' && *c <= '9'; ++c) {
        decimal->has_digits = true;
        if (decimal->digits < UINT64_MAX / 10 - 1) {
            decimal->digits = decimal->digits * 10 + (uint64_t)(*c - '0');
            decimal->exponent -= decimal->exponent > -EXPONENT_LIMIT ? exponent_step : 0;
        } else if (decimal->exponent < EXPONENT_LIMIT) {
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
    if (*digits < '0' || *digits > '9') {
        return c; // The e itself is then what does not belong.
    }
    int exponent = 0;
    for (; *digits >= '0' && *digits <= '9'; ++digits) {
        exponent = exponent < 2 * EXPONENT_LIMIT ? exponent * 10 + (*digits - '0') : exponent;
    }
    decimal->exponent += sign * exponent;
    return digits;
}

// A whole number of up to 1,280 bits, lowest word first: the largest product below needs
// 53 + 1075 + 64 of them.
enum { WORDS_COUNT = 40 };

struct whole {
    uint32_t words[WORDS_COUNT];
};

static struct whole whole_of(uint64_t value)
{
    return (struct whole){.words = {(uint32_t)value, (uint32_t)(value >> 32U)}};
}

static void multiply(struct whole *whole, uint32_t factor)
{
    uint64_t carry = 0;
    for (int i = 0; i < WORDS_COUNT; ++i) {
        carry += (uint64_t)whole->words[i] * factor;
        whole->words[i] = (uint32_t)carry;
        carry >>= 32U;
    }
    KM_CHECK(carry == 0);
}

static void multiply_power(struct whole *whole, uint32_t base, uint32_t step, int exponent)
{
    uint32_t power = 1; // Of base, to the step: as much as a word holds.
    for (uint32_t i = 0; i < step; ++i) {
        power *= base;
    }
    for (; exponent >= (int)step; exponent -= (int)step) {
        multiply(whole, power);
    }
    for (; exponent > 0; --exponent) {
        multiply(whole, base);
    }
}

static int compare(const struct whole *a, const struct whole *b)
{
    for (int i = WORDS_COUNT - 1; i >= 0; --i) {
        if (a->words[i] != b->words[i]) {
            return a->words[i] < b->words[i] ? -1 : 1;
        }
    }
    return 0;
}

// Whether digits * 10^exponent is below (-1), at (0) or above (1) the middle between the double of
// these bits and the next larger one. Exact: both sides are brought to whole numbers. The common
// factor 2^exponent of both sides is left out.
static int compare_to_middle(const struct decimal *decimal, uint64_t bits)
{
    const uint64_t fraction = bits & 0xFFFFFFFFFFFFFULL;
    const int biased = (int)(bits >> 52U);
    const uint64_t significand = biased > 0 ? fraction | 0x10000000000000ULL : fraction;
    // The middle is (2 * significand + 1) * 2^power.
    const int power = (biased > 0 ? biased : 1) - 1076;

    struct whole number = whole_of(decimal->digits);
    struct whole middle = whole_of(2 * significand + 1);
    const int fives = decimal->exponent;
    const int twos = decimal->exponent - power;
    multiply_power(fives > 0 ? &number : &middle, 5, 13, fives > 0 ? fives : -fives);
    multiply_power(twos > 0 ? &number : &middle, 2, 31, twos > 0 ? twos : -twos);
    return compare(&number, &middle);
}

// Within a few units in the last place; finite.
static double estimate(const struct decimal *decimal)
{
    double value = (double)decimal->digits;
    const int count = decimal->exponent < 0 ? -decimal->exponent : decimal->exponent;
    for (int left = count; left > 0;) {
        double power = 1.0; // Powers of ten up to 22 are exact.
        int step = 0;
        for (; step < 22 && step < left; ++step) {
            power *= 10.0;
        }
        value = decimal->exponent < 0 ? value / power : value * power;
        left -= step;
    }
    return value <= DBL_MAX ? value : DBL_MAX;
}

// The nearest double, the even one of two; false if it is too large for one.
static bool nearest(const struct decimal *decimal, double *value)
{
    *value = 0.0;
    if (decimal->digits == 0 || decimal->exponent < EXPONENT_MIN) {
        return true;
    }
    if (decimal->exponent > EXPONENT_MAX) {
        return false;
    }
    *value = estimate(decimal);
    if (decimal->digits <= 1ULL << 53U && decimal->exponent >= -22 && decimal->exponent <= 22) {
        return true; // Both are exact and one operation rounds (Clinger 1990).
    }
    // Neighbouring positive doubles are neighbouring whole numbers.
    uint64_t bits;
    memcpy(&bits, value, sizeof(bits));
    const uint64_t infinity = 0x7FF0000000000000ULL;
    int side = compare_to_middle(decimal, bits);
    while (bits < infinity && (side > 0 || (side == 0 && bits % 2 == 1))) {
        ++bits;
        side = compare_to_middle(decimal, bits);
    }
    while (bits > 0) {
        side = compare_to_middle(decimal, bits - 1);
        if (side > 0 || (side == 0 && bits % 2 == 0)) {
            break;
        }
        --bits;
    }
    memcpy(value, &bits, sizeof(bits));
    return *value <= DBL_MAX;
}

bool km_text_parse_real(const char *text, double *value)
{
    const bool is_negative = text[0] == '-';
    const char *c = text + (text[0] == '-' || text[0] == '+');
    struct decimal decimal = {.digits = 0};
    c = read_digits(c, &decimal, 0);
    if (*c == '.') {
        c = read_digits(c + 1, &decimal, 1);
    }
    if (!decimal.has_digits) {
        return false;
    }
    c = read_exponent(c, &decimal);
    double magnitude = 0.0;
    if (*c != '\0' || !nearest(&decimal, &magnitude)) {
        return false;
    }
    *value = is_negative ? -magnitude : magnitude;
    return true;
}

// ---- Writing

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

// Cuts a double in two of 26 bits, whose products are exact (Veltkamp 1968).
static double upper_half(double x)
{
    const double shifted = x * 134217729.0; // 2^27 + 1
    return shifted - (shifted - x);
}

// fraction * unit, below 2^30, rounded to a whole number, half up; exact as if in infinite
// precision.
static uint64_t round_product(double fraction, double unit)
{
    const double product = fraction * unit;
    // What the product rounded off (Dekker 1971).
    const double a = upper_half(fraction);
    const double b = upper_half(unit);
    const double error =
        (fraction - a) * (unit - b) - (((product - a * b) - (fraction - a) * b) - a * (unit - b));
    const uint64_t whole = (uint64_t)product;
    const double above_half = (product - (double)whole - 0.5) + error;
    return above_half >= 0.0 ? whole + 1 : whole;
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
    uint64_t part = round_product(limited - (double)whole, (double)unit);
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
