// SPDX-License-Identifier: MIT

// kmidi compose: from words to a plan, a song, and its files.

#include "apps/command.h"
#include "apps/compose_job.h"
#include "apps/compose_report.h"
#include "heap/heap.h"
#include "session/plan.h"

#include <stddef.h>
#include <string.h>
#include <unistd.h>

#define SEED_MAX 9007199254740991.0 // 2^53 - 1: what JSON readers keep exactly.

static const struct km_compose_settings defaults = {.sound = KM_SOUND_DEFAULTS,
                                                    .motivation = 5.0,
                                                    .chaos = 0.3,
                                                    .seed = 1,
                                                    .journey = {.minutes = 10.0}};

#define OPTION(option, kind_of, field)                                                             \
    .name = (option), .kind = KM_OPTION_##kind_of,                                                 \
    .offset = offsetof(struct km_compose_settings, field)
#define NOT_NOTED .given_offset = KM_OPTION_NOT_NOTED
#define NOTED(field) .given_offset = offsetof(struct km_compose_settings, field)

static const struct km_option options[] = {
    {OPTION("--output", TEXT, paths[KM_SONG_FILE_MIDI]), NOT_NOTED, .alias = "-o",
     .argument = "X.mid", .help = "write the song as a Standard MIDI File; - is standard output"},
    {OPTION("--plan", TEXT, paths[KM_SONG_FILE_PLAN]), NOT_NOTED, .argument = "X.json",
     .help = "write the plan: key, chords, sections, tension and why"},
    {OPTION("--roll", TEXT, paths[KM_SONG_FILE_ROLL]), NOT_NOTED, .argument = "X.svg",
     .help = "draw the song: piano roll with sections, chords, tension, tempo"},
    {OPTION("--wav", TEXT, wav), NOT_NOTED, .argument = "X.wav",
     .help = "render the song: X.wav, X.flac or X.ogg"},
    {OPTION("--soundfont", TEXT, sound.soundfont), NOT_NOTED, .argument = "FONT.sf2",
     .help = "render with this SoundFont (default: KMIDI_SOUNDFONT, or Debian's)"},
    {OPTION("--rate", INTEGER, sound.rate), NOT_NOTED, .argument = "HZ", .low = KM_RATE_MIN,
     .high = KM_RATE_MAX, .help = "sample rate of --wav, 44100 to 192000 (default 48000)"},
    {OPTION("--bits", TEXT, bits), NOT_NOTED, .argument = "16|24|float",
     .help = "bits of the samples of --wav (default 16)"},
    {OPTION("--gain", REAL, sound.gain_db), NOT_NOTED, .argument = "DB", .low = -60.0, .high = 30.0,
     .help = "louder or softer than about -16 LUFS"},
    {OPTION("--plan-in", TEXT, plan_in), NOT_NOTED, .argument = "X.json",
     .help = "compose this plan, as --plan wrote it and you changed it; - is standard input"},
    {OPTION("--motivation", REAL, motivation), NOTED(has_motivation), .argument = "1..10",
     .low = 1.0, .high = 10.0,
     .help = "drive: to 3 is 16 bars, to 7 is 32, above is 64 (default 5)"},
    {OPTION("--chaos", REAL, chaos), NOTED(has_chaos), .argument = "0..1", .low = 0.0, .high = 1.0,
     .help = "from orderly to wild: complexity and looseness (default 0.3)"},
    {OPTION("--vulnerability", REAL, vulnerability), NOTED(has_vulnerability), .argument = "0..1",
     .low = 0.0, .high = 1.0, .help = "from guarded to open: touch and evenness (default 0)"},
    {OPTION("--valence", REAL, valence), NOTED(has_valence), .argument = "-1..1", .low = -1.0,
     .high = 1.0, .help = "how pleasant, over what the words say"},
    {OPTION("--arousal", REAL, arousal), NOTED(has_arousal), .argument = "-1..1", .low = -1.0,
     .high = 1.0, .help = "how excited, over what the words say"},
    {OPTION("--from", TEXT, journey.from), NOT_NOTED, .argument = "FEELING",
     .help = "begin a journey here; alone: stay here"},
    {OPTION("--to", TEXT, journey.to), NOT_NOTED, .argument = "FEELING",
     .help = "lead there in small steps, from --from or from your words"},
    {OPTION("--minutes", REAL, journey.minutes), NOTED(journey.has_minutes), .argument = "N",
     .low = KM_JOURNEY_MINUTES_MIN, .high = KM_JOURNEY_MINUTES_MAX,
     .help = "length of a journey, 0.5 to 60 (default 10)"},
    {OPTION("--at-once", FLAG, journey.is_at_once), NOT_NOTED,
     .help = "be at the journey's goal from its beginning"},
    {OPTION("--phrase-seconds", REAL, journey.phrase_s), NOTED(journey.has_phrase), .argument = "S",
     .low = KM_PLAN_PHRASE_MIN, .high = KM_PLAN_PHRASE_MAX,
     .help = "length of four bars, such as 10, a slow breath: decides tempo and metre"},
    {OPTION("--silence", INTEGER, journey.silence_s), NOTED(journey.has_silence), .argument = "S",
     .low = 1.0, .high = KM_PLAN_SILENCE_MAX,
     .help = "be silent once for so many seconds: before the goal, or near the middle"},
    {OPTION("--calm", FLAG, journey.is_calm), NOT_NOTED,
     .help = "60 to 80 quarter notes a minute, unless you ask for others; nothing loud"},
    {OPTION("--loudness-ceiling", INTEGER, journey.velocity_ceiling), NOT_NOTED, .argument = "V",
     .low = KM_PLAN_CEILING_MIN, .high = 127.0,
     .help = "strike no note harder: a MIDI velocity, 40 to 127"},
    {OPTION("--key", TEXT, key), NOT_NOTED, .argument = "K",
     .help = "tonic, with a mode if you like: C, F#, Bb minor, Am, \"D dorian\""},
    {OPTION("--mode", TEXT, mode), NOT_NOTED, .argument = "M",
     .help = "ionian, dorian, phrygian, lydian, mixolydian, aeolian, locrian, ..."},
    {OPTION("--tempo", INTEGER, tempo_bpm), NOTED(has_tempo), .argument = "BPM",
     .low = KM_PLAN_TEMPO_MIN, .high = KM_PLAN_TEMPO_MAX,
     .help = "quarter notes a minute, 30 to 240"},
    {OPTION("--bars", INTEGER, bars), NOTED(has_bars), .argument = "N", .low = KM_PLAN_BARS_MIN,
     .high = KM_PLAN_BARS_MAX, .help = "length, 4 to 256 bars"},
    {OPTION("--metre", TEXT, metre), NOT_NOTED, .argument = "N/M",
     .help = "time signature: 4/4, 3/4, 6/8, 12/8, 2/4, 5/4, 7/8"},
    {OPTION("--genre", TEXT, genre), NOT_NOTED, .argument = "G",
     .help = "such as \"Indie Folk\"; a wrong one lists them"},
    {OPTION("--ensemble", TEXT, ensemble), NOT_NOTED, .argument = "E",
     .help = "who plays: band, solo piano, string quartet"},
    {OPTION("--feel", TEXT, feel), NOT_NOTED, .argument = "F",
     .help = "groove feel, such as \"Laid Back\"; a wrong one lists them"},
    {OPTION("--arc", TEXT, arc), NOT_NOTED, .argument = "A",
     .help = "story of the tension, such as \"Slow Reveal\"; a wrong one lists them"},
    {OPTION("--rule", REPEATED, rules), NOT_NOTED, .argument = "NAME",
     .help = "a rule to break, such as HARMONY_ModalInterchange; may be repeated"},
    {OPTION("--title", TEXT, title), NOT_NOTED, .argument = "T",
     .help = "title in song and picture (default: the mood, not your words)"},
    {OPTION("--seed", INTEGER, seed), NOTED(has_seed), .argument = "N", .low = 0.0,
     .high = SEED_MAX,
     .help = "another seed, another song of the same feeling (default: your words have one)"},
    {OPTION("--lyrics", FLAG, has_lyrics), NOT_NOTED,
     .help = "set your own words under the melody; song and plan hold them then"},
    {OPTION("--vary", INTEGER, vary), NOT_NOTED, .argument = "N", .low = 1.0, .high = 99.0,
     .help = "make N alternatives, X-1.mid to X-N.mid, and say what differs"},
    {0},
};

static enum km_status compose(struct km_compose_job *job, const struct km_arguments *arguments,
                              struct km_error *error)
{
    if (job->settings->vary > 0) {
        return km_compose_vary(job, arguments, error);
    }
    enum km_status status = km_compose_is_journey(job->settings)
                                ? km_compose_make_journey(job, arguments, error)
                                : km_compose_make_plan(job, arguments, error);
    status = status == KM_OK ? km_compose_write_song(job, error) : status;
    status = status == KM_OK ? km_compose_render(job, error) : status;
    status = status == KM_OK ? km_compose_commit_sound(job, error) : status;
    return status == KM_OK ? km_compose_commit(job, error) : status;
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
static int check_paths(const struct km_compose_settings *settings, const struct km_context *context,
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

// What was made, for a person or a program.
static int tell(struct km_compose_job *job, bool uses_output)
{
    if (job->settings->vary > 0) {
        return km_compose_print_alternatives(job);
    }
    const struct km_compose_report report = km_compose_report_of(job);
    if (job->context->wants_json) {
        return job->journey.heap ? km_compose_print_journey_json(job)
                                 : km_compose_print_json(&report, job->context);
    }
    if (!uses_output && job->journey.heap) {
        km_compose_print_journey(job);
    } else if (!uses_output) {
        km_compose_print(&report, job->context);
    }
    if (!uses_output && job->settings->wav) {
        km_render_print(job->settings->wav, &job->sound.result, &job->sound.sound);
    }
    return KM_EXIT_DONE;
}

static int run(struct km_context *context, const void *settings_given,
               const struct km_arguments *arguments)
{
    const struct km_compose_settings *const settings = settings_given;
    bool uses_output = false;
    int exit_code = check_paths(settings, context, &uses_output);
    if (exit_code == KM_EXIT_DONE) {
        exit_code = km_compose_check_journey(settings, arguments);
    }
    if (exit_code == KM_EXIT_DONE) {
        exit_code = km_compose_check_plan_in(settings, arguments);
    }
    if (exit_code == KM_EXIT_DONE) {
        exit_code = km_compose_check_vary(settings, uses_output);
    }
    if (exit_code == KM_EXIT_DONE) {
        exit_code = km_compose_check_sound(settings);
    }
    if (exit_code != KM_EXIT_DONE) {
        return exit_code;
    }
    struct km_error error = {0};
    struct km_compose_job *const job =
        km_heap_allocate(context->heap, KM_ACCOUNT_WORKING, sizeof(*job));
    if (!job) {
        (void)km_heap_refusal(context->heap, &error);
        return km_report_error("compose", &error);
    }
    job->settings = settings;
    job->context = context;
    job->paths = settings->paths;
    job->files = job->own_files;
    if (compose(job, arguments, &error) != KM_OK) {
        exit_code = km_report_error("compose", &error);
    } else {
        exit_code = tell(job, uses_output);
    }
    km_compose_release(job);
    km_heap_release(context->heap, job);
    return exit_code;
}

const struct km_command km_command_compose = {
    .name = "compose",
    .synopsis = "[TEXT... | -] [-o X.mid] [--wav X.wav] [--plan X.json] [--roll X.svg] [OPTION]...",
    .summary = "Turn a feeling into a song",
    .details =
        "Reads what the words say about a feeling, plans a song for it (key, tempo, form, chords, "
        "groove, tension) and writes it. The text \"-\" is read from standard input; without words "
        "the song is neutral, unless --valence and --arousal say otherwise.\n\n"
        "The same version, words, settings and seed give the same song, byte for byte. Without "
        "--seed your words have one, from 1 to 999; a song without words has 1. Files appear "
        "whole or not at all. Your words are not stored in any of them, unless --lyrics asks for "
        "it.\n\n"
        "A plan that --plan wrote may be changed and given back with --plan-in: any field of it, "
        "see docs/plan.md. What you leave out is planned, a field that is unknown is told. A part "
        "that "
        "is changed leaves the others note for note as they are; --seed goes over the plan's.\n\n"
        "A journey leads from one feeling to another as one piece of music: it first meets the "
        "mood "
        "(the iso principle), then moves in small steps; valence and arousal by at most 0.2, the "
        "tempo by at most 8 percent from stage to stage. A quarter of the time belongs to the "
        "goal. "
        "If the time is too short for such steps, the journey ends on the way, and says so. This "
        "is "
        "music; no effect on health is claimed.\n\n"
        "--wav renders the song in the same run, as kmidi render would, and with what the "
        "PRODUCTION rules of its plan ask for, which MIDI cannot hold.",
    .example =
        "kmidi compose \"feeling grief and loss\" -o song.mid --plan plan.json --roll song.svg\n"
        "kmidi compose \"feeling grief and loss\" -o song.mid --wav song.wav\n"
        "kmidi compose --valence 0.6 --arousal -0.4 --bars 16 -o calm.mid\n"
        "kmidi compose --plan-in plan.json -o changed.mid\n"
        "kmidi compose \"a quiet morning\" --vary 5 -o morning.mid\n"
        "kmidi compose --from \"tense and restless\" --to \"calm\" --minutes 12 -o evening.mid",
    .options = options,
    .defaults = &defaults,
    .settings_size = sizeof(defaults),
    .arguments_max = KM_ARGUMENTS_MAX,
    .run = run,
};
