// SPDX-License-Identifier: MIT

#include "midi/file.h"

#include "base/check.h"
#include "heap/heap.h"

#include <string.h>

enum {
    TRACKS_CAPACITY_FIRST = 4,
    EVENTS_CAPACITY_FIRST = 4, // Small: a file may have 65,535 tracks with an event each.
    PAYLOADS_CAPACITY_FIRST = 256,
    PAYLOAD_SIZE_BYTES = KM_MIDI_PAYLOAD_HEADER_SIZE,
};

void km_midi_file_init(struct km_midi_file *file, struct km_heap *heap, uint16_t format,
                       uint16_t division)
{
    KM_CHECK(file);
    KM_CHECK(heap);
    *file = (struct km_midi_file){.heap = heap, .format = format, .division = division};
}

void km_midi_file_release(struct km_midi_file *file)
{
    KM_CHECK(file);
    for (size_t i = 0; i < file->track_count; ++i) {
        km_heap_release(file->heap, file->tracks[i].events);
    }
    km_heap_release(file->heap, file->tracks);
    km_heap_release(file->heap, file->payloads);
    km_midi_file_init(file, file->heap, file->format, file->division);
}

// The next capacity that holds `needed`: doubled, so that adding costs constant time on average,
// but never beyond `max`, which `needed` does not exceed.
static size_t capacity_for(size_t capacity, size_t needed, size_t first, size_t max)
{
    const size_t doubled = capacity > 0 ? capacity * 2 : first;
    const size_t wanted = doubled > needed ? doubled : needed;
    return wanted < max ? wanted : max;
}

enum km_status km_midi_file_add_track(struct km_midi_file *file)
{
    KM_CHECK(file);
    if (file->track_count == KM_MIDI_TRACKS_MAX) {
        return KM_ERROR_TOO_LARGE;
    }
    if (file->track_count == file->track_capacity) {
        const size_t capacity = capacity_for(file->track_capacity, file->track_count + 1,
                                             TRACKS_CAPACITY_FIRST, KM_MIDI_TRACKS_MAX);
        struct km_midi_track *const tracks = km_heap_resize(
            file->heap, KM_ACCOUNT_WORKING, file->tracks, capacity * sizeof(*file->tracks));
        if (!tracks) {
            return KM_ERROR_NO_MEMORY;
        }
        file->tracks = tracks;
        file->track_capacity = capacity;
    }
    file->tracks[file->track_count++] = (struct km_midi_track){0};
    return KM_OK;
}

// Gives a track room for `capacity` events, which its events fit in.
static enum km_status set_capacity(struct km_midi_file *file, struct km_midi_track *track,
                                   size_t capacity)
{
    struct km_event *const events = km_heap_resize(file->heap, KM_ACCOUNT_WORKING, track->events,
                                                   capacity * sizeof(*track->events));
    if (!events) {
        return KM_ERROR_NO_MEMORY;
    }
    file->event_capacity = file->event_capacity - track->capacity + capacity;
    track->events = events;
    track->capacity = capacity;
    return KM_OK;
}

enum km_status km_midi_file_reserve(struct km_midi_file *file, size_t track, size_t count)
{
    KM_CHECK(file);
    KM_CHECK(track < file->track_count);
    struct km_midi_track *const target = &file->tracks[track];
    if (count <= target->capacity - target->count) {
        return KM_OK;
    }
    const size_t max = KM_MIDI_EVENTS_MAX - file->event_capacity + target->capacity;
    if (count > max - target->count) {
        return KM_ERROR_TOO_LARGE;
    }
    return set_capacity(
        file, target,
        capacity_for(target->capacity, target->count + count, EVENTS_CAPACITY_FIRST, max));
}

enum km_status km_midi_file_add(struct km_midi_file *file, size_t track, struct km_event event)
{
    const enum km_status status = km_midi_file_reserve(file, track, 1);
    if (status != KM_OK) {
        return status;
    }
    struct km_midi_track *const target = &file->tracks[track];
    target->events[target->count++] = event;
    return KM_OK;
}

enum km_status km_midi_file_trim(struct km_midi_file *file, size_t track)
{
    KM_CHECK(file);
    KM_CHECK(track < file->track_count);
    struct km_midi_track *const target = &file->tracks[track];
    if (target->count == target->capacity) {
        return KM_OK;
    }
    if (target->count > 0) {
        return set_capacity(file, target, target->count);
    }
    km_heap_release(file->heap, target->events);
    file->event_capacity -= target->capacity;
    *target = (struct km_midi_track){0};
    return KM_OK;
}

static enum km_status reserve_payload(struct km_midi_file *file, size_t size)
{
    const size_t needed = file->payloads_size + PAYLOAD_SIZE_BYTES + size;
    if (size > KM_MIDI_PAYLOAD_MAX || needed > KM_MIDI_PAYLOADS_MAX) {
        return KM_ERROR_TOO_LARGE;
    }
    if (needed <= file->payloads_capacity) {
        return KM_OK;
    }
    const size_t capacity = capacity_for(file->payloads_capacity, needed, PAYLOADS_CAPACITY_FIRST,
                                         KM_MIDI_PAYLOADS_MAX);
    unsigned char *const payloads =
        km_heap_resize(file->heap, KM_ACCOUNT_WORKING, file->payloads, capacity);
    if (!payloads) {
        return KM_ERROR_NO_MEMORY;
    }
    file->payloads = payloads;
    file->payloads_capacity = capacity;
    return KM_OK;
}

enum km_status km_midi_file_add_payload(struct km_midi_file *file, const void *bytes, size_t size,
                                        uint32_t *offset)
{
    KM_CHECK(file);
    const enum km_status status = reserve_payload(file, size);
    if (status != KM_OK) {
        return status;
    }
    unsigned char *const to = file->payloads + file->payloads_size;
    for (size_t i = 0; i < PAYLOAD_SIZE_BYTES; ++i) {
        to[i] = (unsigned char)(size >> (8 * i) & 0xFF);
    }
    if (bytes) {
        memcpy(to + PAYLOAD_SIZE_BYTES, bytes, size);
    } else {
        memset(to + PAYLOAD_SIZE_BYTES, 0, size);
    }
    *offset = (uint32_t)file->payloads_size;
    file->payloads_size += PAYLOAD_SIZE_BYTES + size;
    return KM_OK;
}

bool km_midi_file_has_payload(const struct km_midi_file *file, uint32_t offset)
{
    if (file->payloads_size < PAYLOAD_SIZE_BYTES ||
        offset > file->payloads_size - PAYLOAD_SIZE_BYTES) {
        return false;
    }
    size_t size = 0;
    for (size_t i = 0; i < PAYLOAD_SIZE_BYTES; ++i) {
        size |= (size_t)file->payloads[offset + i] << (8 * i);
    }
    return size <= file->payloads_size - PAYLOAD_SIZE_BYTES - offset && size <= KM_MIDI_PAYLOAD_MAX;
}

const unsigned char *km_midi_file_payload(const struct km_midi_file *file, uint32_t offset,
                                          size_t *size)
{
    KM_CHECK(file);
    KM_CHECK(km_midi_file_has_payload(file, offset));
    const unsigned char *const from = file->payloads + offset;
    *size = 0;
    for (size_t i = 0; i < PAYLOAD_SIZE_BYTES; ++i) {
        *size |= (size_t)from[i] << (8 * i);
    }
    return from + PAYLOAD_SIZE_BYTES;
}

enum km_status km_midi_file_add_text(struct km_midi_file *file, size_t track, uint64_t tick,
                                     enum km_meta type, const char *text)
{
    KM_CHECK(text);
    // Room first: then nothing is left behind when the second of two steps fails.
    enum km_status status = km_midi_file_reserve(file, track, 1);
    if (status != KM_OK) {
        return status;
    }
    uint32_t offset = 0;
    status = km_midi_file_add_payload(file, text, strlen(text), &offset);
    if (status != KM_OK) {
        return status;
    }
    const struct km_event event = {
        .tick = tick, .type = KM_EVENT_META, .number = (uint8_t)type, .detail = offset};
    return km_midi_file_add(file, track, event);
}
