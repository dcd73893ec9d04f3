// SPDX-License-Identifier: MIT

#include "base/status.h"

#include "base/text.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

const char *km_status_text(enum km_status status)
{
    static const char *const texts[] = {
#define KM_STATUS(name, text) text,
#include "base/status.def"
#undef KM_STATUS
    };
    return (unsigned int)status < KM_STATUS_COUNT ? texts[status] : "unknown status";
}

enum km_status km_status_of_errno(int error_number)
{
    switch (error_number) {
    case 0:
        return KM_OK;
    case ENOMEM:
        return KM_ERROR_NO_MEMORY;
    case ENOENT:
    case ENOTDIR:
        return KM_ERROR_NOT_FOUND;
    case EACCES:
    case EPERM:
    case EROFS:
        return KM_ERROR_PERMISSION;
    case ENOSPC:
    case EDQUOT:
    case EFBIG:
        return KM_ERROR_NO_SPACE;
    case ENAMETOOLONG:
        return KM_ERROR_TOO_LARGE;
    case EPIPE:
        return KM_ERROR_CLOSED;
    default:
        return KM_ERROR_IO;
    }
}

const char *km_errno_text(int error_number)
{
    // glibc's strerror is safe with threads for the numbers that exist, and numbers come from
    // errno.
    return strerror(error_number); // NOLINT(concurrency-mt-unsafe)
}

// Names from the world may hold anything: what is not UTF-8, a character cut at the end, and
// control characters, which a terminal might obey, become question marks.
static void make_printable(char *message)
{
    const size_t size = strlen(message);
    size_t position = 0;
    while (position < size) {
        const size_t start = position;
        const uint32_t c = km_text_next(message, size, &position);
        const bool is_broken = c == KM_TEXT_REPLACEMENT && position == start + 1;
        const bool is_control = (c < 0x20 && c != '\n') || (c >= 0x7F && c < 0xA0);
        if (is_broken || is_control) {
            memset(message + start, '?', position - start);
        }
    }
}

enum km_status km_error_set(struct km_error *error, enum km_status status, const char *format, ...)
{
    if (error) {
        error->status = status;
        va_list arguments;
        va_start(arguments, format);
        const int length = vsnprintf(error->message, sizeof(error->message), format, arguments);
        va_end(arguments);
        if (length < 0) {
            error->message[0] = '\0';
        }
        make_printable(error->message);
    }
    return status;
}
