// SPDX-License-Identifier: MIT

// The reader between tracks: chunks, bytes that are none, and the end of the file.

#include "base/check.h"
#include "midi/big_endian_private.h"
#include "midi/reader_private.h"

#include <inttypes.h>
#include <stdio.h>

enum { CHUNK_HEADER_SIZE = 8, TAG_SIZE = 4 };

size_t km_midi_reader_find(const struct km_midi_reader *reader, size_t low, size_t high,
                           const char *tag, size_t size)
{
    const unsigned char *const bytes = reader->window.bytes + reader->window.begin;
    for (size_t at = low; high >= size && at <= high - size;) {
        const unsigned char *const found = memchr(bytes + at, tag[0], high - at - size + 1);
        if (!found) {
            return high;
        }
        at = (size_t)(found - bytes);
        if (memcmp(found, tag, size) == 0) {
            return at;
        }
        ++at;
    }
    return high;
}

enum km_midi_likeness km_midi_reader_likeness(const struct km_midi_reader *reader, size_t distance)
{
    KM_CHECK(distance <= KM_MIDI_LOOK_AHEAD);
    if (!km_midi_reader_wait(reader, distance + CHUNK_HEADER_SIZE)) {
        return KM_MIDI_LIKE_MORE;
    }
    size_t available = 0;
    const unsigned char *const bytes = km_midi_reader_ahead(reader, &available) + distance;
    if (available < distance + CHUNK_HEADER_SIZE) {
        return KM_MIDI_LIKE_NOTHING;
    }
    for (size_t i = 0; i < TAG_SIZE; ++i) {
        if (bytes[i] < 0x20 || bytes[i] > 0x7E) {
            return KM_MIDI_LIKE_NOTHING;
        }
    }
    if (memcmp(bytes, "MTrk", TAG_SIZE) == 0) {
        return KM_MIDI_LIKE_CHUNK;
    }
    const uint32_t length = km_midi_big_endian(bytes + TAG_SIZE, 4);
    if (length > KM_MIDI_CHUNK_BELIEVED_MAX) {
        return KM_MIDI_LIKE_NOTHING;
    }
    const size_t seen = length < KM_MIDI_LOOK_AHEAD ? length : KM_MIDI_LOOK_AHEAD;
    if (!km_midi_reader_wait(reader, distance + CHUNK_HEADER_SIZE + seen)) {
        return KM_MIDI_LIKE_MORE;
    }
    return available - distance - CHUNK_HEADER_SIZE >= seen ? KM_MIDI_LIKE_CHUNK
                                                            : KM_MIDI_LIKE_NOTHING;
}

static enum km_midi_turn begin_track(struct km_midi_reader *reader, const unsigned char *bytes,
                                     struct km_midi_item *item)
{
    const uint64_t at = km_midi_reader_at(reader);
    if (reader->tracks_found == UINT32_MAX) {
        return km_midi_reader_fail(reader, KM_ERROR_TOO_LARGE, at, "too many tracks");
    }
    ++reader->tracks_found;
    reader->is_in_track = true;
    reader->is_extended = false;
    reader->is_open = false;
    reader->chunk_length = at + TAG_SIZE;
    reader->chunk_end = at + CHUNK_HEADER_SIZE + km_midi_big_endian(bytes + TAG_SIZE, 4);
    reader->cursor = (struct km_midi_cursor){.limit = reader->chunk_end};
    reader->state = KM_MIDI_STATE_TRACK;
    return km_midi_reader_emit(reader, KM_MIDI_ITEM_TRACK, CHUNK_HEADER_SIZE, item);
}

// Bytes that are no chunk: up to the next MTrk, which is not the first of them.
static enum km_midi_turn begin_stray(struct km_midi_reader *reader)
{
    km_midi_reader_tell(reader, KM_MIDI_FAULT_STRAY_BYTES, km_midi_reader_at(reader));
    reader->stray_begin = km_midi_reader_at(reader) + 1;
    reader->stray_end = UINT64_MAX;
    reader->state = KM_MIDI_STATE_STRAY;
    return KM_MIDI_TURN_AGAIN;
}

static enum km_midi_turn step_chunk(struct km_midi_reader *reader, struct km_midi_item *item)
{
    reader->is_in_track = false;
    const enum km_midi_likeness likeness = km_midi_reader_likeness(reader, 0);
    if (likeness == KM_MIDI_LIKE_MORE) {
        return KM_MIDI_TURN_MORE;
    }
    size_t available = 0;
    const unsigned char *const bytes = km_midi_reader_ahead(reader, &available);
    if (available == 0) {
        reader->state = KM_MIDI_STATE_COUNT;
        return KM_MIDI_TURN_AGAIN;
    }
    if (likeness == KM_MIDI_LIKE_NOTHING) {
        return begin_stray(reader);
    }
    if (memcmp(bytes, "MTrk", TAG_SIZE) == 0) {
        return begin_track(reader, bytes, item);
    }
    if (memcmp(bytes, "MThd", TAG_SIZE) == 0) {
        km_midi_reader_tell(reader, KM_MIDI_FAULT_SECOND_FILE, km_midi_reader_at(reader));
        reader->state = KM_MIDI_STATE_COUNT;
        return km_midi_reader_pass(reader, KM_MIDI_ITEM_LEFT_OUT, UINT64_MAX);
    }
    const uint64_t length = km_midi_big_endian(bytes + TAG_SIZE, 4);
    return km_midi_reader_pass(reader, KM_MIDI_ITEM_CHUNK, CHUNK_HEADER_SIZE + length);
}

static enum km_midi_turn step_stray(struct km_midi_reader *reader, struct km_midi_item *item)
{
    const uint64_t at = km_midi_reader_at(reader);
    const size_t available = km_midi_reader_available(reader);
    const size_t low = reader->stray_begin > at ? (size_t)(reader->stray_begin - at) : 0;
    const size_t found = km_midi_reader_find(reader, low, available, "MTrk", TAG_SIZE);
    size_t size = found;
    if (found == available && !km_midi_reader_has_all(reader)) {
        // The last bytes may be the first of MTrk.
        size = available < TAG_SIZE ? 0 : available - TAG_SIZE + 1;
        if (size == 0) {
            return KM_MIDI_TURN_MORE;
        }
    }
    size = size < reader->stray_end - at ? size : (size_t)(reader->stray_end - at);
    if (size > 0) {
        return km_midi_reader_emit(reader, KM_MIDI_ITEM_LEFT_OUT, size, item);
    }
    reader->state = KM_MIDI_STATE_CHUNK;
    return KM_MIDI_TURN_AGAIN;
}

static enum km_midi_turn refuse_missing_tracks(struct km_midi_reader *reader)
{
    char what[80];
    (void)snprintf(what, sizeof(what), "the file ends after %" PRIu32 " of %u tracks",
                   reader->tracks_found, (unsigned)reader->header.tracks_declared);
    return km_midi_reader_fail(reader, KM_ERROR_TRUNCATED, km_midi_reader_at(reader), what);
}

// At the end of the MIDI: whether it is that of the RIFF chunk, and what the header says of tracks.
static enum km_midi_turn step_count(struct km_midi_reader *reader)
{
    const struct km_midi_window *const window = &reader->window;
    const uint32_t declared = reader->header.tracks_declared;
    const uint64_t count_offset = reader->start + 10;
    if (reader->header.is_rmid && window->base + window->end < window->stop) {
        return km_midi_reader_fail(reader, KM_ERROR_TRUNCATED, reader->riff_length,
                                   "a RIFF chunk is longer than the file");
    }
    if ((uint64_t)reader->tracks_found + KM_MIDI_TRACKS_MISSING_MAX < declared ||
        (reader->tracks_found == 0 && declared > 0)) {
        return refuse_missing_tracks(reader);
    }
    if (reader->tracks_found != declared) {
        km_midi_reader_tell(reader, KM_MIDI_FAULT_TRACK_COUNT, count_offset);
    }
    if (declared == 0) {
        km_midi_reader_tell(reader, KM_MIDI_FAULT_NO_TRACKS, count_offset);
    }
    if (reader->header.format == 0 && reader->tracks_found != 1) {
        km_midi_reader_tell(reader, KM_MIDI_FAULT_FORMAT_0_TRACKS, reader->start + 8);
    }
    reader->state = reader->header.is_rmid ? KM_MIDI_STATE_TAIL : KM_MIDI_STATE_END;
    return KM_MIDI_TURN_AGAIN;
}

enum km_midi_turn km_midi_reader_step_chunk(struct km_midi_reader *reader,
                                            struct km_midi_item *item)
{
    if (reader->state == KM_MIDI_STATE_CHUNK) {
        return step_chunk(reader, item);
    }
    if (reader->state == KM_MIDI_STATE_STRAY) {
        return step_stray(reader, item);
    }
    KM_CHECK(reader->state == KM_MIDI_STATE_COUNT);
    return step_count(reader);
}
