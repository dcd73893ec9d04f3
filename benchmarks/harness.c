// SPDX-License-Identifier: MIT

#include "harness.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { ROUNDS = 15, ROUNDS_QUICK = 3, ENTRIES_MAX = 64, NAME_SIZE = 48 };

struct metric {
    char name[NAME_SIZE];
    char unit[16];
    double value;
};

struct peer {
    char peer[NAME_SIZE];
    char name[NAME_SIZE];
    double value;
    const char *missing; // Why there is no figure, or null.
};

struct km_bench {
    const char *name;
    const char *what;
    bool wants_json;
    bool is_quick;
    struct metric metrics[ENTRIES_MAX];
    int metric_count;
    struct peer peers[ENTRIES_MAX];
    int peer_count;
};

static _Noreturn void print_usage(const struct km_bench *bench, bool is_help, bool takes_file)
{
    fprintf(is_help ? stdout : stderr,
            "usage: bench_%s [--json] [--quick]%s\n%s\n"
            "  --json   print the result as JSON\n"
            "  --quick  a hundredth of the work: for valgrind, not for figures\n",
            bench->name, takes_file ? " [FILE]" : "", bench->what);
    exit(is_help ? EXIT_SUCCESS : EXIT_FAILURE);
}

// `file` is null where none may be given.
static struct km_bench *start(struct km_bench given, int argument_count, char **arguments,
                              const char **file)
{
    static struct km_bench bench;
    bench = given;
    for (int i = 1; i < argument_count; ++i) {
        if (strcmp(arguments[i], "--json") == 0) {
            bench.wants_json = true;
        } else if (strcmp(arguments[i], "--quick") == 0) {
            bench.is_quick = true;
        } else if (file && !*file && arguments[i][0] != '-') {
            *file = arguments[i];
        } else {
            print_usage(&bench, strcmp(arguments[i], "--help") == 0, file);
        }
    }
    return &bench;
}

struct km_bench *km_bench_start(const char *name, const char *what, int argument_count,
                                char **arguments)
{
    return start((struct km_bench){.name = name, .what = what}, argument_count, arguments, NULL);
}

struct km_bench *km_bench_start_with_file(const char *name, const char *what, int argument_count,
                                          char **arguments, const char **file)
{
    *file = NULL;
    return start((struct km_bench){.name = name, .what = what}, argument_count, arguments, file);
}

bool km_bench_is_quick(const struct km_bench *bench)
{
    return bench->is_quick;
}

static uint64_t nanoseconds_of(clockid_t clock)
{
    struct timespec now;
    if (clock_gettime(clock, &now) != 0) {
        abort();
    }
    return (uint64_t)now.tv_sec * 1000000000U + (uint64_t)now.tv_nsec;
}

uint64_t km_bench_cpu_ns(void)
{
    return nanoseconds_of(CLOCK_THREAD_CPUTIME_ID);
}

uint64_t km_bench_wall_ns(void)
{
    return nanoseconds_of(CLOCK_MONOTONIC);
}

static int compare_doubles(const void *a, const void *b)
{
    const double difference = *(const double *)a - *(const double *)b;
    return (difference > 0.0) - (difference < 0.0);
}

double km_bench_median_ns(const struct km_bench *bench, void (*run)(void *context, uint64_t n),
                          void *context, uint64_t repetitions)
{
    const int rounds = bench->is_quick ? ROUNDS_QUICK : ROUNDS;
    const uint64_t n = bench->is_quick && repetitions >= 100 ? repetitions / 100 : repetitions;
    double samples[ROUNDS];
    run(context, n);
    for (int i = 0; i < rounds; ++i) {
        const uint64_t start = km_bench_cpu_ns();
        run(context, n);
        samples[i] = (double)(km_bench_cpu_ns() - start) / (double)n;
    }
    qsort(samples, (size_t)rounds, sizeof(samples[0]), compare_doubles);
    return samples[rounds / 2];
}

void km_bench_metric(struct km_bench *bench, const char *name, double value, const char *unit)
{
    if (bench->metric_count == ENTRIES_MAX) {
        abort();
    }
    struct metric *const metric = &bench->metrics[bench->metric_count++];
    snprintf(metric->name, sizeof(metric->name), "%s", name);
    snprintf(metric->unit, sizeof(metric->unit), "%s", unit);
    metric->value = value;
}

static struct peer *add_peer(struct km_bench *bench, const char *peer_name, const char *name)
{
    if (bench->peer_count == ENTRIES_MAX) {
        abort();
    }
    struct peer *const peer = &bench->peers[bench->peer_count++];
    *peer = (struct peer){0};
    snprintf(peer->peer, sizeof(peer->peer), "%s", peer_name);
    snprintf(peer->name, sizeof(peer->name), "%s", name);
    return peer;
}

void km_bench_peer(struct km_bench *bench, const char *peer, const char *name, double value)
{
    add_peer(bench, peer, name)->value = value;
}

void km_bench_without(struct km_bench *bench, const char *peer, const char *why)
{
    add_peer(bench, peer, "")->missing = why;
}

static const struct metric *metric_called(const struct km_bench *bench, const char *name)
{
    for (int i = 0; i < bench->metric_count; ++i) {
        if (strcmp(bench->metrics[i].name, name) == 0) {
            return &bench->metrics[i];
        }
    }
    return NULL;
}

static void print_table(const struct km_bench *bench)
{
    printf("%s: %s\n", bench->name, bench->what);
    for (int i = 0; i < bench->metric_count; ++i) {
        const struct metric *const metric = &bench->metrics[i];
        printf("  %-28s %12.6g %s\n", metric->name, metric->value, metric->unit);
    }
    for (int i = 0; i < bench->peer_count; ++i) {
        const struct peer *const peer = &bench->peers[i];
        if (peer->missing) {
            printf("  %-28s left out: %s\n", peer->peer, peer->missing);
            continue;
        }
        const struct metric *const ours = metric_called(bench, peer->name);
        printf("  %-14s %-13s %12.6g", peer->peer, peer->name, peer->value);
        if (ours && peer->value != 0.0) {
            printf("   ours / theirs %.3g", ours->value / peer->value);
        }
        printf("\n");
    }
}

static int print_json(const struct km_bench *bench)
{
    json_t *const metrics = json_object();
    for (int i = 0; i < bench->metric_count; ++i) {
        json_object_set_new(metrics, bench->metrics[i].name, json_real(bench->metrics[i].value));
    }
    json_t *const peers = json_object();
    for (int i = 0; i < bench->peer_count; ++i) {
        const struct peer *const peer = &bench->peers[i];
        if (peer->missing) {
            continue;
        }
        json_t *figures = json_object_get(peers, peer->peer);
        if (!figures) {
            figures = json_object();
            json_object_set_new(peers, peer->peer, figures);
        }
        json_object_set_new(figures, peer->name, json_real(peer->value));
    }
    json_t *const report =
        json_pack("{s:s, s:o, s:o}", "name", bench->name, "metrics", metrics, "peers", peers);
    if (!report) {
        return EXIT_FAILURE;
    }
    const int failed = json_dumpf(report, stdout, JSON_REAL_PRECISION(6));
    json_decref(report);
    printf("\n");
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}

int km_bench_finish(struct km_bench *bench)
{
    if (bench->wants_json) {
        return print_json(bench);
    }
    print_table(bench);
    return EXIT_SUCCESS;
}
