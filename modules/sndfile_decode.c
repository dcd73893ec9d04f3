// SPDX-License-Identifier: MIT

// The samples of SF3 fonts, decoded by libsndfile (font/decoder.h).

#include "font/decoder.h"

#include <sndfile.h>
#include <stdbool.h>
#include <string.h>

enum { CHANNELS_MAX = 8, CHUNK_FLOATS = 1024, FRAMES_MAX = 1 << 28 };

static const float full_scale = 32767.0f; // As libsndfile makes 16 bit of Vorbis.

struct memory {
    const unsigned char *bytes;
    sf_count_t size;
    sf_count_t position;
};

static sf_count_t get_length(void *context)
{
    return ((struct memory *)context)->size;
}

static sf_count_t seek(sf_count_t offset, int whence, void *context)
{
    struct memory *const memory = context;
    const sf_count_t base = whence == SEEK_SET   ? 0
                            : whence == SEEK_CUR ? memory->position
                                                 : memory->size;
    if (offset < -base || offset > memory->size - base) {
        return -1;
    }
    memory->position = base + offset;
    return memory->position;
}

static sf_count_t read_bytes(void *target, sf_count_t size, void *context)
{
    struct memory *const memory = context;
    const sf_count_t rest = memory->size - memory->position;
    const sf_count_t length = size < 0 ? 0 : size < rest ? size : rest;
    if (length > 0) {
        memcpy(target, memory->bytes + memory->position, (size_t)length);
    }
    memory->position += length;
    return length;
}

static sf_count_t write_nothing(const void *bytes, sf_count_t size, void *context)
{
    (void)bytes;
    (void)size;
    (void)context;
    return 0;
}

static sf_count_t tell(void *context)
{
    return ((struct memory *)context)->position;
}

static int16_t rounded(float value)
{
    const float scaled = value * full_scale;
    if (!(scaled > -full_scale - 1.0f)) {
        return scaled <= -full_scale ? INT16_MIN : 0; // Else it is not a number.
    }
    if (scaled >= full_scale) {
        return INT16_MAX;
    }
    return (int16_t)(scaled < 0.0f ? scaled - .5f : scaled + .5f);
}

static bool is_usable(const SF_INFO *info)
{
    return (info->format & SF_FORMAT_TYPEMASK) == SF_FORMAT_OGG &&
           (info->format & SF_FORMAT_SUBMASK) == SF_FORMAT_VORBIS && info->channels >= 1 &&
           info->channels <= CHANNELS_MAX && info->frames > 0 && info->frames <= FRAMES_MAX;
}

// The mean of all channels, as a mono sample is stored.
static void mix(const float *chunk, int channels, sf_count_t frames, int16_t *mixed)
{
    const float share = 1.0f / (float)channels;
    for (sf_count_t i = 0; i < frames; ++i) {
        float sum = 0.0f;
        for (int channel = 0; channel < channels; ++channel) {
            sum += *chunk++;
        }
        mixed[i] = rounded(sum * share);
    }
}

// Fills `frames`, and returns how many there were.
static size_t read_frames(SNDFILE *file, const SF_INFO *info, int16_t *frames)
{
    float chunk[CHUNK_FLOATS];
    const sf_count_t chunk_frames = CHUNK_FLOATS / info->channels;
    sf_count_t done = 0;
    while (done < info->frames) {
        const sf_count_t rest = info->frames - done;
        const sf_count_t got =
            sf_readf_float(file, chunk, rest < chunk_frames ? rest : chunk_frames);
        if (got <= 0) {
            break;
        }
        mix(chunk, info->channels, got, frames + done);
        done += got;
    }
    return (size_t)done;
}

int kmidi_sndfile_decode(const void *bytes, size_t size, int16_t **frames, size_t *count,
                         void *(*allocate)(void *context, size_t size), void *context);

// NOLINTNEXTLINE(readability-function-size): the parameters are the interface's.
int kmidi_sndfile_decode(const void *bytes, size_t size, int16_t **frames, size_t *count,
                         void *(*allocate)(void *context, size_t size), void *context)
{
    SF_VIRTUAL_IO functions = {.get_filelen = get_length,
                               .seek = seek,
                               .read = read_bytes,
                               .write = write_nothing,
                               .tell = tell};
    struct memory memory = {.bytes = bytes, .size = (sf_count_t)size};
    SF_INFO info = {0};
    SNDFILE *const file = sf_open_virtual(&functions, SFM_READ, &info, &memory);
    if (!file) {
        return 1;
    }
    int16_t *const taken =
        is_usable(&info) ? allocate(context, (size_t)info.frames * sizeof(int16_t)) : NULL;
    if (taken) {
        *count = read_frames(file, &info, taken);
        *frames = taken;
    }
    (void)sf_close(file);
    return taken ? 0 : 1;
}
