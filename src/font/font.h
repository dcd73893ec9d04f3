// SPDX-License-Identifier: MIT

/// A SoundFont file, opened: what presets it has. Their samples stay in the file until a bank
/// (bank.h) loads an instrument.
///
/// SoundFont 2.00 to 2.04 (.sf2), and SF3, whose samples are Ogg Vorbis, where the module
/// kmidi-sndfile.so is there. Every size, index and offset in the file is checked; what can be used
/// is used, with a warning, and the rest refused with a message that names the file, the chunk and
/// the byte.
#ifndef KM_FONT_FONT_H
#define KM_FONT_FONT_H

#include "base/attributes.h"
#include "base/status.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

KM_C_BEGIN

struct km_font;
struct km_heap;

struct km_font_preset {
    uint16_t bank;
    uint16_t program;
    char name[24]; ///< Printable UTF-8.
};

/// What was odd in a file that is still used.
struct km_font_warnings {
    uint32_t count;
    char first_message[256];
};

/// Opens a font on the heap's working account. `warnings` may be null.  [control]
KM_NODISCARD enum km_status km_font_open(struct km_heap *heap, const char *path,
                                         struct km_font **font, struct km_font_warnings *warnings,
                                         struct km_error *error);

/// Null does nothing. Instruments that were loaded from it stay.  [control]
void km_font_free(struct km_font *font);

/// The presets, by bank and program.  [control]
const struct km_font_preset *km_font_presets(const struct km_font *font, size_t *count);

/// The preset that stands for a bank and program, by GM's rules: the same program in bank 0 if the
/// bank lacks it; for percussion (bank 128) kit 0; at last the font's first preset. False if the
/// font has none; else `found`, its bank and program, is set.  [control]
bool km_font_resolve(const struct km_font *font, uint16_t bank, uint8_t program, uint16_t found[2]);

/// The file's path, as it was opened.  [control]
const char *km_font_path(const struct km_font *font);

/// The name that the font calls itself by, printable UTF-8; may be empty.  [control]
const char *km_font_name(const struct km_font *font);

/// Bytes of all samples as 16-bit frames: what the whole font would need in a pool.  [control]
uint64_t km_font_sample_bytes(const struct km_font *font);

/// Finds the default font: `wish` (may be null), else KMIDI_SOUNDFONT, else what Debian's packages
/// install, timgm6mb-soundfont first. Copies its path. KM_ERROR_NOT_FOUND says which package to
/// install.  [control]
KM_NODISCARD enum km_status km_font_find(const char *wish, char *path, size_t path_size,
                                         struct km_error *error);

KM_C_END

#endif
