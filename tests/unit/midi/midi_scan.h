// SPDX-License-Identifier: MIT

/// Whether the scan of some bytes says what the file in memory is.
#ifndef KM_TESTS_MIDI_SCAN_H
#define KM_TESTS_MIDI_SCAN_H

#include "midi/division.h"
#include "midi/scan.h"
#include "midi/sounding.h"
#include "midi/tempo_map.h"
#include "unit/midi/midi_merged.h"

#include <math.h>

/// What a scan should say, counted event by event.
static inline void count_event(struct km_midi_scan *scan, const struct km_event *event,
                               uint32_t *down, uint64_t *signature_tick)
{
    const size_t key = (size_t)event->channel * KM_KEYS_COUNT + event->number;
    ++scan->events;
    ++scan->counts[event->type];
    scan->tick_end = event->tick > scan->tick_end ? event->tick : scan->tick_end;
    if (event->type == KM_EVENT_NOTE_ON) {
        scan->channels |= (uint16_t)(1U << event->channel);
        scan->key_low = event->number < scan->key_low ? event->number : scan->key_low;
        scan->key_high = event->number > scan->key_high ? event->number : scan->key_high;
        ++down[key];
        ++down[KM_MIDI_SOUNDING_KEYS]; // All together.
    } else if (event->type == KM_EVENT_NOTE_OFF && down[key] > 0) {
        --down[key];
        --down[KM_MIDI_SOUNDING_KEYS];
    } else if (event->type == KM_EVENT_TIME_SIGNATURE && event->tick < *signature_tick) {
        *signature_tick = event->tick;
        scan->numerator = event->number;
        scan->denominator_log2 = event->value;
    }
    const uint32_t total = down[KM_MIDI_SOUNDING_KEYS];
    scan->sounding_max = total > scan->sounding_max ? total : scan->sounding_max;
}

static inline struct km_midi_scan scan_of(const struct km_midi_file *file)
{
    struct km_midi_scan scan = {.tracks = file->track_count,
                                .numerator = 4,
                                .denominator_log2 = 2,
                                .key_low = KM_KEYS_COUNT - 1};
    uint64_t signature_tick = UINT64_MAX;
    for (size_t i = 0; i < file->track_count; ++i) {
        uint32_t down[KM_MIDI_SOUNDING_KEYS + 1] = {0};
        for (size_t j = 0; j < file->tracks[i].count; ++j) {
            count_event(&scan, &file->tracks[i].events[j], down, &signature_tick);
        }
    }
    return scan;
}

/// Seconds by the tempo map: of format 2 each track by its own.
static inline double seconds_of(const struct km_midi_file *file)
{
    double seconds = 0.0;
    const size_t parts = file->format == 2 ? file->track_count : 1;
    for (size_t i = 0; i < parts; ++i) {
        struct km_midi_file part = *file;
        if (file->format == 2) {
            part.tracks += i;
            part.track_count = 1;
        }
        struct km_tempo_map map;
        EXPECT(km_tempo_map_init(&map, &part) == KM_OK);
        seconds += km_tempo_map_seconds(&map, km_midi_file_end(&part));
        km_tempo_map_release(&map);
    }
    return seconds;
}

static inline double bpm_first_of(const struct km_midi_file *file)
{
    struct km_midi_file part = *file;
    part.track_count = file->format == 2 && file->track_count > 0 ? 1 : file->track_count;
    struct km_tempo_map map;
    EXPECT(km_tempo_map_init(&map, &part) == KM_OK);
    const double bpm = km_tempo_map_bpm(&map, 0);
    km_tempo_map_release(&map);
    return bpm;
}

static inline bool is_near(double a, double b)
{
    return fabs(a - b) <= 1e-9 * fabs(b);
}

static inline void expect_scan_of(const struct km_midi_scan *scan, const struct km_midi_file *file)
{
    const struct km_midi_scan expected = scan_of(file);
    EXPECT(scan->header.format == file->format && scan->header.division == file->division);
    EXPECT(scan->tracks == expected.tracks && scan->events == expected.events);
    EXPECT(memcmp(scan->counts, expected.counts, sizeof(scan->counts)) == 0);
    EXPECT(scan->tick_end == expected.tick_end);
    EXPECT(scan->numerator == expected.numerator);
    EXPECT(scan->denominator_log2 == expected.denominator_log2);
    EXPECT(scan->channels == expected.channels);
    EXPECT(scan->key_low == expected.key_low && scan->key_high == expected.key_high);
    EXPECT(scan->sounding_max == expected.sounding_max);
    EXPECT(is_near(scan->duration_s, seconds_of(file)));
    EXPECT(is_near(scan->bpm_first, bpm_first_of(file)));
    EXPECT(scan->bpm_min > 0.0 && scan->bpm_min <= scan->bpm_max);
}

/// Scans the bytes and reads them whole: same counts, or the same refusal. Returns whether they
/// were accepted.
static inline bool expect_same_scan(struct km_heap *heap, FILE *scratch, const unsigned char *bytes,
                                    size_t size)
{
    struct km_midi_file file;
    km_midi_file_init(&file, heap, 0, 1);
    struct km_error expected = {0};
    struct km_error error = {0};
    struct km_input input = input_of(scratch, bytes, size);
    struct km_midi_warnings warnings;
    struct km_midi_scan scan;
    const enum km_status status = km_midi_file_read(&file, bytes, size, &warnings, &expected);
    EXPECT(km_midi_scan_input(heap, &input, NULL, NULL, &scan, &error) == status);
    if (status == KM_OK) {
        expect_scan_of(&scan, &file);
        EXPECT(scan.problems == warnings.count);
        EXPECT(scan.size == size);
    } else {
        EXPECT(strcmp(error.message, expected.message) == 0);
    }
    km_midi_file_release(&file);
    return status == KM_OK;
}

#endif
