// SPDX-License-Identifier: MIT

/// Outcomes of what the world can refuse, and messages that say where and why.
#ifndef KM_BASE_STATUS_H
#define KM_BASE_STATUS_H

#include "base/attributes.h"

KM_C_BEGIN

enum km_status {
#define KM_STATUS(name, text) KM_##name,
#include "base/status.def"
#undef KM_STATUS
    KM_STATUS_COUNT
};

/// A few words for `status`, for the end of a message.  [any]
const char *km_status_text(enum km_status status);

/// The status for a value of `errno`: where system calls are made, and nowhere else.  [any]
enum km_status km_status_of_errno(int error_number);

/// The system's words for a value of `errno`: "Is a directory".  [any]
const char *km_errno_text(int error_number);

enum { KM_ERROR_MESSAGE_SIZE = 1024 };

/// A status with a sentence for people. The owner is the caller, who passes it down, or null to
/// ask for no message.
struct km_error {
    enum km_status status;
    char message[KM_ERROR_MESSAGE_SIZE]; ///< UTF-8, cut at the size; empty if there is no error. Of
                                         ///< control characters only the newline is kept.
};

/// Sets `error`, unless it is null, and returns `status`: `return km_error_set(error, ...)`.  [any]
/// Real numbers must not be formatted here with %f, which depends on the locale.
enum km_status km_error_set(struct km_error *error, enum km_status status, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

KM_C_END

#endif
