// SPDX-License-Identifier: MIT

// What each key does.

#include "apps/play_private.h"
#include "base/math.h"

#include <stdio.h>

#define SEEK_SECONDS 5.0
#define VOLUME_STEP_DB 1.0
#define VOLUME_MIN_DB (-60.0)
#define VOLUME_MAX_DB 12.0
#define TEMPO_STEP 1.05
#define SCALE_STEP 0.1

static void show_help(struct km_player *player)
{
    km_play_terminal_clear(&player->terminal);
    printf("space pause  left/right seek 5 s  up/down volume  +/- tempo  m and a digit mute "
           "channel 1 to 10\nl loop  n next song at its bar line  N at once  q quit%s\n",
           player->live ? "  v/V valence  a/A arousal  c/C chaos  u/U vulnerability" : "");
}

// An order that found no room is dropped: the next key brings the whole setting again.
static void try_order(bool is_taken)
{
    (void)is_taken;
}

static void pause_or_play(struct km_player *player)
{
    player->is_paused = !player->is_paused;
    try_order(player->is_paused ? km_engine_pause(player->sound.engine)
                                : km_engine_play(player->sound.engine));
}

static void change_volume(struct km_player *player, double step)
{
    player->volume_db = km_clamp(player->volume_db + step, VOLUME_MIN_DB, VOLUME_MAX_DB);
    km_play_set_volume(player);
}

static void change_tempo(struct km_player *player, double factor)
{
    player->tempo_scale = km_clamp(player->tempo_scale * factor, 0.25, 4.0);
    try_order(km_engine_set_tempo_scale(player->sound.engine, (float)player->tempo_scale));
}

static void mute(struct km_player *player, char digit)
{
    const unsigned int channel = digit == '0' ? 9U : (unsigned int)(digit - '1');
    player->mutes ^= 1U << channel;
    try_order(km_engine_set_mutes(player->sound.engine, player->mutes));
}

static enum km_status turn(struct km_player *player, char key, struct km_error *error)
{
    static const char keys[KM_LIVE_SCALES_COUNT][2] = {
        {'v', 'V'}, {'a', 'A'}, {'c', 'C'}, {'u', 'U'}};
    for (int i = 0; player->live && i < KM_LIVE_SCALES_COUNT; ++i) {
        const enum km_live_scale scale = (enum km_live_scale)i;
        if (key == keys[i][0] || key == keys[i][1]) {
            const double step = key == keys[i][1] ? SCALE_STEP : -SCALE_STEP;
            return km_live_set(player->live, scale, km_live_get(player->live, scale) + step,
                               &player->status, error);
        }
    }
    return KM_OK;
}

static enum km_status next(struct km_player *player, bool at_once, struct km_error *error)
{
    bool is_there = false;
    const enum km_status status = km_play_next(player, &is_there, error);
    if (status == KM_OK && is_there && at_once) {
        try_order(km_engine_jump(player->sound.engine, km_feed_epoch(player->feed)));
    }
    return status;
}

static void loop(struct km_player *player)
{
    player->loops = !player->loops;
    if (player->feed) {
        km_feed_set_loop(player->feed, 0, player->loops ? KM_FEED_LOOP_END : 0);
    }
}

static enum km_status obey_character(struct km_player *player, char character,
                                     struct km_error *error)
{
    switch (character) {
    case ' ':
        pause_or_play(player);
        break;
    case '+':
    case '=':
        change_tempo(player, TEMPO_STEP);
        break;
    case '-':
        change_tempo(player, 1.0 / TEMPO_STEP);
        break;
    case 'm':
        player->awaits_mute = true;
        break;
    case 'l':
        loop(player);
        break;
    case 'n':
    case 'N':
        return next(player, character == 'N', error);
    case 'q':
        player->is_over = true;
        break;
    case '?':
    case 'h':
        show_help(player);
        break;
    default:
        return turn(player, character, error);
    }
    return KM_OK;
}

enum km_status km_play_obey(struct km_player *player, struct km_play_input input,
                            struct km_error *error)
{
    const bool awaited_mute = player->awaits_mute;
    player->awaits_mute = false;
    switch (input.key) {
    case KM_PLAY_KEY_NONE:
        player->awaits_mute = awaited_mute;
        break;
    case KM_PLAY_KEY_LEFT:
        km_play_seek(player, player->status.seconds - SEEK_SECONDS);
        break;
    case KM_PLAY_KEY_RIGHT:
        km_play_seek(player, player->status.seconds + SEEK_SECONDS);
        break;
    case KM_PLAY_KEY_UP:
        change_volume(player, VOLUME_STEP_DB);
        break;
    case KM_PLAY_KEY_DOWN:
        change_volume(player, -VOLUME_STEP_DB);
        break;
    case KM_PLAY_KEY_OTHER:
    default:
        if (awaited_mute && input.character >= '0' && input.character <= '9') {
            mute(player, input.character);
            break;
        }
        return obey_character(player, input.character, error);
    }
    return KM_OK;
}
