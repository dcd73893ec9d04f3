// SPDX-License-Identifier: MIT

// What a feeling chooses: kinds, cues, and what wishes it takes.

#include "unit/session/heard_affect.h"
#include "unit/session/heard_song.h"

#include <math.h>
#include <string.h>

static const uint8_t metres[][2] = {
#define KM_METRE(beats, unit, ...) {beats, unit},
#include "session/metres.def"
#undef KM_METRE
};

enum { METRES_COUNT = sizeof(metres) / sizeof(metres[0]) };

static void generate(const struct km_affect *affect, const struct km_plan_wishes *wishes,
                     uint64_t seed)
{
    const struct km_plan_intent intent = {.affect = affect, .motivation = 5, .chaos = 0.3};
    assert_int_equal(km_plan_generate(&intent, wishes, seed, &plan, NULL), KM_OK);
}

static void every_kind_that_is_wished_for_is_kept(void **state)
{
    (void)state;
    for (uint64_t seed = 0; seed < 60; ++seed) {
        const uint8_t *const metre = metres[seed % METRES_COUNT];
        const struct brief brief = {
            .valence = (double)(seed % 5) / 2 - 1,
            .arousal = (double)(seed % 3) - 1,
            .chaos = 0.3,
            .seed = seed,
            .wishes = {.has_metre = true,
                       .beats_per_bar = metre[0],
                       .beat_unit = metre[1],
                       .has_arc = true,
                       .arc = (uint8_t)(seed % KM_ARCS_COUNT),
                       .has_feel = true,
                       .feel = (uint8_t)(seed % KM_FEELS_COUNT)},
        };
        compose_brief(&brief); // And finds no fault in the song.
        assert_int_equal(plan.beats_per_bar, metre[0]);
        assert_int_equal(plan.beat_unit, metre[1]);
        assert_int_equal(plan.arc, brief.wishes.arc);
        assert_int_equal(plan.feel, brief.wishes.feel);
        assert_null(plan_fault(&plan));
    }
}

static void every_genre_composes_in_every_metre(void **state)
{
    (void)state;
    for (int genre = 0; genre < KM_GENRES_COUNT; ++genre) {
        for (int metre = 0; metre < METRES_COUNT; ++metre) {
            const struct brief brief = {
                .valence = (double)(genre % 3) - 1,
                .arousal = (double)(metre % 5) / 2 - 1,
                .seed = (uint64_t)genre,
                .wishes = {.has_metre = true,
                           .beats_per_bar = metres[metre][0],
                           .beat_unit = metres[metre][1],
                           .has_genre = true,
                           .genre = (uint8_t)genre},
            };
            compose_brief(&brief);
        }
    }
}

static void refuses(struct km_plan_wishes wishes, const char *words)
{
    struct km_affect affect;
    km_affect_of_point(0.1, 0.1, &affect);
    const struct km_plan_intent intent = {.affect = &affect, .motivation = 5, .chaos = 0.3};
    struct km_error error = {0};
    assert_int_equal(km_plan_generate(&intent, &wishes, 1, &plan, &error), KM_ERROR_RANGE);
    assert_non_null(strstr(error.message, words));
}

static void refuses_kinds_that_do_not_exist(void **state)
{
    (void)state;
    refuses((struct km_plan_wishes){.has_metre = true, .beats_per_bar = 9, .beat_unit = 8}, "12/8");
    refuses((struct km_plan_wishes){.has_metre = true, .beats_per_bar = 9, .beat_unit = 8}, "9/8");
    refuses((struct km_plan_wishes){.has_metre = true}, "0/0");
    refuses((struct km_plan_wishes){.has_metre = true, .beats_per_bar = 4, .beat_unit = 8}, "4/8");
    refuses((struct km_plan_wishes){.has_arc = true, .arc = KM_ARCS_COUNT}, "arc");
    refuses((struct km_plan_wishes){.has_feel = true, .feel = KM_FEELS_COUNT}, "feel");
    refuses((struct km_plan_wishes){.has_ensemble = true, .ensemble = KM_ENSEMBLES_COUNT},
            "ensemble");
    refuses((struct km_plan_wishes){.has_mode = true, .mode = KM_MODES_COUNT}, "mode");
    refuses((struct km_plan_wishes){.has_genre = true, .genre = KM_GENRES_COUNT}, "genre");
    refuses((struct km_plan_wishes){.has_genre = true, .genre = 255}, "255");
}

// Without wishes, the whole of metres.def is played, 4/4 most; calm songs flow more than lively.
static void every_metre_is_chosen_by_some_feeling(void **state)
{
    (void)state;
    int counts[METRES_COUNT] = {0};
    int flowing[2] = {0};
    for (uint64_t seed = 0; seed < 1000; ++seed) {
        struct km_affect affect;
        const bool is_calm = seed % 2 == 0;
        km_affect_of_point((double)(seed % 5) / 2 - 1, is_calm ? -0.7 : 0.7, &affect);
        const struct km_plan_intent intent = {
            .affect = &affect, .motivation = 1, .chaos = seed % 3 == 0 ? 0.9 : 0.2};
        assert_int_equal(km_plan_generate(&intent, NULL, seed, &plan, NULL), KM_OK);
        for (int i = 0; i < METRES_COUNT; ++i) {
            counts[i] +=
                metres[i][0] == plan.beats_per_bar && metres[i][1] == plan.beat_unit ? 1 : 0;
        }
        flowing[is_calm] += plan.beats_per_bar % 3 == 0;
    }
    for (int i = 0; i < METRES_COUNT; ++i) {
        assert_true(counts[i] > 0);
        assert_true(counts[i] <= counts[0]);
    }
    assert_true(counts[0] > 500);
    assert_true(flowing[1] > 2 * flowing[0]);
}

// Songs of 400 that are in a major mode at a place.
static int count_major(double valence, double arousal)
{
    struct km_affect affect;
    km_affect_of_point(valence, arousal, &affect);
    int major = 0;
    for (uint64_t seed = 0; seed < 400; ++seed) {
        generate(&affect, NULL, seed);
        major += !km_mode_is_minor((enum km_mode)plan.key.mode);
    }
    return major;
}

// EMOPIA finds major .81 and .29 of its clips of high arousal, .73 and .42 of low, mild and strong
// ones together. Within these halves the mild may go either way, the strong hardly ever.
static void minor_songs_of_joy_and_major_songs_of_grief_exist(void **state)
{
    (void)state;
    for (int arousal = -1; arousal <= 1; arousal += 2) {
        assert_in_range(count_major(-0.35, arousal * 0.5), 40, 120);
        assert_in_range(count_major(0.35, arousal * 0.5), 280, 360);
        assert_in_range(count_major(-0.7, arousal * 0.5), 1, 24);
        assert_in_range(count_major(0.7, arousal * 0.5), 368, 399);
    }
}

static void the_share_of_major_modes_rises_with_valence(void **state)
{
    (void)state;
    for (int arousal = -1; arousal <= 1; ++arousal) {
        int last = 0;
        for (int step = -4; step <= 4; ++step) {
            const int major = count_major(0.2 * step, 0.6 * arousal);
            assert_true(major >= last);
            last = major;
        }
    }
}

// Loud songs are for bands; quiet ones sometimes, and never most of the time, for fewer.
static void quiet_songs_are_sometimes_for_few(void **state)
{
    (void)state;
    int counts[2][KM_ENSEMBLES_COUNT] = {{0}};
    for (uint64_t seed = 0; seed < 400; ++seed) {
        struct km_affect affect;
        const bool is_quiet = seed % 2 == 0;
        km_affect_of_point(-0.5, is_quiet ? -0.7 : 0.4, &affect);
        const struct km_plan_intent intent = {
            .affect = &affect, .motivation = 2, .chaos = 0.3, .vulnerability = 0.5};
        assert_int_equal(km_plan_generate(&intent, NULL, seed, &plan, NULL), KM_OK);
        ++counts[is_quiet][plan.ensemble];
    }
    assert_int_equal(counts[0][KM_ENSEMBLE_BAND], 200);
    assert_in_range(counts[1][KM_ENSEMBLE_SOLO_PIANO], 10, 80);
    assert_in_range(counts[1][KM_ENSEMBLE_STRING_QUARTET], 5, 50);
}

enum cue { TEMPO, LOUDNESS, SPREAD, DENSITY, LEGATO, HEIGHT, WIDTH, DISSONANCE, CUES_COUNT };

enum { TEXT_SEEDS = 40 };

/// Of one text: means and deviations over seeds, of each half of the seeds and of all.
struct manner {
    double means[CUES_COUNT], halves[2][CUES_COUNT], deviations[CUES_COUNT];
};

static void read_cues(double cues[CUES_COUNT])
{
    cues[TEMPO] = plan.tempo_bpm;
    cues[LOUDNESS] = (plan.velocity_low + plan.velocity_high) / 2.0;
    cues[SPREAD] = plan.velocity_high - plan.velocity_low;
    cues[DENSITY] = (double)plan.density;
    cues[LEGATO] = (double)plan.articulation;
    cues[HEIGHT] = (plan.register_low + plan.register_high) / 2.0;
    cues[WIDTH] = plan.register_high - plan.register_low;
    cues[DISSONANCE] = (double)plan.dissonance;
}

// The same from the notes of the finished song.
static void hear_cues(double cues[CUES_COUNT])
{
    const struct heard_features heard = heard_features_of(&file);
    const double heard_cues[CUES_COUNT] = {heard.onset_rate,   heard.velocity,  heard.low_pitch,
                                           heard.gap,          heard.length,    heard.pitch,
                                           heard.pitch_spread, heard.consonance};
    memcpy(cues, heard_cues, sizeof(heard_cues));
}

static struct manner manner_of(const char *text, bool is_heard)
{
    struct km_affect affect;
    assert_int_equal(km_affect_of_text(text, strlen(text), &affect, NULL), KM_OK);
    struct manner manner = {0};
    double squares[CUES_COUNT] = {0};
    for (uint64_t seed = 0; seed < TEXT_SEEDS; ++seed) {
        const struct km_plan_intent intent = {.affect = &affect, .motivation = 2, .chaos = 0.3};
        assert_int_equal(km_plan_generate(&intent, NULL, seed, &plan, NULL), KM_OK);
        double cues[CUES_COUNT];
        if (is_heard) {
            compose();
            hear_cues(cues);
        } else {
            read_cues(cues);
        }
        for (int i = 0; i < CUES_COUNT; ++i) {
            manner.means[i] += cues[i] / TEXT_SEEDS;
            manner.halves[seed % 2][i] += 2 * cues[i] / TEXT_SEEDS;
            squares[i] += cues[i] * cues[i] / TEXT_SEEDS;
        }
    }
    for (int i = 0; i < CUES_COUNT; ++i) {
        manner.deviations[i] = sqrt(fmax(0, squares[i] - manner.means[i] * manner.means[i]));
    }
    return manner;
}

// In deviations between seeds, over all cues.
static double distance(const double a[CUES_COUNT], const double b[CUES_COUNT],
                       const double deviations[CUES_COUNT])
{
    double sum = 0;
    for (int i = 0; i < CUES_COUNT; ++i) {
        const double apart = (a[i] - b[i]) / fmax(deviations[i], 1e-3);
        sum += apart * apart;
    }
    return sqrt(sum);
}

// The songs of two texts lie further apart than the songs of one text, of other seeds, do: twice.
static void expect_other_songs(const char *text, const char *other)
{
    const struct manner one = manner_of(text, true);
    const struct manner two = manner_of(other, true);
    const double between = distance(one.means, two.means, one.deviations);
    const double within = distance(one.halves[0], one.halves[1], one.deviations);
    if (between < 2 * within) {
        print_error("%s, %s: %.2f apart, seeds %.2f\n", text, other, between, within);
    }
    assert_true(between > 2 * within);
}

// Pairs of texts of like valence and arousal but another nuance, in the ways that nuances.def says.
static void nuance_is_planned_and_heard(void **state)
{
    (void)state;
    const struct manner fury = manner_of("I am furious", false);
    const struct manner terror = manner_of("I am terrified", false);
    assert_true(fury.means[LOUDNESS] > terror.means[LOUDNESS] + 8);
    assert_true(fury.means[SPREAD] < terror.means[SPREAD] - 8);
    assert_true(fury.means[HEIGHT] < terror.means[HEIGHT] - 3);
    const struct manner tender = manner_of("tender love", false);
    const struct manner proud = manner_of("proud and strong", false);
    assert_true(tender.means[LEGATO] > proud.means[LEGATO] + 0.06);
    assert_true(tender.means[LOUDNESS] < proud.means[LOUDNESS] - 6);
    assert_true(tender.means[HEIGHT] > proud.means[HEIGHT] + 1);
    const struct manner grief = manner_of("grief", false);
    const struct manner bored = manner_of("boredom", false);
    assert_true(grief.means[LEGATO] > bored.means[LEGATO] + 0.06);
    assert_true(grief.means[TEMPO] < bored.means[TEMPO] - 4);
    assert_true(grief.means[SPREAD] > bored.means[SPREAD] + 4);
    const struct manner nervous = manner_of("nervous", false);
    const struct manner excited = manner_of("excited", false);
    assert_true(nervous.means[LOUDNESS] < excited.means[LOUDNESS] - 8);
    assert_true(nervous.means[DISSONANCE] > excited.means[DISSONANCE] + 0.2);
    assert_true(nervous.means[SPREAD] > excited.means[SPREAD] + 2);
    expect_other_songs("I am furious", "I am terrified");
    expect_other_songs("tender love", "proud and strong");
    expect_other_songs("grief", "boredom");
    expect_other_songs("nervous", "excited");
}

// Power is loud, low and pure; intensity widens.
static void dominance_and_intensity_are_planned(void **state)
{
    (void)state;
    double cues[4][CUES_COUNT] = {{0}};
    for (int i = 0; i < 4; ++i) {
        struct km_affect affect = {.valence = -0.4F, .arousal = 0.3F, .intensity = 0.4F};
        affect.primary = KM_EMOTION_NEUTRAL;
        affect.secondary = KM_AFFECT_NO_EMOTION;
        affect.node = KM_AFFECT_NO_NODE;
        affect.dominance = i == 0 ? -0.8F : (i == 1 ? 0.8F : 0.0F);
        affect.intensity = i == 3 ? 1.0F : 0.4F;
        for (uint64_t seed = 0; seed < TEXT_SEEDS; ++seed) {
            double of_seed[CUES_COUNT];
            generate(&affect, NULL, seed);
            read_cues(of_seed);
            for (int j = 0; j < CUES_COUNT; ++j) {
                cues[i][j] += of_seed[j] / TEXT_SEEDS;
            }
        }
    }
    assert_true(cues[1][LOUDNESS] > cues[0][LOUDNESS] + 5);
    assert_true(cues[1][SPREAD] < cues[0][SPREAD] - 5);
    assert_true(cues[1][HEIGHT] < cues[0][HEIGHT] - 2);
    assert_true(cues[1][DISSONANCE] < cues[0][DISSONANCE] - 0.05);
    assert_true(cues[3][SPREAD] > cues[2][SPREAD] + 5);
    assert_true(cues[3][WIDTH] > cues[2][WIDTH]);
    assert_true(cues[3][LOUDNESS] > cues[2][LOUDNESS] + 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        SONG_TEST(every_kind_that_is_wished_for_is_kept),
        SONG_TEST(every_genre_composes_in_every_metre),
        SONG_TEST(refuses_kinds_that_do_not_exist),
        SONG_TEST(every_metre_is_chosen_by_some_feeling),
        SONG_TEST(minor_songs_of_joy_and_major_songs_of_grief_exist),
        SONG_TEST(the_share_of_major_modes_rises_with_valence),
        SONG_TEST(quiet_songs_are_sometimes_for_few),
        SONG_TEST(nuance_is_planned_and_heard),
        SONG_TEST(dominance_and_intensity_are_planned),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
