// SPDX-License-Identifier: MIT

// One track of the merged view: its bytes come in pieces, its events in batches.

#include "midi/merged_private.h"

#include "base/check.h"
#include "midi/kernel_private.h"

#include <inttypes.h>

_Static_assert((int)KM_MIDI_MERGED_TRACK_MIN >= (int)KM_MIDI_EVENT_AHEAD, "an event is at hand");
_Static_assert((int)KM_MIDI_EVENT_AHEAD >= (int)KM_MIDI_PLAIN_AHEAD, "a plain one too");

void km_midi_merged_track_rewind(struct km_midi_merged_track *track)
{
    track->position = track->begin;
    track->cursor = (struct km_midi_cursor){.limit = track->end};
    track->buffered_at = 0;
    track->buffered_end = 0;
    track->payload = 0;
    track->decoded = 0;
    track->has_ended = false;
}

// The bytes at `track->position`: KM_MIDI_EVENT_AHEAD of them, or all that the track has.
static enum km_status fill(const struct km_midi_merged_rooms *rooms,
                           struct km_midi_merged_track *track, size_t index, struct km_error *error)
{
    const uint64_t left = track->end - track->position;
    const uint64_t at_hand = track->buffered_end - track->buffered_at;
    if (at_hand >= KM_MIDI_EVENT_AHEAD || at_hand == left) {
        return KM_OK;
    }
    const size_t size = left < rooms->bytes_size ? (size_t)left : rooms->bytes_size;
    size_t got = 0;
    const enum km_status status =
        km_input_read_at(rooms->input, rooms->base + track->position,
                         rooms->bytes + index * rooms->bytes_size, size, &got, error);
    if (status != KM_OK) {
        return status;
    }
    if (got < size) {
        return km_error_set(error, KM_ERROR_TRUNCATED,
                            "byte %" PRIu64 ": the file became shorter while it was read",
                            track->position + got);
    }
    track->buffered_at = 0;
    track->buffered_end = (uint32_t)size;
    return KM_OK;
}

// Goes past `size` bytes and the payload after them.
static void move(struct km_midi_merged_track *track, size_t size, uint32_t payload)
{
    const uint64_t both = (uint64_t)size + payload;
    const uint32_t at_hand = track->buffered_end - track->buffered_at;
    track->position += both;
    track->buffered_at += both < at_hand ? (uint32_t)both : at_hand;
    track->payload = payload;
}

// Decodes plain events as long as there are some, and tells how many.
static size_t decode_plain(struct km_midi_merged_track *track, const unsigned char *bytes,
                           struct km_event *events, size_t capacity)
{
    const unsigned char *at = bytes + track->buffered_at;
    const unsigned char *const end = bytes + track->buffered_end;
    uint32_t running = track->cursor.running;
    uint64_t tick = track->cursor.tick;
    size_t count = 0;
    for (; count < capacity && end - at >= KM_MIDI_PLAIN_AHEAD; ++count) {
        struct km_midi_message message;
        if (!km_midi_message_decode(at, running, &message)) {
            break;
        }
        at += message.size;
        running = message.status;
        tick += message.delta;
        events[count] = km_midi_message_event(&message);
        events[count].tick = tick;
    }
    if (count > 0) {
        const uint32_t used = (uint32_t)(at - bytes) - track->buffered_at;
        track->cursor.running = (unsigned char)running;
        track->cursor.tick = tick;
        track->cursor.event_tick = tick;
        track->position += used;
        track->buffered_at += used;
    }
    return count;
}

// The track's end, whether the file has one or not.
static void end_track(struct km_midi_merged_track *track, struct km_event *event)
{
    const uint64_t from = track->is_sound ? track->cursor.tick : 0;
    *event = (struct km_event){.tick = from + track->tick_end, .type = KM_EVENT_END_OF_TRACK};
    track->has_ended = true;
    track->decoded = 1;
}

// Decodes one event of any kind. Whatever is wrong with it was told when the tracks were found.
static enum km_status decode_one(const struct km_midi_merged_rooms *rooms,
                                 struct km_midi_merged_track *track, size_t index,
                                 struct km_error *error)
{
    struct km_midi_decoding decoding;
    enum km_midi_decoded decoded = KM_MIDI_DECODED_NOTHING;
    while (decoded == KM_MIDI_DECODED_NOTHING) {
        const enum km_status status = fill(rooms, track, index, error);
        if (status != KM_OK) {
            return status;
        }
        if (track->position == track->end) {
            end_track(track, &rooms->events[index * rooms->events_size]);
            return KM_OK;
        }
        decoded = km_midi_decode(&track->cursor, track->position,
                                 rooms->bytes + index * rooms->bytes_size + track->buffered_at,
                                 track->buffered_end - track->buffered_at, &decoding);
        if (decoded == KM_MIDI_DECODED_CUT || decoded == KM_MIDI_DECODED_BAD) {
            return km_error_set(error, KM_ERROR_INVALID,
                                "byte %" PRIu64 ": the file changed while it was read",
                                track->position);
        }
        move(track, decoding.size, decoding.payload);
        track->cursor.is_running_stale = false;
        track->cursor.has_open_sysex = false;
    }
    rooms->events[index * rooms->events_size] = decoding.event;
    track->decoded = 1;
    return KM_OK;
}

enum km_status km_midi_merged_decode(const struct km_midi_merged_rooms *rooms,
                                     struct km_midi_merged_track *track, size_t index,
                                     struct km_error *error)
{
    track->decoded = 0;
    if (track->has_ended) {
        return KM_OK;
    }
    const enum km_status status = fill(rooms, track, index, error);
    if (status != KM_OK) {
        return status;
    }
    if (track->cursor.tick == track->cursor.event_tick) {
        track->decoded =
            (uint16_t)decode_plain(track, rooms->bytes + index * rooms->bytes_size,
                                   rooms->events + index * rooms->events_size, rooms->events_size);
    }
    return track->decoded > 0 ? KM_OK : decode_one(rooms, track, index, error);
}
