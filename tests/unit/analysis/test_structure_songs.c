// SPDX-License-Identifier: MIT

// Our own songs, humanised: beats are found although the file forgot them, and sections are those
// of the plan.

#include "analysis/analysis.h"
#include "unit/analysis/beats_measured.h"
#include "unit/analysis/piece_by_hand.h"
#include "unit/session/heard_song.h"

#include <stdio.h>
#include <stdlib.h>

enum { SONGS_COUNT = 48, SONG_BARS_MAX = 256 };

static void compose_song(int number)
{
    const struct brief brief = {.valence = (number % 5 - 2) * 0.4,
                                .arousal = (number % 7 - 3) * 0.27,
                                .chaos = 0.3,
                                .seed = 400 + (uint64_t)number,
                                .draws_ensemble = true};
    compose_brief(&brief);
}

static void beats_of_songs_are_found(void **state)
{
    (void)state;
    struct measured sum = {0};
    for (int song = 0; song < SONGS_COUNT; ++song) {
        compose_song(song);
        measure_beats(&file, &sum);
    }
    print_measured("own songs", &sum);
    assert_true(sum.tempo >= 0.8 * SONGS_COUNT && sum.octave >= 0.9 * SONGS_COUNT);
    assert_true(sum.beats >= 0.88 * SONGS_COUNT && sum.metre >= 0.7 * SONGS_COUNT);
}

/// Of each bar its section's kind in the plan, and the letter found.
struct labels {
    int planned[SONG_BARS_MAX], found[SONG_BARS_MAX];
    int count;
};

static struct labels labels;

static void read_labels(const struct km_sections *sections, const struct km_piece *piece)
{
    labels.count = plan.length_bars;
    for (int i = 0; i < plan.section_count; ++i) {
        for (int bar = 0; bar < plan.sections[i].bar_count; ++bar) {
            labels.planned[plan.sections[i].first_bar + bar] = plan.sections[i].kind;
        }
    }
    for (size_t i = 0; i < sections->count; ++i) {
        const struct km_section_span *const span = &sections->spans[i];
        const uint32_t first = km_piece_bar_at(piece, span->start_beat + 1e-6).index;
        const uint32_t end = km_piece_bar_at(piece, span->end_beat - 1e-6).index;
        for (uint32_t bar = first; bar <= end && bar < SONG_BARS_MAX; ++bar) {
            labels.found[bar] = span->letter;
        }
    }
}

// Agreement of pairs of bars: in one kind of section as planned, and as found.
static double agreement_of_pairs(void)
{
    int both = 0;
    int one = 0;
    for (int i = 0; i < labels.count; ++i) {
        for (int j = 0; j < i; ++j) {
            const bool planned = labels.planned[i] == labels.planned[j];
            const bool found = labels.found[i] == labels.found[j];
            both += planned && found;
            one += (planned ? 1 : 0) + (found ? 1 : 0);
        }
    }
    return one > 0 ? 2.0 * both / one : 0;
}

// How many section beginnings, but for the first, lie within a bar of one of the other list.
static int hits_of(const int *bars, int count, const int *others, int other_count)
{
    int hits = 0;
    for (int i = 1; i < count; ++i) {
        bool is_hit = false;
        for (int j = 1; j < other_count; ++j) {
            is_hit = is_hit || abs(bars[i] - others[j]) <= 1;
        }
        hits += is_hit;
    }
    return hits;
}

static double agreement_of_boundaries(const struct km_sections *sections,
                                      const struct km_piece *piece)
{
    int planned[KM_SECTIONS_MAX];
    int found[KM_SECTIONS_MAX];
    const int planned_count = plan.section_count;
    const int found_count = (int)sections->count;
    for (int i = 0; i < planned_count; ++i) {
        planned[i] = plan.sections[i].first_bar;
    }
    for (int i = 0; i < found_count; ++i) {
        found[i] = (int)km_piece_bar_at(piece, sections->spans[i].start_beat + 1e-6).index;
    }
    const int hits = hits_of(planned, planned_count, found, found_count) +
                     hits_of(found, found_count, planned, planned_count);
    return (double)hits / (planned_count + found_count - 2);
}

static void sections_of_songs_are_found(void **state)
{
    (void)state;
    static struct hand_piece hand;
    static struct km_sections sections;
    double boundaries = 0;
    double pairs = 0;
    for (int song = 0; song < SONGS_COUNT; ++song) {
        compose_song(song);
        hand_read(&hand, &file);
        assert_int_equal(km_sections_find(&sections, &hand.piece, NULL), KM_OK);
        read_labels(&sections, &hand.piece);
        boundaries += agreement_of_boundaries(&sections, &hand.piece) / SONGS_COUNT;
        pairs += agreement_of_pairs() / SONGS_COUNT;
        hand_release(&hand);
    }
    printf("sections of own songs: boundaries %.2f, letters by pairs of bars %.2f\n", boundaries,
           pairs);
    assert_true(boundaries >= 0.72 && pairs >= 0.72);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        SONG_TEST(beats_of_songs_are_found),
        SONG_TEST(sections_of_songs_are_found),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
