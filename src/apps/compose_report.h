// SPDX-License-Identifier: MIT

/// What compose says when it is done.
#ifndef KM_APPS_COMPOSE_REPORT_H
#define KM_APPS_COMPOSE_REPORT_H

#include "apps/command.h"
#include "apps/song_files.h"
#include "apps/sound_render.h"
#include "session/plan.h"

#include <jansson.h>

/// Files of a song, by what they hold.
enum km_song_file { KM_SONG_FILE_MIDI, KM_SONG_FILE_PLAN, KM_SONG_FILE_ROLL, KM_SONG_FILES_COUNT };

/// What there is to say. A null path: no such file was asked for.
struct km_compose_report {
    const struct km_harmony_plan *plan;
    const char *paths[KM_SONG_FILES_COUNT];
    const struct km_written_file *files; ///< KM_SONG_FILES_COUNT of them.
    const char *wav;                     ///< The audio file; null: none.
    const char *wav_sha256;
    uint64_t wav_size;
    const struct km_render_result *wav_result;
    const struct km_sound *wav_sound;
};

/// The list of files written: path, sum, size; null without memory. The caller releases it.  [any]
json_t *km_compose_files_to_json(const struct km_compose_report *report);

/// Prints which files were written, how large.  [any]
void km_compose_print_files(const struct km_compose_report *report);

/// Prints the feeling, the plan and the files for a person.  [any]
void km_compose_print(const struct km_compose_report *report, const struct km_context *context);

/// The JSON contract of compose as a new value, or null without memory.  [any]
json_t *km_compose_to_json(const struct km_compose_report *report,
                           const struct km_context *context);

/// Prints a value, which may be null for want of memory, and drops it; returns an enum
/// km_exit.  [any]
int km_compose_dump(json_t *root, const struct km_context *context);

/// Prints the JSON contract of compose; returns an enum km_exit.  [any]
int km_compose_print_json(const struct km_compose_report *report, const struct km_context *context);

#endif
