// SPDX-License-Identifier: MIT

// Messages from one thread to another, each pinned to a core: km_ring beside the queues that audio
// programs use. All take turns in each round, so that a disturbance of the machine meets them all.

#include "bench_ring.h"

#include "harness.h"
#include "rt/arena.h"
#include "rt/ring.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#ifdef BENCH_RING_JACK
#include <jack/ringbuffer.h>
#endif

enum { ROUNDS = 61, ROUNDS_QUICK = 1, QUEUES_MAX = 8, SIZES_COUNT = 2, LATENCIES_COUNT = 20000 };

static void *checked(void *memory)
{
    if (!memory) {
        fprintf(stderr, "bench_ring: no memory\n");
        exit(EXIT_FAILURE);
    }
    return memory;
}

// Defines the loops of a queue for one type of message, from its attempts to write and to read.
#define LOOPS(name, message_type, try_write, try_read)                                             \
    static void name##_write(void *queue, uint64_t first, uint64_t count)                          \
    {                                                                                              \
        for (uint64_t i = first; i < first + count; ++i) {                                         \
            const struct message_type message = {{i}};                                             \
            for (unsigned int tries = 0; !try_write(queue, &message, sizeof(message));) {          \
                bench_ring_wait(&tries);                                                           \
            }                                                                                      \
        }                                                                                          \
    }                                                                                              \
    static bool name##_read(void *queue, uint64_t first, uint64_t count)                           \
    {                                                                                              \
        bool in_order = true;                                                                      \
        for (uint64_t i = first; i < first + count; ++i) {                                         \
            struct message_type message;                                                           \
            for (unsigned int tries = 0; !try_read(queue, &message, sizeof(message));) {           \
                bench_ring_wait(&tries);                                                           \
            }                                                                                      \
            in_order = in_order && message.words[0] == i;                                          \
        }                                                                                          \
        return in_order;                                                                           \
    }

// km_ring: its arena's block is the queue, and the ring comes first in it.
static void *create_ours(uint32_t message_size)
{
    const size_t size = (size_t)message_size * BENCH_RING_CAPACITY + 1024;
    void *const block = checked(aligned_alloc(KM_RING_APART, size));
    struct km_arena arena;
    km_arena_init(&arena, block, size);
    return checked(km_ring_new(&arena, message_size * BENCH_RING_CAPACITY));
}

static void *ours_8_create(void)
{
    return create_ours(8);
}

static void *ours_64_create(void)
{
    return create_ours(64);
}

LOOPS(ours_8, message_8, km_ring_write, km_ring_read)
LOOPS(ours_64, message_64, km_ring_write, km_ring_read)

// Slots of one size with the least that such a queue can do, inlined: what there is to gain from
// knowing the size when compiling.
struct slots {
    _Alignas(128) _Atomic uint64_t written;
    _Alignas(128) uint64_t read_seen;
    _Alignas(128) _Atomic uint64_t read;
    _Alignas(128) uint64_t written_seen;
    _Alignas(128) unsigned char bytes[BENCH_RING_CAPACITY * 64];
};

static void *slots_create(void)
{
    return memset(checked(aligned_alloc(128, sizeof(struct slots))), 0, sizeof(struct slots));
}

static inline bool slots_try_write(struct slots *slots, const void *message, size_t size)
{
    const uint64_t written = atomic_load_explicit(&slots->written, memory_order_relaxed);
    if (written - slots->read_seen == BENCH_RING_CAPACITY) {
        slots->read_seen = atomic_load_explicit(&slots->read, memory_order_acquire);
        if (written - slots->read_seen == BENCH_RING_CAPACITY) {
            return false;
        }
    }
    memcpy(slots->bytes + written % BENCH_RING_CAPACITY * size, message, size);
    atomic_store_explicit(&slots->written, written + 1, memory_order_release);
    return true;
}

static inline bool slots_try_read(struct slots *slots, void *message, size_t size)
{
    const uint64_t read = atomic_load_explicit(&slots->read, memory_order_relaxed);
    if (read == slots->written_seen) {
        slots->written_seen = atomic_load_explicit(&slots->written, memory_order_acquire);
        if (read == slots->written_seen) {
            return false;
        }
    }
    memcpy(message, slots->bytes + read % BENCH_RING_CAPACITY * size, size);
    atomic_store_explicit(&slots->read, read + 1, memory_order_release);
    return true;
}

LOOPS(slots_8, message_8, slots_try_write, slots_try_read)
LOOPS(slots_64, message_64, slots_try_write, slots_try_read)

#ifdef BENCH_RING_JACK
static void *jack_8_create(void)
{
    return checked(jack_ringbuffer_create((size_t)8 * BENCH_RING_CAPACITY));
}

static void *jack_64_create(void)
{
    return checked(jack_ringbuffer_create((size_t)64 * BENCH_RING_CAPACITY));
}

static void jack_destroy(void *queue)
{
    jack_ringbuffer_free(queue);
}

// jack_ringbuffer_write writes a part if the rest does not fit, so clients ask for room first.
static inline bool jack_try_write(void *queue, const void *message, size_t size)
{
    return jack_ringbuffer_write_space(queue) >= size &&
           jack_ringbuffer_write(queue, message, size) == size;
}

static inline bool jack_try_read(void *queue, void *message, size_t size)
{
    return jack_ringbuffer_read_space(queue) >= size &&
           jack_ringbuffer_read(queue, message, size) == size;
}

LOOPS(jack_8, message_8, jack_try_write, jack_try_read)
LOOPS(jack_64, message_64, jack_try_write, jack_try_read)
#endif

// One table per size; ours comes first.
static const struct bench_queue queues[SIZES_COUNT][QUEUES_MAX] = {
    {
        {"kmidi", ours_8_create, free, ours_8_write, ours_8_read},
        {"slots", slots_create, free, slots_8_write, slots_8_read},
#ifdef BENCH_RING_JACK
        {"jack", jack_8_create, jack_destroy, jack_8_write, jack_8_read},
#endif
    },
    {
        {"kmidi", ours_64_create, free, ours_64_write, ours_64_read},
        {"slots", slots_create, free, slots_64_write, slots_64_read},
#ifdef BENCH_RING_JACK
        {"jack", jack_64_create, jack_destroy, jack_64_write, jack_64_read},
#endif
    },
};

// The two cores: the first two that this process may use, the writer's and the reader's.
static bool choose_cores(size_t cores[2])
{
    cpu_set_t allowed;
    CPU_ZERO(&allowed);
    int found = 0;
    if (sched_getaffinity(0, sizeof(allowed), &allowed) != 0) {
        return false;
    }
    for (size_t i = 0; i < CPU_SETSIZE && found < 2; ++i) {
        if (CPU_ISSET(i, &allowed)) {
            cores[found++] = i;
        }
    }
    return found == 2;
}

static void pin_to(size_t core)
{
    cpu_set_t set;
    CPU_ZERO(&set);
    CPU_SET(core, &set);
    if (pthread_setaffinity_np(pthread_self(), sizeof(set), &set) != 0) {
        fprintf(stderr, "bench_ring: cannot pin a thread; figures will be less steady\n");
    }
}

struct run {
    const struct bench_queue *kind;
    void *queue; // To the reader, and, for latency, `back` to the writer.
    void *back;
    uint64_t count;
    size_t core;
    _Atomic int is_ready;
    uint64_t *latencies; // Half the round trip of each message, in nanoseconds.
};

static void *write_all(void *context)
{
    struct run *const run = context;
    pin_to(run->core);
    atomic_store(&run->is_ready, 1);
    while (atomic_load(&run->is_ready) != 2) {
        sched_yield();
    }
    run->kind->write(run->queue, 0, run->count);
    return NULL;
}

static void expect_order(bool in_order, const char *name)
{
    if (!in_order) {
        fprintf(stderr, "bench_ring: %s lost or changed a message\n", name);
        exit(EXIT_FAILURE);
    }
}

static pthread_t start_thread(struct run *run, void *(*body)(void *))
{
    pthread_t thread;
    if (pthread_create(&thread, NULL, body, run) != 0) {
        fprintf(stderr, "bench_ring: cannot start a thread\n");
        exit(EXIT_FAILURE);
    }
    while (atomic_load(&run->is_ready) != 1) {
        sched_yield();
    }
    return thread;
}

// Millions of messages per second in one go. The caller is the reader.
static double mops_of(const struct bench_queue *kind, uint64_t count, size_t writer_core)
{
    struct run run = {.kind = kind, .queue = kind->create(), .count = count, .core = writer_core};
    const pthread_t writer = start_thread(&run, write_all);
    const uint64_t start = km_bench_wall_ns();
    atomic_store(&run.is_ready, 2);
    expect_order(kind->read(run.queue, 0, count), kind->name);
    const uint64_t elapsed = km_bench_wall_ns() - start;
    pthread_join(writer, NULL);
    kind->destroy(run.queue);
    return (double)count * 1e3 / (double)elapsed;
}

static void *send_and_await(void *context)
{
    struct run *const run = context;
    pin_to(run->core);
    atomic_store(&run->is_ready, 1);
    for (uint64_t i = 0; i < run->count; ++i) {
        const uint64_t start = km_bench_wall_ns();
        run->kind->write(run->queue, i, 1);
        expect_order(run->kind->read(run->back, i, 1), run->kind->name);
        run->latencies[i] = (km_bench_wall_ns() - start) / 2;
    }
    return NULL;
}

// Fills `latencies`.
// NOLINTNEXTLINE(readability-non-const-parameter): the other thread writes to it.
static void measure_latencies(const struct bench_queue *kind, uint64_t *latencies, uint64_t count,
                              size_t writer_core)
{
    struct run run = {.kind = kind,
                      .queue = kind->create(),
                      .back = kind->create(),
                      .count = count,
                      .core = writer_core,
                      .latencies = latencies};
    const pthread_t writer = start_thread(&run, send_and_await);
    for (uint64_t i = 0; i < count; ++i) {
        expect_order(kind->read(run.queue, i, 1), kind->name);
        kind->write(run.back, i, 1);
    }
    pthread_join(writer, NULL);
    kind->destroy(run.queue);
    kind->destroy(run.back);
}

static int compare_doubles(const void *a, const void *b)
{
    const double x = *(const double *)a;
    const double y = *(const double *)b;
    return (x > y) - (x < y);
}

static int compare_counts(const void *a, const void *b)
{
    const uint64_t x = *(const uint64_t *)a;
    const uint64_t y = *(const uint64_t *)b;
    return (x > y) - (x < y);
}

static void note(struct km_bench *bench, const char *queue, const char *metric, double value,
                 const char *unit)
{
    if (strcmp(queue, "kmidi") == 0) {
        km_bench_metric(bench, metric, value, unit);
    } else {
        km_bench_peer(bench, queue, metric, value);
    }
}

// The kinds for messages of one size, those of the C++ file included; returns how many.
static int collect(const struct bench_queue *kinds[QUEUES_MAX], int size)
{
    int count = 0;
    for (int i = 0; i < QUEUES_MAX && queues[size][i].name; ++i) {
        kinds[count++] = &queues[size][i];
    }
#ifdef BENCH_RING_MOODYCAMEL
    kinds[count++] = &bench_ring_moodycamel[size];
#endif
    return count;
}

static void compare_throughput(struct km_bench *bench, int size, size_t writer_core)
{
    const bool is_quick = km_bench_is_quick(bench);
    const int rounds = is_quick ? ROUNDS_QUICK : ROUNDS;
    const uint64_t messages = is_quick ? 10000 : 300000;
    const struct bench_queue *kinds[QUEUES_MAX];
    const int count = collect(kinds, size);
    double mops[QUEUES_MAX][ROUNDS];
    for (int round = -1; round < rounds; ++round) { // The first round warms up.
        for (int i = 0; i < count; ++i) {
            mops[i][round < 0 ? 0 : round] = mops_of(kinds[i], messages, writer_core);
        }
    }
    for (int i = 0; i < count; ++i) {
        qsort(mops[i], (size_t)rounds, sizeof(mops[i][0]), compare_doubles);
        note(bench, kinds[i]->name, size == 0 ? "mops_8b" : "mops_64b", mops[i][rounds / 2],
             "Mops/s");
    }
}

static void compare_latency(struct km_bench *bench, size_t writer_core)
{
    enum { PARTS = 10 };
    const uint64_t part =
        (km_bench_is_quick(bench) ? LATENCIES_COUNT / 100 : LATENCIES_COUNT) / PARTS;
    static uint64_t latencies[QUEUES_MAX][LATENCIES_COUNT];
    const struct bench_queue *kinds[QUEUES_MAX];
    const int count = collect(kinds, 0);
    for (uint64_t i = 0; i < PARTS; ++i) {
        for (int j = 0; j < count; ++j) {
            measure_latencies(kinds[j], latencies[j] + i * part, part, writer_core);
        }
    }
    for (int i = 0; i < count; ++i) {
        const uint64_t all = part * PARTS;
        const uint64_t middle = all / 2;
        const uint64_t high = all * 99 / 100;
        qsort(latencies[i], (size_t)all, sizeof(latencies[i][0]), compare_counts);
        note(bench, kinds[i]->name, "p50_ns", (double)latencies[i][middle], "ns");
        note(bench, kinds[i]->name, "p99_ns", (double)latencies[i][high], "ns");
    }
}

int main(int argc, char **argv)
{
    struct km_bench *const bench = km_bench_start(
        "ring", "messages of 8 and 64 bytes between two threads on two cores, room for 2,048", argc,
        argv);
    size_t cores[2];
    if (!choose_cores(cores)) {
        fprintf(stderr, "bench_ring: needs two cores\n");
        return EXIT_FAILURE;
    }
    pin_to(cores[1]);
    for (int size = 0; size < SIZES_COUNT; ++size) {
        compare_throughput(bench, size, cores[0]);
    }
    compare_latency(bench, cores[0]);
#ifndef BENCH_RING_JACK
    km_bench_without(bench, "jack", "not installed (Debian: libjack-jackd2-dev)");
#endif
#ifndef BENCH_RING_MOODYCAMEL
    km_bench_without(bench, "moodycamel",
                     "not installed (Debian: libreaderwriterqueue-dev and g++)");
#endif
    return km_bench_finish(bench);
}
