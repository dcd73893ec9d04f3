// SPDX-License-Identifier: MIT

// kmidi midi scan: what is in MIDI files, in counts.

#include "apps/command.h"
#include "base/text.h"
#include "heap/heap.h"
#include "midi/file.h"
#include "midi/tempo_map.h"

#include <jansson.h>
#include <stdio.h>

enum { FILE_SIZE_MAX = 1 << 30, JSON_FLAGS = JSON_COMPACT | JSON_REAL_PRECISION(9) };

struct settings {
    bool is_strict;
};

static const struct settings defaults = {0};

static const struct km_option options[] = {
    {.name = "--strict",
     .help = "refuse what would have to be repaired",
     .kind = KM_OPTION_FLAG,
     .offset = offsetof(struct settings, is_strict),
     .given_offset = KM_OPTION_NOT_NOTED},
    {0},
};

// One file, and what was found in it.
struct job {
    const char *path;
    struct km_midi_file file;
    struct km_midi_warnings warnings;
    uint64_t events;
    uint64_t note_ons;
    double duration_s;
};

static enum km_status in_file(const char *path, enum km_status status, struct km_error *error)
{
    const struct km_error inner = *error;
    return km_error_set(error, status, "%.200s: %s", path, inner.message);
}

static void count_events(struct job *job)
{
    for (size_t i = 0; i < job->file.track_count; ++i) {
        const struct km_midi_track *const track = &job->file.tracks[i];
        job->events += track->count;
        for (size_t j = 0; j < track->count; ++j) {
            job->note_ons += track->events[j].type == KM_EVENT_NOTE_ON;
        }
    }
}

static enum km_status measure(struct job *job, struct km_error *error)
{
    struct km_tempo_map map;
    const enum km_status status = km_tempo_map_init(&map, &job->file);
    if (status != KM_OK) {
        return km_error_set(error, status, "%.200s: no memory for its tempos", job->path);
    }
    job->duration_s = km_tempo_map_seconds(&map, km_midi_file_end(&job->file));
    km_tempo_map_release(&map);
    count_events(job);
    return KM_OK;
}

static enum km_status scan(struct km_context *context, const struct settings *settings,
                           struct job *job, struct km_error *error)
{
    struct km_bytes bytes;
    enum km_status status = km_read_file(context, job->path, FILE_SIZE_MAX, &bytes, error);
    if (status != KM_OK) {
        return status;
    }
    status = km_midi_file_read(&job->file, bytes.bytes, bytes.size, &job->warnings, error);
    km_heap_release(context->heap, bytes.bytes);
    if (status != KM_OK) {
        return in_file(job->path, status, error);
    }
    if (settings->is_strict && job->warnings.count > 0) {
        return km_error_set(error, KM_ERROR_INVALID, "%.200s: byte %zu: %s", job->path,
                            job->warnings.first_offset, job->warnings.first_message);
    }
    return measure(job, error);
}

static json_t *warnings_to_json(const struct km_midi_warnings *warnings)
{
    json_t *const list = json_array();
    if (list && warnings->count > 0 &&
        json_array_append_new(list,
                              json_pack("{s:I, s:s}", "offset", (json_int_t)warnings->first_offset,
                                        "text", warnings->first_message)) != 0) {
        json_decref(list);
        return NULL;
    }
    return list;
}

static int print_json(const struct job *job)
{
    json_t *const root = json_pack(
        "{s:s, s:i, s:I, s:i, s:I, s:I, s:f, s:o}", "file", job->path, "format", job->file.format,
        "tracks", (json_int_t)job->file.track_count, "division", job->file.division, "events",
        (json_int_t)job->events, "note_ons", (json_int_t)job->note_ons, "duration_s",
        job->duration_s, "warnings", warnings_to_json(&job->warnings));
    if (!root) {
        const struct km_error error = {KM_ERROR_NO_MEMORY, "no memory for the answer"};
        return km_report_error("midi scan", &error);
    }
    (void)json_dumpf(root, stdout, JSON_FLAGS); // km_finish_output sees a failure.
    (void)putchar('\n');
    json_decref(root);
    return KM_EXIT_DONE;
}

static int print_text(const struct job *job)
{
    char duration[KM_TEXT_REAL_SIZE];
    km_text_format_real(duration, job->duration_s, 3);
    printf("%s: format %d, %zu tracks, division %d, %llu events, %llu notes, %s s, %u warnings\n",
           job->path, job->file.format, job->file.track_count, job->file.division,
           (unsigned long long)job->events, (unsigned long long)job->note_ons, duration,
           job->warnings.count);
    return KM_EXIT_DONE;
}

static int scan_path(struct km_context *context, const struct settings *settings, const char *path)
{
    struct km_error error;
    struct job job = {.path = path};
    km_midi_file_init(&job.file, context->heap, 1, 1);
    int exit_code = KM_EXIT_DONE;
    if (scan(context, settings, &job, &error) != KM_OK) {
        exit_code = km_report_error("midi scan", &error);
    } else {
        exit_code = context->wants_json ? print_json(&job) : print_text(&job);
    }
    km_midi_file_release(&job.file);
    return exit_code;
}

static int run(struct km_context *context, const void *settings,
               const struct km_arguments *arguments)
{
    int exit_code = KM_EXIT_DONE;
    for (size_t i = 0; i < arguments->count; ++i) {
        const int own = scan_path(context, settings, arguments->values[i]);
        exit_code = own == KM_EXIT_DONE ? exit_code : own;
    }
    return exit_code;
}

const struct km_command km_command_midi_scan = {
    .name = "midi scan",
    .synopsis = "X.mid... [--strict]",
    .summary = "Tell what is in MIDI files: tracks, events, notes, length",
    .details =
        "The length is that of the tempo map. X.mid may be - for standard input. With --json "
        "each file is one line. A file that is refused is told, the others are scanned "
        "nevertheless, and the exit code is 2.",
    .example = "kmidi midi scan song.mid\nkmidi midi scan *.mid --json",
    .options = options,
    .defaults = &defaults,
    .settings_size = sizeof(struct settings),
    .arguments_min = 1,
    .arguments_max = KM_ARGUMENTS_MAX,
    .run = run,
};
