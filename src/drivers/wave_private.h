// SPDX-License-Identifier: MIT

/// The header of WAV files, and of RF64, which they become above 4 GB.
#ifndef KM_DRIVERS_WAVE_PRIVATE_H
#define KM_DRIVERS_WAVE_PRIVATE_H

#include "base/attributes.h"
#include "drivers/audio_file.h"

#include <stddef.h>
#include <stdint.h>

KM_C_BEGIN

enum { KM_WAVE_TITLE_MAX = 255, KM_WAVE_HEADER_SIZE_MAX = 512 };

/// Bytes that a frame of both channels takes.  [any]
uint32_t km_wave_frame_bytes(enum km_audio_encoding encoding);

/// Writes the header of a file with `frames` frames, which follow it; returns its size, which does
/// not depend on `frames`: so it is written twice, first with none. A longer title is cut.  [any]
size_t km_wave_header(unsigned char header[KM_WAVE_HEADER_SIZE_MAX],
                      const struct km_audio_file_config *config, uint64_t frames);

KM_C_END

#endif
