// SPDX-License-Identifier: MIT

/// Reading what stands after a chord's root, for chord symbols and roman numerals alike.
#ifndef KM_THEORY_CHORD_PRIVATE_H
#define KM_THEORY_CHORD_PRIVATE_H

#include "theory/chord.h"

/// A quality being read: notes are added up as words of the symbol come by.
struct km_quality_reading {
    km_pitch_set pitches; ///< Above the root. Begin with a triad.
    bool has_words;       ///< Something has been read: "-" is no longer "minor".
    bool has_number;      ///< "+" and "-" before a number now raise and lower it.
    bool is_major;        ///< The seventh to come is major.
    bool is_diminished;   ///< The seventh to come is diminished.
    bool slash_ends;      ///< A slash is never part of the quality.
    bool keeps_omitted;   ///< "no5" is understood, but the chord stays whole.
    int parentheses;      ///< Open ones.
};

/// Reads words of a quality ("maj7", "m7b5", "(add9)") from `*position` up to the end, a slash that
/// no number follows, or what it does not know; `*position` tells how far it came. An open
/// parenthesis is for the caller to refuse.  [any]
void km_quality_read(const char *text, size_t *position, struct km_quality_reading *reading);

/// Reads up to two signs (#, b, x, and those of Unicode) from `*position` on and moves past them;
/// returns the semitones they raise.  [any]
int km_accidentals_read(const char *text, size_t *position);

/// Reads "b3", "#11", "9" as semitones above a root, from `*position` on. False, and nothing
/// changes, if it is none.  [any]
bool km_interval_read(const char *text, size_t *position, int *semitones);

/// The quality with just these notes above the root, or KM_CHORD_NONE.  [any]
enum km_chord_quality km_quality_of_pitches(km_pitch_set pitches);

/// Says what was not understood at the byte `position` of `text`.  [any]
enum km_status km_quality_error(const char *what, const char *text, size_t position,
                                struct km_error *error);

#endif
