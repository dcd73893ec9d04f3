// SPDX-License-Identifier: MIT

/// What stands behind km_driver, km_audio_file and km_loudness: tables of functions, of our own or
/// out of a module (kmidi-jack.so, ...) that is loaded when it is used. Modules are built with us:
/// to any other version of them this is not promised to anybody.
#ifndef KM_DRIVERS_BACKEND_PRIVATE_H
#define KM_DRIVERS_BACKEND_PRIVATE_H

#include "base/attributes.h"
#include "base/status.h"
#include "drivers/audio_file.h"
#include "drivers/driver.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

KM_C_BEGIN

struct km_callback;
struct km_heap;

/// What a driver opens with.
struct km_backend_setup {
    const struct km_driver_config *config; ///< client_name and priority are set.
    struct km_callback *callback;          ///< Outlives the instance.
    struct km_heap *heap;                  ///< For those within the core.
};

/// A driver. All functions are [control]; `instance` is `size` zeroed bytes of the core.
struct km_backend {
    const char *name;
    const char *cure; ///< What to do without real-time priority; null: there is no audio thread.
    bool raises_priority; ///< The core gives the audio thread its real-time priority.
    size_t size;
    /// Connects; sets the callback's rate_hz, block_frames and has_clock. On failure nothing is
    /// left: close is not called.
    enum km_status (*open)(void *instance, const struct km_backend_setup *setup,
                           struct km_error *error);
    /// Begins to call km_callback_process. Stop is called only after a start that succeeded.
    enum km_status (*start)(void *instance, struct km_error *error);
    void (*stop)(void *instance);
    void (*close)(void *instance);
    /// Looks whether the device is still there, where that is not told; null: it is.
    void (*look)(void *instance);
    /// Why nothing plays any more, in a sentence.
    const char *(*gone)(void *instance);
    /// Turns the clock by hand; null where the device turns it.
    void (*advance)(void *instance, uint64_t frames, float *left, float *right);
};

/// Where an encoder's bytes go.
struct km_codec_stream {
    bool (*write)(void *context, const void *bytes, size_t size); ///< All, or false.
    bool (*seek)(void *context, uint64_t position);
    void *context;
};

struct km_codec_config {
    uint32_t rate_hz;
    bool is_ogg; ///< Else FLAC.
    enum km_audio_encoding encoding;
    double ogg_quality;
    const char *title; ///< May be null.
};

/// Encoder and decoder of libsndfile. All functions are [control].
struct km_codec {
    /// Both channels interleaved. The stream is copied.
    enum km_status (*open)(const struct km_codec_config *config,
                           const struct km_codec_stream *stream, void **encoder,
                           struct km_error *error);
    /// Whole numbers of 16 bit, of 24 bit in the upper three bytes, or floats; false is a failure,
    /// mostly of the stream.
    bool (*write_int16)(void *encoder, const int16_t *samples, uint32_t frames);
    bool (*write_int24)(void *encoder, const int32_t *samples, uint32_t frames);
    bool (*write_float)(void *encoder, const float *samples, uint32_t frames);
    bool (*close)(void *encoder);
};

/// The loudness meter of libebur128. All functions are [control].
struct km_meter {
    void *(*open)(uint32_t rate_hz);
    bool (*add)(void *meter, const float *interleaved, uint32_t frames);
    struct km_loudness_result (*result)(void *meter);
    void (*close)(void *meter);
};

enum { KM_MODULE_ABI = 1 };

/// What a module shows of itself, under the name km_module. One of the pointers is set.
struct km_module {
    uint32_t abi; ///< KM_MODULE_ABI; first in every version.
    const struct km_backend *backend;
    const struct km_codec *codec;
    const struct km_meter *meter;
};

KM_C_END

#endif
