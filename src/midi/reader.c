// SPDX-License-Identifier: MIT

#include "midi/reader.h"

#include "base/check.h"
#include "base/input.h"
#include "heap/heap.h"
#include "midi/reader_private.h"

#include <inttypes.h>

_Static_assert(KM_MIDI_READER_BUFFER_SIZE >= 4 * KM_MIDI_LOOK_AHEAD,
               "three times the look-ahead fits while a quarter of the buffer is used up");

static const char *const fault_names[] = {
#define KM_MIDI_FAULT(NAME, name, what, done) name,
#include "midi/faults.def"
#undef KM_MIDI_FAULT
};

static const char *const fault_whats[] = {
#define KM_MIDI_FAULT(NAME, name, what, done) what,
#include "midi/faults.def"
#undef KM_MIDI_FAULT
};

static const char *const fault_dones[] = {
#define KM_MIDI_FAULT(NAME, name, what, done) done,
#include "midi/faults.def"
#undef KM_MIDI_FAULT
};

const char *km_midi_fault_name(enum km_midi_fault fault)
{
    KM_CHECK(fault < KM_MIDI_FAULTS_COUNT);
    return fault_names[fault];
}

const char *km_midi_fault_what(enum km_midi_fault fault)
{
    KM_CHECK(fault < KM_MIDI_FAULTS_COUNT);
    return fault_whats[fault];
}

const char *km_midi_fault_done(enum km_midi_fault fault)
{
    KM_CHECK(fault < KM_MIDI_FAULTS_COUNT);
    return fault_dones[fault];
}

static void init(struct km_midi_reader *reader, const struct km_midi_reader_config *config)
{
    if (config) {
        reader->config = *config;
    }
    reader->window.stop = UINT64_MAX;
    reader->state = KM_MIDI_STATE_START;
}

struct km_midi_reader *km_midi_reader_new(struct km_heap *heap,
                                          const struct km_midi_reader_config *config)
{
    KM_CHECK(heap);
    struct km_midi_reader *const reader =
        km_heap_allocate(heap, KM_ACCOUNT_WORKING, sizeof(*reader) + KM_MIDI_READER_BUFFER_SIZE);
    if (!reader) {
        return NULL;
    }
    init(reader, config);
    reader->heap = heap;
    reader->buffer = (unsigned char *)(reader + 1);
    reader->window.bytes = reader->buffer;
    return reader;
}

void km_midi_reader_free(struct km_midi_reader *reader)
{
    if (reader) {
        km_heap_release(reader->heap, reader);
    }
}

void km_midi_reader_init_memory(struct km_midi_reader *reader, const void *bytes, size_t size,
                                const struct km_midi_reader_config *config)
{
    KM_CHECK(bytes || size == 0);
    *reader = (struct km_midi_reader){0};
    init(reader, config);
    reader->window.bytes = bytes;
    reader->window.end = size;
    reader->window.is_finished = true;
}

// Moving the bytes that are left to the front only when a quarter of the buffer is used up keeps
// the work in proportion to what is read, whatever the pieces are.
unsigned char *km_midi_reader_room(struct km_midi_reader *reader, size_t *size)
{
    struct km_midi_window *const window = &reader->window;
    KM_CHECK(reader->buffer);
    if (window->begin == window->end || window->begin >= KM_MIDI_READER_BUFFER_SIZE / 4) {
        memmove(reader->buffer, reader->buffer + window->begin, window->end - window->begin);
        window->base += window->begin;
        window->end -= window->begin;
        window->begin = 0;
    }
    *size = window->is_finished ? 0 : KM_MIDI_READER_BUFFER_SIZE - window->end;
    return reader->buffer + window->end;
}

void km_midi_reader_added(struct km_midi_reader *reader, size_t size)
{
    KM_CHECK(!reader->window.is_finished);
    KM_CHECK(size <= KM_MIDI_READER_BUFFER_SIZE - reader->window.end);
    reader->window.end += size;
}

size_t km_midi_reader_push(struct km_midi_reader *reader, const void *bytes, size_t size)
{
    KM_CHECK(bytes || size == 0);
    size_t room = 0;
    unsigned char *const to = km_midi_reader_room(reader, &room);
    const size_t taken = size < room ? size : room;
    if (taken > 0) {
        memcpy(to, bytes, taken);
        km_midi_reader_added(reader, taken);
    }
    return taken;
}

void km_midi_reader_finish(struct km_midi_reader *reader)
{
    reader->window.is_finished = true;
}

struct km_midi_header km_midi_reader_header(const struct km_midi_reader *reader)
{
    return reader->header;
}

uint64_t km_midi_reader_position(const struct km_midi_reader *reader)
{
    return km_midi_reader_at(reader);
}

enum km_midi_turn km_midi_reader_emit(struct km_midi_reader *reader, enum km_midi_item_type type,
                                      size_t size, struct km_midi_item *item)
{
    item->type = type;
    item->is_repaired = false;
    item->is_made = false;
    item->word_count = 0;
    item->group = 0;
    item->track = reader->is_in_track ? reader->tracks_found - 1 : 0;
    item->event = (struct km_event){0};
    item->payload_left = 0;
    item->offset = km_midi_reader_at(reader);
    item->bytes = reader->window.bytes + reader->window.begin;
    item->size = size;
    reader->window.begin += size;
    return KM_MIDI_TURN_ITEM;
}

enum km_midi_turn km_midi_reader_pass(struct km_midi_reader *reader, enum km_midi_item_type type,
                                      uint64_t size)
{
    reader->passing =
        (struct km_midi_passing){.left = size, .type = type, .offset = km_midi_reader_at(reader)};
    return KM_MIDI_TURN_AGAIN;
}

// Says where the fault lies: "byte 23: what (track 1, tick 960)".
static void set_error(struct km_midi_reader *reader, enum km_status status, uint64_t offset,
                      const char *what)
{
    reader->has_failed = true;
    if (reader->is_in_track) {
        (void)km_error_set(&reader->error, status,
                           "byte %" PRIu64 ": %s (track %" PRIu32 ", tick %" PRIu64 ")", offset,
                           what, reader->tracks_found - 1, reader->cursor.tick);
    } else {
        (void)km_error_set(&reader->error, status, "byte %" PRIu64 ": %s", offset, what);
    }
}

void km_midi_reader_tell(struct km_midi_reader *reader, enum km_midi_fault fault, uint64_t offset)
{
    const struct km_midi_problem problem = {
        .fault = fault,
        .offset = offset,
        .track = reader->is_in_track ? (int64_t)reader->tracks_found - 1 : -1,
        .tick = reader->is_in_track ? reader->cursor.tick : 0,
    };
    if (reader->has_failed) {
        return; // A strict reader stops at the first.
    }
    if (reader->config.listener.tell) {
        reader->config.listener.tell(reader->config.listener.context, &problem);
    }
    if (reader->config.is_strict) {
        set_error(reader, KM_ERROR_INVALID, offset, km_midi_fault_what(fault));
    }
}

enum km_midi_turn km_midi_reader_fail(struct km_midi_reader *reader, enum km_status status,
                                      uint64_t offset, const char *what)
{
    if (!reader->has_failed) {
        set_error(reader, status, offset, what);
    }
    return KM_MIDI_TURN_FAILED;
}

// The input ends where bytes were to be handed on.
static enum km_midi_turn pass_end(struct km_midi_reader *reader)
{
    struct km_midi_passing *const passing = &reader->passing;
    if (passing->is_event) {
        return km_midi_reader_fail(reader, KM_ERROR_TRUNCATED, passing->offset,
                                   "the file ends within an event");
    }
    if (passing->type == KM_MIDI_ITEM_CHUNK) {
        km_midi_reader_tell(reader, KM_MIDI_FAULT_CUT_CHUNK, passing->offset + 4);
    } else if (passing->type == KM_MIDI_ITEM_WRAPPER && reader->state == KM_MIDI_STATE_RIFF) {
        return km_midi_reader_fail(reader, KM_ERROR_TRUNCATED, passing->offset + 4,
                                   "a RIFF chunk is longer than the file");
    }
    passing->left = 0;
    return KM_MIDI_TURN_AGAIN;
}

static enum km_midi_turn pass_on(struct km_midi_reader *reader, struct km_midi_item *item)
{
    struct km_midi_passing *const passing = &reader->passing;
    size_t size = 0;
    const unsigned char *const bytes = km_midi_reader_ahead(reader, &size);
    if (size == 0) {
        return km_midi_reader_has_all(reader) ? pass_end(reader) : KM_MIDI_TURN_MORE;
    }
    size = size < passing->left ? size : (size_t)passing->left;
    passing->left -= size;
    (void)km_midi_reader_emit(reader, passing->type, size, item);
    if (passing->type == KM_MIDI_ITEM_PAYLOAD) {
        item->payload_left = (uint32_t)passing->left;
    }
    if (passing->is_sysex && passing->left == 0 && bytes[size - 1] == KM_STATUS_SYSEX_END) {
        reader->cursor.has_open_sysex = false;
    }
    return KM_MIDI_TURN_ITEM;
}

// What comes after the MIDI in RIFF.
static enum km_midi_turn step_tail(struct km_midi_reader *reader)
{
    reader->window.stop = UINT64_MAX;
    reader->state = KM_MIDI_STATE_END;
    return km_midi_reader_pass(reader, KM_MIDI_ITEM_WRAPPER, UINT64_MAX);
}

static enum km_midi_turn step(struct km_midi_reader *reader, struct km_midi_item *item)
{
    if (reader->passing.left > 0) {
        return pass_on(reader, item);
    }
    switch (reader->state) {
    case KM_MIDI_STATE_TRACK:
    case KM_MIDI_STATE_CUT:
    case KM_MIDI_STATE_LEAVE:
        return km_midi_reader_step_track(reader, item);
    case KM_MIDI_STATE_CHUNK:
    case KM_MIDI_STATE_STRAY:
    case KM_MIDI_STATE_COUNT:
        return km_midi_reader_step_chunk(reader, item);
    case KM_MIDI_STATE_CLIP:
        return km_midi_clip_step(reader, item);
    case KM_MIDI_STATE_TAIL:
        return step_tail(reader);
    case KM_MIDI_STATE_END:
        return KM_MIDI_TURN_END;
    case KM_MIDI_STATE_START:
    case KM_MIDI_STATE_RIFF:
    case KM_MIDI_STATE_SEARCH:
    case KM_MIDI_STATE_HEADER:
    default:
        return km_midi_reader_step_header(reader, item);
    }
}

enum km_midi_step km_midi_reader_next(struct km_midi_reader *reader, struct km_midi_item *item,
                                      struct km_error *error)
{
    KM_CHECK(reader);
    KM_CHECK(item);
    enum km_midi_turn turn = KM_MIDI_TURN_AGAIN;
    while (turn == KM_MIDI_TURN_AGAIN && !reader->has_failed) {
        turn = step(reader, item);
    }
    if (!reader->has_failed) {
        return (enum km_midi_step)turn;
    }
    if (error) {
        *error = reader->error;
    }
    return KM_MIDI_STEP_FAILED;
}

// Fails for good if the input does.
static bool feed(struct km_midi_reader *reader, struct km_input *input)
{
    size_t room = 0;
    unsigned char *const to = km_midi_reader_room(reader, &room);
    KM_CHECK(room > 0); // All look-aheads are smaller than the buffer.
    size_t got = 0;
    reader->has_failed = km_input_read(input, to, room, &got, &reader->error) != KM_OK;
    if (reader->has_failed || got == 0) {
        km_midi_reader_finish(reader);
    } else {
        km_midi_reader_added(reader, got);
    }
    return !reader->has_failed;
}

enum km_midi_step km_midi_reader_next_from(struct km_midi_reader *reader, struct km_input *input,
                                           struct km_midi_item *item, struct km_error *error)
{
    enum km_midi_step next = km_midi_reader_next(reader, item, error);
    while (next == KM_MIDI_STEP_MORE) {
        (void)feed(reader, input);
        next = km_midi_reader_next(reader, item, error);
    }
    return next;
}
