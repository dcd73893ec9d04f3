// SPDX-License-Identifier: MIT

/// A groove for a whole MIDI file.
#ifndef KM_GROOVE_GROOVE_FILE_H
#define KM_GROOVE_GROOVE_FILE_H

#include "base/attributes.h"
#include "base/status.h"
#include "groove/groove.h"
#include "midi/file.h"

#include <stdint.h>

KM_C_BEGIN

/// How far the notes went from where they were written, in ms of the piece's own tempo.
struct km_groove_outcome {
    uint64_t notes;
    double mean_ms;      ///< Positive is late.
    double deviation_ms; ///< Standard deviation, around the mean.
    double largest_ms;   ///< The largest distance, either way.
};

/// Applies a groove to every track, by the tempos and time signatures of the file, on whatever
/// track they stand; `groove` gives all but tempo, metre and ppq. All events but notes stay as they
/// are and in their order. SMPTE time has no beats: 120 quarter notes a minute are taken for it.
/// [any] On failure tracks may be partly moved: release the file.
KM_NODISCARD enum km_status km_groove_apply_file(struct km_midi_file *file,
                                                 const struct km_groove *groove,
                                                 struct km_groove_outcome *outcome,
                                                 struct km_error *error);

KM_C_END

#endif
