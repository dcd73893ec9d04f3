// SPDX-License-Identifier: MIT

#include "midi/file.h"

#include "base/check.h"
#include "heap/heap.h"
#include "midi/parse_private.h"

// A file that takes shape from a parser's events.
struct builder {
    struct km_midi_file *file;
    struct km_error *error;
    struct km_midi_parser parser;
    uint32_t sounding[KM_CHANNELS_COUNT][KM_KEYS_COUNT]; // Note-ons not yet let go, in this track.
    size_t sounding_total;
};

static enum km_status explain(const struct builder *builder, enum km_status status, size_t offset,
                              const char *what)
{
    if (status == KM_ERROR_NO_MEMORY) {
        return km_heap_refusal(builder->file->heap, builder->error);
    }
    return km_error_set(builder->error, status, "byte %zu: more %s than one file may hold", offset,
                        what);
}

static void count_note(struct builder *builder, const struct km_event *event, size_t offset)
{
    uint32_t *const sounding = &builder->sounding[event->channel][event->number];
    if (event->type == KM_EVENT_NOTE_ON) {
        ++*sounding;
        ++builder->sounding_total;
    } else if (*sounding > 0) {
        --*sounding;
        --builder->sounding_total;
    } else {
        km_midi_warn(builder->parser.warnings, offset, "a note-off of a key that is not down");
    }
}

// Warns once for each key that a track leaves down.
static void count_hanging_notes(struct builder *builder)
{
    for (size_t i = 0; builder->sounding_total > 0; ++i) {
        KM_CHECK(i < (size_t)KM_CHANNELS_COUNT * KM_KEYS_COUNT);
        uint32_t *const sounding = &builder->sounding[i / KM_KEYS_COUNT][i % KM_KEYS_COUNT];
        if (*sounding > 0) {
            km_midi_warn(builder->parser.warnings, builder->parser.position,
                         "a note is never let go");
        }
        builder->sounding_total -= *sounding;
        *sounding = 0;
    }
}

static enum km_status keep_payload(struct builder *builder, struct km_event *event)
{
    struct km_midi_file *const file = builder->file;
    const size_t size = event->detail;
    const enum km_status status = km_midi_file_add_payload(file, NULL, size, &event->detail);
    if (status != KM_OK) {
        return explain(builder, status, builder->parser.position, "text or SysEx data");
    }
    km_midi_parser_payload(&builder->parser,
                           file->payloads + event->detail + KM_MIDI_PAYLOAD_HEADER_SIZE, size);
    return KM_OK;
}

// Reads the next event and keeps it.
static enum km_status read_event(struct builder *builder, size_t track, struct km_event *event)
{
    const size_t offset = builder->parser.position;
    enum km_status status = km_midi_parser_next(&builder->parser, event);
    if (status != KM_OK) {
        return status;
    }
    if (event->type == KM_EVENT_META || event->type == KM_EVENT_SYSEX) {
        status = keep_payload(builder, event);
        if (status != KM_OK) {
            return status;
        }
    } else if (event->type == KM_EVENT_NOTE_ON || event->type == KM_EVENT_NOTE_OFF) {
        count_note(builder, event, offset);
    }
    struct km_midi_track *const to = &builder->file->tracks[track];
    if (to->count == to->capacity) {
        status = km_midi_file_reserve(builder->file, track, 1);
        if (status != KM_OK) {
            return explain(builder, status, offset, "events");
        }
    }
    to->events[to->count++] = *event;
    return KM_OK;
}

static enum km_status read_track(struct builder *builder)
{
    enum km_status status = km_midi_file_add_track(builder->file);
    if (status != KM_OK) {
        return explain(builder, status, builder->parser.position, "tracks");
    }
    const size_t track = builder->file->track_count - 1;
    while (status == KM_OK && builder->parser.is_in_track) {
        struct km_event event;
        status = read_event(builder, track, &event);
    }
    if (status != KM_OK) {
        return status;
    }
    count_hanging_notes(builder);
    status = km_midi_file_trim(builder->file, track);
    return status == KM_OK ? KM_OK : explain(builder, status, builder->parser.position, "events");
}

static enum km_status read_all(struct builder *builder, const struct km_midi_window *window,
                               struct km_midi_warnings *warnings)
{
    struct km_midi_parser *const parser = &builder->parser;
    enum km_status status = km_midi_parser_open(parser, window, warnings, builder->error);
    while (status == KM_OK && km_midi_parser_next_track(parser)) {
        status = read_track(builder);
    }
    return status == KM_OK ? km_midi_parser_finish(parser) : status;
}

enum km_status km_midi_file_read(struct km_midi_file *file, const void *bytes, size_t size,
                                 struct km_midi_warnings *warnings, struct km_error *error)
{
    KM_CHECK(file);
    KM_CHECK(bytes || size == 0);
    km_midi_file_release(file);
    struct km_midi_warnings unwanted;
    struct km_midi_warnings *const told = warnings ? warnings : &unwanted;
    *told = (struct km_midi_warnings){0};
    if (size == 0) {
        return km_error_set(error, KM_ERROR_TRUNCATED,
                            "byte 0: the file is empty; a Standard MIDI File was expected");
    }
    struct builder builder = {.file = file, .error = error};
    const enum km_status status =
        read_all(&builder, &(struct km_midi_window){.bytes = bytes, .end = size}, told);
    if (status != KM_OK) {
        km_midi_file_release(file);
        return status;
    }
    file->format = builder.parser.format;
    file->division = builder.parser.division;
    return KM_OK;
}
