// SPDX-License-Identifier: MIT

#include "base/output.h"

#include "base/check.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { NAME_TRIES_MAX = 100 };

// O_TMPFILE is Linux's own; glibc shows it only with _GNU_SOURCE.
#ifndef O_TMPFILE
#define O_TMPFILE (020000000 | O_DIRECTORY)
#endif

static enum km_status write_all(int file, const unsigned char *bytes, size_t size)
{
    while (size > 0) {
        const ssize_t written = write(file, bytes, size);
        if (written < 0 && errno == EINTR) {
            continue;
        }
        if (written <= 0) {
            return written < 0 ? km_status_of_errno(errno) : KM_ERROR_IO;
        }
        bytes += written;
        size -= (size_t)written;
    }
    return KM_OK;
}

static enum km_status flush(struct km_output *output)
{
    const enum km_status status = write_all(output->file, output->buffer, output->buffered);
    output->buffered = 0;
    return status;
}

static enum km_status write_buffered(void *context, const void *bytes, size_t size)
{
    struct km_output *const output = context;
    if (size > sizeof(output->buffer) - output->buffered) {
        const enum km_status status = flush(output);
        if (status != KM_OK) {
            return status;
        }
    }
    if (size > sizeof(output->buffer)) {
        return write_all(output->file, bytes, size);
    }
    memcpy(output->buffer + output->buffered, bytes, size);
    output->buffered += size;
    return KM_OK;
}

static size_t folder_length(const char *path)
{
    const char *const slash = strrchr(path, '/');
    return slash ? (size_t)(slash - path) + 1 : 0;
}

// Makes the next free name beside the target.
static bool name_beside(struct km_output *output, int number)
{
    const size_t folder = folder_length(output->path);
    const int length =
        snprintf(output->beside, sizeof(output->beside), "%.*s.%s.%ld-%d.part", (int)folder,
                 output->path, output->path + folder, (long)getpid(), number);
    return length > 0 && (size_t)length < sizeof(output->beside);
}

static int open_beside(struct km_output *output, mode_t mode)
{
    for (int i = 0; i < NAME_TRIES_MAX; ++i) {
        if (!name_beside(output, i)) {
            errno = ENAMETOOLONG;
            break;
        }
        const int file = open(output->beside, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode);
        if (file >= 0 || errno != EEXIST) {
            return file;
        }
    }
    return -1;
}

// A file without a name vanishes by itself, even when we are killed.
static int open_nameless(struct km_output *output, mode_t mode)
{
    char folder[KM_OUTPUT_PATH_SIZE] = ".";
    const size_t length = folder_length(output->path);
    if (length > 0) {
        memcpy(folder, output->path, length);
        folder[length] = '\0';
    }
    return open(folder, O_TMPFILE | O_WRONLY | O_CLOEXEC, mode);
}

static int open_file(struct km_output *output)
{
    if (strcmp(output->path, "-") == 0) {
        output->is_direct = true;
        return fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 3);
    }
    struct stat target;
    const bool exists = stat(output->path, &target) == 0;
    if (exists && !S_ISREG(target.st_mode)) {
        output->is_direct = true;
        return open(output->path, O_WRONLY | O_CLOEXEC); // A folder is refused by this.
    }
    if (exists && access(output->path, W_OK) != 0) {
        return -1; // Renaming would get round a read-only file.
    }
    int file = open_nameless(output, 0666);
    if (file < 0 && errno != ENOENT && errno != EACCES && errno != EROFS) {
        file = open_beside(output, 0666);
    }
    if (file >= 0 && exists && fchmod(file, target.st_mode & 07777) != 0) {
        // The file keeps the usual mode: not worth losing the song for.
        return file;
    }
    return file;
}

enum km_status km_output_open(struct km_output *output, const char *path, struct km_error *error)
{
    KM_CHECK(output);
    KM_CHECK(path);

    output->sink = (struct km_sink){.write = write_buffered, .context = output};
    output->is_direct = false;
    output->buffered = 0;
    output->beside[0] = '\0';
    output->file = -1;
    if (strlen(path) >= sizeof(output->path)) {
        return km_error_set(error, KM_ERROR_TOO_LARGE, "%.60s...: the path is longer than %d bytes",
                            path, KM_OUTPUT_PATH_SIZE - 1);
    }
    memcpy(output->path, path, strlen(path) + 1);
    output->file = open_file(output);
    if (output->file < 0) {
        const int reason = errno;
        return km_error_set(error, km_status_of_errno(reason), "%s: cannot write: %s", path,
                            km_errno_text(reason));
    }
    return KM_OK;
}

static void close_file(struct km_output *output)
{
    if (output->file >= 0) {
        close(output->file);
        output->file = -1;
    }
}

void km_output_discard(struct km_output *output)
{
    close_file(output);
    if (output->beside[0] != '\0') {
        unlink(output->beside);
        output->beside[0] = '\0';
    }
}

// Gives the nameless file a name beside the target, so that a rename can put it in place.
static enum km_status give_name(struct km_output *output)
{
    char descriptor[64];
    if (snprintf(descriptor, sizeof(descriptor), "/proc/self/fd/%d", output->file) < 0) {
        return KM_ERROR_IO;
    }
    for (int i = 0; i < NAME_TRIES_MAX; ++i) {
        if (!name_beside(output, i)) {
            break;
        }
        if (linkat(AT_FDCWD, descriptor, AT_FDCWD, output->beside, AT_SYMLINK_FOLLOW) == 0) {
            return KM_OK;
        }
        if (errno != EEXIST) {
            break;
        }
    }
    const enum km_status status = km_status_of_errno(errno);
    output->beside[0] = '\0';
    return status;
}

static enum km_status put_in_place(struct km_output *output)
{
    if (output->is_direct) {
        return KM_OK;
    }
    if (output->beside[0] == '\0') {
        const enum km_status status = give_name(output);
        if (status != KM_OK) {
            return status;
        }
    }
    if (rename(output->beside, output->path) != 0) {
        return km_status_of_errno(errno);
    }
    output->beside[0] = '\0';
    return KM_OK;
}

enum km_status km_output_commit(struct km_output *output, struct km_error *error)
{
    KM_CHECK(output->file >= 0);

    enum km_status status = output->sink.status;
    if (status == KM_OK) {
        status = flush(output);
    }
    if (status == KM_OK) {
        status = put_in_place(output);
    }
    if (close(output->file) != 0 && status == KM_OK && output->is_direct) {
        status = km_status_of_errno(errno); // Some file systems tell of a full disk only here.
    }
    output->file = -1;
    if (status != KM_OK) {
        km_output_discard(output);
        return km_error_set(error, status, "%s: cannot write: %s",
                            strcmp(output->path, "-") == 0 ? "standard output" : output->path,
                            km_status_text(status));
    }
    return KM_OK;
}
