// SPDX-License-Identifier: MIT

/// The inside of the reader: its bytes, its place in the file, and how its parts hand out items.
///
/// Rules for what is broken stand in docs/midi-tolerance.md. All of them look ahead at most
/// KM_MIDI_LOOK_AHEAD bytes past the place in question, so that a file, a pipe and bytes pushed one
/// by one are read alike. A part that wants to look that far asks for more bytes until they are
/// there or the input has ended, and changes nothing before.
#ifndef KM_MIDI_READER_PRIVATE_H
#define KM_MIDI_READER_PRIVATE_H

#include "base/attributes.h"
#include "base/status.h"
#include "midi/clip_private.h"
#include "midi/decode_private.h"
#include "midi/kernel_private.h"
#include "midi/reader.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct km_heap;

enum {
    KM_MIDI_LEADING_MAX = 1 << 20,        ///< How far MThd is looked for.
    KM_MIDI_CHUNK_BELIEVED_MAX = 1 << 28, ///< A chunk that is no track and claims more is none.
    KM_MIDI_TRACKS_MISSING_MAX = 256,     ///< A header that counts more too many is not believed.
};

/// Bytes at hand, by their place in the input: `bytes[i]` stands at `base + i`.
struct km_midi_window {
    const unsigned char *bytes;
    size_t begin; ///< Of the first byte not yet used.
    size_t end;   ///< After the last one at hand.
    uint64_t base;
    uint64_t stop;    ///< Where the MIDI ends, in RIFF; UINT64_MAX: with the input.
    bool is_finished; ///< No more bytes come.
};

enum km_midi_state {
    KM_MIDI_STATE_START,
    KM_MIDI_STATE_RIFF,   ///< At a RIFF chunk before the MIDI.
    KM_MIDI_STATE_SEARCH, ///< For MThd.
    KM_MIDI_STATE_HEADER,
    KM_MIDI_STATE_CHUNK, ///< At a chunk, or what is none.
    KM_MIDI_STATE_STRAY, ///< Going to the next MTrk.
    KM_MIDI_STATE_TRACK, ///< At an event.
    KM_MIDI_STATE_CUT,   ///< After the bytes of an event that its track's end cuts.
    KM_MIDI_STATE_LEAVE, ///< After End of Track.
    KM_MIDI_STATE_COUNT, ///< At the end of the MIDI: do the tracks count up?
    KM_MIDI_STATE_TAIL,  ///< What RIFF has after the MIDI.
    KM_MIDI_STATE_CLIP,  ///< In a MIDI 2.0 clip file: clip.c takes all steps from here.
    KM_MIDI_STATE_END,
};

/// What a part of the reader answers.
enum km_midi_turn {
    KM_MIDI_TURN_ITEM = KM_MIDI_STEP_ITEM,
    KM_MIDI_TURN_MORE = KM_MIDI_STEP_MORE, ///< Nothing has changed; more bytes are needed.
    KM_MIDI_TURN_END = KM_MIDI_STEP_END,
    KM_MIDI_TURN_FAILED = KM_MIDI_STEP_FAILED,
    KM_MIDI_TURN_AGAIN, ///< The state has changed: go on from there.
};

/// Bytes that are handed out as items as they come, before the state counts.
struct km_midi_passing {
    uint64_t left;
    enum km_midi_item_type type;
    bool is_event;   ///< Of an event: the file may not end here.
    bool is_sysex;   ///< Its last byte tells whether the message has ended.
    uint64_t offset; ///< Of the event or chunk they belong to.
};

struct km_midi_reader {
    struct km_heap *heap; ///< Null if it reads from memory, on its caller's stack.
    struct km_midi_reader_config config;
    struct km_midi_window window;
    enum km_midi_state state;
    bool has_failed;
    bool is_in_track;
    bool is_extended; ///< The track's length was too short, and it went on past it.
    bool is_open;     ///< Extended so far, and further if what comes there is music as well.
    struct km_midi_passing passing;
    struct km_midi_header header;
    struct km_error error; ///< Once it has failed.
    uint64_t start;        ///< Of the search for the header, then of the header.
    uint64_t riff_length;  ///< Offset of the length of RIFF's data chunk.
    uint64_t chunk_length; ///< Offset of the track's length.
    uint64_t chunk_end;    ///< Of the track, as the file says.
    uint64_t stray_begin;  ///< Where the search for the next MTrk begins.
    uint64_t stray_end;    ///< Where stray bytes end at the latest.
    uint32_t tracks_found;
    struct km_midi_cursor cursor; ///< In the track.
    struct km_midi_clip clip;
    unsigned char *buffer; ///< Null if it reads from memory.
};

/// A reader of `size` bytes in memory, which must outlive it. Nothing to free.  [any]
void km_midi_reader_init_memory(struct km_midi_reader *reader, const void *bytes, size_t size,
                                const struct km_midi_reader_config *config);

/// Offset of the next byte.  [any]
static inline uint64_t km_midi_reader_at(const struct km_midi_reader *reader)
{
    return reader->window.base + reader->window.begin;
}

/// The next bytes: `size` of them are at hand.  [any]
static inline const unsigned char *km_midi_reader_ahead(const struct km_midi_reader *reader,
                                                        size_t *size)
{
    const struct km_midi_window *const window = &reader->window;
    const uint64_t stop = window->stop - window->base; // Never before `begin`.
    *size = (stop < window->end ? (size_t)stop : window->end) - window->begin;
    return window->bytes + window->begin;
}

/// How many of the next bytes are at hand.  [any]
static inline size_t km_midi_reader_available(const struct km_midi_reader *reader)
{
    size_t size = 0;
    (void)km_midi_reader_ahead(reader, &size);
    return size;
}

/// Whether no bytes come after those at hand.  [any]
static inline bool km_midi_reader_has_all(const struct km_midi_reader *reader)
{
    const struct km_midi_window *const window = &reader->window;
    return window->is_finished || window->stop - window->base <= window->end;
}

/// Whether `size` bytes (at most three times KM_MIDI_LOOK_AHEAD) are at hand, or all there are: if
/// not, the answer must be KM_MIDI_TURN_MORE.  [any]
static inline bool km_midi_reader_wait(const struct km_midi_reader *reader, uint64_t size)
{
    return km_midi_reader_available(reader) >= size || km_midi_reader_has_all(reader);
}

/// Whether the `size` bytes of `tag` come `distance` bytes from here, and are at hand.  [any]
static inline bool km_midi_reader_has_tag(const struct km_midi_reader *reader, size_t distance,
                                          const char *tag, size_t size)
{
    size_t available = 0;
    const unsigned char *const bytes = km_midi_reader_ahead(reader, &available);
    return distance <= available && size <= available - distance &&
           memcmp(bytes + distance, tag, size) == 0;
}

/// Hands out the next `size` bytes, which are at hand, as an item of this type, with the track's
/// number and all else 0.  [any]
enum km_midi_turn km_midi_reader_emit(struct km_midi_reader *reader, enum km_midi_item_type type,
                                      size_t size, struct km_midi_item *item);

/// The next `size` bytes will be handed out as items of this type, before the state counts.  [any]
/// The file may end before, if it is not within an event.
enum km_midi_turn km_midi_reader_pass(struct km_midi_reader *reader, enum km_midi_item_type type,
                                      uint64_t size);

/// Tells a problem, of the track that it is in; a strict reader has failed then, which
/// km_midi_reader_next notices.  [any]
void km_midi_reader_tell(struct km_midi_reader *reader, enum km_midi_fault fault, uint64_t offset);

/// Fails for good: "byte OFFSET: what", and in which track if it is in one.  [any]
enum km_midi_turn km_midi_reader_fail(struct km_midi_reader *reader, enum km_status status,
                                      uint64_t offset, const char *what);

/// In a track whose next event could be a plain one: sets `plain` to the bytes of it at hand (which
/// may be less than KM_MIDI_PLAIN_SIZE_MAX). What km_midi_plain_next takes of them the reader need
/// not read: tell it with km_midi_reader_skip_plain before anything else. False elsewhere.  [any]
bool km_midi_reader_plain(const struct km_midi_reader *reader, struct km_midi_plain *plain);

/// The events up to `plain->at` have been read; tick and running status are as in `plain`.  [any]
void km_midi_reader_skip_plain(struct km_midi_reader *reader, const struct km_midi_plain *plain);

enum km_midi_likeness {
    KM_MIDI_LIKE_NOTHING,
    KM_MIDI_LIKE_CHUNK,
    KM_MIDI_LIKE_MORE, ///< More bytes are needed to tell.
};

/// Whether a chunk can begin `distance` bytes (at most KM_MIDI_LOOK_AHEAD) from here: four
/// printable characters, and a length that the file holds, as far as can be seen. A track's length
/// is not looked at, because it is often wrong.  [any]
enum km_midi_likeness km_midi_reader_likeness(const struct km_midi_reader *reader, size_t distance);

/// Distance of the first `tag` that lies whole between two distances from here; `high`, which is at
/// hand, if there is none.  [any]
size_t km_midi_reader_find(const struct km_midi_reader *reader, size_t low, size_t high,
                           const char *tag, size_t size);

/// The reader's parts, by state; reader.c calls them.  [any]
enum km_midi_turn km_midi_reader_step_header(struct km_midi_reader *reader,
                                             struct km_midi_item *item);
enum km_midi_turn km_midi_reader_step_chunk(struct km_midi_reader *reader,
                                            struct km_midi_item *item);
enum km_midi_turn km_midi_reader_step_track(struct km_midi_reader *reader,
                                            struct km_midi_item *item);

/// The next step in a clip: in KM_MIDI_STATE_CLIP all bytes from SMF2CLIP on belong to clip.c.
/// [any]
enum km_midi_turn km_midi_clip_step(struct km_midi_reader *reader, struct km_midi_item *item);

#endif
