// SPDX-License-Identifier: MIT

/// Edits that make several files of one, or one of several; see edit.h.
#ifndef KM_MIDI_EDIT_FILES_H
#define KM_MIDI_EDIT_FILES_H

#include "midi/edit.h"

KM_C_BEGIN

enum { KM_MIDI_PARTS_MAX = 512, KM_MIDI_MERGE_FILES_MAX = 1024 };

enum km_midi_split_by {
    KM_MIDI_SPLIT_BY_TRACK,   ///< Each track that plays; in format 2 each track.
    KM_MIDI_SPLIT_BY_CHANNEL, ///< Each channel that is used.
    KM_MIDI_SPLIT_BY_DRUMS,   ///< All but channel 10, and channel 10.
};

struct km_midi_part {
    uint32_t track;    ///< By track: which, from 0.
    uint16_t channels; ///< Else bit n: channel n.
};

struct km_midi_parts;

/// Looks what parts there are. More than KM_MIDI_PARTS_MAX are refused, and a file that plays
/// nothing. Takes 4 bytes a track.  [any] Problems of the file are told here.
KM_NODISCARD enum km_status km_midi_split_plan(const struct km_midi_edit *edit,
                                               enum km_midi_split_by by,
                                               struct km_midi_parts **parts,
                                               struct km_error *error);

/// Null does nothing.  [any]
void km_midi_parts_free(struct km_midi_parts *parts);

/// How many parts there are, and which.  [any]
size_t km_midi_parts_count(const struct km_midi_parts *parts);
struct km_midi_part km_midi_parts_get(const struct km_midi_parts *parts, size_t index);

/// Writes one part as a file of its own, of format 1, or 0 if it has one track. All tempos and
/// signatures are in each part, on their tracks, and so are tracks that do not play; texts and
/// SysEx of a track that is split by channels go with its first channel. Other chunks and RIFF are
/// left out. Merging all parts gives the events of the whole, each once.  [any]
KM_NODISCARD enum km_status km_midi_split_write(const struct km_midi_edit *edit,
                                                const struct km_midi_parts *parts, size_t index,
                                                struct km_midi_edit_report *report,
                                                struct km_error *error);

/// What is to be merged, and what was found out about it.
struct km_midi_merge_files {
    const struct km_midi_source *sources;
    size_t count;     ///< 1 to KM_MIDI_MERGE_FILES_MAX.
    bool appends;     ///< One after the other; else side by side.
    size_t current;   ///< Set: the file being read, when it fails.
    size_t differing; ///< Set: files whose tempos or signatures are not those that count.
    bool is_rounded;  ///< Set: no division holds all ticks.
};

/// Writes all tracks of all files as one of format 1; the source of `edit` is not used. The
/// division is the least common multiple, or the finest if a file cannot say that; then ticks are
/// rounded, each from its own place. Side by side, the tempos and signatures of the first file that
/// has any count, its tracks come first, and tracks that do not play are left out where they say
/// the same as its own. One after the other, each begins at the last tick of the one before, with
/// 120 beats a minute and 4/4 if it says nothing else. Takes 4 bytes a track and file. Format 2,
/// and beats beside SMPTE time, are refused.  [any]
KM_NODISCARD enum km_status km_midi_merge_write(const struct km_midi_edit *edit,
                                                struct km_midi_merge_files *files,
                                                struct km_midi_edit_report *report,
                                                struct km_error *error);

KM_C_END

#endif
