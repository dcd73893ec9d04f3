// SPDX-License-Identifier: MIT

/// What lies in the pieces of a bank's pool: samples with their margins, and instruments.
#ifndef KM_FONT_BANK_PRIVATE_H
#define KM_FONT_BANK_PRIVATE_H

#include "font/flatten_private.h"

/// Bytes of a sample with both margins.  [any]
size_t km_sample_size(const struct km_font_sample *sample);

/// Reads a sample's frames from the file, or decodes them, between two margins of silence.
/// [control]
KM_NODISCARD enum km_status km_sample_read(struct km_font *font,
                                           const struct km_font_sample *sample, int16_t *piece,
                                           struct km_error *error);

/// Bytes of an instrument with all that belongs to it but its samples.  [any]
size_t km_instrument_size(const struct km_flat *flat);

/// Writes an instrument and all that belongs to it into its piece; the regions' frames are set.
/// [control]
void km_instrument_write(struct km_instrument *piece, const struct km_flat *flat,
                         const struct km_font_preset *preset);

#endif
