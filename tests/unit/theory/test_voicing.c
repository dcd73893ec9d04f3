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
    const uint8_t lowest = (uint8_t)km_random_below(random, 128 - 19);
    return (struct km_voicing_rules){
        .voices = (uint8_t)km_random_between(random, 1, KM_VOICES_MAX),
        .lowest = lowest,
        .highest = (uint8_t)km_random_between(random, lowest + 19, 127),
        .has_bass = km_random_chance(random, 0.5),
        .allows_parallels = km_random_chance(random, 0.2),
    };
}

static void check_voicing(const struct km_voicing *voicing, struct km_chord chord,
                          const struct km_voicing_rules *rules)
{
    assert_int_equal(voicing->count, rules->voices);
    for (int i = 0; i < voicing->count; ++i) {
        assert_in_range(voicing->pitches[i], rules->lowest, rules->highest);
        assert_true(km_chord_pitches(chord) >> (voicing->pitches[i] % 12) & 1U);
        assert_true(i == 0 || voicing->pitches[i] >= voicing->pitches[i - 1]);
    }
    for (int i = voicing->count; i < KM_VOICES_MAX; ++i) {
        assert_int_equal(voicing->pitches[i], 0); // No byte is left to chance.
    }
    if (rules->has_bass) {
        assert_int_equal(voicing->pitches[0] % 12, chord.bass);
    }
}

// Any chord after any voicing under any rules.
static void obeys_its_rules_whatever_comes(void **state)
{
    (void)state;
    struct km_random random;
    km_random_init(&random, 1, "voicing");
    struct km_voicing before = {.count = 0};
    for (int i = 0; i < 20000; ++i) {
        const struct km_voicing_rules rules = random_rules(&random);
        const int quality = km_random_between(&random, 1, KM_CHORD_QUALITIES_COUNT - 1);
        struct km_chord chord = random_chord(&random, quality);
        if (i % 8 == 0) {
            chord.bass = (uint8_t)km_random_below(&random, 12); // Foreign to the chord, perhaps
        }
        struct km_voicing voicing;
        struct km_voicing again;
        const int movement = km_voicing_next(&before, chord, &rules, &voicing);
        check_voicing(&voicing, chord, &rules);
        assert_int_equal(km_voicing_next(&before, chord, &rules, &again), movement);
        assert_memory_equal(&voicing, &again, sizeof(voicing));
        if (before.count == rules.voices) {
            int sum = 0;
            for (int j = 0; j < before.count; ++j) {
                sum += abs(voicing.pitches[j] - before.pitches[j]);
            }
            assert_int_equal(movement, sum);
        }
        before = voicing;
        before.count = i % 16 == 0 ? 0 : before.count;
    }
}

static void no_chord_has_no_voices(void **state)
{
    (void)state;
    const struct km_voicing before = {{48, 52, 55}, 3};
    const struct km_voicing_rules rules = {.voices = 3, .lowest = 48, .highest = 72};
    struct km_voicing voicing = {{1, 2, 3}, 3};
    assert_int_equal(km_voicing_next(&before, (struct km_chord){0}, &rules, &voicing), 0);
    assert_int_equal(voicing.count, 0);
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

static bool has_parallels(const struct km_voicing *before, const struct km_voicing *voicing)
{
    for (int low = 0; low < before->count; ++low) {
        for (int high = low + 1; high < before->count; ++high) {
            const int move = voicing->pitches[low] - before->pitches[low];
            const int other = voicing->pitches[high] - before->pitches[high];
            const int interval = (voicing->pitches[high] - voicing->pitches[low]) % 12;
            const int was = (before->pitches[high] - before->pitches[low]) % 12;
            const bool is_perfect = interval == was && (was == 0 || was == 7);
            if (is_perfect && move * other > 0) {
                return true;
            }
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

// Every voicing there is for four voices; the least movement among those that keep the rules, or
// -1 if none does.
static int least_movement(const struct km_voicing *before, struct km_chord chord,
                          const struct km_voicing_rules *rules)
{
    uint8_t pitches[128];
    int count = 0;
    for (int pitch = rules->lowest; pitch <= rules->highest; ++pitch) {
        if (km_chord_pitches(chord) >> (pitch % 12) & 1U) {
            pitches[count++] = (uint8_t)pitch;
        }
    }
    int least = -1;
    for (int code = 0; code < count * count * count * count; ++code) {
        const struct km_voicing voicing = {{pitches[code % count], pitches[code / count % count],
                                            pitches[code / count / count % count],
                                            pitches[code / count / count / count]},
                                           4};
        const bool is_ordered = voicing.pitches[0] < voicing.pitches[1] &&
                                voicing.pitches[1] < voicing.pitches[2] &&
                                voicing.pitches[2] < voicing.pitches[3];
        if (!is_ordered) {
            continue;
        }
        const int movement = movement_between(before, &voicing);
        if ((least < 0 || movement < least) && has_telling_notes(&voicing, chord) &&
            has_pitch_class(&voicing, chord.root) && !has_parallels(before, &voicing)) {
            least = movement;
        }
    }
    return least;
}

// Against every possibility: the telling notes are there and parallels are avoided where any
// voicing does so, and the voices move little more than they must.
static void is_near_the_best_of_all_voicings(void **state)
{
    (void)state;
    struct km_random random;
    km_random_init(&random, 2, "voicing");
    const struct km_voicing_rules rules = {.voices = 4, .lowest = 50, .highest = 74};
    struct km_voicing before = {.count = 0};
    struct km_voicing voicing;
    km_voicing_next(&before, (struct km_chord){0, KM_CHORD_MAJOR, 0}, &rules, &before);
    int ours = 0;
    int least = 0;
    enum { ROUNDS = 400 };
    for (int i = 0; i < ROUNDS; ++i) {
        const struct km_chord chord =
            random_chord(&random, (int)common[km_random_below(&random, COMMON_COUNT)]);
        ours += km_voicing_next(&before, chord, &rules, &voicing);
        const int possible = least_movement(&before, chord, &rules);
        if (possible >= 0) {
            least += possible;
            assert_true(has_telling_notes(&voicing, chord));
            assert_true(has_pitch_class(&voicing, chord.root));
            assert_false(has_parallels(&before, &voicing));
        }
        before = voicing;
    }
    print_message("mean movement %.2f semitones, least possible %.2f\n", (double)ours / ROUNDS,
                  (double)least / ROUNDS);
    assert_true(ours <= least + ROUNDS * 6 / 10); // Shared among four voices.
}

static void common_tones_stay(void **state)
{
    (void)state;
    const struct km_voicing before = {{60, 64, 67}, 3}; // C
    const struct km_voicing_rules rules = {.voices = 3, .lowest = 52, .highest = 76};
    struct km_voicing voicing;
    km_voicing_next(&before, (struct km_chord){9, KM_CHORD_MINOR, 9}, &rules, &voicing);
    static const uint8_t a_minor[] = {60, 64, 69};
    assert_memory_equal(voicing.pitches, a_minor, 3);
    km_voicing_next(&before, (struct km_chord){0, KM_CHORD_MAJOR, 0}, &rules, &voicing);
    assert_memory_equal(voicing.pitches, before.pitches, 3);
}

// Four voices double the root or the fifth of a triad rather than its third.
static void thirds_are_seldom_doubled(void **state)
{
    (void)state;
    struct km_random random;
    km_random_init(&random, 3, "voicing");
    const struct km_voicing_rules rules = {.voices = 4, .lowest = 50, .highest = 74};
    struct km_voicing before = {.count = 0};
    int doubled = 0;
    for (int i = 0; i < 500; ++i) {
        const bool is_minor = km_random_chance(&random, 0.5);
        const struct km_chord chord =
            random_chord(&random, is_minor ? KM_CHORD_MINOR : KM_CHORD_MAJOR);
        const int third = (chord.root + (is_minor ? 3 : 4)) % 12;
        struct km_voicing voicing;
        km_voicing_next(&before, chord, &rules, &voicing);
        int thirds = 0;
        for (int voice = 0; voice < 4; ++voice) {
            thirds += voicing.pitches[voice] % 12 == third;
        }
        assert_true(thirds >= 1);
        doubled += thirds > 1;
        before = voicing;
    }
    print_message("thirds doubled in %d of 500 triads\n", doubled);
    assert_true(doubled < 75);
}

// Dominant to tonic in all keys: the leading tone rises, the seventh falls.
static void dominants_resolve(void **state)
{
    (void)state;
    for (uint8_t tonic = 0; tonic < 12; ++tonic) {
        const uint8_t g = (uint8_t)(50 + tonic);
        const struct km_voicing before = {
            {g, (uint8_t)(g + 5), (uint8_t)(g + 9), (uint8_t)(g + 15)}, 4};
        const uint8_t root =
            (uint8_t)((g + 5) % 12); // The second voice has the root, the third its third.
        const struct km_chord dominant = km_chord_of_notes(before.pitches, 4).chord;
        assert_int_equal(dominant.quality, KM_CHORD_DOMINANT_SEVENTH);
        assert_int_equal(dominant.root, root);
        const struct km_chord goal = {(uint8_t)((root + 5) % 12), KM_CHORD_MAJOR,
                                      (uint8_t)((root + 5) % 12)};
        const struct km_voicing_rules rules = {.voices = 4, .lowest = 45, .highest = 84};
        struct km_voicing voicing;
        km_voicing_next(&before, goal, &rules, &voicing);
        assert_int_equal(voicing.pitches[2], before.pitches[2] + 1);
        assert_int_equal(voicing.pitches[3], before.pitches[3] - 1);
    }
}

static void tally_resolutions(const struct km_voicing *before, const struct km_voicing *after,
                              uint8_t root, int tally[2])
{
    for (int i = 0; i < before->count; ++i) {
        const int above = (before->pitches[i] + 12 - root) % 12;
        const int move = after->pitches[i] - before->pitches[i];
        tally[0] += above == 4 && move != 1;
        tally[1] += above == 10 && move != -1;
    }
}

// The same from any position. In the few others the resolution would put two voices on one note.
static void dominants_resolve_from_any_position(void **state)
{
    (void)state;
    struct km_random random;
    km_random_init(&random, 5, "voicing");
    int tally[2] = {0};
    for (int i = 0; i < 1000; ++i) {
        const uint8_t root = (uint8_t)km_random_below(&random, 12);
        const uint8_t goal_root = (uint8_t)((root + 5) % 12);
        const struct km_voicing_rules rules = {
            .voices = (uint8_t)km_random_between(&random, 3, 5), .lowest = 45, .highest = 81};
        const struct km_chord start = random_chord(&random, KM_CHORD_MINOR);
        const struct km_chord dominant = {root, KM_CHORD_DOMINANT_SEVENTH, root};
        const struct km_chord goal = {goal_root, KM_CHORD_MAJOR, goal_root};
        struct km_voicing first = {.count = 0};
        struct km_voicing second;
        struct km_voicing third;
        km_voicing_next(&first, start, &rules, &first);
        km_voicing_next(&first, dominant, &rules, &second);
        km_voicing_next(&second, goal, &rules, &third);
        tally_resolutions(&second, &third, root, tally);
    }
    print_message("of 1000, leading tones unresolved %d, sevenths %d\n", tally[0], tally[1]);
    assert_true(tally[0] <= 160);
    assert_true(tally[1] <= 160);
}

// The voices neither climb out of nor sink to the edge of their range in a long song.
static void does_not_drift(void **state)
{
    (void)state;
    static const struct km_chord loop[] = {{0, KM_CHORD_MAJOR, 0},
                                           {7, KM_CHORD_MAJOR, 7},
                                           {9, KM_CHORD_MINOR, 9},
                                           {5, KM_CHORD_MAJOR, 5}};
    const struct km_voicing_rules rules = {.voices = 4, .lowest = 40, .highest = 80};
    struct km_voicing voicing = {.count = 0};
    for (int i = 0; i < 400; ++i) {
        struct km_voicing next;
        km_voicing_next(&voicing, loop[i % 4], &rules, &next);
        voicing = next;
        int sum = 0;
        for (int j = 0; j < 4; ++j) {
            sum += voicing.pitches[j];
        }
        assert_in_range(sum, 4 * 50, 4 * 70);
    }
}

static void takes_over_another_number_of_voices(void **state)
{
    (void)state;
    const struct km_voicing before = {{48, 55, 64}, 3};
    const struct km_voicing_rules rules = {
        .voices = 5, .lowest = 43, .highest = 79, .has_bass = true};
    const struct km_chord chord = {5, KM_CHORD_MAJOR_SEVENTH, 5};
    struct km_voicing voicing;
    km_voicing_next(&before, chord, &rules, &voicing);
    check_voicing(&voicing, chord, &rules);
    assert_true(has_telling_notes(&voicing, chord));
    for (int i = 1; i < 5; ++i) {
        assert_true(voicing.pitches[i] > voicing.pitches[i - 1]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(obeys_its_rules_whatever_comes),
        cmocka_unit_test(no_chord_has_no_voices),
        cmocka_unit_test(is_near_the_best_of_all_voicings),
        cmocka_unit_test(common_tones_stay),
        cmocka_unit_test(thirds_are_seldom_doubled),
        cmocka_unit_test(dominants_resolve),
        cmocka_unit_test(dominants_resolve_from_any_position),
        cmocka_unit_test(does_not_drift),
        cmocka_unit_test(takes_over_another_number_of_voices),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
