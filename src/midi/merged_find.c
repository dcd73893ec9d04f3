// SPDX-License-Identifier: MIT

// Finds the tracks of a file by reading all of it once, so that the merged view has the tracks and
// events that the reader has, whatever is wrong with the file's lengths. Where nothing is wrong,
// merged_sound.c finds them sooner.

#include "base/check.h"
#include "heap/heap.h"
#include "midi/file.h"
#include "midi/merged_private.h"
#include "midi/reader_private.h"

#include <inttypes.h>

struct search {
    struct km_heap *heap;
    struct km_midi_reader *reader;
    struct km_midi_merged_tracks *found;
    struct km_error *error;
};

// Goes past plain events: where they end is all that counts here.
static void skip_plain(struct km_midi_reader *reader, struct km_midi_plain *plain)
{
    const unsigned char *at = plain->at;
    uint32_t running = plain->running;
    uint64_t tick = plain->tick;
    struct km_midi_message message;
    while (plain->end - at >= KM_MIDI_PLAIN_AHEAD &&
           km_midi_message_decode(at, running, &message)) {
        at += message.size;
        running = message.status;
        tick += message.delta;
    }
    plain->at = at;
    plain->running = (unsigned char)running;
    plain->tick = tick;
    km_midi_reader_skip_plain(reader, plain);
}

static enum km_status add_track(struct search *search, const struct km_midi_item *item)
{
    struct km_midi_merged_tracks *const found = search->found;
    if (found->count == KM_MIDI_TRACKS_MAX) {
        return km_error_set(search->error, KM_ERROR_TOO_LARGE,
                            "byte %" PRIu64 ": more than %d tracks cannot be merged", item->offset,
                            KM_MIDI_TRACKS_MAX);
    }
    if (found->count == found->capacity) {
        const size_t capacity = found->capacity > 0 ? 2 * found->capacity : 16;
        struct km_midi_merged_track *const tracks = km_heap_resize(
            search->heap, KM_ACCOUNT_WORKING, found->tracks, capacity * sizeof(*tracks));
        if (!tracks) {
            return km_heap_refusal(search->heap, search->error);
        }
        found->tracks = tracks;
        found->capacity = capacity;
    }
    const uint64_t begin = item->offset + item->size;
    found->tracks[found->count++] = (struct km_midi_merged_track){.begin = begin, .end = begin};
    return KM_OK;
}

static struct km_midi_merged_track *last_track(const struct search *search)
{
    KM_CHECK(search->found->tracks);
    KM_CHECK(search->found->count > 0);
    return &search->found->tracks[search->found->count - 1];
}

static enum km_status end_track(struct search *search, const struct km_midi_item *item)
{
    if (item->event.tick >> KM_MIDI_MERGED_TICK_LOG2_MAX != 0) {
        return km_error_set(search->error, KM_ERROR_TOO_LARGE,
                            "byte %" PRIu64 ": tick %" PRIu64 " is too late for a merged view",
                            item->offset, item->event.tick);
    }
    last_track(search)->tick_end = item->event.tick;
    return KM_OK;
}

static enum km_status take(struct search *search, const struct km_midi_item *item)
{
    if (item->type == KM_MIDI_ITEM_TRACK) {
        return add_track(search, item);
    }
    if (item->type == KM_MIDI_ITEM_EVENT && item->event.type == KM_EVENT_END_OF_TRACK) {
        return end_track(search, item);
    }
    // An event that its track's end cuts is left out in a state of its own, and does not count.
    if (search->reader->state == KM_MIDI_STATE_TRACK) {
        last_track(search)->end = item->offset + item->size;
    }
    return KM_OK;
}

// Goes past the plain events at hand.
static void take_plain(struct search *search)
{
    struct km_midi_plain plain;
    if (!km_midi_reader_plain(search->reader, &plain)) {
        return;
    }
    const unsigned char *const begin = plain.at;
    skip_plain(search->reader, &plain);
    if (plain.at != begin) {
        last_track(search)->end = km_midi_reader_at(search->reader);
    }
}

static enum km_status find_all(struct search *search, struct km_input *input)
{
    struct km_midi_item item;
    enum km_midi_step step = km_midi_reader_next_from(search->reader, input, &item, search->error);
    while (step == KM_MIDI_STEP_ITEM) {
        if (km_midi_reader_header(search->reader).is_clip) {
            return km_error_set(search->error, KM_ERROR_UNSUPPORTED, "byte 0: %s",
                                KM_MIDI_CLIP_NOT_HERE);
        }
        const enum km_status status = take(search, &item);
        if (status != KM_OK) {
            return status;
        }
        take_plain(search);
        step = km_midi_reader_next_from(search->reader, input, &item, search->error);
    }
    search->found->header = km_midi_reader_header(search->reader);
    return step == KM_MIDI_STEP_END ? KM_OK : search->reader->error.status;
}

enum km_status km_midi_merged_find(struct km_heap *heap, struct km_input *input,
                                   const struct km_midi_reader_config *config,
                                   struct km_midi_merged_tracks *found, struct km_error *error)
{
    struct km_midi_merged_tracks sound = {0};
    const enum km_status looked = km_midi_merged_find_sound(heap, input, &sound, error);
    if (looked != KM_OK || sound.tracks) {
        *found = sound;
        return looked;
    }
    struct km_midi_merged_tracks made = {0};
    struct search search = {
        .heap = heap, .reader = km_midi_reader_new(heap, config), .found = &made, .error = error};
    if (!search.reader) {
        return km_heap_refusal(heap, error);
    }
    const enum km_status status = find_all(&search, input);
    km_midi_reader_free(search.reader);
    if (status != KM_OK) {
        km_heap_release(heap, made.tracks);
        return status;
    }
    // What the last doubling gave too much; if the heap refuses, it stays.
    struct km_midi_merged_track *const tracks =
        made.count > 0
            ? km_heap_resize(heap, KM_ACCOUNT_WORKING, made.tracks, made.count * sizeof(*tracks))
            : NULL;
    made.tracks = tracks ? tracks : made.tracks;
    *found = made;
    return KM_OK;
}
