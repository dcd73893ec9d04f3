// SPDX-License-Identifier: MIT

/// A file that is analysed, and all that was found in it.
#ifndef KM_APPS_ANALYZE_JOB_H
#define KM_APPS_ANALYZE_JOB_H

#include "analysis/analysis.h"
#include "analysis/piece.h"
#include "apps/command.h"
#include "groove/measure.h"
#include "midi/reader.h"

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { KM_ANALYZE_WARNINGS_MAX = 16 };

/// All about one file. About 60 KB: on the heap.
struct km_analyze_job {
    struct km_context *context;
    const char *path;
    struct km_piece piece;
    struct km_keys keys;
    struct km_chords chords;
    struct km_sections sections;
    struct km_groove_measure groove;
    struct km_heard heard;
    bool has_found_beats; ///< Tempo and metre are found in the notes, not the file's.
    struct km_midi_problem warnings[KM_ANALYZE_WARNINGS_MAX]; ///< The first ones.
    uint64_t warning_count;                                   ///< All of them.
};

/// Reads the file of the job and finds all. On failure the message names the file, and nothing is
/// to be released.  [any]
KM_NODISCARD enum km_status km_analyze_run(struct km_analyze_job *job, bool is_strict,
                                           struct km_error *error);

/// Gives back what the job holds, but not itself.  [any]
void km_analyze_release(struct km_analyze_job *job);

/// What bass a chord has: 0 its root, 1 its third (or what stands for it), 2 fifth, 3 seventh or
/// sixth; -1 if the bass is no tone of the chord.  [any]
int km_analyze_inversion(struct km_chord chord);

/// The answer as JSON; null if there is no memory.  [any]
json_t *km_analyze_to_json(const struct km_analyze_job *job);

/// Prints the answer for people.  [any]
void km_analyze_print(const struct km_analyze_job *job);

#endif
