// SPDX-License-Identifier: MIT

// Messages, and whole files in memory, for all commands.

#include "apps/command.h"
#include "base/output.h"
#include "heap/heap.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

int km_report_error(const char *command, const struct km_error *error)
{
    fprintf(stderr, "kmidi %s: %s\n", command, error->message);
    return KM_EXIT_REFUSED;
}

int km_usage_error(const char *command, const char *format, ...)
{
    fprintf(stderr, "kmidi %s: ", command);
    va_list arguments;
    va_start(arguments, format);
    vfprintf(stderr, format, arguments);
    va_end(arguments);
    fprintf(stderr, "\nkmidi %s --help tells more.\n", command);
    return KM_EXIT_USAGE;
}

int km_finish_input(const char *command, int exit_code)
{
    if (ferror(stdin)) {
        fprintf(stderr, "kmidi %s: standard input: cannot read: %s\n", command,
                km_errno_text(errno));
        return KM_EXIT_REFUSED;
    }
    return exit_code;
}

int km_finish_output(const char *command, int exit_code)
{
    errno = 0;
    if (fflush(stdout) != 0 || ferror(stdout)) {
        // The reason of a failure before this flush is gone, that there was one is not.
        const enum km_status status = errno != 0 ? km_status_of_errno(errno) : KM_ERROR_IO;
        fprintf(stderr, "kmidi %s: standard output: cannot write: %s\n", command,
                km_status_text(status));
        clearerr(stdout); // Told once.
        return KM_EXIT_REFUSED;
    }
    return exit_code;
}

// Tells the folder that `path` lies in; false if it cannot be told.
static bool find_folder(const char *path, struct stat *folder)
{
    char text[KM_OUTPUT_PATH_SIZE] = ".";
    const char *const slash = strrchr(path, '/');
    const size_t size = slash ? (size_t)(slash - path) + 1 : 0;
    if (size >= sizeof(text)) {
        return false;
    }
    if (size > 0) {
        memcpy(text, path, size);
        text[size] = '\0';
    }
    return stat(text, folder) == 0;
}

static const char *last_part(const char *path)
{
    const char *const slash = strrchr(path, '/');
    return slash ? slash + 1 : path;
}

bool km_is_same_place(const char *path, const char *other)
{
    struct stat folder;
    struct stat other_folder;
    return strcmp(path, other) == 0 ||
           (strcmp(last_part(path), last_part(other)) == 0 && find_folder(path, &folder) &&
            find_folder(other, &other_folder) && folder.st_dev == other_folder.st_dev &&
            folder.st_ino == other_folder.st_ino);
}

bool km_is_terminal(int file)
{
    return isatty(file) != 0;
}

enum { READ_SIZE_FIRST = 16384 };

// What has been read so far; one byte more than `used` is always there for the final zero.
struct contents {
    struct km_heap *heap;
    const char *name;
    size_t size_max;
    char *bytes;
    size_t used;
    size_t capacity;
};

static enum km_status too_large(const struct contents *contents, struct km_error *error)
{
    return km_error_set(error, KM_ERROR_TOO_LARGE, "%s: larger than the limit of %zu bytes",
                        contents->name, contents->size_max);
}

static enum km_status grow(struct contents *contents, struct km_error *error)
{
    if (contents->used > contents->size_max) {
        return too_large(contents, error);
    }
    const size_t most = contents->size_max + 2;
    const size_t twice = contents->capacity == 0 ? READ_SIZE_FIRST : contents->capacity * 2;
    const size_t capacity = twice < most ? twice : most;
    char *const bytes =
        km_heap_resize(contents->heap, KM_ACCOUNT_WORKING, contents->bytes, capacity);
    if (!bytes) {
        struct km_error inner;
        const enum km_status status = km_heap_refusal(contents->heap, &inner);
        return km_error_set(error, status, "%.200s: larger than there is memory for: %s",
                            contents->name, inner.message);
    }
    contents->bytes = bytes;
    contents->capacity = capacity;
    return KM_OK;
}

static enum km_status cannot_read(const char *name, int reason, struct km_error *error)
{
    return km_error_set(error, km_status_of_errno(reason), "%s: cannot read: %s", name,
                        km_errno_text(reason));
}

// Reads the next piece; `*ended` is set at the end of the file.
static enum km_status read_piece(int file, struct contents *contents, bool *ended,
                                 struct km_error *error)
{
    if (contents->used + 1 >= contents->capacity) {
        const enum km_status status = grow(contents, error);
        if (status != KM_OK) {
            return status;
        }
    }
    const ssize_t count =
        read(file, contents->bytes + contents->used, contents->capacity - contents->used - 1);
    if (count < 0 && errno != EINTR) {
        return cannot_read(contents->name, errno, error);
    }
    *ended = count == 0;
    contents->used += count > 0 ? (size_t)count : 0;
    return KM_OK;
}

static enum km_status read_all(int file, struct contents *contents, struct km_error *error)
{
    bool ended = false;
    while (!ended) {
        const enum km_status status = read_piece(file, contents, &ended, error);
        if (status != KM_OK) {
            return status;
        }
    }
    contents->bytes[contents->used] = '\0';
    return contents->used > contents->size_max ? too_large(contents, error) : KM_OK;
}

enum km_status km_read_file(struct km_context *context, const char *path, size_t size_max,
                            struct km_bytes *bytes, struct km_error *error)
{
    const bool is_input = strcmp(path, "-") == 0;
    struct contents contents = {
        .heap = context->heap, .name = is_input ? "standard input" : path, .size_max = size_max};
    const int file = is_input ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC);
    if (file < 0) {
        return cannot_read(contents.name, errno, error);
    }
    const enum km_status status = read_all(file, &contents, error);
    if (!is_input) {
        close(file);
    }
    if (status != KM_OK) {
        km_heap_release(context->heap, contents.bytes);
        return status;
    }
    *bytes = (struct km_bytes){.bytes = contents.bytes, .size = contents.used};
    return KM_OK;
}
