// SPDX-License-Identifier: MIT

/// Plays a MIDI file of any size through an engine, in constant memory: reads ahead, cuts the music
/// into chunks at its bar lines, and sends them as chunks become free.
///
/// Instruments are loaded when the first note that plays them is read, so before it sounds. Texts
/// are left out, and SysEx that means nothing to the synth. Bars are those of the time signatures
/// (in SMPTE time: seconds); bars shorter than a tenth of a second are sent several at a time, and
/// bars of many events as several chunks.
#ifndef KM_ENGINE_FEED_H
#define KM_ENGINE_FEED_H

#include "base/attributes.h"
#include "base/status.h"
#include "midi/merged.h"
#include "synth/synth.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

KM_C_BEGIN

struct km_engine;
struct km_feed;
struct km_feed_file;
struct km_heap;
struct km_instruments;
struct km_midi_file;

/// Where events come from.
struct km_feed_source {
    void *context;
    uint16_t division; ///< As in km_midi_file.
    /// As km_midi_merged_read, _payload and _rewind.
    enum km_status (*read)(void *context, struct km_midi_merged_event *events, size_t capacity,
                           size_t *count, struct km_error *error);
    enum km_status (*payload)(void *context, const struct km_midi_merged_event *event, void *bytes,
                              size_t size, struct km_error *error);
    enum km_status (*rewind)(void *context, struct km_error *error);
};

/// A file read by its merged tracks, which must outlive the source, and be read by nobody
/// else.  [control]
struct km_feed_source km_feed_source_merged(struct km_midi_merged *merged);

/// The tracks of a file in memory, merged: the same events as of that file written and read by
/// km_midi_merged. The file must outlive it, and must not change. Null if the heap
/// refuses.  [control]
KM_NODISCARD struct km_feed_file *km_feed_file_new(struct km_heap *heap,
                                                   const struct km_midi_file *file);
void km_feed_file_free(struct km_feed_file *file);

/// [control]
struct km_feed_source km_feed_source_file(struct km_feed_file *file);

/// What a file plays on a channel.
struct km_feed_channel {
    uint64_t notes;
    uint16_t bank, program; ///< Of its first note.
};

/// What a file will need.
struct km_feed_scan {
    struct km_feed_channel channels[KM_CHANNELS_COUNT];
    double seconds; ///< Until its last event.
    uint32_t bars;  ///< Begun.
    uint64_t notes;
    uint32_t pair_count;                      ///< Further pairs are left out.
    uint16_t pairs[KM_SYNTH_PROGRAMS_MAX][2]; ///< Bank and program, in the order of first notes.
};

/// Reads all of a source, and rewinds it. Divisions without length are KM_ERROR_INVALID. [control]
KM_NODISCARD enum km_status km_feed_scan(const struct km_feed_source *source,
                                         struct km_feed_scan *scan, struct km_error *error);

struct km_feed_config {
    struct km_feed_source source; ///< At its beginning.
    struct km_engine *engine;
    struct km_instruments *instruments;
    uint32_t epoch; ///< Of its first chunks; above all that the engine has been sent.
};

/// A feed at the music's beginning, on the working account; begins a song of the instruments. Its
/// first bar follows any bar of an older epoch. A division without length is
/// KM_ERROR_INVALID.  [control]
KM_NODISCARD enum km_status km_feed_new(struct km_heap *heap, const struct km_feed_config *config,
                                        struct km_feed **feed, struct km_error *error);

/// Chunks that were sent stay with the engine. Null does nothing.  [control]
void km_feed_free(struct km_feed *feed);

/// Sends what there is room for. `is_done`: the music's last chunk has been sent. Fails if the
/// source does, or an instrument cannot be loaded; then it can be called again, and fails again,
/// unless there is room meanwhile.  [control]
KM_NODISCARD enum km_status km_feed_pump(struct km_feed *feed, bool *is_done,
                                         struct km_error *error);

/// The next km_feed_pump goes on from there, in a new epoch, to which the engine jumps at once.
/// Notes that began before do not sound; all else that was set before is. Beyond the end is the
/// end. Bars count from 0.  [control]
void km_feed_seek_bar(struct km_feed *feed, uint32_t bar);
void km_feed_seek_seconds(struct km_feed *feed, double seconds);

enum { KM_FEED_LOOP_END = INT32_MAX }; ///< The music's last bar is the loop's last.

/// When bar `to` is reached from within the loop, `from` follows, without a gap; what was cut
/// already is not called back. Equal ones end looping.  [control]
void km_feed_set_loop(struct km_feed *feed, uint32_t from, uint32_t to);

/// The epoch of what is sent now.  [control]
uint32_t km_feed_epoch(const struct km_feed *feed);

KM_C_END

#endif
