// SPDX-License-Identifier: MIT

// The reader in a track: events, and where the track ends.

#include "base/check.h"
#include "midi/reader_private.h"

// Whether nothing that came before asks for a warning at the next event.
static bool is_in_order(const struct km_midi_cursor *cursor)
{
    return !cursor->is_running_stale && !cursor->has_open_sysex &&
           cursor->tick == cursor->event_tick;
}

bool km_midi_reader_plain(const struct km_midi_reader *reader, struct km_midi_plain *plain)
{
    if (reader->state != KM_MIDI_STATE_TRACK || reader->passing.left > 0 ||
        !is_in_order(&reader->cursor)) {
        return false;
    }
    size_t size = 0;
    plain->at = km_midi_reader_ahead(reader, &size);
    const uint64_t left = reader->cursor.limit - km_midi_reader_at(reader);
    plain->end = plain->at + (left < size ? (size_t)left : size);
    plain->tick = reader->cursor.tick;
    plain->running = reader->cursor.running;
    return true;
}

void km_midi_reader_skip_plain(struct km_midi_reader *reader, const struct km_midi_plain *plain)
{
    reader->window.begin = (size_t)(plain->at - reader->window.bytes);
    reader->cursor.tick = plain->tick;
    reader->cursor.event_tick = plain->tick;
    reader->cursor.running = plain->running;
}

// Ends the track here, where it has no end of its own.
static enum km_midi_turn end_track(struct km_midi_reader *reader, struct km_midi_item *item)
{
    if (reader->cursor.has_open_sysex) {
        km_midi_reader_tell(reader, KM_MIDI_FAULT_OPEN_SYSEX, reader->cursor.open_sysex);
    }
    (void)km_midi_reader_emit(reader, KM_MIDI_ITEM_EVENT, 0, item);
    item->event.type = KM_EVENT_END_OF_TRACK;
    item->event.tick = reader->cursor.tick;
    item->is_repaired = true;
    reader->state = KM_MIDI_STATE_CHUNK;
    return KM_MIDI_TURN_ITEM;
}

static enum km_midi_turn end_without_end(struct km_midi_reader *reader, struct km_midi_item *item)
{
    km_midi_reader_tell(reader, KM_MIDI_FAULT_MISSING_END, km_midi_reader_at(reader));
    return end_track(reader, item);
}

// What cannot be an event: beyond a wrong chunk length only the end of the track.
static enum km_midi_turn refuse(struct km_midi_reader *reader,
                                const struct km_midi_decoding *decoding, struct km_midi_item *item)
{
    if (!reader->is_extended) {
        return km_midi_reader_fail(reader, KM_ERROR_INVALID, decoding->bad_offset, decoding->bad);
    }
    km_midi_reader_tell(reader, KM_MIDI_FAULT_NO_EVENT, decoding->bad_offset);
    return end_track(reader, item);
}

// Leaves out an event that its track's end cuts.
static enum km_midi_turn begin_cut(struct km_midi_reader *reader, uint64_t left)
{
    reader->state = KM_MIDI_STATE_CUT;
    return km_midi_reader_pass(reader, KM_MIDI_ITEM_LEFT_OUT, left);
}

static enum km_midi_turn step_cut(struct km_midi_reader *reader, struct km_midi_item *item)
{
    if (!km_midi_reader_wait(reader, 1)) {
        return KM_MIDI_TURN_MORE;
    }
    if (km_midi_reader_available(reader) == 0) {
        return km_midi_reader_fail(reader, KM_ERROR_TRUNCATED, reader->passing.offset,
                                   "the file ends within an event");
    }
    km_midi_reader_tell(reader, KM_MIDI_FAULT_CUT_EVENT, reader->passing.offset);
    return end_track(reader, item);
}

static bool has_data_over_127(const struct km_midi_decoding *decoding)
{
    for (size_t i = 0; i < decoding->repair_count; ++i) {
        if (decoding->repairs[i].fault == KM_MIDI_FAULT_DATA_OVER_127) {
            return true;
        }
    }
    return false;
}

// How many of the next `size` bytes, which are at hand, are whole events; 0 if not all of them can
// be (but for a last one that is cut), or if there are no notes.
static size_t music_ahead(const struct km_midi_reader *reader, size_t size)
{
    size_t available = 0;
    const unsigned char *const bytes = km_midi_reader_ahead(reader, &available);
    struct km_midi_cursor cursor = reader->cursor;
    cursor.limit = UINT64_MAX;
    bool has_notes = false;
    uint64_t place = 0;
    while (place + KM_MIDI_EVENT_AHEAD <= size) {
        struct km_midi_decoding decoding;
        const enum km_midi_decoded decoded =
            km_midi_decode(&cursor, km_midi_reader_at(reader) + place, bytes + place,
                           KM_MIDI_EVENT_AHEAD, &decoding);
        if (decoded == KM_MIDI_DECODED_CUT || decoded == KM_MIDI_DECODED_BAD ||
            has_data_over_127(&decoding)) {
            return 0;
        }
        has_notes = has_notes || decoding.event.type == KM_EVENT_NOTE_ON;
        place += decoding.size + decoding.payload;
    }
    return has_notes && place <= size ? (size_t)place : 0;
}

// Whether the track goes on past its length, `left` bytes from here, and how far.
static bool goes_on(struct km_midi_reader *reader, size_t left)
{
    const size_t most = left + KM_MIDI_LOOK_AHEAD;
    const size_t available = km_midi_reader_available(reader);
    const size_t high = available < most ? available : most;
    const size_t next = km_midi_reader_find(reader, left, high, "MTrk", 4);
    const size_t low = left > 2 ? left - 2 : 0; // Its last bytes may stand before the length's end.
    const bool has_end = km_midi_reader_find(reader, low, next, "\xFF\x2F\x00", 3) < next;
    const bool is_last = has_end || (reader->is_open && next < most);
    const size_t music = !is_last && next == most ? music_ahead(reader, most) : 0;
    if (!is_last && music <= left) {
        return false;
    }
    if (!reader->is_extended) {
        km_midi_reader_tell(reader, KM_MIDI_FAULT_TRACK_TOO_SHORT, reader->chunk_length);
    }
    reader->is_extended = true;
    reader->is_open = !is_last;
    reader->cursor.limit = km_midi_reader_at(reader) + (is_last ? next : music);
    return true;
}

// Beyond a wrong length the track ends where it does not go on, and the file is read on from there.
static enum km_midi_turn end_extended(struct km_midi_reader *reader, uint64_t left,
                                      struct km_midi_item *item)
{
    km_midi_reader_tell(reader, left == 0 ? KM_MIDI_FAULT_MISSING_END : KM_MIDI_FAULT_CUT_EVENT,
                        km_midi_reader_at(reader));
    return end_track(reader, item);
}

// At the end of a chunk, `left` bytes from here, without End of Track, and more bytes after it:
// whether the track goes on there. It does if its End of Track stands before the next track, or if
// all that can be seen is music.
static enum km_midi_turn extend(struct km_midi_reader *reader, size_t left,
                                struct km_midi_item *item)
{
    const enum km_midi_likeness likeness = km_midi_reader_likeness(reader, left);
    if (likeness == KM_MIDI_LIKE_MORE ||
        !km_midi_reader_wait(reader, left + (size_t)KM_MIDI_LOOK_AHEAD)) {
        return KM_MIDI_TURN_MORE;
    }
    if (likeness == KM_MIDI_LIKE_NOTHING && goes_on(reader, left)) {
        return KM_MIDI_TURN_AGAIN;
    }
    if (reader->is_extended) {
        return end_extended(reader, left, item);
    }
    return left > 0 ? begin_cut(reader, left) : end_without_end(reader, item);
}

// The file ends where, `left` bytes from here at most, the track should.
static enum km_midi_turn stop_with_file(struct km_midi_reader *reader, uint64_t left,
                                        struct km_midi_item *item)
{
    if (reader->is_extended) {
        return end_extended(reader, left, item);
    }
    if (km_midi_reader_available(reader) > 0) {
        return km_midi_reader_fail(reader, KM_ERROR_TRUNCATED, km_midi_reader_at(reader),
                                   "the file ends within an event");
    }
    if (left > 0) {
        km_midi_reader_tell(reader, KM_MIDI_FAULT_TRACK_TOO_LONG, reader->chunk_length);
    }
    return end_without_end(reader, item);
}

// An event, or the track, goes on beyond the limit or the file's end.
static enum km_midi_turn stop(struct km_midi_reader *reader, struct km_midi_item *item)
{
    const uint64_t left = reader->cursor.limit - km_midi_reader_at(reader);
    if (reader->is_extended && !reader->is_open) {
        return end_extended(reader, left, item);
    }
    const uint64_t seen = left < KM_MIDI_LOOK_AHEAD ? left + 1 : KM_MIDI_LOOK_AHEAD;
    if (!km_midi_reader_wait(reader, seen)) {
        return KM_MIDI_TURN_MORE;
    }
    if (km_midi_reader_available(reader) < seen) {
        return stop_with_file(reader, left, item);
    }
    // A limit out of sight is where the track ends: what comes there cannot be looked at.
    return left < KM_MIDI_LOOK_AHEAD ? extend(reader, (size_t)left, item) : begin_cut(reader, left);
}

static enum km_midi_turn emit_event(struct km_midi_reader *reader,
                                    const struct km_midi_decoding *decoding,
                                    struct km_midi_item *item)
{
    const struct km_event *const event = &decoding->event;
    const uint64_t at = km_midi_reader_at(reader);
    const bool is_kept = event->type == KM_EVENT_META || event->type == KM_EVENT_SYSEX;
    (void)km_midi_reader_emit(reader, KM_MIDI_ITEM_EVENT, decoding->size, item);
    item->event = *event;
    item->is_repaired = decoding->is_repaired;
    item->payload_left = is_kept ? decoding->payload : 0;
    if (decoding->payload > 0) {
        (void)km_midi_reader_pass(reader, is_kept ? KM_MIDI_ITEM_PAYLOAD : KM_MIDI_ITEM_LEFT_OUT,
                                  decoding->payload);
        reader->passing.is_event = true;
        reader->passing.is_sysex = event->type == KM_EVENT_SYSEX;
        reader->passing.offset = at;
    }
    if (event->type == KM_EVENT_END_OF_TRACK) {
        reader->state = KM_MIDI_STATE_LEAVE;
    }
    return KM_MIDI_TURN_ITEM;
}

// Decodes an event that is not plain, from `size` bytes before the limit.
static enum km_midi_turn step_event(struct km_midi_reader *reader, const unsigned char *bytes,
                                    size_t size, struct km_midi_item *item)
{
    struct km_midi_cursor moved = reader->cursor;
    struct km_midi_decoding decoding;
    const enum km_midi_decoded decoded =
        km_midi_decode(&moved, km_midi_reader_at(reader), bytes,
                       size < KM_MIDI_EVENT_AHEAD ? size : KM_MIDI_EVENT_AHEAD, &decoding);
    if (decoded == KM_MIDI_DECODED_BAD) {
        return refuse(reader, &decoding, item);
    }
    if (decoded == KM_MIDI_DECODED_CUT) {
        return stop(reader, item);
    }
    const uint32_t payload = decoding.payload;
    const size_t whole =
        decoding.size + (payload < KM_MIDI_LOOK_AHEAD ? payload : (size_t)KM_MIDI_LOOK_AHEAD);
    if (!km_midi_reader_wait(reader, whole)) {
        return KM_MIDI_TURN_MORE;
    }
    if (km_midi_reader_available(reader) < whole) {
        return km_midi_reader_fail(reader, KM_ERROR_TRUNCATED, km_midi_reader_at(reader),
                                   "the file ends within an event");
    }
    reader->cursor = moved;
    for (size_t i = 0; i < decoding.repair_count; ++i) {
        km_midi_reader_tell(reader, decoding.repairs[i].fault, decoding.repairs[i].offset);
    }
    if (decoded == KM_MIDI_DECODED) {
        return emit_event(reader, &decoding, item);
    }
    (void)km_midi_reader_pass(reader, KM_MIDI_ITEM_LEFT_OUT, decoding.size + (uint64_t)payload);
    reader->passing.is_event = true;
    return KM_MIDI_TURN_AGAIN;
}

static enum km_midi_turn step_track(struct km_midi_reader *reader, struct km_midi_item *item)
{
    size_t size = 0;
    const unsigned char *const bytes = km_midi_reader_ahead(reader, &size);
    const uint64_t left = reader->cursor.limit - km_midi_reader_at(reader);
    struct km_midi_plain plain;
    struct km_event event;
    if (size >= KM_MIDI_PLAIN_SIZE_MAX && left >= KM_MIDI_PLAIN_SIZE_MAX &&
        km_midi_reader_plain(reader, &plain) && km_midi_plain_next(&plain, &event)) {
        (void)km_midi_reader_emit(reader, KM_MIDI_ITEM_EVENT, (size_t)(plain.at - bytes), item);
        item->event = event;
        km_midi_reader_skip_plain(reader, &plain);
        return KM_MIDI_TURN_ITEM;
    }
    if (size < KM_MIDI_EVENT_AHEAD && size < left && !km_midi_reader_has_all(reader)) {
        return KM_MIDI_TURN_MORE;
    }
    size = left < size ? (size_t)left : size;
    return size == 0 ? stop(reader, item) : step_event(reader, bytes, size, item);
}

// The place after End of Track is where the chunk ends, unless that cannot be: the track ends
// before its length if another begins here, or if the file ends before.
static enum km_midi_turn step_leave(struct km_midi_reader *reader)
{
    const uint64_t at = km_midi_reader_at(reader);
    reader->state = KM_MIDI_STATE_CHUNK;
    if (reader->is_extended || at == reader->chunk_end) {
        return KM_MIDI_TURN_AGAIN;
    }
    reader->state = KM_MIDI_STATE_LEAVE;
    const uint64_t left = reader->chunk_end - at;
    const uint64_t seen = left < KM_MIDI_LOOK_AHEAD ? left : KM_MIDI_LOOK_AHEAD;
    if (!km_midi_reader_wait(reader, seen + 4)) { // The 4 bytes of MTrk at least.
        return KM_MIDI_TURN_MORE;
    }
    const size_t available = km_midi_reader_available(reader);
    if (available < seen || km_midi_reader_has_tag(reader, 0, "MTrk", 4)) {
        km_midi_reader_tell(reader, KM_MIDI_FAULT_TRACK_TOO_LONG, reader->chunk_length);
        reader->state = KM_MIDI_STATE_CHUNK;
        return KM_MIDI_TURN_AGAIN;
    }
    if (left >= KM_MIDI_LOOK_AHEAD) { // Where the chunk ends is out of sight.
        km_midi_reader_tell(reader, KM_MIDI_FAULT_AFTER_END, at);
        reader->stray_begin = at;
        reader->stray_end = reader->chunk_end;
        reader->state = KM_MIDI_STATE_STRAY;
        return KM_MIDI_TURN_AGAIN;
    }
    const enum km_midi_likeness likeness =
        available == left ? KM_MIDI_LIKE_CHUNK : km_midi_reader_likeness(reader, (size_t)left);
    if (likeness == KM_MIDI_LIKE_MORE) {
        return KM_MIDI_TURN_MORE;
    }
    reader->state = KM_MIDI_STATE_CHUNK;
    if (likeness == KM_MIDI_LIKE_NOTHING) { // Then a chunk begins here, or these bytes are stray.
        km_midi_reader_tell(reader, KM_MIDI_FAULT_TRACK_TOO_LONG, reader->chunk_length);
        return KM_MIDI_TURN_AGAIN;
    }
    km_midi_reader_tell(reader, KM_MIDI_FAULT_AFTER_END, at);
    return km_midi_reader_pass(reader, KM_MIDI_ITEM_LEFT_OUT, left);
}

enum km_midi_turn km_midi_reader_step_track(struct km_midi_reader *reader,
                                            struct km_midi_item *item)
{
    if (reader->state == KM_MIDI_STATE_TRACK) {
        return step_track(reader, item);
    }
    if (reader->state == KM_MIDI_STATE_CUT) {
        return step_cut(reader, item);
    }
    KM_CHECK(reader->state == KM_MIDI_STATE_LEAVE);
    return step_leave(reader);
}
