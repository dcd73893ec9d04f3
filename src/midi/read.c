// SPDX-License-Identifier: MIT

#include "midi/file.h"

#include "base/check.h"
#include "heap/heap.h"
#include "midi/reader_private.h"
#include "midi/sounding.h"

#include <inttypes.h>
#include <stdio.h>

// A file that takes shape from a reader's items.
struct builder {
    struct km_midi_file *file;
    struct km_error *error;
    struct km_midi_warnings *warnings;
    struct km_midi_reader reader;
    struct km_midi_sounding sounding;
    unsigned char *payload; // Where the rest of the event's payload goes.
};

static void count_problem(void *context, const struct km_midi_problem *problem)
{
    struct km_midi_warnings *const warnings = ((struct builder *)context)->warnings;
    if (warnings->count == 0) {
        warnings->first_offset = (size_t)problem->offset;
        (void)snprintf(warnings->first_message, sizeof(warnings->first_message), "%s",
                       km_midi_fault_what(problem->fault));
    }
    warnings->count += warnings->count < UINT32_MAX;
}

static struct km_midi_track *last_track(const struct builder *builder)
{
    return &builder->file->tracks[builder->file->track_count - 1];
}

static enum km_status explain(const struct builder *builder, enum km_status status, uint64_t offset,
                              const char *what)
{
    if (status == KM_ERROR_NO_MEMORY) {
        return km_heap_refusal(builder->file->heap, builder->error);
    }
    return km_error_set(builder->error, status, "byte %" PRIu64 ": more %s than one file may hold",
                        offset, what);
}

static enum km_status reserve(struct builder *builder, uint64_t offset)
{
    const struct km_midi_track *const track = last_track(builder);
    if (track->count < track->capacity) {
        return KM_OK;
    }
    const enum km_status status =
        km_midi_file_reserve(builder->file, builder->file->track_count - 1, 1);
    return status == KM_OK ? KM_OK : explain(builder, status, offset, "events");
}

static void watch_note(struct builder *builder, const struct km_event *event, uint64_t offset)
{
    if (event->type != KM_EVENT_NOTE_ON && event->type != KM_EVENT_NOTE_OFF) {
        return;
    }
    if (!km_midi_sounding_note(&builder->sounding, event, offset)) {
        count_problem(builder, &(struct km_midi_problem){.fault = KM_MIDI_FAULT_ORPHAN_NOTE_OFF,
                                                         .offset = offset});
    }
}

// Keeps all plain events that come next: most of every file.
static enum km_status keep_plain_events(struct builder *builder)
{
    struct km_midi_plain plain;
    if (!km_midi_reader_plain(&builder->reader, &plain)) {
        return KM_OK;
    }
    const unsigned char *const first = plain.at;
    const uint64_t start = km_midi_reader_at(&builder->reader);
    struct km_midi_track *const track = last_track(builder);
    enum km_status status = KM_OK;
    while (plain.end - plain.at >= KM_MIDI_PLAIN_SIZE_MAX) {
        const uint64_t offset = start + (size_t)(plain.at - first);
        status = reserve(builder, offset);
        if (status != KM_OK || !km_midi_plain_next(&plain, &track->events[track->count])) {
            break;
        }
        watch_note(builder, &track->events[track->count], offset);
        ++track->count;
    }
    km_midi_reader_skip_plain(&builder->reader, &plain);
    return status;
}

// A payload larger than what is left is not there: the reader will say so. (In a clip a payload has
// one byte, an F7, that is not in the file.)
static enum km_status begin_payload(struct builder *builder, const struct km_midi_item *item,
                                    struct km_event *event)
{
    const size_t size = item->payload_left;
    if (size > km_midi_reader_available(&builder->reader) + (item->word_count > 0)) {
        builder->payload = NULL;
        return KM_OK;
    }
    const enum km_status status =
        km_midi_file_add_payload(builder->file, NULL, size, &event->detail);
    if (status != KM_OK) {
        return explain(builder, status, item->offset, "text or SysEx data");
    }
    builder->payload = builder->file->payloads + event->detail + KM_MIDI_PAYLOAD_HEADER_SIZE;
    return KM_OK;
}

static enum km_status end_track(struct builder *builder, const struct km_midi_item *item)
{
    const struct km_midi_listener listener = {.tell = count_problem, .context = builder};
    (void)km_midi_sounding_end(&builder->sounding, item->track, item->event.tick, &listener);
    const enum km_status status = km_midi_file_trim(builder->file, builder->file->track_count - 1);
    return status == KM_OK ? KM_OK : explain(builder, status, item->offset, "events");
}

static enum km_status keep_event(struct builder *builder, const struct km_midi_item *item)
{
    struct km_event event = item->event;
    enum km_status status = KM_OK;
    if (km_event_has_payload(&event)) {
        status = begin_payload(builder, item, &event);
    }
    if (status == KM_OK) {
        status = reserve(builder, item->offset);
    }
    if (status != KM_OK) {
        return status;
    }
    struct km_midi_track *const track = last_track(builder);
    track->events[track->count++] = event;
    watch_note(builder, &event, item->offset);
    return event.type == KM_EVENT_END_OF_TRACK ? end_track(builder, item) : KM_OK;
}

static void keep_payload(struct builder *builder, const struct km_midi_item *item)
{
    if (builder->payload) {
        memcpy(builder->payload, item->bytes, item->size);
        builder->payload += item->size;
    }
}

static enum km_status keep(struct builder *builder, const struct km_midi_item *item)
{
    enum km_status status = KM_OK;
    switch (item->type) {
    case KM_MIDI_ITEM_TRACK:
        status = km_midi_file_add_track(builder->file);
        return status == KM_OK ? KM_OK : explain(builder, status, item->offset, "tracks");
    case KM_MIDI_ITEM_EVENT:
        return keep_event(builder, item);
    case KM_MIDI_ITEM_PAYLOAD:
        keep_payload(builder, item);
        return KM_OK;
    case KM_MIDI_ITEM_WRAPPER:
    case KM_MIDI_ITEM_HEADER:
    case KM_MIDI_ITEM_CHUNK:
    case KM_MIDI_ITEM_LEFT_OUT:
    default:
        return KM_OK;
    }
}

static enum km_status read_all(struct builder *builder)
{
    struct km_midi_item item;
    enum km_midi_step step = km_midi_reader_next(&builder->reader, &item, builder->error);
    while (step == KM_MIDI_STEP_ITEM) {
        enum km_status status = keep(builder, &item);
        if (status == KM_OK) {
            status = keep_plain_events(builder);
        }
        if (status != KM_OK) {
            return status;
        }
        step = km_midi_reader_next(&builder->reader, &item, builder->error);
    }
    return step == KM_MIDI_STEP_END ? KM_OK : builder->reader.error.status;
}

enum km_status km_midi_file_read(struct km_midi_file *file, const void *bytes, size_t size,
                                 struct km_midi_warnings *warnings, struct km_error *error)
{
    KM_CHECK(file);
    KM_CHECK(bytes || size == 0);
    km_midi_file_release(file);
    struct km_midi_warnings unwanted;
    struct builder builder = {
        .file = file, .error = error, .warnings = warnings ? warnings : &unwanted};
    *builder.warnings = (struct km_midi_warnings){0};
    const struct km_midi_reader_config config = {
        .listener = {.tell = count_problem, .context = &builder}};
    km_midi_reader_init_memory(&builder.reader, bytes, size, &config);
    const enum km_status status = read_all(&builder);
    if (status != KM_OK) {
        km_midi_file_release(file);
        return status;
    }
    file->format = builder.reader.header.format;
    file->division = builder.reader.header.division;
    return KM_OK;
}
