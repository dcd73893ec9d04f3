// SPDX-License-Identifier: MIT

// Reading a piece from a file as it streams gives what the file in memory gives.

#include "analysis/piece.h"

#include "base/input.h"
#include "heap/heap.h"
#include "midi/file.h"
#include "support/cmocka.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { FILE_SIZE_MAX = 1 << 22, PATH_SIZE = 1024 };

static struct km_heap *heap;
static unsigned char *bytes;

static int begin(void **state)
{
    (void)state;
    heap = km_heap_new(NULL);
    bytes = malloc(FILE_SIZE_MAX);
    return heap && bytes ? 0 : -1;
}

static int end(void **state)
{
    (void)state;
    free(bytes);
    km_heap_free(heap); // Stops if a piece kept memory.
    return 0;
}

static enum km_status read_piece(struct km_piece *piece, const char *path,
                                 const struct km_piece_config *config, struct km_error *error)
{
    struct km_input input;
    enum km_status status = km_input_open(&input, path, error);
    if (status == KM_OK) {
        status = km_piece_read(piece, heap, &input, config, error);
        km_input_close(&input);
    }
    return status;
}

// ---- Against the file in memory

static void expect_same(const struct km_piece *a, const struct km_piece *b)
{
    assert_int_equal(a->note_count, b->note_count);
    for (size_t i = 0; i < a->note_count; ++i) {
        const struct km_piece_note *const x = &a->notes[i];
        const struct km_piece_note *const y = &b->notes[i];
        assert_true(x->start_beat == y->start_beat && x->end_beat == y->end_beat);
        assert_true(x->start_s == y->start_s && x->sound_end_s == y->sound_end_s);
        assert_true(x->key == y->key && x->velocity == y->velocity && x->channel == y->channel);
        assert_true(x->program == y->program && x->is_drum == y->is_drum && x->part == y->part);
    }
    assert_int_equal(a->tempo_count, b->tempo_count);
    assert_int_equal(a->metre_count, b->metre_count);
    assert_int_equal(a->part_count, b->part_count);
    for (size_t i = 0; i < a->part_count; ++i) {
        assert_string_equal(a->parts[i].name, b->parts[i].name);
    }
    assert_string_equal(a->title, b->title);
    assert_true(a->end_s == b->end_s);
    assert_int_equal(a->is_performed, b->is_performed);
}

static size_t load(const char *path)
{
    FILE *const file = fopen(path, "rb");
    assert_non_null(file);
    const size_t size = fread(bytes, 1, FILE_SIZE_MAX, file);
    fclose(file);
    return size;
}

static void check_file(const char *path)
{
    struct km_midi_file file;
    struct km_error error;
    km_midi_file_init(&file, heap, 1, 480);
    struct km_piece streamed;
    const enum km_status status = read_piece(&streamed, path, NULL, &error);
    const enum km_status expected = km_midi_file_read(&file, bytes, load(path), NULL, &error);
    if (status == KM_OK && expected == KM_OK) {
        struct km_piece whole;
        assert_int_equal(km_piece_of_file(&whole, heap, &file, &error), KM_OK);
        expect_same(&streamed, &whole);
        km_piece_release(&whole);
    }
    // What only the streaming reader knows are clips of MIDI 2.0.
    assert_true(status == expected || expected == KM_ERROR_UNSUPPORTED);
    if (status == KM_OK) {
        km_piece_release(&streamed);
    }
    km_midi_file_release(&file);
}

static size_t check_folder(const char *folder)
{
    const char *const data = getenv("KMIDI_DATA");
    char path[PATH_SIZE];
    snprintf(path, sizeof(path), "%s/%s", data ? data : "", folder);
    DIR *const directory = opendir(path);
    size_t count = 0;
    for (struct dirent *entry = directory ? readdir(directory) : NULL; entry;
         entry = readdir(directory)) {
        const char *const suffix = strrchr(entry->d_name, '.');
        if (suffix && strcmp(suffix, ".mid") == 0) {
            snprintf(path, sizeof(path), "%s/%s/%s", data, folder, entry->d_name);
            check_file(path);
            ++count;
        }
    }
    if (directory) {
        closedir(directory);
    }
    return count;
}

static void a_file_that_streams_gives_what_one_in_memory_gives(void **state)
{
    (void)state;
    static const char *const folders[] = {"midi_small/amads",       "midi_small/muspy",
                                          "midi_small/partitura",   "midi_small/note_seq",
                                          "justkeydding/features",  "edge/handmade",
                                          "edge/drywetmidi_invalid"};
    size_t count = 0;
    for (size_t i = 0; i < sizeof(folders) / sizeof(folders[0]); ++i) {
        count += check_folder(folders[i]);
    }
    if (count == 0) {
        print_message("# skipped: KMIDI_DATA is not there\n");
        skip();
    }
    assert_in_range(count, 150, 1000);
}

// ---- A file of our own

// Writes a file with many notes, a name in pieces, a pedal; the caller removes it.
static void write_file(char path[32], uint32_t notes)
{
    (void)snprintf(path, 32, "/tmp/kmidi-piece-XXXXXX");
    const int descriptor = mkstemp(path);
    assert_true(descriptor >= 0);
    FILE *const to = fdopen(descriptor, "wb");
    assert_non_null(to);
    static const unsigned char head[] = "MThd\0\0\0\6\0\0\0\1\0\x60MTrk";
    static const unsigned char beginning[] = "\0\xFF\x03\x04Name\0\xF0\x08\x43\x10\x4C\x08\x03\x07"
                                             "\x01\xF7\0\xB0\x40\x7F\0\x93\x3C\x40\x30\x3C\0";
    static const unsigned char last[] = "\0\xFF\x2F\0";
    const uint32_t size = (uint32_t)(sizeof(beginning) - 1 + 6 * (size_t)notes + sizeof(last) - 1);
    const unsigned char length[] = {(unsigned char)(size >> 24), (unsigned char)(size >> 16),
                                    (unsigned char)(size >> 8), (unsigned char)size};
    fwrite(head, 1, sizeof(head) - 1, to);
    fwrite(length, 1, 4, to);
    fwrite(beginning, 1, sizeof(beginning) - 1, to);
    for (uint32_t i = 0; i < notes; ++i) {
        const unsigned char note[] = {1, (unsigned char)(48 + i % 24), 64,
                                      1, (unsigned char)(48 + i % 24), 0};
        fwrite(note, 1, sizeof(note), to);
    }
    fwrite(last, 1, sizeof(last) - 1, to);
    assert_int_equal(fclose(to), 0);
}

static void names_and_messages_are_read_as_they_stream(void **state)
{
    (void)state;
    char path[32];
    write_file(path, 100);
    struct km_piece piece = {0};
    struct km_error error;
    assert_int_equal(read_piece(&piece, path, NULL, &error), KM_OK);
    assert_int_equal(piece.note_count, 101);
    if (!piece.notes) {
        fail();
        return;
    }
    assert_string_equal(piece.title, "Name");
    assert_int_equal(piece.notes[0].channel, 3);
    assert_true(piece.notes[0].is_drum); // As XG's message says.
    km_piece_release(&piece);
    unlink(path);
}

static bool stop_soon(void *context, uint64_t done, uint64_t total)
{
    int *const calls = context;
    assert_true(done <= total);
    *calls += 1;
    return *calls < 3;
}

static bool go_on(void *context, uint64_t done, uint64_t total)
{
    uint64_t *const last = context;
    assert_true(done >= *last && done <= total);
    *last = done;
    return true;
}

static void progress_is_told_and_can_stop_it(void **state)
{
    (void)state;
    char path[32];
    write_file(path, 100000);
    struct km_piece piece = {0};
    struct km_error error;
    uint64_t last = 0;
    struct km_piece_config config = {.progress = {go_on, &last}};
    assert_int_equal(read_piece(&piece, path, &config, &error), KM_OK);
    assert_true(last > 500000);
    km_piece_release(&piece);
    int calls = 0;
    config.progress = (struct km_midi_progress){stop_soon, &calls};
    assert_int_equal(read_piece(&piece, path, &config, &error), KM_ERROR_IO);
    assert_int_equal(calls, 3);
    assert_string_equal(error.message, "stopped");
    unlink(path);
}

static void too_many_notes_are_refused_before_all_is_read(void **state)
{
    (void)state;
    char path[32];
    write_file(path, 2 * KM_PIECE_NOTES_MAX);
    struct km_piece piece = {0};
    struct km_error error;
    uint64_t last = 0;
    const struct km_piece_config config = {.progress = {go_on, &last}};
    assert_int_equal(read_piece(&piece, path, &config, &error), KM_ERROR_TOO_LARGE);
    assert_string_equal(error.message, "more than 1048576 notes: too many to analyse at once");
    assert_true(last < 7 * (uint64_t)KM_PIECE_NOTES_MAX); // Half of the file.
    unlink(path);
}

static void failing_memory_leaves_nothing(void **state)
{
    (void)state;
    char path[32];
    write_file(path, 3000);
    struct km_piece piece = {.end_s = -7};
    enum km_status status = KM_ERROR_NO_MEMORY;
    uint64_t attempt = 0;
    while (status != KM_OK) {
        struct km_error error = {0};
        km_heap_fail_at(heap, ++attempt);
        status = read_piece(&piece, path, NULL, &error);
        assert_true(status == KM_OK || (status == KM_ERROR_NO_MEMORY && piece.end_s == -7 &&
                                        error.message[0] != '\0'));
    }
    km_heap_fail_at(heap, 0);
    assert_in_range(attempt, 8, 40);
    km_piece_release(&piece);
    unlink(path);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_file_that_streams_gives_what_one_in_memory_gives, begin,
                                        end),
        cmocka_unit_test_setup_teardown(names_and_messages_are_read_as_they_stream, begin, end),
        cmocka_unit_test_setup_teardown(progress_is_told_and_can_stop_it, begin, end),
        cmocka_unit_test_setup_teardown(too_many_notes_are_refused_before_all_is_read, begin, end),
        cmocka_unit_test_setup_teardown(failing_memory_leaves_nothing, begin, end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
