// SPDX-License-Identifier: MIT

// Pages as in RFC 3533, section 6.

#include "drivers/ogg_pages_private.h"

#include "base/sink.h"

#include <stdbool.h>
#include <string.h>

enum {
    HEAD_BYTES = 27, // Up to the table of the segments' sizes.
    SERIAL_AT = 14,
    CHECKSUM_AT = 22,
    SEGMENTS_AT = 26,
    BYTE_BITS = 8,
    BYTES = 256,
    TOP_SHIFT = 24,
};

static const uint32_t polynomial = 0x04C11DB7;

void km_ogg_pages_init(struct km_ogg_pages *pages, struct km_sink *sink, uint32_t serial)
{
    pages->sink = sink;
    pages->serial = serial;
    pages->used = 0;
    for (uint32_t byte = 0; byte < BYTES; ++byte) {
        uint32_t sum = byte << TOP_SHIFT;
        for (int bit = 0; bit < BYTE_BITS; ++bit) {
            const bool carries = (sum & 0x80000000U) != 0;
            sum = (sum << 1) ^ (carries ? polynomial : 0);
        }
        pages->sums[byte] = sum;
    }
}

static void put_number(unsigned char *bytes, uint32_t number)
{
    for (int i = 0; i < 4; ++i) {
        bytes[i] = (unsigned char)(number >> (BYTE_BITS * i));
    }
}

// How many bytes the page must have before more can be said, or all of its bytes.
static size_t bytes_wanted(const struct km_ogg_pages *pages)
{
    if (pages->used < HEAD_BYTES) {
        return HEAD_BYTES;
    }
    const size_t segments = pages->page[SEGMENTS_AT];
    const size_t head = HEAD_BYTES + segments;
    if (pages->used < head) {
        return head;
    }
    size_t size = head;
    for (size_t i = 0; i < segments; ++i) {
        size += pages->page[HEAD_BYTES + i];
    }
    return size;
}

static enum km_status send(struct km_ogg_pages *pages)
{
    put_number(pages->page + SERIAL_AT, pages->serial);
    put_number(pages->page + CHECKSUM_AT, 0);
    uint32_t sum = 0;
    for (size_t i = 0; i < pages->used; ++i) {
        sum = (sum << BYTE_BITS) ^ pages->sums[(sum >> TOP_SHIFT) ^ pages->page[i]];
    }
    put_number(pages->page + CHECKSUM_AT, sum);
    const size_t size = pages->used;
    pages->used = 0;
    return km_sink_write(pages->sink, pages->page, size);
}

enum km_status km_ogg_pages_write(struct km_ogg_pages *pages, const void *bytes, size_t size)
{
    const unsigned char *next = bytes;
    enum km_status status = KM_OK;
    while (size > 0 && status == KM_OK) {
        const size_t wanted = bytes_wanted(pages) - pages->used;
        const size_t length = size < wanted ? size : wanted;
        memcpy(pages->page + pages->used, next, length);
        pages->used += length;
        next += length;
        size -= length;
        if (pages->used >= 4 && memcmp(pages->page, "OggS", 4) != 0) {
            return KM_ERROR_INVALID;
        }
        if (pages->used >= HEAD_BYTES && bytes_wanted(pages) == pages->used) {
            status = send(pages);
        }
    }
    return status;
}
