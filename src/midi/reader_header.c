// SPDX-License-Identifier: MIT

// The reader from its first byte to the end of the header: RIFF, bytes before MThd, MThd.

#include "base/check.h"
#include "midi/big_endian_private.h"
#include "midi/division.h"
#include "midi/reader_private.h"

enum { CHUNK_HEADER_SIZE = 8, TAG_SIZE = 4, RIFF_SIZE = 12, HEADER_SIZE = 14 };

static uint32_t little_endian(const unsigned char *bytes)
{
    return bytes[0] | (uint32_t)bytes[1] << 8 | (uint32_t)bytes[2] << 16 | (uint32_t)bytes[3] << 24;
}

static enum km_midi_turn start(struct km_midi_reader *reader, struct km_midi_item *item)
{
    if (!km_midi_reader_wait(reader, RIFF_SIZE)) {
        return KM_MIDI_TURN_MORE;
    }
    if (km_midi_reader_available(reader) == 0) {
        return km_midi_reader_fail(reader, KM_ERROR_TRUNCATED, 0,
                                   "the file is empty; a Standard MIDI File was expected");
    }
    if (km_midi_reader_has_tag(reader, 0, "SMF2CLIP", 8)) {
        reader->header.is_clip = true;
        reader->state = KM_MIDI_STATE_CLIP;
        return KM_MIDI_TURN_AGAIN;
    }
    if (km_midi_reader_has_tag(reader, 0, "RIFF", TAG_SIZE) &&
        km_midi_reader_has_tag(reader, CHUNK_HEADER_SIZE, "RMID", TAG_SIZE)) {
        reader->header.is_rmid = true;
        reader->state = KM_MIDI_STATE_RIFF;
        return km_midi_reader_emit(reader, KM_MIDI_ITEM_WRAPPER, RIFF_SIZE, item);
    }
    reader->state = KM_MIDI_STATE_SEARCH;
    return KM_MIDI_TURN_AGAIN;
}

// A chunk of RIFF, whose lengths are little-endian. The MIDI is the data chunk.
static enum km_midi_turn step_riff(struct km_midi_reader *reader, struct km_midi_item *item)
{
    const uint64_t at = km_midi_reader_at(reader);
    if (!km_midi_reader_wait(reader, CHUNK_HEADER_SIZE)) {
        return KM_MIDI_TURN_MORE;
    }
    size_t available = 0;
    const unsigned char *const bytes = km_midi_reader_ahead(reader, &available);
    if (available < CHUNK_HEADER_SIZE) {
        return km_midi_reader_fail(reader, KM_ERROR_INVALID, at,
                                   "the RIFF file has no data chunk with MIDI in it");
    }
    const uint64_t size = little_endian(bytes + TAG_SIZE);
    if (!km_midi_reader_has_tag(reader, 0, "data", TAG_SIZE)) {
        const uint64_t padded = size + size % 2; // Chunks are padded to an even length.
        return km_midi_reader_pass(reader, KM_MIDI_ITEM_WRAPPER, CHUNK_HEADER_SIZE + padded);
    }
    const uint64_t seen =
        CHUNK_HEADER_SIZE + (size < KM_MIDI_LOOK_AHEAD ? size : KM_MIDI_LOOK_AHEAD);
    if (!km_midi_reader_wait(reader, seen)) {
        return KM_MIDI_TURN_MORE;
    }
    if (available < seen) {
        return km_midi_reader_fail(reader, KM_ERROR_TRUNCATED, at + TAG_SIZE,
                                   "a RIFF chunk is longer than the file");
    }
    reader->riff_length = at + TAG_SIZE;
    reader->start = at + CHUNK_HEADER_SIZE;
    reader->window.stop = reader->start + size;
    reader->state = KM_MIDI_STATE_SEARCH;
    return km_midi_reader_emit(reader, KM_MIDI_ITEM_WRAPPER, CHUNK_HEADER_SIZE, item);
}

// Leaves out what stands before MThd, as far as somebody might have meant it.
static enum km_midi_turn step_search(struct km_midi_reader *reader, struct km_midi_item *item)
{
    const size_t available = km_midi_reader_available(reader);
    const uint64_t passed = km_midi_reader_at(reader) - reader->start;
    const size_t found = km_midi_reader_find(reader, 0, available, "MThd", TAG_SIZE);
    if (found == 0 && available > 0) {
        if (passed > 0) {
            km_midi_reader_tell(reader, KM_MIDI_FAULT_LEADING_BYTES, reader->start);
        }
        reader->start = km_midi_reader_at(reader);
        reader->state = KM_MIDI_STATE_HEADER;
        return KM_MIDI_TURN_AGAIN;
    }
    size_t size = found;
    if (found == available && !km_midi_reader_has_all(reader)) {
        if (available < TAG_SIZE) {
            return KM_MIDI_TURN_MORE;
        }
        size = available - TAG_SIZE + 1; // The last bytes may be the first of MThd.
    }
    const uint64_t most = KM_MIDI_LEADING_MAX - passed;
    size = size < most ? size : (size_t)most;
    if (size == 0) {
        return km_midi_reader_fail(reader, KM_ERROR_INVALID, reader->start,
                                   "no Standard MIDI File: MThd was expected");
    }
    return km_midi_reader_emit(reader, KM_MIDI_ITEM_LEFT_OUT, size, item);
}

static enum km_midi_turn read_header(struct km_midi_reader *reader, uint32_t size,
                                     struct km_midi_item *item)
{
    const uint64_t at = km_midi_reader_at(reader);
    size_t available = 0;
    const unsigned char *const bytes = km_midi_reader_ahead(reader, &available);
    if (size > available - CHUNK_HEADER_SIZE) {
        return km_midi_reader_fail(reader, KM_ERROR_TRUNCATED, at + TAG_SIZE,
                                   "the header is longer than the file");
    }
    struct km_midi_header *const header = &reader->header;
    header->format = (uint16_t)km_midi_big_endian(bytes + 8, 2);
    header->tracks_declared = (uint16_t)km_midi_big_endian(bytes + 10, 2);
    header->division = (uint16_t)km_midi_big_endian(bytes + 12, 2);
    if (header->format > 2) {
        return km_midi_reader_fail(reader, KM_ERROR_UNSUPPORTED, at + 8,
                                   "the format is none of 0, 1, 2");
    }
    if (!km_midi_division_is_valid(header->division)) {
        return km_midi_reader_fail(reader, KM_ERROR_INVALID, at + 12,
                                   "the division gives ticks no length");
    }
    reader->state = KM_MIDI_STATE_CHUNK;
    return km_midi_reader_emit(reader, KM_MIDI_ITEM_HEADER, CHUNK_HEADER_SIZE + (size_t)size, item);
}

static enum km_midi_turn step_header(struct km_midi_reader *reader, struct km_midi_item *item)
{
    const uint64_t at = km_midi_reader_at(reader);
    if (!km_midi_reader_wait(reader, HEADER_SIZE)) {
        return KM_MIDI_TURN_MORE;
    }
    size_t available = 0;
    const unsigned char *const bytes = km_midi_reader_ahead(reader, &available);
    if (available < HEADER_SIZE) {
        return km_midi_reader_fail(reader, KM_ERROR_TRUNCATED, at + available,
                                   "the file ends in the header");
    }
    const uint32_t size = km_midi_big_endian(bytes + TAG_SIZE, 4);
    if (size < 6) {
        return km_midi_reader_fail(reader, KM_ERROR_INVALID, at + TAG_SIZE,
                                   "the header is shorter than 6 bytes");
    }
    const uint64_t seen =
        CHUNK_HEADER_SIZE + (size < KM_MIDI_LOOK_AHEAD ? size : KM_MIDI_LOOK_AHEAD);
    if (!km_midi_reader_wait(reader, seen)) {
        return KM_MIDI_TURN_MORE;
    }
    if (size > KM_MIDI_LOOK_AHEAD && available >= seen) {
        return km_midi_reader_fail(reader, KM_ERROR_INVALID, at + TAG_SIZE,
                                   "the header is longer than 16,384 bytes");
    }
    return read_header(reader, size, item);
}

enum km_midi_turn km_midi_reader_step_header(struct km_midi_reader *reader,
                                             struct km_midi_item *item)
{
    if (reader->state == KM_MIDI_STATE_START) {
        return start(reader, item);
    }
    if (reader->state == KM_MIDI_STATE_RIFF) {
        return step_riff(reader, item);
    }
    if (reader->state == KM_MIDI_STATE_SEARCH) {
        return step_search(reader, item);
    }
    KM_CHECK(reader->state == KM_MIDI_STATE_HEADER);
    return step_header(reader, item);
}
