// SPDX-License-Identifier: MIT

/// A stem: one note of one preset, as a synthesiser rendered it.
#ifndef KM_TESTS_QUALITY_STEM_H
#define KM_TESTS_QUALITY_STEM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    STEM_RATE_HZ = 48000,
    STEM_BLOCK_FRAMES = 64,
    STEM_NOTE_FRAMES = 750 * STEM_BLOCK_FRAMES,  ///< How long the key is down: one second.
    STEM_FRAMES_MAX = 3000 * STEM_BLOCK_FRAMES,  ///< Then up to three seconds of release.
    STEM_SILENCE_FRAMES = 96 * STEM_BLOCK_FRAMES ///< After so much of it a stem ends.
};

/// What is played.
struct stem_note {
    uint16_t bank; ///< 128: percussion.
    uint8_t program;
    uint8_t key;
    uint8_t velocity;
};

/// Samples at STEM_RATE_HZ; the note begins in frame 0. What lies beyond `frames` is silence.
struct stem {
    float left[STEM_FRAMES_MAX];
    float right[STEM_FRAMES_MAX];
    size_t frames;
};

/// Renders the next STEM_BLOCK_FRAMES frames.
typedef void stem_block(void *context, float *left, float *right);

/// Renders a whole stem with these: `block` after the note's begin, `note_off` once.
void stem_render(struct stem *stem, void *context, stem_block *block, void (*note_off)(void *));

#endif
