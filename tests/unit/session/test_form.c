// SPDX-License-Identifier: MIT

// Forms differ by genre, length, arc, and seed; each arc has its own curve, and it is heard.

#include "unit/session/heard_song.h"

#include <math.h>
#include <string.h>

enum { PLACES = 16, SEEDS_COUNT = 30, FORMS_MAX = 64 };

static const struct {
    const char *letters;
    int units_min, units_max;
} templates[] = {
#define KM_TEMPLATE(FAMILY, units_min, units_max, letters, ARC) {letters, units_min, units_max},
#include "session/forms.def"
#undef KM_TEMPLATE
};

static void plan_arc(int arc, uint64_t seed, uint16_t bars)
{
    const struct brief brief = {.valence = seed % 2 == 0 ? 0.4 : -0.4,
                                .arousal = (double)(seed % 3) / 2 - 0.3,
                                .seed = seed,
                                .wishes = {.has_arc = arc >= 0,
                                           .arc = (uint8_t)(arc < 0 ? 0 : arc),
                                           .has_bars = true,
                                           .bars = bars}};
    make_plan(&brief);
    const char *const fault = plan_fault(&plan);
    assert_null(fault);
}

static int count_of_kind(int kind)
{
    int count = 0;
    for (int i = 0; i < plan.section_count; ++i) {
        count += plan.sections[i].kind == kind;
    }
    return count;
}

static void every_template_fits_its_length(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(templates) / sizeof(templates[0]); ++i) {
        const int size = (int)strlen(templates[i].letters);
        assert_in_range(size, 1, KM_PLAN_SECTIONS_MAX);
        assert_true(size <= templates[i].units_max);
        assert_true(templates[i].units_min <= templates[i].units_max);
        assert_int_equal(strspn(templates[i].letters, "IVPCBKUDO"), (size_t)size);
    }
}

// A silence is a wish; nothing chooses it.
static void every_length_arc_and_genre_has_a_form(void **state)
{
    (void)state;
    for (int bars = KM_PLAN_BARS_MIN; bars <= KM_PLAN_BARS_MAX; bars += 7) {
        for (int arc = 0; arc < KM_ARCS_COUNT; ++arc) {
            plan_arc(arc, (uint64_t)bars * 31 + (uint64_t)arc, (uint16_t)bars);
            assert_int_equal(count_of_kind(KM_SECTION_SILENCE), 0);
        }
    }
}

static void sections_last_four_to_sixteen_bars(void **state)
{
    (void)state;
    unsigned int lengths = 0;
    for (uint64_t seed = 0; seed < 300; ++seed) {
        plan_arc(-1, seed, seed % 3 == 0 ? 64 : (seed % 3 == 1 ? 32 : 48));
        for (int i = 0; i < plan.section_count; ++i) {
            assert_in_range(plan.sections[i].bar_count, 4, 16);
            assert_int_equal(plan.sections[i].bar_count % 4, 0);
            lengths |= 1U << plan.sections[i].bar_count / 4;
        }
    }
    assert_int_equal(lengths, 1U << 1 | 1U << 2 | 1U << 3 | 1U << 4);
}

static uint64_t form_hash(void)
{
    unsigned char kinds[KM_PLAN_SECTIONS_MAX];
    for (int i = 0; i < plan.section_count; ++i) {
        kinds[i] = plan.sections[i].kind;
    }
    return hash_of_bytes(kinds, plan.section_count);
}

static void one_genre_and_length_has_several_forms(void **state)
{
    (void)state;
    static const uint8_t genres[] = {KM_GENRE_SYNTHWAVE, KM_GENRE_INDIE_FOLK, KM_GENRE_ELECTRONIC};
    for (size_t i = 0; i < 3; ++i) {
        for (uint16_t bars = 16; bars <= 64; bars = (uint16_t)(bars * 2)) {
            uint64_t forms[FORMS_MAX];
            int count = 0;
            for (uint64_t seed = 0; seed < 60; ++seed) {
                const struct brief brief = {
                    .seed = seed,
                    .wishes = {
                        .has_bars = true, .bars = bars, .has_genre = true, .genre = genres[i]}};
                make_plan(&brief);
                const uint64_t form = form_hash();
                int known = 0;
                while (known < count && forms[known] != form) {
                    ++known;
                }
                forms[known] = form;
                count = known == count ? count + 1 : count;
            }
            assert_true(count >= 4);
        }
    }
}

static double share_of_kind(int kind)
{
    int bars = 0;
    for (int i = 0; i < plan.section_count; ++i) {
        bars += plan.sections[i].kind == kind ? plan.sections[i].bar_count : 0;
    }
    return (double)bars / plan.length_bars;
}

static float greatest_fall(void)
{
    float fall = 0.0F;
    for (int i = 1; i < plan.length_bars; ++i) {
        fall = fmaxf(fall, plan.tension[i - 1] - plan.tension[i]);
    }
    return fall;
}

// What each arc asks of the form, against all the others.
static void arcs_ask_for_sections(void **state)
{
    (void)state;
    double verses[KM_ARCS_COUNT] = {0};
    double falls[KM_ARCS_COUNT] = {0};
    int outros[KM_ARCS_COUNT] = {0};
    int breakdowns[KM_ARCS_COUNT] = {0};
    for (int arc = 0; arc < KM_ARCS_COUNT; ++arc) {
        for (uint64_t seed = 0; seed < 60; ++seed) {
            plan_arc(arc, seed, 40);
            verses[arc] += share_of_kind(KM_SECTION_VERSE);
            falls[arc] += (double)greatest_fall();
            outros[arc] += plan.sections[plan.section_count - 1].kind == KM_SECTION_OUTRO;
            breakdowns[arc] += count_of_kind(KM_SECTION_BREAKDOWN) > 0;
        }
    }
    for (int arc = 0; arc < KM_ARCS_COUNT; ++arc) {
        if (arc != KM_ARC_REPETITIVE_DESPAIR) {
            assert_true(verses[KM_ARC_REPETITIVE_DESPAIR] > verses[arc]);
        }
        if (arc != KM_ARC_SUDDEN_SHIFT) {
            assert_true(falls[KM_ARC_SUDDEN_SHIFT] > falls[arc]);
        }
    }
    assert_true(outros[KM_ARC_CLIMB_TO_CLIMAX] * 2 < outros[KM_ARC_DESCENT]);
    assert_true(breakdowns[KM_ARC_SUDDEN_SHIFT] > 40);
}

/// Of the songs of one arc: tension and velocity along the song, as means over seeds.
struct curve {
    double tension[PLACES], velocity[PLACES];
};

static struct curve curves[KM_ARCS_COUNT];

static void add_velocities(double velocity[PLACES])
{
    double sums[PLACES] = {0};
    int counts[PLACES] = {0};
    for (int part = 0; part < KM_PARTS_COUNT; ++part) {
        const int count = read_notes((enum km_part)part);
        for (int i = 0; i < count; ++i) {
            const int place =
                (int)((uint64_t)notes[i].start * PLACES / km_plan_length_ticks(&plan));
            sums[place] += notes[i].velocity;
            ++counts[place];
        }
    }
    for (int i = 0; i < PLACES; ++i) {
        velocity[i] += sums[i] / (counts[i] > 0 ? counts[i] : 1) / SEEDS_COUNT;
    }
}

static int compose_arcs(void **state)
{
    (void)set_up(state);
    for (int arc = 0; arc < KM_ARCS_COUNT; ++arc) {
        curves[arc] = (struct curve){0};
        for (uint64_t seed = 0; seed < SEEDS_COUNT; ++seed) {
            plan_arc(arc, seed, 32);
            compose();
            for (int i = 0; i < PLACES; ++i) {
                const int bar = i * plan.length_bars / PLACES;
                curves[arc].tension[i] +=
                    (double)(plan.tension[bar] + plan.tension[bar + 1]) / 2 / SEEDS_COUNT;
            }
            add_velocities(curves[arc].velocity);
        }
    }
    return release_file(state);
}

static double distance(const double *a, const double *b)
{
    double sum = 0;
    for (int i = 0; i < PLACES; ++i) {
        sum += (a[i] - b[i]) * (a[i] - b[i]) / PLACES;
    }
    return sqrt(sum);
}

static double correlation(const double *a, const double *b)
{
    double sums[5] = {0};
    for (int i = 0; i < PLACES; ++i) {
        sums[0] += a[i] / PLACES;
        sums[1] += b[i] / PLACES;
    }
    for (int i = 0; i < PLACES; ++i) {
        sums[2] += (a[i] - sums[0]) * (b[i] - sums[1]);
        sums[3] += (a[i] - sums[0]) * (a[i] - sums[0]);
        sums[4] += (b[i] - sums[1]) * (b[i] - sums[1]);
    }
    return sums[2] / sqrt(sums[3] * sums[4]);
}

static double mean_between(const double *values, int first, int end)
{
    double sum = 0;
    for (int i = first; i < end; ++i) {
        sum += values[i] / (end - first);
    }
    return sum;
}

static double range_of(const double *values)
{
    double low = values[0];
    double high = values[0];
    for (int i = 1; i < PLACES; ++i) {
        low = fmin(low, values[i]);
        high = fmax(high, values[i]);
    }
    return high - low;
}

static void every_arc_has_its_own_tension(void **state)
{
    (void)state;
    for (int arc = 0; arc < KM_ARCS_COUNT; ++arc) {
        for (int other = 0; other < arc; ++other) {
            const double apart = distance(curves[arc].tension, curves[other].tension);
            if (apart < 0.04) {
                print_error("%s, %s: %.3f\n", km_arc_name((enum km_arc)arc),
                            km_arc_name((enum km_arc)other), apart);
            }
            assert_true(apart >= 0.04);
        }
    }
}

static void arcs_are_heard_in_the_dynamics(void **state)
{
    (void)state;
    for (int arc = 0; arc < KM_ARCS_COUNT; ++arc) {
        const double likeness = correlation(curves[arc].tension, curves[arc].velocity);
        const bool is_flat = arc == KM_ARC_STATIC_REFLECTION;
        if (likeness < (is_flat ? 0.3 : 0.7)) {
            print_error("%s: %.2f\n", km_arc_name((enum km_arc)arc), likeness);
        }
        assert_true(likeness >= (is_flat ? 0.3 : 0.7));
        for (int other = 0; other < arc; ++other) {
            assert_true(distance(curves[arc].velocity, curves[other].velocity) > 0.8);
        }
        if (!is_flat) {
            assert_true(range_of(curves[arc].velocity) >
                        range_of(curves[KM_ARC_STATIC_REFLECTION].velocity));
        }
    }
    const double *const climb = curves[KM_ARC_CLIMB_TO_CLIMAX].velocity;
    assert_true(mean_between(climb, 12, 16) > mean_between(climb, 0, 4) + 6);
    const double *const descent = curves[KM_ARC_DESCENT].velocity;
    assert_true(mean_between(descent, 12, 16) < mean_between(descent, 0, 4) - 6);
    const double *const shift = curves[KM_ARC_SUDDEN_SHIFT].velocity;
    assert_true(mean_between(shift, 4, 8) < mean_between(shift, 0, 3) - 4);
    const double *const reveal = curves[KM_ARC_SLOW_REVEAL].velocity;
    assert_true(mean_between(reveal, 11, 15) > mean_between(reveal, 0, 4) + 6);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        SONG_TEST(every_template_fits_its_length),
        SONG_TEST(every_length_arc_and_genre_has_a_form),
        SONG_TEST(sections_last_four_to_sixteen_bars),
        SONG_TEST(one_genre_and_length_has_several_forms),
        SONG_TEST(arcs_ask_for_sections),
        cmocka_unit_test(every_arc_has_its_own_tension),
        cmocka_unit_test(arcs_are_heard_in_the_dynamics),
    };
    return cmocka_run_group_tests(tests, compose_arcs, NULL);
}
