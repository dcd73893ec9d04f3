// SPDX-License-Identifier: MIT

/// A file that appears whole or not at all.
///
/// The bytes go to a file without a name in the target's folder (where the file system has such
/// files; else to a hidden one beside the target), which takes the target's name only at commit: a
/// full disk, an error, Ctrl-C or a crash leave what stood there before. Mode and, where we may,
/// owner of a file that is replaced stay; other hard links keep its old content. A symbolic link
/// stays, and what it names is replaced. "-" is standard output; a target that is not a regular
/// file (a pipe, a terminal, /dev/full) is written to as it is.
#ifndef KM_BASE_OUTPUT_H
#define KM_BASE_OUTPUT_H

#include "base/attributes.h"
#include "base/sink.h"

#include <stdbool.h>
#include <stdint.h>

KM_C_BEGIN

enum { KM_OUTPUT_PATH_SIZE = 4096, KM_OUTPUT_BUFFER_SIZE = 16384 };

struct km_output {
    struct km_sink sink; ///< What to write to. Its status tells of the first failure.
    int file;            ///< Descriptor; -1 when closed.
    bool is_direct;      ///< Written in place: nothing to rename.
    size_t buffered;
    char path[KM_OUTPUT_PATH_SIZE];   ///< Of the target, symbolic links followed.
    char beside[KM_OUTPUT_PATH_SIZE]; ///< Name of the hidden file; empty if it has none yet.
    unsigned char buffer[KM_OUTPUT_BUFFER_SIZE];
};

/// Opens `path` for writing. On failure the output is closed and `error` names path and remedy.
/// [any]
KM_NODISCARD enum km_status km_output_open(struct km_output *output, const char *path,
                                           struct km_error *error);

/// Writes what is still buffered, so that a full disk shows before any of several files takes its
/// place.  [any]
KM_NODISCARD enum km_status km_output_flush(struct km_output *output, struct km_error *error);

/// Moves the place of the next write to this byte, for a header that is known last; what was
/// written stays. Fails, and sticks as a write does, where there is no going back: a pipe, a
/// terminal. [any]
KM_NODISCARD enum km_status km_output_seek(struct km_output *output, uint64_t position);

/// Puts the file in its place. On failure nothing is left behind.  [any]
KM_NODISCARD enum km_status km_output_commit(struct km_output *output, struct km_error *error);

/// Drops what was written; nothing happens if the output is closed already.  [any]
void km_output_discard(struct km_output *output);

KM_C_END

#endif
