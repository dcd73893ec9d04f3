// SPDX-License-Identifier: MIT

// The two passes of an edit: from the reader's items to the writer.

#include "base/check.h"
#include "base/input.h"
#include "heap/heap.h"
#include "midi/edit_private.h"
#include "midi/file.h"
#include "midi/status_bytes_private.h"

#include <inttypes.h>
#include <string.h>

enum { SIZES_CAPACITY_FIRST = 16, BRIDGES_MAX = 1024 };

static enum km_status read_input_at(void *context, uint64_t offset, struct km_midi_piece *piece,
                                    struct km_error *error)
{
    const struct km_input *const input = context;
    return km_input_read_at(context, input->position + offset, piece->bytes, piece->size,
                            &piece->got, error);
}

struct km_midi_source km_midi_source_of_input(struct km_input *input)
{
    KM_CHECK(input);
    return (struct km_midi_source){
        .read_at = read_input_at,
        .context = input,
        .size = input->size > input->position ? input->size - input->position : 0};
}

static enum km_status read_memory_at(void *context, uint64_t offset, struct km_midi_piece *piece,
                                     struct km_error *error)
{
    (void)error;
    const struct km_midi_bytes *const memory = context;
    const size_t left = offset < memory->size ? memory->size - (size_t)offset : 0;
    piece->got = piece->size < left ? piece->size : left;
    if (piece->got > 0) {
        memcpy(piece->bytes, memory->bytes + offset, piece->got);
    }
    return KM_OK;
}

struct km_midi_source km_midi_source_of_memory(struct km_midi_bytes *bytes)
{
    KM_CHECK(bytes);
    return (struct km_midi_source){
        .read_at = read_memory_at, .context = bytes, .size = bytes->size};
}

enum km_status km_midi_run_refuse(struct km_midi_run *run, enum km_status status, uint64_t tick,
                                  const char *what)
{
    return km_error_set(run->error, status,
                        "byte %" PRIu64 ", track %" PRIu32 ", tick %" PRIu64 ": %s", run->offset,
                        run->track, tick, what);
}

static enum km_status changed_meanwhile(struct km_midi_run *run)
{
    return km_error_set(run->error, KM_ERROR_IO,
                        "byte %" PRIu64 ": the file changed while it was read", run->offset);
}

static enum km_status keep_size(struct km_midi_run *run, uint64_t size)
{
    if (size > UINT32_MAX) {
        return km_error_set(run->error, KM_ERROR_TOO_LARGE,
                            "track %zu would take %" PRIu64 " bytes: more than a file can say",
                            run->tracks_done, size);
    }
    if (run->sizes_count == run->sizes_capacity) {
        const size_t capacity =
            run->sizes_capacity > 0 ? 2 * run->sizes_capacity : SIZES_CAPACITY_FIRST;
        uint32_t *const sizes = km_heap_resize(run->edit->heap, KM_ACCOUNT_WORKING, run->sizes,
                                               capacity * sizeof(*sizes));
        if (!sizes) {
            return km_heap_refusal(run->edit->heap, run->error);
        }
        run->sizes = sizes;
        run->sizes_capacity = capacity;
    }
    run->sizes[run->sizes_count++] = (uint32_t)size;
    return KM_OK;
}

enum km_status km_midi_run_begin_track(struct km_midi_run *run)
{
    KM_CHECK(!run->is_in_track);
    if (run->tracks_done == KM_MIDI_TRACKS_MAX) {
        return km_error_set(run->error, KM_ERROR_TOO_LARGE, "more than %d tracks",
                            KM_MIDI_TRACKS_MAX);
    }
    if (run->is_writing && run->tracks_done == run->sizes_count) {
        return changed_meanwhile(run);
    }
    km_midi_writer_begin_track(&run->writer, run->is_writing ? run->sizes[run->tracks_done] : 0);
    run->is_in_track = true;
    return KM_OK;
}

// More time between two events than a file can say is bridged by empty texts.
static void bridge(struct km_midi_run *run, uint64_t tick)
{
    struct km_midi_writer *const writer = &run->writer;
    for (int i = 0; i < BRIDGES_MAX && tick > writer->tick + KM_MIDI_DELTA_MAX; ++i) {
        const struct km_event text = {.tick = writer->tick + KM_MIDI_DELTA_MAX,
                                      .type = KM_EVENT_META,
                                      .number = KM_META_TEXT};
        km_midi_writer_event(writer, &text, NULL);
        ++run->report.added;
        ++run->report.events;
    }
}

enum km_status km_midi_run_emit(struct km_midi_run *run, const struct km_event *event,
                                const struct km_midi_form *form)
{
    KM_CHECK(run->is_in_track);
    if (event->tick > run->writer.tick + KM_MIDI_DELTA_MAX) {
        bridge(run, event->tick);
    }
    const char *const problem = km_midi_writer_problem(&run->writer, event);
    if (problem) {
        return km_midi_run_refuse(run, KM_ERROR_RANGE, event->tick, problem);
    }
    km_midi_writer_event(&run->writer, event, form);
    run->takes_payload = event->type == KM_EVENT_META || event->type == KM_EVENT_SYSEX;
    ++run->report.events;
    run->report.notes += event->type == KM_EVENT_NOTE_ON;
    return KM_OK;
}

void km_midi_run_payload(struct km_midi_run *run, const void *bytes, size_t size)
{
    km_midi_writer_payload(&run->writer, bytes, size);
    run->takes_payload = false;
}

enum km_status km_midi_run_end_track(struct km_midi_run *run, uint64_t tick)
{
    const struct km_event end = {.tick = tick, .type = KM_EVENT_END_OF_TRACK};
    enum km_status status = km_midi_run_emit(run, &end, NULL);
    if (status != KM_OK) {
        return status;
    }
    km_midi_writer_end_track(&run->writer, tick);
    const uint64_t size = km_midi_writer_size(&run->writer);
    if (!run->is_writing) {
        status = keep_size(run, size);
        run->around.midi_size += KM_MIDI_CHUNK_HEADER_SIZE + size;
    } else if (size != run->sizes[run->tracks_done]) {
        status = changed_meanwhile(run);
    }
    ++run->tracks_done;
    run->is_in_track = false;
    return status;
}

void km_midi_run_header(struct km_midi_run *run)
{
    km_midi_writer_header(&run->writer, run->format, (uint16_t)run->sizes_count, run->division);
    km_midi_writer_flush(&run->writer);
}

// How the event's bytes were written. What was not in the file has none.
static struct km_midi_form form_of(struct km_midi_run *run, const struct km_midi_item *item)
{
    size_t delta = 0;
    while (delta < item->size && item->bytes[delta] >= 0x80) {
        ++delta;
    }
    if (delta + 1 >= item->size || run->header.is_clip) {
        return (struct km_midi_form){0};
    }
    const unsigned char status = item->bytes[delta + 1];
    if (status >= KM_STATUS_SYSEX) {
        return (struct km_midi_form){0};
    }
    if (status >= KM_STATUS_NOTE_OFF) {
        run->source_running = status;
        return (struct km_midi_form){.status = status, .is_explicit = true};
    }
    return (struct km_midi_form){.status = run->source_running};
}

static enum km_status take_event(struct km_midi_run *run, const struct km_midi_steps *steps,
                                 const struct km_midi_item *item)
{
    run->takes_payload = false;
    const struct km_midi_form form = form_of(run, item);
    return km_midi_mend_event(run, steps, &item->event, &form);
}

static enum km_status take_item(struct km_midi_run *run, const struct km_midi_steps *steps,
                                const struct km_midi_item *item)
{
    run->offset = item->offset;
    run->track = item->track;
    run->group = item->group;
    switch (item->type) {
    case KM_MIDI_ITEM_EVENT:
        return take_event(run, steps, item);
    case KM_MIDI_ITEM_PAYLOAD:
        return km_midi_mend_payload(run, steps, item->bytes, item->size);
    case KM_MIDI_ITEM_TRACK:
        run->source_running = 0;
        return steps->begin_track ? steps->begin_track(steps->context, run)
                                  : km_midi_run_begin_track(run);
    case KM_MIDI_ITEM_LEFT_OUT:
        run->report.left_out_bytes += item->size;
        return KM_OK;
    case KM_MIDI_ITEM_WRAPPER:
    case KM_MIDI_ITEM_HEADER:
    case KM_MIDI_ITEM_CHUNK:
    default:
        return steps->keeps_around ? km_midi_run_keep_around(run, item) : KM_OK;
    }
}

// Pushes the next bytes of the source to the reader.
static enum km_status push_more(struct km_midi_run *run, struct km_midi_reader *reader,
                                uint64_t *offset)
{
    struct km_midi_piece piece = {0};
    piece.bytes = km_midi_reader_room(reader, &piece.size);
    const enum km_status status =
        run->source.read_at(run->source.context, *offset, &piece, run->error);
    if (status != KM_OK) {
        return status;
    }
    if (piece.got == 0) {
        km_midi_reader_finish(reader);
    } else {
        km_midi_reader_added(reader, piece.got);
    }
    *offset += piece.got;
    const struct km_midi_progress *const progress = &run->edit->progress;
    if (progress->tell &&
        !progress->tell(progress->context, run->bytes_done + *offset, run->bytes_total)) {
        return km_error_set(run->error, KM_ERROR_CLOSED, "stopped");
    }
    return KM_OK;
}

static enum km_status look_at_header(struct km_midi_run *run, const struct km_midi_steps *steps,
                                     const struct km_midi_reader *reader,
                                     const struct km_midi_item *item)
{
    if (item->type != KM_MIDI_ITEM_HEADER) {
        return KM_OK;
    }
    run->header = km_midi_reader_header(reader);
    return !run->header.is_clip || steps->takes_clips
               ? KM_OK
               : km_error_set(run->error, KM_ERROR_UNSUPPORTED, "byte 0: %s",
                              KM_MIDI_CLIP_NOT_HERE);
}

static enum km_status feed_reader(struct km_midi_run *run, const struct km_midi_steps *steps,
                                  struct km_midi_reader *reader)
{
    uint64_t offset = 0;
    for (;;) {
        struct km_midi_item item;
        struct km_error error = {.status = KM_ERROR_INVALID};
        enum km_status status = KM_OK;
        switch (km_midi_reader_next(reader, &item, &error)) {
        case KM_MIDI_STEP_ITEM:
            status = look_at_header(run, steps, reader, &item);
            status = status == KM_OK ? take_item(run, steps, &item) : status;
            break;
        case KM_MIDI_STEP_MORE:
            status = push_more(run, reader, &offset);
            break;
        case KM_MIDI_STEP_END:
            return steps->keeps_around ? km_midi_run_finish_around(run) : KM_OK;
        case KM_MIDI_STEP_FAILED:
        default:
            return km_error_set(run->error, error.status, "%s", error.message);
        }
        if (status != KM_OK) {
            return status;
        }
        if (run->is_writing && run->edit->sink->status != KM_OK) {
            return run->edit->sink->status;
        }
    }
}

enum km_status km_midi_run_feed(struct km_midi_run *run, const struct km_midi_steps *steps)
{
    struct km_midi_reader_config config = run->edit->reader;
    if (run->is_told) {
        config.listener.tell = NULL;
    }
    struct km_midi_reader *const reader = km_midi_reader_new(run->edit->heap, &config);
    if (!reader) {
        return km_heap_refusal(run->edit->heap, run->error);
    }
    const enum km_status status = feed_reader(run, steps, reader);
    km_midi_reader_free(reader);
    run->is_told = true;
    run->bytes_done += run->source.size;
    return status;
}

static enum km_status one_pass(struct km_midi_run *run,
                               enum km_status (*pass)(void *context, struct km_midi_run *run),
                               void *context)
{
    km_midi_writer_init(&run->writer, run->is_writing ? run->edit->sink : NULL);
    run->report = (struct km_midi_edit_report){0};
    run->tracks_done = 0;
    run->is_in_track = false;
    run->wrapper = (struct km_midi_wrapper){0};
    run->mend = (struct km_midi_mend){0};
    run->has_header = false;
    run->chunk_left = 0;
    run->chunks_seen = 0;
    enum km_status status = pass(context, run);
    if (status == KM_OK && run->is_writing && run->tracks_done != run->sizes_count) {
        status = changed_meanwhile(run);
    }
    if (status == KM_OK) {
        km_midi_writer_flush(&run->writer);
        run->report.tracks = run->tracks_done;
    }
    return status;
}

enum km_status km_midi_run_twice(const struct km_midi_edit *edit,
                                 enum km_status (*pass)(void *context, struct km_midi_run *run),
                                 void *context, struct km_midi_edit_report *report,
                                 struct km_error *error)
{
    KM_CHECK(edit);
    KM_CHECK(report);
    struct km_midi_run run = {
        .edit = edit, .source = edit->source, .error = error, .bytes_total = 2 * edit->source.size};
    enum km_status status = one_pass(&run, pass, context);
    if (status == KM_OK) {
        run.is_writing = true;
        status = one_pass(&run, pass, context);
        if (edit->sink->status != KM_OK) {
            status = km_error_set(error, edit->sink->status, "cannot write the MIDI file: %s",
                                  km_status_text(edit->sink->status));
        }
    }
    km_heap_release(edit->heap, run.sizes);
    if (status == KM_OK) {
        *report = run.report;
    }
    return status;
}

enum km_status km_midi_run_look(const struct km_midi_edit *edit,
                                enum km_status (*pass)(void *context, struct km_midi_run *run),
                                void *context, struct km_error *error)
{
    struct km_midi_run run = {
        .edit = edit, .source = edit->source, .error = error, .bytes_total = edit->source.size};
    const enum km_status status = one_pass(&run, pass, context);
    km_heap_release(edit->heap, run.sizes);
    return status;
}
