// SPDX-License-Identifier: MIT

// kmidi groove apply: human timing for a MIDI file, in a style or as in a template.

#include "apps/groove_files.h"
#include "apps/midi_files.h"
#include "base/output.h"
#include "base/text.h"
#include "groove/groove.h"
#include "groove/groove_file.h"
#include "groove/template.h"
#include "heap/heap.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define SEED_MAX 9007199254740991.0 // 2^53 - 1: what JSON readers keep exactly.

static const char command_name[] = "groove apply";

struct settings {
    const char *output;
    const char *style;
    const char *feel;
    double complexity;
    double vulnerability;
    double strength;
    double velocity;
    int64_t seed;
    bool is_average;
    bool has_style, has_complexity, has_vulnerability, has_seed;
    bool has_strength, has_velocity;
};

static const struct settings defaults = {
    .complexity = 0.5, .vulnerability = 0.5, .strength = 1.0, .velocity = 1.0, .seed = 1};

static const struct km_option options[] = {
    {.name = "--output",
     .alias = "-o",
     .argument = "Y.mid",
     .help = "where the result goes; - is standard output",
     .kind = KM_OPTION_TEXT,
     .offset = offsetof(struct settings, output),
     .given_offset = KM_OPTION_NOT_NOTED},
    {.name = "--style",
     .argument = "S",
     .help = "one of kmidi groove list (default plain)",
     .kind = KM_OPTION_TEXT,
     .offset = offsetof(struct settings, style),
     .given_offset = offsetof(struct settings, has_style)},
    {.name = "--template",
     .argument = "T.json",
     .help = "a template of kmidi groove extract, instead of a style",
     .kind = KM_OPTION_TEXT,
     .offset = offsetof(struct settings, feel),
     .given_offset = KM_OPTION_NOT_NOTED},
    {.name = "--strength",
     .argument = "0..1",
     .help = "of a template: from as written to as it was played (default 1)",
     .kind = KM_OPTION_REAL,
     .offset = offsetof(struct settings, strength),
     .given_offset = offsetof(struct settings, has_strength),
     .high = 1.0},
    {.name = "--velocity",
     .argument = "0..1",
     .help = "of a template: the same for loudness (default: as --strength)",
     .kind = KM_OPTION_REAL,
     .offset = offsetof(struct settings, velocity),
     .given_offset = offsetof(struct settings, has_velocity),
     .high = 1.0},
    {.name = "--average",
     .help = "of a template: its average bar, not the performance stroke by stroke",
     .kind = KM_OPTION_FLAG,
     .offset = offsetof(struct settings, is_average),
     .given_offset = KM_OPTION_NOT_NOTED},
    {.name = "--complexity",
     .argument = "0..1",
     .help = "from as written to wild; .5 is 8 to 16 ms around the grid (default 0.5)",
     .kind = KM_OPTION_REAL,
     .offset = offsetof(struct settings, complexity),
     .given_offset = offsetof(struct settings, has_complexity),
     .high = 1.0},
    {.name = "--vulnerability",
     .argument = "0..1",
     .help = "from firm to soft and uneven (default 0.5)",
     .kind = KM_OPTION_REAL,
     .offset = offsetof(struct settings, vulnerability),
     .given_offset = offsetof(struct settings, has_vulnerability),
     .high = 1.0},
    {.name = "--seed",
     .argument = "N",
     .help = "another seed, another performance (default 1)",
     .kind = KM_OPTION_INTEGER,
     .offset = offsetof(struct settings, seed),
     .given_offset = offsetof(struct settings, has_seed),
     .high = SEED_MAX},
    {0},
};

// All that applying holds.
struct job {
    struct km_context *context;
    const struct settings *settings;
    struct km_groove_input input;
    struct km_groove groove;
    struct km_groove_template *feel; // Null: a style is applied.
    struct km_groove_use use;
    struct km_groove_outcome outcome;
};

static enum km_status read_template(struct job *job, struct km_error *error)
{
    const char *const path = job->settings->feel;
    struct km_bytes bytes;
    enum km_status status =
        km_read_file(job->context, path, KM_GROOVE_JSON_SIZE_MAX, &bytes, error);
    if (status != KM_OK) {
        return status;
    }
    const struct km_groove_document document = {
        .name = path, .bytes = bytes.bytes, .size = bytes.size};
    status = km_groove_template_read_json(job->context->heap, &document, &job->feel, error);
    km_heap_release(job->context->heap, bytes.bytes);
    return status;
}

// With no strength at all the file's own bytes are written.
static bool is_as_written(const struct job *job)
{
    return job->feel && !(job->use.strength > 0.0) && !(job->use.velocity > 0.0);
}

static enum km_status write_file(const struct job *job, struct km_sink *sink,
                                 struct km_error *error)
{
    const struct km_bytes *const bytes = &job->input.bytes;
    if (is_as_written(job)) {
        const enum km_status status = km_sink_write(sink, bytes->bytes, bytes->size);
        return status == KM_OK ? KM_OK : km_error_set(error, status, "%s", km_status_text(status));
    }
    return km_midi_file_write(&job->input.file, sink, error);
}

static enum km_status write_output(const struct job *job, struct km_error *error)
{
    struct km_output output;
    enum km_status status = km_output_open(&output, job->settings->output, error);
    if (status != KM_OK) {
        return status;
    }
    status = write_file(job, &output.sink, error);
    if (status != KM_OK) {
        km_output_discard(&output);
        return km_midi_in_file(job->settings->output, status, error);
    }
    return km_output_commit(&output, error);
}

static enum km_status move_notes(struct job *job, struct km_error *error)
{
    struct km_midi_file *const file = &job->input.file;
    const enum km_status status =
        job->feel ? km_groove_template_apply_file(file, &job->use, &job->outcome, error)
                  : km_groove_apply_file(file, &job->groove, &job->outcome, error);
    return status == KM_OK ? KM_OK : km_midi_in_file(job->input.path, status, error);
}

static enum km_status apply(struct job *job, struct km_error *error)
{
    enum km_status status = job->settings->feel ? read_template(job, error) : KM_OK;
    job->use.feel = job->feel;
    if (status == KM_OK) {
        status = km_groove_input_read(&job->input, error);
    }
    if (status == KM_OK) {
        status = move_notes(job, error);
    }
    return status == KM_OK ? write_output(job, error) : status;
}

static json_t *json_of_settings(const struct job *job)
{
    if (job->feel) {
        return json_pack("{s:s, s:s, s:f, s:f, s:b}", "template", job->settings->feel, "name",
                         job->feel->name, "strength", job->use.strength, "velocity",
                         job->use.velocity, "average", job->use.is_average);
    }
    return json_pack("{s:s, s:f, s:f, s:I}", "style", km_groove_style_names()[job->groove.style],
                     "complexity", job->groove.complexity, "vulnerability",
                     job->groove.vulnerability, "seed", (json_int_t)job->settings->seed);
}

static int print_json(const struct job *job)
{
    const struct km_groove_outcome *const outcome = &job->outcome;
    json_t *const answer =
        json_pack("{s:s, s:s, s:I, s:{s:f, s:f, s:f}, s:I}", "file", job->input.path, "output",
                  job->settings->output, "notes", (json_int_t)outcome->notes, "shift_ms", "mean",
                  outcome->mean_ms, "deviation", outcome->deviation_ms, "largest",
                  outcome->largest_ms, "warnings", (json_int_t)job->input.warnings.count);
    json_t *const settings = json_of_settings(job);
    const bool is_whole = answer && settings && json_object_update(answer, settings) == 0;
    json_decref(settings);
    if (!is_whole) {
        json_decref(answer);
    }
    return km_midi_print_json(command_name, is_whole ? answer : NULL);
}

static int print_outcome(const struct job *job)
{
    const struct km_groove_outcome *const outcome = &job->outcome;
    if (job->context->wants_json) {
        return print_json(job);
    }
    const char *const style = km_groove_style_names()[job->groove.style];
    char mean[KM_TEXT_REAL_SIZE];
    char deviation[KM_TEXT_REAL_SIZE];
    char largest[KM_TEXT_REAL_SIZE];
    km_text_format_real(mean, outcome->mean_ms, 1);
    km_text_format_real(deviation, outcome->deviation_ms, 1);
    km_text_format_real(largest, outcome->largest_ms, 1);
    printf("%s: %llu notes, %s: moved by %s ms on average, +- %s, at most %s\n",
           job->settings->output, (unsigned long long)outcome->notes,
           job->feel ? job->feel->name : style, mean, deviation, largest);
    return KM_EXIT_DONE;
}

static int run_job(struct job *job)
{
    struct km_error error;
    int exit_code = KM_EXIT_DONE;
    if (apply(job, &error) != KM_OK) {
        exit_code = km_report_error(command_name, &error);
    } else {
        km_groove_input_warn(&job->input);
        if (strcmp(job->settings->output, "-") != 0) {
            exit_code = print_outcome(job);
        }
    }
    km_groove_input_release(&job->input);
    km_groove_template_free(job->feel);
    return km_finish_output(command_name, exit_code);
}

// A usage error, or KM_EXIT_DONE: options of the one do not count for the other.
static int check_kind(const struct settings *settings)
{
    if (settings->feel && settings->has_style) {
        return km_usage_error(command_name, "either a style or a template, not both");
    }
    if (settings->feel &&
        (settings->has_complexity || settings->has_vulnerability || settings->has_seed)) {
        return km_usage_error(command_name, "--complexity, --vulnerability and --seed are for "
                                            "styles; a template takes --strength and --velocity");
    }
    if (!settings->feel &&
        (settings->has_strength || settings->has_velocity || settings->is_average)) {
        return km_usage_error(command_name, "--strength, --velocity and --average are for "
                                            "--template; a style takes --complexity");
    }
    return KM_EXIT_DONE;
}

static int check_output(const struct km_context *context, const struct settings *settings)
{
    if (!settings->output) {
        return km_usage_error(command_name, "-o Y.mid is needed, where the result goes");
    }
    const bool uses_output = strcmp(settings->output, "-") == 0;
    if (uses_output && context->wants_json) {
        return km_usage_error(command_name,
                              "standard output holds either the file or, with --json, the result");
    }
    if (uses_output && km_is_terminal(STDOUT_FILENO)) {
        return km_usage_error(command_name,
                              "a terminal cannot show MIDI: redirect it, or name a file");
    }
    return KM_EXIT_DONE;
}

static int run(struct km_context *context, const void *given, const struct km_arguments *arguments)
{
    const struct settings *const settings = given;
    int exit_code = check_output(context, settings);
    if (exit_code == KM_EXIT_DONE) {
        exit_code = check_kind(settings);
    }
    if (exit_code != KM_EXIT_DONE) {
        return exit_code;
    }
    const char *const path = arguments->values[0];
    if (settings->feel && strcmp(settings->feel, "-") == 0 && strcmp(path, "-") == 0) {
        return km_usage_error(command_name, "standard input holds either the music or the "
                                            "template");
    }
    struct km_error error;
    enum km_groove_style style = KM_GROOVE_PLAIN;
    if (settings->style && km_groove_style_parse(settings->style, &style, &error) != KM_OK) {
        return km_report_error(command_name, &error);
    }
    struct job job = {
        .context = context,
        .settings = settings,
        .input = {.context = context, .command = command_name, .path = path},
        .groove = {.complexity = settings->complexity,
                   .vulnerability = settings->vulnerability,
                   .seed = (uint64_t)settings->seed,
                   .style = (uint8_t)style},
        .use = {.strength = settings->strength,
                .velocity = settings->has_velocity ? settings->velocity : settings->strength,
                .is_average = settings->is_average}};
    km_midi_file_init(&job.input.file, context->heap, 1, 1);
    return run_job(&job);
}

const struct km_command km_command_groove_apply = {
    .name = "groove apply",
    .synopsis = "X.mid -o Y.mid [--style S | --template T.json] [OPTION]...",
    .summary = "Give a MIDI file human timing and touch",
    .details =
        "Moves the notes of any MIDI file in its own tempo and metre (SMPTE time has none: 120 "
        "beats a minute are taken), and shapes their velocities; channel 10 is played as a drum "
        "kit. All other events stay, but for what a broken file makes the reader repair, which it "
        "tells; chunks that are no tracks are left out. Notes move by milliseconds around the "
        "places where they are written, and never add up.\n\n"
        "A style (kmidi groove list) has chance in it: the same file, settings and seed give the "
        "same result, byte for byte; at complexity 0 timing stays as it is. Where a style swings, "
        "notes also change their lengths, for both ends find their own place.\n\n"
        "A template (kmidi groove extract) has none. Each note goes to where the take has a "
        "stroke of its key next to that place of the bar, and takes on its velocity; bars of the "
        "take follow each other and return. Where there is no such stroke, or with --average, it "
        "is the average of its drum, or of all, at that place. A template in 4/4 gives its first "
        "three beats to 3/4; where it swings, straight music is swung. At strength 0 the file is "
        "copied byte for byte.\n\n"
        "The written file appears whole or not at all. X.mid may be - for standard input.",
    .example = "kmidi groove apply song.mid -o live.mid --style funk --complexity 0.4\n"
               "kmidi groove apply song.mid --template feel.json -o out.mid --strength 0.8",
    .options = options,
    .defaults = &defaults,
    .settings_size = sizeof(struct settings),
    .arguments_min = 1,
    .arguments_max = 1,
    .run = run,
};
