// SPDX-License-Identifier: MIT

#include "base/input.h"

#include "support/cmocka.h"

#include <dirent.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

// A folder for the files of one test, and one path in it.
struct place {
    char folder[64];
    char path[128];
};

static struct place place_of(const char *name)
{
    struct place place = {.folder = "/tmp/kmidi-input-XXXXXX"};
    assert_non_null(mkdtemp(place.folder));
    (void)snprintf(place.path, sizeof(place.path), "%s/%s", place.folder, name);
    return place;
}

static void leave(struct place *place)
{
    (void)unlink(place->path);
    assert_int_equal(rmdir(place->folder), 0);
}

static void write_file(const char *path, const char *content, size_t size)
{
    const int file = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    assert_true(file >= 0);
    assert_int_equal(write(file, content, size), size);
    close(file);
}

static void expect_refused(const char *path, enum km_status status, const char *words)
{
    struct km_input input;
    struct km_error error = {0};
    assert_int_equal(km_input_open(&input, path, &error), status);
    assert_non_null(strstr(error.message, words));
    assert_int_equal(input.file, -1);
    km_input_close(&input);
}

static void reads_a_file_from_front_to_back_and_anywhere(void **state)
{
    (void)state;
    struct place place = place_of("file");
    write_file(place.path, "0123456789", 10);
    struct km_input input;
    struct km_error error = {0};
    assert_int_equal(km_input_open(&input, place.path, &error), KM_OK);
    assert_false(input.is_stream);
    assert_int_equal(input.size, 10);
    assert_string_equal(input.name, place.path);
    char bytes[16];
    size_t got = 0;
    assert_int_equal(km_input_read(&input, bytes, 4, &got, &error), KM_OK);
    assert_int_equal(got, 4);
    assert_memory_equal(bytes, "0123", 4);
    assert_int_equal(km_input_read_at(&input, 7, bytes, 16, &got, &error), KM_OK);
    assert_int_equal(got, 3);
    assert_memory_equal(bytes, "789", 3);
    assert_int_equal(input.position, 4); // Reading elsewhere moves nothing.
    assert_int_equal(km_input_read_at(&input, 10, bytes, 1, &got, &error), KM_OK);
    assert_int_equal(got, 0);
    assert_int_equal(km_input_read_at(&input, UINT64_MAX, bytes, 1, &got, &error), KM_OK);
    assert_int_equal(got, 0);
    assert_int_equal(km_input_spool(&input, 0, NULL, &error), KM_OK); // Nothing to do.
    assert_int_equal(km_input_read(&input, bytes, 16, &got, &error), KM_OK);
    assert_int_equal(got, 6);
    assert_int_equal(km_input_read(&input, bytes, 16, &got, &error), KM_OK);
    assert_int_equal(got, 0);
    km_input_close(&input);
    km_input_close(&input);
    leave(&place);
}

static void refuses_what_is_no_file(void **state)
{
    (void)state;
    expect_refused("", KM_ERROR_INVALID, "empty path");
    expect_refused("/", KM_ERROR_INVALID, "is a directory");
    expect_refused("/nowhere/at all", KM_ERROR_NOT_FOUND, "cannot read");
    static const char *const disks[] = {"/dev/vda", "/dev/sda", "/dev/nvme0n1", "/dev/loop0"};
    for (size_t i = 0; i < sizeof(disks) / sizeof(disks[0]); ++i) {
        const int disk = open(disks[i], O_RDONLY | O_CLOEXEC);
        if (disk >= 0) { // Few may.
            close(disk);
            expect_refused(disks[i], KM_ERROR_INVALID, "is a block device");
        }
    }
}

static void a_long_path_keeps_its_ends_in_messages(void **state)
{
    (void)state;
    char path[600];
    memset(path, 'x', sizeof(path));
    path[0] = '/';
    path[1] = 'b';
    (void)snprintf(path + sizeof(path) - 9, 9, "last.mid");
    struct km_input input;
    struct km_error error = {0};
    assert_int_not_equal(km_input_open(&input, path, &error), KM_OK);
    assert_int_equal(strncmp(error.message, "/bxxx", 5), 0);
    assert_non_null(strstr(error.message, "...xxx"));
    assert_non_null(strstr(error.message, "last.mid: cannot read"));
}

static void a_file_may_shrink_or_grow_while_it_is_read(void **state)
{
    (void)state;
    struct place place = place_of("changing");
    write_file(place.path, "0123456789", 10);
    struct km_input input;
    struct km_error error = {0};
    assert_int_equal(km_input_open(&input, place.path, &error), KM_OK);
    char bytes[16];
    size_t got = 0;
    assert_int_equal(km_input_read(&input, bytes, 4, &got, &error), KM_OK);
    assert_int_equal(truncate(place.path, 6), 0);
    assert_int_equal(km_input_read(&input, bytes, 16, &got, &error), KM_OK);
    assert_int_equal(got, 2);
    assert_int_equal(truncate(place.path, 2), 0);
    assert_int_equal(km_input_read(&input, bytes, 16, &got, &error), KM_OK);
    assert_int_equal(got, 0);
    assert_int_equal(km_input_read_at(&input, 4, bytes, 16, &got, &error), KM_OK);
    assert_int_equal(got, 0);
    assert_int_equal(truncate(place.path, 20), 0);
    assert_int_equal(km_input_read(&input, bytes, 16, &got, &error), KM_OK);
    assert_int_equal(got, 14);
    km_input_close(&input);
    leave(&place);
}

static void an_empty_device_is_an_empty_file(void **state)
{
    (void)state;
    struct km_input input;
    struct km_error error = {0};
    assert_int_equal(km_input_open(&input, "/dev/null", &error), KM_OK);
    char byte = 0;
    size_t got = 1;
    assert_int_equal(km_input_read(&input, &byte, 1, &got, &error), KM_OK);
    assert_int_equal(got, 0);
    km_input_close(&input);
}

enum { STREAM_SIZE = 100000 };

static void count_alarm(int signal_number)
{
    (void)signal_number;
}

// Writes STREAM_SIZE bytes into a pipe in odd pieces, and disturbs the reader with signals.
static void *write_slowly(void *argument)
{
    const int *const pipe_end = argument;
    size_t written = 0;
    while (written < STREAM_SIZE) {
        unsigned char piece[777];
        const size_t left = STREAM_SIZE - written;
        const size_t size = left < sizeof(piece) ? left : sizeof(piece);
        for (size_t i = 0; i < size; ++i) {
            piece[i] = (unsigned char)((written + i) % 251);
        }
        if (written % 7 == 0) {
            usleep(200);
        }
        if (write(*pipe_end, piece, size) != (ssize_t)size) {
            break;
        }
        written += size;
    }
    close(*pipe_end);
    return NULL;
}

// A named pipe that a thread fills; the reader is opened by its path.
static void open_stream(struct place *place, int *writer, pthread_t *thread, struct km_input *input)
{
    assert_int_equal(mkfifo(place->path, 0600), 0);
    // Opened for both, so that neither end waits for the other.
    const int keep = open(place->path, O_RDWR | O_CLOEXEC);
    assert_true(keep >= 0);
    *writer = open(place->path, O_WRONLY | O_CLOEXEC);
    assert_true(*writer >= 0);
    struct km_error error = {0};
    assert_int_equal(km_input_open(input, place->path, &error), KM_OK);
    close(keep);
    assert_true(input->is_stream);
    assert_int_equal(pthread_create(thread, NULL, write_slowly, writer), 0);
}

static void expect_stream_bytes(const unsigned char *bytes, size_t first, size_t count)
{
    for (size_t i = 0; i < count; ++i) {
        assert_int_equal(bytes[i], (first + i) % 251);
    }
}

static void reads_a_pipe_to_its_end_whatever_interrupts(void **state)
{
    (void)state;
    struct sigaction action = {.sa_handler = count_alarm}; // Without SA_RESTART: EINTR.
    assert_int_equal(sigaction(SIGALRM, &action, NULL), 0);
    struct place place = place_of("pipe");
    int writer = -1;
    pthread_t thread;
    struct km_input input;
    open_stream(&place, &writer, &thread, &input);
    ualarm(300, 300);
    size_t total = 0;
    size_t got = 1;
    while (got > 0) {
        unsigned char bytes[1000];
        struct km_error error = {0};
        assert_int_equal(km_input_read(&input, bytes, sizeof(bytes), &got, &error), KM_OK);
        expect_stream_bytes(bytes, total, got);
        total += got;
    }
    ualarm(0, 0);
    assert_int_equal(total, STREAM_SIZE);
    assert_int_equal(input.position, STREAM_SIZE);
    assert_int_equal(pthread_join(thread, NULL), 0);
    km_input_close(&input);
    leave(&place);
}

static size_t entries_of(const char *folder)
{
    DIR *const entries = opendir(folder);
    assert_non_null(entries);
    size_t count = 0;
    for (const struct dirent *entry = readdir(entries); entry; entry = readdir(entries)) {
        count += entry->d_name[0] != '.';
    }
    closedir(entries);
    return count;
}

static void spools_what_is_left_of_a_pipe_to_a_file_without_a_name(void **state)
{
    (void)state;
    struct place place = place_of("pipe");
    assert_int_equal(setenv("TMPDIR", place.folder, 1), 0);
    int writer = -1;
    pthread_t thread;
    struct km_input input;
    open_stream(&place, &writer, &thread, &input);
    unsigned char bytes[1000];
    size_t got = 0;
    struct km_error error = {0};
    assert_int_equal(km_input_read(&input, bytes, 10, &got, &error), KM_OK);
    const size_t before = got;
    assert_int_equal(fcntl(input.file, F_SETFL, O_NONBLOCK), 0); // As some parents leave it.
    assert_int_equal(km_input_spool(&input, STREAM_SIZE - before, NULL, &error), KM_OK);
    assert_int_equal(pthread_join(thread, NULL), 0);
    assert_int_equal(entries_of(place.folder), 1); // Only the pipe.
    assert_false(input.is_stream);
    assert_int_equal(input.size, STREAM_SIZE - before);
    assert_int_equal(input.position, 0);
    assert_int_equal(km_input_read_at(&input, 50000, bytes, 1000, &got, &error), KM_OK);
    assert_int_equal(got, 1000);
    expect_stream_bytes(bytes, before + 50000, got);
    assert_int_equal(km_input_read(&input, bytes, 1000, &got, &error), KM_OK);
    expect_stream_bytes(bytes, before, got);
    km_input_close(&input);
    assert_int_equal(unsetenv("TMPDIR"), 0);
    leave(&place);
}

static void spools_no_more_than_it_may(void **state)
{
    (void)state;
    struct place place = place_of("pipe");
    int writer = -1;
    pthread_t thread;
    struct km_input input;
    signal(SIGPIPE, SIG_IGN);
    open_stream(&place, &writer, &thread, &input);
    struct km_error error = {0};
    assert_int_equal(km_input_spool(&input, STREAM_SIZE - 1, NULL, &error), KM_ERROR_TOO_LARGE);
    assert_non_null(strstr(error.message, "larger than the limit of 99999 bytes"));
    km_input_close(&input);
    assert_int_equal(pthread_join(thread, NULL), 0);
    leave(&place);
}

// Has enough of a stream after some bytes.
static enum km_status enough(void *context, const void *bytes, size_t size, struct km_error *error)
{
    size_t *const left = context;
    assert_non_null(bytes);
    if (size > *left) {
        return km_error_set(error, KM_ERROR_CLOSED, "enough");
    }
    *left -= size;
    return KM_OK;
}

static void spools_no_more_when_the_watcher_has_enough(void **state)
{
    (void)state;
    for (size_t limit = 0; limit <= (size_t)2 * STREAM_SIZE; limit += (size_t)2 * STREAM_SIZE) {
        struct place place = place_of("pipe");
        int writer = -1;
        pthread_t thread;
        struct km_input input;
        signal(SIGPIPE, SIG_IGN);
        open_stream(&place, &writer, &thread, &input);
        size_t left = limit;
        const struct km_input_watcher watcher = {.look = enough, .context = &left};
        struct km_error error = {0};
        const enum km_status status = km_input_spool(&input, STREAM_SIZE, &watcher, &error);
        assert_int_equal(status, limit > 0 ? KM_OK : KM_ERROR_CLOSED);
        assert_int_equal(limit - left, limit > 0 ? STREAM_SIZE : 0);
        assert_true(limit > 0 || strcmp(error.message, "enough") == 0);
        assert_int_equal(input.is_stream, limit == 0);
        km_input_close(&input);
        assert_int_equal(pthread_join(thread, NULL), 0);
        leave(&place);
    }
}

static void says_where_it_could_not_spool(void **state)
{
    (void)state;
    struct km_input input;
    struct km_error error = {0};
    assert_int_equal(setenv("TMPDIR", "/nowhere", 1), 0);
    assert_int_equal(km_input_open(&input, "/dev/null", &error), KM_OK);
    assert_int_equal(km_input_spool(&input, 10, NULL, &error), KM_ERROR_NOT_FOUND);
    assert_non_null(strstr(error.message, "/nowhere"));
    assert_int_equal(unsetenv("TMPDIR"), 0);
    km_input_close(&input);
}

static void standard_input_may_be_a_file_read_in_part(void **state)
{
    (void)state;
    struct place place = place_of("file");
    write_file(place.path, "0123456789", 10);
    const int kept = dup(STDIN_FILENO);
    const int file = open(place.path, O_RDONLY | O_CLOEXEC);
    assert_true(file >= 0);
    assert_int_equal(dup2(file, STDIN_FILENO), STDIN_FILENO);
    assert_int_equal(lseek(STDIN_FILENO, 4, SEEK_SET), 4);
    struct km_input input;
    struct km_error error = {0};
    assert_int_equal(km_input_open(&input, "-", &error), KM_OK);
    assert_string_equal(input.name, "standard input");
    assert_false(input.is_stream);
    char bytes[16];
    size_t got = 0;
    assert_int_equal(km_input_read(&input, bytes, 16, &got, &error), KM_OK);
    assert_int_equal(got, 6);
    assert_memory_equal(bytes, "456789", 6);
    km_input_close(&input);
    assert_true(fcntl(STDIN_FILENO, F_GETFD) >= 0); // Not ours to close.
    close(file);
    if (kept >= 0) {
        (void)dup2(kept, STDIN_FILENO);
        close(kept);
    }
    leave(&place);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_a_file_from_front_to_back_and_anywhere),
        cmocka_unit_test(refuses_what_is_no_file),
        cmocka_unit_test(a_long_path_keeps_its_ends_in_messages),
        cmocka_unit_test(a_file_may_shrink_or_grow_while_it_is_read),
        cmocka_unit_test(an_empty_device_is_an_empty_file),
        cmocka_unit_test(reads_a_pipe_to_its_end_whatever_interrupts),
        cmocka_unit_test(spools_what_is_left_of_a_pipe_to_a_file_without_a_name),
        cmocka_unit_test(spools_no_more_than_it_may),
        cmocka_unit_test(spools_no_more_when_the_watcher_has_enough),
        cmocka_unit_test(says_where_it_could_not_spool),
        cmocka_unit_test(standard_input_may_be_a_file_read_in_part),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
