// SPDX-License-Identifier: MIT

// The drivers whose clock is turned by hand: null, and file, which also writes what is played to
// the file that config.device names.

#include "drivers/audio_file.h"
#include "drivers/backends_private.h"
#include "drivers/callback_private.h"

#include <string.h>
#include <strings.h>

enum { RATE_DEFAULT = 48000, BLOCK_DEFAULT = 256 };

struct hand {
    struct km_callback *callback;
    struct km_audio_file *file; // Null of the null driver, and when the file is finished.
    bool has_failed;
    struct km_error error;
    float left[KM_BLOCK_FRAMES_MAX];
    float right[KM_BLOCK_FRAMES_MAX];
};

static enum km_status open_null(void *instance, const struct km_backend_setup *setup,
                                struct km_error *error)
{
    (void)error;
    struct hand *const hand = instance;
    const struct km_driver_config *const config = setup->config;
    hand->callback = setup->callback;
    hand->callback->rate_hz = config->rate_hz > 0 ? config->rate_hz : RATE_DEFAULT;
    hand->callback->block_frames = config->block_frames > 0 ? config->block_frames : BLOCK_DEFAULT;
    return KM_OK;
}

// As exact as the format can be: who compares it has floats.
static enum km_audio_encoding best_encoding(const char *path)
{
    const char *const dot = strrchr(path, '.');
    if (dot && strcasecmp(dot, ".wav") == 0) {
        return KM_AUDIO_FLOAT;
    }
    return dot && strcasecmp(dot, ".flac") == 0 ? KM_AUDIO_INT24 : KM_AUDIO_DEFAULT;
}

static enum km_status open_file(void *instance, const struct km_backend_setup *setup,
                                struct km_error *error)
{
    struct hand *const hand = instance;
    const char *const path = setup->config->device;
    if (!path) {
        return km_error_set(error, KM_ERROR_INVALID, "expected a file's name: file:X.wav");
    }
    const enum km_status status = open_null(instance, setup, error);
    const struct km_audio_file_config audio = {
        .rate_hz = hand->callback->rate_hz,
        .encoding = best_encoding(path),
    };
    return status != KM_OK ? status
                           : km_audio_file_create(setup->heap, path, &audio, &hand->file, error);
}

static enum km_status start_null(void *instance, struct km_error *error)
{
    (void)instance;
    (void)error;
    return KM_OK;
}

static enum km_status start_file(void *instance, struct km_error *error)
{
    struct hand *const hand = instance;
    if (!hand->file) {
        return km_error_set(error, KM_ERROR_INVALID, "the file is finished: open the driver anew");
    }
    return KM_OK;
}

static void fail(struct hand *hand)
{
    hand->has_failed = true;
    km_callback_report(hand->callback, KM_DRIVER_GONE, 0);
}

static void stop(void *instance)
{
    struct hand *const hand = instance;
    struct km_audio_file *const file = hand->file;
    hand->file = NULL;
    if (file && hand->has_failed) {
        km_audio_file_discard(file);
    } else if (file && km_audio_file_commit(file, &hand->error) != KM_OK) {
        fail(hand);
    }
}

static void close_hand(void *instance)
{
    struct hand *const hand = instance;
    km_audio_file_discard(hand->file);
}

static void play_block(struct hand *hand, uint32_t frames)
{
    km_callback_process(hand->callback, hand->left, hand->right, frames);
    if (hand->file && !hand->has_failed &&
        km_audio_file_write(hand->file, hand->left, hand->right, frames, &hand->error) != KM_OK) {
        fail(hand);
    }
}

static void advance(void *instance, uint64_t frames, float *left, float *right)
{
    struct hand *const hand = instance;
    uint32_t length = 0;
    for (uint64_t done = 0; done < frames; done += length) {
        const uint64_t rest = frames - done;
        length = hand->callback->block_frames;
        length = rest < length ? (uint32_t)rest : length;
        play_block(hand, length);
        if (left) {
            memcpy(left + done, hand->left, length * sizeof(*left));
        }
        if (right) {
            memcpy(right + done, hand->right, length * sizeof(*right));
        }
    }
}

static const char *gone(void *instance)
{
    return ((struct hand *)instance)->error.message;
}

const struct km_backend km_backend_null = {
    .name = "null",
    .size = sizeof(struct hand),
    .open = open_null,
    .start = start_null,
    .stop = stop,
    .close = close_hand,
    .gone = gone,
    .advance = advance,
};

const struct km_backend km_backend_file = {
    .name = "file",
    .size = sizeof(struct hand),
    .open = open_file,
    .start = start_file,
    .stop = stop,
    .close = close_hand,
    .gone = gone,
    .advance = advance,
};
