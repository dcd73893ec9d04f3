// SPDX-License-Identifier: MIT

// kmidi groove extract: the timing and touch of a performance, to look at and to keep.

#include "apps/groove_files.h"
#include "apps/groove_report.h"
#include "apps/midi_files.h"
#include "base/output.h"
#include "base/text.h"
#include "groove/template.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

static const char command_name[] = "groove extract";

struct settings {
    const char *output;
    const char *name;
    int64_t bars;
    bool is_average;
    bool has_bars;
};

static const struct settings defaults = {0};

static const struct km_option options[] = {
    {.name = "--output",
     .alias = "-o",
     .argument = "T.json",
     .help = "where the template goes; - is standard output",
     .kind = KM_OPTION_TEXT,
     .offset = offsetof(struct settings, output),
     .given_offset = KM_OPTION_NOT_NOTED},
    {.name = "--name",
     .argument = "N",
     .help = "what the template is called (default: as the file)",
     .kind = KM_OPTION_TEXT,
     .offset = offsetof(struct settings, name),
     .given_offset = KM_OPTION_NOT_NOTED},
    {.name = "--bars",
     .argument = "N",
     .help = "keep the strokes of the first N bars only (default: all)",
     .kind = KM_OPTION_INTEGER,
     .offset = offsetof(struct settings, bars),
     .given_offset = offsetof(struct settings, has_bars),
     .low = 1.0,
     .high = KM_GROOVE_BARS_MAX},
    {.name = "--average",
     .help = "keep the average bar alone, without the strokes",
     .kind = KM_OPTION_FLAG,
     .offset = offsetof(struct settings, is_average),
     .given_offset = KM_OPTION_NOT_NOTED},
    {0},
};

struct job {
    struct km_context *context;
    const struct settings *settings;
    struct km_groove_input input;
    struct km_groove_template *feel;
};

static const char *last_part(const char *path)
{
    const char *const slash = strrchr(path, '/');
    return slash ? slash + 1 : path;
}

static enum km_status extract(struct job *job, struct km_error *error)
{
    enum km_status status = km_groove_input_read(&job->input, error);
    if (status != KM_OK) {
        return status;
    }
    const struct settings *const settings = job->settings;
    const bool is_input = strcmp(job->input.path, "-") == 0;
    const char *const source = is_input ? "standard input" : last_part(job->input.path);
    char name[KM_GROOVE_NAME_SIZE];
    (void)snprintf(name, sizeof(name), "%s", source);
    char *const dot = strrchr(name, '.');
    if (dot && dot != name) {
        *dot = '\0';
    }
    const struct km_groove_extract wanted = {.name = settings->name ? settings->name : name,
                                             .source = source,
                                             .bars_max = (uint32_t)settings->bars,
                                             .is_average = settings->is_average};
    status = km_groove_template_extract(&job->input.file, &wanted, &job->feel, error);
    return status == KM_OK ? KM_OK : km_midi_in_file(job->input.path, status, error);
}

static enum km_status write_template(const struct job *job, const char *path,
                                     struct km_error *error)
{
    struct km_output output;
    enum km_status status = km_output_open(&output, path, error);
    if (status != KM_OK) {
        return status;
    }
    status = km_groove_template_write_json(job->feel, &output.sink);
    if (status != KM_OK) {
        km_output_discard(&output);
        return km_error_set(error, status, "%.200s: cannot write: %s", path,
                            km_status_text(status));
    }
    return km_output_commit(&output, error);
}

static void tell(const struct job *job)
{
    const struct km_groove_template *const feel = job->feel;
    km_groove_input_warn(&job->input);
    if (feel->left_out > 0) {
        (void)fprintf(stderr,
                      "kmidi %s: %s: %zu strokes are in the average only: a performance holds %d "
                      "bars and %d strokes\n",
                      command_name, job->input.path, feel->left_out, KM_GROOVE_BARS_MAX,
                      KM_GROOVE_HITS_MAX);
    }
    if (km_groove_report_is_off_beat(feel)) {
        (void)fprintf(stderr,
                      "kmidi %s: %s: the notes do not keep to the file's own beats (is its tempo "
                      "that of the playing?): what is said of places means little\n",
                      command_name, job->input.path);
    }
}

static enum km_status write_all(const struct job *job, struct km_error *error)
{
    const char *const path = job->settings->output;
    if (path) {
        const enum km_status status = write_template(job, path, error);
        if (status != KM_OK) {
            return status;
        }
    }
    if (job->context->wants_json) {
        return write_template(job, "-", error);
    }
    if (!path || strcmp(path, "-") != 0) {
        km_groove_report_print(job->context, job->feel, job->input.path);
    }
    if (path && strcmp(path, "-") != 0) {
        printf("\n%s: the %s\n", path,
               job->feel->bar_count > 0 ? "average bar and every stroke" : "average bar");
    }
    return KM_OK;
}

static int run(struct km_context *context, const void *given, const struct km_arguments *arguments)
{
    const struct settings *const settings = given;
    if (settings->is_average && settings->has_bars) {
        return km_usage_error(command_name, "--average keeps no strokes of any bar");
    }
    if (settings->output && strcmp(settings->output, "-") == 0 && context->wants_json) {
        return km_usage_error(command_name, "-o - and --json are the same: give one of them");
    }
    struct job job = {
        .context = context,
        .settings = settings,
        .input = {.context = context, .command = command_name, .path = arguments->values[0]}};
    struct km_error error;
    int exit_code = KM_EXIT_DONE;
    enum km_status status = extract(&job, &error);
    if (status == KM_OK) {
        tell(&job);
        status = write_all(&job, &error);
    }
    if (status != KM_OK) {
        exit_code = km_report_error(command_name, &error);
    }
    km_groove_input_release(&job.input);
    km_groove_template_free(job.feel);
    return km_finish_output(command_name, exit_code);
}

const struct km_command km_command_groove_extract = {
    .name = "groove extract",
    .synopsis = "X.mid [-o T.json] [--name N] [--bars N | --average]",
    .summary = "Measure the timing and touch of a performance, and keep it as a template",
    .details =
        "Prints how the notes of a MIDI file lie against its own beats: the swing ratio (long to "
        "short note of a pair: 1 straight, 2 triplets), how far all are before or behind the beat "
        "(push; in takes of electronic kits partly their latency), and for each drum and each "
        "place of the bar how far off it is on average besides the push, how much that varies, "
        "and how loud it is.\n\n"
        "The template has all this as JSON, in ms, for kmidi groove apply --template: the average "
        "bar, and unless --average is given every stroke of the take (32768 strokes and 1024 bars "
        "at most), so that the take put on a grid can be played as it was. push_ms and all "
        "offsets may be edited. --json prints the template.",
    .example = "kmidi groove extract drums.mid -o feel.json\n"
               "kmidi groove extract drums.mid -o loop.json --bars 2 --name \"Two bars\"",
    .options = options,
    .defaults = &defaults,
    .settings_size = sizeof(struct settings),
    .arguments_min = 1,
    .arguments_max = 1,
    .run = run,
};
