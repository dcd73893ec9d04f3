// SPDX-License-Identifier: MIT

/// Variable-length quantities: 7 bits a byte, most significant first, the last byte below 0x80.
#ifndef KM_MIDI_VARIABLE_LENGTH_H
#define KM_MIDI_VARIABLE_LENGTH_H

#include <stddef.h>
#include <stdint.h>

enum { KM_VARIABLE_LENGTH_SIZE_MAX = 4 }; ///< So the largest is 0x0FFFFFFF.

/// Bytes that `value` takes, 1 to 4; `value` is at most 0x0FFFFFFF.  [any]
static inline size_t km_variable_length_size(uint32_t value)
{
    return 1U + (value >= 1U << 7) + (value >= 1U << 14) + (value >= 1U << 21);
}

/// Writes `value`, at most 0x0FFFFFFF, and returns its size.  [any]
static inline size_t km_variable_length_write(unsigned char bytes[KM_VARIABLE_LENGTH_SIZE_MAX],
                                              uint32_t value)
{
    if (value < 0x80) { // Most deltas and lengths.
        bytes[0] = (unsigned char)value;
        return 1;
    }
    const size_t size = km_variable_length_size(value);
    for (size_t i = 0; i < size; ++i) {
        const uint32_t bits = value >> (7 * (size - 1 - i)) & 0x7FU;
        bytes[i] = (unsigned char)(i + 1 < size ? bits | 0x80U : bits);
    }
    return size;
}

#endif
