// SPDX-License-Identifier: MIT

// All tracks as one stream in time, compared with the file in memory and its merge: of files from
// the world, random ones, and the same with bytes changed or cut off.

#include "midi/merged.h"

#include "unit/midi/midi_merged.h"
#include "unit/midi/midi_random.h"

#include <dirent.h>
#include <stdlib.h>

enum { FILE_SIZE_MAX = 1 << 23, PATH_SIZE = 4096, SMALL_SIZE = 1 << 14 };

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
    const bool is_accepted = expect_same_merge(heap, scratch, bytes, size);
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

static void random_files_are_merged_as_in_memory(void **state)
{
    (void)state;
    struct km_random random;
    km_random_init(&random, 1, "merged");
    for (uint32_t i = 0; i < 60; ++i) {
        assert_true(compare(content, random_file(&random, 1 + i, 6000 / (1 + i))));
    }
}

static void mutated_files_are_merged_as_in_memory_or_refused_alike(void **state)
{
    (void)state;
    struct km_random random;
    km_random_init(&random, 2, "merged");
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
        if (!dot || strcmp(dot, ".mid") != 0) {
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

static void files_from_the_world_are_merged_as_in_memory_or_refused_alike(void **state)
{
    (void)state;
    static const char *const folders[] = {
        "edge/handmade",           "edge/jazz_soft",   "edge/drywetmidi_invalid",
        "midi_small/amads",        "midi_small/muspy", "midi_small/note_seq",
        "midi_small/midly_assets", "giantmidi",        "midi_small/partitura",
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

static void memory_that_runs_out_leaves_nothing(void **state)
{
    (void)state;
    struct km_random random;
    km_random_init(&random, 3, "merged");
    struct km_input input = input_of(scratch, content, random_file(&random, 40, 20));
    enum km_status status = KM_ERROR_NO_MEMORY;
    uint64_t request = 0;
    while (status != KM_OK) {
        struct km_heap *const heap = km_heap_new(&(struct km_heap_config){.fail_at = ++request});
        struct km_midi_merged *merged = NULL;
        struct km_error error = {0};
        assert_non_null(heap);
        input.position = 0;
        assert_int_equal(lseek(input.file, 0, SEEK_SET), 0);
        status = km_midi_merged_new(heap, &input, NULL, &merged, &error);
        assert_int_equal(status == KM_OK, merged != NULL);
        assert_true(status == KM_OK || (status == KM_ERROR_NO_MEMORY && error.message[0] != '\0'));
        km_midi_merged_free(merged);
        km_heap_free(heap);
        assert_in_range(request, 1, 20);
    }
    assert_true(request > 5);
}

// A file whose tracks hold only End of Track, `count` of them.
static size_t many_tracks(uint32_t count)
{
    static const unsigned char header[] = "MThd\0\0\0\6\0\1\0\0\0\x60";
    static const unsigned char track[] = "MTrk\0\0\0\x0B\1\x90\x40\x40\1\x80\x40\x40\0\xFF\x2F";
    memcpy(content, header, 14);
    content[10] = (unsigned char)(count >> 8);
    content[11] = (unsigned char)count;
    for (uint32_t i = 0; i < count; ++i) {
        memcpy(content + 14 + (size_t)i * 20, track, 19);
        content[14 + (size_t)i * 20 + 19] = 0;
        content[14 + (size_t)i * 20 + 7] = 12;
    }
    return 14 + (size_t)count * 20;
}

static void sixty_five_thousand_tracks_take_the_memory_that_is_promised(void **state)
{
    (void)state;
    struct km_heap *const heap = km_heap_new(NULL);
    assert_non_null(heap);
    struct km_input input = input_of(scratch, content, many_tracks(65535));
    struct km_midi_merged *merged = NULL;
    assert_int_equal(km_midi_merged_new(heap, &input, NULL, &merged, NULL), KM_OK);
    assert_int_equal(km_midi_merged_tracks(merged), 65535);
    static struct km_midi_merged_event events[4096];
    size_t total = 0;
    size_t count = 0;
    do {
        assert_int_equal(km_midi_merged_read(merged, events, 4096, &count, NULL), KM_OK);
        for (size_t i = 0; i < count; ++i) {
            assert_int_equal(events[i].event.tick, total + i < 65535 ? 1 : 2);
            assert_int_equal(events[i].track, (total + i) % 65535);
        }
        total += count;
    } while (count > 0);
    assert_int_equal(total, 3 * 65535);
    km_midi_merged_free(merged);
    assert_in_range(km_heap_usage(heap, KM_ACCOUNT_WORKING).peak_bytes, 1,
                    KM_MIDI_MERGED_MEMORY + (uint64_t)65536 * KM_MIDI_MERGED_MEMORY_TRACK);
    km_heap_free(heap);
}

// Reads on until the end or a failure; tells how many events there were.
static enum km_status read_on(struct km_midi_merged *merged, size_t *total)
{
    struct km_midi_merged_event events[64];
    struct km_error error = {0};
    size_t count = 1;
    enum km_status status = KM_OK;
    for (*total = 0; status == KM_OK && count > 0; *total += count) {
        status = km_midi_merged_read(merged, events, 64, &count, &error);
        assert_in_range(*total, 0, FILE_SIZE_MAX);
    }
    assert_int_equal(status == KM_OK, error.message[0] == '\0');
    return status;
}

static void a_file_that_changes_while_it_is_read_ends_or_fails(void **state)
{
    (void)state;
    struct km_random random;
    km_random_init(&random, 7, "merged");
    struct km_heap *const heap = km_heap_new(NULL);
    assert_non_null(heap);
    const size_t size = random_file(&random, 1, 400000);
    assert_in_range(size, 1 << 18, FILE_SIZE_MAX); // Much more than is read ahead.
    struct km_input input = input_of(scratch, content, size);
    struct km_midi_merged *merged = NULL;
    size_t total = 0;
    assert_int_equal(km_midi_merged_new(heap, &input, NULL, &merged, NULL), KM_OK);
    assert_int_equal(ftruncate(input.file, (off_t)size / 2), 0);
    assert_int_equal(read_on(merged, &total), KM_ERROR_TRUNCATED);
    for (unsigned int i = 0; i < 256; ++i) { // Every byte the same: what was read is past.
        memset(content, (int)i, size);
        assert_int_equal(pwrite(input.file, content, size, 0), size);
        if (km_midi_merged_rewind(merged, NULL) == KM_OK) {
            (void)read_on(merged, &total);
        }
    }
    km_midi_merged_free(merged);
    km_heap_free(heap);
}

static void a_pipe_is_merged_as_a_file(void **state)
{
    (void)state;
    struct km_random random;
    km_random_init(&random, 8, "merged");
    const size_t size = random_file(&random, 6, 300);
    assert_in_range(size, 1, 60000); // What a pipe holds.
    int ends[2];
    assert_int_equal(pipe(ends), 0);
    assert_int_equal(write(ends[1], content, size), size);
    assert_int_equal(close(ends[1]), 0);
    struct km_input input = {.file = ends[0], .is_stream = true, .name = "pipe"};
    struct fixture fixture = fixture_of(1, 0);
    struct km_midi_merged *merged = NULL;
    assert_int_equal(km_midi_file_read(&fixture.file, content, size, NULL, NULL), KM_OK);
    assert_int_equal(km_midi_merged_new(fixture.heap, &input, NULL, &merged, NULL), KM_OK);
    expect_merge_of(merged, &fixture.file, 7);
    km_midi_merged_free(merged);
    km_input_close(&input);
    fixture_release(&fixture);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(random_files_are_merged_as_in_memory),
        cmocka_unit_test(mutated_files_are_merged_as_in_memory_or_refused_alike),
        cmocka_unit_test(files_from_the_world_are_merged_as_in_memory_or_refused_alike),
        cmocka_unit_test(a_file_that_changes_while_it_is_read_ends_or_fails),
        cmocka_unit_test(a_pipe_is_merged_as_a_file),
        cmocka_unit_test(memory_that_runs_out_leaves_nothing),
        cmocka_unit_test(sixty_five_thousand_tracks_take_the_memory_that_is_promised),
    };
    return cmocka_run_group_tests(tests, begin, end);
}
