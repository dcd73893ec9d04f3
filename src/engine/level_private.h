// SPDX-License-Identifier: MIT

/// How a region sounds, as the loudness estimate sees it: the power of its sample over time, and
/// its volume envelope.
#ifndef KM_ENGINE_LEVEL_PRIVATE_H
#define KM_ENGINE_LEVEL_PRIVATE_H

#include "font/instrument.h"

#include <stdint.h>

enum {
    KM_PROFILE_WINDOW = 512,      ///< Frames of sample that one figure stands for.
    KM_PROFILE_WINDOWS_MAX = 384, ///< What comes later is as loud as the last window.
};

/// What decides how loud a sample is, besides its frames: how it is played, and filtered. Keys
/// share profiles where these are the same.
struct km_profile_tone {
    int16_t cents;               ///< By which it is transposed, rounded.
    int16_t cutoff;              ///< Of the filter, in absolute cents,
    int16_t envelope_cutoff;     ///< and what the modulation envelope adds,
    int16_t attack, hold, decay; ///< in this time, in timecents, until it
    int16_t sustain;             ///< has lost so many tenths of a percent.
    int16_t q;                   ///< Of the filter, in centibels.
    int16_t mud;                 ///< Of the production, in hundredths of a decibel.
};

/// Mean square (full scale is 1) of a sample, as the filter lets it through and K-weighted, both at
/// the pitch that it is played at.
struct km_profile {
    const int16_t *frames; ///< With start and tone: what it is a profile of.
    uint32_t start;
    struct km_profile_tone tone;
    uint16_t count; ///< Windows until the end of the sample, or until the loop sounds the same.
    uint32_t frame_count; ///< Until there; those beyond the last window are as loud as it.
    float loop_power;     ///< Of the loop then; 0 where there is none.
    float windows[KM_PROFILE_WINDOWS_MAX];
};

/// By how many cents a region transposes its sample at a key.  [control]
double km_profile_cents(const struct km_region *region, uint8_t key);

/// Without mud.  [control]
struct km_profile_tone km_profile_tone(const struct km_region *region, uint8_t key);

/// Measures a region's sample with such a tone.  [control]
void km_profile_measure(const struct km_region *region, struct km_profile_tone tone,
                        struct km_profile *profile);

/// Mean power of the frames from `position` (counted from the region's start) on.  [control]
float km_profile_at(const struct km_profile *profile, double position);

enum {
    KM_FADES_PER_DECIBEL = 16, ///< Straight lines between are good to a thousandth of a decibel.
    KM_FADES_DECIBELS = 200,   ///< What is below is silent.
};

/// Powers of decibels from 0 down.
struct km_fades {
    double powers[KM_FADES_PER_DECIBEL * KM_FADES_DECIBELS + 2];
};

/// [control]
void km_fades_init(struct km_fades *fades);

/// A volume envelope, in seconds and decibels.
struct km_level_envelope {
    double attack, hold, decay, release;
    double sustain_decibels; ///< 0 or less.
};

/// Power of the envelope `t` seconds after the note-on; the key is let go at `length`.  [control]
double km_level_envelope_power(const struct km_level_envelope *envelope,
                               const struct km_fades *fades, double t, double length);

/// How a region sounds at a key: what all its notes have in common.
struct km_level_shape {
    const struct km_region *region; ///< Null: it is not known yet.
    uint8_t key;
    double power; ///< Of the font's own attenuation.
    double rate;  ///< Frames of the sample in a second.
    struct km_level_envelope envelope;
    const struct km_profile *profile; ///< Null: there are too many.
};

/// All but the profile.  [control]
void km_level_shape_init(struct km_level_shape *shape, const struct km_region *region, uint8_t key);

#endif
