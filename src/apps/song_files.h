// SPDX-License-Identifier: MIT

/// Files that a command writes together: each whole or not at all, each with the sum of its
/// content.
#ifndef KM_APPS_SONG_FILES_H
#define KM_APPS_SONG_FILES_H

#include "base/output.h"
#include "base/sha256.h"
#include "base/sink.h"
#include "base/status.h"

#include <stdbool.h>
#include <stddef.h>

/// One file being written. Write to `sink`.
struct km_written_file {
    struct km_sink sink;
    struct km_output output;
    struct km_sha256 sum;
    char sha256[KM_SHA256_TEXT_SIZE]; ///< Set by km_written_file_commit.
    size_t size;                      ///< Bytes written.
};

/// Opens `path` ("-" is standard output).  [any]
KM_NODISCARD enum km_status km_written_file_open(struct km_written_file *file, const char *path,
                                                 struct km_error *error);

/// Writes what is still buffered: the disk may be full.  [any]
KM_NODISCARD enum km_status km_written_file_flush(struct km_written_file *file,
                                                  struct km_error *error);

/// Puts the file in its place and computes its sum.  [any]
KM_NODISCARD enum km_status km_written_file_commit(struct km_written_file *file,
                                                   struct km_error *error);

/// Drops a file that is still open; nothing happens to one that was committed or never opened, if
/// it was zero-initialised.  [any]
void km_written_file_discard(struct km_written_file *file);

#endif
