// SPDX-License-Identifier: MIT

/// How a font's compressed samples (SF3: Ogg Vorbis) become frames: what the module
/// kmidi-sndfile.so offers, or any other decoder that is set.
#ifndef KM_FONT_DECODER_H
#define KM_FONT_DECODER_H

#include "base/attributes.h"

#include <stddef.h>
#include <stdint.h>

KM_C_BEGIN

struct km_font;

/// What `kmidi-sndfile.so` exports under the name KM_FONT_DECODE_SYMBOL.
///
/// Decodes the `size` bytes of one Ogg Vorbis stream into mono frames (several channels: their
/// mean), which it takes from `allocate(context, bytes)`: one call at most, since the stream tells
/// its length; they are the caller's, also after a failure. Returns 0 and sets `frames` and
/// `count`; other than 0 if the bytes are no such stream, or `allocate` returned null.
struct km_font_decoder {
    int (*decode)(const void *bytes, size_t size, int16_t **frames, size_t *count,
                  void *(*allocate)(void *context, size_t size), void *context);
};

#define KM_FONT_DECODE_SYMBOL "kmidi_sndfile_decode"

/// Sets the decoder of a font, before anything is loaded from it; it must outlive the font. Without
/// it, the first compressed sample looks for the module.  [control]
void km_font_set_decoder(struct km_font *font, const struct km_font_decoder *decoder);

KM_C_END

#endif
