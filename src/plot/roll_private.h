// SPDX-License-Identifier: MIT

/// What the parts of the piano roll share: the song's measures and the picture's layout.
#ifndef KM_PLOT_ROLL_PRIVATE_H
#define KM_PLOT_ROLL_PRIVATE_H

#include "base/sink.h"
#include "midi/file.h"
#include "midi/notes.h"
#include "midi/tempo_map.h"
#include "session/journey.h"
#include "session/plan.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/// Colours of notes, from the back to the front.
enum km_roll_part {
    KM_ROLL_OTHER,
    KM_ROLL_PAD,
    KM_ROLL_CHORDS,
    KM_ROLL_BASS,
    KM_ROLL_COUNTER,
    KM_ROLL_MELODY,
    KM_ROLL_DRUMS,
    KM_ROLL_PARTS_COUNT
};

/// Lanes of the drum strip, from the top.
enum km_roll_lane {
    KM_ROLL_CYMBALS,
    KM_ROLL_HATS,
    KM_ROLL_TOMS,
    KM_ROLL_SNARE,
    KM_ROLL_KICK,
    KM_ROLL_PERCUSSION,
    KM_ROLL_LANES_COUNT
};

enum {
    KM_ROLL_WIDTH = 1200,
    KM_ROLL_LEFT = 84,
    KM_ROLL_RIGHT = 1176,
    KM_ROLL_METRES_MAX = 64, ///< Changes of metre that are drawn; later ones keep the last.
    KM_ROLL_BARS_MAX = 4096, ///< Bar lines that are drawn.
};

/// A time signature from a tick on.
struct km_roll_metre {
    uint64_t tick;
    uint64_t bar_ticks; ///< At least 1.
    unsigned int beats;
    unsigned int unit;
};

/// The song as the picture needs it.
struct km_roll {
    const struct km_midi_file *file;
    const struct km_harmony_plan *plan; ///< May be null.
    const struct km_journey *journey;   ///< May be null; where there is one, there is no plan.
    struct km_sink *sink;
    struct km_notes *tracks; ///< Of each track of the file.
    struct km_tempo_map tempo;
    uint64_t end_tick;                               ///< End of the last bar, at least 1.
    double plan_scale;                               ///< Ticks of the file for one of the plan.
    struct km_roll_metre metres[KM_ROLL_METRES_MAX]; ///< By ascending ticks, the first at 0.
    size_t metres_count;
    uint32_t bars_count;
    bool has_part[KM_ROLL_PARTS_COUNT];
    bool has_lane[KM_ROLL_LANES_COUNT];
    int key_low, key_high; ///< Of the roll's rows, both drawn.

    double row_height;
    double section_top; ///< Each panel's upper edge; equal to the next one's where it is left out.
    double chord_top, roll_top, drum_top, tension_top, tempo_top, axis_top;
    double height;
};

/// Where a tick of the file stands.  [any]
double km_roll_x(const struct km_roll *roll, uint64_t tick);

/// The part of a note's channel.  [any]
enum km_roll_part km_roll_part_of(unsigned int channel);

/// The lane of a key of the drum channel (General MIDI).  [any]
enum km_roll_lane km_roll_lane_of(unsigned int key);

/// The bar that follows the one beginning at `tick`: its first tick.  [any]
uint64_t km_roll_next_bar(const struct km_roll *roll, uint64_t tick);

/// The class of a part's colour.  [any]
const char *km_roll_part_style(enum km_roll_part part);

/// Shades of velocity: class "v0" is the softest.
enum { KM_ROLL_SHADES_COUNT = 4 };

/// Writes the style sheet: light colours, and dark ones for readers who prefer them.  [any]
void km_roll_write_style(struct km_sink *sink);

/// Draw one part of the picture each.  [any]
void km_roll_draw_head(const struct km_roll *roll, const char *title);
void km_roll_draw_frame(const struct km_roll *roll);
void km_roll_draw_stages(const struct km_roll *roll);
void km_roll_draw_sections(const struct km_roll *roll);
void km_roll_draw_chords(const struct km_roll *roll);
void km_roll_draw_notes(const struct km_roll *roll);
void km_roll_draw_drums(const struct km_roll *roll);
void km_roll_draw_tension(const struct km_roll *roll);
void km_roll_draw_tempo(const struct km_roll *roll);

#endif
