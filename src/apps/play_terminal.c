// SPDX-License-Identifier: MIT

// Keys without waiting for a whole line, and one line that is drawn again and again.

#include "apps/play_private.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

enum { ESCAPE = 27, COLUMNS_DEFAULT = 80 };

// A signal handler has no argument of ours: what it notes must be where it can reach it.
static volatile sig_atomic_t signal_number; // check_source: state: of the handler
static volatile sig_atomic_t asks_to_stop;  // check_source: state: of the handler
static volatile sig_atomic_t was_stopped;   // check_source: state: of the handler

static void note(int number)
{
    signal_number = number;
}

static void note_stop(int number)
{
    (void)number;
    asks_to_stop = 1;
}

static void note_continue(int number)
{
    (void)number;
    was_stopped = 1;
}

int km_play_signal(void)
{
    return signal_number;
}

static void watch(int number, void (*handler)(int))
{
    struct sigaction action = {.sa_handler = handler};
    (void)sigemptyset(&action.sa_mask);
    (void)sigaction(number, &action, NULL); // Fails only for signals that do not exist.
}

static void set_raw(const struct km_play_terminal *terminal)
{
    struct termios raw = terminal->before;
    raw.c_lflag &= ~(tcflag_t)(ICANON | ECHO);
    raw.c_cc[VMIN] = 0;
    raw.c_cc[VTIME] = 0;
    (void)tcsetattr(STDIN_FILENO, TCSANOW, &raw); // Without it keys come with the line's end.
}

void km_play_terminal_start(struct km_play_terminal *terminal)
{
    static const int endings[] = {SIGINT, SIGTERM, SIGHUP, SIGQUIT};
    const char *const kind = getenv("TERM");
    for (size_t i = 0; i < sizeof(endings) / sizeof(endings[0]); ++i) {
        watch(endings[i], note);
    }
    if (!km_is_terminal(STDIN_FILENO) || !km_is_terminal(STDOUT_FILENO) ||
        (kind && strcmp(kind, "dumb") == 0) || tcgetattr(STDIN_FILENO, &terminal->before) != 0) {
        return;
    }
    watch(SIGCONT, note_continue);
    watch(SIGTSTP, note_stop);
    terminal->is_on = true;
    set_raw(terminal);
    fputs("\033[?25l", stdout); // No cursor behind the line.
    (void)fflush(stdout);
}

void km_play_terminal_clear(struct km_play_terminal *terminal)
{
    if (terminal->is_drawn) {
        fputs("\r\033[K", stdout);
        (void)fflush(stdout);
        terminal->is_drawn = false;
    }
}

void km_play_terminal_stop(struct km_play_terminal *terminal)
{
    if (!terminal->is_on) {
        return;
    }
    km_play_terminal_clear(terminal);
    fputs("\033[?25h", stdout);
    (void)fflush(stdout);
    (void)tcsetattr(STDIN_FILENO, TCSANOW, &terminal->before);
    terminal->is_on = false;
}

// Ctrl-Z: the terminal is the shell's until the program goes on. The sound goes on meanwhile only
// as far as the queued bars reach.
static void stop_for_a_while(struct km_play_terminal *terminal)
{
    km_play_terminal_clear(terminal);
    fputs("\033[?25h", stdout);
    (void)fflush(stdout);
    (void)tcsetattr(STDIN_FILENO, TCSANOW, &terminal->before);
    asks_to_stop = 0;
    (void)raise(SIGSTOP);
    set_raw(terminal);
    fputs("\033[?25l", stdout);
}

// The bytes of an arrow key: ESC [ A to D, or ESC O A to D.
static struct km_play_input read_escape(void)
{
    char bytes[2] = {0};
    if (read(STDIN_FILENO, bytes, 2) != 2 || (bytes[0] != '[' && bytes[0] != 'O')) {
        return (struct km_play_input){.key = KM_PLAY_KEY_NONE};
    }
    switch (bytes[1]) {
    case 'A':
        return (struct km_play_input){.key = KM_PLAY_KEY_UP};
    case 'B':
        return (struct km_play_input){.key = KM_PLAY_KEY_DOWN};
    case 'C':
        return (struct km_play_input){.key = KM_PLAY_KEY_RIGHT};
    case 'D':
        return (struct km_play_input){.key = KM_PLAY_KEY_LEFT};
    default:
        return (struct km_play_input){.key = KM_PLAY_KEY_NONE};
    }
}

struct km_play_input km_play_terminal_read(struct km_play_terminal *terminal, int wait_ms)
{
    const struct km_play_input none = {.key = KM_PLAY_KEY_NONE};
    if (!terminal->is_on) {
        (void)poll(NULL, 0, wait_ms);
        return none;
    }
    if (asks_to_stop) {
        stop_for_a_while(terminal);
    }
    if (was_stopped) { // Stopped by somebody else, who may have changed the terminal.
        was_stopped = 0;
        set_raw(terminal);
    }
    struct pollfd input = {.fd = STDIN_FILENO, .events = POLLIN};
    char character = 0;
    if (poll(&input, 1, wait_ms) <= 0 || !(input.revents & POLLIN) ||
        read(STDIN_FILENO, &character, 1) != 1) {
        if (input.revents & (POLLHUP | POLLERR)) {
            signal_number = SIGHUP; // The terminal is gone.
        }
        return none;
    }
    return character == ESCAPE
               ? read_escape()
               : (struct km_play_input){.key = KM_PLAY_KEY_OTHER, .character = character};
}

int km_play_terminal_columns(void)
{
    struct winsize size = {0};
    return ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0 ? size.ws_col
                                                                           : COLUMNS_DEFAULT;
}

void km_play_terminal_draw(struct km_play_terminal *terminal, const char *line)
{
    if (!terminal->is_on) {
        return;
    }
    printf("\r%.*s\033[K", km_play_terminal_columns() - 1, line);
    (void)fflush(stdout);
    terminal->is_drawn = true;
}
