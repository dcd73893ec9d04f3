// SPDX-License-Identifier: MIT

#include "quality/stem.h"

#include <math.h>
#include <string.h>

static const float silence_peak = 1e-6F;

static bool is_silent(const float *left, const float *right)
{
    for (size_t i = 0; i < STEM_BLOCK_FRAMES; ++i) {
        if (fabsf(left[i]) > silence_peak || fabsf(right[i]) > silence_peak) {
            return false;
        }
    }
    return true;
}

void stem_render(struct stem *stem, void *context, stem_block *block, void (*note_off)(void *))
{
    memset(stem, 0, sizeof(*stem));
    size_t silent_frames = 0;
    for (size_t at = 0; at < STEM_FRAMES_MAX; at += STEM_BLOCK_FRAMES) {
        if (at == STEM_NOTE_FRAMES) {
            note_off(context);
        }
        block(context, stem->left + at, stem->right + at);
        stem->frames = at + STEM_BLOCK_FRAMES;
        const bool silent = is_silent(stem->left + at, stem->right + at);
        silent_frames = silent ? silent_frames + STEM_BLOCK_FRAMES : 0;
        if (at >= STEM_NOTE_FRAMES && silent_frames >= STEM_SILENCE_FRAMES) {
            return;
        }
    }
}
