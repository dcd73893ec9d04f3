// SPDX-License-Identifier: MIT

// The loop that steers what plays: keys, reports of the driver, what the engine needs next.

#include "apps/play_private.h"
#include "engine/process.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

enum {
    DRAW_EVERY = 4,  // Looks of the loop.
    HAND_BLOCKS = 8, // That a clock turned by hand goes on between two looks.
    HAND_FRAMES = 1024,
    NS_PER_MS = 1000000,
};

static int64_t now_ns(void)
{
    struct timespec now = {0};
    (void)clock_gettime(CLOCK_MONOTONIC, &now); // Cannot fail with this clock.
    return (int64_t)now.tv_sec * 1000 * NS_PER_MS + now.tv_nsec;
}

static void process(void *context, const struct km_audio_block *block)
{
    struct km_player *const player = context;
    km_engine_process(player->sound.engine, block);
}

static enum km_status start(struct km_player *player, struct km_error *error)
{
    const struct km_audio_source source = {.process = process, .context = player};
    return km_driver_start(player->driver, &source, error);
}

// Whether nobody but us turns the driver's clock.
static bool is_by_hand(struct km_player *player)
{
    const char *const name = km_driver_status(player->driver).name;
    return strcmp(name, "null") == 0 || strcmp(name, "file") == 0;
}

void km_play_say(struct km_player *player, const char *text)
{
    km_play_terminal_clear(&player->terminal);
    fprintf(stderr, "kmidi play: %s\n", text);
}

static enum km_status hear_report(struct km_player *player, const struct km_driver_report *report,
                                  struct km_error *error)
{
    switch (report->kind) {
    case KM_DRIVER_GONE:
        player->is_over = true;
        return km_error_set(error, KM_ERROR_IO, "%s", report->text);
    case KM_DRIVER_RATE_CHANGED: {
        km_play_say(player, report->text);
        const enum km_status status = km_play_rebuild(player, error);
        return status == KM_OK ? start(player, error) : status;
    }
    case KM_DRIVER_XRUN:
        if (report->count == 1) {
            km_play_say(player, report->text);
        }
        return KM_OK;
    case KM_DRIVER_NOT_REALTIME:
    case KM_DRIVER_BLOCK_CHANGED:
    case KM_DRIVER_FREEWHEEL:
    case KM_DRIVER_REPORT_KINDS:
    default:
        km_play_say(player, report->text);
        return KM_OK;
    }
}

static enum km_status hear_driver(struct km_player *player, struct km_error *error)
{
    struct km_driver_report report;
    enum km_status status = KM_OK;
    while (status == KM_OK && km_driver_collect(player->driver, &report)) {
        status = hear_report(player, &report, error);
    }
    return status;
}

static void look(struct km_player *player)
{
    player->status = km_engine_status(player->sound.engine);
    if (player->first_sound_ms <= 0.0 &&
        (player->status.peak_left > 0.0f || player->status.peak_right > 0.0f)) {
        player->first_sound_ms = (double)(now_ns() - player->start_ns) / NS_PER_MS;
    }
}

// Whether what is queued has ended: for a while the status still tells of the song before it.
static bool has_ended(const struct km_player *player)
{
    const struct km_engine_status *const status = &player->status;
    return status->transport == KM_TRANSPORT_ENDED && status->chunks_waiting == 0 &&
           (!player->feed || status->epoch == km_feed_epoch(player->feed));
}

static enum km_status end_of_song(struct km_player *player, struct km_error *error)
{
    bool is_there = false;
    const enum km_status status = km_play_next(player, &is_there, error);
    player->is_over = player->is_over || !is_there;
    return status;
}

static enum km_status step(struct km_player *player, bool by_hand, struct km_error *error)
{
    enum km_status status = KM_OK;
    if (by_hand) {
        for (int i = 0; i < HAND_BLOCKS && status == KM_OK; ++i) {
            status = km_play_pump(player, error);
            km_driver_advance(player->driver, HAND_FRAMES, NULL, NULL);
            look(player);
        }
    }
    look(player);
    status = status == KM_OK ? km_play_pump(player, error) : status;
    status = status == KM_OK ? hear_driver(player, error) : status;
    if (status == KM_OK && has_ended(player)) {
        status = end_of_song(player, error);
    }
    return status;
}

// The song's chords and sections, sought once it plays, so that the first sound need not wait.
static void chart(struct km_player *player)
{
    if (player->charted != player->song + 1 && !player->live &&
        player->status.transport == KM_TRANSPORT_PLAYING) {
        player->charted = player->song + 1;
        km_play_chart_find(&player->chart, player->context->heap,
                           player->arguments->values[player->song]);
    }
}

static void draw(struct km_player *player)
{
    char line[KM_PLAY_LINE_SIZE];
    if (player->terminal.is_on && player->steps % DRAW_EVERY == 0) {
        chart(player);
        km_play_format(player, km_play_terminal_columns(), line);
        km_play_terminal_draw(&player->terminal, line);
    }
    player->steps += 1;
}

static void warn_of_memory(struct km_player *player)
{
    const struct km_engine_memory *const memory = km_engine_memory(player->sound.engine);
    if (!memory->is_locked) {
        km_play_say(player, memory->lock_error.message);
    }
}

enum km_status km_play_loop(struct km_player *player, struct km_error *error)
{
    const bool by_hand = is_by_hand(player);
    enum km_status status = start(player, error);
    if (status != KM_OK) {
        return status;
    }
    warn_of_memory(player);
    km_play_terminal_start(&player->terminal);
    while (status == KM_OK && !player->is_over && km_play_signal() == 0) {
        status = step(player, by_hand, error);
        draw(player);
        const struct km_play_input input =
            km_play_terminal_read(&player->terminal, by_hand ? 0 : KM_PLAY_TICK_MS);
        status = status == KM_OK ? km_play_obey(player, input, error) : status;
    }
    km_driver_stop(player->driver);
    look(player);
    km_play_terminal_stop(&player->terminal);
    return status;
}
