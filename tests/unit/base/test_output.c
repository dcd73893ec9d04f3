// SPDX-License-Identifier: MIT

#include "base/output.h"

#include "support/cmocka.h"

#include <dirent.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static char folder[64];
static struct km_output output; // 24 KB.

static int make_folder(void **state)
{
    (void)state;
    snprintf(folder, sizeof(folder), "/tmp/kmidi_output_XXXXXX");
    return mkdtemp(folder) && chdir(folder) == 0 ? 0 : -1;
}

static int remove_folder(void **state)
{
    (void)state;
    char command[256];
    snprintf(command, sizeof(command), "chmod -R u+w %s && rm -rf %s", folder, folder);
    return chdir("/") == 0 ? system(command) : -1; // NOLINT(cert-env33-c): the name is our own.
}

static void put(const char *path, const char *text)
{
    FILE *const file = fopen(path, "w");
    assert_non_null(file);
    fputs(text, file);
    assert_int_equal(fclose(file), 0);
}

static void expect_content(const char *path, const char *expected)
{
    char text[256] = "";
    FILE *const file = fopen(path, "r");
    assert_non_null(file);
    text[fread(text, 1, sizeof(text) - 1, file)] = '\0';
    fclose(file);
    assert_string_equal(text, expected);
}

static int files_count(void)
{
    int count = 0;
    DIR *const entries = opendir(".");
    assert_non_null(entries);
    for (const struct dirent *entry = readdir(entries); entry; entry = readdir(entries)) {
        count += strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0;
    }
    closedir(entries);
    return count;
}

static enum km_status write_to(const char *path, const char *text, struct km_error *error)
{
    const enum km_status status = km_output_open(&output, path, error);
    if (status != KM_OK) {
        assert_int_equal(output.file, -1);
        return status;
    }
    km_sink_text(&output.sink, text);
    return km_output_commit(&output, error);
}

static void a_file_appears_only_at_commit(void **state)
{
    (void)state;
    assert_int_equal(km_output_open(&output, "new", NULL), KM_OK);
    km_sink_text(&output.sink, "content");
    assert_int_not_equal(access("new", F_OK), 0);
    assert_int_equal(km_output_commit(&output, NULL), KM_OK);
    assert_int_equal(output.file, -1);
    expect_content("new", "content");
    assert_int_equal(files_count(), 1);

    const mode_t mask = umask(0);
    umask(mask);
    struct stat status;
    assert_int_equal(stat("new", &status), 0);
    assert_int_equal(status.st_mode & 0777, 0666 & ~mask);
}

static void a_discarded_file_leaves_nothing(void **state)
{
    (void)state;
    put("old", "as it was");
    assert_int_equal(km_output_open(&output, "old", NULL), KM_OK);
    km_sink_text(&output.sink, "other");
    km_output_discard(&output);
    km_output_discard(&output);
    expect_content("old", "as it was");
    assert_int_equal(files_count(), 1);
}

static void a_failed_write_keeps_the_old_file(void **state)
{
    (void)state;
    put("old", "as it was");
    assert_int_equal(km_output_open(&output, "old", NULL), KM_OK);
    km_sink_text(&output.sink, "other");
    output.sink.status = KM_ERROR_NO_SPACE;
    struct km_error error;
    assert_int_equal(km_output_commit(&output, &error), KM_ERROR_NO_SPACE);
    assert_string_equal(error.message, "old: cannot write: no space left on the device");
    expect_content("old", "as it was");
    assert_int_equal(files_count(), 1);
}

static void mode_and_link_of_an_old_file_stay(void **state)
{
    (void)state;
    put("old", "as it was");
    assert_int_equal(chmod("old", 0640), 0);
    assert_int_equal(symlink("old", "link"), 0);
    assert_int_equal(mkdir("sub", 0700), 0);
    assert_int_equal(symlink("../link", "sub/link"), 0);
    assert_int_equal(write_to("sub/link", "new", NULL), KM_OK);
    expect_content("old", "new");
    struct stat status;
    assert_int_equal(lstat("link", &status), 0);
    assert_true(S_ISLNK(status.st_mode));
    assert_int_equal(lstat("sub/link", &status), 0);
    assert_true(S_ISLNK(status.st_mode));
    assert_int_equal(lstat("old", &status), 0);
    assert_int_equal(status.st_mode & 07777, 0640);
}

static void a_link_to_nothing_yet_makes_what_it_names(void **state)
{
    (void)state;
    assert_int_equal(symlink("later", "link"), 0);
    assert_int_equal(write_to("link", "new", NULL), KM_OK);
    expect_content("later", "new");
    struct stat status;
    assert_int_equal(lstat("link", &status), 0);
    assert_true(S_ISLNK(status.st_mode));

    assert_int_equal(symlink("round", "round"), 0);
    struct km_error error;
    assert_int_not_equal(write_to("round", "new", &error), KM_OK);
    assert_non_null(strstr(error.message, "round: cannot write: "));
}

static void what_cannot_be_written_is_refused_before_work_begins(void **state)
{
    (void)state;
    struct km_error error;
    assert_int_equal(write_to("missing/new", "x", &error), KM_ERROR_NOT_FOUND);
    assert_string_equal(error.message, "missing/new: cannot write: No such file or directory");
    assert_int_not_equal(write_to(".", "x", &error), KM_OK);
    assert_int_not_equal(write_to("", "x", &error), KM_OK);
    char path[KM_OUTPUT_PATH_SIZE + 8];
    memset(path, 'a', sizeof(path));
    path[sizeof(path) - 1] = '\0';
    assert_int_equal(write_to(path, "x", &error), KM_ERROR_TOO_LARGE);
    path[300] = '\0'; // A name may have 255 bytes.
    assert_int_not_equal(write_to(path, "x", &error), KM_OK);
    path[255] = '\0';
    assert_int_equal(write_to(path, "x", &error), KM_OK);
    expect_content(path, "x");
    assert_int_equal(files_count(), 1);
}

static void a_full_disk_says_so(void **state)
{
    (void)state;
    struct km_error error;
    if (access("/dev/full", W_OK) != 0) {
        puts("skipped: no /dev/full");
        skip();
    }
    assert_int_equal(write_to("/dev/full", "x", &error), KM_ERROR_NO_SPACE);
    assert_string_equal(error.message, "/dev/full: cannot write: no space left on the device");

    // More than the buffer holds: it fails in the middle, and stays failed.
    assert_int_equal(km_output_open(&output, "/dev/full", NULL), KM_OK);
    static char much[3 * KM_OUTPUT_BUFFER_SIZE];
    assert_int_equal(km_sink_write(&output.sink, much, sizeof(much)), KM_ERROR_NO_SPACE);
    assert_int_equal(km_sink_text(&output.sink, "x"), KM_ERROR_NO_SPACE);
    assert_int_equal(km_output_commit(&output, NULL), KM_ERROR_NO_SPACE);
}

static void pieces_of_every_size_arrive_in_order(void **state)
{
    (void)state;
    static unsigned char bytes[200000];
    static unsigned char read_back[sizeof(bytes) + 1];
    for (size_t i = 0; i < sizeof(bytes); ++i) {
        bytes[i] = (unsigned char)(i * 7 + i / 256);
    }
    assert_int_equal(km_output_open(&output, "pieces", NULL), KM_OK);
    size_t written = 0;
    for (size_t size = 0; written < sizeof(bytes); size = (size * 5 + 3) % 40009) {
        const size_t left = sizeof(bytes) - written;
        const size_t piece = size < left ? size : left;
        assert_int_equal(km_sink_write(&output.sink, bytes + written, piece), KM_OK);
        written += piece;
    }
    assert_int_equal(km_output_commit(&output, NULL), KM_OK);
    FILE *const file = fopen("pieces", "rb");
    assert_non_null(file);
    assert_int_equal(fread(read_back, 1, sizeof(read_back), file), sizeof(bytes));
    fclose(file);
    assert_memory_equal(read_back, bytes, sizeof(bytes));
}

// ---- Children: standard output, closed pipes, sudden death

static void as_standard_output(int file, enum km_status expected)
{
    signal(SIGPIPE, SIG_IGN);
    dup2(file, STDOUT_FILENO);
    static char much[1 << 20];
    memset(much, 'x', sizeof(much));
    struct km_error error;
    enum km_status status = km_output_open(&output, "-", &error);
    if (status == KM_OK) {
        km_sink_write(&output.sink, much, sizeof(much));
        status = km_output_commit(&output, &error);
    }
    _exit(status == expected ? 0 : 1);
}

static void expect_success(pid_t child)
{
    int status = 0;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
}

// Root may write anywhere: a child that is nobody tries.
static void a_read_only_folder_or_file_is_refused(void **state)
{
    (void)state;
    assert_int_equal(chmod(folder, 0755), 0);
    assert_int_equal(mkdir("closed", 0555), 0);
    put("old", "as it was");
    assert_int_equal(chmod("old", 0444), 0);
    const pid_t child = fork();
    if (child == 0) {
        const bool is_nobody = geteuid() != 0 || (setgid(65534) == 0 && setuid(65534) == 0);
        const bool is_refused = write_to("closed/new", "x", NULL) == KM_ERROR_PERMISSION &&
                                write_to("old", "x", NULL) == KM_ERROR_PERMISSION;
        _exit(is_nobody && is_refused ? 0 : 1);
    }
    expect_success(child);
    expect_content("old", "as it was");
    assert_int_equal(files_count(), 2);
}

static void a_dash_is_standard_output(void **state)
{
    (void)state;
    int ends[2];
    assert_int_equal(pipe(ends), 0);
    assert_int_equal(fcntl(ends[1], F_SETFL, O_NONBLOCK), 0); // It must wait for room.
    const pid_t child = fork();
    if (child == 0) {
        as_standard_output(ends[1], KM_OK);
    }
    close(ends[1]);
    poll(NULL, 0, 30); // Let it fill the pipe and find no room.
    size_t size = 0;
    char bytes[4096];
    ssize_t got = 0;
    while ((got = read(ends[0], bytes, sizeof(bytes))) > 0) {
        size += (size_t)got;
    }
    close(ends[0]);
    assert_int_equal(size, 1 << 20);
    expect_success(child);
    assert_int_equal(files_count(), 0);
}

static void a_closed_pipe_is_told_from_other_failures(void **state)
{
    (void)state;
    int ends[2];
    assert_int_equal(pipe(ends), 0);
    close(ends[0]);
    const pid_t child = fork();
    if (child == 0) {
        as_standard_output(ends[1], KM_ERROR_CLOSED);
    }
    close(ends[1]);
    expect_success(child);
}

static void sudden_death_leaves_nothing(void **state)
{
    (void)state;
    put("old", "as it was");
    const int probe = open(".", O_WRONLY | 020000000 | O_DIRECTORY, 0600); // O_TMPFILE
    if (probe < 0) {
        puts("skipped: this file system has no nameless files");
        skip();
    }
    close(probe);
    int ends[2];
    assert_int_equal(pipe(ends), 0);
    const pid_t child = fork();
    if (child == 0) {
        static char much[3 * KM_OUTPUT_BUFFER_SIZE];
        const bool is_open = km_output_open(&output, "old", NULL) == KM_OK;
        km_sink_write(&output.sink, much, sizeof(much));
        (void)!write(ends[1], is_open ? "1" : "0", 1);
        pause();
    }
    char word = '0';
    assert_int_equal(read(ends[0], &word, 1), 1);
    assert_int_equal(word, '1');
    assert_int_equal(kill(child, SIGKILL), 0);
    assert_int_equal(waitpid(child, NULL, 0), child);
    close(ends[0]);
    close(ends[1]);
    expect_content("old", "as it was");
    assert_int_equal(files_count(), 1);
}

#define IN_FOLDER(test) cmocka_unit_test_setup_teardown(test, make_folder, remove_folder)

static void a_header_that_is_known_last_is_written_first(void **state)
{
    (void)state;
    assert_int_equal(km_output_open(&output, "header", NULL), KM_OK);
    km_sink_text(&output.sink, "????body");
    assert_int_equal(km_output_seek(&output, 0), KM_OK);
    km_sink_text(&output.sink, "head");
    assert_int_equal(km_output_seek(&output, 8), KM_OK);
    km_sink_text(&output.sink, "tail");
    assert_int_equal(km_output_commit(&output, NULL), KM_OK);
    expect_content("header", "headbodytail");
    unlink("header");
}

static void there_is_no_going_back_in_a_pipe(void **state)
{
    (void)state;
    assert_int_equal(mkfifo("seek_pipe", 0600), 0);
    const int reader = open("seek_pipe", O_RDONLY | O_NONBLOCK);
    assert_int_equal(km_output_open(&output, "seek_pipe", NULL), KM_OK);
    assert_int_equal(km_output_seek(&output, 0), KM_ERROR_UNSUPPORTED);
    assert_int_equal(km_sink_text(&output.sink, "x"), KM_ERROR_UNSUPPORTED); // It sticks.
    struct km_error error;
    assert_int_equal(km_output_commit(&output, &error), KM_ERROR_UNSUPPORTED);
    close(reader);
    unlink("seek_pipe");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_header_that_is_known_last_is_written_first),
        cmocka_unit_test(there_is_no_going_back_in_a_pipe),
        IN_FOLDER(a_file_appears_only_at_commit),
        IN_FOLDER(a_discarded_file_leaves_nothing),
        IN_FOLDER(a_failed_write_keeps_the_old_file),
        IN_FOLDER(mode_and_link_of_an_old_file_stay),
        IN_FOLDER(a_link_to_nothing_yet_makes_what_it_names),
        IN_FOLDER(what_cannot_be_written_is_refused_before_work_begins),
        IN_FOLDER(a_read_only_folder_or_file_is_refused),
        IN_FOLDER(a_full_disk_says_so),
        IN_FOLDER(pieces_of_every_size_arrive_in_order),
        IN_FOLDER(a_dash_is_standard_output),
        IN_FOLDER(a_closed_pipe_is_told_from_other_failures),
        IN_FOLDER(sudden_death_leaves_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
