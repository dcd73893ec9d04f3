// SPDX-License-Identifier: MIT

/// Human timing and touch for events on a grid.
#ifndef KM_GROOVE_GROOVE_H
#define KM_GROOVE_GROOVE_H

#include "base/attributes.h"
#include "base/status.h"
#include "midi/event.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/// Named styles; the first is none at all.
enum km_groove_style {
#define KM_GROOVE_STYLE(NAME, name, ...) KM_GROOVE_##NAME,
#include "groove/styles.def"
#undef KM_GROOVE_STYLE
    KM_GROOVE_STYLES_COUNT
};

/// How to apply a groove.
struct km_groove {
    double complexity;    ///< 0 (as written) to 1; .5 gives a timing SD of 8 to 16 ms.
    double vulnerability; ///< 0 (firm) to 1 (soft and uneven).
    uint64_t seed;
    double tempo_bpm;      ///< Of the events; deviations are meant in milliseconds.
    uint16_t ppq;          ///< Ticks per quarter note.
    uint8_t beats_per_bar; ///< Quarter notes (or beats) to a bar, for the place in the bar.
    uint8_t style;         ///< enum km_groove_style
    bool allows_dropout;   ///< Only then may notes vanish: see groove.c for how often.
};

/// Names in the order of enum km_groove_style.  [any]
const char *const *km_groove_style_names(void);

/// Finds a style by name; the error lists what exists, nearest first.  [any]
KM_NODISCARD enum km_status km_groove_style_parse(const char *text, enum km_groove_style *style,
                                                  struct km_error *error);

/// Moves notes off the grid and shapes their velocities, in place, at 120 BPM and KM_PPQ, in the
/// plain style. Allocates nothing; needs about 4 ns a note.  [any] Each note's deviation is taken
/// from its own place on the grid and never added up. A note-off moves with its note-on and stays
/// after it. Events other than notes stay. The result is sorted.
KM_RT void km_groove_apply(struct km_event *events, size_t count, double complexity,
                           double vulnerability, uint64_t seed);

/// As km_groove_apply with all settings. Returns the number of events left, which is less than
/// `count` only if dropout is allowed.  [any]
KM_RT size_t km_groove_apply_with(struct km_event *events, size_t count,
                                  const struct km_groove *groove);

#endif
