// SPDX-License-Identifier: MIT

/// The notes of a piece with their places in time and in beats: what all analysis reads.
#ifndef KM_ANALYSIS_PIECE_H
#define KM_ANALYSIS_PIECE_H

#include "base/attributes.h"
#include "base/status.h"
#include "midi/reader.h"
#include "midi/scan.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

KM_C_BEGIN

struct km_heap;
struct km_input;

/// One note. A beat is always a quarter note here, counted from the beginning of the piece.
struct km_piece_note {
    double start_s, end_s; ///< As written: from note-on to note-off.
    double start_beat, end_beat;
    double sound_end_s; ///< With the damper pedal: when it is let go, or the key is struck again.
    double sound_end_beat;
    uint32_t track;
    uint8_t channel, key, velocity;
    uint8_t program; ///< General MIDI program, 0 to 127.
    bool is_drum;    ///< On channel 10, or on one that was made a drum channel.
};

/// A metre that holds from a beat on.
struct km_piece_metre {
    double beat;
    uint8_t numerator;
    uint8_t denominator; ///< 4 for quarter notes, 8 for eighths.
};

/// A tempo that holds from a beat on.
struct km_piece_tempo {
    double beat, seconds;
    double bpm; ///< Quarter notes a minute.
};

struct km_piece {
    struct km_heap *heap;
    struct km_piece_note *notes; ///< By start_beat, then track, then key.
    size_t note_count;
    struct km_piece_metre *metres; ///< At least one, the first at beat 0.
    size_t metre_count;
    struct km_piece_tempo *tempos; ///< At least one, the first at beat 0.
    size_t tempo_count;
    double end_s, end_beat; ///< Of the last sounding note.
    bool is_performed; ///< The file's own beats mean nothing (120 and 4/4, notes off any grid):
                       ///< tempos, metres and beats are found in the notes.
    char title[128];   ///< The first track's name, or empty.
};

enum { KM_PIECE_NOTES_MAX = 1 << 21 };

/// Reads the notes of a file of any kind. More notes than KM_PIECE_NOTES_MAX, or than the working
/// account allows, are refused with a sentence that says so. The piece is touched on success
/// only.  [any]
KM_NODISCARD enum km_status km_piece_read(struct km_piece *piece, struct km_heap *heap,
                                          struct km_input *input,
                                          const struct km_midi_reader_config *config,
                                          const struct km_midi_progress *progress,
                                          struct km_error *error);

/// Gives the memory back.  [any]
void km_piece_release(struct km_piece *piece);

/// Seconds at a beat, and the other way round, by the piece's tempos.  [any]
double km_piece_seconds(const struct km_piece *piece, double beat);
double km_piece_beat(const struct km_piece *piece, double seconds);

/// Beats from the beginning of the bar that `beat` lies in, and that bar's number from 0 and its
/// length in beats.  [any]
struct km_piece_bar {
    uint32_t index;
    double start_beat;
    double beats;
    struct km_piece_metre metre;
};
struct km_piece_bar km_piece_bar_at(const struct km_piece *piece, double beat);

/// Finds tempo, metre and beats of a performance in its notes, and writes them over the file's own:
/// tempos, metres, and the beats of every note. Does nothing unless is_performed.  [any]
KM_NODISCARD enum km_status km_piece_find_beats(struct km_piece *piece);

KM_C_END

#endif
