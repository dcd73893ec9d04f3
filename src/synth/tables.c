// SPDX-License-Identifier: MIT

#include "synth/tables_private.h"

#include "base/check.h"
#include "base/math.h"

// What bits 8 to 11 of an SFModulator word say (SoundFont 2.04, 8.2).
enum { CURVE_NEGATIVE = 1, CURVE_BIPOLAR = 2, CURVE_TYPE_SHIFT = 2 };
enum { CURVE_LINEAR, CURVE_CONCAVE, CURVE_CONVEX, CURVE_SWITCH };

static const double frequency_of_cents_0 = 8.17579891564370733; // Of MIDI key 0.
static const double cutoff_of_rate_max = 0.45;

// 9.5.3's convex curve, with 96 dB for the whole way. Its formula gives .12 at 1; at 0, where it
// has no value, the curve ends.
static double convex_of(double place)
{
    if (place <= 0.0) {
        return 0.0;
    }
    if (place >= 127.0) {
        return 1.0;
    }
    const double fall = -400.0 / KM_DECAY_CENTIBELS * km_log(place / 127.0) / km_log(10.0);
    return 1.0 - fall;
}

static double concave_of(double place)
{
    return 1.0 - convex_of(127.0 - place);
}

// `value` is 0 to 1 and runs in the direction wanted.
static double unipolar_of(unsigned int type, double value)
{
    switch (type) {
    case CURVE_CONCAVE:
        return concave_of(127.0 * value);
    case CURVE_CONVEX:
        return convex_of(127.0 * value);
    case CURVE_SWITCH:
        return value >= 0.5 ? 1.0 : 0.0;
    default:
        return value;
    }
}

static double curve_of(unsigned int curve, double value)
{
    const unsigned int type = curve >> CURVE_TYPE_SHIFT;
    const double run = curve & CURVE_NEGATIVE ? 1.0 - value : value;
    if (!(curve & CURVE_BIPOLAR)) {
        return type == CURVE_SWITCH && curve & CURVE_NEGATIVE ? 1.0 - unipolar_of(type, value)
                                                              : unipolar_of(type, run);
    }
    const double signed_run = 2.0 * run - 1.0;
    if (type == CURVE_SWITCH) {
        const double up = value >= 0.5 ? 1.0 : -1.0;
        return curve & CURVE_NEGATIVE ? -up : up;
    }
    return signed_run >= 0.0 ? unipolar_of(type, signed_run) : -unipolar_of(type, -signed_run);
}

static void fill_cutoffs(struct km_tables *tables)
{
    const uint32_t count = sizeof(tables->cutoff) / sizeof(tables->cutoff[0]);
    for (uint32_t i = 0; i < count; ++i) {
        const double cents = KM_TABLE_CUTOFF_LOW + (double)i * KM_TABLE_CUTOFF_STEP;
        const double hz = frequency_of_cents_0 * km_exp2(cents / KM_TABLE_OCTAVE);
        const double turn = km_clamp(hz / tables->rate_hz, 0.0, cutoff_of_rate_max) * KM_PI;
        tables->cutoff[i] = (float)(km_sin(turn) / km_cos(turn));
    }
}

void km_tables_init(struct km_tables *tables, uint32_t rate_hz)
{
    KM_CHECK(rate_hz > 0);
    tables->rate_hz = (double)rate_hz;
    for (uint32_t i = 0; i <= KM_TABLE_OCTAVE; ++i) {
        tables->ratio[i] = km_exp2((double)i / KM_TABLE_OCTAVE);
    }
    for (uint32_t i = 0; i < KM_TABLE_GAIN_MAX + 2; ++i) {
        tables->gain[i] = (float)km_pow(10.0, -(double)i / 200.0);
    }
    for (uint32_t i = 0; i < 2 * KM_TABLE_PAN_HALF + 2; ++i) {
        const double turn = km_clamp((double)i / (2.0 * KM_TABLE_PAN_HALF), 0.0, 1.0);
        tables->pan[i] = (float)km_sin(turn * KM_PI / 2.0);
    }
    tables->pan[0] = 0.0f;
    for (uint32_t i = 0; i < 129; ++i) {
        tables->convex[i] = (float)convex_of((double)i);
    }
    for (uint32_t curve = 0; curve < KM_TABLE_CURVES; ++curve) {
        for (uint32_t value = 0; value < 128; ++value) {
            tables->curves[curve][value] = (float)curve_of(curve, (double)value / 128.0);
        }
    }
    fill_cutoffs(tables);
}

float km_tables_curve(const struct km_tables *tables, uint16_t source, float value)
{
    const uint32_t curve = (source >> 8) % KM_TABLE_CURVES;
    if (curve >> CURVE_TYPE_SHIFT == CURVE_LINEAR) {
        const float run = curve & CURVE_NEGATIVE ? 1.0f - value : value;
        return curve & CURVE_BIPOLAR ? 2.0f * run - 1.0f : run;
    }
    const float held = value > 0.0f ? (value < 1.0f ? value : 1.0f) : 0.0f;
    return tables->curves[curve][(uint32_t)(held * 127.0f + 0.5f)];
}
