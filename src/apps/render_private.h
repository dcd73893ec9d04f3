// SPDX-License-Identifier: MIT

/// render, in its parts: the command, stems, the result as JSON.
#ifndef KM_APPS_RENDER_PRIVATE_H
#define KM_APPS_RENDER_PRIVATE_H

#include "apps/command.h"
#include "apps/sound_render.h"

#include <jansson.h>

/// The options as they were given.
struct km_render_settings {
    struct km_sound_settings sound;
    const char *output, *bits;
    int64_t block;
    bool is_stems;
};

enum { KM_STEM_PATH_SIZE = 4200 };

struct km_stem {
    char path[KM_STEM_PATH_SIZE];
    uint32_t channel; ///< From 0.
    struct km_render_result result;
};

struct km_render_job {
    const struct km_render_settings *settings;
    struct km_context *context;
    const char *input;
    struct km_sound sound;
    struct km_sound_music music;
    struct km_render_result result; ///< Of the mix; with --stems of the last.
    struct km_stem stems[KM_CHANNELS_COUNT];
    uint32_t stem_count;
};

/// Renders each channel that plays: all files, or none.  [control]
KM_NODISCARD enum km_status km_render_stems(struct km_render_job *job, struct km_error *error);

/// Tells people what stems there are.  [any]
void km_render_print_stems(const struct km_render_job *job);

/// The result; null if there is no memory.  [any]
json_t *km_render_json(const struct km_render_job *job);

#endif
