// SPDX-License-Identifier: MIT

/// What is counted in the melodies of finished songs, for their tests. It reads the notes and the
/// plan, and knows nothing of how the melody was made.
#ifndef KM_TESTS_SESSION_MELODY_FIGURES_H
#define KM_TESTS_SESSION_MELODY_FIGURES_H

#include "session/song.h"
#include "unit/session/heard_song.h"
#include "unit/session/likeness.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { SONGS_COUNT = 2000, COMPARED_BARS_MAX = 8, PAIRS_MAX = 4 * SONGS_COUNT };

// Counts over all songs of one quadrant of feeling: joy, anger, sadness, calm.
struct quadrant {
    int songs, climaxes;
    double notes, seconds; // While sung.
    double moves, within_two, over_seven, semitones, repeats;
    double leaps, recovered;
};

struct figures {
    struct quadrant quadrants[4];
    int over_octave, out_of_register, shared_peaks;
    int jarring, jarring_unresolved, leaps_to_foreign, downbeats, downbeats_foreign, tritones;
    int phrases, breathless, wrong_ends, final_wrong;
    double rest_seconds, note_seconds; ///< Of phrases' last notes, and of all.
    int silent_notes, notes, rests;
    double kind_heights[KM_SECTION_KINDS_COUNT];
    int kind_notes[KM_SECTION_KINDS_COUNT];
    double same[PAIRS_MAX], different[PAIRS_MAX], other_song[SONGS_COUNT];
    int same_count, different_count, other_song_count, identical_returns;
    uint64_t hashes[SONGS_COUNT];
};

static struct figures figures;
static struct compared last_verse[LIKENESS_NOTES_MAX];
static int last_verse_count;

// Then the melody is foreign to its chords on purpose.
static inline bool is_in_two_keys(void)
{
    return km_plan_breaks(&plan, KM_RULE_HARMONY_POLYTONALITY);
}

static inline uint32_t bar_ticks(void)
{
    return km_plan_bar_ticks(&plan);
}

// On the grid: what the groove moved is moved back.
static inline uint32_t grid(uint32_t tick)
{
    return (tick + LIKENESS_GRID / 2) / LIKENESS_GRID * LIKENESS_GRID;
}

static inline km_pitch_set chord_at(uint32_t tick)
{
    static int index;
    index = index < plan.chord_count && plan.chords[index].start_tick <= tick ? index : 0;
    while (index + 1 < plan.chord_count && plan.chords[index + 1].start_tick <= tick) {
        ++index;
    }
    const km_pitch_set pitches = km_chord_pitches(plan.chords[index].chord);
    return pitches != 0 ? pitches : km_key_pitches(plan.key);
}

static inline bool is_in(km_pitch_set set, int key)
{
    return (set >> key % 12 & 1U) != 0;
}

static inline int section_of(uint32_t bar)
{
    int index = 0;
    for (int i = 0; i < plan.section_count; ++i) {
        index = plan.sections[i].first_bar <= bar ? i : index;
    }
    return index;
}

static inline bool is_sung(int section)
{
    return plan.sections[section].kind != KM_SECTION_INTRO &&
           plan.sections[section].kind != KM_SECTION_SILENCE;
}

// A step: of two semitones, or to the neighbour in a scale with wider ones.
static inline bool is_step(int from, int to)
{
    const int size = abs(to - from);
    if (size <= 2) {
        return size > 0;
    }
    const bool is_wide = plan.key.mode == KM_MODE_MAJOR_PENTATONIC ||
                         plan.key.mode == KM_MODE_MINOR_PENTATONIC ||
                         plan.key.mode == KM_MODE_BLUES;
    return is_wide && size == 3;
}

static inline struct quadrant *quadrant_of_song(void)
{
    const bool is_high = plan.affect.arousal >= 0.0F;
    const bool is_good = plan.affect.valence >= 0.0F;
    return &figures.quadrants[is_high ? (is_good ? 0 : 1) : (is_good ? 3 : 2)];
}

static inline void count_moves(int count, struct quadrant *quadrant)
{
    for (int i = 1; i < count; ++i) {
        const int move = notes[i].key - notes[i - 1].key;
        const int size = abs(move);
        const bool is_foreign = !is_in(chord_at(grid(notes[i].start)), notes[i].key);
        quadrant->moves += 1;
        quadrant->within_two += size <= 2;
        quadrant->over_seven += size > 7;
        quadrant->semitones += size;
        quadrant->repeats += size == 0;
        figures.over_octave += size > 12;
        figures.tritones += size == 6 && !is_in_two_keys();
        figures.leaps_to_foreign +=
            size > 0 && !is_step(notes[i - 1].key, notes[i].key) && is_foreign && !is_in_two_keys();
        if (size > 5 && i + 1 < count && notes[i + 1].start < notes[i].end + KM_PPQ) {
            const int next = notes[i + 1].key - notes[i].key;
            quadrant->leaps += 1;
            quadrant->recovered += (move > 0) == (next < 0) && next != 0;
        }
    }
}

static inline void count_chord_notes(int count)
{
    // Loose timing may bring a note in before its chord.
    if (is_in_two_keys() || plan.complexity > 0.5F) {
        return;
    }
    for (int i = 0; i < count; ++i) {
        const uint32_t tick = grid(notes[i].start);
        const bool is_foreign = !is_in(chord_at(tick), notes[i].key);
        figures.downbeats += tick % bar_ticks() == 0;
        figures.downbeats_foreign += is_foreign && tick % bar_ticks() == 0;
        figures.jarring += is_foreign;
        figures.jarring_unresolved +=
            is_foreign && (i + 1 == count || !is_step(notes[i].key, notes[i + 1].key));
        figures.out_of_register +=
            notes[i].key < plan.register_low || notes[i].key > plan.register_high;
    }
}

static inline void count_sections(int count)
{
    for (int i = 0; i < count; ++i) {
        const int section = section_of(grid(notes[i].start) / bar_ticks());
        const uint8_t kind = plan.sections[section].kind;
        figures.kind_heights[kind] += notes[i].key - plan.register_low;
        ++figures.kind_notes[kind];
        figures.silent_notes += kind == KM_SECTION_SILENCE;
    }
}

// Where the tension is highest while the voice sings.
static inline uint32_t peak_bar(void)
{
    int peak = -1;
    for (int bar = 0; bar < plan.length_bars; ++bar) {
        if (is_sung(section_of((uint32_t)bar)) &&
            (peak < 0 || plan.tension[bar] > plan.tension[peak])) {
            peak = bar;
        }
    }
    return (uint32_t)peak;
}

static inline void count_climax(int count, struct quadrant *quadrant)
{
    int highest = 0;
    for (int i = 0; i < count; ++i) {
        highest = notes[i].key > notes[highest].key ? i : highest;
    }
    for (int i = highest + 1; i < count; ++i) {
        if (notes[i].key == notes[highest].key) {
            ++figures.shared_peaks;
            break;
        }
    }
    const int bar = (int)(grid(notes[highest].start) / bar_ticks());
    const bool rises = highest > 0 && notes[highest - 1].key < notes[highest].key;
    quadrant->climaxes += rises && abs(bar - (int)peak_bar()) <= 1;
    ++quadrant->songs;
}

// The last note of a phrase's last bar after which there is a breath, of an eighth less what the
// groove may take; pick-ups of the next phrase come after it. -1: there is none.
static inline int last_of_phrase(int count, const struct km_plan_phrase *phrase)
{
    const uint32_t end = (phrase->first_bar + (uint32_t)phrase->bar_count) * bar_ticks();
    int last = -1;
    for (int i = 0; i < count; ++i) {
        const uint32_t tick = grid(notes[i].start);
        const bool has_breath = i + 1 == count || notes[i + 1].start >= notes[i].end + 200;
        if (tick + bar_ticks() >= end && tick < end && has_breath) {
            last = i;
        }
    }
    return last;
}

static inline bool ends_as_it_says(const struct km_plan_phrase *phrase, const struct heard *note)
{
    const uint32_t end = (phrase->first_bar + (uint32_t)phrase->bar_count) * bar_ticks();
    const km_pitch_set chord = chord_at(end - 1);
    const int third = plan.key.tonic + (km_mode_is_minor((enum km_mode)plan.key.mode) ? 3 : 4);
    switch (phrase->cadence) {
    case KM_CADENCE_AUTHENTIC:
    case KM_CADENCE_PLAGAL:
    case KM_CADENCE_MODAL:
        return note->key % 12 == plan.key.tonic || note->key % 12 == third % 12 ||
               is_in(chord, note->key); // A picardy third, or home without a third.
    case KM_CADENCE_HALF:
    case KM_CADENCE_OPEN:
        return is_in(chord, note->key) && note->key % 12 != plan.key.tonic;
    default:
        return is_in(chord, note->key);
    }
}

static inline double seconds_of(const struct heard *note)
{
    return (double)(note->end - note->start) / KM_PPQ * 60 / plan.tempo_bpm;
}

static inline void count_phrases(int count)
{
    for (int i = 0; i < count; ++i) {
        figures.note_seconds += seconds_of(&notes[i]);
        ++figures.notes;
    }
    for (int i = 0; i < plan.phrase_count; ++i) {
        const struct km_plan_phrase *const phrase = &plan.phrases[i];
        if (!is_sung(section_of(phrase->first_bar))) {
            continue;
        }
        const int last = last_of_phrase(count, phrase);
        ++figures.phrases;
        if (last < 0) {
            ++figures.breathless;
            continue;
        }
        figures.rest_seconds += seconds_of(&notes[last]);
        ++figures.rests;
        if (!ends_as_it_says(phrase, &notes[last]) && !is_in_two_keys()) {
            ++figures.wrong_ends;
        }
    }
}

static inline int compare_section(int count, const struct km_plan_section *section, int bars,
                                  struct compared *compared)
{
    const uint32_t begin = section->first_bar * bar_ticks();
    const uint32_t end = begin + (uint32_t)bars * bar_ticks();
    int found = 0;
    uint32_t before = begin;
    int key = 0;
    for (int i = 0; i < count && found < LIKENESS_NOTES_MAX; ++i) {
        const uint32_t tick = grid(notes[i].start);
        if (tick >= begin && tick < end) {
            compared[found++] =
                (struct compared){.interval = (int8_t)(key > 0 ? steps_of(notes[i].key - key) : 0),
                                  .gap = (int16_t)((tick - before) / LIKENESS_GRID)};
            before = tick;
            key = notes[i].key;
        }
    }
    return found;
}

static inline double likeness_of(int count, const struct km_plan_section *one,
                                 const struct km_plan_section *other)
{
    static struct compared a[LIKENESS_NOTES_MAX];
    static struct compared b[LIKENESS_NOTES_MAX];
    int bars = one->bar_count < other->bar_count ? one->bar_count : other->bar_count;
    bars = bars < COMPARED_BARS_MAX ? bars : COMPARED_BARS_MAX;
    return likeness(a, compare_section(count, one, bars, a), b,
                    compare_section(count, other, bars, b));
}

static inline bool is_main(uint8_t kind)
{
    return kind == KM_SECTION_VERSE || kind == KM_SECTION_CHORUS || kind == KM_SECTION_BRIDGE ||
           kind == KM_SECTION_PRE_CHORUS || kind == KM_SECTION_DROP;
}

// A drop is the chorus of its song.
static inline bool are_kin(uint8_t one, uint8_t other)
{
    return (one == KM_SECTION_CHORUS && other == KM_SECTION_DROP) ||
           (one == KM_SECTION_DROP && other == KM_SECTION_CHORUS);
}

static inline void count_pair(int count, const struct km_plan_section *one,
                              const struct km_plan_section *other)
{
    const double like = likeness_of(count, one, other);
    if (one->kind == other->kind) {
        figures.identical_returns += like >= 1;
        figures.same[figures.same_count++] = like;
    } else if (!are_kin(one->kind, other->kind)) {
        figures.different[figures.different_count++] = like;
    }
    assert_true(figures.same_count < PAIRS_MAX && figures.different_count < PAIRS_MAX);
}

// Each section with the first of its kind; the first of each kind with those of the other kinds.
static inline void count_likeness(int count)
{
    const struct km_plan_section *first[KM_SECTION_KINDS_COUNT] = {NULL};
    for (int i = 0; i < plan.section_count; ++i) {
        const struct km_plan_section *const section = &plan.sections[i];
        const bool is_return = first[section->kind] != NULL;
        for (int kind = 0; kind < KM_SECTION_KINDS_COUNT && is_main(section->kind); ++kind) {
            if (first[kind] && is_main((uint8_t)kind) && is_return == (kind == section->kind)) {
                count_pair(count, first[kind], section);
            }
        }
        first[section->kind] = is_return ? first[section->kind] : section;
    }
}

// This song's first verse with the last song's.
static inline void count_other_song(int count)
{
    static struct compared now[LIKENESS_NOTES_MAX];
    int section = 0;
    while (section < plan.section_count && plan.sections[section].kind != KM_SECTION_VERSE) {
        ++section;
    }
    if (section == plan.section_count) {
        return;
    }
    const int now_count = compare_section(count, &plan.sections[section], 4, now);
    if (last_verse_count > 0) {
        figures.other_song[figures.other_song_count++] =
            likeness(last_verse, last_verse_count, now, now_count);
    }
    memcpy(last_verse, now, sizeof(now));
    last_verse_count = now_count;
}

static inline void count_song(int song)
{
    struct quadrant *const quadrant = quadrant_of_song();
    const int count = read_notes(KM_PART_MELODY);
    assert_true(count > 4);
    figures.hashes[song] = notes_hash(KM_PART_MELODY);
    quadrant->notes += count;
    for (int i = 0; i < plan.section_count; ++i) {
        quadrant->seconds += is_sung(i) ? (double)(plan.sections[i].bar_count * bar_ticks()) /
                                              KM_PPQ * 60 / plan.tempo_bpm
                                        : 0;
    }
    count_moves(count, quadrant);
    count_chord_notes(count);
    count_sections(count);
    count_climax(count, quadrant);
    count_phrases(count);
    count_likeness(count);
    count_other_song(count);
    const bool avoids = km_plan_breaks(&plan, KM_RULE_HARMONY_AVOID_TONIC_RESOLUTION);
    figures.final_wrong +=
        (!is_in_two_keys() && avoids == (notes[count - 1].key % 12 == plan.key.tonic)) ||
        notes[count - 1].end + 240 < km_plan_length_ticks(&plan);
}

static inline int compare_doubles(const void *a, const void *b)
{
    const double x = *(const double *)a;
    const double y = *(const double *)b;
    return (x > y) - (x < y);
}

static inline int compare_hashes(const void *a, const void *b)
{
    const uint64_t x = *(const uint64_t *)a;
    const uint64_t y = *(const uint64_t *)b;
    return (x > y) - (x < y);
}

static inline double mean_of(const double *values, int count)
{
    double sum = 0;
    for (int i = 0; i < count; ++i) {
        sum += values[i];
    }
    return count > 0 ? sum / count : 0;
}

// Mean key over the bottom of the register.
static inline double height_of(uint8_t kind)
{
    return figures.kind_notes[kind] > 0 ? figures.kind_heights[kind] / figures.kind_notes[kind] : 0;
}

// For whoever wants to know: with KMIDI_FIGURES set.
static inline void print_figures(void)
{
    for (int i = 0; i < 4; ++i) {
        const struct quadrant *const q = &figures.quadrants[i];
        printf("quadrant %d: climax %.3f, notes/s %.2f, within 2 semitones %.3f, over 7 %.4f, "
               "mean %.2f, repeats %.3f, leaps taken back %.3f\n",
               i + 1, (double)q->climaxes / q->songs, q->notes / q->seconds,
               q->within_two / q->moves, q->over_seven / q->moves, q->semitones / q->moves,
               q->repeats / q->moves, q->recovered / q->leaps);
    }
    printf("mean note %.2f s, at phrase ends %.2f s\n", figures.note_seconds / figures.notes,
           figures.rest_seconds / figures.rests);
    printf("foreign to the chord %d, on downbeats %d of %d; phrases %d\n", figures.jarring,
           figures.downbeats_foreign, figures.downbeats, figures.phrases);
    for (int kind = 0; kind < KM_SECTION_KINDS_COUNT; ++kind) {
        printf("%s %.2f (%d) ", km_section_name((enum km_section_kind)kind),
               height_of((uint8_t)kind), figures.kind_notes[kind]);
    }
    printf("\nalike: same %.3f p5 %.3f (%d of %d identical), different %.3f p95 %.3f, "
           "other song %.3f p95 %.3f\n",
           mean_of(figures.same, figures.same_count), figures.same[figures.same_count / 20],
           figures.identical_returns, figures.same_count,
           mean_of(figures.different, figures.different_count),
           figures.different[figures.different_count * 19 / 20],
           mean_of(figures.other_song, figures.other_song_count),
           figures.other_song[figures.other_song_count * 19 / 20]);
}

#endif
