// SPDX-License-Identifier: MIT

// Files from the world: hand-made edge cases, whose names say what is expected, collections of
// broken files, and music. Needs KMIDI_DATA.

#include "midi/file.h"

#include "unit/midi/midi_support.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>

enum { FILE_SIZE_MAX = 1 << 23, OUTPUT_SIZE = 1 << 24, PATH_SIZE = 4096 };

// What became of the files of one folder.
struct tally {
    size_t files;
    size_t accepted;
    size_t warned; // Of those accepted.
    size_t refused;
    size_t events;
};

static unsigned char *content; // Of the file that is read.
static unsigned char *output;

static size_t load(const char *path)
{
    FILE *const file = fopen(path, "rb");
    assert_non_null(file);
    const size_t size = fread(content, 1, FILE_SIZE_MAX, file);
    assert_in_range(size, 0, FILE_SIZE_MAX - 1);
    fclose(file);
    return size;
}

static bool begins_with(const char *text, const char *beginning)
{
    return strncmp(text, beginning, strlen(beginning)) == 0;
}

// The hand-made files say in their names what is to become of them.
static void expect_as_named(const char *name, enum km_status status,
                            const struct km_midi_warnings *warnings)
{
    if (begins_with(name, "ok_") || begins_with(name, "stress_")) {
        assert_int_equal(status, KM_OK);
    } else if (begins_with(name, "bad_")) {
        assert_int_not_equal(status, KM_OK);
    } else if (begins_with(name, "lenient_")) {
        assert_int_equal(status, KM_OK);
        assert_true(warnings->count > 0);
    } else if (begins_with(name, "midi2clip_")) {
        assert_int_equal(status, KM_OK);
    }
}

// What was accepted must be written and read again just the same.
static void expect_round_trip(const struct km_midi_file *file)
{
    struct fixture read = fixture_of(1, 0);
    size_t size = 0;
    assert_int_equal(write_to(file, output, OUTPUT_SIZE, &size, &read.error), KM_OK);
    struct km_midi_warnings warnings;
    assert_int_equal(km_midi_file_read(&read.file, output, size, &warnings, &read.error), KM_OK);
    if (file->format != 0 || file->track_count == 1) {
        assert_true(is_same_file(file, &read.file));
    }
    fixture_release(&read);
}

static bool is_clip(size_t size)
{
    return size >= 8 && memcmp(content, "SMF2CLIP", 8) == 0;
}

static void read_one(const char *folder, const char *name, struct tally *tally)
{
    char path[PATH_SIZE];
    assert_in_range(snprintf(path, sizeof(path), "%s/%s", folder, name), 1, sizeof(path) - 1);
    const size_t size = load(path);
    struct fixture fixture = fixture_of(1, 0);
    struct km_midi_warnings warnings;
    const enum km_status status =
        km_midi_file_read(&fixture.file, content, size, &warnings, &fixture.error);
    ++tally->files;
    if (status == KM_OK) {
        ++tally->accepted;
        tally->warned += warnings.count > 0;
        for (size_t i = 0; i < fixture.file.track_count; ++i) {
            tally->events += fixture.file.tracks[i].count;
        }
        if (!is_clip(size)) { // Finer values do not come back: test_clip.c.
            expect_round_trip(&fixture.file);
        }
    } else {
        ++tally->refused;
        assert_int_equal(strncmp(fixture.error.message, "byte ", 5), 0);
    }
    expect_as_named(name, status, &warnings);
    const uint64_t peak = km_heap_usage(fixture.heap, KM_ACCOUNT_WORKING).peak_bytes;
    assert_true(peak <= (uint64_t)KM_MIDI_READ_FACTOR * size + 1024);
    fixture_release(&fixture);
}

// Reads every file of a folder, the one with this extension of folders beneath it too.
static void read_folder(const char *folder, struct tally *tally)
{
    DIR *const entries = opendir(folder);
    assert_non_null(entries);
    for (const struct dirent *entry = readdir(entries); entry; entry = readdir(entries)) {
        const char *const dot = strrchr(entry->d_name, '.');
        if (dot && (strcmp(dot, ".mid") == 0 || strcmp(dot, ".midi2") == 0)) {
            read_one(folder, entry->d_name, tally);
        }
    }
    closedir(entries);
}

static struct tally tally_of(const char *const *folders, size_t count, const char *what)
{
    const char *const data = getenv("KMIDI_DATA");
    struct tally tally = {0};
    for (size_t i = 0; i < count; ++i) {
        char folder[PATH_SIZE];
        assert_in_range(snprintf(folder, sizeof(folder), "%s/%s", data, folders[i]), 1,
                        sizeof(folder) - 1);
        read_folder(folder, &tally);
    }
    print_message("# %s: %zu files, %zu accepted (%zu with warnings), %zu refused, %zu events\n",
                  what, tally.files, tally.accepted, tally.warned, tally.refused, tally.events);
    return tally;
}

static int skip_without_data(void **state)
{
    (void)state;
    const char *const data = getenv("KMIDI_DATA");
    char folder[PATH_SIZE];
    snprintf(folder, sizeof(folder), "%s/edge/handmade", data ? data : "");
    DIR *const entries = data ? opendir(folder) : NULL;
    if (!entries) {
        print_message("# skipped: KMIDI_DATA holds no edge/handmade\n");
        return 0;
    }
    closedir(entries);
    content = malloc(FILE_SIZE_MAX);
    output = malloc(OUTPUT_SIZE);
    return content && output ? 0 : -1;
}

static int release_buffers(void **state)
{
    (void)state;
    free(content);
    free(output);
    return 0;
}

static void hand_made_files_are_read_as_their_names_say(void **state)
{
    (void)state;
    if (!content) {
        skip();
    }
    static const char *const folders[] = {"edge/handmade"};
    const struct tally tally = tally_of(folders, 1, "hand-made");
    assert_int_equal(tally.files, 67);
}

static void broken_files_from_the_world_are_read_or_refused(void **state)
{
    (void)state;
    if (!content) {
        skip();
    }
    static const char *const folders[] = {"edge/jazz_soft", "edge/jazz_soft/midi2",
                                          "edge/drywetmidi_invalid"};
    const struct tally tally = tally_of(folders, 3, "broken");
    assert_true(tally.files > 100);
    assert_true(tally.accepted > tally.refused);
}

static void music_is_read_and_written_back(void **state)
{
    (void)state;
    if (!content) {
        skip();
    }
    static const char *const folders[] = {
        "giantmidi",        "midi_small/amads",    "midi_small/midly_assets", "midi_small/minimidi",
        "midi_small/muspy", "midi_small/note_seq", "midi_small/partitura"};
    const struct tally tally = tally_of(folders, 7, "music");
    assert_int_equal(tally.refused, 2); // Divisions of 0 and -1.
}

static void drum_takes_are_read_and_written_back(void **state)
{
    (void)state;
    if (!content) {
        skip();
    }
    static const char *const folders[] = {"groove/drummer1/session1", "groove/drummer3/session1",
                                          "groove/drummer8/session1"};
    const struct tally tally = tally_of(folders, 3, "groove");
    assert_int_equal(tally.refused, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(hand_made_files_are_read_as_their_names_say),
        cmocka_unit_test(broken_files_from_the_world_are_read_or_refused),
        cmocka_unit_test(music_is_read_and_written_back),
        cmocka_unit_test(drum_takes_are_read_and_written_back),
    };
    return cmocka_run_group_tests(tests, skip_without_data, release_buffers);
}
