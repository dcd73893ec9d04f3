// SPDX-License-Identifier: MIT

#include "drivers/audio_file.h"

#include "base/check.h"
#include "base/output.h"
#include "base/random.h"
#include "drivers/backend_private.h"
#include "drivers/dither_private.h"
#include "drivers/module_private.h"
#include "drivers/ogg_pages_private.h"
#include "drivers/wave_private.h"
#include "heap/heap.h"
#include "rt/block.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

enum { CHANNELS = 2, CHUNK_FRAMES = 1024, OGG_SERIAL = 1, BYTE_BITS = 8, TITLE_SIZE = 1024 };

static const double ogg_quality_default = .5;

enum format {
    FORMAT_WAVE,
    FORMAT_FLAC,
    FORMAT_OGG,
};

union chunk {
    int16_t int16[CHUNK_FRAMES * CHANNELS];
    int32_t int24[CHUNK_FRAMES * CHANNELS];
    float real[CHUNK_FRAMES * CHANNELS];
    unsigned char bytes[sizeof(float) * CHUNK_FRAMES * CHANNELS];
};

struct km_audio_file {
    struct km_heap *heap;
    enum format format;
    struct km_audio_file_config config; // The encoding is one that the format has.
    uint64_t frames;
    struct km_random random;
    const struct km_codec *codec; // Null: WAV, which we write ourselves.
    void *encoder;
    char title[TITLE_SIZE];
    bool encoder_failed;        // By itself, not because of the output.
    struct km_ogg_pages *pages; // Of OGG.
    struct km_output output;
    uint32_t waiting; // Frames in `left` and `right`.
    float left[CHUNK_FRAMES];
    float right[CHUNK_FRAMES];
    union chunk chunk;
};

static bool ends_with(const char *path, const char *ending)
{
    const size_t size = strlen(path);
    const size_t length = strlen(ending);
    return size > length && strcasecmp(path + size - length, ending) == 0;
}

static enum km_status format_of(const char *path, enum format *format, struct km_error *error)
{
    if (ends_with(path, ".wav")) {
        *format = FORMAT_WAVE;
    } else if (ends_with(path, ".flac")) {
        *format = FORMAT_FLAC;
    } else if (ends_with(path, ".ogg")) {
        *format = FORMAT_OGG;
    } else {
        return km_error_set(error, KM_ERROR_UNSUPPORTED,
                            "%s: expected a name that ends in .wav, .flac or .ogg", path);
    }
    return KM_OK;
}

static enum km_status check_config(const char *path, enum format format,
                                   const struct km_audio_file_config *config,
                                   struct km_error *error)
{
    if (config->rate_hz < KM_RATE_MIN || config->rate_hz > KM_RATE_MAX) {
        return km_error_set(error, KM_ERROR_RANGE, "%s: a rate of %u Hz: expected %d to %d", path,
                            (unsigned)config->rate_hz, KM_RATE_MIN, KM_RATE_MAX);
    }
    if (format != FORMAT_WAVE && config->encoding == KM_AUDIO_FLOAT) {
        return km_error_set(error, KM_ERROR_UNSUPPORTED, "%s: only WAV files hold floats", path);
    }
    if (format == FORMAT_OGG && config->encoding != KM_AUDIO_DEFAULT) {
        return km_error_set(
            error, KM_ERROR_UNSUPPORTED,
            "%s: OGG files have no bits per sample: leave them out, or write WAV or FLAC", path);
    }
    if (!(config->ogg_quality >= 0.0 && config->ogg_quality <= 1.0)) {
        return km_error_set(error, KM_ERROR_RANGE, "%s: OGG quality is from 0 to 1", path);
    }
    return KM_OK;
}

static bool write_encoded(void *context, const void *bytes, size_t size)
{
    struct km_audio_file *const file = context;
    if (!file->pages) {
        return km_sink_write(&file->output.sink, bytes, size) == KM_OK;
    }
    return km_ogg_pages_write(file->pages, bytes, size) == KM_OK;
}

static bool seek_encoded(void *context, uint64_t position)
{
    struct km_audio_file *const file = context;
    return !file->pages && km_output_seek(&file->output, position) == KM_OK;
}

static enum km_status open_encoder(struct km_audio_file *file, struct km_error *error)
{
    const struct km_module *module = NULL;
    enum km_status status = km_module_load("sndfile", &module, error);
    if (status != KM_OK) {
        return status;
    }
    if (file->format == FORMAT_OGG) {
        file->pages = km_heap_allocate(file->heap, KM_ACCOUNT_WORKING, sizeof(*file->pages));
        if (!file->pages) {
            return km_heap_refusal(file->heap, error);
        }
        km_ogg_pages_init(file->pages, &file->output.sink, OGG_SERIAL);
    }
    const struct km_audio_file_config *const config = &file->config;
    const struct km_codec_config codec = {
        .rate_hz = config->rate_hz,
        .is_ogg = file->format == FORMAT_OGG,
        .encoding = config->encoding,
        .ogg_quality = config->ogg_quality > 0.0 ? config->ogg_quality : ogg_quality_default,
        .title = config->title,
    };
    const struct km_codec_stream stream = {
        .write = write_encoded, .seek = seek_encoded, .context = file};
    file->codec = module->codec;
    KM_CHECK(file->codec);
    return file->codec->open(&codec, &stream, &file->encoder, error);
}

static void write_wave_header(struct km_audio_file *file)
{
    unsigned char header[KM_WAVE_HEADER_SIZE_MAX];
    const size_t size = km_wave_header(header, &file->config, file->frames);
    (void)km_sink_write(&file->output.sink, header, size);
}

static enum km_status begin(struct km_audio_file *file, const char *path, struct km_error *error)
{
    enum km_status status = km_output_open(&file->output, path, error);
    if (status != KM_OK) {
        return status;
    }
    // All but OGG put what is known last into their first bytes.
    if (file->format != FORMAT_OGG && km_output_seek(&file->output, 0) != KM_OK) {
        km_output_discard(&file->output);
        return km_error_set(error, KM_ERROR_UNSUPPORTED,
                            "%s: cannot be rewound, as WAV and FLAC need: expected a file", path);
    }
    if (file->format == FORMAT_WAVE) {
        write_wave_header(file);
        return KM_OK;
    }
    status = open_encoder(file, error);
    if (status != KM_OK) {
        km_output_discard(&file->output);
    }
    return status;
}

static void release(struct km_audio_file *file)
{
    km_heap_release(file->heap, file->pages);
    km_heap_release(file->heap, file);
}

enum km_status km_audio_file_create(struct km_heap *heap, const char *path,
                                    const struct km_audio_file_config *config,
                                    struct km_audio_file **file, struct km_error *error)
{
    KM_CHECK(heap && path);
    KM_CHECK(config && file);
    enum format format = FORMAT_WAVE;
    enum km_status status = format_of(path, &format, error);
    if (status == KM_OK) {
        status = check_config(path, format, config, error);
    }
    if (status != KM_OK) {
        return status;
    }
    struct km_audio_file *const created =
        km_heap_allocate(heap, KM_ACCOUNT_WORKING, sizeof(*created));
    if (!created) {
        return km_heap_refusal(heap, error);
    }
    created->heap = heap;
    created->format = format;
    created->config = *config;
    if (config->title) { // The header of WAV is written a second time.
        (void)snprintf(created->title, sizeof(created->title), "%s", config->title);
        created->config.title = created->title;
    }
    if (format != FORMAT_OGG && config->encoding == KM_AUDIO_DEFAULT) {
        created->config.encoding = KM_AUDIO_INT16;
    }
    km_random_init(&created->random, 0, "dither");
    status = begin(created, path, error);
    if (status != KM_OK) {
        release(created);
        return status;
    }
    *file = created;
    return KM_OK;
}

static void interleave(float *interleaved, const float *const channels[2], uint32_t frames)
{
    for (size_t i = 0; i < frames; ++i) {
        interleaved[2 * i] = channels[0][i];
        interleaved[2 * i + 1] = channels[1][i];
    }
}

// Little-endian bytes of what stands in the chunk; in place, for none of them grows.
static void make_bytes(union chunk *chunk, enum km_audio_encoding encoding, size_t samples)
{
    const size_t size = encoding == KM_AUDIO_INT16 ? 2 : encoding == KM_AUDIO_INT24 ? 3 : 4;
    for (size_t i = 0; i < samples; ++i) {
        uint32_t bits = 0;
        if (encoding == KM_AUDIO_INT16) {
            bits = (uint16_t)chunk->int16[i];
        } else if (encoding == KM_AUDIO_INT24) {
            bits = (uint32_t)chunk->int24[i] >> BYTE_BITS;
        } else {
            memcpy(&bits, &chunk->real[i], sizeof(bits));
        }
        for (size_t byte = 0; byte < size; ++byte) {
            chunk->bytes[i * size + byte] = (unsigned char)(bits >> (BYTE_BITS * byte));
        }
    }
}

// Encoders get chunks of one size, however the caller cuts: what they make depends on it.
static void write_chunk(struct km_audio_file *file)
{
    const float *const channels[CHANNELS] = {file->left, file->right};
    const uint32_t frames = file->waiting;
    union chunk *const chunk = &file->chunk;
    const enum km_audio_encoding encoding = file->config.encoding;
    if (encoding == KM_AUDIO_INT16) {
        km_dither_int16(&file->random, channels, frames, chunk->int16);
    } else if (encoding == KM_AUDIO_INT24) {
        km_dither_int24(channels, frames, chunk->int24);
    } else {
        interleave(chunk->real, channels, frames);
    }
    bool is_written = true;
    if (!file->codec) {
        make_bytes(chunk, encoding, (size_t)frames * CHANNELS);
        (void)km_sink_write(&file->output.sink, chunk->bytes,
                            (size_t)frames * km_wave_frame_bytes(encoding));
    } else if (encoding == KM_AUDIO_INT16) {
        is_written = file->codec->write_int16(file->encoder, chunk->int16, frames);
    } else if (encoding == KM_AUDIO_INT24) {
        is_written = file->codec->write_int24(file->encoder, chunk->int24, frames);
    } else {
        is_written = file->codec->write_float(file->encoder, chunk->real, frames);
    }
    file->encoder_failed |= !is_written;
    file->frames += frames;
    file->waiting = 0;
}

// The output's failure is the cause, where there is one.
static enum km_status outcome(struct km_audio_file *file, struct km_error *error)
{
    if (file->output.sink.status != KM_OK) {
        return km_output_flush(&file->output, error);
    }
    if (file->encoder_failed) {
        return km_error_set(error, KM_ERROR_IO, "%s: cannot write: the encoder failed",
                            file->output.path);
    }
    return KM_OK;
}

// Returns how many frames found room.
static uint32_t fill_chunk(struct km_audio_file *file, const float *left, const float *right,
                           uint32_t frames)
{
    const uint32_t room = CHUNK_FRAMES - file->waiting;
    const uint32_t length = frames < room ? frames : room;
    memcpy(file->left + file->waiting, left, length * sizeof(*left));
    memcpy(file->right + file->waiting, right, length * sizeof(*right));
    file->waiting += length;
    return length;
}

enum km_status km_audio_file_write(struct km_audio_file *file, const float *left,
                                   const float *right, uint32_t frames, struct km_error *error)
{
    KM_CHECK(file);
    KM_CHECK(left && right);
    enum km_status status = KM_OK;
    for (uint32_t done = 0; done < frames && status == KM_OK;) {
        done += fill_chunk(file, left + done, right + done, frames - done);
        if (file->waiting == CHUNK_FRAMES) {
            write_chunk(file);
            status = outcome(file, error);
        }
    }
    return status;
}

enum km_status km_audio_file_commit(struct km_audio_file *file, struct km_error *error)
{
    KM_CHECK(file);
    if (file->waiting > 0) {
        write_chunk(file);
    }
    if (file->codec) {
        file->encoder_failed |= !file->codec->close(file->encoder);
    } else if (km_output_seek(&file->output, 0) == KM_OK) {
        write_wave_header(file);
    }
    enum km_status status = outcome(file, error);
    if (status == KM_OK) {
        status = km_output_commit(&file->output, error);
    } else {
        km_output_discard(&file->output);
    }
    release(file);
    return status;
}

void km_audio_file_discard(struct km_audio_file *file)
{
    if (file) {
        if (file->codec) {
            (void)file->codec->close(file->encoder);
        }
        km_output_discard(&file->output);
        release(file);
    }
}
