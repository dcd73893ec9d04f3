// SPDX-License-Identifier: MIT

/// Loads a font's presets, one by one when they are needed, into Side A's sample pool, and gives
/// them back.
///
/// Samples that several instruments share are loaded once. The pool is a block that the engine's
/// arena holds: its size is the audio budget for samples, and never grows.
#ifndef KM_FONT_BANK_H
#define KM_FONT_BANK_H

#include "base/attributes.h"
#include "base/status.h"
#include "font/instrument.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

KM_C_BEGIN

struct km_bank;
struct km_font;
struct km_heap;

struct km_bank_usage {
    size_t pool_bytes;
    size_t used_bytes;
    size_t peak_bytes;
    uint32_t instruments;
    uint32_t samples;
};

/// A bank over `pool` (aligned to KM_SAMPLE_POOL_ALIGNMENT at least, `pool_size` bytes; it must
/// outlive the bank), with its own bookkeeping on the heap's working account. `font` must outlive
/// it. Null if the heap refuses.  [control]
KM_NODISCARD struct km_bank *km_bank_new(struct km_heap *heap, struct km_font *font, void *pool,
                                         size_t pool_size);

/// Frees the bookkeeping; null does nothing. No instrument may be in use any more.  [control]
void km_bank_free(struct km_bank *bank);

/// The preset that stands for a bank and program, by GM's rules: the same program in bank 0 if the
/// bank lacks it; for percussion (bank 128) kit 0; at last the font's first preset. False if the
/// font has none. `found_bank` and `found_program` are set.  [control]
bool km_bank_resolve(const struct km_bank *bank, uint16_t wanted_bank, uint8_t wanted_program,
                     uint16_t *found_bank, uint8_t *found_program);

/// Loads an instrument that the font has (see km_bank_resolve), or counts one more user of it if it
/// is loaded already. What does not fit is KM_ERROR_NO_MEMORY: the message names font, preset,
/// bytes needed, the pool's size and what to do.  [control]
KM_NODISCARD enum km_status km_bank_load(struct km_bank *bank, uint16_t number, uint8_t program,
                                         const struct km_instrument **instrument,
                                         struct km_error *error);

/// One user less; the last one's instrument and the samples that only it had leave the
/// pool.  [control]
void km_bank_release(struct km_bank *bank, const struct km_instrument *instrument);

/// How full the pool is.  [control]
struct km_bank_usage km_bank_usage(const struct km_bank *bank);

/// Bytes of pool that these presets need together, before anything is loaded: what an engine should
/// be configured with. `presets` are pairs of found bank and program; what the font lacks needs
/// nothing. UINT64_MAX if the heap refuses.  [control]
uint64_t km_bank_bytes_needed(struct km_font *font, const uint16_t (*presets)[2], size_t count);

KM_C_END

#endif
