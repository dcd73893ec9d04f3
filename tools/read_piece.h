// SPDX-License-Identifier: MIT

/// Reads a file as `kmidi analyze` does: for the tools that learn from pieces.
#ifndef KM_TOOLS_READ_PIECE_H
#define KM_TOOLS_READ_PIECE_H

#include "analysis/piece.h"
#include "base/input.h"

#include <stdbool.h>
#include <stdio.h>

/// Reads the piece, which is to be released; what cannot be read is told on standard error and left
/// out.  [any]
static inline bool read_piece(struct km_piece *piece, struct km_heap *heap, const char *path)
{
    struct km_input input;
    struct km_error error = {0};
    if (km_input_open(&input, path, &error) != KM_OK) {
        fprintf(stderr, "%s\n", error.message);
        return false;
    }
    const struct km_piece_config config = {0};
    const enum km_status status = km_piece_read(piece, heap, &input, &config, &error);
    km_input_close(&input);
    if (status != KM_OK) {
        fprintf(stderr, "%s: %s\n", path, error.message);
    }
    return status == KM_OK;
}

#endif
