// SPDX-License-Identifier: MIT

/// Reads the tables of presets, or of instruments (SoundFont 2.04, 7.2 to 7.9): zones, generators,
/// modulators.
#ifndef KM_FONT_ZONES_PRIVATE_H
#define KM_FONT_ZONES_PRIVATE_H

#include "font/font_private.h"

/// Which tables make a level.
struct km_zones_kind {
    const char *end; ///< How the name of the record that ends its heads begins.
    enum km_font_table heads, bags, modulators, generators;
    uint16_t target; ///< The generator that names a zone's instrument or sample.
    uint32_t bag_at; ///< Offset of a head's bag index in its record.
};

struct km_zones_context {
    struct km_font *font;
    const struct km_font_reading *reading;
    const struct km_font_layout *layout;
    const struct km_zones_kind *kind;
    struct km_font_level *level; ///< Zeros, to be filled.
    uint32_t target_count;       ///< Instruments, or samples.
};

/// Reads a level. The records of its heads are the caller's to release, also after a failure.
/// [control]
KM_NODISCARD enum km_status km_zones_read(const struct km_zones_context *context,
                                          struct km_font_records *records);

/// Says what is odd about a record.  [control]
void km_zones_warn(const struct km_zones_context *context, enum km_font_table table, uint32_t index,
                   const char *what);

/// Allocates an array of one element more than `count`, so that none is empty.  [control]
KM_NODISCARD enum km_status km_zones_take(const struct km_zones_context *context, void **array,
                                          uint32_t count, size_t size);

#endif
