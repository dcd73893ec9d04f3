// SPDX-License-Identifier: MIT

// What play plays: files one after the other, or the live composer.

#include "apps/play_private.h"

#include "apps/midi_files.h"
#include "base/math.h"
#include "engine/instruments.h"
#include "engine/level.h"
#include "heap/heap.h"
#include "midi/merged.h"

#include <string.h>

static enum km_status refused(struct km_error *error)
{
    return km_error_set(error, KM_ERROR_NO_SPACE, "the audio engine takes no orders");
}

void km_play_set_volume(struct km_player *player)
{
    const double volume = km_pow(10.0, player->volume_db / 20.0);
    const float gain = (float)((double)player->sound.gain * volume);
    const bool is_taken = km_engine_set_volume(player->sound.engine, gain);
    (void)is_taken; // The next key brings the whole volume again.
}

// How large a file is read as a whole before it begins. Where nobody waits for the first sound, any
// is, and so has the gain that a render gives it.
static uint64_t scan_size_max(const struct km_player *player)
{
    const char *const driver = player->settings->driver;
    const bool is_by_hand = strcmp(driver, "null") == 0 || strncmp(driver, "file", 4) == 0;
    return is_by_hand ? UINT64_MAX : (uint64_t)KM_PLAY_SCAN_SIZE_MAX;
}

static enum km_status open_music(struct km_player *player, struct km_sound_music *music,
                                 struct km_error *error)
{
    return km_sound_music_open(music, player->context->heap,
                               player->arguments->values[player->song], scan_size_max(player),
                               error);
}

static enum km_status open_feed(struct km_player *player, struct km_error *error)
{
    struct km_sound *const sound = &player->sound;
    const struct km_feed_config config = {.source = player->music.source,
                                          .engine = sound->engine,
                                          .instruments = sound->instruments,
                                          .epoch = sound->epoch + 1};
    enum km_status status = KM_OK;
    if (player->music.is_scanned) {
        status = km_sound_level(sound, &player->music.source, NULL, error);
    } else {
        km_sound_assume_level(sound);
    }
    km_play_set_volume(player);
    status = status == KM_OK ? km_feed_new(sound->heap, &config, &player->feed, error) : status;
    if (status == KM_OK && player->loops) {
        km_feed_set_loop(player->feed, 0, KM_FEED_LOOP_END);
    }
    return status;
}

// The gain and the production of a plan that begins to sound.
static enum km_status begin_plan(void *context, const struct km_harmony_plan *plan,
                                 const struct km_midi_file *song, struct km_error *error)
{
    struct km_player *const player = context;
    const struct km_plan_production *const asked = &plan->production;
    struct km_production production = {.mud_db = asked->mud_db,
                                       .room_noise_percent = asked->room_noise_percent,
                                       .drive = asked->drive,
                                       .width = asked->width};
    struct km_feed_file *const music = km_feed_file_new(player->sound.heap, song);
    if (!music) {
        return km_heap_refusal(player->sound.heap, error);
    }
    const struct km_feed_source source = km_feed_source_file(music);
    const enum km_status status = km_sound_level(&player->sound, &source, &production, error);
    km_feed_file_free(music);
    if (status != KM_OK) {
        return status;
    }
    km_play_set_volume(player);
    return km_engine_set_production(player->sound.engine, &production, asked->pitch_drift_cents)
               ? KM_OK
               : refused(error);
}

static enum km_status open_live(struct km_player *player, struct km_error *error)
{
    struct km_sound *const sound = &player->sound;
    const struct km_live_config config = {.heap = sound->heap,
                                          .engine = sound->engine,
                                          .instruments = sound->instruments,
                                          .text = player->text,
                                          .text_size = strlen(player->text),
                                          .seed = (uint64_t)player->settings->seed,
                                          .epoch = sound->epoch + 1,
                                          .begins = begin_plan,
                                          .context = player};
    return km_live_new(&config, &player->live, error);
}

static enum km_status join_words(struct km_player *player, struct km_error *error)
{
    const struct km_arguments *const arguments = player->arguments;
    size_t size = 1;
    for (size_t i = 0; i < arguments->count; ++i) {
        size += strlen(arguments->values[i]) + 1;
    }
    player->text = km_heap_allocate(player->context->heap, KM_ACCOUNT_WORKING, size);
    if (!player->text) {
        return km_heap_refusal(player->context->heap, error);
    }
    size_t length = 0;
    for (size_t i = 0; i < arguments->count; ++i) {
        const size_t word = strlen(arguments->values[i]);
        memcpy(player->text + length, arguments->values[i], word);
        length += word;
        player->text[length++] = i + 1 < arguments->count ? ' ' : '\0';
    }
    return KM_OK;
}

static enum km_status open_driver(struct km_player *player, struct km_error *error)
{
    const struct km_play_settings *const settings = player->settings;
    const struct km_driver_config config = {.client_name = settings->client_name,
                                            .device = settings->device,
                                            .rate_hz = (uint32_t)settings->sound.rate,
                                            .block_frames = (uint32_t)settings->block,
                                            .without_start = true};
    return km_driver_open(player->context->heap, settings->driver, &config, &player->driver, error);
}

static enum km_status begin_music(struct km_player *player, struct km_error *error)
{
    struct km_sound *const sound = &player->sound;
    enum km_status status = player->text ? open_live(player, error) : open_feed(player, error);
    if (status == KM_OK) {
        sound->epoch += 1;
        if (player->feed && player->settings->from_s > 0.0) {
            km_feed_seek_seconds(player->feed, player->settings->from_s);
        }
        status = km_play_pump(player, error);
    }
    return status == KM_OK && !km_engine_play(sound->engine) ? refused(error) : status;
}

static enum km_status build(struct km_player *player, struct km_error *error)
{
    const struct km_driver_status driver = km_driver_status(player->driver);
    const bool is_known = !player->text && player->music.is_scanned;
    // Songs that follow may need what the first does not: then the pool is as large as it may be.
    const bool is_alone = player->arguments->count == 1;
    return km_sound_build(&player->sound, driver.rate_hz,
                          is_known && is_alone ? &player->music.scan : NULL, error);
}

// Whether the songs that come later can be opened at all: better told now than in the middle.
static enum km_status check_songs(const struct km_player *player, struct km_error *error)
{
    enum km_status status = KM_OK;
    for (size_t i = 1; i < player->arguments->count && status == KM_OK; ++i) {
        struct km_input input;
        status = km_input_open(&input, player->arguments->values[i], error);
        if (status == KM_OK) {
            km_input_close(&input);
        }
    }
    return status;
}

enum km_status km_play_open(struct km_player *player, struct km_error *error)
{
    struct km_heap *const heap = player->context->heap;
    enum km_status status = KM_OK;
    if (player->settings->is_live) {
        status = join_words(player, error);
    } else {
        status = check_songs(player, error);
        status = status == KM_OK ? open_music(player, &player->music, error) : status;
    }
    status = status == KM_OK ? km_sound_open(&player->sound, heap, &player->settings->sound, error)
                             : status;
    status = status == KM_OK ? open_driver(player, error) : status;
    status = status == KM_OK ? build(player, error) : status;
    return status == KM_OK ? begin_music(player, error) : status;
}

static void close_before(struct km_player *player)
{
    km_feed_free(player->feed_before);
    km_sound_music_close(&player->music_before);
    player->feed_before = NULL;
}

void km_play_close(struct km_player *player)
{
    km_driver_free(player->driver); // First: nothing calls the engine any more.
    close_before(player);
    km_feed_free(player->feed);
    km_live_free(player->live);
    km_play_chart_release(&player->chart);
    km_sound_close(&player->sound);
    km_sound_music_close(&player->music);
    km_heap_release(player->context->heap, player->text);
}

enum km_status km_play_next(struct km_player *player, bool *is_there, struct km_error *error)
{
    const size_t count = player->arguments->count;
    const bool is_last = player->song + 1 >= count;
    *is_there = !player->live && (!is_last || (player->settings->loops && count > 1));
    if (!*is_there) {
        return KM_OK;
    }
    close_before(player);
    player->feed_before = player->feed;
    player->music_before = player->music;
    player->epoch_before = km_feed_epoch(player->feed);
    player->feed = NULL;
    player->music = (struct km_sound_music){.merged = NULL};
    player->song = is_last ? 0 : player->song + 1;
    // Seeks of the song before have taken epochs.
    player->sound.epoch = player->epoch_before;
    enum km_status status = open_music(player, &player->music, error);
    status = status == KM_OK ? open_feed(player, error) : status;
    if (status == KM_OK) {
        player->sound.epoch += 1;
        close_before(player);
    }
    return status;
}

// An instrument that a live player asks for, and that finds no room, is told; the music goes on.
static enum km_status collect(struct km_player *player, struct km_error *error)
{
    enum km_status status = km_instruments_collect(player->sound.instruments, error);
    while (status == KM_ERROR_NO_MEMORY) {
        km_play_say(player, error->message);
        status = km_instruments_collect(player->sound.instruments, error);
    }
    return status;
}

enum km_status km_play_pump(struct km_player *player, struct km_error *error)
{
    enum km_status status = collect(player, error);
    if (status != KM_OK) {
        return status;
    }
    if (player->live) {
        return km_live_pump(player->live, &player->status, error);
    }
    bool is_done = false;
    return km_feed_pump(player->feed, &is_done, error);
}

void km_play_seek(struct km_player *player, double seconds)
{
    if (player->feed) {
        km_feed_seek_seconds(player->feed, seconds > 0.0 ? seconds : 0.0);
    }
}

// What keys have set holds for a new engine too.
static enum km_status keep_settings(struct km_player *player, struct km_error *error)
{
    struct km_engine *const engine = player->sound.engine;
    km_play_set_volume(player);
    const bool is_taken = km_engine_set_mutes(engine, player->mutes) &&
                          km_engine_set_tempo_scale(engine, (float)player->tempo_scale) &&
                          (!player->is_paused || km_engine_pause(engine));
    return is_taken ? KM_OK : refused(error);
}

enum km_status km_play_rebuild(struct km_player *player, struct km_error *error)
{
    const double seconds = player->status.seconds;
    km_driver_free(player->driver);
    player->driver = NULL;
    km_feed_free(player->feed);
    km_live_free(player->live);
    player->feed = NULL;
    player->live = NULL;
    km_sound_close_engine(&player->sound);
    player->status = (struct km_engine_status){.frames = 0};
    enum km_status status = open_driver(player, error);
    if (status == KM_OK && !player->text) {
        status = player->music.source.rewind(player->music.source.context, error);
    }
    status = status == KM_OK ? build(player, error) : status;
    status = status == KM_OK ? begin_music(player, error) : status;
    if (status == KM_OK) {
        km_play_seek(player, seconds);
        status = keep_settings(player, error);
    }
    return status;
}
