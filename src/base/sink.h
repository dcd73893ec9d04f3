// SPDX-License-Identifier: MIT

/// A place that bytes are written to, whatever it is: a file, memory, a socket.
#ifndef KM_BASE_SINK_H
#define KM_BASE_SINK_H

#include "base/attributes.h"
#include "base/status.h"

#include <stddef.h>

KM_C_BEGIN

/// The first failure sticks: later writes do nothing and return it, so that a writer of many small
/// pieces may look at the status once, at the end.
struct km_sink {
    /// Takes all `size` bytes or fails.
    enum km_status (*write)(void *context, const void *bytes, size_t size);
    void *context;
    enum km_status status;
};

/// Writes `size` bytes.  [any]
enum km_status km_sink_write(struct km_sink *sink, const void *bytes, size_t size);

/// Writes a string without its final zero.  [any]
enum km_status km_sink_text(struct km_sink *sink, const char *text);

enum { KM_SINK_FORMAT_SIZE_MAX = 1024 };

/// Writes formatted text of less than KM_SINK_FORMAT_SIZE_MAX bytes; longer is KM_ERROR_TOO_LARGE.
/// Real numbers go through km_sink_real, not %f, which depends on the locale.  [any]
enum km_status km_sink_format(struct km_sink *sink, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/// Writes a number with at most `decimals` (0 to 9) digits after the point, without trailing zeros,
/// the same in every locale.  [any]
enum km_status km_sink_real(struct km_sink *sink, double value, int decimals);

/// Writes a text as a JSON string, in quotes; UTF-8 stays as it is.  [any]
enum km_status km_sink_json_text(struct km_sink *sink, const char *text);

/// Writes into memory that the caller owns; more than fits is KM_ERROR_TOO_LARGE.
struct km_sink_memory {
    unsigned char *bytes;
    size_t size;
    size_t used;
};

/// A sink that fills `memory`, which must outlive it.  [any]
struct km_sink km_sink_to_memory(struct km_sink_memory *memory);

KM_C_END

#endif
