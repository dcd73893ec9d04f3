// SPDX-License-Identifier: MIT

/// Random files that are valid, with every kind of event.
#ifndef KM_TESTS_MIDI_RANDOM_H
#define KM_TESTS_MIDI_RANDOM_H

#include "base/random.h"
#include "unit/midi/midi_support.h"

static inline uint64_t random_delta(struct km_random *random)
{
    static const uint32_t ranges[] = {1, 2, 0x80, 0x4000, 0x200000, 0x10000000};
    const uint32_t range =
        km_random_chance(random, 0.9) ? km_random_below(random, 4) : km_random_below(random, 6);
    return km_random_below(random, ranges[range]);
}

static inline struct km_event random_channel_event(struct km_random *random, uint64_t tick)
{
    static const enum km_event_type types[] = {
        KM_EVENT_NOTE_ON,    KM_EVENT_NOTE_OFF,         KM_EVENT_KEY_PRESSURE, KM_EVENT_CONTROL,
        KM_EVENT_PITCH_BEND, KM_EVENT_CHANNEL_PRESSURE, KM_EVENT_PROGRAM};
    struct km_event event = {.tick = tick,
                             .type = (uint8_t)types[km_random_below(random, 7)],
                             .channel = (uint8_t)km_random_below(random, 2) * 15};
    if (event.type == KM_EVENT_PITCH_BEND) {
        event.detail = km_random_below(random, 16384);
        return event;
    }
    event.number =
        event.type == KM_EVENT_CHANNEL_PRESSURE ? 0 : (uint8_t)km_random_below(random, 128);
    event.value = event.type == KM_EVENT_PROGRAM ? 0 : (uint8_t)km_random_below(random, 128);
    if (event.type == KM_EVENT_NOTE_ON && event.value == 0) {
        event.value = 1;
    }
    if (event.type == KM_EVENT_NOTE_OFF && km_random_chance(random, 0.5)) {
        event.value = KM_RELEASE_VELOCITY;
    }
    return event;
}

static inline struct km_event random_setting(struct km_random *random, uint64_t tick)
{
    struct km_event event = {.tick = tick};
    switch (km_random_below(random, 3)) {
    case 0:
        event.type = KM_EVENT_TEMPO;
        event.detail = 1 + km_random_below(random, 0xFFFFFF);
        break;
    case 1:
        event.type = KM_EVENT_TIME_SIGNATURE;
        event.number = (uint8_t)(1 + km_random_below(random, 255));
        event.value = (uint8_t)km_random_below(random, 8);
        event.detail = km_random_below(random, 0x10000);
        break;
    default:
        event.type = KM_EVENT_KEY_SIGNATURE;
        event.number = (uint8_t)(km_random_below(random, 15) - 7);
        event.value = (uint8_t)km_random_below(random, 2);
        break;
    }
    return event;
}

/// Text, or a SysEx message; big ones are rare.
static inline struct km_event random_payload(struct km_midi_file *file, struct km_random *random,
                                             uint64_t tick)
{
    static unsigned char bytes[20000];
    const uint32_t range = km_random_chance(random, 0.99) ? 200 : sizeof(bytes);
    const size_t size = 1 + km_random_below(random, range - 1);
    for (size_t i = 0; i < size; ++i) {
        bytes[i] = (unsigned char)km_random_below(random, 128);
    }
    struct km_event event = {.tick = tick, .type = KM_EVENT_META};
    event.number = (uint8_t)(1 + km_random_below(random, 7));
    if (km_random_chance(random, 0.2)) {
        event.type = KM_EVENT_SYSEX;
        event.number = 0xF0;
        bytes[size - 1] = 0xF7;
    }
    assert_int_equal(km_midi_file_add_payload(file, bytes, size, &event.detail), KM_OK);
    return event;
}

/// Adds `count` events to a track, which grow later and later, and its end.
static inline void fill_track(struct km_midi_file *file, size_t track, struct km_random *random,
                              uint32_t count)
{
    uint64_t tick = 0;
    for (uint32_t i = 0; i < count; ++i) {
        tick += random_delta(random);
        const uint32_t kind = km_random_below(random, 20);
        add(file, track,
            kind == 0   ? random_payload(file, random, tick)
            : kind == 1 ? random_setting(random, tick)
                        : random_channel_event(random, tick));
    }
    add(file, track, end_of_track(tick + random_delta(random)));
}

/// A file of up to `tracks` tracks, in one of the formats; format 0 has one.
static inline void fill_randomly(struct km_midi_file *file, struct km_random *random,
                                 uint32_t tracks, uint32_t events)
{
    static const uint16_t divisions[] = {1, 96, 480, 32767, 0xE728, 0xE250};
    file->format = (uint16_t)km_random_below(random, 3);
    file->division = divisions[km_random_below(random, 6)];
    const size_t count = file->format == 0 ? 1 : 1 + km_random_below(random, tracks);
    for (size_t i = 0; i < count; ++i) {
        assert_int_equal(km_midi_file_add_track(file), KM_OK);
        fill_track(file, i, random, km_random_below(random, events));
    }
}

#endif
