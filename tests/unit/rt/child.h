// SPDX-License-Identifier: MIT

/// Runs what ought to abort in a child process.
#ifndef KM_TESTS_UNIT_RT_CHILD_H
#define KM_TESTS_UNIT_RT_CHILD_H

#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

/// Whether `run(context)` ends with SIGABRT, as a failed KM_CHECK does.
static inline bool child_aborts(void (*run)(void *context), void *context)
{
    const pid_t child = fork();
    if (child == 0) {
        const struct rlimit no_core_file = {0};
        setrlimit(RLIMIT_CORE, &no_core_file);
        signal(SIGABRT, SIG_DFL); // cmocka catches it.
        run(context);
        _exit(EXIT_SUCCESS);
    }
    int status = 0;
    return child > 0 && waitpid(child, &status, 0) == child && WIFSIGNALED(status) &&
           WTERMSIG(status) == SIGABRT;
}

#endif
