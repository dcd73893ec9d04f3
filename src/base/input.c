// SPDX-License-Identifier: MIT

#include "base/input.h"

#include "base/check.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { SPOOL_PIECE_SIZE = 1 << 14, SPOOL_PATH_SIZE = 4096 };

// O_TMPFILE is Linux's own; glibc shows it only with _GNU_SOURCE.
#ifndef O_TMPFILE
#define O_TMPFILE (020000000 | O_DIRECTORY)
#endif

static enum km_status cannot_read(const struct km_input *input, int reason, struct km_error *error)
{
    return km_error_set(error, km_status_of_errno(reason), "%s: cannot read: %s", input->name,
                        km_errno_text(reason));
}

// The beginning and the end of a long path: the end says which file it is.
static void set_name(struct km_input *input, const char *path)
{
    const size_t length = strlen(path);
    if (length < sizeof(input->name)) {
        memcpy(input->name, path, length + 1);
        return;
    }
    const size_t half = (sizeof(input->name) - 4) / 2;
    (void)snprintf(input->name, sizeof(input->name), "%.*s...%s", (int)half, path,
                   path + length - half);
}

// What kind of thing it is, and whether it can be read at all.
static enum km_status inspect(struct km_input *input, struct km_error *error)
{
    struct stat what;
    if (fstat(input->file, &what) != 0) {
        return cannot_read(input, errno, error);
    }
    if (S_ISDIR(what.st_mode)) {
        return km_error_set(error, KM_ERROR_INVALID,
                            "%s: is a directory; expected the name of a file", input->name);
    }
    if (S_ISBLK(what.st_mode)) {
        return km_error_set(error, KM_ERROR_INVALID,
                            "%s: is a block device; expected the name of a file", input->name);
    }
    input->is_stream = !S_ISREG(what.st_mode);
    if (input->is_stream) {
        return KM_OK;
    }
    // Standard input may be a file of which somebody has read a part already.
    const off_t position = lseek(input->file, 0, SEEK_CUR);
    input->position = position > 0 ? (uint64_t)position : 0;
    input->size = (uint64_t)what.st_size;
    return KM_OK;
}

enum km_status km_input_open(struct km_input *input, const char *path, struct km_error *error)
{
    KM_CHECK(input);
    KM_CHECK(path);
    *input = (struct km_input){.file = -1};
    if (path[0] == '\0') {
        return km_error_set(error, KM_ERROR_INVALID, "an empty path: expected the name of a file");
    }
    input->is_standard = strcmp(path, "-") == 0;
    set_name(input, input->is_standard ? "standard input" : path);
    // A terminal that is opened must not become the one that controls us.
    input->file = input->is_standard ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
    if (input->file < 0) {
        return cannot_read(input, errno, error);
    }
    const enum km_status status = inspect(input, error);
    if (status != KM_OK) {
        km_input_close(input);
    }
    return status;
}

// Returns at once unless somebody made the descriptor non-blocking, as some shells' parents do.
static void wait_for_bytes(int file)
{
    struct pollfd bytes = {.fd = file, .events = POLLIN};
    (void)poll(&bytes, 1, -1);
}

// One read, of a stream from where it is, of a file at `offset`. Negative, and errno, on failure.
static ssize_t read_some(const struct km_input *input, uint64_t offset, void *bytes, size_t size)
{
    for (;;) {
        const ssize_t got = input->is_stream ? read(input->file, bytes, size)
                                             : pread(input->file, bytes, size, (off_t)offset);
        if (got >= 0 || (errno != EINTR && errno != EAGAIN)) {
            return got;
        }
        if (errno == EAGAIN) {
            wait_for_bytes(input->file);
        }
    }
}

enum km_status km_input_read(struct km_input *input, void *bytes, size_t size, size_t *got,
                             struct km_error *error)
{
    KM_CHECK(input->file >= 0);
    KM_CHECK(bytes && size > 0);
    const ssize_t count = read_some(input, input->position, bytes, size);
    if (count < 0) {
        return cannot_read(input, errno, error);
    }
    input->position += (size_t)count;
    *got = (size_t)count;
    return KM_OK;
}

// NOLINTNEXTLINE(readability-function-size): as pread, and with an error.
enum km_status km_input_read_at(struct km_input *input, uint64_t offset, void *bytes, size_t size,
                                size_t *got, struct km_error *error)
{
    KM_CHECK(input->file >= 0);
    KM_CHECK(!input->is_stream);
    size_t used = 0;
    while (used < size && offset + used <= INT64_MAX) {
        const ssize_t count =
            read_some(input, offset + used, (unsigned char *)bytes + used, size - used);
        if (count < 0) {
            return cannot_read(input, errno, error);
        }
        if (count == 0) {
            break;
        }
        used += (size_t)count;
    }
    *got = used;
    return KM_OK;
}

// Opens a file without a name in `folder`: it vanishes by itself, even when we are killed.
static int open_nameless(const char *folder)
{
    const int file = open(folder, O_TMPFILE | O_RDWR | O_CLOEXEC | O_EXCL, 0600);
    if (file >= 0) {
        return file;
    }
    char path[SPOOL_PATH_SIZE];
    const int length = snprintf(path, sizeof(path), "%s/kmidi-XXXXXX", folder);
    if (length < 0 || (size_t)length >= sizeof(path)) {
        errno = ENAMETOOLONG;
        return -1;
    }
    const int named = mkstemp(path);
    if (named >= 0) {
        unlink(path);
        (void)fcntl(named, F_SETFD, FD_CLOEXEC);
    }
    return named;
}

static bool write_all(int file, const unsigned char *bytes, size_t size)
{
    while (size > 0) {
        const ssize_t written = write(file, bytes, size);
        if (written < 0 && errno == EINTR) {
            continue;
        }
        if (written <= 0) {
            errno = written < 0 ? errno : EIO;
            return false;
        }
        bytes += written;
        size -= (size_t)written;
    }
    return true;
}

// Where a stream is copied to.
struct spool {
    int file;
    uint64_t size;
    uint64_t size_max;
    const struct km_input_watcher *watcher;
};

static enum km_status keep_piece(const struct km_input *input, struct spool *spool,
                                 const unsigned char *piece, size_t size, struct km_error *error)
{
    if (size > spool->size_max - spool->size) {
        return km_error_set(error, KM_ERROR_TOO_LARGE, "%s: larger than the limit of %llu bytes",
                            input->name, (unsigned long long)spool->size_max);
    }
    if (spool->watcher) {
        const enum km_status status =
            spool->watcher->look(spool->watcher->context, piece, size, error);
        if (status != KM_OK) {
            return status;
        }
    }
    if (!write_all(spool->file, piece, size)) {
        const int reason = errno;
        return km_error_set(error, km_status_of_errno(reason),
                            "%s: cannot keep it in a temporary file: %s (TMPDIR tells where)",
                            input->name, km_errno_text(reason));
    }
    spool->size += size;
    return KM_OK;
}

// Copies the rest of the stream.
static enum km_status copy_rest(struct km_input *input, struct spool *spool, struct km_error *error)
{
    unsigned char piece[SPOOL_PIECE_SIZE];
    for (;;) {
        size_t got = 0;
        enum km_status status = km_input_read(input, piece, sizeof(piece), &got, error);
        if (status != KM_OK || got == 0) {
            return status;
        }
        status = keep_piece(input, spool, piece, got, error);
        if (status != KM_OK) {
            return status;
        }
    }
}

enum km_status km_input_spool(struct km_input *input, uint64_t size_max,
                              const struct km_input_watcher *watcher, struct km_error *error)
{
    KM_CHECK(input->file >= 0);
    if (!input->is_stream) {
        return KM_OK;
    }
    // NOLINTNEXTLINE(concurrency-mt-unsafe): nobody here sets variables of the environment.
    const char *const wanted = getenv("TMPDIR");
    const char *const folder = wanted && wanted[0] != '\0' ? wanted : "/tmp";
    const int file = open_nameless(folder);
    if (file < 0) {
        const int reason = errno;
        return km_error_set(error, km_status_of_errno(reason),
                            "%s: cannot make a temporary file in %.200s: %s", input->name, folder,
                            km_errno_text(reason));
    }
    struct spool spool = {.file = file, .size_max = size_max, .watcher = watcher};
    const enum km_status status = copy_rest(input, &spool, error);
    if (status != KM_OK) {
        close(file);
        return status;
    }
    if (!input->is_standard) {
        close(input->file);
    }
    input->file = file;
    input->is_standard = false;
    input->is_stream = false;
    input->size = spool.size;
    input->position = 0;
    return KM_OK;
}

void km_input_close(struct km_input *input)
{
    KM_CHECK(input);
    if (input->file >= 0 && !input->is_standard) {
        close(input->file);
    }
    input->file = -1;
}
