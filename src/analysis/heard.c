// SPDX-License-Identifier: MIT

// What feeling a listener takes from a piece. Valence and arousal are weighted sums of cues, as the
// experiments of Eerola, Friberg and Bresin (2013) justify: linear, without interactions, mode
// before tempo before register before the rest; directions also after Gabrielsson and Lindstrom
// (2010). Each cue is measured against the middle between the quadrants of feeling in human music,
// in units of half their distance (EMOPIA, Hung et al. 2021); mode, consonance and what lies
// outside the scale against the spread of 78 pieces whose keys are labelled.

#include "analysis/analysis.h"
#include "analysis/heard_private.h"
#include "base/check.h"
#include "base/math.h"

// How far a figure lies from the middle, in units; no single cue outvotes all others.
static double distance(double x, double middle, double unit)
{
    return km_clamp((x - middle) / unit, -2.0, 2.0);
}

// Velocities that are all the same were not played by anybody, and tell little.
static double touch_of(const struct km_heard_time *time)
{
    return km_clamp(time->velocity_deviation / 4.0, 0.3, 1.0);
}

static double arousal_of(const struct km_heard_time *time, double bpm)
{
    return 0.25 * distance(time->onsets_per_second, 5.15, 1.15) +
           0.25 * touch_of(time) * distance(time->velocity_mean, 65.75, 12.25) +
           0.2 * distance(time->note_seconds, 0.8, -0.27) +
           0.2 * distance(time->gap_seconds, 0.2825, -0.0725) +
           0.05 * distance(time->articulation, 0.9, -0.25) + 0.05 * distance(bpm, 105.0, 25.0);
}

// Drums are struck, not held: of them only how many and how loud counts.
static double drums_arousal_of(const struct km_heard_time *time)
{
    return 0.6 * distance(time->onsets_per_second, 5.15, 1.15) +
           0.4 * touch_of(time) * distance(time->velocity_mean, 65.75, 12.25);
}

// Of a single line little can be said by its register: it has no bass.
static double valence_of(const struct km_heard_pitch *pitch)
{
    const double chords = pitch->has_chords ? 1.0 : 0.0;
    return 0.4 * distance(pitch->majorness, 0.0, 0.17) +
           (0.1 + 0.1 * chords) * distance(pitch->mean, 61.9, 5.4) +
           0.2 * chords * distance(pitch->consonance, 0.42, 0.1) +
           0.2 * distance(pitch->outside, 0.14, -0.075);
}

// Quarter notes a minute, the mean over the piece's beats.
static double bpm_of(const struct km_piece *piece)
{
    double seconds = 0.0;
    double beats = 0.0;
    for (size_t i = 0; i < piece->tempo_count; ++i) {
        const struct km_piece_tempo *const tempo = &piece->tempos[i];
        const double end = i + 1 < piece->tempo_count ? piece->tempos[i + 1].beat : piece->end_beat;
        if (end > tempo->beat && tempo->bpm > 0.0) {
            beats += end - tempo->beat;
            seconds += (end - tempo->beat) * 60.0 / tempo->bpm;
        }
    }
    return seconds > 0.0 ? beats * 60.0 / seconds : piece->tempos[0].bpm;
}

// What the notes of one histogram say of the mode, and what the key found by other means says.
static double majorness_of(const struct km_heard_pitch *pitch, const struct km_keys *keys)
{
    const bool is_minor = km_mode_is_minor((enum km_mode)keys->whole.key.mode);
    const double key = is_minor ? -0.17 : 0.17;
    return pitch->majorness + 0.5 * (double)keys->whole.confidence * (key - pitch->majorness);
}

// The sum of cues lies about 1 from the middle in the mean piece of a human quadrant: this puts
// that at one half, and the utmost near 0.8.
static double bounded(double sum)
{
    return km_tanh(0.55 * sum);
}

enum km_status km_heard_find(struct km_heard *heard, const struct km_piece *piece,
                             const struct km_keys *keys)
{
    KM_CHECK(piece->tempo_count > 0);
    KM_CHECK(keys != NULL);
    struct km_heard_time time;
    struct km_heard_time drums;
    struct km_heard_pitch pitch;
    const enum km_status status = km_heard_measure_pitch(piece, &pitch);
    if (status != KM_OK) {
        return status;
    }
    km_heard_measure_time(piece, false, &time);
    km_heard_measure_time(piece, true, &drums);
    *heard = (struct km_heard){0};
    if (time.note_count == 0 && drums.note_count == 0) {
        return KM_OK;
    }
    const double bpm = bpm_of(piece);
    double arousal = 0.0;
    if (time.note_count > 0) {
        pitch.majorness = majorness_of(&pitch, keys);
        heard->valence = bounded(valence_of(&pitch));
        arousal = arousal_of(&time, bpm);
    }
    if (drums.note_count > 0) {
        const double share = time.note_count > 0 ? 0.15 : 1.0;
        arousal += share * (drums_arousal_of(&drums) - arousal);
    }
    const struct km_heard_time *const told = time.note_count > 0 ? &time : &drums;
    heard->arousal = bounded(arousal);
    heard->onsets_per_second = told->onsets_per_second;
    heard->bpm = bpm;
    heard->velocity_mean = told->velocity_mean;
    heard->velocity_deviation = told->velocity_deviation;
    heard->articulation = told->articulation;
    heard->note_seconds = told->note_seconds;
    heard->pitch_mean = pitch.mean;
    heard->pitch_deviation = pitch.deviation;
    heard->pitch_low = pitch.low;
    heard->majorness = pitch.majorness;
    heard->consonance = pitch.consonance;
    heard->outside = pitch.outside;
    return KM_OK;
}
