// SPDX-License-Identifier: MIT

// The feeling heard in our finished songs, humanised, with all their drums and instruments, is the
// feeling that was asked for. (test_heard_affect asks the same of an estimator of its own.)

#include "analysis/analysis.h"
#include "unit/analysis/piece_by_hand.h"
#include "unit/session/heard_song.h"

#include <stdio.h>
#include <stdlib.h>

enum { GRID_SIZE = 4, SEEDS_COUNT = 50, SONGS_COUNT = GRID_SIZE * GRID_SIZE * SEEDS_COUNT };

static const double grid[GRID_SIZE] = {-0.8, -0.4, 0.4, 0.8};

struct pair {
    double asked, heard;
};

static struct pair valences[SONGS_COUNT];
static struct pair arousals[SONGS_COUNT];

static struct km_heard heard_song(double valence, double arousal, uint64_t seed)
{
    static struct hand_piece hand;
    static const struct km_keys no_keys = {.whole = {.confidence = 0}};
    const struct brief brief = {
        .valence = valence, .arousal = arousal, .chaos = 0.3, .seed = seed, .draws_ensemble = true};
    compose_brief(&brief);
    hand_read(&hand, &file);
    struct km_heard heard;
    assert_int_equal(km_heard_find(&heard, &hand.piece, &no_keys), KM_OK);
    hand_release(&hand);
    return heard;
}

// Kendall's tau-b against what was asked: pairs of songs in the right order less those in the
// wrong one, of pairs that were asked for differently.
static double tau_of(const struct pair *pairs)
{
    int sum = 0;
    int count = 0;
    for (int i = 0; i < SONGS_COUNT; ++i) {
        for (int j = 0; j < i; ++j) {
            const double asked = pairs[i].asked - pairs[j].asked;
            const double heard = pairs[i].heard - pairs[j].heard;
            if (asked != 0) {
                sum += asked * heard > 0 ? 1 : -1;
                ++count;
            }
        }
    }
    return (double)sum / count;
}

static double agreement_of(const struct pair *pairs)
{
    int count = 0;
    for (int i = 0; i < SONGS_COUNT; ++i) {
        count += pairs[i].asked * pairs[i].heard > 0;
    }
    return 100.0 * count / SONGS_COUNT;
}

static void songs_are_heard_as_they_were_asked_for(void **state)
{
    (void)state;
    int count = 0;
    for (int v = 0; v < GRID_SIZE; ++v) {
        for (int a = 0; a < GRID_SIZE; ++a) {
            for (uint64_t seed = 0; seed < SEEDS_COUNT; ++seed) {
                const struct km_heard heard = heard_song(grid[v], grid[a], seed);
                valences[count] = (struct pair){grid[v], heard.valence};
                arousals[count++] = (struct pair){grid[a], heard.arousal};
            }
        }
    }
    printf("agreement: arousal %.1f %%, valence %.1f %%; order: arousal %.2f, valence %.2f\n",
           agreement_of(arousals), agreement_of(valences), tau_of(arousals), tau_of(valences));
    assert_true(agreement_of(arousals) >= 95 && agreement_of(valences) >= 90);
    assert_true(tau_of(arousals) >= 0.9 && tau_of(valences) >= 0.65);
}

int main(void)
{
    const struct CMUnitTest tests[] = {SONG_TEST(songs_are_heard_as_they_were_asked_for)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
