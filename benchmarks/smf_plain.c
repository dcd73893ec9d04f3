// SPDX-License-Identifier: MIT

// A peer: events counted byte by byte through a buffer, the simple correct way. For right files.

#include "smf_stream.h"

#include <stdlib.h>
#include <string.h>

// A file, byte by byte.
struct bytes {
    FILE *file;
    size_t at;
    size_t end;
    uint64_t left; // Of the chunk.
    unsigned char buffer[1 << 16];
};

static unsigned int next_byte(struct bytes *bytes)
{
    if (bytes->at == bytes->end) {
        bytes->at = 0;
        bytes->end = fread(bytes->buffer, 1, sizeof(bytes->buffer), bytes->file);
        if (bytes->end == 0) {
            bytes->left = 1;
            bytes->end = 1;
            bytes->buffer[0] = 0;
        }
    }
    --bytes->left;
    return bytes->buffer[bytes->at++];
}

static uint32_t next_number(struct bytes *bytes, unsigned int size)
{
    uint32_t value = 0;
    for (unsigned int i = 0; i < size; ++i) {
        value = value << 8 | next_byte(bytes);
    }
    return value;
}

static uint32_t next_quantity(struct bytes *bytes)
{
    uint32_t value = 0;
    unsigned int byte = 0x80;
    while (byte >= 0x80) {
        byte = next_byte(bytes);
        value = value << 7 | (byte & 0x7FU);
    }
    return value;
}

static void skip(struct bytes *bytes, uint32_t size)
{
    for (uint32_t i = 0; i < size; ++i) {
        (void)next_byte(bytes);
    }
}

// What a scan must know: events by kind, notes down, time.
struct counts {
    uint64_t kinds[16];
    uint64_t tick;
    uint32_t down[16][128];
    uint32_t total, most;
};

static void count_message(struct counts *counts, unsigned int status, unsigned int first,
                          unsigned int second)
{
    ++counts->kinds[status >> 4];
    uint32_t *const down = &counts->down[status & 15U][first];
    if (status >> 4 == 9 && second > 0) {
        ++*down;
        ++counts->total;
        counts->most = counts->total > counts->most ? counts->total : counts->most;
    } else if (status >> 4 <= 9 && *down > 0) {
        --*down;
        --counts->total;
    }
}

static void count_system(struct bytes *bytes, struct counts *counts, unsigned int status)
{
    if (status == 0xFF) {
        (void)next_byte(bytes);
    }
    ++counts->kinds[15];
    skip(bytes, next_quantity(bytes));
}

static void count_track(struct bytes *bytes, struct counts *counts)
{
    unsigned int running = 0;
    while (bytes->left > 0) {
        counts->tick += next_quantity(bytes);
        unsigned int byte = next_byte(bytes);
        if (byte >= 0xF0) {
            count_system(bytes, counts, byte);
            continue;
        }
        if (byte >= 0x80) {
            running = byte;
            byte = next_byte(bytes);
        }
        const bool is_short = (running & 0xE0U) == 0xC0;
        count_message(counts, running, byte & 0x7FU, is_short ? 0 : next_byte(bytes) & 0x7FU);
    }
}

uint64_t smf_plain_count(const char *path)
{
    static struct bytes bytes;
    static struct counts counts;
    memset(&counts, 0, sizeof(counts));
    bytes = (struct bytes){.file = fopen(path, "rb"), .left = UINT64_MAX};
    if (!bytes.file) {
        return 0;
    }
    skip(&bytes, 10);
    const uint32_t tracks = next_number(&bytes, 2);
    skip(&bytes, 2);
    for (uint32_t i = 0; i < tracks; ++i) {
        bytes.left = UINT64_MAX;
        skip(&bytes, 4);
        bytes.left = next_number(&bytes, 4);
        count_track(&bytes, &counts);
    }
    fclose(bytes.file);
    uint64_t total = 0;
    for (size_t i = 0; i < 16; ++i) {
        total += counts.kinds[i];
    }
    return total;
}
