// SPDX-License-Identifier: MIT

#include "apps/midi_files.h"

#include "midi/spool.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { JSON_FLAGS = JSON_COMPACT | JSON_REAL_PRECISION(9) };

static void count_problem(void *context, const struct km_midi_problem *problem)
{
    struct km_midi_problems *const problems = context;
    if (problems->total++ == 0) {
        problems->first = *problem;
    }
    ++problems->counts[problem->fault];
}

struct km_midi_listener km_midi_problems_listener(struct km_midi_problems *problems)
{
    return (struct km_midi_listener){.tell = count_problem, .context = problems};
}

const char *km_midi_shown_name(const char *path)
{
    return strcmp(path, "-") == 0 ? "standard input" : path;
}

json_t *km_midi_problems_json(const struct km_midi_problems *problems)
{
    json_t *const object = json_object();
    for (int i = 0; object && i < KM_MIDI_FAULTS_COUNT; ++i) {
        if (problems->counts[i] > 0 &&
            json_object_set_new(object, km_midi_fault_name((enum km_midi_fault)i),
                                json_integer((json_int_t)problems->counts[i])) != 0) {
            json_decref(object);
            return NULL;
        }
    }
    return object;
}

void km_midi_problems_print(const struct km_midi_problems *problems, const char *path, FILE *stream)
{
    if (problems->total == 0) {
        return;
    }
    (void)fprintf(stream, "%s: repaired:", km_midi_shown_name(path));
    for (int i = 0; i < KM_MIDI_FAULTS_COUNT; ++i) {
        if (problems->counts[i] > 0) {
            (void)fprintf(stream, " %" PRIu64 " %s", problems->counts[i],
                          km_midi_fault_name((enum km_midi_fault)i));
        }
    }
    (void)fprintf(stream, "; the first at byte %" PRIu64 "\n", problems->first.offset);
}

enum km_status km_midi_input_open(struct km_heap *heap, const char *path, struct km_input *input,
                                  struct km_error *error)
{
    enum km_status status = km_input_open(input, path, error);
    if (status != KM_OK) {
        return status;
    }
    status = km_midi_spool(heap, input, error);
    if (status == KM_OK) {
        return KM_OK;
    }
    km_input_close(input);
    return km_midi_in_file(path, status, error);
}

static enum km_status name_in_message(const char *name, enum km_status status,
                                      struct km_error *error)
{
    const size_t length = strlen(name);
    if (strncmp(error->message, name, length) == 0 && error->message[length] == ':') {
        return status; // Base says it itself.
    }
    const struct km_error inner = *error;
    return km_error_set(error, status, "%.200s: %s", name, inner.message);
}

enum km_status km_midi_in_file(const char *path, enum km_status status, struct km_error *error)
{
    return name_in_message(km_midi_shown_name(path), status, error);
}

enum km_status km_midi_in_files(const char *input, const char *output, const struct km_sink *sink,
                                struct km_error *error)
{
    if (sink->status == KM_OK) {
        return km_midi_in_file(input, error->status, error);
    }
    return name_in_message(strcmp(output, "-") == 0 ? "standard output" : output, error->status,
                           error);
}

int km_midi_output_check(const struct km_context *context, const char *command, const char *output)
{
    if (!output) {
        return km_usage_error(command, "it needs -o Y.mid, where the result goes");
    }
    const bool uses_output = strcmp(output, "-") == 0;
    if (uses_output && context->wants_json) {
        return km_usage_error(command,
                              "standard output holds either the file or, with --json, the result");
    }
    if (uses_output && km_is_terminal(STDOUT_FILENO)) {
        return km_usage_error(command, "a terminal cannot show MIDI: redirect it, or name a file");
    }
    return KM_EXIT_DONE;
}

int km_midi_print_json(const char *command, json_t *object)
{
    if (!object) {
        const struct km_error error = {KM_ERROR_NO_MEMORY, "no memory for the answer"};
        return km_report_error(command, &error);
    }
    (void)json_dumpf(object, stdout, JSON_FLAGS); // km_finish_output sees a failure.
    (void)putchar('\n');
    json_decref(object);
    return KM_EXIT_DONE;
}

static enum km_status edit_opened(struct km_midi_job *job, struct km_error *error)
{
    struct km_progress progress;
    km_progress_start(&progress, job->input_path);
    const struct km_midi_edit edit = {
        .heap = job->context->heap,
        .source = km_midi_source_of_input(&job->input),
        .sink = &job->file.sink,
        .reader = {.listener = km_midi_problems_listener(&job->problems),
                   .is_strict = job->is_strict},
        .progress = km_progress_listener(&progress),
    };
    enum km_status status = job->edit(job->edit_context, job, &edit, error);
    km_progress_end(&progress);
    if (status != KM_OK) {
        return km_midi_in_files(job->input_path, job->output_path, &job->file.sink, error);
    }
    return km_written_file_commit(&job->file, error);
}

static enum km_status run(struct km_midi_job *job, struct km_error *error)
{
    enum km_status status =
        km_midi_input_open(job->context->heap, job->input_path, &job->input, error);
    if (status != KM_OK) {
        return status;
    }
    status = km_written_file_open(&job->file, job->output_path, error);
    if (status == KM_OK) {
        status = edit_opened(job, error);
        if (status != KM_OK) {
            km_written_file_discard(&job->file);
        }
    }
    km_input_close(&job->input);
    return status;
}

static int print_json(struct km_midi_job *job)
{
    const struct km_midi_edit_report *const report = &job->report;
    json_t *const object = json_pack(
        "{s:s, s:s, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:o, s:[{s:s, s:s, s:I}]}", "file",
        job->input_path, "output", job->output_path, "tracks", (json_int_t)report->tracks, "events",
        (json_int_t)report->events, "notes", (json_int_t)report->notes, "changed",
        (json_int_t)report->changed, "added", (json_int_t)report->added, "left_out",
        (json_int_t)report->left_out, "left_out_bytes", (json_int_t)report->left_out_bytes,
        "problems", km_midi_problems_json(&job->problems), "files", "path", job->output_path,
        "sha256", job->file.sha256, "size", (json_int_t)job->file.size);
    return km_midi_print_json(job->command, object);
}

// To standard error where the file itself goes to standard output.
static void print_text(const struct km_midi_job *job)
{
    const struct km_midi_edit_report *const report = &job->report;
    const bool uses_output = strcmp(job->output_path, "-") == 0;
    FILE *const stream = uses_output ? stderr : stdout;
    if (!uses_output) {
        (void)fprintf(stream, "%s: %" PRIu64 " tracks, %" PRIu64 " events, %" PRIu64 " notes",
                      job->output_path, report->tracks, report->events, report->notes);
        (void)fprintf(stream, "; %" PRIu64 " changed, %" PRIu64 " added, %" PRIu64 " left out\n",
                      report->changed, report->added, report->left_out);
    }
    km_midi_problems_print(&job->problems, job->input_path, stream);
}

int km_midi_job_run(struct km_midi_job *job)
{
    int exit_code = km_midi_output_check(job->context, job->command, job->output_path);
    if (exit_code != KM_EXIT_DONE) {
        return exit_code;
    }
    struct km_error error;
    if (run(job, &error) != KM_OK) {
        exit_code = km_report_error(job->command, &error);
    } else if (job->context->wants_json) {
        exit_code = print_json(job);
    } else {
        print_text(job);
    }
    return exit_code;
}
