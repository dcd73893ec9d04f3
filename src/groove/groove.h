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

KM_C_BEGIN

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
    double lean_ms;        ///< How late (early if negative) all is played, besides its deviation.
    double sway_ms;        ///< Odd bars lie so much later, even ones (the first) so much earlier.
    double swing;          ///< Least share of the style's swing, 0 to 1, whatever the complexity.
    uint8_t beats_per_bar; ///< Beats to a bar, for the place in the bar.
    uint8_t beat_unit;     ///< What a beat is: 4 (or 0) a quarter note, 8 an eighth, ...
    uint8_t style;         ///< enum km_groove_style
    bool allows_dropout;   ///< Only then may notes vanish: at complexity 1, of pitched notes 10 %,
                           ///< kick 4, snare 6, hi-hat 16, ride and percussion 14, tom 10, crash 2.
};

/// What a style does, for people to choose by.
struct km_groove_facts {
    const char *name;
    const char *summary;    ///< A few words, without a full stop.
    double deviation_ms;    ///< Standard deviation of timing at complexity .5, before the limit of
                            ///< 25 ms takes up to 3 ms off the widest styles.
    double swing_ratio;     ///< Long to short note of a pair; 1 is straight, 2 a triplet.
    uint8_t swung_per_beat; ///< Notes of which pairs swing: 2 eighths, 4 sixteenths; 0 none.
};

/// Names in the order of enum km_groove_style, ended by null.  [any]
const char *const *km_groove_style_names(void);

/// The facts of a style; what is none is the plain style.  [any]
struct km_groove_facts km_groove_style_facts(enum km_groove_style style);

/// Finds a style by name; the error lists what exists, nearest first.  [any]
KM_NODISCARD enum km_status km_groove_style_parse(const char *text, enum km_groove_style *style,
                                                  struct km_error *error);

/// Moves notes off the grid and shapes their velocities, in place, at 120 BPM and KM_PPQ, in 4/4
/// and the plain style.  [any] As km_groove_apply_with; all events remain.
KM_RT void km_groove_apply(struct km_event *events, size_t count, double complexity,
                           double vulnerability, uint64_t seed);

/// Moves notes off the grid and shapes their velocities, in place. Allocates nothing (about 40 KB
/// of stack); needs about 12 ns an event. Returns the number of events left, which is less than
/// `count` only if dropout is allowed.  [any]
///
/// Each note's deviation is taken from its own written tick, in milliseconds, and never added up;
/// it stays within 25 ms, and simultaneous voices within 17 ms and a tick of each other. Swing
/// comes on top: it is a place, not a deviation. The same seed always gives the same result, and a
/// note's deviation depends on nothing but seed, tick, channel and key, so parts may be moved one
/// by one.
/// - Complexity 0 leaves timing and accents as written. Swing, offsets and accents of the style,
///   lean and sway grow from 0 to what they are at complexity .25. Lean and sway count among what
///   is held within 25 ms.
/// - Vulnerability .5 leaves the level; 1 is softer by a fifth, 0 louder by a tenth. Velocities
///   scatter by complexity and vulnerability, and stay within 1 to 127.
/// - A note-off moves with its note-on (but swings by its own place, so legato stays), comes at
/// least a tick after it, and not after the next
///   note-on of its key. A note-on of velocity 0 becomes the note-off that it is. No note moves
///   before tick 0, before a program change, mode message or SysEx that stands at or before it, or
///   past END_OF_TRACK if that is the last event. (A last note without length may push END_OF_TRACK
///   by a tick.)
/// - All other events stay. TEMPO and TIME_SIGNATURE events are followed from their ticks on: the
///   groove's own tempo and metre are for what comes before them.
/// - The result is sorted by km_event_is_before, and equal events keep their order. Events that do
///   not ascend in ticks are sorted first.
///
/// Complexity and vulnerability are held to 0 to 1 (NaN: 0), the tempo to 10 to 1,000 (NaN: 120);
/// an unknown style is the plain one, 0 beats are 4. Ticks are below 2^58, `count` below 2^32 - 1,
/// ppq is not 0.
KM_RT size_t km_groove_apply_with(struct km_event *events, size_t count,
                                  const struct km_groove *groove);

KM_C_END

#endif
