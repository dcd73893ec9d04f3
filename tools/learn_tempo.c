// SPDX-License-Identifier: MIT

// Learns the weights of src/analysis/beats_tempo.c from music whose beats are known: a conditional
// logit model (McFadden 1974) of which of 98 periods is the beat's. With KMIDI_DATA set to the
// folder of data:
//
//     cmake --build build --target kmidi learn_tempo
//     tools/timed_music.py build/kmidi FOLDER | build/learn_tempo
//
// Up to eight windows of each piece count, together as much as the piece's share. Right is the
// period at the middle of the window, as the file's tempo map and metre have it, and its two
// neighbours (2 % each way). The weights are found by gradient descent (Adam: Kingma and Ba 2015).
// On standard error it says in how many windows of each set the likeliest period is right: of what
// was learned from, and of what was not. `kmidi analyze` then goes from window to window, which
// mends much.

// Its figures are static: they are nobody else's business.
#include "analysis/beats_tempo.c" // NOLINT(bugprone-suspicious-include)

#include "read_piece.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

enum {
    LINE_SIZE = 1024,
    NAME_SIZE = 64,
    ROUNDS = 1000,
    SETS_MAX = 16,
    WINDOWS_MAX = 8192,
    WINDOWS_OF_A_PIECE_MAX = 8,
};

static const double window_seconds = 12.0; // One is chosen in each so many.
static const double decay = 0.002;

struct window {
    int set;
    int right; // Index of the period
    double share;
    double features[PERIODS][FEATURES];
};

// Of a piece
struct origin {
    int set;
    double share;
};

struct set {
    char name[NAME_SIZE];
    bool is_learned;
};

struct collection {
    struct km_heap *heap;
    int set_count, count;
    struct set sets[SETS_MAX];
    struct window windows[WINDOWS_MAX];
    struct tempogram tempogram;
};

static int find_set(struct collection *all, const char *name, bool is_learned)
{
    for (int i = 0; i < all->set_count; ++i) {
        if (all->sets[i].is_learned == is_learned && strcmp(all->sets[i].name, name) == 0) {
            return i;
        }
    }
    if (all->set_count == SETS_MAX) {
        return -1;
    }
    struct set *const set = &all->sets[all->set_count];
    set->is_learned = is_learned;
    (void)snprintf(set->name, sizeof(set->name), "%s", name);
    return all->set_count++;
}

// The index of the period that a beat has there.
static int period_at(const struct km_piece *piece, double seconds)
{
    const struct km_piece_metre metre = piece->metres[0];
    const double quarters = metre.denominator == 8 && metre.numerator % 3 == 0 ? 1.5 : 1.0;
    const double beat = km_piece_beat(piece, seconds);
    const double period =
        quarters * (km_piece_seconds(piece, beat + 0.5) - km_piece_seconds(piece, beat - 0.5));
    return (int)lround(log(period / period_first) / period_step);
}

static void add_windows(struct collection *all, const struct km_piece *piece,
                        const struct km_onsets *onsets, const struct origin *origin)
{
    const int wanted = (int)(piece->end_s / window_seconds) + 1;
    const int count = wanted < WINDOWS_OF_A_PIECE_MAX ? wanted : WINDOWS_OF_A_PIECE_MAX;
    size_t first = 0;
    for (int i = 0; i < count && all->count < WINDOWS_MAX; ++i) {
        const double middle = piece->end_s * (i + 0.5) / count;
        const int right = period_at(piece, middle);
        if (right >= 1 && right < PERIODS - 1) {
            struct window *const window = &all->windows[all->count++];
            score_window(&all->tempogram, onsets, middle, &first);
            *window =
                (struct window){.set = origin->set, .right = right, .share = origin->share / count};
            memcpy(window->features, all->tempogram.features, sizeof(window->features));
        }
    }
}

static void add_piece(struct collection *all, const char *path, const struct origin *origin)
{
    static struct km_piece piece;
    struct km_onsets onsets;
    if (!read_piece(&piece, all->heap, path)) {
        return;
    }
    if (km_onsets_find(&onsets, &piece) == KM_OK) {
        add_windows(all, &piece, &onsets, origin);
        km_onsets_release(&onsets);
    }
    km_piece_release(&piece);
}

// Reads lines of a share (0: a test only), a set and a path.
static void read_windows(struct collection *all)
{
    char line[LINE_SIZE];
    while (fgets(line, sizeof(line), stdin)) {
        double share = 0.0;
        char name[NAME_SIZE];
        char path[LINE_SIZE];
        // NOLINTNEXTLINE(cert-err34-c): the list is our own tool's.
        const bool is_read = sscanf(line, "%lf %63s %1023[^\n]", &share, name, path) == 3;
        const int set = is_read ? find_set(all, name, share > 0.0) : -1;
        if (set >= 0) {
            add_piece(all, path, &(struct origin){set, share});
        } else {
            (void)fprintf(stderr, "not understood: %s", line);
        }
    }
}

// Tells the likeliest.
static int odds_of(const double *model, const struct window *window, double odds[PERIODS])
{
    int best = 0;
    for (int i = 0; i < PERIODS; ++i) {
        odds[i] = 0.0;
        for (int feature = 0; feature < FEATURES; ++feature) {
            odds[i] += model[feature] * window->features[i][feature];
        }
        best = odds[i] > odds[best] ? i : best;
    }
    return best;
}

static bool is_right(const struct window *window, int period)
{
    return abs(period - window->right) <= 1;
}

// Takes the gradient of a window's log likelihood away.
static void descend(const double *model, const struct window *window, double *gradient)
{
    double odds[PERIODS];
    double sum = 0.0;
    double sum_of_right = 1e-12;
    const int best = odds_of(model, window, odds);
    const double highest = odds[best];
    for (int i = 0; i < PERIODS; ++i) {
        odds[i] = exp(odds[i] - highest);
        sum += odds[i];
        sum_of_right += is_right(window, i) ? odds[i] : 0.0;
    }
    for (int i = 0; i < PERIODS; ++i) {
        const double wanted = is_right(window, i) ? odds[i] / sum_of_right : 0.0;
        const double error = window->share * (odds[i] / sum - wanted);
        for (int feature = 0; feature < FEATURES; ++feature) {
            gradient[feature] += error * window->features[i][feature];
        }
    }
}

static double learned_share(const struct collection *all)
{
    double share = 0.0;
    for (int i = 0; i < all->count; ++i) {
        share += all->sets[all->windows[i].set].is_learned ? all->windows[i].share : 0.0;
    }
    return share;
}

static void descend_all(const struct collection *all, const double *model, double *gradient)
{
    for (int i = 0; i < all->count; ++i) {
        if (all->sets[all->windows[i].set].is_learned) {
            descend(model, &all->windows[i], gradient);
        }
    }
}

static void learn(const struct collection *all, double model[FEATURES])
{
    static const double mean_kept = 0.9;
    static const double square_kept = 0.99;
    double means[FEATURES] = {0.0};
    double squares[FEATURES] = {0.0};
    const double total = learned_share(all);
    memset(model, 0, FEATURES * sizeof(*model));
    for (int round = 1; round <= ROUNDS && total > 0.0; ++round) {
        double gradient[FEATURES] = {0.0};
        descend_all(all, model, gradient);
        const double mean_scale = 1.0 - pow(mean_kept, round);
        const double square_scale = 1.0 - pow(square_kept, round);
        const double rate = 0.05 * (1.0 - (double)round / (ROUNDS + 1)); // Down to nothing.
        for (int i = 0; i < FEATURES; ++i) {
            const double slope = gradient[i] / total + decay * model[i];
            means[i] = mean_kept * means[i] + (1.0 - mean_kept) * slope;
            squares[i] = square_kept * squares[i] + (1.0 - square_kept) * slope * slope;
            model[i] -= rate * means[i] / mean_scale / (sqrt(squares[i] / square_scale) + 1e-8);
        }
    }
}

static void test(const struct collection *all, const double model[FEATURES])
{
    int right[SETS_MAX] = {0};
    int counts[SETS_MAX] = {0};
    for (int i = 0; i < all->count; ++i) {
        const struct window *const window = &all->windows[i];
        double odds[PERIODS];
        ++counts[window->set];
        right[window->set] += is_right(window, odds_of(model, window, odds));
    }
    for (int i = 0; i < all->set_count; ++i) {
        (void)fprintf(stderr, "%-18s %-9s %5.1f %% of %d windows\n", all->sets[i].name,
                      all->sets[i].is_learned ? "learned" : "held out",
                      counts[i] > 0 ? 100.0 * right[i] / counts[i] : 0.0, counts[i]);
    }
}

int main(void)
{
    static struct collection all;
    double model[FEATURES];
    all.heap = km_heap_new(NULL);
    if (!all.heap) {
        return EXIT_FAILURE;
    }
    init_periods(&all.tempogram);
    read_windows(&all);
    learn(&all, model);
    test(&all, model);
    for (int i = 0; i < FEATURES; ++i) {
        (void)printf("%.3f,%s", model[i], i % 8 == 7 ? "\n" : " ");
    }
    km_heap_free(all.heap);
    return EXIT_SUCCESS;
}
