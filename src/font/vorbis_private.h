// SPDX-License-Identifier: MIT

/// Samples that are Ogg Vorbis streams (SF3): how long they are, and their frames.
#ifndef KM_FONT_VORBIS_PRIVATE_H
#define KM_FONT_VORBIS_PRIVATE_H

#include "base/status.h"

#include <stddef.h>
#include <stdint.h>

struct km_font;
struct km_font_reading;
struct km_font_sample;

/// Reads how many frames the Ogg stream of `size` bytes at `offset` of the file holds, from its
/// last page, without decoding it; 0 if it is none.  [control]
KM_NODISCARD enum km_status km_vorbis_frame_count(const struct km_font_reading *reading,
                                                  uint64_t offset, uint32_t size,
                                                  uint64_t *frame_count);

/// Decodes a sample into `frames`, sample->frame_count of them: where the stream has fewer, the
/// rest is silence. The error names the package where the decoder is missing.  [control]
KM_NODISCARD enum km_status km_vorbis_decode(struct km_font *font,
                                             const struct km_font_sample *sample, int16_t *frames,
                                             struct km_error *error);

#endif
