// SPDX-License-Identifier: MIT

/// A file as lines of text: track, tick and the event's own bytes in hex. mido_dump.py prints the
/// same, so the two can be compared.
#ifndef KM_TESTS_MIDI_DUMP_H
#define KM_TESTS_MIDI_DUMP_H

#include "unit/midi/midi_support.h"

#include <stdio.h>

static inline void dump_hex(FILE *to, const unsigned char *bytes, size_t size)
{
    for (size_t i = 0; i < size; ++i) {
        fprintf(to, "%02x", bytes[i]);
    }
}

static inline void dump_channel_event(FILE *to, const struct km_event *event)
{
    static const unsigned char status[KM_EVENT_TYPES_COUNT] = {
        [KM_EVENT_NOTE_OFF] = 0x80,  [KM_EVENT_NOTE_ON] = 0x90, [KM_EVENT_KEY_PRESSURE] = 0xA0,
        [KM_EVENT_CONTROL] = 0xB0,   [KM_EVENT_PROGRAM] = 0xC0, [KM_EVENT_CHANNEL_PRESSURE] = 0xD0,
        [KM_EVENT_PITCH_BEND] = 0xE0};
    assert_int_not_equal(status[event->type], 0);
    fprintf(to, "%02x", status[event->type] + event->channel);
    switch (event->type) {
    case KM_EVENT_PROGRAM:
        fprintf(to, "%02x", event->number);
        break;
    case KM_EVENT_CHANNEL_PRESSURE:
        fprintf(to, "%02x", event->value);
        break;
    case KM_EVENT_PITCH_BEND:
        fprintf(to, "%02x%02x", event->detail % 128, event->detail / 128);
        break;
    default:
        fprintf(to, "%02x%02x", event->number, event->value);
        break;
    }
}

static inline void dump_event(FILE *to, const struct km_midi_file *file,
                              const struct km_event *event)
{
    size_t size = 0;
    const unsigned char *bytes = NULL;
    switch (event->type) {
    case KM_EVENT_TEMPO:
        fprintf(to, "ff51%06x", event->detail);
        break;
    case KM_EVENT_TIME_SIGNATURE:
        fprintf(to, "ff58%02x%02x%02x%02x", event->number, event->value, event->detail % 256,
                event->detail / 256);
        break;
    case KM_EVENT_KEY_SIGNATURE:
        fprintf(to, "ff59%02x%02x", event->number, event->value);
        break;
    case KM_EVENT_END_OF_TRACK:
        fprintf(to, "ff2f");
        break;
    case KM_EVENT_META:
    case KM_EVENT_SYSEX:
        bytes = km_midi_file_payload(file, event->detail, &size);
        fprintf(to, event->type == KM_EVENT_META ? "ff%02x" : "%02x", event->number);
        dump_hex(to, bytes, size);
        break;
    default:
        dump_channel_event(to, event);
        break;
    }
}

/// Prints the file.
static inline void dump_file(FILE *to, const struct km_midi_file *file)
{
    fprintf(to, "format %d division %d tracks %zu\n", file->format, file->division,
            file->track_count);
    for (size_t i = 0; i < file->track_count; ++i) {
        for (size_t j = 0; j < file->tracks[i].count; ++j) {
            const struct km_event *const event = &file->tracks[i].events[j];
            fprintf(to, "%zu %llu ", i, (unsigned long long)event->tick);
            dump_event(to, file, event);
            fprintf(to, "\n");
        }
    }
}

#endif
