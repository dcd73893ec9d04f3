// SPDX-License-Identifier: MIT

// Chords, cadences and phrases of plans: what the plan says of them is what they are.

#include "session/palette_private.h"
#include "unit/session/heard_song.h"

enum { PLANS_COUNT = 2000, ABOVE_ANY = 12 };

// Feelings, genres, lengths, modes and metres of all kinds, by number.
static struct brief brief_of(uint64_t number)
{
    static const uint8_t metres[][2] = {{4, 4}, {3, 4}, {6, 8}, {2, 4}, {12, 8}, {5, 4}, {7, 8}};
    return (struct brief){
        .valence = (double)(number % 9) / 4 - 1,
        .arousal = (double)(number / 9 % 9) / 4 - 1,
        .chaos = (double)(number % 5) / 4,
        .vulnerability = (double)(number % 3) / 2,
        .seed = number,
        .wishes = {.has_bars = true,
                   .bars = (uint16_t)(KM_PLAN_BARS_MIN + number * 7 % 61),
                   .has_mode = number % 3 == 0,
                   .mode = (uint8_t)(number / 3 % KM_MODES_COUNT),
                   .has_genre = number % 2 == 0,
                   .genre = (uint8_t)(number / 2 % KM_GENRES_COUNT),
                   .has_metre = number % 4 == 0,
                   .beats_per_bar = metres[number / 4 % 7][0],
                   .beat_unit = metres[number / 4 % 7][1]},
    };
}

static bool is_silent(const struct km_chord *chord)
{
    return chord->quality == KM_CHORD_NONE;
}

// Semitones of a chord's root above the tonic.
static int above_tonic(const struct km_chord *chord)
{
    return is_silent(chord) ? ABOVE_ANY : (chord->root + 12 - plan.key.tonic) % 12;
}

static bool holds_leading_note(const struct km_chord *chord)
{
    return (km_chord_pitches(*chord) >> (plan.key.tonic + 11) % 12 & 1) != 0;
}

// The last chord that begins before a bar.
static int last_chord_before(int bar)
{
    const uint32_t end = (uint32_t)bar * km_plan_bar_ticks(&plan);
    int index = 0;
    while (index + 1 < plan.chord_count && plan.chords[index + 1].start_tick < end) {
        ++index;
    }
    return index;
}

// Where a mode may rest instead of on its fifth degree: this table, and not the planner's.
static int resting_place(void)
{
    switch ((int)plan.key.mode) {
    case KM_MODE_DORIAN:
    case KM_MODE_BLUES:
        return 5;
    case KM_MODE_PHRYGIAN:
    case KM_MODE_PHRYGIAN_DOMINANT:
        return 1;
    case KM_MODE_LYDIAN:
    case KM_MODE_LYDIAN_DOMINANT:
    case KM_MODE_WHOLE_TONE:
        return 2;
    case KM_MODE_MIXOLYDIAN:
        return 10;
    case KM_MODE_LOCRIAN:
        return 6;
    default:
        return 7;
    }
}

static bool is_dominant(const struct km_chord *chord)
{
    const int root = above_tonic(chord);
    const bool is_substitute = root == 1 && chord->quality == KM_CHORD_DOMINANT_SEVENTH;
    const bool is_leading = root == 11 && (km_chord_pitches(*chord) >> (chord->root + 6) % 12 & 1);
    return is_substitute || is_leading || (root == 7 && holds_leading_note(chord));
}

// Whether the last two roots of a phrase do what its cadence is called.
static bool is_true_cadence(uint8_t cadence, const struct km_chord *before,
                            const struct km_chord *last)
{
    const int from = above_tonic(before);
    const int to = above_tonic(last);
    const bool substitutes = to == 1 && last->quality == KM_CHORD_DOMINANT_SEVENTH;
    const bool avoids = km_plan_breaks(&plan, KM_RULE_HARMONY_AVOID_TONIC_RESOLUTION);
    switch ((int)cadence) {
    case KM_CADENCE_AUTHENTIC:
        return to == 0 && is_dominant(before);
    case KM_CADENCE_PLAGAL:
        return to == 0 && from == 5;
    case KM_CADENCE_MODAL:
        return to == 0 && from != 0 && from != 5 && !is_dominant(before);
    case KM_CADENCE_HALF:
        return to == 7 || to == resting_place() || substitutes;
    case KM_CADENCE_DECEPTIVE:
        return is_dominant(before) && (to == 8 || to == 9);
    case KM_CADENCE_OPEN:
        return to != 0 && to != 7 && to != resting_place();
    case KM_CADENCE_EVADED:
        return avoids && to != 0;
    case KM_CADENCE_SILENCE:
        return is_silent(last);
    default:
        return false;
    }
}

static void expect_true_cadence(const struct km_plan_phrase *phrase)
{
    const int last = last_chord_before(phrase->first_bar + phrase->bar_count);
    int before = last;
    while (before > 0 && plan.chords[before].chord.root == plan.chords[last].chord.root &&
           is_silent(&plan.chords[before].chord) == is_silent(&plan.chords[last].chord)) {
        --before;
    }
    const bool is_true =
        is_true_cadence(phrase->cadence, &plan.chords[before].chord, &plan.chords[last].chord);
    if (!is_true) {
        print_error("seed %llu, bar %d: %s to %s is not %s\n", (unsigned long long)plan.seed,
                    phrase->first_bar, plan.chords[before].symbol, plan.chords[last].symbol,
                    km_cadence_name((enum km_cadence)phrase->cadence));
    }
    assert_true(is_true);
}

static void every_phrase_ends_as_its_cadence_says(void **state)
{
    (void)state;
    int counts[KM_CADENCES_COUNT] = {0};
    int phrases = 0;
    for (uint64_t number = 0; number < PLANS_COUNT; ++number) {
        struct brief brief = brief_of(number);
        brief.wishes.rules = number % 5 == 0 ? 1U << number / 5 % 6 : 0;
        brief.wishes.silence_s = number % 7 == 0 ? 10 : 0;
        make_plan(&brief);
        assert_null(plan_fault(&plan));
        int bar = 0;
        for (int i = 0; i < plan.phrase_count; ++i) {
            const struct km_plan_phrase *const phrase = &plan.phrases[i];
            assert_int_equal(phrase->first_bar, bar);
            assert_in_range(phrase->bar_count, 1, KM_PLAN_PHRASE_BARS);
            bar += phrase->bar_count;
            expect_true_cadence(phrase);
            ++counts[phrase->cadence];
            ++phrases;
        }
        assert_int_equal(bar, plan.length_bars);
    }
    for (int i = 0; i < KM_CADENCES_COUNT; ++i) {
        assert_true(counts[i] > 0);
    }
    // Most phrases close, or rest where the next one has to go on; few just stop.
    const int closed =
        counts[KM_CADENCE_AUTHENTIC] + counts[KM_CADENCE_PLAGAL] + counts[KM_CADENCE_MODAL];
    assert_true(closed * 3 > phrases);
    assert_true(counts[KM_CADENCE_OPEN] * 5 < phrases);
}

static void songs_begin_at_home_and_end_there(void **state)
{
    (void)state;
    for (uint64_t number = 0; number < 400; ++number) {
        struct brief brief = brief_of(number);
        brief.wishes.keeps_rules = true;
        make_plan(&brief);
        assert_int_equal(plan.chords[0].chord.root, plan.key.tonic);
        assert_int_equal(plan.chords[0].chord.bass, plan.key.tonic);
        const struct km_plan_chord *const last = &plan.chords[plan.chord_count - 1];
        assert_int_equal(last->chord.root, plan.key.tonic);
        assert_int_equal(last->chord.bass, plan.key.tonic);
        assert_true(last->duration_ticks >= km_plan_bar_ticks(&plan));
        assert_int_not_equal(last->chord.quality, KM_CHORD_MINOR_MAJOR_SEVENTH);
        assert_int_not_equal(last->chord.quality, KM_CHORD_MINOR_MAJOR_NINTH);
        const uint8_t cadence = plan.phrases[plan.phrase_count - 1].cadence;
        assert_true(cadence == KM_CADENCE_AUTHENTIC || cadence == KM_CADENCE_PLAGAL ||
                    cadence == KM_CADENCE_MODAL);
    }
}

static int count_cadences(double valence, double arousal, enum km_cadence cadence)
{
    int count = 0;
    for (uint64_t seed = 0; seed < 200; ++seed) {
        const struct brief brief = {
            .valence = valence,
            .arousal = arousal,
            .seed = seed,
            .wishes = {.keeps_rules = true, .has_mode = true, .mode = KM_MODE_AEOLIAN}};
        make_plan(&brief);
        for (int i = 0; i < plan.phrase_count; ++i) {
            count += plan.phrases[i].cadence == cadence;
        }
    }
    return count;
}

static void sadness_sinks_home_and_strength_strides(void **state)
{
    (void)state;
    assert_true(count_cadences(-0.9, -0.7, KM_CADENCE_PLAGAL) >
                count_cadences(0.3, 0.8, KM_CADENCE_PLAGAL));
    assert_true(count_cadences(-0.9, -0.7, KM_CADENCE_AUTHENTIC) <
                count_cadences(0.3, 0.8, KM_CADENCE_AUTHENTIC));
}

static bool is_suspended(const struct km_chord *chord)
{
    return chord->quality == KM_CHORD_SUS4 || chord->quality == KM_CHORD_SUS4_SEVENTH ||
           chord->quality == KM_CHORD_SUS4_NINTH;
}

// The fourth above the root falls a step to the third of the same chord.
static void suspensions_resolve_and_dissonance_brings_more(void **state)
{
    (void)state;
    int calm = 0;
    int tense = 0;
    for (uint64_t number = 0; number < 600; ++number) {
        struct brief brief = brief_of(number);
        brief.valence = number % 2 == 0 ? 0.8 : -0.8;
        brief.arousal = number % 2 == 0 ? -0.8 : 0.8;
        make_plan(&brief);
        for (int i = 0; i < plan.chord_count; ++i) {
            const struct km_chord *const chord = &plan.chords[i].chord;
            if (!is_suspended(chord)) {
                continue;
            }
            *(number % 2 == 0 ? &calm : &tense) += 1;
            assert_true(is_suspension(&plan, i));
            assert_true(plan.chords[i + 1].start_tick - plan.chords[i].start_tick <=
                        km_plan_bar_ticks(&plan));
        }
    }
    assert_true(calm > 0);
    assert_true(tense > calm);
}

// A bass that is no note of its chord is the tonic or dominant, held through its whole phrase.
static void pedal_points_are_held_through_their_phrase(void **state)
{
    (void)state;
    int pedals = 0;
    for (uint64_t number = 0; number < 600; ++number) {
        const struct brief brief = brief_of(number);
        make_plan(&brief);
        for (int i = 0; i < plan.phrase_count; ++i) {
            const struct km_plan_phrase *const phrase = &plan.phrases[i];
            const int end = last_chord_before(phrase->first_bar + phrase->bar_count);
            int first = phrase->first_bar == 0 ? 0 : last_chord_before(phrase->first_bar) + 1;
            int foreign = 0;
            bool is_held = true;
            const uint8_t held = plan.chords[first].chord.bass;
            for (int j = first; j <= end; ++j) {
                const struct km_chord chord = plan.chords[j].chord;
                const km_pitch_set own = km_chord_pitches((struct km_chord){
                    .root = chord.root, .quality = chord.quality, .bass = chord.root});
                foreign += chord.quality != KM_CHORD_NONE && (own >> chord.bass & 1) == 0;
                is_held = is_held && chord.bass == held;
            }
            assert_true(foreign == 0 || is_held);
            assert_true(foreign == 0 || held == plan.key.tonic ||
                        held == (plan.key.tonic + 7) % 12);
            pedals += foreign > 0;
        }
    }
    assert_true(pedals > 50);
}

// A dominant of another degree than home goes there, at once or after its suspension.
static void secondary_dominants_resolve(void **state)
{
    (void)state;
    int found = 0;
    for (uint64_t number = 0; number < 600; ++number) {
        struct brief brief = brief_of(number);
        brief.wishes.keeps_rules = true;
        make_plan(&brief);
        for (int i = 0; i + 1 < plan.chord_count; ++i) {
            const struct km_chord chord = plan.chords[i].chord;
            if (chord.quality != KM_CHORD_DOMINANT_SEVENTH ||
                is_of_key_or_lent(km_chord_pitches(chord), plan.key) || above_tonic(&chord) == 7) {
                continue;
            }
            assert_int_equal(plan.chords[i + 1].chord.root, (chord.root + 5) % 12);
            ++found;
        }
    }
    assert_true(found > 100);
}

static int first_chord_of(const struct km_plan_section *section)
{
    return section->first_bar == 0 ? 0 : last_chord_before(section->first_bar) + 1;
}

// Sections of one kind and length have the same chords; of another kind other ones.
static void sections_are_recognised_by_their_chords(void **state)
{
    (void)state;
    int compared = 0;
    for (uint64_t seed = 0; seed < 60; ++seed) {
        const struct brief brief = {
            .valence = 0.4, .seed = seed, .wishes = {.has_bars = true, .bars = 64}};
        make_plan(&brief);
        const struct km_plan_section *last = NULL;
        for (int i = 0; i + 1 < plan.section_count; ++i) {
            const struct km_plan_section *const section = &plan.sections[i];
            if (section->kind != KM_SECTION_CHORUS) {
                continue;
            }
            const int second = first_chord_of(section);
            const int first = last ? first_chord_of(last) : 0;
            for (int j = 0; last && section->bar_count == last->bar_count && j < 4; ++j) {
                assert_string_equal(plan.chords[first + j].symbol, plan.chords[second + j].symbol);
                ++compared;
            }
            last = section;
        }
    }
    assert_true(compared > 50);
}

static void silence_has_no_chord_and_no_cadence(void **state)
{
    (void)state;
    for (uint64_t number = 0; number < 200; ++number) {
        struct brief brief = brief_of(number);
        brief.wishes.silence_s = 20;
        make_plan(&brief);
        assert_null(plan_fault(&plan));
        int silent = 0;
        for (int i = 0; i < plan.section_count; ++i) {
            const struct km_plan_section *const section = &plan.sections[i];
            if (section->kind != KM_SECTION_SILENCE) {
                continue;
            }
            const int chord = last_chord_before(section->first_bar + section->bar_count);
            assert_true(is_silent(&plan.chords[chord].chord));
            assert_string_equal(plan.chords[chord].symbol, "N.C.");
            assert_int_equal(plan.chords[chord].duration_ticks,
                             section->bar_count * km_plan_bar_ticks(&plan));
            ++silent;
        }
        assert_int_equal(silent, 1);
    }
}

static double chords_a_bar(uint8_t kind)
{
    int chords = 0;
    int bars = 0;
    for (uint64_t seed = 0; seed < 100; ++seed) {
        const struct brief brief = {
            .valence = 0.2, .seed = seed, .wishes = {.has_bars = true, .bars = 64}};
        make_plan(&brief);
        for (int i = 0; i < plan.section_count; ++i) {
            const struct km_plan_section *const section = &plan.sections[i];
            if (section->kind == kind) {
                const int before =
                    section->first_bar == 0 ? -1 : last_chord_before(section->first_bar);
                chords += last_chord_before(section->first_bar + section->bar_count) - before;
                bars += section->bar_count;
            }
        }
    }
    return (double)chords / bars;
}

static void chords_quicken_before_the_chorus(void **state)
{
    (void)state;
    assert_true(chords_a_bar(KM_SECTION_PRE_CHORUS) > chords_a_bar(KM_SECTION_VERSE));
    assert_true(chords_a_bar(KM_SECTION_VERSE) > chords_a_bar(KM_SECTION_INTRO));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_phrase_ends_as_its_cadence_says),
        cmocka_unit_test(songs_begin_at_home_and_end_there),
        cmocka_unit_test(sadness_sinks_home_and_strength_strides),
        cmocka_unit_test(suspensions_resolve_and_dissonance_brings_more),
        cmocka_unit_test(pedal_points_are_held_through_their_phrase),
        cmocka_unit_test(secondary_dominants_resolve),
        cmocka_unit_test(sections_are_recognised_by_their_chords),
        cmocka_unit_test(silence_has_no_chord_and_no_cadence),
        cmocka_unit_test(chords_quicken_before_the_chorus),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
