// SPDX-License-Identifier: MIT

/// A piece of music on its way to Side A: the events of a bar, or of a part of one, in ticks.
///
/// Side B takes an empty chunk, fills it, sends it, and does not touch it again until it comes back
/// on the return ring. Chunks of one epoch are played one after the other, without a gap. At the
/// end of a bar Side A goes over to the newest epoch that has, at its head, the bar that comes
/// next, or a bar that says `jumps`; what older epochs still hold is returned. So a change acts at
/// the next bar although several bars are queued. Bars of a newer epoch whose time is past are
/// returned, so that an epoch that comes late takes over at the first bar that is still to come;
/// so are pieces of bars that did not begin. If nothing was played yet, the lowest bar that waits
/// comes first. Notes and pedals that an epoch holds when it leaves are let go.
#ifndef KM_ENGINE_CHUNK_H
#define KM_ENGINE_CHUNK_H

#include "base/attributes.h"
#include "midi/event.h"

#include <stdbool.h>
#include <stdint.h>

KM_C_BEGIN

enum {
    KM_CHUNK_EVENTS_MAX = 500,
    KM_CHUNKS_MAX = 4096, ///< Of an engine.
};

struct km_chunk {
    uint32_t epoch;       ///< Newer is higher.
    uint32_t bar;         ///< Number of the bar within its music, from 0.
    bool begins_bar;      ///< It is a bar's first chunk.
    bool ends_bar;        ///< It is a bar's last chunk: here another epoch may take over.
    bool jumps;           ///< Of a bar's first chunk: may follow any bar (another song, a seek).
    bool ends_music;      ///< Nothing follows in this epoch: after it the engine has ended.
    bool resets;          ///< Before its first event channels are reset (another song, a seek).
    uint64_t start_tick;  ///< In the music; events' ticks are from start_tick to end_tick.
    uint64_t end_tick;    ///< At or after start_tick.
    double start_seconds; ///< In the music, for display.
    uint32_t division;    ///< Ticks per quarter note (of SMPTE time: per second, with a tempo of
                          ///< 1,000,000), 1 to 2^20.
    uint32_t tempo;       ///< Microseconds per quarter note at start_tick.
    uint16_t beats_per_bar;
    uint16_t section;     ///< Meaning is Side B's; comes back in the status while this chunk plays.
    uint32_t chord;       ///< As `section`.
    uint32_t event_count; ///< Up to KM_CHUNK_EVENTS_MAX
    struct km_event events[KM_CHUNK_EVENTS_MAX]; ///< By ascending ticks. KM_EVENT_SYSEX as
                                                 ///< km_synth_sysex makes it; KM_EVENT_TEMPO counts
                                                 ///< from its tick on; no other payload events.
};

KM_C_END

#endif
