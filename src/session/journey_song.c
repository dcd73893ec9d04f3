// SPDX-License-Identifier: MIT

// The song of a journey: each stage's song put after the one before, as one file with one tempo
// line.

#include "base/check.h"
#include "base/math.h"
#include "base/units.h"
#include "heap/heap.h"
#include "session/journey.h"
#include "session/song.h"

#include <stdio.h>

enum { UNKNOWN = -1, LABEL_SIZE = KM_MOOD_PROFILE_SIZE + 32 };

// Adding to a file until the first failure, which is looked at once, at the end.
struct joiner {
    const struct km_journey *journey;
    struct km_midi_file *whole;
    struct km_midi_file *part; // The stage's own song.
    int stage;
    size_t track;
    uint64_t start;     // Of the stage, in ticks of the whole.
    uint64_t ramp;      // Tick of the stage from which the tempo nears the next one's.
    int64_t key, metre; // Last signatures written, or UNKNOWN.
    int64_t tempo;      // Last tempo written, or UNKNOWN.
    enum km_status status;
};

static void add_event(struct joiner *joiner, struct km_event event)
{
    if (joiner->status == KM_OK) {
        joiner->status = km_midi_file_add(joiner->whole, joiner->track, event);
    }
}

static void add_tempo(struct joiner *joiner, uint64_t tick, uint32_t microseconds)
{
    if ((int64_t)microseconds != joiner->tempo) {
        add_event(joiner,
                  (struct km_event){.tick = tick, .type = KM_EVENT_TEMPO, .detail = microseconds});
        joiner->tempo = microseconds;
    }
}

// A signature that differs from the last of its kind.
static void add_signature(struct joiner *joiner, int64_t *last, struct km_event event)
{
    const int64_t signature = (int64_t)event.detail << 16 | event.number << 8 | event.value;
    if (signature != *last) {
        add_event(joiner, event);
        *last = signature;
    }
}

// Texts and the like lie outside the events: they are kept anew.
static void add_with_payload(struct joiner *joiner, struct km_event event)
{
    size_t size = 0;
    const unsigned char *const bytes = km_midi_file_payload(joiner->part, event.detail, &size);
    if (joiner->status == KM_OK) {
        joiner->status = km_midi_file_add_payload(joiner->whole, bytes, size, &event.detail);
    }
    add_event(joiner, event);
}

// What is said once, at the beginning of the whole.
static bool is_heading(const struct km_event *event)
{
    return event->type == KM_EVENT_PROGRAM ||
           (event->type == KM_EVENT_META && event->number == KM_META_TRACK_NAME);
}

static void join_event(struct joiner *joiner, struct km_event event)
{
    if (event.type == KM_EVENT_END_OF_TRACK || (joiner->stage > 0 && is_heading(&event))) {
        return;
    }
    const bool is_ramp = event.tick >= joiner->ramp;
    event.tick += joiner->start;
    switch (event.type) {
    case KM_EVENT_TEMPO:
        if (!is_ramp) {
            add_tempo(joiner, event.tick, event.detail);
        }
        break;
    case KM_EVENT_KEY_SIGNATURE:
        add_signature(joiner, &joiner->key, event);
        break;
    case KM_EVENT_TIME_SIGNATURE:
        add_signature(joiner, &joiner->metre, event);
        break;
    case KM_EVENT_META:
    case KM_EVENT_SYSEX:
        add_with_payload(joiner, event);
        break;
    default:
        add_event(joiner, event);
        break;
    }
}

// "stage 2 of 6: sadness, quiet, heavy": words for the place on the way, not the listener's own.
static void mark_stage(struct joiner *joiner)
{
    const struct km_journey *const journey = joiner->journey;
    char label[LABEL_SIZE];
    (void)snprintf(label, sizeof(label), "stage %d of %d: %s", joiner->stage + 1,
                   journey->stage_count, journey->stages[joiner->stage].plan.mood_profile);
    if (joiner->status == KM_OK) {
        joiner->status =
            km_midi_file_add_text(joiner->whole, 0, joiner->start, KM_META_MARKER, label);
    }
}

// From the last phrase on, bar by bar, towards the next stage's tempo.
static void add_ramp(struct joiner *joiner, uint32_t bar_ticks)
{
    const struct km_harmony_plan *const plan = &joiner->journey->stages[joiner->stage].plan;
    for (uint64_t tick = joiner->ramp; tick < km_plan_length_ticks(plan); tick += bar_ticks) {
        const double tempo =
            km_journey_bar_tempo(joiner->journey, joiner->stage, (int)(tick / bar_ticks));
        add_tempo(joiner, joiner->start + tick,
                  (uint32_t)km_round(KM_MICROSECONDS_PER_MINUTE / tempo));
    }
}

static bool is_last(const struct joiner *joiner)
{
    return joiner->stage + 1 == joiner->journey->stage_count;
}

static void join_tracks(struct joiner *joiner)
{
    const struct km_midi_file *const part = joiner->part;
    KM_CHECK(part->track_count == joiner->whole->track_count);
    mark_stage(joiner);
    for (size_t t = 0; t < part->track_count && joiner->status == KM_OK; ++t) {
        joiner->track = t;
        joiner->status = km_midi_file_reserve(joiner->whole, t, part->tracks[t].count);
        for (size_t i = 0; i < part->tracks[t].count; ++i) {
            join_event(joiner, part->tracks[t].events[i]);
        }
    }
}

static enum km_status join_stage(struct joiner *joiner, const char *title, struct km_error *error)
{
    const struct km_harmony_plan *const plan = &joiner->journey->stages[joiner->stage].plan;
    struct km_midi_file part;
    km_midi_file_init(&part, joiner->whole->heap, 1, KM_PPQ);
    const enum km_status status = km_song_compose(plan, title, &part, error);
    if (status != KM_OK) {
        return status;
    }
    while (joiner->status == KM_OK && joiner->whole->track_count < part.track_count) {
        joiner->status = km_midi_file_add_track(joiner->whole);
    }
    if (joiner->status == KM_OK) {
        const uint32_t bar_ticks = km_plan_bar_ticks(plan);
        const uint64_t length = km_plan_length_ticks(plan);
        joiner->part = &part;
        joiner->ramp =
            is_last(joiner) ? UINT64_MAX : length - (uint64_t)KM_PLAN_PHRASE_BARS * bar_ticks;
        join_tracks(joiner);
        joiner->track = 0;
        if (!is_last(joiner)) {
            add_ramp(joiner, bar_ticks);
        }
        joiner->start += length;
    }
    joiner->part = (struct km_midi_file *)0;
    km_midi_file_release(&part);
    return KM_OK; // The joiner's own status is looked at once, at the end.
}

static void end_tracks(struct joiner *joiner)
{
    for (size_t t = 0; t < joiner->whole->track_count; ++t) {
        joiner->track = t;
        add_event(joiner, (struct km_event){.tick = joiner->start, .type = KM_EVENT_END_OF_TRACK});
        if (joiner->status == KM_OK) {
            joiner->status = km_midi_track_sort(joiner->whole, t);
        }
    }
}

static enum km_status join_stages(struct joiner *joiner, const char *title, struct km_error *error)
{
    for (int i = 0; i < joiner->journey->stage_count && joiner->status == KM_OK; ++i) {
        joiner->stage = i;
        const enum km_status status = join_stage(joiner, title, error);
        if (status != KM_OK) {
            return status;
        }
    }
    end_tracks(joiner);
    if (joiner->status == KM_ERROR_NO_MEMORY) {
        return km_heap_refusal(joiner->whole->heap, error);
    }
    if (joiner->status != KM_OK) {
        return km_error_set(error, joiner->status, "the song cannot be kept: %s",
                            km_status_text(joiner->status));
    }
    return KM_OK;
}

enum km_status km_journey_compose(const struct km_journey *journey, const char *title,
                                  struct km_midi_file *file, struct km_error *error)
{
    KM_CHECK(journey && journey->stage_count > 0);
    KM_CHECK(file && file->format == 1 && file->division == KM_PPQ && file->track_count == 0);
    struct joiner joiner = {
        .journey = journey, .whole = file, .key = UNKNOWN, .metre = UNKNOWN, .tempo = UNKNOWN};
    const enum km_status status = join_stages(&joiner, title, error);
    if (status != KM_OK) {
        km_midi_file_release(file);
    }
    return status;
}
