// SPDX-License-Identifier: MIT

// Microsoft and IBM, "Multimedia Programming Interface and Data Specifications 1.0" (RIFF, WAVE),
// and EBU Tech 3306 (RF64): a chunk JUNK keeps the place where ds64 stands in a file that has grown
// above 4 GB. docs/decisions/0006-modules.md says why this is not libsndfile's.

#include "drivers/wave_private.h"

#include "base/check.h"
#include "base/text.h"

#include <string.h>

enum {
    CHANNELS = 2,
    FORMAT_PCM = 1,
    FORMAT_FLOAT = 3,
    PCM_BYTES = 16,   // Of the chunk fmt;
    FLOAT_BYTES = 18, // with the size of an extension, which is 0.
    DS64_BYTES = 28,
    CHUNK_HEAD_BYTES = 8,
    LIST_HEAD_BYTES = 12, // INFO, INAM and its size.
    BITS_PER_BYTE = 8,
};

struct writer {
    unsigned char *bytes;
    size_t used;
};

static void put_number(struct writer *writer, uint64_t number, size_t bytes)
{
    for (size_t i = 0; i < bytes; ++i) {
        writer->bytes[writer->used++] = (unsigned char)(number >> (BITS_PER_BYTE * i));
    }
}

static void put_name(struct writer *writer, const char *name)
{
    memcpy(writer->bytes + writer->used, name, 4);
    writer->used += 4;
}

static void put_chunk(struct writer *writer, const char *name, uint64_t bytes)
{
    put_name(writer, name);
    put_number(writer, bytes < UINT32_MAX ? bytes : UINT32_MAX, 4);
}

uint32_t km_wave_frame_bytes(enum km_audio_encoding encoding)
{
    switch (encoding) {
    case KM_AUDIO_INT24:
        return CHANNELS * 3;
    case KM_AUDIO_FLOAT:
        return CHANNELS * 4;
    case KM_AUDIO_INT16:
    case KM_AUDIO_DEFAULT:
        break;
    }
    return CHANNELS * 2;
}

// Bytes of the title that fit, without a cut character.
static size_t title_length(const char *title)
{
    const size_t size = title ? strlen(title) : 0;
    if (size <= KM_WAVE_TITLE_MAX) {
        return size;
    }
    size_t length = 0;
    for (size_t next = 0; next <= KM_WAVE_TITLE_MAX;) {
        length = next;
        (void)km_text_next(title, size, &next);
    }
    return length;
}

static void put_format(struct writer *writer, const struct km_audio_file_config *config,
                       uint64_t frames)
{
    const bool is_float = config->encoding == KM_AUDIO_FLOAT;
    const uint32_t frame_bytes = km_wave_frame_bytes(config->encoding);
    put_chunk(writer, "fmt ", is_float ? FLOAT_BYTES : PCM_BYTES);
    put_number(writer, is_float ? FORMAT_FLOAT : FORMAT_PCM, 2);
    put_number(writer, CHANNELS, 2);
    put_number(writer, config->rate_hz, 4);
    put_number(writer, (uint64_t)config->rate_hz * frame_bytes, 4);
    put_number(writer, frame_bytes, 2);
    put_number(writer, (uint64_t)frame_bytes / CHANNELS * BITS_PER_BYTE, 2);
    if (is_float) {
        put_number(writer, 0, 2);
        put_chunk(writer, "fact", 4);
        put_number(writer, frames < UINT32_MAX ? frames : UINT32_MAX, 4);
    }
}

static void put_title(struct writer *writer, const char *title)
{
    const size_t length = title_length(title);
    if (length > 0) {
        const size_t size = (length + 2) / 2 * 2; // With a zero, and even.
        put_chunk(writer, "LIST", LIST_HEAD_BYTES + size);
        put_name(writer, "INFO");
        put_chunk(writer, "INAM", length + 1);
        memset(writer->bytes + writer->used, 0, size);
        memcpy(writer->bytes + writer->used, title, length);
        writer->used += size;
    }
}

size_t km_wave_header(unsigned char header[KM_WAVE_HEADER_SIZE_MAX],
                      const struct km_audio_file_config *config, uint64_t frames)
{
    unsigned char tail[KM_WAVE_HEADER_SIZE_MAX]; // What follows ds64: its size comes first.
    struct writer rest = {.bytes = tail};
    const uint64_t data_bytes = frames * km_wave_frame_bytes(config->encoding);
    put_format(&rest, config, frames);
    put_title(&rest, config->title);
    const size_t riff_head = 4 + CHUNK_HEAD_BYTES + DS64_BYTES + rest.used + CHUNK_HEAD_BYTES;
    const uint64_t riff_bytes = riff_head + data_bytes;
    const bool is_large = riff_bytes >= UINT32_MAX;
    put_chunk(&rest, "data", is_large ? UINT32_MAX : data_bytes);

    struct writer writer = {.bytes = header};
    put_chunk(&writer, is_large ? "RF64" : "RIFF", is_large ? UINT32_MAX : riff_bytes);
    put_name(&writer, "WAVE");
    put_chunk(&writer, is_large ? "ds64" : "JUNK", DS64_BYTES);
    put_number(&writer, is_large ? riff_bytes : 0, 8);
    put_number(&writer, is_large ? data_bytes : 0, 8);
    put_number(&writer, is_large ? frames : 0, 8);
    put_number(&writer, 0, 4); // No table of other large chunks.
    KM_CHECK(writer.used + rest.used <= KM_WAVE_HEADER_SIZE_MAX);
    memcpy(header + writer.used, tail, rest.used);
    return writer.used + rest.used;
}
