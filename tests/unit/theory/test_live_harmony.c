// SPDX-License-Identifier: MIT

#include "theory/harmony.h"

#include "support/cmocka.h"

#include <string.h>

static const struct km_key c_major = {0, KM_MODE_IONIAN};

enum { SECOND_US = 1000000 };

static struct km_harmony fresh(void)
{
    struct km_harmony harmony;
    memset(&harmony, 0xA5, sizeof(harmony)); // What was there before does not matter.
    km_harmony_init(&harmony);
    return harmony;
}

static const char *symbol_of(const struct km_harmony *harmony)
{
    static char symbol[KM_CHORD_SYMBOL_SIZE];
    km_chord_format(km_harmony_chord(harmony).chord, c_major, symbol);
    return symbol;
}

static void hold(struct km_harmony *harmony, const char *keys, uint64_t time_us)
{
    for (; *keys != '\0'; ++keys) {
        km_harmony_note_on(harmony, (uint8_t)*keys, 80, time_us);
    }
}

static void let_go(struct km_harmony *harmony, const char *keys, uint64_t time_us)
{
    for (; *keys != '\0'; ++keys) {
        km_harmony_note_off(harmony, (uint8_t)*keys, time_us);
    }
}

static void names_the_chord_that_is_held_at_once(void **state)
{
    (void)state;
    struct km_harmony harmony = fresh();
    assert_string_equal(symbol_of(&harmony), "N.C.");
    hold(&harmony, "\x30", 0);
    assert_string_equal(symbol_of(&harmony), "N.C."); // One note is no chord,
    hold(&harmony, "\x3C", 0);
    assert_string_equal(symbol_of(&harmony), "N.C."); // nor is its octave.
    hold(&harmony, "\x40\x43", 0);
    assert_string_equal(symbol_of(&harmony), "C");
    hold(&harmony, "\x46", 0);
    assert_string_equal(symbol_of(&harmony), "C7");
    let_go(&harmony, "\x30\x3C", 1000);
    hold(&harmony, "\x34", 1000); // An E below
    km_harmony_note_on(&harmony, 72, 80, 1000);
    assert_string_equal(symbol_of(&harmony), "C7/E");
    let_go(&harmony, "\x34\x40\x43\x46\x48", 2000);
    assert_string_equal(symbol_of(&harmony), "N.C.");
}

static void a_key_struck_twice_must_be_let_go_twice(void **state)
{
    (void)state;
    struct km_harmony harmony = fresh();
    hold(&harmony, "\x3C\x40\x43\x3C", 0);
    let_go(&harmony, "\x3C", 10);
    assert_string_equal(symbol_of(&harmony), "C");
    km_harmony_note_on(&harmony, 0x3C, 0, 20); // Velocity 0 lets go, too.
    assert_string_equal(symbol_of(&harmony), "Em");
}

static void what_is_not_down_cannot_be_let_go(void **state)
{
    (void)state;
    struct km_harmony harmony = fresh();
    hold(&harmony, "\x3C\x40\x43", 5);
    const struct km_harmony before = harmony;
    km_harmony_note_off(&harmony, 61, 900);
    km_harmony_note_off(&harmony, 128, 900);
    km_harmony_note_off(&harmony, 255, 900);
    km_harmony_note_on(&harmony, 128, 80, 900);
    assert_memory_equal(&harmony, &before, sizeof(before));
}

// 300 note-ons on each of 128 keys, then as many note-offs: counts end at 255 and come back to 0.
static void all_keys_can_be_down_at_once(void **state)
{
    (void)state;
    struct km_harmony harmony = fresh();
    for (int round = 0; round < 300; ++round) {
        for (int key = 0; key < 128; ++key) {
            km_harmony_note_on(&harmony, (uint8_t)key, 127, (uint64_t)round);
        }
    }
    assert_true(km_harmony_chord(&harmony).confidence > 0.0F);
    assert_int_equal(harmony.set, 0xFFF);
    assert_true(km_harmony_key(&harmony).confidence < 0.05F);
    for (int round = 0; round < 255; ++round) {
        for (int key = 0; key < 128; ++key) {
            km_harmony_note_off(&harmony, (uint8_t)key, 300);
        }
    }
    assert_int_equal(harmony.set, 0);
    assert_true(harmony.down[0] == 0 && harmony.down[1] == 0);
    assert_string_equal(symbol_of(&harmony), "N.C.");
    hold(&harmony, "\x7F\x78", 300);
    km_harmony_release_all(&harmony, 300);
    assert_string_equal(symbol_of(&harmony), "N.C.");
}

// The second of two keys takes over when the first has faded; in all twelve transpositions.
static void the_key_follows_what_is_played(void **state)
{
    (void)state;
    static const uint8_t cadence[4][3] = {{0, 4, 7}, {5, 9, 12}, {7, 11, 14}, {0, 4, 7}};
    for (int tonic = 0; tonic < 12; ++tonic) {
        struct km_harmony harmony = fresh();
        uint64_t time_us = 0;
        for (int round = 0; round < 2; ++round) {
            const int base = 48 + (tonic + 3 * round) % 12;
            for (int chord = 0; chord < 16; ++chord) {
                for (int note = 0; note < 3; ++note) {
                    const int key = base + cadence[chord % 4][note];
                    km_harmony_note_on(&harmony, (uint8_t)key, 80, time_us);
                    km_harmony_note_off(&harmony, (uint8_t)key, time_us + SECOND_US);
                }
                time_us += UINT64_C(2) * SECOND_US;
            }
            const struct km_key_found found = km_harmony_key(&harmony);
            assert_int_equal(found.key.tonic, base % 12);
            assert_int_equal(found.key.mode, KM_MODE_IONIAN);
            assert_true(found.confidence > 0.2F);
        }
    }
}

// What sounds on grows to a bound, what is silent fades to nothing, and time may jump or stand.
static void time_may_jump_or_fall(void **state)
{
    (void)state;
    struct km_harmony harmony = fresh();
    km_harmony_note_on(&harmony, 60, 127, SECOND_US);
    km_harmony_note_on(&harmony, 67, 127, 0); // Earlier: counts as the same time.
    assert_true(harmony.time_us == SECOND_US);
    assert_true(harmony.weights[0] == 0.25F && harmony.weights[7] == 0.25F);
    km_harmony_note_off(&harmony, 67, SECOND_US + KM_HARMONY_HALF_LIFE_US);
    const float sounding = harmony.weights[0];
    assert_true(sounding > 5.8F && sounding < 6.0F); // Half of 11.54 s, and of the strike.
    km_harmony_note_on(&harmony, 62, 1, SECOND_US + UINT64_C(2) * KM_HARMONY_HALF_LIFE_US);
    assert_true(harmony.weights[7] > 2.9F && harmony.weights[7] < 3.0F);
    km_harmony_note_on(&harmony, 64, 1, UINT64_MAX);
    assert_true(harmony.weights[0] > 11.5F && harmony.weights[0] < 11.6F);
    assert_true(harmony.weights[7] == 0.0F);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_the_chord_that_is_held_at_once),
        cmocka_unit_test(a_key_struck_twice_must_be_let_go_twice),
        cmocka_unit_test(what_is_not_down_cannot_be_let_go),
        cmocka_unit_test(all_keys_can_be_down_at_once),
        cmocka_unit_test(the_key_follows_what_is_played),
        cmocka_unit_test(time_may_jump_or_fall),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
