// SPDX-License-Identifier: MIT

/// Reads MIDI of any size, piece by piece, in constant memory: Standard MIDI Files 0, 1 and 2, the
/// same in RIFF (RMID), and MIDI 2.0 clip files.
///
/// Bytes are pushed in pieces of any size, and items are taken out until it asks for more. Where
/// the pieces are cut changes nothing of what comes out. The bytes of all items, one after the
/// other, are just the bytes that were pushed: what is not understood comes as an item as well, so
/// that a writer can keep it.
///
/// docs/midi-tolerance.md states what is repaired and what is refused. Nothing is searched for
/// further than KM_MIDI_LOOK_AHEAD, and no length is believed before as many of its bytes (or all)
/// have been seen; so what is told depends on the bytes alone.
#ifndef KM_MIDI_READER_H
#define KM_MIDI_READER_H

#include "base/attributes.h"
#include "base/status.h"
#include "midi/event.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

KM_C_BEGIN

struct km_heap;
struct km_input;
struct km_midi_reader;

/// What can be wrong with a file that is still read; docs/midi-tolerance.md is made from the table.
enum km_midi_fault {
#define KM_MIDI_FAULT(NAME, name, what, done) KM_MIDI_FAULT_##NAME,
#include "midi/faults.def"
#undef KM_MIDI_FAULT
    KM_MIDI_FAULTS_COUNT
};

/// One fault found, and repaired as the table says.
struct km_midi_problem {
    enum km_midi_fault fault;
    uint64_t offset; ///< Of the first byte that is wrong, from the start of the input.
    int64_t track;   ///< From 0; -1 outside of tracks.
    uint64_t tick;   ///< In the track, where it has one.
};

/// Who is told of problems, in the order of the file; what only its end shows (that the header
/// counts other tracks, say) comes last. The reader does not look whether notes match: sounding.h.
struct km_midi_listener {
    void (*tell)(void *context, const struct km_midi_problem *problem); ///< May be null.
    void *context;
};

/// Settings; zero-initialised is lenient and silent.
struct km_midi_reader_config {
    struct km_midi_listener listener;
    bool is_strict; ///< The first problem is the end: KM_MIDI_STEP_FAILED.
};

enum km_midi_item_type {
    KM_MIDI_ITEM_WRAPPER, ///< A piece of what is around the MIDI: RIFF headers, other RIFF chunks;
                          ///< in a clip, deltas, and what packets have besides events and payloads,
                          ///< also between a payload's pieces.
    KM_MIDI_ITEM_HEADER,  ///< The header; km_midi_reader_header tells what it says.
    KM_MIDI_ITEM_TRACK,   ///< The header of a track's chunk. A clip is one track, without bytes.
    KM_MIDI_ITEM_EVENT,   ///< The last of a track is always KM_EVENT_END_OF_TRACK. The payload of a
                          ///< tempo or signature is in it, and does not come after it.
    KM_MIDI_ITEM_PAYLOAD, ///< A piece of the payload of the meta or SysEx event before.
    KM_MIDI_ITEM_CHUNK,   ///< A piece of a chunk that is no track; the first has its header.
    KM_MIDI_ITEM_LEFT_OUT, ///< A piece of what nobody can read, told as a problem.
};

struct km_midi_item {
    enum km_midi_item_type type;
    bool is_repaired;   ///< The event is not what its bytes say (as when its delta counts from what
                        ///< was left out); or, with size 0, not in the file.
    bool is_made;       ///< A payload's F7 that a clip does not have: its byte is not in the file.
    uint8_t word_count; ///< Of the packet in a clip; 0 in Standard MIDI Files.
    uint8_t group;      ///< Of the packet in a clip, 0 to 15.
    uint32_t track;     ///< Of a track and what is in it; from 0.
    struct km_event event;      ///< Of events with a payload `detail` is its size.
    uint32_t payload_left;      ///< Of the event's payload, after this item.
    uint32_t words[4];          ///< A clip's Universal MIDI Packet, whole; of an event, if
                                ///< `word_count` is not 0. A packet may be several events, of which
                                ///< all but the first have size 0.
    uint64_t offset;            ///< Of the first byte, from the start of the input.
    const unsigned char *bytes; ///< As they stand in the file; valid until the next call.
    size_t size;
};

/// What the header says, and what was around it.
struct km_midi_header {
    uint16_t format;          ///< 0, 1 or 2; 0 for a clip.
    uint16_t division;        ///< As in km_midi_file.
    uint16_t tracks_declared; ///< 1 for a clip.
    bool is_rmid;
    bool is_clip;
};

/// What those say who need a Standard MIDI File and are given a clip.
#define KM_MIDI_CLIP_NOT_HERE                                                                      \
    "this is a MIDI 2.0 clip file; a Standard MIDI File 1.0 was expected (kmidi midi convert "     \
    "makes "                                                                                       \
    "one of it)"

enum km_midi_step {
    KM_MIDI_STEP_ITEM,   ///< `item` is set.
    KM_MIDI_STEP_MORE,   ///< All bytes are used: push more, or finish.
    KM_MIDI_STEP_END,    ///< The file has been read.
    KM_MIDI_STEP_FAILED, ///< It cannot be read, or no longer: the error says what, at which byte.
};

enum {
    KM_MIDI_READER_BUFFER_SIZE = 1 << 16,
    KM_MIDI_LOOK_AHEAD = 1 << 14, ///< How far a reader looks for what a wrong length hides.
};

/// A reader on the working account; null if the heap refuses.  [any]
KM_NODISCARD struct km_midi_reader *km_midi_reader_new(struct km_heap *heap,
                                                       const struct km_midi_reader_config *config);

/// Null does nothing.  [any]
void km_midi_reader_free(struct km_midi_reader *reader);

/// Room for new bytes in the reader's own buffer, and its size (0: take items first). What was
/// written there counts after km_midi_reader_added.  [any]
unsigned char *km_midi_reader_room(struct km_midi_reader *reader, size_t *size);

/// `size` bytes have been written to the room.  [any]
void km_midi_reader_added(struct km_midi_reader *reader, size_t size);

/// Copies as many bytes as there is room for, and tells how many.  [any]
size_t km_midi_reader_push(struct km_midi_reader *reader, const void *bytes, size_t size);

/// No more bytes come.  [any]
void km_midi_reader_finish(struct km_midi_reader *reader);

/// The next item. `error` (which may be null) is set when it fails; it fails again from then
/// on.  [any]
KM_NODISCARD enum km_midi_step km_midi_reader_next(struct km_midi_reader *reader,
                                                   struct km_midi_item *item,
                                                   struct km_error *error);

/// As km_midi_reader_next, fed from `input`: never KM_MIDI_STEP_MORE.  [any]
KM_NODISCARD enum km_midi_step km_midi_reader_next_from(struct km_midi_reader *reader,
                                                        struct km_input *input,
                                                        struct km_midi_item *item,
                                                        struct km_error *error);

/// What the header said; after KM_MIDI_ITEM_HEADER.  [any]
struct km_midi_header km_midi_reader_header(const struct km_midi_reader *reader);

/// Bytes used so far: for progress.  [any]
uint64_t km_midi_reader_position(const struct km_midi_reader *reader);

/// A fault's short name ("missing-end-of-track"), what is wrong, and what is done about it and what
/// players do.  [any]
const char *km_midi_fault_name(enum km_midi_fault fault);
const char *km_midi_fault_what(enum km_midi_fault fault);
const char *km_midi_fault_done(enum km_midi_fault fault);

KM_C_END

#endif
