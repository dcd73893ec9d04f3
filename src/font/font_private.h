// SPDX-License-Identifier: MIT

/// A font's tables after they were checked: every index in them leads to something.
#ifndef KM_FONT_FONT_PRIVATE_H
#define KM_FONT_FONT_PRIVATE_H

#include "base/input.h"
#include "font/decoder.h"
#include "font/font.h"
#include "font/instrument.h"
#include "font/riff_private.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    /// Records of a table: what indexes of 16 bits reach. Later ones are left out, with a warning.
    KM_FONT_RECORDS_MAX = 1 << 16,
    /// Generators, and modulators, of a zone that count: each exists once, so later ones are noise.
    KM_FONT_ZONE_RECORDS_MAX = 256,
    KM_MODULATOR_DROPPED = 0xFF, ///< As `destination`.
    KM_ZONE_GLOBAL = -1,         ///< As `target`: none.
    KM_ZONE_DROPPED = -2,        ///< As `target`: it cannot be used.
    KM_LINK_NONE = -1,
};

struct km_font_generator {
    uint16_t number; ///< enum km_generator, or any other, which is ignored.
    int16_t amount;
};

struct km_font_zone {
    uint32_t generator_first;
    uint32_t modulator_first;
    uint32_t generator_count; ///< Without the one that names the target, and what follows it.
    uint32_t modulator_count;
    int32_t target; ///< An instrument of a preset's zone, a sample of an instrument's.
    uint8_t key_low, key_high;
    uint8_t velocity_low, velocity_high;
    bool has_keys;       ///< A range of its own, or else that of the global zone.
    bool has_velocities; ///< As has_keys.
};

/// A preset's, or an instrument's, zones.
struct km_font_zones {
    uint32_t first;
    uint32_t count;
    int32_t global; ///< Index of the zone that holds for all others, or -1; not one of `count`.
};

/// Presets or instruments.
struct km_font_level {
    uint32_t head_count;
    uint32_t zone_count;
    uint32_t generator_count;
    uint32_t modulator_count;
    struct km_font_zones *heads;
    struct km_font_zone *zones;
    struct km_font_generator *generators;
    struct km_modulator *modulators;
};

struct km_font_sample {
    char name[KM_INSTRUMENT_NAME_SIZE];
    uint32_t start; ///< In the smpl chunk: frames, or bytes if compressed.
    uint32_t size;  ///< As `start`.
    uint32_t frame_count;
    uint32_t loop_start; ///< Relative to the sample's first frame; may lie beyond its end.
    uint32_t loop_end;   ///< As loop_start.
    uint32_t rate_hz;    ///< Above 0.
    int32_t link;        ///< The other channel's sample, which names this one, or KM_LINK_NONE.
    uint8_t root_key;
    int8_t correction_cents;
    bool is_usable;
    bool is_compressed;
};

struct km_font {
    struct km_heap *heap;
    struct km_input input;
    char *path;
    char name[KM_INSTRUMENT_NAME_SIZE * 3];
    uint64_t frames_offset; ///< Of the smpl chunk's content.
    uint64_t frames_size;
    uint32_t preset_count;
    uint32_t sample_count;
    struct km_font_preset *presets; ///< By bank and program; preset_level.heads in the same order.
    struct km_font_level preset_level;
    struct km_font_level instrument_level;
    struct km_font_sample *samples;
    const struct km_font_decoder *decoder; ///< Null: to be looked for.
    struct km_font_decoder module;         ///< The one that was found.
};

/// A table's records as they stand in the file; the bytes are on the heap.
struct km_font_records {
    unsigned char *bytes; ///< Null if there are none.
    uint32_t count;
    uint32_t size; ///< Of a record.
};

/// Reads a table. What it holds beyond whole records, or KM_FONT_RECORDS_MAX, is left out.
/// [control]
KM_NODISCARD enum km_status km_font_read_records(struct km_font *font,
                                                 const struct km_font_reading *reading,
                                                 const struct km_font_layout *layout,
                                                 enum km_font_table table,
                                                 struct km_font_records *records);

/// Fills font->samples from shdr.  [control]
KM_NODISCARD enum km_status km_font_read_samples(struct km_font *font,
                                                 const struct km_font_reading *reading,
                                                 const struct km_font_layout *layout);

/// Fills font->instrument_level; samples must have been read.  [control]
KM_NODISCARD enum km_status km_font_read_instruments(struct km_font *font,
                                                     const struct km_font_reading *reading,
                                                     const struct km_font_layout *layout);

/// Fills font->preset_level and font->presets; instruments must have been read.  [control]
KM_NODISCARD enum km_status km_font_read_presets(struct km_font *font,
                                                 const struct km_font_reading *reading,
                                                 const struct km_font_layout *layout);

/// A name's bytes (up to `size`, or the first zero) as printable UTF-8, cut where it is full: what
/// is not UTF-8 is taken as Latin-1.  [any]
void km_font_set_name(char *name, size_t name_size, const unsigned char *bytes, size_t size);

/// Index of a preset; -1 if the font has none such.  [control]
int32_t km_font_find_preset(const struct km_font *font, uint16_t bank, uint16_t program);

#endif
