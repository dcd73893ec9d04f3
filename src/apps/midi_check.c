// SPDX-License-Identifier: MIT

// kmidi midi check: what is wrong with a MIDI file, at which byte, and what is done about it.

#include "apps/midi_problems.h"
#include "apps/progress.h"
#include "midi/scan.h"

#include <inttypes.h>
#include <stdio.h>

enum { LIMIT_DEFAULT = 100, LIMIT_MAX = 1000000 };

struct settings {
    bool is_strict;
    int64_t limit;
};

static const struct settings defaults = {.limit = LIMIT_DEFAULT};

static const struct km_option options[] = {
    {.name = "--limit",
     .argument = "N",
     .help = "list so many problems at most, and count the others (default 100)",
     .kind = KM_OPTION_INTEGER,
     .offset = offsetof(struct settings, limit),
     .given_offset = KM_OPTION_NOT_NOTED,
     .high = LIMIT_MAX},
    {.name = "--strict",
     .help = "refuse the file at its first problem",
     .kind = KM_OPTION_FLAG,
     .offset = offsetof(struct settings, is_strict),
     .given_offset = KM_OPTION_NOT_NOTED},
    {0},
};

// A check, and what came of it.
struct job {
    struct km_context *context;
    const char *path;
    bool is_strict;
    struct km_problem_list problems;
    struct km_midi_scan scan;
    bool is_refused; // By the reader: `error` says why.
    struct km_error error;
};

static void check_input(struct job *job, struct km_input *input)
{
    struct km_progress bar;
    km_progress_start(&bar, job->path);
    const struct km_midi_progress progress = km_progress_listener(&bar);
    const struct km_midi_reader_config config = {
        .listener = km_problem_list_listener(&job->problems), .is_strict = job->is_strict};
    job->is_refused = km_midi_scan_input(job->context->heap, input, &config, &progress, &job->scan,
                                         &job->error) != KM_OK;
    km_progress_end(&bar);
}

static const char *verdict_of(const struct job *job)
{
    if (job->is_refused) {
        return "refused";
    }
    return job->problems.counts.total > 0 ? "repairable" : "ok";
}

static int exit_code_of(const struct job *job)
{
    if (job->is_refused) {
        return KM_EXIT_REFUSED;
    }
    return job->problems.counts.total > 0 ? KM_EXIT_NOT_HELD : KM_EXIT_DONE;
}

static int print_json(const struct job *job)
{
    json_t *const error = job->is_refused ? json_string(job->error.message) : json_null();
    json_t *const object =
        json_pack("{s:s, s:s, s:I, s:o, s:o, s:o}", "file", job->path, "verdict", verdict_of(job),
                  "problems_total", (json_int_t)job->problems.counts.total, "faults",
                  km_midi_problems_json(&job->problems.counts), "problems",
                  km_problem_list_json(&job->problems), "error", error);
    const int exit_code = km_midi_print_json("midi check", object);
    return exit_code == KM_EXIT_DONE ? exit_code_of(job) : exit_code;
}

static void print_problem(const struct km_midi_problem *problem)
{
    printf("byte %" PRIu64, problem->offset);
    if (problem->track >= 0) {
        printf(", track %" PRIi64 ", tick %" PRIu64, problem->track, problem->tick);
    }
    printf(": %s (%s)\n    %s\n", km_midi_fault_what(problem->fault),
           km_midi_fault_name(problem->fault), km_midi_fault_done(problem->fault));
}

static void print_totals(const struct km_problem_list *problems)
{
    printf("... and %" PRIu64 " more; in all:\n",
           problems->counts.total - (uint64_t)problems->kept);
    for (int i = 0; i < KM_MIDI_FAULTS_COUNT; ++i) {
        if (problems->counts.counts[i] > 0) {
            printf("  %10" PRIu64 "  %s\n", problems->counts.counts[i],
                   km_midi_fault_what((enum km_midi_fault)i));
        }
    }
}

static int print_text(struct job *job)
{
    const struct km_problem_list *const problems = &job->problems;
    for (size_t i = 0; i < problems->kept; ++i) {
        print_problem(&problems->items[i]);
    }
    if (problems->counts.total > problems->kept) {
        print_totals(problems);
    }
    if (job->is_refused) {
        printf("%s: cannot be read\n", km_midi_shown_name(job->path));
        job->error.status = km_midi_in_file(job->path, job->error.status, &job->error);
        return km_report_error("midi check", &job->error);
    }
    if (problems->counts.total == 0) {
        printf("%s: nothing is wrong\n", km_midi_shown_name(job->path));
    } else {
        printf("%s: can be read, with %" PRIu64 " %s%s\n", km_midi_shown_name(job->path),
               problems->counts.total, problems->counts.total == 1 ? "problem" : "problems",
               job->scan.header.is_clip ? "" : "; kmidi midi repair writes it without");
    }
    return exit_code_of(job);
}

static int run(struct km_context *context, const void *settings_given,
               const struct km_arguments *arguments)
{
    const struct settings *const settings = settings_given;
    struct job job = {
        .context = context, .path = arguments->values[0], .is_strict = settings->is_strict};
    struct km_error error;
    struct km_input input;
    enum km_status status =
        km_problem_list_init(&job.problems, context->heap, (size_t)settings->limit, &error);
    if (status == KM_OK) {
        status = km_input_open(&input, job.path, &error);
    }
    int exit_code = KM_EXIT_REFUSED;
    if (status != KM_OK) {
        exit_code = km_report_error("midi check", &error);
    } else {
        check_input(&job, &input);
        km_input_close(&input);
        exit_code = context->wants_json ? print_json(&job) : print_text(&job);
    }
    km_problem_list_release(&job.problems);
    return exit_code;
}

const struct km_command km_command_midi_check = {
    .name = "midi check",
    .synopsis = "X.mid [--limit N] [--strict]",
    .summary = "Tell what is wrong with a MIDI file, at which byte",
    .details =
        "Each problem is told with its byte, track (from 0) and tick, what KmiDi does about it, "
        "and "
        "what players do; docs/midi-tolerance.md explains all of them. The last line is the "
        "verdict. The exit code is 0 if nothing is wrong, 3 if the file can be read nevertheless, "
        "and 2 if it cannot. Memory stays small at any size. X.mid may be - for standard input.",
    .example = "kmidi midi check broken.mid\nkmidi midi check broken.mid --json --limit 10",
    .options = options,
    .defaults = &defaults,
    .settings_size = sizeof(struct settings),
    .arguments_min = 1,
    .arguments_max = 1,
    .run = run,
};
