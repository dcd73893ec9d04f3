// SPDX-License-Identifier: MIT

// Looks through a file for what its tracks hold.

#include "midi/edit_tracks_private.h"

#include "heap/heap.h"
#include "midi/file.h"
#include "midi/valid.h"

enum { CAPACITY_FIRST = 16 };

bool km_midi_is_setting(const struct km_event *event)
{
    return event->type == KM_EVENT_TEMPO || event->type == KM_EVENT_TIME_SIGNATURE ||
           event->type == KM_EVENT_KEY_SIGNATURE;
}

// Mixes a number into a hash: the finisher of SplitMix64 (Steele, Lea and Flood 2014).
static uint64_t mixed(uint64_t hash, uint64_t number)
{
    uint64_t bits = hash + number + 0x9E3779B97F4A7C15U;
    bits = (bits ^ bits >> 30) * 0xBF58476D1CE4E5B9U;
    bits = (bits ^ bits >> 27) * 0x94D049BB133111EBU;
    return bits ^ bits >> 31;
}

static uint64_t hash_of(const struct km_event *event)
{
    const uint64_t hash = mixed(event->tick, event->detail);
    return mixed(hash, (uint64_t)event->type << 16 | (uint64_t)event->number << 8 | event->value);
}

static enum km_status begin_track(void *context, struct km_midi_run *run)
{
    struct km_midi_tracks *const tracks = context;
    tracks->track_texts = 0;
    tracks->kind = 0;
    if (tracks->count < tracks->capacity) {
        return KM_OK;
    }
    const size_t capacity = tracks->capacity > 0 ? 2 * tracks->capacity : CAPACITY_FIRST;
    if (tracks->count == KM_MIDI_TRACKS_MAX) {
        return km_midi_run_refuse(run, KM_ERROR_TOO_LARGE, 0, "more than 65535 tracks");
    }
    uint32_t *const kinds =
        km_heap_resize(tracks->heap, KM_ACCOUNT_WORKING, tracks->kinds, capacity * sizeof(*kinds));
    if (!kinds) {
        return km_heap_refusal(tracks->heap, run->error);
    }
    tracks->kinds = kinds;
    tracks->capacity = capacity;
    return KM_OK;
}

static void take_setting(struct km_midi_tracks *tracks, const struct km_event *event)
{
    tracks->kind |= KM_MIDI_TRACK_SETS;
    tracks->settings += hash_of(event);
    if (event->tick == 0) {
        tracks->sets_tempo_first = tracks->sets_tempo_first || event->type == KM_EVENT_TEMPO;
        tracks->sets_meter_first =
            tracks->sets_meter_first || event->type == KM_EVENT_TIME_SIGNATURE;
    }
}

static enum km_status take_event(void *context, struct km_midi_run *run,
                                 const struct km_event *event, const struct km_midi_form *form)
{
    (void)run;
    (void)form;
    struct km_midi_tracks *const tracks = context;
    if (km_event_has_channel(event)) {
        tracks->kind |= 1U << event->channel;
    } else if (km_midi_is_setting(event)) {
        take_setting(tracks, event);
    } else if (event->type == KM_EVENT_SYSEX) {
        tracks->kind |= KM_MIDI_TRACK_SYSEX;
    } else {
        tracks->kind |= KM_MIDI_TRACK_TEXTS;
        tracks->piece_hash = hash_of(event);
        tracks->track_texts += tracks->piece_hash;
    }
    return KM_OK;
}

// Byte by byte, for pieces are cut anywhere.
static enum km_status take_payload(void *context, struct km_midi_run *run, const void *bytes,
                                   size_t size)
{
    (void)run;
    struct km_midi_tracks *const tracks = context;
    const unsigned char *const at = bytes;
    for (size_t i = 0; i < size; ++i) {
        tracks->piece_hash = mixed(tracks->piece_hash, at[i]);
        tracks->track_texts += tracks->piece_hash;
    }
    return KM_OK;
}

static enum km_status end_track(void *context, struct km_midi_run *run, uint64_t tick)
{
    (void)run;
    struct km_midi_tracks *const tracks = context;
    tracks->kinds[tracks->count++] = tracks->kind;
    tracks->all |= tracks->kind;
    tracks->end = tick > tracks->end ? tick : tracks->end;
    if ((tracks->kind & KM_MIDI_TRACK_PLAYS) == 0) {
        tracks->texts += tracks->track_texts;
    }
    return KM_OK;
}

enum km_status km_midi_tracks_read(struct km_midi_run *run, struct km_midi_tracks *tracks)
{
    struct km_midi_tracks made = {.heap = run->edit->heap};
    const struct km_midi_steps steps = {.context = &made,
                                        .begin_track = begin_track,
                                        .event = take_event,
                                        .payload = take_payload,
                                        .end_track = end_track};
    const enum km_status status = km_midi_run_feed(run, &steps);
    if (status != KM_OK) {
        km_midi_tracks_release(&made);
        return status;
    }
    made.header = run->header;
    run->report = (struct km_midi_edit_report){0}; // What was seen here is seen again.
    *tracks = made;
    return KM_OK;
}

void km_midi_tracks_release(struct km_midi_tracks *tracks)
{
    km_heap_release(tracks->heap, tracks->kinds);
    *tracks = (struct km_midi_tracks){.heap = tracks->heap};
}
