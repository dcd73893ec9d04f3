// SPDX-License-Identifier: MIT

/// A preset as a list of regions: each of its zones with each zone of its instrument, where they
/// overlap (SoundFont 2.04, 9.4).
#ifndef KM_FONT_FLATTEN_PRIVATE_H
#define KM_FONT_FLATTEN_PRIVATE_H

#include "font/font_private.h"

enum {
    /// Zones of a preset times zones of its instruments that are looked at. More is refused: only a
    /// file that is made to take long has them.
    KM_FLAT_PAIRS_MAX = 1 << 18,
};

struct km_flat_region {
    struct km_region region; ///< `frames` and `modulators` are null.
    uint32_t modulator_first;
    uint32_t sample;
};

/// Zero-initialised with a heap: empty.
struct km_flat {
    struct km_heap *heap;
    struct km_flat_region *regions;
    struct km_modulator *modulators; ///< Regions in a row with the same ones share them.
    uint32_t region_count, region_capacity;
    uint32_t modulator_count, modulator_capacity;
};

/// Fills `flat`, which is empty, with the regions of a preset (an index).  [control]
KM_NODISCARD enum km_status km_flatten(const struct km_font *font, uint32_t preset,
                                       struct km_flat *flat, struct km_error *error);

/// Gives its memory back.  [control]
void km_flat_release(struct km_flat *flat);

#endif
