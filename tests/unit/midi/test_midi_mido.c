// SPDX-License-Identifier: MIT

// Compares with mido, an independent reader and writer in Python: its golden files always, and
// mido itself, reading what we write and what the world writes, where it is installed.

#include "midi/file.h"

#include "unit/midi/midi_dump.h"
#include "unit/midi/midi_random.h"

#include <dirent.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

enum {
    PATH_SIZE = 1024,
    COMMAND_SIZE = 1 << 16,
    TEXT_SIZE = 1 << 23,
    FILE_SIZE = 1 << 20,
    RANDOM_FILES = 20,
    EXIT_WITHOUT_MIDO = 77,
};

static char text[TEXT_SIZE]; // What mido says.

static const char *tests_folder(void)
{
    const char *const folder = getenv("KMIDI_TESTS");
    return folder ? folder : "../tests";
}

static size_t load(const char *path, void *bytes, size_t size)
{
    FILE *const file = fopen(path, "rb");
    assert_non_null(file);
    const size_t used = fread(bytes, 1, size, file);
    assert_in_range(used, 0, size - 1);
    fclose(file);
    return used;
}

// What our reader makes of a file, as text that the caller frees.
static char *dump_of(const char *path)
{
    static unsigned char bytes[FILE_SIZE];
    const size_t size = load(path, bytes, sizeof(bytes));
    struct fixture fixture = fixture_of(1, 0);
    assert_int_equal(km_midi_file_read(&fixture.file, bytes, size, NULL, &fixture.error), KM_OK);
    char *dump = NULL;
    size_t dump_size = 0;
    FILE *const to = open_memstream(&dump, &dump_size);
    assert_non_null(to);
    dump_file(to, &fixture.file);
    fclose(to);
    fixture_release(&fixture);
    return dump;
}

static void golden_files_hold_what_mido_wrote(void **state)
{
    (void)state;
    static const char *const names[] = {"every_event", "song"};
    for (size_t i = 0; i < 2; ++i) {
        char path[PATH_SIZE];
        snprintf(path, sizeof(path), "%s/golden/midi/%s.mid", tests_folder(), names[i]);
        char *const dump = dump_of(path);
        snprintf(path, sizeof(path), "%s/golden/midi/%s.txt", tests_folder(), names[i]);
        text[load(path, text, sizeof(text))] = '\0';
        assert_string_equal(dump, text);
        free(dump);
    }
}

// Runs mido_dump.py on files and keeps what it prints; tells its exit code.
static int run_mido(const char *interpreter, const char *files)
{
    static char command[COMMAND_SIZE];
    const int length = snprintf(command, sizeof(command), "%s '%s/unit/midi/mido_dump.py' %s",
                                interpreter, tests_folder(), files);
    assert_in_range(length, 1, sizeof(command) - 1);
    FILE *const from = popen(command, "r"); // NOLINT(cert-env33-c): our own words alone.
    assert_non_null(from);
    const size_t size = fread(text, 1, sizeof(text) - 1, from);
    text[size] = '\0';
    const int status = pclose(from);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

// The interpreter that has mido, or null: Debian's package is for Debian's own.
static const char *interpreter_with_mido(void)
{
    static const char *const interpreters[] = {"/usr/bin/python3", "python3"};
    for (size_t i = 0; i < 2; ++i) {
        if (run_mido(interpreters[i], "2>/dev/null") == EXIT_SUCCESS) {
            return interpreters[i];
        }
    }
    print_message("# skipped: mido is not installed (Debian: python3-mido)\n");
    return NULL;
}

// Compares mido's dump at `from` with ours; the next file's dump follows. False if mido refused.
static bool compare_next(const char **from, const char *path)
{
    const char *const end = strstr(*from, "end\n");
    assert_non_null(end);
    const bool is_refused = strncmp(*from, "refused", 7) == 0;
    if (!is_refused) {
        char *const dump = dump_of(path);
        const size_t size = (size_t)(end - *from);
        if (strlen(dump) != size || memcmp(dump, *from, size) != 0) {
            fail_msg("mido reads something else in %s", path);
        }
        free(dump);
    }
    *from = end + strlen("end\n");
    return !is_refused;
}

static void write_random_file(const char *path, struct km_random *random)
{
    static unsigned char bytes[FILE_SIZE];
    struct fixture fixture = fixture_of(1, 0);
    fill_randomly(&fixture.file, random, 4, 200);
    size_t size = 0;
    assert_int_equal(write_to(&fixture.file, bytes, sizeof(bytes), &size, &fixture.error), KM_OK);
    FILE *const file = fopen(path, "wb");
    assert_non_null(file);
    assert_int_equal(fwrite(bytes, 1, size, file), size);
    fclose(file);
    fixture_release(&fixture);
}

static void mido_reads_what_we_write(void **state)
{
    (void)state;
    const char *const interpreter = interpreter_with_mido();
    if (!interpreter) {
        skip();
    }
    char folder[] = "/tmp/kmidi-mido-XXXXXX";
    assert_non_null(mkdtemp(folder));
    char paths[RANDOM_FILES][PATH_SIZE];
    char files[RANDOM_FILES * 40] = "";
    struct km_random random;
    km_random_init(&random, 31, "mido");
    size_t length = 0;
    for (size_t i = 0; i < RANDOM_FILES; ++i) {
        snprintf(paths[i], sizeof(paths[i]), "%s/%zu.mid", folder, i);
        write_random_file(paths[i], &random);
        length += (size_t)snprintf(files + length, sizeof(files) - length, "%s ", paths[i]);
        assert_true(length < sizeof(files));
    }
    const int code = run_mido(interpreter, files);
    for (size_t i = 0; code == EXIT_SUCCESS && i < RANDOM_FILES; ++i) {
        static const char *from;
        from = i == 0 ? text : from;
        assert_true(compare_next(&from, paths[i]));
    }
    for (size_t i = 0; i < RANDOM_FILES; ++i) {
        unlink(paths[i]);
    }
    rmdir(folder);
    assert_int_equal(code, EXIT_SUCCESS);
}

// Adds the MIDI files of a folder to a list; returns how many there are then.
static size_t list_folder(const char *folder, char (*paths)[PATH_SIZE], size_t count, size_t max)
{
    DIR *const entries = opendir(folder);
    for (const struct dirent *entry = entries ? readdir(entries) : NULL; entry && count < max;
         entry = readdir(entries)) {
        if (strstr(entry->d_name, ".mid") &&
            strcmp(entry->d_name, "zero-ticks-per-beat.mid") != 0 &&
            strcmp(entry->d_name, "negative-ticks-per-beat.mid") != 0) {
            snprintf(paths[count++], PATH_SIZE, "%s/%s", folder, entry->d_name);
        }
    }
    if (entries) {
        closedir(entries);
    }
    return count;
}

static void mido_reads_the_same_in_files_from_the_world(void **state)
{
    (void)state;
    enum { FILES_MAX = 100 };
    static const char *const folders[] = {"amads", "muspy", "note_seq", "partitura", "minimidi"};
    static char paths[FILES_MAX][PATH_SIZE];
    const char *const data = getenv("KMIDI_DATA");
    size_t count = 0;
    for (size_t i = 0; data && i < 5; ++i) {
        char folder[PATH_SIZE / 2];
        snprintf(folder, sizeof(folder), "%s/midi_small/%s", data, folders[i]);
        count = list_folder(folder, paths, count, FILES_MAX);
    }
    const char *const interpreter = interpreter_with_mido();
    if (!interpreter || count == 0) {
        print_message("# skipped: needs mido and KMIDI_DATA\n");
        skip();
    }
    static char files[COMMAND_SIZE / 2];
    size_t length = 0;
    for (size_t i = 0; i < count; ++i) {
        length += (size_t)snprintf(files + length, sizeof(files) - length, "'%s' ", paths[i]);
        assert_true(length < sizeof(files));
    }
    assert_int_equal(run_mido(interpreter, files), EXIT_SUCCESS);
    const char *from = text;
    size_t agreed = 0;
    for (size_t i = 0; i < count; ++i) {
        agreed += compare_next(&from, paths[i]);
    }
    print_message("# %zu of %zu files: the same as mido reads, the rest it refuses\n", agreed,
                  count);
    assert_true(agreed > count / 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(golden_files_hold_what_mido_wrote),
        cmocka_unit_test(mido_reads_what_we_write),
        cmocka_unit_test(mido_reads_the_same_in_files_from_the_world),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
