// SPDX-License-Identifier: MIT

// A binary heap of events by tick and age, whose members can be moved.

#include "midi/edit_queue_private.h"

#include "base/check.h"
#include "heap/heap.h"

#include <string.h>

enum { CAPACITY_FIRST = 64 };

struct entry {
    struct km_event event;
    struct km_midi_form form;
    uint64_t sequence;
    uint64_t earliest;
    unsigned char *payload;
    uint32_t payload_size; ///< So far.
    uint32_t place;        ///< In the heap.
};

struct km_midi_queue {
    struct km_heap *heap;
    struct entry *entries;
    uint32_t *order; ///< A heap of indices; those of unused entries stand after `count`.
    uint32_t count;
    uint32_t capacity;
    uint32_t last; ///< Entry whose payload comes.
    uint64_t sequence;
    uint64_t payload_bytes;
    uint32_t ends[KM_CHANNELS_COUNT][KM_KEYS_COUNT]; ///< Entry + 1 of each key's last note-off.
};

struct km_midi_queue *km_midi_queue_new(struct km_heap *heap)
{
    struct km_midi_queue *const queue = km_heap_allocate(heap, KM_ACCOUNT_WORKING, sizeof(*queue));
    if (queue) {
        queue->heap = heap;
    }
    return queue;
}

void km_midi_queue_free(struct km_midi_queue *queue)
{
    if (!queue) {
        return;
    }
    for (uint32_t i = 0; i < queue->count; ++i) {
        km_heap_release(queue->heap, queue->entries[queue->order[i]].payload);
    }
    km_heap_release(queue->heap, queue->entries);
    km_heap_release(queue->heap, queue->order);
    km_heap_release(queue->heap, queue);
}

static bool is_before(const struct km_midi_queue *queue, uint32_t a, uint32_t b)
{
    const struct entry *const first = &queue->entries[queue->order[a]];
    const struct entry *const second = &queue->entries[queue->order[b]];
    return first->event.tick != second->event.tick ? first->event.tick < second->event.tick
                                                   : first->sequence < second->sequence;
}

static void swap(struct km_midi_queue *queue, uint32_t a, uint32_t b)
{
    const uint32_t kept = queue->order[a];
    queue->order[a] = queue->order[b];
    queue->order[b] = kept;
    queue->entries[queue->order[a]].place = a;
    queue->entries[queue->order[b]].place = b;
}

static void rise(struct km_midi_queue *queue, uint32_t place)
{
    while (place > 0 && is_before(queue, place, (place - 1) / 2)) {
        swap(queue, place, (place - 1) / 2);
        place = (place - 1) / 2;
    }
}

static uint32_t first_of(const struct km_midi_queue *queue, uint32_t place)
{
    uint32_t first = place;
    for (uint32_t below = 2 * place + 1; below <= 2 * place + 2; ++below) {
        if (below < queue->count && is_before(queue, below, first)) {
            first = below;
        }
    }
    return first;
}

static void sink(struct km_midi_queue *queue, uint32_t place)
{
    for (uint32_t first = first_of(queue, place); first != place; first = first_of(queue, place)) {
        swap(queue, place, first);
        place = first;
    }
}

static enum km_status grow(struct km_midi_queue *queue, struct km_midi_run *run, uint64_t tick)
{
    if (queue->capacity == KM_MIDI_QUEUE_EVENTS_MAX) {
        return km_midi_run_refuse(run, KM_ERROR_TOO_LARGE, tick,
                                  "more than 65536 events within two steps of the grid");
    }
    const uint32_t capacity = queue->capacity > 0 ? 2 * queue->capacity : CAPACITY_FIRST;
    struct entry *const entries = km_heap_resize(queue->heap, KM_ACCOUNT_WORKING, queue->entries,
                                                 capacity * sizeof(*entries));
    if (!entries) {
        return km_heap_refusal(queue->heap, run->error);
    }
    queue->entries = entries;
    uint32_t *const order =
        km_heap_resize(queue->heap, KM_ACCOUNT_WORKING, queue->order, capacity * sizeof(*order));
    if (!order) {
        return km_heap_refusal(queue->heap, run->error);
    }
    queue->order = order;
    for (uint32_t i = queue->capacity; i < capacity; ++i) {
        order[i] = i;
    }
    queue->capacity = capacity;
    return KM_OK;
}

static enum km_status reserve_payload(struct km_midi_queue *queue, struct km_midi_run *run,
                                      struct entry *entry)
{
    const uint32_t size = entry->event.detail;
    if (size == 0) {
        return KM_OK;
    }
    if (size > KM_MIDI_QUEUE_PAYLOADS_MAX - queue->payload_bytes) {
        return km_midi_run_refuse(
            run, KM_ERROR_TOO_LARGE, entry->event.tick,
            "more than 1 MiB of texts and SysEx within two steps of the grid");
    }
    entry->payload = km_heap_allocate(queue->heap, KM_ACCOUNT_WORKING, size);
    if (!entry->payload) {
        return km_heap_refusal(queue->heap, run->error);
    }
    queue->payload_bytes += size;
    return KM_OK;
}

enum km_status km_midi_queue_add(struct km_midi_queue *queue, struct km_midi_run *run,
                                 const struct km_event *event, const struct km_midi_form *form,
                                 uint64_t earliest)
{
    if (queue->count == queue->capacity) {
        const enum km_status status = grow(queue, run, event->tick);
        if (status != KM_OK) {
            return status;
        }
    }
    const uint32_t index = queue->order[queue->count];
    struct entry *const entry = &queue->entries[index];
    *entry = (struct entry){.event = *event,
                            .form = form ? *form : (struct km_midi_form){0},
                            .sequence = queue->sequence++,
                            .earliest = earliest,
                            .place = queue->count};
    if (event->type == KM_EVENT_META || event->type == KM_EVENT_SYSEX) {
        const enum km_status status = reserve_payload(queue, run, entry);
        if (status != KM_OK) {
            return status;
        }
    } else if (event->type == KM_EVENT_NOTE_OFF) {
        queue->ends[event->channel][event->number] = index + 1;
    }
    queue->last = index;
    ++queue->count;
    rise(queue, entry->place);
    return KM_OK;
}

void km_midi_queue_add_payload(struct km_midi_queue *queue, const void *bytes, size_t size)
{
    if (size == 0) {
        return;
    }
    struct entry *const entry = &queue->entries[queue->last];
    KM_CHECK(entry->payload && size <= entry->event.detail - entry->payload_size);
    memcpy(entry->payload + entry->payload_size, bytes, size);
    entry->payload_size += (uint32_t)size;
}

void km_midi_queue_end_before(struct km_midi_queue *queue, const struct km_event *note,
                              uint64_t tick)
{
    const uint32_t index = queue->ends[note->channel][note->number];
    if (index == 0 || queue->entries[index - 1].event.tick <= tick) {
        return;
    }
    struct entry *const entry = &queue->entries[index - 1];
    entry->event.tick = tick > entry->earliest ? tick : entry->earliest;
    rise(queue, entry->place);
}

// Writes the first and takes it out.
static enum km_status write_first(struct km_midi_queue *queue, struct km_midi_run *run)
{
    const uint32_t index = queue->order[0];
    struct entry *const entry = &queue->entries[index];
    const struct km_event *const event = &entry->event;
    const enum km_status status = km_midi_run_emit(run, event, &entry->form);
    if (status != KM_OK) {
        return status;
    }
    if (event->type == KM_EVENT_META || event->type == KM_EVENT_SYSEX) {
        km_midi_run_payload(run, entry->payload, event->detail);
        km_heap_release(queue->heap, entry->payload);
        entry->payload = NULL;
        queue->payload_bytes -= event->detail;
    } else if (event->type == KM_EVENT_NOTE_OFF) {
        uint32_t *const end = &queue->ends[event->channel][event->number];
        *end = *end == index + 1 ? 0 : *end;
    }
    swap(queue, 0, --queue->count);
    sink(queue, 0);
    return KM_OK;
}

enum km_status km_midi_queue_write(struct km_midi_queue *queue, struct km_midi_run *run,
                                   uint64_t tick)
{
    enum km_status status = KM_OK;
    while (status == KM_OK && queue->count > 0 &&
           queue->entries[queue->order[0]].event.tick <= tick) {
        status = write_first(queue, run);
    }
    return status;
}
