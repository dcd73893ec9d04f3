// SPDX-License-Identifier: MIT

// All tracks as one stream in time, compared with the file in memory and its merge: of files from
// the world, random ones, and the same with bytes changed or cut off.

#include "midi/merged.h"

#include "midi/merged_private.h"
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

// Bytes of a track, all plain but its end: deltas of one or two bytes, with running status and
// without, messages of one and two data bytes.
static size_t dense_track(struct km_random *random, unsigned char *bytes, uint32_t events)
{
    static const unsigned char statuses[] = {0x90, 0x90, 0x80, 0xA0, 0xB0, 0xE0, 0xC0, 0xD0};
    unsigned char running = 0;
    size_t size = 8;
    for (uint32_t i = 0; i < events; ++i) {
        if (km_random_chance(random, 0.2)) {
            bytes[size++] = (unsigned char)(0x81 + km_random_below(random, 127));
        }
        bytes[size++] = (unsigned char)km_random_below(random, 128);
        if (running == 0 || km_random_chance(random, 0.1)) {
            running = statuses[km_random_below(random, 8)];
            bytes[size++] = running;
        }
        bytes[size++] = (unsigned char)km_random_below(random, 128);
        if (running < 0xC0 || running >= 0xE0) {
            bytes[size++] = (unsigned char)km_random_below(random, 128);
        }
    }
    static const unsigned char end_of_track[] = {7, 0xFF, 0x2F, 0};
    memcpy(bytes + size, end_of_track, 4);
    size += 4;
    static const unsigned char header[] = "MTrk\0";
    memcpy(bytes, header, 6);
    bytes[6] = (unsigned char)((size - 8) >> 8);
    bytes[7] = (unsigned char)(size - 8);
    return size;
}

static size_t dense_file(struct km_random *random, unsigned char tracks, uint32_t events)
{
    static const unsigned char header[] = {'M', 'T', 'h', 'd', 0, 0, 0, 6, 0, 1, 0, 0, 1, 0xE0};
    memcpy(content, header, sizeof(header));
    content[11] = tracks;
    size_t size = 14;
    for (unsigned char i = 0; i < tracks; ++i) {
        const uint32_t count = events / 2 + km_random_below(random, events);
        size += dense_track(random, content + size, count);
    }
    return size;
}

static bool is_found_sound(size_t size)
{
    struct km_heap *const heap = km_heap_new(NULL);
    assert_non_null(heap);
    struct km_input input = input_of(scratch, content, size);
    struct km_midi_merged_tracks found = {0};
    assert_int_equal(km_midi_merged_find_sound(heap, &input, &found, NULL), KM_OK);
    const bool is_found = found.tracks != NULL;
    km_heap_release(heap, found.tracks);
    km_heap_free(heap);
    return is_found;
}

static void dense_files_are_found_sound_and_merged_as_in_memory(void **state)
{
    (void)state;
    struct km_random random;
    km_random_init(&random, 9, "merged");
    for (unsigned char tracks = 1; tracks < 12; ++tracks) {
        const size_t size = dense_file(&random, tracks, 9000 / tracks);
        assert_true(is_found_sound(size));
        assert_true(compare(content, size));
    }
}

static void one_changed_byte_of_a_dense_file_is_told_as_by_the_reader(void **state)
{
    (void)state;
    static const unsigned char likely[] = {0x80, 0xC5, 0xD5, 0x95, 0xFF, 0xF0, 0x2F, 0x81};
    struct km_random random;
    km_random_init(&random, 10, "merged");
    for (uint32_t i = 0; i < 3000; ++i) {
        const unsigned char tracks = (unsigned char)(1 + i % 6);
        const size_t size = dense_file(&random, tracks, 12);
        const uint32_t at = km_random_below(&random, (uint32_t)size);
        content[at] = i % 2 == 0 ? likely[i / 2 % 8] : (unsigned char)km_random_below(&random, 256);
        (void)compare(content, size);
    }
}

// Events as far apart as a file can say, with running status.
static size_t late_file(uint32_t events)
{
    static const unsigned char header[] = "MThd\0\0\0\6\0\1\0\1\1\xE0MTrk";
    static const unsigned char end_of_track[] = {0, 0xFF, 0x2F, 0};
    memcpy(content, header, 19);
    const uint32_t length = 1 + 6 * events + 4;
    for (uint32_t i = 0; i < 3; ++i) {
        content[19 + i] = (unsigned char)(length >> (16 - 8 * i));
    }
    size_t size = 22;
    static const unsigned char event[] = {0xFF, 0xFF, 0xFF, 0x7F, 0x90, 0x40, 0x40};
    memcpy(content + size, event, 7);
    size += 7;
    for (uint32_t i = 1; i < events; ++i) {
        memcpy(content + size, event, 4);
        memcpy(content + size + 4, event + 5, 2);
        size += 6;
    }
    memcpy(content + size, end_of_track, 4);
    return size + 4;
}

static void ticks_from_2_to_the_44_on_are_refused(void **state)
{
    (void)state;
    struct km_heap *const heap = km_heap_new(NULL);
    assert_non_null(heap);
    for (uint32_t events = 65535; events <= 65537; ++events) {
        struct km_input input = input_of(scratch, content, late_file(events));
        struct km_midi_merged *merged = NULL;
        assert_int_equal(km_midi_merged_new(heap, &input, NULL, &merged, NULL),
                         events <= 65536 ? KM_OK : KM_ERROR_TOO_LARGE);
        km_midi_merged_free(merged);
    }
    km_heap_free(heap);
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
        cmocka_unit_test(dense_files_are_found_sound_and_merged_as_in_memory),
        cmocka_unit_test(one_changed_byte_of_a_dense_file_is_told_as_by_the_reader),
        cmocka_unit_test(ticks_from_2_to_the_44_on_are_refused),
        cmocka_unit_test(files_from_the_world_are_merged_as_in_memory_or_refused_alike),
        cmocka_unit_test(a_file_that_changes_while_it_is_read_ends_or_fails),
        cmocka_unit_test(a_pipe_is_merged_as_a_file),
        cmocka_unit_test(memory_that_runs_out_leaves_nothing),
        cmocka_unit_test(sixty_five_thousand_tracks_take_the_memory_that_is_promised),
    };
    return cmocka_run_group_tests(tests, begin, end);
}
