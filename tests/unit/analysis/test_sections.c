// SPDX-License-Identifier: MIT

// Sections of pieces made of bars that the test invents, in forms that are known.

#include "analysis/analysis.h"
#include "base/random.h"
#include "unit/analysis/piece_by_hand.h"

#include <math.h>
#include <stdlib.h>

static struct hand_piece hand;
static struct km_sections sections;

// A bar of four beats: a tune in eighths and two bass notes, which `seed` decides.
static void play_bar(int at, uint64_t seed, int part, int velocity)
{
    static const int scale[] = {0, 2, 4, 5, 7, 9, 11, 12};
    struct km_random random;
    km_random_init(&random, seed, "bar");
    for (int i = 0; i < 8; ++i) {
        const int key = 64 + scale[km_random_below(&random, 8)];
        hand_add(&hand, part, (struct hand_note){at * 4 + i * 0.5, 0.5, key, velocity});
    }
    for (int i = 0; i < 2; ++i) {
        const int key = 40 + scale[km_random_below(&random, 7)];
        hand_add(&hand, part, (struct hand_note){at * 4 + i * 2, 2, key, velocity});
    }
}

// Plays sections of eight bars, one for each letter of the form; small ones are of another
// texture, too.
static void play_form(const char *form)
{
    hand_init(&hand, 120, 4, 4);
    for (int i = 0; form[i]; ++i) {
        const bool is_loud = form[i] >= 'a';
        for (int bar = 0; bar < 8; ++bar) {
            play_bar(i * 8 + bar, (uint64_t)form[i] * 100 + (uint64_t)bar, is_loud ? 1 : 0,
                     is_loud ? 100 : 60);
        }
    }
}

static void find(void)
{
    assert_int_equal(km_sections_find(&sections, &hand.piece, NULL), KM_OK);
    assert_in_range(sections.count, 1, KM_SECTIONS_MAX);
    assert_true(sections.spans[0].start_beat == 0);
    int instances[KM_SECTIONS_MAX] = {0};
    for (size_t i = 0; i < sections.count; ++i) {
        const struct km_section_span *const span = &sections.spans[i];
        assert_true(span->end_beat > span->start_beat);
        assert_true(i == 0 || span->start_beat == sections.spans[i - 1].end_beat);
        assert_int_equal(span->instance, instances[span->letter]++);
        assert_true(span->likeness >= 0 && span->likeness <= 1.0001F);
        assert_true(span->instance > 0 || span->likeness == 1);
        for (size_t j = 0; j < sections.count; ++j) {
            assert_true(sections.likeness[i][j] == sections.likeness[j][i]);
        }
        assert_true(sections.likeness[i][i] == 1);
    }
}

static void expect_letters(const char *letters)
{
    char found[KM_SECTIONS_MAX + 1] = {0};
    for (size_t i = 0; i < sections.count; ++i) {
        found[i] = (char)('A' + sections.spans[i].letter);
        assert_true(fmod(sections.spans[i].start_beat, 32) == 0);
    }
    assert_string_equal(found, letters);
}

static void known_forms_are_found(void **state)
{
    (void)state;
    static const char *const forms[][2] = {
        {"AABA", "AABA"},     {"ABACA", "ABACA"}, // Rondo.
        {"AbAbCb", "ABABCB"},                     // Verse and chorus, and a bridge.
        {"aBaBCB", "ABABCB"}, {"ABAB", "AA"},     // All that returns together is one section.
        {"ABCABC", "AA"},
    };
    for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); ++i) {
        play_form(forms[i][0]);
        find();
        expect_letters(forms[i][1]);
        hand_release(&hand);
    }
}

static void textures_are_told(void **state)
{
    (void)state;
    play_form("AbAb");
    find();
    expect_letters("ABAB");
    for (int i = 0; i < 4; ++i) {
        assert_true(fabs((double)sections.spans[i].loudness - (i % 2 ? 100 : 60)) < 0.01);
        assert_true(fabs((double)sections.spans[i].density - 2.5) < 0.01);
    }
    assert_true(sections.likeness[0][2] > 0.99F && sections.likeness[0][1] < 0.6F);
    hand_release(&hand);
}

static void transposition_leaves_sections(void **state)
{
    (void)state;
    play_form("AABA");
    find();
    const struct km_sections before = sections;
    for (size_t i = 0; i < hand.piece.note_count; ++i) {
        hand.piece.notes[i].key -= 3;
    }
    find();
    assert_int_equal(sections.count, before.count);
    for (size_t i = 0; i < sections.count; ++i) {
        assert_int_equal(sections.spans[i].letter, before.spans[i].letter);
        assert_true(sections.spans[i].start_beat == before.spans[i].start_beat);
    }
    hand_release(&hand);
}

// Whatever a piece is, played twice its second half has the letters of its first.
static void a_piece_played_twice_returns(void **state)
{
    (void)state;
    for (uint64_t seed = 0; seed < 8; ++seed) {
        hand_init(&hand, 120, 4, 4);
        for (int bar = 0; bar < 32; ++bar) {
            const uint64_t material = seed * 1000 + (uint64_t)(bar % 16) / 8 * 100;
            play_bar(bar, material + (uint64_t)bar % 8, (bar % 16) / 8, 60 + (bar % 16) / 8 * 40);
        }
        find();
        assert_int_equal(sections.count, 4);
        for (size_t i = 0; i < 2; ++i) {
            assert_int_equal(sections.spans[i].letter, sections.spans[i + 2].letter);
            assert_true(sections.spans[i + 2].likeness > 0.999F);
        }
        hand_release(&hand);
    }
}

static void little_music_has_few_sections(void **state)
{
    (void)state;
    hand_init(&hand, 120, 4, 4);
    find(); // Nothing at all.
    assert_int_equal(sections.count, 1);
    play_bar(0, 1, 0, 60);
    find();
    assert_int_equal(sections.count, 1);
    for (int bar = 1; bar < 8; ++bar) {
        play_bar(bar, (uint64_t)bar + 1, 0, 60);
    }
    find();
    assert_in_range(sections.count, 1, 3);
    for (int bar = 8; bar < 64; ++bar) { // Through-composed.
        play_bar(bar, (uint64_t)bar + 1, 0, 60);
    }
    find();
    assert_in_range(sections.count, 1, 6);
    hand_release(&hand);
    hand_init(&hand, 120, 4, 4);
    for (int bar = 0; bar < 64; ++bar) { // The same bar all the time.
        play_bar(bar, 1, 0, 60);
    }
    find();
    assert_int_equal(sections.count, 1);
    hand_release(&hand);
}

// 10,000 bars, and one note in a bar far beyond: bounded in time and in sections.
static void long_pieces_are_bounded(void **state)
{
    (void)state;
    hand_init(&hand, 120, 4, 4);
    for (int bar = 0; bar < 10000; ++bar) {
        const int key = 40 + bar / 16 % 7 * 3;
        hand_add(&hand, 0, (struct hand_note){bar * 4, 2, key, 60});
        hand_add(&hand, 0, (struct hand_note){bar * 4 + 2, 2, key + 7 + bar / 16 % 5, 60});
    }
    find();
    assert_in_range(sections.count, 2, KM_SECTIONS_MAX);
    hand_add(&hand, 0, (struct hand_note){4e9, 1, 60, 60});
    find();
    hand.piece.metres[0] = (struct km_piece_metre){.numerator = 1, .denominator = 128};
    find();
    hand_release(&hand);
}

static void failing_memory_leaves_no_trace(void **state)
{
    (void)state;
    play_form("AABA");
    sections.count = 77;
    uint64_t fail_at = 1;
    enum km_status status = KM_ERROR_NO_MEMORY;
    for (; status != KM_OK; ++fail_at) {
        assert_int_equal(sections.count, 77);
        km_heap_fail_at(hand.heap, fail_at);
        status = km_sections_find(&sections, &hand.piece, NULL);
        assert_true(status == KM_OK || status == KM_ERROR_NO_MEMORY);
    }
    assert_in_range(fail_at, 4, 12);
    assert_int_equal(sections.count, 4);
    km_heap_fail_at(hand.heap, 0);
    hand_release(&hand);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(known_forms_are_found),
        cmocka_unit_test(textures_are_told),
        cmocka_unit_test(transposition_leaves_sections),
        cmocka_unit_test(a_piece_played_twice_returns),
        cmocka_unit_test(little_music_has_few_sections),
        cmocka_unit_test(long_pieces_are_bounded),
        cmocka_unit_test(failing_memory_leaves_no_trace),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
