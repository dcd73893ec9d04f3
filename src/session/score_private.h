// SPDX-License-Identifier: MIT

/// The song while it is written: notes by part, before groove and MIDI; for the session module
/// alone.
#ifndef KM_SESSION_SCORE_PRIVATE_H
#define KM_SESSION_SCORE_PRIVATE_H

#include "base/random.h"
#include "base/status.h"
#include "session/genre_private.h"
#include "session/plan.h"
#include "session/planner_private.h"
#include "session/song.h"

#include <stddef.h>
#include <stdint.h>

struct km_heap;

enum {
    KM_SIXTEENTH = 120, ///< Ticks: the finest grid that is written.
    KM_EIGHTH = 240,
    KM_PULSES_MAX = 16,
};

struct km_score_note {
    uint32_t start;
    uint32_t duration;
    uint8_t key;
    uint8_t velocity;
};

struct km_note_list {
    struct km_score_note *notes;
    size_t count;
    size_t capacity;
};

struct km_score {
    const struct km_harmony_plan *plan;
    const struct km_genre_traits *traits;
    struct km_heap *heap;
    uint32_t bar_ticks;
    uint32_t length;                          ///< Ticks of the song.
    uint32_t pulse_starts[KM_PULSES_MAX + 1]; ///< What one taps to, in ticks of the bar; then the
                                              ///< bar's end.
    int pulse_count;
    int peak_bar;                             ///< Where tension is highest while the voice sings.
    uint8_t section_of_bar[KM_PLAN_BARS_MAX]; ///< Index of the plan's section.
    int velocity_offsets[KM_PARTS_COUNT];
    struct km_note_list parts[KM_PARTS_COUNT];
    enum km_status status; ///< Of the first refusal of memory; later notes are not kept.
};

/// Prepares a score for a plan, which must outlive it.  [any]
void km_score_init(struct km_score *score, const struct km_harmony_plan *plan,
                   struct km_heap *heap);

/// Frees the notes.  [any]
void km_score_release(struct km_score *score);

/// Adds a note: held within the song, in range, displaced if the rule says so. What has nothing
/// left is not added.  [any]
void km_score_add(struct km_score *score, enum km_part part, struct km_score_note note);

/// Velocity of a bar's tension plus an accent, before the part's own offset.  [any]
uint8_t km_score_velocity(const struct km_score *score, int bar, int accent);

/// The section that a bar belongs to.  [any]
const struct km_plan_section *km_score_section(const struct km_score *score, int bar);

/// Index of the chord that sounds at a tick of the song.  [any]
int km_score_chord_at(const struct km_score *score, uint32_t tick);

/// The sounding length of a written one, by the plan's articulation.  [any]
uint32_t km_score_sounding(const struct km_score *score, uint32_t written);

/// A stream of the plan's seed for one part of one kind of section.  [any]
struct km_random km_score_stream(const struct km_score *score, const char *part, uint8_t kind);

/// Whether there are drums at all: not in very quiet songs.  [any]
bool km_score_has_drums(const struct km_score *score);

/// General MIDI program of a part, from 0.  [any]
uint8_t km_score_program(const struct km_score *score, enum km_part part);

/// The parts.  [any]
void km_score_write_melody(struct km_score *score);
void km_score_write_chords(struct km_score *score);
void km_score_write_bass(struct km_score *score);
void km_score_write_drums(struct km_score *score);

/// Takes the accompaniment out of some pulses where it begins something, in every fourth bar at
/// least; to be called when all parts are written.  [any]
void km_score_drop_beats(struct km_score *score);

#endif
