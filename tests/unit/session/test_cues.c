// SPDX-License-Identifier: MIT

// What a feeling chooses: kinds, cues, and what wishes it takes.

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

// EMOPIA: .81 and .29 of high arousal, .73 and .42 of low.
static void minor_songs_of_joy_and_major_songs_of_grief_exist(void **state)
{
    (void)state;
    for (int arousal = -1; arousal <= 1; arousal += 2) {
        for (int valence = -1; valence <= 1; valence += 2) {
            struct km_affect affect;
            km_affect_of_point(valence * 0.6, arousal * 0.6, &affect);
            int major = 0;
            for (uint64_t seed = 0; seed < 200; ++seed) {
                generate(&affect, NULL, seed);
                major += !km_mode_is_minor((enum km_mode)plan.key.mode);
            }
            assert_in_range(major, valence > 0 ? 130 : 14, valence > 0 ? 186 : 70);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        SONG_TEST(every_kind_that_is_wished_for_is_kept),
        SONG_TEST(every_genre_composes_in_every_metre),
        SONG_TEST(refuses_kinds_that_do_not_exist),
        SONG_TEST(every_metre_is_chosen_by_some_feeling),
        SONG_TEST(minor_songs_of_joy_and_major_songs_of_grief_exist),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
