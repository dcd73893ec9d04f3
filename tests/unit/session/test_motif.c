// SPDX-License-Identifier: MIT

// What is done to motifs is exact: laws of an algebra, over many motifs.

#include "session/motif_private.h"

#include "base/units.h"
#include "support/cmocka.h"
#include "unit/session/heard_song.h"

#include <stdlib.h>
#include <string.h>

enum { MOTIFS_COUNT = 300 };

static struct km_score score;

// Many motifs in all metres, by number.
static struct km_motif motif_of(uint64_t number)
{
    static const uint8_t metres[][2] = {{4, 4}, {3, 4}, {6, 8}, {2, 4}, {12, 8}, {5, 4}, {7, 8}};
    const struct brief brief = {.valence = 0.2,
                                .arousal = (double)(number % 5) / 2 - 1,
                                .seed = number,
                                .wishes = {.has_bars = true,
                                           .bars = KM_PLAN_BARS_MIN,
                                           .has_metre = true,
                                           .beats_per_bar = metres[number % 7][0],
                                           .beat_unit = metres[number % 7][1]}};
    make_plan(&brief);
    km_score_init(&score, &plan, NULL);
    struct km_random random;
    km_random_init(&random, number, "motifs");
    const struct km_motif_wish wish = {.density = 0.5 + (double)(number % 9) / 4,
                                       .syncopation = (double)(number % 3) / 2,
                                       .is_upbeat = number % 2 == 1};
    struct km_motif motif;
    memset(&motif, 0, sizeof(motif)); // Notes beyond the count are compared with it.
    km_motif_invent(&score, &random, &wish, &motif);
    return motif;
}

static void assert_same(const struct km_motif *a, const struct km_motif *b)
{
    assert_int_equal(a->count, b->count);
    assert_int_equal(a->length, b->length);
    for (int i = 0; i < a->count; ++i) {
        assert_int_equal(a->notes[i].start, b->notes[i].start);
        assert_int_equal(a->notes[i].duration, b->notes[i].duration);
        assert_int_equal(a->notes[i].offset, b->notes[i].offset);
    }
}

static void assert_one_voice(const struct km_motif *motif)
{
    uint32_t tick = 0;
    for (int i = 0; i < motif->count; ++i) {
        assert_true(motif->notes[i].start >= tick);
        assert_true(motif->notes[i].duration > 0);
        tick = (uint32_t)motif->notes[i].start + motif->notes[i].duration;
    }
    assert_true(tick <= motif->length);
}

static void inventions_fill_a_bar_with_one_voice(void **state)
{
    (void)state;
    for (uint64_t i = 0; i < MOTIFS_COUNT; ++i) {
        const struct km_motif motif = motif_of(i);
        assert_one_voice(&motif);
        assert_true(motif.count > 0);
        assert_int_equal(motif.length, score.bar_ticks);
        assert_int_equal(motif.notes[0].offset, 0);
        for (int j = 0; j < motif.count; ++j) {
            assert_int_equal(motif.notes[j].start % KM_SIXTEENTH, 0);
            assert_in_range(motif.notes[j].offset + 8, 0, 16);
        }
    }
}

static void density_and_syncopation_are_heard(void **state)
{
    (void)state;
    (void)motif_of(0); // In 4/4.
    int notes_of_density[3] = {0};
    int off_beats[2] = {0};
    for (uint64_t seed = 0; seed < MOTIFS_COUNT; ++seed) {
        struct km_random random;
        struct km_motif motif;
        for (int density = 0; density < 3; ++density) {
            km_random_init(&random, seed, "density");
            km_motif_invent(&score, &random, &(struct km_motif_wish){.density = 0.6 + density},
                            &motif);
            notes_of_density[density] += motif.count;
        }
        for (int i = 0; i < 2; ++i) {
            km_random_init(&random, seed, "syncopation");
            km_motif_invent(&score, &random,
                            &(struct km_motif_wish){.density = 1.3, .syncopation = i}, &motif);
            for (int j = 0; j < motif.count; ++j) { // Begun off the beat and held over it.
                off_beats[i] += motif.notes[j].start % KM_PPQ != 0 &&
                                motif.notes[j].start % KM_PPQ + motif.notes[j].duration > KM_PPQ;
            }
        }
    }
    assert_true(notes_of_density[0] * 3 < notes_of_density[1] * 2);
    assert_true(notes_of_density[1] * 5 < notes_of_density[2] * 4);
    assert_true(off_beats[0] * 2 < off_beats[1]);
}

static void a_transposition_is_undone_by_its_opposite(void **state)
{
    (void)state;
    for (uint64_t i = 0; i < MOTIFS_COUNT; ++i) {
        const struct km_motif motif = motif_of(i);
        struct km_motif moved = motif;
        km_motif_transpose(&moved, 3);
        for (int j = 0; j < motif.count; ++j) {
            assert_int_equal(moved.notes[j].offset, motif.notes[j].offset + 3);
        }
        km_motif_transpose(&moved, -5);
        km_motif_transpose(&moved, 2);
        assert_same(&moved, &motif);
    }
}

static void an_inversion_turns_every_interval_round_and_is_its_own_inverse(void **state)
{
    (void)state;
    for (uint64_t i = 0; i < MOTIFS_COUNT; ++i) {
        const struct km_motif motif = motif_of(i);
        struct km_motif mirror = motif;
        km_motif_transpose(&mirror, (int)(i % 5)); // About the first note, wherever it is.
        km_motif_invert(&mirror);
        for (int j = 1; j < motif.count; ++j) {
            assert_int_equal(mirror.notes[j].offset - mirror.notes[j - 1].offset,
                             motif.notes[j - 1].offset - motif.notes[j].offset);
        }
        km_motif_invert(&mirror);
        km_motif_transpose(&mirror, -(int)(i % 5));
        assert_same(&mirror, &motif);
    }
}

static void a_retrograde_runs_backwards_and_is_its_own_inverse(void **state)
{
    (void)state;
    for (uint64_t i = 0; i < MOTIFS_COUNT; ++i) {
        const struct km_motif motif = motif_of(i);
        struct km_motif back = motif;
        km_motif_retrograde(&back);
        assert_one_voice(&back);
        for (int j = 0; j < motif.count; ++j) {
            assert_int_equal(back.notes[j].offset, motif.notes[motif.count - 1 - j].offset);
        }
        km_motif_retrograde(&back);
        assert_same(&back, &motif);
    }
}

// Inversion and retrograde commute but for where they stand.
static void the_retrograde_of_the_inversion_is_the_inversion_of_the_retrograde(void **state)
{
    (void)state;
    for (uint64_t i = 0; i < MOTIFS_COUNT; ++i) {
        struct km_motif one = motif_of(i);
        struct km_motif other = one;
        km_motif_invert(&one);
        km_motif_retrograde(&one);
        km_motif_retrograde(&other);
        km_motif_invert(&other);
        km_motif_transpose(&other, one.notes[0].offset - other.notes[0].offset);
        assert_same(&one, &other);
    }
}

static void an_augmentation_doubles_every_time_and_a_diminution_halves_it(void **state)
{
    (void)state;
    int refused = 0;
    for (uint64_t i = 0; i < MOTIFS_COUNT; ++i) {
        const struct km_motif motif = motif_of(i);
        struct km_motif broad = motif;
        km_motif_augment(&broad);
        assert_int_equal(broad.length, 2 * motif.length);
        for (int j = 0; j < motif.count; ++j) {
            assert_int_equal(broad.notes[j].start, 2 * motif.notes[j].start);
            assert_int_equal(broad.notes[j].duration, 2 * motif.notes[j].duration);
            assert_int_equal(broad.notes[j].offset, motif.notes[j].offset);
        }
        assert_true(km_motif_diminish(&broad));
        assert_same(&broad, &motif);
        struct km_motif small = motif;
        if (km_motif_diminish(&small)) {
            km_motif_augment(&small);
        } else {
            ++refused; // It has a sixteenth: nothing changes.
        }
        assert_same(&small, &motif);
    }
    assert_in_range(refused, MOTIFS_COUNT / 10, MOTIFS_COUNT - MOTIFS_COUNT / 10);
}

static void two_fragments_and_an_extension_are_the_whole(void **state)
{
    (void)state;
    for (uint64_t i = 0; i < MOTIFS_COUNT; ++i) {
        const struct km_motif motif = motif_of(i);
        const uint16_t place = motif.notes[motif.count / 2].start; // Between two notes.
        struct km_motif head = motif;
        km_motif_cut(&head, place);
        assert_int_equal(head.length, place);
        assert_int_equal(head.count, motif.count / 2);
        struct km_motif tail = motif;
        km_motif_skip(&tail, place);
        assert_int_equal(tail.count, motif.count - motif.count / 2);
        km_motif_append(&head, &tail);
        assert_same(&head, &motif);
        // In the middle of a note: it is cut there.
        struct km_motif short_head = motif;
        const uint32_t inside = motif.notes[0].start + motif.notes[0].duration / 2U;
        km_motif_cut(&short_head, inside);
        assert_one_voice(&short_head);
        assert_int_equal(short_head.count, 1);
    }
}

static void an_extension_beyond_the_most_notes_is_left_out(void **state)
{
    (void)state;
    struct km_motif motif = motif_of(3);
    const struct km_motif same = motif;
    int length = motif.length;
    while (motif.count + same.count <= KM_MOTIF_NOTES_MAX) {
        km_motif_append(&motif, &same);
        length += same.length;
    }
    km_motif_append(&motif, &same);
    assert_int_equal(motif.count, KM_MOTIF_NOTES_MAX);
    assert_int_equal(motif.length, length + same.length);
    assert_false(km_motif_ornament(&motif));
}

static void a_variation_keeps_rhythm_and_beginning(void **state)
{
    (void)state;
    int changed = 0;
    for (uint64_t i = 0; i < MOTIFS_COUNT; ++i) {
        const struct km_motif motif = motif_of(i);
        struct km_motif varied = motif;
        struct km_random random;
        km_random_init(&random, i, "vary");
        km_motif_vary(&varied, &random);
        assert_int_equal(varied.count, motif.count);
        bool differs = false;
        for (int j = 0; j < motif.count; ++j) {
            assert_int_equal(varied.notes[j].start, motif.notes[j].start);
            assert_int_equal(varied.notes[j].duration, motif.notes[j].duration);
            if (2 * j < motif.count - 2) {
                assert_int_equal(varied.notes[j].offset, motif.notes[j].offset);
            }
            differs = differs || varied.notes[j].offset != motif.notes[j].offset;
        }
        changed += differs;
    }
    assert_true(changed * 10 > MOTIFS_COUNT * 6);
}

static void an_ornament_divides_one_long_note_by_a_neighbour(void **state)
{
    (void)state;
    int decorated = 0;
    for (uint64_t i = 0; i < MOTIFS_COUNT; ++i) {
        const struct km_motif motif = motif_of(i);
        struct km_motif ornate = motif;
        if (!km_motif_ornament(&ornate)) {
            for (int j = 0; j < motif.count; ++j) {
                assert_true(motif.notes[j].duration < KM_PPQ);
            }
            assert_same(&ornate, &motif);
            continue;
        }
        ++decorated;
        assert_one_voice(&ornate);
        assert_int_equal(ornate.count, motif.count + 1);
        int place = 0; // Where they begin to differ.
        while (ornate.notes[place].duration == motif.notes[place].duration) {
            ++place;
        }
        assert_int_equal(ornate.notes[place].duration + ornate.notes[place + 1].duration,
                         motif.notes[place].duration);
        assert_int_equal(abs(ornate.notes[place + 1].offset - ornate.notes[place].offset), 1);
    }
    assert_true(decorated * 2 > MOTIFS_COUNT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(inventions_fill_a_bar_with_one_voice),
        cmocka_unit_test(density_and_syncopation_are_heard),
        cmocka_unit_test(a_transposition_is_undone_by_its_opposite),
        cmocka_unit_test(an_inversion_turns_every_interval_round_and_is_its_own_inverse),
        cmocka_unit_test(a_retrograde_runs_backwards_and_is_its_own_inverse),
        cmocka_unit_test(the_retrograde_of_the_inversion_is_the_inversion_of_the_retrograde),
        cmocka_unit_test(an_augmentation_doubles_every_time_and_a_diminution_halves_it),
        cmocka_unit_test(two_fragments_and_an_extension_are_the_whole),
        cmocka_unit_test(an_extension_beyond_the_most_notes_is_left_out),
        cmocka_unit_test(a_variation_keeps_rhythm_and_beginning),
        cmocka_unit_test(an_ornament_divides_one_long_note_by_a_neighbour),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
