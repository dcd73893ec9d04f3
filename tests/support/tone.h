// SPDX-License-Identifier: MIT

/// Instruments made by hand, without a font file: a sine in a few equal regions, or anything that
/// the loader could make of a font.
#ifndef KM_TESTS_SUPPORT_TONE_H
#define KM_TESTS_SUPPORT_TONE_H

#include "base/math.h"
#include "base/random.h"
#include "font/instrument.h"
#include "midi/event.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

enum {
    RIG_RATE = 48000,
    RIG_PERIOD = 100, ///< Frames of the sine's period: 480 Hz at RIG_RATE.
    RIG_PERIODS = 8,
    RIG_REGIONS_MAX = 8,
    RIG_ROOT_KEY = 60,
    RIG_AMPLITUDE = 16384,
};

/// One looped sample, and an instrument of a few regions that play it.
struct rig_instrument {
    struct km_instrument instrument;
    struct km_region regions[RIG_REGIONS_MAX];
    struct km_modulator modulators[24];
    uint16_t key_regions[KM_KEYS_COUNT * RIG_REGIONS_MAX];
    int16_t sample[2 * KM_SAMPLE_MARGIN + RIG_PERIOD * RIG_PERIODS];
};

/// Default modulators of SoundFont 2.04, 8.4, as FluidSynth has them.
static const struct km_modulator rig_modulators[] = {
    {0x0502, 0, KM_GENERATOR_ATTENUATION, 0, 960},
    {0x000D, 0, KM_GENERATOR_VIBRATO_LFO_TO_PITCH, 0, 50},
    {0x0081, 0, KM_GENERATOR_VIBRATO_LFO_TO_PITCH, 0, 50},
    {0x0587, 0, KM_GENERATOR_ATTENUATION, 0, 960},
    {0x028A, 0, KM_GENERATOR_PAN, 0, 500},
    {0x058B, 0, KM_GENERATOR_ATTENUATION, 0, 960},
    {0x00DB, 0, KM_GENERATOR_REVERB_SEND, 0, 200},
    {0x00DD, 0, KM_GENERATOR_CHORUS_SEND, 0, 200},
};

/// The region's generators as a font leaves them that sets none.
static inline void rig_region_init(struct rig_instrument *rig, struct km_region *region)
{
#define KM_GENERATOR(NAME, number, low, high, preset) region->generators[number] = (preset);
#include "font/generators.def"
#undef KM_GENERATOR
    region->key_high = region->velocity_high = 127;
    region->loop_mode = KM_LOOP_ALWAYS;
    region->root_key = RIG_ROOT_KEY;
    region->fixed_key = region->fixed_velocity = -1;
    region->rate_hz = RIG_RATE;
    region->end = region->loop_end = RIG_PERIOD * RIG_PERIODS;
    region->stereo_region = -1;
    region->frames = rig->sample + KM_SAMPLE_MARGIN;
    region->modulators = rig->modulators;
    region->modulator_count = sizeof(rig_modulators) / sizeof(rig_modulators[0]);
}

/// Indexes the regions' key ranges: again after these were changed.
static inline void rig_instrument_index(struct rig_instrument *rig)
{
    struct km_instrument *const instrument = &rig->instrument;
    uint32_t count = 0;
    for (uint32_t key = 0; key < KM_KEYS_COUNT; ++key) {
        instrument->key_starts[key] = count;
        for (uint32_t i = 0; i < instrument->region_count; ++i) {
            if (key >= rig->regions[i].key_low && key <= rig->regions[i].key_high) {
                rig->key_regions[count++] = (uint16_t)i;
            }
        }
    }
    instrument->key_starts[KM_KEYS_COUNT] = count;
}

/// A sine with `regions` equal regions.
static inline void rig_instrument_init(struct rig_instrument *rig, uint32_t regions)
{
    memset(rig, 0, sizeof(*rig));
    for (uint32_t i = 0; i < RIG_PERIOD * RIG_PERIODS; ++i) {
        rig->sample[KM_SAMPLE_MARGIN + i] = (int16_t)km_round(
            RIG_AMPLITUDE * km_sin(2.0 * KM_PI * (double)(i % RIG_PERIOD) / RIG_PERIOD));
    }
    memcpy(rig->modulators, rig_modulators, sizeof(rig_modulators));
    for (uint32_t i = 0; i < regions; ++i) {
        rig_region_init(rig, &rig->regions[i]);
    }
    rig->instrument.region_count = regions;
    rig->instrument.regions = rig->regions;
    rig->instrument.key_regions = rig->key_regions;
    rig_instrument_index(rig);
}

static inline int16_t rig_random_value(struct km_random *random, int32_t low, int32_t high,
                                       int32_t preset)
{
    // Mostly as set by nobody, at times on an edge, else anything.
    switch (km_random_below(random, 8)) {
    case 0:
        return (int16_t)low;
    case 1:
        return (int16_t)high;
    case 2:
    case 3:
        return (int16_t)km_random_between(random, low, high);
    default:
        return (int16_t)preset;
    }
}

static inline void rig_random_modulator(struct km_random *random, struct km_modulator *modulator)
{
    static const uint8_t sources[] = {0, 2, 3, 10, 13, 14, 16};
    static const uint8_t destinations[] = {5,  6,  7,  8,  9,  10, 11, 13, 15, 16, 17, 21, 22, 23,
                                           24, 26, 28, 29, 30, 34, 35, 36, 37, 38, 48, 51, 52};
    uint16_t words[2];
    for (int i = 0; i < 2; ++i) {
        const uint32_t number = km_random_chance(random, 0.5)
                                    ? sources[km_random_below(random, sizeof(sources))]
                                    : 0x80U + km_random_below(random, 96);
        words[i] = (uint16_t)(km_random_below(random, 16) << 8 | number);
    }
    *modulator = (struct km_modulator){
        .source = words[0],
        .amount_source = words[1],
        .destination = destinations[km_random_below(random, sizeof(destinations))],
        .transform = km_random_chance(random, 0.2) ? 2 : 0,
        .amount = (int16_t)km_random_between(random, -32768, 32767),
    };
}

static inline void rig_random_loop(struct km_random *random, struct km_region *region)
{
    static const uint8_t modes[] = {KM_LOOP_NONE, KM_LOOP_ALWAYS, KM_LOOP_UNTIL_RELEASE};
    const uint32_t frames = RIG_PERIOD * RIG_PERIODS;
    region->start = km_random_below(random, frames - 4);
    region->end = region->start + 4 + km_random_below(random, frames - region->start - 3);
    region->loop_mode = modes[km_random_below(random, sizeof(modes))];
    region->loop_start = region->start + km_random_below(random, region->end - region->start - 2);
    region->loop_end =
        region->loop_start + 2 + km_random_below(random, region->end - region->loop_start - 1);
}

/// Whatever a font could hold.
static inline void rig_instrument_random(struct rig_instrument *rig, struct km_random *random)
{
    rig_instrument_init(rig, 1 + km_random_below(random, RIG_REGIONS_MAX));
    for (uint32_t i = 0; i < sizeof(rig->sample) / sizeof(rig->sample[0]); ++i) {
        rig->sample[i] = (int16_t)km_random_between(random, -32768, 32767);
    }
    for (uint32_t i = 0; i < 8; ++i) {
        rig_random_modulator(
            random, &rig->modulators[sizeof(rig_modulators) / sizeof(rig_modulators[0]) + i]);
    }
    for (uint32_t i = 0; i < rig->instrument.region_count; ++i) {
        struct km_region *const region = &rig->regions[i];
#define KM_GENERATOR(NAME, number, low, high, preset)                                              \
    region->generators[number] = rig_random_value(random, low, high, preset);
#include "font/generators.def"
#undef KM_GENERATOR
        rig_random_loop(random, region);
        region->key_low = (uint8_t)km_random_below(random, 64);
        region->velocity_low = (uint8_t)km_random_below(random, 64);
        region->exclusive_class = (uint8_t)(km_random_chance(random, 0.2) ? 1 : 0);
        region->root_key = (uint8_t)km_random_below(random, 128);
        region->fixed_key = (int8_t)(km_random_chance(random, 0.1) ? 127 : -1);
        region->fixed_velocity = (int8_t)(km_random_chance(random, 0.1) ? 1 : -1);
        region->correction_cents = (int8_t)km_random_between(random, -128, 127);
        region->rate_hz = (uint32_t)km_random_between(random, 400, 192000);
        region->modulator_count = (uint16_t)(region->modulator_count + km_random_below(random, 9));
    }
    rig_instrument_index(rig);
}

#endif
