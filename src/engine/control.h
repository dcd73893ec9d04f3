// SPDX-License-Identifier: MIT

/// How Side B steers an engine while it plays: one control thread at a time. No call waits for the
/// audio thread.
#ifndef KM_ENGINE_CONTROL_H
#define KM_ENGINE_CONTROL_H

#include "base/attributes.h"
#include "base/status.h"
#include "engine/chunk.h"
#include "synth/master.h"

#include <stdbool.h>
#include <stdint.h>

KM_C_BEGIN

struct km_engine;
struct km_instrument;

#define KM_TEMPO_SCALE_MIN .25
#define KM_TEMPO_SCALE_MAX 4.0
#define KM_ENGINE_VOLUME_MAX ((double)KM_MASTER_GAIN_MAX)

enum km_transport {
    KM_TRANSPORT_STOPPED,
    KM_TRANSPORT_PLAYING,
    KM_TRANSPORT_PAUSED, ///< Frozen: on play, it goes on where it was, notes that sounded included.
    KM_TRANSPORT_ENDED,  ///< The music has ended and the last voice too.
};

/// A snapshot, published at the end of each process call.
struct km_engine_status {
    uint64_t frames; ///< Rendered since the start.
    uint64_t ended;  ///< How many they were when the music last ended: the same with any block.
    uint64_t tick;   ///< In the music.
    double seconds;  ///< In the music.
    uint32_t epoch, bar;
    uint16_t section;
    uint16_t beats_per_bar;
    uint32_t chord;
    uint32_t tempo; ///< Microseconds per quarter note, as played.
    enum km_transport transport;
    float peak_left, peak_right, reduction_db; ///< Since the last snapshot that was read.
    uint32_t chunks_waiting;
    uint32_t voices;
    uint32_t reserved;
    struct km_synth_counters synth;
    uint64_t blocks;      ///< Calls of km_engine_process.
    uint64_t starvations; ///< Bar lines at which nothing was there to play.
    uint64_t events_late; ///< Put off to a later quantum, because too many fell in one.
    uint64_t live_events_lost;
    uint64_t instruments_refused; ///< More pairs than KM_SYNTH_PROGRAMS_MAX.
    uint64_t commands;            ///< Taken from the command ring.
    uint64_t guard_events;        ///< What the guard counted, if one watches.
};

/// An empty chunk, zeroed but for its events, or null while all are on their way.  [control]
struct km_chunk *km_engine_chunk_take(struct km_engine *engine);

/// Hands a chunk over; always succeeds, for the ring has room for all chunks.  [control]
void km_engine_chunk_send(struct km_engine *engine, struct km_chunk *chunk);

/// Gives back a chunk that was taken and is not needed.  [control]
void km_engine_chunk_give(struct km_engine *engine, struct km_chunk *chunk);

/// Number of chunks of the engine, those on their way included.  [control]
uint32_t km_engine_chunks(const struct km_engine *engine);

/// Number of chunks that km_engine_chunk_take could hand out now.  [control]
uint32_t km_engine_chunks_free(struct km_engine *engine);

/// The bank and program stand for this instrument, in the order of chunks and calls. False: too
/// much is on its way, call again later.  [control]
KM_NODISCARD bool km_engine_set_instrument(struct km_engine *engine, uint16_t bank, uint8_t program,
                                           const struct km_instrument *instrument);

/// Asks for an instrument to be given back, once nothing sounds with it: km_engine_collect
/// then hands it out. Entries that stand for it are removed.  [control]
KM_NODISCARD bool km_engine_retire_instrument(struct km_engine *engine,
                                              const struct km_instrument *instrument);

/// What the audio thread says.
enum km_notice_kind {
    KM_NOTICE_INSTRUMENT_FREE,    ///< `instrument`: nobody plays it any more; release it.
    KM_NOTICE_INSTRUMENT_MISSING, ///< bank, program: a note was played on a pair without one.
};

struct km_notice {
    enum km_notice_kind kind;
    uint16_t bank;
    uint8_t program;
    const struct km_instrument *instrument;
};

/// Takes in what came back: chunks become free again by themselves; the next notice, if there is
/// one, is set. Call it until it returns false, often.  [control]
bool km_engine_collect(struct km_engine *engine, struct km_notice *notice);

/// Transport. Each is ramped within one quantum: no click, no stuck note. False: call again.
/// [control]
KM_NODISCARD bool km_engine_play(struct km_engine *engine);
KM_NODISCARD bool km_engine_pause(struct km_engine *engine);
KM_NODISCARD bool km_engine_stop(struct km_engine *engine); ///< Returns all chunks; tails are cut.

/// Goes over to `epoch` at once: all chunks of older epochs are returned, what sounds fades within
/// one quantum, and the first chunk of the epoch that jumps is played as soon as it is there.
/// [control]
KM_NODISCARD bool km_engine_jump(struct km_engine *engine, uint32_t epoch);

/// At once.  [control]
KM_NODISCARD bool km_engine_set_volume(struct km_engine *engine, float gain);

/// From the next bar line on (at once, if nothing plays).  [control]
KM_NODISCARD bool km_engine_set_mutes(struct km_engine *engine, uint32_t channels);
KM_NODISCARD bool km_engine_set_tempo_scale(struct km_engine *engine, float scale); ///< .25 to 4
KM_NODISCARD bool km_engine_set_production(struct km_engine *engine,
                                           const struct km_production *production,
                                           float pitch_drift_cents);

/// The newest snapshot.  [control]
struct km_engine_status km_engine_status(struct km_engine *engine);

KM_C_END

#endif
