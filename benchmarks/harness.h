// SPDX-License-Identifier: MIT

/// What benchmarks share: timing by the median of many runs, and one report for people and
/// programs.
#ifndef KM_BENCHMARKS_HARNESS_H
#define KM_BENCHMARKS_HARNESS_H

#include <stdbool.h>
#include <stdint.h>

struct km_bench;

/// Starts a benchmark called `name`, from main's arguments: --json prints the result as JSON,
/// --quick does few repetitions (for valgrind), --help explains. Exits on wrong arguments.
struct km_bench *km_bench_start(const char *name, const char *what, int argument_count,
                                char **arguments);

/// As km_bench_start, and takes one file's name besides: `file` is it, or null if there is none.
struct km_bench *km_bench_start_with_file(const char *name, const char *what, int argument_count,
                                          char **arguments, const char **file);

/// Whether --quick was given: then 1/100 of the work will do.
bool km_bench_is_quick(const struct km_bench *bench);

/// Thread CPU time in nanoseconds.
uint64_t km_bench_cpu_ns(void);

/// Wall time in nanoseconds, for what two threads do together.
uint64_t km_bench_wall_ns(void);

/// Calls `run(context, repetitions)` in rounds and returns the median thread-CPU nanoseconds of one
/// repetition. The first round warms up and does not count.
double km_bench_median_ns(const struct km_bench *bench, void (*run)(void *context, uint64_t n),
                          void *context, uint64_t repetitions);

/// Notes a figure of ours.
void km_bench_metric(struct km_bench *bench, const char *name, double value, const char *unit);

/// Notes the same figure of a peer.
void km_bench_peer(struct km_bench *bench, const char *peer, const char *name, double value);

/// Says why a peer is left out.
void km_bench_without(struct km_bench *bench, const char *peer, const char *why);

/// Prints the report, with ratios to the peers; returns main's exit code.
int km_bench_finish(struct km_bench *bench);

/// Keeps the compiler from leaving out a computation whose result nobody uses.
static inline void km_bench_keep(const void *value)
{
    __asm__ volatile("" : : "r"(value) : "memory");
}

#endif
