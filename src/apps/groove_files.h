// SPDX-License-Identifier: MIT

/// What the groove commands share.
#ifndef KM_APPS_GROOVE_FILES_H
#define KM_APPS_GROOVE_FILES_H

#include "apps/command.h"
#include "midi/file.h"

#include <jansson.h>

/// A MIDI file as it was read. km_groove_file_release gives all back.
struct km_groove_input {
    struct km_context *context;
    const char *command; ///< For messages: "groove apply".
    const char *path;
    struct km_bytes bytes; ///< The file's own.
    struct km_midi_file file;
    struct km_midi_warnings warnings;
};

/// Reads `path` into `input`, which names context, command and path. Release it in any case.  [any]
KM_NODISCARD enum km_status km_groove_input_read(struct km_groove_input *input,
                                                 struct km_error *error);

/// Gives all back.  [any]
void km_groove_input_release(struct km_groove_input *input);

/// Tells on standard error what was repaired, if anything was.  [any]
void km_groove_input_warn(const struct km_groove_input *input);

#endif
