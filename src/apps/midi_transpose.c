// SPDX-License-Identifier: MIT

// kmidi midi transpose: all notes higher or lower.

#include "apps/midi_files.h"

#include <string.h>

struct settings {
    struct km_midi_common common;
    int64_t semitones;
    bool has_semitones;
    const char *fold;
    bool moves_drums;
};

static const struct settings defaults = {0};

static const struct km_option options[] = {
    {.name = "--semitones",
     .argument = "N",
     .help = "how far up; down with a minus",
     .kind = KM_OPTION_INTEGER,
     .offset = offsetof(struct settings, semitones),
     .given_offset = offsetof(struct settings, has_semitones),
     .low = -KM_MIDI_SEMITONES_MAX,
     .high = KM_MIDI_SEMITONES_MAX},
    {.name = "--fold",
     .argument = "octave",
     .help = "move notes beyond 0 to 127 by octaves instead of refusing them",
     .kind = KM_OPTION_TEXT,
     .offset = offsetof(struct settings, fold),
     .given_offset = KM_OPTION_NOT_NOTED},
    {.name = "--drums",
     .help = "move channel 10 too",
     .kind = KM_OPTION_FLAG,
     .offset = offsetof(struct settings, moves_drums),
     .given_offset = KM_OPTION_NOT_NOTED},
    KM_MIDI_COMMON_OPTIONS("where the result goes; - is standard output"),
    {0}};

static enum km_status edit(void *context, struct km_midi_job *job, const struct km_midi_edit *edit,
                           struct km_error *error)
{
    return km_midi_transpose(edit, context, &job->report, error);
}

static int run(struct km_context *context, const void *settings_given,
               const struct km_arguments *arguments)
{
    const struct settings *const settings = settings_given;
    if (!settings->has_semitones) {
        return km_usage_error("midi transpose", "it needs --semitones N: how far up");
    }
    if (settings->fold && strcmp(settings->fold, "octave") != 0) {
        return km_usage_error("midi transpose", "--fold %.32s: expected octave", settings->fold);
    }
    struct km_midi_transpose transpose = {.semitones = (int)settings->semitones,
                                          .folds = settings->fold,
                                          .moves_drums = settings->moves_drums};
    struct km_midi_job job = {.context = context,
                              .command = "midi transpose",
                              .input_path = arguments->values[0],
                              .output_path = settings->common.output,
                              .is_strict = settings->common.is_strict,
                              .edit = edit,
                              .edit_context = &transpose};
    return km_midi_job_run(&job);
}

const struct km_command km_command_midi_transpose = {
    .name = "midi transpose",
    .synopsis = "X.mid --semitones N -o Y.mid [--fold octave] [--drums] [--strict]",
    .summary = "Move all notes of a MIDI file up or down",
    .details =
        "Key signatures follow; channel 10, the drums, stays unless --drums is there. A note that "
        "would leave 0 to 127 is refused, with its place, or moves by octaves with --fold octave. "
        "All else stays as it is.\n\n"
        "Files may be of any size: memory stays small. What is broken is repaired on the way (see "
        "kmidi midi repair). Y.mid appears whole or not at all and may be X.mid itself; X.mid may "
        "be - for standard input.",
    .example = "kmidi midi transpose song.mid --semitones 2 -o higher.mid\n"
               "kmidi midi transpose song.mid --semitones -24 --fold octave -o low.mid",
    .options = options,
    .defaults = &defaults,
    .settings_size = sizeof(struct settings),
    .arguments_min = 1,
    .arguments_max = 1,
    .run = run,
};
