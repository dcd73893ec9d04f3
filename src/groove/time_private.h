// SPDX-License-Identifier: MIT

/// Ticks, seconds and bars of a piece.
#ifndef KM_GROOVE_TIME_PRIVATE_H
#define KM_GROOVE_TIME_PRIVATE_H

#include "base/attributes.h"
#include "midi/event.h"
#include "midi/tempo_map.h"

#include <stdbool.h>
#include <stdint.h>

/// Ticks per quarter note. SMPTE time has no beats and knows no tempo: 120 quarter notes a minute
/// are taken for it.  [any]
uint16_t km_groove_ppq(uint16_t division);

/// Seconds at a place between ticks.  [any]
double km_groove_seconds(const struct km_tempo_map *map, double ticks);

/// The place between ticks at `seconds`: km_groove_seconds the other way round.  [any]
double km_groove_ticks(const struct km_tempo_map *map, double seconds);

/// Counts bars along ascending ticks, from 0; each metre begins a new one.
struct km_groove_bars {
    uint64_t metre_tick; ///< Where the metre begins,
    uint64_t metre_bar;  ///< and which bar that is.
    uint64_t bar_ticks;
    uint16_t ppq;
    uint8_t numerator;
    uint8_t denominator_log2;
};

/// Starts at tick 0 in 4/4.  [any]
void km_groove_bars_init(struct km_groove_bars *bars, uint16_t ppq);

/// Follows a time signature at or after the last one; one that says nothing possible changes
/// nothing.  [any]
void km_groove_bars_follow(struct km_groove_bars *bars, const struct km_event *event);

struct km_groove_bar {
    uint64_t index;
    uint64_t tick; ///< Of its beginning.
};

/// The bar that a tick at or after the last metre's beginning lies in.  [any]
struct km_groove_bar km_groove_bars_at(const struct km_groove_bars *bars, uint64_t tick);

/// Whether beats are three eighths (or less) long: there swing has no pairs.  [any]
bool km_groove_bars_are_compound(const struct km_groove_bars *bars);

#endif
