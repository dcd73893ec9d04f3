// SPDX-License-Identifier: MIT

/// Edits of MIDI files of any size: each reads its input twice from front to back, first to check
/// and measure, then to write. Memory does not grow with the file but for 4 bytes a track, and what
/// a function says of itself.
///
/// What an edit does not change keeps its form: note-offs, running status, unknown chunks, longer
/// headers and RIFF around it stay as they are, but for what the reader repairs. Where more time
/// than a file can say comes between two events, empty texts bridge it, up to 1,024 of them; longer
/// gaps are refused.
#ifndef KM_MIDI_EDIT_H
#define KM_MIDI_EDIT_H

#include "base/attributes.h"
#include "base/sink.h"
#include "base/status.h"
#include "midi/reader.h"
#include "midi/scan.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

KM_C_BEGIN

struct km_heap;

/// Room for bytes, and how many were put there.
struct km_midi_piece {
    void *bytes;
    size_t size;
    size_t got;
};

/// Bytes that can be read anywhere, more than once.
struct km_midi_source {
    /// Fills a piece from `offset` on, less only where the bytes end.
    enum km_status (*read_at)(void *context, uint64_t offset, struct km_midi_piece *piece,
                              struct km_error *error);
    void *context;
    uint64_t size; ///< For progress; 0 if nobody knows.
};

/// Bytes in memory, for km_midi_source_of_memory.
struct km_midi_bytes {
    const unsigned char *bytes;
    size_t size;
};

/// The bytes of a file from its position on, which stays, or of a stream that was spooled
/// (km_midi_spool); `input` must outlive it.  [any]
struct km_midi_source km_midi_source_of_input(struct km_input *input);

/// Bytes in memory; `bytes` must outlive it.  [any]
struct km_midi_source km_midi_source_of_memory(struct km_midi_bytes *bytes);

/// What every edit needs.
struct km_midi_edit {
    struct km_heap *heap;
    struct km_midi_source source;
    struct km_sink *sink;                ///< Where the result goes.
    struct km_midi_reader_config reader; ///< Problems are told once.
    struct km_midi_progress progress;    ///< Of both passes together.
};

/// What an edit did.
struct km_midi_edit_report {
    uint64_t events;         ///< Written, End of Track among them.
    uint64_t notes;          ///< Note-ons written.
    uint64_t changed;        ///< Events that are not what they were, but for their place.
    uint64_t added;          ///< Events that were not there.
    uint64_t left_out;       ///< Events that are no longer there.
    uint64_t left_out_bytes; ///< That nobody could read.
    uint64_t tracks;
};

// All edits: what the reader refuses is refused; what changes between the passes is KM_ERROR_IO.
// Before the second pass nothing goes to the sink, so that what is refused leaves nothing. `error`
// (which may be null) names the place. The report is set on success.

/// Writes the file as the reader repairs it: what nobody can read is left out, End of Track is
/// there, lengths and counts are right, a note-off of a key that is not down is left out, a note
/// that nobody ends ends with its track, SysEx messages end with F7, and a file without tracks has
/// an empty one. A valid file comes back byte for byte. What was written is read without a problem,
/// and repairing it changes nothing.  [any]
KM_NODISCARD enum km_status km_midi_repair(const struct km_midi_edit *edit,
                                           struct km_midi_edit_report *report,
                                           struct km_error *error);

enum { KM_MIDI_SEMITONES_MAX = 127 };

struct km_midi_transpose {
    int semitones;    ///< Up; -KM_MIDI_SEMITONES_MAX to KM_MIDI_SEMITONES_MAX.
    bool folds;       ///< Notes beyond 0 to 127 move by octaves; else they are refused.
    bool moves_drums; ///< Channel 10 too.
};

/// Moves all notes and key signatures. Up and then down again gives the same notes; of the 15 key
/// signatures those with up to 5 accidentals as well, of those with more the one with fewer. [any]
KM_NODISCARD enum km_status km_midi_transpose(const struct km_midi_edit *edit,
                                              const struct km_midi_transpose *settings,
                                              struct km_midi_edit_report *report,
                                              struct km_error *error);

/// Gives a file another division (see km_midi_file). Between beats each tick is scaled from the
/// beginning of its track, so that nothing adds up; where either side is SMPTE time, events keep
/// their times by the tempo map (which then takes 64 bytes for each tempo, up to
/// KM_MIDI_SETTINGS_MAX), within half a tick. A note that has a length keeps at least a tick; of
/// more than 1,024 notes that would lose theirs at one tick the last lose it.  [any] Tempos stay
/// where they are, also in SMPTE time, where they do not count. Format 2 does not change between
/// beats and SMPTE time.
KM_NODISCARD enum km_status km_midi_convert_division(const struct km_midi_edit *edit,
                                                     uint16_t division,
                                                     struct km_midi_edit_report *report,
                                                     struct km_error *error);

/// Gives a file format 0 or 1. From 0 to 1, what has no channel goes to the first track, and each
/// channel that is used to one of its own; the input is read twice for each. From 1 to 0 all tracks
/// become one, in the order of km_midi_merged, whose memory it takes. Every event keeps its tick;
/// only where the format changes are unknown chunks and RIFF left out. Format 2 is refused.  [any]
/// `input` is that of `edit->source`.
KM_NODISCARD enum km_status km_midi_convert_format(const struct km_midi_edit *edit,
                                                   struct km_input *input, uint16_t format,
                                                   struct km_midi_edit_report *report,
                                                   struct km_error *error);

enum km_midi_kind { KM_MIDI_KIND_SMF, KM_MIDI_KIND_CLIP };

/// Makes a Standard MIDI File of a MIDI 2.0 clip file, or the other way round; a Standard MIDI File
/// may also stay one. Every event keeps its tick. Of a clip each group that is used becomes a
/// track, with a MIDI port where there are several; what MIDI 1.0 has no word for is left out, and
/// values are those of MIDI 1.0. To a clip all tracks come together, as in km_midi_merged, whose
/// memory it takes; SMPTE time and format 2 are refused. `input` is that of `edit->source`.  [any]
KM_NODISCARD enum km_status km_midi_convert_kind(const struct km_midi_edit *edit,
                                                 struct km_input *input, enum km_midi_kind kind,
                                                 struct km_midi_edit_report *report,
                                                 struct km_error *error);

enum { KM_MIDI_BARS_MAX = 1000000000 };

/// Bars from 1, both included; at most KM_MIDI_BARS_MAX.
struct km_midi_cut {
    uint64_t first_bar;
    uint64_t last_bar;
};

/// Cuts bars out, by the time signatures of the file, on whatever track they stand: 4/4 before the
/// first, and a time signature within a bar begins a new one. Tick 0 is where the first of them
/// begins. Tempo, metre, key, programs, controllers, pitch bend and its range that are in force
/// there are set; notes that sound there are begun, and those that sound at the end are ended.
/// Names stay, SysEx before a track's first note too. Bars beyond the end are not there; if all are
/// it is refused, and so are SMPTE time and format 2.  [any]
KM_NODISCARD enum km_status km_midi_cut(const struct km_midi_edit *edit,
                                        const struct km_midi_cut *cut,
                                        struct km_midi_edit_report *report, struct km_error *error);

enum { KM_MIDI_GRID_STEPS_MAX = 1024 };

#define KM_MIDI_SWING_MAX 4.0

struct km_midi_quantize {
    uint32_t steps_per_whole; ///< 16 for sixteenths, 12 for triplet eighths; from 1.
    double strength;          ///< From 0, nothing moves, to 1, all onsets are on the grid.
    double swing;             ///< First step to second of each pair: from 1.0, straight.
    bool moves_ends;          ///< Ends go to the grid as well; else notes keep their lengths.
};

/// Moves notes towards a grid that is counted from each bar line, so that nothing drifts; a bar
/// line is always on it. Of two lines equally near the earlier counts. A note keeps a tick of
/// length at least, and ends where the next note of its key begins, unless they overlapped before.
/// All but notes stays in place. Of more than 4 notes at once on one key, the ends of the others
/// stay. Memory is that of two steps of the grid: at most KM_MIDI_QUEUE_EVENTS_MAX events and
/// KM_MIDI_QUEUE_PAYLOADS_MAX bytes of texts and SysEx, more are refused; and 16 bytes for each
/// tempo and signature. SMPTE time and format 2 are refused.  [any]
KM_NODISCARD enum km_status km_midi_quantize(const struct km_midi_edit *edit,
                                             const struct km_midi_quantize *quantize,
                                             struct km_midi_edit_report *report,
                                             struct km_error *error);

KM_C_END

#endif
