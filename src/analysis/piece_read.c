// SPDX-License-Identifier: MIT

// A piece from a file or stream of any size: read once, from front to back, in constant memory but
// for the notes and changes that are kept.

#include "analysis/piece.h"

#include "analysis/piece_private.h"
#include "base/check.h"
#include "base/input.h"
#include "heap/heap.h"
#include "midi/reader.h"

#include <string.h>

enum {
    PAYLOAD_SIZE = 256,        // Of a name or SysEx message, as much as is looked at.
    ITEMS_BETWEEN_TELLS = 4096 // Items between two tellings of how far it is.
};

struct reading {
    struct km_heap *heap;
    struct km_error error;
    struct km_midi_reader *reader;
    struct km_piece_builder *builder; ///< Null until the header is read.
    struct km_event event;            ///< Whose payload is read.
    bool wants_payload;
    unsigned char payload[PAYLOAD_SIZE];
    size_t payload_size;
};

static enum km_status take_header(struct reading *reading)
{
    const struct km_midi_header header = km_midi_reader_header(reading->reader);
    KM_CHECK(!reading->builder);
    reading->builder =
        km_piece_builder_new(reading->heap, header.format, header.division, &reading->error);
    return reading->builder ? KM_OK : KM_ERROR_NO_MEMORY;
}

static enum km_status take_event(struct reading *reading, const struct km_midi_item *item)
{
    const struct km_event *const event = &item->event;
    const bool is_name = event->type == KM_EVENT_META && event->number == KM_META_TRACK_NAME;
    const bool is_sysex = event->type == KM_EVENT_SYSEX && event->number == 0xF0;
    reading->wants_payload = is_name || is_sysex;
    reading->payload_size = 0;
    reading->event = *event;
    const enum km_status status = km_piece_builder_take(reading->builder, event);
    if (status == KM_OK && event->type == KM_EVENT_END_OF_TRACK) {
        km_piece_builder_end_track(reading->builder);
    }
    return status;
}

static enum km_status take_payload(struct reading *reading, const struct km_midi_item *item)
{
    if (!reading->wants_payload) {
        return KM_OK;
    }
    const size_t room = sizeof(reading->payload) - reading->payload_size;
    const size_t size = item->size < room ? item->size : room;
    memcpy(reading->payload + reading->payload_size, item->bytes, size);
    reading->payload_size += size;
    if (item->payload_left > 0) {
        return KM_OK;
    }
    reading->wants_payload = false;
    if (reading->event.type == KM_EVENT_SYSEX) {
        return km_piece_builder_sysex(reading->builder, reading->event.tick, reading->payload,
                                      reading->payload_size);
    }
    km_piece_builder_name(reading->builder, reading->payload, reading->payload_size);
    return KM_OK;
}

static enum km_status take(struct reading *reading, const struct km_midi_item *item)
{
    switch (item->type) {
    case KM_MIDI_ITEM_HEADER:
        return take_header(reading);
    case KM_MIDI_ITEM_TRACK:
        return km_piece_builder_begin_track(reading->builder, item->track);
    case KM_MIDI_ITEM_EVENT:
        return take_event(reading, item);
    case KM_MIDI_ITEM_PAYLOAD:
        return take_payload(reading, item);
    case KM_MIDI_ITEM_WRAPPER:
    case KM_MIDI_ITEM_CHUNK:
    case KM_MIDI_ITEM_LEFT_OUT:
    default:
        return KM_OK;
    }
}

static enum km_status tell(struct reading *reading, const struct km_midi_progress *progress,
                           uint64_t total)
{
    if (!progress->tell ||
        progress->tell(progress->context, km_midi_reader_position(reading->reader), total)) {
        return KM_OK;
    }
    return km_error_set(&reading->error, KM_ERROR_IO, "stopped");
}

static enum km_status read_all(struct reading *reading, struct km_input *input,
                               const struct km_midi_progress *progress)
{
    enum km_status status = KM_OK;
    for (uint32_t count = 1; status == KM_OK; ++count) {
        struct km_midi_item item;
        const enum km_midi_step step =
            km_midi_reader_next_from(reading->reader, input, &item, &reading->error);
        if (step != KM_MIDI_STEP_ITEM) {
            return step == KM_MIDI_STEP_END ? KM_OK : reading->error.status;
        }
        status = take(reading, &item);
        if (status == KM_OK && count % ITEMS_BETWEEN_TELLS == 0) {
            status = tell(reading, progress, input->size);
        }
    }
    return status;
}

static enum km_status make(struct reading *reading, struct km_piece *piece)
{
    if (!reading->builder) {
        return km_error_set(&reading->error, KM_ERROR_INVALID, "no MIDI header");
    }
    return km_piece_builder_settle(reading->builder, piece);
}

enum km_status km_piece_read(struct km_piece *piece, struct km_heap *heap, struct km_input *input,
                             const struct km_piece_config *config, struct km_error *error)
{
    KM_CHECK(piece);
    KM_CHECK(input);
    const struct km_piece_config lenient = {0};
    config = config ? config : &lenient;
    struct reading reading = {.heap = heap, .reader = km_midi_reader_new(heap, &config->reader)};
    if (!reading.reader) {
        return km_heap_refusal(heap, error);
    }
    enum km_status status = read_all(&reading, input, &config->progress);
    km_midi_reader_free(reading.reader); // Before the notes are put in order, which takes room.
    status = status == KM_OK ? make(&reading, piece) : status;
    km_piece_builder_free(reading.builder);
    if (status != KM_OK && error) {
        *error = reading.error;
    }
    return status;
}
