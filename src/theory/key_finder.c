// SPDX-License-Identifier: MIT

// Correlates a histogram of pitch classes with published key profiles. All sums are made in one
// order from exact products, so that every machine finds the same key.

#include "theory/key_finder.h"

#include "base/math.h"

enum { PITCHES = 12, KEYS_COUNT = 24 }; // Major keys from C up, then minor ones.

struct profile {
    double weights[2][PITCHES]; // Major, minor
};

static const struct profile profiles[] = {
#define KM_WEIGHTS(...)                                                                            \
    {                                                                                              \
        __VA_ARGS__                                                                                \
    }
#define KM_PROFILE(NAME, major, minor) {{major, minor}},
#include "theory/profiles.def"
#undef KM_PROFILE
#undef KM_WEIGHTS
};

enum { PROFILES_COUNT = sizeof(profiles) / sizeof(profiles[0]) };

// Takes the mean away and scales to length 1, so that a sum of products is a correlation.
static bool normalise(const double from[PITCHES], double to[PITCHES])
{
    double sum = 0.0;
    for (int i = 0; i < PITCHES; ++i) {
        sum += from[i];
    }
    double square = 0.0;
    for (int i = 0; i < PITCHES; ++i) {
        to[i] = from[i] - sum / PITCHES;
        square += to[i] * to[i];
    }
    const double length = km_sqrt(square);
    for (int i = 0; i < PITCHES; ++i) {
        to[i] = length > 0.0 ? to[i] / length : 0.0;
    }
    return length > 1e-9 * sum;
}

// Correlates with all profiles of a mode in all twelve keys: the mean over the profiles. A sum of
// correlations is the correlation with the sum, so the profiles are added up first.
static void correlate(const double histogram[PITCHES], int mode, double scores[PITCHES])
{
    double combined[PITCHES] = {0.0};
    for (int i = 0; i < PROFILES_COUNT; ++i) {
        double weights[PITCHES];
        (void)normalise(profiles[i].weights[mode], weights);
        for (int pitch = 0; pitch < PITCHES; ++pitch) {
            combined[pitch] += weights[pitch] / PROFILES_COUNT;
        }
    }
    for (int tonic = 0; tonic < PITCHES; ++tonic) {
        scores[tonic] = 0.0;
        for (int pitch = 0; pitch < PITCHES; ++pitch) {
            scores[tonic] += histogram[(tonic + pitch) % PITCHES] * combined[pitch];
        }
    }
}

static int best_except(const double scores[KEYS_COUNT], int excepted)
{
    int best = excepted == 0 ? 1 : 0;
    for (int i = 0; i < KEYS_COUNT; ++i) {
        if (i != excepted && scores[i] > scores[best]) {
            best = i;
        }
    }
    return best;
}

static struct km_key key_of(int index)
{
    return (struct km_key){(uint8_t)(index % PITCHES),
                           index < PITCHES ? KM_MODE_IONIAN : KM_MODE_AEOLIAN};
}

struct km_key_found km_key_of_histogram(const float weights[12])
{
    double given[PITCHES];
    double histogram[PITCHES];
    for (int i = 0; i < PITCHES; ++i) {
        const bool is_usable = weights[i] > 0.0F && weights[i] < 1e30F;
        given[i] = is_usable ? (double)weights[i] : 0.0;
    }
    if (!normalise(given, histogram)) {
        return (struct km_key_found){key_of(0), key_of(PITCHES), 0.0F};
    }
    double scores[KEYS_COUNT];
    correlate(histogram, 0, scores);
    correlate(histogram, 1, scores + PITCHES);
    const int best = best_except(scores, -1);
    const int second = best_except(scores, best);
    // A lead of a quarter is as sure as music gets.
    const double lead = km_clamp(4.0 * (scores[best] - scores[second]), 0.0, 1.0);
    const double fit = km_clamp(scores[best], 0.0, 1.0);
    return (struct km_key_found){key_of(best), key_of(second), (float)(lead * fit)};
}
