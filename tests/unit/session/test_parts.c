// SPDX-License-Identifier: MIT

// Who plays in a band, and what pad and counter-melody do there.

#include "unit/session/heard_song.h"

#include <stdlib.h>
#include <string.h>

static struct brief band_brief(uint64_t seed, uint8_t genre)
{
    return (struct brief){
        .valence = (double)(seed * 3 % 9) / 4 - 1,
        .arousal = (double)(seed * 5 % 7) / 3 - 1,
        .seed = seed,
        .wishes = {.has_ensemble = true,
                   .ensemble = KM_ENSEMBLE_BAND,
                   .has_bars = true,
                   .bars = 32,
                   .keeps_rules = true,
                   .has_genre = true,
                   .genre = genre},
    };
}

// A song with both parts on, and nothing moved off the grid.
static void compose_with_all(uint64_t seed)
{
    const struct brief brief = band_brief(seed, (uint8_t)(seed % KM_GENRES_COUNT));
    make_plan(&brief);
    plan.parts[KM_PART_PAD].is_on = true;
    plan.parts[KM_PART_COUNTER].is_on = true;
    plan.complexity = 0.0F;
    compose();
}

static void some_genres_are_never_without_a_pad(void **state)
{
    (void)state;
    static const uint8_t genres[] = {KM_GENRE_DREAM_POP, KM_GENRE_SHOEGAZE, KM_GENRE_SYNTHWAVE,
                                     KM_GENRE_CINEMATIC_NEO_SOUL};
    for (uint64_t seed = 0; seed < 40; ++seed) {
        const struct brief brief = band_brief(seed, genres[seed % 4]);
        compose_brief(&brief);
        assert_true(plan.parts[KM_PART_PAD].is_on);
        assert_true(read_notes(KM_PART_PAD) > 0);
    }
}

static void stronger_feelings_gather_more_players(void **state)
{
    (void)state;
    int weak = 0;
    int strong = 0;
    for (uint64_t seed = 0; seed < 150; ++seed) {
        struct brief brief = band_brief(seed, (uint8_t)(seed % KM_GENRES_COUNT));
        brief.arousal = -0.9;
        make_plan(&brief);
        for (int part = 0; part < KM_PARTS_COUNT; ++part) {
            weak += plan.parts[part].is_on;
        }
        brief.arousal = 0.9;
        make_plan(&brief);
        for (int part = 0; part < KM_PARTS_COUNT; ++part) {
            strong += plan.parts[part].is_on;
        }
    }
    assert_true(strong > weak + 150); // A player a song.
    assert_true(weak >= 3 * 150);     // Tune, chords and bass are always there.
    assert_true(strong < 6 * 150);    // Not everyone in every song.
}

static const struct km_chord *chord_at(uint32_t tick)
{
    int index = 0;
    for (int i = 0; i < plan.chord_count; ++i) {
        index = plan.chords[i].start_tick <= tick ? i : index;
    }
    return &plan.chords[index].chord;
}

static bool is_of_chord(int key, uint32_t tick)
{
    return (km_chord_pitches(*chord_at(tick)) >> key % 12 & 1U) != 0;
}

// All through its notes, not only where they begin: what is tied over belongs to each chord.
static void a_pad_holds_soft_notes_of_the_harmony(void **state)
{
    (void)state;
    int tied = 0;
    for (uint64_t seed = 0; seed < 60; ++seed) {
        compose_with_all(seed);
        const double tune = mean_velocity(KM_PART_MELODY);
        assert_true(mean_velocity(KM_PART_PAD) < tune); // Though it plays where it is loud.
        const int count = read_notes(KM_PART_PAD);
        for (int i = 0; i < count; ++i) {
            for (int j = 0; j < plan.chord_count; ++j) {
                const uint32_t tick = plan.chords[j].start_tick;
                if (tick >= notes[i].start && tick + 120 < notes[i].end) {
                    assert_true(is_of_chord(notes[i].key, tick));
                    tied += tick > notes[i].start;
                }
            }
        }
    }
    assert_true(tied > 200);
}

static void a_pad_swells_with_the_tension(void **state)
{
    (void)state;
    for (uint64_t seed = 0; seed < 20; ++seed) {
        compose_with_all(seed);
        const struct km_midi_track *const track = &file.tracks[km_song_track(&plan, KM_PART_PAD)];
        struct km_event softest = {.value = 127};
        struct km_event loudest = {.value = 0};
        for (size_t i = 0; i < track->count; ++i) {
            const struct km_event *const event = &track->events[i];
            if (event->type == KM_EVENT_CONTROL && event->number == 11) {
                softest = event->value < softest.value ? *event : softest;
                loudest = event->value > loudest.value ? *event : loudest;
            }
        }
        const uint32_t bar = km_plan_bar_ticks(&plan);
        assert_true(loudest.value > softest.value);
        assert_true(plan.tension[loudest.tick / bar] > plan.tension[softest.tick / bar]);
    }
}

// Chord notes on the first beat and the middle one, a range below the tune's middle, steps more
// than leaps.
static void a_counter_melody_is_a_line_under_the_tune(void **state)
{
    (void)state;
    int moves = 0;
    int steps = 0;
    for (uint64_t seed = 0; seed < 90; ++seed) {
        compose_with_all(seed);
        const int count = read_notes(KM_PART_COUNTER);
        const uint32_t bar = km_plan_bar_ticks(&plan);
        for (int i = 0; i < count; ++i) {
            const bool is_strong =
                notes[i].start % bar == 0 ||
                (plan.beat_unit == 4 && plan.beats_per_bar == 4 && notes[i].start % bar == bar / 2);
            assert_true(!is_strong || is_of_chord(notes[i].key, notes[i].start));
            if (i > 0) {
                assert_true(notes[i].start >= notes[i - 1].end); // One voice.
            }
            const bool is_line = i > 0 && notes[i].start - notes[i - 1].end < 240;
            const int move = is_line ? abs(notes[i].key - notes[i - 1].key) : 0;
            moves += is_line;
            steps += is_line && move <= 2;
            assert_true(move <= 12 || notes[i].start % bar == 0); // A section begins afresh.
        }
    }
    assert_true(moves > 500);
    assert_true(steps * 10 > moves * 6);
}

static double mean_key(enum km_part part)
{
    const int count = read_notes(part);
    double sum = 0;
    for (int i = 0; i < count; ++i) {
        sum += notes[i].key;
    }
    return count > 0 ? sum / count : 0;
}

static void a_counter_melody_leaves_the_tune_its_room(void **state)
{
    (void)state;
    int below = 0;
    int songs = 0;
    for (uint64_t seed = 0; seed < 60; ++seed) {
        compose_with_all(seed);
        const double counter = mean_key(KM_PART_COUNTER);
        songs += counter > 0;
        below += counter > 0 && counter + 3 < mean_key(KM_PART_MELODY);
    }
    assert_true(songs >= 55);
    assert_true(below * 10 >= songs * 9);
}

// It begins notes where the tune begins few: in the last half bar of phrases more than elsewhere.
static void a_counter_melody_speaks_when_the_tune_rests(void **state)
{
    (void)state;
    double at_ends = 0;
    double elsewhere = 0;
    for (uint64_t seed = 0; seed < 60; ++seed) {
        compose_with_all(seed);
        const uint32_t bar = km_plan_bar_ticks(&plan);
        const int count = read_notes(KM_PART_COUNTER);
        for (int i = 0; i < count; ++i) {
            bool is_end = false;
            for (int j = 0; j < plan.phrase_count; ++j) {
                const uint32_t end =
                    (uint32_t)(plan.phrases[j].first_bar + plan.phrases[j].bar_count) * bar;
                is_end = is_end || (notes[i].start < end && notes[i].start + bar / 2 >= end);
            }
            at_ends += is_end;
            elsewhere += !is_end;
        }
    }
    // An eighth of the time has more than a third of the notes.
    assert_true(at_ends * 3 > at_ends + elsewhere);
}

// Which of volume, pan and reverb a track sets at its beginning, a bit each.
static unsigned int controls_set(const struct km_midi_track *track)
{
    static const uint8_t numbers[] = {7, 10, 91};
    unsigned int seen = 0;
    for (size_t i = 0; i < track->count && track->events[i].type != KM_EVENT_NOTE_ON; ++i) {
        const struct km_event *const event = &track->events[i];
        for (unsigned int n = 0; n < sizeof(numbers); ++n) {
            const bool is_it =
                event->type == KM_EVENT_CONTROL && event->number == numbers[n] && event->tick == 0;
            seen |= is_it ? 1U << n : 0;
        }
    }
    return seen;
}

static void channels_are_set_up_before_they_sound(void **state)
{
    (void)state;
    for (uint64_t seed = 0; seed < 15; ++seed) {
        struct brief brief = band_brief(seed, (uint8_t)seed);
        brief.wishes.ensemble = (uint8_t)(seed % KM_ENSEMBLES_COUNT);
        compose_brief(&brief);
        for (size_t t = 1; t < file.track_count; ++t) {
            assert_int_equal(controls_set(&file.tracks[t]), 7);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        SONG_TEST(some_genres_are_never_without_a_pad),
        SONG_TEST(stronger_feelings_gather_more_players),
        SONG_TEST(a_pad_holds_soft_notes_of_the_harmony),
        SONG_TEST(a_pad_swells_with_the_tension),
        SONG_TEST(a_counter_melody_is_a_line_under_the_tune),
        SONG_TEST(a_counter_melody_leaves_the_tune_its_room),
        SONG_TEST(a_counter_melody_speaks_when_the_tune_rests),
        SONG_TEST(channels_are_set_up_before_they_sound),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
