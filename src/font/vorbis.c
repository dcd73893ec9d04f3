// SPDX-License-Identifier: MIT

#include "font/vorbis_private.h"

#include "base/check.h"
#include "base/module.h"
#include "font/font_private.h"
#include "heap/heap.h"

#include <stdbool.h>
#include <string.h>

enum {
    PAGE_HEAD_SIZE = 27, // RFC 3533, section 6.
    PAGE_SIZE_MAX = 27 + 255 + 255 * 255,
    TAIL_SIZE = 4096,          // Where the last page's head is mostly found.
    STREAM_SIZE_MAX = 1 << 26, // Of one compressed sample.
};

// Offset of the last page's head in `bytes`; `size` if there is none.
static size_t find_last_page(const unsigned char *bytes, size_t size)
{
    if (size < PAGE_HEAD_SIZE) {
        return size;
    }
    for (size_t i = size - PAGE_HEAD_SIZE + 1; i > 0; --i) {
        if (memcmp(bytes + i - 1, "OggS", 5) == 0) { // The version follows, which is 0.
            return i - 1;
        }
    }
    return size;
}

enum km_status km_vorbis_frame_count(const struct km_font_reading *reading, uint64_t offset,
                                     uint32_t size, uint64_t *frame_count)
{
    KM_CHECK(reading && frame_count);
    unsigned char bytes[PAGE_SIZE_MAX + 1];
    *frame_count = 0;
    for (uint32_t wanted = TAIL_SIZE;; wanted = PAGE_SIZE_MAX) {
        const uint32_t tail = size < wanted ? size : wanted;
        size_t got = 0;
        const enum km_status status = km_input_read_at(reading->input, offset + size - tail, bytes,
                                                       tail, &got, reading->error);
        if (status != KM_OK) {
            return status;
        }
        const size_t page = find_last_page(bytes, got);
        if (page < got) {
            // The granule position: frames up to the end of the page.
            *frame_count = (uint64_t)km_font_u32(bytes + page + 6) |
                           (uint64_t)km_font_u32(bytes + page + 10) << 32;
            return KM_OK;
        }
        if (wanted == PAGE_SIZE_MAX) {
            return KM_OK;
        }
    }
}

// Finds the module's decoder.
static enum km_status find_decoder(struct km_font *font, struct km_error *error)
{
    void *symbol = NULL;
    struct km_error reason = {0};
    const enum km_status status =
        km_module_find("sndfile", KM_FONT_DECODE_SYMBOL, &symbol, &reason);
    if (status != KM_OK) {
        return km_error_set(error, status, "%s: its samples are Ogg Vorbis (SF3): %s",
                            font->input.name, reason.message);
    }
    // The way that POSIX shows for pointers to functions.
    memcpy(&font->module.decode, &symbol, sizeof(symbol));
    font->decoder = &font->module;
    return KM_OK;
}

// What the decoder has taken of the heap.
struct taken {
    struct km_heap *heap;
    void *memory;
    size_t size;
    bool was_refused;
};

static void *take(void *context, size_t size)
{
    struct taken *const taken = context;
    KM_CHECK(!taken->memory); // The decoder's contract: one call.
    taken->memory = km_heap_allocate(taken->heap, KM_ACCOUNT_WORKING, size);
    taken->size = taken->memory ? size : 0;
    taken->was_refused = !taken->memory;
    return taken->memory;
}

static enum km_status decode(struct km_font *font, const struct km_font_sample *sample,
                             const unsigned char *bytes, int16_t *frames, struct km_error *error)
{
    struct taken taken = {.heap = font->heap};
    int16_t *decoded = NULL;
    size_t count = 0;
    const int failure = font->decoder->decode(bytes, sample->size, &decoded, &count, take, &taken);
    enum km_status status = KM_OK;
    if (failure == 0) {
        KM_CHECK(count <= taken.size / sizeof(int16_t));
        const size_t used = count < sample->frame_count ? count : sample->frame_count;
        if (used > 0) {
            memcpy(frames, decoded, used * sizeof(int16_t));
        }
        memset(frames + used, 0, (sample->frame_count - used) * sizeof(int16_t));
    } else if (taken.was_refused) {
        status = km_heap_refusal(font->heap, error);
    } else {
        const unsigned long long place = font->frames_offset + sample->start;
        status = km_error_set(error, KM_ERROR_INVALID,
                              "%s: sample \"%s\" at byte %llu cannot be decoded: expected Ogg "
                              "Vorbis",
                              font->input.name, sample->name, place);
    }
    km_heap_release(font->heap, taken.memory);
    return status;
}

enum km_status km_vorbis_decode(struct km_font *font, const struct km_font_sample *sample,
                                int16_t *frames, struct km_error *error)
{
    KM_CHECK(font && sample && frames);
    if (!font->decoder) {
        const enum km_status status = find_decoder(font, error);
        if (status != KM_OK) {
            return status;
        }
    }
    if (sample->size > STREAM_SIZE_MAX) {
        return km_error_set(error, KM_ERROR_TOO_LARGE,
                            "%s: sample \"%s\" is %u bytes of Ogg Vorbis; at most %d are read",
                            font->input.name, sample->name, (unsigned int)sample->size,
                            (int)STREAM_SIZE_MAX);
    }
    unsigned char *const bytes = km_heap_allocate(font->heap, KM_ACCOUNT_WORKING, sample->size);
    if (!bytes) {
        return km_heap_refusal(font->heap, error);
    }
    size_t got = 0;
    enum km_status status = km_input_read_at(&font->input, font->frames_offset + sample->start,
                                             bytes, sample->size, &got, error);
    if (status == KM_OK && got < sample->size) {
        status = km_error_set(error, KM_ERROR_TRUNCATED,
                              "%s: has become shorter since it was opened", font->input.name);
    }
    if (status == KM_OK) {
        status = decode(font, sample, bytes, frames, error);
    }
    km_heap_release(font->heap, bytes);
    return status;
}
