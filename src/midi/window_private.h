// SPDX-License-Identifier: MIT

/// The bytes of a MIDI file by offset. Only this header knows that they are all in memory: what
/// reads through it would read a file piece by piece as well.
#ifndef KM_MIDI_WINDOW_PRIVATE_H
#define KM_MIDI_WINDOW_PRIVATE_H

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

enum { KM_MIDI_WINDOW_AHEAD = 32 }; ///< More than any event without its payload.

struct km_midi_window {
    const unsigned char *bytes;
    size_t end; ///< Offset after the last byte that counts.
};

/// The byte at `offset`, at most `end`, and those after it: KM_MIDI_WINDOW_AHEAD of them, or as
/// many as there are before `end`.  [any]
static inline const unsigned char *km_midi_window_at(const struct km_midi_window *window,
                                                     size_t offset)
{
    return window->bytes + offset;
}

/// Whether the `size` bytes of `tag` (at most KM_MIDI_WINDOW_AHEAD) stand at `offset`.  [any]
static inline bool km_midi_window_has(const struct km_midi_window *window, size_t offset,
                                      const char *tag, size_t size)
{
    return size <= window->end - offset &&
           memcmp(km_midi_window_at(window, offset), tag, size) == 0;
}

/// Copies bytes that are there.  [any]
static inline void km_midi_window_copy(const struct km_midi_window *window, size_t offset,
                                       unsigned char *to, size_t size)
{
    if (size > 0) {
        memcpy(to, km_midi_window_at(window, offset), size);
    }
}

/// Offset of the first `tag` that lies whole between two offsets; `high` if there is none.  [any]
static inline size_t km_midi_window_find(const struct km_midi_window *window, size_t low,
                                         size_t high, const char *tag, size_t size)
{
    for (size_t offset = low; high - offset >= size;) {
        const unsigned char *const from = window->bytes + offset;
        const unsigned char *const found = memchr(from, tag[0], high - offset - size + 1);
        if (!found) {
            return high;
        }
        if (memcmp(found, tag, size) == 0) {
            return offset + (size_t)(found - from);
        }
        offset += (size_t)(found - from) + 1;
    }
    return high;
}

#endif
