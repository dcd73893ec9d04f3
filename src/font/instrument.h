// SPDX-License-Identifier: MIT

/// A SoundFont preset as the audio thread reads it: regions, modulators and samples, all resolved
/// and checked beforehand, immutable while it is loaded.
///
/// Everything that is reached from a km_instrument lies in the sample pool (sample_pool.h), which
/// is locked memory of Side A. It is made and given back by Side B (bank.h); the audio thread only
/// reads it, and says on the return ring when it no longer does.
#ifndef KM_FONT_INSTRUMENT_H
#define KM_FONT_INSTRUMENT_H

#include "base/attributes.h"

#include <stdint.h>

KM_C_BEGIN

/// SoundFont 2.04 generators by their numbers.
enum km_generator {
#define KM_GENERATOR(NAME, number, low, high, preset) KM_GENERATOR_##NAME = (number),
#include "font/generators.def"
#undef KM_GENERATOR
    KM_GENERATORS_COUNT = 59
};

/// Of sampleModes (8.1.2, number 54).
enum km_loop_mode {
    KM_LOOP_NONE,
    KM_LOOP_ALWAYS = 1,
    KM_LOOP_UNUSED = 2, ///< Plays as KM_LOOP_NONE; the loader replaces it by that.
    KM_LOOP_UNTIL_RELEASE = 3,
};

enum {
    /// Frames of silence that stand before and after each sample in the pool, so that interpolation
    /// may read beyond both ends.
    KM_SAMPLE_MARGIN = 8,
    KM_SAMPLE_FRAMES_MAX = 1 << 28,
    KM_REGIONS_MAX = 4096,       ///< Of an instrument.
    KM_MODULATORS_MAX = 64,      ///< Of a region, the default ones included.
    KM_INSTRUMENT_NAME_SIZE = 24 ///< With its final zero.
};

/// A modulator (8.2) as it stands in the file: source operands are SFModulator words.
struct km_modulator {
    uint16_t source;
    uint16_t amount_source;
    uint8_t destination; ///< enum km_generator. Links to other modulators, and what has no source
                         ///< that 8.2.1 knows, are left out by the loader, with a warning.
    uint8_t transform;   ///< 0 linear, 2 absolute value.
    int16_t amount;
};

/// One pair of a preset's and an instrument's zone: what one voice plays.
///
/// Offsets have been applied, and checked: 0 <= start < end <= frame count, and where `loop_mode`
/// is not KM_LOOP_NONE loop_start < loop_end <= end with at least KM_LOOP_FRAMES_MIN frames of
/// loop, and start < loop_end. A region may begin inside its loop (start above loop_start). Without
/// a loop, loop_start and loop_end are 0.
///
/// What a synth does by itself, since it is no modulator here: the pitch wheel bends by the range
/// of RPN 0 (8.4.10: its destination is no generator); CC 8 balances left and right. Pan's default
/// modulator moves 500, as far as the side. Attenuation stands as in the file, in centibels;
/// FluidSynth, as the EMU8000, takes 0.4 of it.
struct km_region {
    uint8_t key_low, key_high;           ///< Both included.
    uint8_t velocity_low, velocity_high; ///< Both included.
    uint8_t loop_mode;                   ///< enum km_loop_mode
    uint8_t exclusive_class;             ///< 0: none.
    uint8_t root_key;                    ///< The zone's, or else the sample's.
    int8_t fixed_key;                    ///< -1: as played.
    int8_t fixed_velocity;               ///< -1: as played.
    int8_t correction_cents;             ///< The sample's pitch correction.
    uint16_t modulator_count;
    uint32_t rate_hz;      ///< Of the sample.
    uint32_t start;        ///< First frame that sounds, in `frames`.
    uint32_t end;          ///< Frame after the last.
    uint32_t loop_start;   ///< First frame of the loop.
    uint32_t loop_end;     ///< Frame after the loop's last: it sounds as loop_start does.
    int32_t stereo_region; ///< The other channel's region (sample link), or -1.
    const int16_t *frames; ///< The sample; KM_SAMPLE_MARGIN zeros stand before and after it.
    const struct km_modulator *modulators;   ///< Default ones (8.4) merged with the zones' own;
                                             ///< without those whose amount is 0, and those beyond
                                             ///< KM_MODULATORS_MAX. Regions may share them.
    int16_t generators[KM_GENERATORS_COUNT]; ///< Instrument's values plus the preset's, held within
                                             ///< their ranges; those that pick zones are 0, as are
                                             ///< the offsets, since they have been applied.
};

enum { KM_LOOP_FRAMES_MIN = 2 };

/// A preset.
struct km_instrument {
    uint16_t bank; ///< 128: percussion.
    uint8_t program;
    uint8_t reserved;
    uint32_t region_count; ///< Up to KM_REGIONS_MAX; 0 is an instrument that is silent.
    const struct km_region *regions;
    /// Indexes of the regions whose key range holds a key: key_regions[key_starts[key]] up to, but
    /// without, key_regions[key_starts[key + 1]]; in the order of the file.
    const uint16_t *key_regions;
    uint32_t key_starts[129];
    char name[KM_INSTRUMENT_NAME_SIZE];
};

KM_C_END

#endif
