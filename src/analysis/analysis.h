// SPDX-License-Identifier: MIT

/// What is found in a piece: keys, scale, chords, sections, affect. (Tempo and metre stand in the
/// piece itself, groove in groove/measure.h.)
#ifndef KM_ANALYSIS_ANALYSIS_H
#define KM_ANALYSIS_ANALYSIS_H

#include "analysis/piece.h"
#include "base/attributes.h"
#include "base/status.h"
#include "theory/chord.h"
#include "theory/scale.h"

#include <stddef.h>
#include <stdint.h>

KM_C_BEGIN

/// A key that holds for a while. Modes are KM_MODE_IONIAN and KM_MODE_AEOLIAN: major and minor.
struct km_key_span {
    double start_beat, end_beat;
    struct km_key key;
    float confidence; ///< 0 to 1.
};

struct km_keys {
    struct km_heap *heap;
    struct km_key_span whole; ///< The key of the piece as a whole.
    struct km_key scale;      ///< The scale that its notes make, any mode, on its own tonic.
    float scale_confidence;
    struct km_key_span *spans; ///< Without gaps, in order; two neighbours differ.
    size_t count;
};

/// Finds the keys of a piece. No pitched notes: C major with confidence 0.  [any]
KM_NODISCARD enum km_status km_keys_find(struct km_keys *keys, const struct km_piece *piece);

/// Gives the memory back.  [any]
void km_keys_release(struct km_keys *keys);

/// What to call the scale's tonic: as the key has it where it is the key's own, so that they are
/// not Db major and C# mixolydian.  [any]
const char *km_keys_scale_tonic(const struct km_keys *keys);

/// The local key at a beat.  [any]
struct km_key km_keys_at(const struct km_keys *keys, double beat);

/// Why a note that is not of the chord stands there.
enum km_foreign_note {
    KM_FOREIGN_PASSING,      ///< Step in, step on in the same direction.
    KM_FOREIGN_NEIGHBOUR,    ///< Step away, step back.
    KM_FOREIGN_SUSPENSION,   ///< Held or struck again from before, then a step (retardation too).
    KM_FOREIGN_ANTICIPATION, ///< Belongs to the next chord.
    KM_FOREIGN_APPOGGIATURA, ///< Leap in, or nothing before; step out.
    KM_FOREIGN_ESCAPE,       ///< Step in, leap out.
    KM_FOREIGN_PEDAL,        ///< A bass or other held tone that stays while chords change.
    KM_FOREIGN_FREE,         ///< None of these.
    KM_FOREIGN_COUNT
};

/// A chord that sounds for a while.
struct km_chord_span {
    double start_beat, end_beat;
    struct km_chord chord; ///< N.C. where nothing sounds.
    struct km_key key;     ///< The local key, in which its numeral is written.
    float confidence;      ///< 0 to 1.
    uint16_t foreign[KM_FOREIGN_COUNT];
};

struct km_chords {
    struct km_heap *heap;
    struct km_chord_span *spans; ///< Without gaps, in order; two neighbours differ.
    size_t count;
};

/// Finds the chords of a piece without being given their boundaries.  [any]
KM_NODISCARD enum km_status km_chords_find(struct km_chords *chords, const struct km_piece *piece,
                                           const struct km_keys *keys);

/// Gives the memory back.  [any]
void km_chords_release(struct km_chords *chords);

/// A part of the form. Equal letters are the same music, returning.
struct km_section_span {
    double start_beat, end_beat;
    uint8_t letter;   ///< 0 for A, and so on.
    uint8_t instance; ///< 0 for the first time.
    float likeness;   ///< To the first of this letter, 0 to 1; 1 for the first itself.
    float density;    ///< Onsets a beat.
    float loudness;   ///< Mean velocity.
};

enum { KM_SECTIONS_MAX = 64 };

struct km_sections {
    struct km_section_span spans[KM_SECTIONS_MAX];
    size_t count;
    float likeness[KM_SECTIONS_MAX][KM_SECTIONS_MAX]; ///< Of each two, symmetrical.
};

/// Finds sections by what returns and by texture, at bar lines. There is at least one; music that
/// neither returns nor changes has one, whatever its length. Where there would be more than
/// KM_SECTIONS_MAX, those that begin least clearly are not told apart. Time and memory grow with
/// the square of the bars up to 1,024 bars (4 MB); longer pieces are looked at by two, four, eight
/// ... bars at once, at whose lines their sections begin. Chords are not needed and may be
/// null.  [any]
KM_NODISCARD enum km_status km_sections_find(struct km_sections *sections,
                                             const struct km_piece *piece,
                                             const struct km_chords *chords);

/// What a listener would take the piece's feeling to be, and why.
struct km_heard {
    double valence, arousal; ///< -1 to 1, 0 neutral.
    // The cues, as measured.
    double onsets_per_second;
    double bpm;
    double velocity_mean, velocity_deviation;
    double
        articulation; ///< Median share of the gap to the next onset that a note sounds; 1 legato.
    double note_seconds;                           ///< Mean length.
    double pitch_mean, pitch_deviation, pitch_low; ///< MIDI keys; low: 10th percentile.
    double majorness;                              ///< Over 0: major.
    double consonance;                             ///< Huron's index, mean.
    double outside;                                ///< Share of time on notes outside the scale.
};

/// Hears a piece. Nothing pitched: all zero, but for what drums tell.  [any]
KM_NODISCARD enum km_status km_heard_find(struct km_heard *heard, const struct km_piece *piece,
                                          const struct km_keys *keys);

KM_C_END

#endif
