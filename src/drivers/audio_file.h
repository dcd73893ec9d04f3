// SPDX-License-Identifier: MIT

/// Audio files written and read through libsndfile, in our module kmidi-sndfile.so, and loudness
/// through libebur128, in kmidi-ebur128.so; both loaded when used.
#ifndef KM_DRIVERS_AUDIO_FILE_H
#define KM_DRIVERS_AUDIO_FILE_H

#include "base/attributes.h"
#include "base/status.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

KM_C_BEGIN

struct km_audio_file;
struct km_heap;
struct km_loudness;

enum km_audio_encoding {
    KM_AUDIO_DEFAULT, ///< 16 bit for WAV and FLAC; OGG has none.
    KM_AUDIO_INT16,   ///< With triangular dither from a seeded generator.
    KM_AUDIO_INT24,
    KM_AUDIO_FLOAT, ///< WAV only.
};

struct km_audio_file_config {
    uint32_t rate_hz;
    enum km_audio_encoding encoding;
    double ogg_quality; ///< 0 to 1; 0 stands for .5.
    const char *title;  ///< Tag; may be null.
};

/// Opens X.wav (RF64 where it grows over 4 GB), X.flac or X.ogg for writing stereo; the name's
/// ending decides. The file appears whole at commit, or not at all (base/output.h). A missing
/// module or library names the package.  [control]
KM_NODISCARD enum km_status km_audio_file_create(struct km_heap *heap, const char *path,
                                                 const struct km_audio_file_config *config,
                                                 struct km_audio_file **file,
                                                 struct km_error *error);

/// Appends frames.  [control]
KM_NODISCARD enum km_status km_audio_file_write(struct km_audio_file *file, const float *left,
                                                const float *right, uint32_t frames,
                                                struct km_error *error);

/// Finishes and puts the file in its place; frees it in any case.  [control]
KM_NODISCARD enum km_status km_audio_file_commit(struct km_audio_file *file,
                                                 struct km_error *error);

/// Drops it. Null does nothing.  [control]
void km_audio_file_discard(struct km_audio_file *file);

/// A loudness meter (EBU R 128, ITU-R BS.1770-4) of a stereo stream.  [control]
KM_NODISCARD enum km_status km_loudness_new(struct km_heap *heap, uint32_t rate_hz,
                                            struct km_loudness **loudness, struct km_error *error);
void km_loudness_free(struct km_loudness *loudness);
KM_NODISCARD enum km_status km_loudness_add(struct km_loudness *loudness, const float *left,
                                            const float *right, uint32_t frames);

struct km_loudness_result {
    double integrated_lufs; ///< -infinity for silence
    double range_lu;
    double true_peak_dbtp;
    double sample_peak_db;
};

/// What was heard so far.  [control]
struct km_loudness_result km_loudness_result(struct km_loudness *loudness);

KM_C_END

#endif
