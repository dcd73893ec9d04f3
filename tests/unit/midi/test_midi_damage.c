// SPDX-License-Identifier: MIT

// Files from the world, whole and damaged: cut at every byte, every bit flipped. They are read or
// refused in work and memory in proportion to their size, and alike from every source. Needs
// KMIDI_DATA.

#include "base/input.h"
#include "midi/file.h"
#include "midi/reader.h"
#include "support/cmocka.h"
#include "unit/midi/reader_support.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
    FILE_SIZE_MAX = 1 << 20,
    PATH_SIZE = 4096,
    WHOLE_SIZE_MAX = 300, // Of files whose every bit is flipped.
    STEP = 29,            // Of larger ones every so many bytes.
    LARGE_SIZE_MAX = 9000,
    MEMORY_MAX = KM_MIDI_READER_BUFFER_SIZE + 4096,
};

// What became of the readings of one folder.
struct tally {
    size_t files;
    size_t read; // Of the whole files.
    size_t refused;
    size_t readings;
    uint64_t events; // In the whole files that were read.
};

static unsigned char *content;

// Reads bytes all at once. A reader may look at what is ahead more than once, but takes each step
// for at least one byte, but for a few.
static struct reading_digest read_whole(const unsigned char *bytes, size_t size)
{
    struct reading_digest digest;
    read_in_pieces(bytes, size, CUT_NOWHERE, false, &digest);
    assert_true(digest.steps <= size + size / 64 + 16);
    assert_int_equal(digest.allocations, 1);
    assert_true(digest.peak_bytes <= MEMORY_MAX);
    if (digest.step == KM_MIDI_STEP_FAILED) {
        assert_int_equal(strncmp(digest.error.message, "byte ", 5), 0);
        assert_null(strchr(digest.error.message, '\n'));
        const unsigned long long offset = strtoull(digest.error.message + 5, NULL, 10);
        assert_true(offset <= size);
    }
    return digest;
}

// The same from bytes pushed one by one.
static void expect_same_bytewise(const unsigned char *bytes, size_t size,
                                 const struct reading_digest *whole)
{
    struct reading_digest digest;
    read_in_pieces(bytes, size, 1, false, &digest);
    assert_true(is_same_reading(whole, &digest));
}

static void read_cut(const unsigned char *bytes, size_t size, size_t step, struct tally *tally)
{
    for (size_t i = 0; i < size; i += step) {
        // A copy of just the size: address sanitizer then sees every byte too far.
        unsigned char *const copy = malloc(i > 0 ? i : 1);
        assert_non_null(copy);
        memcpy(copy, bytes, i);
        const struct reading_digest whole = read_whole(copy, i);
        if (i % 5 == 0) {
            expect_same_bytewise(copy, i, &whole);
        }
        free(copy);
        ++tally->readings;
    }
}

static void read_flipped(unsigned char *bytes, size_t size, size_t step, struct tally *tally)
{
    const size_t bits = step == 1 ? 8 : 1;
    for (size_t i = 0; i < size; i += step) {
        for (size_t k = 0; k < bits; ++k) {
            const unsigned bit = (unsigned)((k + i) % 8);
            bytes[i] ^= (unsigned char)(1U << bit);
            const struct reading_digest whole = read_whole(bytes, size);
            if (k == 0) {
                expect_same_bytewise(bytes, size, &whole);
            }
            bytes[i] ^= (unsigned char)(1U << bit);
            ++tally->readings;
        }
    }
}

// The file in memory is made of the same events.
static void expect_same_in_memory(const unsigned char *bytes, size_t size,
                                  const struct reading_digest *whole)
{
    struct km_heap *const heap = km_heap_new(NULL);
    struct km_midi_file file;
    km_midi_file_init(&file, heap, 0, 1);
    const enum km_status status = km_midi_file_read(&file, bytes, size, NULL, NULL);
    assert_int_equal(status == KM_OK, whole->step == KM_MIDI_STEP_END);
    if (status == KM_OK) {
        assert_true(digest_of_file(&file) == whole->events);
    }
    km_midi_file_release(&file);
    km_heap_free(heap);
}

static void read_one(const char *path, bool is_damaged, struct tally *tally)
{
    FILE *const file = fopen(path, "rb");
    assert_non_null(file);
    const size_t size = fread(content, 1, FILE_SIZE_MAX, file);
    fclose(file);
    const struct reading_digest whole = read_whole(content, size);
    ++tally->files;
    tally->read += whole.step == KM_MIDI_STEP_END;
    tally->refused += whole.step == KM_MIDI_STEP_FAILED;
    tally->events += whole.step == KM_MIDI_STEP_END ? whole.event_count : 0;
    if (is_damaged && size <= LARGE_SIZE_MAX) {
        const size_t step = size <= WHOLE_SIZE_MAX ? 1 : STEP;
        read_cut(content, size, step, tally);
        read_flipped(content, size, step, tally);
    }
    struct reading_digest cut;
    read_in_pieces(content, size, CUT_RANDOMLY, false, &cut);
    assert_true(is_same_reading(&whole, &cut));
    expect_same_in_memory(content, size, &whole);
}

static struct tally read_folder(const char *name, bool is_damaged)
{
    char folder[PATH_SIZE];
    (void)snprintf(folder, sizeof(folder), "%s/%s", getenv("KMIDI_DATA"), name);
    struct tally tally = {0};
    DIR *const entries = opendir(folder);
    assert_non_null(entries);
    for (const struct dirent *entry = readdir(entries); entry; entry = readdir(entries)) {
        const char *const dot = strrchr(entry->d_name, '.');
        // The largest of the stress tests are read by test_midi_corpus.
        if (dot && strcmp(dot, ".mid") == 0 && strncmp(entry->d_name, "stress_", 7) != 0 &&
            strncmp(entry->d_name, "midi2", 5) != 0) {
            char path[PATH_SIZE + 256];
            (void)snprintf(path, sizeof(path), "%s/%s", folder, entry->d_name);
            read_one(path, is_damaged, &tally);
        }
    }
    closedir(entries);
    print_message("# %s: %zu files, %zu read, %zu refused, %llu events; %zu readings of damaged "
                  "ones\n",
                  name, tally.files, tally.read, tally.refused, (unsigned long long)tally.events,
                  tally.readings);
    return tally;
}

static int prepare(void **state)
{
    (void)state;
    const char *const data = getenv("KMIDI_DATA");
    char folder[PATH_SIZE];
    (void)snprintf(folder, sizeof(folder), "%s/edge/handmade", data ? data : "");
    DIR *const entries = data ? opendir(folder) : NULL;
    if (!entries) {
        print_message("# skipped: KMIDI_DATA holds no edge/handmade\n");
        return 0;
    }
    closedir(entries);
    content = malloc(FILE_SIZE_MAX);
    return content ? 0 : -1;
}

static int clean_up(void **state)
{
    (void)state;
    free(content);
    return 0;
}

static void hand_made_files_damaged(void **state)
{
    (void)state;
    if (!content) {
        skip();
    }
    const struct tally tally = read_folder("edge/handmade", true);
    assert_int_equal(tally.files, 60);
    assert_int_equal(tally.read, 38);    // 18 ok, 20 lenient.
    assert_int_equal(tally.refused, 22); // All bad.
}

// The verdicts are pinned: a change of the rules shows here.
static void broken_files_from_the_world_damaged(void **state)
{
    (void)state;
    if (!content) {
        skip();
    }
    struct tally tally = read_folder("edge/jazz_soft", true);
    assert_int_equal(tally.files, 72);
    assert_int_equal(tally.read, 55);
    assert_int_equal(tally.refused, 17); // Statuses that files do not have, and an empty file.
    tally = read_folder("edge/drywetmidi_invalid", true);
    assert_int_equal(tally.files, 20);
    assert_int_equal(tally.read, 12);
    assert_int_equal(tally.refused, 8); // No header, a format of 28,673, data with no status.
}

static void music_in_pieces(void **state)
{
    (void)state;
    if (!content) {
        skip();
    }
    static const char *const folders[] = {"midi_small/amads",     "midi_small/midly_assets",
                                          "midi_small/muspy",     "midi_small/note_seq",
                                          "midi_small/partitura", "groove/drummer8/session1"};
    size_t refused = 0;
    for (size_t i = 0; i < sizeof(folders) / sizeof(folders[0]); ++i) {
        refused += read_folder(folders[i], false).refused;
    }
    assert_int_equal(refused, 2); // Divisions of 0 and -1.
}

// Reads from an input; tells how many steps it took, and the events.
static struct reading_digest read_input(const char *path, size_t steps_max)
{
    struct reading_digest digest = {0};
    struct km_input input;
    assert_int_equal(km_input_open(&input, path, &digest.error), KM_OK);
    struct km_heap *const heap = km_heap_new(NULL);
    struct km_midi_reader *const reader = km_midi_reader_new(heap, NULL);
    assert_non_null(reader);
    digest.step = KM_MIDI_STEP_ITEM;
    while (digest.step == KM_MIDI_STEP_ITEM) {
        struct km_midi_item item;
        digest.step = km_midi_reader_next_from(reader, &input, &item, &digest.error);
        digest.event_count += digest.step == KM_MIDI_STEP_ITEM && item.type == KM_MIDI_ITEM_EVENT;
        assert_true(++digest.steps <= steps_max);
    }
    digest.bytes = km_midi_reader_position(reader);
    digest.peak_bytes = km_heap_usage(heap, KM_ACCOUNT_WORKING).peak_bytes;
    assert_true(digest.peak_bytes <= MEMORY_MAX);
    km_midi_reader_free(reader);
    km_heap_free(heap);
    km_input_close(&input);
    return digest;
}

// A path of its own for one test.
static void make_path(char path[64])
{
    memcpy(path, "/tmp/kmidi-damage-XXXXXX", 25);
    const int file = mkstemp(path);
    assert_true(file >= 0);
    close(file);
}

static void what_never_ends_or_is_empty_is_refused_soon(void **state)
{
    (void)state;
    struct reading_digest digest = read_input("/dev/zero", 1000);
    assert_int_equal(digest.step, KM_MIDI_STEP_FAILED);
    assert_string_equal(digest.error.message, "byte 0: no Standard MIDI File: MThd was expected");
    assert_in_range(digest.bytes, 1, 2 << 20);
    digest = read_input("/dev/null", 1);
    assert_int_equal(digest.step, KM_MIDI_STEP_FAILED);
    assert_string_equal(digest.error.message,
                        "byte 0: the file is empty; a Standard MIDI File was expected");
    char path[64];
    make_path(path);
    if (truncate(path, (off_t)4 << 30) == 0) { // A hole of 4 GB.
        digest = read_input(path, 1000);
        assert_int_equal(digest.step, KM_MIDI_STEP_FAILED);
        assert_in_range(digest.bytes, 1, 2 << 20);
    } else {
        print_message("# skipped: no file of 4 GB in /tmp\n");
    }
    (void)unlink(path);
}

#define NOTES_FILE "MThd\0\0\0\6\0\0\0\1\1\xE0MTrk\0\3\x0D\x44\0\x90\x3C\x40"

// A file that others shorten or extend meanwhile is read as it is then.
static void a_file_may_change_while_it_is_read(void **state)
{
    (void)state;
    char path[64];
    for (int longer = 0; longer < 2; ++longer) {
        make_path(path);
        FILE *const file = fopen(path, "wb");
        assert_non_null(file);
        assert_int_equal(fwrite(NOTES_FILE, 1, sizeof(NOTES_FILE) - 1, file),
                         sizeof(NOTES_FILE) - 1);
        for (int i = 0; i < 66666; ++i) { // 200,000 bytes, of which the chunk's length tells.
            assert_int_equal(fwrite("\0\x3C\x40", 1, 3, file), 3);
        }
        assert_int_equal(fclose(file), 0);
        struct km_input input;
        struct km_error error = {0};
        assert_int_equal(km_input_open(&input, path, &error), KM_OK);
        struct km_heap *const heap = km_heap_new(NULL);
        struct km_midi_reader *const reader = km_midi_reader_new(heap, NULL);
        struct km_midi_item item;
        uint64_t items = 0;
        enum km_midi_step step = KM_MIDI_STEP_ITEM;
        while (step == KM_MIDI_STEP_ITEM) {
            step = km_midi_reader_next_from(reader, &input, &item, &error);
            if (++items == 100) {
                assert_int_equal(truncate(path, longer ? 400000 : 150001), 0);
            }
        }
        assert_true(items > 40000);
        if (longer) { // Zeros: deltas, and key 0 let go.
            assert_int_equal(step, KM_MIDI_STEP_END);
        } else {
            assert_int_equal(step, KM_MIDI_STEP_FAILED);
            assert_non_null(strstr(error.message, "the file ends within an event"));
        }
        km_midi_reader_free(reader);
        km_heap_free(heap);
        km_input_close(&input);
        (void)unlink(path);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(hand_made_files_damaged),
        cmocka_unit_test(broken_files_from_the_world_damaged),
        cmocka_unit_test(music_in_pieces),
        cmocka_unit_test(what_never_ends_or_is_empty_is_refused_soon),
        cmocka_unit_test(a_file_may_change_while_it_is_read),
    };
    return cmocka_run_group_tests(tests, prepare, clean_up);
}
