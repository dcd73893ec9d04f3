// SPDX-License-Identifier: MIT

// What becomes of a plan whose JSON somebody changed.

#include "groove/groove.h"
#include "unit/session/edited_plan.h"

static void single_fields_are_changed(void **state)
{
    begin_edit(1);
    set("tempo_bpm", json_integer(77));
    set("genre", json_string("Synthwave"));
    set("groove", json_string("swing"));
    set("mood_profile", json_string("mine"));
    set("articulation", json_real(0.5));
    set("register", json_pack("{s:i, s:i}", "low", 60, "high", 80));
    expect_taken(*state);
    assert_int_equal(again.tempo_bpm, 77);
    assert_int_equal(again.genre, KM_GENRE_SYNTHWAVE);
    assert_string_equal(km_groove_style_names()[again.groove_style], "swing");
    assert_string_equal(again.mood_profile, "mine");
    assert_true(again.articulation == 0.5F);
    assert_int_equal(again.register_low, 60);
    assert_int_equal(remarks.count, 0);
}

static void a_chord_is_changed_wherever_it_is_named(void **state)
{
    begin_edit(2);
    set_at("chords", 1, "symbol", json_string("F#m7b5"));
    expect_taken(*state);
    expect_chord(1, "F#m7b5");
    expect_chord(2, plan.chords[2].symbol);

    begin_edit(2);
    json_array_set_new(json_object_get(edited, "chord_symbols"), 1, json_string("Abmaj7"));
    expect_taken(*state);
    expect_chord(1, "Abmaj7");

    begin_edit(2);
    set_at("chords", 1, "roman", json_string("bVII"));
    expect_taken(*state);
    expect_chord(1, "Bb");
    assert_int_equal(remarks.count, 0);

    begin_edit(2); // Two differ, and the list is not there to decide.
    json_object_del(edited, "chord_symbols");
    set_at("chords", 1, "symbol", json_string("Db"));
    expect_taken(*state);
    expect_chord(1, "Db");
    assert_int_equal(remarks.count, 1);
    assert_non_null(strstr(remarks.text, "chords[1].roman: "));
}

static void expect_moved(int semitones)
{
    assert_int_equal(again.chord_count, plan.chord_count);
    for (int i = 0; i < plan.chord_count; ++i) {
        assert_int_equal(again.chords[i].chord.root, (plan.chords[i].chord.root + semitones) % 12);
        assert_int_equal(again.chords[i].chord.quality, plan.chords[i].chord.quality);
        assert_string_equal(again.chords[i].roman, plan.chords[i].roman);
    }
}

static void another_tonic_moves_the_chords(void **state)
{
    begin_edit(3);
    set("root_note", json_string("D"));
    expect_taken(*state);
    assert_string_equal(again.root_note, "D");
    expect_moved(2);

    begin_edit(3);
    json_object_set_new(json_object_get(edited, "key"), "name", json_string("Ab"));
    expect_taken(*state);
    assert_string_equal(again.root_note, "Ab");
    expect_moved(8);

    begin_edit(3);
    json_object_set_new(json_object_get(edited, "key"), "tonic", json_integer(11));
    expect_taken(*state);
    expect_moved(11);

    begin_edit(3);
    set("root_note", json_string("G"));
    set("key", json_pack("{s:i, s:s, s:s}", "tonic", 7, "name", "G", "mode", "ionian"));
    expect_taken(*state);
    expect_moved(7);
}

static void expect_minor(void)
{
    assert_int_equal(again.key.mode, KM_MODE_AEOLIAN);
    int taken = 0;
    for (int i = 0; i < plan.chord_count; ++i) {
        const struct km_chord before = plan.chords[i].chord;
        const struct km_chord now = again.chords[i].chord;
        if ((km_chord_pitches(before) & ~km_key_pitches(plan.key)) == 0) {
            const bool stays = now.root == before.root && now.quality == before.quality;
            taken += !stays; // Some would become what has no name.
            assert_true(stays || (km_chord_pitches(now) & ~km_key_pitches(again.key)) == 0);
        } else {
            assert_memory_equal(&now, &before, sizeof(now));
        }
    }
    assert_true(taken * 2 > plan.chord_count);
}

static void another_mode_takes_the_chords_along(void **state)
{
    begin_edit(7);
    set("mode", json_string("aeolian"));
    expect_taken(*state);
    expect_minor();
    begin_edit(7);
    json_object_set_new(json_object_get(edited, "key"), "mode", json_string("minor"));
    expect_taken(*state);
    expect_minor();
}

static void another_metre_keeps_the_chords_in_their_bars(void **state)
{
    static const char *const metres[] = {"3/4", "6/8", "2/4", "12/8", "5/4", "7/8"};
    for (size_t i = 0; i < sizeof(metres) / sizeof(metres[0]); ++i) {
        begin_edit(5);
        set("time_signature", json_string(metres[i]));
        expect_taken(*state);
        const uint32_t bar = km_plan_bar_ticks(&again);
        assert_int_equal(again.length_bars, 16);
        int before =
            0; // A chord that has no beat left is left out; the others stay in their order.
        for (int j = 0; j < again.chord_count; ++j, ++before) {
            while (before < plan.chord_count &&
                   (strcmp(again.chords[j].symbol, plan.chords[before].symbol) != 0 ||
                    again.chords[j].start_tick / bar !=
                        plan.chords[before].start_tick / km_plan_bar_ticks(&plan))) {
                ++before;
            }
            assert_in_range(before, 0, plan.chord_count - 1);
        }
        assert_true(again.chord_count * 5 > plan.chord_count * 4);
    }
}

// What a part sounds like; 0 where it is off.
static void hash_parts(uint64_t hashes[KM_PARTS_COUNT])
{
    for (int part = 0; part < KM_PARTS_COUNT; ++part) {
        hashes[part] = plan.parts[part].is_on ? notes_hash((enum km_part)part) : 0;
    }
}

static void change_part(struct km_heap *heap, uint64_t seed, size_t changed)
{
    uint64_t before[KM_PARTS_COUNT];
    uint64_t after[KM_PARTS_COUNT];
    begin_edit(seed);
    compose();
    hash_parts(before);
    const bool is_on = plan.parts[changed].is_on;
    set_at("parts", changed, "variation", json_integer(3));
    set_at("parts", changed, "program", json_integer(seed % 3 == 0 ? 42 : 7));
    set_at("parts", changed, "level", json_integer(-9));
    set_at("parts", changed, "on", json_boolean(!is_on || seed % 2 == 0));
    expect_taken(heap);
    plan = again;
    hash_parts(after);
    after[changed] = before[changed]; // It may change.
    assert_memory_equal(after, before, sizeof(before));
}

// Every part in turn is played otherwise: the others stay note for note.
static void one_part_is_changed_and_the_others_stay(void **state)
{
    for (uint64_t seed = 20; seed < 26; ++seed) {
        for (size_t changed = 0; changed < KM_PARTS_COUNT; ++changed) {
            change_part(*state, seed, changed);
        }
    }
}

static void words_to_sing_are_kept(void **state)
{
    begin_edit(31);
    set("lyrics", json_pack("[s,s]", "all the \"things\"", "we were, caf\xC3\xA9"));
    expect_taken(*state);
    assert_string_equal(again.lyrics, "all the \"things\"\nwe were, caf\xC3\xA9\n");
    plan = again;
    const size_t size = write_json(&plan, first_json);
    read_well(*state, first_json, size);
    assert_string_equal(again.lyrics, plan.lyrics);
    begin_edit(31);
    json_t *const lines = json_array();
    for (int i = 0; i < 100; ++i) {
        json_array_append_new(lines, json_string("a line of twenty-two b"));
    }
    set("lyrics", lines);
    expect_refused(*state, "lyrics: longer than");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        SONG_TEST(single_fields_are_changed),
        SONG_TEST(a_chord_is_changed_wherever_it_is_named),
        SONG_TEST(another_tonic_moves_the_chords),
        SONG_TEST(another_mode_takes_the_chords_along),
        SONG_TEST(another_metre_keeps_the_chords_in_their_bars),
        SONG_TEST(one_part_is_changed_and_the_others_stay),
        SONG_TEST(words_to_sing_are_kept),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
