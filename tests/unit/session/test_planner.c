// SPDX-License-Identifier: MIT

// Properties of plans over the plane of valence and arousal and many seeds.

#include "session/planner_private.h"

#include "groove/groove.h"
#include "session/genre_private.h"
#include "support/cmocka.h"
#include "unit/session/song_faults.h"

#include <math.h>
#include <string.h>

enum { SEEDS_COUNT = 40, JSON_SIZE_MAX = 1 << 18 };

static struct km_harmony_plan plan;
static struct km_harmony_plan other_plan;

static struct km_affect affect_at(double valence, double arousal)
{
    struct km_affect affect;
    km_affect_of_point(valence, arousal, &affect);
    return affect;
}

// A plan in the middle of the scales.
static void generate(const struct km_affect *affect, const struct km_plan_wishes *wishes,
                     uint64_t seed)
{
    const struct km_plan_intent intent = {.affect = affect, .motivation = 5, .chaos = 0.3};
    assert_int_equal(km_plan_generate(&intent, wishes, seed, &plan, NULL), KM_OK);
}

// All that a plan says, as bytes.
static void say(const struct km_harmony_plan *said, struct km_sink_memory *memory)
{
    struct km_sink sink = km_sink_to_memory(memory);
    assert_int_equal(km_plan_write_json(said, &sink), KM_OK);
}

static bool are_same(const struct km_harmony_plan *a, const struct km_harmony_plan *b)
{
    static unsigned char bytes[2][JSON_SIZE_MAX];
    struct km_sink_memory memories[2] = {{.bytes = bytes[0], .size = JSON_SIZE_MAX},
                                         {.bytes = bytes[1], .size = JSON_SIZE_MAX}};
    say(a, &memories[0]);
    say(b, &memories[1]);
    return memories[0].used == memories[1].used &&
           memcmp(bytes[0], bytes[1], memories[0].used) == 0;
}

static bool have_same_chords(const struct km_harmony_plan *a, const struct km_harmony_plan *b)
{
    for (int i = 0; i < a->chord_count; ++i) {
        if (i >= b->chord_count || a->chords[i].start_tick != b->chords[i].start_tick ||
            strcmp(a->chords[i].symbol, b->chords[i].symbol) != 0) {
            return false;
        }
    }
    return a->chord_count == b->chord_count;
}

static bool have_same_sections(const struct km_harmony_plan *a, const struct km_harmony_plan *b)
{
    for (int i = 0; i < a->section_count; ++i) {
        if (i >= b->section_count || a->sections[i].kind != b->sections[i].kind ||
            a->sections[i].bar_count != b->sections[i].bar_count) {
            return false;
        }
    }
    return a->section_count == b->section_count;
}

static void expect_valid(void)
{
    const char *const fault = plan_fault(&plan);
    if (fault) {
        print_error("seed %llu: %s\n", (unsigned long long)plan.seed, fault);
    }
    assert_null(fault);
}

static void every_plan_is_valid(void **state)
{
    (void)state;
    for (int valence = -4; valence <= 4; ++valence) {
        for (int arousal = -4; arousal <= 4; ++arousal) {
            const struct km_affect affect = affect_at(valence / 4.0, arousal / 4.0);
            for (int seed = 0; seed < SEEDS_COUNT; ++seed) {
                const struct km_plan_intent intent = {
                    .affect = &affect,
                    .motivation = (uint8_t)(1 + seed % 10),
                    .chaos = seed % 5 / 4.0,
                    .vulnerability = seed % 3 / 2.0,
                };
                assert_int_equal(km_plan_generate(&intent, NULL, (uint64_t)seed, &plan, NULL),
                                 KM_OK);
                expect_valid();
            }
        }
    }
}

static void every_length_is_filled(void **state)
{
    (void)state;
    const struct km_affect affect = affect_at(0.2, 0.1);
    for (int bars = KM_PLAN_BARS_MIN; bars <= KM_PLAN_BARS_MAX; ++bars) {
        for (int genre = 0; genre < KM_GENRES_COUNT; genre += 3) {
            const struct km_plan_wishes wishes = {.has_bars = true,
                                                  .bars = (uint16_t)bars,
                                                  .has_genre = true,
                                                  .genre = (uint8_t)genre};
            generate(&affect, &wishes, (uint64_t)bars);
            assert_int_equal(plan.length_bars, bars);
            expect_valid();
        }
    }
}

static void length_follows_motivation_and_complexity_chaos(void **state)
{
    (void)state;
    static const uint16_t bars[] = {16, 16, 16, 32, 32, 32, 32, 64, 64, 64};
    const struct km_affect affect = affect_at(-0.3, 0.2);
    for (uint8_t motivation = 1; motivation <= 10; ++motivation) {
        const struct km_plan_intent intent = {
            .affect = &affect, .motivation = motivation, .chaos = 0.95};
        assert_int_equal(km_plan_generate(&intent, NULL, 5, &plan, NULL), KM_OK);
        assert_int_equal(plan.length_bars, bars[motivation - 1]);
        assert_true(fabsf(plan.complexity - (motivation > 8 ? 1.0F : 0.95F)) < 1e-6F);
    }
}

static void wishes_are_kept_exactly(void **state)
{
    (void)state;
    const struct km_affect affect = affect_at(-0.8, -0.5);
    for (uint64_t seed = 0; seed < 108; ++seed) {
        const struct km_plan_wishes wishes = {
            .has_tonic = true,
            .tonic = (uint8_t)(seed % 12),
            .has_mode = true,
            .mode = (uint8_t)(seed % KM_MODES_COUNT),
            .has_tempo = true,
            .tempo_bpm = (uint16_t)(KM_PLAN_TEMPO_MIN + seed),
            .has_bars = true,
            .bars = (uint16_t)(KM_PLAN_BARS_MIN + seed),
            .has_genre = true,
            .genre = (uint8_t)(seed % KM_GENRES_COUNT),
            .rules = 1U << seed % KM_RULES_COUNT,
        };
        generate(&affect, &wishes, seed);
        expect_valid();
        assert_int_equal(plan.key.tonic, wishes.tonic);
        assert_int_equal(plan.key.mode, wishes.mode);
        assert_int_equal(plan.tempo_bpm, wishes.tempo_bpm);
        assert_int_equal(plan.length_bars, wishes.bars);
        assert_int_equal(plan.genre, wishes.genre);
        assert_int_equal(plan.rules & wishes.rules, wishes.rules);
        uint8_t spelled;
        assert_int_equal(km_pitch_class_parse(plan.root_note, &spelled, NULL), KM_OK);
        assert_int_equal(spelled, wishes.tonic);
    }
}

static void the_same_seed_gives_the_same_plan_to_the_last_byte(void **state)
{
    (void)state;
    const struct km_affect affect = affect_at(0.4, 0.6);
    for (uint64_t seed = 0; seed < 20; ++seed) {
        memset(&plan, 0xAA, sizeof(plan));
        generate(&affect, NULL, seed);
        other_plan = plan;
        memset(&plan, 0x55, sizeof(plan));
        generate(&affect, NULL, seed);
        assert_true(are_same(&plan, &other_plan));
    }
}

static void different_seeds_give_different_plans(void **state)
{
    (void)state;
    const struct km_affect affect = affect_at(-0.5, -0.3);
    unsigned int tonics = 0;
    unsigned int modes = 0;
    unsigned int metres = 0;
    int same = 0;
    for (uint64_t seed = 0; seed < 100; ++seed) {
        generate(&affect, NULL, seed);
        tonics |= 1U << plan.key.tonic;
        modes |= 1U << plan.key.mode;
        metres |= 1U << plan.beats_per_bar;
        same += seed > 0 && have_same_chords(&plan, &other_plan);
        other_plan = plan;
    }
    assert_int_equal(tonics, 0xFFF); // The original was always in C.
    assert_true(modes != (modes & (0U - modes)));
    assert_true(metres != (metres & (0U - metres)));
    assert_int_equal(same, 0);
}

struct averages {
    double tempo, loudness, density, articulation, major, dissonance, height, rate;
};

static struct averages averages_at(double valence, double arousal)
{
    const struct km_affect affect = affect_at(valence, arousal);
    struct averages sum = {0};
    for (uint64_t seed = 0; seed < 200; ++seed) {
        generate(&affect, NULL, seed);
        sum.tempo += plan.tempo_bpm;
        sum.loudness += plan.velocity_low + plan.velocity_high;
        sum.density += (double)plan.density * plan.tempo_bpm;
        sum.articulation += (double)plan.articulation;
        sum.major += km_mode_is_minor((enum km_mode)plan.key.mode) ? 0 : 1;
        sum.dissonance += (double)plan.dissonance;
        sum.height += plan.register_low + plan.register_high;
        sum.rate += (double)plan.harmonic_rhythm;
    }
    return sum;
}

// Gabrielsson and Lindstrom's directions; the figures of EMOPIA (Hung et al. 2021) agree.
static void arousal_quickens_loudens_and_shortens(void **state)
{
    (void)state;
    for (int valence = -2; valence <= 2; ++valence) {
        struct averages before = averages_at(valence * 0.4, -0.9);
        for (int arousal = -1; arousal <= 2; ++arousal) {
            const struct averages now = averages_at(valence * 0.4, arousal * 0.45);
            assert_true(now.tempo > before.tempo);
            assert_true(now.loudness > before.loudness);
            assert_true(now.density > before.density);
            assert_true(now.articulation < before.articulation);
            assert_true(now.rate > before.rate - 1.0); // Of 200 songs: their ends differ.
            before = now;
        }
    }
}

static void valence_brightens_raises_and_sweetens(void **state)
{
    (void)state;
    for (int arousal = -2; arousal <= 2; ++arousal) {
        struct averages before = averages_at(-0.9, arousal * 0.4);
        assert_true(before.major <= 0.3 * 200);
        for (int valence = -1; valence <= 2; ++valence) {
            const struct averages now = averages_at(valence * 0.45, arousal * 0.4);
            assert_true(now.major >= before.major);
            assert_true(now.height > before.height);
            before = now;
        }
        assert_true(before.major >= 0.78 * 200);
    }
    assert_true(averages_at(-0.8, 0.5).dissonance > averages_at(0.8, 0.5).dissonance);
}

static struct km_affect bare_affect(void)
{
    struct km_affect affect = {.valence = -0.5F, .arousal = 0.1F, .intensity = 0.5F};
    affect.primary = KM_EMOTION_SADNESS;
    affect.secondary = KM_AFFECT_NO_EMOTION;
    affect.node = KM_AFFECT_NO_NODE;
    return affect;
}

// How many of a hundred seeds give other chords, keys, tempi or dynamics than the bare affect.
static int changes_against(const struct km_affect *affect)
{
    const struct km_affect bare = bare_affect();
    int changes = 0;
    for (uint64_t seed = 0; seed < 100; ++seed) {
        generate(&bare, NULL, seed);
        other_plan = plan;
        generate(affect, NULL, seed);
        changes += plan.tempo_bpm != other_plan.tempo_bpm ||
                   plan.velocity_high != other_plan.velocity_high ||
                   !have_same_chords(&plan, &other_plan);
    }
    return changes;
}

// The original read neither intensity nor the secondary emotion.
static void dominance_intensity_and_secondary_emotion_matter(void **state)
{
    (void)state;
    struct km_affect affect = bare_affect();
    affect.dominance = 0.7F;
    assert_true(changes_against(&affect) > 80);
    affect = bare_affect();
    affect.intensity = 1.0F;
    assert_true(changes_against(&affect) > 80);
    affect = bare_affect();
    affect.secondary = KM_EMOTION_LOVE;
    assert_true(changes_against(&affect) > 80);
    generate(&affect, NULL, 1);
    assert_non_null(strstr(plan.mood_profile, "love"));
}

static void the_feeling_is_pushed_by_intensity_and_drawn_by_the_second_emotion(void **state)
{
    (void)state;
    struct km_affect affect = bare_affect();
    const struct km_feeling bare = km_feeling_of_affect(&affect);
    assert_true(bare.contrast == 0.0);
    affect.intensity = 1.0F;
    assert_true(km_feeling_of_affect(&affect).valence < bare.valence);
    affect = bare_affect();
    affect.secondary = KM_EMOTION_JOY; // Brighter, livelier and stronger than sadness.
    const struct km_feeling drawn = km_feeling_of_affect(&affect);
    assert_true(drawn.valence > bare.valence && drawn.valence < 0.0);
    assert_true(drawn.arousal > bare.arousal);
    assert_true(drawn.dominance > bare.dominance);
    assert_true(drawn.contrast > 0.5 && drawn.contrast <= 1.0);
    affect.secondary = KM_EMOTION_GRIEF;
    assert_true(km_feeling_of_affect(&affect).valence < bare.valence);
}

// Not diatonic: neither of the key's own notes nor a leading dominant; of songs in minor.
static int borrowed_count(const struct km_affect *affect)
{
    const struct km_plan_wishes wishes = {.has_mode = true, .mode = KM_MODE_AEOLIAN};
    int count = 0;
    for (uint64_t seed = 0; seed < 100; ++seed) {
        generate(affect, &wishes, seed);
        for (int i = 0; i < plan.chord_count; ++i) {
            const km_pitch_set notes = km_chord_pitches(plan.chords[i].chord);
            count += (notes & ~km_key_pitches(plan.key)) != 0 && is_of_key_or_lent(notes, plan.key);
        }
    }
    return count;
}

static void mixed_feelings_mix_modes(void **state)
{
    (void)state;
    struct km_affect affect = bare_affect();
    const int plain = borrowed_count(&affect);
    affect.secondary = KM_EMOTION_JOY;
    assert_true(borrowed_count(&affect) > plain + plain / 4);
    affect = bare_affect();
    affect.valence = -0.2F;
    const int mild = borrowed_count(&affect);
    affect.secondary = KM_EMOTION_FEAR;
    assert_true(borrowed_count(&affect) > mild);
}

static void refuses_affect_that_is_no_number(void **state)
{
    (void)state;
    const float not_allowed[] = {NAN, INFINITY, -1.5F};
    for (size_t i = 0; i < 3; ++i) {
        for (int field = 0; field < 4; ++field) {
            struct km_affect affect = bare_affect();
            float *const fields[] = {&affect.valence, &affect.arousal, &affect.dominance,
                                     &affect.intensity};
            *fields[field] = not_allowed[i];
            const struct km_plan_intent intent = {.affect = &affect, .motivation = 5, .chaos = 0.3};
            struct km_error error = {0};
            assert_int_equal(km_plan_generate(&intent, NULL, 1, &plan, &error), KM_ERROR_RANGE);
            assert_true(error.message[0] != '\0');
        }
    }
    const struct km_affect affect = bare_affect();
    const struct km_plan_intent bad[] = {
        {.affect = &affect, .motivation = 0, .chaos = 0.3},
        {.affect = &affect, .motivation = 11, .chaos = 0.3},
        {.affect = &affect, .motivation = 5, .chaos = (double)NAN},
        {.affect = &affect, .motivation = 5, .chaos = 0.3, .vulnerability = (double)NAN},
    };
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); ++i) {
        assert_int_equal(km_plan_generate(&bad[i], NULL, 1, &plan, NULL), KM_ERROR_RANGE);
    }
}

static void songs_end_at_home(void **state)
{
    (void)state;
    const struct km_affect affect = affect_at(-0.3, 0.1);
    for (uint64_t seed = 0; seed < 200; ++seed) {
        generate(&affect, NULL, seed);
        const struct km_plan_chord *const last = &plan.chords[plan.chord_count - 1];
        const bool avoids = km_plan_breaks(&plan, KM_RULE_HARMONY_AVOID_TONIC_RESOLUTION);
        assert_true(avoids || last->chord.root == plan.key.tonic);
        assert_true(avoids || last->chord.bass == plan.key.tonic);
        assert_true(last->duration_ticks >= km_plan_bar_ticks(&plan));
    }
}

static int count_roots(void)
{
    unsigned int roots = 0;
    int count = 0;
    for (int i = 0; i < plan.chord_count; ++i) {
        const unsigned int root = 1U << plan.chords[i].chord.root;
        count += (roots & root) == 0;
        roots |= root;
    }
    return count;
}

static bool is_same_chord(const struct km_plan_chord *a, const struct km_plan_chord *b)
{
    return a->chord.root == b->chord.root && a->chord.bass == b->chord.bass;
}

// Whatever mode is asked for, its chords go somewhere and come home.
static void chords_move_in_every_mode(void **state)
{
    (void)state;
    const struct km_affect affect = affect_at(0.1, 0.1);
    for (int mode = 0; mode < KM_MODES_COUNT; ++mode) {
        int roots = 0;
        int repeats = 0;
        int chords = 0;
        for (uint64_t seed = 0; seed < 40; ++seed) {
            const struct km_plan_wishes wishes = {.has_mode = true, .mode = (uint8_t)mode};
            generate(&affect, &wishes, seed);
            expect_valid();
            assert_int_equal(plan.chords[plan.chord_count - 1].chord.root, plan.key.tonic);
            roots += count_roots();
            chords += plan.chord_count;
            for (int i = 1; i < plan.chord_count; ++i) {
                repeats += is_same_chord(&plan.chords[i - 1], &plan.chords[i]);
            }
        }
        assert_true(roots >= 4 * 40);            // Different ones in a song, on average.
        assert_true(repeats * 20 <= chords * 3); // Seams of phrases repeat some.
    }
}

static void generate_breaking(enum km_rule rule, uint64_t seed)
{
    const struct km_affect affect = affect_at(seed % 2 == 0 ? 0.5 : -0.5, 0.2);
    const struct km_plan_wishes wishes = {.rules = 1U << rule};
    generate(&affect, &wishes, seed);
    expect_valid();
}

static void rules_of_harmony_are_broken_when_asked(void **state)
{
    (void)state;
    for (uint64_t seed = 0; seed < 100; ++seed) {
        generate_breaking(KM_RULE_HARMONY_AVOID_TONIC_RESOLUTION, seed);
        const uint8_t last = plan.chords[plan.chord_count - 1].chord.root;
        assert_true(last == km_key_degree(plan.key, 3) || last == km_key_degree(plan.key, 5));

        generate_breaking(KM_RULE_HARMONY_TRITONE_SUBSTITUTION, seed);
        int substitutes = 0;
        for (int i = 0; i + 1 < plan.chord_count; ++i) {
            substitutes += plan.chords[i].chord.quality == KM_CHORD_DOMINANT_SEVENTH &&
                           plan.chords[i].chord.root == (plan.key.tonic + 1) % 12;
        }
        assert_true(substitutes > 0);

        generate_breaking(KM_RULE_HARMONY_MODAL_INTERCHANGE, seed);
        int borrowed = 0;
        for (int i = 0; i < plan.chord_count; ++i) {
            borrowed += (km_chord_pitches(plan.chords[i].chord) & ~km_key_pitches(plan.key)) != 0;
        }
        assert_true(borrowed > 0);

        generate_breaking(KM_RULE_HARMONY_UNRESOLVED_DISSONANCE, seed);
        for (int i = 0; i < plan.chord_count; ++i) {
            assert_true(plan.chords[i].chord.quality != KM_CHORD_MAJOR &&
                        plan.chords[i].chord.quality != KM_CHORD_MINOR);
        }
    }
}

static int peak_bar(void)
{
    int peak = 0;
    for (int i = 1; i < plan.length_bars; ++i) {
        peak = plan.tension[i] > plan.tension[peak] ? i : peak;
    }
    return peak;
}

static float tension_range(const struct km_harmony_plan *of)
{
    float low = of->tension[0];
    float high = of->tension[0];
    for (int i = 1; i < of->length_bars; ++i) {
        low = of->tension[i] < low ? of->tension[i] : low;
        high = of->tension[i] > high ? of->tension[i] : high;
    }
    return high - low;
}

static void rules_of_arrangement_are_broken_when_asked(void **state)
{
    (void)state;
    const struct km_affect affect = affect_at(0.5, 0.2);
    int buried = 0;
    for (uint64_t seed = 0; seed < 100; ++seed) {
        generate_breaking(KM_RULE_ARRANGEMENT_PREMATURE_CLIMAX, seed);
        assert_true(peak_bar() < plan.length_bars * 2 / 5);

        generate(&affect, NULL, seed * 2);
        const int span = plan.velocity_high - plan.velocity_low;
        const int register_low = plan.register_low;
        other_plan = plan;
        generate_breaking(KM_RULE_ARRANGEMENT_EXTREME_DYNAMIC_RANGE, seed * 2);
        assert_true(plan.velocity_high - plan.velocity_low > span + 15);
        assert_true(tension_range(&plan) > 1.15F * tension_range(&other_plan));
        generate_breaking(KM_RULE_ARRANGEMENT_BURIED_VOCALS, seed * 2);
        assert_true(plan.register_low <= register_low);
        buried += plan.register_low < register_low;
        generate_breaking(KM_RULE_ARRANGEMENT_STRUCTURAL_MISMATCH, seed * 2);
        assert_true(!have_same_sections(&plan, &other_plan));
    }
    assert_true(buried >= 90); // Some instruments have no lower notes.
}

// Short songs of several genres are often of one form: the foreign one must be another all the
// same.
static void forms_are_foreign_at_every_length(void **state)
{
    (void)state;
    const struct km_affect affect = affect_at(0.1, 0.1);
    for (uint64_t seed = 0; seed < 60; ++seed) {
        for (uint16_t bars = KM_PLAN_BARS_MIN; bars <= 64; bars = (uint16_t)(bars + 3)) {
            struct km_plan_wishes wishes = {.has_bars = true, .bars = bars};
            generate(&affect, &wishes, seed);
            other_plan = plan;
            wishes.rules = 1U << KM_RULE_ARRANGEMENT_STRUCTURAL_MISMATCH;
            generate(&affect, &wishes, seed);
            expect_valid();
            assert_true(!have_same_sections(&plan, &other_plan));
        }
    }
}

static void openness_and_chaos_break_rules_by_themselves(void **state)
{
    (void)state;
    const struct km_affect affect = affect_at(-0.6, -0.3);
    int closed = 0;
    int open = 0;
    for (uint64_t seed = 0; seed < 100; ++seed) {
        generate(&affect, NULL, seed);
        closed += plan.rules != 0;
        const struct km_plan_intent intent = {
            .affect = &affect, .motivation = 5, .chaos = 0.3, .vulnerability = 1.0};
        assert_int_equal(km_plan_generate(&intent, NULL, seed, &plan, NULL), KM_OK);
        open += plan.rules != 0;
    }
    assert_int_equal(closed, 0);
    assert_in_range(open, 50, 100);
}

static void every_genre_has_a_groove_that_exists(void **state)
{
    (void)state;
    for (int i = 0; i < KM_GENRES_COUNT; ++i) {
        enum km_groove_style style;
        assert_int_equal(
            km_groove_style_parse(km_genre_traits((enum km_genre)i)->groove, &style, NULL), KM_OK);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_plan_is_valid),
        cmocka_unit_test(every_length_is_filled),
        cmocka_unit_test(length_follows_motivation_and_complexity_chaos),
        cmocka_unit_test(wishes_are_kept_exactly),
        cmocka_unit_test(the_same_seed_gives_the_same_plan_to_the_last_byte),
        cmocka_unit_test(different_seeds_give_different_plans),
        cmocka_unit_test(arousal_quickens_loudens_and_shortens),
        cmocka_unit_test(valence_brightens_raises_and_sweetens),
        cmocka_unit_test(dominance_intensity_and_secondary_emotion_matter),
        cmocka_unit_test(the_feeling_is_pushed_by_intensity_and_drawn_by_the_second_emotion),
        cmocka_unit_test(mixed_feelings_mix_modes),
        cmocka_unit_test(refuses_affect_that_is_no_number),
        cmocka_unit_test(songs_end_at_home),
        cmocka_unit_test(chords_move_in_every_mode),
        cmocka_unit_test(rules_of_harmony_are_broken_when_asked),
        cmocka_unit_test(rules_of_arrangement_are_broken_when_asked),
        cmocka_unit_test(forms_are_foreign_at_every_length),
        cmocka_unit_test(openness_and_chaos_break_rules_by_themselves),
        cmocka_unit_test(every_genre_has_a_groove_that_exists),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
