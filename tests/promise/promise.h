// SPDX-License-Identifier: MIT

/// A way to watch what a thread does in its callbacks; each program's watch_*.c has one.
#ifndef KM_TESTS_PROMISE_PROMISE_H
#define KM_TESTS_PROMISE_PROMISE_H

#include <stdbool.h>
#include <stdint.h>

struct promise_watch {
    const char *what;    ///< Of what it counts.
    bool (*start)(void); ///< False, after a word why, where it cannot watch here.
    void (*enter)(void); ///< A callback begins.
    void (*leave)(void);
    uint64_t (*events)(void); ///< What callbacks did so far that they may not.
    void (*transgress)(void); ///< Does such a thing.
};
extern const struct promise_watch promise_watch;

#endif
