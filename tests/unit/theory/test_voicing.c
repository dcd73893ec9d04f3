// SPDX-License-Identifier: MIT

#include "theory/voicing.h"

#include "base/random.h"
#include "support/cmocka.h"

#include <stdlib.h>
#include <string.h>

static const enum km_chord_quality common[] = {
    KM_CHORD_MAJOR,
    KM_CHORD_MINOR,
    KM_CHORD_MAJOR,
    KM_CHORD_MINOR,
    KM_CHORD_DOMINANT_SEVENTH,
    KM_CHORD_MINOR_SEVENTH,
    KM_CHORD_MAJOR_SEVENTH,
    KM_CHORD_HALF_DIMINISHED,
    KM_CHORD_DIMINISHED_SEVENTH,
    KM_CHORD_SUS4,
    KM_CHORD_ADD9,
    KM_CHORD_MINOR_NINTH,
};

enum { COMMON_COUNT = sizeof(common) / sizeof(common[0]) };

static struct km_chord random_chord(struct km_random *random, int quality)
{
    const struct km_chord chord = {(uint8_t)km_random_below(random, 12), (uint8_t)quality, 0};
    const km_pitch_set pitches =
        km_chord_pitches((struct km_chord){chord.root, chord.quality, chord.root});
    uint8_t bass = (uint8_t)km_random_below(random, 12);
    while (!(pitches >> bass & 1U)) {
        bass = (uint8_t)((bass + 1) % 12);
    }
    return (struct km_chord){chord.root, chord.quality, bass};
}

static struct km_voicing_rules random_rules(struct km_random *random)
{
    const uint8_t lowest = (uint8_t)km_random_below(random, 128 - KM_VOICING_RANGE_MIN);
    return (struct km_voicing_rules){
        .voices = (uint8_t)km_random_between(random, 1, KM_VOICES_MAX),
        .lowest = lowest,
        .highest = (uint8_t)km_random_between(random, lowest + KM_VOICING_RANGE_MIN, 127),
        .key = {(uint8_t)km_random_below(random, 12), KM_MODE_IONIAN},
        .allows_parallels = km_random_chance(random, 0.2),
        .leaves_tendencies = km_random_chance(random, 0.2),
    };
}

static void check_voicing(const struct km_voicing *voicing, struct km_chord chord, int bass,
                          const struct km_voicing_rules *rules)
{
    assert_int_equal(voicing->count, rules->voices);
    for (int i = 0; i < voicing->count; ++i) {
        assert_in_range(voicing->pitches[i], rules->lowest, rules->highest);
        assert_true(voicing->pitches[i] > bass);
        assert_true(km_chord_pitches(chord) >> (voicing->pitches[i] % 12) & 1U);
        assert_true(i == 0 || voicing->pitches[i] >= voicing->pitches[i - 1]);
    }
    for (int i = voicing->count; i < KM_VOICES_MAX; ++i) {
        assert_int_equal(voicing->pitches[i], 0); // No byte is left to chance.
    }
}

enum { SONG_MAX = 80 };

// Chords with a bass line under them.
struct song {
    struct km_chord chords[SONG_MAX];
    uint8_t bass[SONG_MAX];
    struct km_voicing voicings[SONG_MAX];
};

// The bass in any octave that the voices leave it.
static uint8_t random_bass(struct km_random *random, uint8_t pitch_class, uint8_t lowest)
{
    const int highest = lowest + KM_VOICING_BASS_REACH;
    const int key = highest - (highest - pitch_class + 120) % 12;
    return (uint8_t)(key > 24 && km_random_chance(random, 0.5) ? key - 12 : (key > 0 ? key : 0));
}

// Any chords over any bass line under any rules.
static void obeys_its_rules_whatever_comes(void **state)
{
    (void)state;
    static struct song song;
    struct km_random random;
    km_random_init(&random, 1, "voicing");
    for (int round = 0; round < 150; ++round) {
        const struct km_voicing_rules rules = random_rules(&random);
        const size_t count = (size_t)km_random_between(&random, 0, SONG_MAX);
        const bool has_bass = km_random_chance(&random, 0.7);
        for (size_t i = 0; i < count; ++i) {
            const int quality = km_random_between(&random, 1, KM_CHORD_QUALITIES_COUNT - 1);
            song.chords[i] = random_chord(&random, quality);
            if (i % 8 == 0) {
                song.chords[i].bass = (uint8_t)km_random_below(&random, 12); // Foreign, perhaps
            }
            song.bass[i] = has_bass ? random_bass(&random, song.chords[i].bass, rules.lowest) : 0;
        }
        km_voicing_lead(song.chords, has_bass ? song.bass : NULL, count, &rules, song.voicings);
        for (size_t i = 0; i < count; ++i) {
            check_voicing(&song.voicings[i], song.chords[i], song.bass[i], &rules);
        }
    }
}

// And what comes after silence does not depend on what was before it.
static void no_chord_has_no_voices(void **state)
{
    (void)state;
    const struct km_voicing_rules rules = {.voices = 4, .lowest = 48, .highest = 72};
    const struct km_chord c = {0, KM_CHORD_MAJOR, 0};
    const struct km_chord chords[2][3] = {{{7, KM_CHORD_DOMINANT_SEVENTH, 7}, {0, 0, 0}, c},
                                          {{1, KM_CHORD_MINOR_NINTH, 1}, {0, 0, 0}, c}};
    struct km_voicing voicings[2][3];
    km_voicing_lead(chords[0], NULL, 3, &rules, voicings[0]);
    km_voicing_lead(chords[1], NULL, 3, &rules, voicings[1]);
    assert_int_equal(voicings[0][1].count, 0);
    assert_int_equal(voicings[0][2].count, 4);
    assert_memory_equal(&voicings[0][2], &voicings[1][2], sizeof(struct km_voicing));
}

static bool has_pitch_class(const struct km_voicing *voicing, int pitch_class)
{
    for (int i = 0; i < voicing->count; ++i) {
        if (voicing->pitches[i] % 12 == pitch_class % 12) {
            return true;
        }
    }
    return false;
}

static bool has_telling_notes(const struct km_voicing *voicing, struct km_chord chord)
{
    const km_pitch_set quality = km_chord_pitches((struct km_chord){0, chord.quality, 0});
    static const int telling[] = {3, 4, 10, 11};
    for (size_t i = 0; i < 4; ++i) {
        if ((quality >> telling[i] & 1U) && !has_pitch_class(voicing, chord.root + telling[i])) {
            return false;
        }
    }
    return true;
}

static bool is_parallel(int low, int low_next, int high, int high_next)
{
    const bool together =
        (low_next > low && high_next > high) || (low_next < low && high_next < high);
    const int interval = (high_next - low_next) % 12;
    return together && interval == (high - low) % 12 && (interval == 0 || interval == 7);
}

static bool has_parallels(const struct km_voicing *before, const struct km_voicing *voicing,
                          const uint8_t *bass)
{
    for (int high = 0; high < before->count; ++high) {
        const int from = before->pitches[high];
        const int to = voicing->pitches[high];
        if (bass && is_parallel(bass[0], bass[1], from, to)) {
            return true;
        }
        for (int low = 0; low < high; ++low) {
            if (is_parallel(before->pitches[low], voicing->pitches[low], from, to)) {
                return true;
            }
        }
    }
    return false;
}

// Whether every voice's note follows what it wants, as the table of tendencies says.
static bool has_unresolved(const struct km_voicing *before, const struct km_voicing *voicing,
                           const struct km_tendencies *tendencies)
{
    for (int i = 0; i < before->count; ++i) {
        const unsigned int moves = tendencies->moves[before->pitches[i] % 12];
        const int moved = voicing->pitches[i] - before->pitches[i];
        const bool is_bound = moves != 0 && (moves & KM_TENDENCY_FREE) == 0;
        if (is_bound && (abs(moved) > 2 || (moves >> (moved + KM_TENDENCY_STAY) & 1U) == 0)) {
            return true;
        }
    }
    return false;
}

static int movement_between(const struct km_voicing *a, const struct km_voicing *b)
{
    int sum = 0;
    for (int i = 0; i < a->count; ++i) {
        sum += abs(a->pitches[i] - b->pitches[i]);
    }
    return sum;
}

// Every voicing of three voices with all telling notes.
static int list_all(struct km_chord chord, const struct km_voicing_rules *rules,
                    struct km_voicing *all)
{
    int count = 0;
    for (int a = rules->lowest; a <= rules->highest; ++a) {
        for (int b = a + 1; b <= rules->highest; ++b) {
            for (int c = b + 1; c <= rules->highest; ++c) {
                const struct km_voicing voicing = {{(uint8_t)a, (uint8_t)b, (uint8_t)c}, 3};
                const km_pitch_set notes = km_chord_pitches(chord);
                const bool are_notes =
                    (notes >> (a % 12) & notes >> (b % 12) & notes >> (c % 12) & 1U) != 0;
                if (are_notes && has_telling_notes(&voicing, chord)) {
                    all[count++] = voicing;
                }
            }
        }
    }
    return count;
}

// The least movement from one chord to another that keeps every rule; -1 if there is none.
static int least_movement(const struct km_chord chords[2], const struct km_voicing_rules *rules)
{
    static struct km_voicing all[2][2000];
    const struct km_tendencies tendencies = km_tendencies_between(chords[0], chords[1], rules->key);
    const int counts[2] = {list_all(chords[0], rules, all[0]), list_all(chords[1], rules, all[1])};
    int least = -1;
    for (int i = 0; i < counts[0]; ++i) {
        for (int j = 0; j < counts[1]; ++j) {
            const struct km_voicing *const before = &all[0][i];
            const struct km_voicing *const after = &all[1][j];
            const int movement = movement_between(before, after);
            if ((least < 0 || movement < least) && !has_parallels(before, after, NULL) &&
                !has_unresolved(before, after, &tendencies)) {
                least = movement;
            }
        }
    }
    return least;
}

// Against every possibility: where any two voicings keep the rules, those found do, and they move
// little more than they must.
static void is_near_the_best_of_all_voicings(void **state)
{
    (void)state;
    struct km_random random;
    km_random_init(&random, 2, "voicing");
    const struct km_voicing_rules rules = {
        .voices = 3, .lowest = 52, .highest = 71, .key = {0, KM_MODE_IONIAN}};
    enum { ROUNDS = 150 };
    int ours = 0;
    int least = 0;
    for (int i = 0; i < ROUNDS; ++i) {
        struct km_chord chords[2];
        struct km_voicing voicings[2];
        for (int j = 0; j < 2; ++j) {
            chords[j] = random_chord(&random, (int)common[km_random_below(&random, COMMON_COUNT)]);
            chords[j].bass = chords[j].root;
        }
        km_voicing_lead(chords, NULL, 2, &rules, voicings);
        const int possible = least_movement(chords, &rules);
        if (possible >= 0) {
            const struct km_tendencies tendencies =
                km_tendencies_between(chords[0], chords[1], rules.key);
            ours += movement_between(&voicings[0], &voicings[1]);
            least += possible;
            assert_true(has_telling_notes(&voicings[1], chords[1]));
            assert_false(has_parallels(&voicings[0], &voicings[1], NULL));
            assert_false(has_unresolved(&voicings[0], &voicings[1], &tendencies));
        }
    }
    print_message("mean movement %.2f semitones, least possible %.2f\n", (double)ours / ROUNDS,
                  (double)least / ROUNDS);
    // Shared among three voices; the rest is spent on spacing and doubling.
    assert_true(ours <= least + ROUNDS * 25 / 10);
}

// Random chords of songs over a bass in root position and out of it: no fault at all, and telling
// notes are given up seldom.
static void long_songs_have_no_faults(void **state)
{
    (void)state;
    static struct song song;
    struct km_random random;
    km_random_init(&random, 3, "voicing");
    const struct km_voicing_rules rules = {
        .voices = 4, .lowest = 46, .highest = 66, .key = {5, KM_MODE_IONIAN}};
    int untold = 0;
    for (int round = 0; round < 20; ++round) {
        for (int i = 0; i < SONG_MAX; ++i) {
            song.chords[i] =
                random_chord(&random, (int)common[km_random_below(&random, COMMON_COUNT)]);
            song.bass[i] = (uint8_t)(30 + (song.chords[i].bass + 6) % 12);
        }
        km_voicing_lead(song.chords, song.bass, SONG_MAX, &rules, song.voicings);
        for (int i = 1; i < SONG_MAX; ++i) {
            const struct km_tendencies tendencies =
                km_tendencies_between(song.chords[i - 1], song.chords[i], rules.key);
            assert_false(
                has_parallels(&song.voicings[i - 1], &song.voicings[i], &song.bass[i - 1]));
            assert_false(has_unresolved(&song.voicings[i - 1], &song.voicings[i], &tendencies));
            struct km_voicing all = song.voicings[i];
            all.pitches[all.count++] = song.bass[i];
            untold += !has_telling_notes(&all, song.chords[i]);
        }
    }
    print_message("%d of %d chords without a telling note\n", untold, 20 * (SONG_MAX - 1));
    assert_true(untold * 20 <= 20 * (SONG_MAX - 1));
}

static unsigned int moves_of(const char *from, const char *to, int pitch_class)
{
    struct km_chord chords[2];
    assert_int_equal(km_chord_parse(from, &chords[0], NULL), KM_OK);
    assert_int_equal(km_chord_parse(to, &chords[1], NULL), KM_OK);
    return km_tendencies_between(chords[0], chords[1], (struct km_key){0, KM_MODE_IONIAN})
        .moves[pitch_class];
}

// Examples of textbooks, in C: which note, where it may go (bits: -2, -1, 0, 1, 2).
static void tendencies_are_those_of_textbooks(void **state)
{
    (void)state;
    enum { WHOLE = 1, HALF = 2, STAY = 4, UP = 8, FREE = KM_TENDENCY_FREE };
    static const struct {
        const char *from, *to;
        uint8_t pitch_class, moves;
    } examples[] = {
        {"G7", "C", 11, UP},
        {"G7", "C", 5, HALF},
        {"G7", "C", 2, 0},
        {"G", "C", 11, UP},
        {"G", "Am", 11, UP},
        {"G7", "Am", 5, HALF},
        {"G7", "C/E", 5, HALF | FREE},
        {"Bdim", "C", 11, UP},
        {"Bm7b5", "C", 9, WHOLE},
        {"E7", "Am", 8, UP},
        {"E7", "F", 8, UP},
        {"E7", "F", 2, WHOLE},
        {"D7", "G", 6, UP},
        {"D7", "G7", 6, UP | HALF},
        {"D7", "G7", 0, HALF},
        {"C7", "F7", 10, HALF},
        {"C", "F", 4, 0},
        {"Em", "C", 11, 0},
        {"Cmaj7", "Am7", 11, WHOLE | FREE},
        {"Cmaj7", "Dm7", 11, WHOLE},
        {"Cmaj7", "G", 11, STAY},
        {"Dm7", "G7", 0, HALF},
        {"Dm7", "Em", 0, HALF},
        {"Fmaj7", "C", 4, STAY},
        {"Gsus4", "G", 0, HALF},
        {"G7sus4", "G7", 0, HALF},
        {"Gsus4", "C", 0, STAY | FREE},
        {"Asus4", "Dm", 2, STAY | FREE},
        {"C", "N.C.", 4, 0},
        {"Caug", "F", 4, 0},
        {"Dm7b5", "Cm", 2, 0},
        {"C#dim7", "Dm", 10, HALF},
        {"C#dim7", "Dm", 1, UP},
        {"Db7", "C", 11, 0},
        {"Db7", "C6", 11, WHOLE | UP},
        {"G", "Em", 11, 0},
        {"G", "F", 11, UP},
    };
    for (size_t i = 0; i < sizeof(examples) / sizeof(examples[0]); ++i) {
        const unsigned int moves =
            moves_of(examples[i].from, examples[i].to, examples[i].pitch_class);
        if (moves != examples[i].moves) {
            print_error("%s to %s: %u\n", examples[i].from, examples[i].to, moves);
        }
        assert_int_equal(moves, examples[i].moves);
    }
}

static void common_tones_stay(void **state)
{
    (void)state;
    const struct km_voicing_rules rules = {
        .voices = 3, .lowest = 52, .highest = 76, .key = {0, KM_MODE_IONIAN}};
    const struct km_chord chords[] = {
        {0, KM_CHORD_MAJOR, 0}, {9, KM_CHORD_MINOR, 9}, {9, KM_CHORD_MINOR, 9}};
    struct km_voicing voicings[3];
    km_voicing_lead(chords, NULL, 3, &rules, voicings);
    assert_int_equal(movement_between(&voicings[0], &voicings[1]), 2); // G to A
    assert_memory_equal(&voicings[1], &voicings[2], sizeof(voicings[1]));
}

// Four voices double the root or the fifth of a triad rather than its third.
static void thirds_are_seldom_doubled(void **state)
{
    (void)state;
    static struct song song;
    struct km_random random;
    km_random_init(&random, 3, "voicing");
    const struct km_voicing_rules rules = {.voices = 4, .lowest = 50, .highest = 74};
    int doubled = 0;
    for (int round = 0; round < 6; ++round) {
        for (int i = 0; i < SONG_MAX; ++i) {
            const bool is_minor = km_random_chance(&random, 0.5);
            song.chords[i] = random_chord(&random, is_minor ? KM_CHORD_MINOR : KM_CHORD_MAJOR);
        }
        km_voicing_lead(song.chords, NULL, SONG_MAX, &rules, song.voicings);
        for (int i = 0; i < SONG_MAX; ++i) {
            const int third =
                song.chords[i].root + (song.chords[i].quality == KM_CHORD_MINOR ? 3 : 4);
            int thirds = 0;
            for (int voice = 0; voice < 4; ++voice) {
                thirds += song.voicings[i].pitches[voice] % 12 == third % 12;
            }
            doubled += thirds > 1;
        }
    }
    print_message("thirds doubled in %d of %d triads\n", doubled, 6 * SONG_MAX);
    assert_true(doubled < 6 * SONG_MAX * 15 / 100);
}

// The voices neither climb out of nor sink to the edge of their range in a long song, and a loop
// comes back to the same voicings.
static void does_not_drift(void **state)
{
    (void)state;
    static const struct km_chord loop[] = {{0, KM_CHORD_MAJOR, 0},
                                           {7, KM_CHORD_MAJOR, 7},
                                           {9, KM_CHORD_MINOR, 9},
                                           {5, KM_CHORD_MAJOR, 5}};
    enum { COUNT = 400 };
    static struct km_chord chords[COUNT];
    static struct km_voicing voicings[COUNT];
    const struct km_voicing_rules rules = {.voices = 4, .lowest = 40, .highest = 80};
    for (int i = 0; i < COUNT; ++i) {
        chords[i] = loop[i % 4];
    }
    km_voicing_lead(chords, NULL, COUNT, &rules, voicings);
    for (int i = 0; i < COUNT; ++i) {
        int sum = 0;
        for (int j = 0; j < 4; ++j) {
            sum += voicings[i].pitches[j];
        }
        assert_in_range(sum, 4 * 50, 4 * 70);
        if (i >= 8 && i < COUNT - 4) {
            assert_memory_equal(&voicings[i], &voicings[i - 4], sizeof(voicings[i]));
        }
    }
}

// Triads a tone apart over their roots: the voices go against the bass.
static void planing_triads_go_against_their_bass(void **state)
{
    (void)state;
    static const struct km_chord chords[] = {{0, KM_CHORD_MAJOR, 0},
                                             {10, KM_CHORD_MAJOR, 10},
                                             {8, KM_CHORD_MAJOR, 8},
                                             {10, KM_CHORD_MAJOR, 10},
                                             {0, KM_CHORD_MAJOR, 0}};
    static const uint8_t bass[] = {36, 34, 32, 34, 36};
    const struct km_voicing_rules rules = {
        .voices = 4, .lowest = 46, .highest = 66, .key = {0, KM_MODE_AEOLIAN}};
    struct km_voicing voicings[5];
    km_voicing_lead(chords, bass, 5, &rules, voicings);
    for (int i = 1; i < 5; ++i) {
        assert_false(has_parallels(&voicings[i - 1], &voicings[i], &bass[i - 1]));
    }
}

// Where it is asked for, sevenths hang in the air.
static void tendencies_may_be_left(void **state)
{
    (void)state;
    static struct song song;
    for (int i = 0; i < SONG_MAX; ++i) {
        song.chords[i] = i % 2 == 0 ? (struct km_chord){7, KM_CHORD_DOMINANT_SEVENTH, 7}
                                    : (struct km_chord){0, KM_CHORD_MAJOR, 0};
    }
    struct km_voicing_rules rules = {
        .voices = 4, .lowest = 46, .highest = 66, .leaves_tendencies = true};
    km_voicing_lead(song.chords, NULL, SONG_MAX, &rules, song.voicings);
    const struct km_tendencies tendencies =
        km_tendencies_between(song.chords[0], song.chords[1], rules.key);
    int unresolved = 0;
    for (int i = 0; i + 1 < SONG_MAX; i += 2) {
        unresolved += has_unresolved(&song.voicings[i], &song.voicings[i + 1], &tendencies);
    }
    assert_true(unresolved >= SONG_MAX / 2 - 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(obeys_its_rules_whatever_comes),
        cmocka_unit_test(no_chord_has_no_voices),
        cmocka_unit_test(is_near_the_best_of_all_voicings),
        cmocka_unit_test(long_songs_have_no_faults),
        cmocka_unit_test(tendencies_are_those_of_textbooks),
        cmocka_unit_test(common_tones_stay),
        cmocka_unit_test(thirds_are_seldom_doubled),
        cmocka_unit_test(does_not_drift),
        cmocka_unit_test(planing_triads_go_against_their_bass),
        cmocka_unit_test(tendencies_may_be_left),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
