// SPDX-License-Identifier: MIT

// The scan, compared with the file in memory: of files from the world, random ones, and the same
// with bytes changed or cut off; tempos on several tracks, in numbers beyond what is kept; pipes.

#include "midi/scan.h"

#include "unit/midi/midi_random.h"
#include "unit/midi/midi_scan.h"

#include <dirent.h>
#include <stdlib.h>

enum { FILE_SIZE_MAX = 1 << 23, PATH_SIZE = 4096 };

static unsigned char *content;
static FILE *scratch;

static int begin(void **state)
{
    (void)state;
    content = malloc(FILE_SIZE_MAX);
    scratch = tmpfile();
    return content && scratch ? 0 : -1;
}

static int end(void **state)
{
    (void)state;
    free(content);
    return scratch ? fclose(scratch) : 0;
}

static bool compare(const unsigned char *bytes, size_t size)
{
    struct km_heap *const heap = km_heap_new(NULL);
    assert_non_null(heap);
    const bool is_accepted = expect_same_scan(heap, scratch, bytes, size);
    km_heap_free(heap);
    return is_accepted;
}

static size_t random_file(struct km_random *random, uint32_t tracks, uint32_t events)
{
    struct fixture fixture = fixture_of(1, 0);
    size_t size = 0;
    fill_randomly(&fixture.file, random, tracks, events);
    assert_int_equal(write_to(&fixture.file, content, FILE_SIZE_MAX, &size, &fixture.error), KM_OK);
    fixture_release(&fixture);
    return size;
}

static void random_files_are_counted_as_in_memory(void **state)
{
    (void)state;
    struct km_random random;
    km_random_init(&random, 1, "scan");
    for (uint32_t i = 0; i < 60; ++i) {
        assert_true(compare(content, random_file(&random, 1 + i, 6000 / (1 + i))));
    }
}

static void mutated_files_are_counted_as_in_memory_or_refused_alike(void **state)
{
    (void)state;
    struct km_random random;
    km_random_init(&random, 2, "scan");
    size_t accepted = 0;
    for (uint32_t i = 0; i < 1500; ++i) {
        const size_t size = random_file(&random, 4, 30);
        for (uint32_t change = km_random_below(&random, 4); change > 0; --change) {
            content[km_random_below(&random, (uint32_t)size)] =
                (unsigned char)km_random_below(&random, 256);
        }
        accepted += compare(content, km_random_chance(&random, 0.3)
                                         ? km_random_below(&random, (uint32_t)size)
                                         : size);
    }
    assert_in_range(accepted, 200, 1400);
}

// Each file of a folder that is not too big for a test that runs often.
static size_t compare_folder(const char *folder, size_t size_max)
{
    char path[PATH_SIZE];
    const char *const data = getenv("KMIDI_DATA");
    assert_in_range(snprintf(path, sizeof(path), "%s/%s", data ? data : "", folder), 1,
                    sizeof(path) - 1);
    DIR *const entries = opendir(path);
    if (!entries) {
        return 0;
    }
    size_t count = 0;
    for (const struct dirent *entry = readdir(entries); entry; entry = readdir(entries)) {
        char name[PATH_SIZE];
        const char *const dot = strrchr(entry->d_name, '.');
        if (!dot || (strcmp(dot, ".mid") != 0 && strcmp(dot, ".midi2") != 0)) {
            continue;
        }
        assert_in_range(snprintf(name, sizeof(name), "%s/%s", path, entry->d_name), 1,
                        sizeof(name) - 1);
        FILE *const file = fopen(name, "rb");
        assert_non_null(file);
        const size_t size = fread(content, 1, FILE_SIZE_MAX, file);
        fclose(file);
        if (size <= size_max) {
            (void)compare(content, size);
            ++count;
        }
    }
    closedir(entries);
    return count;
}

static void files_from_the_world_are_counted_as_in_memory_or_refused_alike(void **state)
{
    (void)state;
    static const char *const folders[] = {
        "edge/handmade",           "edge/jazz_soft",   "edge/drywetmidi_invalid",
        "midi_small/amads",        "midi_small/muspy", "midi_small/note_seq",
        "midi_small/midly_assets", "giantmidi",        "midi_small/partitura",
        "edge/jazz_soft/midi2",
    };
    size_t count = 0;
    for (size_t i = 0; i < sizeof(folders) / sizeof(folders[0]); ++i) {
        count += compare_folder(folders[i], 100000);
    }
    if (count == 0) {
        print_message("# skipped: KMIDI_DATA holds no MIDI files\n");
        skip();
    }
    assert_true(count > 150);
}

static enum km_status scan_content(struct km_heap *heap, size_t size, struct km_midi_scan *scan)
{
    struct km_input input = input_of(scratch, content, size);
    return km_midi_scan_input(heap, &input, NULL, NULL, scan, NULL);
}

// Adds an event of four bytes of delta, a tempo.
static size_t add_tempo(size_t size, uint32_t delta, uint32_t tempo)
{
    const unsigned char bytes[] = {(unsigned char)(0x80 | delta >> 7),
                                   delta & 0x7F,
                                   0xFF,
                                   0x51,
                                   3,
                                   (unsigned char)(tempo >> 16),
                                   (unsigned char)(tempo >> 8),
                                   (unsigned char)tempo};
    memcpy(content + size, bytes, sizeof(bytes));
    return size + sizeof(bytes);
}

// A file with `count` tempo changes on each of `tracks` tracks.
static size_t many_tempos(uint32_t tracks, uint32_t count)
{
    struct km_random random;
    km_random_init(&random, 5, "tempos");
    static const unsigned char head[] = {'M', 'T', 'h', 'd', 0, 0, 0, 6, 0, 1, 0, 0, 1, 0xE0};
    static const unsigned char tail[] = {0, 0xFF, 0x2F, 0};
    memcpy(content, head, sizeof(head));
    content[11] = (unsigned char)tracks;
    size_t size = 14;
    for (uint32_t i = 0; i < tracks; ++i) {
        const uint32_t length = 8 * count + 4;
        const unsigned char header[] = {'M',
                                        'T',
                                        'r',
                                        'k',
                                        (unsigned char)(length >> 24),
                                        (unsigned char)(length >> 16),
                                        (unsigned char)(length >> 8),
                                        (unsigned char)length};
        memcpy(content + size, header, sizeof(header));
        size += sizeof(header);
        for (uint32_t j = 0; j < count; ++j) {
            size = add_tempo(size, 128 + km_random_below(&random, 1000),
                             200000 + km_random_below(&random, 800000));
        }
        memcpy(content + size, tail, sizeof(tail));
        size += sizeof(tail);
    }
    return size;
}

static void tempos_beyond_what_is_kept_count(void **state)
{
    (void)state;
    assert_true(compare(content, many_tempos(1, 100000)));
    assert_true(compare(content, many_tempos(3, 1000)));
    assert_true(compare(content, many_tempos(3, 40000))); // Read once more, merged.
}

static void memory_is_constant(void **state)
{
    (void)state;
    struct km_heap *const heap = km_heap_new(NULL);
    struct km_midi_scan scan;
    assert_non_null(heap);
    assert_int_equal(scan_content(heap, many_tempos(3, 40000), &scan), KM_OK);
    assert_int_equal(scan.counts[KM_EVENT_TEMPO], 120000);
    assert_in_range(km_heap_usage(heap, KM_ACCOUNT_WORKING).peak_bytes, 1, 3 << 20);
    km_heap_free(heap);
}

static void a_pipe_is_scanned_as_a_file(void **state)
{
    (void)state;
    int ends[2];
    assert_int_equal(pipe(ends), 0);
    struct km_heap *const heap = km_heap_new(NULL);
    assert_non_null(heap);
    struct km_random random;
    km_random_init(&random, 6, "scan");
    const size_t size = random_file(&random, 5, 200);
    assert_in_range(size, 1, 60000); // What a pipe holds.
    assert_int_equal(write(ends[1], content, size), size);
    assert_int_equal(close(ends[1]), 0);
    struct km_input input = {.file = ends[0], .is_stream = true, .name = "pipe"};
    struct km_midi_scan scan = {0};
    struct km_midi_scan expected = {0};
    assert_int_equal(km_midi_scan_input(heap, &input, NULL, NULL, &scan, NULL), KM_OK);
    assert_int_equal(close(ends[0]), 0);
    assert_int_equal(scan_content(heap, size, &expected), KM_OK);
    assert_int_equal(scan.events, expected.events);
    assert_int_equal(scan.tick_end, expected.tick_end);
    km_heap_free(heap);
}

struct told {
    uint64_t calls;
    uint64_t done;
    uint64_t total;
    uint64_t stop_at; // 0: never.
};

static bool note_progress(void *context, uint64_t done, uint64_t total)
{
    struct told *const told = context;
    assert_true(done > told->done && (total == 0 || done <= total));
    told->done = done;
    told->total = total;
    return ++told->calls != told->stop_at;
}

static void progress_is_told_and_can_stop(void **state)
{
    (void)state;
    struct km_heap *const heap = km_heap_new(NULL);
    assert_non_null(heap);
    const size_t size = many_tempos(4, 150000);
    for (uint64_t stop_at = 0; stop_at < 3; ++stop_at) {
        struct told told = {.stop_at = stop_at};
        const struct km_midi_progress progress = {note_progress, &told};
        struct km_input input = input_of(scratch, content, size);
        struct km_midi_scan scan = {.size = 1};
        struct km_error error = {0};
        const enum km_status status =
            km_midi_scan_input(heap, &input, NULL, &progress, &scan, &error);
        assert_int_equal(told.total, size);
        assert_int_equal(status, stop_at == 0 ? KM_OK : KM_ERROR_CLOSED);
        assert_int_equal(scan.size, stop_at == 0 ? size : 1);
        assert_int_equal(told.calls, stop_at == 0 ? 4 : stop_at);
    }
    km_heap_free(heap);
}

static void memory_that_runs_out_leaves_nothing(void **state)
{
    (void)state;
    const size_t size = many_tempos(2, 300);
    enum km_status status = KM_ERROR_NO_MEMORY;
    for (uint64_t request = 1; status != KM_OK; ++request) {
        struct km_heap *const heap = km_heap_new(&(struct km_heap_config){.fail_at = request});
        struct km_midi_scan scan = {.size = 1};
        assert_non_null(heap);
        assert_in_range(request, 1, 20);
        status = scan_content(heap, size, &scan);
        assert_true(status == KM_OK || (status == KM_ERROR_NO_MEMORY && scan.size == 1));
        km_heap_free(heap);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(random_files_are_counted_as_in_memory),
        cmocka_unit_test(mutated_files_are_counted_as_in_memory_or_refused_alike),
        cmocka_unit_test(files_from_the_world_are_counted_as_in_memory_or_refused_alike),
        cmocka_unit_test(tempos_beyond_what_is_kept_count),
        cmocka_unit_test(memory_is_constant),
        cmocka_unit_test(a_pipe_is_scanned_as_a_file),
        cmocka_unit_test(progress_is_told_and_can_stop),
        cmocka_unit_test(memory_that_runs_out_leaves_nothing),
    };
    return cmocka_run_group_tests(tests, begin, end);
}
