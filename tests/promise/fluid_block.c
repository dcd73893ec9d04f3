// SPDX-License-Identifier: MIT

#include "promise/fluid_block.h"

#include <fluidsynth.h>

enum { FRAMES = 64, KEY = 60, VELOCITY = 100 };

static fluid_synth_t *synth;

void fluid_block_start(void)
{
    fluid_set_log_function(FLUID_WARN, NULL, NULL);
    synth = new_fluid_synth(new_fluid_settings());
    (void)fluid_synth_sfload(synth, "/usr/share/sounds/sf2/TimGM6mb.sf2", 1);
}

void fluid_block_render(void)
{
    float left[FRAMES];
    float right[FRAMES];
    fluid_synth_noteon(synth, 0, KEY, VELOCITY);
    fluid_synth_write_float(synth, FRAMES, left, 0, 1, right, 0, 1);
}
