// SPDX-License-Identifier: MIT

/// What the tracks of a file hold: which play, which only set and tell.
#ifndef KM_MIDI_EDIT_TRACKS_PRIVATE_H
#define KM_MIDI_EDIT_TRACKS_PRIVATE_H

#include "midi/edit_private.h"

/// Bits of a track: one for each channel that is used, and these.
enum {
    KM_MIDI_TRACK_CHANNELS = 0xFFFF,
    KM_MIDI_TRACK_SETS = 1 << 16, ///< Tempos and signatures.
    KM_MIDI_TRACK_SYSEX = 1 << 17,
    KM_MIDI_TRACK_TEXTS = 1 << 18, ///< Other meta events.
    KM_MIDI_TRACK_PLAYS = KM_MIDI_TRACK_CHANNELS | KM_MIDI_TRACK_SYSEX,
};

/// Takes 4 bytes a track.
struct km_midi_tracks {
    struct km_heap *heap;
    uint32_t *kinds; ///< Bits of each track.
    size_t count;
    size_t capacity;
    uint32_t all;          ///< Bits of all tracks together.
    uint64_t end;          ///< The last tick of any.
    uint64_t settings;     ///< A sum over all tempos and signatures, whatever their order.
    uint64_t texts;        ///< A sum over what else stands on tracks that do not play.
    bool sets_tempo_first; ///< There is a tempo at tick 0,
    bool sets_meter_first; ///< and a time signature.
    struct km_midi_header header;

    // Of the track that is being read.
    uint64_t track_texts;
    uint64_t piece_hash;
    uint32_t kind;
};

/// Reads the run's source for them. On failure there is nothing to release.  [any]
KM_NODISCARD enum km_status km_midi_tracks_read(struct km_midi_run *run,
                                                struct km_midi_tracks *tracks);

/// Gives the memory back.  [any]
void km_midi_tracks_release(struct km_midi_tracks *tracks);

/// Whether an event is a tempo or signature.  [any]
bool km_midi_is_setting(const struct km_event *event);

#endif
