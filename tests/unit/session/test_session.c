// SPDX-License-Identifier: MIT

#include "session/session.h"

#include "heap/heap.h"
#include "support/cmocka.h"
#include "unit/session/song_faults.h"

#include <math.h>
#include <string.h>

enum { JSON_SIZE_MAX = 1 << 18 };

static struct km_harmony_plan plan;
static struct km_harmony_plan other_plan;

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

static struct km_therapy_session *session_of(void **state)
{
    struct km_therapy_session *const session = km_therapy_session_new(*state);
    assert_non_null(session);
    return session;
}

static void say(struct km_therapy_session *session, const char *text)
{
    assert_int_equal(km_therapy_session_process_core_input(session, text, strlen(text), NULL),
                     KM_OK);
}

static void generate(struct km_therapy_session *session, uint64_t seed,
                     struct km_harmony_plan *result)
{
    assert_int_equal(km_therapy_session_generate_plan(session, NULL, seed, result, NULL), KM_OK);
    assert_null(plan_fault(result));
}

// Compares all that the two plans say.
static void assert_same(void)
{
    static unsigned char bytes[2][JSON_SIZE_MAX];
    struct km_sink_memory memories[2] = {{.bytes = bytes[0], .size = JSON_SIZE_MAX},
                                         {.bytes = bytes[1], .size = JSON_SIZE_MAX}};
    struct km_sink sinks[2] = {km_sink_to_memory(&memories[0]), km_sink_to_memory(&memories[1])};
    assert_int_equal(km_plan_write_json(&plan, &sinks[0]), KM_OK);
    assert_int_equal(km_plan_write_json(&other_plan, &sinks[1]), KM_OK);
    assert_int_equal(memories[0].used, memories[1].used);
    assert_memory_equal(bytes[0], bytes[1], memories[0].used);
}

static void begins_as_the_original_does(void **state)
{
    struct km_therapy_session *const session = session_of(state);
    assert_int_equal(km_therapy_session_affect(session)->primary, KM_EMOTION_NEUTRAL);
    generate(session, 1, &plan);
    assert_int_equal(plan.motivation, 5);
    assert_true(plan.complexity > 0.299F && plan.complexity < 0.301F);
    assert_true(plan.vulnerability == 0.0F);
    assert_int_equal(plan.length_bars, 32);
    km_therapy_session_free(session);
    km_therapy_session_free(NULL);
}

static void blank_text_is_neutral(void **state)
{
    static const char *const blanks[] = {"", " ", "\t\n  \r", "\xC2\xA0\xE3\x80\x80"};
    struct km_therapy_session *const session = session_of(state);
    for (size_t i = 0; i < sizeof(blanks) / sizeof(blanks[0]); ++i) {
        say(session, "I feel grief");
        assert_true(km_therapy_session_affect(session)->valence < -0.2F);
        say(session, blanks[i]);
        const struct km_affect *const affect = km_therapy_session_affect(session);
        assert_int_equal(affect->primary, KM_EMOTION_NEUTRAL);
        assert_int_equal(affect->secondary, KM_AFFECT_NO_EMOTION);
        assert_true(affect->valence == 0.0F && affect->arousal == 0.0F);
        assert_true(affect->intensity == 0.0F);
        generate(session, 3, &plan);
    }
    assert_int_equal(km_therapy_session_process_core_input(session, NULL, 0, NULL), KM_OK);
    km_therapy_session_free(session);
}

static void a_point_set_by_hand_goes_over_text_and_survives_silence(void **state)
{
    struct km_therapy_session *const session = session_of(state);
    say(session, "I feel grief");
    assert_int_equal(km_therapy_session_set_point(session, 0.8, 0.7, NULL), KM_OK);
    assert_true(km_therapy_session_affect(session)->valence > 0.75F);
    say(session, "   ");
    assert_true(km_therapy_session_affect(session)->valence > 0.75F);
    say(session, "I feel grief");
    assert_true(km_therapy_session_affect(session)->valence < 0.0F);
    km_therapy_session_free(session);
}

static void refuses_what_is_out_of_range_and_keeps_what_was(void **state)
{
    static const double scales[][2] = {{0.99, 0.3},
                                       {10.01, 0.3},
                                       {5, -0.01},
                                       {5, 1.01},
                                       {(double)NAN, 0.3},
                                       {5, (double)NAN},
                                       {(double)INFINITY, 0.3},
                                       {5, -(double)INFINITY}};
    static const double points[][2] = {
        {1.01, 0}, {0, -1.01}, {(double)NAN, 0}, {0, (double)NAN}, {(double)INFINITY, 0}};
    struct km_therapy_session *const session = session_of(state);
    assert_int_equal(km_therapy_session_set_scales(session, 9, 0.8, NULL), KM_OK);
    generate(session, 7, &plan);
    for (size_t i = 0; i < sizeof(scales) / sizeof(scales[0]); ++i) {
        struct km_error error = {0};
        assert_int_equal(km_therapy_session_set_scales(session, scales[i][0], scales[i][1], &error),
                         KM_ERROR_RANGE);
        assert_true(error.message[0] != '\0');
    }
    for (size_t i = 0; i < sizeof(points) / sizeof(points[0]); ++i) {
        struct km_error error = {0};
        assert_int_equal(km_therapy_session_set_point(session, points[i][0], points[i][1], &error),
                         KM_ERROR_RANGE);
        assert_true(error.message[0] != '\0');
    }
    static const double openness[] = {-0.01, 1.01, (double)NAN};
    for (size_t i = 0; i < 3; ++i) {
        assert_int_equal(km_therapy_session_set_vulnerability(session, openness[i], NULL),
                         KM_ERROR_RANGE);
    }
    generate(session, 7, &other_plan);
    assert_same();
    km_therapy_session_free(session);
}

static void refuses_a_text_over_the_limit(void **state)
{
    struct km_therapy_session *const session = session_of(state);
    struct km_error error = {0};
    assert_int_not_equal(km_therapy_session_process_core_input(
                             session, "x", (size_t)KM_AFFECT_TEXT_SIZE_MAX + 1, &error),
                         KM_OK);
    assert_true(error.message[0] != '\0');
    km_therapy_session_free(session);
}

static void refuses_hostile_wishes(void **state)
{
    static const struct km_plan_wishes hostile[] = {
        {.has_tonic = true, .tonic = 12},
        {.has_mode = true, .mode = KM_MODES_COUNT},
        {.has_tempo = true, .tempo_bpm = KM_PLAN_TEMPO_MIN - 1},
        {.has_tempo = true, .tempo_bpm = KM_PLAN_TEMPO_MAX + 1},
        {.has_bars = true, .bars = KM_PLAN_BARS_MIN - 1},
        {.has_bars = true, .bars = KM_PLAN_BARS_MAX + 1},
        {.has_genre = true, .genre = KM_GENRES_COUNT},
        {.rules = 1U << KM_RULES_COUNT},
    };
    struct km_therapy_session *const session = session_of(state);
    memset(&plan, 0x5A, sizeof(plan));
    other_plan = plan;
    for (size_t i = 0; i < sizeof(hostile) / sizeof(hostile[0]); ++i) {
        struct km_error error = {0};
        assert_int_equal(km_therapy_session_generate_plan(session, &hostile[i], 1, &plan, &error),
                         KM_ERROR_RANGE);
        assert_true(error.message[0] != '\0');
        assert_memory_equal(&plan, &other_plan, sizeof(plan)); // Untouched.
    }
    km_therapy_session_free(session);
}

static void is_used_again_and_again_without_growing(void **state)
{
    struct km_heap *const heap = *state;
    struct km_therapy_session *const session = session_of(state);
    say(session, "I feel grief");
    generate(session, 1, &plan);
    const uint64_t bytes = km_heap_usage(heap, KM_ACCOUNT_WORKING).peak_bytes;
    for (uint64_t i = 0; i < 200; ++i) {
        say(session, i % 2 == 0 ? "so happy!" : "I am furious");
        generate(session, i, &other_plan);
    }
    assert_int_equal(km_heap_usage(heap, KM_ACCOUNT_WORKING).peak_bytes, bytes);
    // What came between leaves no trace.
    say(session, "I feel grief");
    generate(session, 1, &other_plan);
    assert_same();
    km_therapy_session_free(session);
}

static void fails_cleanly_without_memory(void **state)
{
    (void)state;
    struct km_therapy_session *session = NULL;
    int refusals = 0;
    for (uint64_t fail_at = 1; !session; ++fail_at) {
        assert_true(fail_at < 10);
        const struct km_heap_config config = {.fail_at = fail_at};
        struct km_heap *const heap = km_heap_new(&config);
        assert_non_null(heap);
        session = km_therapy_session_new(heap);
        refusals += session == NULL;
        km_therapy_session_free(session);
        km_heap_free(heap); // Checks that nothing is left.
    }
    assert_int_equal(refusals, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(begins_as_the_original_does, set_up, tear_down),
        cmocka_unit_test_setup_teardown(blank_text_is_neutral, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_point_set_by_hand_goes_over_text_and_survives_silence,
                                        set_up, tear_down),
        cmocka_unit_test_setup_teardown(refuses_what_is_out_of_range_and_keeps_what_was, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(refuses_a_text_over_the_limit, set_up, tear_down),
        cmocka_unit_test_setup_teardown(refuses_hostile_wishes, set_up, tear_down),
        cmocka_unit_test_setup_teardown(is_used_again_and_again_without_growing, set_up, tear_down),
        cmocka_unit_test(fails_cleanly_without_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
