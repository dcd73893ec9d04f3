// SPDX-License-Identifier: MIT

// Generates a large file as dense music is written, 3.2 bytes an event or 6.4 a note: running
// status; of the deltas, at 480 ticks a quarter note, a quarter is 0 (chords), an eighth takes two
// bytes, and they come in no order; notes of up to six at once that are let go in no order; and a
// controller, which costs two statuses, once in 25 events.

#include "base/random.h"
#include "midi/event.h"
#include "smf_stream.h"

enum {
    DELTA_SHORT_MAX = 120, // One byte.
    DELTA_LONG_MIN = 128,  // Two bytes.
    DELTA_LONG_MAX = 480,
    CONTROLLER_EVERY = 25,
    HELD_MAX = 6,
    EVENT_SIZE_MAX = 5,
    HEADER_SIZE = 14,
    CHUNK_HEADER_SIZE = 8,
    DIVISION = 480,
};

// One track on its way to the file.
struct writer {
    FILE *file;
    struct km_random *random;
    uint64_t written;
    uint8_t channel;
    uint8_t running;
    uint8_t held[HELD_MAX];
    uint32_t held_count;
};

static void put(struct writer *writer, unsigned int byte)
{
    (void)putc((int)byte, writer->file);
    ++writer->written;
}

static void put_event(struct writer *writer, uint32_t delta, unsigned int status,
                      unsigned int first, unsigned int second)
{
    if (delta >= 128) {
        put(writer, 0x80U | delta >> 7);
    }
    put(writer, delta & 0x7FU);
    if (writer->running != (status | writer->channel)) {
        writer->running = (uint8_t)(status | writer->channel);
        put(writer, writer->running);
    }
    put(writer, first);
    put(writer, second);
}

static uint32_t random_delta(struct km_random *random)
{
    const uint32_t kind = km_random_below(random, 8);
    if (kind < 2) {
        return 0;
    }
    return kind < 7 ? (uint32_t)km_random_between(random, 1, DELTA_SHORT_MAX)
                    : (uint32_t)km_random_between(random, DELTA_LONG_MIN, DELTA_LONG_MAX);
}

static void put_random_event(struct writer *writer)
{
    struct km_random *const random = writer->random;
    const uint32_t delta = random_delta(random);
    if (km_random_below(random, CONTROLLER_EVERY) == 0) {
        put_event(writer, delta, 0xB0, km_random_below(random, 120), km_random_below(random, 128));
    } else if (writer->held_count == 0 ||
               (writer->held_count < HELD_MAX && km_random_below(random, 2) != 0)) {
        const uint8_t key = (uint8_t)km_random_between(random, 36, 84);
        writer->held[writer->held_count++] = key;
        put_event(writer, delta, 0x90, key, 30 + km_random_below(random, 80));
    } else {
        const uint32_t which = km_random_below(random, writer->held_count);
        const uint8_t key = writer->held[which];
        writer->held[which] = writer->held[--writer->held_count];
        put_event(writer, delta, 0x90, key, 0);
    }
}

static void put_big_endian(FILE *file, uint32_t value)
{
    for (int shift = 24; shift >= 0; shift -= 8) {
        (void)putc((int)(value >> shift & 0xFFU), file);
    }
}

static bool put_track(struct writer *writer, uint64_t size)
{
    const long begin = ftell(writer->file);
    (void)fputs("MTrk", writer->file);
    put_big_endian(writer->file, 0); // Its length, when it is known.
    const uint64_t last = (uint64_t)EVENT_SIZE_MAX * (HELD_MAX + 1);
    while (writer->written + last < size) {
        put_random_event(writer);
    }
    while (writer->held_count > 0) {
        put_event(writer, 1, 0x90, writer->held[--writer->held_count], 0);
    }
    put(writer, 0);
    put(writer, 0xFF);
    put(writer, KM_META_END_OF_TRACK);
    put(writer, 0);
    if (fseek(writer->file, begin + 4, SEEK_SET) != 0) {
        return false;
    }
    put_big_endian(writer->file, (uint32_t)writer->written);
    return fseek(writer->file, 0, SEEK_END) == 0;
}

bool smf_generate(FILE *file, uint64_t size, uint32_t tracks)
{
    struct km_random random;
    km_random_init(&random, 1, "smf_generate");
    (void)fputs("MThd", file);
    put_big_endian(file, 6);
    put_big_endian(file, 1U << 16 | tracks);
    (void)putc(DIVISION >> 8, file);
    (void)putc(DIVISION & 0xFF, file);
    const uint64_t each = (size - HEADER_SIZE) / tracks - CHUNK_HEADER_SIZE;
    for (uint32_t i = 0; i < tracks; ++i) {
        struct writer writer = {
            .file = file, .random = &random, .channel = (uint8_t)(i % KM_CHANNELS_COUNT)};
        if (!put_track(&writer, each)) {
            return false;
        }
    }
    return fflush(file) == 0 && ferror(file) == 0;
}
