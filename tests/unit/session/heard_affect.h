// SPDX-License-Identifier: MIT

/// For the tests of songs: what a listener would take a finished MIDI file's feeling to be, from
/// its notes alone: nothing of the plan is read.
///
/// Everything is measured against human music, not against our songs. Arousal: onset rate,
/// velocity, note length, and gap between onsets, each against the middle between the quadrants of
/// high and of low arousal in EMOPIA (Hung et al. 2021, pop piano), in units of half the distance
/// between them, with equal weights. Valence: majorness, which is the distance between the best
/// major and the best minor correlation of Krumhansl and Kessler's profiles (1982); register;
/// consonance of what sounds together, by Huron's index of interval classes (1994); and how much
/// lies outside one diatonic scale. Directions and the order of weights are those of Eerola,
/// Friberg and Bresin (2013) and Gabrielsson and Lindstrom (2010): mode before register before the
/// others. Their scales are the spread of 78 pieces of the justkeydding set, of which majorness
/// tells the mode of 74, and 53 performances of GiantMIDI-Piano.
///
/// All pitched parts count as one piano: notes that begin within 35 ms are one onset.
#ifndef KM_TESTS_SESSION_HEARD_AFFECT_H
#define KM_TESTS_SESSION_HEARD_AFFECT_H

#include "base/units.h"
#include "midi/file.h"
#include "support/cmocka.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { PITCHED_MAX = 1 << 14, TEMPI_MAX = 1 << 10 };

struct pitched {
    double start, end; ///< Seconds.
    uint8_t key, velocity;
};

struct heard_features {
    double onset_rate;          ///< A second.
    double gap;                 ///< Median, seconds.
    double velocity;            ///< Mean.
    double length;              ///< Mean, seconds.
    double pitch, pitch_spread; ///< Mean and standard deviation, keys.
    double low_pitch;           ///< 10th percentile.
    double majorness;           ///< Over 0: major.
    double outside;             ///< Share of sounding time outside the best diatonic scale.
    double consonance;          ///< Mean of Huron's index.
    int note_count;
};

struct heard_affect {
    double valence, arousal; ///< Over 0: positive, high; about 1: as the mean of human quadrants.
};

static struct pitched heard_notes[PITCHED_MAX];
static double heard_starts[PITCHED_MAX];

/// Seconds at a tick, by the tempi of the first track.
static inline double heard_seconds(const struct km_midi_file *song, uint64_t tick)
{
    double seconds = 0;
    double tick_seconds = KM_TEMPO_DEFAULT / 1e6 / song->division;
    uint64_t before = 0;
    const struct km_midi_track *const track = &song->tracks[0];
    for (size_t i = 0; i < track->count && track->events[i].tick <= tick; ++i) {
        if (track->events[i].type == KM_EVENT_TEMPO) {
            seconds += (double)(track->events[i].tick - before) * tick_seconds;
            before = track->events[i].tick;
            tick_seconds = track->events[i].detail / 1e6 / song->division;
        }
    }
    return seconds + (double)(tick - before) * tick_seconds;
}

static inline int heard_read_track(const struct km_midi_file *song, size_t index, int count)
{
    int open[KM_KEYS_COUNT];
    memset(open, -1, sizeof(open));
    for (size_t i = 0; i < song->tracks[index].count; ++i) {
        const struct km_event *const event = &song->tracks[index].events[i];
        const bool is_note = event->type == KM_EVENT_NOTE_ON || event->type == KM_EVENT_NOTE_OFF;
        if (!is_note || event->channel == KM_CHANNEL_DRUMS) {
            continue;
        }
        const double at = heard_seconds(song, event->tick);
        if (event->type == KM_EVENT_NOTE_ON) {
            assert_in_range(count, 0, PITCHED_MAX - 1);
            open[event->number] = count;
            heard_notes[count++] = (struct pitched){at, at, event->number, event->value};
        } else if (open[event->number] >= 0) {
            heard_notes[open[event->number]].end = at;
        }
    }
    return count;
}

static inline int heard_compare(const void *a, const void *b)
{
    const double x = *(const double *)a;
    const double y = *(const double *)b;
    return (x > y) - (x < y);
}

static inline void heard_measure_time(struct heard_features *features)
{
    static double gaps[PITCHED_MAX];
    const int count = features->note_count;
    double end = 0;
    for (int i = 0; i < count; ++i) {
        heard_starts[i] = heard_notes[i].start;
        end = heard_notes[i].end > end ? heard_notes[i].end : end;
    }
    qsort(heard_starts, (size_t)count, sizeof(heard_starts[0]), heard_compare);
    int onsets = 1;
    double last = heard_starts[0];
    for (int i = 1; i < count; ++i) {
        if (heard_starts[i] - last > 0.035) {
            gaps[onsets++ - 1] = heard_starts[i] - last;
            last = heard_starts[i];
        }
    }
    qsort(gaps, (size_t)onsets - 1, sizeof(gaps[0]), heard_compare);
    features->gap = onsets > 1 ? gaps[(onsets - 1) / 2] : end;
    features->onset_rate = onsets / (end - heard_starts[0]);
}

static inline void heard_measure_notes(struct heard_features *features)
{
    const int count = features->note_count;
    int histogram[KM_KEYS_COUNT] = {0};
    double squares = 0;
    for (int i = 0; i < count; ++i) {
        const struct pitched *const note = &heard_notes[i];
        features->velocity += (double)note->velocity / count;
        features->length += (note->end - note->start) / count;
        features->pitch += (double)note->key / count;
        squares += (double)note->key * note->key / count;
        ++histogram[note->key];
    }
    features->pitch_spread = sqrt(squares - features->pitch * features->pitch);
    int key = 0;
    for (int below = histogram[0]; below * 10 <= count; below += histogram[++key]) {
    }
    features->low_pitch = key;
}

static inline double heard_correlation(const double weights[12], int tonic,
                                       const double profile[12])
{
    double means[2] = {0};
    for (int i = 0; i < 12; ++i) {
        means[0] += weights[i] / 12;
        means[1] += profile[i] / 12;
    }
    double sums[3] = {0};
    for (int i = 0; i < 12; ++i) {
        const double a = weights[(tonic + i) % 12] - means[0];
        const double b = profile[i] - means[1];
        sums[0] += a * b;
        sums[1] += a * a;
        sums[2] += b * b;
    }
    return sums[1] > 0 ? sums[0] / sqrt(sums[1] * sums[2]) : 0;
}

static inline void heard_measure_key(struct heard_features *features)
{
    static const double profiles[2][12] = {
        {6.35, 2.23, 3.48, 2.33, 4.38, 4.09, 2.52, 5.19, 2.39, 3.66, 2.29, 2.88},
        {6.33, 2.68, 3.52, 5.38, 2.60, 3.53, 2.54, 4.75, 3.98, 2.69, 3.34, 3.17}};
    static const int scale[] = {0, 2, 4, 5, 7, 9, 11};
    double weights[12] = {0};
    double total = 0;
    for (int i = 0; i < features->note_count; ++i) {
        const double seconds = heard_notes[i].end - heard_notes[i].start;
        weights[heard_notes[i].key % 12] += seconds;
        total += seconds;
    }
    double best[2] = {-1, -1};
    double inside = 0;
    for (int tonic = 0; tonic < 12; ++tonic) {
        double sum = 0;
        for (int i = 0; i < 7; ++i) {
            sum += weights[(tonic + scale[i]) % 12];
        }
        inside = fmax(inside, sum);
        for (int mode = 0; mode < 2; ++mode) {
            best[mode] = fmax(best[mode], heard_correlation(weights, tonic, profiles[mode]));
        }
    }
    features->majorness = best[0] - best[1];
    features->outside = 1 - inside / total;
}

/// Of the keys that sound together at one moment; NAN of one alone.
static inline double heard_consonance(const uint8_t *keys, int count)
{
    static const double index[] = {0, -1.428, -0.582, 0.594, 0.386, 1.240, -0.453};
    double sum = 0;
    int pairs = 0;
    for (int i = 0; i < count; ++i) {
        for (int j = 0; j < i; ++j) {
            const int apart = abs(keys[i] - keys[j]) % 12;
            sum += index[apart < 6 ? apart : 12 - apart];
            pairs += apart != 0;
        }
    }
    return pairs > 0 ? sum / pairs : (double)NAN;
}

/// At eight moments a second.
static inline void heard_measure_consonance(struct heard_features *features)
{
    enum { MOMENTS_MAX = 1 << 13, KEYS_MAX = 24 };
    static uint8_t keys[MOMENTS_MAX][KEYS_MAX];
    static uint8_t counts[MOMENTS_MAX];
    memset(counts, 0, sizeof(counts));
    for (int i = 0; i < features->note_count; ++i) {
        const struct pitched *const note = &heard_notes[i];
        for (int moment = (int)(note->start * 8) + 1; moment <= (int)(note->end * 8); ++moment) {
            if (moment < MOMENTS_MAX && counts[moment] < KEYS_MAX) {
                keys[moment][counts[moment]++] = note->key;
            }
        }
    }
    int heard = 0;
    for (int moment = 0; moment < MOMENTS_MAX; ++moment) {
        const double consonance = heard_consonance(keys[moment], counts[moment]);
        if (!isnan(consonance)) {
            features->consonance += consonance;
            ++heard;
        }
    }
    features->consonance /= heard > 0 ? heard : 1;
}

/// What is measured of a song.
static inline struct heard_features heard_features_of(const struct km_midi_file *song)
{
    struct heard_features features = {0};
    for (size_t i = 0; i < song->track_count; ++i) {
        features.note_count = heard_read_track(song, i, features.note_count);
    }
    assert_true(features.note_count > 1);
    heard_measure_time(&features);
    heard_measure_notes(&features);
    heard_measure_key(&features);
    heard_measure_consonance(&features);
    return features;
}

/// How far a figure lies from the middle, in units; no single cue outvotes all others.
static inline double heard_distance(double x, double middle, double unit)
{
    return fmax(-2, fmin(2, (x - middle) / unit));
}

static inline struct heard_affect heard_affect_of(const struct heard_features *features)
{
    return (struct heard_affect){
        .valence = 0.4 * heard_distance(features->majorness, 0, 0.17) +
                   0.2 * heard_distance(features->pitch, 61.9, 5.4) +
                   0.2 * heard_distance(features->consonance, 0.42, 0.1) +
                   0.2 * heard_distance(features->outside, 0.14, -0.075),
        .arousal = 0.25 * (heard_distance(features->onset_rate, 5.15, 1.15) +
                           heard_distance(features->velocity, 65.75, 12.25) +
                           heard_distance(features->length, 0.8, -0.27) +
                           heard_distance(features->gap, 0.2825, -0.0725)),
    };
}

#endif
