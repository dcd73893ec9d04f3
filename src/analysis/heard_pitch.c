// SPDX-License-Identifier: MIT

// What the pitches of a piece tell of its feeling: register, mode, what lies outside the scale, and
// how consonant it is when notes sound together.

#include "analysis/heard_private.h"

#include "base/math.h"
#include "heap/heap.h"

#include <stdint.h>

enum { PITCHES = 12, KEYS = 128, MOMENTS_MIN = 16, MOMENTS_MAX = 4096 };

// Moments at which consonance is taken: eight a second, fewer in a long piece.
static const double moments_per_second = 8.0;

// Huron 1994: consonance of interval classes, unison and octave left out.
static const double huron[7] = {0.0, -1.428, -0.582, 0.594, 0.386, 1.240, -0.453};

// Krumhansl and Kessler 1982.
static const double profiles[2][PITCHES] = {
    {6.35, 2.23, 3.48, 2.33, 4.38, 4.09, 2.52, 5.19, 2.39, 3.66, 2.29, 2.88},
    {6.33, 2.68, 3.52, 5.38, 2.60, 3.53, 2.54, 4.75, 3.98, 2.69, 3.34, 3.17}};

static double correlation_of(const double weights[PITCHES], int tonic,
                             const double profile[PITCHES])
{
    double weights_mean = 0.0;
    double profile_mean = 0.0;
    for (int i = 0; i < PITCHES; ++i) {
        weights_mean += weights[i] / PITCHES;
        profile_mean += profile[i] / PITCHES;
    }
    double product = 0.0;
    double weights_square = 0.0;
    double profile_square = 0.0;
    for (int i = 0; i < PITCHES; ++i) {
        const double a = weights[(tonic + i) % PITCHES] - weights_mean;
        const double b = profile[i] - profile_mean;
        product += a * b;
        weights_square += a * a;
        profile_square += b * b;
    }
    return weights_square > 0.0 ? product / km_sqrt(weights_square * profile_square) : 0.0;
}

static double larger(double a, double b)
{
    return a > b ? a : b;
}

static void measure_mode(const double weights[PITCHES], struct km_heard_pitch *pitch)
{
    static const int major_scale[] = {0, 2, 4, 5, 7, 9, 11};
    double best[2] = {-1.0, -1.0};
    double total = 0.0;
    double inside = 0.0;
    for (int tonic = 0; tonic < PITCHES; ++tonic) {
        double sum = 0.0;
        for (int i = 0; i < 7; ++i) {
            sum += weights[(tonic + major_scale[i]) % PITCHES];
        }
        inside = larger(inside, sum);
        total += weights[tonic];
        for (int mode = 0; mode < 2; ++mode) {
            best[mode] = larger(best[mode], correlation_of(weights, tonic, profiles[mode]));
        }
    }
    pitch->majorness = best[0] - best[1];
    pitch->outside = total > 0.0 ? larger(0.0, 1.0 - inside / total) : 0.0;
}

static void measure_keys(const struct km_piece *piece, struct km_heard_pitch *pitch)
{
    uint32_t counts[KEYS] = {0};
    double weights[PITCHES] = {0.0};
    double total = 0.0;
    double sum = 0.0;
    double squares = 0.0;
    for (size_t i = 0; i < piece->note_count; ++i) {
        const struct km_piece_note *const note = &piece->notes[i];
        if (!note->is_drum) {
            ++counts[note->key % KEYS];
            weights[note->key % PITCHES] += note->end_s - note->start_s;
            total += 1.0;
            sum += note->key;
            squares += (double)note->key * note->key;
        }
    }
    if (total == 0.0) {
        return;
    }
    pitch->mean = sum / total;
    pitch->deviation = km_sqrt(larger(0.0, squares / total - pitch->mean * pitch->mean));
    double below = 0.0;
    for (int key = 0; key < KEYS && below * 10.0 <= total; ++key) {
        below += counts[key];
        pitch->low = key;
    }
    measure_mode(weights, pitch);
}

// How many notes of each pitch class begin, less those that end, before each moment.
struct moments {
    double first, step; // Seconds.
    size_t count;
    int32_t changes[MOMENTS_MAX + 1][PITCHES];
};

// The first moment later than a time.
static size_t moment_after(const struct moments *moments, double seconds)
{
    const double place = (seconds - moments->first) / moments->step;
    return (size_t)km_clamp(place, 0.0, (double)moments->count - 1.0) + 1;
}

// The mean index of all pairs that sound; the number of pairs is set.
static double consonance_of(const int32_t sounding[PITCHES], double *pairs)
{
    double sum = 0.0;
    *pairs = 0.0;
    for (int a = 0; a < PITCHES; ++a) {
        for (int b = a + 1; sounding[a] > 0 && b < PITCHES; ++b) {
            const int apart = b - a < 7 ? b - a : PITCHES - (b - a);
            const double together = (double)sounding[a] * sounding[b];
            sum += together * huron[apart];
            *pairs += together;
        }
    }
    return *pairs > 0.0 ? sum / *pairs : 0.0;
}

static void fill_moments(const struct km_piece *piece, struct moments *moments)
{
    for (size_t i = 0; i < piece->note_count; ++i) {
        const struct km_piece_note *const note = &piece->notes[i];
        if (!note->is_drum) {
            ++moments->changes[moment_after(moments, note->start_s)][note->key % PITCHES];
            --moments->changes[moment_after(moments, note->end_s)][note->key % PITCHES];
        }
    }
}

static void measure_moments(const struct moments *moments, struct km_heard_pitch *pitch)
{
    int32_t sounding[PITCHES] = {0};
    double sum = 0.0;
    double heard = 0.0;
    for (size_t moment = 0; moment < moments->count; ++moment) {
        for (int i = 0; i < PITCHES; ++i) {
            sounding[i] += moments->changes[moment][i];
        }
        double pairs = 0.0;
        sum += consonance_of(sounding, &pairs);
        heard += pairs > 0.0;
    }
    pitch->has_chords = heard > 0.0;
    pitch->consonance = heard > 0.0 ? sum / heard : 0.0;
}

enum km_status km_heard_measure_pitch(const struct km_piece *piece, struct km_heard_pitch *pitch)
{
    struct moments *const moments =
        km_heap_allocate(piece->heap, KM_ACCOUNT_WORKING, sizeof(*moments));
    if (!moments) {
        return KM_ERROR_NO_MEMORY;
    }
    double first = 0.0;
    double end = 0.0;
    for (size_t i = 0; i < piece->note_count; ++i) {
        first = i == 0 ? piece->notes[i].start_s : first;
        end = larger(end, piece->notes[i].end_s);
    }
    const double wanted = (end - first) * moments_per_second;
    moments->count = (size_t)km_clamp(wanted, MOMENTS_MIN, MOMENTS_MAX);
    moments->first = first;
    moments->step = larger((end - first) / (double)moments->count, 1e-9);
    *pitch = (struct km_heard_pitch){0};
    fill_moments(piece, moments);
    measure_moments(moments, pitch);
    measure_keys(piece, pitch);
    km_heap_release(piece->heap, moments);
    return KM_OK;
}
