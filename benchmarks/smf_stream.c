// SPDX-License-Identifier: MIT

// Files of any size: scanned, and read in the order of time; in bytes of the file per second. The
// files come from the disk's cache, and opening them counts.

#include "smf_stream.h"

#include "base/check.h"
#include "base/input.h"
#include "heap/heap.h"
#include "midi/merged.h"
#include "midi/scan.h"

#include <fts.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

enum {
    BIG_SIZE = 120000000,
    BIG_TRACKS = 32,
    TRACKS_MAX = 65535,
    TRACKS_SIZE = 64, // Bytes of each of so many.
    PEER_SIZE = 200000,
    PEER_TRACKS = 16,
    FILES_MAX = 4096,
    FILES_QUICK = 20,
    SMALL_COUNT = 200, // Generated, where there are no real ones.
    SMALL_SIZE = 12000,
    EVENTS = 256,
};

// The files of one measurement.
struct files {
    struct km_heap *heap;
    char **paths;
    size_t count;
    uint64_t size;
    uint64_t events;
};

static void must(enum km_status status, const struct km_error *error)
{
    if (status != KM_OK) {
        fprintf(stderr, "bench_smf: %s\n", error->message);
        exit(EXIT_FAILURE);
    }
}

static struct km_input open_input(const char *path)
{
    struct km_input input;
    struct km_error error = {0};
    must(km_input_open(&input, path, &error), &error);
    return input;
}

static void run_scan(void *context, uint64_t n)
{
    struct files *const files = context;
    for (uint64_t i = 0; i < n * files->count; ++i) {
        struct km_input input = open_input(files->paths[i % files->count]);
        struct km_midi_scan scan;
        struct km_error error = {0};
        must(km_midi_scan_input(files->heap, &input, NULL, NULL, &scan, &error), &error);
        files->events = scan.events;
        km_input_close(&input);
    }
}

static void run_merged(void *context, uint64_t n)
{
    struct files *const files = context;
    static struct km_midi_merged_event events[EVENTS];
    for (uint64_t i = 0; i < n; ++i) {
        struct km_input input = open_input(files->paths[0]);
        struct km_midi_merged *merged = NULL;
        struct km_error error = {0};
        size_t count = EVENTS;
        must(km_midi_merged_new(files->heap, &input, NULL, &merged, &error), &error);
        for (files->events = 0; count > 0; files->events += count) {
            must(km_midi_merged_read(merged, events, EVENTS, &count, &error), &error);
            km_bench_keep(events);
        }
        km_midi_merged_free(merged);
        km_input_close(&input);
    }
}

static void run_plain(void *context, uint64_t n)
{
    const struct files *const files = context;
    for (uint64_t i = 0; i < n; ++i) {
        const uint64_t count = smf_plain_count(files->paths[0]);
        km_bench_keep(&count);
    }
}

#ifdef BENCH_SMF_LIBSMF
static void run_libsmf(void *context, uint64_t n)
{
    const struct files *const files = context;
    for (uint64_t i = 0; i < n; ++i) {
        const uint64_t count = smf_libsmf_count(files->paths[0]);
        km_bench_keep(&count);
    }
}
#endif

// Most memory that the program has had so far.
static double peak_mb(void)
{
    struct rusage usage = {0};
    (void)getrusage(RUSAGE_SELF, &usage);
    return (double)usage.ru_maxrss / 1000.0;
}

static double mb_s_of(const struct km_bench *bench, void (*run)(void *context, uint64_t n),
                      struct files *files)
{
    return (double)files->size / km_bench_median_ns(bench, run, files, 1) * 1e3;
}

static uint64_t size_of(const char *path)
{
    struct km_input input = open_input(path);
    const uint64_t size = input.size;
    km_input_close(&input);
    return size;
}

// Generates a file at `path`, of which the last characters become its own.
static void generate(char *path, uint64_t size, uint32_t tracks)
{
    const int descriptor = mkstemp(path);
    FILE *const file = descriptor >= 0 ? fdopen(descriptor, "w+b") : NULL;
    if (!file || !smf_generate(file, size, tracks) || fclose(file) != 0) {
        perror(path);
        exit(EXIT_FAILURE);
    }
}

static void temporary_path(char path[SMF_PATH_SIZE])
{
    const char *const folder = getenv("TMPDIR");
    const int length =
        snprintf(path, SMF_PATH_SIZE, "%s/bench_smf-XXXXXX", folder ? folder : "/tmp");
    KM_CHECK(length < SMF_PATH_SIZE);
}

static void measure_big(struct km_bench *bench, struct files *files, double start_mb)
{
    run_scan(files, 1);
    run_merged(files, 1);
    km_bench_metric(bench, "peak_rss_mb", peak_mb() - start_mb, "MB");
    km_bench_metric(bench, "file_mb", (double)files->size / 1e6, "MB");
    km_bench_metric(bench, "file_event_bytes", (double)files->size / (double)files->events,
                    "bytes/event");
    km_bench_metric(bench, "scan_mb_s", mb_s_of(bench, run_scan, files), "MB/s");
    km_bench_metric(bench, "merged_mb_s", mb_s_of(bench, run_merged, files), "MB/s");
    km_bench_peer(bench, "plain", "scan_mb_s", mb_s_of(bench, run_plain, files));
}

// One track, and very many: what the merged view costs then.
static void measure_tracks(struct km_bench *bench, struct km_heap *heap, uint32_t tracks,
                           const char *name)
{
    char path[SMF_PATH_SIZE];
    temporary_path(path);
    const double start_mb = peak_mb();
    const uint64_t big = km_bench_is_quick(bench) ? BIG_SIZE / 1000 : BIG_SIZE / 10;
    generate(path, tracks == 1 ? big : (uint64_t)tracks * TRACKS_SIZE, tracks);
    char *paths[] = {path};
    struct files files = {.heap = heap, .paths = paths, .count = 1, .size = size_of(path)};
    char metric[64];
    (void)snprintf(metric, sizeof(metric), "merged_%s_mb_s", name);
    km_bench_metric(bench, metric, mb_s_of(bench, run_merged, &files), "MB/s");
    (void)snprintf(metric, sizeof(metric), "merged_%s_rss_mb", name);
    km_bench_metric(bench, metric, peak_mb() - start_mb, "MB");
    (void)unlink(path);
}

static void measure_libsmf(struct km_bench *bench, struct km_heap *heap)
{
    char path[SMF_PATH_SIZE];
    temporary_path(path);
    generate(path, km_bench_is_quick(bench) ? PEER_SIZE / 100 : PEER_SIZE, PEER_TRACKS);
    char *paths[] = {path};
    struct files files = {.heap = heap, .paths = paths, .count = 1, .size = size_of(path)};
    km_bench_metric(bench, "merged_small_mb_s", mb_s_of(bench, run_merged, &files), "MB/s");
#ifdef BENCH_SMF_LIBSMF
    km_bench_peer(bench, "libsmf", "merged_small_mb_s", mb_s_of(bench, run_libsmf, &files));
#else
    km_bench_without(bench, "libsmf", "not installed (Debian: libsmf-dev)");
#endif
    (void)unlink(path);
}

static void add_path(struct files *files, const char *path)
{
    struct km_input input = open_input(path);
    struct km_midi_scan scan;
    const bool is_read = km_midi_scan_input(files->heap, &input, NULL, NULL, &scan, NULL) == KM_OK;
    km_input_close(&input);
    char *const copy = is_read ? strdup(path) : NULL;
    if (copy) {
        files->paths[files->count++] = copy;
        files->size += scan.size;
    }
}

static int by_name(const FTSENT **a, const FTSENT **b)
{
    return strcmp((*a)->fts_name, (*b)->fts_name);
}

// Adds all files of music beneath a folder that can be read.
static void add_folder(struct files *files, const char *folder, size_t count_max)
{
    char root[SMF_PATH_SIZE];
    (void)snprintf(root, sizeof(root), "%s", folder);
    char *const roots[] = {root, NULL};
    FTS *const tree = fts_open(roots, FTS_PHYSICAL | FTS_NOCHDIR, by_name);
    if (!tree) {
        return;
    }
    for (FTSENT *entry = fts_read(tree); entry && files->count < count_max;
         entry = fts_read(tree)) {
        const char *const dot = strrchr(entry->fts_name, '.');
        if (entry->fts_info == FTS_D && strcmp(entry->fts_name, "edge") == 0) {
            (void)fts_set(tree, entry, FTS_SKIP); // Broken files are no music.
        } else if (entry->fts_info == FTS_F && dot && strcmp(dot, ".mid") == 0) {
            add_path(files, entry->fts_path);
        }
    }
    fts_close(tree);
}

static void add_generated(struct files *files, size_t count)
{
    for (size_t i = 0; i < count; ++i) {
        char path[SMF_PATH_SIZE];
        temporary_path(path);
        generate(path, SMALL_SIZE, 1 + (uint32_t)i % 8);
        add_path(files, path);
    }
}

static void measure_small_files(struct km_bench *bench, struct km_heap *heap)
{
    const char *const data = getenv("KMIDI_DATA");
    struct files files = {.heap = heap, .paths = calloc(FILES_MAX, sizeof(*files.paths))};
    KM_CHECK(files.paths);
    const bool is_quick = km_bench_is_quick(bench);
    add_folder(&files, data ? data : "", is_quick ? FILES_QUICK : FILES_MAX);
    const bool is_generated = files.count == 0;
    if (is_generated) {
        add_generated(&files, is_quick ? FILES_QUICK : SMALL_COUNT);
    }
    km_bench_metric(bench, "small_files", (double)files.count, is_generated ? "generated" : "real");
    km_bench_metric(bench, "small_files_size_kb", (double)files.size / (double)files.count / 1e3,
                    "kB each");
    km_bench_metric(bench, "small_files_mb_s", mb_s_of(bench, run_scan, &files), "MB/s");
    for (size_t i = 0; i < files.count; ++i) {
        if (is_generated) {
            (void)unlink(files.paths[i]);
        }
        free(files.paths[i]);
    }
    free(files.paths);
}

void smf_stream(struct km_bench *bench, const char *path)
{
    struct km_heap *const heap = km_heap_new(NULL);
    KM_CHECK(heap);
    const bool is_quick = km_bench_is_quick(bench);
    char generated[SMF_PATH_SIZE];
    if (path) {
        (void)snprintf(generated, sizeof(generated), "%s", path);
    } else {
        temporary_path(generated);
        generate(generated, is_quick ? BIG_SIZE / 100 : BIG_SIZE, BIG_TRACKS);
    }
    char *paths[] = {generated};
    struct files files = {.heap = heap, .paths = paths, .count = 1, .size = size_of(generated)};
    measure_big(bench, &files, peak_mb());
    if (!path) {
        (void)unlink(generated);
    }
    measure_tracks(bench, heap, 1, "one_track");
    measure_tracks(bench, heap, is_quick ? TRACKS_MAX / 100 : TRACKS_MAX, "65535_tracks");
    measure_libsmf(bench, heap);
    measure_small_files(bench, heap);
    km_heap_free(heap);
}
