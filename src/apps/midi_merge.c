// SPDX-License-Identifier: MIT

// kmidi midi merge: several files as one.

#include "apps/midi_files.h"
#include "heap/heap.h"
#include "midi/edit_files.h"

#include <stdio.h>
#include <string.h>

struct settings {
    struct km_midi_common common;
    bool appends;
};

static const struct settings defaults = {0};

static const struct km_option options[] = {
    {.name = "--append",
     .help = "one after the other; else side by side",
     .kind = KM_OPTION_FLAG,
     .offset = offsetof(struct settings, appends),
     .given_offset = KM_OPTION_NOT_NOTED},
    KM_MIDI_COMMON_OPTIONS("where the result goes; - is standard output"),
    {0}};

struct job {
    struct km_context *context;
    const struct settings *settings;
    const struct km_arguments *arguments;
    struct km_input *inputs;
    struct km_midi_source *sources;
    size_t opened;
    struct km_midi_merge_files files;
    struct km_midi_problems problems;
    struct km_midi_edit_report report;
    struct km_written_file file;
};

static enum km_status open_inputs(struct job *job, struct km_error *error)
{
    const size_t count = job->arguments->count;
    struct km_heap *const heap = job->context->heap;
    job->inputs = km_heap_allocate_array(heap, KM_ACCOUNT_WORKING, count, sizeof(*job->inputs));
    job->sources = km_heap_allocate_array(heap, KM_ACCOUNT_WORKING, count, sizeof(*job->sources));
    if (!job->inputs || !job->sources) {
        return km_heap_refusal(heap, error);
    }
    enum km_status status = KM_OK;
    while (job->opened < count && status == KM_OK) {
        struct km_input *const input = &job->inputs[job->opened];
        status = km_midi_input_open(heap, job->arguments->values[job->opened], input, error);
        if (status == KM_OK) {
            job->sources[job->opened++] = km_midi_source_of_input(input);
        }
    }
    return status;
}

static enum km_status merge_opened(struct job *job, struct km_error *error)
{
    const char *const output = job->settings->common.output;
    enum km_status status = km_written_file_open(&job->file, output, error);
    if (status != KM_OK) {
        return status;
    }
    struct km_progress progress;
    km_progress_start(&progress, output);
    const struct km_midi_edit edit = {
        .heap = job->context->heap,
        .source = job->sources[0],
        .sink = &job->file.sink,
        .reader = {.listener = km_midi_problems_listener(&job->problems),
                   .is_strict = job->settings->common.is_strict},
        .progress = km_progress_listener(&progress),
    };
    job->files = (struct km_midi_merge_files){
        .sources = job->sources, .count = job->opened, .appends = job->settings->appends};
    status = km_midi_merge_write(&edit, &job->files, &job->report, error);
    km_progress_end(&progress);
    if (status == KM_OK) {
        return km_written_file_commit(&job->file, error);
    }
    const char *const input = job->arguments->values[job->files.current];
    status = km_midi_in_files(input, output, &job->file.sink, error);
    km_written_file_discard(&job->file);
    return status;
}

static int print_json(const struct job *job)
{
    const struct km_midi_edit_report *const report = &job->report;
    const char *const output = job->settings->common.output;
    return km_midi_print_json(
        "midi merge",
        json_pack("{s:s, s:I, s:I, s:I, s:I, s:b, s:I, s:o, s:[{s:s, s:s, s:I}]}", "output", output,
                  "inputs", (json_int_t)job->opened, "tracks", (json_int_t)report->tracks, "events",
                  (json_int_t)report->events, "notes", (json_int_t)report->notes, "rounded",
                  job->files.is_rounded, "other_settings", (json_int_t)job->files.differing,
                  "problems", km_midi_problems_json(&job->problems), "files", "path", output,
                  "sha256", job->file.sha256, "size", (json_int_t)job->file.size));
}

static void print_text(const struct job *job)
{
    const struct km_midi_edit_report *const report = &job->report;
    const bool uses_output = strcmp(job->settings->common.output, "-") == 0;
    FILE *const stream = uses_output ? stderr : stdout;
    if (!uses_output) {
        (void)fprintf(stream, "%s: %zu files, %llu tracks, %llu events, %llu notes\n",
                      job->settings->common.output, job->opened, (unsigned long long)report->tracks,
                      (unsigned long long)report->events, (unsigned long long)report->notes);
    }
    if (job->files.differing > 0) {
        (void)fprintf(stream, "%zu files have other tempos or signatures, which are left out\n",
                      job->files.differing);
    }
    if (job->files.is_rounded) {
        (void)fprintf(stream, "no division holds the ticks of all files: they are rounded\n");
    }
    km_midi_problems_print(&job->problems, "the files", stream);
}

static int run(struct km_context *context, const void *settings_given,
               const struct km_arguments *arguments)
{
    struct job job = {.context = context, .settings = settings_given, .arguments = arguments};
    int exit_code = km_midi_output_check(context, "midi merge", job.settings->common.output);
    if (exit_code != KM_EXIT_DONE) {
        return exit_code;
    }
    struct km_error error;
    enum km_status status = open_inputs(&job, &error);
    status = status == KM_OK ? merge_opened(&job, &error) : status;
    if (status != KM_OK) {
        exit_code = km_report_error("midi merge", &error);
    } else if (context->wants_json) {
        exit_code = print_json(&job);
    } else {
        print_text(&job);
    }
    for (size_t i = 0; i < job.opened; ++i) {
        km_input_close(&job.inputs[i]);
    }
    km_heap_release(context->heap, job.inputs);
    km_heap_release(context->heap, job.sources);
    return exit_code;
}

const struct km_command km_command_midi_merge = {
    .name = "midi merge",
    .synopsis = "X.mid... -o Y.mid [--append] [--strict]",
    .summary = "Make one MIDI file of several: side by side or one after the other",
    .details =
        "All tracks of all files come together in one of format 1, whose division holds the ticks "
        "of all; if there is none that does, the finest counts, and that is told. Side by side, "
        "the tempos and signatures of the first file that has any count, and those of files that "
        "have others are left out, which is told too. With --append each file begins where the "
        "one before ends, with its own tempos.\n\n"
        "Files may be of any size: memory stays small. What is broken is repaired on the way (see "
        "kmidi midi repair). Y.mid appears whole or not at all and may be one of the files; one of "
        "them may be - for standard input.",
    .example = "kmidi midi merge drums.mid bass.mid keys.mid -o band.mid\n"
               "kmidi midi merge verse.mid chorus.mid --append -o song.mid",
    .options = options,
    .defaults = &defaults,
    .settings_size = sizeof(struct settings),
    .arguments_min = 1,
    .arguments_max = KM_MIDI_MERGE_FILES_MAX,
    .run = run,
};
