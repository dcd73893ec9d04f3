// SPDX-License-Identifier: MIT

/// What the commands share that make one MIDI file of another: input, output, what was repaired,
/// and how it is told.
#ifndef KM_APPS_MIDI_FILES_H
#define KM_APPS_MIDI_FILES_H

#include "apps/command.h"
#include "apps/progress.h"
#include "apps/song_files.h"
#include "base/input.h"
#include "midi/edit.h"

#include <jansson.h>
#include <stdio.h>

/// Problems of an input, counted.
struct km_midi_problems {
    uint64_t total;
    uint64_t counts[KM_MIDI_FAULTS_COUNT];
    struct km_midi_problem first;
};

/// Set up the first part.
struct km_midi_job {
    struct km_context *context;
    const char *command; ///< "midi repair", for messages.
    const char *input_path;
    const char *output_path;
    bool is_strict;
    /// The edit itself; `context` is edit_context.
    enum km_status (*edit)(void *context, struct km_midi_job *job, const struct km_midi_edit *edit,
                           struct km_error *error);
    void *edit_context;

    struct km_input input;
    struct km_written_file file;
    struct km_midi_edit_report report;
    struct km_midi_problems problems;
};

/// The options that each of these commands has, for its table: a settings struct begins with this.
struct km_midi_common {
    const char *output;
    bool is_strict;
};

#define KM_MIDI_COMMON_OPTIONS(output_help)                                                        \
    {.name = "--output",                                                                           \
     .alias = "-o",                                                                                \
     .argument = "Y.mid",                                                                          \
     .help = (output_help),                                                                        \
     .kind = KM_OPTION_TEXT,                                                                       \
     .offset = offsetof(struct km_midi_common, output),                                            \
     .given_offset = KM_OPTION_NOT_NOTED},                                                         \
    {                                                                                              \
        .name = "--strict", .help = "refuse what would have to be repaired",                       \
        .kind = KM_OPTION_FLAG, .offset = offsetof(struct km_midi_common, is_strict),              \
        .given_offset = KM_OPTION_NOT_NOTED                                                        \
    }

/// A listener that counts into `problems`.  [any]
struct km_midi_listener km_midi_problems_listener(struct km_midi_problems *problems);

/// The counts by the faults' names; null if there is no memory.  [any]
json_t *km_midi_problems_json(const struct km_midi_problems *problems);

/// One line with what was repaired, or none.  [any]
void km_midi_problems_print(const struct km_midi_problems *problems, const char *path,
                            FILE *stream);

/// Opens a file to edit: a stream is spooled to a temporary file. The caller closes it.  [any]
KM_NODISCARD enum km_status km_midi_input_open(struct km_heap *heap, const char *path,
                                               struct km_input *input, struct km_error *error);

/// Puts a file's name before a message that does not begin with it.  [any]
KM_NODISCARD enum km_status km_midi_in_file(const char *path, enum km_status status,
                                            struct km_error *error);

/// Puts the name of the file that failed before the message of an edit: the output's, if its sink
/// did. Returns the error's status.  [any]
KM_NODISCARD enum km_status km_midi_in_files(const char *input, const char *output,
                                             const struct km_sink *sink, struct km_error *error);

/// Whether the result can go to `output`: KM_EXIT_DONE, or a usage error that has been told.  [any]
int km_midi_output_check(const struct km_context *context, const char *command, const char *output);

/// Reads, edits, writes and tells. Returns the exit code.  [any]
int km_midi_job_run(struct km_midi_job *job);

/// Prints `object` to standard output and releases it; null is one that there was no memory for.
/// [any]
int km_midi_print_json(const char *command, json_t *object);

/// What people call the file they give as `path`: "-" is standard input.  [any]
const char *km_midi_shown_name(const char *path);

#endif
