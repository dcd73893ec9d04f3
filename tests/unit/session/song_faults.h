// SPDX-License-Identifier: MIT

/// What makes a plan or a song invalid, for the tests of the session.
#ifndef KM_TESTS_SESSION_SONG_FAULTS_H
#define KM_TESTS_SESSION_SONG_FAULTS_H

#include "base/units.h"
#include "midi/file.h"
#include "session/plan.h"
#include "session/song.h"
#include "unit/session/instrument_keys.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

/// Whether the notes all belong to a mode on the tonic.
static inline bool is_of_mode(km_pitch_set notes, uint8_t tonic, int mode)
{
    return (notes & ~km_key_pitches((struct km_key){tonic, (uint8_t)mode})) == 0;
}

/// The mode that carries the chords of a scale with fewer than seven notes; others carry their own.
static inline int mode_of_seven(int mode)
{
    switch (mode) {
    case KM_MODE_MAJOR_PENTATONIC:
        return KM_MODE_IONIAN;
    case KM_MODE_MINOR_PENTATONIC:
        return KM_MODE_AEOLIAN;
    case KM_MODE_BLUES:
        return KM_MODE_DORIAN;
    case KM_MODE_WHOLE_TONE:
        return KM_MODE_LYDIAN_DOMINANT;
    default:
        return mode;
    }
}

/// Whether the notes all belong to the key, or to a mode on its tonic that lends it chords: this
/// table, and not the planner's.
static inline bool is_of_key_or_lent(km_pitch_set notes, struct km_key key)
{
    enum { NONE = -1 };
    static const int lenders[KM_MODES_COUNT][2] = {
        [KM_MODE_IONIAN] = {KM_MODE_AEOLIAN, NONE},
        [KM_MODE_DORIAN] = {KM_MODE_AEOLIAN, KM_MODE_PHRYGIAN},
        [KM_MODE_PHRYGIAN] = {KM_MODE_DORIAN, NONE},
        [KM_MODE_LYDIAN] = {KM_MODE_AEOLIAN, NONE},
        [KM_MODE_MIXOLYDIAN] = {KM_MODE_AEOLIAN, NONE},
        [KM_MODE_AEOLIAN] = {KM_MODE_DORIAN, KM_MODE_PHRYGIAN},
        [KM_MODE_LOCRIAN] = {KM_MODE_DORIAN, NONE},
        [KM_MODE_HARMONIC_MINOR] = {KM_MODE_DORIAN, KM_MODE_PHRYGIAN},
        [KM_MODE_MELODIC_MINOR] = {KM_MODE_AEOLIAN, NONE},
        [KM_MODE_PHRYGIAN_DOMINANT] = {KM_MODE_PHRYGIAN, NONE},
        [KM_MODE_LYDIAN_DOMINANT] = {KM_MODE_MIXOLYDIAN, NONE},
        [KM_MODE_HARMONIC_MAJOR] = {KM_MODE_IONIAN, NONE},
        [KM_MODE_HUNGARIAN_MINOR] = {KM_MODE_AEOLIAN, NONE},
    };
    const int mode = mode_of_seven(key.mode);
    const int *const others = lenders[mode];
    return is_of_mode(notes, key.tonic, mode) || is_of_mode(notes, key.tonic, others[0]) ||
           (others[1] != NONE && is_of_mode(notes, key.tonic, others[1]));
}

/// Whether a chord leads to the one after it: as its dominant or that one's substitute a tritone
/// away; home, as the major dominant, at the end of a phrase.
static inline bool leads_on(const struct km_harmony_plan *plan, int index)
{
    const struct km_chord chord = plan->chords[index].chord;
    const uint8_t tonic = plan->key.tonic;
    const uint8_t next = index + 1 < plan->chord_count ? plan->chords[index + 1].chord.root : tonic;
    const bool is_seventh = chord.quality == KM_CHORD_DOMINANT_SEVENTH;
    const bool leads = chord.root == (next + 7) % 12 || chord.root == (next + 1) % 12 ||
                       chord.root == (tonic + 1) % 12;
    const bool is_dominant =
        chord.root == (tonic + 7) % 12 && (is_seventh || chord.quality == KM_CHORD_MAJOR);
    return is_dominant || (is_seventh && leads);
}

/// Whether a chord is suspended and the next one resolves it: the same root, with a third.
static inline bool is_suspension(const struct km_harmony_plan *plan, int index)
{
    if (index + 1 >= plan->chord_count) {
        return false;
    }
    const struct km_chord chord = plan->chords[index].chord;
    const struct km_chord next = plan->chords[index + 1].chord;
    const km_pitch_set notes = km_chord_pitches((struct km_chord){.quality = chord.quality});
    const km_pitch_set resolved = km_chord_pitches((struct km_chord){.quality = next.quality});
    return (notes & 0x018) == 0 && (notes & 0x020) != 0 && chord.root == next.root &&
           (resolved & 0x018) != 0;
}

/// Whether a chord is the second degree of the key that the dominant after it belongs to; that one
/// may be suspended first.
static inline bool is_related(const struct km_harmony_plan *plan, int index)
{
    const struct km_chord chord = plan->chords[index].chord;
    const int after = is_suspension(plan, index + 1) ? index + 2 : index + 1;
    if (after >= plan->chord_count ||
        (chord.quality != KM_CHORD_MINOR_SEVENTH && chord.quality != KM_CHORD_HALF_DIMINISHED)) {
        return false;
    }
    const struct km_chord next = plan->chords[after].chord;
    return next.quality == KM_CHORD_DOMINANT_SEVENTH && next.root == (chord.root + 5) % 12;
}

/// Whether a chord is in the key, borrowed from a mode that lends to it, leads to the one after it,
/// or is resolved by it. The bass may be the key's first or fifth note, held under chords that have
/// it not.
static inline bool is_explained(const struct km_harmony_plan *plan, int index)
{
    const struct km_chord chord = plan->chords[index].chord;
    const uint8_t above_tonic = (uint8_t)((chord.bass + 12 - plan->key.tonic) % 12);
    const bool is_pedal = above_tonic == 0 || above_tonic == 7;
    const uint8_t bass = is_pedal ? chord.root : chord.bass;
    const struct km_chord above = {.root = chord.root, .quality = chord.quality, .bass = bass};
    return is_of_key_or_lent(km_chord_pitches(above), plan->key) || leads_on(plan, index) ||
           is_related(plan, index) || is_suspension(plan, index);
}

static inline const char *chords_fault(const struct km_harmony_plan *plan)
{
    uint64_t tick = 0;
    for (int i = 0; i < plan->chord_count; ++i) {
        const struct km_plan_chord *const chord = &plan->chords[i];
        if (chord->start_tick != tick || chord->duration_ticks == 0) {
            return "chords do not tile the song";
        }
        tick += chord->duration_ticks;
        struct km_chord parsed;
        if (km_chord_parse(chord->symbol, &parsed, NULL) != KM_OK ||
            memcmp(&parsed, &chord->chord, sizeof(parsed)) != 0) {
            return "a symbol does not name its chord";
        }
        if (km_roman_parse(chord->roman, plan->key, &parsed, NULL) != KM_OK ||
            memcmp(&parsed, &chord->chord, sizeof(parsed)) != 0) {
            return "a numeral does not name its chord";
        }
        if (!is_explained(plan, i)) {
            return "a chord is neither of the key nor borrowed nor a dominant";
        }
    }
    return tick == km_plan_length_ticks(plan) ? NULL : "chords do not fill the song";
}

static inline const char *sections_fault(const struct km_harmony_plan *plan)
{
    int bar = 0;
    for (int i = 0; i < plan->section_count; ++i) {
        const struct km_plan_section *const section = &plan->sections[i];
        if (section->first_bar != bar || section->bar_count == 0) {
            return "sections do not tile the bars";
        }
        if (section->kind >= KM_SECTION_KINDS_COUNT ||
            !(section->tension >= 0.0F && section->tension <= 1.3F)) {
            return "a section is out of range";
        }
        bar += section->bar_count;
    }
    for (int i = 0; i < plan->length_bars; ++i) {
        if (!(plan->tension[i] >= 0.0F && plan->tension[i] <= 1.3F)) {
            return "tension is out of range";
        }
    }
    return bar == plan->length_bars ? NULL : "sections do not fill the bars";
}

static inline bool is_unit(float x)
{
    return x >= 0.0F && x <= 1.0F;
}

static inline const char *names_fault(const struct km_harmony_plan *plan)
{
    if (plan->key.tonic > 11 || plan->key.mode >= KM_MODES_COUNT ||
        plan->genre >= KM_GENRES_COUNT || plan->arc >= KM_ARCS_COUNT) {
        return "a name is out of range";
    }
    if (plan->mood_profile[0] == '\0' ||
        strlen(plan->mood_profile) + 1 == sizeof(plan->mood_profile)) {
        return "the mood has no words, or too many";
    }
    return NULL;
}

static inline const char *scales_fault(const struct km_harmony_plan *plan)
{
    if (!is_unit(plan->complexity) || !is_unit(plan->vulnerability) || !is_unit(plan->dissonance) ||
        !is_unit(plan->articulation) || plan->articulation < 0.4F) {
        return "a scale is out of range";
    }
    if (plan->harmonic_rhythm < 0.25F ||
        plan->harmonic_rhythm > (float)KM_PLAN_CHORDS_PER_BAR_MAX || plan->density <= 0.0F) {
        return "a rate is out of range";
    }
    return NULL;
}

static inline const char *ranges_fault(const struct km_harmony_plan *plan)
{
    if (plan->length_bars < KM_PLAN_BARS_MIN || plan->length_bars > KM_PLAN_BARS_MAX) {
        return "length is out of range";
    }
    if (plan->tempo_bpm < KM_PLAN_TEMPO_MIN || plan->tempo_bpm > KM_PLAN_TEMPO_MAX) {
        return "tempo is out of range";
    }
    if (plan->velocity_low < 1 || plan->velocity_high > 127 ||
        plan->velocity_low >= plan->velocity_high) {
        return "dynamics are out of range";
    }
    if (plan->register_high > 96 || plan->register_low + 12 > plan->register_high) {
        return "the register is out of range";
    }
    return NULL;
}

/// Null, or what is wrong with the plan.
static inline const char *plan_fault(const struct km_harmony_plan *plan)
{
    const char *(*const finders[])(const struct km_harmony_plan *) = {
        names_fault, scales_fault, ranges_fault, sections_fault, chords_fault};
    for (size_t i = 0; i < sizeof(finders) / sizeof(finders[0]); ++i) {
        const char *const fault = finders[i](plan);
        if (fault) {
            return fault;
        }
    }
    return NULL;
}

/// Null, or what is wrong with a note's event; `is_on` tells whether its key sounds.
static inline const char *note_fault(const struct km_harmony_plan *plan,
                                     const struct km_event *event, enum km_part part, bool is_on)
{
    const uint64_t length = km_plan_length_ticks(plan);
    const bool is_note_on = event->type == KM_EVENT_NOTE_ON;
    if (event->channel != km_part_channel(part) || event->value > 127 ||
        !has_key(plan, part, event->number)) {
        return "a note is out of range";
    }
    if (is_note_on && (event->value == 0 || event->tick == length)) {
        return "a note is not struck";
    }
    return is_on == is_note_on ? "a key is struck while it sounds, or released while it does not"
                               : NULL;
}

/// Null, or what is wrong with the notes of a part's track.
static inline const char *notes_fault(const struct km_harmony_plan *plan,
                                      const struct km_midi_track *track, enum km_part part)
{
    const uint64_t length = km_plan_length_ticks(plan);
    bool is_on[128] = {false};
    uint64_t tick = 0;
    int sounding = 0;
    for (size_t i = 0; i < track->count; ++i) {
        const struct km_event *const event = &track->events[i];
        if (event->tick < tick || event->tick > length) {
            return "events are out of order or after the end";
        }
        tick = event->tick;
        if (event->type != KM_EVENT_NOTE_ON && event->type != KM_EVENT_NOTE_OFF) {
            continue;
        }
        const char *const fault = note_fault(plan, event, part, is_on[event->number]);
        if (fault) {
            return fault;
        }
        is_on[event->number] = event->type == KM_EVENT_NOTE_ON;
        sounding += is_on[event->number] ? 1 : -1;
    }
    return sounding == 0 ? NULL : "a note is not released";
}

/// Null, or what is wrong with the song.
static inline const char *song_fault(const struct km_harmony_plan *plan,
                                     const struct km_midi_file *file)
{
    size_t parts = 0;
    for (int part = 0; part < KM_PARTS_COUNT; ++part) {
        parts += plan->parts[part].is_on;
        const int index = km_song_track(plan, (enum km_part)part);
        const char *const fault = index < 0 || (size_t)index >= file->track_count
                                      ? NULL
                                      : notes_fault(plan, &file->tracks[index], (enum km_part)part);
        if (fault) {
            return fault;
        }
    }
    if (file->track_count != 1 + parts) {
        return "a track is missing";
    }
    const uint64_t length = km_plan_length_ticks(plan);
    for (size_t i = 0; i < file->track_count; ++i) {
        const struct km_midi_track *const track = &file->tracks[i];
        if (track->count == 0 || track->events[track->count - 1].type != KM_EVENT_END_OF_TRACK ||
            track->events[track->count - 1].tick != length) {
            return "a track does not end where the plan ends";
        }
    }
    return NULL;
}

/// How many notes a track has.
static inline int note_count(const struct km_midi_track *track)
{
    int count = 0;
    for (size_t i = 0; i < track->count; ++i) {
        count += track->events[i].type == KM_EVENT_NOTE_ON;
    }
    return count;
}

/// How many notes a part has; 0 where it does not play.
static inline int notes_of_part(const struct km_harmony_plan *plan, const struct km_midi_file *file,
                                enum km_part part)
{
    const int track = km_song_track(plan, part);
    return track < 0 ? 0 : note_count(&file->tracks[track]);
}

/// FNV-1a, 64 bits.
static inline uint64_t hash_of_bytes(const unsigned char *bytes, size_t size)
{
    uint64_t hash = 0xCBF29CE484222325ULL;
    for (size_t i = 0; i < size; ++i) {
        hash = (hash ^ bytes[i]) * 0x100000001B3ULL;
    }
    return hash;
}

#endif
