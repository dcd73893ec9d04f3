// SPDX-License-Identifier: MIT

#include "midi/parse_private.h"

#include "base/check.h"
#include "midi/decode_private.h"
#include "midi/division.h"

#include <stdio.h>

enum { CHUNK_HEADER_SIZE = 8, TAG_SIZE = 4 };

void km_midi_warn(struct km_midi_warnings *warnings, size_t offset, const char *what)
{
    if (warnings->count == 0) {
        warnings->first_offset = offset;
        (void)snprintf(warnings->first_message, sizeof(warnings->first_message), "%s", what);
    }
    warnings->count += warnings->count < UINT32_MAX;
}

static uint32_t big_endian(const unsigned char *bytes, size_t size)
{
    uint32_t value = 0;
    for (size_t i = 0; i < size; ++i) {
        value = value << 8 | bytes[i];
    }
    return value;
}

static uint32_t little_endian(const unsigned char *bytes)
{
    return bytes[0] | (uint32_t)bytes[1] << 8 | (uint32_t)bytes[2] << 16 | (uint32_t)bytes[3] << 24;
}

static enum km_status fail(const struct km_midi_parser *parser, enum km_status status,
                           size_t offset, const char *what)
{
    return km_error_set(parser->error, status, "byte %zu: %s", offset, what);
}

static bool has_tag(const struct km_midi_parser *parser, size_t offset, const char *tag)
{
    return km_midi_window_has(&parser->window, offset, tag, TAG_SIZE);
}

// Whether a chunk can begin at `offset`: four printable characters and a length that the file
// holds. A track's length is not looked at, because it is often wrong.
static bool is_chunk_like(const struct km_midi_parser *parser, size_t offset)
{
    const size_t left = parser->window.end - offset;
    if (left < CHUNK_HEADER_SIZE) {
        return false;
    }
    const unsigned char *const bytes = km_midi_window_at(&parser->window, offset);
    for (size_t i = 0; i < TAG_SIZE; ++i) {
        if (bytes[i] < 0x20 || bytes[i] > 0x7E) {
            return false;
        }
    }
    return has_tag(parser, offset, "MTrk") ||
           big_endian(bytes + TAG_SIZE, 4) <= left - CHUNK_HEADER_SIZE;
}

// Narrows the window to the data chunk of an RMID file, whose lengths are little-endian.
static enum km_status enter_riff(struct km_midi_parser *parser)
{
    const size_t end = parser->window.end;
    size_t offset = CHUNK_HEADER_SIZE + TAG_SIZE;
    while (end - offset >= CHUNK_HEADER_SIZE) {
        const unsigned char *const bytes = km_midi_window_at(&parser->window, offset);
        const uint32_t size = little_endian(bytes + TAG_SIZE);
        const bool is_data = has_tag(parser, offset, "data");
        offset += CHUNK_HEADER_SIZE;
        if (size > end - offset) {
            return fail(parser, KM_ERROR_TRUNCATED, offset - 4,
                        "a RIFF chunk is longer than the file");
        }
        if (is_data) {
            parser->position = offset;
            parser->window.end = offset + size;
            return KM_OK;
        }
        offset += size;
        offset += size % 2 != 0 && offset < end; // Chunks are padded to an even length.
    }
    return fail(parser, KM_ERROR_INVALID, offset,
                "the RIFF file has no data chunk with MIDI in it");
}

// Moves to MThd, wherever it is.
static enum km_status find_header(struct km_midi_parser *parser)
{
    const struct km_midi_window *const window = &parser->window;
    if (has_tag(parser, 0, "RIFF") && window->end >= CHUNK_HEADER_SIZE + TAG_SIZE &&
        has_tag(parser, CHUNK_HEADER_SIZE, "RMID")) {
        const enum km_status status = enter_riff(parser);
        if (status != KM_OK) {
            return status;
        }
    }
    if (km_midi_window_has(window, 0, "SMF2CLIP", 8)) {
        return fail(parser, KM_ERROR_UNSUPPORTED, 0,
                    "this is a MIDI 2.0 clip file; a Standard MIDI File 1.0 was expected");
    }
    const size_t start = parser->position;
    parser->position = km_midi_window_find(window, start, window->end, "MThd", TAG_SIZE);
    if (parser->position == window->end) {
        return fail(parser, KM_ERROR_INVALID, start, "no Standard MIDI File: MThd was expected");
    }
    if (parser->position > start) {
        km_midi_warn(parser->warnings, start, "bytes before the header are left out");
    }
    return KM_OK;
}

static enum km_status read_header(struct km_midi_parser *parser)
{
    const size_t left = parser->window.end - parser->position;
    if (left < CHUNK_HEADER_SIZE + 6) {
        return fail(parser, KM_ERROR_TRUNCATED, parser->window.end, "the file ends in the header");
    }
    const unsigned char *const bytes = km_midi_window_at(&parser->window, parser->position);
    const uint32_t size = big_endian(bytes + 4, 4);
    parser->format = (uint16_t)big_endian(bytes + 8, 2);
    parser->tracks_declared = (uint16_t)big_endian(bytes + 10, 2);
    parser->division = (uint16_t)big_endian(bytes + 12, 2);
    if (size < 6) {
        return fail(parser, KM_ERROR_INVALID, parser->position + 4,
                    "the header is shorter than 6 bytes");
    }
    if (size > left - CHUNK_HEADER_SIZE) {
        return fail(parser, KM_ERROR_TRUNCATED, parser->position + 4,
                    "the header is longer than the file");
    }
    if (parser->format > 2) {
        return fail(parser, KM_ERROR_UNSUPPORTED, parser->position + 8,
                    "the format is none of 0, 1, 2");
    }
    if (!km_midi_division_is_valid(parser->division)) {
        return fail(parser, KM_ERROR_INVALID, parser->position + 12,
                    "the division gives ticks no length");
    }
    parser->position += CHUNK_HEADER_SIZE + size;
    return KM_OK;
}

enum km_status km_midi_parser_open(struct km_midi_parser *parser,
                                   const struct km_midi_window *window,
                                   struct km_midi_warnings *warnings, struct km_error *error)
{
    KM_CHECK(parser);
    KM_CHECK(warnings);
    *parser = (struct km_midi_parser){.window = *window, .warnings = warnings, .error = error};
    const enum km_status status = find_header(parser);
    return status == KM_OK ? read_header(parser) : status;
}

// Finds the next chunk that is a track, past what is none.
static bool find_track(struct km_midi_parser *parser)
{
    const struct km_midi_window *const window = &parser->window;
    while (parser->position < window->end) {
        if (!is_chunk_like(parser, parser->position)) {
            km_midi_warn(parser->warnings, parser->position,
                         "bytes that are no chunk are left out");
            parser->position =
                km_midi_window_find(window, parser->position + 1, window->end, "MTrk", TAG_SIZE);
        } else if (has_tag(parser, parser->position, "MTrk")) {
            return true;
        } else if (has_tag(parser, parser->position, "MThd")) {
            km_midi_warn(parser->warnings, parser->position, "a second file is left out");
            return false;
        } else {
            const unsigned char *const bytes = km_midi_window_at(window, parser->position);
            parser->position += CHUNK_HEADER_SIZE + big_endian(bytes + TAG_SIZE, 4);
        }
    }
    return false;
}

bool km_midi_parser_next_track(struct km_midi_parser *parser)
{
    KM_CHECK(!parser->is_in_track);
    if (!find_track(parser)) {
        return false;
    }
    const size_t length_offset = parser->position + TAG_SIZE;
    const uint32_t size = big_endian(km_midi_window_at(&parser->window, length_offset), 4);
    parser->position += CHUNK_HEADER_SIZE;
    parser->payload_left = 0;
    if (size <= parser->window.end - parser->position) {
        parser->chunk_end = parser->position + size;
        parser->limit = parser->chunk_end;
    } else {
        km_midi_warn(parser->warnings, length_offset, "a track is longer than the file");
        parser->chunk_end = SIZE_MAX;
        parser->limit = parser->window.end;
    }
    parser->is_in_track = true;
    parser->is_extended = false;
    parser->running = 0;
    parser->is_running_stale = false;
    parser->has_open_sysex = false;
    parser->tick = 0;
    parser->event_tick = 0;
    ++parser->tracks_found;
    return true;
}

// At a chunk's end without End of Track: whether the track goes on beyond it. Both searches stop at
// the next track, so that all of them together read the file once.
static bool extend_limit(struct km_midi_parser *parser)
{
    if (parser->is_extended || parser->limit == parser->window.end ||
        is_chunk_like(parser, parser->limit)) {
        return false;
    }
    const struct km_midi_window *const window = &parser->window;
    const size_t next = km_midi_window_find(window, parser->limit, window->end, "MTrk", TAG_SIZE);
    // Its last bytes may stand before the chunk's end.
    const size_t low = parser->limit - parser->position > 2 ? parser->limit - 2 : parser->position;
    if (km_midi_window_find(window, low, next, "\xFF\x2F\x00", 3) == next) {
        return false;
    }
    km_midi_warn(parser->warnings, parser->limit, "a track goes on past its length");
    parser->is_extended = true;
    parser->limit = next;
    return true;
}

// The place after a track's end: where its chunk ends, unless that cannot be.
static void leave_track(struct km_midi_parser *parser)
{
    parser->is_in_track = false;
    if (parser->is_extended || parser->position == parser->chunk_end) {
        return;
    }
    const struct km_midi_window *const window = &parser->window;
    if (has_tag(parser, parser->position, "MTrk") || parser->chunk_end == SIZE_MAX) {
        km_midi_warn(parser->warnings, parser->position, "a track ends before its length");
    } else if (parser->chunk_end == window->end || is_chunk_like(parser, parser->chunk_end)) {
        km_midi_warn(parser->warnings, parser->position, "bytes after End of Track are left out");
        parser->position = parser->chunk_end;
    }
}

// Ends the track here, where it has no end of its own.
static void end_track(struct km_midi_parser *parser, const char *why, struct km_event *event)
{
    km_midi_warn(parser->warnings, parser->position, why);
    *event = (struct km_event){.tick = parser->tick, .type = KM_EVENT_END_OF_TRACK};
    if (parser->has_open_sysex) {
        km_midi_warn(parser->warnings, parser->open_sysex, "a SysEx message has no end");
    }
    if (!parser->is_extended) {
        parser->position = parser->limit;
    }
    parser->is_in_track = false;
}

static void tell_repairs(struct km_midi_parser *parser)
{
    for (size_t i = 0; i < parser->repair_count; ++i) {
        km_midi_warn(parser->warnings, parser->repairs[i].offset, parser->repairs[i].what);
    }
}

// What cannot be an event: beyond a wrong chunk length only the end of the track.
static enum km_status refuse(struct km_midi_parser *parser, struct km_event *event)
{
    const struct km_midi_repair *const worst = &parser->repairs[parser->repair_count - 1];
    if (!parser->is_extended) {
        return fail(parser, KM_ERROR_INVALID, worst->offset, worst->what);
    }
    end_track(parser, worst->what, event);
    return KM_OK;
}

// An event that goes on beyond the limit, or a track that does.
static enum km_status stop_at_limit(struct km_midi_parser *parser, struct km_event *event)
{
    if (parser->position == parser->limit) {
        end_track(parser, "End of Track is missing", event);
        return KM_OK;
    }
    if (!parser->is_extended && parser->limit == parser->window.end) {
        return fail(parser, KM_ERROR_TRUNCATED, parser->position, "the file ends within an event");
    }
    end_track(parser, "an event is cut by the end of its track", event);
    return KM_OK;
}

// Decodes until something is decoded, or cannot be.
static enum km_midi_decoded decode_next(struct km_midi_parser *parser, struct km_event *event)
{
    for (;;) {
        parser->position += parser->payload_left;
        parser->payload_left = 0;
        const enum km_midi_decoded decoded = km_midi_decode(parser, event);
        if (decoded == KM_MIDI_DECODED_BAD ||
            (decoded == KM_MIDI_DECODED_CUT && !extend_limit(parser))) {
            return decoded;
        }
        if (decoded != KM_MIDI_DECODED_CUT && parser->repair_count > 0) {
            tell_repairs(parser);
        }
        if (decoded == KM_MIDI_DECODED) {
            return decoded;
        }
    }
}

enum km_status km_midi_parser_next(struct km_midi_parser *parser, struct km_event *event)
{
    KM_CHECK(parser->is_in_track);
    const enum km_midi_decoded decoded = decode_next(parser, event);
    if (decoded == KM_MIDI_DECODED_BAD) {
        return refuse(parser, event);
    }
    if (decoded == KM_MIDI_DECODED_CUT) {
        return stop_at_limit(parser, event);
    }
    if (event->type == KM_EVENT_END_OF_TRACK) {
        parser->position += parser->payload_left;
        parser->payload_left = 0;
        leave_track(parser);
    }
    return KM_OK;
}

void km_midi_parser_payload(struct km_midi_parser *parser, unsigned char *to, size_t size)
{
    KM_CHECK(size <= parser->payload_left);
    km_midi_window_copy(&parser->window, parser->position, to, size);
    parser->position += size;
    parser->payload_left -= size;
}

enum km_status km_midi_parser_finish(struct km_midi_parser *parser)
{
    const size_t declared = parser->tracks_declared;
    if (parser->tracks_found + KM_MIDI_TRACKS_MISSING_MAX < declared ||
        (parser->tracks_found == 0 && declared > 0)) {
        return km_error_set(parser->error, KM_ERROR_TRUNCATED,
                            "byte %zu: the file ends after %zu of %zu tracks", parser->position,
                            parser->tracks_found, declared);
    }
    if (parser->tracks_found != declared) {
        km_midi_warn(parser->warnings, parser->position,
                     "the header counts another number of tracks");
    }
    if (declared == 0) {
        km_midi_warn(parser->warnings, parser->position, "the file has no tracks");
    }
    if (parser->format == 0 && parser->tracks_found != 1) {
        km_midi_warn(parser->warnings, parser->position, "format 0 with other than one track");
    }
    return KM_OK;
}
