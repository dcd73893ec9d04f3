// SPDX-License-Identifier: MIT

/// All that an engine is: one struct, first of its arena, with a part for each thread.
///
/// The audio thread's part is split by who works on it: `queue` (chunks that wait), `sequencer`
/// (the chunk that plays), `orders` (instruments), `live` (MIDI played along), `output` (quanta
/// cut to blocks), and what transport says. Only the rings and the snapshot are shared.
#ifndef KM_ENGINE_ENGINE_PRIVATE_H
#define KM_ENGINE_ENGINE_PRIVATE_H

#include "base/attributes.h"
#include "engine/clock_private.h"
#include "engine/control.h"
#include "engine/setup.h"
#include "rt/arena.h"
#include "rt/block.h"
#include "rt/guard.h"
#include "rt/ring.h"
#include "synth/master.h"
#include "synth/synth.h"

#include <stdalign.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct km_heap;
struct km_latest;

enum {
    /// Commands that can be on their way besides all chunks.
    KM_ENGINE_COMMANDS_MAX = 1024,
    /// What is taken from the ring before each quantum; the rest waits for the next.
    KM_ENGINE_MESSAGES_A_QUANTUM = 128,
    /// Events, and chunks, that are played in one quantum; the rest is put off to the next.
    KM_ENGINE_EVENTS_A_QUANTUM = 2048,
    /// Epochs of which chunks can wait at one time; of more, the oldest is returned.
    KM_ENGINE_EPOCHS_MAX = 64,
    KM_ENGINE_ORDERS_MAX = 512,   ///< Changes of instruments that wait for their chunk.
    KM_ENGINE_RETIRING_MAX = 512, ///< Instruments that are being given back.
    KM_ENGINE_MISSING_MAX = 64,   ///< Notices of missing instruments that nobody fetched yet.
    KM_ENGINE_SLOT_NONE = KM_CHUNKS_MAX,
};

// Bounds of a music's end, in seconds.
#define KM_ENGINE_VOICES_SECONDS_MAX 30U ///< After that, what still sounds fades.
#define KM_ENGINE_TAIL_SECONDS_MAX 10U   ///< After that, it has ended though it is not silent.
#define KM_ENGINE_NOISE_SECONDS 3U       ///< Room noise never ends: this is its tail.
#define KM_ENGINE_QUIET_LEVEL 1e-5f      ///< -100 dB: nobody hears it.
#define KM_ENGINE_QUIET_PART 5U          ///< A tail is over after a fifth of a second below it.

enum km_message_kind {
    KM_MESSAGE_CHUNK,
    KM_MESSAGE_SET_INSTRUMENT,
    KM_MESSAGE_RETIRE,
    KM_MESSAGE_PLAY,
    KM_MESSAGE_PAUSE,
    KM_MESSAGE_STOP,
    KM_MESSAGE_JUMP,
    KM_MESSAGE_VOLUME,
    KM_MESSAGE_MUTES,
    KM_MESSAGE_TEMPO_SCALE,
    KM_MESSAGE_PRODUCTION,
};

/// From the control thread to the audio thread.
struct km_message {
    uint32_t kind;   ///< enum km_message_kind
    uint32_t number; ///< Chunk, epoch, channels; bank << 8 | program.
    union {
        const struct km_instrument *instrument;
        float value;
        struct {
            struct km_production production;
            float drift_cents;
        } sound;
    } as;
};

_Static_assert(sizeof(struct km_message) == 32, "messages lie whole in the ring");

/// A chunk's place in the queue of its epoch.
struct km_slot {
    uint64_t number; ///< Of its arrival, from 1.
    uint32_t next;   ///< Slot, or KM_ENGINE_SLOT_NONE.
};

/// The chunks of one epoch that wait.
struct km_epoch_queue {
    uint32_t epoch;
    uint32_t head, tail; ///< Slots; there is always one at least.
};

/// Slots and chunks have the same numbers.
struct km_chunk_queue {
    struct km_slot *slots;
    struct km_epoch_queue epochs[KM_ENGINE_EPOCHS_MAX]; ///< By ascending epochs.
    uint32_t epoch_count;
    uint32_t waiting;     ///< Chunks.
    uint64_t arrivals;    ///< Chunks that ever came.
    uint64_t epoch_least; ///< Chunks of older epochs are returned when they come.
};

enum km_phase {
    KM_PHASE_STOPPED,
    KM_PHASE_PLAYING,
    KM_PHASE_ENDING, ///< The music is over; what sounds fades away.
    KM_PHASE_ENDED,
};

struct km_sequencer {
    uint32_t playing;      ///< Slot of the chunk that plays, or KM_ENGINE_SLOT_NONE.
    uint32_t event;        ///< Its next event.
    bool is_fresh;         ///< Nothing was played yet: any bar may begin.
    bool is_within_bar;    ///< The last chunk did not end its bar.
    bool is_starving;      ///< Told already.
    uint32_t epoch;        ///< Of the chunk that plays, or was played last.
    uint64_t bar_next;     ///< What follows it.
    double tempo;          ///< Microseconds per quarter note.
    float tempo_scale;     ///< In force.
    struct km_clock clock; ///< Its frames are those of the quanta that were rendered.
    uint32_t budget;       ///< Events that this quantum may still play.
    uint32_t offset_least; ///< Where the last event of this quantum stood.
    uint64_t keys_down[KM_CHANNELS_COUNT][2]; ///< That chunks pressed, not live players.
    uint8_t pedals_down[KM_CHANNELS_COUNT];   ///< Likewise; bits in the order of held_pedals.
    /// Of the chunk that plays, or was played last: for the status.
    uint64_t tick_end;
    uint32_t bar;
    uint32_t chord;
    uint16_t section;
    uint16_t beats_per_bar;
};

/// What stands for a bank and program.
struct km_entry {
    uint32_t pair; ///< bank << 8 | program
    const struct km_instrument *instrument;
};

/// A change of instruments that waits until the chunks before it have been played.
struct km_order {
    uint64_t after; ///< Number of the last chunk that came before it.
    uint32_t pair;
    bool is_retirement;
    const struct km_instrument *instrument;
};

struct km_orders {
    struct km_entry entries[KM_SYNTH_PROGRAMS_MAX];
    uint32_t entry_count;
    struct km_order waiting[KM_ENGINE_ORDERS_MAX]; ///< A ring.
    uint32_t first, count;
    const struct km_instrument *retiring[KM_ENGINE_RETIRING_MAX];
    uint32_t retiring_count;
    uint32_t retiring_looked_at; ///< One of them each quantum, in turn.
    uint64_t refused;
};

/// A live event that waits for its quantum.
struct km_live_event_at {
    uint64_t frame; ///< Of the stream.
    struct km_event event;
};

struct km_live {
    struct km_live_event_at waiting[KM_LIVE_EVENTS_MAX]; ///< By ascending frames.
    uint32_t first, count;                               ///< A ring.
    uint8_t running_status;
    uint64_t lost;
};

/// What acts at the next bar line.
struct km_wishes {
    bool has_mutes, has_tempo_scale, has_production;
    uint32_t mutes;
    float tempo_scale;
    struct km_production production;
    float drift_cents;
};

struct km_output {
    alignas(64) float left[KM_QUANTUM_FRAMES];
    alignas(64) float right[KM_QUANTUM_FRAMES];
    uint32_t used;   ///< Frames of the quantum that have gone out.
    uint64_t frames; ///< Made since the start, a multiple of KM_QUANTUM_FRAMES.
    bool is_open;    ///< The last quantum ended at full level, not silent.
};

struct km_transport_state {
    enum km_phase phase;
    bool is_paused;
    bool is_stopping;     ///< The next quantum fades out and is the last of its sound.
    bool has_room_noise;  ///< So the output never becomes silent.
    uint64_t ended;       ///< Of the output's frames, with how many the last end was reached.
    uint64_t end_frames;  ///< Since the music's end.
    uint64_t tail_frames; ///< Since the last voice's end.
    uint64_t quiet_frames;
    uint64_t rendered; ///< The clock's frames: those made while not paused.
};

struct km_counts {
    uint64_t blocks;
    uint64_t starvations;
    uint64_t events_late;
    uint64_t commands;
};

/// What only the control thread touches.
struct km_engine_control {
    uint32_t *free_chunks; ///< A stack of numbers.
    bool *is_taken;        ///< Of each chunk: the caller has it now.
    uint32_t free_count;
    uint32_t retiring;     ///< Instruments asked for that have not come back.
    uint64_t guard_events; ///< What the guard had counted before this engine was.
};

struct km_engine {
    // Written at setup, read by all.
    struct km_heap *heap;
    struct km_arena arena;
    struct km_engine_memory memory;
    struct km_guard guard;
    uint32_t rate_hz;
    uint32_t chunk_count;
    struct km_chunk *chunks;
    void *pool;
    struct km_ring *messages; ///< struct km_message, to the audio thread.
    struct km_ring *returned; ///< uint32_t, numbers of chunks, to the control thread.
    struct km_ring *notices;  ///< struct km_notice, to the control thread.
    struct km_latest *latest; ///< struct km_engine_status

    // The control thread's.
    alignas(KM_RING_APART) struct km_engine_control control;

    // The audio thread's.
    alignas(KM_RING_APART) struct km_synth *synth;
    struct km_master *master;
    struct km_transport_state transport;
    struct km_sequencer sequencer;
    struct km_chunk_queue queue;
    struct km_counts counts;
    struct km_wishes wishes;
    struct km_master_meter meter;
    struct km_output output;
    struct km_orders orders;
    struct km_live live;
    struct km_synth_buses buses;
};

/// Sets up what is not zero at the start.  [setup]
void km_sequencer_init(struct km_engine *engine);

/// Takes messages from the ring.  [audio]
KM_RT void km_engine_receive(struct km_engine *engine);

/// A chunk has come; it goes to its epoch's queue, or straight back.  [audio]
KM_RT void km_queue_add(struct km_engine *engine, uint32_t slot);

/// Sends a chunk back to the control thread.  [audio]
KM_RT void km_queue_return(struct km_engine *engine, uint32_t slot);

/// Takes away the first chunk of an epoch's queue, which may vanish by that.  [audio]
KM_RT uint32_t km_queue_take(struct km_engine *engine, uint32_t index);

/// Returns all chunks of epochs below this one, and those that come later.  [audio]
KM_RT void km_queue_drop(struct km_engine *engine, uint64_t epoch);

/// The number of the oldest chunk that plays or waits; UINT64_MAX if there is none.  [audio]
KM_RT uint64_t km_queue_oldest(const struct km_engine *engine);

/// Plays chunks up to, but without, a frame of the quantum that begins at transport.rendered.
/// [audio]
KM_RT void km_sequencer_run(struct km_engine *engine, uint64_t frame_end);

/// Returns what plays and all that waits of older epochs; what comes next may be any bar of this
/// epoch or a newer one. Keys and pedals are let go.  [audio]
KM_RT void km_sequencer_leave(struct km_engine *engine, uint64_t epoch);

/// Whether a bar is being played.  [audio]
KM_RT static inline bool km_sequencer_is_busy(const struct km_engine *engine)
{
    return engine->sequencer.playing != KM_ENGINE_SLOT_NONE;
}

/// What was wished for acts now.  [audio]
KM_RT void km_wishes_grant(struct km_engine *engine);

/// The instrument stands for the pair, or leaves, in its turn.  [audio]
KM_RT void km_orders_add(struct km_engine *engine, const struct km_order *order);

/// Whether km_orders_add may be called.  [audio]
KM_RT bool km_orders_has_room(const struct km_engine *engine);

/// Does what comes before the chunk of this number.  [audio]
KM_RT void km_orders_carry_out(struct km_engine *engine, uint64_t number);

/// Looks which instruments are free, and which are missing. Once a quantum.  [audio]
KM_RT void km_orders_tell(struct km_engine *engine);

/// Transport commands.  [audio]
KM_RT void km_transport_play(struct km_engine *engine);
KM_RT void km_transport_pause(struct km_engine *engine);
KM_RT void km_transport_stop(struct km_engine *engine);
KM_RT void km_transport_jump(struct km_engine *engine, uint32_t epoch);

/// The last chunk of the music has been played.  [audio]
KM_RT void km_transport_end_music(struct km_engine *engine);

/// Looks at the quantum that was rendered: has all died away?  [audio]
KM_RT void km_transport_listen(struct km_engine *engine);

/// As the status shows it.  [audio]
KM_RT enum km_transport km_transport_shown(const struct km_engine *engine);

/// Takes in a block's live events; its first frame is `frame` of the stream.  [audio]
KM_RT void km_live_receive(struct km_engine *engine, const struct km_audio_block *block,
                           uint64_t frame);

/// The next live event that belongs before `frame_end` of the stream, or null; it is taken.
/// [audio]
KM_RT const struct km_live_event_at *km_live_take(struct km_engine *engine, uint64_t frame_end);

/// Publishes the snapshot.  [audio]
KM_RT void km_engine_publish(struct km_engine *engine);

#endif
