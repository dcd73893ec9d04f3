// SPDX-License-Identifier: MIT

// Properties of the bass: lines of genres, the shared bass of each chord, steps into the next.

#include "session/rhythm_private.h"

#include "unit/session/heard_song.h"

#include <stdlib.h>
#include <string.h>

static const struct {
    int genre, level;
    const char *steps;
} lines[] = {
#define KM_BASS_LINE(GENRE, LEVEL, steps) {KM_GENRE_##GENRE, KM_RHYTHM_##LEVEL, steps},
#include "session/bass_lines.def"
#undef KM_BASS_LINE
};

enum { LINES_COUNT = sizeof(lines) / sizeof(lines[0]) };

static void lines_are_bars_that_begin_with_the_bass(void **state)
{
    (void)state;
    for (size_t i = 0; i < LINES_COUNT; ++i) {
        if (strcmp(lines[i].steps, "K") != 0) {
            assert_int_equal(strlen(lines[i].steps), KM_RHYTHM_STEPS);
            assert_int_equal(strspn(lines[i].steps, "RFTOA.-"), KM_RHYTHM_STEPS);
            assert_true(lines[i].steps[0] == 'R');
        }
    }
}

static int notes_of_line(size_t line)
{
    int count = 0;
    for (const char *step = lines[line].steps; *step != '\0'; ++step) {
        count += *step != '.' && *step != '-';
    }
    return count;
}

static void each_level_has_more_notes_than_the_one_before(void **state)
{
    (void)state;
    for (size_t i = 0; i < LINES_COUNT; ++i) {
        for (size_t j = 0; j < LINES_COUNT; ++j) {
            const bool follows_kick = lines[i].steps[0] == 'K' || lines[j].steps[0] == 'K';
            const bool rises = lines[i].genre == lines[j].genre && lines[i].level < lines[j].level;
            if (rises && !follows_kick && notes_of_line(i) >= notes_of_line(j)) {
                fail_msg("%s, %s", lines[i].steps, lines[j].steps);
            }
        }
    }
}

static int note_at(int count, uint32_t tick)
{
    for (int i = 0; i < count; ++i) {
        if (notes[i].start == tick) {
            return i;
        }
    }
    return -1;
}

// Every chord that is not silent begins with its bass: the line that the voices are led above.
static void every_chord_begins_with_its_bass(void **state)
{
    (void)state;
    for (uint64_t seed = 0; seed < 60; ++seed) {
        const struct brief brief = brief_of_genre((int)(seed % KM_GENRES_COUNT), 0.5, seed);
        compose_brief(&brief); // Without chaos, on the grid.
        struct km_score score;
        km_score_init(&score, &plan, *state);
        km_score_lead_bass(&score);
        const int count = read_notes(KM_PART_BASS);
        for (int i = 0; i < plan.chord_count; ++i) {
            const int note = note_at(count, plan.chords[i].start_tick);
            assert_true(note >= 0);
            assert_int_equal(notes[note].key, km_score_bass_key(&score, i));
        }
        km_score_release(&score);
    }
}

static bool has(km_pitch_set set, uint8_t key)
{
    return (set >> key % 12 & 1U) != 0;
}

// What is foreign to the chord goes by step into the bass of the next, or on towards it.
static void foreign_notes_step_on(void **state)
{
    (void)state;
    int foreign = 0;
    for (uint64_t seed = 0; seed < 60; ++seed) {
        const struct brief brief = brief_of_genre((int)(seed % KM_GENRES_COUNT), 0.5, seed);
        compose_brief(&brief);
        const int count = read_notes(KM_PART_BASS);
        int chord = 0;
        for (int i = 0; i + 1 < count; ++i) {
            while (chord + 1 < plan.chord_count &&
                   plan.chords[chord + 1].start_tick <= notes[i].start) {
                ++chord;
            }
            if (!has(km_chord_pitches(plan.chords[chord].chord), notes[i].key)) {
                assert_in_range(abs(notes[i + 1].key - notes[i].key), 1, 2);
                ++foreign;
            }
        }
    }
    assert_true(foreign > 100);
}

static double notes_per_bar(int genre, double arousal)
{
    double count = 0;
    double bars = 0;
    for (uint64_t seed = 0; seed < 8; ++seed) {
        struct brief brief = brief_of_genre(genre, arousal, seed);
        make_plan(&brief);
        compose();
        count += read_notes(KM_PART_BASS);
        bars += plan.length_bars;
    }
    return count / bars;
}

// Calm songs have a calm bass, not none.
static void notes_grow_with_arousal_in_every_genre(void **state)
{
    (void)state;
    for (int genre = 0; genre < KM_GENRES_COUNT; ++genre) {
        double before = notes_per_bar(genre, -0.9);
        assert_true(before >= 0.5);
        for (int step = 1; step < 4; ++step) {
            const double now = notes_per_bar(genre, -0.9 + 0.6 * step);
            if (now <= before) {
                fail_msg("%s: %.2f, then %.2f", km_genre_names()[genre], before, now);
            }
            before = now;
        }
    }
}

// Hip-hop's bass has lines that are the kick's: where it plays in a bar, the kick does.
static void hip_hop_locks_with_the_kick(void **state)
{
    (void)state;
    enum { KICK = 36 };
    static uint32_t kicks[4096];
    int locked = 0;
    int all = 0;
    for (uint64_t seed = 0; seed < 30; ++seed) {
        const struct brief brief = brief_of_genre(KM_GENRE_HIP_HOP, 0.5, seed);
        make_plan(&brief);
        plan.parts[KM_PART_DRUMS].is_on = true;
        compose();
        int kick_count = 0;
        int count = read_notes(KM_PART_DRUMS);
        for (int i = 0; i < count; ++i) {
            kicks[kick_count] = notes[i].start;
            kick_count += notes[i].key == KICK;
        }
        count = read_notes(KM_PART_BASS);
        for (int i = 0; i < count; ++i) {
            bool is_kick = false;
            for (int j = 0; j < kick_count; ++j) {
                is_kick = is_kick || kicks[j] == notes[i].start;
            }
            locked += is_kick;
            ++all;
        }
    }
    assert_true(locked * 100 > all * 60);
}

static void a_varied_bass_leaves_the_drums(void **state)
{
    (void)state;
    int same = 0;
    for (int genre = 0; genre < KM_GENRES_COUNT; ++genre) {
        const struct brief brief = brief_of_genre(genre, 0.4, 3);
        make_plan(&brief);
        plan.parts[KM_PART_DRUMS].is_on = true;
        compose();
        const uint64_t bass = notes_hash(KM_PART_BASS);
        const uint64_t drums = notes_hash(KM_PART_DRUMS);
        plan.parts[KM_PART_BASS].variation = 1;
        compose();
        same += bass == notes_hash(KM_PART_BASS);
        assert_true(drums == notes_hash(KM_PART_DRUMS));
    }
    assert_int_equal(same, 0);
}

// Dropped beats take from all that accompanies, the counter-melody too, and never from the tune.
static void dropped_beats_leave_the_tune(void **state)
{
    (void)state;
    int dropped[KM_PARTS_COUNT] = {0};
    for (uint64_t seed = 0; seed < 30; ++seed) {
        struct brief brief = brief_of_genre((int)(seed % KM_GENRES_COUNT), 0.4, seed);
        make_plan(&brief);
        for (int part = 0; part < KM_PARTS_COUNT; ++part) {
            plan.parts[part].is_on = true;
        }
        plan.rules = 0;
        compose();
        const uint64_t melody = notes_hash(KM_PART_MELODY);
        int count[KM_PARTS_COUNT];
        for (int part = 0; part < KM_PARTS_COUNT; ++part) {
            count[part] = notes_of_part(&plan, &file, (enum km_part)part);
        }
        plan.rules = 1U << KM_RULE_RHYTHM_DROPPED_BEATS;
        plan.rule_uses[KM_RULE_RHYTHM_DROPPED_BEATS].bar_count = plan.length_bars;
        compose();
        assert_true(melody == notes_hash(KM_PART_MELODY));
        for (int part = 0; part < KM_PARTS_COUNT; ++part) {
            dropped[part] += notes_of_part(&plan, &file, (enum km_part)part) < count[part];
        }
    }
    assert_true(dropped[KM_PART_COUNTER] > 5 && dropped[KM_PART_BASS] > 15);
    assert_true(dropped[KM_PART_DRUMS] > 25);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lines_are_bars_that_begin_with_the_bass),
        cmocka_unit_test(each_level_has_more_notes_than_the_one_before),
        SONG_TEST(every_chord_begins_with_its_bass),
        SONG_TEST(foreign_notes_step_on),
        SONG_TEST(notes_grow_with_arousal_in_every_genre),
        SONG_TEST(hip_hop_locks_with_the_kick),
        SONG_TEST(a_varied_bass_leaves_the_drums),
        SONG_TEST(dropped_beats_leave_the_tune),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
