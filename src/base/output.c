// SPDX-License-Identifier: MIT

#include "base/output.h"

#include "base/check.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { NAME_TRIES_MAX = 100, LINKS_MAX = 40 };

// O_TMPFILE is Linux's own; glibc shows it only with _GNU_SOURCE.
#ifndef O_TMPFILE
#define O_TMPFILE (020000000 | O_DIRECTORY)
#endif

// Returns at once unless somebody made the descriptor non-blocking, as some shells' parents do.
static void wait_for_room(int file)
{
    struct pollfd room = {.fd = file, .events = POLLOUT};
    (void)poll(&room, 1, -1);
}

static enum km_status write_all(int file, const unsigned char *bytes, size_t size)
{
    while (size > 0) {
        const ssize_t written = write(file, bytes, size);
        if (written < 0 && (errno == EINTR || errno == EAGAIN)) {
            wait_for_room(file);
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

// Makes the next free name beside the target: short, for a target's own may be as long as a name
// can be.
static bool name_beside(struct km_output *output, int number)
{
    const int length =
        snprintf(output->beside, sizeof(output->beside), "%.*s.kmidi-%ld-%d.part",
                 (int)folder_length(output->path), output->path, (long)getpid(), number);
    return length > 0 && (size_t)length < sizeof(output->beside);
}

// Follows symbolic links from `path` to what they name, which need not exist: the link stays, its
// target is what is replaced. False, and errno, if there are too many or a name is too long.
static bool follow_links(char path[KM_OUTPUT_PATH_SIZE])
{
    for (int i = 0; i < LINKS_MAX; ++i) {
        char target[KM_OUTPUT_PATH_SIZE];
        const ssize_t length = readlink(path, target, sizeof(target));
        if (length < 0) {
            return true; // No link, or not there at all.
        }
        const size_t folder = target[0] == '/' ? 0 : folder_length(path);
        if (folder + (size_t)length >= KM_OUTPUT_PATH_SIZE) {
            errno = ENAMETOOLONG;
            return false;
        }
        memcpy(path + folder, target, (size_t)length);
        path[folder + (size_t)length] = '\0';
    }
    errno = ELOOP;
    return false;
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

// As far as we may: who and what mode is not worth losing the song for.
static void keep_owner(int file, const struct stat *target)
{
    const int owned = fchown(file, target->st_uid, target->st_gid);
    const int allowed = fchmod(file, target->st_mode & 07777);
    (void)owned;
    (void)allowed;
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
    if (!follow_links(output->path)) {
        return -1;
    }
    if (exists && access(output->path, W_OK) != 0) {
        return -1; // Renaming would get round a read-only file.
    }
    // Without /proc a nameless file could not be given its name.
    const bool can_name_later = access("/proc/self/fd", X_OK) == 0;
    int file = can_name_later ? open_nameless(output, 0666) : -1;
    const bool is_refused = errno == ENOENT || errno == EACCES || errno == EROFS;
    if (file < 0 && (!can_name_later || !is_refused)) {
        file = open_beside(output, 0666);
    }
    if (file >= 0 && exists) {
        keep_owner(file, &target);
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
    if (path[0] == '\0') {
        return km_error_set(error, KM_ERROR_INVALID, "an empty path: expected the name of a file");
    }
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

// Network file systems tell of a full disk only when a descriptor is closed: one is, while the file
// has no name yet.
static enum km_status close_copy(const struct km_output *output)
{
    const int copy = fcntl(output->file, F_DUPFD_CLOEXEC, 0);
    return copy >= 0 && close(copy) != 0 ? km_status_of_errno(errno) : KM_OK;
}

static enum km_status put_in_place(struct km_output *output)
{
    if (output->is_direct) {
        return KM_OK;
    }
    const enum km_status written = close_copy(output);
    if (written != KM_OK) {
        return written;
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

static enum km_status cannot_write(const struct km_output *output, enum km_status status,
                                   struct km_error *error)
{
    const bool is_standard = strcmp(output->path, "-") == 0;
    return km_error_set(error, status, "%s: cannot write: %s",
                        is_standard ? "standard output" : output->path, km_status_text(status));
}

enum km_status km_output_flush(struct km_output *output, struct km_error *error)
{
    KM_CHECK(output->file >= 0);

    if (output->sink.status == KM_OK) {
        output->sink.status = flush(output);
    }
    return output->sink.status == KM_OK ? KM_OK : cannot_write(output, output->sink.status, error);
}

enum km_status km_output_seek(struct km_output *output, uint64_t position)
{
    KM_CHECK(output->file >= 0);

    if (output->sink.status == KM_OK) {
        output->sink.status = flush(output);
    }
    if (output->sink.status == KM_OK && lseek(output->file, (off_t)position, SEEK_SET) < 0) {
        output->sink.status = errno == ESPIPE ? KM_ERROR_UNSUPPORTED : km_status_of_errno(errno);
    }
    return output->sink.status;
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
        return cannot_write(output, status, error);
    }
    return KM_OK;
}
