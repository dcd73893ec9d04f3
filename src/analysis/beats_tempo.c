// SPDX-License-Identifier: MIT

// How fast the beats go: intervals between all onsets that lie near each other are counted (an
// autocorrelation, as sparse as the onsets; Dixon 2001), a period is worth what stands at its
// multiples and parts, with a preference for moderate tempos (log-normal, van Noorden and Moelants
// 1999), and the best way through the windows of a piece is found by Viterbi's algorithm, since
// tempo drifts more often than it jumps.

#include "analysis/beats_private.h"

#include "base/check.h"
#include "base/math.h"
#include "heap/heap.h"

#include <string.h>

enum {
    LAGS = 1400,        // Of 5 ms: up to 7 s.
    PERIODS = 98,       // From 0.22 s on, each 2 % longer.
    REACH = 6,          // Windows reach this many seconds each way of their middle.
    PARTNERS_MAX = 256, // Onsets that one is compared with.
    BANDS = 2,          // All that begins; bass and backbeat.
    RATIOS = 11,
    FEATURES = BANDS * RATIOS + 2,
};

static const double lag_seconds = 0.005;
static const double period_first = 0.22;
static const double period_step = 0.0198026272961797; // log 1.02

// Parts and multiples of a period at which the intervals are looked at.
static const double ratios[RATIOS] = {0.25,      1.0 / 3.0, 0.5, 2.0 / 3.0, 0.75, 1.0,
                                      4.0 / 3.0, 1.5,       2.0, 3.0,       4.0};

// What each says for or against the period: of all that begins, of bass and backbeat, and the
// preference for moderate periods. A conditional logit model (McFadden 1974) of which period is the
// beat's, made by tools/learn_tempo.c from the training split of the Groove MIDI Dataset, songs of
// our own and random tunes.
static const double weights[FEATURES] = {
    1.224, 0.533, 1.698, -0.258, -0.375, 4.394,  0.052,  -0.246, 1.252,  0.571, 0.601,  -0.060,
    0.489, 0.011, 0.893, 0.824,  0.338,  -0.485, -0.310, 0.365,  -0.330, 1.493, -0.088, -5.405,
};

struct tempogram {
    double periods[PERIODS];
    float lags[BANDS][LAGS];
    float smooth[LAGS];
    double features[PERIODS][FEATURES];
    double scores[PERIODS];
};

static void init_periods(struct tempogram *tempogram)
{
    for (int i = 0; i < PERIODS; ++i) {
        tempogram->periods[i] = period_first * km_exp(period_step * i);
    }
}

// Counts the intervals from one onset to those after it.
static void count_intervals(const struct km_onsets *onsets, size_t from, float lags[BANDS][LAGS])
{
    const struct km_onset *const first = &onsets->onsets[from];
    const size_t end = onsets->count - from > PARTNERS_MAX ? from + PARTNERS_MAX : onsets->count;
    for (size_t i = from + 1; i < end; ++i) {
        const struct km_onset *const second = &onsets->onsets[i];
        const double lag = (second->seconds - first->seconds) / lag_seconds;
        if (lag >= LAGS - 1) {
            return;
        }
        const int place = (int)(lag + 0.5);
        lags[0][place] += first->strength * second->strength;
        lags[1][place] += first->low * second->low + first->backbeat * second->backbeat;
    }
}

// Spreads each count over about 25 ms each way, which is how exactly people play; the mean is 1.
static void smooth_lags(struct tempogram *tempogram, const float *lags)
{
    static const float spread[] = {1.0F, 0.95F, 0.8F, 0.6F, 0.4F, 0.2F};
    double sum = 0.0;
    for (int lag = 0; lag < LAGS; ++lag) {
        float smooth = lags[lag];
        for (int i = 1; i < 6; ++i) {
            smooth += lag >= i ? spread[i] * lags[lag - i] : 0.0F;
            smooth += lag + i < LAGS ? spread[i] * lags[lag + i] : 0.0F;
        }
        tempogram->smooth[lag] = smooth;
        sum += (double)smooth;
    }
    const float scale = sum > 0.0 ? (float)(LAGS / sum) : 0.0F;
    for (int lag = 0; lag < LAGS; ++lag) {
        tempogram->smooth[lag] *= scale;
    }
}

static double at_lag(const struct tempogram *tempogram, double seconds)
{
    const double lag = seconds / lag_seconds;
    return lag < LAGS - 1 ? (double)tempogram->smooth[(int)(lag + 0.5)] : 0.0;
}

// What one period finds at its parts and multiples.
static void look_up(const struct tempogram *tempogram, double period, double *features)
{
    for (int ratio = 0; ratio < RATIOS; ++ratio) {
        features[ratio] = km_log(1.0 + at_lag(tempogram, ratios[ratio] * period));
    }
}

static void find_features(struct tempogram *tempogram)
{
    for (int band = 0; band < BANDS; ++band) {
        smooth_lags(tempogram, tempogram->lags[band]);
        for (int i = 0; i < PERIODS; ++i) {
            look_up(tempogram, tempogram->periods[i],
                    &tempogram->features[i][(size_t)band * RATIOS]);
        }
    }
    for (int i = 0; i < PERIODS; ++i) {
        const double off = km_log(tempogram->periods[i] / 0.5);
        tempogram->features[i][FEATURES - 2] = off;
        tempogram->features[i][FEATURES - 1] = off * off;
    }
}

// What the intervals of a window say for each period.
static void score_periods(struct tempogram *tempogram)
{
    find_features(tempogram);
    for (int i = 0; i < PERIODS; ++i) {
        double sum = 0.0;
        for (int feature = 0; feature < FEATURES; ++feature) {
            sum += weights[feature] * tempogram->features[i][feature];
        }
        tempogram->scores[i] = sum;
    }
}

static void score_window(struct tempogram *tempogram, const struct km_onsets *onsets, double middle,
                         size_t *first)
{
    memset(tempogram->lags, 0, sizeof(tempogram->lags));
    while (*first < onsets->count && onsets->onsets[*first].seconds < middle - REACH) {
        ++*first;
    }
    for (size_t i = *first; i < onsets->count && onsets->onsets[i].seconds < middle + REACH; ++i) {
        count_intervals(onsets, i, tempogram->lags);
    }
    score_periods(tempogram);
}

// The state of the search: the best sum of scores that ends at each period.
struct search {
    struct tempogram tempogram;
    double sums[PERIODS];
    double next[PERIODS];
};

// What a change of tempo costs: a drift by steps a little, a jump at most so much.
static double change_cost(int from, int to)
{
    const int steps = from < to ? to - from : from - to;
    return km_clamp(1.0 * steps, 0.0, 40.0);
}

// The period before from which one comes best.
static int best_before(const struct search *search, int to, double *sum)
{
    int best = 0;
    *sum = -1e300;
    for (int i = 0; i < PERIODS; ++i) {
        const double from = search->sums[i] - change_cost(i, to);
        if (from > *sum) {
            best = i;
            *sum = from;
        }
    }
    return best;
}

static void step(struct search *search, uint8_t *from)
{
    for (int to = 0; to < PERIODS; ++to) {
        double sum;
        from[to] = (uint8_t)best_before(search, to, &sum);
        search->next[to] = sum + search->tempogram.scores[to];
    }
    memcpy(search->sums, search->next, sizeof(search->sums));
}

static void walk_back(const struct search *search, const uint8_t *from, struct km_periods *periods)
{
    int best = 0;
    for (int i = 1; i < PERIODS; ++i) {
        best = search->sums[i] > search->sums[best] ? i : best;
    }
    for (size_t window = periods->count; window-- > 0;) {
        periods->seconds[window] = search->tempogram.periods[best];
        best = from[window * PERIODS + (size_t)best];
    }
}

enum km_status km_periods_find(struct km_periods *periods, const struct km_onsets *onsets)
{
    KM_CHECK(onsets->end_s <= KM_BEATS_SECONDS_MAX);
    const size_t count = (size_t)(onsets->end_s / KM_BEATS_WINDOW_SECONDS) + 1;
    struct km_heap *const heap = onsets->heap;
    struct search *const search = km_heap_allocate(heap, KM_ACCOUNT_WORKING, sizeof(*search));
    uint8_t *const from = km_heap_allocate_array(heap, KM_ACCOUNT_WORKING, count, PERIODS);
    double *const seconds =
        km_heap_allocate_array(heap, KM_ACCOUNT_WORKING, count, sizeof(*seconds));
    enum km_status status = KM_ERROR_NO_MEMORY;
    if (search && from && seconds) {
        struct km_periods found = {heap, seconds, count};
        size_t first = 0;
        init_periods(&search->tempogram);
        for (size_t window = 0; window < count; ++window) {
            const double middle = ((double)window + 0.5) * KM_BEATS_WINDOW_SECONDS;
            score_window(&search->tempogram, onsets, middle, &first);
            step(search, &from[window * PERIODS]);
        }
        walk_back(search, from, &found);
        *periods = found;
        status = KM_OK;
    } else {
        km_heap_release(heap, seconds);
    }
    km_heap_release(heap, from);
    km_heap_release(heap, search);
    return status;
}

void km_periods_release(struct km_periods *periods)
{
    km_heap_release(periods->heap, periods->seconds);
    *periods = (struct km_periods){0};
}
