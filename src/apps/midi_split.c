// SPDX-License-Identifier: MIT

// kmidi midi split: one file as several.

#include "apps/midi_files.h"
#include "heap/heap.h"
#include "midi/edit_files.h"

#include <stdio.h>
#include <string.h>

struct settings {
    struct km_midi_common common;
    const char *by;
};

static const struct settings defaults = {.by = "track"};

static const struct km_option options[] = {
    {.name = "--by",
     .argument = "WHAT",
     .help = "track, channel or drums (default track)",
     .kind = KM_OPTION_TEXT,
     .offset = offsetof(struct settings, by),
     .given_offset = KM_OPTION_NOT_NOTED},
    KM_MIDI_COMMON_OPTIONS("names of the files; {} is the track, the channel, or drums and rest"),
    {0}};

struct part {
    char path[KM_OUTPUT_PATH_SIZE];
    struct km_written_file file;
    struct km_midi_edit_report report;
};

struct job {
    struct km_context *context;
    const struct settings *settings;
    const char *input_path;
    enum km_midi_split_by by;
    struct km_input input;
    struct km_midi_problems problems;
    struct km_midi_parts *plan;
    struct part *parts; // One for each of the plan.
};

static void name_part(const struct job *job, size_t index, char *name, size_t size)
{
    const struct km_midi_part part = km_midi_parts_get(job->plan, index);
    if (job->by == KM_MIDI_SPLIT_BY_TRACK) {
        (void)snprintf(name, size, "%u", (unsigned)part.track + 1);
    } else if (job->by == KM_MIDI_SPLIT_BY_DRUMS) {
        const bool is_drums = part.channels == 1U << KM_CHANNEL_DRUMS;
        (void)snprintf(name, size, "%s", is_drums ? "drums" : "rest");
    } else {
        unsigned channel = 0;
        while ((part.channels >> channel & 1U) == 0) {
            ++channel;
        }
        (void)snprintf(name, size, "%u", channel + 1);
    }
}

static enum km_status name_file(const struct job *job, size_t index, struct km_error *error)
{
    const char *const pattern = job->settings->common.output;
    const char *const hole = strstr(pattern, "{}");
    char name[16];
    name_part(job, index, name, sizeof(name));
    struct part *const part = &job->parts[index];
    const int length = snprintf(part->path, sizeof(part->path), "%.*s%s%s", (int)(hole - pattern),
                                pattern, name, hole + 2);
    if (length < 0 || (size_t)length >= sizeof(part->path)) {
        return km_error_set(error, KM_ERROR_TOO_LARGE, "the names of the files are too long");
    }
    return km_written_file_open(&part->file, part->path, error);
}

static struct km_midi_edit edit_of(struct job *job, struct km_sink *sink,
                                   struct km_progress *progress)
{
    return (struct km_midi_edit){
        .heap = job->context->heap,
        .source = km_midi_source_of_input(&job->input),
        .sink = sink,
        .reader = {.listener = km_midi_problems_listener(&job->problems),
                   .is_strict = job->settings->common.is_strict},
        .progress = km_progress_listener(progress),
    };
}

static enum km_status write_part(struct job *job, size_t index, struct km_error *error)
{
    struct part *const part = &job->parts[index];
    enum km_status status = name_file(job, index, error);
    if (status != KM_OK) {
        return status;
    }
    struct km_progress progress;
    km_progress_start(&progress, part->path);
    const struct km_midi_edit edit = edit_of(job, &part->file.sink, &progress);
    status = km_midi_split_write(&edit, job->plan, index, &part->report, error);
    km_progress_end(&progress);
    if (status != KM_OK) {
        return km_midi_in_files(job->input_path, part->path, &part->file.sink, error);
    }
    return km_written_file_flush(&part->file, error);
}

// All parts are on the disk before the first takes its place.
static enum km_status write_parts(struct job *job, struct km_error *error)
{
    const size_t count = km_midi_parts_count(job->plan);
    job->parts =
        km_heap_allocate_array(job->context->heap, KM_ACCOUNT_WORKING, count, sizeof(*job->parts));
    if (!job->parts) {
        return km_heap_refusal(job->context->heap, error);
    }
    enum km_status status = KM_OK;
    for (size_t i = 0; i < count && status == KM_OK; ++i) {
        status = write_part(job, i, error);
    }
    for (size_t i = 0; i < count && status == KM_OK; ++i) {
        status = km_written_file_commit(&job->parts[i].file, error);
    }
    for (size_t i = 0; i < count && status != KM_OK; ++i) {
        km_written_file_discard(&job->parts[i].file);
    }
    return status;
}

static enum km_status split(struct job *job, struct km_error *error)
{
    enum km_status status =
        km_midi_input_open(job->context->heap, job->input_path, &job->input, error);
    if (status != KM_OK) {
        return status;
    }
    struct km_progress progress;
    km_progress_start(&progress, job->input_path);
    const struct km_midi_edit edit = edit_of(job, NULL, &progress);
    status = km_midi_split_plan(&edit, job->by, &job->plan, error);
    km_progress_end(&progress);
    status =
        status == KM_OK ? write_parts(job, error) : km_midi_in_file(job->input_path, status, error);
    km_input_close(&job->input);
    return status;
}

static json_t *json_of_part(const struct part *part)
{
    return json_pack("{s:s, s:s, s:I, s:I, s:I, s:I}", "path", part->path, "sha256",
                     part->file.sha256, "size", (json_int_t)part->file.size, "tracks",
                     (json_int_t)part->report.tracks, "events", (json_int_t)part->report.events,
                     "notes", (json_int_t)part->report.notes);
}

static int print_json(const struct job *job)
{
    json_t *const files = json_array();
    for (size_t i = 0; files && i < km_midi_parts_count(job->plan); ++i) {
        if (json_array_append_new(files, json_of_part(&job->parts[i])) != 0) {
            json_decref(files);
            return km_midi_print_json("midi split", NULL);
        }
    }
    return km_midi_print_json("midi split",
                              json_pack("{s:s, s:o, s:o}", "file", job->input_path, "problems",
                                        km_midi_problems_json(&job->problems), "files", files));
}

static void print_text(const struct job *job)
{
    for (size_t i = 0; i < km_midi_parts_count(job->plan); ++i) {
        const struct part *const part = &job->parts[i];
        printf("%s: %llu tracks, %llu events, %llu notes\n", part->path,
               (unsigned long long)part->report.tracks, (unsigned long long)part->report.events,
               (unsigned long long)part->report.notes);
    }
    km_midi_problems_print(&job->problems, job->input_path, stdout);
}

static int check(const struct settings *settings, enum km_midi_split_by *by)
{
    if (!settings->common.output || !strstr(settings->common.output, "{}")) {
        return km_usage_error("midi split", "it needs -o with {} in it, as -o part-{}.mid");
    }
    if (strcmp(settings->by, "track") == 0) {
        *by = KM_MIDI_SPLIT_BY_TRACK;
    } else if (strcmp(settings->by, "channel") == 0) {
        *by = KM_MIDI_SPLIT_BY_CHANNEL;
    } else if (strcmp(settings->by, "drums") == 0) {
        *by = KM_MIDI_SPLIT_BY_DRUMS;
    } else {
        return km_usage_error("midi split", "--by %.32s: expected track, channel or drums",
                              settings->by);
    }
    return KM_EXIT_DONE;
}

static int run(struct km_context *context, const void *settings_given,
               const struct km_arguments *arguments)
{
    struct job job = {
        .context = context, .settings = settings_given, .input_path = arguments->values[0]};
    int exit_code = check(job.settings, &job.by);
    if (exit_code != KM_EXIT_DONE) {
        return exit_code;
    }
    struct km_error error;
    if (split(&job, &error) != KM_OK) {
        exit_code = km_report_error("midi split", &error);
    } else if (context->wants_json) {
        exit_code = print_json(&job);
    } else {
        print_text(&job);
    }
    km_heap_release(context->heap, job.parts);
    km_midi_parts_free(job.plan);
    return exit_code;
}

const struct km_command km_command_midi_split = {
    .name = "midi split",
    .synopsis = "X.mid -o part-{}.mid [--by track|channel|drums] [--strict]",
    .summary = "Make several MIDI files of one: by track, channel, or drums",
    .details =
        "--by track makes a file of each track that plays (of a file of format 2, of each track), "
        "--by channel one of each channel, --by drums one of channel 10 and one of all else. Each "
        "has all tempos and signatures, and the tracks that do not play, so that it sounds as it "
        "did in the whole; kmidi midi merge makes the same events of them again. At most 512.\n\n"
        "Files may be of any size: memory stays small. What is broken is repaired on the way (see "
        "kmidi midi repair). Each file appears whole, and only once all of them are written; X.mid "
        "may be - for standard input.",
    .example = "kmidi midi split song.mid -o track-{}.mid\n"
               "kmidi midi split song.mid --by drums -o song-{}.mid",
    .options = options,
    .defaults = &defaults,
    .settings_size = sizeof(struct settings),
    .arguments_min = 1,
    .arguments_max = 1,
    .run = run,
};
