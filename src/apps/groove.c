// SPDX-License-Identifier: MIT

// kmidi groove: styles of human timing, and what they do to a MIDI file.

#include "groove/groove.h"

#include "apps/command.h"
#include "base/output.h"
#include "base/text.h"
#include "groove/groove_file.h"
#include "heap/heap.h"
#include "midi/file.h"

#include <jansson.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define SEED_MAX 9007199254740991.0 // 2^53 - 1: what JSON readers keep exactly.

enum { FILE_SIZE_MAX = 1 << 30, JSON_FLAGS = JSON_COMPACT | JSON_REAL_PRECISION(6) };

struct settings {
    const char *output;
    const char *style;
    double complexity;
    double vulnerability;
    int64_t seed;
};

static const struct settings defaults = {.complexity = 0.5, .vulnerability = 0.5, .seed = 1};

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
     .given_offset = KM_OPTION_NOT_NOTED},
    {.name = "--complexity",
     .argument = "0..1",
     .help = "from as written to wild; .5 is 8 to 16 ms around the grid (default 0.5)",
     .kind = KM_OPTION_REAL,
     .offset = offsetof(struct settings, complexity),
     .given_offset = KM_OPTION_NOT_NOTED,
     .high = 1.0},
    {.name = "--vulnerability",
     .argument = "0..1",
     .help = "from firm to soft and uneven (default 0.5)",
     .kind = KM_OPTION_REAL,
     .offset = offsetof(struct settings, vulnerability),
     .given_offset = KM_OPTION_NOT_NOTED,
     .high = 1.0},
    {.name = "--seed",
     .argument = "N",
     .help = "another seed, another performance (default 1)",
     .kind = KM_OPTION_INTEGER,
     .offset = offsetof(struct settings, seed),
     .given_offset = KM_OPTION_NOT_NOTED,
     .high = SEED_MAX},
    {0},
};

static const char *swung_notes(const struct km_groove_facts *facts)
{
    return facts->swung_per_beat == 4 ? "sixteenths" : "eighths";
}

static void print_style(const struct km_context *context, const struct km_groove_facts *facts)
{
    char swing[64] = "straight";
    char deviation[KM_TEXT_REAL_SIZE];
    if (facts->swung_per_beat > 0) {
        char ratio[KM_TEXT_REAL_SIZE];
        km_text_format_real(ratio, facts->swing_ratio, 2);
        (void)snprintf(swing, sizeof(swing), "%s : 1 %s", ratio, swung_notes(facts));
    }
    km_text_format_real(deviation, facts->deviation_ms, 1);
    printf("%s%-14s%s %-20s %4s ms   %s\n", context->has_colour ? "\033[1m" : "", facts->name,
           context->has_colour ? "\033[0m" : "", swing, deviation, facts->summary);
}

static json_t *json_of_style(const struct km_groove_facts *facts)
{
    return json_pack("{s:s, s:f, s:s?, s:f, s:s}", "name", facts->name, "swing_ratio",
                     facts->swing_ratio, "swung", facts->swung_per_beat ? swung_notes(facts) : NULL,
                     "deviation_ms", facts->deviation_ms, "description", facts->summary);
}

// Prints and releases `object`; null is one that there was no memory for.
static int print_json(json_t *object)
{
    if (!object) {
        const struct km_error error = {KM_ERROR_NO_MEMORY, "no memory for the answer"};
        return km_report_error("groove", &error);
    }
    (void)json_dumpf(object, stdout, JSON_FLAGS); // km_finish_output sees a failure.
    (void)putchar('\n');
    json_decref(object);
    return KM_EXIT_DONE;
}

static int list_styles(const struct km_context *context)
{
    json_t *const list = context->wants_json ? json_array() : NULL;
    if (!context->wants_json) {
        printf("%-14s %-20s %7s   %s\n", "style", "swing", "timing", "what it is");
    }
    for (int i = 0; i < KM_GROOVE_STYLES_COUNT; ++i) {
        const struct km_groove_facts facts = km_groove_style_facts((enum km_groove_style)i);
        if (!context->wants_json) {
            print_style(context, &facts);
        } else if (list && json_array_append_new(list, json_of_style(&facts)) != 0) {
            json_decref(list);
            return print_json(NULL);
        }
    }
    return context->wants_json ? print_json(list) : KM_EXIT_DONE;
}

// All that applying holds.
struct job {
    struct km_context *context;
    const struct settings *settings;
    const char *path;
    struct km_groove groove;
    struct km_midi_file file;
    struct km_midi_warnings warnings;
    struct km_groove_outcome outcome;
};

// Puts the file's name before a message.
static enum km_status in_file(const char *path, enum km_status status, struct km_error *error)
{
    const struct km_error inner = *error;
    return km_error_set(error, status, "%.200s: %s", path, inner.message);
}

static enum km_status read_input(struct job *job, struct km_error *error)
{
    struct km_bytes bytes;
    enum km_status status = km_read_file(job->context, job->path, FILE_SIZE_MAX, &bytes, error);
    if (status != KM_OK) {
        return status;
    }
    status = km_midi_file_read(&job->file, bytes.bytes, bytes.size, &job->warnings, error);
    km_heap_release(job->context->heap, bytes.bytes);
    return status == KM_OK ? KM_OK : in_file(job->path, status, error);
}

static enum km_status write_output(const struct job *job, struct km_error *error)
{
    struct km_output output;
    enum km_status status = km_output_open(&output, job->settings->output, error);
    if (status != KM_OK) {
        return status;
    }
    status = km_midi_file_write(&job->file, &output.sink, error);
    if (status != KM_OK) {
        km_output_discard(&output);
        return in_file(job->settings->output, status, error);
    }
    return km_output_commit(&output, error);
}

static enum km_status apply(struct job *job, struct km_error *error)
{
    enum km_status status = read_input(job, error);
    if (status == KM_OK) {
        status = km_groove_apply_file(&job->file, &job->groove, &job->outcome, error);
        if (status != KM_OK) {
            return in_file(job->path, status, error);
        }
        status = write_output(job, error);
    }
    return status;
}

static int print_outcome(const struct job *job)
{
    const struct km_groove_outcome *const outcome = &job->outcome;
    const char *const style = km_groove_style_names()[job->groove.style];
    if (job->context->wants_json) {
        return print_json(
            json_pack("{s:s, s:s, s:s, s:f, s:f, s:I, s:I, s:{s:f, s:f, s:f}, s:I}", "file",
                      job->path, "output", job->settings->output, "style", style, "complexity",
                      job->groove.complexity, "vulnerability", job->groove.vulnerability, "seed",
                      (json_int_t)job->settings->seed, "notes", (json_int_t)outcome->notes,
                      "shift_ms", "mean", outcome->mean_ms, "deviation", outcome->deviation_ms,
                      "largest", outcome->largest_ms, "warnings", (json_int_t)job->warnings.count));
    }
    char mean[KM_TEXT_REAL_SIZE];
    char deviation[KM_TEXT_REAL_SIZE];
    char largest[KM_TEXT_REAL_SIZE];
    km_text_format_real(mean, outcome->mean_ms, 1);
    km_text_format_real(deviation, outcome->deviation_ms, 1);
    km_text_format_real(largest, outcome->largest_ms, 1);
    printf("%s: %llu notes, %s: moved by %s ms on average, +- %s, at most %s\n",
           job->settings->output, (unsigned long long)outcome->notes, style, mean, deviation,
           largest);
    return KM_EXIT_DONE;
}

static int apply_style(struct km_context *context, const struct settings *settings,
                       const char *path)
{
    struct km_error error;
    enum km_groove_style style = KM_GROOVE_PLAIN;
    if (settings->style && km_groove_style_parse(settings->style, &style, &error) != KM_OK) {
        return km_report_error("groove", &error);
    }
    struct job job = {.context = context,
                      .settings = settings,
                      .path = path,
                      .groove = {.complexity = settings->complexity,
                                 .vulnerability = settings->vulnerability,
                                 .seed = (uint64_t)settings->seed,
                                 .style = (uint8_t)style}};
    km_midi_file_init(&job.file, context->heap, 1, 1);
    int exit_code = KM_EXIT_DONE;
    if (apply(&job, &error) != KM_OK) {
        exit_code = km_report_error("groove", &error);
    } else {
        if (job.warnings.count > 0) {
            (void)fprintf(
                stderr, "kmidi groove: %s: %u repairs or oddities, the first at byte %zu: %s\n",
                path, job.warnings.count, job.warnings.first_offset, job.warnings.first_message);
        }
        if (strcmp(settings->output, "-") != 0) {
            exit_code = print_outcome(&job);
        }
    }
    km_midi_file_release(&job.file);
    return exit_code;
}

static int check_apply(struct km_context *context, const struct settings *settings,
                       const struct km_arguments *arguments)
{
    if (arguments->count != 2) {
        return km_usage_error("groove", "apply needs one MIDI file (- is standard input)");
    }
    if (!settings->output) {
        return km_usage_error("groove", "apply needs -o Y.mid, where the result goes");
    }
    const bool uses_output = strcmp(settings->output, "-") == 0;
    if (uses_output && context->wants_json) {
        return km_usage_error("groove",
                              "standard output holds either the file or, with --json, the result");
    }
    if (uses_output && km_is_terminal(STDOUT_FILENO)) {
        return km_usage_error("groove", "a terminal cannot show MIDI: redirect it, or name a file");
    }
    return apply_style(context, settings, arguments->values[1]);
}

static int run(struct km_context *context, const void *settings,
               const struct km_arguments *arguments)
{
    const struct settings *const wanted = settings;
    const char *const action = arguments->values[0];
    int exit_code = KM_EXIT_DONE;
    if (strcmp(action, "apply") == 0) {
        exit_code = check_apply(context, wanted, arguments);
    } else if (strcmp(action, "list") != 0) {
        return km_usage_error("groove", "no action '%.64s'; there are: list, apply", action);
    } else if (arguments->count > 1 || wanted->output || wanted->style) {
        return km_usage_error("groove", "list takes neither a file nor a style");
    } else {
        exit_code = list_styles(context);
    }
    return km_finish_output("groove", exit_code);
}

const struct km_command km_command_groove = {
    .name = "groove",
    .synopsis = "list | apply X.mid -o Y.mid [--style S] [--complexity C] [--vulnerability V] "
                "[--seed N]",
    .summary = "Give a MIDI file human timing and touch",
    .details =
        "list shows the styles: how long the long note of a swung pair is against the short one, "
        "and how far, as a standard deviation at complexity 0.5, notes are from the grid. Half of "
        "the styles are measured from human drummers, the others set after them.\n\n"
        "apply moves the notes of any MIDI file in its own tempo and metre (SMPTE time has none: "
        "120 beats a minute are taken), and shapes their velocities; channel 10 is played as a "
        "drum "
        "kit. All other events stay, but for what a broken file makes the reader repair, which it "
        "tells; chunks that are no tracks are left out. Where a style swings, notes also change "
        "their lengths, for both ends find their own place. Notes move by milliseconds around the "
        "places where they are written, and never "
        "add up. At complexity 0 timing stays as it is. The same file, settings and seed give the "
        "same result, byte for byte.\n\n"
        "The written file appears whole or not at all. X.mid may be - for standard input.",
    .example = "kmidi groove list\n"
               "kmidi groove apply song.mid -o live.mid --style funk --complexity 0.4",
    .options = options,
    .defaults = &defaults,
    .settings_size = sizeof(struct settings),
    .arguments_min = 1,
    .arguments_max = 2,
    .run = run,
};
