// SPDX-License-Identifier: MIT

/// The plan of a song: what will be played, before a note of it is written.
#ifndef KM_SESSION_PLAN_H
#define KM_SESSION_PLAN_H

#include "affect/affect.h"
#include "base/attributes.h"
#include "base/sink.h"
#include "base/status.h"
#include "theory/chord.h"
#include "theory/roman.h"
#include "theory/scale.h"

#include <stdbool.h>
#include <stdint.h>

KM_C_BEGIN

enum km_section_kind {
#define KM_SECTION(NAME, name, tension) KM_SECTION_##NAME,
#include "session/sections.def"
#undef KM_SECTION
    KM_SECTION_KINDS_COUNT
};

enum km_genre {
#define KM_GENRE(NAME, name, ...) KM_GENRE_##NAME,
#include "session/genres.def"
#undef KM_GENRE
    KM_GENRES_COUNT
};

/// The 21 rules that a song may break on purpose.
enum km_rule {
#define KM_RULE(NAME, name, effect, serves, missing) KM_RULE_##NAME,
#include "session/rules.def"
#undef KM_RULE
    KM_RULES_COUNT
};

/// Narrative arcs of the intent schema; each names a tension curve.
enum km_arc {
#define KM_ARC(NAME, name, ...) KM_ARC_##NAME,
#include "session/arcs.def"
#undef KM_ARC
    KM_ARCS_COUNT
};

/// Who plays.
enum km_ensemble {
#define KM_ENSEMBLE(NAME, name, ...) KM_ENSEMBLE_##NAME,
#include "session/ensembles.def"
#undef KM_ENSEMBLE
    KM_ENSEMBLES_COUNT
};

/// Groove feels of the intent schema.
enum km_feel {
#define KM_FEEL(NAME, name, ...) KM_FEEL_##NAME,
#include "session/feels.def"
#undef KM_FEEL
    KM_FEELS_COUNT
};

/// How a phrase ends.
enum km_cadence {
#define KM_CADENCE(NAME, name, ...) KM_CADENCE_##NAME,
#include "session/cadences.def"
#undef KM_CADENCE
    KM_CADENCES_COUNT
};

/// Parts of a band, in the order of their tracks. A solo piano has its right hand in MELODY and its
/// left in CHORDS; a string quartet has violins I and II, viola and cello in MELODY, COUNTER, PAD
/// and BASS.
enum km_part {
    KM_PART_MELODY,
    KM_PART_COUNTER,
    KM_PART_CHORDS,
    KM_PART_PAD,
    KM_PART_BASS,
    KM_PART_DRUMS,
    KM_PARTS_COUNT
};

enum {
    KM_PLAN_BARS_MIN = 4,
    KM_PLAN_BARS_MAX = 256,
    KM_PLAN_CHORDS_PER_BAR_MAX = 4,
    KM_PLAN_CHORDS_MAX = KM_PLAN_BARS_MAX * KM_PLAN_CHORDS_PER_BAR_MAX,
    KM_PLAN_SECTIONS_MAX = 32,
    KM_PLAN_PHRASE_BARS = 4,
    KM_PLAN_PHRASES_MAX = KM_PLAN_BARS_MAX / KM_PLAN_PHRASE_BARS + KM_PLAN_SECTIONS_MAX,
    KM_PLAN_LYRICS_SIZE = 1024,
    KM_PLAN_TEMPO_MIN = 30,
    KM_PLAN_TEMPO_MAX = 240,
    KM_PLAN_CEILING_MIN = 40,
    KM_PLAN_PHRASE_MIN = 5, ///< Seconds of a phrase.
    KM_PLAN_PHRASE_MAX = 20,
    KM_PLAN_SILENCE_MAX = 120, ///< Seconds: the pause of Bernardi, Porta and Sleight 2006.
    KM_MOOD_PROFILE_SIZE = 64,
};

/// A chord and where it sounds.
struct km_plan_chord {
    uint32_t start_tick; ///< At KM_PPQ.
    uint32_t duration_ticks;
    struct km_chord chord;
    char symbol[KM_CHORD_SYMBOL_SIZE]; ///< As the key spells it.
    char roman[KM_ROMAN_SIZE];
};

struct km_plan_section {
    uint8_t kind;       ///< enum km_section_kind
    uint16_t first_bar; ///< Counted from 0.
    uint16_t bar_count;
    float tension; ///< 0 (rest) to 1.3 (catharsis): mean over its bars.
};

/// Four bars, or less at the end of a section, that end in a cadence. Phrases stand in order,
/// without gaps, and none crosses a section's end.
struct km_plan_phrase {
    uint16_t first_bar; ///< Counted from 0.
    uint8_t bar_count;
    uint8_t cadence;  ///< enum km_cadence: how it ends.
    uint8_t material; ///< 0 is "a", 1 "b", ...: alike in sections of one material, same chords.
};

/// What the plan says of a part. Changing one part's leaves the others note for note as they are.
struct km_plan_part {
    bool is_on;
    uint8_t program;    ///< General MIDI, from 0; of drums the kit.
    int8_t level;       ///< Added to velocities.
    uint16_t variation; ///< 0 at first; another number is another way to play this part.
};

/// Which rule is broken where and why; of no meaning for rules that are kept.
struct km_plan_rule_use {
    bool is_wish;       ///< Asked for by name; else chosen because of the feeling.
    uint16_t first_bar; ///< Where it is heard.
    uint16_t bar_count;
    int8_t amount; ///< Of polytonality: semitones from the key to the melody's. Else 0.
};

/// What the PRODUCTION rules ask of the sound, for the audio engine. All 0 and width 1: as mixed.
struct km_plan_production {
    float mud_db;             ///< 0 to 9: boost of 200 to 400 Hz.
    float pitch_drift_cents;  ///< 0 to 30: standard deviation of slow drift.
    float room_noise_percent; ///< 0 to 1 of full scale, RMS.
    float drive;              ///< 0 (clean) to 1 (clipped).
    float width;              ///< 0 (mono) to 1 (as mixed).
};

/// The HarmonyPlan of the therapy session.
struct km_harmony_plan {
    uint64_t seed;
    struct km_affect affect;
    struct km_key key;
    char root_note[4];     ///< "C", "Bb": the tonic as its key spells it.
    uint16_t tempo_bpm;    ///< Quarter notes a minute.
    uint8_t beats_per_bar; ///< Numerator of the time signature.
    uint8_t beat_unit;     ///< Denominator: 2, 4, 8 or 16.
    uint16_t length_bars;
    uint16_t chord_count;
    uint8_t section_count;
    uint8_t genre;        ///< enum km_genre
    uint8_t arc;          ///< enum km_arc
    uint8_t groove_style; ///< enum km_groove_style
    uint8_t ensemble;     ///< enum km_ensemble
    uint8_t feel;         ///< enum km_feel
    uint8_t phrase_count;
    uint32_t rules;        ///< Bit n: enum km_rule n is broken.
    uint8_t motivation;    ///< 1 to 10
    float complexity;      ///< 0 to 1
    float vulnerability;   ///< 0 to 1
    float harmonic_rhythm; ///< Chords per bar.
    float density;         ///< Melody notes per beat.
    float dissonance;      ///< 0 to 1
    float articulation;    ///< Sounding share of a written length, .4 (staccato) to 1 (legato).
    uint8_t velocity_low, velocity_high; ///< Dynamics, 1 to 127.
    uint8_t velocity_ceiling;            ///< No note is struck harder; 127 (or 0) is no ceiling.
    bool is_continued; ///< Another plan's music follows: it neither slows down nor closes.
    uint8_t register_low, register_high;     ///< Of the melody, MIDI keys.
    char mood_profile[KM_MOOD_PROFILE_SIZE]; ///< A phrase: "grief, quiet, heavy".
    char lyrics[KM_PLAN_LYRICS_SIZE];        ///< Lines to sing, each ended by \n; empty: none.
    struct km_plan_part parts[KM_PARTS_COUNT];
    struct km_plan_rule_use rule_uses[KM_RULES_COUNT];
    struct km_plan_production production;
    struct km_plan_section sections[KM_PLAN_SECTIONS_MAX];
    struct km_plan_phrase phrases[KM_PLAN_PHRASES_MAX];
    float tension[KM_PLAN_BARS_MAX]; ///< Per bar, 0 to 1.3.
    struct km_plan_chord chords[KM_PLAN_CHORDS_MAX];
};

/// Ticks of one bar of the plan at KM_PPQ.  [any]
uint32_t km_plan_bar_ticks(const struct km_harmony_plan *plan);

/// Ticks from the beginning to the end of the last bar.  [any]
uint64_t km_plan_length_ticks(const struct km_harmony_plan *plan);

/// Writes the plan as a JSON object (see docs/plan.md), followed by a newline. The same plan gives
/// the same bytes everywhere.  [any]
KM_NODISCARD enum km_status km_plan_write_json(const struct km_harmony_plan *plan,
                                               struct km_sink *sink);

/// As km_plan_write_json, without the newline: a value to stand inside another object.  [any]
KM_NODISCARD enum km_status km_plan_write_json_value(const struct km_harmony_plan *plan,
                                                     struct km_sink *sink);

/// Names in the order of their enums, for errors and help.  [any]
const char *const *km_genre_names(void);
const char *const *km_rule_names(void);
const char *km_section_name(enum km_section_kind kind);
const char *km_arc_name(enum km_arc arc);
const char *const *km_ensemble_names(void);
const char *const *km_feel_names(void);
const char *const *km_arc_names(void);
const char *km_cadence_name(enum km_cadence cadence);

/// "melody", "counter", "chords", "pad", "bass", "drums": in plans and options.  [any]
const char *km_part_id(enum km_part part);

/// What breaking the rule does to the music, and what feelings that serves.  [any]
const char *km_rule_effect(enum km_rule rule);
const char *km_rule_serves(enum km_rule rule);

/// What a rule needs that MIDI has not; null if it is heard in the MIDI file.  [any]
const char *km_rule_missing(enum km_rule rule);

/// Find by name, without regard to case; the error lists what exists, nearest first.  [any]
KM_NODISCARD enum km_status km_genre_parse(const char *text, enum km_genre *genre,
                                           struct km_error *error);
KM_NODISCARD enum km_status km_rule_parse(const char *text, enum km_rule *rule,
                                          struct km_error *error);
KM_NODISCARD enum km_status km_ensemble_parse(const char *text, enum km_ensemble *ensemble,
                                              struct km_error *error);
KM_NODISCARD enum km_status km_feel_parse(const char *text, enum km_feel *feel,
                                          struct km_error *error);
KM_NODISCARD enum km_status km_arc_parse(const char *text, enum km_arc *arc,
                                         struct km_error *error);

/// Reads a time signature of metres.def: "6/8". The error lists them.  [any]
KM_NODISCARD enum km_status km_metre_parse(const char *text, uint8_t *beats_per_bar,
                                           uint8_t *beat_unit, struct km_error *error);

KM_C_END

#endif
