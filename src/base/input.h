// SPDX-License-Identifier: MIT

/// A file, a pipe or standard input to read from, in pieces.
#ifndef KM_BASE_INPUT_H
#define KM_BASE_INPUT_H

#include "base/attributes.h"
#include "base/status.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

KM_C_BEGIN

enum { KM_INPUT_NAME_SIZE = 256 };

struct km_input {
    int file;                      ///< Descriptor; -1 when closed.
    bool is_stream;                ///< A pipe, socket or terminal: read once, from front to back.
    bool is_standard;              ///< Standard input: not closed.
    uint64_t size;                 ///< Of a regular file when it was opened; 0 for a stream.
    uint64_t position;             ///< Of the next km_input_read.
    char name[KM_INPUT_NAME_SIZE]; ///< For messages: the path, cut in its middle if it is long.
};

/// Opens `path` for reading; "-" is standard input (which may be a regular file as well). A
/// directory or a block device is refused with a clear sentence.  [any]
KM_NODISCARD enum km_status km_input_open(struct km_input *input, const char *path,
                                          struct km_error *error);

/// Reads up to `size` bytes from where the last call ended; `got` is 0 only at the end. Waits for a
/// stream's bytes.  [any]
KM_NODISCARD enum km_status km_input_read(struct km_input *input, void *bytes, size_t size,
                                          size_t *got, struct km_error *error);

/// Reads up to `size` bytes at `offset`, fewer only where the file ends. Not for streams.  [any]
/// The position of km_input_read stays.
KM_NODISCARD enum km_status km_input_read_at(struct km_input *input, uint64_t offset, void *bytes,
                                             size_t size, size_t *got, struct km_error *error);

/// Sees the bytes of a stream while they are copied. Other than KM_OK ends that, with its error.
struct km_input_watcher {
    enum km_status (*look)(void *context, const void *bytes, size_t size, struct km_error *error);
    void *context;
};

/// Makes a stream one that km_input_read_at can read: what is left of it is copied to a file
/// without a name in TMPDIR (or /tmp), which vanishes with the input. Nothing happens to a regular
/// file. At most `size_max` bytes; more is KM_ERROR_TOO_LARGE. `watcher`, which may be null, sees
/// each piece before it is kept: so that what is of no use, and may never end, is not.  [any]
KM_NODISCARD enum km_status km_input_spool(struct km_input *input, uint64_t size_max,
                                           const struct km_input_watcher *watcher,
                                           struct km_error *error);

/// Closes it; nothing happens if it is closed already.  [any]
void km_input_close(struct km_input *input);

KM_C_END

#endif
