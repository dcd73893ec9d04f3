// SPDX-License-Identifier: MIT

/// Whether two files in memory are the same, wherever their payloads lie.
#ifndef KM_TESTS_MIDI_COMPARE_H
#define KM_TESTS_MIDI_COMPARE_H

#include "midi/file.h"

#include <stdbool.h>
#include <string.h>

/// Whether two events are the same, with the bytes of their payloads.
static inline bool is_same_event(const struct km_midi_file *a, const struct km_event *first,
                                 const struct km_midi_file *b, const struct km_event *second)
{
    if (first->tick != second->tick || first->type != second->type ||
        first->channel != second->channel || first->number != second->number ||
        first->value != second->value) {
        return false;
    }
    if (!km_event_has_payload(first)) {
        return first->detail == second->detail;
    }
    size_t first_size = 0;
    size_t second_size = 0;
    const unsigned char *const first_bytes = km_midi_file_payload(a, first->detail, &first_size);
    const unsigned char *const second_bytes = km_midi_file_payload(b, second->detail, &second_size);
    return first_size == second_size && memcmp(first_bytes, second_bytes, first_size) == 0;
}

/// Whether two files hold the same events; `format` and `division` too.
static inline bool is_same_file(const struct km_midi_file *a, const struct km_midi_file *b)
{
    if (a->format != b->format || a->division != b->division || a->track_count != b->track_count) {
        return false;
    }
    for (size_t i = 0; i < a->track_count; ++i) {
        if (a->tracks[i].count != b->tracks[i].count) {
            return false;
        }
        for (size_t j = 0; j < a->tracks[i].count; ++j) {
            if (!is_same_event(a, &a->tracks[i].events[j], b, &b->tracks[i].events[j])) {
                return false;
            }
        }
    }
    return true;
}

#endif
