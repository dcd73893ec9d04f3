// SPDX-License-Identifier: MIT

/// A melody on its way: first the rhythm and contour of each phrase, then its keys; for the session
/// module alone.
#ifndef KM_SESSION_MELODY_PRIVATE_H
#define KM_SESSION_MELODY_PRIVATE_H

#include "session/motif_private.h"
#include "session/score_private.h"
#include "theory/scale.h"

#include <stdbool.h>
#include <stdint.h>

enum {
    KM_TUNE_NOTES_MAX = 192,
    KM_TUNE_SCHEME_BARS = 3, ///< Bars before the one that ends a phrase.
    KM_TARGET_UNITS = 4,     ///< Targets count quarters of a semitone.
};

/// How a phrase is made of its section's motifs.
struct km_phrase_scheme {
    const char *bars; ///< A letter for each bar but the last: see melody_material.c.
    int8_t levels[KM_TUNE_SCHEME_BARS]; ///< Scale steps by which each bar is moved.
};

/// What sections of one kind sing.
struct km_tune_material {
    struct km_motif idea, other;               ///< Basic idea and contrast.
    struct km_motif idea_varied, other_varied; ///< The same with other ends.
    struct km_phrase_scheme schemes[2];        ///< Of phrases "a", and of all others.
    uint32_t pickup_ticks; ///< What sounds before a phrase's first bar; 0: nothing.
    uint8_t pickup_notes;
    bool rests_early; ///< Phrases end in one long note, without a way into it.
};

/// Where a note stands in its bar.
enum km_weight { KM_WEIGHT_OFF, KM_WEIGHT_PULSE, KM_WEIGHT_STRONG, KM_WEIGHT_DOWNBEAT };

struct km_tune_note {
    uint32_t start;    ///< Ticks of the song.
    uint32_t duration; ///< As written.
    int16_t target;    ///< Where its key should be near.
    uint8_t weight;    ///< enum km_weight
    bool is_join;      ///< After a rest: the contour begins anew.
    bool is_recalled;  ///< The target is a key that was sung here before.
};

/// A phrase.
struct km_tune {
    int count;
    int climax;         ///< Index of the song's highest note, or -1.
    int floor, ceiling; ///< Keys; the climax alone is over the ceiling.
    int climax_key;
    km_pitch_set rest; ///< Pitch classes for the last note.
    struct km_tune_note notes[KM_TUNE_NOTES_MAX];
};

/// Where a phrase stands.
struct km_phrase_place {
    int index;            ///< Of the plan's phrases.
    uint8_t kind;         ///< enum km_section_kind
    uint8_t ordinal;      ///< In its section, from 0.
    uint8_t same_before;  ///< Phrases of its section before it with the same material.
    uint8_t returns;      ///< Earlier sections of its kind.
    bool is_last_return;  ///< A chorus that came before and does not come again.
    bool has_peak;        ///< The highest tension lies here: the voice must sing.
    uint32_t next_pickup; ///< Ticks before its end in which the next phrase begins.
    uint32_t pickup;      ///< Ticks before its beginning in which it begins itself.
};

/// Whose motifs a kind of section sings.  [any]
uint8_t km_melody_material(uint8_t kind);

/// Invents what a kind of section sings.  [any]
void km_tune_material_invent(const struct km_score *score, uint8_t kind,
                             struct km_tune_material *material);

/// What stands in a bar of a scheme, by its letter: as long as the bar, or less.  [any]
struct km_motif km_tune_bar(const struct km_score *score, const struct km_tune_material *material,
                            char letter);

/// The scheme that a phrase follows: its material's, or what its kind of section makes of that.
/// [any]
struct km_phrase_scheme km_tune_scheme(const struct km_score *score,
                                       const struct km_tune_material *material,
                                       const struct km_phrase_place *place);

/// The middle of a bar, in its ticks: where its second half begins.  [any]
uint32_t km_tune_middle(const struct km_score *score);

/// Where a phrase comes to rest: ticks of the song.  [any]
uint32_t km_tune_rest_tick(const struct km_score *score, int phrase, bool rests_early);

/// Writes a phrase's rhythm and targets; keys come from km_tune_settle.  [any]
void km_tune_compose(const struct km_score *score, const struct km_tune_material *material,
                     const struct km_phrase_place *place, struct km_tune *tune);

/// The notes to sing over a chord: the key's, with the chord's own in the place of the notes they
/// alter.  [any]
km_pitch_set km_melody_scale(struct km_key key, struct km_chord chord);

/// Whether a scale has seven notes or more, so that its neighbours are seconds.  [any]
bool km_melody_is_full(km_pitch_set scale);

/// Pitch classes on which a phrase may rest that ends in this way on this chord.  [any]
km_pitch_set km_melody_rest(const struct km_harmony_plan *plan, struct km_chord chord,
                            uint8_t cadence, bool is_end);

/// The chord's pitch classes at a tick, the key's where there is no chord.  [any]
km_pitch_set km_melody_chord_pitches(const struct km_score *score, uint32_t tick);

/// Finds the keys of a phrase after a note of the key `last` (0: none): notes of the chord where it
/// counts, all others by step, leaps that are taken back, none over an octave, near to the targets.
/// [any] It is the cheapest way through at most eight keys for each note (Viterbi).
void km_tune_settle(const struct km_score *score, const struct km_tune *tune, int last,
                    uint8_t keys[KM_TUNE_NOTES_MAX]);

#endif
