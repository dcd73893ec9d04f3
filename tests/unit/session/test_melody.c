// SPDX-License-Identifier: MIT

// What a listener hears of the melody, read from finished songs: it is sung, it is of its chords,
// its phrases end, it has one climax, and its sections are known again.

#include "unit/session/melody_figures.h"

#include <stdlib.h>

// 2,000 songs of all feelings, half of them on the grid, composed once for all tests.
static int sing_songs(void **state)
{
    (void)set_up(state);
    for (uint64_t seed = 0; seed < SONGS_COUNT; ++seed) {
        const struct brief brief = {
            .valence = (double)(seed * 7 % 20) / 10 - 0.95,
            .arousal = (double)(seed * 13 % 19) / 9.5 - 0.95,
            .chaos = seed % 2 == 0 ? 0 : (double)(seed % 5) / 5,
            .seed = seed,
            .wishes = {.has_bars = true, .bars = (uint16_t)(16 + seed % 4 * 12)}};
        compose_brief(&brief);
        count_song((int)seed);
    }
    qsort(figures.same, (size_t)figures.same_count, sizeof(double), compare_doubles);
    qsort(figures.different, (size_t)figures.different_count, sizeof(double), compare_doubles);
    qsort(figures.other_song, (size_t)figures.other_song_count, sizeof(double), compare_doubles);
    qsort(figures.hashes, SONGS_COUNT, sizeof(uint64_t), compare_hashes);
    if (getenv("KMIDI_FIGURES")) {
        print_figures();
    }
    return 0;
}

static void no_voice_leaps_over_an_octave_or_leaves_its_register(void **state)
{
    (void)state;
    assert_int_equal(figures.over_octave, 0);
    assert_int_equal(figures.out_of_register, 0);
}

// Tunes of many cultures move mostly by step and seldom by more than a fifth (Huron 2006). Three
// files of English folk tunes (note-seq's; 756 intervals of their top lines): .65 within two
// semitones, .011 over seven, 2.3 semitones on average, .15 repeated.
static void melodies_move_as_people_sing(void **state)
{
    (void)state;
    for (int i = 0; i < 4; ++i) {
        const struct quadrant *const q = &figures.quadrants[i];
        assert_true(q->songs > SONGS_COUNT / 8);
        assert_true(q->within_two > 0.55 * q->moves);
        assert_true(q->over_seven < 0.05 * q->moves);
        assert_true(q->repeats > 0.05 * q->moves && q->repeats < 0.3 * q->moves);
        assert_true(q->semitones > 1.7 * q->moves && q->semitones < 3.0 * q->moves);
        assert_true(q->recovered > 0.65 * q->leaps);
        assert_true(q->notes > 0.7 * q->seconds && q->notes < 4.0 * q->seconds);
    }
    assert_true(figures.tritones <= 10); // Of a quarter of a million moves.
}

static void excited_songs_have_more_notes(void **state)
{
    (void)state;
    const struct quadrant *const q = figures.quadrants;
    assert_true(q[0].notes / q[0].seconds > 1.4 * q[3].notes / q[3].seconds);
    assert_true(q[1].notes / q[1].seconds > 1.4 * q[2].notes / q[2].seconds);
}

static void what_is_foreign_to_the_chord_comes_and_goes_by_step(void **state)
{
    (void)state;
    assert_true(figures.jarring > 0);
    assert_int_equal(figures.jarring_unresolved, 0);
    assert_int_equal(figures.leaps_to_foreign, 0);
    assert_true(figures.downbeats_foreign * 100 < figures.downbeats);
}

static void phrases_end_as_the_plan_says_and_breathe(void **state)
{
    (void)state;
    assert_true(figures.phrases > 10000);
    assert_int_equal(figures.wrong_ends, 0);
    assert_int_equal(figures.breathless, 0);
    assert_true(figures.rest_seconds / figures.rests > 1.5 * figures.note_seconds / figures.notes);
    assert_int_equal(figures.final_wrong, 0);
}

static void one_highest_note_is_reached_where_tension_peaks(void **state)
{
    (void)state;
    for (int i = 0; i < 4; ++i) {
        assert_true(figures.quadrants[i].climaxes * 100 >= figures.quadrants[i].songs * 95);
    }
    assert_true(figures.shared_peaks * 100 < SONGS_COUNT);
}

static void choruses_lie_higher_than_verses_and_breakdowns_lower(void **state)
{
    (void)state;
    assert_true(height_of(KM_SECTION_CHORUS) > height_of(KM_SECTION_VERSE) + 2);
    assert_true(height_of(KM_SECTION_PRE_CHORUS) > height_of(KM_SECTION_VERSE));
    assert_true(height_of(KM_SECTION_BREAKDOWN) < height_of(KM_SECTION_VERSE));
    assert_true(figures.kind_notes[KM_SECTION_INTRO] > 0); // Some songs hint at what comes.
    assert_int_equal(figures.silent_notes, 0);
}

static void sections_that_come_back_are_known_again(void **state)
{
    (void)state;
    assert_true(figures.same_count > SONGS_COUNT);
    assert_true(mean_of(figures.same, figures.same_count) > 0.8);
    assert_true(figures.same[figures.same_count / 10] > 0.7);
    // But most are varied.
    assert_true(figures.identical_returns * 2 < figures.same_count);
}

static void different_sections_and_songs_are_different(void **state)
{
    (void)state;
    assert_true(figures.different_count > SONGS_COUNT);
    assert_true(mean_of(figures.different, figures.different_count) < 0.4);
    assert_true(figures.different[figures.different_count * 9 / 10] < 0.5);
    assert_true(figures.different[figures.different_count * 19 / 20] < 0.52);
    assert_true(figures.other_song[figures.other_song_count * 19 / 20] < 0.5);
    for (int i = 1; i < SONGS_COUNT; ++i) {
        assert_true(figures.hashes[i] != figures.hashes[i - 1]);
    }
}

// Of the same feeling, that is: the seed alone makes another song.
static void no_two_seeds_sing_the_same(void **state)
{
    (void)state;
    static uint64_t hashes[200];
    for (uint64_t seed = 0; seed < 200; ++seed) {
        const struct brief brief = {.valence = -0.6, .arousal = -0.4, .seed = seed};
        compose_brief(&brief);
        hashes[seed] = notes_hash(KM_PART_MELODY);
    }
    qsort(hashes, 200, sizeof(uint64_t), compare_hashes);
    for (int i = 1; i < 200; ++i) {
        assert_true(hashes[i] != hashes[i - 1]);
    }
}

static void another_variation_is_another_melody_of_the_same_plan(void **state)
{
    (void)state;
    const struct brief brief = {.valence = 0.4, .arousal = 0.2, .seed = 9};
    compose_brief(&brief);
    const uint64_t melody = notes_hash(KM_PART_MELODY);
    const uint64_t chords = notes_hash(KM_PART_CHORDS);
    for (uint16_t variation = 1; variation < 20; ++variation) {
        plan.parts[KM_PART_MELODY].variation = variation;
        compose();
        assert_true(notes_hash(KM_PART_MELODY) != melody);
        assert_true(notes_hash(KM_PART_CHORDS) == chords);
    }
    plan.parts[KM_PART_MELODY].variation = 0;
    compose();
    assert_true(notes_hash(KM_PART_MELODY) == melody);
}

static void every_metre_is_sung(void **state)
{
    (void)state;
    static const uint8_t metres[][2] = {{4, 4}, {3, 4}, {6, 8}, {2, 4}, {12, 8}, {5, 4}, {7, 8}};
    for (uint64_t seed = 0; seed < 140; ++seed) {
        const struct brief brief = {.valence = (double)(seed % 5) / 2 - 1,
                                    .arousal = (double)(seed % 3) - 1,
                                    .seed = seed,
                                    .wishes = {.has_metre = true,
                                               .beats_per_bar = metres[seed % 7][0],
                                               .beat_unit = metres[seed % 7][1]}};
        compose_brief(&brief);
        const int count = read_notes(KM_PART_MELODY);
        assert_true(count * 2 > plan.length_bars);
        for (int i = 1; i < count; ++i) {
            assert_true(notes[i].start >= notes[i - 1].end); // One voice.
            assert_true(abs(notes[i].key - notes[i - 1].key) <= 12);
        }
        for (int i = 0; i < plan.phrase_count; ++i) {
            const struct km_plan_phrase *const phrase = &plan.phrases[i];
            assert_true(!is_sung(section_of(phrase->first_bar)) ||
                        last_of_phrase(count, phrase) >= 0);
        }
    }
}

static void nothing_is_sung_in_silence(void **state)
{
    (void)state;
    for (uint64_t seed = 0; seed < 30; ++seed) {
        const struct brief brief = {.seed = seed, .wishes = {.has_bars = true, .bars = 32}};
        make_plan(&brief);
        struct km_plan_section *const section = &plan.sections[plan.section_count / 2];
        section->kind = KM_SECTION_SILENCE;
        compose();
        const int count = read_notes(KM_PART_MELODY);
        for (int i = 0; i < count; ++i) {
            const uint32_t bar = grid(notes[i].start) / bar_ticks();
            assert_false(bar >= section->first_bar &&
                         bar < section->first_bar + section->bar_count);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(no_voice_leaps_over_an_octave_or_leaves_its_register),
        cmocka_unit_test(melodies_move_as_people_sing),
        cmocka_unit_test(excited_songs_have_more_notes),
        cmocka_unit_test(what_is_foreign_to_the_chord_comes_and_goes_by_step),
        cmocka_unit_test(phrases_end_as_the_plan_says_and_breathe),
        cmocka_unit_test(one_highest_note_is_reached_where_tension_peaks),
        cmocka_unit_test(choruses_lie_higher_than_verses_and_breakdowns_lower),
        cmocka_unit_test(sections_that_come_back_are_known_again),
        cmocka_unit_test(different_sections_and_songs_are_different),
        cmocka_unit_test(no_two_seeds_sing_the_same),
        cmocka_unit_test(another_variation_is_another_melody_of_the_same_plan),
        cmocka_unit_test(every_metre_is_sung),
        cmocka_unit_test(nothing_is_sung_in_silence),
    };
    return cmocka_run_group_tests(tests, sing_songs, release_file);
}
