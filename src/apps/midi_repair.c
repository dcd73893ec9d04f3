// SPDX-License-Identifier: MIT

// kmidi midi repair: a broken MIDI file as every player can read it.

#include "apps/midi_files.h"

struct settings {
    struct km_midi_common common;
};

static const struct settings defaults = {0};

static const struct km_option options[] = {
    KM_MIDI_COMMON_OPTIONS("where the repaired file goes; - is standard output"), {0}};

static enum km_status edit(void *context, struct km_midi_job *job, const struct km_midi_edit *edit,
                           struct km_error *error)
{
    (void)context;
    return km_midi_repair(edit, &job->report, error);
}

static int run(struct km_context *context, const void *settings_given,
               const struct km_arguments *arguments)
{
    const struct settings *const settings = settings_given;
    struct km_midi_job job = {.context = context,
                              .command = "midi repair",
                              .input_path = arguments->values[0],
                              .output_path = settings->common.output,
                              .is_strict = settings->common.is_strict,
                              .edit = edit};
    return km_midi_job_run(&job);
}

const struct km_command km_command_midi_repair = {
    .name = "midi repair",
    .synopsis = "X.mid -o Y.mid [--strict]",
    .summary = "Write a broken MIDI file as every player can read it",
    .details =
        "What nobody can read is left out, what is missing is added, lengths and counts are put "
        "right, by the rules of docs/midi-tolerance.md: kmidi midi check tells them beforehand. "
        "Then check finds nothing any more. A note that is never let go ends with its track, and "
        "the end of a note that never began is left out. All else stays as it is, byte for byte: "
        "unknown chunks, RIFF around the file, running status, note-offs of either kind. A file "
        "without a fault comes back the same.\n\n"
        "Files may be of any size: memory stays small. Y.mid appears whole or not at all and may "
        "be X.mid itself; X.mid may be - for standard input.",
    .example = "kmidi midi repair broken.mid -o whole.mid\n"
               "kmidi midi repair song.mid -o song.mid --json",
    .options = options,
    .defaults = &defaults,
    .settings_size = sizeof(struct settings),
    .arguments_min = 1,
    .arguments_max = 1,
    .run = run,
};
