// SPDX-License-Identifier: MIT

// The tempo changes of a piece: integrated as they come, or kept and sorted.

#include "base/check.h"
#include "heap/heap.h"
#include "midi/division.h"
#include "midi/scan_private.h"
#include "midi/sort_private.h"

enum { FORMAT_IN_TURN = 2, CAPACITY_FIRST = 64 };

static bool is_smpte(const struct km_midi_scan_tempo *tempo)
{
    return km_midi_division_is_smpte(tempo->header.division);
}

static double seconds_per_tick(const struct km_midi_scan_tempo *tempo)
{
    const uint16_t division = tempo->header.division;
    return is_smpte(tempo) ? km_midi_division_smpte_seconds(division)
                           : tempo->pace.tempo / (division * 1e6);
}

static double bpm_of(uint32_t tempo)
{
    return 6e7 / tempo;
}

static void begin(struct km_midi_scan_tempo *tempo)
{
    tempo->pace =
        (struct km_midi_pace){.tempo = KM_TEMPO_DEFAULT, .bpm_first = bpm_of(KM_TEMPO_DEFAULT)};
}

void km_midi_scan_tempo_init(struct km_midi_scan_tempo *tempo, struct km_heap *heap,
                             const struct km_midi_header *header)
{
    *tempo = (struct km_midi_scan_tempo){.heap = heap, .header = *header};
    begin(tempo);
}

void km_midi_scan_tempo_release(struct km_midi_scan_tempo *tempo)
{
    km_heap_release(tempo->heap, tempo->changes);
    tempo->changes = NULL;
}

// The tempo so far holds until `tick`.
static void hold_until(struct km_midi_scan_tempo *tempo, uint64_t tick)
{
    struct km_midi_pace *const pace = &tempo->pace;
    if (tick <= pace->tick) {
        return;
    }
    const double bpm = bpm_of(pace->tempo);
    pace->seconds += (double)(tick - pace->tick) * seconds_per_tick(tempo);
    pace->tick = tick;
    pace->has_first = true;
    pace->bpm_min = pace->bpm_max == 0.0 || bpm < pace->bpm_min ? bpm : pace->bpm_min;
    pace->bpm_max = bpm > pace->bpm_max ? bpm : pace->bpm_max;
}

static void change(struct km_midi_scan_tempo *tempo, const struct km_event *event)
{
    hold_until(tempo, event->tick);
    tempo->pace.tempo = event->detail;
    if (!tempo->pace.has_first) {
        tempo->pace.bpm_first = bpm_of(event->detail);
    }
}

// Keeps a change for the time when others of other tracks are known.
static enum km_status keep(struct km_midi_scan_tempo *tempo, const struct km_event *event)
{
    if (tempo->count == KM_MIDI_SCAN_TEMPOS_MAX) {
        tempo->is_too_many = true;
        return KM_OK;
    }
    if (tempo->count == tempo->capacity) {
        const size_t capacity = tempo->capacity > 0 ? 2 * tempo->capacity : CAPACITY_FIRST;
        struct km_event *const changes = km_heap_resize(
            tempo->heap, KM_ACCOUNT_WORKING, tempo->changes, capacity * sizeof(*changes));
        if (!changes) {
            return KM_ERROR_NO_MEMORY;
        }
        tempo->changes = changes;
        tempo->capacity = capacity;
    }
    tempo->changes[tempo->count++] = *event;
    return KM_OK;
}

enum km_status km_midi_scan_tempo_add(struct km_midi_scan_tempo *tempo, uint32_t track,
                                      const struct km_event *event)
{
    KM_CHECK(event->type == KM_EVENT_TEMPO);
    if (is_smpte(tempo)) {
        return KM_OK;
    }
    if (tempo->header.format == FORMAT_IN_TURN) {
        change(tempo, event);
        return KM_OK;
    }
    if (tempo->has_track && track != tempo->track) {
        tempo->is_several = true;
    }
    tempo->has_track = true;
    tempo->track = track;
    if (!tempo->is_several) {
        change(tempo, event);
    }
    return keep(tempo, event);
}

void km_midi_scan_tempo_end_track(struct km_midi_scan_tempo *tempo, uint64_t tick)
{
    if (tempo->header.format == FORMAT_IN_TURN && !is_smpte(tempo)) {
        hold_until(tempo, tick);
        tempo->pace.tick = 0; // The next track begins from its own start, in its own tempo.
        tempo->pace.tempo = KM_TEMPO_DEFAULT;
        tempo->pace.has_first = true;
    } else if (tempo->header.format == FORMAT_IN_TURN) {
        tempo->pace.seconds += (double)tick * seconds_per_tick(tempo);
    }
}

bool km_midi_scan_tempo_is_lost(const struct km_midi_scan_tempo *tempo)
{
    return tempo->is_several && tempo->is_too_many;
}

void km_midi_scan_tempo_again(struct km_midi_scan_tempo *tempo)
{
    tempo->is_several = false;
    tempo->has_track = false;
    tempo->count = 0;
    begin(tempo);
}

// Counts the changes of several tracks, now that all are there. Of two at one tick the later
// track's counts, as in the tempo map.
static enum km_status count_all(struct km_midi_scan_tempo *tempo)
{
    struct km_event *const scratch =
        km_heap_allocate_array(tempo->heap, KM_ACCOUNT_WORKING, tempo->count, sizeof(*scratch));
    if (!scratch) {
        return KM_ERROR_NO_MEMORY;
    }
    km_events_sort(tempo->changes, scratch, tempo->count);
    km_heap_release(tempo->heap, scratch);
    begin(tempo);
    for (size_t i = 0; i < tempo->count; ++i) {
        change(tempo, &tempo->changes[i]);
    }
    return KM_OK;
}

enum km_status km_midi_scan_tempo_finish(struct km_midi_scan_tempo *tempo, uint64_t tick)
{
    KM_CHECK(!km_midi_scan_tempo_is_lost(tempo));
    struct km_midi_pace *const pace = &tempo->pace;
    if (tempo->is_several) {
        const enum km_status status = count_all(tempo);
        if (status != KM_OK) {
            return status;
        }
    }
    if (tempo->header.format != FORMAT_IN_TURN) {
        hold_until(tempo, tick);
    }
    if (pace->bpm_max == 0.0) { // Nothing lasts.
        pace->bpm_min = pace->bpm_first;
        pace->bpm_max = pace->bpm_first;
    }
    return KM_OK;
}
