// SPDX-License-Identifier: MIT

/// Writing a score as tracks; for the session module alone.
#ifndef KM_SESSION_SONG_PRIVATE_H
#define KM_SESSION_SONG_PRIVATE_H

#include "midi/file.h"
#include "session/score_private.h"

#include <stddef.h>
#include <stdint.h>

/// Adds to a file until the first failure, which is looked at once, at the end.
struct km_song_writer {
    struct km_midi_file *file;
    size_t track;
    enum km_status status;
};

/// Begin, fill and end a track.  [any]
void km_song_add_track(struct km_song_writer *writer);
void km_song_add_event(struct km_song_writer *writer, struct km_event event);
void km_song_add_text(struct km_song_writer *writer, uint64_t tick, enum km_meta type,
                      const char *text);
void km_song_end_track(struct km_song_writer *writer, uint64_t length);

/// Writes track 0: title (may be null), tempo, metre, key, sections.  [any]
void km_song_write_conductor(struct km_song_writer *writer, const struct km_score *score,
                             const char *title);

/// Applies the groove to the notes of a part's track, which is sorted, and sets right what it
/// leaves: no note over the end, in silence, into the next on its key, or harder than the ceiling;
/// a bow plays one note at a time.  [any]
void km_song_humanise(struct km_midi_track *track, const struct km_score *score, enum km_part part);

#endif
