// SPDX-License-Identifier: MIT

/// A JACK server without hardware, of its own name, that lives as long as a test.
#ifndef KM_TESTS_SUPPORT_JACK_SERVER_H
#define KM_TESTS_SUPPORT_JACK_SERVER_H

#include <fcntl.h>
#include <jack/jack.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

struct jack_server {
    char name[64];
    pid_t process;
    bool was_killed;
};

static inline void wait_ms(long ms)
{
    const struct timespec pause = {.tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000};
    nanosleep(&pause, NULL);
}

static inline void jack_server_execute(const struct jack_server *server, bool is_realtime)
{
    const int nowhere = open("/dev/null", O_RDWR);
    dup2(nowhere, STDIN_FILENO);
    dup2(nowhere, STDOUT_FILENO);
    dup2(nowhere, STDERR_FILENO);
    prctl(PR_SET_PDEATHSIG, SIGTERM); // Not killed: see jack_server_stop.
    setenv("JACK_NO_AUDIO_RESERVATION", "1", 1);
    if (is_realtime) {
        execlp("jackd", "jackd", "-n", server->name, "-R", "-P", "20", "-d", "dummy", "-r", "48000",
               "-p", "128", (char *)NULL);
    } else {
        execlp("jackd", "jackd", "-n", server->name, "-r", "-d", "dummy", "-r", "48000", "-p",
               "128", (char *)NULL);
    }
    _exit(127);
}

/// A client of the server, or null.
static inline jack_client_t *jack_server_client(const struct jack_server *server, const char *name)
{
    jack_status_t status = 0;
    return jack_client_open(name, JackNoStartServer | JackServerName, &status, server->name);
}

static inline void jack_server_fork(struct jack_server *server, bool is_realtime)
{
    server->process = fork();
    if (server->process == 0) {
        jack_server_execute(server, is_realtime);
    }
}

static inline void jack_server_kill(struct jack_server *server)
{
    if (server->process > 0) {
        kill(server->process, SIGKILL);
        waitpid(server->process, NULL, 0);
        server->process = 0;
        server->was_killed = true;
    }
}

static inline void jack_server_end(struct jack_server *server)
{
    if (server->process > 0) {
        kill(server->process, SIGTERM);
        for (int i = 0; i < 100 && server->process > 0; ++i) {
            if (waitpid(server->process, NULL, WNOHANG) != 0) {
                server->process = 0;
            }
            wait_ms(20);
        }
    }
    jack_server_kill(server);
}

/// Ends it in good order. JACK keeps a list of at most eight servers, out of which one that was
/// killed is taken only by the next server of its name: it gets one.
static inline void jack_server_stop(struct jack_server *server)
{
    jack_server_end(server);
    if (server->was_killed) {
        server->was_killed = false;
        jack_server_fork(server, false);
        wait_ms(500);
        jack_server_end(server);
    }
    char command[256];
    snprintf(command, sizeof(command), "rm -rf /dev/shm/jack*%s*", server->name);
    (void)!system(command); // NOLINT(cert-env33-c): the name is our own.
}

static inline void jack_server_say_nothing(const char *text)
{
    (void)text;
}

/// False where it cannot run.
static inline bool jack_server_start(struct jack_server *server, const char *purpose,
                                     bool is_realtime)
{
    snprintf(server->name, sizeof(server->name), "kmidi-%s-%ld", purpose, (long)getpid());
    server->was_killed = false;
    jack_server_fork(server, is_realtime);
    jack_set_error_function(jack_server_say_nothing); // While it is not there yet.
    jack_set_info_function(jack_server_say_nothing);
    for (int i = 0; i < 250; ++i) {
        wait_ms(20);
        jack_client_t *const client = jack_server_client(server, "probe");
        if (client) {
            jack_client_close(client);
            return true;
        }
        if (waitpid(server->process, NULL, WNOHANG) == server->process) {
            server->process = 0;
            break;
        }
    }
    jack_server_stop(server);
    return false;
}

#endif
