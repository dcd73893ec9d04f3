// SPDX-License-Identifier: MIT

/// A song: the plan, played out in parts, ready to be written as a MIDI file.
#ifndef KM_SESSION_SONG_H
#define KM_SESSION_SONG_H

#include "base/attributes.h"
#include "base/status.h"
#include "midi/file.h"
#include "session/plan.h"

KM_C_BEGIN

struct km_heap;

/// Name of a part's track in an ensemble: "Melody", "Left hand", "Viola", ...  [any]
const char *km_part_name(enum km_ensemble ensemble, enum km_part part);

/// MIDI channel of a part, 0 to 15 (bass 0, chords 1, melody 3, pad 4, drums 9: the original's map;
/// counter-melody 5).  [any]
uint8_t km_part_channel(enum km_part part);

/// Index of a part's track in the plan's song: only parts that are on have one, in the order of
/// enum km_part, after track 0 (title, tempo, metre, key, markers). -1: none.  [any]
int km_song_track(const struct km_harmony_plan *plan, enum km_part part);

/// Composes the plan into `file`, made by km_midi_file_init with format 1 and KM_PPQ: track 0 and
/// one track for each part that is on, groove applied last. Ends where the plan says. The same plan
/// gives the same file.  [any] `title` (may be null) becomes track 0's name. On failure the file is
/// empty.
KM_NODISCARD enum km_status km_song_compose(const struct km_harmony_plan *plan, const char *title,
                                            struct km_midi_file *file, struct km_error *error);

KM_C_END

#endif
