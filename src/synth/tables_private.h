// SPDX-License-Identifier: MIT

/// Functions of the synthesiser as tables, made once at setup: pitch, loudness, cutoff, pan, curves
/// of modulators. The audio thread reads them, and calls no transcendental function.
#ifndef KM_SYNTH_TABLES_PRIVATE_H
#define KM_SYNTH_TABLES_PRIVATE_H

#include "base/attributes.h"

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

enum {
    KM_TABLE_OCTAVE = 1200,     ///< Cents.
    KM_TABLE_GAIN_MAX = 1440,   ///< Centibels that are silence.
    KM_TABLE_CUTOFF_LOW = 1500, ///< Absolute cents (SoundFont 2.04, 8.1.3, number 8).
    KM_TABLE_CUTOFF_HIGH = 13500,
    KM_TABLE_CUTOFF_STEP = 8, ///< Cents from entry to entry; a power of two.
    KM_TABLE_PAN_HALF = 500,  ///< Tenths of a percent from the centre to a side.
    KM_TABLE_CURVES = 16,
    KM_TABLE_CENTS_MAX = 48000, ///< What a ratio is held within, up and down.
    KM_DECAY_CENTIBELS = 960,   ///< That an envelope falls through from 1 to 0.
};

struct km_tables {
    double ratio[KM_TABLE_OCTAVE + 1]; ///< 2^(i/1200)
    float gain[KM_TABLE_GAIN_MAX + 2]; ///< 10^(-i/200)
    float cutoff[(KM_TABLE_CUTOFF_HIGH - KM_TABLE_CUTOFF_LOW) / KM_TABLE_CUTOFF_STEP + 2];
    float pan[2 * KM_TABLE_PAN_HALF + 2]; ///< Sine of a quarter turn.
    float curves[KM_TABLE_CURVES][128];   ///< By bits 8 to 11 of an SFModulator word, then value.
    float convex[129];                    ///< Of 0 to 127, for what lies between whole values.
    double rate_hz;
};

/// Fills the tables.  [setup]
void km_tables_init(struct km_tables *tables, uint32_t rate_hz);

/// 2^(cents/1200); relative error below 5e-8, none for whole octaves.  [audio]
KM_RT static inline double km_tables_ratio(const struct km_tables *tables, double cents)
{
    const double high = KM_TABLE_CENTS_MAX;
    const double held = cents > -high ? (cents < high ? cents : high) : -high;
    const double shifted = held + high;
    const uint32_t whole = (uint32_t)shifted;
    const double fraction = shifted - (double)whole;
    const uint32_t octave = whole / KM_TABLE_OCTAVE;
    const uint32_t step = whole - octave * KM_TABLE_OCTAVE;
    const uint64_t bits = (uint64_t)(octave + 1023 - KM_TABLE_CENTS_MAX / KM_TABLE_OCTAVE) << 52;
    double power;
    memcpy(&power, &bits, sizeof(power));
    const double low = tables->ratio[step];
    return power * (low + (tables->ratio[step + 1] - low) * fraction);
}

/// 10^(-centibels/200), 1 for less than 0, 0 from KM_TABLE_GAIN_MAX on; relative error below
/// 2e-5.  [audio]
KM_RT static inline float km_tables_gain(const struct km_tables *tables, float centibels)
{
    if (!(centibels > 0.0f)) {
        return 1.0f;
    }
    if (centibels >= (float)KM_TABLE_GAIN_MAX) {
        return 0.0f;
    }
    const uint32_t whole = (uint32_t)centibels;
    const float low = tables->gain[whole];
    return low + (tables->gain[whole + 1] - low) * (centibels - (float)whole);
}

/// tan(pi f / rate) of a cutoff in absolute cents, held within the filter's range.  [audio]
KM_RT static inline float km_tables_cutoff(const struct km_tables *tables, float cents)
{
    const float high = (float)(KM_TABLE_CUTOFF_HIGH - KM_TABLE_CUTOFF_LOW);
    const float above = cents - (float)KM_TABLE_CUTOFF_LOW;
    const float held = above > 0.0f ? (above < high ? above : high) : 0.0f;
    const float place = held * (1.0f / (float)KM_TABLE_CUTOFF_STEP);
    const uint32_t whole = (uint32_t)place;
    const float low = tables->cutoff[whole];
    return low + (tables->cutoff[whole + 1] - low) * (place - (float)whole);
}

/// The right channel's share at a pan of -500 (left) to 500; the left one's is that of
/// -pan.  [audio]
KM_RT static inline float km_tables_pan(const struct km_tables *tables, float pan)
{
    const float half = (float)KM_TABLE_PAN_HALF;
    const float held = pan > -half ? (pan < half ? pan : half) : -half;
    const float place = held + half;
    const uint32_t whole = (uint32_t)place;
    const float low = tables->pan[whole];
    return low + (tables->pan[whole + 1] - low) * (place - (float)whole);
}

/// The convex curve of 0 to 1.  [audio]
KM_RT static inline float km_tables_convex(const struct km_tables *tables, float value)
{
    const float held = value > 0.0f ? (value < 1.0f ? value : 1.0f) : 0.0f;
    const float place = held * 127.0f;
    const uint32_t whole = (uint32_t)place;
    const float low = tables->convex[whole];
    return low + (tables->convex[whole + 1] - low) * (place - (float)whole);
}

/// A source's value between 0 and 1 on the curve of bits 8 to 11 of its SFModulator word. [audio]
KM_RT float km_tables_curve(const struct km_tables *tables, uint16_t source, float value);

#endif
