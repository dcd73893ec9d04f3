// SPDX-License-Identifier: MIT

/// Numbers as Standard MIDI Files and clips have them.
#ifndef KM_MIDI_BIG_ENDIAN_PRIVATE_H
#define KM_MIDI_BIG_ENDIAN_PRIVATE_H

#include <stddef.h>
#include <stdint.h>

/// The number in `size` bytes, at most 4.  [any]
static inline uint32_t km_midi_big_endian(const unsigned char *bytes, size_t size)
{
    uint32_t value = 0;
    for (size_t i = 0; i < size; ++i) {
        value = value << 8 | bytes[i];
    }
    return value;
}

#endif
