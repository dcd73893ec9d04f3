// SPDX-License-Identifier: MIT

// Difference in pitch of two renderings of the same sound: by how fast their phases drift apart,
// and, where that is too far to follow, by how far their spectra are shifted.

#include "quality/fourier.h"
#include "quality/measure.h"

#include <math.h>
#include <stdlib.h>

enum {
    WINDOW = 4096,
    HOP = 1024,
    BINS = 512, // Up to 6 kHz.
    BIN_MIN = 4,
    COARSE_WINDOW = 16384,
    GRID_CENTS = 5, // Of the shift of spectra.
    GRID_SIZE = 1600,
    GRID_SHIFT_MAX = 120,
    FINE_CENTS_MAX = 20,
    DRIFTS_MAX = 2 * BINS * (STEM_NOTE_FRAMES / HOP + 1),
};

static const double tau = 6.283185307179586;
static const double cents_of_ratio = 1731.2340490667561; // 1200 / ln 2: of ratios near 1.
static const double grid_low_hz = 60;

// How much sharper one bin of one window is, and how much energy says so.
struct drift {
    double ratio;
    double weight;
};

struct drifts {
    size_t count;
    struct drift all[DRIFTS_MAX];
};

static double power(struct fourier_value value)
{
    return value.real * value.real + value.imaginary * value.imaginary;
}

// Of a against b.
static double phase_between(struct fourier_value a, struct fourier_value b)
{
    return atan2(a.imaginary * b.real - a.real * b.imaginary,
                 a.real * b.real + a.imaginary * b.imaginary);
}

// Phase modulo a turn, -pi to pi.
static double wrap(double phase)
{
    return phase - tau * round(phase / tau);
}

struct window {
    struct fourier_value reference[WINDOW / 2];
    struct fourier_value test[WINDOW / 2];
};

static void fill(struct window *window, const float *reference, const float *test, size_t at)
{
    const float *const signals[2] = {reference + at, test + at};
    struct fourier_value *const spectra[2] = {window->reference, window->test};
    fourier_pair(signals, spectra, WINDOW);
}

static void add_drifts(struct drifts *drifts, const struct window *before, const struct window *now)
{
    for (size_t i = BIN_MIN; i < BINS; ++i) {
        const double expected = tau * (double)i * HOP / WINDOW;
        const double own = phase_between(now->reference[i], before->reference[i]);
        const double advance = expected + wrap(own - expected); // Radians a hop, of the reference.
        const double apart = phase_between(now->test[i], now->reference[i]);
        const double apart_before = phase_between(before->test[i], before->reference[i]);
        const double weight = fmin(power(now->test[i]), power(now->reference[i]));
        drifts->all[drifts->count++] = (struct drift){wrap(apart - apart_before) / advance, weight};
    }
}

static int by_ratio(const void *a, const void *b)
{
    const double difference = ((const struct drift *)a)->ratio - ((const struct drift *)b)->ratio;
    return (difference > 0) - (difference < 0);
}

static double weighted_median(struct drifts *drifts)
{
    qsort(drifts->all, drifts->count, sizeof(drifts->all[0]), by_ratio);
    double whole = 0;
    for (size_t i = 0; i < drifts->count; ++i) {
        whole += drifts->all[i].weight;
    }
    double sum = 0;
    for (size_t i = 0; i < drifts->count; ++i) {
        sum += drifts->all[i].weight;
        if (sum >= whole / 2) {
            return drifts->all[i].ratio;
        }
    }
    return (double)NAN;
}

// With the test moved back by its lag, so that both windows see the same part of the sound.
static double fine_cents(const struct stem *reference, const struct stem *test, int lag_frames)
{
    static struct window windows[2];
    static struct drifts drifts;
    drifts.count = 0;
    const float *const channels[2][2] = {{reference->left, test->left + lag_frames},
                                         {reference->right, test->right + lag_frames}};
    const size_t first = lag_frames < 0; // In the first window there is nothing to go back to.
    for (int channel = 0; channel < 2; ++channel) {
        const float *const *const pair = channels[channel];
        fill(&windows[first % 2], pair[0], pair[1], first * HOP);
        for (size_t i = first + 1; i * HOP + WINDOW <= STEM_NOTE_FRAMES; ++i) {
            struct window *const now = &windows[i % 2];
            fill(now, pair[0], pair[1], i * HOP);
            add_drifts(&drifts, &windows[(i + 1) % 2], now);
        }
    }
    return weighted_median(&drifts) * cents_of_ratio;
}

// Average spectrum on a grid of pitches, in dB above -60 dB of its highest.
static void pitch_spectrum(const struct stem *stem, double grid[GRID_SIZE])
{
    static struct fourier_value halves[2][COARSE_WINDOW / 2];
    static double powers[COARSE_WINDOW / 2];
    struct fourier_value *const spectra[2] = {halves[0], halves[1]};
    for (size_t i = 0; i < COARSE_WINDOW / 2; ++i) {
        powers[i] = 0;
    }
    for (size_t at = 0; at + COARSE_WINDOW <= STEM_NOTE_FRAMES; at += COARSE_WINDOW / 2) {
        const float *const signals[2] = {stem->left + at, stem->right + at};
        fourier_pair(signals, spectra, COARSE_WINDOW);
        for (size_t i = 0; i < COARSE_WINDOW / 2; ++i) {
            powers[i] += power(halves[0][i]) + power(halves[1][i]);
        }
    }
    double most = 1e-30;
    for (size_t i = 0; i < GRID_SIZE; ++i) {
        const double hz = grid_low_hz * exp2((double)i * GRID_CENTS / 1200);
        const double bin = hz * COARSE_WINDOW / STEM_RATE_HZ;
        const size_t below = (size_t)bin;
        const double part = bin - (double)below;
        grid[i] = powers[below] * (1 - part) + powers[below + 1] * part;
        most = fmax(most, grid[i]);
    }
    for (size_t i = 0; i < GRID_SIZE; ++i) {
        grid[i] = fmax(0, 60 + 10 * log10(grid[i] / most + 1e-30));
    }
}

// Correlation of one spectrum and the other, shifted.
static double likeness(const double *a, const double *b, int shift)
{
    double sum_a = 0, sum_b = 0, sum_aa = 0, sum_bb = 0, sum_ab = 0;
    const double count = GRID_SIZE - 2 * GRID_SHIFT_MAX;
    for (int i = GRID_SHIFT_MAX; i < GRID_SIZE - GRID_SHIFT_MAX; ++i) {
        const double x = a[i];
        const double y = b[i + shift];
        sum_a += x;
        sum_b += y;
        sum_aa += x * x;
        sum_bb += y * y;
        sum_ab += x * y;
    }
    const double spread = (sum_aa - sum_a * sum_a / count) * (sum_bb - sum_b * sum_b / count);
    return spread > 0 ? (sum_ab - sum_a * sum_b / count) / sqrt(spread) : 0;
}

static double coarse_cents(const struct stem *reference, const struct stem *test)
{
    static double grids[2][GRID_SIZE];
    const double is_alike = .9; // Of noise every shift is alike, and none meant.
    pitch_spectrum(reference, grids[0]);
    pitch_spectrum(test, grids[1]);
    int best = 0;
    double most = likeness(grids[0], grids[1], 0);
    if (most > is_alike) {
        return 0;
    }
    for (int shift = -GRID_SHIFT_MAX; shift <= GRID_SHIFT_MAX; ++shift) {
        const double likes = likeness(grids[0], grids[1], shift);
        if (likes > most) {
            most = likes;
            best = shift;
        }
    }
    return best * (double)GRID_CENTS;
}

double measure_pitch(const struct stem *reference, const struct stem *test, int lag_frames)
{
    const double coarse = coarse_cents(reference, test);
    return fabs(coarse) > FINE_CENTS_MAX ? coarse : fine_cents(reference, test, lag_frames);
}
