// SPDX-License-Identifier: MIT

// kmidi analyze: what music is in a MIDI file.

#include "apps/analyze_job.h"
#include "apps/command.h"
#include "base/output.h"
#include "heap/heap.h"
#include "plot/analysis.h"

#include <stdio.h>
#include <string.h>

struct settings {
    const char *picture;
    bool is_strict;
};

static const struct settings defaults = {0};

static const struct km_option options[] = {
    {.name = "--picture",
     .argument = "X.svg",
     .help = "draw it: piano roll, form, keys, chords, loudness, tempo, groove, feeling",
     .kind = KM_OPTION_TEXT,
     .offset = offsetof(struct settings, picture),
     .given_offset = KM_OPTION_NOT_NOTED},
    {.name = "--strict",
     .help = "refuse files that would have to be repaired",
     .kind = KM_OPTION_FLAG,
     .offset = offsetof(struct settings, is_strict),
     .given_offset = KM_OPTION_NOT_NOTED},
    {0},
};

// The file's name without its folder, for a title.
static const char *last_part(const char *path)
{
    const char *const slash = strrchr(path, '/');
    return slash && slash[1] != '\0' ? slash + 1 : path;
}

static enum km_status write_picture(const struct km_analyze_job *job, const char *path,
                                    struct km_error *error)
{
    const struct km_piece *const piece = &job->piece;
    const char *const name = strcmp(job->path, "-") == 0 ? "" : last_part(job->path);
    const struct km_analysis_picture picture = {
        .piece = piece,
        .keys = job->keys.whole.confidence > 0.0F ? &job->keys : NULL,
        .chords = job->chords.count > 0 ? &job->chords : NULL,
        .sections = job->sections.count > 0 ? &job->sections : NULL,
        .groove = piece->note_count > 0 ? &job->groove : NULL,
        .heard = piece->note_count > 0 ? &job->heard : NULL,
        .title = piece->title[0] != '\0' ? piece->title : name};
    struct km_output output;
    enum km_status status = km_output_open(&output, path, error);
    if (status != KM_OK) {
        return status;
    }
    status = km_analysis_write_svg(&picture, &output.sink);
    if (status != KM_OK) {
        km_output_discard(&output);
        return km_error_set(error, status, "%.200s: %s", path, km_status_text(status));
    }
    return km_output_commit(&output, error);
}

static int print_json(const struct km_analyze_job *job)
{
    json_t *const root = km_analyze_to_json(job);
    if (!root) {
        const struct km_error error = {KM_ERROR_NO_MEMORY, "no memory for the answer"};
        return km_report_error("analyze", &error);
    }
    // km_finish_output sees a failure.
    (void)json_dumpf(root, stdout, JSON_COMPACT | JSON_REAL_PRECISION(12));
    (void)putchar('\n');
    json_decref(root);
    return KM_EXIT_DONE;
}

static int answer(const struct km_analyze_job *job, const struct settings *settings)
{
    struct km_error error;
    if (settings->picture && write_picture(job, settings->picture, &error) != KM_OK) {
        return km_report_error("analyze", &error);
    }
    if (job->context->wants_json) {
        return print_json(job);
    }
    if (!settings->picture || strcmp(settings->picture, "-") != 0) {
        km_analyze_print(job);
    }
    if (job->warning_count > 0) {
        (void)fprintf(
            stderr,
            "kmidi analyze: %s: %llu repair%s, the first at byte %llu: %s (kmidi midi check "
            "tells all)\n",
            job->path, (unsigned long long)job->warning_count, job->warning_count == 1 ? "" : "s",
            (unsigned long long)job->warnings[0].offset,
            km_midi_fault_what(job->warnings[0].fault));
    }
    return KM_EXIT_DONE;
}

static int analyze(struct km_context *context, const struct settings *settings, const char *path)
{
    struct km_error error;
    struct km_analyze_job *const job =
        km_heap_allocate(context->heap, KM_ACCOUNT_WORKING, sizeof(*job));
    if (!job) {
        (void)km_heap_refusal(context->heap, &error);
        return km_report_error("analyze", &error);
    }
    job->context = context;
    job->path = path;
    int exit_code = KM_EXIT_DONE;
    if (km_analyze_run(job, settings->is_strict, &error) != KM_OK) {
        exit_code = km_report_error("analyze", &error);
    } else {
        exit_code = answer(job, settings);
        km_analyze_release(job);
    }
    km_heap_release(context->heap, job);
    return exit_code;
}

// Whether the picture can be drawn where it is wanted; an enum km_exit.
static int check_picture(const struct km_context *context, const char *picture,
                         const struct km_arguments *arguments)
{
    if (arguments->count > 1) {
        return km_usage_error("analyze", "--picture draws one file: give one");
    }
    if (strcmp(picture, "-") == 0) {
        return context->wants_json
                   ? km_usage_error("analyze", "standard output holds either the picture or, with "
                                               "--json, the result")
                   : KM_EXIT_DONE;
    }
    return km_is_same_place(picture, arguments->values[0])
               ? km_usage_error("analyze", "the picture would replace the file itself")
               : KM_EXIT_DONE;
}

static int run(struct km_context *context, const void *settings_given,
               const struct km_arguments *arguments)
{
    const struct settings *const settings = settings_given;
    int exit_code = KM_EXIT_DONE;
    if (settings->picture) {
        exit_code = check_picture(context, settings->picture, arguments);
    }
    if (exit_code != KM_EXIT_DONE) {
        return exit_code;
    }
    for (size_t i = 0; i < arguments->count; ++i) {
        (void)fputs(i > 0 && !context->wants_json ? "\n" : "", stdout);
        const int own = analyze(context, settings, arguments->values[i]);
        exit_code = own == KM_EXIT_DONE ? exit_code : own;
    }
    return km_finish_output("analyze", exit_code);
}

const struct km_command km_command_analyze = {
    .name = "analyze",
    .synopsis = "X.mid... [--json] [--picture X.svg] [--strict]",
    .summary = "Tell what music is in a MIDI file: key, chords, form, tempo, groove, feeling",
    .details =
        "Key and scale of the whole and over time, chords with bar lines, sections by letters (the "
        "same letter is the same music coming back, A' is a changed A), tempo and metre, swing and "
        "timing, and the feeling that a listener would take from it, with the cues that tell. Of a "
        "performance whose file says nothing but 120 BPM and 4/4, beats and bars are found in the "
        "notes.\n\n"
        "Notes are spelled as the key has them, with # and b: C#, Bb. Beats are quarter notes, "
        "counted from 0; bars are counted from 1. A file without notes has a key and a scale of "
        "null. docs/analysis.md explains every field of --json and how each is found.\n\n"
        "X.mid may be - for standard input. With --json each file is one line. A file that is "
        "refused is told, the others are analysed nevertheless, and the exit code is 2. At most "
        "1,048,576 notes are analysed at once.",
    .example = "kmidi analyze song.mid\n"
               "kmidi analyze song.mid --picture song.svg\n"
               "kmidi analyze *.mid --json | jq -r '[.file, .key.tonic, .key.mode] | @tsv'",
    .options = options,
    .defaults = &defaults,
    .settings_size = sizeof(defaults),
    .arguments_min = 1,
    .arguments_max = KM_ARGUMENTS_MAX,
    .run = run,
};
