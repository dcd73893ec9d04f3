// SPDX-License-Identifier: MIT

/// Sends bars that somebody makes while they play: a live composer's.
#ifndef KM_ENGINE_BAR_FEED_H
#define KM_ENGINE_BAR_FEED_H

#include "base/attributes.h"
#include "base/status.h"
#include "midi/event.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

KM_C_BEGIN

struct km_bar_feed;
struct km_engine;
struct km_heap;
struct km_instruments;

/// A bar; fields of the same name are those of km_chunk.
struct km_bar {
    uint32_t epoch;
    uint32_t bar;
    bool jumps;
    bool resets;
    bool ends_music;
    uint64_t start_tick;
    uint64_t end_tick;
    double start_seconds;
    uint32_t division;
    uint32_t tempo;
    uint16_t beats_per_bar;
    uint16_t section;
    uint32_t chord;
    const struct km_event *events; ///< By ascending ticks, from start_tick to end_tick.
    size_t event_count;
};

enum { KM_BAR_EVENTS_MAX = 1 << 15 };

/// On the heap's working account; null if it refuses. Begins a song of the instruments. [control]
KM_NODISCARD struct km_bar_feed *km_bar_feed_new(struct km_heap *heap, struct km_engine *engine,
                                                 struct km_instruments *instruments);

/// Null does nothing.  [control]
void km_bar_feed_free(struct km_bar_feed *feed);

/// Loads the instruments of the bar's notes, and sends it, in as many chunks as it takes.
/// `is_sent` false: nothing was sent, for chunks or instruments are on their way; call again later.
/// More than KM_BAR_EVENTS_MAX events, or more than the engine's chunks hold, are
/// KM_ERROR_TOO_LARGE. Texts and signatures are left out.  [control]
KM_NODISCARD enum km_status km_bar_feed_send(struct km_bar_feed *feed, const struct km_bar *bar,
                                             bool *is_sent, struct km_error *error);

KM_C_END

#endif
