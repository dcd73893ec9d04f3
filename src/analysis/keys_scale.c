// SPDX-License-Identifier: MIT

// The scale that a piece's notes make: church modes, harmonic and melodic minor, pentatonics and
// what else modes.def has.

#include "analysis/keys_private.h"
#include "base/check.h"
#include "base/math.h"

#include <string.h>

enum { PITCHES = 12 };

static int size_of(km_pitch_set set)
{
    int size = 0;
    for (uint32_t left = set; left != 0; left &= left - 1) {
        ++size;
    }
    return size;
}

// Log likelihood, a note, of the histogram if the scale's notes sound most of the time: those
// within share all but a small part, the others share that.
static double fit(const double shares[PITCHES], km_pitch_set pitches)
{
    static const double outside_share = 0.04;
    double inside = 0.0;
    for (int pitch = 1; pitch < PITCHES; ++pitch) {
        inside += pitches >> pitch & 1U ? shares[pitch] : 0.0;
    }
    const double size = (double)(size_of(pitches) - 1);
    const double within = km_log((1.0 - outside_share) / size);
    const double without = km_log(outside_share / (PITCHES - 1 - size));
    return inside * within + (1.0 - inside) * without;
}

// What a mode costs for being unusual: chromatic notes of ordinary music must not make one.
static double rarity(enum km_mode mode)
{
    switch ((unsigned)mode) {
    case KM_MODE_IONIAN:
    case KM_MODE_AEOLIAN:
        return 0.0;
    case KM_MODE_HARMONIC_MINOR:
    case KM_MODE_DORIAN:
    case KM_MODE_MIXOLYDIAN:
    case KM_MODE_MAJOR_PENTATONIC:
    case KM_MODE_MINOR_PENTATONIC:
        return 0.02;
    case KM_MODE_MELODIC_MINOR:
    case KM_MODE_LYDIAN:
    case KM_MODE_PHRYGIAN:
    case KM_MODE_BLUES:
        return 0.03;
    default:
        return 0.06;
    }
}

void km_scale_find(const float weights[12], struct km_key key, struct km_key *scale,
                   float *confidence)
{
    KM_CHECK(scale && confidence);
    *scale = key;
    *confidence = 0.0F;
    double sum = 0.0;
    for (int step = 1; step < PITCHES; ++step) {
        sum += (double)weights[(key.tonic + step) % PITCHES];
    }
    if (sum <= 0.0) {
        return;
    }
    double shares[PITCHES] = {0.0};
    for (int step = 1; step < PITCHES; ++step) {
        shares[step] = (double)weights[(key.tonic + step) % PITCHES] / sum;
    }
    double odds[KM_MODES_COUNT];
    // The tonic is the key's: what has been found with more than a histogram.
    for (int mode = 0; mode < KM_MODES_COUNT; ++mode) {
        const bool same_third =
            km_mode_is_minor((enum km_mode)mode) == km_mode_is_minor((enum km_mode)key.mode);
        odds[mode] = fit(shares, km_mode_pitches((enum km_mode)mode)) - rarity((enum km_mode)mode) -
                     (same_third ? 0.0 : 0.3);
    }
    int best = 0;
    for (int mode = 1; mode < KM_MODES_COUNT; ++mode) {
        best = odds[mode] > odds[best] ? mode : best;
    }
    double total = 0.0;
    static const double sharpness = 40.0;
    for (int mode = 0; mode < KM_MODES_COUNT; ++mode) {
        total += km_exp(sharpness * (odds[mode] - odds[best]));
    }
    scale->mode = (uint8_t)best;
    *confidence = (float)(1.0 / total);
}
