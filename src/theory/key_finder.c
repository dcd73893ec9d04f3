// SPDX-License-Identifier: MIT

// Correlates a histogram of pitch classes with published key profiles. All sums are made in one
// order, so that every machine finds the same key.

#include "theory/key_finder.h"

#include "base/math.h"

enum { PITCHES = 12 };

// The mean of the profiles of profiles.def, each without its mean and scaled to length 1: a sum of
// correlations is the correlation with the sum. Twice in a row and backwards, so that the weights
// of one pitch class in the keys from C up stand side by side; major, then minor. A test makes the
// figures again from profiles.def.
#define BACKWARDS(w0, w1, w2, w3, w4, w5, w6, w7, w8, w9, w10, w11)                                \
    {                                                                                              \
        w0, w11, w10, w9, w8, w7, w6, w5, w4, w3, w2, w1, w0, w11, w10, w9, w8, w7, w6, w5, w4,    \
            w3, w2, w1                                                                             \
    }
static const float profiles[2][2 * PITCHES] = {
    BACKWARDS(0.478371F, -0.302419F, 0.130753F, -0.290454F, 0.247716F, 0.109921F, -0.274789F,
              0.463445F, -0.279477F, 0.020480F, -0.300670F, -0.002876F),
    BACKWARDS(0.494877F, -0.302985F, 0.118605F, 0.258250F, -0.301785F, 0.105457F, -0.296086F,
              0.454240F, -0.006171F, -0.281077F, -0.147508F, -0.095816F),
};

// Takes the mean away and scales to length 1, so that a sum of products is a correlation.
static bool normalise(const float from[PITCHES], float to[PITCHES])
{
    double given[PITCHES];
    double sum = 0.0;
    for (int i = 0; i < PITCHES; ++i) {
        const bool is_usable = from[i] > 0.0F && from[i] < 1e30F;
        given[i] = is_usable ? (double)from[i] : 0.0;
        sum += given[i];
    }
    double square = 0.0;
    for (int i = 0; i < PITCHES; ++i) {
        given[i] -= sum / PITCHES;
        square += given[i] * given[i];
    }
    const double length = km_sqrt(square);
    if (!(length > 1e-7 * sum)) {
        return false;
    }
    const double scale = 1.0 / length;
    for (int i = 0; i < PITCHES; ++i) {
        to[i] = (float)(given[i] * scale);
    }
    return true;
}

bool km_key_scores(const float weights[12], float scores[KM_KEY_SCORES_COUNT])
{
    float histogram[PITCHES];
    const bool is_known = normalise(weights, histogram);
    for (int i = 0; i < KM_KEY_SCORES_COUNT; ++i) {
        scores[i] = 0.0F;
    }
    for (int pitch = 0; is_known && pitch < PITCHES; ++pitch) {
        // A key on tonic t hears the pitch as step (pitch - t): backwards from there.
        const float *const major = &profiles[0][PITCHES - pitch];
        const float *const minor = &profiles[1][PITCHES - pitch];
        for (int tonic = 0; tonic < PITCHES; ++tonic) {
            scores[tonic] += histogram[pitch] * major[tonic];
            scores[PITCHES + tonic] += histogram[pitch] * minor[tonic];
        }
    }
    return is_known;
}

// The best score and the next; of equal ones the first.
static void find_best(const float scores[KM_KEY_SCORES_COUNT], int *best, int *second)
{
    *best = 0;
    *second = 1;
    if (scores[1] > scores[0]) {
        *best = 1;
        *second = 0;
    }
    for (int i = 2; i < KM_KEY_SCORES_COUNT; ++i) {
        if (scores[i] > scores[*best]) {
            *second = *best;
            *best = i;
        } else if (scores[i] > scores[*second]) {
            *second = i;
        }
    }
}

struct km_key km_key_of_index(int index)
{
    return (struct km_key){(uint8_t)(index % PITCHES),
                           index < PITCHES ? KM_MODE_IONIAN : KM_MODE_AEOLIAN};
}

struct km_key_found km_key_of_scores(const float scores[KM_KEY_SCORES_COUNT])
{
    int best = 0;
    int second = 0;
    find_best(scores, &best, &second);
    // A lead of a quarter is as sure as music gets.
    const double lead = km_clamp(4.0 * (double)(scores[best] - scores[second]), 0.0, 1.0);
    const double fit = km_clamp((double)scores[best], 0.0, 1.0);
    return (struct km_key_found){km_key_of_index(best), km_key_of_index(second),
                                 (float)(lead * fit)};
}

struct km_key_found km_key_of_histogram(const float weights[12])
{
    float scores[KM_KEY_SCORES_COUNT];
    if (!km_key_scores(weights, scores)) {
        return (struct km_key_found){km_key_of_index(0), km_key_of_index(PITCHES), 0.0F};
    }
    return km_key_of_scores(scores);
}
