// SPDX-License-Identifier: MIT

// kmidi midi convert: the same music in another format or division.

#include "apps/midi_files.h"
#include "base/text.h"
#include "midi/division.h"

#include <stdio.h>
#include <string.h>

struct settings {
    struct km_midi_common common;
    int64_t format;
    bool has_format;
    const char *division;
    const char *kind;
};

static const struct settings defaults = {0};

static const struct km_option options[] = {
    {.name = "--format",
     .argument = "0|1",
     .help = "0: all on one track; 1: a track for each channel",
     .kind = KM_OPTION_INTEGER,
     .offset = offsetof(struct settings, format),
     .given_offset = offsetof(struct settings, has_format),
     .high = 1},
    {.name = "--division",
     .argument = "N|FxT",
     .help = "ticks a quarter note, or SMPTE frames (24, 25, 29, 30) x ticks a frame",
     .kind = KM_OPTION_TEXT,
     .offset = offsetof(struct settings, division),
     .given_offset = KM_OPTION_NOT_NOTED},
    {.name = "--to",
     .argument = "smf|clip",
     .help = "a Standard MIDI File or a MIDI 2.0 clip file (default by Y's extension)",
     .kind = KM_OPTION_TEXT,
     .offset = offsetof(struct settings, kind),
     .given_offset = KM_OPTION_NOT_NOTED},
    KM_MIDI_COMMON_OPTIONS("where the result goes; - is standard output"),
    {0}};

// Reads "480" or "25x40".
static bool parse_division(const char *text, uint16_t *division)
{
    const char *const cross = strchr(text, 'x');
    int64_t ticks = 0;
    if (!cross) {
        const bool is_number = km_text_parse_integer(text, 1, 0x7FFF, &ticks);
        *division = (uint16_t)ticks;
        return is_number;
    }
    char frames_text[8] = {0};
    const size_t length = (size_t)(cross - text);
    if (length >= sizeof(frames_text)) {
        return false;
    }
    memcpy(frames_text, text, length);
    int64_t frames = 0;
    if (!km_text_parse_integer(frames_text, 24, 30, &frames) ||
        !km_text_parse_integer(cross + 1, 1, 255, &ticks)) {
        return false;
    }
    *division = (uint16_t)((256 - frames) << 8 | ticks);
    return km_midi_division_is_valid(*division);
}

struct conversion {
    bool has_format;
    bool has_kind;
    enum km_midi_kind kind;
    uint16_t format;
    uint16_t division;
};

static enum km_status edit(void *context, struct km_midi_job *job, const struct km_midi_edit *edit,
                           struct km_error *error)
{
    const struct conversion *const conversion = context;
    if (conversion->has_kind) {
        return km_midi_convert_kind(edit, &job->input, conversion->kind, &job->report, error);
    }
    return conversion->has_format
               ? km_midi_convert_format(edit, &job->input, conversion->format, &job->report, error)
               : km_midi_convert_division(edit, conversion->division, &job->report, error);
}

static bool ends_with(const char *text, const char *end)
{
    const size_t length = strlen(text);
    return length >= strlen(end) && strcmp(text + length - strlen(end), end) == 0;
}

// What is asked for: KM_EXIT_DONE, or what was told.
static int choose(const struct settings *settings, struct conversion *conversion)
{
    const char *const output = settings->common.output;
    const bool is_clip = settings->kind ? strcmp(settings->kind, "clip") == 0
                                        : output && ends_with(output, ".midi2");
    const int wishes =
        settings->has_format + (settings->division != NULL) + (settings->kind != NULL);
    if (wishes > 1) {
        return km_usage_error("midi convert", "--format, --division and --to: one at a time");
    }
    if (settings->kind && !is_clip && strcmp(settings->kind, "smf") != 0) {
        return km_usage_error("midi convert", "--to %.32s: expected smf or clip", settings->kind);
    }
    *conversion = (struct conversion){.has_format = settings->has_format,
                                      .format = (uint16_t)settings->format,
                                      .has_kind = wishes == 0 || settings->kind,
                                      .kind = is_clip ? KM_MIDI_KIND_CLIP : KM_MIDI_KIND_SMF};
    if (settings->division && !parse_division(settings->division, &conversion->division)) {
        struct km_error error;
        (void)km_error_set(&error, KM_ERROR_RANGE,
                           "--division %.32s: expected 1 to 32767 ticks a quarter note, or 24, 25, "
                           "29 or 30 frames x 1 to 255 ticks, as 25x40",
                           settings->division);
        return km_report_error("midi convert", &error);
    }
    return KM_EXIT_DONE;
}

static int run(struct km_context *context, const void *settings_given,
               const struct km_arguments *arguments)
{
    const struct settings *const settings = settings_given;
    struct conversion conversion;
    const int exit_code = choose(settings, &conversion);
    if (exit_code != KM_EXIT_DONE) {
        return exit_code;
    }
    struct km_midi_job job = {.context = context,
                              .command = "midi convert",
                              .input_path = arguments->values[0],
                              .output_path = settings->common.output,
                              .is_strict = settings->common.is_strict,
                              .edit = edit,
                              .edit_context = &conversion};
    return km_midi_job_run(&job);
}

const struct km_command km_command_midi_convert = {
    .name = "midi convert",
    .synopsis = "X (--format 0|1 | --division N|FxT | --to smf|clip) -o Y [--strict]",
    .summary = "Write a MIDI file in another format or division, or as a clip",
    .details =
        "--format 0 brings all tracks together on one, --format 1 puts each channel on a track of "
        "its own, and what has no channel on the first. Every event keeps its tick. Chunks that "
        "are no tracks, and RIFF around the file, are left out where the format changes.\n\n"
        "--division changes how fine ticks are: each is reckoned from the beginning, so that "
        "nothing adds up, and a note keeps at least one. Between ticks of a beat and SMPTE time "
        "everything stays at its second, by the tempo map.\n\n"
        "--to smf makes a Standard MIDI File of a MIDI 2.0 clip file: values are then those of "
        "MIDI "
        "1.0, and what that has no word for is left out. --to clip goes the other way, and so does "
        "a Y that ends in .midi2.\n\n"
        "Files may be of any size: memory stays small. What is broken is repaired on the way (see "
        "kmidi midi repair). Y.mid appears whole or not at all and may be X.mid itself; X.mid may "
        "be - for standard input.",
    .example = "kmidi midi convert song.mid --format 0 -o one-track.mid\n"
               "kmidi midi convert song.mid --division 960 -o finer.mid\n"
               "kmidi midi convert song.mid --division 25x40 -o milliseconds.mid\n"
               "kmidi midi convert song.mid -o song.midi2",
    .options = options,
    .defaults = &defaults,
    .settings_size = sizeof(struct settings),
    .arguments_min = 1,
    .arguments_max = 1,
    .run = run,
};
