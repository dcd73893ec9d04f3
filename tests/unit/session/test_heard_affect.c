// SPDX-License-Identifier: MIT

// What is heard in the finished songs agrees with what was asked for, and its cues move as
// listeners' judgements ask.

#include "unit/session/heard_affect.h"
#include "unit/session/heard_song.h"

#include <stdio.h>
#include <stdlib.h>

enum { GRID_SIZE = 4, SEEDS_COUNT = 50 };

static const double grid[GRID_SIZE] = {-0.8, -0.4, 0.4, 0.8};

enum figure {
    ONSETS,
    GAP,
    VELOCITY,
    LENGTH,
    PITCH,
    PITCH_SPREAD,
    LOW_PITCH,
    MAJOR,
    MAJORNESS,
    OUTSIDE,
    CONSONANCE,
    FIGURES_COUNT
};

static const char *const figure_names[FIGURES_COUNT] = {
    "onsets", "gap",   "velocity",  "length",  "pitch",     "spread",
    "low",    "major", "majorness", "outside", "consonance"};

/// The songs of one place: sums of figures and of their squares, and how many were heard as asked.
struct cell {
    double sums[FIGURES_COUNT], squares[FIGURES_COUNT];
    int arousal_agrees, valence_agrees;
};

static struct cell cells[GRID_SIZE][GRID_SIZE]; // By valence, then arousal.

static double mean_of(const struct cell *cell, enum figure figure)
{
    return cell->sums[figure] / SEEDS_COUNT;
}

static double error_of(const struct cell *cell, enum figure figure)
{
    const double mean = mean_of(cell, figure);
    return sqrt(fmax(0, cell->squares[figure] / SEEDS_COUNT - mean * mean) / SEEDS_COUNT);
}

static void add_song(struct cell *cell, double valence, double arousal, uint64_t seed)
{
    const struct brief brief = {
        .valence = valence, .arousal = arousal, .chaos = 0.3, .seed = seed, .draws_ensemble = true};
    compose_brief(&brief);
    const struct heard_features heard = heard_features_of(&file);
    const double figures[FIGURES_COUNT] = {
        heard.onset_rate, heard.gap,          heard.velocity,  heard.length,
        heard.pitch,      heard.pitch_spread, heard.low_pitch, heard.majorness > 0 ? 1 : 0,
        heard.majorness,  heard.outside,      heard.consonance};
    for (int i = 0; i < FIGURES_COUNT; ++i) {
        cell->sums[i] += figures[i];
        cell->squares[i] += figures[i] * figures[i];
    }
    const struct heard_affect affect = heard_affect_of(&heard);
    cell->arousal_agrees += affect.arousal * arousal > 0;
    cell->valence_agrees += affect.valence * valence > 0;
}

static void print_cells(void)
{
    printf("valence arousal");
    for (int i = 0; i < FIGURES_COUNT; ++i) {
        printf(" %s", figure_names[i]);
    }
    printf(" agreement\n");
    for (int v = 0; v < GRID_SIZE; ++v) {
        for (int a = 0; a < GRID_SIZE; ++a) {
            printf("%4.1f %4.1f", grid[v], grid[a]);
            for (int i = 0; i < FIGURES_COUNT; ++i) {
                printf(" %6.2f", mean_of(&cells[v][a], (enum figure)i));
            }
            printf(" %d %d\n", cells[v][a].arousal_agrees, cells[v][a].valence_agrees);
        }
    }
}

static int compose_grid(void **state)
{
    (void)set_up(state);
    for (int v = 0; v < GRID_SIZE; ++v) {
        for (int a = 0; a < GRID_SIZE; ++a) {
            cells[v][a] = (struct cell){0};
            for (uint64_t seed = 0; seed < SEEDS_COUNT; ++seed) {
                add_song(&cells[v][a], grid[v], grid[a], seed);
            }
        }
    }
    if (getenv("KMIDI_FIGURES")) {
        print_cells();
    }
    return release_file(state);
}

static void the_feeling_heard_is_the_feeling_asked_for(void **state)
{
    (void)state;
    int arousal_agrees = 0;
    int valence_agrees = 0;
    for (int v = 0; v < GRID_SIZE; ++v) {
        for (int a = 0; a < GRID_SIZE; ++a) {
            arousal_agrees += cells[v][a].arousal_agrees;
            valence_agrees += cells[v][a].valence_agrees;
        }
    }
    const int count = GRID_SIZE * GRID_SIZE * SEEDS_COUNT;
    printf("agreement: arousal %.1f %%, valence %.1f %%\n", 100.0 * arousal_agrees / count,
           100.0 * valence_agrees / count);
    assert_true(arousal_agrees * 100 >= count * 95);
    assert_true(valence_agrees * 100 >= count * 90);
}

// Along the four places of a line: never down by more than two standard errors of the difference,
// and from the first to the last up by more than four. A negative sign: the same downwards.
static void expect_rise(const struct cell *line[GRID_SIZE], enum figure figure, int sign)
{
    for (int i = 1; i <= GRID_SIZE; ++i) {
        const struct cell *const first = i < GRID_SIZE ? line[i - 1] : line[0];
        const struct cell *const second = i < GRID_SIZE ? line[i] : line[GRID_SIZE - 1];
        const double rise = sign * (mean_of(second, figure) - mean_of(first, figure));
        const double error = hypot(error_of(first, figure), error_of(second, figure));
        if (rise < (i < GRID_SIZE ? -2 : 4) * error) {
            print_error("%s: %.3f after %.3f\n", figure_names[figure], mean_of(second, figure),
                        mean_of(first, figure));
            fail();
        }
    }
}

// At each valence: more onsets, louder, shorter.
static void arousal_is_heard_at_every_valence(void **state)
{
    (void)state;
    for (int v = 0; v < GRID_SIZE; ++v) {
        const struct cell *line[GRID_SIZE];
        for (int a = 0; a < GRID_SIZE; ++a) {
            line[a] = &cells[v][a];
        }
        expect_rise(line, ONSETS, 1);
        expect_rise(line, VELOCITY, 1);
        expect_rise(line, LENGTH, -1);
        expect_rise(line, GAP, -1);
    }
}

// At each arousal: more often major, more consonant, less beside the scale, higher.
static void valence_is_heard_at_every_arousal(void **state)
{
    (void)state;
    for (int a = 0; a < GRID_SIZE; ++a) {
        const struct cell *line[GRID_SIZE];
        for (int v = 0; v < GRID_SIZE; ++v) {
            line[v] = &cells[v][a];
        }
        expect_rise(line, MAJOR, 1);
        expect_rise(line, CONSONANCE, 1);
        expect_rise(line, OUTSIDE, -1);
        expect_rise(line, PITCH, 1);
    }
}

// The listener of these tests puts the mean figures of human quadrants where they belong: EMOPIA's,
// in the order of onsets, gap, velocity, length, pitch, and share found major.
static void human_quadrants_are_heard_as_what_they_are(void **state)
{
    (void)state;
    static const double means[4][6] = {{5.7, 0.22, 77, 0.56, 62.6, 0.81},
                                       {6.9, 0.20, 79, 0.50, 60.3, 0.29},
                                       {4.0, 0.37, 54, 1.10, 63.5, 0.42},
                                       {4.0, 0.34, 53, 1.03, 61.2, 0.73}};
    for (int i = 0; i < 4; ++i) {
        const struct heard_features features = {
            .onset_rate = means[i][0],
            .gap = means[i][1],
            .velocity = means[i][2],
            .length = means[i][3],
            .pitch = means[i][4],
            .majorness = 0.17 * (2 * means[i][5] - 1),
            .consonance = 0.42,
            .outside = 0.14,
        };
        const struct heard_affect affect = heard_affect_of(&features);
        assert_true((affect.arousal > 0) == (i < 2));
        assert_true((affect.valence > 0) == (i == 0 || i == 3));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(human_quadrants_are_heard_as_what_they_are),
        cmocka_unit_test(the_feeling_heard_is_the_feeling_asked_for),
        cmocka_unit_test(arousal_is_heard_at_every_valence),
        cmocka_unit_test(valence_is_heard_at_every_arousal),
    };
    return cmocka_run_group_tests(tests, compose_grid, NULL);
}
