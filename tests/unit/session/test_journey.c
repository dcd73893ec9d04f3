// SPDX-License-Identifier: MIT

// Journeys: what their plans promise, over a grid of feelings and lengths.

#include "session/journey.h"

#include "base/units.h"
#include "heap/heap.h"
#include "session/planner_private.h"
#include "support/cmocka.h"
#include "unit/session/song_faults.h"

#include <string.h>

enum { PLACES_COUNT = 7, STAGE_BARS_MIN = 8 };

// Rage, grief, fear, neutral, contentment, joy, exhaustion.
static const double places[PLACES_COUNT][2] = {{-0.8, 0.8}, {-0.7, -0.4}, {-0.7, 0.6}, {0, 0},
                                               {0.6, -0.5}, {0.8, 0.6},   {-0.3, -0.9}};
static const double lengths[] = {0.5, 1, 3, 10, 23.5, 60};

enum { LENGTHS_COUNT = sizeof(lengths) / sizeof(lengths[0]) };

static int set_up(void **state)
{
    struct km_heap *const heap = km_heap_new(NULL);
    assert_non_null(heap);
    *state = heap;
    return 0;
}

static int tear_down(void **state)
{
    struct km_heap *const heap = *state;
    assert_int_equal(km_heap_usage(heap, KM_ACCOUNT_WORKING).current_bytes, 0);
    km_heap_free(heap);
    return 0;
}

static struct km_journey_config config_of(const double from[2], const double to[2], double minutes)
{
    struct km_journey_config config = {
        .path = KM_JOURNEY_STEPS, .minutes = minutes, .motivation = 5, .chaos = 0.3, .seed = 1};
    km_affect_of_point(from[0], from[1], &config.from);
    km_affect_of_point(to[0], to[1], &config.to);
    return config;
}

static double apart(double a, double b)
{
    return a < b ? b - a : a - b;
}

static int bits_of(unsigned int set)
{
    int count = 0;
    for (unsigned int i = 0; i < 16; ++i) {
        count += (set >> i & 1U) != 0;
    }
    return count;
}

// From the words of the limits, without the module's own helpers.
static void expect_small_step(const struct km_harmony_plan *a, const struct km_harmony_plan *b)
{
    const double slack = 2e-4; // Plans keep four decimals.
    assert_true(apart((double)a->affect.valence, (double)b->affect.valence) <= 0.2 + slack);
    assert_true(apart((double)a->affect.arousal, (double)b->affect.arousal) <= 0.2 + slack);
    assert_true(apart((double)a->affect.dominance, (double)b->affect.dominance) <= 0.2 + slack);
    const double slower = a->tempo_bpm < b->tempo_bpm ? a->tempo_bpm : b->tempo_bpm;
    assert_true(apart(a->tempo_bpm, b->tempo_bpm) <= 0.08 * slower + slack);
    assert_true(apart(a->velocity_low, b->velocity_low) <= 6);
    assert_true(apart(a->velocity_high, b->velocity_high) <= 6);
    const unsigned int before = km_key_pitches(a->key);
    const unsigned int after = km_key_pitches(b->key);
    const int lost = bits_of(before & ~after);
    const int won = bits_of(after & ~before);
    assert_true((lost < won ? lost : won) <= 1);
}

// As far as plans keep a feeling.
static void expect_same_feeling(const struct km_affect *a, const struct km_affect *b)
{
    assert_true(apart((double)a->valence, (double)b->valence) < 1e-4);
    assert_true(apart((double)a->arousal, (double)b->arousal) < 1e-4);
    assert_true(apart((double)a->dominance, (double)b->dominance) < 1e-4);
    assert_true(apart((double)a->intensity, (double)b->intensity) < 1e-4);
    assert_int_equal(a->primary, b->primary);
    assert_int_equal(a->secondary, b->secondary);
}

// What makes it one piece.
static void expect_one_piece(const struct km_harmony_plan *a, const struct km_harmony_plan *b)
{
    assert_int_equal(a->key.tonic, b->key.tonic);
    assert_int_equal(a->beats_per_bar, b->beats_per_bar);
    assert_int_equal(a->beat_unit, b->beat_unit);
    assert_int_equal(a->genre, b->genre);
    assert_int_equal(a->groove_style, b->groove_style);
    assert_int_equal(a->ensemble, b->ensemble);
    assert_int_equal(a->feel, b->feel);
    assert_int_equal(a->rules, b->rules);
    for (int i = 0; i < KM_PARTS_COUNT; ++i) {
        assert_int_equal(a->parts[i].is_on, b->parts[i].is_on);
        assert_int_equal(a->parts[i].program, b->parts[i].program);
        assert_int_equal(a->parts[i].level, b->parts[i].level);
    }
}

static double phrase_seconds(const struct km_harmony_plan *plan)
{
    return 4.0 * km_plan_bar_ticks(plan) / KM_PPQ * 60 / plan->tempo_bpm;
}

static void expect_good_journey(const struct km_journey *journey)
{
    const int last = journey->stage_count - 1;
    assert_in_range(journey->stage_count, 1, KM_JOURNEY_STAGES_MAX);
    double seconds = 0;
    for (int i = 0; i <= last; ++i) {
        const struct km_journey_stage *const stage = &journey->stages[i];
        assert_null(plan_fault(&stage->plan));
        assert_true(apart(stage->start_s, seconds) < 1e-6);
        seconds += stage->seconds;
        assert_int_equal(stage->plan.length_bars % 4, 0);
        assert_true(i == last || stage->plan.length_bars >= STAGE_BARS_MIN);
        assert_int_equal(stage->plan.is_continued, i < last);
        if (i > 0) {
            expect_small_step(&stage[-1].plan, &stage->plan);
            expect_one_piece(&stage[-1].plan, &stage->plan);
            assert_true(stage->share >= stage[-1].share);
        }
    }
    assert_true(apart(journey->seconds, seconds) < 1e-6);
    const double phrase = phrase_seconds(&journey->stages[last].plan);
    assert_true(apart(journey->seconds, 60 * journey->minutes) <= phrase);
}

static void small_steps_keep_to_their_limits(void **state)
{
    for (int i = 0; i < PLACES_COUNT * PLACES_COUNT; ++i) {
        const double *const from = places[i / PLACES_COUNT];
        const double *const to = places[i % PLACES_COUNT];
        // Every second length for each pair, in turn.
        for (int j = i % 2; j < LENGTHS_COUNT; j += 2) {
            struct km_journey_config config = config_of(from, to, lengths[j]);
            config.seed = (uint64_t)i;
            struct km_journey journey;
            assert_int_equal(km_journey_plan(&config, *state, &journey, NULL), KM_OK);
            expect_good_journey(&journey);
            const struct km_affect *const first = &journey.stages[0].plan.affect;
            expect_same_feeling(first, &config.from);
            if (journey.reached >= 1) {
                const struct km_affect *const arrived =
                    &journey.stages[journey.stage_count - 1].plan.affect;
                expect_same_feeling(arrived, &config.to);
            }
            km_journey_release(&journey);
        }
    }
}

static void ten_minutes_suffice_and_a_quarter_is_spent_at_the_goal(void **state)
{
    for (int i = 0; i < PLACES_COUNT * PLACES_COUNT; ++i) {
        const struct km_journey_config config =
            config_of(places[i / PLACES_COUNT], places[i % PLACES_COUNT], 10);
        struct km_journey journey;
        assert_int_equal(km_journey_plan(&config, *state, &journey, NULL), KM_OK);
        assert_true(journey.reached >= 1);
        double at_goal = 0;
        for (int j = 0; j < journey.stage_count; ++j) {
            at_goal += journey.stages[j].share >= 1 ? journey.stages[j].seconds : 0;
        }
        const double phrase = phrase_seconds(&journey.stages[journey.stage_count - 1].plan);
        assert_true(at_goal >= 150 - 1.5 * phrase);
        km_journey_release(&journey);
    }
}

static void a_way_to_joy_grows_brighter_and_one_to_grief_darker(void **state)
{
    for (uint64_t seed = 0; seed < 50; ++seed) {
        struct km_journey_config config =
            config_of(places[seed % 2 == 0 ? 1 : 5], places[seed % 2 == 0 ? 5 : 1], 10);
        config.seed = seed;
        struct km_journey journey;
        assert_int_equal(km_journey_plan(&config, *state, &journey, NULL), KM_OK);
        const enum km_mode first = (enum km_mode)journey.stages[0].plan.key.mode;
        const enum km_mode last =
            (enum km_mode)journey.stages[journey.stage_count - 1].plan.key.mode;
        assert_true(km_mode_is_minor(first) == (seed % 2 == 0));
        assert_true(km_mode_is_minor(last) == (seed % 2 == 1));
        km_journey_release(&journey);
    }
}

static void too_short_a_time_ends_on_the_way(void **state)
{
    const struct km_journey_config config = config_of(places[0], places[4], 1.5);
    struct km_journey journey;
    assert_int_equal(km_journey_plan(&config, *state, &journey, NULL), KM_OK);
    assert_true(journey.reached < 1);
    expect_good_journey(&journey);
    const struct km_harmony_plan *const last = &journey.stages[journey.stage_count - 1].plan;
    const double way = (double)config.to.valence - (double)config.from.valence;
    const double gone = (double)last->affect.valence - (double)config.from.valence;
    assert_true(apart(gone / way, journey.reached) < 1e-3);
    km_journey_release(&journey);
}

static void at_once_is_at_the_goal_from_the_beginning(void **state)
{
    struct km_journey_config config = config_of(places[0], places[4], 12);
    config.path = KM_JOURNEY_AT_ONCE;
    struct km_journey journey;
    assert_int_equal(km_journey_plan(&config, *state, &journey, NULL), KM_OK);
    expect_good_journey(&journey);
    for (int i = 0; i < journey.stage_count; ++i) {
        expect_same_feeling(&journey.stages[i].plan.affect, &config.to);
    }
    assert_true(journey.reached >= 1);
    km_journey_release(&journey);
}

static void holding_stays_where_it_is(void **state)
{
    struct km_journey_config config = config_of(places[1], places[5], 12);
    config.path = KM_JOURNEY_HOLD;
    struct km_journey journey;
    assert_int_equal(km_journey_plan(&config, *state, &journey, NULL), KM_OK);
    expect_good_journey(&journey);
    assert_true(journey.stage_count > 2);
    for (int i = 0; i < journey.stage_count; ++i) {
        const struct km_harmony_plan *const stage_plan = &journey.stages[i].plan;
        expect_same_feeling(&stage_plan->affect, &config.from);
        assert_int_equal(stage_plan->tempo_bpm, journey.stages[0].plan.tempo_bpm);
        assert_int_equal(stage_plan->key.mode, journey.stages[0].plan.key.mode);
        // A theme that returns, with another melody, between others.
        assert_true((stage_plan->seed == journey.stages[0].plan.seed) == (i % 2 == 0));
        assert_int_equal(stage_plan->parts[KM_PART_MELODY].variation, i % 2 == 0 ? i / 2 : 0);
    }
    km_journey_release(&journey);
}

static void the_same_feeling_is_no_way(void **state)
{
    const struct km_journey_config config = config_of(places[4], places[4], 5);
    struct km_journey journey;
    assert_int_equal(km_journey_plan(&config, *state, &journey, NULL), KM_OK);
    assert_int_equal(journey.steps, 0);
    assert_true(journey.reached >= 1);
    km_journey_release(&journey);
}

static void every_pair_of_modes_has_a_way(void **state)
{
    struct km_plan_wishes wishes = {.has_mode = true};
    for (int mode = 0; mode < KM_MODES_COUNT; ++mode) {
        wishes.mode = (uint8_t)mode;
        struct km_journey_config config = config_of(places[0], places[4], 4);
        config.wishes = &wishes;
        struct km_journey journey;
        assert_int_equal(km_journey_plan(&config, *state, &journey, NULL), KM_OK);
        for (int i = 0; i < journey.stage_count; ++i) {
            assert_int_equal(journey.stages[i].plan.key.mode, mode);
        }
        km_journey_release(&journey);
    }
}

static void wishes_hold_for_the_whole_way(void **state)
{
    const struct km_plan_wishes wishes = {.has_tonic = true,
                                          .tonic = 3,
                                          .has_tempo = true,
                                          .tempo_bpm = 66,
                                          .has_genre = true,
                                          .genre = KM_GENRE_INDIE_FOLK,
                                          .has_ensemble = true,
                                          .ensemble = KM_ENSEMBLE_SOLO_PIANO,
                                          .velocity_ceiling = 60,
                                          .rules = 1U << KM_RULE_HARMONY_PARALLEL_MOTION};
    struct km_journey_config config = config_of(places[0], places[5], 6);
    config.wishes = &wishes;
    struct km_journey journey;
    assert_int_equal(km_journey_plan(&config, *state, &journey, NULL), KM_OK);
    expect_good_journey(&journey);
    for (int i = 0; i < journey.stage_count; ++i) {
        const struct km_harmony_plan *const stage_plan = &journey.stages[i].plan;
        assert_int_equal(stage_plan->key.tonic, 3);
        assert_int_equal(stage_plan->tempo_bpm, 66);
        assert_int_equal(stage_plan->genre, KM_GENRE_INDIE_FOLK);
        assert_int_equal(stage_plan->ensemble, KM_ENSEMBLE_SOLO_PIANO);
        assert_int_equal(stage_plan->velocity_ceiling, 60);
        assert_in_range(stage_plan->velocity_high, 1, 60);
        assert_int_equal(stage_plan->rules, wishes.rules);
    }
    km_journey_release(&journey);
}

static void silence_stands_once_before_the_goal(void **state)
{
    const struct km_plan_wishes wishes = {.silence_s = 20};
    for (int path = 0; path < KM_JOURNEY_PATHS_COUNT; ++path) {
        struct km_journey_config config = config_of(places[0], places[4], 8);
        config.wishes = &wishes;
        config.path = (enum km_journey_path)path;
        struct km_journey journey;
        assert_int_equal(km_journey_plan(&config, *state, &journey, NULL), KM_OK);
        int silences = 0;
        for (int i = 0; i < journey.stage_count; ++i) {
            const struct km_harmony_plan *const stage_plan = &journey.stages[i].plan;
            const int last = stage_plan->section_count - 1;
            if (stage_plan->sections[last].kind == KM_SECTION_SILENCE) {
                ++silences;
                assert_true(path != KM_JOURNEY_STEPS ||
                            (journey.stages[i].share < 1 && journey.stages[i + 1].share >= 1));
                const double seconds =
                    stage_plan->sections[last].bar_count * phrase_seconds(stage_plan) / 4;
                assert_true(seconds >= 20 - 1e-9 && seconds < 20 + phrase_seconds(stage_plan) / 4);
            }
        }
        assert_int_equal(silences, 1);
        const double phrase = phrase_seconds(&journey.stages[0].plan);
        assert_true(apart(journey.seconds, 60 * journey.minutes) <= phrase);
        km_journey_release(&journey);
    }
}

static void nonsense_is_refused(void **state)
{
    struct km_journey journey;
    const double minutes[] = {0.49, 60.01, -1, 0.0 / 0.0};
    for (size_t i = 0; i < sizeof(minutes) / sizeof(minutes[0]); ++i) {
        const struct km_journey_config config = config_of(places[0], places[4], minutes[i]);
        assert_int_equal(km_journey_plan(&config, *state, &journey, NULL), KM_ERROR_RANGE);
    }
    struct km_journey_config config = config_of(places[0], places[4], 1);
    struct km_plan_wishes wishes = {.has_bars = true, .bars = 32};
    config.wishes = &wishes;
    assert_int_equal(km_journey_plan(&config, *state, &journey, NULL), KM_ERROR_RANGE);
    wishes = (struct km_plan_wishes){.silence_s = 31};
    assert_int_equal(km_journey_plan(&config, *state, &journey, NULL), KM_ERROR_RANGE);
    config.wishes = NULL;
    config.chaos = 2;
    assert_int_equal(km_journey_plan(&config, *state, &journey, NULL), KM_ERROR_RANGE);
}

static void every_seed_plans_alike_twice_and_unlike_another(void **state)
{
    struct km_journey_config config = config_of(places[1], places[5], 3);
    struct km_journey first;
    struct km_journey second;
    assert_int_equal(km_journey_plan(&config, *state, &first, NULL), KM_OK);
    assert_int_equal(km_journey_plan(&config, *state, &second, NULL), KM_OK);
    const size_t size = (size_t)first.stage_count * sizeof(first.stages[0]);
    assert_int_equal(first.stage_count, second.stage_count);
    assert_memory_equal(first.stages, second.stages, size);
    km_journey_release(&second);
    config.seed = 2;
    assert_int_equal(km_journey_plan(&config, *state, &second, NULL), KM_OK);
    assert_memory_not_equal(&first.stages[0].plan, &second.stages[0].plan,
                            sizeof(first.stages[0].plan));
    km_journey_release(&second);
    km_journey_release(&first);
}

// The first, second, ... request fails, until all is well.
static void failing_memory_leaves_nothing_behind(void **state)
{
    (void)state;
    const struct km_journey_config config = config_of(places[1], places[5], 3);
    enum km_status status = KM_ERROR_NO_MEMORY;
    for (uint64_t fail_at = 1; status != KM_OK; ++fail_at) {
        struct km_heap *const heap = km_heap_new(&(struct km_heap_config){.fail_at = fail_at});
        if (!heap) {
            continue;
        }
        struct km_journey journey;
        status = km_journey_plan(&config, heap, &journey, NULL);
        assert_true(status == KM_OK || status == KM_ERROR_NO_MEMORY);
        if (status == KM_OK) {
            assert_true(fail_at > 2);
            km_journey_release(&journey);
        }
        assert_int_equal(km_heap_usage(heap, KM_ACCOUNT_WORKING).current_bytes, 0);
        km_heap_free(heap);
    }
}

#define JOURNEY_TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        JOURNEY_TEST(small_steps_keep_to_their_limits),
        JOURNEY_TEST(ten_minutes_suffice_and_a_quarter_is_spent_at_the_goal),
        JOURNEY_TEST(a_way_to_joy_grows_brighter_and_one_to_grief_darker),
        JOURNEY_TEST(too_short_a_time_ends_on_the_way),
        JOURNEY_TEST(at_once_is_at_the_goal_from_the_beginning),
        JOURNEY_TEST(holding_stays_where_it_is),
        JOURNEY_TEST(the_same_feeling_is_no_way),
        JOURNEY_TEST(every_pair_of_modes_has_a_way),
        JOURNEY_TEST(wishes_hold_for_the_whole_way),
        JOURNEY_TEST(silence_stands_once_before_the_goal),
        JOURNEY_TEST(nonsense_is_refused),
        JOURNEY_TEST(every_seed_plans_alike_twice_and_unlike_another),
        JOURNEY_TEST(failing_memory_leaves_nothing_behind),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
