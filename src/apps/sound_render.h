// SPDX-License-Identifier: MIT

/// Music rendered into an audio file, as fast as it goes.
#ifndef KM_APPS_SOUND_RENDER_H
#define KM_APPS_SOUND_RENDER_H

#include "apps/sound.h"
#include "drivers/audio_file.h"

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

enum {
    KM_RENDER_BLOCK_DEFAULT = 512,
    KM_RENDER_TAIL_SECONDS_MAX = 60, ///< After the music's end; what rings longer is cut.
};

struct km_render_config {
    const char *path; ///< X.wav, X.flac, X.ogg
    enum km_audio_encoding encoding;
    const char *title;                      ///< Tag; may be null.
    struct km_feed_source source;           ///< At its beginning.
    double seconds;                         ///< Length of the music, for the progress bar.
    uint32_t block_frames;                  ///< 0: the default. Changes no sample.
    uint32_t mutes;                         ///< Channels that are not heard.
    const struct km_production *production; ///< May be null.
    float pitch_drift_cents;
};

struct km_render_result {
    uint64_t frames;
    double seconds;        ///< Of sound.
    double render_seconds; ///< That it took.
    bool has_loudness;     ///< False: why stands in loudness_error.
    struct km_loudness_result loudness;
    struct km_error loudness_error;
    struct km_synth_counters synth;
    uint64_t events_late, starvations;
};

/// Renders with a sound that was built (and levelled) and never played yet. On success `file` holds
/// everything, and waits for km_audio_file_commit; on failure nothing is left.  [control]
KM_NODISCARD enum km_status km_sound_render(struct km_sound *sound,
                                            const struct km_render_config *config,
                                            struct km_audio_file **file,
                                            struct km_render_result *result,
                                            struct km_error *error);

/// Whether a path's ending names an audio file that can be written: KM_OK, or the error says which
/// there are.  [any]
KM_NODISCARD enum km_status km_render_check_path(const char *path, struct km_error *error);

/// 16, 24 or float; null is the default.  [any]
KM_NODISCARD enum km_status km_render_encoding(const char *word, enum km_audio_encoding *encoding,
                                               struct km_error *error);

/// Prints what was rendered: for people.  [any]
void km_render_print(const char *path, const struct km_render_result *result,
                     const struct km_sound *sound);

/// What was rendered, as a new object: duration, notes, voices, loudness; null if there is no
/// memory.  [any]
json_t *km_render_file_json(const char *path, const struct km_render_result *result,
                            const struct km_sound *sound);

#endif
