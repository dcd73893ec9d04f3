// SPDX-License-Identifier: MIT

/// Finds hard faults of voice leading in a plan's chords with the notes that sing them. It reads
/// chords by their symbols and knows nothing of how the voices were led.
#ifndef KM_TESTS_SESSION_VOICE_FAULTS_H
#define KM_TESTS_SESSION_VOICE_FAULTS_H

#include "theory/chord.h"
#include "theory/scale.h"
#include "theory/voicing.h"

#include <ctype.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

/// How many of each.
struct voice_faults {
    int foreign;   ///< A note that is not the chord's, or a bass that is not its bass.
    int range;     ///< Outside the range given.
    int crossing;  ///< A voice under its lower neighbour, or at or under the bass.
    int parallels; ///< Fifths, octaves or unisons.
    int leading;   ///< Leading tones that do not rise to the goal that is there.
    int sevenths;  ///< Sevenths that neither stay nor fall by step, where they could.
    int fourths;   ///< Suspended fourths that do not.
    int steps;     ///< From one chord to the next, for scale.
};

/// One moment: a chord and what is sung.
struct sung {
    struct km_chord chord;
    int bass; ///< 0: none.
    struct km_voicing voicing;
};

static inline bool sung_has(struct km_chord chord, int pitch)
{
    return (km_chord_pitches(chord) >> (unsigned int)((pitch + 24) % 12) & 1U) != 0;
}

/// Semitones from the root to the seventh that a symbol's quality names; 0: none.
static inline int seventh_in(const char *quality)
{
    if (strcmp(quality, "dim7") == 0) {
        return 9;
    }
    if (strstr(quality, "Maj") || strncmp(quality, "maj", 3) == 0) {
        return 11;
    }
    if (*quality == 'm') {
        ++quality;
    }
    // A number that stands first: 7, 9, 11, 13; not 5, 6 or 6/9, and not what is added.
    const long number = strtol(quality, NULL, 10);
    return number == 7 || number == 9 || number == 11 || number == 13 || strcmp(quality, "alt") == 0
               ? 10
               : 0;
}

static inline bool names_major_third(const char *quality)
{
    const bool is_minor = quality[0] == 'm' && quality[1] != 'a';
    const bool is_minor_add = strncmp(quality, "madd", 4) == 0;
    return !is_minor && !is_minor_add && strncmp(quality, "dim", 3) != 0 &&
           !strstr(quality, "sus") && strcmp(quality, "5") != 0;
}

/// The tone that leads, as a pitch class; -1: none.
static inline int leading_tone_in(struct km_chord from, struct km_chord to, struct km_key key)
{
    const char *const quality = km_chord_quality_symbol((enum km_chord_quality)from.quality);
    const int third = (from.root + 4) % 12;
    if (names_major_third(quality)) {
        const bool is_of_key = (km_key_pitches(key) >> (unsigned int)third & 1U) != 0;
        const bool is_dominant =
            seventh_in(quality) == 10 || from.root == (key.tonic + 7) % 12 || !is_of_key;
        return is_dominant ? third : -1;
    }
    const bool is_diminished = strncmp(quality, "dim", 3) == 0 || strcmp(quality, "m7b5") == 0 ||
                               strcmp(quality, "m9b5") == 0 || strcmp(quality, "m11b5") == 0;
    const int above = (from.root + 1) % 12;
    return is_diminished && (above == to.root || above == key.tonic) ? from.root : -1;
}

/// Whether a tone at `from` that goes to `to` has fallen by step.
static inline bool falls_by_step(int from, int to)
{
    return from - to == 1 || from - to == 2;
}

/// A tone of a chord in one voice, and where that voice goes.
struct led_tone {
    int from, to;
    bool others[12]; ///< Where the tone is the bass's: pitch classes that the voices sing after it.
};

/// Faults of a seventh or a suspended fourth that neither stays nor falls by step.
static inline void check_fall(const struct sung *before, const struct sung *after,
                              const struct led_tone *tone, struct voice_faults *faults)
{
    const int from = tone->from;
    const char *const quality =
        km_chord_quality_symbol((enum km_chord_quality)before->chord.quality);
    const int above = (from + 120 - before->chord.root) % 12;
    // What the bass takes over, the voice may leave; what the bass leaves, a voice takes over.
    const int under = (from - after->bass + 120) % 12;
    const bool is_handed_over = (after->bass > 0 && under <= 2) || tone->others[from % 12] ||
                                tone->others[(from + 11) % 12] || tone->others[(from + 10) % 12];
    const bool can_fall = sung_has(after->chord, from - 1) || sung_has(after->chord, from - 2) ||
                          sung_has(after->chord, from);
    if (!can_fall || is_handed_over || falls_by_step(from, tone->to)) {
        return;
    }
    const bool is_sixth = above == 10 && names_major_third(quality) &&
                          after->chord.root == (before->chord.root + 11) % 12 &&
                          (tone->to == from + 1 || tone->others[(from + 1) % 12]);
    const int seventh = seventh_in(quality);
    faults->sevenths += seventh > 0 && above == seventh && !is_sixth;
    faults->fourths += strstr(quality, "sus4") && above == 5;
}

/// Faults of a leading tone that does not rise to the goal that is there.
static inline void check_rise(const struct sung *before, const struct sung *after,
                              struct km_key key, const struct led_tone *tone,
                              struct voice_faults *faults)
{
    const int from = tone->from;
    if (leading_tone_in(before->chord, after->chord, key) != from % 12 ||
        !sung_has(after->chord, from + 1) || tone->to == from + 1) {
        return;
    }
    const char *const next = km_chord_quality_symbol((enum km_chord_quality)after->chord.quality);
    const bool is_chain = after->chord.root == (before->chord.root + 5) % 12 &&
                          seventh_in(next) == 10 &&
                          (tone->to == from - 1 || tone->others[(from + 11) % 12]);
    const bool is_taken = tone->others[(from + 1) % 12] || tone->others[from % 12];
    faults->leading += !is_chain && !is_taken;
}

/// Counts what is wrong with how a tone of a chord is led in one voice.
static inline void check_tone(const struct sung *before, const struct sung *after,
                              struct km_key key, const struct led_tone *tone,
                              struct voice_faults *faults)
{
    if (tone->from != tone->to) { // It stays only where the chord has it.
        check_fall(before, after, tone, faults);
        check_rise(before, after, key, tone, faults);
    }
}

static inline void check_pair(const int low[2], const int high[2], struct voice_faults *faults)
{
    const bool both_rise = low[1] > low[0] && high[1] > high[0];
    const bool both_fall = low[1] < low[0] && high[1] < high[0];
    const int was = abs(high[0] - low[0]) % 12;
    const int is = abs(high[1] - low[1]) % 12;
    faults->parallels += (both_rise || both_fall) && was == is && (is == 0 || is == 7);
}

/// One step of all voices, the bass first.
static inline void check_step(const struct sung *before, const struct sung *after,
                              struct km_key key, struct voice_faults *faults)
{
    int moves[KM_VOICES_MAX + 1][2];
    int count = 0;
    if (before->bass > 0 && after->bass > 0) {
        moves[count][0] = before->bass;
        moves[count++][1] = after->bass;
        struct led_tone tone = {.from = before->bass, .to = after->bass};
        for (int i = 0; i < after->voicing.count; ++i) { // It may hand over its resolution.
            tone.others[after->voicing.pitches[i] % 12] = true;
        }
        check_tone(before, after, key, &tone, faults);
    }
    ++faults->steps;
    if (before->voicing.count != after->voicing.count) {
        return; // Voices begin or end.
    }
    for (int i = 0; i < before->voicing.count; ++i) {
        moves[count][0] = before->voicing.pitches[i];
        moves[count][1] = after->voicing.pitches[i];
        const struct led_tone tone = {.from = moves[count][0], .to = moves[count][1]};
        check_tone(before, after, key, &tone, faults);
        for (int j = 0; j < count; ++j) {
            check_pair(moves[j], moves[count], faults);
        }
        ++count;
    }
}

/// One moment by itself.
static inline void check_moment(const struct sung *sung, const uint8_t range[2],
                                struct voice_faults *faults)
{
    const struct km_voicing *const voicing = &sung->voicing;
    faults->foreign += sung->bass > 0 && sung->bass % 12 != sung->chord.bass;
    for (int i = 0; i < voicing->count; ++i) {
        const int below = i > 0 ? voicing->pitches[i - 1] : sung->bass + 1;
        faults->crossing += voicing->pitches[i] < below;
        faults->foreign += !sung_has(sung->chord, voicing->pitches[i]);
        faults->range += voicing->pitches[i] < range[0] || voicing->pitches[i] > range[1];
    }
}

#endif
