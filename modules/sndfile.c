// SPDX-License-Identifier: MIT

// kmidi-sndfile.so: FLAC and OGG Vorbis by libsndfile.

#include "base/status.h"
#include "drivers/backend_private.h"

#include <sndfile.h>
#include <stdlib.h>

enum { CHANNELS = 2 };

struct encoder {
    SNDFILE *file;
    struct km_codec_stream stream;
    sf_count_t position;
    sf_count_t length;
    bool has_failed;
};

static sf_count_t get_length(void *context)
{
    return ((struct encoder *)context)->length;
}

static sf_count_t seek(sf_count_t offset, int whence, void *context)
{
    struct encoder *const encoder = context;
    const sf_count_t base = whence == SEEK_SET   ? 0
                            : whence == SEEK_CUR ? encoder->position
                                                 : encoder->length;
    const sf_count_t target = base + offset;
    if (target < 0) {
        return -1;
    }
    if (target != encoder->position) { // Asked for where it is already, often.
        if (!encoder->stream.seek(encoder->stream.context, (uint64_t)target)) {
            encoder->has_failed = true;
            return -1;
        }
        encoder->position = target;
    }
    return target;
}

static sf_count_t read_nothing(void *bytes, sf_count_t size, void *context)
{
    (void)bytes;
    (void)size;
    (void)context;
    return 0;
}

static sf_count_t write_bytes(const void *bytes, sf_count_t size, void *context)
{
    struct encoder *const encoder = context;
    if (encoder->has_failed || size < 0 ||
        !encoder->stream.write(encoder->stream.context, bytes, (size_t)size)) {
        encoder->has_failed = true;
        return 0;
    }
    encoder->position += size;
    encoder->length = encoder->position > encoder->length ? encoder->position : encoder->length;
    return size;
}

static sf_count_t tell(void *context)
{
    return ((struct encoder *)context)->position;
}

static int format_of(const struct km_codec_config *config)
{
    if (config->is_ogg) {
        return SF_FORMAT_OGG | SF_FORMAT_VORBIS;
    }
    return SF_FORMAT_FLAC |
           (config->encoding == KM_AUDIO_INT24 ? SF_FORMAT_PCM_24 : SF_FORMAT_PCM_16);
}

static enum km_status open_encoder(const struct km_codec_config *config,
                                   const struct km_codec_stream *stream, void **opened,
                                   struct km_error *error)
{
    SF_VIRTUAL_IO functions = {.get_filelen = get_length,
                               .seek = seek,
                               .read = read_nothing,
                               .write = write_bytes,
                               .tell = tell};
    SF_INFO info = {
        .samplerate = (int)config->rate_hz, .channels = CHANNELS, .format = format_of(config)};
    struct encoder *const encoder = calloc(1, sizeof(*encoder));
    if (!encoder) {
        return km_error_set(error, KM_ERROR_NO_MEMORY, "no memory for the encoder");
    }
    encoder->stream = *stream;
    encoder->file = sf_open_virtual(&functions, SFM_WRITE, &info, encoder);
    if (!encoder->file) {
        free(encoder);
        return km_error_set(error, KM_ERROR_IO, "libsndfile cannot write this: %s",
                            sf_strerror(NULL));
    }
    if (config->is_ogg) {
        double quality = config->ogg_quality;
        (void)sf_command(encoder->file, SFC_SET_VBR_ENCODING_QUALITY, &quality, sizeof(quality));
    }
    if (config->title) {
        (void)sf_set_string(encoder->file, SF_STR_TITLE, config->title);
    }
    *opened = encoder;
    return KM_OK;
}

static bool write_int16(void *opened, const int16_t *samples, uint32_t frames)
{
    struct encoder *const encoder = opened;
    return sf_writef_short(encoder->file, samples, frames) == frames && !encoder->has_failed;
}

static bool write_int24(void *opened, const int32_t *samples, uint32_t frames)
{
    struct encoder *const encoder = opened;
    return sf_writef_int(encoder->file, samples, frames) == frames && !encoder->has_failed;
}

static bool write_float(void *opened, const float *samples, uint32_t frames)
{
    struct encoder *const encoder = opened;
    return sf_writef_float(encoder->file, samples, frames) == frames && !encoder->has_failed;
}

static bool close_encoder(void *opened)
{
    struct encoder *const encoder = opened;
    const bool is_closed = sf_close(encoder->file) == 0 && !encoder->has_failed;
    free(encoder);
    return is_closed;
}

static const struct km_codec codec = {
    .open = open_encoder,
    .write_int16 = write_int16,
    .write_int24 = write_int24,
    .write_float = write_float,
    .close = close_encoder,
};

extern const struct km_module km_module;

const struct km_module km_module = {.abi = KM_MODULE_ABI, .codec = &codec};
