// SPDX-License-Identifier: MIT

// Human timing for a part's track, and what it leaves to be set right.

#include "groove/groove.h"
#include "session/feels_private.h"
#include "session/song_private.h"

enum { KEYS_COUNT = 128, DROPPED = KM_EVENT_TYPES_COUNT };

// A key's notes that are not closed yet: the groove may bring the next in before the last is out.
struct key_state {
    struct km_event *on[2];
    uint64_t cut; // Where the first must end, if there are two.
    int count;
};

static void open_note(struct key_state *key, struct km_event *on)
{
    if (key->count == 1) {
        key->cut = on->tick;
    }
    if (key->count == 2) { // A third at once: leave it out, its off closes the second.
        on->type = DROPPED;
        return;
    }
    key->on[key->count++] = on;
}

static void close_note(const struct km_score *score, struct key_state *key, struct km_event *off)
{
    if (key->count == 0) {
        off->type = DROPPED;
        return;
    }
    struct km_event *const on = key->on[0];
    const uint64_t last =
        on->tick < score->length ? km_score_sound_end(score, (uint32_t)on->tick) : score->length;
    const uint64_t end = key->count == 2 && key->cut < off->tick ? key->cut : off->tick;
    off->tick = end < last ? end : last;
    if (off->tick <= on->tick) { // Nothing left of it.
        on->type = DROPPED;
        off->type = DROPPED;
    }
    key->on[0] = key->on[1];
    --key->count;
}

// After the groove: no note over the end, in silence, into the next on its key, or harder than the
// ceiling.
static void set_right(struct km_midi_track *track, const struct km_score *score)
{
    const uint8_t ceiling = score->plan->velocity_ceiling;
    struct key_state keys[KEYS_COUNT] = {0};
    for (size_t i = 0; i < track->count; ++i) {
        struct km_event *const event = &track->events[i];
        if (event->type == KM_EVENT_NOTE_ON) {
            event->value = ceiling > 0 && event->value > ceiling ? ceiling : event->value;
            event->tick = km_score_sound_start(score, (uint32_t)event->tick);
            open_note(&keys[event->number & 127U], event);
        } else if (event->type == KM_EVENT_NOTE_OFF) {
            close_note(score, &keys[event->number & 127U], event);
        }
    }
    size_t kept = 0;
    for (size_t i = 0; i < track->count; ++i) {
        if (track->events[i].type != DROPPED) {
            track->events[kept++] = track->events[i];
        }
    }
    track->count = kept;
}

// The end of a note that begins at an event, or null.
static struct km_event *end_of_note(struct km_midi_track *track, size_t on)
{
    for (size_t i = on + 1; i < track->count; ++i) {
        struct km_event *const event = &track->events[i];
        if (event->type == KM_EVENT_NOTE_OFF && event->number == track->events[on].number) {
            return event;
        }
    }
    return NULL;
}

// A bow that plays one line: each note ends where the next begins, however early that comes.
static void let_one_note_sound(struct km_midi_track *track)
{
    const struct km_event *before = NULL;
    struct km_event *off = NULL; // Of the note before.
    for (size_t i = 0; i < track->count; ++i) {
        struct km_event *const event = &track->events[i];
        if (event->type != KM_EVENT_NOTE_ON) {
            continue;
        }
        if (before && off && off->tick > event->tick && event->tick > before->tick) {
            off->tick = event->tick;
        }
        before = event;
        off = end_of_note(track, i);
    }
}

void km_song_humanise(struct km_midi_track *track, const struct km_score *score, enum km_part part)
{
    const struct km_groove groove = km_feel_groove(score, part);
    track->count = km_groove_apply_with(track->events, track->count, &groove);
    set_right(track, score);
    if (score->plan->ensemble == KM_ENSEMBLE_STRING_QUARTET && part != KM_PART_DRUMS) {
        let_one_note_sound(track);
    }
}
