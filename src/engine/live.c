// SPDX-License-Identifier: MIT

// MIDI that is played along: bytes to events, each at its frame, or at the next that is still to be
// rendered.

#include "engine/engine_private.h"

enum {
    STATUS_FIRST = 0x80,
    STATUS_SYSTEM = 0xF0,
    STATUS_REAL_TIME = 0xF8,
};

static void push(struct km_live *live, uint64_t frame, const struct km_event *event)
{
    if (live->count == KM_LIVE_EVENTS_MAX) {
        live->lost += 1;
        return;
    }
    const uint32_t last = (live->first + live->count) % KM_LIVE_EVENTS_MAX;
    live->waiting[last] = (struct km_live_event_at){.frame = frame, .event = *event};
    live->count += 1;
}

static uint32_t data_size(uint8_t status)
{
    const uint32_t kind = status & 0xF0U;
    return kind == 0xC0 || kind == 0xD0 ? 1 : 2;
}

// The event of a channel message (MIDI 1.0, table 1); data bytes have been checked.
static struct km_event event_of(uint8_t status, const uint8_t *data)
{
    struct km_event event = {.channel = status & 0x0FU, .number = data[0]};
    const uint8_t second = data_size(status) == 2 ? data[1] : 0;
    event.value = second;
    switch (status & 0xF0U) {
    case 0x80:
        event.type = KM_EVENT_NOTE_OFF;
        break;
    case 0x90:
        event.type = second > 0 ? KM_EVENT_NOTE_ON : KM_EVENT_NOTE_OFF;
        event.value = second > 0 ? second : KM_RELEASE_VELOCITY;
        break;
    case 0xA0:
        event.type = KM_EVENT_KEY_PRESSURE;
        break;
    case 0xB0:
        event.type = KM_EVENT_CONTROL;
        break;
    case 0xC0:
        event.type = KM_EVENT_PROGRAM;
        break;
    case 0xD0:
        event.type = KM_EVENT_CHANNEL_PRESSURE;
        event.number = 0;
        event.value = data[0];
        break;
    default:
        event.type = KM_EVENT_PITCH_BEND;
        event.number = 0;
        event.value = 0;
        event.detail = data[0] | (uint32_t)second << 7;
        break;
    }
    return event;
}

static bool are_data(const uint8_t *bytes, uint32_t size)
{
    for (uint32_t i = 0; i < size; ++i) {
        if (bytes[i] >= STATUS_FIRST) {
            return false;
        }
    }
    return true;
}

// Takes one message from the bytes' beginning; tells how many bytes that were.
static uint32_t parse(struct km_live *live, uint64_t frame, const uint8_t *bytes, uint32_t size)
{
    struct km_event event = {.type = KM_EVENT_SYSEX};
    const uint8_t first = bytes[0];
    if (first >= STATUS_REAL_TIME) { // They may stand anywhere, and change nothing.
        return 1;
    }
    if (first >= STATUS_SYSTEM) {
        live->running_status = 0;
        if (first == STATUS_SYSTEM && km_synth_sysex(bytes, size, &event)) {
            push(live, frame, &event);
        }
        return size;
    }
    const uint32_t begin = first >= STATUS_FIRST ? 1 : 0;
    const uint8_t status = begin == 1 ? first : live->running_status;
    live->running_status = status;
    const uint32_t data = data_size(status);
    if (status == 0 || size - begin < data || !are_data(bytes + begin, data)) {
        return size;
    }
    event = event_of(status, bytes + begin);
    push(live, frame, &event);
    return begin + data;
}

void km_live_receive(struct km_engine *engine, const struct km_audio_block *block, uint64_t frame)
{
    struct km_live *const live = &engine->live;
    uint32_t count = block->events ? block->event_count : 0;
    if (count > KM_LIVE_EVENTS_MAX) {
        live->lost += count - KM_LIVE_EVENTS_MAX;
        count = KM_LIVE_EVENTS_MAX;
    }
    uint32_t within = 0;
    for (uint32_t i = 0; i < count; ++i) {
        const struct km_live_event *const event = &block->events[i];
        if (event->frame > within) {
            within = event->frame < block->frames ? event->frame : block->frames - 1;
        }
        const uint32_t size =
            event->size < KM_LIVE_MESSAGE_MAX ? event->size : (uint32_t)KM_LIVE_MESSAGE_MAX;
        for (uint32_t at = 0; at < size;) {
            at += parse(live, frame + within, event->bytes + at, size - at);
        }
    }
}

const struct km_live_event_at *km_live_take(struct km_engine *engine, uint64_t frame_end)
{
    struct km_live *const live = &engine->live;
    const struct km_live_event_at *const event = &live->waiting[live->first];
    if (live->count == 0 || event->frame >= frame_end) {
        return NULL;
    }
    live->first = (live->first + 1) % KM_LIVE_EVENTS_MAX;
    live->count -= 1;
    return event;
}
