// SPDX-License-Identifier: MIT

// kmidi midi cut: some bars of a file.

#include "apps/midi_files.h"
#include "base/text.h"

#include <stdio.h>
#include <string.h>

struct settings {
    struct km_midi_common common;
    const char *bars;
};

static const struct settings defaults = {0};

static const struct km_option options[] = {
    {.name = "--bars",
     .argument = "A-B",
     .help = "from bar A to bar B, both included, counted from 1; A- goes to the end",
     .kind = KM_OPTION_TEXT,
     .offset = offsetof(struct settings, bars),
     .given_offset = KM_OPTION_NOT_NOTED},
    KM_MIDI_COMMON_OPTIONS("where the bars go; - is standard output"),
    {0}};

// Reads "5", "5-8" or "5-".
static bool parse_bars(const char *text, struct km_midi_cut *cut)
{
    char first_text[16];
    const char *const dash = strchr(text, '-');
    const size_t length = dash ? (size_t)(dash - text) : strlen(text);
    if (length >= sizeof(first_text)) {
        return false;
    }
    (void)snprintf(first_text, sizeof(first_text), "%.*s", (int)length, text);
    int64_t first = 0;
    if (!km_text_parse_integer(first_text, 1, KM_MIDI_BARS_MAX, &first)) {
        return false;
    }
    int64_t last = dash ? KM_MIDI_BARS_MAX : first;
    if (dash && dash[1] != '\0' &&
        !km_text_parse_integer(dash + 1, first, KM_MIDI_BARS_MAX, &last)) {
        return false;
    }
    *cut = (struct km_midi_cut){.first_bar = (uint64_t)first, .last_bar = (uint64_t)last};
    return true;
}

static enum km_status edit(void *context, struct km_midi_job *job, const struct km_midi_edit *edit,
                           struct km_error *error)
{
    return km_midi_cut(edit, context, &job->report, error);
}

static int run(struct km_context *context, const void *settings_given,
               const struct km_arguments *arguments)
{
    const struct settings *const settings = settings_given;
    if (!settings->bars) {
        return km_usage_error("midi cut", "it needs --bars A-B: which bars");
    }
    struct km_midi_cut cut;
    if (!parse_bars(settings->bars, &cut)) {
        struct km_error error;
        (void)km_error_set(&error, KM_ERROR_RANGE,
                           "--bars %.32s: expected bars counted from 1, as 5-8, 5 or 5-",
                           settings->bars);
        return km_report_error("midi cut", &error);
    }
    struct km_midi_job job = {.context = context,
                              .command = "midi cut",
                              .input_path = arguments->values[0],
                              .output_path = settings->common.output,
                              .is_strict = settings->common.is_strict,
                              .edit = edit,
                              .edit_context = &cut};
    return km_midi_job_run(&job);
}

const struct km_command km_command_midi_cut = {
    .name = "midi cut",
    .synopsis = "X.mid --bars A-B -o Y.mid [--strict]",
    .summary = "Cut some bars out of a MIDI file",
    .details =
        "Bars are those of the file's time signatures, 4/4 where there is none. The result begins "
        "where bar A does, with the tempo, metre, key, programs, controllers and pitch bend that "
        "are in force there; names stay. Notes that sound across its borders begin or end there. "
        "Bars beyond the end are not there; SMPTE time has none at all.\n\n"
        "Files may be of any size: memory stays small. What is broken is repaired on the way (see "
        "kmidi midi repair). Y.mid appears whole or not at all and may be X.mid itself; X.mid may "
        "be - for standard input.",
    .example = "kmidi midi cut song.mid --bars 9-16 -o chorus.mid\n"
               "kmidi midi cut song.mid --bars 5- -o without-intro.mid",
    .options = options,
    .defaults = &defaults,
    .settings_size = sizeof(struct settings),
    .arguments_min = 1,
    .arguments_max = 1,
    .run = run,
};
