// SPDX-License-Identifier: MIT

/// play, in its parts: the songs, the loop that steers them, the keys, the terminal.
#ifndef KM_APPS_PLAY_PRIVATE_H
#define KM_APPS_PLAY_PRIVATE_H

#include "apps/command.h"
#include "apps/play_chart.h"
#include "apps/sound.h"
#include "drivers/driver.h"
#include "engine/control.h"
#include "live/live.h"

#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <termios.h>

/// The options as they were given.
struct km_play_settings {
    struct km_sound_settings sound;
    const char *driver, *device, *client_name;
    int64_t block, seed;
    double from_s, volume_db;
    bool is_live, loops;
};

enum {
    KM_PLAY_TICK_MS = 15,            ///< Between two looks of the loop.
    KM_PLAY_LINE_SIZE = 256,         ///< Of the status line.
    KM_PLAY_SCAN_SIZE_MAX = 1 << 18, ///< A larger file begins before all of it was read.
};

/// The terminal, if keys are read and a status line is drawn.
struct km_play_terminal {
    bool is_on;
    bool is_drawn; ///< The status line stands there.
    struct termios before;
};

enum km_play_key {
    KM_PLAY_KEY_NONE,
    KM_PLAY_KEY_LEFT,
    KM_PLAY_KEY_RIGHT,
    KM_PLAY_KEY_UP,
    KM_PLAY_KEY_DOWN,
    KM_PLAY_KEY_OTHER, ///< `character`
};

struct km_play_input {
    enum km_play_key key;
    char character;
};

/// All that a run holds; what is zero or null is not held yet.
struct km_player {
    const struct km_play_settings *settings;
    struct km_context *context;
    const struct km_arguments *arguments;
    struct km_sound sound;
    struct km_driver *driver;
    struct km_play_terminal terminal;
    struct km_engine_status status; ///< The newest.

    // What plays: a file's feed, or the live composer.
    size_t song; ///< Index in the arguments.
    struct km_sound_music music, music_before;
    struct km_feed *feed, *feed_before; ///< Before: until the next one has begun.
    uint32_t epoch_before;
    struct km_live *live;
    struct km_play_chart chart; ///< Of the song that plays, if the status line is drawn.
    size_t charted; ///< Songs that a chart was sought for: the index of the last, plus 1.
    char *text;     ///< What the person said.

    double volume_db;
    double tempo_scale;
    uint32_t mutes;
    bool is_paused, loops, awaits_mute, is_over;
    bool told_of_room; ///< That an instrument which is played along found no room.
    uint64_t xruns, steps;
    int64_t start_ns; ///< When the command began.
    double first_sound_ms;
    double seconds_played;
    enum km_status result;
    struct km_error error; ///< Why it ended, if not KM_OK.
};

// play_songs.c

/// Opens driver and font, builds the engine and what plays first.  [control]
KM_NODISCARD enum km_status km_play_open(struct km_player *player, struct km_error *error);

/// Gives all back.  [control]
void km_play_close(struct km_player *player);

/// Begins the next song: at the next bar line. False: there is none.  [control]
KM_NODISCARD enum km_status km_play_next(struct km_player *player, bool *is_there,
                                         struct km_error *error);

/// Sends what there is room for, and takes in what came back.  [control]
KM_NODISCARD enum km_status km_play_pump(struct km_player *player, struct km_error *error);

/// Goes to another place of the song.  [control]
void km_play_seek(struct km_player *player, double seconds);

/// Sets the volume, the music's own gain counted in.  [control]
void km_play_set_volume(struct km_player *player);

/// Another rate: a new engine goes on at the same place.  [control]
KM_NODISCARD enum km_status km_play_rebuild(struct km_player *player, struct km_error *error);

// play_loop.c

/// Plays until the end, or until somebody ends it.  [control]
KM_NODISCARD enum km_status km_play_loop(struct km_player *player, struct km_error *error);

/// Says a sentence on standard error, beside the status line.  [control]
void km_play_say(struct km_player *player, const char *text);

// play_keys.c

/// Does what a key asks for.  [control]
KM_NODISCARD enum km_status km_play_obey(struct km_player *player, struct km_play_input input,
                                         struct km_error *error);

// play_terminal.c

/// Reads keys without echo, if standard input and output are terminals; else does nothing. Signals
/// that end the program, or stop it, put the terminal back.  [control]
void km_play_terminal_start(struct km_play_terminal *terminal);

/// Puts the terminal back.  [control]
void km_play_terminal_stop(struct km_play_terminal *terminal);

/// Waits for a key, at most for so long.  [control]
struct km_play_input km_play_terminal_read(struct km_play_terminal *terminal, int wait_ms);

/// How wide the terminal is.  [control]
int km_play_terminal_columns(void);

/// Draws the status line over the last one.  [control]
void km_play_terminal_draw(struct km_play_terminal *terminal, const char *line);

/// Clears the line: before other output.  [control]
void km_play_terminal_clear(struct km_play_terminal *terminal);

/// The number of a signal that asks for the end, or 0.  [control]
int km_play_signal(void);

// play_status.c

/// The status line, in short where the terminal has no room for more.  [control]
void km_play_format(struct km_player *player, int columns, char line[KM_PLAY_LINE_SIZE]);

/// What was played, for people or as JSON; returns an enum km_exit.  [control]
int km_play_tell(struct km_player *player);

#endif
