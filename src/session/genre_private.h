// SPDX-License-Identifier: MIT

/// What a genre asks of form and accompaniment; for the session module alone.
#ifndef KM_SESSION_GENRE_PRIVATE_H
#define KM_SESSION_GENRE_PRIVATE_H

#include "session/plan.h"

#include <stdint.h>

/// Families of form.
enum km_form { KM_FORM_STANDARD, KM_FORM_STORY, KM_FORM_CLUB, KM_FORMS_COUNT };

/// How the bass moves.
enum km_bass {
    KM_BASS_ROOTS,      ///< The chord's bass, held.
    KM_BASS_FIFTHS,     ///< Bass and fifth by turns.
    KM_BASS_DRIVING,    ///< Even eighths.
    KM_BASS_OCTAVES,    ///< Eighths, low and an octave up.
    KM_BASS_APPROACH,   ///< Chord notes, and a step into the next bass.
    KM_BASS_SYNCOPATED, ///< With the kick, off the beat.
};

enum km_kit {
    KM_KIT_BRUSHES,
    KM_KIT_BALLAD,
    KM_KIT_ROCK,
    KM_KIT_PUNK,
    KM_KIT_FOUR_FLOOR,
    KM_KIT_BOOM_BAP,
    KM_KITS_COUNT
};

struct km_genre_traits {
    float valence, arousal, dominance; ///< The feeling nearest to the genre.
    float colour;                      ///< Share of chords with sevenths.
    const char *groove;                ///< A name of groove/styles.def.
    uint8_t form, bass, kit;
    uint8_t melody_program, chords_program, bass_program; ///< General MIDI, from 0.
};

/// The traits of a genre; static.  [any]
const struct km_genre_traits *km_genre_traits(enum km_genre genre);

#endif
