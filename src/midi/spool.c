// SPDX-License-Identifier: MIT

#include "midi/spool.h"

#include "base/check.h"
#include "base/input.h"
#include "heap/heap.h"
#include "midi/reader.h"

struct watch {
    struct km_midi_reader *reader;
    bool has_header;
};

// Takes what the reader has, up to the header.
static enum km_status take_items(struct watch *watch, struct km_error *error)
{
    while (!watch->has_header) {
        struct km_midi_item item;
        struct km_error refusal = {.status = KM_ERROR_INVALID};
        switch (km_midi_reader_next(watch->reader, &item, &refusal)) {
        case KM_MIDI_STEP_ITEM:
            watch->has_header = item.type == KM_MIDI_ITEM_HEADER;
            break;
        case KM_MIDI_STEP_FAILED:
            return km_error_set(error, refusal.status, "%s", refusal.message);
        case KM_MIDI_STEP_MORE:
        case KM_MIDI_STEP_END:
        default:
            return KM_OK;
        }
    }
    return KM_OK;
}

static enum km_status look(void *context, const void *bytes, size_t size, struct km_error *error)
{
    struct watch *const watch = context;
    size_t used = 0;
    while (used < size && !watch->has_header) {
        used +=
            km_midi_reader_push(watch->reader, (const unsigned char *)bytes + used, size - used);
        const enum km_status status = take_items(watch, error);
        if (status != KM_OK) {
            return status;
        }
    }
    return KM_OK;
}

enum km_status km_midi_spool(struct km_heap *heap, struct km_input *input, struct km_error *error)
{
    KM_CHECK(heap);
    KM_CHECK(input);
    if (!input->is_stream) {
        return KM_OK;
    }
    const struct km_midi_reader_config silent = {.is_strict = false};
    struct watch watch = {.reader = km_midi_reader_new(heap, &silent)};
    if (!watch.reader) {
        return km_heap_refusal(heap, error);
    }
    const struct km_input_watcher watcher = {.look = look, .context = &watch};
    const enum km_status status = km_input_spool(input, KM_MIDI_SPOOL_SIZE_MAX, &watcher, error);
    km_midi_reader_free(watch.reader);
    return status;
}
