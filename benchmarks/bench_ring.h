// SPDX-License-Identifier: MIT

/// What bench_ring and its peers share: a queue seen as a writer's loop and a reader's loop.
#ifndef KM_BENCHMARKS_BENCH_RING_H
#define KM_BENCHMARKS_BENCH_RING_H

#include <sched.h>
#include <stdbool.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

// Messages that each queue has memory for: what ReaderWriterQueue(1024), with its spare blocks,
// has.
enum { BENCH_RING_CAPACITY = 2048 };

struct message_8 {
    uint64_t words[1];
};

struct message_64 {
    uint64_t words[8];
};

/// A queue of messages of one size. The loops are compiled with each queue, so that a queue in a
/// header is inlined as its authors meant it to be.
struct bench_queue {
    const char *name;
    void *(*create)(void);
    void (*destroy)(void *queue);
    /// Writes messages whose first words are first, first + 1, ...
    void (*write)(void *queue, uint64_t first, uint64_t count);
    /// Reads as many; false if one of them is not the expected one.
    bool (*read)(void *queue, uint64_t first, uint64_t count);
};

/// Queues of a C++ library, as two tables: of 8-byte and of 64-byte messages.
extern const struct bench_queue bench_ring_moodycamel[2];

/// One more try in vain. The other thread may not be running, so a core is not kept for long.
static inline void bench_ring_wait(unsigned int *tries)
{
    if (++*tries % 1024 == 0) {
        sched_yield();
        return;
    }
#if defined(__x86_64__)
    __builtin_ia32_pause();
#endif
}

#ifdef __cplusplus
}
#endif

#endif
