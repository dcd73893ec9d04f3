// SPDX-License-Identifier: MIT

// kmidi compose: from words to a plan, a song, and its files.

#include "affect/affect.h"
#include "apps/command.h"
#include "apps/compose_report.h"
#include "apps/song_files.h"
#include "base/units.h"
#include "heap/heap.h"
#include "midi/file.h"
#include "plot/roll.h"
#include "session/plan.h"
#include "session/session.h"
#include "session/song.h"
#include "theory/scale.h"

#include <stddef.h>
#include <string.h>
#include <unistd.h>

#define SEED_MAX 9007199254740991.0 // 2^53 - 1: what JSON readers keep exactly.

struct settings {
    const char *paths[KM_SONG_FILES_COUNT];
    const char *key, *mode, *genre, *title;
    double motivation, chaos, vulnerability, valence, arousal;
    bool has_valence, has_arousal, has_tempo, has_bars;
    int64_t tempo_bpm, bars, seed;
    struct km_repeated rules;
};

static const struct settings defaults = {.motivation = 5.0, .chaos = 0.3, .seed = 1};

#define OPTION(option, kind_of, field)                                                             \
    .name = (option), .kind = KM_OPTION_##kind_of, .offset = offsetof(struct settings, field)
#define NOT_NOTED .given_offset = KM_OPTION_NOT_NOTED
#define NOTED(field) .given_offset = offsetof(struct settings, field)

static const struct km_option options[] = {
    {OPTION("--output", TEXT, paths[KM_SONG_FILE_MIDI]), NOT_NOTED, .alias = "-o",
     .argument = "X.mid", .help = "write the song as a Standard MIDI File; - is standard output"},
    {OPTION("--plan", TEXT, paths[KM_SONG_FILE_PLAN]), NOT_NOTED, .argument = "X.json",
     .help = "write the plan: key, chords, sections, tension and why"},
    {OPTION("--roll", TEXT, paths[KM_SONG_FILE_ROLL]), NOT_NOTED, .argument = "X.svg",
     .help = "draw the song: piano roll with sections, chords, tension, tempo"},
    {OPTION("--motivation", REAL, motivation), NOT_NOTED, .argument = "1..10", .low = 1.0,
     .high = 10.0, .help = "drive: to 3 is 16 bars, to 7 is 32, above is 64 (default 5)"},
    {OPTION("--chaos", REAL, chaos), NOT_NOTED, .argument = "0..1", .low = 0.0, .high = 1.0,
     .help = "from orderly to wild: complexity and looseness (default 0.3)"},
    {OPTION("--vulnerability", REAL, vulnerability), NOT_NOTED, .argument = "0..1", .low = 0.0,
     .high = 1.0, .help = "from guarded to open: touch and evenness (default 0)"},
    {OPTION("--valence", REAL, valence), NOTED(has_valence), .argument = "-1..1", .low = -1.0,
     .high = 1.0, .help = "how pleasant, over what the words say"},
    {OPTION("--arousal", REAL, arousal), NOTED(has_arousal), .argument = "-1..1", .low = -1.0,
     .high = 1.0, .help = "how excited, over what the words say"},
    {OPTION("--key", TEXT, key), NOT_NOTED, .argument = "K",
     .help = "tonic, with a mode if you like: C, F#, Bb minor, Am, \"D dorian\""},
    {OPTION("--mode", TEXT, mode), NOT_NOTED, .argument = "M",
     .help = "ionian, dorian, phrygian, lydian, mixolydian, aeolian, locrian, ..."},
    {OPTION("--tempo", INTEGER, tempo_bpm), NOTED(has_tempo), .argument = "BPM",
     .low = KM_PLAN_TEMPO_MIN, .high = KM_PLAN_TEMPO_MAX,
     .help = "quarter notes a minute, 30 to 240"},
    {OPTION("--bars", INTEGER, bars), NOTED(has_bars), .argument = "N", .low = KM_PLAN_BARS_MIN,
     .high = KM_PLAN_BARS_MAX, .help = "length, 4 to 256 bars"},
    {OPTION("--genre", TEXT, genre), NOT_NOTED, .argument = "G",
     .help = "such as \"Indie Folk\"; a wrong one lists them"},
    {OPTION("--rule", REPEATED, rules), NOT_NOTED, .argument = "NAME",
     .help = "a rule to break, such as HARMONY_ModalInterchange; may be repeated"},
    {OPTION("--title", TEXT, title), NOT_NOTED, .argument = "T",
     .help = "title in song and picture (default: the mood, not your words)"},
    {OPTION("--seed", INTEGER, seed), NOT_NOTED, .argument = "N", .low = 0.0, .high = SEED_MAX,
     .help = "another seed, another song of the same feeling (default 1)"},
    {0},
};

// All that a run holds; what is zero or null is not held yet.
struct job {
    const struct settings *settings;
    struct km_context *context;
    struct km_bytes text;
    struct km_therapy_session *session;
    struct km_harmony_plan *plan;
    struct km_midi_file song;
    struct km_written_file files[KM_SONG_FILES_COUNT];
};

static enum km_status no_memory(const struct job *job, struct km_error *error)
{
    return km_heap_refusal(job->context->heap, error);
}

// The words, joined by spaces; a single "-" is standard input.
static enum km_status take_text(struct job *job, const struct km_arguments *arguments,
                                struct km_error *error)
{
    if (arguments->count == 1 && strcmp(arguments->values[0], "-") == 0) {
        return km_read_file(job->context, "-", KM_AFFECT_TEXT_SIZE_MAX, &job->text, error);
    }
    size_t size = 1;
    for (size_t i = 0; i < arguments->count; ++i) {
        size += strlen(arguments->values[i]) + 1;
    }
    job->text.bytes = km_heap_allocate(job->context->heap, KM_ACCOUNT_WORKING, size);
    if (!job->text.bytes) {
        return no_memory(job, error);
    }
    for (size_t i = 0; i < arguments->count; ++i) {
        const size_t length = strlen(arguments->values[i]);
        memcpy(job->text.bytes + job->text.size, arguments->values[i], length);
        job->text.size += length;
        job->text.bytes[job->text.size++] = ' ';
    }
    return KM_OK;
}

static enum km_status read_key(const struct settings *settings, struct km_plan_wishes *wishes,
                               struct km_error *error)
{
    if (settings->key) {
        struct km_key key = {0};
        const enum km_status status = km_key_parse(settings->key, &key, &wishes->has_mode, error);
        if (status != KM_OK) {
            return status;
        }
        wishes->has_tonic = true;
        wishes->tonic = key.tonic;
        wishes->mode = key.mode;
    }
    if (settings->mode) {
        enum km_mode mode = KM_MODE_IONIAN;
        const enum km_status status = km_mode_parse(settings->mode, &mode, error);
        if (status != KM_OK) {
            return status;
        }
        wishes->has_mode = true;
        wishes->mode = (uint8_t)mode;
    }
    return KM_OK;
}

static enum km_status read_rules(const struct km_repeated *rules, struct km_plan_wishes *wishes,
                                 struct km_error *error)
{
    for (size_t i = 0; i < rules->count; ++i) {
        enum km_rule rule = 0;
        const enum km_status status = km_rule_parse(rules->values[i], &rule, error);
        if (status != KM_OK) {
            return status;
        }
        wishes->rules |= 1U << rule;
    }
    return KM_OK;
}

static enum km_status read_wishes(const struct settings *settings, struct km_plan_wishes *wishes,
                                  struct km_error *error)
{
    *wishes = (struct km_plan_wishes){.has_tempo = settings->has_tempo,
                                      .tempo_bpm = (uint16_t)settings->tempo_bpm,
                                      .has_bars = settings->has_bars,
                                      .bars = (uint16_t)settings->bars};
    enum km_status status = read_key(settings, wishes, error);
    if (status == KM_OK && settings->genre) {
        enum km_genre genre = 0;
        status = km_genre_parse(settings->genre, &genre, error);
        wishes->has_genre = true;
        wishes->genre = (uint8_t)genre;
    }
    return status == KM_OK ? read_rules(&settings->rules, wishes, error) : status;
}

// Words and scales go into the session.
static enum km_status feed_session(struct job *job, struct km_error *error)
{
    const struct settings *const settings = job->settings;
    job->session = km_therapy_session_new(job->context->heap);
    if (!job->session) {
        return no_memory(job, error);
    }
    enum km_status status =
        km_therapy_session_process_core_input(job->session, job->text.bytes, job->text.size, error);
    if (status == KM_OK && (settings->has_valence || settings->has_arousal)) {
        const struct km_affect *const heard = km_therapy_session_affect(job->session);
        const double valence = settings->has_valence ? settings->valence : (double)heard->valence;
        const double arousal = settings->has_arousal ? settings->arousal : (double)heard->arousal;
        status = km_therapy_session_set_point(job->session, valence, arousal, error);
    }
    if (status == KM_OK) {
        status = km_therapy_session_set_scales(job->session, settings->motivation, settings->chaos,
                                               error);
    }
    if (status == KM_OK) {
        status = km_therapy_session_set_vulnerability(job->session, settings->vulnerability, error);
    }
    return status;
}

static enum km_status plan_song(struct job *job, struct km_error *error)
{
    struct km_plan_wishes wishes;
    enum km_status status = read_wishes(job->settings, &wishes, error);
    if (status == KM_OK) {
        status = feed_session(job, error);
    }
    if (status != KM_OK) {
        return status;
    }
    job->plan = km_heap_allocate(job->context->heap, KM_ACCOUNT_WORKING, sizeof(*job->plan));
    if (!job->plan) {
        return no_memory(job, error);
    }
    return km_therapy_session_generate_plan(job->session, &wishes, (uint64_t)job->settings->seed,
                                            job->plan, error);
}

static const char *title_of(const struct job *job)
{
    return job->settings->title ? job->settings->title : job->plan->mood_profile;
}

static enum km_status write_content(struct job *job, enum km_song_file kind, struct km_error *error)
{
    struct km_sink *const sink = &job->files[kind].sink;
    enum km_status status = KM_OK;
    switch (kind) {
    case KM_SONG_FILE_MIDI:
        return km_midi_file_write(&job->song, sink, error);
    case KM_SONG_FILE_PLAN:
        status = km_plan_write_json(job->plan, sink);
        break;
    case KM_SONG_FILE_ROLL:
        status = km_roll_write_svg(&job->song, job->plan, title_of(job), sink);
        break;
    case KM_SONG_FILES_COUNT:
    default:
        break;
    }
    if (status != KM_OK) {
        return km_error_set(error, status, "%s: cannot write: %s", job->settings->paths[kind],
                            km_status_text(status));
    }
    return KM_OK;
}

static enum km_status open_file(struct job *job, enum km_song_file kind, struct km_error *error)
{
    return km_written_file_open(&job->files[kind], job->settings->paths[kind], error);
}

static enum km_status flush_file(struct job *job, enum km_song_file kind, struct km_error *error)
{
    return km_written_file_flush(&job->files[kind], error);
}

static enum km_status commit_file(struct job *job, enum km_song_file kind, struct km_error *error)
{
    return km_written_file_commit(&job->files[kind], error);
}

// Does one thing with each file that was asked for, until one fails.
static enum km_status each_file(struct job *job,
                                enum km_status (*step)(struct job *, enum km_song_file,
                                                       struct km_error *),
                                struct km_error *error)
{
    enum km_status status = KM_OK;
    for (int kind = 0; kind < KM_SONG_FILES_COUNT && status == KM_OK; ++kind) {
        if (job->settings->paths[kind]) {
            status = step(job, (enum km_song_file)kind, error);
        }
    }
    return status;
}

// All files are on the disk before the first takes its place.
static enum km_status write_files(struct job *job, struct km_error *error)
{
    enum km_status status = each_file(job, open_file, error);
    status = status == KM_OK ? each_file(job, write_content, error) : status;
    status = status == KM_OK ? each_file(job, flush_file, error) : status;
    return status == KM_OK ? each_file(job, commit_file, error) : status;
}

static enum km_status compose(struct job *job, const struct km_arguments *arguments,
                              struct km_error *error)
{
    enum km_status status = take_text(job, arguments, error);
    if (status == KM_OK) {
        status = plan_song(job, error);
    }
    if (status == KM_OK) {
        km_midi_file_init(&job->song, job->context->heap, 1, KM_PPQ);
        status = km_song_compose(job->plan, title_of(job), &job->song, error);
    }
    return status == KM_OK ? write_files(job, error) : status;
}

static void release(struct job *job)
{
    struct km_heap *const heap = job->context->heap;
    for (int i = 0; i < KM_SONG_FILES_COUNT; ++i) {
        km_written_file_discard(&job->files[i]);
    }
    if (job->song.heap) {
        km_midi_file_release(&job->song);
    }
    km_therapy_session_free(job->session);
    km_heap_release(heap, job->plan);
    km_heap_release(heap, job->text.bytes);
    km_heap_release(heap, job);
}

// Whether an earlier file has this one's place.
static bool is_taken(const char *const *paths, int file)
{
    for (int i = 0; i < file; ++i) {
        if (paths[i] && km_is_same_place(paths[i], paths[file])) {
            return true;
        }
    }
    return false;
}

// What goes to standard output, and whether two files are the same.
static int check_paths(const struct settings *settings, const struct km_context *context,
                       bool *uses_output)
{
    const char *const *const paths = settings->paths;
    for (int i = 0; i < KM_SONG_FILES_COUNT; ++i) {
        if (paths[i] && is_taken(paths, i)) {
            return km_usage_error("compose", "two files cannot both be %s", paths[i]);
        }
        *uses_output = *uses_output || (paths[i] && strcmp(paths[i], "-") == 0);
    }
    if (*uses_output && context->wants_json) {
        return km_usage_error("compose",
                              "standard output holds either a file or, with --json, the result");
    }
    const char *const midi = paths[KM_SONG_FILE_MIDI];
    if (midi && strcmp(midi, "-") == 0 && km_is_terminal(STDOUT_FILENO)) {
        return km_usage_error("compose",
                              "a terminal cannot show MIDI: redirect it, or name a file");
    }
    return KM_EXIT_DONE;
}

static int run(struct km_context *context, const void *settings_given,
               const struct km_arguments *arguments)
{
    const struct settings *const settings = settings_given;
    bool uses_output = false;
    int exit_code = check_paths(settings, context, &uses_output);
    if (exit_code != KM_EXIT_DONE) {
        return exit_code;
    }
    struct km_error error = {0};
    struct job *const job = km_heap_allocate(context->heap, KM_ACCOUNT_WORKING, sizeof(*job));
    if (!job) {
        (void)km_heap_refusal(context->heap, &error);
        return km_report_error("compose", &error);
    }
    job->settings = settings;
    job->context = context;
    if (compose(job, arguments, &error) != KM_OK) {
        exit_code = km_report_error("compose", &error);
    } else {
        struct km_compose_report report = {.plan = job->plan, .files = job->files};
        memcpy(report.paths, settings->paths, sizeof(report.paths));
        if (context->wants_json) {
            exit_code = km_compose_print_json(&report, context);
        } else if (!uses_output) {
            km_compose_print(&report, context);
        }
    }
    release(job);
    return exit_code;
}

const struct km_command km_command_compose = {
    .name = "compose",
    .synopsis = "[TEXT... | -] [-o X.mid] [--plan X.json] [--roll X.svg] [OPTION]...",
    .summary = "Turn a feeling into a song",
    .details =
        "Reads what the words say about a feeling, plans a song for it (key, tempo, form, chords,\n"
        "groove, tension) and writes it. The text \"-\" is read from standard input; without words "
        "the song\n"
        "is neutral, unless --valence and --arousal say otherwise.\n\n"
        "The same version, words, settings and seed give the same song, byte for byte. Files "
        "appear\n"
        "whole or not at all. Your words are not stored in any of them.",
    .example =
        "kmidi compose \"feeling grief and loss\" -o song.mid --plan plan.json --roll song.svg\n"
        "kmidi compose --valence 0.6 --arousal -0.4 --bars 16 -o calm.mid",
    .options = options,
    .defaults = &defaults,
    .settings_size = sizeof(defaults),
    .arguments_max = KM_ARGUMENTS_MAX,
    .run = run,
};
