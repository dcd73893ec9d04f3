// SPDX-License-Identifier: MIT

/// The piano roll of a song as SVG: notes by part, sections, chords, tension, tempo.
#ifndef KM_PLOT_ROLL_H
#define KM_PLOT_ROLL_H

#include "base/attributes.h"
#include "base/sink.h"
#include "base/status.h"
#include "midi/file.h"
#include "session/journey.h"
#include "session/plan.h"

KM_C_BEGIN

/// Writes the picture. Colours follow the reader's light or dark preference. `plan` may be null:
/// then sections, chords and tension are left out. `title` may be null.  [any] The same song gives
/// the same bytes.
KM_NODISCARD enum km_status km_roll_write_svg(const struct km_midi_file *file,
                                              const struct km_harmony_plan *plan, const char *title,
                                              struct km_sink *sink);

/// The same of a journey: its stages instead of a plan's sections and chords.  [any]
KM_NODISCARD enum km_status km_roll_write_journey_svg(const struct km_midi_file *file,
                                                      const struct km_journey *journey,
                                                      const char *title, struct km_sink *sink);

KM_C_END

#endif
