// SPDX-License-Identifier: MIT

// kmidi render: a MIDI file becomes an audio file.

#include "apps/command.h"
#include "apps/midi_files.h"
#include "apps/render_private.h"
#include "heap/heap.h"

#include <string.h>

static const struct km_render_settings defaults = {.sound = KM_SOUND_DEFAULTS,
                                                   .block = KM_RENDER_BLOCK_DEFAULT};

#define OPTION(kind_of, field)                                                                     \
    .kind = KM_OPTION_##kind_of, .offset = offsetof(struct km_render_settings, field),             \
    .given_offset = KM_OPTION_NOT_NOTED

static const struct km_option options[] = {
    {OPTION(TEXT, output), .name = "--output", .alias = "-o", .argument = "X.wav",
     .help = "write X.wav, X.flac or X.ogg"},
    {OPTION(TEXT, bits), .name = "--bits", .argument = "16|24|float",
     .help = "samples of so many bits (default 16; float: WAV only)"},
    {OPTION(FLAG, is_stems), .name = "--stems",
     .help = "write X-1-NAME.wav and so on, one for each channel, without limiter"},
    {OPTION(INTEGER, block), .name = "--block", .argument = "N", .low = 1,
     .high = KM_BLOCK_FRAMES_MAX, .help = "frames computed at a time; changes no sample"},
    KM_SOUND_OPTIONS,
    {0},
};

static int check(const struct km_render_settings *settings, const char *input,
                 struct km_error *error)
{
    if (!settings->output) {
        return km_usage_error("render", "where to? give -o X.wav, X.flac or X.ogg");
    }
    enum km_interpolation interpolation;
    enum km_audio_encoding encoding;
    enum km_status status = km_render_check_path(settings->output, error);
    if (status == KM_OK) {
        status = km_sound_interpolation(settings->sound.interpolation, &interpolation, error);
    }
    status = status == KM_OK ? km_render_encoding(settings->bits, &encoding, error) : status;
    if (status != KM_OK) {
        return km_usage_error("render", "%s", error->message);
    }
    if (km_is_same_place(input, settings->output)) {
        return km_usage_error("render", "input and output cannot both be %s", input);
    }
    return KM_EXIT_DONE;
}

static enum km_status render_one(struct km_render_job *job, struct km_error *error)
{
    const struct km_render_settings *const settings = job->settings;
    struct km_sound *const sound = &job->sound;
    struct km_render_config config = {.path = settings->output,
                                      .source = job->music.source,
                                      .seconds = job->music.scan.seconds,
                                      .block_frames = (uint32_t)settings->block};
    struct km_audio_file *file = NULL;
    enum km_status status = km_render_encoding(settings->bits, &config.encoding, error);
    status = status == KM_OK
                 ? km_sound_build(sound, (uint32_t)settings->sound.rate, &job->music.scan, error)
                 : status;
    status = status == KM_OK ? km_sound_level(sound, &job->music.source, NULL, error) : status;
    status = status == KM_OK ? km_sound_render(sound, &config, &file, &job->result, error) : status;
    return status == KM_OK ? km_audio_file_commit(file, error) : status;
}

static int tell(struct km_render_job *job)
{
    if (job->context->wants_json) {
        return km_midi_print_json("render", km_render_json(job));
    }
    if (job->settings->is_stems) {
        km_render_print_stems(job);
    } else {
        km_render_print(job->settings->output, &job->result, &job->sound);
    }
    return KM_EXIT_DONE;
}

static int run(struct km_context *context, const void *settings_given,
               const struct km_arguments *arguments)
{
    struct km_error error = {0};
    const struct km_render_settings *const settings = settings_given;
    const int checked = check(settings, arguments->values[0], &error);
    if (checked != KM_EXIT_DONE) {
        return checked;
    }
    struct km_render_job *const job =
        km_heap_allocate(context->heap, KM_ACCOUNT_WORKING, sizeof(*job));
    if (!job) {
        (void)km_heap_refusal(context->heap, &error);
        return km_report_error("render", &error);
    }
    job->settings = settings;
    job->context = context;
    job->input = arguments->values[0];
    enum km_status status = km_sound_open(&job->sound, context->heap, &settings->sound, &error);
    if (status == KM_OK) {
        status = km_sound_music_open(&job->music, context->heap, job->input, UINT64_MAX, &error);
    }
    if (status == KM_OK) {
        status = settings->is_stems ? km_render_stems(job, &error) : render_one(job, &error);
    }
    const int exit_code = status == KM_OK ? tell(job) : km_report_error("render", &error);
    km_sound_close(&job->sound);
    km_sound_music_close(&job->music);
    km_heap_release(context->heap, job);
    return exit_code;
}

const struct km_command km_command_render = {
    .name = "render",
    .synopsis = "X.mid -o X.wav|X.flac|X.ogg [OPTION]...",
    .summary = "Turn a MIDI file into sound",
    .details =
        "Plays a MIDI file of any size through a SoundFont as fast as it goes, in constant memory, "
        "and writes WAV (RF64 over 4 GB), FLAC or Ogg Vorbis. X.mid may be - for standard input. "
        "The file appears whole or not at all.\n\n"
        "The same version, music, font and settings give the same samples, in a render and live. "
        "The music is brought to about -16 LUFS by a gain that is estimated from its notes before "
        "the first sounds; --gain goes beyond that. A limiter keeps the true peak below -1 dB.\n\n"
        "With --stems each channel that plays gets a file of its own: all equally long, with "
        "reverb and chorus, at the mix's gain, without the limiter; their sum is the mix before "
        "the limiter. The music is rendered once for each.\n\n"
        "The default font is Debian's timgm6mb-soundfont; KMIDI_SOUNDFONT or --soundfont name "
        "another (SF2, SF3).",
    .example = "kmidi render song.mid -o song.wav\n"
               "kmidi render song.mid -o song.flac --soundfont FONT.sf2 --rate 96000 --bits 24\n"
               "kmidi render song.mid -o song.wav --stems",
    .options = options,
    .defaults = &defaults,
    .settings_size = sizeof(struct km_render_settings),
    .arguments_min = 1,
    .arguments_max = 1,
    .run = run,
};
