// SPDX-License-Identifier: MIT

/// FluidSynth as the reference: Debian's library, which only tests use.
#ifndef KM_TESTS_QUALITY_FLUID_H
#define KM_TESTS_QUALITY_FLUID_H

#include "quality/stem.h"

struct fluid;

/// Zero-initialised: how the reference is rendered.
struct fluid_config {
    int interpolation;        ///< Order: 0 is 4, else 1, 4, 7.
    double gain;              ///< 0: .2, FluidSynth's own default.
    double sharp_cents;       ///< All notes; whole cents.
    double release_timecents; ///< Longer release: 1200 doubles it.
};

/// Effects off, polyphony 256. Null if the font cannot be loaded.
struct fluid *fluid_open(const char *font, const struct fluid_config *config);
void fluid_close(struct fluid *fluid);

/// The presets of the font as bank and program, up to `max`: how many there are.
size_t fluid_presets(struct fluid *fluid, struct stem_note *presets, size_t max);

/// The preset's name as the font has it.
const char *fluid_preset_name_of(struct fluid *fluid, uint16_t bank, uint8_t program);

/// Whether this note starts any voice.
bool fluid_sounds(struct fluid *fluid, const struct stem_note *note);

void fluid_render(struct fluid *fluid, const struct stem_note *note, struct stem *stem);

#endif
