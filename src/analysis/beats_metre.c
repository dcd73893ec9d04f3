// SPDX-License-Identifier: MIT

// How many beats make a bar, and which is the first: accents return after a bar (an autocorrelation
// by beats, Brown 1993), and the first beat has the bass, the change of harmony and seldom the
// backbeat.

#include "analysis/beats_private.h"

#include "base/math.h"
#include "heap/heap.h"

enum { CUES = 4, METRE_BEATS_MAX = 4096 }; // Later beats are not asked for the metre.

enum cue { STRENGTH, LOW, BACKBEAT, CHANGE };

// Where in a beat an onset falls: at the quarters or at the thirds.
enum part { QUARTER, THIRD, HALF, TWO_THIRDS, THREE_QUARTERS, PARTS };

static const double part_ends[PARTS + 1] = {0.17, 0.29, 0.42, 0.58, 0.71, 0.83};

struct accents {
    size_t count;
    bool has_pitches;
    double cues[METRE_BEATS_MAX][CUES];
    double parts[PARTS]; // Strength of what begins at the parts of beats.
};

static int bits_of(unsigned set)
{
    int count = 0;
    for (; set != 0; set &= set - 1U) {
        ++count;
    }
    return count;
}

// Adds what begins in one beat, from an eighth of it before to an eighth of it before the next.
static void add_onset(struct accents *accents, size_t beat, double phase,
                      const struct km_onset *onset)
{
    double *const cues = accents->cues[beat];
    if (phase < 0.15) { // Before the beat as well as behind it.
        cues[STRENGTH] += (double)onset->strength;
        cues[LOW] += (double)onset->low;
        cues[BACKBEAT] += (double)onset->backbeat;
    }
    for (int part = 0; part < PARTS; ++part) {
        const bool is_there = phase >= part_ends[part] && phase < part_ends[part + 1];
        accents->parts[part] += is_there ? (double)onset->strength : 0.0;
    }
}

// Adds what begins in a beat, and tells its pitch classes; `next` is the first onset not yet asked.
static unsigned add_beat(struct accents *accents, size_t beat, const struct km_beats *beats,
                         const struct km_onsets *onsets, size_t *next)
{
    const double start = beats->seconds[beat];
    const double period = beats->seconds[beat + 1] - start;
    unsigned pitches = 0;
    for (; *next < onsets->count; ++*next) {
        const struct km_onset *const onset = &onsets->onsets[*next];
        const double phase = (onset->seconds - start) / period;
        if (phase >= 0.85) {
            break;
        }
        if (phase >= -0.15) {
            add_onset(accents, beat, phase, onset);
            pitches |= onset->pitches;
        }
    }
    return pitches;
}

static void gather(struct accents *accents, const struct km_beats *beats,
                   const struct km_onsets *onsets)
{
    size_t next = 0;
    unsigned before = 0;
    for (size_t beat = 0; beat < accents->count; ++beat) {
        const unsigned pitches = add_beat(accents, beat, beats, onsets, &next);
        const int all = bits_of(pitches | before);
        const int fresh = bits_of(pitches & ~before);
        accents->has_pitches = accents->has_pitches || pitches != 0;
        accents->cues[beat][CHANGE] = all > 0 ? (double)fresh / all : 0.0;
        before = pitches != 0 ? pitches : before;
    }
}

// Takes each cue's mean away and scales it to a deviation of 1; one that never moves says nothing.
static void standardise(struct accents *accents)
{
    for (int cue = 0; cue < CUES; ++cue) {
        double sum = 0.0;
        double squares = 0.0;
        for (size_t i = 0; i < accents->count; ++i) {
            sum += accents->cues[i][cue];
            squares += accents->cues[i][cue] * accents->cues[i][cue];
        }
        const double mean = sum / (double)accents->count;
        const double variance = squares / (double)accents->count - mean * mean;
        const double scale = variance > 1e-9 ? 1.0 / km_sqrt(variance) : 0.0;
        for (size_t i = 0; i < accents->count; ++i) {
            accents->cues[i][cue] = (accents->cues[i][cue] - mean) * scale;
        }
    }
}

// How alike the accents are so many beats apart.
static double return_after(const struct accents *accents, size_t beats)
{
    double sum = 0.0;
    for (size_t i = beats; i < accents->count; ++i) {
        for (int cue = 0; cue < CUES; ++cue) {
            sum += accents->cues[i][cue] * accents->cues[i - beats][cue];
        }
    }
    return accents->count > beats ? sum / (double)(accents->count - beats) / CUES : 0.0;
}

static int beats_per_bar(const struct accents *accents, bool is_compound)
{
    const double two = return_after(accents, 2);
    const double four = return_after(accents, 4);
    const double eight = return_after(accents, 8);
    const double three = return_after(accents, 3);
    const double six = return_after(accents, 6);
    if (three + six > four + eight + 0.1 && three + six > two + four) {
        return 3;
    }
    // Half bars of four beats are often alike, so that two beats have to be more so.
    return two > four + (is_compound ? -0.06 : 0.09) ? 2 : 4;
}

static int first_of_bar(const struct accents *accents, int beats_in_bar)
{
    int best = 0;
    double best_mean = -1e300;
    for (int phase = 0; phase < beats_in_bar; ++phase) {
        double sum = 0.0;
        double count = 0.0;
        for (size_t i = (size_t)phase; i < accents->count; i += (size_t)beats_in_bar) {
            const double *const cues = accents->cues[i];
            sum += cues[LOW] + 0.5 * cues[STRENGTH] - cues[BACKBEAT] + cues[CHANGE];
            count += 1.0;
        }
        if (count > 0.0 && sum / count > best_mean) {
            best = phase;
            best_mean = sum / count;
        }
    }
    return best;
}

// Beats of three parts: both thirds are played, and the quarters hardly. Swing has hardly more than
// the second third. What drums alone play in thirds is a shuffle, which is written in quarters.
static bool is_compound(const struct accents *accents)
{
    const double *const parts = accents->parts;
    const double thirds = parts[THIRD] + parts[TWO_THIRDS];
    const double quarters = parts[QUARTER] + parts[HALF] + parts[THREE_QUARTERS];
    return accents->has_pitches && thirds > 2.0 * quarters &&
           parts[THIRD] > 0.25 * parts[TWO_THIRDS];
}

enum km_status km_beats_find_metre(const struct km_beats *beats, const struct km_onsets *onsets,
                                   struct km_beats_metre *metre)
{
    struct accents *const accents =
        km_heap_allocate(beats->heap, KM_ACCOUNT_WORKING, sizeof(*accents));
    if (!accents) {
        return KM_ERROR_NO_MEMORY;
    }
    accents->count = beats->count - 1 < METRE_BEATS_MAX ? beats->count - 1 : METRE_BEATS_MAX;
    gather(accents, beats, onsets);
    standardise(accents);
    metre->is_compound = is_compound(accents);
    metre->beats_per_bar = beats_per_bar(accents, metre->is_compound);
    metre->first = first_of_bar(accents, metre->beats_per_bar);
    km_heap_release(beats->heap, accents);
    return KM_OK;
}
