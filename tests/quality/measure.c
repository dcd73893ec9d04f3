// SPDX-License-Identifier: MIT

#include "quality/measure.h"

#include <math.h>

enum {
    LAG_FRAMES_MAX = 96,
    LAG_SEARCH_FRAMES = 24000,
    ATTACK_FRAMES = STEM_RATE_HZ / 10,
    ONSET_FRAMES = STEM_RATE_HZ / 5,
    RELEASE_WINDOW = STEM_RATE_HZ / 100,
    RELEASE_STEP = 16,
    BEFORE_RELEASE_FRAMES = STEM_RATE_HZ / 20,
};

static const double no_number = (double)NAN;
static const double null_floor_db = -200;
static const double audible_energy = 2e-10; // Of a frame: -100 dB in both channels.
static const double silence_energy = 1e-12; // Of a whole stem.

static double square(double x)
{
    return x * x;
}

static double energy(const struct stem *stem, size_t from, size_t to)
{
    double sum = 0;
    for (size_t i = from; i < to; ++i) {
        sum += square((double)stem->left[i]) + square((double)stem->right[i]);
    }
    return sum;
}

static float sample_at(const float *samples, ptrdiff_t at)
{
    return at >= 0 && at < STEM_FRAMES_MAX ? samples[at] : 0;
}

// How alike the reference and the test, which is `lag` frames late, are: 1 for the same shape.
static double likeness(const struct stem *reference, const struct stem *test, int lag)
{
    double both = 0;
    double own = 0;
    for (ptrdiff_t i = 0; i < LAG_SEARCH_FRAMES; ++i) {
        const double left = (double)sample_at(test->left, i + lag);
        const double right = (double)sample_at(test->right, i + lag);
        both += left * (double)reference->left[i] + right * (double)reference->right[i];
        own += left * left + right * right;
    }
    const double expected = energy(reference, 0, LAG_SEARCH_FRAMES);
    return own > 0 && expected > 0 ? both / sqrt(own * expected) : 0;
}

static int best_lag(const struct stem *reference, const struct stem *test)
{
    int best = 0;
    double most = likeness(reference, test, 0);
    if (most > .9999) { // A null of -37 dB: no lag is better.
        return 0;
    }
    for (int lag = -LAG_FRAMES_MAX; lag <= LAG_FRAMES_MAX; ++lag) {
        const double likes = likeness(reference, test, lag);
        if (likes > most) {
            most = likes;
            best = lag;
        }
    }
    return best;
}

// The gain that brings the test closest to the reference.
static double best_gain(const struct stem *reference, const struct stem *test, int lag)
{
    double both = 0;
    double own = 0;
    for (ptrdiff_t i = 0; i < STEM_FRAMES_MAX; ++i) {
        const double left = (double)sample_at(test->left, i + lag);
        const double right = (double)sample_at(test->right, i + lag);
        both += left * (double)reference->left[i] + right * (double)reference->right[i];
        own += left * left + right * right;
    }
    return own > 0 ? both / own : 0;
}

struct match {
    double gain;
    int lag;
};

static double null_db(const struct stem *reference, const struct stem *test, struct match match,
                      const size_t part[2])
{
    double difference = 0;
    for (size_t i = part[0]; i < part[1]; ++i) {
        const ptrdiff_t at = (ptrdiff_t)i + match.lag;
        difference +=
            square((double)reference->left[i] - match.gain * (double)sample_at(test->left, at));
        difference +=
            square((double)reference->right[i] - match.gain * (double)sample_at(test->right, at));
    }
    const double whole = energy(reference, part[0], part[1]);
    const double db = whole > 0 ? 10 * log10(difference / whole + 1e-20) : null_floor_db;
    return db > null_floor_db ? db : null_floor_db;
}

static void measure_null(const struct stem *reference, const struct stem *test,
                         struct measures *measures)
{
    static const size_t whole[2] = {0, STEM_FRAMES_MAX};
    static const size_t parts[PARTS_COUNT][2] = {
        {0, ATTACK_FRAMES}, {ATTACK_FRAMES, STEM_NOTE_FRAMES}, {STEM_NOTE_FRAMES, STEM_FRAMES_MAX}};
    measures->lag_frames = best_lag(reference, test);
    const struct match match = {best_gain(reference, test, measures->lag_frames),
                                measures->lag_frames};
    measures->null_db = null_db(reference, test, match, whole);
    for (int i = 0; i < PARTS_COUNT; ++i) {
        measures->null_part_db[i] = null_db(reference, test, match, parts[i]);
    }
}

// The first frame by which the stem has brought so much energy.
static size_t frame_of_energy(const struct stem *stem, double wanted)
{
    double sum = 0;
    for (size_t i = 0; i < ONSET_FRAMES; ++i) {
        sum += square((double)stem->left[i]) + square((double)stem->right[i]);
        if (sum >= wanted) {
            return i;
        }
    }
    return ONSET_FRAMES;
}

// A thousandth of the first 200 ms' energy marks the onset: a sum of energies does not depend on
// where in its period a wave stands. Both stems are measured by the reference's energy, levelled.
double measure_onset(const struct stem *reference, const struct stem *test)
{
    const double fraction = .001;
    const double wanted = fraction * energy(reference, 0, ONSET_FRAMES);
    const double ratio = energy(test, 0, STEM_NOTE_FRAMES) / energy(reference, 0, STEM_NOTE_FRAMES);
    if (!(wanted > silence_energy) || !(ratio > 0)) {
        return no_number;
    }
    const double late =
        (double)frame_of_energy(test, wanted * ratio) - (double)frame_of_energy(reference, wanted);
    return late * 1000 / STEM_RATE_HZ;
}

static double energy_at_release(const struct stem *stem)
{
    return energy(stem, STEM_NOTE_FRAMES - BEFORE_RELEASE_FRAMES, STEM_NOTE_FRAMES) *
           RELEASE_WINDOW / BEFORE_RELEASE_FRAMES;
}

double measure_release_frames(const struct stem *stem, double energy_fraction)
{
    const double least = energy_at_release(stem) * energy_fraction;
    if (least < audible_energy * RELEASE_WINDOW) {
        return no_number;
    }
    size_t last = STEM_NOTE_FRAMES;
    for (size_t i = STEM_NOTE_FRAMES; i + RELEASE_WINDOW <= STEM_FRAMES_MAX; i += RELEASE_STEP) {
        if (energy(stem, i, i + RELEASE_WINDOW) > least) {
            last = i;
        }
    }
    const bool ends = last + (size_t)2 * RELEASE_WINDOW < STEM_FRAMES_MAX;
    return ends ? (double)(last - STEM_NOTE_FRAMES + RELEASE_WINDOW) : no_number;
}

static void measure_release(const struct stem *reference, const struct stem *test,
                            struct measures *measures)
{
    double fraction = 1e-4;
    double expected = measure_release_frames(reference, fraction);
    if (isnan(expected)) { // It is longer than the stem, or soft: -20 dB will do.
        fraction = 1e-2;
        expected = measure_release_frames(reference, fraction);
    }
    const double found = measure_release_frames(test, fraction);
    measures->release_ratio = found / expected;
    measures->release_difference_ms = (found - expected) * 1000 / STEM_RATE_HZ;
}

// A second-order filter in transposed direct form II.
struct biquad {
    double b0, b1, b2, a1, a2;
    double s1, s2;
};

static double biquad_run(struct biquad *filter, double x)
{
    const double y = filter->b0 * x + filter->s1;
    filter->s1 = filter->b1 * x - filter->a1 * y + filter->s2;
    filter->s2 = filter->b2 * x - filter->a2 * y;
    return y;
}

static double weighted_energy(const float *samples)
{
    // ITU-R BS.1770-4, tables 1 and 2: for 48 kHz.
    struct biquad shelf = {1.53512485958697,
                           -2.69169618940638,
                           1.19839281085285,
                           -1.69065929318241,
                           0.73248077421585,
                           0,
                           0};
    struct biquad high_pass = {1, -2, 1, -1.99004745483398, 0.99007225036621, 0, 0};
    double sum = 0;
    for (size_t i = 0; i < STEM_FRAMES_MAX; ++i) {
        sum += square(biquad_run(&high_pass, biquad_run(&shelf, (double)samples[i])));
    }
    return sum;
}

double measure_loudness(const struct stem *stem)
{
    const double mean =
        (weighted_energy(stem->left) + weighted_energy(stem->right)) / STEM_FRAMES_MAX;
    return -.691 + 10 * log10(mean);
}

struct measures measure(const struct stem *reference, const struct stem *test)
{
    struct measures measures = {.null_db = null_floor_db};
    const bool is_silent = energy(reference, 0, STEM_FRAMES_MAX) < silence_energy;
    if (is_silent || energy(test, 0, STEM_FRAMES_MAX) < silence_energy) {
        const bool both = is_silent && energy(test, 0, STEM_FRAMES_MAX) < silence_energy;
        const double otherwise = both ? 0 : no_number;
        return (struct measures){.null_db = both ? null_floor_db : 0,
                                 .pitch_cents = otherwise,
                                 .onset_ms = otherwise,
                                 .release_ratio = both ? 1 : no_number,
                                 .level_lu = otherwise};
    }
    measure_null(reference, test, &measures);
    measures.pitch_cents = measure_pitch(reference, test, measures.lag_frames);
    measures.onset_ms = measure_onset(reference, test);
    measure_release(reference, test, &measures);
    measures.level_lu = measure_loudness(test) - measure_loudness(reference);
    return measures;
}
