// SPDX-License-Identifier: MIT

/// What the tests of midi share: a file on a heap of its own, and short ways to fill it.
#ifndef KM_TESTS_MIDI_SUPPORT_H
#define KM_TESTS_MIDI_SUPPORT_H

#include "heap/heap.h"
#include "midi/file.h"
#include "support/cmocka.h"
#include "unit/midi/midi_compare.h"

#include <string.h>

/// A file with its own heap; `free` of the heap checks that nothing leaks.
struct fixture {
    struct km_heap *heap;
    struct km_midi_file file;
    struct km_error error;
};

static inline struct fixture fixture_of(uint16_t format, size_t track_count)
{
    struct fixture fixture = {.heap = km_heap_new(NULL)};
    assert_non_null(fixture.heap);
    km_midi_file_init(&fixture.file, fixture.heap, format, 480);
    for (size_t i = 0; i < track_count; ++i) {
        assert_int_equal(km_midi_file_add_track(&fixture.file), KM_OK);
    }
    return fixture;
}

static inline void fixture_release(struct fixture *fixture)
{
    km_midi_file_release(&fixture->file);
    km_heap_free(fixture->heap);
}

static inline void add(struct km_midi_file *file, size_t track, struct km_event event)
{
    assert_int_equal(km_midi_file_add(file, track, event), KM_OK);
}

static inline void add_text(struct km_midi_file *file, size_t track, uint64_t tick,
                            enum km_meta type, const char *text)
{
    assert_int_equal(km_midi_file_add_text(file, track, tick, type, text), KM_OK);
}

static inline void add_sysex(struct km_midi_file *file, size_t track, uint64_t tick, uint8_t status,
                             const char *bytes)
{
    struct km_event event = {.tick = tick, .type = KM_EVENT_SYSEX, .number = status};
    assert_int_equal(km_midi_file_add_payload(file, bytes, strlen(bytes), &event.detail), KM_OK);
    add(file, track, event);
}

static inline struct km_event note_on(uint64_t tick, uint8_t channel, uint8_t key, uint8_t velocity)
{
    return (struct km_event){tick, KM_EVENT_NOTE_ON, channel, key, velocity, 0};
}

static inline struct km_event note_off(uint64_t tick, uint8_t channel, uint8_t key,
                                       uint8_t velocity)
{
    return (struct km_event){tick, KM_EVENT_NOTE_OFF, channel, key, velocity, 0};
}

static inline struct km_event end_of_track(uint64_t tick)
{
    return (struct km_event){.tick = tick, .type = KM_EVENT_END_OF_TRACK};
}

/// Writes into `bytes`, of `size` bytes; `used` tells how many.
static inline enum km_status
// NOLINTNEXTLINE(readability-non-const-parameter): the sink writes there.
write_to(const struct km_midi_file *file, unsigned char *bytes, size_t size, size_t *used,
         struct km_error *error)
{
    struct km_sink_memory memory = {.bytes = bytes, .size = size};
    struct km_sink sink = km_sink_to_memory(&memory);
    const enum km_status status = km_midi_file_write(file, &sink, error);
    *used = memory.used;
    return status;
}

#endif
