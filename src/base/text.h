// SPDX-License-Identifier: MIT

/// Text as bytes of UTF-8, and numbers that never depend on the locale.
#ifndef KM_BASE_TEXT_H
#define KM_BASE_TEXT_H

#include "base/attributes.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

KM_C_BEGIN

enum { KM_TEXT_REPLACEMENT = 0xFFFD };

/// Decodes the code point at `*position` (below `size`) and moves past it.  [any]
/// What is not UTF-8 (RFC 3629: overlong, surrogate, cut, stray) gives KM_TEXT_REPLACEMENT and
/// moves one byte, so every input is read to its end.
KM_RT uint32_t km_text_next(const char *text, size_t size, size_t *position);

/// Whether all `size` bytes are well-formed UTF-8.  [any]
KM_RT bool km_text_is_utf8(const char *text, size_t size);

/// Encodes a code point; returns its size, 1 to 4. What is none becomes KM_TEXT_REPLACEMENT.  [any]
KM_RT size_t km_text_encode(char bytes[4], uint32_t code_point);

/// Reads a decimal number ("-1", "0.5", "1e-3") that fills all of `text`.  [any]
/// Returns false, and leaves `value`, for anything else: empty, a comma, NaN, infinity, hex.
/// The result is the nearest double; digits beyond the 19th count as zeros. What is too large for a
/// double is refused, what is too small is 0.
KM_NODISCARD bool km_text_parse_real(const char *text, double *value);

/// Reads a whole number, with sign, that fills all of `text` and lies in [low, high].  [any]
KM_NODISCARD bool km_text_parse_integer(const char *text, int64_t low, int64_t high,
                                        int64_t *value);

enum { KM_TEXT_REAL_SIZE = 40 };

/// Writes `value` with at most `decimals` (0 to 9) digits after the point, without trailing zeros,
/// and a final zero byte; returns the length.  [any]
/// The exact value is rounded, half away from zero. NaN is "nan"; beyond 9e18 the nearest limit is
/// written.
size_t km_text_format_real(char text[KM_TEXT_REAL_SIZE], double value, int decimals);

/// Edits (insert, delete, replace, swap of neighbours) that make `a` of `b`, without regard to
/// ASCII case; only the first 32 bytes of each count.  [any]
/// Optimal string alignment (Damerau 1964): what people mistype.
uint32_t km_text_distance(const char *a, const char *b);

/// Index of the name equal to `text` without regard to ASCII case and to the difference between
/// space, hyphen and underscore; -1 if there is none.  [any]
int km_text_find(const char *text, const char *const *names, int count);

/// Writes the `count` names (at most 256), nearest to `text` first and separated by ", ", cut with
/// " ..." before `size`, which is at least 8.  [any]
/// For an error that says what would have been understood.
void km_text_list_nearest(char *list, size_t size, const char *text, const char *const *names,
                          int count);

KM_C_END

#endif
