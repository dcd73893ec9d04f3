// SPDX-License-Identifier: MIT

// kmidi midi quantize: notes onto a grid.

#include "apps/midi_files.h"
#include "base/text.h"

#include <string.h>

struct settings {
    struct km_midi_common common;
    const char *grid;
    double strength;
    double swing;
    bool moves_ends;
};

static const struct settings defaults = {.grid = "1/16", .strength = 1.0, .swing = 1.0};

static const struct km_option options[] = {
    {.name = "--grid",
     .argument = "1/N[t]",
     .help = "steps of the grid, with t for triplets: 1/8t (default 1/16)",
     .kind = KM_OPTION_TEXT,
     .offset = offsetof(struct settings, grid),
     .given_offset = KM_OPTION_NOT_NOTED},
    {.name = "--strength",
     .argument = "0..1",
     .help = "how much of the way to the grid notes go (default 1)",
     .kind = KM_OPTION_REAL,
     .offset = offsetof(struct settings, strength),
     .given_offset = KM_OPTION_NOT_NOTED,
     .high = 1.0},
    {.name = "--swing",
     .argument = "1..4",
     .help = "first step to second of each pair: 1 is straight, 2 is triplet feel (default 1)",
     .kind = KM_OPTION_REAL,
     .offset = offsetof(struct settings, swing),
     .given_offset = KM_OPTION_NOT_NOTED,
     .low = 1.0,
     .high = KM_MIDI_SWING_MAX},
    {.name = "--ends",
     .help = "ends of notes go to the grid too; else notes keep their lengths",
     .kind = KM_OPTION_FLAG,
     .offset = offsetof(struct settings, moves_ends),
     .given_offset = KM_OPTION_NOT_NOTED},
    KM_MIDI_COMMON_OPTIONS("where the result goes; - is standard output"),
    {0}};

// Reads "1/16" or "1/8t".
static bool parse_grid(const char *text, uint32_t *steps_per_whole)
{
    char number[8] = {0};
    if (strncmp(text, "1/", 2) != 0) {
        return false;
    }
    const size_t length = strlen(text + 2);
    const bool is_triplet = length > 0 && text[1 + length] == 't';
    const size_t digits = is_triplet ? length - 1 : length;
    if (digits >= sizeof(number)) {
        return false;
    }
    memcpy(number, text + 2, digits);
    int64_t note = 0;
    const bool is_note = km_text_parse_integer(number, 1, 128, &note) && (note & (note - 1)) == 0;
    *steps_per_whole = (uint32_t)(is_triplet ? note * 3 / 2 : note);
    return is_note && (!is_triplet || note > 1);
}

static enum km_status edit(void *context, struct km_midi_job *job, const struct km_midi_edit *edit,
                           struct km_error *error)
{
    return km_midi_quantize(edit, context, &job->report, error);
}

static int run(struct km_context *context, const void *settings_given,
               const struct km_arguments *arguments)
{
    const struct settings *const settings = settings_given;
    struct km_midi_quantize quantize = {.strength = settings->strength,
                                        .swing = settings->swing,
                                        .moves_ends = settings->moves_ends};
    if (!parse_grid(settings->grid, &quantize.steps_per_whole)) {
        struct km_error error;
        (void)km_error_set(&error, KM_ERROR_RANGE,
                           "--grid %.32s: expected 1/1, 1/2, 1/4 to 1/128, with t for triplets, as "
                           "1/16 or 1/8t",
                           settings->grid);
        return km_report_error("midi quantize", &error);
    }
    struct km_midi_job job = {.context = context,
                              .command = "midi quantize",
                              .input_path = arguments->values[0],
                              .output_path = settings->common.output,
                              .is_strict = settings->common.is_strict,
                              .edit = edit,
                              .edit_context = &quantize};
    return km_midi_job_run(&job);
}

const struct km_command km_command_midi_quantize = {
    .name = "midi quantize",
    .synopsis = "X.mid -o Y.mid [--grid 1/16] [--strength 0..1] [--swing 1..4] [--ends] [--strict]",
    .summary = "Move the notes of a MIDI file onto a grid",
    .details =
        "The grid is counted from each bar line, by the file's time signatures, so that nothing "
        "drifts. Strength 0 moves nothing, 1 puts every onset on the grid. Notes keep their "
        "lengths, but for where they would run into the next note of their key; with --ends their "
        "ends go to the grid too. All other events stay where they are.\n\n"
        "Files may be of any size; only what is within two steps of the grid is held in memory, up "
        "to 65,536 events and 1 MiB of texts and SysEx. What is broken is repaired on the way (see "
        "kmidi midi repair). Y.mid appears whole or not at all and may be X.mid itself; X.mid may "
        "be - for standard input.",
    .example = "kmidi midi quantize played.mid -o tight.mid --grid 1/16 --strength 0.8\n"
               "kmidi midi quantize played.mid -o swung.mid --grid 1/8 --swing 2",
    .options = options,
    .defaults = &defaults,
    .settings_size = sizeof(struct settings),
    .arguments_min = 1,
    .arguments_max = 1,
    .run = run,
};
