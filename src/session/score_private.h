// SPDX-License-Identifier: MIT

/// The song while it is written: notes by part, before groove and MIDI; for the session module
/// alone.
#ifndef KM_SESSION_SCORE_PRIVATE_H
#define KM_SESSION_SCORE_PRIVATE_H

#include "base/random.h"
#include "base/status.h"
#include "session/genre_private.h"
#include "session/instruments_private.h"
#include "session/plan.h"
#include "session/planner_private.h"
#include "session/song.h"
#include "theory/voicing.h"

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

/// A controller or another instrument, from a tick on.
struct km_score_control {
    uint32_t tick;
    uint8_t type; ///< KM_EVENT_CONTROL or KM_EVENT_PROGRAM
    uint8_t number;
    uint8_t value;
};

struct km_control_list {
    struct km_score_control *controls;
    size_t count;
    size_t capacity;
};

/// Controllers that parts use (MIDI 1.0).
enum km_controller {
    KM_CONTROL_VOLUME = 7,
    KM_CONTROL_PAN = 10,
    KM_CONTROL_EXPRESSION = 11,
    KM_CONTROL_SUSTAIN = 64,
    KM_CONTROL_REVERB = 91,
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
    uint8_t bass_keys[KM_PLAN_CHORDS_MAX];    ///< Below the voices of each chord.
    struct km_voicing voicings[KM_PLAN_CHORDS_MAX]; ///< One for each chord of the plan.
    struct km_key_range ranges[KM_PARTS_COUNT];     ///< Of each part's instrument.
    struct km_note_list parts[KM_PARTS_COUNT];
    struct km_control_list controls[KM_PARTS_COUNT];
    enum km_status status; ///< Of the first refusal of memory; later notes are not kept.
};

/// Prepares a score for a plan, which must outlive it.  [any]
void km_score_init(struct km_score *score, const struct km_harmony_plan *plan,
                   struct km_heap *heap);

/// Frees the notes.  [any]
void km_score_release(struct km_score *score);

/// Adds a note: held within the song, out of silences, displaced if the rule says so, and octaves
/// away where the instrument has no such key. What has nothing left is not added.  [any]
void km_score_add(struct km_score *score, enum km_part part, struct km_score_note note);

/// Sets a controller of a part's channel from a tick on; after the song's end it is left out. [any]
void km_score_control(struct km_score *score, enum km_part part, uint32_t tick,
                      enum km_controller number, uint8_t value);

/// Lets the part's expression rise and fall with the tension, from a bar to another.  [any]
void km_score_swell(struct km_score *score, enum km_part part, int first_bar, int end_bar);

/// Gives the part another instrument from a tick on; its keys stay those of the plan's.  [any]
void km_score_change_program(struct km_score *score, enum km_part part, uint32_t tick,
                             uint8_t program);

/// Where what sounds at a tick of the song must end at the latest: at the next silence, or with the
/// song.  [any]
uint32_t km_score_sound_end(const struct km_score *score, uint32_t tick);

/// Where what is struck at a tick may begin: human timing does not reach into the silence before.
/// [any]
uint32_t km_score_sound_start(const struct km_score *score, uint32_t tick);

/// Velocity of a bar's tension plus an accent, before the part's own offset.  [any]
uint8_t km_score_velocity(const struct km_score *score, int bar, int accent);

/// The section that a bar belongs to.  [any]
const struct km_plan_section *km_score_section(const struct km_score *score, int bar);

/// Index of the chord that sounds at a tick of the song.  [any]
int km_score_chord_at(const struct km_score *score, uint32_t tick);

/// The sounding length of a written one, by the plan's articulation.  [any]
uint32_t km_score_sounding(const struct km_score *score, uint32_t written);

/// A stream of the plan's seed for one part, in its variation, of one kind of section.  [any]
struct km_random km_score_stream(const struct km_score *score, enum km_part part, uint8_t kind);

/// The same for what a part does in the whole song: its "groove", its "pattern".  [any]
struct km_random km_score_part_stream(const struct km_score *score, enum km_part part,
                                      const char *what);

/// The voices of the chord of an index: the same for all parts and variations, so that parts may
/// agree without hearing each other.  [any]
const struct km_voicing *km_score_voicing(const struct km_score *score, int chord);

/// The key of the bass line where the chord of an index begins: chord.bass in the octave that makes
/// the best line of the whole song, within the bass instrument's range, led once for all parts. The
/// voices are led above it. 0 where no chord sounds (N.C.).  [any]
uint8_t km_score_bass_key(const struct km_score *score, int chord);

/// Leads the bass line through all chords of the plan; before the voices.  [any]
void km_score_lead_bass(struct km_score *score);

/// Leads the voices through all chords of the plan.  [any]
void km_score_lead_voices(struct km_score *score);

/// The parts; each is written from the plan and the voicings alone, never from another's notes.
/// [any]
void km_score_write_melody(struct km_score *score);
void km_score_write_counter(struct km_score *score);
void km_score_write_chords(struct km_score *score);
void km_score_write_pad(struct km_score *score);
void km_score_write_bass(struct km_score *score);
void km_score_write_drums(struct km_score *score);

/// The hands of a solo piano, instead of a band's melody and chords.  [any]
void km_score_write_right_hand(struct km_score *score);
void km_score_write_left_hand(struct km_score *score);

/// The voices of a string quartet, instead of a band's melody, counter-melody, pad and bass.  [any]
void km_score_write_first_violin(struct km_score *score);
void km_score_write_second_violin(struct km_score *score);
void km_score_write_viola(struct km_score *score);
void km_score_write_cello(struct km_score *score);

/// Adds a note to a list of the score as it is; refused memory is told by the score's status. [any]
void km_score_keep(struct km_score *score, struct km_note_list *list,
                   const struct km_score_note *note);

/// Takes a list's notes in the place of a part's; the list is empty then.  [any]
void km_score_adopt(struct km_score *score, enum km_part part, struct km_note_list *list);

/// Puts the melody into another key where the plan says so.  [any]
void km_score_stack_keys(struct km_score *score);

/// Lets the accompaniment tap another beat where the plan says so.  [any]
void km_score_modulate_metre(struct km_score *score);

/// Puts the plan's lyrics under the notes of the melody's finished track, which is sorted then no
/// longer.  [any]
KM_NODISCARD enum km_status km_score_set_lyrics(const struct km_score *score,
                                                struct km_midi_file *file, size_t track);

/// Takes the accompaniment out of some pulses where it begins something, in every fourth bar at
/// least; to be called when all parts are written.  [any]
void km_score_drop_beats(struct km_score *score);

#endif
