// SPDX-License-Identifier: MIT

// kmidi play: MIDI files, or music composed while it plays, live.

#include "apps/command.h"
#include "apps/play_private.h"
#include "heap/heap.h"

#include <time.h>

static const struct km_play_settings defaults = {
    .sound = KM_SOUND_DEFAULTS, .driver = "auto", .seed = 1};

#define OPTION(kind_of, field)                                                                     \
    .kind = KM_OPTION_##kind_of, .offset = offsetof(struct km_play_settings, field),               \
    .given_offset = KM_OPTION_NOT_NOTED

static const struct km_option options[] = {
    {OPTION(FLAG, is_live), .name = "--live",
     .help = "compose while playing; the words say the feeling"},
    {OPTION(TEXT, driver), .name = "--driver", .argument = "NAME",
     .help = "auto, jack, portaudio, clock (silent), null, file:X.wav (default auto)"},
    {OPTION(TEXT, device), .name = "--device", .argument = "NAME",
     .help = "the driver's device, or JACK's server"},
    {OPTION(TEXT, client_name), .name = "--client-name", .argument = "NAME",
     .help = "name that JACK shows (default kmidi)"},
    {OPTION(INTEGER, block), .name = "--block", .argument = "N", .low = KM_BLOCK_FRAMES_MIN,
     .high = KM_BLOCK_FRAMES_MAX, .help = "frames in a callback, where the driver lets us choose"},
    {OPTION(FLAG, loops), .name = "--loop",
     .help = "again and again: one song without a gap, several in turn"},
    {OPTION(REAL, from_s), .name = "--from", .argument = "S", .low = 0.0, .high = 1e7,
     .help = "begin so many seconds into the first song"},
    {OPTION(REAL, volume_db), .name = "--volume", .argument = "DB", .low = -60.0, .high = 12.0,
     .help = "how loud to begin (default 0)"},
    {OPTION(INTEGER, seed), .name = "--seed", .argument = "N", .low = 0.0, .high = 1e15,
     .help = "with --live: another seed, other music"},
    KM_SOUND_OPTIONS,
    {0},
};

static int64_t now_ns(void)
{
    struct timespec now = {0};
    (void)clock_gettime(CLOCK_MONOTONIC, &now); // Cannot fail with this clock.
    return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

static int run(struct km_context *context, const void *settings_given,
               const struct km_arguments *arguments)
{
    struct km_error error = {0};
    const struct km_play_settings *const settings = settings_given;
    enum km_interpolation interpolation;
    if (!settings->is_live && arguments->count == 0) {
        return km_usage_error("play", "what? name a MIDI file, or say --live and a feeling");
    }
    if (km_sound_interpolation(settings->sound.interpolation, &interpolation, &error) != KM_OK) {
        return km_usage_error("play", "%s", error.message);
    }
    struct km_player *const player =
        km_heap_allocate(context->heap, KM_ACCOUNT_WORKING, sizeof(*player));
    if (!player) {
        (void)km_heap_refusal(context->heap, &error);
        return km_report_error("play", &error);
    }
    player->settings = settings;
    player->context = context;
    player->arguments = arguments;
    player->start_ns = now_ns();
    player->volume_db = settings->volume_db;
    player->tempo_scale = 1.0;
    player->loops = settings->loops && arguments->count <= 1; // Several songs come in turn.
    enum km_status status = km_play_open(player, &error);
    status = status == KM_OK ? km_play_loop(player, &error) : status;
    const int exit_code = status == KM_OK ? km_play_tell(player) : km_report_error("play", &error);
    km_play_close(player);
    km_heap_release(context->heap, player);
    return exit_code;
}

const struct km_command km_command_play = {
    .name = "play",
    .synopsis = "X.mid... | --live [TEXT...]",
    .summary = "Play MIDI files, or compose while playing",
    .details =
        "Plays through JACK (or PipeWire's), or PortAudio: whatever is there. --driver clock plays "
        "in time without a sound device, --driver null as fast as it goes, file:X.wav into a file. "
        "What JACK's MIDI input brings is played along.\n\n"
        "On a terminal keys steer it: space pauses, left and right go 5 seconds back and on, up "
        "and down change the volume, + and - the tempo, m and a digit mute a channel (0 is the "
        "tenth), l loops, n goes to the next song at the next bar and N at once, q ends, ? lists "
        "them. The line "
        "shows place, voices, load, level, and Side A's counters.\n\n"
        "--live composes two bars ahead of what sounds, without end. v and V lower and raise "
        "valence, a and A arousal, c and C chaos, u and U vulnerability: heard from the next bar "
        "on.",
    .example = "kmidi play song.mid\nkmidi play --live \"anxious\"\n"
               "kmidi play one.mid two.mid --driver jack --loop",
    .options = options,
    .defaults = &defaults,
    .settings_size = sizeof(struct km_play_settings),
    .arguments_max = KM_ARGUMENTS_MAX,
    .run = run,
};
