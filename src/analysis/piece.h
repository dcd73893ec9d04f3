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
struct km_midi_file;

/// One note. A beat is always a quarter note here, counted from the beginning of the piece.
struct km_piece_note {
    double start_s, end_s; ///< As written: from note-on to note-off.
    double start_beat, end_beat;
    double sound_end_s; ///< With the damper pedal: when it is let go, or the key is struck again.
    double sound_end_beat;
    uint32_t track;
    uint8_t channel, key, velocity;
    uint8_t program; ///< General MIDI program, 0 to 127.
    uint8_t part;    ///< Index in the piece's parts.
    bool is_drum;    ///< On channel 10, or on one that was made a drum channel.
};

enum { KM_PIECE_NAME_SIZE = 64 };

/// Who plays: the notes of one channel on one track.
struct km_piece_part {
    uint32_t track;
    uint32_t note_count;
    uint8_t channel;
    uint8_t program; ///< Of its first note.
    bool is_drum;
    char name[KM_PIECE_NAME_SIZE]; ///< The track's, UTF-8; or empty, as where the first track alone
                                   ///< plays: its name is the piece's.
};

/// A metre that holds from a beat on.
struct km_piece_metre {
    double beat;
    uint32_t bar; ///< Number, from 0, of the bar that begins there.
    uint8_t numerator;
    uint8_t denominator; ///< 4 for quarter notes, 8 for eighths; at most 128.
};

/// A tempo that holds from a beat on.
struct km_piece_tempo {
    double beat, seconds;
    double bpm; ///< Quarter notes a minute.
};

enum {
    KM_PIECE_NOTES_MAX = 1 << 20,
    KM_PIECE_CHANGES_MAX = 1 << 20, ///< Of tempo, metre, program and pedal, all together.
    KM_PIECE_PARTS_MAX = 64,        ///< Those beyond share the last.
    KM_PIECE_TITLE_SIZE = 128,
};

struct km_piece {
    struct km_heap *heap;
    struct km_piece_note *notes; ///< By start_beat, then track, then key.
    size_t note_count;
    struct km_piece_metre *metres; ///< At least one, the first at beat 0.
    size_t metre_count;
    struct km_piece_tempo *tempos; ///< At least one, the first at beat 0.
    size_t tempo_count;
    struct km_piece_part parts[KM_PIECE_PARTS_MAX]; ///< In the order of their tracks.
    size_t part_count;
    double end_s, end_beat; ///< Of the last sounding note.
    bool is_performed; ///< The file's own beats mean nothing (120 and 4/4, notes off any grid):
                       ///< tempos, metres and beats are found in the notes.
    char title[KM_PIECE_TITLE_SIZE]; ///< The first track's name, UTF-8; or empty.
};

// A note that is never ended lasts until the end of its track. Where a file counts in SMPTE time, a
// quarter note is half a second. The tracks of a file of format 2 are pieces of their own: they
// follow each other. What a drum channel is: channel 10, one that the synthesizer is told to play
// drums on (GS, XG), and one whose program was chosen from a bank of drums (XG: 127, GM2: 120).

/// Makes a piece of a file in memory, which is not kept. `error` says what is too much.  [any]
/// The piece is touched on success only.
KM_NODISCARD enum km_status km_piece_of_file(struct km_piece *piece, struct km_heap *heap,
                                             const struct km_midi_file *file,
                                             struct km_error *error);

/// How a file is read; zero-initialised: leniently and silently.
struct km_piece_config {
    struct km_midi_reader_config reader;
    struct km_midi_progress progress;
};

/// Reads the notes of a file of any kind, in one pass. More notes than KM_PIECE_NOTES_MAX, or than
/// the working account allows, are refused with a sentence that says so. `config` may be null. The
/// piece is touched on success only.  [any]
KM_NODISCARD enum km_status km_piece_read(struct km_piece *piece, struct km_heap *heap,
                                          struct km_input *input,
                                          const struct km_piece_config *config,
                                          struct km_error *error);

/// Gives the memory back.  [any]
void km_piece_release(struct km_piece *piece);

/// Seconds at a beat, and the other way round, by the piece's tempos.  [any]
double km_piece_seconds(const struct km_piece *piece, double beat);
double km_piece_beat(const struct km_piece *piece, double seconds);

/// A bar. A new metre begins a bar, wherever it stands: the one before may be cut short.
struct km_piece_bar {
    uint32_t index; ///< From 0.
    double start_beat;
    double beats; ///< As long as the metre says, or cut by the next metre.
    struct km_piece_metre metre;
};

/// The bar that `beat` lies in; beats before 0 lie in the first.  [any]
struct km_piece_bar km_piece_bar_at(const struct km_piece *piece, double beat);

/// The beat at which the bar with that number, from 0, begins.  [any]
double km_piece_bar_start(const struct km_piece *piece, uint64_t bar);

/// How many bars there are until the last note ends, but that one which rings over its bar line by
/// less than an eighth of a bar makes no new bar; 0 without notes.  [any]
uint32_t km_piece_bars(const struct km_piece *piece);

/// Quarter notes a minute, as many as fill the time of the piece.  [any]
double km_piece_mean_bpm(const struct km_piece *piece);

/// What to call a part: its name, or "Drums", or the family of its General MIDI program
/// ("Strings").  [any]
const char *km_piece_part_name(const struct km_piece_part *part);

/// Numbers the bars: sets `bar` of each metre. For who changes metres.  [any]
void km_piece_number_bars(struct km_piece *piece);

/// Whether the file says nothing but 120 and 4/4, or nothing at all, and the onsets, at least 16 of
/// them, do not lie on the sixteenths or triplets of these beats more than by chance. Reads only
/// tempos, metres, notes and end_s. Pieces of more than two hours are never found to be.  [any]
bool km_piece_is_performed(const struct km_piece *piece);

/// Finds tempo, metre and beats of a performance in its notes, and writes them over the file's own:
/// tempos, metres, and the beats of every note. Does nothing unless is_performed. Beat 0 is the
/// beginning of the bar in which the first note lies, so that tempos[0].seconds need not be 0, and
/// is negative where that bar begins before the file. One metre holds for the whole piece; tempos
/// change only where the beats leave a straight line by more than 20 ms. Linear in the length of
/// the piece, and in its notes. On failure (KM_ERROR_NO_MEMORY) the piece stays.  [any]
KM_NODISCARD enum km_status km_piece_find_beats(struct km_piece *piece);

KM_C_END

#endif
