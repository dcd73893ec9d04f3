// SPDX-License-Identifier: MIT

// The volume envelope of a region at a key, for the loudness estimate.

#include "base/math.h"
#include "engine/level_private.h"

#include <stddef.h>

#define ATTENUATION_SHARE 0.4 // Of the font's own attenuation that counts, as in the synth.
#define ENVELOPE_DECIBELS 96.0

static double seconds_of(int timecents)
{
    return timecents <= -12000 ? 0.001 : km_exp2(timecents / 1200.0);
}

static double power_of_decibels(double decibels)
{
    return km_pow(10.0, decibels / 10.0);
}

void km_fades_init(struct km_fades *fades)
{
    for (size_t i = 0; i < sizeof(fades->powers) / sizeof(fades->powers[0]); ++i) {
        fades->powers[i] = power_of_decibels(-(double)i / KM_FADES_PER_DECIBEL);
    }
}

static struct km_level_envelope envelope_of(const struct km_region *region, uint8_t key)
{
    const int16_t *const g = region->generators;
    const int from_middle = 60 - key;
    return (struct km_level_envelope){
        .attack = seconds_of(g[KM_GENERATOR_VOLUME_ENVELOPE_ATTACK]),
        .hold = seconds_of(g[KM_GENERATOR_VOLUME_ENVELOPE_HOLD] +
                           g[KM_GENERATOR_KEY_TO_VOLUME_ENVELOPE_HOLD] * from_middle),
        .decay = seconds_of(g[KM_GENERATOR_VOLUME_ENVELOPE_DECAY] +
                            g[KM_GENERATOR_KEY_TO_VOLUME_ENVELOPE_DECAY] * from_middle),
        .release = seconds_of(g[KM_GENERATOR_VOLUME_ENVELOPE_RELEASE]),
        .sustain_decibels =
            -km_clamp(g[KM_GENERATOR_VOLUME_ENVELOPE_SUSTAIN] / 10.0, 0.0, ENVELOPE_DECIBELS)};
}

// The power of so many decibels, 0 or less.
static double faded(const struct km_fades *fades, double decibels)
{
    const double place = -decibels * KM_FADES_PER_DECIBEL;
    if (!(place < KM_FADES_PER_DECIBEL * KM_FADES_DECIBELS)) {
        return 0.0;
    }
    const uint32_t step = (uint32_t)place;
    const double *const powers = &fades->powers[step];
    return powers[0] + (powers[1] - powers[0]) * (place - step);
}

double km_level_envelope_power(const struct km_level_envelope *e, const struct km_fades *fades,
                               double t, double length)
{
    const double held = t < length ? t : length;
    double decibels = 0.0;
    double attack = 1.0;
    if (held < e->attack) {
        attack = held / e->attack;
    } else if (held > e->attack + e->hold) {
        decibels = -ENVELOPE_DECIBELS * (held - e->attack - e->hold) / e->decay;
        decibels = decibels > e->sustain_decibels ? decibels : e->sustain_decibels;
    }
    if (t > length) {
        decibels -= ENVELOPE_DECIBELS * (t - length) / e->release;
    }
    return attack * attack * faded(fades, decibels);
}

void km_level_shape_init(struct km_level_shape *shape, const struct km_region *region, uint8_t key)
{
    const double attenuation =
        ATTENUATION_SHARE * region->generators[KM_GENERATOR_ATTENUATION] / 10.0;
    *shape = (struct km_level_shape){.region = region,
                                     .key = key,
                                     .power = power_of_decibels(-attenuation),
                                     .rate = region->rate_hz *
                                             km_exp2(km_profile_cents(region, key) / 1200.0),
                                     .envelope = envelope_of(region, key)};
}
