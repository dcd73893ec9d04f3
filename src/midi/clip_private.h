// SPDX-License-Identifier: MIT

/// What the reader keeps of a MIDI 2.0 clip file from step to step.
#ifndef KM_MIDI_CLIP_PRIVATE_H
#define KM_MIDI_CLIP_PRIVATE_H

#include <stdint.h>

/// Zero at the beginning.
struct km_midi_clip {
    uint64_t tick;
};

#endif
