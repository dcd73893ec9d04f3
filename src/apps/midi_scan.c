// SPDX-License-Identifier: MIT

// kmidi midi scan: what is in MIDI files, in counts.

#include "apps/midi_problems.h"
#include "apps/progress.h"
#include "base/text.h"
#include "midi/division.h"
#include "midi/scan.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

enum { WARNINGS_MAX = 100 };

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
    struct km_context *context;
    const char *path;
    bool is_strict;
    struct km_problem_list problems;
    struct km_midi_scan scan;
};

static enum km_status scan_input(struct job *job, struct km_error *error)
{
    struct km_input input;
    enum km_status status = km_input_open(&input, job->path, error);
    if (status != KM_OK) {
        return status;
    }
    struct km_progress bar;
    km_progress_start(&bar, job->path);
    const struct km_midi_progress progress = km_progress_listener(&bar);
    const struct km_midi_reader_config config = {
        .listener = km_problem_list_listener(&job->problems), .is_strict = job->is_strict};
    status = km_midi_scan_input(job->context->heap, &input, &config, &progress, &job->scan, error);
    km_progress_end(&bar);
    km_input_close(&input);
    return status == KM_OK ? KM_OK : km_midi_in_file(job->path, status, error);
}

static json_t *add_json(json_t *object, const char *key, json_t *value)
{
    if (object && json_object_set_new(object, key, value) != 0) {
        json_decref(object);
        return NULL;
    }
    return object;
}

static json_t *channels_to_json(uint16_t channels)
{
    json_t *const list = json_array();
    for (int channel = 0; list && channel < KM_CHANNELS_COUNT; ++channel) {
        if ((channels >> channel & 1U) != 0 &&
            json_array_append_new(list, json_integer(channel + 1)) != 0) {
            json_decref(list);
            return NULL;
        }
    }
    return list;
}

static json_t *scan_to_json(const struct job *job)
{
    const struct km_midi_scan *const scan = &job->scan;
    json_t *object = json_pack(
        "{s:s, s:i, s:I, s:i, s:I, s:I, s:f, s:I, s:I, s:b, s:b, s:i}", "file", job->path, "format",
        scan->header.format, "tracks", (json_int_t)scan->tracks, "division", scan->header.division,
        "events", (json_int_t)scan->events, "note_ons", (json_int_t)scan->counts[KM_EVENT_NOTE_ON],
        "duration_s", scan->duration_s, "ticks", (json_int_t)scan->tick_end, "bytes",
        (json_int_t)scan->size, "is_rmid", scan->header.is_rmid, "is_clip", scan->header.is_clip,
        "polyphony", (int)scan->sounding_max);
    object = add_json(object, "tempo",
                      json_pack("{s:f, s:f, s:f}", "first_bpm", scan->bpm_first, "min_bpm",
                                scan->bpm_min, "max_bpm", scan->bpm_max));
    object = add_json(object, "time_signature",
                      json_pack("[i, i]", scan->numerator, 1 << scan->denominator_log2));
    object = add_json(object, "channels", channels_to_json(scan->channels));
    const bool has_notes = scan->counts[KM_EVENT_NOTE_ON] > 0;
    object = add_json(object, "keys",
                      has_notes ? json_pack("[i, i]", scan->key_low, scan->key_high) : json_null());
    object = add_json(object, "warnings", km_problem_list_json(&job->problems));
    return add_json(object, "warnings_total", json_integer((json_int_t)scan->problems));
}

static void print_division(uint16_t division)
{
    if (km_midi_division_is_smpte(division)) {
        printf("%u frames a second, %u ticks a frame", (unsigned)km_midi_division_frames(division),
               (unsigned)km_midi_division_ticks(division));
    } else {
        printf("%u ticks a quarter note", division);
    }
}

static void print_channels(uint16_t channels)
{
    const char *before = (channels & (channels - 1)) == 0 ? " on channel " : " on channels ";
    for (int channel = 0; channel < KM_CHANNELS_COUNT; ++channel) {
        if ((channels >> channel & 1U) != 0) {
            printf("%s%d", before, channel + 1);
            before = ", ";
        }
    }
}

static void print_tempo(const struct km_midi_scan *scan)
{
    char low[KM_TEXT_REAL_SIZE];
    char high[KM_TEXT_REAL_SIZE];
    km_text_format_real(low, scan->bpm_min, 2);
    km_text_format_real(high, scan->bpm_max, 2);
    const bool is_steady = strcmp(low, high) == 0;
    printf("  tempo     %s%s%s beats a minute, %u/%u\n", low, is_steady ? "" : " to ",
           is_steady ? "" : high, scan->numerator, 1U << scan->denominator_log2);
}

static void print_text(const struct job *job)
{
    const struct km_midi_scan *const scan = &job->scan;
    char duration[KM_TEXT_REAL_SIZE];
    km_text_format_real(duration, scan->duration_s, 3);
    printf("%s\n  form      ", job->path);
    if (scan->header.is_clip) {
        printf("MIDI 2.0 clip, ");
    } else {
        printf("format %u, %" PRIu64 " %s, ", scan->header.format, scan->tracks,
               scan->tracks == 1 ? "track" : "tracks");
    }
    print_division(scan->header.division);
    printf("%s\n", scan->header.is_rmid ? ", in RIFF" : "");
    printf("  length    %s s, %" PRIu64 " ticks\n", duration, scan->tick_end);
    print_tempo(scan);
    printf("  events    %" PRIu64 ", of them %" PRIu64 " notes", scan->events,
           scan->counts[KM_EVENT_NOTE_ON]);
    print_channels(scan->channels);
    if (scan->sounding_max > 0) {
        printf(", at most %" PRIu32 " at once in a track", scan->sounding_max);
    }
    printf("\n");
    if (scan->problems > 0) {
        printf("  warnings  %" PRIu64 ": kmidi midi check tells them\n", scan->problems);
    }
}

static int scan_path(struct km_context *context, const struct settings *settings, const char *path)
{
    struct km_error error;
    struct job job = {.context = context, .path = path, .is_strict = settings->is_strict};
    enum km_status status =
        km_problem_list_init(&job.problems, context->heap, WARNINGS_MAX, &error);
    if (status == KM_OK) {
        status = scan_input(&job, &error);
    }
    int exit_code = KM_EXIT_DONE;
    if (status != KM_OK) {
        exit_code = km_report_error("midi scan", &error);
    } else if (context->wants_json) {
        exit_code = km_midi_print_json("midi scan", scan_to_json(&job));
    } else {
        print_text(&job);
    }
    km_problem_list_release(&job.problems);
    return exit_code;
}

static int run(struct km_context *context, const void *settings,
               const struct km_arguments *arguments)
{
    int exit_code = KM_EXIT_DONE;
    for (size_t i = 0; i < arguments->count && !ferror(stdout); ++i) {
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
        "One pass in constant memory, at any size: Standard MIDI Files, RMID, MIDI 2.0 clips. The "
        "length is that of the tempo map. X.mid may be - for standard input.\n\n"
        "With --json each file is one line; warnings lists the first 100 problems, warnings_total "
        "counts all. A file that is refused is told, the others are scanned nevertheless, and the "
        "exit code is 2.",
    .example = "kmidi midi scan song.mid\nkmidi midi scan *.mid --json",
    .options = options,
    .defaults = &defaults,
    .settings_size = sizeof(struct settings),
    .arguments_min = 1,
    .arguments_max = KM_ARGUMENTS_MAX,
    .run = run,
};
