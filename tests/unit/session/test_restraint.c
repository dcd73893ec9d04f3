// SPDX-License-Identifier: MIT

// What holds a plan back from outside: calm, a ceiling, music before and after, silence.

#include "heard_song.h"

#include "base/units.h"

static struct brief brief_of(int i)
{
    return (struct brief){.valence = (i % 5) * 0.45 - 0.9,
                          .arousal = (i / 5 % 5) * 0.45 - 0.9,
                          .chaos = 0.3,
                          .seed = (uint64_t)i};
}

static void calm_is_slow_and_soft(void **state)
{
    (void)state;
    for (int i = 0; i < 25; ++i) {
        struct brief brief = brief_of(i);
        brief.wishes.is_calm = true;
        compose_brief(&brief);
        assert_in_range(plan.tempo_bpm, 60, 80);
        assert_in_range(plan.velocity_high, 1, 76);
    }
}

static void a_wished_tempo_goes_before_calm(void **state)
{
    (void)state;
    struct brief brief = brief_of(3);
    brief.wishes = (struct km_plan_wishes){.is_calm = true, .has_tempo = true, .tempo_bpm = 100};
    make_plan(&brief);
    assert_int_equal(plan.tempo_bpm, 100);
}

static void no_note_is_louder_than_the_ceiling(void **state)
{
    (void)state;
    const uint8_t ceilings[] = {KM_PLAN_CEILING_MIN, 64, 90};
    for (int i = 0; i < 24; ++i) {
        struct brief brief = brief_of(i);
        const uint8_t ceiling = ceilings[i % 3];
        brief.wishes.velocity_ceiling = ceiling;
        compose_brief(&brief);
        for (int part = 0; part < KM_PARTS_COUNT; ++part) {
            const int count = read_notes((enum km_part)part);
            for (int j = 0; j < count; ++j) {
                assert_in_range(notes[j].velocity, 1, ceiling);
            }
        }
    }
}

static void a_ceiling_out_of_range_is_refused(void **state)
{
    (void)state;
    struct km_affect affect;
    km_affect_of_point(0, 0, &affect);
    const struct km_plan_intent intent = {.affect = &affect, .motivation = 5};
    struct km_plan_wishes wishes = {.velocity_ceiling = KM_PLAN_CEILING_MIN - 1};
    assert_int_equal(km_plan_generate(&intent, &wishes, 1, &plan, NULL), KM_ERROR_RANGE);
    wishes.velocity_ceiling = 128;
    assert_int_equal(km_plan_generate(&intent, &wishes, 1, &plan, NULL), KM_ERROR_RANGE);
    wishes = (struct km_plan_wishes){.silence_s = KM_PLAN_SILENCE_MAX + 1};
    assert_int_equal(km_plan_generate(&intent, &wishes, 1, &plan, NULL), KM_ERROR_RANGE);
}

static void what_stands_between_has_no_introduction_and_no_outro(void **state)
{
    (void)state;
    for (int i = 0; i < 50; ++i) {
        struct brief brief = brief_of(i);
        brief.wishes = (struct km_plan_wishes){.has_bars = true,
                                               .bars = (uint16_t)(4 + 4 * i),
                                               .is_continuation = true,
                                               .is_continued = true};
        compose_brief(&brief);
        assert_null(plan_fault(&plan));
        assert_int_equal(plan.length_bars, 4 + 4 * i);
        assert_true(plan.is_continued);
        assert_int_not_equal(plan.sections[0].kind, KM_SECTION_INTRO);
        assert_int_not_equal(plan.sections[plan.section_count - 1].kind, KM_SECTION_OUTRO);
    }
}

static int tempo_events(void)
{
    int count = 0;
    for (size_t i = 0; i < file.tracks[0].count; ++i) {
        count += file.tracks[0].events[i].type == KM_EVENT_TEMPO;
    }
    return count;
}

static void only_what_ends_slows_down(void **state)
{
    (void)state;
    struct brief brief = {.valence = -0.5, .arousal = -0.6, .seed = 4};
    brief.wishes.keeps_rules = true;
    compose_brief(&brief);
    assert_true(tempo_events() > 1);
    brief.wishes.is_continued = true;
    compose_brief(&brief);
    assert_int_equal(tempo_events(), 1);
}

static void rules_may_be_kept_but_for_those_wished(void **state)
{
    (void)state;
    for (int i = 0; i < 25; ++i) {
        struct brief brief = brief_of(i);
        brief.vulnerability = 1;
        brief.chaos = 1;
        brief.wishes.keeps_rules = true;
        brief.wishes.rules = 1U << KM_RULE_HARMONY_PARALLEL_MOTION;
        make_plan(&brief);
        assert_int_equal(plan.rules, 1U << KM_RULE_HARMONY_PARALLEL_MOTION);
    }
}

static double seconds_of_bars(int bars)
{
    return (double)bars * km_plan_bar_ticks(&plan) * 60 / ((double)KM_PPQ * plan.tempo_bpm);
}

static void silence_lasts_as_wished_in_whole_bars(void **state)
{
    (void)state;
    for (int i = 0; i < 50; ++i) {
        struct brief brief = brief_of(i);
        const uint16_t seconds = (uint16_t)(1 + i);
        brief.wishes = (struct km_plan_wishes){
            .silence_s = seconds, .is_continued = i % 2 == 1, .has_bars = true, .bars = 32};
        make_plan(&brief);
        assert_null(sections_fault(&plan));
        int silences = 0;
        for (int j = 0; j < plan.section_count; ++j) {
            const struct km_plan_section *const section = &plan.sections[j];
            if (section->kind == KM_SECTION_SILENCE) {
                ++silences;
                assert_true(j > 0);
                assert_true((j + 1 == plan.section_count) == (i % 2 == 1));
                assert_true(seconds_of_bars(section->bar_count) >= seconds - 1e-9);
                assert_true(seconds_of_bars(section->bar_count - 1) < seconds);
                assert_int_equal(plan.length_bars, 32 + section->bar_count);
            }
        }
        assert_int_equal(silences, 1);
    }
}

// The silence's section; the first one if there is none, and that is none.
static const struct km_plan_section *find_silence(void)
{
    int index = plan.section_count - 1;
    while (index > 0 && plan.sections[index].kind != KM_SECTION_SILENCE) {
        --index;
    }
    return &plan.sections[index];
}

// Human timing would bring some first notes in early: they wait for the end of the silence.
static void nothing_sounds_in_silence_and_what_follows_is_not_lost(void **state)
{
    (void)state;
    int first = 0;
    int exact = 0;
    for (int i = 0; i < 40; ++i) {
        struct brief brief = brief_of(i);
        brief.chaos = 0.8;
        brief.wishes = (struct km_plan_wishes){.silence_s = 6, .has_bars = true, .bars = 32};
        compose_brief(&brief);
        const struct km_plan_section *const silence = find_silence();
        assert_int_equal(silence->kind, KM_SECTION_SILENCE);
        const uint32_t bar = km_plan_bar_ticks(&plan);
        const uint32_t start = silence->first_bar * bar;
        const uint32_t end = start + silence->bar_count * bar;
        for (int part = 0; part < KM_PARTS_COUNT; ++part) {
            const int count = read_notes((enum km_part)part);
            for (int j = 0; j < count; ++j) {
                assert_true(notes[j].end <= start || notes[j].start >= end);
                first += notes[j].start >= end && notes[j].start < end + KM_PPQ / 8;
                exact += notes[j].start == end;
            }
        }
    }
    assert_true(first > 100);
    assert_true(exact > first / 4);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        SONG_TEST(calm_is_slow_and_soft),
        SONG_TEST(a_wished_tempo_goes_before_calm),
        SONG_TEST(no_note_is_louder_than_the_ceiling),
        SONG_TEST(a_ceiling_out_of_range_is_refused),
        SONG_TEST(what_stands_between_has_no_introduction_and_no_outro),
        SONG_TEST(only_what_ends_slows_down),
        SONG_TEST(rules_may_be_kept_but_for_those_wished),
        SONG_TEST(nothing_sounds_in_silence_and_what_follows_is_not_lost),
        SONG_TEST(silence_lasts_as_wished_in_whole_bars),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
