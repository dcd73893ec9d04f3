// SPDX-License-Identifier: MIT

/// Whether an instrument is all that font/instrument.h promises: for tests and fuzz targets.
#ifndef KM_TESTS_SUPPORT_INSTRUMENT_CHECK_H
#define KM_TESTS_SUPPORT_INSTRUMENT_CHECK_H

#include "font/instrument.h"
#include "support/expect.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/// The block that everything must lie in.
struct instrument_pool {
    const unsigned char *block;
    size_t size;
};

static inline void expect_inside(const struct instrument_pool *pool, const void *memory,
                                 size_t size)
{
    const unsigned char *const start = memory;
    EXPECT(start >= pool->block && size <= pool->size);
    EXPECT((size_t)(start - pool->block) <= pool->size - size);
}

static inline void expect_frames(const struct instrument_pool *pool, const struct km_region *region)
{
    EXPECT(region->rate_hz > 0);
    EXPECT(region->start < region->end && region->end <= KM_SAMPLE_FRAMES_MAX);
    expect_inside(pool, region->frames - KM_SAMPLE_MARGIN,
                  ((size_t)region->end + (size_t)2 * KM_SAMPLE_MARGIN) * sizeof(int16_t));
    for (int i = 1; i <= KM_SAMPLE_MARGIN; ++i) {
        EXPECT(region->frames[-i] == 0);
    }
    if (region->loop_mode == KM_LOOP_NONE) {
        EXPECT(region->loop_start == 0 && region->loop_end == 0);
        return;
    }
    EXPECT(region->loop_mode == KM_LOOP_ALWAYS || region->loop_mode == KM_LOOP_UNTIL_RELEASE);
    EXPECT(region->loop_start + KM_LOOP_FRAMES_MIN <= region->loop_end);
    EXPECT(region->loop_end <= region->end && region->start < region->loop_end);
}

static inline void expect_generators(const struct km_region *region)
{
    static const struct {
        int low, high;
    } ranges[KM_GENERATORS_COUNT] = {
#define KM_GENERATOR(NAME, number, lowest, highest, value) [number] = {lowest, highest},
#include "font/generators.def"
#undef KM_GENERATOR
    };
    for (int i = 0; i < KM_GENERATORS_COUNT; ++i) {
        const int value = region->generators[i];
        // Values that are not kept are 0, also where the range lacks that.
        EXPECT(value == 0 || (value >= ranges[i].low && value <= ranges[i].high));
    }
    EXPECT(region->generators[KM_GENERATOR_SAMPLE_MODES] == region->loop_mode);
    EXPECT(region->generators[KM_GENERATOR_FILTER_CUTOFF] >= 1500);
}

static inline void expect_modulators(const struct instrument_pool *pool,
                                     const struct km_region *region)
{
    EXPECT(region->modulator_count <= KM_MODULATORS_MAX);
    expect_inside(pool, region->modulators,
                  region->modulator_count * sizeof(region->modulators[0]));
    for (uint32_t i = 0; i < region->modulator_count; ++i) {
        const struct km_modulator *const modulator = &region->modulators[i];
        EXPECT(modulator->amount != 0 && modulator->destination < KM_GENERATORS_COUNT);
        EXPECT(modulator->transform == 0 || modulator->transform == 2);
        EXPECT((modulator->source & 0x7F) != 0 && (modulator->source & 0xFF) != 127);
        EXPECT(modulator->source >> 10 <= 3 && modulator->amount_source >> 10 <= 3);
    }
}

static inline void expect_key_index(const struct instrument_pool *pool,
                                    const struct km_instrument *instrument)
{
    EXPECT(instrument->key_starts[0] == 0);
    expect_inside(pool, instrument->key_regions,
                  instrument->key_starts[128] * sizeof(instrument->key_regions[0]));
    for (uint32_t key = 0; key < 128; ++key) {
        uint32_t place = instrument->key_starts[key];
        for (uint32_t i = 0; i < instrument->region_count; ++i) {
            const struct km_region *const region = &instrument->regions[i];
            const bool has_key = region->key_low <= key && key <= region->key_high;
            EXPECT(!has_key || (place < instrument->key_starts[key + 1] &&
                                instrument->key_regions[place] == i));
            place += has_key;
        }
        EXPECT(place == instrument->key_starts[key + 1]);
    }
}

static inline void expect_valid_instrument(const struct instrument_pool *pool,
                                           const struct km_instrument *instrument)
{
    expect_inside(pool, instrument, sizeof(*instrument));
    EXPECT(instrument->region_count <= KM_REGIONS_MAX && instrument->program <= 127);
    EXPECT(instrument->name[KM_INSTRUMENT_NAME_SIZE - 1] == '\0');
    expect_inside(pool, instrument->regions,
                  instrument->region_count * sizeof(instrument->regions[0]));
    for (uint32_t i = 0; i < instrument->region_count; ++i) {
        const struct km_region *const region = &instrument->regions[i];
        EXPECT(region->key_low <= region->key_high && region->key_high <= 127);
        EXPECT(region->velocity_low <= region->velocity_high && region->velocity_high <= 127);
        EXPECT(region->root_key <= 127 && region->exclusive_class <= 127);
        EXPECT(region->fixed_key >= -1 && region->fixed_velocity >= -1);
        EXPECT(region->stereo_region < (int32_t)instrument->region_count);
        EXPECT(region->stereo_region < 0 ||
               instrument->regions[region->stereo_region].stereo_region == (int32_t)i);
        expect_frames(pool, region);
        expect_generators(region);
        expect_modulators(pool, region);
    }
    expect_key_index(pool, instrument);
}

#endif
