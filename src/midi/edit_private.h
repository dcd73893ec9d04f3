// SPDX-License-Identifier: MIT

/// What edits share: a run through an input twice, and one event after the other on its way to the
/// writer.
#ifndef KM_MIDI_EDIT_PRIVATE_H
#define KM_MIDI_EDIT_PRIVATE_H

#include "midi/edit.h"
#include "midi/sounding.h"
#include "midi/writer.h"

struct km_midi_run;

/// What an edit does with what comes. Null functions do the plain thing: tracks and events stay.
struct km_midi_steps {
    void *context;
    /// A track of the input begins.
    enum km_status (*begin_track)(void *context, struct km_midi_run *run);
    /// An event, but for End of Track.
    enum km_status (*event)(void *context, struct km_midi_run *run, const struct km_event *event,
                            const struct km_midi_form *form);
    /// A piece of the payload of the event before, unless it was emitted: then it is written.
    enum km_status (*payload)(void *context, struct km_midi_run *run, const void *bytes,
                              size_t size);
    /// End of Track, at its tick.
    enum km_status (*end_track)(void *context, struct km_midi_run *run, uint64_t tick);
    bool keeps_around; ///< Header, other chunks and RIFF are written too.
    bool takes_clips;  ///< Else they are refused.
    bool mends_notes;  ///< Notes without an end get one, ends without a note are left out.
};

/// RIFF around a file, on its way through: its sizes follow that of the MIDI.
struct km_midi_wrapper {
    unsigned char header[12];
    size_t header_used;
    uint64_t body_left;  ///< Of a chunk that is not the MIDI.
    bool has_begun;      ///< The RIFF header has been read.
    bool is_after;       ///< The header of the MIDI's chunk has been read.
    bool is_pad_settled; ///< The byte after a MIDI of odd size has been dealt with.
};

/// What the first pass found out about what is around the tracks.
struct km_midi_around {
    bool has_wrapper;
    bool has_pad;       ///< The MIDI's RIFF chunk was padded.
    uint32_t riff_size; ///< As the input says.
    uint32_t data_size;
    uint64_t midi_size;   ///< Of everything but RIFF, as it will be written.
    uint64_t cut_chunk;   ///< Number, from 1, of the chunk that the end of the file cuts; 0: none.
    uint64_t cut_missing; ///< Bytes that it lacks.
};

/// Repairs that need to know what came before in the track.
struct km_midi_mend {
    struct km_midi_sounding sounding;
    bool has_open_sysex; ///< An F0 that did not end with F7 waits for its continuation.
    bool is_in_sysex;    ///< The payload that comes is a SysEx event's.
    uint32_t payload_left;
    uint64_t tick; ///< Of the event before.
};

struct km_midi_run {
    const struct km_midi_edit *edit;
    struct km_midi_source source; ///< Of the input that is being fed.
    struct km_error *error;
    struct km_midi_edit_report report;
    struct km_midi_writer writer;
    bool is_writing;      ///< The second pass.
    bool is_told;         ///< The problems of the source have been told.
    uint64_t bytes_done;  ///< For progress, over all readings.
    uint64_t bytes_total; ///< As far as known: twice the source, unless an edit knows better.
    struct km_midi_header header; ///< What the input says.

    uint32_t *sizes; ///< Of the tracks to write, in the order of the output.
    size_t sizes_count;
    size_t sizes_capacity;
    size_t tracks_done; ///< In this pass.
    bool is_in_track;   ///< Of the output.

    uint16_t format;   ///< To write; in what keeps the input's header, that.
    uint16_t division; ///< The same, unless it was set before.

    // Of the item that is being looked at.
    uint32_t track;
    uint8_t group; ///< In a clip.
    uint64_t offset;
    bool takes_payload;
    unsigned char source_running;

    struct km_midi_mend mend;
    struct km_midi_around around;
    struct km_midi_wrapper wrapper;
    bool has_header;     ///< The header was written in this pass.
    uint64_t chunk_left; ///< Of a chunk that is no track.
    uint64_t chunks_seen;
};

/// Runs `pass` twice: measuring, then writing to the sink of `edit`. The run is made and released
/// here; `report` is set on success.  [any]
KM_NODISCARD enum km_status
km_midi_run_twice(const struct km_midi_edit *edit,
                  enum km_status (*pass)(void *context, struct km_midi_run *run), void *context,
                  struct km_midi_edit_report *report, struct km_error *error);

/// Runs `pass` once, only to look: nothing is written.  [any]
KM_NODISCARD enum km_status km_midi_run_look(const struct km_midi_edit *edit,
                                             enum km_status (*pass)(void *context,
                                                                    struct km_midi_run *run),
                                             void *context, struct km_error *error);

/// Adds an empty track to a file that would have none, which many players refuse.  [any]
KM_NODISCARD enum km_status km_midi_run_add_missing_track(struct km_midi_run *run);

/// Reads `run->source` from front to back through `steps`.  [any]
KM_NODISCARD enum km_status km_midi_run_feed(struct km_midi_run *run,
                                             const struct km_midi_steps *steps);

/// Begins the next track of the output.  [any]
KM_NODISCARD enum km_status km_midi_run_begin_track(struct km_midi_run *run);

/// Writes an event; its payload, if it has one, is written as it comes, or by
/// km_midi_run_payload. `form` may be null.  [any]
KM_NODISCARD enum km_status km_midi_run_emit(struct km_midi_run *run, const struct km_event *event,
                                             const struct km_midi_form *form);

/// Writes the payload of the event that was emitted last, which the input does not bring.  [any]
void km_midi_run_payload(struct km_midi_run *run, const void *bytes, size_t size);

/// Ends the track of the output at `tick`.  [any]
KM_NODISCARD enum km_status km_midi_run_end_track(struct km_midi_run *run, uint64_t tick);

/// Writes a header of our own, with the tracks that were measured.  [any]
void km_midi_run_header(struct km_midi_run *run);

/// Sets the error: "byte N, track N, tick N: what"; returns `status`.  [any]
KM_NODISCARD enum km_status km_midi_run_refuse(struct km_midi_run *run, enum km_status status,
                                               uint64_t tick, const char *what);

/// Hands an event, End of Track too, to the steps, with what it takes to mend the track: see
/// km_midi_repair.  [any]
KM_NODISCARD enum km_status km_midi_mend_event(struct km_midi_run *run,
                                               const struct km_midi_steps *steps,
                                               const struct km_event *event,
                                               const struct km_midi_form *form);

/// Hands a piece of the event's payload on.  [any]
KM_NODISCARD enum km_status km_midi_mend_payload(struct km_midi_run *run,
                                                 const struct km_midi_steps *steps,
                                                 const void *bytes, size_t size);

/// Writes what is around the tracks: header, other chunks and RIFF.  [any]
KM_NODISCARD enum km_status km_midi_run_keep_around(struct km_midi_run *run,
                                                    const struct km_midi_item *item);

/// The same at the input's end.  [any]
KM_NODISCARD enum km_status km_midi_run_finish_around(struct km_midi_run *run);

#endif
