// SPDX-License-Identifier: MIT

// The chords as they are played.

#include "session/rhythm_private.h"
#include "unit/session/heard_song.h"

#include <string.h>

static struct km_score score;

static const struct {
    int genre, level;
    const char *steps;
} rows[] = {
#define KM_COMPING(GENRE, LEVEL, steps) {KM_GENRE_##GENRE, KM_RHYTHM_##LEVEL, steps},
#include "session/comping.def"
#undef KM_COMPING
};

enum { ROWS_COUNT = sizeof(rows) / sizeof(rows[0]) };

static int touches_in(const char *steps)
{
    int count = 0;
    for (int i = 0; steps[i] != '\0'; ++i) {
        count += steps[i] != '.' && steps[i] != '-';
    }
    return count;
}

static void patterns_grow_with_their_level(void **state)
{
    (void)state;
    for (int i = 0; i < ROWS_COUNT; ++i) {
        assert_int_equal(strlen(rows[i].steps), 16);
        assert_int_equal(strspn(rows[i].steps, ".-Xxusip1234A"), 16);
        for (int j = 0; j < i; ++j) {
            assert_int_not_equal(
                strcmp(rows[i].steps, rows[j].steps) == 0 && rows[i].genre == rows[j].genre, 1);
            if (rows[i].genre == rows[j].genre && rows[i].level > rows[j].level) {
                assert_true(touches_in(rows[i].steps) >= touches_in(rows[j].steps));
            }
        }
    }
}

static struct brief brief_of(uint64_t seed, double arousal)
{
    return (struct brief){.valence = -1.0 + 0.5 * (double)(seed % 5),
                          .arousal = arousal,
                          .chaos = 0.0,
                          .seed = seed,
                          .wishes = {.has_bars = true, .bars = 32}};
}

// Moments at which chords begin something, by the second.
static double onset_rate(void)
{
    const int count = read_notes(KM_PART_CHORDS);
    int onsets = 0;
    for (int i = 0; i < count; ++i) {
        onsets += i == 0 || notes[i].start >= notes[i - 1].start + 50;
    }
    const double seconds =
        (double)km_plan_length_ticks(&plan) / KM_PPQ * 60.0 / (double)plan.tempo_bpm;
    return onsets / seconds;
}

static void chords_are_touched_oftener_with_arousal(void **state)
{
    (void)state;
    double before = 0;
    for (int step = 0; step <= 4; ++step) {
        double sum = 0;
        int songs = 0;
        for (uint64_t seed = 0; seed < 40; ++seed) {
            const struct brief brief = brief_of(seed, -0.9 + 0.45 * step);
            compose_brief(&brief);
            if (plan.ensemble == KM_ENSEMBLE_BAND) {
                sum += onset_rate();
                ++songs;
            }
        }
        assert_true(songs > 0);
        print_message("arousal %+.2f: %.2f touches a second\n", -0.9 + 0.45 * step, sum / songs);
        assert_true(sum / songs > before);
        before = sum / songs;
    }
}

static void each_genre_plays_chords_in_its_own_way(void **state)
{
    (void)state;
    uint64_t hashes[KM_GENRES_COUNT];
    struct brief brief = brief_of(4, 0.2);
    brief.wishes.has_ensemble = true;
    brief.wishes.ensemble = KM_ENSEMBLE_BAND;
    make_plan(&brief);
    for (int genre = 0; genre < KM_GENRES_COUNT; ++genre) {
        plan.genre = (uint8_t)genre;
        compose();
        hashes[genre] = notes_hash(KM_PART_CHORDS);
        for (int other = 0; other < genre; ++other) {
            assert_true(hashes[genre] != hashes[other]);
        }
    }
}

static void variations_are_other_ways_and_change_nothing_else(void **state)
{
    (void)state;
    enum { WAYS = 8 };
    for (uint64_t seed = 0; seed < 5; ++seed) {
        struct brief brief = brief_of(seed, -0.5 + 0.25 * (double)seed);
        brief.wishes.has_ensemble = true;
        brief.wishes.ensemble = KM_ENSEMBLE_BAND;
        make_plan(&brief);
        uint64_t hashes[WAYS];
        uint64_t melody = 0;
        for (int i = 0; i < WAYS; ++i) {
            plan.parts[KM_PART_CHORDS].variation = (uint16_t)i;
            compose();
            hashes[i] = notes_hash(KM_PART_CHORDS);
            melody = i == 0 ? notes_hash(KM_PART_MELODY) : melody;
            assert_true(notes_hash(KM_PART_MELODY) == melody);
            for (int j = 0; j < i; ++j) {
                assert_true(hashes[i] != hashes[j]);
            }
        }
    }
}

static bool is_voiced(int chord, uint8_t key)
{
    const struct km_voicing *const voicing = km_score_voicing(&score, chord);
    return memchr(voicing->pitches, key, voicing->count) != NULL;
}

// What begins with a chord is of its voices and of no other notes, in every metre; no chord is
// left out but where a pattern rests; the last one rings to the end.
static void chords_are_heard_as_they_were_led(void **state)
{
    (void)state;
    static const uint8_t metres[][2] = {{4, 4}, {3, 4}, {6, 8}, {2, 4}, {12, 8}, {5, 4}, {7, 8}};
    int whole = 0;
    for (uint64_t seed = 0; seed < 35; ++seed) {
        struct brief brief = brief_of(seed, -0.8 + 0.4 * (double)(seed % 5));
        brief.wishes.has_metre = true;
        brief.wishes.beats_per_bar = metres[seed % 7][0];
        brief.wishes.beat_unit = metres[seed % 7][1];
        brief.wishes.has_ensemble = true;
        brief.wishes.ensemble = KM_ENSEMBLE_BAND;
        make_plan(&brief);
        plan.complexity = 0; // On the grid.
        plan.feel = KM_FEEL_MECHANICAL;
        plan.rules = 0;
        compose();
        km_score_init(&score, &plan, file.heap);
        km_score_lead_bass(&score);
        km_score_lead_voices(&score);
        const int count = read_notes(KM_PART_CHORDS);
        int first = 0;
        for (int i = 0; i < plan.chord_count; ++i) {
            const uint32_t start = plan.chords[i].start_tick;
            int sounding = 0;
            for (; first < count && notes[first].start < start; ++first) {
            }
            for (int j = first; j < count && notes[j].start == start; ++j) {
                assert_true(is_voiced(i, notes[j].key));
                ++sounding;
            }
            whole += sounding >= 3;
        }
        assert_true(count > plan.chord_count);
        assert_int_equal(notes[count - 1].end, km_plan_length_ticks(&plan));
        km_score_release(&score);
    }
    assert_true(whole > 100);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(patterns_grow_with_their_level),
        SONG_TEST(chords_are_touched_oftener_with_arousal),
        SONG_TEST(each_genre_plays_chords_in_its_own_way),
        SONG_TEST(variations_are_other_ways_and_change_nothing_else),
        SONG_TEST(chords_are_heard_as_they_were_led),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
